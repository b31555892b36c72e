"""Where a paper stands: published, ahead of print, preprint, corrected, in doubt, withdrawn, retracted.

PubMed says it in two ways, by the paper's publication types and by its CommentsCorrections; either is enough.
What is *not* a status of the paper: being itself a notice.  A record of type "Retraction of Publication" (or
"Retraction Notice", as newer ones are typed) or "Published Erratum" speaks of another paper, and an erratum is
never a retraction.
Sources: NLM's fact sheet "Errata, Retractions, and Other Linked Citations in PubMed"; FACTS of the 250101 DTD.
"""

from __future__ import annotations

from harvester.paper.records import Citation

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
    if title.startswith(("WITHDRAWN:", "WITHDRAWN ", "TEMPORARY REMOVAL:", "REMOVED:")):
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
