"""Tagging a table of papers: for files of one's own and for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.classify.tags import classify
from harvester.classify.vocabulary import Vocabulary, load_vocabulary
from harvester.records import AbstractSection, Citation, MeshTerm, Tags
from harvester.text import collapse

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


def classify_frame(frame: pd.DataFrame, vocabulary: Vocabulary | str = "ketamine") -> pd.DataFrame:
    """Tag each row of a table.

    Parameters
    ----------
    frame
        Columns ``title`` and ``abstract``; ``publication_types``, ``mesh_terms`` and ``keywords``, joined by "; ",
        if they are there.  Cells are text; a missing value is an absent one.
    vocabulary
        From `harvester.classify.load_vocabulary`, or the name of a built-in one.

    Returns
    -------
    pandas.DataFrame
        A copy with every row in the same order and, after the columns it had, those of `COLUMNS` as text (a column
        of that name is replaced).  Lists are joined by "; "; absent is the empty string.
    """
    known = load_vocabulary(vocabulary) if isinstance(vocabulary, str) else vocabulary
    columns: dict[str, list[str]] = {name: [] for name in COLUMNS}
    names = [name for name in ("title", "abstract", "publication_types", "mesh_terms", "keywords") if name in frame]
    for cells in zip(*(frame[name] for name in names), strict=True) if names else ((),) * len(frame):
        row = dict(zip(names, (_read_cell(cell) for cell in cells), strict=True))
        for name, text in format_tags(classify(_build_citation(row), known)).items():
            columns[name].append(text)
    return frame.drop(columns=[name for name in COLUMNS if name in frame]).assign(**columns)


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
