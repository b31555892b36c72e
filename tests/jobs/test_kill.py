"""A run that is killed anywhere is continued by the next: nothing lost, nothing doubled, mailed once.

And whatever was killed, the journal tells of it all: the library that is made of it again is the same.

The run is a process of its own.  It is killed with SIGKILL just before one of its durable steps (a commit of the
library, a rename of a file or folder), each in turn.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from harvester.jobs import maintain, pipeline
from harvester.jobs.job import Job, read_settings
from harvester.sandbox import Sandbox
from tests.conftest import IMPATIENT, NOW, write_settings

# Runs the command, and kills itself before the step whose number is the first argument.
_SCRIPT = """
import os, signal, sys
from pathlib import Path
from harvester.library import Library

left = int(sys.argv.pop(1))

def step():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

commit, replace, rename = Library._commit, Path.replace, Path.rename
Library._commit = lambda self: (step(), commit(self))[1]
Path.replace = lambda self, target: (step(), replace(self, target))[1]
Path.rename = lambda self, target: (step(), rename(self, target))[1]
from harvester.cli.commands import main
main()
"""


def run_killed(config: Path, number: int) -> int:
    """Run the weekly job in a process that dies before its durable step `number`; gives its exit code."""
    arguments = [sys.executable, "-c", _SCRIPT, str(number), "run", "--quiet", "--config", str(config)]
    done = subprocess.run([*arguments, "--now", NOW.isoformat()], check=False, env={**os.environ}, timeout=60)
    return done.returncode


def published(folder: Path) -> dict[str, bytes]:
    """Give what the run's readers see: the table and the edition."""
    wanted = [*(folder / "data").glob("studies.*"), *(folder / "digests").rglob("*.*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in wanted if path.is_file()}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_killed_before_any_durable_step_is_continued_by_the_next(tmp_path: Path) -> None:
    """Every step of a small run: one source, one reader, a handful of studies."""
    whole: dict[str, bytes] | None = None
    number = 0
    while True:
        folder = tmp_path / str(number)
        folder.mkdir()
        with Sandbox(now=NOW, rate_limit=False) as box:
            sources = {"pubmed": {"query": "arketamine[tiab] OR quetiapine[tiab]", "base_url": box.pubmed_url}}
            digests = [{"name": "weekly", "title": "Weekly", "recipients": ["a@example.org"]}]
            config = write_settings(folder / "config.yaml", box, sources=sources, digests=digests)
            job = Job(settings=read_settings(config), now=NOW, http=IMPATIENT)
            code = 0 if number == 0 else run_killed(config, number)
            assert code in (0, -signal.SIGKILL)
            if number == 0 or code != 0:
                pipeline.run(job)
            mails = Counter(message.recipients[0] for message in box.mailbox)
        if whole is None:
            whole = published(folder)
            assert any(name.endswith("index.html") for name in whole)
        if number and code == 0:
            break
        found = published(folder)
        assert set(found) == set(whole), f"killed before step {number}"
        for name in ("data/studies.csv", "digests/2026-W48/weekly/references.ris"):
            assert found[name] == whole[name], f"killed before step {number}"
        assert mails == {"a@example.org": 1} or _was_claimed(folder), f"killed before step {number}: {mails}"
        assert mails["a@example.org"] <= 1
        assert maintain.rebuild(job).differences == {}, f"killed before step {number}"
        assert published(folder) == found, f"killed before step {number}"
        number += 1
    assert number > 8, "the run has more durable steps than that; they were not counted"


def _was_claimed(folder: Path) -> bool:
    """Tell whether the run died between claiming the delivery and noting its end: then nobody can know."""
    from harvester.library import Library

    with Library.open(folder / "data", writable=False) as library:
        return [item.state for item in library.editions.deliveries(states=("unknown",))] == ["unknown"]


@pytest.mark.parametrize("days", [-400, 3])
def test_a_clock_that_is_set_back_loses_nothing(tmp_path: Path, days: int) -> None:
    """Positions decide what is new, not times."""
    from datetime import timedelta

    with Sandbox(now=NOW, rate_limit=False) as box:
        config = write_settings(tmp_path / "config.yaml", box)
        job = Job(settings=read_settings(config), now=NOW, http=IMPATIENT)
        first = pipeline.run(job)
        moved = Job(settings=job.settings, now=NOW + timedelta(days=days), http=IMPATIENT)
        assert pipeline.harvest(moved).exit_code == 0
        again = pipeline.run(job)
    assert first.new_studies > 20
    assert again.new_studies == 0
    assert len(box.mailbox) == 2
