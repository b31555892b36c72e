"""Lists of values in SQL statements, in portions that every SQLite takes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeVar

# SQLite's default limit of variables in one statement was 999 before 3.32; half of it lets a list stand there twice.
_CHUNK = 450

Value = TypeVar("Value", int, str)


def chunks(values: Collection[Value]) -> Iterator[tuple[Value, ...]]:
    """Cut values into portions, each value once, ascending.

    Examples
    --------
    >>> list(chunks([3, 1, 3]))
    [(1, 3)]
    """
    ordered = sorted(set(values))
    for start in range(0, len(ordered), _CHUNK):
        yield tuple(ordered[start : start + _CHUNK])


def marks(values: Collection[object]) -> str:
    """Return one question mark a value.

    Examples
    --------
    >>> marks([3, 1])
    '?, ?'
    """
    return ", ".join("?" * len(values))
