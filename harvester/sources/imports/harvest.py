"""A file of records that a user has, as a source: it stands in no settings, and is harvested by ``import``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from harvester.ground.checkup import Finding
from harvester.ground.counted import counted
from harvester.ground.errors import HarvesterError, ParseError
from harvester.ground.files import read_file
from harvester.library.raw import StoredAnswer
from harvester.paper.records import BadRecord, Record
from harvester.paper.reports import SourceReport
from harvester.sources.desk import Desk, Outside
from harvester.sources.imports import Imported, parse_import, read_import
from harvester.sources.source import Source

_SHOWN = 12  # columns that are named where more are not understood


def _remark(imported: Imported, records: Sequence[Record]) -> Iterator[str]:
    """Yield what of a file was guessed or not understood, and how many of its records lack DOI, year or journal."""
    if imported.encoding is not None:
        yield f"read as {imported.encoding}: it is not UTF-8, and most of its words are not in Latin letters"
    if imported.unknown:
        more = len(imported.unknown) - _SHOWN
        named = ", ".join(imported.unknown[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        yield f"columns not understood: {named}"
    lacking = {
        "DOI": sum(record.identifiers.doi is None for record in records),
        "year": sum(record.year is None for record in records),
        "journal": sum(record.journal is None and record.journal_abbreviation is None for record in records),
    }
    if any(lacking.values()):
        told = ", ".join(f"{number} without {name}" for name, number in lacking.items() if number)
        yield f"of {counted(len(records), 'record')}, {told}"


class ImportedFile(Source):
    """One file.

    Attributes
    ----------
    skipped : list of str
        One line for each record that could not be read, after `read`.
    remarks : list of str
        What of the file was not understood, and how many records lack what matters, after `read`.
    error : str or None
        Why nothing could be read at all, after `read`; None: something could.
    """

    kind: ClassVar[str] = "import"
    rank: ClassVar[int] = 1
    platform: ClassVar[str] = "file"

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.key = f"import:{path.name}"
        self.skipped: list[str] = []
        self.remarks: list[str] = []
        self.error: str | None = None
        self._path = path
        self._content = b""
        self._records: list[Record] = []

    @classmethod
    def reread(cls, answer: StoredAnswer, key: str) -> Sequence[Record | BadRecord]:
        """Read the records of an imported file again."""
        return parse_import(answer.content, filename=key.removeprefix("import:"))

    def check(self, outside: Outside) -> Iterator[Finding]:
        """Read the file."""
        try:
            self.read()
        except HarvesterError as error:
            yield Finding(what=self.name, verdict="failed", told=str(error), code=error.exit_code)
            return
        failed = self.error is not None
        told = self.error or counted(len(self._records), "record")
        yield Finding(what=self.name, verdict="failed" if failed else "ok", told=told)

    def read(self) -> None:
        """Read the file, before a library is opened for it.

        Raises
        ------
        UsageError
            If it cannot be opened.
        """
        self._content = read_file(self._path)
        try:
            imported = read_import(self._content, filename=self.name)
        except ParseError as error:
            self.error = f"{self._path} cannot be imported ({error})"
            return
        self._records = [item for item in imported.items if isinstance(item, Record)]
        bad = [item for item in imported.items if not isinstance(item, Record)]
        self.skipped = [f"{self._path}: {item.pmid or 'a record'}: {item.reason}" for item in bad]
        self.remarks = [f"{self._path}: {remark}" for remark in _remark(imported, self._records)]

    def harvest(self, desk: Desk) -> SourceReport:
        """Save the file, and hand in its records; only after `read`."""
        report = self.report(desk)
        if self.error is not None:
            return replace(report, answered=False, error=self.error)
        answers = [desk.save_file(self.name, self._content)]
        new = desk.hand_in(self._records, answers=answers)
        return replace(report, received=len(self._records), new=new)
