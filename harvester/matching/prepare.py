"""Preparing: everything that comparing needs, normalised once per record."""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern
from typing import Final, NamedTuple

from harvester.matching.authors import read_author_text, read_authors
from harvester.matching.titles import is_generic, read_title
from harvester.matching.venue import Journal, read_issue, read_journal, read_pages, read_volume
from harvester.paper.identifiers import drop_page_tail, normalise_pmid, page_doi
from harvester.paper.preprints import doi_family, is_preprint_doi
from harvester.paper.records import Citation
from harvester.paper.registries import find_trial_ids
from harvester.paper.statuses import NOTICE_TYPES

# What a notice is called here, by what it makes of its paper.
_NOTICES = {"corrected": "erratum", "retracted": "retraction", "concern": "concern"}
# A DOI of the old kind (SICI) that was cut at its "<" names a year and a volume, or an issue, but no paper.
_CUT_DOI = re.compile(r"(?:\(\d{4}\)\d+|\(sici\)[^<]*)$")
_COCHRANE_DOI = re.compile(r"14651858\.(cd|mr|ed)0*(\d+)(?:\.pub(\d+))?")
_COCHRANE_PAGE = re.compile(r"^\W*(cd|mr|ed)0*(\d{4,})")
# ClinicalTrials.gov, ISRCTN, ACTRN, ChiCTR, EU CTR, EudraCT, IRCT and jRCT.
_REGISTERS = ("NCT", "CTR", "CTN", "RCT", "aCT")
_LONG_NUMBER = re.compile("[0-9]{6}")
FEED: Final = "feed:"  # what the source of a feed's entry begins with
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
# "A123" stands among abstracts, "a1234" is the number of an article.
_SUPPLEMENT_PAGE = re.compile(r"(?:s|p|os|po|ab|abstr|suppl)\d|a\d{1,3}(?!\d)")
# Embase puts the article number into the issue field; no journal has a hundred thousand issues (the Lancet has 10,000).
_ARTICLE_NUMBER = re.compile(r"\s*(?:[a-z]{1,5}\d{4,}|\d{6,})\s*", re.IGNORECASE)
# Long enough to tell two abstracts apart, short enough that a million records fit into memory.
_ABSTRACT_CHARACTERS = 300


class Prepared(NamedTuple):
    """One record in the form in which records are compared; absent is the empty string or 0.

    A named tuple, because a million are made in a run and a frozen dataclass takes eight times as long to make.
    """

    key: int  # the caller's number for the record, by which `Link` and `cluster` name it
    source: str  # who described it: "pubmed", "feed:NAME", "import:FILE"
    title: str  # folded words, see `titles.TitleFacts`
    kind: str  # "" for a paper; erratum, retraction, concern, reply, comment
    is_generic: bool  # the title alone names no paper ("Editorial")
    is_protocol: bool  # the title announces a protocol or a design paper
    is_translated: bool  # the title is marked as a translation
    authors: str  # "family given|family given", see `authors`
    year: int  # of the issue or, failing that, of the publication online
    journals: str  # names as folded words joined by "|"
    issns: tuple[str, ...]
    volume: str
    issue: str  # "4", "5s1" for supplement 1 of issue 5
    first_page: str  # or article number
    last_page: str  # expanded
    has_damaged_pages: bool  # what the two say was changed on its way, and contradicts nothing
    doi: str
    pmid: str
    pmcid: str
    is_preprint: bool
    is_meeting: bool  # printed among conference abstracts or in a supplement
    review: str  # a Cochrane review's number, "cd1234"
    version: str  # which version of it, as its DOI says: "3"; "1" for a DOI without a version
    abstract: str  # its first characters as the source has them
    abstract_length: int  # of the whole, in characters
    trials: tuple[str, ...]  # registrations of it
    link: str  # of a feed's entry: its page


def prepare(key: int, citation: Citation, *, source: str) -> Prepared:
    """Prepare a record or study for comparing; `key` and `source` as in `Prepared`."""
    journals = [read_journal(name) for name in (citation.journal, citation.journal_abbreviation) if name]
    names = dict.fromkeys(name for journal in journals for name in journal.names.split("|") if name)
    year = citation.published or citation.published_online
    return _build(
        key,
        source,
        title=citation.title or citation.vernacular_title,
        authors=read_authors(citation.authors),
        year=int(year[:4]) if year else 0,
        journal=Journal(
            "|".join(names),
            any(journal.is_meeting for journal in journals),
            any(journal.is_server for journal in journals),
        ),
        issns=citation.issns,
        volume=citation.volume,
        issue=citation.issue,
        pages=citation.pages,
        doi=citation.identifiers.doi or "",
        pmid=citation.identifiers.pmid or "",
        pmcid=citation.identifiers.pmcid or "",
        is_preprint=citation.is_preprint,
        abstract=citation.abstract_text or "",
        kind=next((_NOTICES[made] for name, made in NOTICE_TYPES.items() if name in citation.publication_types), ""),
        trials=citation.trial_ids,
        link=(citation.url or "") if source.startswith(FEED) else "",
    )


def prepare_row(
    key: int,
    *,
    title: str = "",
    author: str = "",
    year: str = "",
    journal: str = "",
    volume: str = "",
    number: str = "",
    pages: str = "",
    doi: str = "",
    pmid: str = "",
    abstract: str = "",
) -> Prepared:
    """Prepare a row of a table in which every cell is text and a missing one is empty; `number` is the issue."""
    return _build(
        key,
        "import",
        title=title,
        authors=read_author_text(author),
        year=_read_year(year),
        journal=read_journal(journal),
        issns=(),
        volume=volume,
        issue=number,
        pages=pages,
        doi=(page_doi(doi) or "") if doi else "",
        pmid=(normalise_pmid(pmid.removesuffix(".0").removesuffix(",0")) or "") if pmid else "",
        pmcid="",
        is_preprint=False,
        abstract=abstract,
        trials=_find_trials(abstract),
    )


def _build(
    key: int,
    source: str,
    *,
    title: str | None,
    authors: str,
    year: int,
    journal: Journal,
    issns: tuple[str, ...],
    volume: str | None,
    issue: str | None,
    pages: str | None,
    doi: str,
    pmid: str,
    pmcid: str,
    is_preprint: bool,
    abstract: str,
    kind: str = "",
    trials: tuple[str, ...] = (),
    link: str = "",
) -> Prepared:
    facts = read_title(title)
    if doi:
        doi = "" if _CUT_DOI.search(doi) else drop_page_tail(doi)
    span, number = read_pages(pages), read_issue(issue)
    if not span.first and issue and _ARTICLE_NUMBER.fullmatch(issue):
        span, number = read_pages(issue), ""
    journals = journal.names
    review, version = _read_review(doi, pages) if "cochrane" in journals or "14651858" in doi else ("", "")
    is_preprint = is_preprint or is_preprint_doi(doi) or journal.is_server
    return Prepared(
        key,
        source,
        facts.words,
        facts.kind or kind,
        is_generic(facts.words, journals),
        facts.is_protocol,
        facts.is_translated,
        authors,
        year,
        journals,
        issns,
        read_volume(volume),
        number,
        intern(span.first),  # a million records have but some thousand pages
        intern(span.last),
        span.is_damaged,
        doi_family(doi, is_preprint=is_preprint) if doi else "",
        pmid,
        pmcid,
        is_preprint,
        "s" in number or journal.is_meeting or _SUPPLEMENT_PAGE.match(span.first) is not None,
        review,
        version,
        abstract[:_ABSTRACT_CHARACTERS],
        len(abstract),
        trials,
        link,
    )


@lru_cache(maxsize=4096)
def _read_year(text: str) -> int:
    year = _YEAR.search(text)
    return int(year.group()) if year else 0


def _find_trials(abstract: str) -> tuple[str, ...]:
    """Find the registrations in an abstract, those of the large registers: to look for any is dear in a million."""
    if "CT" in abstract and any(letters in abstract for letters in _REGISTERS) and _LONG_NUMBER.search(abstract):
        return find_trial_ids(abstract)
    return ()


def _read_review(doi: str, pages: str | None) -> tuple[str, str]:
    """Return a Cochrane review's number and version, from its DOI or from the page field."""
    match = _COCHRANE_DOI.search(doi)
    if match:
        return match[1] + match[2], match[3] or "1"
    match = _COCHRANE_PAGE.search((pages or "").lower())
    return (match[1] + match[2], "") if match else ("", "")
