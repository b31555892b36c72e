"""What a notebook uses: the table as a frame, and the tools on frames."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import harvester

FRAME = pd.DataFrame(
    {
        "title": ["Ketamine for depression", "Ketamine for Depression.", "Yoga"],
        "abstract": ["We randomised 40 adults to ketamine or saline.", "", ""],
        "doi": ["10.5555/a", "10.5555/A", ""],
    }
)


def test_the_table_comes_typed(finished_run: Path) -> None:
    """Identifiers are text, numbers are numbers, times are times."""
    studies = harvester.read_table(finished_run / "data")
    assert len(studies) > 20
    assert (studies["pmid"].dropna().str.fullmatch("[0-9]+")).all()
    assert studies["sample_size"].dtype == "Int64"
    assert isinstance(studies["first_seen"].dtype, pd.DatetimeTZDtype)


def test_frames_can_be_deduplicated_and_classified() -> None:
    """The same as the commands; the frame that was given is not changed."""
    before = FRAME.copy()
    merged = harvester.dedupe(FRAME)
    assert list(merged["study_id"].duplicated()) == [False, True, False]
    tagged = harvester.classify(FRAME)
    assert list(tagged["tier"]) == ["core", "core", "off-topic"]
    assert tagged.loc[0, "sample_size"] == 40
    pd.testing.assert_frame_equal(FRAME, before)


@pytest.mark.parametrize("first", ["harvester.matching.merge", "harvester.tagging.tagger", "harvester.cli.commands"])
def test_the_functions_can_be_called_whatever_was_imported_first(first: str) -> None:
    """Importing a room must not hide the function."""
    code = f"import {first}, harvester; print(callable(harvester.dedupe), callable(harvester.classify))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]


def test_what_is_not_there_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = harvester.nonsense
