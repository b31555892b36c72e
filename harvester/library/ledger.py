"""The ledger: every change of the library, in order, with what is needed to make it again.

One line of JSON each in ``data/raw/journal.jsonl``, beside the answers of the sources that it names.  A line is
on the disk before its transaction is committed, and the transaction writes the line's number into the library.
So a line whose transaction never came about is told by its number: the next line bears the same one, and counts.
Why so: docs/decisions/rebuild.md.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from harvester.ground.errors import LibraryError
from harvester.ground.files import storage_errors, sync_folder, write_atomically

FILE_NAME = "journal.jsonl"

_NUMBER = re.compile(rb'\{"number": ([0-9]+), ')


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change: what is needed to make it again, as JSON."""

    kind: ClassVar[str]  # what the ledger calls it
    at: str  # UTC time of the run


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsSaved(Entry):
    """A source's records were saved."""

    kind = "records"
    source: str  # the key of the source, which says how the answers are to be read
    answers: Sequence[str]  # from which the records can be read again, as `RawStore` called them
    keys: Sequence[Sequence[str]]  # source and source_key of those of the answers' records that were saved, in order
    deleted: Sequence[str] = ()  # keys of records that the source said are gone


@dataclass(frozen=True, slots=True, kw_only=True)
class StudiesIntegrated(Entry):
    """Studies were made of the records that were pending."""

    kind = "integrate"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsRead(Entry):
    """All studies were tagged again, by other rules or words."""

    kind = "retag"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysMade(Entry):
    """The block keys of all records were made again, by other rules."""

    kind = "rekey"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportsNamed(Entry):
    """Records of files, which older programs called by file and row, were named by what they are."""

    kind = "names"


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestNoted(Entry):
    """How far a source was read, and how the harvest went."""

    kind = "harvest"
    source: str
    state: Mapping[str, Any]  # `SourceState`
    report: Mapping[str, Any] | None  # `SourceReport` and its searches; None: the harvest goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionsSaved(Entry):
    """What a list says of papers, in place of all that it said before."""

    kind = "opinions"
    opinions: Sequence[Mapping[str, Any]]  # `Opinion`


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionMade(Entry):
    """An edition was made, with the settings of the day, which may change later."""

    kind = "edition"
    digest: str
    sample: bool
    settings: Mapping[str, Any]
    recipients: Sequence[str] | None = None  # to whom it was due when it was made; None: planned by an entry of its own
    waited: str | None = None  # UTC time since which it waited, in vain, for a required source; None: it did not
    # What it said, and of which studies, beside the answers; None: an older program kept it in the library alone.
    file: str | None = None
    sha256: str | None = None  # of the file, as it lies there


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionWithdrawn(Entry):
    """A user took an edition back."""

    kind = "withdrawn"
    digest: str
    edition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudiesFound(Entry):
    """Studies of editions that were found beside a copy that was put back, and that this library did not hold."""

    kind = "found-studies"
    files: Sequence[str]  # the editions' documents, as `RawStore` called them


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionFound(Entry):
    """An edition that this library did not make, found beside a copy that was put back, counts as made."""

    kind = "found-edition"
    file: str  # its document, as `RawStore` called it


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesPlanned(Entry):
    """Who is to receive an edition."""

    kind = "planned"
    deliveries: Sequence[Mapping[str, Any]]  # `Delivery`


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryNoted(Entry):
    """How far a delivery has come."""

    kind = "delivery"
    delivery: Mapping[str, Any]  # `Delivery`
    state: str
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudiesMerged(Entry):
    """A user said that two studies are one."""

    kind = "merge"
    studies: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySplit(Entry):
    """A user said that a study is several papers, or (of two) that they are two."""

    kind = "split"
    studies: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyCorrected(Entry):
    """A user corrected tags of a study, or took corrections back."""

    kind = "correct"
    record: Sequence[str]  # source and source_key of the study's oldest record, which is the same paper for ever
    values: Mapping[str, Any]  # by tag: text, a list, a number; None: the paper does not say
    cleared: Sequence[str]  # tags that are again what the rules read
    why: str | None


_KINDS: dict[str, type[Entry]] = {form.kind: form for form in Entry.__subclasses__()}


class Ledger:
    """The ledger in a folder of raw answers, which is made with the first entry."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def append(self, number: int, entry: Entry, *, beside: Mapping[str, bytes] | None = None) -> None:
        """Write an entry, durably, before its change is made.

        Parameters
        ----------
        number
            One more than that of the last change that is in the library.
        beside
            Files that the entry names, by name below the folder; they are durable before it.

        Raises
        ------
        StorageError
            If it cannot be written; then the change must not be made.
        """
        fields = {"number": number, "kind": entry.kind, **asdict(entry)}
        line = json.dumps(fields, ensure_ascii=False).encode() + b"\n"
        for name, content in (beside or {}).items():
            path = self.path.parent / name
            with storage_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
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
        """Return the highest number; 0 without a ledger."""
        return max(self._numbers(), default=0)

    def lacks_beginning(self) -> bool:
        """Whether it begins with the second change, as where an old program kept no ledger of the first."""
        return next(self._numbers(), 1) == 2

    def _numbers(self) -> Iterator[int]:
        if not self.path.exists():
            return
        with storage_errors(self.path, doing="read"), self.path.open("rb") as stream:
            yield from (int(number[1]) for line in stream if (number := _NUMBER.match(line)))

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Yield the entries in order, each with its number; of several lines with one number the last.

        Raises
        ------
        LibraryError
            If numbers are missing, so that the ledger is not whole; or if a newer program wrote it.
        """
        last: dict[str, Any] | None = None
        for line in self._read():
            before = last["number"] if last is not None else 0
            if line["number"] > before + 1:
                raise self._gap(before + 1, line["number"])
            if last is not None and line["number"] == before + 1:
                yield before, self._parse(last)
            last = line
        if last is not None:
            yield last["number"], self._parse(last)

    def lines(self, *, until: int) -> Iterator[bytes]:
        """Yield the lines as they are, up to the one that tells of a change beyond a number."""
        with storage_errors(self.path, doing="read"), self.path.open("rb") as stream:
            for line in stream:
                number = _NUMBER.match(line)
                if number is not None and int(number[1]) > until:
                    break
                yield line

    def legible(self) -> Iterator[Entry]:
        """Yield whatever entries can be read, in order, of a ledger that need not be whole."""
        for line in self._read():
            with suppress(LibraryError):
                yield self._parse(line)

    def _parse(self, line: dict[str, Any]) -> Entry:
        form = _KINDS.get(line.get("kind", ""))
        if form is None:
            raise LibraryError(
                f"{self.path}: entry {line['number']} tells of {line.get('kind')!r}",
                advice="install the newer program that wrote it",
            )
        try:
            return form(**{name: value for name, value in line.items() if name not in ("number", "kind")})
        except TypeError as error:
            raise LibraryError(
                f"{self.path}: entry {line['number']} cannot be understood ({error})",
                advice="install the newer program that wrote it",
            ) from error

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

    def _gap(self, expected: int, following: int) -> LibraryError:
        return LibraryError(
            f"{self.path} is not whole: entry {expected} is missing (the next is {following})",
            advice="put back a copy of the folder raw; nothing was overwritten",
        )

    @staticmethod
    def _ends_with_line(stream: Any) -> bool:
        stream.seek(-1, os.SEEK_END)
        return bool(stream.read(1) == b"\n")
