"""Records and studies as JSON text and back; defaults are left out, so old text stays readable."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from harvester.ground.counted import counted
from harvester.ground.errors import LibraryError
from harvester.paper.records import Record, Study

_RECORDS = TypeAdapter(Record)
_STUDIES = TypeAdapter(Study)

Document = TypeVar("Document", Record, Study)


def record_to_json(record: Record) -> str:
    """Write a record as JSON; equal records give equal text."""
    return _RECORDS.dump_json(record, exclude_defaults=True).decode()


def record_from_json(text: str) -> Record:
    """Read a record; raises LibraryError if the text is damaged."""
    return _read(_RECORDS, text, "record")


def study_to_json(study: Study) -> str:
    """Write a study as JSON; equal studies give equal text."""
    return _STUDIES.dump_json(study, exclude_defaults=True).decode()


def study_from_json(text: str) -> Study:
    """Read a study; raises LibraryError if the text is damaged."""
    return _read(_STUDIES, text, "study")


def _read(adapter: TypeAdapter[Document], text: str, what: str) -> Document:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise LibraryError(f"a stored {what} cannot be read ({counted(error.error_count(), 'fault')})") from error
