"""Reading other programs' tables: the cells that hold our fields, and the ways in which such cells are written.

Which columns those are says `headers`.  Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from harvester.ground.errors import UsageError
from harvester.paper.records import MeshTerm
from harvester.paper.text import collapse
from harvester.table.headers import find_columns, list_names

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 20  # columns that are named where none is known
# What programs write where they have no value.
_MISSING = frozenset(("", "na", "n/a", "n.a.", "nan", "<na>", "#n/a", "null", "none", "undefined", "-", "--", "–", "—"))
# How a text is kept from being a number or a formula in a spreadsheet: ="0012", and the apostrophe of our own exports.
_GUARDED = re.compile(r"""\s*="(?P<text>.*)"\s*|\'(?P<formula>[=+\-@].*)""", re.DOTALL)
# NLM's names of publication types; other databases write some of them in lower case.
_NLM_TYPES = (
    "Case Reports | Clinical Trial | Clinical Trial Protocol | Comment | Comparative Study | Editorial | "
    "Guideline | Journal Article | Letter | Meta-Analysis | News | Observational Study | Practice Guideline | "
    "Published Erratum | Randomized Controlled Trial | Retracted Publication | Review | Scoping Review | "
    "Systematic Review"
)
# What other programs call types of works, as NLM calls them; None where that says no more than that it is a paper.
WORKS = {name.lower(): name for name in _NLM_TYPES.split(" | ")} | {
    "article": None,
    "article in press": None,
    "book": "Book",
    "book chapter": None,
    "booksection": None,
    "case report": "Case Reports",
    "chapter": None,
    "citation": None,
    "conference abstract": "Congress",
    "conference paper": "Congress",
    "conference proceedings article": "Congress",
    "conferencepaper": "Congress",
    "correction": "Published Erratum",
    "dissertation": "Academic Dissertation",
    "early access": None,
    "doc": None,
    "editorial material": "Editorial",
    "erratum": "Published Erratum",
    "html": None,
    "journal articles": "Journal Article",
    "journalarticle": None,
    "meeting abstract": "Congress",
    "note": None,
    "pdf": None,
    "proceedings paper": "Congress",
    "retraction": "Retraction of Publication",
    "retraction notice": "Retraction of Publication",
    "short survey": None,
    "thesis": "Academic Dissertation",
    "trial registry record": None,
}


class Fields:
    """What one record says, by our fields or by the tags of a format: the values that are there, the better first."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    def by_name(self) -> dict[str, Sequence[str]]:
        """Return all values by field."""
        return dict(self._values)

    def all(self, *names: str) -> list[str]:
        """Return the values of some fields, in the order of the names."""
        return [value for name in names for value in self._values.get(name, ())]

    def one(self, *names: str) -> str | None:
        """Return the first value of the first field that has one."""
        return next(iter(self.all(*names)), None)


def require_title(frame: pd.DataFrame, *, or_identifier: bool = False) -> None:
    """Refuse a table in which no column is known to hold the title: what is said of its rows would be false.

    Parameters
    ----------
    frame
        One without columns and rows is not refused.
    or_identifier
        Whether DOIs or PMIDs do as well.  They do only where every column is known, as one that is not may well be
        the title.

    Raises
    ------
    UsageError
        Naming the columns that are there, and what would be known.
    """
    header = list(frame.columns)
    columns = find_columns(header)
    if "title" in columns or not (header or len(frame)):
        return
    if (
        or_identifier
        and not columns.keys().isdisjoint(("doi", "pmid"))
        and sum(map(len, columns.values())) == len(header)
    ):
        return
    there = ", ".join(repr(str(name)) for name in header[:_SHOWN]) or "none"
    more = f" and {len(header) - _SHOWN} more" if len(header) > _SHOWN else ""
    raise UsageError(
        f"no column is known to hold the title (the columns: {there}{more})",
        advice=f"call it 'title'; known are {list_names('title')}",
    )


def read_fields(header: Iterable[object], rows: Iterable[Sequence[object]]) -> Iterator[Fields]:
    """Read the rows of a table by our fields.

    The cells are in the order of the columns; what is not text is no value.

    Examples
    --------
    >>> [row] = read_fields(["Title", "Year", "PubYear"], [("Mood", "NA", "2026")])
    >>> row.one("title"), row.one("year"), row.one("doi")
    ('Mood', '2026', None)
    """
    columns = find_columns(header)
    for cells in rows:
        yield Fields({field: _read_cells(cells[place] for place in places) for field, places in columns.items()})


def _read_cells(cells: Iterable[object]) -> tuple[str, ...]:
    return tuple(text for cell in cells if isinstance(cell, str) and not is_missing(text := unwrap(cell)))


def is_missing(cell: str) -> bool:
    """Return whether a text stands where a program has no value: ``n/a``, ``null``, ``-``."""
    return cell.strip().lower() in _MISSING


def unwrap(cell: str) -> str:
    """Return a cell without what keeps it from being a number or a formula in a spreadsheet.

    Examples
    --------
    >>> unwrap('="0012"'), unwrap("'+1"), unwrap("'t Hart A")
    ('0012', '+1', "'t Hart A")
    """
    guarded = _GUARDED.fullmatch(cell) if cell.lstrip()[:1] in ("=", "'") else None
    return cell if guarded is None else guarded["formula"] or (guarded["text"] or "").replace('""', '"')


def read_column(frame: pd.DataFrame, places: Sequence[int]) -> list[str]:
    """Return the cells of a column as texts, missing ones as empty texts.

    Parameters
    ----------
    places
        Of the columns that may hold the value, the better first: where a cell of one is empty, that of the next is
        taken.  Without any, every cell is empty.
    """
    columns = [_read_texts(frame.iloc[:, place]) for place in places]
    if len(columns) == 1:
        return columns[0]
    if not columns:
        return [""] * len(frame)
    return [next((cell for cell in cells if not is_missing(cell)), "") for cells in zip(*columns, strict=True)]


def _read_texts(column: pd.Series) -> list[str]:
    cells = column.tolist()
    if column.isna().any():
        cells = ["" if is_absent else cell for cell, is_absent in zip(cells, column.isna().tolist(), strict=True)]
    return [unwrap(cell if isinstance(cell, str) else str(cell)) for cell in cells]


def rename_columns(frame: pd.DataFrame, taken: Iterable[str]) -> pd.DataFrame:
    """Return a table whose own columns make room for those that will be added to it, and lose nothing.

    A column ``tier``, if that is among the names to be taken, becomes ``input_tier``, or, where there is one,
    ``input_input_tier``.  The frame that was given is not changed.
    """
    there = {*map(str, frame.columns), *taken}
    names: dict[str, str] = {}
    for name in taken:
        if name in frame.columns:
            new = name
            while new in there:
                new = f"input_{new}"
            names[name] = new
            there.add(new)
    return frame.rename(columns=names)


def split_list(text: str | None) -> list[str]:
    """Divide a cell that holds a list: ``a; b``, ``a | b``, or as Python and R print lists.

    Examples
    --------
    >>> split_list("['Sleep, deep', 'Mood']"), split_list("Mood; Sleep, deep")
    (['Sleep, deep', 'Mood'], ['Mood', 'Sleep, deep'])
    """
    whole = (text or "").strip()
    if whole.startswith("[") and whole.endswith("]"):
        parts = [first or second for first, second in re.findall(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", whole)]
    else:
        parts = re.split(r"\s*[;|\n]\s*", whole)
    return [word for part in parts if (word := collapse(part)) is not None]


def read_mesh(text: str) -> MeshTerm | None:
    """Read a heading as MEDLINE prints it, ``Heading/*qualifier/qualifier`` with a star where it is a major topic.

    Examples
    --------
    >>> read_mesh("Depression/*drug therapy/psychology")
    MeshTerm(name='Depression', ui=None, is_major=True, qualifiers=('drug therapy', 'psychology'))
    """
    name, *qualifiers = (part.replace("*", "").strip() for part in text.split("/"))
    if not name:
        return None
    return MeshTerm(name=name, is_major="*" in text, qualifiers=tuple(part for part in qualifiers if part))


def read_types(cells: Iterable[str]) -> tuple[str, ...]:
    """Read the types of a work as NLM's publication types, each once.

    A single word in lower case that we do not know is a program's own mark ("webpage") and left out, and so is a
    single letter (Web of Science's "J").

    Examples
    --------
    >>> read_types(["journalArticle; Review", "randomized controlled trial", "J", "webpage"])
    ('Review', 'Randomized Controlled Trial')
    """
    stated = [kind for cell in cells for kind in split_list(cell) if len(kind) > 1]
    named = [WORKS.get(kind.lower(), kind if " " in kind or kind[0].isupper() else None) for kind in stated]
    return tuple(dict.fromkeys(kind for kind in named if kind is not None))


def choose_pages(first: str | None, last: str | None, pages: str | None = None) -> str | None:
    """Return pages as one text: the first and the last as a range, or what stands in a field for the whole.

    Examples
    --------
    >>> choose_pages("11", "19", "9"), choose_pages("7", "7"), choose_pages("212-222", "222"), choose_pages("", "", "e")
    ('11-19', '7', '212-222', 'e')
    """
    first, last, pages = (plain_pages(text) for text in (first, last, pages))
    if first is None:
        return pages or last
    # A first page that is a range already stays as it is.
    return first if last is None or first == last or re.search(r"[0-9]\s*[-–]", first) else f"{first}-{last}"


def plain_pages(text: str | None) -> str | None:
    """Return pages with plain hyphens, and without the ``.0`` that spreadsheets make of numbers.

    Examples
    --------
    >>> plain_pages("39‐45"), plain_pages(" 11.0 "), plain_pages("e12--e19")
    ('39-45', '11', 'e12-e19')
    """
    return collapse(re.sub(r"\s*[-‐‑‒–—−]+\s*", "-", plain_number(text) or ""))


def plain_number(text: str | None) -> str | None:
    """Return a volume, an issue or a year as printed: spreadsheets make ``7.0`` or ``7,0`` of it; a zero is none."""
    plain = collapse(re.sub(r"^\s*([0-9]+)[.,]0\s*$", r"\1", text or ""))
    return None if plain == "0" else plain
