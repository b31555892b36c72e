"""The list of columns in docs/table.md, written from their declarations.

``python -m harvester.table.document`` brings the page of a checkout in step.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harvester.ground.files import write_atomically
from harvester.table.columns import COLUMNS, ColumnType

_PAGE = Path("docs") / "table.md"
_BEGIN, _END = "<!-- columns: begin -->\n", "<!-- columns: end -->\n"
_TYPE_WORDS: Mapping[ColumnType, str] = {"date": "partial date", "time": "time (UTC)"}  # else the type's own name


def describe_table() -> str:
    """Describe the columns as a Markdown table, one line each, ending in a line feed."""
    lines = ["| column | type | meaning |", "| --- | --- | --- |"]
    for column in COLUMNS:
        meaning = column.meaning
        if column.choices:
            meaning += " One of " + ", ".join(f"`{choice}`" for choice in column.choices) + "."
        if column.maximum is not None and column.type == "number":
            meaning += f" From {column.minimum} to {column.maximum}."
        if column.is_required:
            meaning += " Never empty."
        lines.append(f"| `{column.name}` | {_TYPE_WORDS.get(column.type, column.type)} | {meaning} |")
    return "\n".join(lines) + "\n"


def update_page(page: str) -> str:
    """Return the page with today's columns between its marks, which have to be there."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"the page has no marks {_BEGIN.strip()} and {_END.strip()}")
    return before + begin + describe_table() + end + after


if __name__ == "__main__":
    write_atomically(_PAGE, update_page(_PAGE.read_text(encoding="utf-8")).encode())
