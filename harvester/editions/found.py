"""Take over editions that a library did not make: those that were made after a copy of it, which was put back.

What they told of must not be announced again.  Their studies are known here by what they are (PMID, DOI, words), since
the ids that a lost library gave after the copy mean nothing, or other papers, in this one.  Those that the copy does
not hold are put into it as an edition describes them; when their sources describe them again, they join these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harvester.digest import Edition, load_edition
from harvester.library import EditionFound, Library, Mark, StoredEdition, StudiesFound
from harvester.library.raw import load
from harvester.paper.identity import content_key
from harvester.paper.records import Record, Study, citation_fields

_SOURCE = "import:digest.json"  # the file of an edition


def read_document(raw: Path, name: str) -> str:
    """Return an edition's document as it is kept among the answers; raises LibraryError if it is missing or damaged."""
    return load(raw, name).content.decode()


def save_found_studies(library: Library, entry: StudiesFound, documents: Sequence[str]) -> None:
    """Put the studies of editions that the library does not hold into it, to be integrated."""
    records: dict[str, Record] = {}
    for document in documents:
        edition = load_edition(document.encode())
        for study in edition.studies:
            if _find(library, study) is None:
                record = _as_record(study)
                records.setdefault(record.source_key, record)
    with library.transaction(entry):
        library.records.save(records.values(), seen_at=entry.at)


def save_found_edition(library: Library, entry: EditionFound, document: str) -> None:
    """Write an edition as made, and its studies as told; what came before it and is not in it was passed over."""
    edition = load_edition(document.encode())
    latest = library.editions.latest(edition.digest)
    start = latest.mark if latest is not None else Mark()
    told = list(dict.fromkeys(_told(library, edition)))
    stored = StoredEdition(
        digest=edition.digest,
        edition=edition.edition,
        made_at=edition.made_at,
        mark=library.mark,
        document=document,
    )
    with library.transaction(entry):
        library.editions.save(stored, told)
        considered = set(library.studies.all_ids(after=start.last_study_id))
        library.editions.pass_over(edition.digest, sorted(considered.difference(told)))
        for study_id in told:
            study = library.studies.get(study_id)
            if study is not None and study.first_edition is None:
                library.studies.save(replace(study, first_edition=edition.edition))


def _told(library: Library, edition: Edition) -> Iterator[str]:
    for study in (*edition.studies, *(change.study for change in edition.changes)):
        study_id = _find(library, study)
        if study_id is not None:
            yield study_id


def _find(library: Library, study: Study) -> str | None:
    """Return the id that a study of an edition has in a library; None: it is not there."""
    identifiers = study.identifiers
    for wanted in ({"pmid": identifiers.pmid}, {"doi": identifiers.doi}):
        for study_id in library.studies.with_identifier(**wanted) if any(wanted.values()) else ():
            return library.studies.resolve(study_id)
    there = library.studies.get(study.study_id)
    if there is not None and content_key(there) == content_key(study):
        return there.study_id
    record = _as_record(study)
    stored = library.records.get(record.source, record.source_key)
    return None if stored is None or stored.study_id is None else library.studies.resolve(stored.study_id)


def _as_record(study: Study) -> Record:
    """Return a study as an edition described it, as a record of its file."""
    return Record(**citation_fields(study), source=_SOURCE, source_key=content_key(study))
