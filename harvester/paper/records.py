"""The words the rest of the program is written in.

What a source said is a `Record`; what we hold after deduplication is a `Study`; both describe a paper in the
same bibliographic words, those of `Citation`.  What we read out of a study's text is its `Tags`.

Absent is ``None`` (or the empty tuple); the empty string never travels.  Identifiers are normalised text.  Dates
are ISO text, as precise as known (``2026``, ``2026-11`` or ``2026-11-05``).  Times are aware UTC, ISO text with
seconds and ``Z`` where they are stored.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from harvester.paper.dates import is_partial_date
from harvester.paper.identifiers import DOI, PMCID, PMID, doi_url, pubmed_url
from harvester.paper.preprints import is_preprint_doi
from harvester.paper.tags import Tags

_PMID, _DOI, _PMCID = (re.compile(pattern) for pattern in (PMID, DOI, PMCID))


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """One author, a person or a group.

    A person has at least `family`; a group has only `collective`.
    """

    family: str | None = None  # family name as printed, with particles and suffix-free ("van der Berg")
    given: str | None = None  # given names, full or initials, as the source has them; None: not stated
    initials: str | None = None  # initials without dots or spaces ("JA"); None: not stated
    suffix: str | None = None  # "Jr", "3rd"
    collective: str | None = None  # a group's name; then the person's fields are None
    orcid: str | None = None  # 0000-0000-0000-0000, without resolver
    affiliations: tuple[str, ...] = ()  # as printed

    def __post_init__(self) -> None:
        """Refuse an author without any name."""
        if not (self.family or self.collective):
            raise ValueError("an author needs a family name or a collective name")

    @property
    def display(self) -> str:
        """The name as the table prints it: ``Family GI`` or the group's name."""
        if self.collective is not None:
            return self.collective
        parts = [self.family or "", self.initials or self.given or "", self.suffix or ""]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiers:
    """What names a paper outside this program; every one is optional."""

    pmid: str | None = None  # PubMed, digits without leading zeros
    doi: str | None = None  # lower case, without resolver: "10.1000/xyz"
    pmcid: str | None = None  # PubMed Central, "PMC" and digits

    def __post_init__(self) -> None:
        """Refuse identifiers that `harvester.paper.identifiers` would have normalised differently."""
        if self.pmid is not None and not _PMID.fullmatch(self.pmid):
            raise ValueError(f"not a PMID: {self.pmid!r}")
        if self.doi is not None and (not _DOI.fullmatch(self.doi) or self.doi != self.doi.lower()):
            raise ValueError(f"not a normalised DOI: {self.doi!r}")
        if self.pmcid is not None and not _PMCID.fullmatch(self.pmcid):
            raise ValueError(f"not a PMCID: {self.pmcid!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AbstractSection:
    """One labelled part of an abstract, or the whole of an unstructured one."""

    text: str  # plain text, white space collapsed
    label: str | None = None  # as printed: "METHODS", "What this adds"; None: unlabelled
    category: str | None = None  # NLM's: BACKGROUND, OBJECTIVE, METHODS, RESULTS, CONCLUSIONS, UNASSIGNED


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshTerm:
    """One MeSH heading of a paper."""

    name: str  # the descriptor's name
    ui: str | None = None  # its unique identifier, "D007649"
    is_major: bool = False  # a major topic of the paper, itself or through one of its qualifiers
    qualifiers: tuple[str, ...] = ()  # names of the qualifiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """What one paper's record says of another (PubMed's CommentsCorrections)."""

    kind: str  # PubMed's RefType: "RetractionIn", "ErratumFor", "UpdateOf", "CommentOn", …
    pmid: str | None = None  # the other paper; often absent
    doi: str | None = None  # the other paper, found in the reference's text
    reference: str | None = None  # the reference as printed
    note: str | None = None  # PubMed's note


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A paper in bibliographic words, whoever says them."""

    title: str | None = None  # plain text, as the source has it (PubMed's final full stop and brackets stay)
    title_markup: str | None = None  # the same with <i> <b> <em> <strong> <sub> <sup>; None: no markup
    vernacular_title: str | None = None  # the title in the paper's own language
    authors: tuple[Author, ...] = ()
    authors_complete: bool = True  # False: the source says that its list is cut
    journal: str | None = None  # full name
    journal_abbreviation: str | None = None  # ISO or MEDLINE abbreviation
    issns: tuple[str, ...] = ()  # "1234-567X"
    published: str | None = None  # partial ISO date of the issue, or else of the publication online
    published_online: str | None = None  # partial ISO date of the electronic publication
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None  # as printed ("211-9"), or the article number
    identifiers: Identifiers = Identifiers()
    trial_ids: tuple[str, ...] = ()  # registrations: "NCT01234567", "ISRCTN…", "ACTRN…", "EUCTR…"
    url: str | None = None  # http(s) only; the paper's page at its source
    languages: tuple[str, ...] = ()  # ISO 639-2/B as PubMed has them ("eng", "chi")
    abstract: tuple[AbstractSection, ...] = ()
    other_abstracts: tuple[AbstractSection, ...] = ()  # in other languages or plain words; label = type or language
    publication_types: tuple[str, ...] = ()  # NLM's names ("Randomized Controlled Trial", "Preprint")
    mesh_terms: tuple[MeshTerm, ...] = ()
    chemicals: tuple[str, ...] = ()  # names of substances (PubMed's ChemicalList)
    keywords: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    publication_status: str | None = None  # PubMed's: ppublish, epublish, aheadofprint

    def __post_init__(self) -> None:
        """Refuse empty strings and malformed dates, which later stages could not tell from absence."""
        for name in _OPTIONAL_TEXT:
            if getattr(self, name) == "":
                raise ValueError(f"{name} is an empty string; absent is None")
        for date in (self.published, self.published_online):
            if date is not None and not is_partial_date(date):
                raise ValueError(f"not an ISO date: {date!r}")

    @property
    def year(self) -> int | None:
        """The year of `published`."""
        return None if self.published is None else int(self.published[:4])

    @property
    def abstract_text(self) -> str | None:
        """The abstract as one line, ``LABEL: text`` per section as in MEDLINE; None without one."""
        parts = [f"{part.label}: {part.text}" if part.label else part.text for part in self.abstract]
        return " ".join(parts) or None

    @property
    def is_preprint(self) -> bool:
        """Whether this is a preprint: the source says so, or its DOI does."""
        return "Preprint" in self.publication_types or is_preprint_doi(self.identifiers.doi)

    @property
    def page_url(self) -> str | None:
        """Where a reader finds it: its page at its source, else its DOI's or PubMed's; None if nothing is known."""
        if self.url is not None:
            return self.url
        if self.identifiers.doi is not None:
            return doi_url(self.identifiers.doi)
        return None if self.identifiers.pmid is None else pubmed_url(self.identifiers.pmid)


_OPTIONAL_TEXT_NAMES = (
    "title title_markup vernacular_title journal journal_abbreviation volume issue pages url publication_status"
)
_OPTIONAL_TEXT = tuple(_OPTIONAL_TEXT_NAMES.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Citation):
    """A paper as one source described it, at one time."""

    source: str  # "pubmed", "feed:NAME" or "import:FILE"
    source_key: str  # what names it there for ever: the PMID; a feed entry's DOI, link or guid; of a file, what it is
    created: str | None = None  # ISO day when PubMed made the record (CRDT; "entrez" in XML)
    entered: str | None = None  # ISO day it entered PubMed (EDAT; "pubmed" in XML)
    revised: str | None = None  # ISO day of its last revision (LR; DateRevised)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRecord:
    """A record of a source that could not be read, and was skipped."""

    pmid: str | None  # None where not even that could be read
    reason: str  # one readable line


_NO_TAGS = Tags()


@dataclass(frozen=True, slots=True, kw_only=True)
class Study(Citation):
    """One paper, whatever number of records describe it."""

    study_id: str  # "S0000001", stable for ever
    tags: Tags = _NO_TAGS
    status: str = "published"  # published, ahead-of-print, preprint, retracted, concern, corrected, withdrawn
    preprint_doi: str | None = None
    sources: tuple[str, ...] = ()  # names of the sources that described it, in order of arrival
    record_count: int = 1
    first_seen: str  # UTC time "2026-11-16T06:00:00Z"
    last_changed: str  # UTC time of the last change of anything the table shows
    first_edition: str | None = None  # the first edition that showed it, "2026-W47"; None: none


def citation_fields(citation: Citation) -> dict[str, Any]:
    """Return the bibliographic fields of a record or study as a dictionary, by field name.

    Examples
    --------
    >>> Citation(**citation_fields(Record(source="pubmed", source_key="1", title="T"))).title
    'T'
    """
    return {field.name: getattr(citation, field.name) for field in fields(Citation)}
