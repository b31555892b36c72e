"""An edition waits for its required sources, for some days; then it goes out without them and says so."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harvester.cli.commands import main
from harvester.ground.errors import ExitCode
from harvester.jobs import maintain, pipeline
from harvester.jobs.job import Job
from harvester.sandbox import Fault, Sandbox
from tests.conftest import NOW

MakeJob = Callable[..., Job]
DAY = timedelta(days=1)
WEEK = 7 * DAY


def silence(box: Sandbox) -> None:
    """Let PubMed not answer."""
    box.fail(Fault(path="esearch", kind="status", status=503, times=None))


def digests(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": "weekly", "title": "Weekly", "recipients": ["a@example.org"], **changes}]


def editions(folder: Path) -> list[str]:
    return sorted(path.parent.parent.name for path in (folder / "digests").glob("*/weekly/index.html"))


def words(box: Sandbox, number: int = 0) -> str:
    """Give the text of a mail on one line."""
    part = box.mailbox[number].message.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


def unannounced(folder: Path) -> set[str]:
    """Give the studies on the topic that came after the first edition and that no edition told of as new."""
    with (folder / "data" / "studies.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    told = [
        study["study_id"]
        for path in (folder / "digests").glob("*/weekly/digest.json")
        for study in json.loads(path.read_bytes())["studies"]
    ]
    assert len(told) == len(set(told)), "a study was announced twice"
    return {row["study_id"] for row in rows if row["tier"] != "off-topic" and not row["first_edition"]}


def test_nothing_is_made_or_sent_until_the_source_answers(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """The run says what it waits for and until when; the next one, on the same day, makes the edition."""
    silence(box)
    outcome = pipeline.run(make_job(digests=digests()))
    assert outcome.exit_code == ExitCode.UNAVAILABLE
    (line,) = outcome.waiting
    assert line.startswith("2026-W48 weekly waits for PubMed until 25 November 2026, 07:00; nothing is sent yet")
    assert (box.mailbox, editions(tmp_path)) == ([], [])
    assert (tmp_path / "data" / "studies.csv").is_file()
    box.clear_faults()
    job = make_job(NOW + timedelta(hours=6), digests=digests())
    assert pipeline.run(job).exit_code == ExitCode.DONE
    assert editions(tmp_path) == ["2026-W48"]
    assert "did not answer" not in words(box)
    assert "waited" not in words(box)
    assert maintain.rebuild(job).differences == {}


def test_after_two_days_it_goes_out_and_says_what_is_missing_and_that_it_waited(
    box: Sandbox, make_job: MakeJob, tmp_path: Path
) -> None:
    """A timer's runs are not to the minute two days apart; the next edition has what was missed."""
    pipeline.run(make_job(NOW - WEEK, digests=digests()))
    silence(box)
    for moment in (NOW, NOW + timedelta(hours=8), NOW + DAY):
        assert pipeline.run(make_job(moment, digests=digests())).exit_code == ExitCode.UNAVAILABLE
        assert len(box.mailbox) == 1
    outcome = pipeline.run(make_job(NOW + 2 * DAY - timedelta(minutes=10), digests=digests()))
    assert outcome.exit_code == ExitCode.UNAVAILABLE
    assert (outcome.waiting, len(box.mailbox)) == ((), 2)
    assert "PubMed not reached" in box.mailbox[1].message["Subject"]
    assert "PubMed (failing since 23 November 2026) did not answer." in words(box, 1)
    assert "This edition waited for an answer since 23 November 2026, 07:00." in words(box, 1)
    page = (tmp_path / "digests" / "2026-W48" / "weekly" / "index.html").read_text("utf-8")
    assert "This edition waited for an answer" in page
    assert maintain.rebuild(make_job(NOW + 3 * DAY, digests=digests())).differences == {}
    box.clear_faults()
    assert pipeline.run(make_job(NOW + WEEK, digests=digests())).exit_code == ExitCode.DONE
    assert "waited" not in words(box, 2)
    assert unannounced(tmp_path) == set()


def test_who_does_not_want_it_to_wait_has_it_at_once(box: Sandbox, make_job: MakeJob) -> None:
    """It says what is missing, and not that it waited."""
    silence(box)
    outcome = pipeline.run(make_job(digests=digests(wait=0)))
    assert outcome.exit_code == ExitCode.UNAVAILABLE
    assert len(box.mailbox) == 1
    assert "did not answer" in words(box)
    assert "waited" not in words(box)


def test_each_digest_waits_as_long_as_it_is_told(box: Sandbox, make_job: MakeJob) -> None:
    """One goes out, the other does not yet."""
    silence(box)
    both = [*digests(wait=0), {"name": "other", "title": "Other", "recipients": ["b@example.org"], "wait": 1}]
    outcome = pipeline.run(make_job(digests=both))
    assert [line.split(" waits")[0] for line in outcome.waiting] == ["2026-W48 other"]
    assert [message.recipients for message in box.mailbox] == [("a@example.org",)]
    assert pipeline.run(make_job(NOW + DAY, digests=both)).waiting == ()
    assert [message.recipients for message in box.mailbox] == [("a@example.org",), ("b@example.org",)]


def test_a_source_that_answered_in_part_has_answered(box: Sandbox, make_job: MakeJob) -> None:
    """The edition is made at once, and is incomplete."""
    box.fail(Fault(path="efetch", kind="drop-records", amount=3, times=None))
    outcome = pipeline.run(make_job(digests=digests()))
    assert outcome.waiting == ()
    assert "PubMed incomplete" in box.mailbox[0].message["Subject"]


@pytest.mark.parametrize("is_required", [False, True])
def test_an_optional_source_never_delays(box: Sandbox, make_job: MakeJob, is_required: bool) -> None:
    """One that the settings call required does, whatever it is."""
    name = box.feed_names[0]
    box.fail(Fault(path=f"feed:{name}", kind="captcha", times=None))
    sources = {
        "pubmed": {"query": "ketamin*[tiab]", "base_url": box.pubmed_url},
        "feeds": [{"name": name, "url": box.feed_url(name), "required": is_required}],
    }
    outcome = pipeline.run(make_job(digests=digests(), sources=sources))
    assert [name in line for line in outcome.waiting] == [True] * is_required
    assert len(box.mailbox) == (0 if is_required else 1)
    assert outcome.exit_code == (ExitCode.UNAVAILABLE if is_required else ExitCode.PARTIAL)


def test_an_edition_that_waits_over_a_sunday_is_that_of_the_next_week(
    box: Sandbox, make_job: MakeJob, tmp_path: Path
) -> None:
    """Nothing is lost or said twice by it."""
    pipeline.run(make_job(NOW - WEEK, digests=digests()))
    silence(box)
    for days in (5, 6):
        outcome = pipeline.run(make_job(NOW + days * DAY, digests=digests()))
        assert "2026-W48 weekly waits for PubMed until 30 November 2026, 07:00" in outcome.waiting[0]
    box.clear_faults()
    pipeline.run(make_job(NOW + WEEK, digests=digests()))
    assert editions(tmp_path) == ["2026-W47", "2026-W49"]
    assert unannounced(tmp_path) == set()


def test_a_source_that_is_gone_for_weeks_does_not_silence_a_weekly_run(box: Sandbox, make_job: MakeJob) -> None:
    """The edition of the second Monday has waited since the first, and goes out."""
    pipeline.run(make_job(NOW - 2 * WEEK, digests=digests()))
    silence(box)
    assert pipeline.run(make_job(NOW - WEEK, digests=digests())).waiting
    assert not pipeline.run(make_job(NOW, digests=digests())).waiting
    assert len(box.mailbox) == 2
    assert "waited for an answer since 16 November 2026, 07:00" in words(box, 1)
    assert pipeline.run(make_job(NOW + WEEK, digests=digests())).waiting, "the next edition waits anew"


def test_failures_before_the_week_began_are_no_tries_of_its_edition(box: Sandbox, make_job: MakeJob) -> None:
    """A source that fails daily from Thursday on is waited for from Monday's run on."""
    pipeline.run(make_job(NOW - WEEK, digests=digests()))
    silence(box)
    for days in (4, 3, 2, 1):
        pipeline.harvest(make_job(NOW - days * DAY, digests=digests()))
    (line,) = pipeline.run(make_job(NOW, digests=digests())).waiting
    assert "until 25 November 2026, 07:00" in line
    # What counts is the unbroken row of failures.
    box.clear_faults()
    pipeline.harvest(make_job(NOW + DAY, digests=digests()))
    silence(box)
    (line,) = pipeline.run(make_job(NOW + 2 * DAY, digests=digests())).waiting
    assert "until 27 November 2026, 07:00" in line


def test_what_is_due_from_before_does_not_wait(box: Sandbox, make_job: MakeJob) -> None:
    """Only the new edition lacks something."""
    pipeline.run(make_job(NOW - WEEK, digests=digests()), send=False)
    silence(box)
    outcome = pipeline.run(make_job(digests=digests()))
    assert outcome.waiting
    assert [item.edition for item in outcome.delivered.late] == ["2026-W47"]
    assert len(box.mailbox) == 1


@pytest.mark.usefixtures("ncbi_key")
def test_a_digest_by_hand_waits_too_and_says_how_to_have_it_now(
    box: Sandbox, write_config: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And does not show last week's in its place."""

    def command(*arguments: str, code: int) -> str:
        with pytest.raises(SystemExit) as caught:
            main([*arguments, "--config", str(tmp_path / "config.yaml")])
        out, err = capsys.readouterr()
        assert caught.value.code == code, err
        return out + err

    write_config(digests=digests())
    command("run", "--now", (NOW - WEEK).isoformat(), "-q", code=0)
    silence(box)
    command("harvest", "--source", "pubmed", "--now", NOW.isoformat(), "-q", code=69)
    said = command("digest", "--now", NOW.isoformat(), code=69)
    assert "2026-W48 weekly waits for PubMed until 25 November 2026, 07:00" in said
    assert "set digests[].wait to 0 to have it now" in said
    assert "index.html" not in said
    assert editions(tmp_path) == ["2026-W47"]
    write_config(digests=digests(wait=0))
    assert "2026-W48" in command("digest", "--now", NOW.isoformat(), code=0)


def test_an_edition_that_was_never_tried_before_waits_from_now_on(box: Sandbox, make_job: MakeJob) -> None:
    """The last that was heard of the source is of last week, and bad."""
    pipeline.run(make_job(NOW - WEEK, digests=digests()))
    silence(box)
    pipeline.harvest(make_job(NOW - DAY, digests=digests()))
    monday = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    (line,) = pipeline.digest(make_job(monday, digests=digests())).waiting
    assert "until 25 November 2026, 10:00" in line
