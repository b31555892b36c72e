"""The studies, why their records were merged, and what happened to them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.library import derived
from harvester.library.codec import study_from_json, study_to_json
from harvester.library.lists import execute_in
from harvester.library.words import build_match
from harvester.paper.records import Study
from harvester.table.columns import COLUMN_NAMES
from harvester.table.where import check_columns

# What a study's history tells.
EVENT_KINDS = (
    "seen",  # first, in which source
    "joined",  # another record came, and why it is the same paper
    "changed",  # fields that read otherwise: old, new
    "status",  # from, to, and the notice, if one says why
    "notice",  # a notice of retraction, concern or correction, once each
    "published",  # a preprint's article came
    "deleted",  # its source deleted a record
    "retagged",  # newer rules or words read other tags: old, new
    "redirected",  # it turned out to be another study
    "by-hand",  # a user corrected tags or took corrections back: of each tag old and new, and the reason
    "parted",  # a user said that some of its records are another paper
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Why a record belongs to its study: its best link to another record of it."""

    record_id: int
    other_record_id: int
    study_id: str
    score: float  # 0 to 1
    reason: str
    merged_at: str = ""  # UTC time; the store fills it in when saving


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a study."""

    event_id: int
    study_id: str
    at: str  # UTC time
    kind: str  # one of EVENT_KINDS
    detail: Mapping[str, Any]


class StudyStore:
    """The tables `studies`, `study_documents`, `study_words`, `merges`, `redirects` and `history`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def new_id(self) -> str:
        """Return the next study id; ids are never used again, and sort as text in order of arrival."""
        (last,) = self._connection.execute("SELECT value FROM meta WHERE key = 'last_study'").fetchone()
        number = int(last) + 1
        self._connection.execute("UPDATE meta SET value = ? WHERE key = 'last_study'", (str(number),))
        return f"S{number:07d}"

    def last_id(self) -> str:
        """Return the newest study id; ``S0000000`` in an empty library."""
        (last,) = self._connection.execute("SELECT value FROM meta WHERE key = 'last_study'").fetchone()
        return f"S{int(last):07d}"

    def save(self, study: Study) -> None:
        """Write a study, its row and its words, in place of what stood there."""
        self.remove(study.study_id)
        self._connection.execute("INSERT INTO study_documents VALUES (?, ?)", (study.study_id, study_to_json(study)))
        derived.add(self._connection, study)

    def remove(self, study_id: str) -> None:
        """Drop a study's row, document and words; its history and redirect stay."""
        self._connection.execute("DELETE FROM study_documents WHERE study_id = ?", (study_id,))
        derived.remove(self._connection, study_id)

    def get(self, study_id: str) -> Study | None:
        """Return a study by its id, also by an id that was merged into another; None if there is none."""
        row = self._connection.execute(
            "SELECT document FROM study_documents WHERE study_id = ?", (self.resolve(study_id),)
        ).fetchone()
        return None if row is None else study_from_json(row[0])

    def resolve(self, study_id: str) -> str:
        """Follow redirects from an old id to the present one."""
        followed = set()
        while study_id not in followed:
            followed.add(study_id)
            row = self._connection.execute(
                "SELECT to_study_id FROM redirects WHERE study_id = ?", (study_id,)
            ).fetchone()
            if row is not None:
                study_id = row[0]
        return study_id

    def redirect(self, study_id: str, to_study_id: str, *, at: str) -> None:
        """Redirect an id to another study from now on."""
        self._connection.execute("INSERT INTO redirects VALUES (?, ?, ?)", (study_id, to_study_id, at))
        self.add_event(study_id, "redirected", {"to": to_study_id}, at=at)
        self.remove(study_id)
        self._connection.execute(
            "INSERT OR IGNORE INTO edition_studies SELECT digest, ?, edition FROM edition_studies WHERE study_id = ?",
            (to_study_id, study_id),
        )

    def revive(self, study_id: str) -> None:
        """Remove the redirect of an id, so that it is a study of its own again."""
        self._connection.execute("DELETE FROM redirects WHERE study_id = ?", (study_id,))

    def is_redirected(self, study_id: str) -> bool:
        """Return whether an id leads to another study."""
        statement = "SELECT 1 FROM redirects WHERE study_id = ?"
        return self._connection.execute(statement, (study_id,)).fetchone() is not None

    def with_identifier(self, *, pmid: str | None = None, doi: str | None = None) -> list[str]:
        """Return the studies with a PMID or a DOI, in the order of their ids."""
        rows = self._connection.execute(
            "SELECT study_id FROM studies WHERE pmid = ? UNION SELECT study_id FROM studies WHERE doi = ?"
            " ORDER BY study_id",
            (pmid, doi),
        )
        return [study_id for (study_id,) in rows]

    def all_ids(self, *, after: str = "") -> list[str]:
        """Return the ids of all studies, those after an id, ascending."""
        rows = self._connection.execute("SELECT study_id FROM studies WHERE study_id > ? ORDER BY study_id", (after,))
        return [study_id for (study_id,) in rows]

    def count(self) -> int:
        """Count the studies."""
        (count,) = self._connection.execute("SELECT count(*) FROM studies").fetchone()
        return int(count)

    def identifiers(self) -> dict[str, str]:
        """Return the study by each DOI and PMID that the table holds."""
        rows = self._connection.execute("SELECT study_id, doi, pmid FROM studies ORDER BY study_id DESC")
        return {name: study_id for study_id, *names in rows for name in names if name is not None}

    def iterate(self, *, where: str = "", after: str = "") -> Iterator[Study]:
        """Return studies in the order of their ids.

        Parameters
        ----------
        where
            An SQL condition on the table's columns, checked by `harvester.table.where`; empty: all.
        after
            Only studies with a greater id.
        """
        condition = f"AND {self._checked(where)}" if where else ""
        statement = (
            "SELECT document FROM study_documents WHERE study_id > ? AND study_id IN"
            f" (SELECT study_id FROM studies WHERE study_id > ? {condition}) ORDER BY study_id"
        )
        for (document,) in self._connection.execute(statement, (after, after)):
            yield study_from_json(document)

    def rows(self, *, where: str = "", columns: Sequence[str] = COLUMN_NAMES) -> Iterator[dict[str, Any]]:
        """Yield the table's rows in the order of their ids, each with some columns of `harvester.table.columns`."""
        condition = f"WHERE {self._checked(where)}" if where else ""
        present = derived.column_names(self._connection)
        # A reader may meet a table that an earlier program filled: what it lacks is absent.
        wanted = ", ".join(f'"{name}"' if name in present else f'NULL AS "{name}"' for name in columns)
        for values in self._connection.execute(f"SELECT {wanted} FROM studies {condition} ORDER BY study_id"):
            yield dict(zip(columns, values, strict=True))

    def _checked(self, where: str) -> str:
        """Return a condition in brackets; raises UsageError for a column that the table does not have yet."""
        present = derived.column_names(self._connection)
        if not set(COLUMN_NAMES).issubset(present):
            check_columns(where, present)
        return f"({where}\n)"

    def search(self, text: str, *, where: str = "", limit: int) -> list[str]:
        """Find studies by words, the best match first.

        Parameters
        ----------
        text
            As `harvester.library.words` reads it.
        where
            An SQL condition on the table's columns; empty: all.
        limit
            How many at most.

        Raises
        ------
        UsageError
            If the text holds no word, or is not to be understood with certainty.
        """
        match = build_match(text)
        condition = f"AND study_id IN (SELECT study_id FROM studies WHERE {self._checked(where)})" if where else ""
        statement = (
            f"SELECT study_id FROM study_words WHERE study_words MATCH ? {condition}"
            " ORDER BY bm25(study_words, 0, 8, 1, 4, 3), study_id LIMIT ?"
        )
        return [study_id for (study_id,) in self._connection.execute(statement, (match, limit))]

    def save_merges(self, merges: Iterable[Merge], *, at: str) -> None:
        """Write why records were merged; a record's reason stays until it moves to another study."""
        self._connection.executemany(
            "INSERT INTO merges VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (record_id) DO UPDATE SET"
            " other_record_id = excluded.other_record_id, study_id = excluded.study_id, score = excluded.score,"
            " reason = excluded.reason, merged_at = excluded.merged_at WHERE study_id <> excluded.study_id",
            [(m.record_id, m.other_record_id, m.study_id, m.score, m.reason, at) for m in merges],
        )

    def merges(self, study_id: str) -> list[Merge]:
        """Return why the records of a study were merged, in order of arrival."""
        rows = self._connection.execute(
            "SELECT record_id, other_record_id, study_id, score, reason, merged_at FROM merges"
            " WHERE record_id IN (SELECT record_id FROM records WHERE study_id = ?) ORDER BY record_id",
            (study_id,),
        )
        names = ("record_id", "other_record_id", "study_id", "score", "reason", "merged_at")
        return [Merge(**dict(zip(names, row, strict=True))) for row in rows]

    def add_event(self, study_id: str, kind: str, detail: Mapping[str, Any], *, at: str) -> None:
        """Write an event into a study's history."""
        text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
        self._connection.execute(
            "INSERT INTO history (study_id, at, kind, detail) VALUES (?, ?, ?, ?)", (study_id, at, kind, text)
        )

    def forget_merges(self, record_ids: Collection[int]) -> None:
        """Remove why records were merged: they no longer are, or for another reason."""
        execute_in(self._connection, "DELETE FROM merges WHERE record_id IN ({})", record_ids)

    def history(self, study_id: str) -> list[Event]:
        """Return a study's history, oldest first, with that of the studies that became one with it."""
        rows = self._connection.execute(
            "WITH RECURSIVE one (study_id) AS (SELECT ?1 UNION SELECT redirects.study_id FROM redirects"
            " JOIN one ON to_study_id = one.study_id)"
            " SELECT event_id, study_id, at, kind, detail FROM history WHERE study_id IN one ORDER BY event_id",
            (study_id,),
        )
        return [_event(row) for row in rows]

    def events(self, *, kind: str, after: int) -> list[Event]:
        """Return the events of one kind after an event id, oldest first."""
        rows = self._connection.execute(
            "SELECT event_id, study_id, at, kind, detail FROM history WHERE kind = ? AND event_id > ?"
            " ORDER BY event_id",
            (kind, after),
        )
        return [_event(row) for row in rows]

    def last_event_id(self) -> int:
        """Return the newest event's id; 0 in an empty library."""
        (last,) = self._connection.execute("SELECT coalesce(max(event_id), 0) FROM history").fetchone()
        return int(last)


def _event(row: tuple[Any, ...]) -> Event:
    event_id, study_id, at, kind, detail = row
    return Event(event_id=event_id, study_id=study_id, at=at, kind=kind, detail=json.loads(detail))
