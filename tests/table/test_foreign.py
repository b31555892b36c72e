"""Cells of other programs' tables."""

from __future__ import annotations

import pandas as pd
import pytest

from harvester.table.foreign import read_column, read_mesh, read_types, rename_columns


def test_a_cell_that_is_missing_is_read_from_the_next_column() -> None:
    """A column that stands alone is read as it is."""
    frame = pd.DataFrame([["a", "b"], ["NA", "b"], [None, 2.0], [" ", float("nan")]], columns=["x", "x"])
    assert read_column(frame, (0, 1)) == ["a", "b", "2.0", ""]
    assert read_column(frame, (0,)) == ["a", "NA", "", " "]
    assert read_column(frame, ()) == [""] * 4


def test_columns_make_room_and_lose_nothing() -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "input_a", "b"])
    renamed = rename_columns(frame, ("a", "c"))
    assert list(renamed.columns) == ["input_input_a", "input_a", "b"]
    assert renamed.to_numpy().tolist() == [[1, 2, 3]]
    assert list(frame.columns) == ["a", "input_a", "b"]


@pytest.mark.parametrize(
    ("cells", "types"),
    [
        (["Journal Article; Randomized Controlled Trial"], ("Journal Article", "Randomized Controlled Trial")),
        (["Randomized controlled trial"], ("Randomized Controlled Trial",)),
        (["J", "Article", "Review"], ("Review",)),
        (["conferencePaper", "webpage"], ("Congress",)),
        (["case report", "Something Else"], ("Case Reports", "Something Else")),
        ([], ()),
    ],
)
def test_types_of_works_are_called_as_nlm_calls_them(cells: list[str], types: tuple[str, ...]) -> None:
    assert read_types(cells) == types


def test_a_heading_without_a_name_is_none() -> None:
    assert read_mesh("/*drug therapy") is None
