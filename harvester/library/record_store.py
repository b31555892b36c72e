"""What each source said: the records as received, their revisions, and where to look for their like."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harvester.library.codec import record_from_json, record_to_json
from harvester.library.lists import execute_in
from harvester.paper.identity import complete, content_key, digest, is_same_record
from harvester.paper.records import Record

_IMPORTED = "source >= 'import:' AND source < 'import;'"  # records of files that a user had
_PORTION = 400  # records that are read at once
_STORED = "SELECT record_id, record, first_seen, study_id, deleted_at, first_study_id FROM records"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """A record as the library holds it."""

    record_id: int
    record: Record
    first_seen: str  # UTC time
    study_id: str | None  # None: not yet deduplicated
    is_deleted: bool
    first_study_id: str | None = None  # the study that it first belonged to


class RecordStore:
    """The tables `records`, `revisions` and `block_keys`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def save(self, records: Iterable[Record], *, seen_at: str) -> list[int]:
        """Write records, numbered in their order, and return their ids; what is new or changed is marked as pending.

        A record that is older than the stored one, by its revision date, does not replace it: an imported file may be
        older than the last harvest.  A record of a file is the one that the library holds of that name, whatever the
        file is called, and keeps what it does not say any more; two papers of one name are two (``doi:10.1000/x 2``).
        """
        records = list(records)
        record_ids: list[int] = []
        # A name that is a number is a row's, of a ledger that an older program wrote.
        has_names = any(record.source.startswith("import:") and not record.source_key.isdigit() for record in records)
        imports = _Imports(self._imported()) if has_names else None
        for given in records:
            is_import = given.source.startswith("import:")
            record = imports.place(given) if imports is not None and is_import else given
            row = self._connection.execute(
                "SELECT record_id, record, deleted_at FROM records WHERE source = ? AND source_key = ?",
                (record.source, record.source_key),
            ).fetchone()
            text = record_to_json(record)
            if row is None:
                added = self._connection.execute(
                    "INSERT INTO records (source, source_key, record, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)",
                    (record.source, record.source_key, text, seen_at, seen_at),
                )
                record_ids.append(int(added.lastrowid or 0))
                continue
            record_id, stored_text, deleted_at = row
            record_ids.append(record_id)
            is_older = (record.revised or "9999") < (record_from_json(stored_text).revised or "")
            is_known = is_import and self._was_said(record_id, replace(given, source_key=record.source_key))
            if ((text == stored_text or is_known) and deleted_at is None) or is_older:
                self._connection.execute(
                    "UPDATE records SET last_seen = max(last_seen, ?) WHERE record_id = ?",
                    (seen_at, record_id),
                )
                continue
            self._connection.execute("INSERT INTO revisions VALUES (?, ?, ?)", (record_id, seen_at, stored_text))
            self._connection.execute(
                "UPDATE records SET record = ?, last_seen = ?, deleted_at = NULL, pending = 1 WHERE record_id = ?",
                (text, seen_at, record_id),
            )
        return record_ids

    def _was_said(self, record_id: int, given: Record) -> bool:
        """Whether a record once said all that a row says, so that two files that differ do not take turns for ever."""
        texts = self._connection.execute("SELECT record FROM revisions WHERE record_id = ?", (record_id,))
        before = (record_from_json(text) for (text,) in texts)
        return any(complete(replace(given, source=old.source), old) == old for old in before)

    def _imported(self) -> list[Record]:
        """Return the records of files, in order of arrival."""
        rows = self._connection.execute(f"SELECT record FROM records WHERE {_IMPORTED} ORDER BY record_id")
        return [record_from_json(text) for (text,) in rows]

    def named_by_row(self) -> list[StoredRecord]:
        """Return the records of files that an older program called by their rows, in order of arrival."""
        rows = self._connection.execute(
            f"{_STORED} WHERE {_IMPORTED} AND source_key NOT GLOB '*[^0-9]*' ORDER BY record_id"
        )
        return list(map(_stored, rows))

    def rename(self, rows: Iterable[tuple[int, Record]]) -> None:
        """Write what records of files say and are called, by their ids, in place of what they said and were called.

        What they said before of other papers is forgotten.
        """
        imports = _Imports(record for record in self._imported() if not record.source_key.isdigit())
        for record_id, record in rows:
            named = imports.name(record)
            self._connection.execute(
                "UPDATE records SET record = ?, source_key = ?, pending = 1 WHERE record_id = ?",
                (record_to_json(named), named.source_key, record_id),
            )
            statement = "SELECT rowid, record FROM revisions WHERE record_id = ?"
            for rowid, text in self._connection.execute(statement, (record_id,)).fetchall():
                if not is_same_record(record_from_json(text), record):
                    self._connection.execute("DELETE FROM revisions WHERE rowid = ?", (rowid,))

    def detach(self, record_ids: Collection[int]) -> None:
        """Take records out of their studies, to be deduplicated again as if they were new."""
        execute_in(
            self._connection, "UPDATE records SET study_id = NULL, pending = 1 WHERE record_id IN ({})", record_ids
        )
        execute_in(self._connection, "DELETE FROM merges WHERE record_id IN ({})", record_ids)

    def mark_deleted(self, source: str, source_keys: Collection[str], *, at: str) -> None:
        """Mark records that their source deleted, those that the library holds."""
        for key in source_keys:
            self._connection.execute(
                "UPDATE records SET deleted_at = ?, pending = 1"
                " WHERE source = ? AND source_key = ? AND deleted_at IS NULL",
                (at, source, key),
            )

    def pending(self) -> list[StoredRecord]:
        """Return the records that are new or changed since studies were last built, in order of arrival."""
        return list(map(_stored, self._connection.execute(f"{_STORED} WHERE pending = 1 ORDER BY record_id")))

    def of_studies(self, study_ids: Collection[str]) -> list[StoredRecord]:
        """Return all records of some studies, in order of arrival."""
        rows = execute_in(self._connection, f"{_STORED} WHERE study_id IN ({{}})", study_ids)
        return sorted(map(_stored, rows), key=lambda stored: stored.record_id)

    def get(self, source: str, source_key: str) -> StoredRecord | None:
        """Return one record; None if the library does not hold it."""
        statement = f"{_STORED} WHERE source = ? AND source_key = ?"
        row = self._connection.execute(statement, (source, source_key)).fetchone()
        return None if row is None else _stored(row)

    def seen_since(self, source: str, source_keys: Collection[str], moment: str) -> set[str]:
        """Return those of some keys of a source that it named at a time (UTC) or later, and has not deleted."""
        statement = (
            "SELECT source_key FROM records WHERE source = ? AND last_seen >= ? AND deleted_at IS NULL"
            " AND source_key IN ({})"
        )
        return {key for (key,) in execute_in(self._connection, statement, source_keys, source, moment)}

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

    def by_id(self, record_ids: Collection[int]) -> list[StoredRecord]:
        """Return records by their ids, in order of arrival; ids that are not there are left out."""
        rows = execute_in(self._connection, f"{_STORED} WHERE record_id IN ({{}})", record_ids)
        return sorted(map(_stored, rows), key=lambda stored: stored.record_id)

    def mark_pending(self, record_ids: Collection[int]) -> None:
        """Mark records to be deduplicated again, as if they were new."""
        execute_in(self._connection, "UPDATE records SET pending = 1 WHERE record_id IN ({})", record_ids)

    def mark_done(self, record_id: int) -> None:
        """Mark a record that needs no study of its own, until it changes."""
        self._connection.execute("UPDATE records SET pending = 0 WHERE record_id = ?", (record_id,))

    def studies_like(self, keys: Collection[str]) -> set[str]:
        """Return the studies that have a record with one of some block keys."""
        statement = (
            "SELECT DISTINCT study_id FROM block_keys JOIN records USING (record_id)"
            " WHERE study_id IS NOT NULL AND key IN ({})"
        )
        return {study_id for (study_id,) in execute_in(self._connection, statement, keys)}

    def assign(self, members: Mapping[int, str], keys: Mapping[int, Collection[str]]) -> None:
        """Write to which study each record belongs, and its block keys.

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
            self.mark_done(record_id)

    def set_keys(self, record_id: int, keys: Collection[str]) -> bool:
        """Write the block keys of a record, and return whether it had others before."""
        statement = "SELECT key FROM block_keys WHERE record_id = ?"
        before = {key for (key,) in self._connection.execute(statement, (record_id,))}
        if before == set(keys):
            return False
        self._connection.execute("DELETE FROM block_keys WHERE record_id = ?", (record_id,))
        self._connection.executemany(
            "INSERT INTO block_keys VALUES (?, ?)", [(key, record_id) for key in sorted(set(keys))]
        )
        return True

    def settled(self) -> Iterator[StoredRecord]:
        """Return all records that belong to a study, in order of arrival; what is read may be written meanwhile."""
        last = 0
        while True:
            statement = "SELECT record_id FROM records WHERE record_id > ? AND study_id IS NOT NULL ORDER BY 1 LIMIT ?"
            record_ids = [record_id for (record_id,) in self._connection.execute(statement, (last, _PORTION))]
            if not record_ids:
                return
            yield from self.by_id(record_ids)
            last = record_ids[-1]

    def revisions(self, record_id: int) -> list[tuple[str, Record]]:
        """Return what a record said before, oldest first, each with the time until which it did."""
        rows = self._connection.execute(
            "SELECT seen_at, record FROM revisions WHERE record_id = ? ORDER BY rowid", (record_id,)
        )
        return [(seen_at, record_from_json(text)) for seen_at, text in rows]


def _stored(row: tuple[Any, ...]) -> StoredRecord:
    return StoredRecord(
        record_id=row[0],
        record=record_from_json(row[1]),
        first_seen=row[2],
        study_id=row[3],
        is_deleted=row[4] is not None,
        first_study_id=row[5],
    )


class _Imports:
    """The records of files that the library holds, to find the one that another repeats."""

    def __init__(self, held: Iterable[Record]) -> None:
        self._by_name: dict[str, list[Record]] = defaultdict(list)
        self._by_digest: dict[tuple[str, str], Record] = {}
        for record in held:
            self._add(record)

    def place(self, record: Record) -> Record:
        """Return a record under the name of the one that it repeats, completed by it; or under a name of its own."""
        found = self._find(record)
        if found is None:
            return self.name(record)
        placed = replace(complete(record, found), source=found.source, source_key=found.source_key)
        self._by_name[_base(found.source_key)] = [
            placed if held is found else held for held in self._by_name[_base(found.source_key)]
        ]
        self._by_digest[found.source, digest(placed)] = placed
        return placed

    def name(self, record: Record) -> Record:
        """Return a record under its name, with a number behind it where others have that."""
        taken = len(self._by_name[_base(record.source_key)])
        named = replace(record, source_key=f"{record.source_key} {taken + 1}") if taken else record
        self._add(named)
        return named

    def _find(self, record: Record) -> Record | None:
        same_name = self._by_name.get(_base(record.source_key), ())
        # A library that was named anew does not know from which database a file was; and a row may get or lose its DOI.
        nameless = (held for held in self._by_name.get(content_key(record), ()) if held.source == record.source)
        same_row = self._by_digest.get((record.source, digest(record)))
        candidates = (*same_name, *nameless, *((same_row,) if same_row is not None else ()))
        return next((held for held in candidates if is_same_record(held, record)), None)

    def _add(self, record: Record) -> None:
        self._by_name[_base(record.source_key)].append(record)
        self._by_digest.setdefault((record.source, digest(record)), record)


def _base(name: str) -> str:
    """Return a name without the number that parts papers of one name."""
    return re.sub(" [0-9]+$", "", name)
