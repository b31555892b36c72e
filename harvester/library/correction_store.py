"""What a user corrected in the tags of studies, for ever; kept with a record, which never changes its name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from harvester.library.lists import execute_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A user's word on one tag of a study."""

    tag: str
    value: Any  # text, a list, a number; None: the paper does not say
    why: str | None
    at: str  # UTC time


class CorrectionStore:
    """The table `corrections`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def save(self, record_id: int, values: Mapping[str, Any], *, why: str | None, at: str) -> None:
        """Write a user's values of tags; of two corrections of one tag the later counts."""
        # What replaces a row gets the highest number again, so that the numbers tell the order.
        self._connection.executemany(
            "INSERT OR REPLACE INTO corrections (record_id, tag, value, why, corrected_at) VALUES (?, ?, ?, ?, ?)",
            [(record_id, tag, json.dumps(value, ensure_ascii=False), why, at) for tag, value in values.items()],
        )

    def move(self, record_id: int, other_record_id: int, *, since: str) -> None:
        """Give the corrections that were made of a record since a time to another record, where it has none."""
        self._connection.execute(
            "UPDATE OR IGNORE corrections SET record_id = ? WHERE record_id = ? AND corrected_at >= ?",
            (other_record_id, record_id, since),
        )

    def forget(self, record_ids: Collection[int], tags: Collection[str]) -> None:
        """Remove the corrections of some tags."""
        for tag in tags:
            execute_in(self._connection, "DELETE FROM corrections WHERE tag = ? AND record_id IN ({})", record_ids, tag)

    def by_study(self) -> dict[str, dict[str, Correction]]:
        """Return the corrections of every study that has some by tag; of several of one tag the latest."""
        found: dict[str, dict[str, Correction]] = {}
        statement = (
            "SELECT study_id, tag, value, why, corrected_at FROM corrections JOIN records USING (record_id) "
            "WHERE study_id IS NOT NULL ORDER BY correction_id"
        )
        for study_id, tag, value, why, at in self._connection.execute(statement):
            found.setdefault(study_id, {})[tag] = Correction(tag=tag, value=json.loads(value), why=why, at=at)
        return found

    def of_study(self, study_id: str) -> dict[str, Correction]:
        """Return the corrections of a study's records by tag; of several of one tag the latest."""
        statement = "SELECT record_id FROM records WHERE study_id = ?"
        return self.of_records([record_id for (record_id,) in self._connection.execute(statement, (study_id,))])

    def of_records(self, record_ids: Collection[int]) -> dict[str, Correction]:
        """Return the corrections of some records by tag; of several of one tag the latest."""
        statement = "SELECT correction_id, tag, value, why, corrected_at FROM corrections WHERE record_id IN ({})"
        rows = sorted(execute_in(self._connection, statement, record_ids))
        return {tag: Correction(tag=tag, value=json.loads(value), why=why, at=at) for _, tag, value, why, at in rows}
