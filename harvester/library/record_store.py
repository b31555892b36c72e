"""What each source said: the records as received, their revisions, and where to look for their like."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from harvester.library.chunks import chunks, marks
from harvester.library.codec import record_from_json, record_to_json
from harvester.paper.records import Record

_PORTION = 400  # records that are read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A record as the library holds it."""

    record_id: int
    record: Record
    first_seen: str  # UTC time
    study_id: str | None  # None: not yet deduplicated
    is_deleted: bool
    first_study_id: str | None = None  # the study that it first belonged to


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What came of saving records."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0


class RecordStore:
    """The tables `records`, `revisions` and `block_keys`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def save(self, records: Iterable[Record], *, seen_at: str) -> Saved:
        """Keep records; what changed since they were last seen is marked to be deduplicated again.

        Parameters
        ----------
        records
            In the order in which they are to be numbered.
        seen_at
            UTC time of the harvest.

        Notes
        -----
        A record that says it is older than the held one (by its revision date) does not replace it: an
        imported file may be older than the last harvest.
        """
        new = revised = unchanged = 0
        for record in records:
            row = self._connection.execute(
                "SELECT record_id, record, deleted_at FROM records WHERE source = ? AND source_key = ?",
                (record.source, record.source_key),
            ).fetchone()
            text = record_to_json(record)
            if row is None:
                self._connection.execute(
                    "INSERT INTO records (source, source_key, record, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)",
                    (record.source, record.source_key, text, seen_at, seen_at),
                )
                new += 1
                continue
            record_id, held, deleted_at = row
            is_older = (record.revised or "9999") < (record_from_json(held).revised or "")
            if (text == held and deleted_at is None) or is_older:
                self._connection.execute(
                    "UPDATE records SET last_seen = max(last_seen, ?) WHERE record_id = ?",
                    (seen_at, record_id),
                )
                unchanged += 1
                continue
            self._connection.execute("INSERT INTO revisions VALUES (?, ?, ?)", (record_id, seen_at, held))
            self._connection.execute(
                "UPDATE records SET record = ?, last_seen = ?, deleted_at = NULL, pending = 1 WHERE record_id = ?",
                (text, seen_at, record_id),
            )
            revised += 1
        return Saved(new=new, revised=revised, unchanged=unchanged)

    def mark_deleted(self, source: str, source_keys: Collection[str], *, at: str) -> int:
        """Note that a source deleted records; they stay, marked.  Gives how many the library held."""
        count = 0
        for key in source_keys:
            cursor = self._connection.execute(
                "UPDATE records SET deleted_at = ?, pending = 1"
                " WHERE source = ? AND source_key = ? AND deleted_at IS NULL",
                (at, source, key),
            )
            count += cursor.rowcount
        return count

    def pending(self) -> list[Held]:
        """Return the records that are new or changed since studies were last built, in order of arrival."""
        return list(self._read("WHERE pending = 1 ORDER BY record_id", ()))

    def of_studies(self, study_ids: Collection[str]) -> list[Held]:
        """Return all records of some studies, in order of arrival."""
        rows = [held for part in chunks(study_ids) for held in self._read(f"WHERE study_id IN ({marks(part)})", part)]
        return sorted(rows, key=lambda held: held.record_id)

    def get(self, source: str, source_key: str) -> Held | None:
        """Return one record; None if the library does not hold it."""
        return next(self._read("WHERE source = ? AND source_key = ?", (source, source_key)), None)

    def keys(self, source: str, source_keys: Collection[str]) -> set[str]:
        """Return those of some keys of a source that the library holds."""
        found: set[str] = set()
        for part in chunks(source_keys):
            statement = f"SELECT source_key FROM records WHERE source = ? AND source_key IN ({marks(part)})"
            found.update(key for (key,) in self._connection.execute(statement, (source, *part)))
        return found

    def seen_since(self, source: str, source_keys: Collection[str], moment: str) -> set[str]:
        """Return those of some keys of a source that it named at a time (UTC) or later, and has not deleted."""
        found: set[str] = set()
        for part in chunks(source_keys):
            statement = (
                "SELECT source_key FROM records WHERE source = ? AND last_seen >= ? AND deleted_at IS NULL"
                f" AND source_key IN ({marks(part)})"
            )
            found.update(key for (key,) in self._connection.execute(statement, (source, moment, *part)))
        return found

    def created_between(self, source: str, first: str, last: str) -> set[str]:
        """Return the keys of the records of a source that it made between two ISO days, and has not deleted."""
        rows = self._connection.execute(
            "SELECT source_key FROM records WHERE source = ? AND deleted_at IS NULL"
            " AND json_extract(record, '$.created') BETWEEN ? AND ?",
            (source, first, last),
        )
        return {key for (key,) in rows}

    def has_any(self, source: str) -> bool:
        """Return whether the library holds anything of a source."""
        return (
            self._connection.execute("SELECT 1 FROM records WHERE source = ? LIMIT 1", (source,)).fetchone() is not None
        )

    def by_id(self, record_ids: Collection[int]) -> list[Held]:
        """Return records by their ids, in order of arrival; ids that are not there are left out."""
        rows = [held for part in chunks(record_ids) for held in self._read(f"WHERE record_id IN ({marks(part)})", part)]
        return sorted(rows, key=lambda held: held.record_id)

    def mark_pending(self, record_ids: Collection[int]) -> None:
        """Let records be deduplicated again, as if they were new."""
        for part in chunks(record_ids):
            self._connection.execute(f"UPDATE records SET pending = 1 WHERE record_id IN ({marks(part)})", part)

    def mark_done(self, record_id: int) -> None:
        """Note that a record needs no study of its own: it is dealt with until it changes."""
        self._connection.execute("UPDATE records SET pending = 0 WHERE record_id = ?", (record_id,))

    def studies_like(self, keys: Collection[str]) -> set[str]:
        """Return the studies that have a record with one of some block keys."""
        found: set[str] = set()
        for part in chunks(keys):
            statement = (
                "SELECT DISTINCT study_id FROM block_keys JOIN records USING (record_id)"
                f" WHERE study_id IS NOT NULL AND key IN ({marks(part)})"
            )
            found.update(study_id for (study_id,) in self._connection.execute(statement, part))
        return found

    def assign(self, members: Mapping[int, str], keys: Mapping[int, Collection[str]]) -> None:
        """Write to which study each record belongs, and where its like will look for it.

        Parameters
        ----------
        members
            Study id by record id.
        keys
            Block keys by record id, for the records that were new or changed.
        """
        self._connection.executemany(
            "UPDATE records SET study_id = ?1, first_study_id = coalesce(first_study_id, ?1) WHERE record_id = ?2",
            [(study_id, record_id) for record_id, study_id in members.items()],
        )
        for record_id, record_keys in keys.items():
            self.set_keys(record_id, record_keys)
            self._connection.execute("UPDATE records SET pending = 0 WHERE record_id = ?", (record_id,))

    def set_keys(self, record_id: int, keys: Collection[str]) -> bool:
        """Write where the like of a record will look for it; tells whether that is another place than before."""
        statement = "SELECT key FROM block_keys WHERE record_id = ?"
        before = {key for (key,) in self._connection.execute(statement, (record_id,))}
        if before == set(keys):
            return False
        self._connection.execute("DELETE FROM block_keys WHERE record_id = ?", (record_id,))
        self._connection.executemany(
            "INSERT INTO block_keys VALUES (?, ?)", [(key, record_id) for key in sorted(set(keys))]
        )
        return True

    def settled(self) -> Iterator[Held]:
        """Return all records that belong to a study, in order of arrival; what is read may be written meanwhile."""
        last = 0
        while True:
            statement = "SELECT record_id FROM records WHERE record_id > ? AND study_id IS NOT NULL ORDER BY 1 LIMIT ?"
            part = [record_id for (record_id,) in self._connection.execute(statement, (last, _PORTION))]
            if not part:
                return
            yield from self.by_id(part)
            last = part[-1]

    def revisions(self, record_id: int) -> list[tuple[str, Record]]:
        """Return what a record said before, oldest first, each with the time until which it did."""
        rows = self._connection.execute(
            "SELECT seen_at, record FROM revisions WHERE record_id = ? ORDER BY rowid", (record_id,)
        )
        return [(seen_at, record_from_json(text)) for seen_at, text in rows]

    def _read(self, condition: str, values: Collection[object]) -> Iterator[Held]:
        statement = (
            f"SELECT record_id, record, first_seen, study_id, deleted_at, first_study_id FROM records {condition}"
        )
        for record_id, text, first_seen, study_id, deleted_at, first_study_id in self._connection.execute(
            statement, tuple(values)
        ):
            yield Held(
                record_id=record_id,
                record=record_from_json(text),
                first_seen=first_seen,
                study_id=study_id,
                is_deleted=deleted_at is not None,
                first_study_id=first_study_id,
            )
