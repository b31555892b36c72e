"""Two records side by side: how well each field agrees, and what follows from several of them together."""

from __future__ import annotations

from harvester.matching.levels import (
    DIFFERENT,
    EQUAL,
    MISSING,
    NEAR,
    SAME,
    compare_abstracts,
    compare_authors,
    compare_dois,
    compare_journals,
    compare_pages,
    compare_texts,
    compare_years,
)
from harvester.matching.prepare import Prepared

__all__ = ["Comparison"]

# Words of titles that come again every year; a case report does not.
_SERIAL_WORDS = (
    "annual annually biennial bulletin census guideline guidelines highlights news proceedings report reports"
    " statistics update updates yearbook yearly"
)
_SERIAL = frozenset(_SERIAL_WORDS.split())


class Comparison:
    """Two records, and how well each field agrees (see `levels`)."""

    __slots__ = (
        "authors",
        "doi",
        "issue",
        "journal",
        "one",
        "other",
        "pages",
        "pmid",
        "share",
        "title",
        "volume",
        "year",
    )

    def __init__(self, one: Prepared, other: Prepared, title: int, share: float) -> None:
        self.one = one
        self.other = other
        self.title = title
        self.share = share
        self.authors = compare_authors(one.authors, other.authors)
        self.year = compare_years(one.year, other.year)
        self.journal = compare_journals(one, other)
        self.volume = compare_texts(one.volume, other.volume)
        self.issue = compare_texts(one.issue, other.issue)
        self.pages = compare_pages(one, other)
        self.doi = compare_dois(one.doi, other.doi)
        self.pmid = compare_texts(one.pmid, other.pmid)

    @property
    def abstract(self) -> int:
        """How well the abstracts agree; worked out only where a rule asks."""
        return compare_abstracts(self.one.abstract, self.other.abstract)

    @property
    def at_meeting(self) -> bool:
        """Whether either stands among conference abstracts, where a place, a DOI and authors are shared by many."""
        return self.one.is_meeting or self.other.is_meeting

    @property
    def mixed_meeting(self) -> bool:
        """Whether one is a conference abstract and the other, not known to be in its volume, may be the paper."""
        return self.one.is_meeting != self.other.is_meeting and self.volume != SAME

    @property
    def other_text(self) -> bool:
        """Whether these are abstracts of a meeting with like titles and other texts: sister abstracts of one group."""
        return self.at_meeting and self.title < EQUAL and self.abstract == DIFFERENT

    @property
    def serial(self) -> bool:
        """Whether the title is one that comes again every year."""
        words = {*self.one.title.split(), *self.other.title.split()}
        return not _SERIAL.isdisjoint(words) and words.isdisjoint(("case", "cases"))

    @property
    def letters(self) -> int:
        """How long the shorter title is."""
        return min(len(self.one.title), len(self.other.title))

    @property
    def unplaced(self) -> bool:
        """Whether one of the two gives no place at all."""
        return any(not (record.volume or record.issue or record.first_page) for record in (self.one, self.other))

    @property
    def generic(self) -> bool:
        """Whether the title is one that many papers have."""
        return self.one.is_generic or self.other.is_generic

    @property
    def spot(self) -> bool:
        """Whether volume and first page are the same and nothing else about the place disagrees much."""
        return self.volume == SAME and self.pages >= NEAR and self.year >= MISSING

    @property
    def whole_range(self) -> bool:
        """Whether both have the same range of at least two pages: it holds one paper."""
        one, other = self.one, self.other
        return self.pages == SAME and one.last_page == other.last_page != "" and one.last_page != one.first_page
