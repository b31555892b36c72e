"""Opening the library: its lock, its checks, its transactions."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from harvester.ground.counted import counted
from harvester.ground.errors import HarvesterError, LibraryError, LockedError, SourceError, StorageError, UsageError
from harvester.library import derived, schema
from harvester.library.codec import record_from_json, study_from_json
from harvester.library.correction_store import CorrectionStore
from harvester.library.decision_store import DecisionStore
from harvester.library.edition_store import EditionStore, Mark
from harvester.library.ledger import Entry, Ledger
from harvester.library.notice_store import NoticeStore
from harvester.library.record_store import RecordStore
from harvester.library.replacing import FILE_NAME, finish_replacing, is_replacing
from harvester.library.source_store import SourceStore
from harvester.library.study_store import StudyStore
from harvester.table.where import bounded, register_functions

_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE)
_CURE = "`harvester rebuild` makes it again from the folder raw; or put back a copy; nothing was overwritten"

# Columns that hold JSON.
_JSON = (
    ("records", "record"),
    ("revisions", "record"),
    ("study_documents", "document"),
    ("history", "detail"),
    ("sources", "mark"),
    ("harvests", "report"),
    ("corrections", "value"),
)
_NEWEST = 500  # records and studies that are read each time they are checked


class Library:
    """The open library, made by `Library.open`; its stores write within one `transaction`."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, lock: FileLock | None, ledger: Ledger | None
    ) -> None:
        self._connection = connection
        self._lock = lock
        self._ledger = ledger
        self.path = path
        self.records = RecordStore(connection)
        self.studies = StudyStore(connection)
        self.decisions = DecisionStore(connection)
        self.corrections = CorrectionStore(connection)
        self.notices = NoticeStore(connection)
        self.editions = EditionStore(connection)
        self.sources = SourceStore(connection)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        writable: bool = True,
        ledger: Ledger | None = None,
        busy_seconds: float = 30,
        is_hasty: bool = False,
    ) -> Self:
        """Open the library in a folder.

        Parameters
        ----------
        folder
            The data folder; made if it does not exist and the library is to be written.
        writable
            True: take the lock that only one run can hold, and make the library if there is none.  False: only
            read, beside a run that may be writing.
        ledger
            Where each change is written down before it is made; None: nowhere, as when a ledger is played again.
        busy_seconds
            How long to wait for another program's transaction.
        is_hasty
            Do not read the whole file to see whether it is sound; only for what changes nothing.

        Raises
        ------
        LockedError
            If another run holds it.
        UsageError
            If the file is missing and only to be read.
        LibraryError
            If the file is damaged, or older than its ledger.
        SchemaError
            If it was written by a newer program.
        StorageError
            If the folder cannot be written.
        """
        path = folder / FILE_NAME
        settle(folder)
        if not writable:
            if not path.is_file():
                raise UsageError(f"there is no library at {path}", advice="run `harvester harvest` first")
            connection = _connect(path, read_only=True, busy_seconds=busy_seconds, is_hasty=is_hasty)
            return cls(connection, path, None, None)
        lock = _take_lock(folder)
        try:
            library = cls(_connect(path, read_only=False, busy_seconds=busy_seconds), path, lock, ledger)
        except BaseException:
            lock.release()
            raise
        try:
            library._check_ledger()
        except BaseException:
            library.close()
            raise
        return library

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and free the lock."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    @property
    def position(self) -> int:
        """The number of the last change that is in this library, as its ledger counts."""
        (number,) = self._connection.execute("SELECT value FROM meta WHERE key = 'journal'").fetchone()
        return int(number)

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Bound what a user's condition makes of the questions inside; see `harvester.table.where.bounded`."""
        with bounded(self._connection, path=self.path):
            yield

    def find_damage(self, *, thorough: bool = False) -> list[str]:
        """Look for documents that no program could read, and return a line for each kind of them.

        Parameters
        ----------
        thorough
            Whether to read every study and record as a run would, and not only the newest.
        """
        with _wrapped(self.path):
            faults = [
                f"{counted(count, 'row')} of {table} cannot be read"
                for table, column in _JSON
                if (count := self._count(f"SELECT count(*) FROM {table} WHERE NOT json_valid({column})"))
            ]
            last = "" if thorough else f"ORDER BY rowid DESC LIMIT {_NEWEST}"
            by_id = "" if thorough else f"ORDER BY study_id DESC LIMIT {_NEWEST}"
            for statement, read in (
                (f"SELECT record FROM records {last}", record_from_json),
                (f"SELECT document FROM study_documents {by_id}", study_from_json),
            ):
                try:
                    for (text,) in self._connection.execute(statement):
                        read(text)
                except LibraryError as error:
                    faults.append(error.message)
            for digest, edition, document in self._connection.execute("SELECT digest, edition, document FROM editions"):
                try:
                    json.loads(zlib.decompress(document))
                except (zlib.error, ValueError, TypeError):
                    faults.append(f"the edition {edition} of {digest} cannot be read")
        return faults

    def _count(self, statement: str) -> int:
        (count,) = self._connection.execute(statement).fetchone()
        return int(count)

    @property
    def mark(self) -> Mark:
        """How far the library has come: what is beyond belongs to the next edition."""
        return Mark(
            last_study_id=self.studies.last_id(),
            last_event_id=self.studies.last_event_id(),
            last_harvest_id=self.sources.last_harvest_id(),
        )

    def rules(self, what: str) -> str | None:
        """Return the fingerprint of the rules by which ``tags`` or ``keys`` were made; None: unknown."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (f"rules of {what}",)).fetchone()
        return None if row is None else str(row[0])

    def set_rules(self, what: str, fingerprint: str) -> None:
        """Write the fingerprint of the rules by which all ``tags`` or ``keys`` are made, inside a transaction."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"rules of {what}", fingerprint))

    def _check_ledger(self) -> None:
        """Refuse a library that lacks changes of its ledger, other than the one that a killed run was about to make."""
        if self._ledger is not None and self._ledger.last_number() > self.position + 1:
            raise LibraryError(
                f"{self.path} is older than {self._ledger.path}",
                advice="`harvester rebuild` makes it again from there; or move both away to begin anew",
            )

    @contextmanager
    def transaction(self, entry: Entry, *, beside: Mapping[str, bytes] | None = None) -> Iterator[None]:
        """Make everything inside durable together, or nothing of it.

        Parameters
        ----------
        entry
            What is about to change, in words from which it can be done again; see `harvester.jobs.rebuild`.
        beside
            Files that the entry names, for the ledger to keep beside it.

        Raises
        ------
        LibraryError
            If SQLite finds the file damaged.
        StorageError
            If it cannot be written (disk full).
        """
        with _wrapped(self.path):
            number = self.position + 1
            if self._ledger is not None:
                self._ledger.append(number, entry, beside=beside)
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("UPDATE meta SET value = ? WHERE key = 'journal'", (str(number),))
            except BaseException:
                # On a full disk SQLite has rolled back already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._commit()

    def _commit(self) -> None:
        """Make the open transaction durable; the one place where the library changes."""
        self._connection.execute("COMMIT")


def is_of_storage(error: Exception) -> bool:
    """Return whether an error is the library's or the disk's, so that no work can go on, whoever met it."""
    if isinstance(error, HarvesterError):
        return not isinstance(error, SourceError)
    return isinstance(error, sqlite3.Error) or (isinstance(error, OSError) and error.errno in _DISK_ERRORS)


def copy_library(path: Path, target: Path) -> tuple[int, int]:
    """Copy a library, as it is after one of its transactions, also while a run writes to it.

    Returns
    -------
    tuple of int
        The version of the library, and the number of the last change that is in the copy.

    Raises
    ------
    LibraryError
        If it is damaged, or another program's.
    """
    settle(path.parent)
    with (
        _wrapped(path),
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as connection,
        closing(sqlite3.connect(target)) as copy,
    ):
        connection.backup(copy)
        return _read_position(copy, path)


def read_position(path: Path) -> tuple[int, int]:
    """Return a library's version, also an old one, and the number of its last change; raises as `copy_library`."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    with _wrapped(path), closing(sqlite3.connect(uri, uri=True, timeout=30)) as connection:
        return _read_position(connection, path)


def _read_position(connection: sqlite3.Connection, path: Path) -> tuple[int, int]:
    version = read_version(connection, path)
    if version > schema.LIBRARY_VERSION:
        schema.migrate(connection, version)  # refuses, and says what to do
    row = connection.execute("SELECT value FROM meta WHERE key = 'journal'").fetchone()
    return version, int(row[0]) if row is not None and row[0].isdigit() else 0


def settle(folder: Path) -> None:
    """Finish putting a library into a folder where a killed process began it; raises as `Library.open` does."""
    if is_replacing(folder):
        with lock_folder(folder):
            finish_replacing(folder)


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold a data folder's lock without opening its library; raises as `Library.open` does."""
    lock = _take_lock(folder)
    try:
        yield
    finally:
        lock.release()


def _take_lock(folder: Path) -> FileLock:
    """Take the one lock of a data folder; name its holder if it is taken."""
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


def _connect(path: Path, *, read_only: bool, busy_seconds: float, is_hasty: bool = False) -> sqlite3.Connection:
    """Open the file, check that it is sound, and bring its tables up to date."""
    with _wrapped(path):
        is_new = not path.exists() or path.stat().st_size == 0
        if is_new and not read_only and (path.parent / "studies.csv").exists():
            # A new library would overwrite the table with less than it holds.
            raise LibraryError(
                f"{path} is missing or empty, but its table studies.csv is there",
                advice="`harvester rebuild` makes it again from the folder raw; or move the data away to begin anew",
            )
        mode = "ro" if read_only else "rwc"
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=busy_seconds, isolation_level=None
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            register_functions(connection)
            if is_new and not read_only:
                connection.execute("BEGIN IMMEDIATE")
                schema.create(connection)
                connection.execute("COMMIT")
            _check(connection, path, read_only=read_only, is_hasty=is_hasty)
            if not read_only:
                derived.bring_up(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def read_version(connection: sqlite3.Connection, path: Path, *, is_hasty: bool = False) -> int:
    """Return the version of an open library; refuses a damaged file (unless in haste) and another program's."""
    if not is_hasty:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise LibraryError(f"{path} is damaged ({verdict})", advice=_CURE)
    try:
        row = connection.execute("SELECT value FROM meta WHERE key = 'library_version'").fetchone()
    except sqlite3.OperationalError as error:
        raise LibraryError(f"{path} is a database, but not a library of this program", advice=_CURE) from error
    if row is None or not row[0].isdigit():
        raise LibraryError(f"{path} does not say its version; it is damaged", advice=_CURE)
    return int(row[0])


def _check(connection: sqlite3.Connection, path: Path, *, read_only: bool, is_hasty: bool) -> None:
    """Refuse a damaged file, another program's file, and one from the future; migrate one from the past."""
    version = read_version(connection, path, is_hasty=is_hasty)
    if version > schema.LIBRARY_VERSION:
        schema.migrate(connection, version)  # refuses, and says what to do
    if version < schema.LIBRARY_VERSION:
        if read_only:
            raise LibraryError(f"{path} is of an older version", advice="run `harvester harvest` once to bring it up")
        backup = path.with_suffix(f".v{version}.db")
        with closing(sqlite3.connect(backup)) as copy:
            connection.backup(copy)
        connection.execute("BEGIN IMMEDIATE")
        schema.migrate(connection, version)
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
        raise LibraryError(f"{path} is damaged ({error})", advice=_CURE) from error
