"""Tagging a table of papers: for files of one's own and for notebooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harvester.paper.records import AbstractSection, Citation, MeshTerm
from harvester.paper.text import collapse
from harvester.table.columns import TAG_COLUMNS, Cell, build_tag_cells
from harvester.tagging.tags import classify
from harvester.tagging.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    import pandas as pd

# What is read, and what other programs call it, in lower case without blanks and signs; the first that is there counts.
_NAMES = {
    "title": ("title", "articletitle", "ti"),
    "abstract": ("abstract", "abstractnote", "ab"),
    "publication_types": ("publicationtypes", "publicationtype", "pt"),
    "mesh_terms": ("meshterms", "mesh", "mh"),
    "keywords": ("keywords", "authorkeywords", "manualtags"),
}


def classify_frame(frame: pd.DataFrame, vocabulary: Vocabulary | str = "ketamine") -> pd.DataFrame:
    """Tag each row of a table.

    Parameters
    ----------
    frame
        Columns ``title`` and ``abstract``; ``publication_types``, ``mesh_terms`` and ``keywords``, joined by "; ",
        if they are there, under these names or those of exports ("Abstract Note").  Cells are text; a missing value
        is an absent one.
    vocabulary
        From `harvester.tagging.load_vocabulary`, or the name of a built-in one.

    Returns
    -------
    pandas.DataFrame
        A copy with every row in the same order and, after the columns it had, one for each tag (a column of that name
        is replaced).  Whole numbers are ``Int64``, others ``float64``; the rest is text, lists joined by "; ", absent
        is the empty string.
    """
    import pandas as pd

    known = load_vocabulary(vocabulary) if isinstance(vocabulary, str) else vocabulary
    rows: list[dict[str, Cell]] = []
    sources = _find_columns([str(name) for name in frame.columns])
    for cells in zip(*(frame[column] for column in sources.values()), strict=True) if sources else ((),) * len(frame):
        texts = dict(zip(sources, (_read_cell(cell) for cell in cells), strict=True))
        rows.append(build_tag_cells(classify(_build_citation(texts), known)))
    tagged: dict[str, Any] = {}
    for column in TAG_COLUMNS:
        values: list[Any] = [row[column.name] for row in rows]
        if column.type == "integer":
            tagged[column.name] = pd.array(values, dtype="Int64")
        elif column.type == "number":
            tagged[column.name] = pd.array(values, dtype="float64")
        else:
            tagged[column.name] = [value or "" for value in values]
    return frame.drop(columns=[name for name in tagged if name in frame]).assign(**tagged)


def _find_columns(header: list[str]) -> dict[str, str]:
    """Return which column of a table is which of those that are read, leaving out those that are not there."""
    columns = {name: name for name in _NAMES if name in header}
    plain = {re.sub(r"[\W_]", "", name).lower(): name for name in reversed(header)}
    for name, others in _NAMES.items():
        if name not in columns and (column := next((plain[other] for other in others if other in plain), None)):
            columns[name] = column
    return columns


def _read_cell(cell: object) -> str | None:
    return collapse(cell) if isinstance(cell, str) else None


def _build_citation(row: dict[str, str | None]) -> Citation:
    abstract = row.get("abstract")
    return Citation(
        title=row.get("title"),
        abstract=(AbstractSection(text=abstract),) if abstract else (),
        publication_types=_split(row.get("publication_types")),
        mesh_terms=tuple(MeshTerm(name=name) for name in _split(row.get("mesh_terms"))),
        keywords=_split(row.get("keywords")),
    )


def _split(cell: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (cell or "").split(";") if part.strip())
