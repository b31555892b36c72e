"""What `schedule` prints: lines that cron takes, units that systemd takes, at the times that `status` says."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from harvester.config.settings import Settings
from harvester.jobs import pipeline
from harvester.jobs.job import Job, read_settings
from harvester.jobs.schedule import Place, build_files, describe_schedule, find_next_run, find_owner
from harvester.sandbox import Fault, Sandbox
from tests.conftest import NOW

ZURICH = ZoneInfo("Europe/Zurich")
ODD = Place(config=Path("/srv/it's 100 % mine/config.yaml"), program=Path("/opt/a b/bin/harvester"), user="digest")


def make_settings(folder: Path, **changes: object) -> Settings:
    """Write and read small settings."""
    settings = {
        "topic": "Ketamine: 100 % sober",
        "contact": "you@example.org",
        "timezone": "Europe/Zurich",
        "sources": {"pubmed": {"query": "ketamin*[tiab]"}},
        "digests": [{"name": "weekly", "title": "Weekly"}],
        **changes,
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return read_settings(path)


def read_field(text: str, values: range) -> set[int]:
    """Read a field of a crontab's line as crontab(5) describes it."""
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        assert match is not None, part
        first, last, step = match.groups()
        low = values.start if first is None else int(first)
        high = values.stop - 1 if first is None else int(last or first)
        assert values.start <= low <= high < values.stop
        found.update(range(low, high + 1, int(step or 1)))
    return found


def read_crontab(text: str) -> list[tuple[set[int], set[int], set[int], str]]:
    """Read a crontab: minutes, hours and weekdays of each line, and its command as the shell gets it."""
    entries = []
    for line in text.splitlines():
        if not line or line.startswith("#") or re.fullmatch(r"[A-Z_]+=\S+", line):
            continue
        minute, hour, day, month, weekday, command = line.split(None, 5)
        assert (day, month) == ("*", "*")
        assert re.search(r"(?<!\\)%", command) is None  # which would be a line break
        fields = (read_field(minute, range(60)), read_field(hour, range(24)), read_field(weekday, range(8)))
        entries.append((*fields, command.replace("\\%", "%")))
    return entries


def test_the_crontab_is_one_that_cron_takes(tmp_path: Path) -> None:
    """With the words that the shell hands over."""
    content = build_files(make_settings(tmp_path), ODD)["crontab"]
    assert "CRON_TZ=Europe/Zurich\n" in content
    commands = {tuple(shlex.split(command)) for *_, command in read_crontab(content)}
    assert commands == {
        ("/opt/a b/bin/harvester", name, "--quiet", "--config", "/srv/it's 100 % mine/config.yaml")
        for name in ("run", "send")
    }


def test_status_says_when_cron_runs(tmp_path: Path) -> None:
    """Each time that the crontab names, in order, over a week in which the clocks change."""
    entries = read_crontab(build_files(make_settings(tmp_path), ODD)["crontab"])
    runs = [entry for entry in entries if " run " in entry[3]]
    moment = datetime(2026, 10, 22, tzinfo=UTC)
    end = moment + timedelta(days=8)
    expected = []
    while moment < end:
        moment += timedelta(minutes=1)
        local = moment.astimezone(ZURICH)
        if any(local.minute in m and local.hour in h and local.isoweekday() % 7 in w for m, h, w, _ in runs):
            expected.append(moment)
    found = [find_next_run(datetime(2026, 10, 22, tzinfo=UTC), ZURICH, weekly=False)]
    while found[-1] < expected[-1]:
        found.append(find_next_run(found[-1], ZURICH, weekly=False))
    assert found == expected
    assert len(found) == 6 + 7
    weekly = find_next_run(datetime(2026, 10, 22, tzinfo=UTC), ZURICH, weekly=True)
    assert weekly.isoformat() == "2026-10-26T05:17:00+01:00"
    assert weekly in found


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_units_are_ones_that_systemd_takes(tmp_path: Path) -> None:
    """And their times are those of the crontab.  The program must be there, for systemd looks."""
    program = tmp_path / "100 $HOME % here" / "harvester"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for data in ("data", "/var/lib/harvester/data"):
        place = Place(config=Path("/srv/it's $HOME/config.yaml"), program=program, user="root")
        files = build_files(make_settings(tmp_path, data=data), place)
        for name in files.keys() - {"crontab"}:
            (tmp_path / name).write_text(files[name], encoding="utf-8")
        units = [tmp_path / name.replace("@", "@harvester.service") for name in sorted(files.keys() - {"crontab"})]
        shutil.copy(tmp_path / "harvester-failed@.service", tmp_path / "harvester-failed@harvester.service.service")
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
        )
        assert "harvester" not in done.stderr
        assert done.returncode == 0
    calendar = re.findall(r"OnCalendar=(.*)", files["harvester.timer"])
    start = "--base-time=2026-11-22 12:00:00 UTC"
    printed = subprocess.run(
        ["systemd-analyze", "calendar", "--iterations=6", start, *calendar], capture_output=True, text=True, check=True
    ).stdout
    times = {datetime.fromisoformat(text) for text in re.findall(r"\w{3} ([\d-]+ [\d:]+) UTC", printed)}
    expected = [datetime(2026, 11, 22, 12, tzinfo=UTC)]
    while len(expected) <= 11:
        expected.append(find_next_run(expected[-1], ZURICH, weekly=False))
    assert {moment.astimezone(UTC).replace(tzinfo=None) for moment in expected[1:]} <= times


def test_units_have_a_user_and_tell_of_their_failure(tmp_path: Path) -> None:
    """75 is a failure as well: mail may not have gone out."""
    files = build_files(make_settings(tmp_path, editions="/var/lib/digest/editions"), ODD)
    for name in ("harvester.service", "harvester-send.service"):
        assert "\nUser=digest\n" in files[name]
        assert "\nOnFailure=harvester-failed@%n.service\n" in files[name]
        assert "SuccessExitStatus" not in files[name]
        assert "\nStateDirectory=digest/editions\n" in files[name]
        assert f"\nReadWritePaths={tmp_path / 'data'}\n" in files[name]
        assert '"/srv/it\'s 100 %% mine/config.yaml"' in files[name]
    assert find_owner(make_settings(tmp_path)) == tmp_path.owner()
    rooted = build_files(make_settings(tmp_path), Place(config=ODD.config, program=ODD.program, user="root"))
    assert "\nUser=harvester\n" in rooted["harvester.service"]
    assert "useradd" in rooted["harvester.service"]


def test_what_is_printed_holds_no_secret_and_says_where_they_come_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of those that are used; none where files hold them."""
    monkeypatch.setenv("SMTP_PASSWORD", "hunter22")
    mail = {"sender": "digest@example.org", "username": "digest"}
    monitor = {"ping": "https://example.org/secret-part"}
    printed = describe_schedule(make_settings(tmp_path, mail=mail, monitor=monitor), ODD)
    assert "# LoadCredential=SMTP_PASSWORD:/etc/harvester/SMTP_PASSWORD\n" in printed
    assert "mail.password_file" in printed
    assert "hunter22" not in printed
    assert "secret-part" not in printed
    mail["password_file"] = "password"
    sources = {"pubmed": {"query": "ketamin*[tiab]", "api_key_file": "key"}}
    printed = describe_schedule(make_settings(tmp_path, mail=mail, sources=sources), ODD)
    assert "Credential" not in printed
    assert "hands over no secrets" not in printed


@pytest.mark.usefixtures("ncbi_key")
def test_runs_of_one_week_mail_once_and_what_they_bring_comes_with_the_next(
    make_job: Callable[..., Job], box: Sandbox
) -> None:
    """As the schedule runs them: Monday's first and its repetitions, Tuesday, the daily `send`, next Monday."""
    box.fail(Fault(path="feeds/", kind="status", status=503, times=1000))
    first = pipeline.run(make_job(NOW))
    assert (first.delivered.sent, len(first.editions)) == (2, 1)
    box.clear_faults()
    with make_job(NOW).open_library() as library:
        mark = library.studies.last_id()
    for hours in (3, 6, 24, 48):
        outcome = pipeline.run(make_job(NOW + timedelta(hours=hours)))
        assert (outcome.delivered.sent, outcome.editions) == (0, ())
        assert pipeline.send(make_job(NOW + timedelta(hours=hours + 1))).delivered.sent == 0
    with make_job(NOW).open_library() as library:
        late = [study.study_id for study in library.studies.iterate(where="tier <> 'off-topic'", after=mark)]
    assert late
    next_week = pipeline.run(make_job(NOW + timedelta(days=7)))
    assert (next_week.delivered.sent, len(next_week.editions)) == (2, 1)
    with make_job(NOW).open_library() as library:
        assert library.editions.sent_in(("weekly",), late) == dict.fromkeys(late, "2026-W49")
