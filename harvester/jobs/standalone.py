"""`dedupe` and `classify` on files of any origin, without a library."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from harvester.ground.counted import counted
from harvester.ground.errors import ParseError, UsageError
from harvester.ground.files import read_file, write_atomically
from harvester.matching import dedupe_frame
from harvester.sources.imports import read_csv, read_rows
from harvester.tagging import Vocabulary, classify_frame, load_vocabulary

_HEAD = 65_536  # bytes that hold a header, and tell a table from what is none


def dedupe_file(source: Path, output: Path) -> str:
    """Deduplicate a CSV, RIS or nbib file, and return a line that says what came of it.

    Raises
    ------
    UsageError
        If the file cannot be read, or has nothing by which its rows could be told apart.
    """
    result = _write_changed(source, output, dedupe_frame)
    records = counted(len(result), "record is", "records are")
    return f"{records} {counted(result['study_id'].nunique(), 'study', 'studies')}: {output}"


def classify_file(source: Path, output: Path, *, vocabulary: str) -> str:
    """Tag a CSV, and return a line that says what came of it.

    Raises
    ------
    UsageError
        If the file cannot be read or has no column that is known to hold the title.
    """
    known = _read_vocabulary(vocabulary)
    result = _write_changed(source, output, lambda frame: classify_frame(frame, known))
    counts = result["tier"].value_counts()
    tiers = ", ".join(f"{counts.get(tier, 0)} {tier}" for tier in ("core", "adjacent", "off-topic"))
    return f"{counted(len(result), 'record')} ({tiers}): {output}"


def _write_changed(source: Path, output: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """Write what becomes of a file's rows as CSV: UTF-8, line feeds, absent is an empty cell."""
    frame = _read(source)
    try:
        result = change(frame)
    except UsageError as error:
        raise UsageError(f"{source}: {error.message}", advice=error.advice) from error
    write_atomically(output, lambda stream: result.to_csv(stream, index=False, lineterminator="\n"))
    return result


def _read(path: Path) -> pd.DataFrame:
    """Read a file's rows as text, in order."""
    frame = _read_plain(path)
    if frame is not None:
        return frame
    try:
        table = read_rows(read_file(path), filename=path.name)
    except ParseError as error:
        raise UsageError(f"{path} cannot be read ({error})") from error
    return pd.DataFrame(table.rows, columns=list(table.header), dtype="str").fillna("")


def _read_plain(path: Path) -> pd.DataFrame | None:
    """Read a CSV that is UTF-8 with commas and whole rows: a million of them as one table, not as a million rows.

    None: it is something else, or damaged; then the careful reader says what.
    """
    if not path.is_file():
        return None
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            header = read_csv(head.decode("utf-8-sig", "ignore"), only_header=True)
            if b"\0" in head or b"\n" not in head or not header.is_table:
                return None
            lines = sum(1 for _ in stream) + head.count(b"\n")
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig", index_col=False)
    except (OSError, ValueError, pd.errors.ParserError, pd.errors.ParserWarning):
        return None
    # A row that is cut short has missing cells, which the careful reader fills; pandas renames doubled columns; and in
    # a cell of several lines other rows may be lost.
    is_whole = tuple(frame.columns) == tuple(header.header) and not frame.isna().any(axis=None)
    return frame if is_whole and lines <= len(frame) + 1 else None


def _read_vocabulary(name: str) -> Vocabulary:
    """Load a built-in vocabulary by name, or one from a file."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return load_vocabulary(read_file(path).decode("utf-8", "replace"), filename=name)
    return load_vocabulary(name)
