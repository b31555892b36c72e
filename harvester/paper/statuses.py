"""Where a paper stands: published, ahead of print, preprint, corrected, in doubt, withdrawn, retracted.

PubMed says it in two ways, by the paper's publication types and by its CommentsCorrections; either is enough.
Publishers and feeds say it by a label before or behind the title ("RETRACTED: …", "[Retracted] …", "… (Retracted
article)"); the ordinary word is no label ("Withdrawn adolescents with depression").

What is *not* a status of the paper: being itself a notice.  A record of type "Retraction of Publication" (or
"Retraction Notice", as newer ones are typed) or "Published Erratum" speaks of another paper, and an erratum is never a
retraction.

Sources: NLM's fact sheet "Errata, Retractions, and Other Linked Citations in PubMed"; the DTD of 250101; Europe PMC's
types of preprints.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from harvester.paper.records import Citation, Record, Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One status, and what makes a paper have it."""

    name: str
    gravity: int = 0  # of several the highest counts; 0: nothing is wrong
    types: tuple[str, ...] = ()  # publication types of the paper's own record; the first is the one that we add
    relations: tuple[str, ...] = ()  # how the paper's own record names a notice of it; the first likewise
    publication_status: str | None = None  # PubMed's
    notices: tuple[tuple[str, str], ...] = ()  # how the notice's record names the paper, and the paper's the notice
    notice_types: tuple[str, ...] = ()  # publication types of the notice's record
    label: str = ""  # what stands before or behind the title, a regular expression


# In the order in which the table's description lists them.
_DECLARED = (
    Status(name="published"),
    Status(name="ahead-of-print", publication_status="aheadofprint"),
    Status(name="preprint", types=("Preprint",)),
    Status(
        name="retracted",
        gravity=4,
        types=("Retracted Publication", "Retracted Article", "Retracted"),
        relations=("RetractionIn", "RetractedandRepublishedIn"),
        notices=(("RetractionOf", "RetractionIn"),),
        notice_types=("Retraction of Publication", "Retraction Notice"),
        label="retracted",
    ),
    Status(
        name="concern",
        gravity=2,
        relations=("ExpressionOfConcernIn",),
        notices=(("ExpressionOfConcernFor", "ExpressionOfConcernIn"),),
        notice_types=("Expression of Concern",),
    ),
    Status(
        name="corrected",
        gravity=1,
        relations=("ErratumIn", "CorrectedandRepublishedIn"),
        notices=(("ErratumFor", "ErratumIn"),),
        notice_types=("Published Erratum",),
    ),
    # Cochrane and several publishers take a paper back without a notice; a source may also delete its record.  NLM has
    # no type for it.
    Status(
        name="withdrawn",
        gravity=3,
        types=("Withdrawn Publication", "Preprint-Withdrawal", "Preprint-Removal"),
        label="withdrawn|removed|temporary removal",
    ),
)
STATUSES = tuple(status.name for status in _DECLARED)
_GRAVEST_FIRST = tuple(sorted((status for status in _DECLARED if status.gravity), key=lambda status: -status.gravity))

# What speaks against a paper, the gravest first: what befalls a paper that a reader has is told, a correction too.
AGAINST = tuple(status.name for status in _GRAVEST_FIRST)
# What a reader must know before reading or citing it.
IN_DOUBT = frozenset(AGAINST) - {"corrected"}
# What is as if it had not been published.
TAKEN_BACK = IN_DOUBT - {"concern"}

# What a notice makes of its paper, by how the paper's own record names it.
NOTICE_KINDS = {relation: status.name for status in _DECLARED for relation in status.relations}
# How a notice's record names the paper that it speaks of, and how that paper's own record names the notice.
NOTICE_RELATIONS = {own: papers for status in _DECLARED for own, papers in status.notices}
# What a record is a notice of, by its publication type.
NOTICE_TYPES = {kind: status.name for status in _DECLARED for kind in status.notice_types}


def _compile_label(words: str) -> re.Pattern[str]:
    """Compile a label: it ends in a colon or a dash, or stands in brackets, at the beginning or at the end."""
    label = rf"(?:article\s+)?(?:{words})(?:\s+(?:article|paper|chapter|publication|manuscript|preprint))?"
    in_brackets = rf"[\[(]\s*{label}(?:[.,:;][^\])]{{0,150}})?\s*[\])]"
    return re.compile(rf"^\W*{label}\s*(?::|[–—]|-\s)|^\W*{in_brackets}|{in_brackets}\W*$", re.IGNORECASE)


_LABELS = {status.name: _compile_label(status.label) for status in _DECLARED if status.label}


def drop_label(title: str) -> str:
    """Return a title without the label that says its paper was retracted or withdrawn.

    Examples
    --------
    >>> drop_label("RETRACTED: A sample"), drop_label("Withdrawn adolescents with depression")
    ('A sample', 'Withdrawn adolescents with depression')
    """
    for label in _LABELS.values():
        title = label.sub("", title).strip()
    return title


def is_notice(citation: Citation) -> bool:
    """Return whether a record is a notice about another paper, not a paper of its own.

    Examples
    --------
    >>> is_notice(Citation(publication_types=("Retraction Notice",)))
    True
    """
    if "Expression of Concern" in citation.publication_types:
        # The type also stands on some papers that a concern is about; those name the notice instead.
        return not any(NOTICE_KINDS.get(relation.kind) == "concern" for relation in citation.relations)
    return not NOTICE_TYPES.keys().isdisjoint(citation.publication_types)


def derive_status(citation: Citation, *, titles: Iterable[str | None] = ()) -> str:
    """Return where a paper stands, one of `STATUSES`, the gravest if it has several.

    Parameters
    ----------
    titles
        The paper's titles as other records have them: a publisher's feed labels a paper before PubMed does.

    Examples
    --------
    >>> derive_status(Citation(publication_types=("Journal Article", "Retracted Publication")))
    'retracted'
    >>> derive_status(Citation(publication_types=("Retraction of Publication",)))
    'published'
    >>> derive_status(Citation(title="RETRACTED: Ketamine in an invented sample"))
    'retracted'
    """
    types = {kind.casefold() for kind in citation.publication_types}
    noticed = {NOTICE_KINDS.get(relation.kind) for relation in citation.relations}
    shown = [title for title in (citation.title, *titles) if title]
    for status in _GRAVEST_FIRST:
        label = _LABELS.get(status.name)
        is_labelled = label is not None and any(map(label.search, shown))
        if is_labelled or status.name in noticed or not types.isdisjoint(map(str.casefold, status.types)):
            return status.name
    if citation.is_preprint:
        return "preprint"
    return "ahead-of-print" if citation.publication_status == "aheadofprint" else "published"


def with_status(record: Record, status: str) -> Record:
    """Return a record of a source that names the status alone, so that `derive_status` finds it, or a graver one.

    Examples
    --------
    >>> record = Record(source="import:a.ris", source_key="1")
    >>> derive_status(with_status(record, "concern")), with_status(record, "on loan") == record
    ('concern', True)
    """
    wanted = next((declared for declared in _DECLARED if declared.name == status), None)
    if wanted is None or derive_status(record) == status:
        return record
    if wanted.types:
        return replace(record, publication_types=(*record.publication_types, wanted.types[0]))
    if wanted.relations:
        return replace(record, relations=(*record.relations, Relation(kind=wanted.relations[0])))
    return replace(record, publication_status=wanted.publication_status or record.publication_status)
