"""A run that is killed anywhere is continued by the next: nothing lost, nothing doubled, mailed once.

And whatever was killed, the journal tells of it all: the library that is made of it again is the same.

The run is a process of its own.  It is killed with SIGKILL just before one of its durable steps (a commit of the
library, a rename of a file or folder), each in turn.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from harvester.cli import commands
from harvester.jobs import maintain, pipeline
from harvester.jobs.job import Job, read_settings
from harvester.library import Library
from harvester.sandbox import Fault, Sandbox
from tests.conftest import IMPATIENT, NOW, invented_corpus, write_settings

SHARES = 4  # of the steps, so that several processes can test them

# Forks each run from a process that has imported everything and does nothing else.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__, "harvester.cli.terminal", "pandas", "pyarrow.parquet"])


def run_and_die(config: Path, number: int, command: Sequence[str] = ("run",)) -> None:
    """Run the weekly job or another command, and kill this process before its durable step `number`."""
    steps = count(1)

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if next(steps) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*arguments)

        return call

    for owner, name in ((Library, "_commit"), (Path, "replace"), (Path, "rename")):
        setattr(owner, name, counted(getattr(owner, name)))
    commands.main([*command, "--quiet", "--config", str(config), "--now", NOW.isoformat()])


def run_killed(config: Path, number: int, command: Sequence[str] = ("run",)) -> int | None:
    """Run a command in a process that dies before its durable step `number`; gives its exit code."""
    process = PROCESSES.Process(target=run_and_die, args=(config, number, command))
    process.start()
    process.join(timeout=60)
    return process.exitcode


def published(folder: Path) -> dict[str, bytes]:
    """Give what the run's readers see: the table and the edition."""
    wanted = [*(folder / "data").glob("studies.*"), *(folder / "digests").rglob("*.*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in wanted if path.is_file()}


def make_job(folder: Path, box: Sandbox) -> tuple[Path, Job]:
    """Make a small job, of one source, one reader and a handful of studies."""
    folder.mkdir()
    sources = {"pubmed": {"query": "arketamine[tiab] OR quetiapine[tiab]", "base_url": box.pubmed_url}}
    digests = [{"name": "weekly", "title": "Weekly", "recipients": ["a@example.org"]}]
    config = write_settings(folder / "config.yaml", box, sources=sources, digests=digests)
    return config, Job(settings=read_settings(config), now=NOW, http=IMPATIENT)


@pytest.mark.usefixtures("ncbi_key")
@pytest.mark.parametrize("share", range(SHARES))
def test_a_run_killed_before_any_durable_step_is_continued_by_the_next(tmp_path: Path, share: int) -> None:
    """Every step of the run, one share at a time."""
    with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
        pipeline.run(make_job(tmp_path / "whole", box)[1])
    whole = published(tmp_path / "whole")
    assert any(name.endswith("index.html") for name in whole)
    for number in count(share + 1, SHARES):
        folder = tmp_path / str(number)
        with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
            config, job = make_job(folder, box)
            code = run_killed(config, number)
            if code == 0:
                break
            assert code == -signal.SIGKILL
            pipeline.run(job)
            mails = Counter(message.recipients[0] for message in box.mailbox)
        found = published(folder)
        assert set(found) == set(whole), f"killed before step {number}"
        for name in ("data/studies.csv", "digests/2026-W48/weekly/references.ris"):
            assert found[name] == whole[name], f"killed before step {number}"
        assert mails == {"a@example.org": 1} or _was_claimed(folder), f"killed before step {number}: {mails}"
        assert mails["a@example.org"] <= 1
        assert maintain.rebuild(job).differences == {}, f"killed before step {number}"
        assert published(folder) == found, f"killed before step {number}"
    assert number > 8, "the run has more durable steps than that; they were not counted"


@pytest.mark.usefixtures("ncbi_key")
@pytest.mark.parametrize("share", range(SHARES))
def test_an_edition_of_a_run_that_was_killed_is_mailed_by_the_run_of_the_week_after(tmp_path: Path, share: int) -> None:
    """Before its own; each once, or unknown; and every paper that came stands in one of them."""
    later = NOW + timedelta(days=7)
    for number in count(share + 1, SHARES):
        with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
            config, job = make_job(tmp_path / str(number), box)
            code = run_killed(config, number)
            before = len(box.mailbox)
            box.now = later
            outcome = pipeline.run(replace(job, now=later))
            mails = [str(message.message["Message-ID"])[1:9] for message in box.mailbox]
        with Library.open(job.settings.data, writable=False) as library:
            made = library.editions.names("weekly")
            unsure = [item.edition for item in library.editions.deliveries(states=("unknown",))]
            told = library.editions.sent_in(("weekly",), library.studies.all_ids())
            studies = [row["study_id"] for row in library.studies.rows(where="tier <> 'off-topic'")]
        assert mails == [week for week in made if week in mails], f"killed before step {number}: {mails}"
        assert set(mails) | set(unsure) == set(made), f"killed before step {number}"
        assert [item.edition for item in outcome.delivered.late] == mails[before:-1], f"killed before step {number}"
        assert set(studies) <= set(told), f"killed before step {number}"
        folders = {path.parent.parent.name for path in job.settings.editions.glob("*/weekly/index.html")}
        assert folders == set(made), f"killed before step {number}"
        assert maintain.rebuild(replace(job, now=later)).differences == {}, f"killed before step {number}"
        if code == 0:
            break
    assert number > 8, "the run has more durable steps than that; they were not counted"


@pytest.mark.usefixtures("ncbi_key")
def test_a_run_killed_while_it_waits_for_a_mail_server_is_continued_by_the_next(tmp_path: Path) -> None:
    """Whom the server had put off is sent the edition; whom it had served is not sent it again."""
    with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
        digests = [{"name": "weekly", "title": "Weekly", "recipients": ["a@example.org", "b@example.org"]}]
        sources = {"pubmed": {"query": "arketamine[tiab]", "base_url": box.pubmed_url}}
        config = write_settings(tmp_path / "config.yaml", box, sources=sources, digests=digests)
        box.fail(Fault(path="smtp", kind="defer-recipient", recipient="a@example.org", times=1))
        process = PROCESSES.Process(target=run_and_die, args=(config, 0))
        process.start()
        while not box.mailbox:
            assert process.is_alive()
            time.sleep(0.05)
        time.sleep(0.5)  # the reply is noted, and the pause of a minute has begun
        process.kill()
        process.join(timeout=60)
        assert process.exitcode == -signal.SIGKILL
        job = Job(settings=read_settings(config), now=NOW, http=IMPATIENT)
        pipeline.send(job)
        assert [message.recipients[0] for message in box.mailbox] == ["b@example.org", "a@example.org"]
    assert maintain.rebuild(job).differences == {}


def _was_claimed(folder: Path) -> bool:
    """Tell whether the run died between claiming the delivery and noting its end: then nobody can know."""
    with Library.open(folder / "data", writable=False) as library:
        return [item.state for item in library.editions.deliveries(states=("unknown",))] == ["unknown"]


def test_a_correction_killed_before_any_durable_step_is_there_wholly_or_not(finished_copy: Path) -> None:
    """Another one goes on from there, and the library that is made again of the ledger is the same."""
    job = Job(settings=read_settings(finished_copy), now=NOW)
    for number in count(1):
        code = run_killed(finished_copy, number, ("correct", "S0000001", f"sample_size={number}"))
        with Library.open(job.settings.data, writable=False) as library:
            study = library.studies.get("S0000001")
            corrections = library.corrections.of_study("S0000001")
        assert study is not None
        assert not corrections or study.tags.sample_size == corrections["sample_size"].value
        maintain.correct_study(job, "S0000001", ["design=other"])
        assert maintain.rebuild(job).differences == {}, f"killed before step {number}"
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert corrections["sample_size"].value == number
    assert number > 2


def test_an_edition_that_is_taken_back_while_the_run_is_killed_is_gone_wholly_or_not(
    finished_run: Path, tmp_path: Path
) -> None:
    """If it is still there it can be taken back again, and its page is where it was or among the withdrawn."""
    for number in count(1):
        folder = tmp_path / str(number)
        shutil.copytree(finished_run, folder)
        config = folder / "config.yaml"
        code = run_killed(config, number, ("digest", "--withdraw", "2026-W48"))
        job = Job(settings=read_settings(config), now=NOW)
        with Library.open(job.settings.data, writable=False) as library:
            is_there = library.editions.names("weekly") == ["2026-W48"]
        if is_there:
            pipeline.digest(job, edition="2026-W48")
            assert (folder / "digests" / "2026-W48" / "weekly" / "index.html").is_file()
            pipeline.withdraw(job, "2026-W48")
        assert not (folder / "digests" / "2026-W48").exists()
        assert (folder / "digests" / "withdrawn" / "2026-W48" / "weekly" / "index.html").is_file()
        with Library.open(job.settings.data, writable=False) as library:
            assert library.editions.names("weekly") == []
        assert maintain.rebuild(job).differences == {}, f"killed before step {number}"
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert not is_there
    assert number > 3


@pytest.mark.parametrize("days", [-400, 3])
def test_a_clock_that_is_set_back_loses_nothing(tmp_path: Path, days: int) -> None:
    """Positions decide what is new, not times."""
    with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
        config = write_settings(tmp_path / "config.yaml", box)
        job = Job(settings=read_settings(config), now=NOW, http=IMPATIENT)
        first = pipeline.run(job)
        moved = Job(settings=job.settings, now=NOW + timedelta(days=days), http=IMPATIENT)
        assert pipeline.harvest(moved).exit_code == 0
        again = pipeline.run(job)
    assert first.new_studies > 20
    assert again.new_studies == 0
    assert len(box.mailbox) == 2
