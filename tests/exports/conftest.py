"""A demonstration's folder, for exports of a real run's library."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.jobs import demo


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of two weeks' demonstration, to be read only: papers were retracted, deleted, corrected in it."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    now = datetime(2026, 11, 23, 6, tzinfo=UTC)
    demo.play(folder, corpus=None, now=now, program="harvester", say=lambda _: None)
    return folder
