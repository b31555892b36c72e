"""Where a paper stands: published, ahead of print, preprint, corrected, in doubt, withdrawn, retracted.

PubMed says it in two ways, by the paper's publication types and by its CommentsCorrections; either is enough.
What is *not* a status of the paper: being itself a notice.  A record of type "Retraction of Publication" (or
"Retraction Notice", as newer ones are typed) or "Published Erratum" speaks of another paper, and an erratum is
never a retraction.
Sources: NLM's fact sheet "Errata, Retractions, and Other Linked Citations in PubMed"; FACTS of the 250101 DTD.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harvester.paper.records import Citation, Record, Relation

STATUSES = ("published", "ahead-of-print", "preprint", "retracted", "concern", "corrected", "withdrawn")

_NOTICE_TYPES = frozenset(
    {"Retraction of Publication", "Retraction Notice", "Published Erratum", "Expression of Concern"}
)
# How a notice's record names the paper that it speaks of, and how that paper's own record names the notice.
NOTICE_RELATIONS = {
    "RetractionOf": "RetractionIn",
    "ErratumFor": "ErratumIn",
    "ExpressionOfConcernFor": "ExpressionOfConcernIn",
}
_RETRACTED_BY = frozenset({"RetractionIn", "RetractedandRepublishedIn"})
_CORRECTED_BY = frozenset({"ErratumIn", "CorrectedandRepublishedIn"})
_WITHDRAWN = "Withdrawn Publication"  # no type of NLM's, whose records say it by their title, or go
# What a record says that stands where a source names the status only, without the notice.
_SAID: Mapping[str, tuple[str, Any]] = {
    "retracted": ("publication_types", "Retracted Publication"),
    "withdrawn": ("publication_types", _WITHDRAWN),
    "concern": ("relations", Relation(kind="ExpressionOfConcernIn")),
    "corrected": ("relations", Relation(kind="ErratumIn")),
    "preprint": ("publication_types", "Preprint"),
    "ahead-of-print": ("publication_status", "aheadofprint"),
}


def is_notice(citation: Citation) -> bool:
    """Tell whether a record is a notice about another paper, not a paper of its own.

    Examples
    --------
    >>> is_notice(Citation(publication_types=("Retraction Notice",)))
    True
    """
    if "Expression of Concern" in citation.publication_types:
        # The type also stands on some papers that a concern is about; those name the notice instead.
        return not any(relation.kind == "ExpressionOfConcernIn" for relation in citation.relations)
    return bool(_NOTICE_TYPES.intersection(citation.publication_types))


def derive_status(citation: Citation) -> str:
    """Say where a paper stands, the gravest first.

    Returns
    -------
    str
        One of `STATUSES`.

    Examples
    --------
    >>> derive_status(Citation(publication_types=("Journal Article", "Retracted Publication")))
    'retracted'
    >>> derive_status(Citation(publication_types=("Retraction of Publication",)))
    'published'
    """
    kinds = {relation.kind for relation in citation.relations}
    title = (citation.title or "").lstrip("[ ").upper()
    if "Retracted Publication" in citation.publication_types or kinds & _RETRACTED_BY:
        return "retracted"
    # Cochrane and several publishers put the word before the title when a paper is taken back without a notice.
    is_removed = title.startswith(("WITHDRAWN:", "WITHDRAWN ", "TEMPORARY REMOVAL:", "REMOVED:"))
    if is_removed or _WITHDRAWN in citation.publication_types:
        return "withdrawn"
    if "ExpressionOfConcernIn" in kinds:
        return "concern"
    if kinds & _CORRECTED_BY:
        return "corrected"
    if citation.is_preprint:
        return "preprint"
    if citation.publication_status == "aheadofprint":
        return "ahead-of-print"
    return "published"


def with_status(record: Record, status: str) -> Record:
    """Return a record of a source that names the status, so that `derive_status` finds it, or a graver one.

    Examples
    --------
    >>> record = Record(source="import:a.ris", source_key="1")
    >>> derive_status(with_status(record, "concern")), with_status(record, "on loan") == record
    ('concern', True)
    """
    if status not in _SAID or derive_status(record) == status:
        return record
    name, word = _SAID[status]
    said = getattr(record, name)
    changes: dict[str, Any] = {name: (*said, word) if isinstance(said, tuple) else word}
    return replace(record, **changes)
