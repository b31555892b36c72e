"""Retraction Watch's list, in a file: a second opinion on the papers that the library holds.

PubMed is not a complete index of retractions (osf.io/gvfk5).  The list is a CSV that Crossref publishes, one row a
notice; a shorter form with a DOI and the nature of its notices is read as well.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from harvester.config.settings import SourceSettings
from harvester.ground.checkup import Finding
from harvester.ground.counted import counted
from harvester.ground.errors import ParseError
from harvester.library import Opinion
from harvester.library.raw import StoredAnswer
from harvester.paper.identifiers import normalise_doi, normalise_pmid
from harvester.paper.records import Record
from harvester.paper.reports import SourceReport
from harvester.paper.statuses import NOTICES
from harvester.paper.text import decode_text
from harvester.sources.desk import Desk, Outside
from harvester.sources.source import Source

# The columns as Crossref names them, and as the shorter form does; letters' case and spaces do not count.
_COLUMNS = {
    "doi": ("originalpaperdoi", "doi"),
    "pmid": ("originalpaperpubmedid", "pmid"),
    "nature": ("retractionnature", "retractionwatch", "nature"),
    "notice_doi": ("retractiondoi",),
    "notice_pmid": ("retractionpubmedid",),
    "date": ("retractiondate",),
}
_REINSTATED = "reinstatement"  # takes back what was said before it


class RetractionWatchSettings(SourceSettings):
    """The list of retractions that Crossref publishes, as a second opinion on PubMed's."""

    file: Path
    """The CSV, downloaded by whoever runs the program; it must be there."""


class RetractionWatch(Source):
    """The list in a file; it gives no papers."""

    kind: ClassVar[str] = "retraction-watch"
    section: ClassVar[str] = "retraction_watch"
    settings_model: ClassVar[type[RetractionWatchSettings]] = RetractionWatchSettings
    rank: ClassVar[int] = 9
    platform: ClassVar[str] = "file"
    loss: ClassVar[str] = "Retractions that PubMed does not know of yet may be missing."
    gives_papers: ClassVar[bool] = False

    name = "Retraction Watch"
    key = "retraction-watch"

    def __init__(self, settings: RetractionWatchSettings) -> None:
        self.tolerate = settings.tolerate
        self._path = settings.file

    @classmethod
    def reread(cls, answer: StoredAnswer, key: str) -> Sequence[Record]:
        """Return nothing: what the list says of papers stands in the ledger."""
        return ()

    def check(self, outside: Outside) -> Iterator[Finding]:
        """Read the list."""
        try:
            count = len(read_list(self._path))
        except ParseError as error:
            yield self.failed(str(error))
        else:
            yield Finding(what=self.name, verdict="ok", told=counted(count, "notice", thousands=","))

    def harvest(self, desk: Desk) -> SourceReport:
        """Read the list, and bring the papers that it names in step."""
        report = self.report(desk)
        rows = read_list(self._path)
        count = desk.hand_in_opinions(partial(choose_opinions, rows))
        note = f"it names {counted(count, 'paper')} of this library"
        return desk.close(replace(report, received=len(rows), notes=(note,)))


def choose_opinions(rows: Sequence[Mapping[str, str]], studies: Mapping[str, str]) -> list[Opinion]:
    """Return what a list's rows mean for the papers of a library.

    Parameters
    ----------
    rows
        With the keys of `_COLUMNS`, those that the list has.
    studies
        Study by DOI and PMID.

    Returns
    -------
    list of Opinion
        Ordered by paper; of several notices on a paper the gravest, unless it was reinstated later.
    """
    by_paper: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        names = (normalise_doi(row.get("doi")), normalise_pmid(row.get("pmid")))
        paper = next((name for name in names if name is not None and name in studies), None)
        if paper is not None:
            by_paper.setdefault(paper, []).append(row)
    opinions = [_judge(paper, by_paper[paper]) for paper in sorted(by_paper)]
    return [opinion for opinion in opinions if opinion is not None]


def _judge(paper: str, rows: Sequence[Mapping[str, str]]) -> Opinion | None:
    """Return what the notices on one paper amount to; None if none of them stands."""
    notices: list[tuple[str, str, Mapping[str, str]]] = [
        (_read_day(row.get("date")) or "", nature.strip().lower(), row)
        for row in rows
        for nature in (row.get("nature") or "").split(";")
    ]
    reinstated = max((day for day, nature, _ in notices if nature == _REINSTATED), default=None)
    standing = [
        (list(NOTICES).index(nature), day, row)
        for day, nature, row in notices
        if nature in NOTICES and (reinstated is None or day > reinstated)
    ]
    if not standing:
        return None
    place, day, row = min(standing, key=lambda item: item[:2])
    return Opinion(
        paper=paper,
        kind=list(NOTICES.values())[place],
        pmid=normalise_pmid(row.get("notice_pmid")),
        doi=normalise_doi(row.get("notice_doi")),
        said_on=day or None,
    )


def read_list(path: Path) -> list[dict[str, str]]:
    """Read the list's rows, by the keys of `_COLUMNS`.

    Raises
    ------
    ParseError
        If the file cannot be read, or has no columns that name papers and what happened to them.
    """
    try:
        reader = csv.reader(io.StringIO(decode_text(path.read_bytes()), newline=""))
        header = ["".join(name.lower().split()) for name in next(reader, [])]
        rows = list(reader)
    except (OSError, ValueError, csv.Error) as error:
        raise ParseError(f"{path.name} cannot be read ({error})", source=RetractionWatch.key) from error
    places = {
        ours: header.index(theirs) for ours, names in _COLUMNS.items() for theirs in names[::-1] if theirs in header
    }
    if "nature" not in places or not ({"doi", "pmid"} & places.keys()):
        raise ParseError(
            f"{path.name} cannot be read (it has no columns such as OriginalPaperDOI and RetractionNature)",
            source=RetractionWatch.key,
        )
    return [{ours: row[place] for ours, place in places.items() if place < len(row)} for row in rows]


def _read_day(text: str | None) -> str | None:
    """Read a day as the list writes it, ``1/15/2026 0:00``, or in ISO form; None if it is neither.

    Examples
    --------
    >>> _read_day("1/15/2026 0:00"), _read_day("2026-01-15"), _read_day("soon")
    ('2026-01-15', '2026-01-15', None)
    """
    day = (text or "").split(" ")[0]
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        pass
    try:
        return datetime.strptime(day, "%m/%d/%Y").date().isoformat()  # noqa: DTZ007 - a day, not a time
    except ValueError:
        return None
