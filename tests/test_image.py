"""What the container's image is made of."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_image_is_built_from_what_its_context_holds_and_runs_as_nobody(tmp_path: Path) -> None:
    """No settings, data or secrets are let in, and all that the wheel is made of is."""
    first, *lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] != "#"]
    assert first == "*"
    assert lines.pop() == "**/__pycache__"
    names = {line.removeprefix("!") for line in lines}
    assert not names & {"config.yaml", "data", "digests", ".git"}
    for name in names:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    held = zipfile.ZipFile(wheel).namelist()
    assert {"harvester/cli/commands.py", "harvester/digest/templates/email.txt"} < set(held)
    users = [line.split()[1] for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines() if line[:5] == "USER "]
    assert users[-1:] == ["10001:10001"]
