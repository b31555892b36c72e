"""How things stand: what is well, what needs a look, and that looking changes nothing."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harvester.cli.commands import main
from harvester.jobs.runs import Run, RunFile
from harvester.library import Library
from harvester.sandbox import Fault, Sandbox

pytestmark = pytest.mark.usefixtures("ncbi_key")

WriteConfig = Callable[..., Path]
NOW = "2026-11-23T06:00:00Z"  # a Monday
TUESDAY = "2026-11-24T06:00:00Z"


class Asker:
    """Runs commands in this process, and keeps what they print."""

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = config
        self._capsys = capsys

    def __call__(self, *arguments: str, now: str = NOW, code: int = 0) -> str:
        """Run one; gives its output."""
        with pytest.raises(SystemExit) as caught:
            main([*arguments, "--now", now, "--config", str(self.config)])
        out, err = self._capsys.readouterr()
        assert caught.value.code == code, out + err
        return out

    def status(self, *, now: str = NOW, code: int = 0) -> dict[str, Any]:
        """Give how things stand."""
        found: dict[str, Any] = json.loads(self("status", "--json", now=now, code=code))
        assert (code == 0) == (found["troubles"] == [])
        return found

    def troubles(self, *, now: str = NOW, level: str = "warning") -> str:
        """Give what needs a look, of that level."""
        found = self.status(now=now, code=75)
        assert found["level"] == level
        return "\n".join(trouble["told"] for trouble in found["troubles"])


@pytest.fixture
def ask(write_config: WriteConfig, capsys: pytest.CaptureFixture[str]) -> Asker:
    """Give a runner of commands on the embedded server."""
    return Asker(write_config(), capsys)


@contextmanager
def library(config: Path) -> Iterator[sqlite3.Connection]:
    """Open a library behind the program's back."""
    connection = sqlite3.connect(config.parent / "data" / "library.db")
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Give size and time of all files."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def test_before_the_first_run_it_says_what_to_do(ask: Asker) -> None:
    """And makes nothing."""
    assert "nothing ran yet" in ask.troubles()
    assert "no edition yet" in ask("status", code=75)
    assert [path.name for path in ask.config.parent.iterdir()] == ["config.yaml"]


def test_after_a_run_all_is_well(ask: Asker) -> None:
    """What ran, what was made, when it runs next; nothing is touched by looking."""
    ask("run")
    before = files_of(ask.config.parent)
    found = ask.status()
    assert (found["level"], found["library"]) == ("ok", "sound")
    assert (found["runs"]["run"]["exit"], found["runs"]["run"]["told"]) == (0, "mail: 2 sent")
    assert found["digests"] == [{"digest": "weekly", "edition": "2026-W48", "made_at": NOW, "deliveries": {}}]
    assert found["next_run"] == "2026-11-30T04:17:00Z"  # 05:17 in Zurich
    assert found["data_bytes"] > 100_000
    assert "well" in ask("status")
    assert ask("status", "--quiet") == ""
    assert files_of(ask.config.parent) == before


def test_it_does_not_read_the_settings_grammar_nor_the_whole_library(ask: Asker) -> None:
    """So that it answers at once, also where the settings have mistakes; those are told by the run that they stop."""
    ask("run")
    ask.config.write_text(ask.config.read_text("utf-8") + "colour: red\n", encoding="utf-8")
    assert ask.status()["level"] == "ok"
    ask("run", now=TUESDAY, code=78)
    assert "colour: unknown key" in ask.troubles(now=TUESDAY, level="critical")
    ask.config.write_text(ask.config.read_text("utf-8").replace("colour: red", "monitor: {ping: nowhere}"), "utf-8")
    ask("run", now=TUESDAY, code=78)
    assert "monitor.ping: not an http(s) address" in ask.troubles(now=TUESDAY, level="critical")
    heavy = "{'requests', 'pandas', 'numpy'}"
    code = f"import sys, harvester.jobs.status, harvester.cli.standing; print(*{heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_what_was_not_delivered_is_told_by_edition(ask: Asker, box: Sandbox, write_config: WriteConfig) -> None:
    """Until it is; readers who were taken out of the settings need nothing any more."""
    box.fail(Fault(path="smtp", kind="refuse-sender", times=None))
    ask("run", code=75)
    assert "mail of 2026-W48 weekly: 2 " in ask.troubles()
    digest = {"name": "weekly", "title": "Weekly", "recipients": ["b@example.org"]}
    write_config(digests=[digest])
    assert "mail of 2026-W48 weekly: 1 " in ask.troubles()
    box.clear_faults()
    ask("send")
    assert ask.status()["level"] == "ok"


def test_mail_of_unknown_fate_is_told_until_the_next_edition(ask: Asker) -> None:
    """Nobody can do anything about it for ever."""
    ask("run")
    with library(ask.config) as connection:
        connection.execute("UPDATE deliveries SET state = 'unknown' WHERE recipient = 'a@example.org'")
    assert "1 unknown" in ask.troubles()
    ask("run", now="2026-11-30T06:00:00Z")
    assert ask.status(now="2026-11-30T06:00:00Z")["level"] == "ok"


def test_a_source_that_fails_is_told_since_when(ask: Asker, box: Sandbox, write_config: WriteConfig) -> None:
    """With its reason, until it answers or is taken out of the settings."""
    name = box.feed_names[0]
    box.fail(Fault(path="feeds/", kind="status", status=404, times=1))
    ask("run", "--now", NOW, code=75)
    (failing,) = ask.status(code=75)["failing"]
    assert failing["since"] == NOW
    assert "404" in failing["error"]
    box.clear_faults()
    others = [{"name": feed, "url": box.feed_url(feed)} for feed in box.feed_names if feed != failing["name"]]
    assert name in box.feed_names
    write_config(sources={"feeds": others})
    assert ask.status()["failing"] == []


def test_a_run_that_was_killed_is_told(ask: Asker) -> None:
    """Its process is gone, its line has no end; the next run mends it."""
    ask("run")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    RunFile(ask.config.parent / "data").write(Run(command="run", began=TUESDAY, process=gone.pid))
    assert "began and never ended" in ask.troubles(now=TUESDAY)
    ask("run", now="2026-11-25T06:00:00Z")
    assert ask.status(now="2026-11-25T06:00:00Z")["level"] == "ok"


def test_a_run_at_work_is_no_trouble_unless_it_is_for_hours(ask: Asker) -> None:
    """Its mails are on their way."""
    ask("run")
    with library(ask.config) as connection:
        connection.execute("UPDATE deliveries SET state = 'due'")
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        RunFile(ask.config.parent / "data").write(Run(command="run", began=TUESDAY, process=sleeper.pid))
        assert ask.status(now="2026-11-24T06:10:00Z")["runs"]["run"]["is_alive"]
        with Library.open(ask.config.parent / "data"):
            ask("run", now="2026-11-24T06:05:00Z", code=75)
        assert ask.status(now="2026-11-24T06:10:00Z")["runs"]["run"]["process"] == sleeper.pid
        assert f"still at work, as process {sleeper.pid}" in ask.troubles(now="2026-11-24T13:00:00Z")
    finally:
        sleeper.communicate(b"\n")


def test_a_job_that_stopped_running_is_told(ask: Asker) -> None:
    """A week and a day after the last run; a library from before there were notes of runs counts by its editions."""
    ask("run")
    assert ask.status(now="2026-12-01T05:00:00Z")["level"] == "ok"
    assert "no run for 8 days" in ask.troubles(now="2026-12-01T07:00:00Z", level="critical")
    (ask.config.parent / "data" / "runs.jsonl").unlink()
    assert ask.status(now="2026-12-01T05:00:00Z")["level"] == "ok"
    assert "no run for 8 days" in ask.troubles(now="2026-12-01T07:00:00Z", level="critical")


def test_an_edition_ahead_of_the_clock_is_told(ask: Asker) -> None:
    """It keeps all others from being made."""
    ask("run", now="2036-03-10T06:00:00Z")
    assert "2036-W11 weekly lies ahead of the clock" in ask.troubles(level="critical")


def test_what_a_person_ended_is_no_failure_of_the_job(ask: Asker) -> None:
    """A mistyped command is told where it was typed."""
    ask("run")
    ask("harvest", "--source", "nobody", now=TUESDAY, code=2)
    assert ask.status(now=TUESDAY)["level"] == "ok"


def test_a_later_run_makes_good_what_others_left(ask: Asker, box: Sandbox) -> None:
    """A harvest that failed on Sunday is no trouble any more."""
    box.fail(Fault(path="esearch", kind="status", status=404, times=20))
    ask("harvest", now="2026-11-22T06:00:00Z", code=69)
    assert "the last harvest exited 69" in ask.troubles(now="2026-11-22T06:00:00Z")
    box.clear_faults()
    ask("run")
    assert ask.status()["level"] == "ok"


def test_a_library_that_cannot_be_read_is_told(ask: Asker) -> None:
    """And the rest all the same."""
    ask("run")
    path = ask.config.parent / "data" / "library.db"
    path.write_bytes(b"no library at all" * 1000)
    assert "library" in ask.troubles(level="critical")
    path.unlink()
    assert ask.status()["library"] == "none yet"


def test_papers_that_are_put_aside_are_listed(ask: Asker) -> None:
    """As the source's mark has them; nobody need do anything."""
    ask("run")
    with library(ask.config) as connection:
        (mark,) = connection.execute("SELECT mark FROM sources WHERE source = 'pubmed'").fetchone()
        aside = {**json.loads(mark), "aside": {"99000001": {"since": NOW, "why": "did not come"}}}
        connection.execute("UPDATE sources SET mark = ? WHERE source = 'pubmed'", (json.dumps(aside),))
    assert ask.status()["put_aside"] == {"pubmed": ["99000001"]}
    assert re.search(r"put aside +pubmed: 1 paper listed .*99000001", " ".join(ask("status").split()))


def test_nagios_gets_one_line_its_codes_and_figures(ask: Asker, box: Sandbox) -> None:
    """OK, WARNING, CRITICAL, UNKNOWN."""
    ask("run")
    line = ask("status", "--nagios")
    assert re.fullmatch(
        r"HARVESTER OK - latest edition 2026-W48 weekly \| due=0 failed=0 unknown=0 failing_sources=0 put_aside=0"
        r" last_exit=0 free=\d+B data=\d+B\n",
        line,
    )
    box.fail(Fault(path=f"feed:{box.feed_names[0]}", kind="status", status=404, times=3))
    for code in (0, 0, 75):  # a feed that fails is tolerated twice
        ask("run", now=TUESDAY, code=code)
    line = ask("status", "--nagios", now=TUESDAY, code=1)
    assert line.startswith("HARVESTER WARNING - ")
    assert line.count("|") == 1
    assert "failing_sources=1" in line
    assert ask("status", "--nagios", now="2027-01-01T00:00:00Z", code=2).startswith("HARVESTER CRITICAL - no run for")
    ask.config.write_text("digests: [\n")
    assert ask("status", "--nagios", code=3).startswith("HARVESTER UNKNOWN - ")
    ask("status", code=78)


def test_it_reads_beside_a_run_at_work(ask: Asker) -> None:
    """Which holds the library, and may be writing."""
    ask("run")
    with Library.open(ask.config.parent / "data"):
        assert ask.status()["library"] == "sound"
    connection = sqlite3.connect(ask.config.parent / "data" / "library.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    assert ask.status()["library"] == "sound"
    connection.close()
