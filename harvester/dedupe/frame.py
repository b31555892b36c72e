"""Tables in, tables out: the same stages for files and notebooks."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harvester.dedupe.cluster import cluster
from harvester.dedupe.compare import VERDICT_SAME, Link, link
from harvester.dedupe.prepare import prepare_row

if TYPE_CHECKING:
    import pandas as pd

    from harvester.dedupe.prepare import Prepared

__all__ = ["COLUMNS", "dedupe_frame"]

_ROWS_AT_ONCE = 20_000
# What is read, if it is there, besides `ID`; every other column passes through.
COLUMNS = ("title", "author", "year", "journal", "volume", "number", "pages", "abstract", "doi", "pmid")


def dedupe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Tell which rows of a table describe one study.

    Parameters
    ----------
    frame
        Bibliographic records, one a row, with any of the columns `ID, title, author, year, journal, volume, number,
        pages, abstract, doi, pmid`; other columns pass through.  Cells are text; missing is the empty string (None
        and NaN count as empty).  `ID` only names rows in the reasons; without it rows are named by their place, from 1.

    Returns
    -------
    pandas.DataFrame
        Every row, in order, all columns, and two new first ones: `study_id` (``S0000001``, numbered by the first row of
        each study; equal = the same study) and `merge_reason` (why the row belongs to its study, by its strongest link
        to another row of it; empty for a row that is alone).  An existing `study_id` or `merge_reason` is replaced.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [{"title": "Ketamine for low mood in invented people", "doi": "10.1000/x"}] * 2
    >>> list(dedupe_frame(pd.DataFrame(rows))["study_id"])
    ['S0000001', 'S0000001']
    """
    # A large table makes millions of small objects and no cycles; looking for cycles among them costs a third.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return _add_columns(frame)
    finally:
        if was_enabled:
            gc.enable()


def _add_columns(frame: pd.DataFrame) -> pd.DataFrame:
    size = len(frame)
    prepared = list(_prepare_rows(frame))
    links = link(prepared)
    numbers = [0] * size
    reasons = [""] * size
    groups = cluster(prepared, links) if prepared else [(place,) for place in range(size)]
    for number, group in enumerate(groups, start=1):
        for place in group:
            numbers[place] = number
    names = _read_column(frame, "ID") if "ID" in frame.columns else [""] * size
    for place, found in _find_strongest(links, numbers).items():
        other = found.b if found.a == place else found.a
        reasons[place] = f"same as {names[other] or f'row {other + 1}'}: {found.reason}"
    result = frame.drop(columns=[name for name in ("study_id", "merge_reason") if name in frame.columns])
    result.insert(0, "merge_reason", reasons)
    result.insert(0, "study_id", [f"S{number:07d}" for number in numbers])
    return result


def _prepare_rows(frame: pd.DataFrame) -> Iterator[Prepared]:
    """Prepare all rows, part by part: the cells of a million rows as Python texts would fill the memory twice."""
    names = [name for name in COLUMNS if name in frame.columns]
    if not names:
        return
    for start in range(0, len(frame), _ROWS_AT_ONCE):
        part = frame[names].iloc[start : start + _ROWS_AT_ONCE]
        columns = [_read_column(part, name) for name in names]
        for place, cells in enumerate(zip(*columns, strict=True), start=start):
            yield prepare_row(place, **dict(zip(names, cells, strict=True)))


def _read_column(frame: pd.DataFrame, name: str) -> list[str]:
    column = frame[name]
    cells = column.tolist()
    if column.isna().any():
        return ["" if is_missing else str(cell) for cell, is_missing in zip(cells, column.isna().tolist(), strict=True)]
    return [cell if isinstance(cell, str) else str(cell) for cell in cells]


def _find_strongest(links: list[Link], numbers: list[int]) -> dict[int, Link]:
    """Give each row's best link to another row of its study; of equal ones the earliest."""
    best: dict[int, Link] = {}
    for found in links:
        if found.verdict == VERDICT_SAME and numbers[found.a] == numbers[found.b]:
            for place in (found.a, found.b):
                if place not in best or found.score > best[place].score:
                    best[place] = found
    return best
