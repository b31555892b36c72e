"""The journal: every change of the library, in order, in the words from which it can be made again.

One line of JSON each in ``data/raw/journal.jsonl``, beside the answers of the sources that it names.  A line is
on the disk before its transaction is committed, and the transaction writes the line's number into the library.
So a line whose transaction never came about is told by its number: the next line bears the same one, and counts.
Why so: docs/decisions/rebuild.md.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harvester.ground.errors import LibraryError
from harvester.ground.files import storage_errors, sync_folder

FILE_NAME = "journal.jsonl"

Entry = Mapping[str, Any]  # "kind" says what happened; the rest is what is needed to do it again, as JSON

_NUMBER = re.compile(rb'\{"number": ([0-9]+), ')


class Journal:
    """The journal of one data folder.

    Parameters
    ----------
    folder
        ``data/raw``; made with the first entry.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def append(self, number: int, entry: Entry) -> None:
        """Write an entry, durably, before what it tells is done.

        Parameters
        ----------
        number
            One more than that of the last change that is in the library.
        entry
            What is about to be done.

        Raises
        ------
        StorageError
            If it cannot be written; then the change must not be made.
        """
        line = json.dumps({"number": number, **entry}, ensure_ascii=False).encode() + b"\n"
        with storage_errors(self.path):
            is_new = not self.path.exists()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+") as stream:
                if stream.tell() and not self._ends_with_line(stream):
                    line = b"\n" + line  # a power cut left half a line; it stays, and means nothing
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
            if is_new:
                sync_folder(self.path.parent)

    def last_number(self) -> int:
        """Give the highest number; 0 without a journal."""
        if not self.path.exists():
            return 0
        with storage_errors(self.path, doing="read"), self.path.open("rb") as stream:
            return max((int(found[1]) for line in stream if (found := _NUMBER.match(line))), default=0)

    def entries(self) -> Iterator[Entry]:
        """Give what happened, in order; of several lines with one number the last.

        Raises
        ------
        LibraryError
            If numbers are missing: then what the journal tells is not the whole.
        """
        held: dict[str, Any] | None = None
        for entry in self._read():
            before = held["number"] if held is not None else 0
            if entry["number"] > before + 1:
                raise self._gap(before + 1, entry["number"])
            if held is not None and entry["number"] == before + 1:
                yield held
            held = entry
        if held is not None:
            yield held

    def _read(self) -> Iterator[dict[str, Any]]:
        if not self.path.exists():
            return
        with storage_errors(self.path, doing="read"), self.path.open("rb") as stream:
            for line in stream:
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue  # half a line; if it told of a change, its number is missing and `entries` says so
                if isinstance(entry, dict) and isinstance(entry.get("number"), int):
                    yield entry

    def _gap(self, expected: int, found: int) -> LibraryError:
        return LibraryError(
            f"{self.path} is not whole: entry {expected} is missing (the next is {found})",
            advice="put back a copy of the folder raw; nothing was overwritten",
        )

    @staticmethod
    def _ends_with_line(stream: Any) -> bool:
        stream.seek(-1, os.SEEK_END)
        return bool(stream.read(1) == b"\n")
