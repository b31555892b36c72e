"""Lists of values in SQL statements, in portions that every SQLite takes."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any, TypeVar

# SQLite's default limit of variables in one statement was 999 before 3.32; half of it lets a list stand there twice.
_CHUNK = 450

Value = TypeVar("Value", int, str)


def execute_in(
    connection: sqlite3.Connection, statement: str, values: Collection[Value], *before: object, times: int = 1
) -> list[tuple[Any, ...]]:
    """Execute a statement once a portion of values, each value once, ascending, and return the rows of all.

    Parameters
    ----------
    statement
        With ``{}`` where the marks of the values belong, and a mark for each of `before` in front of them.
    times
        How often ``{}`` stands there.

    Examples
    --------
    >>> connection = sqlite3.connect(":memory:")
    >>> execute_in(connection, "SELECT ? WHERE 3 IN ({})", [3, 1, 3], "yes")
    [('yes',)]
    """
    ordered = sorted(set(values))
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(ordered), _CHUNK):
        portion: list[Value] = ordered[start : start + _CHUNK]
        marks = ", ".join("?" * len(portion))
        rows += connection.execute(statement.format(*[marks] * times), (*before, *portion * times))
    return rows
