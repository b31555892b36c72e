"""An edition of a clock that was ahead: it is told, it can be taken back, and nothing is announced or mailed twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harvester.cli.commands import cli
from harvester.cli.options import Options
from harvester.digest import Edition, load_edition
from harvester.ground.errors import ExitCode, UsageError
from harvester.jobs import check, maintain, pipeline
from harvester.jobs.job import Job
from harvester.library import Library
from harvester.sandbox import Sandbox
from tests.conftest import NOW

MakeJob = Callable[..., Job]
AHEAD = NOW + timedelta(weeks=485)  # 2036-W11
DIGEST: dict[str, Any] = {"name": "weekly", "title": "Weekly", "recipients": ["a@example.org"]}


def edition_of(folder: Path, week: str, digest: str = "weekly") -> Edition | None:
    """Give a stored edition; None if there is none of that name."""
    with Library.open(folder / "data", writable=False) as library:
        stored = library.editions.get(digest, week)
    return None if stored is None else load_edition(stored.document.encode())


def ids(edition: Edition | None) -> set[str]:
    assert edition is not None
    return {study.study_id for study in edition.studies}


def first_editions(folder: Path) -> set[str | None]:
    """Give what the table says of first editions."""
    with Library.open(folder / "data", writable=False) as library:
        return {row["first_edition"] for row in library.studies.rows(columns=("first_edition",))}


def jump(make_job: MakeJob, *, send: bool, **changes: object) -> Job:
    """Run a week, and the next one with a clock that is ahead; give the job of the next week."""
    pipeline.run(make_job(now=NOW - timedelta(weeks=1), digests=[DIGEST], **changes), send=send)
    later = make_job(digests=[DIGEST], **changes)
    assert pipeline.run(replace(later, now=AHEAD), send=send).exit_code == 0
    return later


def test_an_edition_later_than_the_clock_is_told_with_what_to_do(make_job: MakeJob, tmp_path: Path) -> None:
    """In each run until it is taken back, and by check; the run does everything else."""
    job = jump(make_job, send=False)
    outcome = pipeline.run(job, send=False)
    assert outcome.exit_code == ExitCode.PARTIAL
    (line,) = outcome.failed
    assert "harvester digest --withdraw 2036-W11`" in line
    assert edition_of(tmp_path, "2026-W48") is None
    (finding,) = [item for item in check.check(job) if item.what == "editions"]
    assert (finding.verdict, finding.code, finding.told) == ("failed", ExitCode.PARTIAL, line)
    pipeline.withdraw(job, "2036-W11")
    assert pipeline.run(job, send=False).exit_code == 0
    assert [item for item in check.check(job) if item.what == "editions"] == []


def test_what_nobody_received_is_new_again(make_job: MakeJob, tmp_path: Path) -> None:
    """Studies, first editions, pages; and the library is made again row for row."""
    job = jump(make_job, send=False)
    lost = edition_of(tmp_path, "2036-W11")
    assert ids(lost)
    assert "2036-W11" in first_editions(tmp_path)
    (withdrawn,) = pipeline.withdraw(job, "2036-W11")
    assert (withdrawn.readers, withdrawn.edition) == (0, "2036-W11")
    assert first_editions(tmp_path) <= {"2026-W47", None}
    assert not (tmp_path / "digests" / "2036-W11").exists()
    assert (tmp_path / "digests" / "withdrawn" / "2036-W11" / "weekly" / "index.html").is_file()
    assert b"2036" not in (tmp_path / "digests" / "index.html").read_bytes()
    assert b"2036-W11" not in (tmp_path / "data" / "studies.csv").read_bytes()
    pipeline.run(job, send=False)
    again = edition_of(tmp_path, "2026-W48")
    assert again is not None
    assert lost is not None
    assert ids(again) == ids(lost)
    assert again.off_topic == lost.off_topic
    assert [change.kind for change in again.changes] == [change.kind for change in lost.changes]
    assert (again.previous, again.reissue) == ("2026-W47", 0)
    assert maintain.rebuild(job).differences == {}


def test_what_somebody_received_stays_told_and_its_name_is_free(
    box: Sandbox, make_job: MakeJob, tmp_path: Path
) -> None:
    """No study and no change twice, to nobody; a later edition of that very name reaches its readers."""
    job = jump(make_job, send=True)
    lost = edition_of(tmp_path, "2036-W11")
    assert lost is not None
    assert lost.changes
    assert len(box.mailbox) == 2
    (withdrawn,) = pipeline.withdraw(job, "2036-W11")
    assert (withdrawn.readers, withdrawn.studies) == (1, len(lost.studies) + len(lost.changes) - already(lost))
    pipeline.run(job)
    again = edition_of(tmp_path, "2026-W48")
    assert again is not None
    assert ids(again) == set()
    assert again.changes == ()
    assert again.previous == "2026-W47"
    assert len(box.mailbox) == 3
    assert pipeline.run(replace(job, now=AHEAD)).exit_code == 0
    real = edition_of(tmp_path, "2036-W11")
    assert real is not None
    assert real.reissue == 1
    assert len(box.mailbox) == 4
    assert len({message.message["Message-ID"] for message in box.mailbox}) == 4
    assert maintain.rebuild(job).differences == {}


def already(edition: Edition) -> int:
    """Count the changes of studies that the edition before had told of."""
    return sum(change.study.first_edition != edition.edition for change in edition.changes)


def test_a_correction_is_compared_with_what_an_edition_that_was_taken_back_told(
    make_job: MakeJob, tmp_path: Path
) -> None:
    job = jump(make_job, send=True)
    (study, *_) = (one for one in sorted(ids(edition_of(tmp_path, "2036-W11"))))
    pipeline.withdraw(job, "2036-W11")
    maintain.correct_study(job, study, ["sample_size=4321"])
    pipeline.run(job)
    again = edition_of(tmp_path, "2026-W48")
    assert again is not None
    assert [(change.kind, change.study.study_id) for change in again.changes] == [("by-hand", study)]


def test_deliveries_that_are_due_go_with_the_edition(make_job: MakeJob, tmp_path: Path) -> None:
    """One that failed is not tried again under a name that nobody knows."""
    job = jump(make_job, send=False)
    assert job.settings.mail is not None
    silent = job.settings.model_copy(update={"mail": job.settings.mail.model_copy(update={"port": 1})})
    pipeline.send(replace(job, now=AHEAD, settings=silent))
    with Library.open(tmp_path / "data", writable=False) as library:
        failed = {item.edition for item in library.editions.deliveries(states=("failed",))}
    assert failed == {"2026-W47", "2036-W11"}
    (withdrawn,) = pipeline.withdraw(job, "2036-W11")
    assert withdrawn.readers == 0
    with Library.open(tmp_path / "data", writable=False) as library:
        pending = {item.edition for item in library.editions.deliveries(states=("due", "failed"))}
    assert pending == {"2026-W47"}


def test_only_the_newest_edition_is_taken_back(make_job: MakeJob) -> None:
    job = jump(make_job, send=False)
    pipeline.run(replace(job, now=AHEAD + timedelta(weeks=1)), send=False)
    lines = pipeline.run(job, send=False).failed
    assert [line.partition("--withdraw ")[2][:8] for line in lines] == ["2036-W12", "2036-W11"]
    with pytest.raises(UsageError, match="2036-W12 of weekly came after"):
        pipeline.withdraw(job, "2036-W11")
    for week in ("2036-W12", "2036-W11"):
        pipeline.withdraw(job, week)
    assert pipeline.run(job, send=False).failed == ()
    with pytest.raises(UsageError, match="no edition 2031-W01"):
        pipeline.withdraw(job, "2031-W01")


def test_of_several_digests_one_or_all_are_taken_back(make_job: MakeJob, tmp_path: Path) -> None:
    """What another digest still shows keeps its first edition."""
    digests = [{"name": name, "title": name.title()} for name in ("one", "two")]
    pipeline.run(make_job(now=AHEAD, digests=digests), send=False)
    job = make_job(digests=digests)
    assert [line.rpartition("--name ")[2][:3] for line in pipeline.run(job, send=False).failed] == ["one", "two"]
    assert [item.digest for item in pipeline.withdraw(job, "2036-W11", name="one")] == ["one"]
    assert first_editions(tmp_path) == {"2036-W11", None}
    assert [item.digest for item in pipeline.withdraw(job, "2036-W11")] == ["two"]
    assert first_editions(tmp_path) == {None}
    assert maintain.rebuild(job).differences == {}


def test_the_command_says_what_it_means_to_readers(finished_copy: Path) -> None:
    """It takes back what was sent, in words; with --edition it is refused."""

    def invoke(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["digest", *arguments, "--config", str(finished_copy)], obj={})

    assert isinstance(invoke("--withdraw", "2026-W48", "--edition", "2026-W48").exception, UsageError)
    told = invoke("--withdraw", "2026-W48")
    assert told.exit_code == 0
    assert told.output.startswith("2026-W48 weekly is taken back: 2 readers had it")
    assert "no edition 2026-W48" in str(invoke("--withdraw", "2026-W48").exception)


@pytest.mark.parametrize(
    ("ahead", "is_made"), [(timedelta(hours=20), True), (timedelta(days=2), False), (timedelta(weeks=485), False)]
)
def test_no_edition_is_made_by_a_clock_that_is_ahead_of_all_servers(
    box: Sandbox, make_job: MakeJob, tmp_path: Path, ahead: timedelta, is_made: bool
) -> None:
    """The mail is not lost: the run says what to do, and the next one makes the edition."""
    job = replace(make_job(), judges_clock=True)
    moment = served_time(job)
    outcome = pipeline.run(replace(job, now=moment + ahead), send=False)
    assert bool(outcome.editions) is is_made
    assert (outcome.exit_code, bool(outcome.failed)) == ((0, False) if is_made else (ExitCode.PARTIAL, True))
    if not is_made:
        assert "set the clock" in outcome.failed[0]
        findings = check.check(replace(job, now=moment + ahead))
        assert [item.verdict for item in findings if item.what == "clock"] == ["failed"]
        assert pipeline.run(replace(make_job(), now=moment), send=False).editions


def served_time(job: Job) -> datetime:
    """Give the time that the embedded servers tell."""
    with job.open_session() as session:
        session.get(job.settings.sources.model_dump()["feeds"][0]["url"])
    assert job.heard.newest is not None
    return job.heard.newest


def test_a_clock_that_the_user_gave_is_not_judged(make_job: MakeJob, finished_copy: Path) -> None:
    """A replay, of whatever week; the command line says whose clock it is."""
    options = Options(finished_copy, quiet=True, verbose=False)
    assert options.job().judges_clock
    assert not options.job(now=AHEAD).judges_clock
    outcome = pipeline.run(make_job(now=AHEAD), send=False)
    assert (outcome.exit_code, outcome.failed) == (0, ())
    assert outcome.editions
