"""What is due is mailed, once and oldest first, whatever kept it from leaving; what goes wrong concerns only itself."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from harvester.editions.deliver import find_due, tell_of
from harvester.editions.make import make_edition
from harvester.ground.errors import ExitCode, UsageError
from harvester.jobs import maintain, pipeline
from harvester.jobs.job import Job
from harvester.library import Delivery, Ledger, Library
from harvester.sandbox import Fault, Sandbox
from tests.conftest import NOW

MakeJob = Callable[..., Job]
WEEK = timedelta(days=7)
STATES = ("due", "claimed", "sent", "failed", "unknown", "refused")
PLAIN = {"name": "weekly", "title": "Weekly", "recipients": ["a@example.org"]}


def mailed(box: Sandbox) -> list[tuple[str, str]]:
    """Give what arrived, in order: edition and recipient."""
    return [(str(item.message["Message-ID"])[1:9], item.recipients[0]) for item in box.mailbox]


def states(job: Job) -> dict[tuple[str, str], str]:
    """Give how far each delivery has come, by edition and recipient."""
    with Library.open(job.settings.data, writable=False) as library:
        return {(item.edition, item.recipient): item.state for item in library.editions.deliveries(states=STATES)}


def changed(job: Job, *digests: Mapping[str, Any]) -> Job:
    """Give a job whose digests hold what the settings would refuse; one for each change, after the first of them."""
    (digest,) = job.settings.digests
    made = tuple(digest.model_copy(update=change) for change in digests)
    return replace(job, settings=job.settings.model_copy(update={"digests": made}))


@contextmanager
def nobody_listening() -> Iterator[int]:
    """Give a port on which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    yield port


def test_an_edition_is_due_from_the_moment_it_is_made_and_leaves_with_the_next(
    box: Sandbox, make_job: MakeJob, tmp_path: Path
) -> None:
    """A week without mail: both go, the older one first; the run tells which was late; nothing is sent again."""
    assert pipeline.run(make_job(NOW - WEEK), send=False).exit_code == ExitCode.DONE
    assert set(states(make_job()).values()) == {"due"}
    outcome = pipeline.run(make_job())
    readers = ("a@example.org", "b@example.org")
    assert mailed(box) == [(week, reader) for week in ("2026-W47", "2026-W48") for reader in readers]
    assert [(item.edition, item.recipient) for item in outcome.delivered.late] == [
        ("2026-W47", reader) for reader in readers
    ]
    assert outcome.exit_code == ExitCode.DONE
    assert pipeline.run(make_job()).delivered.sent == 0
    assert maintain.rebuild(make_job()).differences == {}
    # It is dated when it was handed over; the copy beside the page says when it was made.
    dates = [item.message["Date"].datetime for item in box.mailbox]
    assert all(NOW <= date < NOW + timedelta(minutes=5) for date in dates)
    copy = (tmp_path / "digests" / "2026-W47" / "weekly" / "message.eml").read_bytes()
    assert b"Date: Mon, 16 Nov 2026 06:00:00 +0000" in copy


def test_the_plan_is_in_the_entry_of_the_edition(make_job: MakeJob) -> None:
    """So that no kill can come between the two."""
    job = make_job()
    pipeline.run(job, send=False)
    entries = [entry for _, entry in Ledger(job.raw_folder).entries()]
    assert [entry.recipients for entry in entries if entry.kind == "edition"] == [["a@example.org", "b@example.org"]]  # type: ignore[attr-defined]
    assert not [entry for entry in entries if entry.kind == "planned"]


def test_editions_of_a_ledger_from_before_are_not_mailed_late(box: Sandbox, make_job: MakeJob) -> None:
    """They were planned by entries of their own; only the newest edition is planned for whoever has not got it."""
    job = make_job(NOW - WEEK)
    pipeline.harvest(job)
    for moment in (NOW - WEEK, NOW):
        with job.open_library() as library:
            digest, words = job.settings.digests[0], job.read_words()
            assert make_edition(library, job.settings, digest, words, now=moment, sample=False) is not None
    assert states(job) == {}
    assert maintain.rebuild(job).differences == {}
    assert states(job) == {}
    assert pipeline.send(make_job()).delivered.sent == 2
    assert mailed(box) == [("2026-W48", "a@example.org"), ("2026-W48", "b@example.org")]


def test_a_mail_server_that_is_down_for_ten_days_costs_nothing(box: Sandbox, make_job: MakeJob) -> None:
    """Told in one line a run, whoever waits; then both editions arrive, in order."""
    with nobody_listening() as port:
        mail = {"sender": "digest@example.org", "host": "127.0.0.1", "port": port, "security": "none"}
        for moment in (NOW - WEEK, NOW):
            outcome = pipeline.run(make_job(moment, mail=mail))
            assert outcome.exit_code == ExitCode.PARTIAL
            (line,) = tell_of(outcome.delivered.failed)
            assert "cannot use the mail server" in line
    assert line.startswith("2026-W47 weekly to a@example.org, b@example.org; 2026-W48 weekly to a@example.org, b@")
    assert set(states(make_job()).values()) == {"failed"}
    assert pipeline.send(make_job(NOW + timedelta(days=3))).exit_code == ExitCode.DONE
    assert [week for week, _ in mailed(box)] == ["2026-W47", "2026-W47", "2026-W48", "2026-W48"]


def test_who_comes_gets_the_newest_edition_and_who_left_nothing(box: Sandbox, make_job: MakeJob) -> None:
    """Whatever is due to the one who left stays unsent."""
    pipeline.run(make_job(NOW - WEEK), send=False)
    pipeline.run(make_job(), send=False)
    job = make_job(digests=[{**PLAIN, "recipients": ["b@example.org", "new@example.org"]}])
    pipeline.send(job)
    assert sorted(mailed(box)) == [
        ("2026-W47", "b@example.org"),
        ("2026-W48", "b@example.org"),
        ("2026-W48", "new@example.org"),
    ]
    with job.open_library() as library:
        assert find_due(library, job.settings) == []


def test_a_folder_that_cannot_be_written_costs_no_mail_and_is_written_by_the_next_run(
    box: Sandbox, make_job: MakeJob, tmp_path: Path
) -> None:
    """Nor does it keep the others from being written."""
    pipeline.run(make_job(NOW - WEEK))
    box.mailbox.clear()
    for path in sorted((tmp_path / "digests").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (tmp_path / "digests" / "2026-W48").write_text("in the way")
    outcome = pipeline.run(make_job())
    assert outcome.exit_code == ExitCode.PARTIAL
    (line,) = outcome.failed
    assert line.startswith("2026-W48 weekly: cannot write")
    assert outcome.editions == (tmp_path / "digests" / "2026-W47" / "weekly",)
    assert mailed(box) == [("2026-W48", "a@example.org"), ("2026-W48", "b@example.org")]
    (tmp_path / "digests" / "2026-W48").unlink()
    assert pipeline.send(make_job()).editions == (tmp_path / "digests" / "2026-W48" / "weekly",)
    assert len(box.mailbox) == 2


@pytest.mark.parametrize("name", ["archive.html", "index.html"])
def test_what_serves_browsing_never_costs_the_mail(box: Sandbox, make_job: MakeJob, tmp_path: Path, name: str) -> None:
    """A page that cannot be made is a warning; it is made when it can be."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / name).write_text("{{ nothing.of.the.kind }}")
    outcome = pipeline.run(make_job(templates="templates"))
    assert outcome.exit_code == ExitCode.PARTIAL
    (line,) = outcome.failed
    assert "nothing" in line
    assert len(box.mailbox) == 2
    (tmp_path / "templates" / name).unlink()
    assert pipeline.run(make_job(templates="templates")).exit_code == ExitCode.DONE
    assert (tmp_path / "digests" / "index.html").is_file()
    assert (tmp_path / "digests" / "2026-W48" / "weekly" / "index.html").is_file()
    assert len(box.mailbox) == 2


def test_one_bad_address_concerns_only_itself(box: Sandbox, make_job: MakeJob) -> None:
    """The settings let it through; the message cannot be built."""
    job = changed(make_job(), {"recipients": ('a"b@example.org', "b@example.org")})
    outcome = pipeline.run(job)
    assert outcome.exit_code == ExitCode.PARTIAL
    (line,) = tell_of(outcome.delivered.failed)
    assert "is not an e-mail address" in line
    assert mailed(box) == [("2026-W48", "b@example.org")]


def test_one_digest_that_cannot_be_made_concerns_only_itself(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """Its condition fails when it runs; when it is mended the edition is made."""
    other = {"name": "other", "title": "Other"}
    job = changed(make_job(), {"where": "abs(-9223372036854775808) > study_id"}, other)
    outcome = pipeline.run(job)
    assert outcome.exit_code == ExitCode.PARTIAL
    assert [line.partition(":")[0] for line in outcome.failed] == ["weekly"]
    assert {name for name, _ in mailed(box)} == {"2026-W48"}
    assert [folder.name for folder in outcome.editions] == ["other"]
    mended = changed(make_job(), {}, other)
    assert pipeline.run(mended).exit_code == ExitCode.DONE
    assert len(box.mailbox) == 4
    assert maintain.rebuild(mended).differences == {}


def test_a_title_with_a_line_break_is_one_line_in_the_mail(box: Sandbox, make_job: MakeJob) -> None:
    """The settings may come from a program that wrote it so."""
    assert pipeline.run(changed(make_job(), {"title": "Ketamine\n weekly"})).exit_code == ExitCode.DONE
    message = box.mailbox[0].message
    assert message["Subject"].endswith("Ketamine weekly, 2026-W48")
    assert message["List-Id"] == '"Ketamine weekly" <weekly.example.org>'


# -- who is refused, and who is to be tried again later


def test_a_recipient_refused_for_good_is_tried_with_the_newest_edition_and_told_once(
    box: Sandbox, make_job: MakeJob
) -> None:
    """What was due before is sent once the address has taken the newest again; the other reader misses nothing."""
    box.fail(Fault(path="smtp", kind="refuse-recipient", recipient="a@example.org", times=None))
    pipeline.run(make_job(NOW - 2 * WEEK), send=False)
    first = pipeline.run(make_job(NOW - WEEK))
    assert first.exit_code == ExitCode.PARTIAL
    (line,) = tell_of(first.delivered.refused)
    assert "2026-W46 weekly to a@example.org; 2026-W47 weekly to a@example.org" in line
    assert "550 5.1.1 No such mailbox" in line
    second = pipeline.run(make_job())
    assert second.exit_code == ExitCode.DONE
    assert (second.delivered.refused, second.delivered.failed) == ((), ())
    assert [item.edition for item in second.delivered.known] == ["2026-W48"]
    box.clear_faults()
    assert pipeline.send(make_job()).delivered.sent == 1
    assert mailed(box)[-1] == ("2026-W48", "a@example.org")
    assert [reader for _, reader in mailed(box)] == ["b@example.org"] * 3 + ["a@example.org"]
    assert pipeline.send(make_job()).delivered.sent == 2
    assert mailed(box)[-2:] == [("2026-W46", "a@example.org"), ("2026-W47", "a@example.org")]
    weeks = ("2026-W46", "2026-W47", "2026-W48")
    assert [states(make_job())[week, "a@example.org"] for week in weeks] == ["sent", "sent", "sent"]
    assert maintain.rebuild(make_job()).differences == {}


def test_where_all_recipients_are_refused_nothing_is_given_up(box: Sandbox, make_job: MakeJob) -> None:
    """It is told each time; when the server is mended, all editions arrive."""
    box.fail(Fault(path="smtp", kind="refuse-recipient", times=None))
    for moment in (NOW - WEEK, NOW):
        outcome = pipeline.run(make_job(moment))
        assert outcome.exit_code == ExitCode.PARTIAL
        assert outcome.delivered.refused == ()
    assert len(outcome.delivered.failed) == 4
    box.clear_faults()
    assert pipeline.send(make_job()).delivered.sent == 4


def test_what_was_sent_before_everybody_was_refused_is_sent(box: Sandbox, make_job: MakeJob) -> None:
    """The server changed its mind between two editions."""
    pipeline.run(make_job(NOW - WEEK), send=False)
    box.fail(Fault(path="smtp", kind="refuse-recipient", after=2, times=None))
    assert pipeline.run(make_job()).delivered.sent == 2
    box.clear_faults()
    assert pipeline.send(make_job()).delivered.sent == 2
    assert [week for week, _ in mailed(box)] == ["2026-W47", "2026-W47", "2026-W48", "2026-W48"]


def test_an_only_recipient_who_is_refused_is_told_each_time(box: Sandbox, make_job: MakeJob) -> None:
    """Then nobody has any mail, and a run that says nothing would be believed."""
    box.fail(Fault(path="smtp", kind="refuse-recipient", times=None))
    for moment in (NOW - WEEK, NOW):
        outcome = pipeline.run(make_job(moment, digests=[PLAIN]))
        assert outcome.exit_code == ExitCode.PARTIAL
        assert len(outcome.delivered.refused) == 1


@pytest.mark.parametrize("kind", ["defer-recipient", "refuse-data"])
def test_greylisting_is_waited_for_within_the_run(box: Sandbox, make_job: MakeJob, kind: str) -> None:
    """Others first; each once; no edition overtakes another."""
    pipeline.run(make_job(NOW - WEEK), send=False)
    recipient = "a@example.org" if kind == "defer-recipient" else None
    box.fail(Fault(path="smtp", kind=kind, recipient=recipient, times=1))
    outcome = pipeline.run(make_job())
    assert outcome.exit_code == ExitCode.DONE
    assert mailed(box) == [
        ("2026-W47", "b@example.org"),
        ("2026-W48", "b@example.org"),
        ("2026-W47", "a@example.org"),
        ("2026-W48", "a@example.org"),
    ]
    assert maintain.rebuild(make_job()).differences == {}


def test_greylisting_that_lasts_is_failed_and_due_again(box: Sandbox, make_job: MakeJob) -> None:
    """As many tries as there are pauses, and one."""
    box.fail(Fault(path="smtp", kind="defer-recipient", recipient="a@example.org", times=3))
    outcome = pipeline.run(make_job())
    assert outcome.exit_code == ExitCode.PARTIAL
    (line,) = tell_of(outcome.delivered.failed)
    assert "451 4.3.2" in line
    assert states(make_job()) == {("2026-W48", "a@example.org"): "failed", ("2026-W48", "b@example.org"): "sent"}
    assert pipeline.send(make_job()).delivered.sent == 1


# -- one edition to one address


def test_one_edition_is_sent_to_one_address_and_once_more_only_when_told(box: Sandbox, make_job: MakeJob) -> None:
    """It is the same mail, and the ledger knows of both."""
    job = make_job()
    pipeline.run(job)
    with pytest.raises(UsageError, match=r"was sent to a@example\.org already: --again"):
        pipeline.send_one(job, "2026-W48", "a@example.org")
    assert pipeline.send_one(job, "2026-W48", "a@example.org", again=True).delivered.sent == 1
    assert pipeline.send_one(job, "2026-W48", "colleague@example.org").delivered.sent == 1
    assert [reader for _, reader in mailed(box)] == [
        "a@example.org",
        "b@example.org",
        "a@example.org",
        "colleague@example.org",
    ]
    assert box.mailbox[0].message["Message-ID"] == box.mailbox[2].message["Message-ID"]
    noted = [entry for _, entry in Ledger(job.raw_folder).entries() if entry.kind == "delivery"]
    assert [entry.state for entry in noted if entry.delivery["recipient"] == "a@example.org"] == ["claimed", "sent"] * 2  # type: ignore[attr-defined]
    assert pipeline.run(job).delivered.sent == 0
    assert maintain.rebuild(job).differences == {}


def test_a_repetition_that_fails_leaves_what_was_sent_sent(box: Sandbox, make_job: MakeJob) -> None:
    """Else the next run would send it to who has it."""
    job = make_job()
    pipeline.run(job)
    box.fail(Fault(path="smtp", kind="refuse-data", times=None))
    outcome = pipeline.send_one(job, "2026-W48", "a@example.org", again=True)
    assert outcome.exit_code == ExitCode.PARTIAL
    assert states(job)["2026-W48", "a@example.org"] == "sent"
    box.clear_faults()
    assert pipeline.send(job).delivered.sent == 0


def test_what_one_edition_to_one_address_means_must_be_clear(make_job: MakeJob) -> None:
    """Of several digests it is the one that the address receives, or the one that is named."""
    digests = [PLAIN, {"name": "trials", "title": "Trials", "recipients": ["c@example.org"]}]
    job = make_job(digests=digests)
    pipeline.run(job, send=False)
    assert pipeline.send_one(job, "2026-W48", "c@example.org").delivered.sent == 1
    with pytest.raises(UsageError, match="several digests have an edition 2026-W48: choose one with --name"):
        pipeline.send_one(job, "2026-W48", "d@example.org")
    assert pipeline.send_one(job, "2026-W48", "d@example.org", name="trials").delivered.sent == 1
    with pytest.raises(UsageError, match="no edition 2026-W01 of weekly: the latest are: 2026-W48"):
        pipeline.send_one(job, "2026-W01", "a@example.org")
    with pytest.raises(UsageError, match="'nobody' is not an e-mail address"):
        pipeline.send_one(job, "2026-W48", "nobody")
    with pytest.raises(UsageError, match="no digest named daily"):
        pipeline.send_one(job, "2026-W48", "a@example.org", name="daily")


# -- the first mail


@pytest.mark.parametrize("answer", [True, False])
def test_before_the_first_mail_somebody_is_asked(box: Sandbox, make_job: MakeJob, answer: bool) -> None:
    """What it is, how many and to whom; what is declined is still due, and nobody is asked a second time."""
    asked: list[str] = []

    def ask(lines: list[str]) -> bool:
        asked.extend(lines)
        return answer

    outcome = pipeline.run(make_job(), ask=ask)  # type: ignore[arg-type]
    (line,) = asked
    assert "Weekly, 2026-W48”: 2 messages, to a@example.org, b@example.org" in line
    assert " new" in line
    assert (len(box.mailbox), outcome.delivered.declined) == ((2, 0) if answer else (0, 2))
    assert outcome.exit_code == ExitCode.DONE
    pipeline.run(make_job(NOW + WEEK))
    assert len(box.mailbox) == 4
    pipeline.run(make_job(NOW + 2 * WEEK), ask=ask)  # type: ignore[arg-type]
    assert len(asked) == 1


def test_deliveries_are_told_by_reason() -> None:
    """Four readers in three words."""
    items = [
        Delivery(digest="weekly", edition="2026-W48", recipient=f"{name}@example.org", state="failed", error="no")
        for name in "abcde"
    ]
    assert tell_of([*items, replace(items[0], error="other")]) == [
        "2026-W48 weekly to a@example.org, b@example.org, c@example.org and 2 others: no",
        "2026-W48 weekly to a@example.org: other",
    ]
