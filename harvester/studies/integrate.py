"""Make studies of records: deduplicate, merge, classify, and write what changed into their histories.

Works on the records that are pending, and on the studies that are or look like theirs; the rest of the library
is not read.  A study's id is that of its oldest record's study for ever: when two studies turn out to be one,
the older id stays and the other leads to it; when a user parts them again, it is theirs again.

A notice (of retraction, concern, correction) is no study: it is an event of the paper that it names, and waits
for it while the library does not hold that paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harvester.library import Library, Merge, StoredRecord, StudiesIntegrated, Target
from harvester.matching import Link, Prepared, block_keys, cluster, link, prepare
from harvester.matching.pair import VERDICT_MAYBE, VERDICT_PREPRINT, VERDICT_SAME
from harvester.paper.records import Record, Study
from harvester.paper.statuses import NOTICE_KINDS, NOTICE_RELATIONS, is_notice
from harvester.studies.build import find_related, update_study
from harvester.tagging import Vocabulary

BY_HAND = "joined by hand"  # the reason of a merge that a user asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrated:
    """What came of a call of `integrate`."""

    new: int = 0  # studies that were not there before
    changed: int = 0  # studies that were, and read otherwise now
    joined: int = 0  # records that joined a study


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cluster:
    """Records that are one study, and what it is called."""

    study_id: str
    records: tuple[StoredRecord, ...]
    is_new: bool


def integrate(library: Library, vocabulary: Vocabulary, *, at: str) -> Integrated:
    """Bring the studies in step with the records, in one transaction.

    `at` is the UTC time of the run, and becomes `last_changed` of what changed.
    """
    pending = library.records.pending()
    if not pending:
        return Integrated()
    with library.transaction(StudiesIntegrated(at=at)):
        # A notice may be revised, and speak of another paper than before, or of none.
        record_ids = [stored.record_id for stored in pending]
        about = library.notices.targets(record_ids)
        papers = _read_statements(library, pending)
        done, settled = _integrate_papers(library, vocabulary, papers, at=at) if papers else (Integrated(), set())
        about |= library.notices.targets(record_ids)
        changed = _update_papers(library, vocabulary, about, settled, at=at)
    return replace(done, changed=done.changed + changed)


def _read_statements(library: Library, pending: Sequence[StoredRecord]) -> list[StoredRecord]:
    """Write what records say of other papers, which may come later than they, and return those that are papers.

    A record that became a study before it was typed as a notice stays one, ids are for ever; what it says counts.
    """
    papers = []
    for stored in pending:
        targets = find_targets(stored.record)
        if targets and stored.study_id is None:
            library.records.mark_done(stored.record_id)
        else:
            papers.append(stored)
            targets += [
                Target(kind="UpdateIn", pmid=relation.pmid, doi=relation.doi)
                for relation in stored.record.relations
                if relation.kind == "UpdateOf" and (relation.pmid or relation.doi)
            ]
        library.notices.save(stored.record_id, [] if stored.is_deleted else targets)
    return papers


def find_targets(record: Record) -> list[Target]:
    """Return the papers that a record is a notice about; empty for a paper, and for a notice that names none."""
    if not is_notice(record):
        return []
    return [
        Target(kind=NOTICE_RELATIONS[relation.kind], pmid=relation.pmid, doi=relation.doi)
        for relation in record.relations
        if relation.kind in NOTICE_RELATIONS and (relation.pmid or relation.doi)
    ]


def _update_papers(
    library: Library,
    vocabulary: Vocabulary,
    about: Iterable[Target],
    settled: Collection[str],
    *,
    at: str,
) -> int:
    """Bring the papers of new and of changed notices in step, and return how many read otherwise now."""
    named = {study_id for target in about if target.kind in NOTICE_KINDS for study_id in find_related(library, target)}
    return sum(
        update_study(library, vocabulary, study_id, library.records.of_studies([study_id]), at=at)
        for study_id in sorted(named.difference(settled))
    )


def _integrate_papers(
    library: Library, vocabulary: Vocabulary, pending: Sequence[StoredRecord], *, at: str
) -> tuple[Integrated, set[str]]:
    """Make studies of the pending papers, in the order of their oldest records; return also the studies looked at."""
    fresh = {stored.record_id: prepare_stored(stored) for stored in pending}
    keys = {record_id: block_keys(prepared) for record_id, prepared in fresh.items()}
    members = _find_members(library, pending, keys)
    others = {record_id: prepare_stored(stored) for record_id, stored in members.items() if record_id not in fresh}
    links = link(fresh.values(), others.values())
    joined_by_hand = [pair for pair in library.decisions.pairs("same", members) if set(pair) <= set(members)]
    groups = cluster(
        [*fresh.values(), *others.values()],
        links,
        groups=[*_groups(members.values()), *joined_by_hand],
        apart=library.decisions.pairs("apart", members),
    )
    preprints = [item for item in links if item.verdict == VERDICT_PREPRINT]
    concerned = set(keys) | {record_id for item in preprints for record_id in (item.a, item.b)}
    clusters = _choose_ids(library, [[members[record_id] for record_id in group] for group in groups], concerned, at=at)
    best = _best_links(links, joined_by_hand)
    new = changed = joined = 0
    for study in clusters:
        ids = [stored.record_id for stored in study.records]
        arrivals = [stored for stored in study.records if stored.study_id is None]
        merges = _choose_reasons(ids, best, study.study_id)
        library.records.assign(dict.fromkeys(ids, study.study_id), {item: keys[item] for item in ids if item in keys})
        library.studies.save_merges(merges, at=at)
        if not study.is_new:
            _note_arrivals(library, study.study_id, arrivals, merges, at=at)
        _note_deletions(library, study, keys, at=at)
        is_changed = update_study(library, vocabulary, study.study_id, study.records, at=at)
        new += study.is_new
        changed += is_changed and not study.is_new
        joined += len(arrivals) - study.is_new
    library.decisions.save_near_misses(
        (item.a, item.b, item.score, item.reason) for item in links if item.verdict == VERDICT_MAYBE
    )
    homes = {stored.record_id: study.study_id for study in clusters for stored in study.records}
    pairs = [(homes[item.a], homes[item.b], item.reason) for item in preprints if item.a in homes and item.b in homes]
    _link_preprints(library, sorted(set(homes.values())), pairs, at=at)
    return Integrated(new=new, changed=changed, joined=joined), set(homes.values())


def _find_members(
    library: Library, pending: Sequence[StoredRecord], keys: Mapping[int, Collection[str]]
) -> dict[int, StoredRecord]:
    """Return all records that may have to do with the pending ones, by record id: of like studies, and of their own."""
    pairs = library.decisions.pairs("same", keys)
    partners = library.records.by_id({record_id for pair in pairs for record_id in pair})
    study_ids = library.records.studies_like({key for record_keys in keys.values() for key in record_keys})
    study_ids |= _study_ids(pending) | _study_ids(partners)
    return {stored.record_id: stored for stored in (*library.records.of_studies(study_ids), *pending)}


def _study_ids(records: Iterable[StoredRecord]) -> set[str]:
    return {stored.study_id for stored in records if stored.study_id is not None}


def prepare_stored(stored: StoredRecord) -> Prepared:
    """Prepare a record of the library for comparison; its key is its record id."""
    return prepare(stored.record_id, stored.record, source=stored.record.source)


def _groups(members: Collection[StoredRecord]) -> list[tuple[int, ...]]:
    """Return the record ids of each study that is there already."""
    by_study: dict[str, list[int]] = defaultdict(list)
    for stored in members:
        if stored.study_id is not None:
            by_study[stored.study_id].append(stored.record_id)
    return [tuple(sorted(group)) for _, group in sorted(by_study.items())]


def _choose_ids(
    library: Library, groups: Sequence[Sequence[StoredRecord]], concerned: set[int], *, at: str
) -> list[_Cluster]:
    """Choose the study id of each group, the oldest records first, and redirect the ids that are left over.

    A group keeps the oldest id among its records that no group before it has; a group that a user parted from
    another gets back the id under which its records first stood, or else a new one.
    """
    ordered = sorted(
        (sorted(group, key=lambda stored: stored.record_id) for group in groups), key=lambda g: g[0].record_id
    )
    chosen = [group for group in ordered if any(stored.record_id in concerned for stored in group)]
    taken: set[str] = set()
    clusters = []
    for group in chosen:
        free = sorted(_study_ids(group) - taken)
        past = sorted({stored.first_study_id for stored in group if stored.first_study_id is not None} - taken)
        revived = next((study_id for study_id in past if library.studies.is_redirected(study_id)), None)
        if free:
            study_id = free[0]
        elif revived is not None:
            study_id = revived
            library.studies.revive(study_id)
        else:
            study_id = library.studies.new_id()
        if not free:
            # Records that a user parted from a study were told of with it, if it was.
            for origin in sorted(_study_ids(group)):
                library.editions.inherit(study_id, origin=origin)
        taken.add(study_id)
        clusters.append(_Cluster(study_id=study_id, records=tuple(group), is_new=not free))
    for study in clusters:
        for other in sorted(_study_ids(study.records) - taken):
            library.studies.redirect(other, study.study_id, at=at)
            taken.add(other)
    return clusters


def _note_arrivals(
    library: Library, study_id: str, arrivals: Sequence[StoredRecord], merges: Sequence[Merge], *, at: str
) -> None:
    reasons = {item.record_id: item.reason for item in merges}
    for stored in arrivals:
        detail = {
            "source": stored.record.source,
            "source_key": stored.record.source_key,
            "reason": reasons.get(stored.record_id),
        }
        library.studies.add_event(study_id, "joined", detail, at=at)


def _note_deletions(library: Library, study: _Cluster, keys: Collection[int], *, at: str) -> None:
    """Write into a study's history, once for each record, that its source deleted it."""
    deleted = [stored for stored in study.records if stored.is_deleted and stored.record_id in keys]
    in_history = (
        {event.detail.get("source_key") for event in library.studies.history(study.study_id)} if deleted else set()
    )
    for stored in deleted:
        if stored.study_id is not None and stored.record.source_key not in in_history:
            detail = {"source": stored.record.source, "source_key": stored.record.source_key}
            library.studies.add_event(study.study_id, "deleted", detail, at=at)


def _best_links(links: Sequence[Link], joined_by_hand: Sequence[tuple[int, int]]) -> dict[int, list[Link]]:
    """Return the links of each record that merge, the strongest first; what a user joined comes last."""
    best: dict[int, list[Link]] = defaultdict(list)
    same = [item for item in links if item.verdict == VERDICT_SAME]
    by_hand = [Link(a, b, VERDICT_SAME, 0.0, BY_HAND) for a, b in joined_by_hand]
    for item in (*same, *by_hand):
        best[item.a].append(item)
        best[item.b].append(item)
    for record_links in best.values():
        record_links.sort(key=lambda item: (-item.score, item.a, item.b))
    return best


def _choose_reasons(group: Sequence[int], best: Mapping[int, list[Link]], study_id: str) -> list[Merge]:
    """Return why each record of a group but the first belongs there."""
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


def _link_preprints(
    library: Library, study_ids: Sequence[str], alike: Sequence[tuple[str, str, str]], *, at: str
) -> None:
    """Join preprints and their articles: what PubMed says of them first, then what their titles and authors say.

    Parameters
    ----------
    study_ids
        The studies to look at.
    alike
        Pairs of studies that read like a preprint and its article, with the reason.
    """
    pairs: list[tuple[str, str, str]] = []
    for study_id in study_ids:
        study = library.studies.get(study_id)
        if study is None:
            continue
        wanted = "UpdateIn" if study.is_preprint else "UpdateOf"
        for relation in study.relations:
            if relation.kind == wanted:
                reason = "named by its PMID" if relation.pmid else "named by its DOI"
                pairs += [(study_id, other, reason) for other in find_related(library, relation)]
        if study.is_preprint:
            newer = [record_id for record_id, kind in library.notices.about([study.identifiers]) if kind == "UpdateIn"]
            articles = [stored.study_id for stored in library.records.by_id(newer) if stored.study_id is not None]
            pairs += [(study_id, other, "named by its article") for other in articles]
    for one, other, reason in (*pairs, *alike):
        studies = [library.studies.get(one), library.studies.get(other)]
        preprint = next((study for study in studies if study is not None and study.is_preprint), None)
        article = next((study for study in studies if study is not None and not study.is_preprint), None)
        if preprint is not None and article is not None:
            _join_preprint(library, preprint, article, reason, at=at)


def _join_preprint(library: Library, preprint: Study, article: Study, reason: str, *, at: str) -> None:
    """Write an article's preprint into the article and, once, into the preprint's history."""
    doi = preprint.identifiers.doi
    if article.preprint_doi is None and doi is not None:
        library.studies.save(replace(article, preprint_doi=doi, last_changed=at))
    articles = {event.detail.get("article") for event in library.studies.history(preprint.study_id)}
    if article.study_id not in articles:
        detail = {"article": article.study_id, "doi": article.identifiers.doi, "reason": reason}
        library.studies.add_event(preprint.study_id, "published", detail, at=at)
