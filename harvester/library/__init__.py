"""The library: one SQLite file, the source of truth from which the table and every edition are made.

A step of a run is one transaction; a run that dies between two of them is continued by the next one, because
each step asks the library what is still to do (records pending, editions not made, deliveries due).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from harvester.errors import HarvesterError, LibraryError, LockedError, StorageError
from harvester.library import schema
from harvester.library.editions import Delivery, EditionStore, Mark, StoredEdition
from harvester.library.records import Held, RecordStore, Saved
from harvester.library.sources import SourceState, SourceStore
from harvester.library.studies import Event, Merge, StudyStore
from harvester.where import register_functions

__all__ = [
    "Delivery",
    "EditionStore",
    "Event",
    "Held",
    "Library",
    "Mark",
    "Merge",
    "RecordStore",
    "Saved",
    "SourceState",
    "StoredEdition",
    "StudyStore",
]

FILE_NAME = "library.db"
# How long a reader waits for a writer's transaction, seconds.
_BUSY_SECONDS = 30


class Library:
    """The open library.

    Use `Library.open`; as a context manager it closes itself.

    Attributes
    ----------
    records, studies, editions, sources
        The stores; all of them speak within the same `transaction`.
    path
        The database file.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, lock: FileLock | None) -> None:
        self._connection = connection
        self._lock = lock
        self.path = path
        self.records = RecordStore(connection)
        self.studies = StudyStore(connection)
        self.editions = EditionStore(connection)
        self.sources = SourceStore(connection)

    @classmethod
    def open(cls, folder: Path, *, writable: bool = True) -> Self:
        """Open the library in a folder.

        Parameters
        ----------
        folder
            The data folder; made if it does not exist and the library is to be written.
        writable
            True: take the lock that only one run can hold, and make the library if there is none.  False: only
            read, beside a run that may be writing.

        Raises
        ------
        LockedError
            If another run holds it.
        LibraryError
            If the file is damaged, or is missing and only to be read.
        SchemaError
            If it was written by a newer program.
        StorageError
            If the folder cannot be written.
        """
        path = folder / FILE_NAME
        if not writable:
            if not path.is_file():
                raise LibraryError(f"there is no library at {path}", advice="run `harvester harvest` first")
            return cls(_connect(path, read_only=True), path, None)
        lock = _take_lock(folder)
        try:
            return cls(_connect(path, read_only=False), path, lock)
        except BaseException:
            lock.release()
            raise

    def __enter__(self) -> Self:
        """Give the library itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the library and free the lock."""
        self.close()

    def close(self) -> None:
        """Close the file and free the lock."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside durable together, or nothing of it.

        Raises
        ------
        LibraryError
            If SQLite finds the file damaged.
        StorageError
            If it cannot be written (disk full).
        """
        with _wrapped(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._commit()

    def _commit(self) -> None:
        """Make the open transaction durable; the one place where the library changes."""
        self._connection.execute("COMMIT")


def _take_lock(folder: Path) -> FileLock:
    """Take the one lock of a data folder; say who holds it if somebody does."""
    holder = folder / ".lock-holder"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=0)
    except Timeout as error:
        who = holder.read_text(encoding="utf-8").strip() if holder.is_file() else "another run"
        raise LockedError(
            f"{folder} is in use by {who}", advice="wait until it ends; the next run catches up"
        ) from error
    except OSError as error:
        raise StorageError(f"{folder} cannot be written ({error.strerror})") from error
    try:
        holder.write_text(f"process {os.getpid()}\n", encoding="utf-8")
    except OSError as error:
        lock.release()
        raise StorageError(f"{holder} cannot be written ({error.strerror})") from error
    return lock


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the file, check that it is sound, and bring it to the current version."""
    with _wrapped(path):
        is_new = not path.exists() or path.stat().st_size == 0
        if is_new and not read_only and (path.parent / "studies.csv").exists():
            # A new library would overwrite the table with less than it holds.
            raise LibraryError(
                f"{path} is missing or empty, but its table studies.csv is there",
                advice="put back a copy of the library, or move the folder away to begin anew",
            )
        mode = "ro" if read_only else "rwc"
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            register_functions(connection)
            if is_new and not read_only:
                connection.execute("BEGIN IMMEDIATE")
                schema.create(connection)
                connection.execute("COMMIT")
            _check(connection, path, read_only=read_only)
        except BaseException:
            connection.close()
            raise
        return connection


def _check(connection: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
    """Refuse a damaged file, another program's file, and one from the future; migrate one from the past."""
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise LibraryError(f"{path} is damaged ({verdict})", advice="put back a copy; nothing was overwritten")
    try:
        row = connection.execute("SELECT value FROM meta WHERE key = 'library_version'").fetchone()
    except sqlite3.OperationalError as error:
        raise LibraryError(f"{path} is a database, but not a library of this program") from error
    if row is None or not row[0].isdigit():
        raise LibraryError(f"{path} does not say its version; it is damaged")
    found = int(row[0])
    if found != schema.LIBRARY_VERSION:
        if read_only and found < schema.LIBRARY_VERSION:
            raise LibraryError(f"{path} is of an older version", advice="run `harvester harvest` once to bring it up")
        backup = path.with_suffix(f".v{found}.db")
        if found < schema.LIBRARY_VERSION:
            with closing(sqlite3.connect(backup)) as copy:
                connection.backup(copy)
        connection.execute("BEGIN IMMEDIATE")
        schema.migrate(connection, found)
        connection.execute("COMMIT")


@contextmanager
def _wrapped(path: Path) -> Iterator[None]:
    """Turn SQLite's exceptions into ours, once, at this boundary."""
    try:
        yield
    except HarvesterError:
        raise
    except sqlite3.OperationalError as error:
        text = str(error)
        if "full" in text or "readonly" in text or "unable to open" in text or "disk I/O" in text:
            raise StorageError(f"{path} cannot be written ({text})", advice="free space or mend its rights") from error
        if "locked" in text or "busy" in text:
            raise LockedError(f"{path} is in use ({text})", advice="wait until the other program ends") from error
        raise LibraryError(f"{path} cannot be used ({text})") from error
    except sqlite3.DatabaseError as error:
        raise LibraryError(f"{path} is damaged ({error})", advice="put back a copy; nothing was overwritten") from error
