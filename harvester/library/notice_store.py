"""What others say of a paper: notices of retraction, concern and correction, and Retraction Watch."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from harvester.library.lists import execute_in
from harvester.paper.records import Identifiers, Record, Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A paper that another's record speaks of."""

    kind: str  # as its own record would say it: "RetractionIn", "ErratumIn", "ExpressionOfConcernIn", "UpdateIn"
    pmid: str | None = None
    doi: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What Retraction Watch says of a paper."""

    paper: str  # its DOI or PMID
    kind: str  # as for `Target`
    pmid: str | None = None  # the notice's
    doi: str | None = None  # the notice's
    said_on: str | None = None  # ISO day of the notice


_OPINIONS = "SELECT paper, kind, pmid, doi, said_on FROM second_opinions"


class NoticeStore:
    """The tables `notices` and `second_opinions`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def save(self, record_id: int, targets: Iterable[Target]) -> None:
        """Write of which papers a record speaks, in place of what it said before."""
        self._connection.execute("DELETE FROM notices WHERE record_id = ?", (record_id,))
        self._connection.executemany(
            "INSERT OR IGNORE INTO notices VALUES (?, ?, ?, ?)",
            [(record_id, target.kind, target.pmid or "", target.doi or "") for target in targets],
        )

    def about(self, papers: Collection[Identifiers]) -> list[tuple[int, str]]:
        """Return the records that speak of one of some papers: record id and kind, oldest first."""
        rows: set[tuple[int, str]] = set()
        for column in ("pmid", "doi"):
            names = [name for paper in papers if (name := getattr(paper, column)) is not None]
            statement = f"SELECT record_id, kind FROM notices WHERE {column} IN ({{}})"
            rows |= {(record_id, kind) for record_id, kind in execute_in(self._connection, statement, names)}
        return sorted(rows)

    def targets(self, record_ids: Collection[int]) -> set[Target]:
        """Return the papers of which some records speak."""
        statement = "SELECT kind, pmid, doi FROM notices WHERE record_id IN ({})"
        rows = execute_in(self._connection, statement, record_ids)
        return {Target(kind=kind, pmid=pmid or None, doi=doi or None) for kind, pmid, doi in rows}

    def save_opinions(self, opinions: Iterable[Opinion]) -> None:
        """Write what Retraction Watch says, in place of all that it said before."""
        self._connection.execute("DELETE FROM second_opinions")
        self._connection.executemany(
            "INSERT INTO second_opinions VALUES (?, ?, ?, ?, ?)",
            [(one.paper, one.kind, one.pmid, one.doi, one.said_on) for one in opinions],
        )

    def opinions(self) -> list[Opinion]:
        """Return all that Retraction Watch says of papers of this library, ordered by paper."""
        return [_opinion(row) for row in self._connection.execute(f"{_OPINIONS} ORDER BY paper")]

    def opinions_about(self, papers: Collection[Identifiers]) -> list[Opinion]:
        """Return what Retraction Watch says of one of some records."""
        names = {name for paper in papers for name in (paper.doi, paper.pmid) if name is not None}
        rows = execute_in(self._connection, f"{_OPINIONS} WHERE paper IN ({{}}) ORDER BY paper", names)
        return [_opinion(row) for row in rows]


def _opinion(row: tuple[Any, ...]) -> Opinion:
    return Opinion(paper=row[0], kind=row[1], pmid=row[2], doi=row[3], said_on=row[4])


def cite_notice(kind: str, notice: Record) -> Relation:
    """Return a notice's record as the relation by which the paper's own record would name it.

    Examples
    --------
    >>> notice = Record(source="pubmed", source_key="7", journal="J Sample", published="2026-11", pages="9")
    >>> cite_notice("RetractionIn", notice).reference
    'J Sample. 2026-11:9'
    """
    issue = (notice.volume or "") + (f"({notice.issue})" if notice.issue else "")
    place = ";".join(filter(None, (notice.published, issue))) + (f":{notice.pages}" if notice.pages else "")
    reference = ". ".join(filter(None, (notice.journal_abbreviation or notice.journal, place)))
    return Relation(kind=kind, pmid=notice.identifiers.pmid, doi=notice.identifiers.doi, reference=reference or None)
