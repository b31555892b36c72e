"""`dedupe` and `classify` on files of any origin, without a library."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from harvester.classify import Vocabulary, classify_frame, load_vocabulary
from harvester.dedupe import dedupe
from harvester.errors import ParseError, UsageError
from harvester.files import read_file, write_atomically
from harvester.imports import read_rows


def dedupe_file(source: Path, output: Path) -> str:
    """Deduplicate a CSV, RIS or nbib file; gives a line that says what came of it.

    Raises
    ------
    UsageError
        If the file cannot be read.
    """
    frame = _read(source)
    result = dedupe(frame)
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
    if "title" not in frame.columns:
        raise UsageError(f"{source} has no column `title`", advice="name the columns title and abstract")
    result = classify_frame(frame, _vocabulary(vocabulary))
    _write(result, output)
    counts = result["tier"].value_counts()
    tiers = ", ".join(f"{counts.get(tier, 0)} {tier}" for tier in ("core", "adjacent", "off-topic"))
    return f"{len(result)} records ({tiers}): {output}"


def _read(path: Path) -> pd.DataFrame:
    """Read a file's rows as text, in order."""
    content = read_file(path)
    try:
        rows = read_rows(content, filename=path.name)
    except ParseError as error:
        raise UsageError(f"{path} cannot be read ({error})") from error
    if not rows and path.suffix == ".csv":
        # A CSV of only a header gives a CSV of only a header.
        return pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False, nrows=0)
    return pd.DataFrame(rows, dtype="str").fillna("")


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Write rows as CSV: UTF-8, line feeds, absent is an empty cell."""
    write_atomically(path, frame.to_csv(index=False, lineterminator="\n").encode())


def _vocabulary(name: str) -> Vocabulary:
    """Load a built-in vocabulary by name, or one from a file."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return load_vocabulary(read_file(path).decode("utf-8", "replace"), filename=name)
    return load_vocabulary(name)
