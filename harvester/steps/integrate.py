"""Make studies of records: deduplicate, merge, classify, and note what changed.

Works on the records that are pending, and on the studies that are or look like theirs; the rest of the library
is not read.  A study's id is that of its oldest record's study for ever: when two studies turn out to be one,
the older id stays and the other leads to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harvester.classify import Vocabulary, classify
from harvester.dedupe import Link, Prepared, block_keys, cluster, link, link_preprints, merge, prepare
from harvester.library import Held, Library, Merge
from harvester.records import Relation, Study, citation_fields
from harvester.status import derive_status

# A change of these is worth a line in a study's history; of the abstract only that it changed.
_SHOWN_FIELDS = ("title", "journal", "published", "volume", "issue", "pages", "publication_status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrated:
    """What came of a call of `integrate`."""

    new: int = 0  # studies that were not there before
    changed: int = 0  # studies that were, and read otherwise now
    joined: int = 0  # records that joined a study


def integrate(library: Library, vocabulary: Vocabulary, *, at: str) -> Integrated:
    """Bring the studies in step with the records, in one transaction.

    Parameters
    ----------
    library
        Open for writing.
    vocabulary
        What words mean.
    at
        UTC time of the run; becomes `last_changed` of what changed.
    """
    pending = library.records.pending()
    if not pending:
        return Integrated()
    fresh = {held.record_id: _prepare(held) for held in pending}
    keys = {record_id: block_keys(prepared) for record_id, prepared in fresh.items()}
    alike = library.records.studies_like({key for found in keys.values() for key in found})
    own = {held.study_id for held in pending if held.study_id is not None}
    members = {held.record_id: held for held in (*library.records.of_studies(alike | own), *pending)}
    others = {record_id: _prepare(held) for record_id, held in members.items() if record_id not in fresh}
    links = link(fresh.values(), others.values())
    preprints = _find_preprints(link_preprints(fresh.values(), others.values()), {**fresh, **others}, members)
    groups = cluster([*fresh.values(), *others.values()], links, groups=_groups(members.values()))
    with library.transaction():
        return _settle(library, vocabulary, groups, members, links, keys, preprints, at=at)


def _prepare(held: Held) -> Prepared:
    return prepare(held.record_id, held.record, source=held.record.source)


def _groups(members: Collection[Held]) -> list[tuple[int, ...]]:
    """Give the record ids of each study that is there already."""
    by_study: dict[str, list[int]] = defaultdict(list)
    for held in members:
        if held.study_id is not None:
            by_study[held.study_id].append(held.record_id)
    return [tuple(sorted(group)) for _, group in sorted(by_study.items())]


def _settle(
    library: Library,
    vocabulary: Vocabulary,
    groups: Sequence[tuple[int, ...]],
    members: Mapping[int, Held],
    links: Sequence[Link],
    keys: Mapping[int, Collection[str]],
    preprints: Mapping[int, str],
    *,
    at: str,
) -> Integrated:
    """Write what the clusters mean, study by study, in the order of their oldest records."""
    best = _best_links(links)
    new = changed = joined = 0
    for group in sorted(tuple(sorted(group)) for group in groups):
        if not any(record_id in keys or record_id in preprints for record_id in group):
            continue
        preprint_doi = next((preprints[record_id] for record_id in group if record_id in preprints), None)
        held = [members[record_id] for record_id in group]
        old_ids = sorted({item.study_id for item in held if item.study_id is not None})
        study_id = old_ids[0] if old_ids else library.studies.new_id()
        arrivals = [item for item in held if item.study_id is None]
        merges = _explain(group, best, study_id)
        library.records.settle(dict.fromkeys(group, study_id), {item: keys[item] for item in group if item in keys})
        library.studies.save_merges(merges, at=at)
        for other in old_ids[1:]:
            library.studies.redirect(other, study_id, at=at)
        if old_ids:
            reasons = {item.record_id: item.reason for item in merges}
            for item in arrivals:
                detail = {
                    "source": item.record.source,
                    "source_key": item.record.source_key,
                    "reason": reasons.get(item.record_id),
                }
                library.studies.add_event(study_id, "joined", detail, at=at)
            joined += len(arrivals)
            changed += _update(library, vocabulary, study_id, held, preprint_doi, at=at)
        else:
            _update(library, vocabulary, study_id, held, preprint_doi, at=at)
            new += 1
            joined += len(arrivals) - 1
    misses = [(min(x.a, x.b), max(x.a, x.b), x.score, x.reason) for x in links if x.verdict == "maybe"]
    library.studies.save_near_misses(misses)
    return Integrated(new=new, changed=changed, joined=joined)


def _find_preprints(
    links: Sequence[Link], prepared: Mapping[int, Prepared], members: Mapping[int, Held]
) -> dict[int, str]:
    """Give the DOI of its preprint by record id of each article that has one among these records."""
    found = {}
    for item in links:
        preprint, article = (item.a, item.b) if prepared[item.a].is_preprint else (item.b, item.a)
        doi = members[preprint].record.identifiers.doi
        if doi is not None:
            found[article] = doi
    return found


def _best_links(links: Sequence[Link]) -> dict[int, list[Link]]:
    """Give each record's links that merge, the strongest first."""
    found: dict[int, list[Link]] = defaultdict(list)
    for item in links:
        if item.verdict == "same":
            found[item.a].append(item)
            found[item.b].append(item)
    for record_links in found.values():
        record_links.sort(key=lambda item: (-item.score, item.a, item.b))
    return found


def _explain(group: tuple[int, ...], best: Mapping[int, list[Link]], study_id: str) -> list[Merge]:
    """Say of each record of a group but the first why it belongs there."""
    merges = []
    for record_id in group[1:]:
        for item in best.get(record_id, ()):
            other = item.b if item.a == record_id else item.a
            if other in group:
                merges.append(
                    Merge(
                        record_id=record_id,
                        other_record_id=other,
                        study_id=study_id,
                        score=item.score,
                        reason=item.reason,
                    )
                )
                break
    return merges


def _update(
    library: Library,
    vocabulary: Vocabulary,
    study_id: str,
    held: Sequence[Held],
    preprint_doi: str | None,
    *,
    at: str,
) -> bool:
    """Build a study from its records and write it if it reads otherwise; tell whether it did."""
    before = library.studies.get(study_id)
    study = build_study(library, vocabulary, study_id, held, before=before, at=at)
    if preprint_doi is not None and study.preprint_doi is None:
        study = replace(study, preprint_doi=preprint_doi)
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
    if before.status != study.status:
        detail = {"from": before.status, "to": study.status, **_notice(study)}
        library.studies.add_event(study_id, "status", detail, at=at)
    return True


def build_study(
    library: Library,
    vocabulary: Vocabulary,
    study_id: str,
    held: Sequence[Held],
    *,
    before: Study | None,
    at: str,
) -> Study:
    """Merge the records of a study, classify the result, and say where it stands.

    Records that their source deleted count only while there are no others; a study of which all are deleted
    keeps its words and is `withdrawn`.
    """
    living = [item for item in held if not item.is_deleted]
    citation = merge([item.record for item in living or held])
    return Study(
        **citation_fields(citation),
        study_id=study_id,
        tags=classify(citation, vocabulary),
        status=derive_status(citation) if living else "withdrawn",
        preprint_doi=_preprint_doi(library, citation.relations) or (before.preprint_doi if before else None),
        sources=tuple(dict.fromkeys(item.record.source for item in held)),
        record_count=len(held),
        first_seen=min(item.first_seen for item in held),
        last_changed=at,
        first_edition=before.first_edition if before is not None else None,
    )


def _preprint_doi(library: Library, relations: Sequence[Relation]) -> str | None:
    """Find the DOI of the preprint that a paper is the publication of.

    `UpdateOf` also joins the versions of a Cochrane review, so the other record must call itself a preprint.
    """
    for relation in relations:
        if relation.kind == "UpdateOf" and relation.pmid is not None:
            other = library.records.get("pubmed", relation.pmid)
            if other is not None and other.record.is_preprint:
                return other.record.identifiers.doi
    return None


def _differences(before: Study, after: Study) -> dict[str, Any]:
    """Give the bibliographic fields that changed, old and new."""
    found: dict[str, Any] = {
        name: [getattr(before, name), getattr(after, name)]
        for name in _SHOWN_FIELDS
        if getattr(before, name) != getattr(after, name)
    }
    for name in ("pmid", "doi", "pmcid"):
        pair = [getattr(before.identifiers, name), getattr(after.identifiers, name)]
        if pair[0] != pair[1]:
            found[name] = pair
    if before.abstract != after.abstract:
        found["abstract"] = "changed" if before.abstract else "added"
    return found


def _notice(study: Study) -> dict[str, Any]:
    """Find the notice that explains a status: its PMID, DOI and reference, as far as PubMed says."""
    kinds = {
        "retracted": ("RetractionIn", "RetractedandRepublishedIn"),
        "concern": ("ExpressionOfConcernIn",),
        "corrected": ("ErratumIn", "CorrectedandRepublishedIn"),
    }.get(study.status, ())
    for relation in study.relations:
        if relation.kind in kinds:
            parts = {"pmid": relation.pmid, "doi": relation.doi, "reference": relation.reference}
            return {"notice": {name: value for name, value in parts.items() if value is not None}}
    return {}
