"""The workflow for GitHub, its steps run in order as GitHub would, against a bare repository and the embedded servers.

What is not run: installing, which needs a registry (the tests' own installation stands in for it), GitHub's own actions
(a clone stands in for `actions/checkout`), and the job that keeps the schedule on.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvester.sandbox import Fault, Sandbox
from tests.conftest import NOW, write_settings

ROOT = Path(__file__).parents[1]
WORKFLOW = yaml.safe_load((ROOT / "contrib/github/harvester.yaml").read_text(encoding="utf-8"))
WEEKLY, DAILY = (item["cron"] for item in WORKFLOW[True]["schedule"])  # YAML reads `on` as true
SHELLS = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}  # as GitHub has them
EDITION = "digests/2026-W48/weekly/message.eml"


def git(folder: Path, *arguments: str) -> bytes:
    """Run git and return what it prints."""
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True).stdout


@dataclass(kw_only=True)
class Host:
    """A repository and its runner: what GitHub does with a workflow, as far as this one asks it."""

    folder: Path
    values: Mapping[str, str]
    changes: Mapping[str, str] = field(default_factory=lambda: {"PIECE": "100k", "PAUSES": "0 0"})
    runs: int = 0

    @property
    def origin(self) -> Path:
        """Where the repository is."""
        return self.folder / "origin.git"

    def create(self, config: Path) -> None:
        """Make the repository, with settings on its branch main."""
        work = self.folder / "work"
        work.mkdir()
        git(self.folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        git(work, "init", "--quiet", "--initial-branch=main")
        for file in (config, ROOT / ".gitignore", ROOT / ".gitattributes"):
            shutil.copy(file, work)
        git(work, "add", ".")
        git(work, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "Settings")
        git(work, "push", "--quiet", str(self.origin), "main")

    def run(self, schedule: str, now: datetime, before: Mapping[str, Callable[[], object]] | None = None) -> list[str]:
        """Run the job on a new machine and return the names of the steps that failed."""
        self.runs += 1
        work, temporary = self.folder / f"work{self.runs}", self.folder / f"temporary{self.runs}"
        git(self.folder, "clone", "--quiet", "--depth=1", self.origin.as_uri(), str(work))
        program = temporary / "venv/bin/harvester"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m harvester "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        exported = temporary / "env"
        exported.touch()
        values = {
            **self.values,
            "github.event.schedule": schedule,
            "inputs.options": f"--now {now.isoformat()}",
        }
        environment = {"PATH": os.environ["PATH"], "HOME": str(temporary), "PYTHONPATH": str(ROOT)}
        job = WORKFLOW["jobs"]["weekly"]
        environment |= {"RUNNER_TEMP": str(temporary), "GITHUB_ENV": str(exported), **job["env"], **self.changes}
        outcomes: dict[str, str] = {}
        failed: list[str] = []
        for step in job["steps"]:
            name = step.get("name")
            if name in (None, "Install") or not _is_due(step.get("if"), outcomes, failed):
                continue
            (before or {}).get(name, lambda: None)()
            lines = exported.read_text(encoding="utf-8").splitlines()
            own = {key: _fill(value, values) for key, value in step.get("env", {}).items()}
            command = [*SHELLS[WORKFLOW.get("defaults", {}).get("run", {}).get("shell")], "-c", step["run"]]
            everything = environment | dict(line.split("=", 1) for line in lines) | own
            done = subprocess.run(command, cwd=work, env=everything, capture_output=True, text=True, check=False)
            print(name, done.returncode, done.stdout, done.stderr, sep="\n")
            outcomes[step.get("id", name)] = "success" if done.returncode == 0 else "failure"
            if done.returncode:
                failed.append(name)
        return failed


def _is_due(condition: str | None, outcomes: Mapping[str, str], failed: list[str]) -> bool:
    terms = (condition or "").split(" && ")
    for term in terms:
        if match := re.fullmatch(r"steps\.(\w+)\.outcome == '(\w+)'", term):
            if outcomes.get(match[1]) != match[2]:
                return False
        else:
            assert term in ("", "always()"), f"this test cannot judge {term}"
    return "always()" in terms or not failed


def _fill(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda match: values.get(match[1], ""), text)


@pytest.fixture
def host(tmp_path: Path, box: Sandbox) -> Host:
    """Give a repository of one's own with settings for the embedded servers."""
    made = Host(folder=tmp_path, values={"secrets.NCBI_API_KEY": "invented", "vars.PAGES": "yes"})
    sources = {"pubmed": {"query": "arketamine[tiab] OR quetiapine[tiab]", "base_url": box.pubmed_url}}
    made.create(write_settings(tmp_path / "config.yaml", box, sources=sources))
    return made


def _mailed(box: Sandbox) -> list[str]:
    return [message.recipients[0] for message in box.mailbox]


def test_state_survives_and_nothing_is_mailed_twice(host: Host, box: Sandbox) -> None:
    """Each run on a new machine; the branch is one commit with the files that runs left; no page names a reader."""
    assert host.run(WEEKLY, NOW) == []
    assert _mailed(box) == ["a@example.org", "b@example.org"]
    assert host.run(WEEKLY, NOW) == []
    assert len(box.mailbox) == 2
    later = box.now = NOW + timedelta(days=7)
    assert host.run(WEEKLY, later) == []
    assert _mailed(box) == ["a@example.org", "b@example.org"] * 2
    assert git(host.origin, "rev-list", "--count", "state").strip() == b"1"
    names = git(host.origin, "ls-tree", "-r", "--name-only", "state").decode().splitlines()
    assert "data/library.db.piece-aab" in names
    assert "data/library.db" not in names
    assert git(host.origin, "show", f"state:{EDITION}") == (host.folder / "work1" / EDITION).read_bytes()
    assert b"\r\n" in git(host.origin, "show", f"state:{EDITION}")
    pages = git(host.origin, "ls-tree", "-r", "--name-only", "pages").decode().splitlines()
    assert {"index.html", "2026-W48/weekly/index.html", "2026-W49/weekly/index.html"} < set(pages)
    told = b"".join(git(host.origin, "show", f"pages:{name}") for name in pages)
    assert not any(reader.encode() in told for reader in _mailed(box))


def test_an_edition_that_waits_fails_the_workflow_only_when_the_day_is_over(host: Host, box: Sandbox) -> None:
    """What the runs learnt is saved all the same, and the edition goes out once PubMed is back."""
    host.values = {**host.values, "vars.PAGES": ""}
    mistake = {"Run": lambda: (host.folder / "work1/config.yaml").write_text("colour: red", encoding="utf-8")}
    assert host.run(WEEKLY, NOW, before=mistake) == ["Run"]
    box.fail(Fault(path="eutils", kind="status", status=403, times=None))
    assert host.run(WEEKLY, NOW) == []
    first = git(host.origin, "rev-parse", "state")
    assert host.run(DAILY, NOW + timedelta(days=1)) == ["Run"]
    assert git(host.origin, "rev-parse", "state") != first
    assert box.mailbox == []
    box.clear_faults()
    assert host.run(DAILY, NOW + timedelta(days=1, hours=1)) == []
    assert _mailed(box) == ["a@example.org", "b@example.org"]
    assert b"pages" not in git(host.origin, "branch")


def test_a_state_that_cannot_be_had_is_not_taken_for_none(host: Host, box: Sandbox) -> None:
    """It would begin anew, and mail thirty days to everybody; and a state of somebody else's is not overwritten."""
    assert host.run(WEEKLY, NOW) == []
    state, away = git(host.origin, "rev-parse", "state"), host.folder / "away"
    assert host.run(WEEKLY, NOW, before={"Restore": lambda: host.origin.rename(away)}) == ["Restore"]
    away.rename(host.origin)
    assert git(host.origin, "rev-parse", "state") == state
    taken = {"Save": lambda: git(host.origin, "branch", "--force", "state", "main")}
    assert host.run(WEEKLY, NOW, before=taken) == ["Save"]
    assert git(host.origin, "rev-parse", "state") == git(host.origin, "rev-parse", "main")
    assert len(box.mailbox) == 2


def test_the_workflow_may_only_write_what_it_must() -> None:
    """Nothing by default, and each job what its steps need; secrets are seen by the run alone."""
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in WORKFLOW["jobs"].items()} == {
        "weekly": {"contents": "write"},
        "stay-on": {"actions": "write"},
    }

    def holders(node: Any) -> list[str]:
        return [step["name"] for step in node["steps"] if "secrets." in str(step)]

    assert holders(WORKFLOW["jobs"]["weekly"]) == ["Run"]
