"""What the server serves: PubMed records with their revisions, and feeds.

A corpus knows time but has no clock: every question carries the day it is asked on, and only what existed on that
day is in the answer.
"""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from harvester.sandbox.index import Index
from harvester.sandbox.record_view import read_dates, read_pmid

_START = re.compile(rb"<(?:PubmedArticle|PubmedBookArticle)(?=[\s>])")
_BARE_START = re.compile(rb"<MedlineCitation(?=[\s>])")
_END = re.compile(rb"</(?:PubmedArticle|PubmedBookArticle|MedlineCitation)\s*>")
_DELETED = re.compile(rb"<DeleteCitation\b.*?</DeleteCitation\s*>", re.DOTALL)
_PMIDS = re.compile(rb"<PMID\b[^>]*>\s*0*([0-9]+)\s*</PMID>")
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One state of one PubMed record."""

    pmid: str
    since: date  # the first day on which PubMed shows this state
    xml: bytes | None  # the <PubmedArticle> or <PubmedBookArticle> element; None: deleted from that day on


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One item of a feed; an empty value is left out of the document."""

    key: str  # what names it in the feed (guid, id)
    title: str  # markup allowed, as feeds escape it
    link: str
    since: datetime  # aware; when the feed first shows it, and its date in the feed
    summary: str = ""
    authors: tuple[str, ...] = ()
    doi: str = ""
    pmid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One journal's feed."""

    name: str
    dialect: str  # rss2 | rdf | atom | undated (RSS 2.0 without any date)
    entries: tuple[FeedEntry, ...] = ()
    length: int = 30  # a feed shows only its newest entries; older ones fall off


class Corpus:
    """PubMed records and feeds, as they were on any day.

    Parameters
    ----------
    versions
        States of records, in any order; of two with the same PMID and day the later in the sequence counts.
    feeds
        The feeds beside them.
    """

    def __init__(self, versions: Iterable[Version], feeds: Sequence[Feed] = ()) -> None:
        self.versions = tuple(version for version in versions)
        self.feeds = tuple(feeds)
        self._history: dict[str, list[int]] = {}
        for number, version in enumerate(self.versions):
            self._history.setdefault(version.pmid, []).append(number)
        for numbers in self._history.values():
            numbers.sort(key=lambda number: self.versions[number].since)
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._shown: tuple[date, int] | None = None

    def __len__(self) -> int:
        """Return the number of PMIDs of all times."""
        return len(self._history)

    @classmethod
    def from_folder(cls, path: str | Path) -> Corpus:
        """Serve PubMed XML of one's own.

        Parameters
        ----------
        path
            A folder, searched with its subfolders for ``.xml`` and ``.xml.gz``, or one such file.

        Returns
        -------
        Corpus
            Every PubmedArticle, PubmedBookArticle and bare MedlineCitation in the files, byte for byte (recoded to
            UTF-8 if need be).  A record appears on the day of its PubStatus "entrez" (else the earliest date it
            has); of a PMID that comes several times, the later states appear on their DateRevised; the PMIDs of a
            DeleteCitation vanish on the newest day of their file.

        Raises
        ------
        FileNotFoundError
            There is no such file or folder.
        ValueError
            There is no PubMed record in it.
        """
        root = Path(path)
        files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.name.endswith((".xml", ".xml.gz")))
        if not root.exists():
            raise FileNotFoundError(f"no such corpus: {root}")
        versions = [version for file in files for version in _read_file(file)]
        if not versions:
            raise ValueError(f"no PubMed record in {root} (looked into {len(files)} .xml and .xml.gz files)")
        return cls(_date_revisions(versions))

    @property
    def index(self) -> Index:
        """The search index over every state, built when first asked for."""
        with self._lock:
            if self._index is None:
                self._index = Index((number, v.xml) for number, v in enumerate(self.versions) if v.xml is not None)
            return self._index

    def shown(self, today: date) -> int:
        """Return the states that exist on a day, as a bit set over `versions`."""
        with self._lock:
            if self._shown is None or self._shown[0] != today:
                bits = bytearray(len(self.versions) // 8 + 1)
                for numbers in self._history.values():
                    number = self._newest(numbers, today)
                    if number is not None and self.versions[number].xml is not None:
                        bits[number // 8] |= 1 << number % 8
                self._shown = (today, int.from_bytes(bits, "little"))
            return self._shown[1]

    def record(self, pmid: str, today: date) -> bytes | None:
        """Return a record's XML as of a day; None if there is none, not yet, or no more."""
        number = self._newest(self._history.get(pmid, []), today)
        return None if number is None else self.versions[number].xml

    def is_deleted(self, pmid: str, today: date) -> bool:
        """Whether the record existed before and was deleted by that day."""
        number = self._newest(self._history.get(pmid, []), today)
        return number is not None and self.versions[number].xml is None

    def _newest(self, numbers: Sequence[int], today: date) -> int | None:
        return next((number for number in reversed(numbers) if self.versions[number].since <= today), None)


def _read_file(file: Path) -> Iterator[Version]:
    content = gzip.decompress(file.read_bytes()) if file.name.endswith(".gz") else file.read_bytes()
    encoding = _ENCODING.match(content)
    if encoding and encoding.group(1).lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        content = content.decode(encoding.group(1).decode(), "replace").encode()
    newest = date.min
    for xml in _split(content):
        dates = read_dates(xml)
        known = [day for days in dates.values() for day in days]
        since = dates["crdt"][0] if "crdt" in dates else min(known, default=date.min)
        newest = max(newest, since, *known)
        if pmid := read_pmid(xml):
            yield Version(pmid=pmid, since=since, xml=xml)
    for group in _DELETED.findall(content):
        for pmid in _PMIDS.findall(group):
            yield Version(pmid=pmid.decode(), since=newest, xml=None)


def _split(content: bytes) -> Iterator[bytes]:
    """Cut a document into its records without parsing it, so that a broken record stays as broken as it is."""
    starts = [match.start() for match in _START.finditer(content)]
    bare = not starts
    starts = starts or [match.start() for match in _BARE_START.finditer(content)]
    for start, end in pairwise([*starts, len(content)]):
        record = content[start:end]
        ends = [match.end() for match in _END.finditer(record)]
        record = record[: ends[-1]] if ends else record.rstrip()
        yield b"<PubmedArticle>" + record + b"</PubmedArticle>" if bare else record


def _date_revisions(versions: Sequence[Version]) -> Iterator[Version]:
    """Date each later state of a PMID by its revision, never before the state that it follows."""
    last: dict[str, date] = {}
    for version in versions:
        since = version.since
        if version.pmid in last:
            revised = read_dates(version.xml).get("mdat", (since,))[0] if version.xml else since
            since = max(revised, last[version.pmid])
        last[version.pmid] = since
        yield Version(pmid=version.pmid, since=since, xml=version.xml)
