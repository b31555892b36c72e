"""The monitor: who is told what of a run, whichever way it ends; and that it never touches the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from harvester.cli.commands import main
from harvester.jobs.runs import Run, RunFile
from harvester.sandbox import Fault, Sandbox
from tests.scripted_server import Reply, ScriptedServer, Seen, serve

pytestmark = pytest.mark.usefixtures("ncbi_key")

WriteConfig = Callable[..., Path]
NOW = "2026-11-23T06:00:00Z"
LATER = "2026-11-23T09:00:00Z"
NEXT_WEEK = "2026-11-30T06:00:00Z"


@pytest.fixture
def listener() -> Iterator[ScriptedServer]:
    """Give a server to be told of runs."""
    with serve([Reply(body=b"{}")]) as server:
        yield server


def harvester(config: Path, *arguments: str, now: str = NOW) -> int:
    """Run a command in this process, quietly; gives its exit code."""
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--quiet", "--now", now, "--config", str(config)])
    return int(caught.value.code or 0)


def asked(server: ScriptedServer) -> list[str]:
    """Give the paths of what was asked, in order."""
    return [seen.path for seen in server.seen]


def test_a_run_gives_a_sign_of_life_at_its_start_and_end(write_config: WriteConfig, listener: ScriptedServer) -> None:
    """As healthchecks.io wants it: with the summary, without the addresses of readers."""
    config = write_config(monitor={"ping": f"{listener.url}abc-123?rid=1"})
    assert harvester(config, "run") == 0
    assert [(seen.method, seen.path, seen.query) for seen in listener.seen] == [
        ("POST", "/abc-123/start", {"rid": "1"}),
        ("POST", "/abc-123", {"rid": "1"}),
    ]
    summary = listener.seen[1].body.decode()
    assert summary.startswith("exit 0\n")
    assert "mail: 2 sent" in summary
    assert "@example.org" not in summary


def test_a_failure_is_told_with_what_failed(write_config: WriteConfig, listener: ScriptedServer, box: Sandbox) -> None:
    """The run's own words, and its exit code."""
    box.fail(Fault(path="esearch", kind="status", status=404, times=20))
    code = harvester(write_config(monitor={"ping": f"{listener.url}abc"}), "run")
    assert code != 0
    assert asked(listener) == ["/abc/start", "/abc/fail"]
    assert listener.seen[1].body.decode().startswith(f"exit {code}\nPubMed: ")


def test_uptime_kuma_is_told_in_its_own_form(write_config: WriteConfig, listener: ScriptedServer, box: Sandbox) -> None:
    """Up or down, with a message, in place of what its address had copied with it; it knows no start."""
    config = write_config(monitor={"ping": f"{listener.url}api/push/Tk0?status=up&msg=OK&ping="})
    assert harvester(config, "run") == 0
    box.fail(Fault(path="esearch", kind="status", status=404, times=20))
    assert harvester(config, "run", now=NEXT_WEEK) != 0
    well, ill = listener.seen
    assert (well.method, well.path, well.query["status"]) == ("GET", "/api/push/Tk0", "up")
    assert (ill.path, ill.query["status"]) == ("/api/push/Tk0", "down")
    assert "PubMed" in ill.query["msg"]
    assert len(ill.query["msg"]) <= 200


def test_ntfy_tells_what_needs_a_person_once_and_when_all_is_well_again(
    write_config: WriteConfig, listener: ScriptedServer, box: Sandbox
) -> None:
    """Runs that try again on the same day and fail alike say nothing new; the week after, it is told again."""
    name = box.feed_names[0]
    sources = {
        "pubmed": {"query": "esketamin*[tiab]", "base_url": box.pubmed_url},
        "feeds": [{"name": name, "url": box.feed_url(name), "tolerate": 1}],
    }
    config = write_config(topic="Kétamine", monitor={"ntfy": f"{listener.url}topic"}, sources=sources)
    assert harvester(config, "run") == 0
    assert listener.seen == []
    box.fail(Fault(path="feeds/", kind="status", status=404, times=1000))
    for now, told in ((LATER, 1), ("2026-11-23T12:00:00Z", 1), (NEXT_WEEK, 2)):
        assert harvester(config, "run", now=now) == 75
        assert len(listener.seen) == told
    box.clear_faults()
    assert harvester(config, "run", now="2026-12-07T06:00:00Z") == 0
    ill, _, well = listener.seen
    assert (ill.method, ill.path, ill.headers["priority"]) == ("POST", "/topic", "3")
    assert str(make_header(decode_header(ill.headers["title"]))) == "Kétamine: done in part"
    assert str(make_header(decode_header(well.headers["title"]))) == "Kétamine: well again"
    assert well.headers["priority"] == "2"


def test_a_webhook_gets_an_object_after_each_command(write_config: WriteConfig, listener: ScriptedServer) -> None:
    """From a file, as any secret can be."""
    config = write_config(monitor={"webhook_file": "hook"})
    (config.parent / "hook").write_text(f"{listener.url}hook\n")
    assert harvester(config, "run") == 0
    assert harvester(config, "send") == 0
    first, second = (json.loads(seen.body) for seen in listener.seen)
    assert listener.seen[0].headers["content-type"] == "application/json"
    assert {key: first[key] for key in ("program", "topic", "event", "command", "exit", "sent", "failed")} == {
        "program": "harvester",
        "topic": "Ketamine in mental health",
        "event": "success",
        "command": "run",
        "exit": 0,
        "sent": 2,
        "failed": [],
    }
    assert first["editions"] == ["2026-W48 weekly"]
    assert (second["command"], second["sent"]) == ("send", 0)


def test_only_run_gives_the_sign_of_life(write_config: WriteConfig, listener: ScriptedServer) -> None:
    """A daily harvest must not hide that the weekly job stands still; a dry run tells nobody anything."""
    config = write_config(monitor={kind: f"{listener.url}{kind}" for kind in ("ping", "ntfy", "webhook")})
    assert harvester(config, "harvest") == 0
    assert asked(listener) == ["/webhook"]
    assert harvester(config, "run", "--dry-run") == 0
    assert len(listener.seen) == 1


def _drop(seen: Seen) -> Reply:
    return Reply(reset=True)


def _hang(seen: Seen) -> Reply:
    return Reply(hang=60)


def _break(seen: Seen) -> Reply:
    return Reply(status=500)


@pytest.mark.parametrize("script", [_drop, _hang, _break], ids=["resets", "hangs", "breaks"])
def test_a_monitor_that_fails_costs_one_line_and_some_seconds(
    write_config: WriteConfig, capsys: pytest.CaptureFixture[str], script: Callable[[Seen], Reply]
) -> None:
    """The run is done, delivered, and exits as without it; its address stays secret."""
    with serve(script) as server:
        assert harvester(write_config(monitor={"ping": f"{server.url}secret-part"}), "run") == 0
        assert 2 <= len(server.seen) <= 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("harvester: monitor.ping: 127.0.0.1 ")
    assert "secret-part" not in line


def test_a_monitor_that_cannot_be_had_costs_one_line(
    write_config: WriteConfig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file, no variable, no address: each is named, and the run goes on."""
    monkeypatch.setenv("NO_ADDRESS", "secret-part")
    monitor = {"ping_file": "nowhere", "ntfy_env": "NOT_SET", "webhook_env": "NO_ADDRESS"}
    config = write_config(monitor=monitor)
    assert harvester(config, "run") == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "monitor.ping_file: " in lines[0]
    assert "monitor.ntfy_env: the environment variable NOT_SET is not set" in lines[1]
    assert "NO_ADDRESS" in lines[2]
    assert "secret-part" not in "".join(lines)


def test_settings_that_stop_a_run_are_told_where_they_can_be_read(
    write_config: WriteConfig, listener: ScriptedServer
) -> None:
    """The monitor's own part is sound, whatever else is wrong."""
    config = write_config(monitor={"ping_file": "ping", "ntfy": f"{listener.url}topic"}, digests=[])
    (config.parent / "ping").write_text(f"{listener.url}abc\n")
    assert harvester(config, "run") == 78
    assert sorted(asked(listener)) == ["/abc/fail", "/topic"]
    assert all("name at least one" in seen.body.decode() for seen in listener.seen)
    assert not (config.parent / "data").exists()
    config.write_text("monitor: [unclosed\n")
    assert harvester(config, "run") == 78
    assert len(listener.seen) == 2


@contextmanager
def hanging_run(config: Path, box: Sandbox) -> Iterator[subprocess.Popen[bytes]]:
    """Start a run as a process of its own, which waits for PubMed."""
    box.fail(Fault(path="esearch", kind="hang", seconds=20, times=1))
    arguments = [sys.executable, "-m", "harvester", "run", "--quiet", "--config", str(config), "--now", NOW]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not box.requests and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        box.clear_faults()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_ended_says_so_and_ends(
    write_config: WriteConfig, listener: ScriptedServer, box: Sandbox, number: signal.Signals
) -> None:
    """As a machine does that is shut down; the process ends by that signal, at once."""
    config = write_config(monitor={"ping": f"{listener.url}abc"})
    with hanging_run(config, box) as process:
        process.send_signal(number)
        assert process.wait(timeout=10) == -number
    assert asked(listener) == ["/abc/start", "/abc/fail"]
    assert number.name in listener.seen[1].body.decode()
    (run,) = RunFile(config.parent / "data").read()
    assert (run.exit, run.failed) == (128 + number, ("ended",))


def test_a_run_that_finds_another_at_work_is_told(
    write_config: WriteConfig, listener: ScriptedServer, box: Sandbox
) -> None:
    """And noted, though the library is the other's."""
    config = write_config(monitor={"ping": f"{listener.url}abc"})
    with hanging_run(config, box) as other:
        assert harvester(config, "run") == 75
        first, second = RunFile(config.parent / "data").read()
        assert (first.process, first.ended, first.is_alive) == (other.pid, None, True)
        assert (second.exit, second.failed) == (75, ("locked",))
        assert str(other.pid) in second.told
    assert asked(listener) == ["/abc/start", "/abc/start", "/abc/fail"]
    killed, _ = RunFile(config.parent / "data").read()
    assert (killed.ended, killed.is_alive) == (None, False)


def test_a_disk_without_room_is_told_and_noted(
    write_config: WriteConfig, listener: ScriptedServer, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit on the size of files stands for the full disk: the library cannot grow, the note needs no room."""
    config = write_config(monitor={"ping": f"{listener.url}abc"})
    RunFile(config.parent).write(Run(command="run", began=NOW, process=1))
    size = (config.parent / "runs.jsonl").stat().st_size
    script = f"ulimit -f {size // 512 + 1}; exec {sys.executable} -m harvester run -q --config {config} --now {NOW}"
    done = subprocess.run(["sh", "-c", script], env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, check=False)
    assert done.returncode == 75
    assert asked(listener) == ["/abc/start", "/abc/fail"]
    (run,) = RunFile(config.parent / "data").read()
    assert (run.exit, run.failed) == (75, ("storage",))


def test_check_says_who_would_be_told_and_tells_nobody(
    write_config: WriteConfig, listener: ScriptedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be had is a mistake of the settings."""
    monitor = {"ping_file": "ping", "ntfy": f"{listener.url}topic", "webhook_file": "nowhere"}
    config = write_config(monitor=monitor)
    (config.parent / "ping").write_text(f"{listener.url}abc\n")
    (config.parent / "ping").chmod(0o644)
    with pytest.raises(SystemExit) as caught:
        main(["check", "--json", "--config", str(config)])
    assert caught.value.code == 78
    found = {item["what"]: (item["verdict"], item["told"]) for item in json.loads(capsys.readouterr().out)}
    assert found["monitor.ping"] == ("ok", "127.0.0.1 would be told")
    assert found["monitor.ntfy"][0] == "ok"
    assert found["monitor"][0] == "failed"
    assert found["monitor.ping_file"][0] == "warning"
    assert "chmod 600" in found["monitor.ping_file"][1]
    assert listener.seen == []
