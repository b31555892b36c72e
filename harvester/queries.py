"""Questions to the library, read-only: find, show, export, select.

They can be asked while a run is writing; what they see is the state after its last finished step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harvester.columns import COLUMN_NAMES
from harvester.errors import UsageError
from harvester.exports import write_bibtex, write_csl_json, write_ris, write_xlsx
from harvester.library import FILE_NAME, Library
from harvester.records import Study
from harvester.table import CSV_NAME, PARQUET_NAME, write_table
from harvester.where import build_condition, query_read_only

_ROW_FILES = {"csv": CSV_NAME, "parquet": PARQUET_NAME, "xlsx": "studies.xlsx"}
_EPOCH = "1970-01-01T00:00:00Z"  # for the description of a table that is thrown away


def select(data: Path, sql: str) -> tuple[Sequence[str], Sequence[tuple[object, ...]]]:
    """Answer a read-only SQL statement on the library.

    Returns
    -------
    tuple
        Names of the columns, and the rows.

    Raises
    ------
    UsageError
        If the statement is wrong, would write, or takes too long.
    """
    with Library.open(data, writable=False):
        answer = query_read_only(data / FILE_NAME, sql)
    return answer.columns, answer.rows


def find(data: Path, words: str, *, where: str, limit: int) -> list[dict[str, Any]]:
    """Find studies by words, by a condition, or both.

    Returns
    -------
    list of dict
        Rows of the table; with words the best match first, without by relevance.
    """
    condition = _condition(where)
    with Library.open(data, writable=False) as library:
        if words:
            found = library.studies.search(words, where=condition, limit=limit)
            rows = {row["study_id"]: row for row in library.studies.rows(where=_is_one_of(found))}
            return [rows[study_id] for study_id in found]
        rows_found = list(library.studies.rows(where=condition))
        return sorted(rows_found, key=lambda row: (-(row["relevance"] or 0), row["study_id"]))[:limit]


def show(data: Path, study_id: str) -> dict[str, Any]:
    """Collect all that is known of one study.

    Returns
    -------
    dict
        ``study`` (the table's row), ``records`` (each with source, key, days and whether it was deleted), ``merges``
        (why), ``evidence`` (the proof of each tag), ``history``, ``redirected_from`` if the id was an old one.

    Raises
    ------
    UsageError
        If there is no such study.
    """
    with Library.open(data, writable=False) as library:
        study = library.studies.get(study_id)
        if study is None:
            raise UsageError(f"there is no study {study_id}", advice='find one with: harvester query "WORDS"')
        row = next(iter(library.studies.rows(where=_is_one_of([study.study_id]))))
        records = [
            {
                "record_id": held.record_id,
                "source": held.record.source,
                "source_key": held.record.source_key,
                "first_seen": held.first_seen,
                "deleted": held.is_deleted,
                "revisions": len(library.records.revisions(held.record_id)),
                "title": held.record.title,
            }
            for held in library.records.of_studies([study.study_id])
        ]
        return {
            "study": row,
            "redirected_from": study_id if study_id != study.study_id else None,
            "records": records,
            "merges": [asdict(merge) for merge in library.studies.merges(study.study_id)],
            "evidence": [asdict(evidence) for evidence in study.tags.evidence],
            "history": [
                {"at": event.at, "kind": event.kind, "detail": dict(event.detail)}
                for event in library.studies.history(study.study_id)
            ],
        }


def export(data: Path, kind: str, *, where: str, edition: str | None) -> bytes:
    """Write studies in a format.

    Parameters
    ----------
    data
        The data folder.
    kind
        ``csv``, ``parquet``, ``xlsx``, ``ris``, ``bibtex`` or ``csl-json``.
    where
        A condition on the columns; empty: all.
    edition
        Only the studies of this edition, of whichever digest; None: all.

    Raises
    ------
    UsageError
        If the condition is wrong, there is no such edition, or the format needs a package that is not installed.
    """
    condition = _condition(where)
    with Library.open(data, writable=False) as library:
        if edition is not None:
            inside = library.editions.studies_of(edition)
            if inside is None:
                raise UsageError(f"there is no edition {edition}", advice="write it as 2026-W47")
            condition = " AND ".join(filter(None, (condition, _is_one_of(inside))))
        if kind in _ROW_FILES:
            rows = list(library.studies.rows(where=condition))
            return _row_file(rows, kind)
        studies: list[Study] = list(library.studies.iterate(where=condition))
    writers = {"ris": write_ris, "bibtex": write_bibtex, "csl-json": write_csl_json}
    return writers[kind](studies).encode()


def _row_file(rows: Sequence[Mapping[str, Any]], kind: str) -> bytes:
    """Write rows as a spreadsheet, or as the table is written, and give the file."""
    with TemporaryDirectory(prefix="harvester-export-") as folder:
        path = Path(folder) / _ROW_FILES[kind]
        if kind == "xlsx":
            write_xlsx(rows, COLUMN_NAMES, path)
        else:
            write_table(path.parent, rows, created=_EPOCH, topic="export")
        if not path.exists():
            raise UsageError("Parquet needs the package pyarrow", advice='pip install "harvester[parquet]"')
        return path.read_bytes()


def _condition(where: str) -> str:
    """Check a condition and give it in the form that is safe to put into a statement."""
    return build_condition(where) if where.strip() else ""


def _is_one_of(study_ids: Collection[str]) -> str:
    """Write the condition that a study is one of some; the ids are ours, digits after an S."""
    return f"study_id IN ({', '.join(repr(study_id) for study_id in study_ids)})"
