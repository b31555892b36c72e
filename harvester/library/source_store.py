"""Each source's state: how far it was read, and how each harvest of it went."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the next harvest of a source needs to know of the last."""

    mark: Mapping[str, Any] = field(default_factory=dict)  # how far it was read, in the source's own words, as JSON
    last_answered: str | None = None  # UTC time of the last whole answer
    failing_since: str | None = None  # UTC time of the first failure after it; None: it answers

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> SourceState:
        """Make a state of what `dataclasses.asdict` made of one, by this program or by its first version.

        Examples
        --------
        >>> SourceState.from_json({"etag": "x", "watermark": None, "seen": [], "last_answered": None}).mark
        {'etag': 'x'}
        """
        times = {name: fields.get(name) for name in ("last_answered", "failing_since")}
        if "mark" in fields:
            return cls(mark=fields["mark"], **times)
        # The first version had a field for whatever one of its sources noted.
        return cls(mark={name: value for name, value in fields.items() if value and name not in times}, **times)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAside:
    """A paper that a source lists and does not give: it is asked for alone, until it comes."""

    source: str  # the source's key
    name: str  # what the source calls the paper
    since: str  # UTC time of the first run that missed it
    why: str  # "did not come", or why it could not be read


class SourceStore:
    """The tables `sources` and `harvests`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def state(self, source: str) -> SourceState:
        """Return a source's state; an empty one for a source that was never asked."""
        row = self._connection.execute(
            "SELECT mark, last_answered, failing_since FROM sources WHERE source = ?", (source,)
        ).fetchone()
        if row is None:
            return SourceState()
        return SourceState(mark=json.loads(row[0]), last_answered=row[1], failing_since=row[2])

    def asked(self) -> list[str]:
        """Return the keys of the sources that were asked."""
        return [key for (key,) in self._connection.execute("SELECT source FROM sources ORDER BY source")]

    def last_report(self, source: str) -> dict[str, Any]:
        """Return how the last harvest of a source went; empty before the first."""
        row = self._connection.execute(
            "SELECT report FROM harvests WHERE source = ? ORDER BY harvest_id DESC LIMIT 1", (source,)
        ).fetchone()
        return {} if row is None else dict(json.loads(row[0]))

    def save_state(self, source: str, state: SourceState) -> None:
        """Write a source's state."""
        mark = json.dumps(state.mark, ensure_ascii=False, sort_keys=True)
        self._connection.execute(
            "INSERT OR REPLACE INTO sources (source, mark, last_answered, failing_since) VALUES (?, ?, ?, ?)",
            (source, mark, state.last_answered, state.failing_since),
        )

    def put_aside(self) -> list[PutAside]:
        """Return what is put aside, by source and in the order in which it was missed first."""
        rows = self._connection.execute("SELECT source, mark FROM sources ORDER BY source")
        aside = [
            PutAside(source=source, name=name, since=late["since"], why=late["why"])
            for source, mark in rows
            for name, late in json.loads(mark).get("aside", {}).items()
        ]
        return sorted(aside, key=lambda item: (item.source, item.since, item.name))

    def add_harvest(self, source: str, report: Mapping[str, Any], *, at: str) -> None:
        """Write how a harvest of a source went."""
        text = json.dumps(report, ensure_ascii=False, sort_keys=True)
        self._connection.execute("INSERT INTO harvests (at, source, report) VALUES (?, ?, ?)", (at, source, text))

    def last_harvest_id(self) -> int:
        """Return the newest harvest's id; 0 before the first."""
        (last,) = self._connection.execute("SELECT coalesce(max(harvest_id), 0) FROM harvests").fetchone()
        return int(last)

    def harvests(self, *, after: int = 0) -> list[tuple[int, str, str, dict[str, Any]]]:
        """Return the harvests after an id, oldest first: id, UTC time, source, report."""
        rows = self._connection.execute(
            "SELECT harvest_id, at, source, report FROM harvests WHERE harvest_id > ? ORDER BY harvest_id",
            (after,),
        )
        return [(harvest_id, at, source, json.loads(report)) for harvest_id, at, source, report in rows]
