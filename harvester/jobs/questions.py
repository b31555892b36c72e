"""Questions to the library, read-only: find, show, review, export, select, and the search log.

They can be asked while a run is writing; what they see is the state after its last finished step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from harvester.exports import FORMATS, Written
from harvester.ground.errors import UsageError
from harvester.jobs.rebuild import read_answers
from harvester.library import FILE_NAME, Ledger, Library, PutAside, RecordsSaved
from harvester.sources.registry import find_kind
from harvester.studies.labels import LABELS
from harvester.table.where import build_condition, query_read_only


def select(data: Path, sql: str) -> tuple[Sequence[str], Sequence[tuple[object, ...]]]:
    """Return names of columns and rows of a read-only SQL statement on the library.

    Raises
    ------
    UsageError
        If the statement is wrong, would write, or takes too long.
    """
    with Library.open(data, writable=False):
        answer = query_read_only(data / FILE_NAME, sql)
    return answer.columns, answer.rows


def find(data: Path, words: str, *, where: str, limit: int) -> list[dict[str, Any]]:
    """Return rows of the table by words, by a condition, or both: the best match first, without words by relevance."""
    condition = _condition(where)
    with Library.open(data, writable=False) as library, library.bounded():
        if words:
            study_ids = library.studies.search(words, where=condition, limit=limit)
            by_id = {row["study_id"]: row for row in library.studies.rows(where=_is_one_of(study_ids))}
            return [by_id[study_id] for study_id in study_ids]
        rows = library.studies.rows(where=condition)
        return sorted(rows, key=lambda row: (-(row["relevance"] or 0), row["study_id"]))[:limit]


def show(data: Path, study_id: str) -> dict[str, Any]:
    """Return all that is known of one study.

    Returns
    -------
    dict
        ``study`` (the table's row), ``records`` (each with source, key, days and whether it was deleted), ``merges``
        (why), ``evidence`` (the proof of each tag), ``corrections`` (by hand: tag, value, why, at), ``history``,
        ``redirected_from`` if the id was an old one.

    Raises
    ------
    UsageError
        If there is no such study.
    """
    with Library.open(data, writable=False) as library:
        study = library.studies.get(study_id)
        if study is None:
            raise UsageError(f"there is no study {study_id}", advice='find one with: harvester query "WORDS"')
        row = next(iter(library.studies.rows(where=_is_one_of([study.study_id]))))
        records = [
            {
                "record_id": stored.record_id,
                "source": stored.record.source,
                "source_key": stored.record.source_key,
                "first_seen": stored.first_seen,
                "deleted": stored.is_deleted,
                "revisions": len(library.records.revisions(stored.record_id)),
                "title": stored.record.title,
            }
            for stored in library.records.of_studies([study.study_id])
        ]
        return {
            "study": row,
            "redirected_from": study_id if study_id != study.study_id else None,
            "records": records,
            "merges": [asdict(merge) for merge in library.studies.merges(study.study_id)],
            "evidence": [asdict(evidence) for evidence in study.tags.evidence],
            "corrections": [asdict(item) for item in library.corrections.of_study(study.study_id).values()],
            "history": [
                {"at": event.at, "kind": event.kind, "detail": dict(event.detail)}
                for event in library.studies.history(study.study_id)
            ],
        }


def review(data: Path) -> list[dict[str, Any]]:
    """Return the pairs of studies that look alike and on which nobody has decided, the most alike first.

    Returns
    -------
    list of dict
        ``score`` (0 to 1), ``reason``, and ``studies``: of both ``study_id``, ``title``, ``authors``, ``journal``,
        ``year``, ``doi``, ``pmid`` and ``sources``.
    """
    shown = ("study_id", "title", "authors", "journal", "year", "doi", "pmid")
    pairs = []
    with Library.open(data, writable=False) as library:
        for miss in library.decisions.near_misses():
            sides = []
            for study_id in (miss.study_id, miss.other_study_id):
                row = next(iter(library.studies.rows(where=_is_one_of([study_id]))))
                sides.append({**{name: row[name] for name in shown}, "sources": (row["sources"] or "").split("; ")})
            pairs.append({"score": miss.score, "reason": miss.reason, "studies": sides})
    return pairs


# What a methods section needs of each search (PRISMA-S, Rethlefsen 2021, items 1, 8, 9, 13 and 15: the database, the
# strategy as run, limits, dates, and the numbers), and what accounts for every record.
_LOG_COLUMNS = (
    "harvest_id asked_at source kind platform url query term translation since until count fetched left_out held "
    "deleted unreadable unaccounted new unchanged answered error notes unaccounted_pmids"
)
LOG_COLUMNS = tuple(_LOG_COLUMNS.split())
LEFT_OUT_COLUMNS = ("at", "source", "title", "url", "doi", "published")


def search_log(data: Path, *, since: date | None = None) -> list[dict[str, Any]]:
    """Return every search of every harvest since a day (UTC), oldest first; None: all.

    Returns
    -------
    list of dict
        With the keys `LOG_COLUMNS`.  A harvest of PubMed has a row for each search that it was split into, and ``new``
        (studies) stands in the first of them; ``count`` is what PubMed says it found, and equals ``fetched`` + ``held``
        (came already, earlier in the same window) + ``deleted`` + ``unreadable`` + ``unaccounted``.  Of what was
        fetched, ``left_out`` are off the topic.
    """
    first = since.isoformat() if since is not None else ""
    with Library.open(data, writable=False) as library:
        harvests = library.sources.harvests()
    return [row for harvest in harvests if harvest[1] >= first for row in _log_rows(*harvest)]


def put_aside(data: Path) -> list[PutAside]:
    """Return the papers that sources list and do not give, which each run asks for alone, by source and time."""
    with Library.open(data, writable=False) as library:
        return library.sources.put_aside()


def _log_rows(harvest_id: int, at: str, source: str, report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the log that one harvest of one source makes."""
    since, until = report["window"] or (None, None)
    base: dict[str, Any] = dict.fromkeys(LOG_COLUMNS)
    base |= {
        "harvest_id": harvest_id,
        "asked_at": at,
        "source": report["name"],
        "kind": report["kind"],
        "platform": find_kind(source).platform,
        "since": since,
        "until": until,
        **{name: report[name] for name in ("query", "new", "unchanged", "answered", "error")},
        "notes": "; ".join(report["notes"]) or None,
    }
    searches = report.get("searches") or []
    if not searches:
        received = None if report["unchanged"] or not report["answered"] else report["received"]
        return [{**base, "count": received, "fetched": received}]
    rows = []
    for place, search in enumerate(searches):
        lists = {name: len(search[name]) for name in ("unreadable", "unaccounted")}
        numbers = {name: search[name] for name in ("term", "translation", "count", "fetched", "held", "deleted")}
        base |= {"url": search.get("url"), "left_out": search.get("left_out", 0)}
        named = "; ".join(search["unaccounted"]) or None
        new = report["new"] if place == 0 else None
        rows.append({**base, **numbers, **lists, "unaccounted_pmids": named, "new": new})
    return rows


def left_out(data: Path, *, since: date | None = None) -> list[dict[str, Any]]:
    """Return what sources gave that is off the topic and stands in no table, each entry once, the latest first.

    Parameters
    ----------
    since
        Only what first came on this day (UTC) or later; None: all.

    Returns
    -------
    list of dict
        With the keys `LEFT_OUT_COLUMNS`; ``at`` is when it first came.

    Raises
    ------
    LibraryError
        If an answer that the ledger names is missing or damaged.
    """
    first = since.isoformat() if since is not None else ""
    kept: set[tuple[str, str]] = set()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for _, entry in Ledger(data / "raw").entries():
        if not isinstance(entry, RecordsSaved) or not find_kind(entry.source).leaves_out:
            continue
        kept.update(
            (source, key) for source, key in entry.keys
        )  # a revision may name a compound, or more words be known
        for record in read_answers(data / "raw", entry):
            found.setdefault(
                (record.source, record.source_key),
                {
                    "at": entry.at,
                    "source": record.source.removeprefix("feed:"),
                    "title": record.title,
                    "url": record.page_url,
                    "doi": record.identifiers.doi,
                    "published": record.published,
                },
            )
    listed = [item for name, item in found.items() if name not in kept and item["at"] >= first]
    return sorted(listed, key=lambda item: item["at"], reverse=True)


def export(data: Path, name: str, *, where: str, edition: str | None) -> Written:
    """Write studies in a format of `harvester.exports.FORMATS`, or as `LABELS`, in the order of their ids.

    Parameters
    ----------
    where
        A condition on the columns; empty: all.
    edition
        Only the studies of this edition, of whichever digest; None: all.

    Raises
    ------
    UsageError
        If the condition is wrong, there is no such edition, or the format needs a package that is not installed.
    """
    condition = _condition(where)
    with Library.open(data, writable=False) as library:
        if edition is not None:
            inside = library.editions.studies_of(edition)
            if inside is None:
                raise UsageError(f"there is no edition {edition}", advice="write it as 2026-W47")
            condition = " AND ".join(filter(None, (condition, _is_one_of(inside))))
        if where.strip():
            with library.bounded():  # writing the studies may take longer than finding them
                for _ in library.studies.rows(where=condition):
                    pass
        return (LABELS if name == LABELS.name else FORMATS[name]).write(library.studies.iterate(where=condition))


def _condition(where: str) -> str:
    """Return a condition in the form that is safe to put into a statement; the empty one stays empty."""
    return build_condition(where) if where.strip() else ""


def _is_one_of(study_ids: Collection[str]) -> str:
    """Return the condition that a study is one of some; the ids are ours, digits after an S."""
    return f"study_id IN ({', '.join(repr(study_id) for study_id in study_ids)})"
