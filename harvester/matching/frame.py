"""Deduplicating a table: all stages but the last, for files and notebooks."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harvester.matching.cluster import cluster
from harvester.matching.pair import VERDICT_SAME, Link, link
from harvester.matching.prepare import prepare_row
from harvester.table.foreign import choose_pages, read_column, rename_columns, require_title
from harvester.table.headers import Columns, find_columns

if TYPE_CHECKING:
    import pandas as pd

    from harvester.matching.prepare import Prepared

_ROWS_AT_ONCE = 20_000
# What `prepare_row` takes, and the fields that may hold it, the better first; pages are put together.
_FIELDS = {
    "title": ("title",),
    "author": ("authors",),
    "year": ("year", "published"),
    "journal": ("journal", "journal_abbreviation"),
    "volume": ("volume",),
    "number": ("issue",),
    "abstract": ("abstract",),
    "doi": ("doi",),
    "pmid": ("pmid",),
}


def dedupe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with two columns more, which tell the rows of one study and why they belong together.

    Parameters
    ----------
    frame
        Bibliographic records, one a row, with any of the columns `ID, title, author, year, journal, volume, number,
        pages, abstract, doi, pmid`, under these names or those of other programs (`harvester.table.headers`); other
        columns pass through.  Cells are text; missing is the empty string (None and NaN count as empty).  `ID` only
        names rows in the reasons; without it rows are named by their place, from 1.

    Returns
    -------
    pandas.DataFrame
        Every row, in order, all columns, and two new first ones: `study_id` (``S0000001``, numbered by the first row of
        each study; equal = the same study) and `merge_reason` (why the row belongs to its study, by its strongest link
        to another row of it; empty for a row that is alone).  Existing columns of
        these names are called ``input_study_id`` and ``input_merge_reason``.

    Raises
    ------
    UsageError
        If no column is known to hold the title.  A table of DOIs or PMIDs needs none, as these name a paper alone, if
        all of its columns are known: one that is not may be the title, and what it could tell would be missed.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [{"title": "Ketamine for low mood in invented people", "doi": "10.1000/x"}] * 2
    >>> list(dedupe_frame(pd.DataFrame(rows))["study_id"])
    ['S0000001', 'S0000001']
    """
    require_title(frame, or_identifier=True)
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
    columns = find_columns(frame.columns)
    prepared = list(_prepare_rows(frame, columns))
    links = [each for each in link(prepared) if each.verdict == VERDICT_SAME]
    linked = sorted({place for each in links for place in (each.a, each.b)})
    numbers = _number_rows(size, cluster((prepared[place] for place in linked), links))
    del prepared  # of a million rows it is as large as the table, and what follows needs none
    reasons = [""] * size
    names = read_column(frame, columns.get("id", ()))
    for place, strongest in _find_strongest(links, numbers).items():
        other = strongest.b if strongest.a == place else strongest.a
        reasons[place] = f"same as {names[other] or f'row {other + 1}'}: {strongest.reason}"
    # A table that was deduplicated before keeps what that said, under other names.
    result = rename_columns(frame, ("study_id", "merge_reason"))
    result.insert(0, "merge_reason", reasons)
    result.insert(0, "study_id", [f"S{number:07d}" for number in numbers])
    return result


def _prepare_rows(frame: pd.DataFrame, columns: Columns) -> Iterator[Prepared]:
    """Prepare all rows, part by part: the cells of a million rows as Python texts would fill the memory twice."""
    places = {name: [place for field in fields for place in columns.get(field, ())] for name, fields in _FIELDS.items()}
    names = [name for name in places if places[name]]
    for start in range(0, len(frame), _ROWS_AT_ONCE):
        part = frame.iloc[start : start + _ROWS_AT_ONCE]
        cells = [_read_pages(part, columns), *(read_column(part, places[name]) for name in names)]
        for place, row in enumerate(zip(*cells, strict=True), start=start):
            yield prepare_row(place, **dict(zip(("pages", *names), row, strict=True)))


def _read_pages(part: pd.DataFrame, columns: Columns) -> list[str]:
    pages = read_column(part, columns.get("pages", ()))
    if "first_page" not in columns:
        return pages
    first, last = (read_column(part, columns.get(name, ())) for name in ("first_page", "last_page"))
    return [choose_pages(*cells) or "" for cells in zip(first, last, pages, strict=True)]


def _number_rows(size: int, groups: list[tuple[int, ...]]) -> list[int]:
    """Return the number of each row's study; studies are numbered by their first rows, rows of no group are alone."""
    first = {place: group[0] for group in groups for place in group}
    numbers: list[int] = []
    count = 0
    for place in range(size):
        leader = first.get(place, place)
        count += leader == place
        numbers.append(count if leader == place else numbers[leader])
    return numbers


def _find_strongest(links: list[Link], numbers: list[int]) -> dict[int, Link]:
    """Return each row's best link to another row of its study; of equal ones the earliest."""
    best: dict[int, Link] = {}
    for each in links:
        if numbers[each.a] == numbers[each.b]:
            for place in (each.a, each.b):
                if place not in best or each.score > best[place].score:
                    best[place] = each
    return best
