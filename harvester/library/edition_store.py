"""What was told to readers: editions, which study stood in which, and who received them."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Sized
from dataclasses import dataclass

from harvester.ground.errors import UsageError
from harvester.library.lists import execute_in

RECEIVED = ("claimed", "sent", "unknown")  # states of a delivery that has arrived, or may have


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far the library had come when an edition was made; what is beyond belongs to the next."""

    last_study_id: str = ""
    last_event_id: int = 0
    last_harvest_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdition:
    """An edition as it was made; never changed afterwards."""

    digest: str
    edition: str  # "2026-W47"
    made_at: str  # UTC time
    mark: Mark
    document: str  # JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One edition for one recipient."""

    digest: str
    edition: str
    recipient: str
    # due; claimed (its text is being sent); sent; failed (tried again next run); unknown (may have arrived, not sent
    # again); refused (for good: tried again only while it is the newest edition of its digest).
    state: str
    attempts: int = 0
    error: str | None = None


class EditionStore:
    """The tables `editions`, `edition_studies` and `deliveries`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def save(self, edition: StoredEdition, study_ids: Iterable[str]) -> None:
        """Write a new edition, and which studies its readers were told of."""
        mark = edition.mark
        self._connection.execute(
            "INSERT INTO editions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                edition.digest,
                edition.edition,
                edition.made_at,
                mark.last_study_id,
                mark.last_event_id,
                mark.last_harvest_id,
                zlib.compress(edition.document.encode(), 9),
            ),
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO edition_studies VALUES (?, ?, ?)",
            [(edition.digest, study_id, edition.edition) for study_id in study_ids],
        )

    def inherit(self, study_id: str, *, origin: str) -> None:
        """Put a study into every edition that told of the study of which it was a part."""
        self._connection.execute(
            "INSERT OR IGNORE INTO edition_studies SELECT digest, ?, edition FROM edition_studies WHERE study_id = ?",
            (study_id, origin),
        )

    def first_of(self, study_id: str) -> str | None:
        """Return the first edition of any digest that told of a study; None: none yet."""
        row = self._connection.execute(
            "SELECT min(edition) FROM edition_studies WHERE study_id = ?", (study_id,)
        ).fetchone()
        return None if row[0] is None else str(row[0])

    def pass_over(self, digest: str, study_ids: Iterable[str]) -> None:
        """Write which studies an edition looked at and left out."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO passed_over VALUES (?, ?)", [(digest, study_id) for study_id in study_ids]
        )

    def passed_over(self, digests: Collection[str], study_ids: Collection[str]) -> set[str]:
        """Return those of some studies that a digest, by any of its names, left out and has not sent since."""
        statement = f"SELECT study_id FROM passed_over WHERE digest IN ({_marks(digests)}) AND study_id IN ({{}})"
        left_out = {study_id for (study_id,) in execute_in(self._connection, statement, study_ids, *digests)}
        return left_out.difference(self.sent_in(digests, left_out))

    def get(self, digest: str, edition: str) -> StoredEdition | None:
        """Return an edition; None if there is none of that name."""
        return self._one("WHERE digest = ? AND edition = ?", (digest, edition))

    def require(self, digest: str, edition: str) -> StoredEdition:
        """Return an edition; raises UsageError if there is none of that name."""
        stored = self.get(digest, edition)
        if stored is None:
            latest = ", ".join(self.names(digest)[-5:]) or "none yet"
            raise UsageError(f"there is no edition {edition} of {digest}", advice=f"the latest are: {latest}")
        return stored

    def latest(self, *digests: str) -> StoredEdition | None:
        """Return the newest edition of a digest, by any of its names; None before the first."""
        return self._one(f"WHERE digest IN ({_marks(digests)}) ORDER BY edition DESC LIMIT 1", digests)

    def digests(self) -> list[str]:
        """Return the names of all digests that have editions."""
        return [name for (name,) in self._connection.execute("SELECT DISTINCT digest FROM editions ORDER BY digest")]

    def last_mark(self, *digests: str) -> Mark | None:
        """Return how far a digest, by any of its names, told its readers of the library; None: of nothing yet.

        An edition that was taken back after somebody had received it has told them.
        """
        columns = "digest, last_study_id, last_event_id, last_harvest_id"
        row = self._connection.execute(
            "SELECT max(last_study_id), max(last_event_id), max(last_harvest_id)"
            f" FROM (SELECT {columns} FROM editions UNION ALL SELECT {columns} FROM withdrawn_editions)"
            f" WHERE digest IN ({_marks(digests)})",
            digests,
        ).fetchone()
        return None if row[0] is None else Mark(last_study_id=row[0], last_event_id=row[1], last_harvest_id=row[2])

    def documents(self, *digests: str) -> Iterator[str]:
        """Yield what a digest, by any of its names, told its readers, the newest first: also what was taken back."""
        columns = "digest, last_event_id, edition, document"
        rows = self._connection.execute(
            f"SELECT document FROM (SELECT {columns} FROM editions UNION ALL SELECT {columns} FROM withdrawn_editions)"
            f" WHERE digest IN ({_marks(digests)}) ORDER BY last_event_id DESC, edition DESC",
            digests,
        )
        for (document,) in rows:
            yield zlib.decompress(document).decode()

    def told_first_in(self, digest: str, edition: str) -> list[str]:
        """Return the studies of which an edition was the first of its digest to tell."""
        rows = self._connection.execute(
            "SELECT study_id FROM edition_studies WHERE digest = ? AND edition = ? ORDER BY study_id", (digest, edition)
        )
        return [study_id for (study_id,) in rows]

    def forget(self, digest: str, edition: str) -> None:
        """Drop an edition that nobody received: what it told of is new again, what it left out is open again."""
        for table in ("deliveries", "edition_studies", "editions"):
            self._connection.execute(f"DELETE FROM {table} WHERE digest = ? AND edition = ?", (digest, edition))
        start = self.last_mark(digest) or Mark()
        self._connection.execute(
            "DELETE FROM passed_over WHERE digest = ? AND study_id > ?", (digest, start.last_study_id)
        )

    def set_aside(self, digest: str, edition: str, *, at: str) -> None:
        """Free the name of an edition that somebody received; what its readers were told stays told."""
        place, number = (digest, edition), self.times_withdrawn(digest, edition) + 1
        self._connection.execute(
            "INSERT INTO withdrawn_editions SELECT digest, edition, ?, ?, made_at, last_study_id, last_event_id,"
            " last_harvest_id, document FROM editions WHERE digest = ? AND edition = ?",
            (number, at, *place),
        )
        self._connection.execute(
            "INSERT INTO withdrawn_deliveries SELECT digest, edition, ?, recipient, state, attempts, changed_at, error"
            f" FROM deliveries WHERE digest = ? AND edition = ? AND state IN {RECEIVED}",
            (number, *place),
        )
        for table in ("deliveries", "editions"):
            self._connection.execute(f"DELETE FROM {table} WHERE digest = ? AND edition = ?", place)

    def times_withdrawn(self, digest: str, edition: str) -> int:
        """Count the editions of one name that somebody received, and that were taken back."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM withdrawn_editions WHERE digest = ? AND edition = ?", (digest, edition)
        ).fetchone()
        return int(count)

    def latest_name(self, digest: str) -> tuple[str, str] | None:
        """Return the name of a digest's newest edition and the UTC time when it was made; None before the first."""
        row = self._connection.execute(
            "SELECT edition, made_at FROM editions WHERE digest = ? ORDER BY edition DESC LIMIT 1", (digest,)
        ).fetchone()
        return None if row is None else (str(row[0]), str(row[1]))

    def all(self) -> list[StoredEdition]:
        """Return the editions of all digests, in the order in which they were made."""
        names = self._connection.execute("SELECT digest, edition FROM editions ORDER BY made_at, digest").fetchall()
        return [self.require(digest, edition) for digest, edition in names]

    def names(self, *digests: str) -> list[str]:
        """Return the names of the editions of a digest, by any of its names, oldest first."""
        rows = self._connection.execute(
            f"SELECT edition FROM editions WHERE digest IN ({_marks(digests)}) ORDER BY edition", digests
        )
        return [name for (name,) in rows]

    def studies_of(self, edition: str) -> list[str] | None:
        """Return the studies that stood in an edition of any digest; None if there is no such edition."""
        if self._connection.execute("SELECT 1 FROM editions WHERE edition = ?", (edition,)).fetchone() is None:
            return None
        rows = self._connection.execute(
            "SELECT DISTINCT study_id FROM edition_studies WHERE edition = ? ORDER BY study_id", (edition,)
        )
        return [study_id for (study_id,) in rows]

    def latest_mark(self, *, before: str) -> Mark | None:
        """Return the mark of the newest edition of any digest that is older than one; None if there is none."""
        row = self._connection.execute(
            "SELECT last_study_id, last_event_id, last_harvest_id FROM editions WHERE edition < ?"
            " ORDER BY edition DESC, digest LIMIT 1",
            (before,),
        ).fetchone()
        return None if row is None else Mark(last_study_id=row[0], last_event_id=row[1], last_harvest_id=row[2])

    def sent_in(self, digests: Collection[str], study_ids: Collection[str]) -> dict[str, str]:
        """Return the first edition of a digest, by any of its names, in which each study stood; without the others."""
        statement = (
            "SELECT study_id, min(edition) FROM edition_studies"
            f" WHERE digest IN ({_marks(digests)}) AND study_id IN ({{}}) GROUP BY study_id"
        )
        editions = dict(execute_in(self._connection, statement, study_ids, *digests))
        return {study_id: editions[study_id] for study_id in study_ids if study_id in editions}

    def plan_deliveries(self, deliveries: Iterable[Delivery], *, at: str) -> None:
        """Write who is to receive an edition; a delivery that is there already stays as it is."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?, ?, 0, ?, NULL)",
            [(d.digest, d.edition, d.recipient, d.state, at) for d in deliveries],
        )

    def deliveries(self, *, states: Collection[str]) -> list[Delivery]:
        """Return the deliveries in some states, the oldest edition first."""
        rows = self._connection.execute(
            "SELECT digest, edition, recipient, state, attempts, error FROM deliveries"
            f" WHERE state IN ({_marks(states)}) ORDER BY edition, digest, recipient",
            tuple(states),
        )
        names = ("digest", "edition", "recipient", "state", "attempts", "error")
        return [Delivery(**dict(zip(names, row, strict=True))) for row in rows]

    def set_delivery(self, delivery: Delivery, state: str, *, at: str, error: str | None = None) -> None:
        """Write a delivery's new state; a claim or failure counts as an attempt."""
        self._connection.execute(
            "UPDATE deliveries SET state = ?, changed_at = ?, error = ?,"
            " attempts = attempts + (? IN ('claimed', 'failed')) WHERE digest = ? AND edition = ? AND recipient = ?",
            (state, at, error, state, delivery.digest, delivery.edition, delivery.recipient),
        )

    def _one(self, condition: str, values: tuple[str, ...]) -> StoredEdition | None:
        row = self._connection.execute(
            "SELECT digest, edition, made_at, last_study_id, last_event_id, last_harvest_id, document"
            f" FROM editions {condition}",
            values,
        ).fetchone()
        if row is None:
            return None
        return StoredEdition(
            digest=row[0],
            edition=row[1],
            made_at=row[2],
            mark=Mark(last_study_id=row[3], last_event_id=row[4], last_harvest_id=row[5]),
            document=zlib.decompress(row[6]).decode(),
        )


def _marks(values: Sized) -> str:
    return ", ".join("?" * len(values))
