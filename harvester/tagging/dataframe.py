"""Tagging a table of papers: for files of one's own and for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harvester.paper.records import AbstractSection, Citation
from harvester.paper.text import collapse
from harvester.table.columns import TAG_COLUMNS, build_tag_cells
from harvester.table.foreign import (
    Fields,
    read_fields,
    read_mesh,
    read_types,
    rename_columns,
    require_title,
    split_list,
)
from harvester.tagging.tagger import classify
from harvester.tagging.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    import pandas as pd


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
        A copy with every row in the same order and, after the columns it had, one for each tag; a column that had such
        a name is called ``input_tier``.  Whole numbers are ``Int64``, others ``float64``; the rest is text, lists
        joined by "; ", absent is the empty string.

    Raises
    ------
    UsageError
        If no column is known to hold a title: every row would be called off-topic.
    """
    import pandas as pd

    require_title(frame)
    known = load_vocabulary(vocabulary) if isinstance(vocabulary, str) else vocabulary
    cells = zip(*(frame.iloc[:, place] for place in range(frame.shape[1])), strict=True)
    rows = [build_tag_cells(classify(_build_citation(fields), known)) for fields in read_fields(frame.columns, cells)]
    tagged: dict[str, Any] = {}
    for column in TAG_COLUMNS:
        values: list[Any] = [row[column.name] for row in rows]
        if column.type == "integer":
            tagged[column.name] = pd.array(values, dtype="Int64")
        elif column.type == "number":
            tagged[column.name] = pd.array(values, dtype="float64")
        else:
            tagged[column.name] = [value or "" for value in values]
    return rename_columns(frame, list(tagged)).assign(**tagged)


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
