"""`dedupe` and `classify` on files of any origin, without a library."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import pandas as pd

from harvester.ground.errors import ParseError, UsageError
from harvester.ground.files import read_file, write_atomically
from harvester.matching import dedupe_frame
from harvester.sources.imports import read_csv, read_rows
from harvester.tagging import Vocabulary, classify_frame, load_vocabulary

_HEAD = 65_536  # bytes that hold a header, and tell a table from what is none


def dedupe_file(source: Path, output: Path) -> str:
    """Deduplicate a CSV, RIS or nbib file; gives a line that says what came of it.

    Raises
    ------
    UsageError
        If the file cannot be read.
    """
    frame = _read(source)
    result = dedupe_frame(frame)
    _write(result, output)
    return f"{len(result)} records are {result['study_id'].nunique()} studies: {output}"


def classify_file(source: Path, output: Path, *, vocabulary: str) -> str:
    """Tag a CSV; gives a line that says what came of it.

    Raises
    ------
    UsageError
        If the file cannot be read or has no column ``title``.
    """
    frame = _read(source)
    if not any(str(name).strip().lower().endswith("title") for name in frame.columns):
        raise UsageError(f"{source} has no column `title`", advice="name the columns title and abstract")
    result = classify_frame(frame, _vocabulary(vocabulary))
    _write(result, output)
    counts = result["tier"].value_counts()
    tiers = ", ".join(f"{counts.get(tier, 0)} {tier}" for tier in ("core", "adjacent", "off-topic"))
    return f"{len(result)} records ({tiers}): {output}"


def _read(path: Path) -> pd.DataFrame:
    """Read a file's rows as text, in order."""
    frame = _read_plain(path)
    if frame is not None:
        return frame
    content = read_file(path)
    try:
        rows = read_rows(content, filename=path.name)
    except ParseError as error:
        raise UsageError(f"{path} cannot be read ({error})") from error
    if not rows and path.suffix == ".csv":
        # A CSV of only a header gives a CSV of only a header.
        return pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False, nrows=0)
    return pd.DataFrame(rows, dtype="str").fillna("")


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
            if b"\0" in head or not header.is_table:
                return None
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig", index_col=False)
    except (OSError, ValueError, pd.errors.ParserError, pd.errors.ParserWarning):
        return None
    # A row that is cut short has missing cells, which the careful reader fills; pandas renames doubled columns.
    return None if tuple(frame.columns) != tuple(header.header) or frame.isna().any(axis=None) else frame


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Write rows as CSV: UTF-8, line feeds, absent is an empty cell."""
    write_atomically(path, lambda stream: frame.to_csv(stream, index=False, lineterminator="\n"))


def _vocabulary(name: str) -> Vocabulary:
    """Load a built-in vocabulary by name, or one from a file."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return load_vocabulary(read_file(path).decode("utf-8", "replace"), filename=name)
    return load_vocabulary(name)
