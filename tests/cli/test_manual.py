"""The manual page, and the shell's completion."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from harvester.cli.commands import cli
from harvester.cli.manual import describe_manual


def test_the_manual_has_every_command_option_and_exit_code() -> None:
    """As their help says."""
    page = describe_manual(cli).replace("\\-", "-")
    for name, command in cli.commands.items():
        assert f"\\fBharvester {name}\\fR" in page
        for option in command.params:
            assert not isinstance(option, click.Option) or option.opts[-1] in page
    codes = re.findall(r"(?m)^\.B ([0-9]+)$", page)
    assert codes == re.findall(r"(?m)^ +([0-9]+) ", cli.epilog or "")
    assert "--now" not in page.partition(".SH COMMANDS")[0]


@click.group(epilog="\b\nExit codes:\n  0   done\n")
def group() -> None:
    """Do 'this' - or that."""


@group.command()
@click.argument("place")
@click.option("--back\\slash", "slash", help=".dot begins no line")
def go(place: str, slash: str) -> None:
    """Go there.

    .And come back.
    """


def test_what_troff_would_take_for_its_own_is_escaped() -> None:
    """Dots that begin a line, backslashes, hyphens that must stay hyphens."""
    page = describe_manual(group)
    assert "Do \\(aqthis\\(aq \\- or that." in page
    assert "\n\\&.And come back." in page
    assert "\\-\\-back\\eslash" in page


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_man_shows_it_without_a_warning(tmp_path: Path) -> None:
    """As groff reads it."""
    path = tmp_path / "harvester.1"
    path.write_text(describe_manual(cli), encoding="utf-8")
    environment = {**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}
    command = ["man", "--warnings", "-l", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == ""
    assert "harvester status" in re.sub(r".\x08", "", done.stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_and_options(shell: str) -> None:
    """The script that each of them reads, and what it asks for."""

    def ask(instruction: str, **variables: str) -> str:
        environment = {**os.environ, "_HARVESTER_COMPLETE": f"{shell}_{instruction}", **variables}
        command = [sys.executable, "-m", "harvester"]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment).stdout

    if shell != "bash" or shutil.which("bash") is not None:
        assert "_HARVESTER_COMPLETE" in ask("source")
    words = {"COMP_WORDS": "harvester st", "COMP_CWORD": "st" if shell == "fish" else "1"}
    assert "status" in ask("complete", **words)
    words = {"COMP_WORDS": "harvester status --nag", "COMP_CWORD": "--nag" if shell == "fish" else "2"}
    assert "--nagios" in ask("complete", **words)
