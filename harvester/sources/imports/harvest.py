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
from harvester.sources.imports import parse_import
from harvester.sources.source import Source


class ImportedFile(Source):
    """One file.

    Attributes
    ----------
    skipped : list of str
        One line for each record that could not be read, after `read`.
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
            items = parse_import(self._content, filename=self.name)
        except ParseError as error:
            self.error = f"{self._path} cannot be imported ({error})"
            return
        self._records = [item for item in items if isinstance(item, Record)]
        bad = [item for item in items if not isinstance(item, Record)]
        self.skipped = [f"{self._path}: {item.pmid or 'a record'}: {item.reason}" for item in bad]

    def harvest(self, desk: Desk) -> SourceReport:
        """Save the file, and hand in its records; only after `read`."""
        report = self.report(desk)
        if self.error is not None:
            return replace(report, answered=False, error=self.error)
        answers = [desk.save_file(self.name, self._content)]
        new = desk.hand_in(self._records, answers=answers)
        return replace(report, received=len(self._records), new=new)
