"""The published table on disk: written, checked and read.

Its columns are in `harvester.table.columns`.  How the three files change together, so that a killed run leaves a
table that the next one understands::

    drafts of studies.csv and studies.parquet        nothing is visible yet
    .datapackage.json.next                           a promise: size and SHA-256 of the new CSV
    studies.csv, studies.parquet                     renamed into place
    .datapackage.json.next -> datapackage.json       the promise becomes the description

A CSV that matches neither promise was changed by somebody else, and is not overwritten
(docs/decisions/table.md).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal

from harvester.ground.counted import counted
from harvester.ground.errors import LibraryError, SchemaError, describe_error
from harvester.ground.files import drafting, remove_leftovers, storage_errors, sync_folder, write_atomically
from harvester.table.columns import COLUMN_NAMES, COLUMNS, FIRST_COUNT, SCHEMA_VERSION, Cell, split_list
from harvester.table.document import build_description
from harvester.table.encode import write_csv, write_parquet

if TYPE_CHECKING:
    import pandas as pd

CSV_NAME = "studies.csv"
PARQUET_NAME = "studies.parquet"
DESCRIPTION_NAME = "datapackage.json"
_NEXT_NAME = ".datapackage.json.next"
TABLE_NAMES = (CSV_NAME, PARQUET_NAME, _NEXT_NAME, DESCRIPTION_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How the table's files look."""

    state: Literal["missing", "whole", "damaged"]
    reason: str | None = None  # why it is damaged, in one sentence part


def write_table(
    folder: Path,
    rows: Iterable[Mapping[str, Cell]],
    *,
    created: str,
    topic: str,
    source_pages: Mapping[str, tuple[str, str]],
    warn: Callable[[str], object] | None = None,
) -> list[Path]:
    """Write the table (CSV, Parquet where pyarrow is installed, their description), all or nothing; return the paths.

    Parameters
    ----------
    rows
        Mappings as `build_row` makes them, ascending by ``study_id`` (ask SQL for that order).  They are
        consumed one at a time, so memory does not grow with the table.  No rows give a table with only a
        header.
    created
        UTC time for the description, ``2026-11-16T06:00:00Z``; the same input gives the same bytes.
    source_pages
        Title and address by the name that the rows have for a source; any other is called by that name.
    warn
        Called with a line if pyarrow is installed and Parquet cannot be written; None: that is raised.

    Raises
    ------
    LibraryError
        If somebody changed the table that is there; it is not overwritten.
    StorageError
        If the disk refuses; the table that was there stays.
    ValueError
        If the rows do not ascend.
    """
    verdict = verify_table(folder)
    if verdict.state == "damaged":
        raise _damage(folder, verdict.reason or "")
    with ExitStack() as stack:
        stack.enter_context(storage_errors(folder))
        folder.mkdir(parents=True, exist_ok=True)
        for name in (CSV_NAME, PARQUET_NAME, DESCRIPTION_NAME, _NEXT_NAME):
            remove_leftovers(folder / name)
        _finish_last_run(folder)
        text = stack.enter_context(drafting(folder / CSV_NAME))
        parquet = stack.enter_context(drafting(folder / PARQUET_NAME))
        sources: set[str] = set()
        has_parquet = _write_rows(_checked(rows, sources), text.stream, parquet.stream, warn=warn)
        text.finish()
        size, sha256 = _measure(text.temporary)
        described = [source_pages.get(name, (name, None)) for name in sorted(sources)]
        content = build_description(
            path=CSV_NAME, topic=topic, created=created, sources=described, size=size, sha256=sha256
        )
        write_atomically(folder / _NEXT_NAME, content)
        text.publish()
        if has_parquet:
            parquet.publish()
        else:
            (folder / PARQUET_NAME).unlink(missing_ok=True)  # an older one would contradict the CSV
        (folder / _NEXT_NAME).replace(folder / DESCRIPTION_NAME)
        sync_folder(folder)
    return [folder / name for name in (CSV_NAME, *([PARQUET_NAME] if has_parquet else []), DESCRIPTION_NAME)]


def _checked(rows: Iterable[Mapping[str, Cell]], sources: set[str]) -> Iterator[list[Cell]]:
    """Yield the rows' cells in column order, note their sources, and refuse rows that do not ascend."""
    id_place, source_place = COLUMN_NAMES.index("study_id"), COLUMN_NAMES.index("sources")
    previous = ""
    for row in rows:
        cells = [row[name] for name in COLUMN_NAMES]
        study_id = str(cells[id_place])
        if study_id <= previous:
            raise ValueError(f"rows must ascend by study_id, and {study_id} follows {previous}")
        previous = study_id
        sources.update(split_list(str(cells[source_place] or "")))
        yield cells


def _write_rows(
    rows: Iterable[list[Cell]], text: BinaryIO, parquet: BinaryIO, *, warn: Callable[[str], object] | None
) -> bool:
    """Write the rows into both files in one pass; return whether Parquet could be written."""
    is_whole = False

    def pass_through() -> Iterator[list[Cell]]:
        nonlocal is_whole
        for row in rows:
            write_csv([row], text)
            yield row
        is_whole = True

    write_csv([COLUMN_NAMES], text)
    passing = pass_through()
    try:
        write_parquet(passing, parquet)
    except Exception as error:
        for _ in passing:
            pass
        if not is_whole:
            raise  # it was the rows
        if not isinstance(error, ImportError):
            if warn is None:
                raise
            warn(f"{PARQUET_NAME} cannot be written ({describe_error(error)})")
        return False
    return True


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return stream.tell(), digest


def _finish_last_run(folder: Path) -> None:
    """Finish or forget what a killed run began: the next description holds if its CSV is in place."""
    following = folder / _NEXT_NAME
    if not following.exists():
        return
    if (folder / CSV_NAME).exists() and _load_promise(following) == _measure(folder / CSV_NAME):
        following.replace(folder / DESCRIPTION_NAME)
    else:
        following.unlink()
    sync_folder(folder)


def verify_table(folder: Path) -> Verdict:
    """Return whether the table is as this program wrote it, without reading it into memory.

    Returns
    -------
    Verdict
        ``missing`` without a CSV (there is nothing to lose), ``whole``, or ``damaged`` with the reason: the
        CSV is not the one that was written, or nothing says which was.  A table whose writing was cut off is
        whole.

    Raises
    ------
    SchemaError
        If the table is of another schema version.
    StorageError
        If the files cannot be read.
    """
    path = folder / CSV_NAME
    with storage_errors(path, doing="read"):
        if not path.exists():
            return Verdict(state="missing")
        try:
            if _measure(path) in _load_promises(folder):
                return Verdict(state="whole")
            with _long_cells(), path.open(encoding="utf-8", newline="") as stream:
                for _ in _parse(stream):
                    pass
        except _Fault as fault:
            return Verdict(state="damaged", reason=str(fault))
    return Verdict(
        state="damaged", reason=f"it was changed after it was written: its SHA-256 is not in {DESCRIPTION_NAME}"
    )


def read_table(folder: Path | str) -> pd.DataFrame:
    """Read the table, typed by the schema.

    Parameters
    ----------
    folder
        Where the table lives (``data``).

    Returns
    -------
    pandas.DataFrame
        The columns of `COLUMNS`, in order, rows ascending by ``study_id``.  Identifiers, lists (joined by
        ``"; "``) and partial dates are text (``string``), numbers are ``Int64`` and ``Float64``, times are
        ``datetime64[us, UTC]``.  What is absent is missing (``pandas.isna``).  A table without rows gives a
        frame without rows, of the same types.

    Raises
    ------
    LibraryError
        If there is no table, or it is not as it was written.
    SchemaError
        If it is of a schema version that this program does not know.
    StorageError
        If the files cannot be read.
    """
    import pandas as pd

    cells = _load_cells(Path(folder))
    frame: dict[str, Any] = {}
    for column, values in zip(COLUMNS, cells, strict=True):
        present = [value or None for value in values]
        try:
            if column.type == "integer":
                frame[column.name] = pd.array(
                    [None if value is None else int(value) for value in present], dtype="Int64"
                )
            elif column.type == "number":
                frame[column.name] = pd.array(
                    [None if value is None else float(value) for value in present], dtype="Float64"
                )
            elif column.type == "time":
                times = pd.Series(present, dtype="string")
                parsed = pd.to_datetime(times, format="%Y-%m-%dT%H:%M:%SZ", utc=True)
                frame[column.name] = parsed.astype("datetime64[us, UTC]")
            else:
                frame[column.name] = pd.array(present, dtype="string")
        except (ValueError, OverflowError) as error:
            raise _damage(Path(folder), f"column {column.name} holds something that is no {column.type}") from error
    return pd.DataFrame(frame)


def _load_cells(folder: Path) -> list[list[str]]:
    """Load the CSV, checked against what was promised, as one list a column."""
    path = folder / CSV_NAME
    with storage_errors(path, doing="read"):
        if not path.exists():
            raise LibraryError(
                f"there is no table in {folder}", advice="run `harvester run` first, or name the folder that holds it"
            )
        try:
            # A second look, because a run may publish a new table between our reading of the two files.
            for _ in range(2):
                content = path.read_bytes()
                if (len(content), hashlib.sha256(content).hexdigest()) in _load_promises(folder):
                    break
            else:
                raise _Fault(verify_table(folder).reason)
            stream = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
            columns: list[list[str]] = [[] for _ in COLUMNS]
            with _long_cells():
                for row in _parse(stream):
                    # a table of an earlier version lacks the last columns: nothing was known of them
                    for place, column in enumerate(columns):
                        column.append(row[place] if place < len(row) else "")
            return columns
        except _Fault as fault:
            raise _damage(folder, str(fault)) from fault


class _Fault(Exception):
    """Why the table is damaged."""


def _parse(stream: IO[str]) -> Iterator[list[str]]:
    """Parse the CSV, header apart, and stop at the first thing that this program would not have written.

    To be read inside `_long_cells`.
    """
    rows = csv.reader(stream, strict=True)
    try:
        header = next(rows, [])
        # new columns go to the end: an earlier table has the first of today's
        if len(header) < FIRST_COUNT or tuple(header) != COLUMN_NAMES[: len(header)]:
            raise _Fault(f"its header is not that of schema version {SCHEMA_VERSION}")
        previous = ""
        for row in rows:
            if len(row) != len(header):
                raise _Fault(f"line {rows.line_num} has {counted(len(row), 'cell')} instead of {len(header)}")
            if row[0] <= previous:
                what = "appears twice" if row[0] == previous else "is out of order"
                raise _Fault(f"study_id {row[0]!r} {what} (line {rows.line_num})")
            previous = row[0]
            yield row
    except csv.Error as error:
        raise _Fault(f"line {rows.line_num} is not CSV ({error})") from error
    except UnicodeDecodeError as error:
        raise _Fault("it is not UTF-8 text") from error


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let csv read cells of any length; its limit is the whole process's, so it is put back at once."""
    before = csv.field_size_limit(sys.maxsize)  # the default, 128 KB, is less than some feeds' "abstracts"
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _load_promises(folder: Path) -> list[tuple[int, str]]:
    """Load what the descriptions promise of the CSV: the published one, and one not yet published."""
    paths = [path for path in (folder / DESCRIPTION_NAME, folder / _NEXT_NAME) if path.exists()]
    if not paths:
        raise _Fault(f"there is no {DESCRIPTION_NAME} beside it, so it may be somebody else's")
    return [_load_promise(path) for path in paths]


def _load_promise(path: Path) -> tuple[int, str]:
    try:
        described = json.loads(path.read_bytes())
        version, resource = described["schema_version"], described["resources"][0]
        size, kind, sha256 = int(resource["bytes"]), *str(resource["hash"]).split(":")
        number = tuple(int(part) for part in version.split("."))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise _Fault(f"{path.name} is not as this program writes it") from error
    ours = tuple(int(part) for part in SCHEMA_VERSION.split("."))
    if number > ours or number[0] != ours[0]:
        age = "newer" if number > ours else "older"
        advice = "install a newer harvester" if age == "newer" else "install the harvester that wrote it"
        raise SchemaError(
            f"{path} is of schema version {version}, {age} than {SCHEMA_VERSION}, which this program knows",
            advice=advice,
        )
    if kind != "sha256":
        raise _Fault(f"{path.name} is not as this program writes it")
    return size, sha256


def _damage(folder: Path, reason: str) -> LibraryError:
    return LibraryError(
        f"the table {folder / CSV_NAME} is damaged ({reason}); nothing was overwritten",
        advice="move it aside; the next run writes it anew from the library",
    )
