"""Records, studies and tags as JSON text and back; defaults are left out, so old text stays readable."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from harvester.ground.counted import counted
from harvester.ground.errors import LibraryError
from harvester.paper.records import Record, Study

_RECORDS = TypeAdapter(Record)
_STUDIES = TypeAdapter(Study)


def record_to_json(record: Record) -> str:
    """Write a record as JSON; equal records give equal text."""
    return _RECORDS.dump_json(record, exclude_defaults=True).decode()


def record_from_json(text: str) -> Record:
    """Read a record.

    Raises
    ------
    LibraryError
        If the text is damaged.
    """
    try:
        return _RECORDS.validate_json(text)
    except ValidationError as error:
        raise LibraryError(f"a stored record cannot be read ({counted(error.error_count(), 'fault')})") from error


def study_to_json(study: Study) -> str:
    """Write a study as JSON; equal studies give equal text."""
    return _STUDIES.dump_json(study, exclude_defaults=True).decode()


def study_from_json(text: str) -> Study:
    """Read a study.

    Raises
    ------
    LibraryError
        If the text is damaged.
    """
    try:
        return _STUDIES.validate_json(text)
    except ValidationError as error:
        raise LibraryError(f"a stored study cannot be read ({counted(error.error_count(), 'fault')})") from error
