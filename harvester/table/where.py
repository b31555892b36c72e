"""The language of ``--where`` and of ``where:`` in the settings, and read-only SQL.

A condition is one SQLite expression over the table's columns, such as ``design = 'rct' and sample_size >
100``, with one function of our own: ``has(conditions, 'depression')`` is true if the list holds exactly that
item.  It can neither write nor reach any other table, because it is put between brackets into a larger
statement, and because SQLite itself is asked, through its authorizer, to refuse everything but the columns
and a list of plain functions.

``--sql`` is a whole statement, and may read everything and change nothing.
"""

from __future__ import annotations

import difflib
import re
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harvester.ground.errors import LibraryError, LockedError, UsageError
from harvester.table.columns import COLUMN_NAMES, split_list, sql_columns

QUERY_SECONDS = 30.0  # a person waits at a terminal; the largest sensible query of 100,000 studies takes a few
_STEPS = 10_000  # SQLite's virtual instructions between two looks at the clock: some 0.1 ms
_LESS = "ask for less, or use data/studies.csv"
_TRIAL_SECONDS = 2.0
_LONGEST_VALUE = 50_000_000  # bytes; keeps zeroblob() and the like from eating the memory
_LONGEST_ANSWER = 256_000_000  # bytes that an answer may take in memory; twice the table of 35,000 studies
_CELL = 50  # bytes that a cell takes beside its text
_WORKSPACE = 400_000_000  # bytes that SQLite may use to sort and join; beyond the memory it would fill the disk
# What a condition may call: it computes and does nothing else.  LIKE and GLOB count as functions.
_FUNCTION_NAMES = (
    "abs coalesce date datetime glob has ifnull iif instr julianday length like lower ltrim max min nullif "
    "replace round rtrim strftime substr substring time trim typeof unixepoch upper"
)
_FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\])|(?P<comment>--|/\*)|(?P<odd>['"`\[])|(?P<mark>[();?])"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a query returned."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def check_where(text: str) -> str | None:
    """Return what is wrong with a condition, in words for the person who wrote it; None if nothing is.

    The empty condition means "everything" and is right.

    Examples
    --------
    >>> check_where("design = 'rct' and has(conditions, 'depression')") is None
    True
    >>> check_where("desing = 'rct'")
    'there is no column desing; did you mean design?'
    """
    return _examine(text)[0]


def check_columns(text: str, present: Collection[str]) -> None:
    """Refuse a right condition that names a column which a table does not have.

    A library that an earlier program wrote last may have fewer columns than this program knows.

    Raises
    ------
    UsageError
        Naming the column.
    """
    for name in sorted(_examine(text)[1].difference(present)):
        raise _build_absence(name)


def _build_absence(name: str) -> UsageError:
    advice = "run `harvester harvest` once, which adds what this program knows"
    return UsageError(f"the library has no column {name} yet", advice=advice)


def try_where(text: str) -> str | None:
    """Return what is wrong with a right condition only when it runs (an overflow, an impossible ESCAPE); None: nothing.

    Not part of `check_where`: settings that are kept in a ledger are read again as they were.
    """
    return _examine(text, run=True)[0]


def _examine(text: str, *, run: bool = False) -> tuple[str | None, frozenset[str]]:
    """Return the mistake in a condition, if there is one, and the columns that it names."""
    if not text.strip():
        return None, frozenset()
    mistake = _check_tokens(text)
    if mistake is not None:
        return mistake, frozenset()
    with closing(sqlite3.connect(":memory:")) as connection:
        columns = ", ".join(f"{name} {type_} DEFAULT 1" for name, type_ in sql_columns())
        connection.execute(f"CREATE TABLE studies ({columns})")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        register_functions(connection)
        connection.execute("INSERT INTO studies DEFAULT VALUES")
        guard = _Guard()
        connection.set_authorizer(guard)
        try:
            limit_time(connection, seconds=_TRIAL_SECONDS)
            connection.execute(f"{'' if run else 'EXPLAIN '}SELECT 1 FROM studies WHERE (\n{text}\n)").fetchall()  # noqa: S608 - on trial
        except UnicodeEncodeError:
            mistake = "it holds bytes that are no text"
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            mistake = guard.mistake or _in_words(str(error))
    return mistake, frozenset(guard.columns)


def build_condition(text: str) -> str:
    """Return a condition as SQL to stand after ``WHERE``, in brackets; the empty one means everything.

    It is to be put where only the table's columns are in scope and `register_functions` was called.

    Raises
    ------
    UsageError
        If there is a mistake in it.
    """
    mistake = check_where(text)
    if mistake is not None:
        raise UsageError(f"the condition {text.strip()!r} is wrong", advice=mistake)
    return f"(\n{text}\n)" if text.strip() else "(1)"


def register_functions(connection: sqlite3.Connection) -> None:
    """Let a connection call the functions that conditions may use: ``has(list, value)``.

    ``has`` is 1 if the list's cell holds exactly that item, in any case of letters, else 0; 0 for an empty
    cell.
    """
    connection.create_function("has", 2, _has, deterministic=True)


def limit_time(connection: sqlite3.Connection, *, seconds: float = QUERY_SECONDS) -> None:
    """Have SQLite stop what the connection does `seconds` from now (``OperationalError: interrupted``)."""
    deadline = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)


def query_read_only(path: Path, sql: str, *, seconds: float = QUERY_SECONDS) -> Answer:
    """Run one SQL statement that only reads: ``SELECT``, ``WITH … SELECT``, ``VALUES`` or ``EXPLAIN``.

    Raises
    ------
    UsageError
        If it is no SQL, would do anything but read, or takes too long.
    LibraryError
        If there is no library, or its file is damaged.
    LockedError
        If a run is writing to it and does not finish in time.
    """
    if not path.is_file():
        raise LibraryError(f"there is no library at {path}", advice="run `harvester run` first")
    guard = _ReadingGuard()
    present: set[str] = set()
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
            register_functions(connection)
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA hard_heap_limit = {_WORKSPACE}")  # of this process, from now on
            present = {row[1] for row in connection.execute("PRAGMA table_info (studies)")}
            connection.set_authorizer(guard)
            limit_time(connection, seconds=seconds)
            cursor = connection.execute(sql)
            rows = tuple(_take(cursor))
            return Answer(columns=tuple(column[0] for column in cursor.description or ()), rows=rows)
    except MemoryError as error:
        raise UsageError("the query needs too much memory", advice=_LESS) from error
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        if guard.has_refused:
            raise UsageError("--sql only reads", advice="write one SELECT statement") from error
        unknown = re.fullmatch(r"no such column: (?:.+\.)?(\w+)", str(error))
        if unknown is not None and unknown[1].lower() in set(COLUMN_NAMES) - present:
            raise _build_absence(unknown[1].lower()) from error
        raise explain_failure(error, path=path, seconds=seconds) from error


def _take(cursor: sqlite3.Cursor) -> Iterator[tuple[object, ...]]:
    """Yield the rows of an answer, as many as one can keep."""
    size = 0
    for row in cursor:
        size += sum(_CELL + (len(cell) if isinstance(cell, str | bytes) else 0) for cell in row)
        if size > _LONGEST_ANSWER:
            raise UsageError(f"the answer is larger than {_LONGEST_ANSWER // 1_000_000} MB", advice=_LESS)
        yield row


@contextmanager
def bounded(connection: sqlite3.Connection, *, path: Path, seconds: float = QUERY_SECONDS) -> Iterator[None]:
    """Bound how long, and how large, what a user's condition makes a connection do inside may become.

    Raises
    ------
    UsageError, LibraryError, LockedError
        As `query_read_only` does.
    """
    longest = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    limit_time(connection, seconds=seconds)
    try:
        yield
    except sqlite3.Error as error:
        raise explain_failure(error, path=path, seconds=seconds) from error
    finally:
        connection.set_progress_handler(None, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)


def explain_failure(error: Exception, *, path: Path, seconds: float) -> UsageError | LibraryError:
    """Return what went wrong with a user's query in words, as an error to raise."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind; the rest says more of it
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        return LibraryError(f"the library {path} cannot be read ({error})", advice="restore it from a copy")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return LockedError(f"the library {path} is being written", advice="try again when the run is over")
    if code == sqlite3.SQLITE_INTERRUPT:
        return UsageError(f"the query took longer than {seconds:g} s", advice=_LESS)
    return UsageError(
        f"the SQL is wrong ({error})", advice="write one SELECT statement; docs/table.md lists the columns"
    )


def _has(cell: object, value: object) -> int:
    if cell is None or value is None:
        return 0
    sought = str(value).strip().casefold()
    return int(any(item.casefold() == sought for item in split_list(str(cell))))


def _check_tokens(text: str) -> str | None:
    """Find what could leave the brackets that a condition is put in, and what SQLite would misunderstand."""
    depth = 0
    for token in _TOKEN.finditer(text):
        what = token.group()
        if token["comment"]:
            return f"comments ({what}) have no place in a condition"
        if token["odd"]:
            return f"a quotation that begins with {what} does not end"
        if token["name"] and what[1:-1].lower() not in COLUMN_NAMES:
            # SQLite takes an unknown name in double quotes for text: a misspelt column would match nothing.
            return f"there is no column {what}; a text stands in single quotes ('…')"
        if what == ";":
            return "a condition is one expression; leave out the semicolon"
        if what == "?":
            return "a condition cannot have placeholders (?)"
        depth += {"(": 1, ")": -1}.get(what, 0)
        if depth < 0:
            return "a closing bracket has no opening one"
    return "a bracket is not closed" if depth else None


class _Guard:
    """SQLite's authorizer while a condition is checked; remembers why it refused."""

    def __init__(self) -> None:
        self.mistake: str | None = None
        self.columns: set[str] = set()  # that the condition names
        self._selects = 0

    def __call__(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        """Return whether the condition may do this, in SQLite's numbers."""
        if action == sqlite3.SQLITE_SELECT:
            # The statement around the condition announces itself first; any other one is inside it.
            self._selects += 1
            if self._selects > 1:
                self.mistake = "a condition cannot contain SELECT; `query --sql` can"
        elif action == sqlite3.SQLITE_FUNCTION:
            if second not in _FUNCTIONS:
                known = ", ".join(sorted(_FUNCTIONS))
                self.mistake = f"a condition cannot use {second}; it can use {known}"
        elif action != sqlite3.SQLITE_READ or first != "studies" or second not in {*COLUMN_NAMES, ""}:
            self.mistake = f"a condition can use nothing but the columns {', '.join(COLUMN_NAMES)}"
        elif second:
            self.columns.add(second)
        return sqlite3.SQLITE_OK if self.mistake is None else sqlite3.SQLITE_DENY


class _ReadingGuard:
    """SQLite's authorizer for statements that only read; remembers whether it refused."""

    def __init__(self) -> None:
        self.has_refused = False

    def __call__(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        """Return whether the statement may do this, in SQLite's numbers."""
        # A full-text index asks for this number, and announces its columns to SQLite as if it changed the
        # list of tables; a statement that really does is refused by SQLite, and by the read-only file.
        is_index = (action, first) in {
            (sqlite3.SQLITE_PRAGMA, "data_version"),
            (sqlite3.SQLITE_UPDATE, "sqlite_master"),
        }
        if (action in _READS and second != "load_extension") or is_index:
            return sqlite3.SQLITE_OK
        self.has_refused = True
        return sqlite3.SQLITE_DENY


def _in_words(error: str) -> str:
    if "binding" in error:
        return "a condition cannot have placeholders (:name, @name, $name)"
    missing = re.fullmatch(r"no such column: (.+)", error)
    if missing is None:
        return error
    name = missing.group(1)
    near = difflib.get_close_matches(name.lower(), COLUMN_NAMES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the columns are {', '.join(COLUMN_NAMES)}"
    return f"there is no column {name}; {hint}"
