"""What a user decided on records, for ever: that two are one paper, or that they are two."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from harvester.library.lists import execute_in

Verdict = Literal["same", "apart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """Two records that look alike and were not merged."""

    record_id: int
    other_record_id: int
    study_id: str  # the study of the first, now
    other_study_id: str  # and of the second
    score: float  # 0 to 1
    reason: str  # what agrees, and what speaks against it


class DecisionStore:
    """The tables `decisions` and `near_misses`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def save(self, pairs: Iterable[tuple[int, int]], verdict: Verdict, *, at: str) -> None:
        """Write a user's decision on pairs of records; of two decisions on one pair the later counts."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?)",
            [(min(pair), max(pair), verdict, at) for pair in pairs],
        )

    def move(self, record_id: int, other_record_id: int, *, since: str) -> None:
        """Give the decisions that were made on a record since a time to another record."""
        rows = self._connection.execute(
            "SELECT record_id, other_record_id, verdict, decided_at FROM decisions"
            " WHERE decided_at >= ? AND ? IN (record_id, other_record_id)",
            (since, record_id),
        ).fetchall()
        for one, other, verdict, at in rows:
            self.forget([(one, other)], verdict)
            partner = other if one == record_id else one
            if partner != other_record_id:
                self.save([(other_record_id, partner)], verdict, at=at)

    def forget(self, pairs: Iterable[tuple[int, int]], verdict: Verdict) -> None:
        """Remove the decisions of one kind on pairs of records."""
        self._connection.executemany(
            "DELETE FROM decisions WHERE record_id = ? AND other_record_id = ? AND verdict = ?",
            [(min(pair), max(pair), verdict) for pair in pairs],
        )

    def pairs(self, verdict: Verdict, record_ids: Collection[int]) -> list[tuple[int, int]]:
        """Return the pairs of one verdict that concern at least one of some records."""
        statement = (
            "SELECT record_id, other_record_id FROM decisions"
            " WHERE verdict = ? AND (record_id IN ({}) OR other_record_id IN ({}))"
        )
        rows = execute_in(self._connection, statement, record_ids, verdict, times=2)
        return sorted({(record_id, other_record_id) for record_id, other_record_id in rows})

    def save_near_misses(self, pairs: Iterable[tuple[int, int, float, str]]) -> None:
        """Write pairs of record ids that look alike and were not merged, with score and reason."""
        self._connection.executemany("INSERT OR REPLACE INTO near_misses VALUES (?, ?, ?, ?)", pairs)

    def near_misses(self) -> list[NearMiss]:
        """Return the pairs of studies that look alike and on which nobody has decided, the most alike first.

        Of several pairs of records of the same two studies, the most alike one.
        """
        rows = self._connection.execute(
            "SELECT n.record_id, n.other_record_id, a.study_id, b.study_id, n.score, n.reason FROM near_misses n"
            " JOIN records a ON a.record_id = n.record_id JOIN records b ON b.record_id = n.other_record_id"
            " WHERE a.study_id <> b.study_id AND NOT EXISTS (SELECT 1 FROM decisions d"
            " WHERE d.record_id = n.record_id AND d.other_record_id = n.other_record_id)"
            " ORDER BY n.score DESC, n.record_id, n.other_record_id"
        )
        names = ("record_id", "other_record_id", "study_id", "other_study_id", "score", "reason")
        best: dict[frozenset[str], NearMiss] = {}
        for row in rows:
            miss = NearMiss(**dict(zip(names, row, strict=True)))
            best.setdefault(frozenset((miss.study_id, miss.other_study_id)), miss)
        return list(best.values())
