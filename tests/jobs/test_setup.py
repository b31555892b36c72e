"""`harvester init`: sound settings from a few answers, whatever they are; nothing is overwritten."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli.commands import main
from harvester.jobs.job import read_settings
from harvester.jobs.setup import Answers, find_mistake, guess_timezone, write_settings
from harvester.sources.pubmed.query import lint_query

ROOT = Path(__file__).parents[2]
CONTACT = ("--contact", "me@example.org")


def init(*arguments: str, code: int = 0) -> None:
    """Run it in this process, where nobody sits at a terminal."""
    with pytest.raises(SystemExit) as caught:
        main(["init", *arguments])
    assert caught.value.code == code


def test_options_are_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what it wrote and what to do then; the settings have the answers, and comments."""
    folder = tmp_path / "new" / "digest"
    init(
        *(str(folder), "--yes", *CONTACT, "--topic", "Sobriety: 100 % of #1, weekly", "--timezone", "Asia/Kolkata"),
        *("--recipient", "a@example.org", "--recipient", "o'b@example.org", "--host", "smtp.example.org"),
        *("--port", "465", "--security", "tls", "--username", "me: you", "--sender", 'D "of" H <d@example.org>'),
    )
    out = capsys.readouterr().out
    assert f"harvester check --config {folder / 'config.yaml'}" in out
    settings = read_settings(folder / "config.yaml")
    assert (settings.contact, settings.timezone) == ("me@example.org", "Asia/Kolkata")
    assert settings.topic == "Sobriety: 100 % of #1, weekly"
    assert settings.digests[0].recipients == ("a@example.org", "o'b@example.org")
    assert settings.mail is not None
    mail = settings.mail
    assert (mail.host, mail.port, mail.security, mail.username) == ("smtp.example.org", 465, "tls", "me: you")
    assert mail.sender == 'D "of" H <d@example.org>'
    assert mail.password_file == folder / "smtp-password"
    assert len(settings.sources.feeds) >= 25
    assert json.loads((folder / "config.schema.json").read_text("utf-8"))["additionalProperties"] is False
    assert "# how far back the first run looks" in (folder / "config.yaml").read_text("utf-8")


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither settings nor a schema that is there."""
    (tmp_path / "config.schema.json").write_text("mine")
    init(str(tmp_path), *CONTACT, "--yes")
    (tmp_path / "config.yaml").write_text("mine too")
    init(str(tmp_path), *CONTACT, "--yes", code=2)
    assert "already" in capsys.readouterr().err
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == ["mine", "mine too"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--contact is missing"),
        (("--contact", "me"), "--contact: not an e-mail address"),
        ((*CONTACT, "--recipient", "you"), "--recipient: not an e-mail address: you"),
        ((*CONTACT, "--timezone", "Mars/Olympus"), "--timezone: not a time zone"),
        ((*CONTACT, "--vocabulary", "tea"), "--vocabulary: there is no built-in vocabulary 'tea'"),
        ((*CONTACT, "--vocabulary", "tea.yaml"), "tea.yaml cannot be read"),
        ((*CONTACT, "--port", "70000"), "--port: should be less than or equal to 65535"),
        ((*CONTACT, "--topic", "x" * 121), "--topic: String should have at most 120 characters"),
    ],
)
def test_wrong_answers_are_told_by_their_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    """And nothing is written."""
    init(str(tmp_path / "new"), "--yes", *arguments, code=2)
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_it_says_how_to_do_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rather than to wait for nobody."""
    init(str(tmp_path / "new"), *CONTACT, code=2)
    assert "--yes" in capsys.readouterr().err


@pytest.mark.parametrize("vocabulary", ["psilocybin", "psychedelics"])
def test_another_vocabulary_has_its_own_search(tmp_path: Path, vocabulary: str) -> None:
    """Of its compounds, without what the linter of queries knows."""
    init(str(tmp_path), *CONTACT, "--yes", "--vocabulary", vocabulary)
    settings = read_settings(tmp_path / "config.yaml")
    assert settings.sources.pubmed is not None
    query = settings.sources.pubmed.query
    assert '"psilocybin"[tiab]' in query
    assert lint_query(query) == []
    assert "Ketamine" not in query


def test_a_vocabulary_of_ones_own_may_lie_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named from where the command is typed, and found from where the settings are."""
    (tmp_path / "tea.yaml").write_text("extends: mental-health\ncompounds:\n  theine: {terms: [theine, caffeine]}\n")
    monkeypatch.chdir(tmp_path)
    init("new", *CONTACT, "--yes", "--topic", "Tea", "--vocabulary", "tea.yaml")
    settings = read_settings(tmp_path / "new" / "config.yaml")
    assert settings.vocabulary == str(tmp_path / "tea.yaml")
    assert settings.sources.pubmed is not None
    assert settings.sources.pubmed.query == '"theine"[tiab]'


def test_at_a_terminal_it_asks_and_asks_again(tmp_path: Path) -> None:
    """Through a real one: a wrong answer is told, Enter takes what is proposed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "harvester", "init", str(tmp_path / "new")]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TZ": "Asia/Tokyo"}
    )
    os.close(theirs)
    printed = b""
    replies = {
        b"e-mail address": [b"me", b"me@example.org"],
        b"about, for its readers": [b""],
        b"words behind the tags": [b""],
        b"Time zone of its weeks [Asia/Tokyo]": [b""],
        b"Who gets it by mail": [b"a@example.org, b@example.org"],
        b"Mail server": [b"smtp.example.org"],
        b"Its port [587]": [b"many", b""],
        b"kept private": [b""],
        b"Its login": [b""],
    }
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            printed += os.read(ours, 4096)
        except OSError:
            break  # the other side has closed it
        if printed.rstrip().endswith(b":") and printed.endswith(b" "):
            question = printed.splitlines()[-1]
            (key,) = [key for key in replies if key in question]
            os.write(ours, replies[key].pop(0) + b"\n")
            printed += b"\n"
    assert process.wait(timeout=20) == 0, printed
    os.close(ours)
    assert b"not an e-mail address" in printed
    assert b"a number is wanted" in printed
    settings = read_settings(tmp_path / "new" / "config.yaml")
    assert settings.contact == "me@example.org"
    assert settings.timezone == "Asia/Tokyo"
    assert settings.digests[0].recipients == ("a@example.org", "b@example.org")
    assert settings.mail is not None
    assert (settings.mail.host, settings.mail.port, settings.mail.username) == ("smtp.example.org", 587, None)


def test_the_machines_time_zone_is_guessed() -> None:
    """From the environment, else from the system's files; what is no zone is passed over."""
    assert guess_timezone("Europe/Zurich") == "Europe/Zurich"
    assert guess_timezone(":Europe/Zurich") == "Europe/Zurich"
    assert find_mistake(Path(), timezone=guess_timezone("CET-1CEST,M3.5.0,M10.5.0/3")) is None


@pytest.mark.parametrize(
    "topic", ["yes", "1e3", "a: b", "# x", "- x", "'x", '"x', "x # y", "$HOME ${x}", "é — 酒", "*x", "[x"]
)
def test_any_topic_can_be_written(topic: str, tmp_path: Path) -> None:
    """YAML takes many a text for something else."""
    (tmp_path / "config.yaml").write_text(write_settings(Answers(topic=topic)), encoding="utf-8")
    settings = read_settings(tmp_path / "config.yaml")
    assert settings.topic == topic
    assert settings.digests[0].title == f"{topic}, weekly"


def test_the_schema_can_be_printed(tmp_path: Path) -> None:
    """For a file that is older than the program."""
    from harvester.cli.commands import cli

    done = CliRunner().invoke(cli, ["init", "--schema"], obj={})
    assert json.loads(done.output) == json.loads((ROOT / "docs" / "config.schema.json").read_text("utf-8"))


def test_the_wheel_has_all_that_an_installed_program_needs(tmp_path: Path) -> None:
    """Its own files alone, from another folder: settings, page, manual."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]
    assert any(name.endswith("share/man/man1/harvester.1") for name in names)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    for arguments in (
        ["init", "new", *CONTACT, "--yes"],
        ["demo", "shown", "--quiet", "--now", "2026-11-23T06:00:00Z"],
    ):
        command = [sys.executable, "-m", "harvester", *arguments]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "new" / "config.yaml").is_file()
    assert (tmp_path / "shown" / "digests" / "2026-W48" / "weekly" / "index.html").is_file()
