"""A run, end to end, on the embedded server: real sockets, real files, real mail."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from harvester.ground.errors import ConfigError, ExitCode, LibraryError, UsageError
from harvester.jobs import pipeline
from harvester.jobs.job import Job
from harvester.library import Library
from harvester.sandbox import Fault, Sandbox
from tests.conftest import NOW

MakeJob = Callable[..., Job]
WEEK = timedelta(days=7)


def read_rows(folder: Path) -> list[dict[str, str]]:
    """Read the published table as any CSV reader would."""
    with (folder / "data" / "studies.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_edition(folder: Path, week: str) -> dict[str, object]:
    """Read an edition's digest.json."""
    found: dict[str, object] = json.loads((folder / "digests" / week / "weekly" / "digest.json").read_text("utf-8"))
    return found


def tree(folder: Path) -> dict[str, bytes]:
    """Give every file below a folder, but not the raw answers and the lock."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "raw" not in path.parts and not path.name.startswith(".lock")
    }


def test_a_week_becomes_a_table_an_edition_and_one_mail_for_each_reader(
    box: Sandbox, make_job: MakeJob, tmp_path: Path
) -> None:
    """The whole job, once."""
    outcome = pipeline.run(make_job())
    assert outcome.exit_code == ExitCode.DONE
    rows = read_rows(tmp_path)
    assert len(rows) == outcome.new_studies > 20
    assert [row["study_id"] for row in rows] == sorted(row["study_id"] for row in rows)
    assert Counter(row["pmid"] for row in rows if row["pmid"]).most_common(1)[0][1] == 1
    assert Counter(row["doi"] for row in rows if row["doi"]).most_common(1)[0][1] == 1
    assert any("; " in row["sources"] for row in rows), "no paper was met in a feed and in PubMed"
    # A notice is told with its paper, and a preprint with its article.
    papers = [
        row for row in rows if row["tier"] == "core" and row["status"] != "preprint" and row["design"] != "comment"
    ]
    assert {row["first_edition"] for row in papers} == {"2026-W48"}
    folder = tmp_path / "digests" / "2026-W48" / "weekly"
    assert {path.name for path in folder.iterdir()} == {
        "index.html", "email.html", "email.txt", "message.eml", "digest.json", "references.ris",
    }  # fmt: skip
    assert [message.recipients for message in box.mailbox] == [("a@example.org",), ("b@example.org",)]
    for message, address in zip(box.mailbox, ("a@example.org", "b@example.org"), strict=True):
        assert message.message["To"] == address
        assert [part.get_content_type() for part in message.message.iter_parts()] == ["text/plain", "text/html"]
        other = {"a@example.org", "b@example.org"} - {address}
        assert not any(name.encode() in message.raw for name in other)
    assert box.mailbox[0].message["Message-ID"] != box.mailbox[1].message["Message-ID"]


def test_running_again_changes_nothing_and_mails_nobody(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """The same week again: the same table, the same edition, no second mail."""
    pipeline.run(make_job())
    before = tree(tmp_path)
    again = pipeline.run(make_job())
    after = tree(tmp_path)
    assert again.exit_code == ExitCode.DONE
    assert again.new_studies == 0
    assert len(box.mailbox) == 2
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed <= {"data/library.db"}, "only the log of harvests may grow"


def test_the_next_week_announces_only_what_is_new_and_tells_what_changed(make_job: MakeJob, tmp_path: Path) -> None:
    """Two editions of one digest share no study, and a retraction of a paper that was sent is told."""
    pipeline.run(make_job(NOW - WEEK))
    pipeline.run(make_job(NOW))
    first, second = read_edition(tmp_path, "2026-W47"), read_edition(tmp_path, "2026-W48")

    def ids(edition: dict[str, object]) -> set[str]:
        return {study["study_id"] for study in edition["studies"]}  # type: ignore[attr-defined]

    assert ids(first)
    assert ids(second)
    assert not ids(first) & ids(second)
    kinds = {change["kind"]: change for change in second["changes"]}  # type: ignore[attr-defined]
    assert kinds["retracted"]["sent_in"] == "2026-W47"
    assert kinds["retracted"]["study"]["study_id"] in ids(first)
    retracted = [row for row in read_rows(tmp_path) if row["status"] == "retracted"]
    assert {row["study_id"] for row in retracted} == {kinds["retracted"]["study"]["study_id"]}


def test_an_old_edition_is_rendered_again_to_the_same_bytes(make_job: MakeJob, tmp_path: Path) -> None:
    """Whatever happened to its studies since."""
    pipeline.run(make_job(NOW - WEEK))
    folder = tmp_path / "digests" / "2026-W47" / "weekly"
    before = tree(folder)
    pipeline.run(make_job(NOW))
    for path in folder.iterdir():
        path.unlink()
    job = make_job(NOW)
    assert pipeline.digest(job, edition="2026-W47").editions == (folder,)
    assert tree(folder) == before
    with pytest.raises(UsageError, match="no edition 2025-W01"):
        pipeline.digest(job, edition="2025-W01")
    with pytest.raises(UsageError, match="no digest named daily"):
        pipeline.digest(job, name="daily")


def test_a_missed_month_is_caught_up(make_job: MakeJob, tmp_path: Path) -> None:
    """The next run asks from the last one's day, however long ago that was."""
    pipeline.run(make_job(NOW - timedelta(days=60)))
    pipeline.run(make_job(NOW))
    with_gap = {row["pmid"] for row in read_rows(tmp_path) if row["pmid"]}
    weekly = tmp_path / "weekly"
    weekly.mkdir()
    job = make_job(NOW)
    for days in range(60, -1, -7):
        moment = NOW - timedelta(days=days)
        settings = job.settings.model_copy(update={"data": weekly / "data", "editions": weekly / "digests"})
        pipeline.run(replace(make_job(moment), settings=settings), send=False)
    assert {row["pmid"] for row in read_rows(weekly) if row["pmid"]} <= with_gap


def test_a_dry_run_leaves_no_trace(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """It asks the sources, and writes and sends nothing."""
    job = make_job()
    before = tree(tmp_path)
    assert pipeline.run_dry(job).new_studies > 20
    assert tree(tmp_path) == before
    assert box.mailbox == []


def test_a_feed_that_is_down_is_named_and_the_rest_goes_on(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """Partial, not failed; the receipt and the mail say which; the next run clears it."""
    name = box.feed_names[0]
    box.fail(Fault(path=box.feed_url(name).rpartition("/")[2], kind="captcha", times=1))
    outcome = pipeline.run(make_job())
    assert outcome.exit_code == ExitCode.PARTIAL
    (failed,) = [report for report in outcome.reports if report.error]
    assert failed.name == name
    text = (tmp_path / "digests" / "2026-W48" / "weekly" / "email.txt").read_text("utf-8")
    assert name in text.split("Read first")[0].replace("\n", " "), "the failure does not lead the mail"
    again = pipeline.harvest(make_job(NOW + timedelta(days=1)))
    assert again.exit_code == ExitCode.DONE


def test_a_short_answer_keeps_the_window_open(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """Records that PubMed lists but does not give are named; the watermark stays; the next run gets them."""
    box.fail(Fault(path="efetch", kind="drop-records", amount=3, times=100))
    job = make_job()
    outcome = pipeline.run(job, send=False)
    assert outcome.exit_code in (ExitCode.PARTIAL, ExitCode.UNAVAILABLE)
    with Library.open(tmp_path / "data", writable=False) as library:
        assert "watermark" not in library.sources.state("pubmed").mark
    box.clear_faults()
    assert pipeline.harvest(job).exit_code == ExitCode.DONE
    with Library.open(tmp_path / "data", writable=False) as library:
        assert library.sources.state("pubmed").mark["watermark"] == NOW.date().isoformat()


def test_a_bad_record_costs_itself_only(box: Sandbox, make_job: MakeJob) -> None:
    """It is reported; the others live."""
    box.fail(Fault(path="efetch", kind="malformed-record", times=100))
    outcome = pipeline.harvest(make_job())
    assert outcome.new_studies > 20
    assert any("could not be read" in note for report in outcome.reports for note in report.notes)


def test_a_refused_recipient_is_tried_again_and_the_other_is_not(box: Sandbox, make_job: MakeJob) -> None:
    """What failed is due the next time; what arrived is not."""
    box.fail(Fault(path="smtp", kind="defer-recipient", recipient="a@example.org", times=3))
    outcome = pipeline.run(make_job())
    assert outcome.exit_code == ExitCode.PARTIAL
    assert [message.recipients for message in box.mailbox] == [("b@example.org",)]
    assert pipeline.send(make_job()).delivered.sent == 1
    assert [message.recipients for message in box.mailbox] == [("b@example.org",), ("a@example.org",)]


def test_a_message_of_unknown_fate_is_not_sent_twice(box: Sandbox, make_job: MakeJob) -> None:
    """The server took it and the connection broke before it said so: told, not repeated."""
    box.fail(Fault(path="smtp", kind="drop-after-data", times=1))
    outcome = pipeline.run(make_job())
    assert outcome.exit_code == ExitCode.PARTIAL
    assert pipeline.run(make_job()).exit_code == ExitCode.DONE
    assert sorted(message.recipients[0] for message in box.mailbox) == ["a@example.org", "b@example.org"]


def test_a_reader_who_comes_late_in_the_week_gets_its_edition_and_one_who_left_gets_none(
    box: Sandbox, make_job: MakeJob
) -> None:
    """Recipients are those of the settings now."""
    digests = [{"name": "weekly", "title": "Weekly", "recipients": ["c@example.org"]}]
    box.fail(Fault(path="smtp", kind="defer-recipient", recipient="a@example.org", times=None))
    pipeline.run(make_job())
    pipeline.run(make_job(digests=digests))
    assert [message.recipients[0] for message in box.mailbox] == ["b@example.org", "c@example.org"]


def test_a_digest_with_a_condition_holds_only_what_meets_it(make_job: MakeJob, tmp_path: Path) -> None:
    """The same language as `query --where`."""
    digests = [{"name": "weekly", "title": "Trials", "where": "design = 'rct'"}]
    pipeline.run(make_job(digests=digests))
    edition = read_edition(tmp_path, "2026-W48")
    assert {study["tags"]["design"] for study in edition["studies"]} == {"rct"}  # type: ignore[attr-defined]


def test_a_backfill_asks_for_the_days_it_is_given(make_job: MakeJob) -> None:
    """And does not move the watermark over days that were not asked for."""
    job = make_job()
    pipeline.harvest(job, since=date(2020, 1, 1), until=date(2020, 12, 31), source="pubmed")
    with Library.open(job.settings.data, writable=False) as library:
        assert "watermark" not in library.sources.state("pubmed").mark
    with pytest.raises(UsageError, match="no source named nature"):
        pipeline.harvest(job, source="nature")


def test_a_damaged_table_stops_the_run_and_is_left_as_it_is(make_job: MakeJob, tmp_path: Path) -> None:
    """Somebody edited it, or the disk did."""
    pipeline.run(make_job(), send=False)
    path = tmp_path / "data" / "studies.csv"
    path.write_bytes(path.read_bytes()[:-100])
    before = tree(tmp_path)
    with pytest.raises(LibraryError) as caught:
        pipeline.run(make_job())
    assert caught.value.exit_code == ExitCode.DATA
    assert tree(tmp_path) == before


def test_a_missing_password_is_told_before_anything_is_done(make_job: MakeJob, tmp_path: Path) -> None:
    """The settings name a user; the environment has no password."""
    job = make_job()
    mail = job.settings.mail
    assert mail is not None
    settings = job.settings.model_copy(update={"mail": mail.model_copy(update={"username": "digest"})})
    with pytest.raises(ConfigError, match="SMTP_PASSWORD is not set"):
        pipeline.run(replace(job, settings=settings))
    assert not (tmp_path / "data").exists()
