"""What is known of each source: how far it was read, and how each harvest of it went."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWindow:
    """A window of days that was begun, and not yet read to its end."""

    since: str  # ISO day
    query: str  # as the settings have it
    begun_at: str  # UTC time


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the next harvest of a source needs to know of the last."""

    watermark: str | None = None  # ISO day up to which everything is in the library
    etag: str | None = None  # a feed's, for conditional GET
    last_modified: str | None = None  # likewise
    last_answered: str | None = None  # UTC time of the last whole answer
    failing_since: str | None = None  # UTC time of the first failure after it; None: it answers
    open_window: OpenWindow | None = None  # what was being read when a run ended early; None: nothing
    seen: tuple[str, ...] = ()  # keys of a feed's entries in its last whole answer
    newest: str | None = None  # when the newest of them was published

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> SourceState:
        """Make a state of what `dataclasses.asdict` made of one, through JSON or not."""
        window = fields["open_window"]
        return cls(
            **{
                **fields,
                "open_window": OpenWindow(**window) if window is not None else None,
                "seen": tuple(fields["seen"]),
            }
        )


class SourceStore:
    """The tables `sources` and `harvests`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def state(self, source: str) -> SourceState:
        """Give a source's state; all None for one that was never asked."""
        row = self._connection.execute(
            "SELECT watermark, etag, last_modified, last_answered, failing_since, newest, open_window, seen"
            " FROM sources WHERE source = ?",
            (source,),
        ).fetchone()
        if row is None:
            return SourceState()
        window, seen = (json.loads(text) if text else None for text in row[6:])
        names = ("watermark", "etag", "last_modified", "last_answered", "failing_since", "newest")
        return SourceState(
            **dict(zip(names, row, strict=False)),
            open_window=OpenWindow(**window) if window else None,
            seen=tuple(seen or ()),
        )

    def save_state(self, source: str, state: SourceState) -> None:
        """Write a source's state."""
        self._connection.execute(
            "INSERT OR REPLACE INTO sources (source, watermark, etag, last_modified, last_answered, failing_since,"
            " newest, open_window, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source,
                state.watermark,
                state.etag,
                state.last_modified,
                state.last_answered,
                state.failing_since,
                state.newest,
                json.dumps(asdict(state.open_window)) if state.open_window is not None else None,
                json.dumps(state.seen, ensure_ascii=False) if state.seen else None,
            ),
        )

    def add_harvest(self, source: str, report: Mapping[str, Any], *, at: str) -> None:
        """Keep how a harvest of a source went."""
        text = json.dumps(report, ensure_ascii=False, sort_keys=True)
        self._connection.execute("INSERT INTO harvests (at, source, report) VALUES (?, ?, ?)", (at, source, text))

    def last_harvest_id(self) -> int:
        """Give the newest harvest's id; 0 before the first."""
        (last,) = self._connection.execute("SELECT coalesce(max(harvest_id), 0) FROM harvests").fetchone()
        return int(last)

    def harvests(self, *, after: int = 0) -> list[tuple[int, str, str, dict[str, Any]]]:
        """Give the harvests after an id, oldest first: id, UTC time, source, report."""
        rows = self._connection.execute(
            "SELECT harvest_id, at, source, report FROM harvests WHERE harvest_id > ? ORDER BY harvest_id",
            (after,),
        )
        return [(harvest_id, at, source, json.loads(report)) for harvest_id, at, source, report in rows]
