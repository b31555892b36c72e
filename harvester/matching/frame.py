"""Tables in, tables out: the same stages for files and notebooks."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harvester.matching.cluster import cluster
from harvester.matching.pair import VERDICT_SAME, Link, link
from harvester.matching.prepare import prepare_row

if TYPE_CHECKING:
    import pandas as pd

    from harvester.matching.prepare import Prepared

__all__ = ["COLUMNS", "dedupe_frame"]

_ROWS_AT_ONCE = 20_000
# What is read, if it is there, besides `ID`, and what other programs call it, in lower case without blanks and signs;
# the first that is there counts.  Every other column passes through.
_NAMES = {
    "title": "title articletitle primarytitle documenttitle ti",
    "author": "author authors authornames au",
    "year": "year publicationyear pubyear py published publicationdate date",
    "journal": "journal publicationtitle sourcetitle journalbook journaltitle journalname secondarytitle",
    "volume": "volume vol",
    "number": "issue number issuenumber",
    "pages": "pages page pagerange pagestart startpage",
    "abstract": "abstract abstractnote ab",
    "doi": "doi digitalobjectidentifier",
    "pmid": "pmid pubmedid",
}
COLUMNS = tuple(_NAMES)


def dedupe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Tell which rows of a table describe one study.

    Parameters
    ----------
    frame
        Bibliographic records, one a row, with any of the columns `ID, title, author, year, journal, volume, number,
        pages, abstract, doi, pmid`; other columns pass through.  A column that is missing is looked for under the
        names that exports give it ("Publication Title", "Authors", "Issue").  Cells are text; missing is the empty
        string (None and NaN count as empty).  `ID` only names rows in the reasons; without it rows are named by their
        place, from 1.

    Returns
    -------
    pandas.DataFrame
        Every row, in order, all columns, and two new first ones: `study_id` (``S0000001``, numbered by the first row of
        each study; equal = the same study) and `merge_reason` (why the row belongs to its study, by its strongest link
        to another row of it; empty for a row that is alone).  Existing columns of
        these names are called ``input_study_id`` and ``input_merge_reason``.

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
    links = [found for found in link(prepared) if found.verdict == VERDICT_SAME]
    linked = sorted({place for found in links for place in (found.a, found.b)})
    numbers = _number_rows(size, cluster((prepared[place] for place in linked), links))
    del prepared  # of a million rows it is as large as the table, and what follows needs none
    reasons = [""] * size
    names = _read_column(frame, "ID") if "ID" in frame.columns else [""] * size
    for place, found in _find_strongest(links, numbers).items():
        other = found.b if found.a == place else found.a
        reasons[place] = f"same as {names[other] or f'row {other + 1}'}: {found.reason}"
    # A table that was deduplicated before keeps what that said, under other names.
    result = frame.rename(columns={name: f"input_{name}" for name in ("study_id", "merge_reason")})
    result.insert(0, "merge_reason", reasons)
    result.insert(0, "study_id", [f"S{number:07d}" for number in numbers])
    return result


def _prepare_rows(frame: pd.DataFrame) -> Iterator[Prepared]:
    """Prepare all rows, part by part: the cells of a million rows as Python texts would fill the memory twice."""
    found = _find_columns(list(frame.columns))
    names = list(found)
    if not names:
        return
    for start in range(0, len(frame), _ROWS_AT_ONCE):
        part = frame[list(found.values())].iloc[start : start + _ROWS_AT_ONCE]
        columns = [_read_column(part, name) for name in found.values()]
        for place, cells in enumerate(zip(*columns, strict=True), start=start):
            yield prepare_row(place, **dict(zip(names, cells, strict=True)))


def _find_columns(header: list[str]) -> dict[str, str]:
    """Tell for each of `COLUMNS` that a table has which column it is."""
    found = {name: name for name in COLUMNS if name in header}
    plain = {re.sub(r"[\W_]", "", str(name)).lower(): name for name in reversed(header)}
    for meaning, names in _NAMES.items():
        if meaning not in found and (name := next((plain[name] for name in names.split() if name in plain), None)):
            found[meaning] = name
    return found


def _read_column(frame: pd.DataFrame, name: str) -> list[str]:
    column = frame[name]
    cells = column.tolist()
    if column.isna().any():
        return ["" if is_missing else str(cell) for cell, is_missing in zip(cells, column.isna().tolist(), strict=True)]
    return [cell if isinstance(cell, str) else str(cell) for cell in cells]


def _number_rows(size: int, groups: list[tuple[int, ...]]) -> list[int]:
    """Give each row the number of its study; studies are numbered by their first rows, rows of no group are alone."""
    first = {place: group[0] for group in groups for place in group}
    numbers: list[int] = []
    count = 0
    for place in range(size):
        leader = first.get(place, place)
        count += leader == place
        numbers.append(count if leader == place else numbers[leader])
    return numbers


def _find_strongest(links: list[Link], numbers: list[int]) -> dict[int, Link]:
    """Give each row's best link to another row of its study; of equal ones the earliest."""
    best: dict[int, Link] = {}
    for found in links:
        if numbers[found.a] == numbers[found.b]:
            for place in (found.a, found.b):
                if place not in best or found.score > best[place].score:
                    best[place] = found
    return best
