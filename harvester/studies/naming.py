"""Name the records of files by what they are, in a library of a program that called them by file and row.

Under those names the next file of the same name overwrote other papers' records, row by row: what is one record there
may have been several papers, one after the other, and one paper may stand in several rows.  Each is given back its own
record.  An id stays with the paper that had it first, because that is what readers were told; what came into its study
later is deduplicated again.  No id is lost: one that turns out to be another's second leads to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harvester.library import ImportsNamed, Library, StoredRecord
from harvester.paper.identity import complete, content_key, is_same_record
from harvester.paper.records import Record
from harvester.studies.integrate import integrate
from harvester.tagging import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What came of naming records."""

    records: int = 0
    joined: tuple[tuple[str, str], ...] = ()  # studies that were another's second, each with that other
    parted: tuple[tuple[str, str], ...] = ()  # papers that stood under another's id, each with that other


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    """One of the papers that a row was in turn, and from when."""

    record: Record
    since: str


def name_imports(library: Library, vocabulary: Vocabulary, *, at: str) -> Named:
    """Name all records of files by what they are, and bring the studies in step; nothing if they are named so.

    `at` is the UTC time of the run.
    """
    rows = library.records.named_by_row()
    if not rows:
        return Named()
    before = library.studies.all_ids()
    homes = {stored.record_id: stored.study_id for stored in rows}
    origins = save_names(library, ImportsNamed(at=at))
    integrate(library, vocabulary, at=at)
    gone = [study_id for study_id in before if library.studies.is_redirected(study_id)]
    found = library.records.by_id(origins)
    parted = {(stored.study_id, homes[origins[stored.record_id]]) for stored in found}
    return Named(
        records=len(rows),
        joined=tuple((study_id, library.studies.resolve(study_id)) for study_id in gone),
        parted=tuple(sorted((new, old) for new, old in parted if new and old and new != old and new not in before)),
    )


def save_names(library: Library, entry: ImportsNamed) -> dict[int, int]:
    """Write the names in one transaction; returns the rows' records by those of the papers that had stood in them."""
    origins: dict[int, int] = {}
    with library.transaction(entry):
        rows = [(stored, _find_papers(library, stored)) for stored in library.records.named_by_row()]
        library.records.rename((stored.record_id, _name(papers[0].record)) for stored, papers in rows)
        later: dict[str, list[tuple[int, Record]]] = defaultdict(list)
        for stored, (_, *others) in rows:
            if others and stored.study_id is not None:
                members = library.records.of_studies([stored.study_id])
                library.records.detach([member.record_id for member in members[1:]])
            for paper in others:
                later[paper.since].append((stored.record_id, _name(paper.record)))
        for since, papers in sorted(later.items()):
            # As a file that is imported now.
            record_ids = library.records.save([record for _, record in papers], seen_at=since)
            for (row_id, _), record_id in zip(papers, record_ids, strict=True):
                origins[record_id] = row_id
                library.corrections.move(row_id, record_id, since=since)
                library.decisions.move(row_id, record_id, since=since)
    return origins


def _find_papers(library: Library, stored: StoredRecord) -> Sequence[_Paper]:
    """Return the papers that a row was in turn, each in its last words."""
    revisions = library.records.revisions(stored.record_id)
    times = [stored.first_seen, *(until for until, _ in revisions)]
    words = [*(record for _, record in revisions), stored.record]
    papers: list[_Paper] = []
    for since, record in zip(times, words, strict=True):
        known = next((place for place, paper in enumerate(papers) if is_same_record(paper.record, record)), None)
        if known is None:
            papers.append(_Paper(record=record, since=since))
        else:
            papers[known] = replace(papers[known], record=complete(record, papers[known].record))
    return papers


def _name(record: Record) -> Record:
    return replace(record, source_key=content_key(record))
