"""Comparing two libraries: how many rows of each table only one of them holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

# How a full-text index stores its words depends on how they came in; what was indexed is compared as the studies are.
_INDEX = "study_words"


def compare_libraries(one: Path, other: Path) -> dict[str, int] | None:
    """Count the rows that stand in one of two libraries and not in the other.

    Returns
    -------
    dict of str to int or None
        By table, those that differ; empty: the libraries hold the same.  None: one of them is missing, damaged, or of
        another version, so that they cannot be compared.
    """
    if not (one.is_file() and other.is_file()):
        return None
    try:
        with closing(sqlite3.connect(f"{one.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("ATTACH ? AS other", (f"{other.resolve().as_uri()}?mode=ro",))
            names = [
                name
                for (name,) in connection.execute(
                    "SELECT name FROM other.sqlite_master WHERE type = 'table' ORDER BY name"
                )
                if not name.startswith(_INDEX)
            ]
            counts = {name: _count_differences(connection, name) for name in names}
    except sqlite3.Error:
        return None
    return {name: count for name, count in counts.items() if count}


def _count_differences(connection: sqlite3.Connection, name: str) -> int:
    rows = f'SELECT * FROM {{}}."{name}"'
    if name == "meta":  # by which program's rules something was made is not what it says
        rows += " WHERE key NOT LIKE 'rules of %'"
    if name == "studies":  # a table that an earlier program filled may lack columns, or have others
        columns = [
            {row[1] for row in connection.execute(f"PRAGMA {side}.table_info (studies)")} for side in ("main", "other")
        ]
        shared = ", ".join(f'"{column}"' for column in sorted(columns[0] & columns[1]))
        rows = f"SELECT {shared} FROM {{}}.studies"
    parts = [
        f"SELECT count(*) FROM ({rows.format(left)} EXCEPT {rows.format(right)})"
        for left, right in (("main", "other"), ("other", "main"))
    ]
    return sum(int(connection.execute(part).fetchone()[0]) for part in parts)
