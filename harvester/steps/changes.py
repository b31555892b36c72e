"""Find what happened to studies that a digest has already sent to its readers."""

from __future__ import annotations

from typing import Any

from harvester.digest import Change
from harvester.library import Library
from harvester.records import Study

# What a change of status is called in the digest.
_CHANGE_KINDS = {
    "retracted": "retracted",
    "withdrawn": "withdrawn",
    "concern": "concern",
    "corrected": "corrected",
}


def find_changes(library: Library, digest: str, *, after: int) -> list[Change]:
    """Find what happened to studies that a digest sent, since an event; each study once, as it stands now."""
    latest: dict[str, tuple[str, dict[str, Any]]] = {}
    origin: dict[str, str] = {}
    for event in library.studies.events(kind="status", after=after):
        study_id = library.studies.resolve(event.study_id)
        origin.setdefault(study_id, str(event.detail["from"]))
        latest[study_id] = (event.at, dict(event.detail))
    sent = library.editions.sent_in(digest, latest)
    changes = []
    for study_id, sent_in in sorted(sent.items()):
        study = library.studies.get(study_id)
        at, detail = latest[study_id]
        kind = _kind_of_change(origin[study_id], study) if study is not None else None
        if study is not None and kind is not None:
            notice = detail.get("notice", {})
            changes.append(
                Change(
                    study=study,
                    kind=kind,
                    at=at,
                    sent_in=sent_in,
                    notice_url=_notice_url(notice),
                    detail=notice.get("reference"),
                )
            )
    return changes


def _kind_of_change(before: str, study: Study) -> str | None:
    """Name a change of status for the reader; None if it is none that concerns them."""
    if study.status == before:
        return None
    if study.status in _CHANGE_KINDS:
        return _CHANGE_KINDS[study.status]
    return {"preprint": "published", "ahead-of-print": "in-print"}.get(before) if study.status == "published" else None


def _notice_url(notice: dict[str, str]) -> str | None:
    """Give the page of a notice, at PubMed or its DOI."""
    if "pmid" in notice:
        return f"https://pubmed.ncbi.nlm.nih.gov/{notice['pmid']}/"
    return f"https://doi.org/{notice['doi']}" if "doi" in notice else None
