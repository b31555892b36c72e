"""Tagging a table of papers: for files of one's own and for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.paper.records import AbstractSection, Citation, Tags
from harvester.paper.text import collapse
from harvester.table.foreign import (
    Fields,
    read_fields,
    read_mesh,
    read_types,
    rename_columns,
    require_title,
    split_list,
)
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


def classify_frame(frame: pd.DataFrame, vocabulary: Vocabulary | str = "ketamine") -> pd.DataFrame:
    """Tag each row of a table.

    Parameters
    ----------
    frame
        Columns ``title`` and ``abstract``; ``publication_types``, ``mesh_terms`` and ``keywords``, joined by "; ",
        if they are there; under these names or those of other programs (`harvester.table.headers`).  Cells are text;
        a missing value is an absent one.
    vocabulary
        From `harvester.tagging.load_vocabulary`, or the name of a built-in one.

    Returns
    -------
    pandas.DataFrame
        A copy with every row in the same order and, after the columns it had, those of `COLUMNS`; a column that had
        such a name is called ``input_tier``.  `sample_size` is a whole number or missing, `relevance` a number; the
        others are text, lists joined by "; ", absent is the empty string.

    Raises
    ------
    UsageError
        If no column is known to hold a title: every row would be called off-topic.
    """
    import pandas as pd

    require_title(frame)
    known = load_vocabulary(vocabulary) if isinstance(vocabulary, str) else vocabulary
    columns: dict[str, list[str]] = {name: [] for name in COLUMNS}
    cells = zip(*(frame.iloc[:, place] for place in range(frame.shape[1])), strict=True)
    for fields in read_fields(frame.columns, cells):
        for name, text in format_tags(classify(_build_citation(fields), known)).items():
            columns[name].append(text)
    result = rename_columns(frame, COLUMNS).assign(**columns)
    return result.assign(
        sample_size=pd.to_numeric(result["sample_size"]).astype("Int64"),
        relevance=pd.to_numeric(result["relevance"]).astype("float64"),
    )


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


def _build_citation(fields: Fields) -> Citation:
    abstract = collapse(fields.one("abstract"))
    headings = (read_mesh(text) for cell in fields.all("mesh_terms") for text in split_list(cell))
    return Citation(
        title=collapse(fields.one("title")),
        abstract=(AbstractSection(text=abstract),) if abstract else (),
        publication_types=read_types(fields.all("publication_types")),
        mesh_terms=tuple(heading for heading in headings if heading is not None),
        keywords=tuple(word for cell in fields.all("keywords") for word in split_list(cell)),
    )
