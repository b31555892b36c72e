"""Build a study from its records, and write into its history what is different from before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harvester.library import Library, StoredRecord, Target, cite_notice
from harvester.matching import block_keys, merge, prepare
from harvester.paper.preprints import is_preprint_doi
from harvester.paper.records import Citation, Identifiers, Relation, Study, citation_fields
from harvester.paper.statuses import NOTICE_KINDS, derive_status
from harvester.sources.registry import RANKS
from harvester.sources.retraction_watch import RetractionWatch
from harvester.studies.correct import read_tags
from harvester.tagging import Vocabulary

# A change of these is worth a line in a study's history with its old and new words; of the others only that it changed.
_SHOWN_FIELDS = ("title", "journal", "published", "volume", "issue", "pages", "publication_status")
_NAMED_FIELDS = ("authors", "abstract", "publication_types", "mesh_terms", "keywords", "trial_ids")


def update_study(
    library: Library, vocabulary: Vocabulary, study_id: str, records: Sequence[StoredRecord], *, at: str
) -> bool:
    """Build a study from its records, and write it and its history if it reads otherwise than before.

    Parameters
    ----------
    library
        Open for writing, inside a transaction.
    study_id
        New, or that of a study that is there.
    records
        All its records.
    at
        UTC time of the run.

    Returns
    -------
    bool
        Whether it is new or reads otherwise.
    """
    before = library.studies.get(study_id)
    study = build_study(library, vocabulary, study_id, records, before=before, at=at)
    if before is not None and replace(study, last_changed=before.last_changed) == before:
        return False
    library.studies.save(study)
    if before is None:
        library.studies.add_event(study_id, "seen", {"source": study.sources[0], "title": study.title}, at=at)
        if study.status != "published":
            # A paper that arrives retracted has not changed since anybody read it: no status event.
            library.studies.add_event(study_id, "changed", {"status": [None, study.status]}, at=at)
        return True
    differences = _differences(before, study)
    if differences:
        library.studies.add_event(study_id, "changed", differences, at=at)
    for relation in new_notices(before.relations, study.relations):
        detail = {"kind": NOTICE_KINDS[relation.kind], "notice": describe_notice(relation)}
        library.studies.add_event(study_id, "notice", detail, at=at)
    if before.status != study.status:
        detail = {"from": before.status, "to": study.status}
        library.studies.add_event(study_id, "status", detail, at=at)
    return True


def build_study(
    library: Library,
    vocabulary: Vocabulary,
    study_id: str,
    records: Sequence[StoredRecord],
    *,
    before: Study | None,
    at: str,
) -> Study:
    """Merge the records of a study, classify the result, and derive its status.

    Records that their source deleted count only while there are no others; a study of which all are deleted
    keeps its words and is `withdrawn`.
    """
    living = [stored for stored in records if not stored.is_deleted]
    citation = _with_notices(library, merge([stored.record for stored in living or records], ranks=RANKS), records)
    # By its records and not by its id: while studies are parted, another's records may still bear it.
    corrections = library.corrections.of_records([stored.record_id for stored in records])
    return Study(
        **citation_fields(citation),
        study_id=study_id,
        tags=read_tags(citation, corrections, vocabulary),
        status=derive_status(citation, titles=[stored.record.title for stored in living]) if living else "withdrawn",
        preprint_doi=_preprint_doi(library, citation) or (before.preprint_doi if before else None),
        sources=tuple(dict.fromkeys(stored.record.source for stored in records)),
        record_count=len(records),
        first_seen=min(stored.first_seen for stored in records),
        last_changed=at,
        first_edition=before.first_edition if before is not None else library.editions.first_of(study_id),
    )


def _with_notices(library: Library, citation: Citation, records: Sequence[StoredRecord]) -> Citation:
    """Add what notices and Retraction Watch say of a paper to what its own records say.

    PubMed revises a paper's record days after it has the notice's; until then only the notice knows.
    """
    papers = [stored.record.identifiers for stored in records]
    relations = list(citation.relations)
    named = {relation.pmid for relation in relations if relation.kind in NOTICE_KINDS} - {None}
    about = [(record_id, kind) for record_id, kind in library.notices.about(papers) if kind in NOTICE_KINDS]
    notices = {item.record_id: item.record for item in library.records.by_id([record_id for record_id, _ in about])}
    for record_id, kind in about:
        relation = cite_notice(kind, notices[record_id])
        if relation.pmid is None or relation.pmid not in named:
            relations.append(relation)
    kinds = {NOTICE_KINDS[relation.kind] for relation in relations if relation.kind in NOTICE_KINDS}
    for opinion in library.notices.opinions_about(papers):
        if NOTICE_KINDS[opinion.kind] not in kinds:
            note = ", ".join(filter(None, (RetractionWatch.name, opinion.said_on)))
            relations.append(Relation(kind=opinion.kind, pmid=opinion.pmid, doi=opinion.doi, note=note))
    return replace(citation, relations=tuple(relations)) if len(relations) > len(citation.relations) else citation


def _preprint_doi(library: Library, citation: Citation) -> str | None:
    """Find the DOI of the preprint that a paper is the publication of.

    `UpdateOf` also joins the versions of a Cochrane review, so the other record must call itself a preprint, or, if
    the library does not hold it, bear a DOI that only preprints have.
    """
    if citation.is_preprint:
        return None
    for relation in citation.relations:
        if relation.kind != "UpdateOf":
            continue
        studies = [
            study for name in find_related(library, relation) if (study := library.studies.get(name)) is not None
        ]
        doi = next((study.identifiers.doi for study in studies if study.is_preprint and study.identifiers.doi), None)
        if doi is None and not studies and is_preprint_doi(relation.doi):
            doi = relation.doi
        if doi is not None:
            return doi
    return None


def find_related(library: Library, named: Relation | Target) -> list[str]:
    """Return the studies that are named by a PMID or DOI of any of their records; empty if the library holds none.

    A study shows one DOI; a preprint on two servers has two.
    """
    keys = block_keys(prepare(0, Citation(identifiers=Identifiers(pmid=named.pmid, doi=named.doi)), source=""))
    return sorted(library.records.studies_like(keys))


def new_notices(before: Sequence[Relation], after: Sequence[Relation]) -> list[Relation]:
    """Return the notices that a paper has now and had not before.

    A notice is often first named by its reference alone and gets its PMID later; so of one kind there are never
    more new ones than there are more of them.

    Examples
    --------
    >>> early = Relation(kind="ErratumIn", reference="J Sample. 2026;1:2")
    >>> late = Relation(kind="ErratumIn", pmid="7", reference="J Sample. 2026 Nov;1(1):2")
    >>> new_notices([early], [late]), len(new_notices([early], [early, late]))
    ([], 1)
    >>> new_notices([], [Relation(kind="ErratumIn")])
    []
    """
    old = [relation for relation in before if relation.kind in NOTICE_KINDS]
    room = Counter(NOTICE_KINDS[relation.kind] for relation in after if relation.kind in NOTICE_KINDS)
    room.subtract(NOTICE_KINDS[relation.kind] for relation in old)
    new = []
    for relation in after:
        # A status that an import states without naming a notice is a change of status alone.
        kind = NOTICE_KINDS.get(relation.kind) if describe_notice(relation) else None
        if kind is None or relation in old or (relation.pmid and relation.pmid in {item.pmid for item in old}):
            continue
        if room[kind] > 0:
            room[kind] -= 1
            new.append(relation)
    return new


def describe_notice(relation: Relation) -> dict[str, str]:
    """Return a notice's PMID, DOI, reference and note, those that are known."""
    parts = {"pmid": relation.pmid, "doi": relation.doi, "reference": relation.reference, "note": relation.note}
    return {name: value for name, value in parts.items() if value is not None}


def _differences(before: Study, after: Study) -> dict[str, Any]:
    """Return the bibliographic fields that changed: old and new, or that they changed."""
    changes: dict[str, Any] = {
        name: [getattr(before, name), getattr(after, name)]
        for name in _SHOWN_FIELDS
        if getattr(before, name) != getattr(after, name)
    }
    for name in ("pmid", "doi", "pmcid"):
        pair = [getattr(before.identifiers, name), getattr(after.identifiers, name)]
        if pair[0] != pair[1]:
            changes[name] = pair
    for name in _NAMED_FIELDS:
        if getattr(before, name) != getattr(after, name):
            changes[name] = "changed" if getattr(before, name) else "added"
    return changes
