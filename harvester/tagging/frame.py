"""Tagging a table of papers: for files of one's own and for notebooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester.paper.records import AbstractSection, Citation, MeshTerm, Tags
from harvester.paper.text import collapse
from harvester.tagging.tags import classify
from harvester.tagging.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    import pandas as pd

# The columns that are added, in order: the tag columns of the published table.
COLUMNS = (
    "compounds",
    "routes",
    "conditions",
    "design",
    "sample_size",
    "scales",
    "topics",
    "tier",
    "relevance",
    "key_finding",
    "comparators",
    "follow_up",
    "countries",
    "direction",
)
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
        A copy with every row in the same order and, after the columns it had, those of `COLUMNS` (a column of that
        name is replaced).  `sample_size` is a whole number or missing, `relevance` a number; the others are text, lists
        joined by "; ", absent is the empty string.
    """
    import pandas as pd

    known = load_vocabulary(vocabulary) if isinstance(vocabulary, str) else vocabulary
    columns: dict[str, list[str]] = {name: [] for name in COLUMNS}
    found = _find_columns([str(name) for name in frame.columns])
    names = list(found)
    for cells in zip(*(frame[name] for name in found.values()), strict=True) if names else ((),) * len(frame):
        row = dict(zip(names, (_read_cell(cell) for cell in cells), strict=True))
        for name, text in format_tags(classify(_build_citation(row), known)).items():
            columns[name].append(text)
    result = frame.drop(columns=[name for name in COLUMNS if name in frame]).assign(**columns)
    return result.assign(
        sample_size=pd.to_numeric(result["sample_size"]).astype("Int64"),
        relevance=pd.to_numeric(result["relevance"]).astype("float64"),
    )


def _find_columns(header: list[str]) -> dict[str, str]:
    """Tell which column of a table is which of those that are read, leaving out those that are not there."""
    found = {name: name for name in _NAMES if name in header}
    plain = {re.sub(r"[\W_]", "", name).lower(): name for name in reversed(header)}
    for name, others in _NAMES.items():
        if name not in found and (column := next((plain[other] for other in others if other in plain), None)):
            found[name] = column
    return found


def format_tags(tags: Tags) -> dict[str, str]:
    """Give the tags as cells of a table, by column."""
    return {
        "compounds": "; ".join(tags.compounds),
        "routes": "; ".join(tags.routes),
        "conditions": "; ".join(tags.conditions),
        "design": tags.design,
        "sample_size": "" if tags.sample_size is None else str(tags.sample_size),
        "scales": "; ".join(tags.scales),
        "topics": "; ".join(tags.topics),
        "tier": tags.tier,
        "relevance": f"{tags.relevance:.2f}",
        "key_finding": tags.key_finding or "",
        "comparators": "; ".join(tags.comparators),
        "follow_up": tags.follow_up or "",
        "countries": "; ".join(tags.countries),
        "direction": tags.direction or "",
    }


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
