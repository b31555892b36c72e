"""Comparing: may two records be one paper, and why.

The order of thought is that of a librarian with two index cards:

1. **Vetoes.** Some differences settle it, however alike the rest is: two PMIDs; a notice (erratum, retraction,
   reply, comment) and its paper; a preprint and its article; two versions or two numbers of a Cochrane review.
2. **Permissions.** A title alone proves nothing (conference abstract and paper, co-published statements, annual
   updates), and a place alone neither (several abstracts a page).  Each rule therefore asks for agreement of a
   title with an identifier or a place, and says what must not disagree.
3. **Maybe.** What a careful person would want to look at.

Titles that say different things ("with" and "without", part 1 and part 2, two numbers) are `OTHER` at the level
of `levels.compare_titles`, so that no rule about alike titles can join them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from harvester.dedupe import reasons
from harvester.dedupe.block import block_keys
from harvester.dedupe.levels import (
    CLOSE,
    DIFFERENT,
    EQUAL,
    LIKE,
    MISSING,
    NEAR,
    OTHER,
    PART,
    RELATED_RATIO,
    SAME,
    UNTITLED,
    compare_abstracts,
    compare_authors,
    compare_dois,
    compare_journals,
    compare_pages,
    compare_texts,
    compare_titles,
    compare_years,
    have_same_numbers,
)
from harvester.dedupe.prepare import Prepared

__all__ = ["Comparison", "Link", "compare", "contradict", "link", "link_preprints"]

VERDICT_SAME: Final = "same"
VERDICT_MAYBE: Final = "maybe"
VERDICT_PREPRINT: Final = "preprint"

# Letters of a title without spaces that make a chance agreement of two papers implausible: six to eight words.
_LONG_TITLE = 40
# How many neighbours in one block a record is compared with.  Real blocks hold a paper's few copies; what is larger
# is a title or DOI that many share, and there the neighbours in alphabetical order are the likeliest copies.
_NEIGHBOURS = 40
# After so many agreements with one cluster the rest of that cluster adds nothing.
_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Link:
    """What comparing found out about two records."""

    a: int  # keys, a < b
    b: int
    verdict: str  # same, maybe or preprint
    score: float  # 0 to 1; orders links of one verdict
    reason: str  # which fields agreed, how well, in one phrase


class Comparison:
    """Two records, and how well each field agrees (see `levels`)."""

    __slots__ = ("authors", "doi", "issue", "journal", "one", "other", "pages", "pmid", "share", "title", "volume", "year")

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
        """Whether one is a conference abstract and the other may be the paper: it is not known to be in the same volume."""
        return self.one.is_meeting != self.other.is_meeting and self.volume != SAME

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


# --- vetoes ---------------------------------------------------------------------------------------------------


def contradict(one: Prepared, other: Prepared) -> str:
    """Say why two records cannot be one paper, whatever else agrees; the empty string if they can.

    Parameters
    ----------
    one, other
        The records.

    Returns
    -------
    str
        A phrase such as ``"different PMIDs"``.
    """
    if one.pmid and other.pmid and one.pmid != other.pmid:
        return "different PMIDs"
    if one.kind != other.kind and not (one.doi == other.doi != "" and one.title == other.title):
        return f"one is {reasons.name_kind(one.kind)}, the other {reasons.name_kind(other.kind)}"
    if one.is_preprint != other.is_preprint:
        return "preprint and article"
    if one.review or other.review:
        return _contradict_reviews(one, other)
    return ""


def _contradict_reviews(one: Prepared, other: Prepared) -> str:
    """Cochrane reviews keep title, authors and number through their updates; version, issue or year tell them apart."""
    if one.review and other.review and one.review != other.review:
        return "different Cochrane reviews"
    if one.is_protocol != other.is_protocol:
        return "a Cochrane review and its protocol"
    if one.version and other.version:
        return "" if one.version == other.version else "different versions of a Cochrane review"
    if one.year and other.year and one.year != other.year:
        return "different years of a Cochrane review"
    return ""


# --- permissions ----------------------------------------------------------------------------------------------


def _same_pmid(c: Comparison) -> bool:
    """PubMed's numbers, or PubMed Central's, unless everything else says that one of them is a typing error."""
    identified = c.pmid == SAME or c.one.pmcid == c.other.pmcid != ""
    return identified and (c.title >= LIKE or c.title == UNTITLED or c.authors >= NEAR or c.doi == SAME)


def _same_doi_and_title(c: Comparison) -> bool:
    """A DOI proves a title; but a DOI copied from the paper to its conference abstract does not."""
    if c.doi != SAME or c.title < CLOSE:
        return False
    displaced = c.pages == DIFFERENT and (c.volume == DIFFERENT or c.journal == DIFFERENT or c.authors < SAME)
    if displaced or c.authors == DIFFERENT and c.pages <= MISSING:
        return c.abstract == SAME and c.journal >= MISSING
    return not c.generic or c.pages >= NEAR or c.authors == SAME and c.pages >= MISSING


def _same_doi_part_of_title(c: Comparison) -> bool:
    if c.doi != SAME or not LIKE <= c.title < CLOSE or c.authors < NEAR or c.pages == DIFFERENT:
        return False
    return not c.at_meeting or c.abstract == SAME


def _same_doi_other_title(c: Comparison) -> bool:
    """Two languages, or a title so damaged that its words differ."""
    if c.doi != SAME or c.authors != SAME or c.pages == DIFFERENT or c.year < MISSING:
        return False
    return c.abstract == SAME or (not c.at_meeting and c.whole_range)


def _same_doi_without_title(c: Comparison) -> bool:
    if c.doi != SAME or c.title != UNTITLED or c.at_meeting:
        return False
    return min(c.authors, c.year, c.journal, c.volume, c.pages) >= MISSING


def _same_title_and_spot(c: Comparison) -> bool:
    if c.title < CLOSE or not c.spot:
        return False
    if c.generic:
        return c.authors == SAME and c.pages == SAME and c.year >= NEAR and c.journal >= MISSING
    if c.doi == DIFFERENT and not (c.journal >= NEAR and c.authors >= MISSING):
        return False
    return c.authors >= MISSING or c.journal >= NEAR


def _same_title_and_page(c: Comparison) -> bool:
    """The volume is missing or wrong (the supplement's number, the year), journal and page are right."""
    if c.title < CLOSE or c.pages < NEAR or c.generic or c.authors < NEAR:
        return False
    if c.doi == DIFFERENT:
        return c.pages == SAME and c.authors == SAME and c.journal >= NEAR and c.year == SAME and c.volume >= MISSING
    if c.journal >= NEAR:
        return c.year >= NEAR
    return c.journal == MISSING and c.year >= NEAR and c.volume == MISSING


def _same_title_wrong_year(c: Comparison) -> bool:
    return (
        c.title >= CLOSE
        and c.volume == SAME
        and c.pages == SAME
        and c.authors == SAME
        and c.journal >= NEAR
        and not c.generic
    )


def _same_title_without_page(c: Comparison) -> bool:
    """Printed and ahead of print, or a database that gives no pages; authors, journal and year must carry it."""
    if c.title < CLOSE or c.pages != MISSING or c.generic or c.doi == DIFFERENT:
        return False
    if c.authors < SAME or c.year < NEAR:
        return False
    if c.mixed_meeting and not (c.unplaced and c.abstract == SAME):
        return False
    if c.volume == DIFFERENT and not _is_ahead(c):
        return False
    if c.journal == DIFFERENT or (c.journal == MISSING and not (c.title == EQUAL and _is_long(c) and c.year == SAME)):
        return False
    return c.volume == SAME or c.year == SAME and c.abstract > DIFFERENT or c.journal >= NEAR and _is_ahead(c)


def _same_title_without_authors(c: Comparison) -> bool:
    """A feed's entry, or a database that names no authors: long title, journal and year must carry it."""
    if c.authors != MISSING or c.title != EQUAL or c.pages != MISSING or c.doi == DIFFERENT or c.mixed_meeting:
        return False
    if c.generic or c.journal < NEAR or c.year < NEAR:
        return False
    return (c.volume == SAME or _is_ahead(c)) and (_is_long(c) or c.abstract == SAME)


def _same_spot_part_of_title(c: Comparison) -> bool:
    """Truncated titles, missing subtitles, two languages in one field, heavily damaged words."""
    if not LIKE <= c.title < CLOSE or not c.spot or c.pages != SAME or c.authors < SAME or c.doi == DIFFERENT:
        return False
    if c.year < NEAR or c.generic:
        return False
    return c.whole_range or c.abstract == SAME or (not c.at_meeting and c.abstract > DIFFERENT and c.title == PART)


def _same_range_other_title(c: Comparison) -> bool:
    """A translation: the same people on the same range of pages; an abstract page has no range of its own."""
    if c.volume != SAME or not c.whole_range or c.journal == DIFFERENT or c.year < NEAR or c.doi == DIFFERENT:
        return False
    if c.at_meeting or c.authors == NEAR or c.authors == DIFFERENT:
        return c.abstract == SAME and c.authors >= NEAR
    translated = c.one.is_translated or c.other.is_translated
    if c.authors == MISSING:
        return translated and c.share >= RELATED_RATIO and c.journal >= NEAR and c.year == SAME
    return c.abstract == SAME or translated or c.share >= RELATED_RATIO


def _same_review(c: Comparison) -> bool:
    """A Cochrane review's number and year name one version, however its title is cut."""
    return c.one.review == c.other.review != "" and c.year == SAME and c.title >= LIKE and c.authors >= MISSING


def _same_abstract(c: Comparison) -> bool:
    """Title damaged, page or volume missing: the abstract itself is the proof, where nothing else disagrees."""
    if c.title < LIKE or c.authors != SAME or c.doi == DIFFERENT or c.year < NEAR or c.generic or c.mixed_meeting:
        return False
    if c.pages == DIFFERENT or c.volume == DIFFERENT or c.journal == DIFFERENT:
        return False
    placed = c.pages >= NEAR or c.journal >= NEAR and (c.volume == SAME or c.title >= PART)
    return placed and c.abstract == SAME


def _same_volume_part_of_title(c: Comparison) -> bool:
    """A title without its subtitle and a record without its page; a protocol is not the subtitle's loss."""
    if c.title != PART or c.authors != SAME or c.pages != MISSING or c.doi == DIFFERENT or c.generic or c.at_meeting:
        return False
    if c.one.is_protocol != c.other.is_protocol or c.abstract == DIFFERENT:
        return False
    if not have_same_numbers(c.one.title, c.other.title):
        return False
    return c.volume == SAME and c.year == SAME and c.journal >= NEAR and c.issue >= MISSING


def _same_row(c: Comparison) -> bool:
    """Copies of a sparse record: everything known is the same, and the title is no common one."""
    one, other = c.one, c.other
    return (
        c.title == EQUAL
        and not c.generic
        and (one.authors, one.year, one.journals, one.volume, one.issue, one.first_page, one.doi)
        == (other.authors, other.year, other.journals, other.volume, other.issue, other.first_page, other.doi)
        and c.abstract != DIFFERENT
    )


def _same_issue_other_page(c: Comparison) -> bool:
    """The page is wrong in one database; issue, title and authors, or the abstract itself, are the same.

    Nobody publishes one title twice in one issue; in two issues of a volume it happens (republished after an error).
    """
    if c.title < CLOSE or c.pages != DIFFERENT or c.authors != SAME or c.generic:
        return False
    if c.one.is_meeting != c.other.is_meeting:
        return False
    if c.journal < NEAR or c.year != SAME or c.volume != SAME or c.issue == DIFFERENT or c.doi == DIFFERENT:
        return False
    if c.issue == SAME and c.title == EQUAL and _is_long(c):
        return c.abstract > DIFFERENT
    return c.abstract == SAME


# The first rule that holds decides; the commonest come first.
PERMISSIONS: Final[tuple[Callable[[Comparison], bool], ...]] = (
    _same_title_and_spot,
    _same_doi_and_title,
    _same_title_and_page,
    _same_title_without_page,
    _same_title_without_authors,
    _same_pmid,
    _same_doi_part_of_title,
    _same_spot_part_of_title,
    _same_title_wrong_year,
    _same_issue_other_page,
    _same_abstract,
    _same_volume_part_of_title,
    _same_review,
    _same_row,
    _same_doi_without_title,
    _same_doi_other_title,
    _same_range_other_title,
)


def _is_long(c: Comparison) -> bool:
    return len(c.one.title) >= _LONG_TITLE


def _is_ahead(c: Comparison) -> bool:
    """Whether one of the two has no place yet: no page, and no volume that could be one."""
    return any(not record.first_page and (not record.volume or not record.issue) for record in (c.one, c.other))


def _is_worth_a_look(c: Comparison) -> bool:
    if c.generic:
        return c.doi == SAME and c.title >= CLOSE
    if c.doi == SAME:
        return c.title >= LIKE or (not c.at_meeting and c.authors >= NEAR)
    if c.title >= CLOSE:
        return c.authors >= NEAR and c.year >= NEAR or c.authors == MISSING and c.journal >= NEAR and c.year >= NEAR
    return c.title >= LIKE and c.spot and c.authors >= NEAR and c.journal >= NEAR


# --- pairs ----------------------------------------------------------------------------------------------------


def compare(one: Prepared, other: Prepared) -> Link | None:
    """Compare two records.

    Parameters
    ----------
    one, other
        Two records with different keys.

    Returns
    -------
    Link or None
        ``same``, ``maybe`` or ``preprint``; None if nothing speaks for one paper.
    """
    title, share = compare_titles(one.title, other.title)
    if title < LIKE and not _may_be_translated(one, other):
        return None
    veto = contradict(one, other)
    if veto and veto != "preprint and article" and not (one.doi and one.doi == other.doi):
        return None
    found = Comparison(one, other, title, share)
    if veto == "preprint and article":
        return _link(found, VERDICT_PREPRINT) if _is_preprint_of(found) else None
    if veto:
        return _link(found, VERDICT_MAYBE, veto) if title >= CLOSE and one.kind == other.kind else None
    if any(rule(found) for rule in PERMISSIONS):
        return _link(found, VERDICT_SAME)
    return _link(found, VERDICT_MAYBE) if _is_worth_a_look(found) else None


def _may_be_translated(one: Prepared, other: Prepared) -> bool:
    """Titles that differ can still be one paper's: same identifier, or same page in the same volume."""
    if one.pmid == other.pmid != "" or one.doi == other.doi != "" or one.pmcid == other.pmcid != "":
        return True
    return bool(one.first_page and one.volume) and one.first_page == other.first_page and one.volume == other.volume


def _is_preprint_of(c: Comparison) -> bool:
    """A preprint keeps title and authors for the most part; the article follows within three years."""
    return c.title >= LIKE and c.authors >= SAME and abs(c.one.year - c.other.year) <= 3 and not c.generic


def _link(c: Comparison, verdict: str, veto: str = "") -> Link:
    levels = (c.title, round(100 * c.share), c.authors, c.year, c.journal, c.volume, c.issue, c.pages, c.doi, c.pmid)
    score, reason = reasons.explain(levels)
    a, b = sorted((c.one.key, c.other.key))
    return Link(a, b, verdict, score, f"{veto}; {reason}" if veto else reason)


def link(new: Iterable[Prepared], held: Iterable[Prepared] = ()) -> list[Link]:
    """Find the pairs that are, or may be, one paper.

    Parameters
    ----------
    new
        Records to compare with each other and with `held`.
    held
        Records that were compared with each other before; the caller may pass only those that share a block key
        with a new one.

    Returns
    -------
    list of Link
        Verdicts ``same`` and ``maybe``, by keys; independent of the order of the input.  Empty input: empty list.
    """
    return [found for found in _find_links(new, held) if found.verdict != VERDICT_PREPRINT]


def link_preprints(new: Iterable[Prepared], held: Iterable[Prepared] = ()) -> list[Link]:
    """Find the pairs of a preprint and its article; parameters as for `link`, verdict ``preprint``."""
    return [found for found in _find_links(new, held) if found.verdict == VERDICT_PREPRINT]


def _find_links(new: Iterable[Prepared], held: Iterable[Prepared]) -> list[Link]:
    arrived = list(new)
    fresh = {record.key for record in arrived}
    # One canonical order, so that "the nearest neighbours of a block" means the same whatever the input's order.
    records = sorted([*arrived, *(record for record in held if record.key not in fresh)], key=_content)
    blocks: dict[str, list[int]] = {}
    parents = list(range(len(records)))
    links = []
    for position, record in enumerate(records):
        is_new = record.key in fresh
        candidates: set[int] = set()
        for key in block_keys(record):
            block = blocks.setdefault(key, [])
            candidates.update(block[-_NEIGHBOURS:])
            block.append(position)
        agreed: dict[int, int] = {}
        for candidate in sorted(candidates, reverse=True):
            their = records[candidate]
            if not is_new and their.key not in fresh:
                continue
            root = _find_root(parents, candidate)
            if agreed.get(root, 0) >= _ENOUGH:
                continue
            found = compare(record, their)
            if found is None:
                continue
            links.append(found)
            if found.verdict == VERDICT_SAME:
                mine = _find_root(parents, position)
                parents[max(root, mine)] = min(root, mine)
                root = min(root, mine)
                agreed[root] = agreed.get(root, 0) + 1
    return sorted(links, key=lambda found: (found.a, found.b))


def _content(record: Prepared) -> tuple[object, ...]:
    """Give all that a record says: everything but its key."""
    return record[1:]


def _find_root(parents: list[int], position: int) -> int:
    while parents[position] != position:
        parents[position] = parents[parents[position]]
        position = parents[position]
    return position
