"""Find what happened to studies that a digest has already sent to its readers, and what it need not send again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from harvester.digest import CHANGE_KINDS, Change, load_edition
from harvester.digest.corrections import describe_corrections
from harvester.digest.words import Words
from harvester.library import Event, Library
from harvester.paper.identifiers import doi_url, pubmed_url
from harvester.paper.records import Study
from harvester.paper.statuses import AGAINST, NOTICE_RELATIONS, TAKEN_BACK, derive_status, is_notice
from harvester.paper.tags import Tags

# A change of status that is told without a notice, by what the status was and is; a notice tells the others.
_STATUS_KINDS = {
    ("preprint", "published"): "published",
    ("preprint", "ahead-of-print"): "published",
    ("ahead-of-print", "published"): "in-print",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """One thing that happened to a study that was sent."""

    kind: str  # one of CHANGE_KINDS
    at: str  # UTC time
    notice: dict[str, str]
    article: str | None = None  # of a preprint: the study that is its article


def find_changes(library: Library, names: Collection[str], *, after: int) -> list[Change]:
    """Return what happened to studies that a digest sent; each study once, its gravest news.

    Parameters
    ----------
    library
        The edition that is being made is not in it yet.
    names
        The digest's, also those that it had before.
    after
        The last event that the edition before this one knew.
    """
    news: dict[str, list[_News]] = defaultdict(list)
    for kind in ("notice", "status", "published"):
        for event in library.studies.events(kind=kind, after=after):
            study_id = library.studies.resolve(event.study_id)
            study = library.studies.get(study_id)
            item = _read_event(event, study) if study is not None else None
            if item is not None:
                news[study_id].append(item)
    changes = []
    for study_id, sent_in in sorted(library.editions.sent_in(names, news).items()):
        gravest = min(news[study_id], key=lambda item: CHANGE_KINDS.index(item.kind))
        study = library.studies.get(gravest.article or study_id)
        if study is not None:
            changes.append(
                Change(
                    study=study,
                    kind=gravest.kind,
                    at=gravest.at,
                    sent_in=sent_in,
                    notice_url=_notice_url(gravest.notice),
                    detail=_detail_of(gravest, study),
                )
            )
    return changes


def find_corrections(library: Library, names: Collection[str], words: Words, *, after: int) -> list[Change]:
    """Return studies of which a user corrected what readers of a digest were told; each once, with all that changed.

    Compared is what readers read last with what is right now, so that a correction that was taken back is no news.

    Parameters
    ----------
    names
        The digest's, also those that it had before.
    after
        The last event that the edition before this one knew.
    """
    events: dict[str, list[Event]] = defaultdict(list)
    for event in library.studies.events(kind="by-hand", after=after):
        events[library.studies.resolve(event.study_id)].append(event)
    sent = library.editions.sent_in(names, events)
    told = _find_told(library, names, sent)
    changes = []
    for study_id in sorted(told):
        study = library.studies.get(study_id)
        tags = {tag for event in events[study_id] for tag in event.detail["tags"]}
        detail = describe_corrections(told[study_id], study.tags, tags, words) if study is not None else ""
        if study is not None and detail:
            at = events[study_id][-1].at
            changes.append(Change(study=study, kind="by-hand", at=at, sent_in=sent[study_id], detail=detail))
    return changes


def _find_told(library: Library, names: Collection[str], study_ids: Collection[str]) -> dict[str, Tags]:
    """Return the tags of studies as a digest last told them, by the ids that the studies have now."""
    told: dict[str, Tags] = {}
    for document in library.editions.documents(*names) if study_ids else ():
        edition = load_edition(document.encode())
        corrected = [change.study for change in edition.changes if change.kind == "by-hand"]
        for study in (*corrected, *edition.studies):
            study_id = library.studies.resolve(study.study_id)
            if study_id in study_ids:
                told.setdefault(study_id, study.tags)
        if len(told) == len(study_ids):
            break
    return told


def _read_event(event: Event, study: Study) -> _News | None:
    """Return what an event means to a reader of the study as it is now; None if nothing."""
    detail: dict[str, Any] = dict(event.detail)
    if event.kind == "notice":
        # What was taken back since is no news; of what is graver than a correction, the correction is.
        kind = str(detail["kind"])
        stands = study.status == kind or (kind in ("corrected", "concern") and study.status in AGAINST)
        return _News(kind=kind, at=event.at, notice=dict(detail["notice"])) if stands else None
    if event.kind == "published":
        return _News(kind="published", at=event.at, notice={}, article=str(detail["article"]))
    before, now = str(detail["from"]), study.status
    if before == now:
        return None
    kind = now if now in AGAINST else _STATUS_KINDS.get((before, now), "")
    if before == "retracted" and now not in TAKEN_BACK:
        kind = "reinstated"
    elif before in ("concern", "corrected") and now not in AGAINST:
        kind = "cleared"
    return _News(kind=kind, at=event.at, notice={}) if kind else None


def _detail_of(news: _News, study: Study) -> str | None:
    """Return what a notice says of itself, or why a paper counts as withdrawn; None: nothing."""
    if reference := news.notice.get("reference"):
        return f"Notice printed in: {reference}"
    if note := news.notice.get("note"):
        return f"Note of the notice: {note}"
    if news.kind == "withdrawn" and derive_status(study) != "withdrawn":
        return "Its source has deleted the record."
    return None


def find_late(library: Library, names: Collection[str], *, where: str, after: int) -> Iterator[Study]:
    """Return studies that earlier editions left out, and that what sources or a user said since brings into a digest.

    A paper often comes without its abstract, and is then off the topic, or not what a digest asks for; or a user
    corrects its tags.  Studies that newer rules alone read otherwise stay out: after an upgrade readers would be sent
    hundreds of old papers as new.

    Parameters
    ----------
    names
        The digest's, also those that it had before.
    where
        The digest's condition; empty: none.
    after
        The last event that the edition before this one knew.

    Yields
    ------
    Study
        On the topic, in the order of their ids.
    """
    events = [
        event for kind in ("changed", "joined", "by-hand") for event in library.studies.events(kind=kind, after=after)
    ]
    touched = {library.studies.resolve(event.study_id) for event in events}
    left_out = sorted(library.editions.passed_over(names, touched))
    if not left_out:
        return
    inside = f"study_id IN ({', '.join(repr(study_id) for study_id in left_out)}) AND tier <> 'off-topic'"
    yield from library.studies.iterate(where=f"({where}\n) AND {inside}" if where else inside)


def choose_new(library: Library, names: Collection[str], arrived: Iterable[Study]) -> Iterator[Study]:
    """Yield the studies that came since the last edition, without those that would be sent twice.

    - what was told of as a part of another study, from which a user parted it;
    - a notice about a paper that the library holds: it is told as what happened to that paper;
    - a preprint whose article the library holds: one work, one entry;
    - an article whose preprint this digest sent: it is told as what became of the preprint.
    """
    for study in arrived:
        if not (
            _speaks_of_held_paper(library, study)
            or library.editions.sent_in(names, [study.study_id])
            or _is_told_otherwise(library, names, study)
        ):
            yield study


def _is_told_otherwise(library: Library, names: Collection[str], study: Study) -> bool:
    if study.is_preprint:
        return any(event.kind == "published" for event in library.studies.history(study.study_id))
    if study.preprint_doi is None:
        return False
    preprints = library.studies.with_identifier(doi=study.preprint_doi)
    return bool(library.editions.sent_in(names, preprints))


def _speaks_of_held_paper(library: Library, study: Study) -> bool:
    return is_notice(study) and any(
        relation.kind in NOTICE_RELATIONS
        and relation.pmid is not None
        and library.records.get("pubmed", relation.pmid) is not None
        for relation in study.relations
    )


def _notice_url(notice: dict[str, str]) -> str | None:
    """Return the page of a notice, at PubMed or its DOI."""
    if "pmid" in notice:
        return pubmed_url(notice["pmid"])
    return doi_url(notice["doi"]) if "doi" in notice else None
