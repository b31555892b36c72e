"""The columns of the published table, and how a study becomes a row of it.

`COLUMNS` is the one list from which the CSV, the Parquet file, ``datapackage.json``, the SQL columns, the types of
`harvester.table.published.read_table` and docs/table.md derive.  The columns of tags are declared with the tags, in
`harvester.paper.tags`; the others here.  New columns go to the end.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

from harvester.paper.identifiers import DOI, PMCID, PMID
from harvester.paper.statuses import STATUSES
from harvester.paper.tags import TAGS, Tags
from harvester.paper.text import collapse

if TYPE_CHECKING:
    from harvester.paper.records import Study

ColumnType = Literal["text", "list", "integer", "number", "date", "time"]
Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table: what it is called, holds and means."""

    name: str
    type: ColumnType  # list: items joined by "; "; date: ISO, as precise as known; time: UTC to the second
    meaning: str
    read: Callable[[Study], Any]  # what a study has for it, not yet a cell
    pattern: str | None = None  # what the whole cell looks like, as a regular expression
    choices: tuple[str, ...] = ()  # the only values there are; empty: any
    minimum: float | None = None
    maximum: float | None = None
    is_required: bool = False  # never empty


def _column(
    name: str, type_: ColumnType, meaning: str, read: str | Callable[[Study], Any] | None = None, **constraints: Any
) -> Column:
    """Declare a column; without `read` it holds the study's field of that name."""
    getter = read if callable(read) else attrgetter(read or name)
    return Column(name=name, type=type_, meaning=meaning, read=getter, **constraints)


def _tags(first: str, last: str | None = None) -> tuple[Column, ...]:
    """Return the columns of the tags from one to another, in the order of their declarations; None: to the last tag."""
    names = [tag.name for tag in TAGS]
    return tuple(
        Column(
            name=tag.name,
            type=tag.type,
            meaning=tag.meaning,
            read=attrgetter(f"tags.{tag.name}"),
            choices=tuple(tag.choices or ()),
            minimum=tag.minimum,
            maximum=tag.maximum,
        )
        for tag in TAGS[names.index(first) : None if last is None else names.index(last) + 1]
    )


COLUMNS: tuple[Column, ...] = (
    _column("study_id", "text", "Names the study in this table for ever.", pattern="S[0-9]{7,}", is_required=True),
    _column(
        "title",
        "text",
        "Title as the source prints it, in the paper's own language if that is all there is.",
        lambda study: study.title or study.vernacular_title,
    ),
    _column(
        "authors",
        "list",
        "Family name and initials (`Family GI`), or the name of a group, in printed order.",
        lambda study: [author.display for author in study.authors],
    ),
    _column(
        "journal",
        "text",
        "Journal's full name, or its abbreviation if that is all there is.",
        lambda study: study.journal or study.journal_abbreviation,
    ),
    _column("published", "date", "Publication date, as precise as known: `2026`, `2026-11` or `2026-11-05`."),
    _column("year", "integer", "Year of `published`.", minimum=1000, maximum=9999),
    _column("volume", "text", "Volume, as printed."),
    _column("issue", "text", "Issue, as printed."),
    _column("pages", "text", "Pages as printed (`211-9`), or the article number."),
    _column("doi", "text", "DOI in lower case, without resolver.", "identifiers.doi", pattern=DOI),
    _column("pmid", "text", "PubMed identifier, without leading zeros.", "identifiers.pmid", pattern=PMID),
    _column("pmcid", "text", "PubMed Central identifier.", "identifiers.pmcid", pattern=PMCID),
    _column("trial_ids", "list", "Registrations of trials and reviews (`NCT01234567`, `CRD42024500001`)."),
    _column(
        "url",
        "text",
        "The paper's page at its source, else its DOI's or PubMed's.",
        "page_url",
        pattern=r"[Hh][Tt][Tt][Pp][Ss]?://\S+",
    ),
    _column("language", "list", "Languages of the paper, ISO 639-2/B as PubMed has them (`eng`, `chi`).", "languages"),
    _column(
        "abstract",
        "text",
        "Abstract on one line, `LABEL: text` per section. It belongs to its publisher.",
        "abstract_text",
    ),
    *_tags("key_finding", "key_finding"),
    _column("publication_types", "list", "NLM's publication types (`Randomized Controlled Trial`)."),
    _column(
        "mesh_terms", "list", "Names of the MeSH descriptors.", lambda study: [term.name for term in study.mesh_terms]
    ),
    _column("keywords", "list", "The authors' keywords."),
    *_tags("compounds", "relevance"),
    _column(
        "status", "text", "Where the paper stands; a retraction outweighs all else.", choices=STATUSES, is_required=True
    ),
    _column("preprint_doi", "text", "DOI of the preprint that became this paper.", pattern=DOI),
    _column(
        "sources", "list", "Sources that described it, in order of arrival (`pubmed`, `feed:NAME`, `import:FILE`)."
    ),
    _column(
        "record_count", "integer", "Number of records that were merged into this study.", minimum=1, is_required=True
    ),
    _column("first_seen", "time", "When this program first met the study.", is_required=True),
    _column("last_changed", "time", "When anything in this row last changed.", is_required=True),
    _column("first_edition", "text", "First edition that showed it, an ISO week.", pattern="[0-9]{4}-W[0-5][0-9]"),
    # A column that is no tag goes after the last tag that there is by then, which is named here as `last`.
    *_tags("comparators"),
)
COLUMN_NAMES = tuple(column.name for column in COLUMNS)
TAG_COLUMNS = tuple(COLUMNS[COLUMN_NAMES.index(tag.name)] for tag in TAGS)  # in the order of the declarations
FIRST_COUNT = 38  # columns of version 1.0.0: every table since begins with them
# The middle number counts the additions: 40 columns are version 1.1.0, and each one more raises it by one, so that
# nobody has to remember it.  A column that changes its meaning or goes would be version 2.
SCHEMA_VERSION = f"1.{len(COLUMNS) - 39}.0"

_SQL_TYPES: Mapping[ColumnType, str] = {"integer": "INTEGER", "number": "REAL"}  # all else is TEXT


def build_row(study: Study) -> dict[str, Cell]:
    """Flatten a study into a row of the table.

    Returns
    -------
    dict
        A value or None by column name, in the order of `COLUMNS`.  Every text is one line: white space is
        collapsed, and control characters, which no reader of CSV agrees on, become spaces.  Lists are joined
        by ``"; "``; a semicolon inside an item becomes a comma, so that a semicolon in a list always divides.
    """
    return {column.name: _build_cell(column, column.read(study)) for column in COLUMNS}


def build_tag_cells(tags: Tags) -> dict[str, Cell]:
    """Return the cells of tags by name, in the order of their declarations; see `build_row`."""
    return {
        tag.name: _build_cell(column, getattr(tags, tag.name)) for tag, column in zip(TAGS, TAG_COLUMNS, strict=True)
    }


def _build_cell(column: Column, value: Any) -> Cell:
    if value is None:
        return None
    if column.type == "list":
        return join_list(value)
    if column.type == "number":
        return round(float(value), 2)
    # what has a pattern, choices or a type of its own was checked where it was made, and stays as it is
    is_free = column.type == "text" and column.pattern is None and not column.choices
    return _line(value) if is_free else value


def join_list(items: Iterable[str]) -> str | None:
    """Join the items of a list into one cell; None if nothing is left.

    Examples
    --------
    >>> join_list(["Family GI", "Group for A; B and C"])
    'Family GI; Group for A, B and C'
    >>> join_list([]) is None
    True
    """
    lines = (_line(re.sub(r"\s*;\s*", ", ", item.strip("; \t\n\r"))) for item in items)
    return "; ".join(line for line in lines if line) or None


def split_list(cell: str | None) -> tuple[str, ...]:
    """Split a list's cell into its items.

    Examples
    --------
    >>> split_list("ketamine; esketamine"), split_list(None)
    (('ketamine', 'esketamine'), ())
    """
    return tuple(cell.split("; ")) if cell else ()


_UNPRINTABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")


def _line(text: str | None) -> str | None:
    return None if text is None else collapse(_UNPRINTABLE.sub(" ", text))


def sql_columns() -> tuple[tuple[str, str], ...]:
    """Return each column's name and SQLite type, in the order of `COLUMNS`."""
    return tuple((column.name, _SQL_TYPES.get(column.type, "TEXT")) for column in COLUMNS)
