"""What the table holds, from the columns' declarations: ``datapackage.json`` for programs, docs/table.md for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from harvester.paper.dates import PARTIAL_DATE
from harvester.table.columns import COLUMNS, SCHEMA_VERSION, Column, ColumnType

_FIELD_TYPES: Mapping[ColumnType, str] = {"integer": "integer", "number": "number", "time": "datetime"}  # else string
_TYPE_WORDS: Mapping[ColumnType, str] = {"date": "partial date", "time": "time (UTC)"}  # else the type's own name


def _build_field(column: Column) -> dict[str, object]:
    constraints: dict[str, object] = {}
    if column.is_required:
        constraints["required"] = True
    if column.name == "study_id":
        constraints["unique"] = True
    pattern = PARTIAL_DATE if column.type == "date" else column.pattern
    if pattern is not None:
        constraints["pattern"] = pattern
    if column.choices:
        constraints["enum"] = list(column.choices)
    bounds = {"minimum": column.minimum, "maximum": column.maximum}
    constraints |= {word: bound for word, bound in bounds.items() if bound is not None}
    note = ' Items are joined by "; ".' if column.type == "list" else ""
    field: dict[str, object] = {
        "name": column.name,
        "type": _FIELD_TYPES.get(column.type, "string"),
        "description": column.meaning + note,
    }
    return field | ({"constraints": constraints} if constraints else {})


def build_description(
    *, path: str, topic: str, created: str, sources: Iterable[tuple[str, str | None]], size: int, sha256: str
) -> bytes:
    """Build ``datapackage.json``: what the table holds, in the words of Data Package 2.0.

    Parameters
    ----------
    created
        UTC time, ``2026-11-16T06:00:00Z``.
    sources
        Title and address of each source that the rows name; None: it has no address.
    size, sha256
        Of the CSV: bytes, hexadecimal.

    Notes
    -----
    No ``licenses``: most of a row is facts, but the abstracts are their publishers', and we cannot license those.
    The Parquet file is not listed, because it is a copy for fast reading and not every validator can open it.
    """
    described = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "studies",
        "title": topic,
        "description": (
            "One row a study. The bibliographic data come from the sources named here. The abstracts belong "
            "to their publishers; nothing here licenses republishing them, so no licence is stated."
        ),
        "version": SCHEMA_VERSION,
        "schema_version": SCHEMA_VERSION,
        "created": created,
        "sources": [
            {"title": title} if address is None else {"title": title, "path": address} for title, address in sources
        ],
        "resources": [
            {
                "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
                "name": "studies",
                "type": "table",
                "path": path,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": size,
                "hash": f"sha256:{sha256}",
                "schema": {
                    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
                    "fields": [_build_field(column) for column in COLUMNS],
                    "primaryKey": ["study_id"],
                    "missingValues": [""],
                },
            }
        ],
    }
    return (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode()


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
