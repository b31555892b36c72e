"""The rules: what settles that two records are two papers, and what suffices for one.

The order of thought is that of a librarian with two index cards:

1. **Vetoes.** Some differences settle it, however alike the rest is: two PMIDs; two entries of one feed; a notice
   (erratum, retraction, reply, comment) and its paper; a preprint and its article; two versions or two numbers of a
   Cochrane review.  Others settle it unless an identifier or a range of pages says otherwise: two registrations in one
   register; another issue or DOI of what comes again under one title.
2. **Permissions.** A title alone proves nothing (conference abstract and paper, co-published statements, annual
   updates), and neither does a place alone (several abstracts a page) or a DOI alone (one for a whole supplement).
   Each rule therefore asks for agreement of a title with an identifier or a place, and says what must not disagree.
3. **Maybe.** What a careful person would want to look at.

Titles that say different things ("with" and "without", part 1 and part 2, two numbers) are `OTHER` at the level
of `levels.compare_titles`, so that no rule about alike titles can join them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from harvester.matching.levels import (
    CLOSE,
    DIFFERENT,
    EQUAL,
    LIKE,
    MISSING,
    NEAR,
    PART,
    RELATED_RATIO,
    SAME,
    UNTITLED,
    Comparison,
    compare_trials,
    have_one_abstract,
    have_same_numbers,
)
from harvester.matching.prepare import Prepared

PREPRINT_AND_ARTICLE: Final = "preprint and article"
# Letters of a title that make a chance agreement of two papers implausible: six to eight words.
_LONG_TITLE: Final = 40
_TELLING_TITLE: Final = 60  # and where nothing, or nothing but the year of a feed's entry, supports it: nine words
_TELLING_TITLE_OF_A_YEAR: Final = 50  # "ketamine for treatment resistant depression" has 43
_ARTICLE_NUMBER: Final = 5  # characters; printed pages have four at most
# The library appeared four, later twelve times a year; some exports put a running number of theirs into the field.
_COCHRANE_ISSUES: Final = frozenset(map(str, range(1, 13)))
_KINDS: Final = {
    "": "a paper",
    "erratum": "an erratum",
    "retraction": "a retraction notice",
    "concern": "an expression of concern",
    "reply": "a reply",
    "comment": "a comment",
}
_MAX_YEARS_TO_PRINT: Final = 3  # between a preprint and its article; what appears later is found by PubMed's UpdateOf


# --- vetoes ---------------------------------------------------------------------------------------------------


def contradict(one: Prepared, other: Prepared) -> str:
    """Return why two records cannot be one paper, whatever else agrees: "different PMIDs"; "" if they can."""
    # Not every source says that a paper is a preprint; a preprint and its article never share a DOI.
    if one.is_preprint != other.is_preprint and not one.doi == other.doi != "":
        return PREPRINT_AND_ARTICLE
    if one.pmid and other.pmid and one.pmid != other.pmid:
        return "different PMIDs"
    if one.link and one.source == other.source and not _are_one_entry(one, other):
        return "two entries of one feed"
    if one.kind != other.kind and not (one.doi == other.doi != "" and one.title == other.title):
        return f"one is {_KINDS[one.kind]}, the other {_KINDS[other.kind]}"
    if one.review or other.review:
        return _contradict_reviews(one, other)
    return ""


def _are_one_entry(one: Prepared, other: Prepared) -> bool:
    """Return whether two entries of one feed can be one: a column comes again under its title, with another text."""
    return one.link == other.link or one.doi == other.doi != "" or have_one_abstract(one, other)


def _contradict_reviews(one: Prepared, other: Prepared) -> str:
    """Return why two records are not one version of a Cochrane review.

    Reviews keep title, authors and number through their updates; version, issue or year tell them apart.
    """
    if one.review and other.review and one.review != other.review:
        return "different Cochrane reviews"
    if one.is_protocol != other.is_protocol:
        return "a Cochrane review and its protocol"
    if one.version and other.version:
        return "" if one.version == other.version else "different versions of a Cochrane review"
    if one.year and other.year and one.year != other.year:
        return "different years of a Cochrane review"
    if one.issue != other.issue and {one.issue, other.issue} <= _COCHRANE_ISSUES:
        return "different issues of a Cochrane review"
    return ""


# --- permissions ----------------------------------------------------------------------------------------------


def _same_pmid(c: Comparison) -> bool:
    """Accept PubMed's numbers, or PubMed Central's, unless all else says that one of them is a typing error."""
    identified = c.pmid == SAME or c.one.pmcid == c.other.pmcid != ""
    return identified and (c.title >= LIKE or c.title == UNTITLED or c.authors >= NEAR or c.doi == SAME)


def _same_doi_and_title(c: Comparison) -> bool:
    """Accept a DOI with its title, but not one copied from a paper to its conference abstract elsewhere."""
    if c.doi != SAME or c.title < CLOSE:
        return False
    if c.title == EQUAL and not c.generic and not c.at_meeting:
        return True
    elsewhere = c.journal == DIFFERENT or (c.volume == DIFFERENT and (c.year != SAME or c.mixed_meeting))
    displaced = c.pages == DIFFERENT and (elsewhere or c.authors < SAME)
    if displaced or (c.authors == DIFFERENT and c.pages <= MISSING):
        return c.abstract == SAME and c.journal >= MISSING
    return not c.generic or c.pages >= NEAR or (c.authors == SAME and c.pages >= MISSING)


def _same_doi_part_of_title(c: Comparison) -> bool:
    """Accept a DOI with a truncated title or without the subtitle; among abstracts of a meeting the text must agree."""
    if c.doi != SAME or not LIKE <= c.title < CLOSE or c.authors < NEAR or c.pages == DIFFERENT:
        return False
    if c.journal == DIFFERENT and c.title == LIKE:
        return False
    return not c.at_meeting or c.abstract == SAME


def _same_doi_other_title(c: Comparison) -> bool:
    """Accept a DOI with a title in another language, or so damaged that its words differ."""
    if c.doi != SAME or c.authors != SAME or min(c.pages, c.journal, c.year) < MISSING:
        return False
    return c.abstract == SAME or (not c.at_meeting and c.whole_range)


def _same_doi_without_title(c: Comparison) -> bool:
    """Accept a DOI alone where one record has no title and nothing disagrees."""
    if c.doi != SAME or c.title != UNTITLED or c.at_meeting:
        return False
    return min(c.authors, c.year, c.journal, c.volume, c.pages) >= MISSING


def _versions_of_a_preprint(c: Comparison) -> bool:
    """Accept a preprint's DOI, versions apart, whatever became of its title."""
    return c.one.is_preprint and c.other.is_preprint and c.doi == SAME and c.authors >= MISSING


def _one_work_on_two_servers(c: Comparison) -> bool:
    """Accept the title of a preprint by the same people, or a telling one where nobody is named."""
    if (
        not (c.one.is_preprint and c.other.is_preprint)
        or c.title < CLOSE
        or c.generic
        or DIFFERENT in (c.year, c.authors)
    ):
        return False
    return c.authors == SAME or (c.title == EQUAL and c.letters >= _TELLING_TITLE)


def _same_title_and_spot(c: Comparison) -> bool:
    """Accept a title with its volume and page; a common one needs all of the place, two DOIs the journal and range."""
    if c.title < CLOSE or not c.spot or c.other_text or c.other_place:
        return False
    if c.generic:
        placed = c.pages == SAME and not c.other_end and c.issue == SAME and c.journal >= MISSING
        return placed and c.authors == SAME and c.year >= NEAR
    if c.authors == DIFFERENT:
        # A letter and its answer share title and page; only a range of pages is one paper's whoever is named.
        return c.whole_range and c.journal >= NEAR and c.doi != DIFFERENT
    return c.doi != DIFFERENT or c.journal >= NEAR


def _same_title_and_page(c: Comparison) -> bool:
    """Accept a title with journal and page where the volume is missing or wrong (a supplement's number, the year)."""
    if c.title < CLOSE or c.pages < NEAR or c.generic or c.other_text or c.other_place:
        return False
    if c.authors < NEAR:
        # Nobody named (a statement, a notice): a journal's article number names the paper as a DOI does.
        numbered = c.pages == SAME and len(c.one.first_page) >= _ARTICLE_NUMBER
        return c.authors == MISSING and c.title == EQUAL and numbered and c.journal >= NEAR and c.year == SAME
    if c.doi == DIFFERENT:
        return c.pages == SAME and c.authors == SAME and c.journal >= NEAR and c.year == SAME and c.volume >= MISSING
    if c.journal >= NEAR:
        return c.year >= NEAR
    return c.journal == MISSING and c.year >= NEAR and c.volume == MISSING


def _same_title_wrong_year(c: Comparison) -> bool:
    """Accept a title with its whole place and authors, whatever the year."""
    return (
        c.title >= CLOSE
        and not c.other_text
        and not c.other_place
        and c.volume == SAME
        and c.pages == SAME
        and c.authors == SAME
        and c.journal >= NEAR
        and not c.generic
    )


def _same_title_without_page(c: Comparison) -> bool:
    """Accept a title without a page (ahead of print, sparse databases) if authors, journal and year carry it."""
    if c.title < CLOSE or c.pages != MISSING or c.generic or c.doi == DIFFERENT or c.other_text:
        return False
    if c.authors < SAME or c.year < NEAR or (c.year == NEAR and c.serial):
        return False
    if c.mixed_meeting and not (c.unplaced and c.abstract == SAME):
        return False
    if (c.other_supplement or (c.issue == DIFFERENT and c.volume == SAME)) and c.abstract != SAME:
        return False
    if not (c.volume == SAME and c.issue == SAME) and c.column:
        return False
    if c.volume == DIFFERENT and not _is_ahead(c):
        return False
    if c.journal == DIFFERENT or (c.journal == MISSING and not (c.title == EQUAL and _is_long(c) and c.year == SAME)):
        return False
    return c.volume == SAME or (c.year == SAME and c.abstract > DIFFERENT) or (c.journal >= NEAR and _is_ahead(c))


def _same_title_without_authors(c: Comparison) -> bool:
    """Accept a title without authors (a feed's entry) if it is long, and journal and year carry it."""
    if c.authors != MISSING or c.title != EQUAL or c.pages != MISSING or c.doi == DIFFERENT or c.mixed_meeting:
        return False
    if c.generic or c.year < NEAR or c.volume == DIFFERENT or c.issue == DIFFERENT or c.abstract == DIFFERENT:
        return False
    if not (c.volume == SAME and c.issue == SAME) and c.column:
        return False
    if c.journal == MISSING:
        return not c.unlike_texts and c.unplaced and not c.at_meeting and c.letters >= _TELLING_TITLE
    return c.journal >= NEAR and (c.volume == SAME or _is_ahead(c)) and (_is_long(c) or c.abstract == SAME)


def _same_title_and_people(c: Comparison) -> bool:
    """Accept a telling title with its people where one record says no year (a feed without dates), or no journal.

    Series repeat their titles, with numbers or years in them or without; a title without either, of that length, by the
    same people in the same journal, is one paper until a date or a place says otherwise.  Where no journal is named,
    all the people say as much, if they are several.
    """
    if c.title != EQUAL or c.letters < _TELLING_TITLE or c.column or c.serial or c.other_text or c.doi == DIFFERENT:
        return False
    if c.pages != MISSING or c.volume == DIFFERENT or c.mixed_meeting or c.at_meeting or not _is_ahead(c):
        return False
    if c.authors != SAME or c.abstract == DIFFERENT:
        return False
    people, others = c.one.authors.count("|"), c.other.authors.count("|")
    return (c.year == MISSING and c.journal >= NEAR) or (
        c.year != DIFFERENT and c.journal == MISSING and people == others > 0
    )


def _same_spot_part_of_title(c: Comparison) -> bool:
    """Accept a place with a truncated or heavily damaged title, a lost subtitle, or two languages in one field."""
    if not LIKE <= c.title < CLOSE or not c.spot or c.pages != SAME or c.authors < SAME or c.doi == DIFFERENT:
        return False
    if c.year < NEAR or c.generic:
        return False
    return c.whole_range or c.abstract == SAME or (not c.at_meeting and c.abstract > DIFFERENT and c.title == PART)


def _same_range_other_title(c: Comparison) -> bool:
    """Accept a translation: the same people on the same range of pages, which no page of abstracts has."""
    if c.volume != SAME or not c.whole_range or c.journal == DIFFERENT or c.year < NEAR or c.doi == DIFFERENT:
        return False
    if c.issue == DIFFERENT:
        return False
    if c.at_meeting or c.authors == NEAR or c.authors == DIFFERENT:
        return c.abstract == SAME and c.authors >= NEAR and c.share >= RELATED_RATIO
    translated = c.one.is_translated or c.other.is_translated
    if c.authors == MISSING:
        return translated and c.share >= RELATED_RATIO and c.journal >= NEAR and c.year == SAME
    # Abstracts of one series begin alike.
    return (c.abstract == SAME and c.issue == SAME) or translated or c.share >= RELATED_RATIO


def _same_review(c: Comparison) -> bool:
    """Accept a Cochrane review's number with its year: they name one version, however the title is cut."""
    return c.one.review == c.other.review != "" and c.year == SAME and c.title >= LIKE and c.authors >= MISSING


def _same_abstract(c: Comparison) -> bool:
    """Accept the abstract itself as proof where the title is damaged or the place incomplete and nothing disagrees."""
    if c.title < LIKE or c.authors != SAME or c.doi == DIFFERENT or c.year < NEAR or c.generic or c.mixed_meeting:
        return False
    if c.pages == DIFFERENT or c.volume == DIFFERENT or c.journal == DIFFERENT:
        return False
    if c.issue == DIFFERENT or (c.other_study and not c.one_abstract):
        return False  # a protocol, its results and what was followed up begin alike
    placed = c.pages >= NEAR or (c.journal >= NEAR and (c.volume == SAME or c.title >= PART))
    return placed and c.abstract == SAME


def _same_volume_part_of_title(c: Comparison) -> bool:
    """Accept a lost subtitle and a lost page together, if it says of what form the study is, or the abstract agrees."""
    if c.title != PART or c.authors != SAME or c.pages != MISSING or c.doi == DIFFERENT or c.generic or c.at_meeting:
        return False
    if not c.one_abstract and (c.other_study or not (c.lost_form or c.abstract == SAME)):
        return False
    if not have_same_numbers(c.one.title, c.other.title):
        return False
    return c.volume == SAME and c.year == SAME and c.journal >= NEAR and c.issue >= MISSING


def _same_row(c: Comparison) -> bool:
    """Accept copies of one row: all that is known is the same, and the title with it, or the place, names the paper."""
    one, other = c.one, c.other
    if c.generic:
        named = bool(one.authors and one.journals and one.volume and one.issue)
    else:
        telling = _TELLING_TITLE if not one.year else _TELLING_TITLE_OF_A_YEAR
        named = bool(one.authors or one.journals or one.doi) or c.letters >= telling
    return (
        c.title == EQUAL
        and named
        and (one.authors, one.year, one.journals, one.volume, one.issue, one.first_page, one.last_page, one.doi)
        == (
            other.authors,
            other.year,
            other.journals,
            other.volume,
            other.issue,
            other.first_page,
            other.last_page,
            other.doi,
        )
        and one.is_meeting == other.is_meeting
        and not (c.abstract == DIFFERENT if one.authors or one.journals else c.unlike_texts)
    )


def _same_issue_other_page(c: Comparison) -> bool:
    """Accept a wrong page where issue, title and authors, or the abstract itself, are the same.

    Nobody publishes one title twice in one issue; in two issues of a volume it happens (republished after an error).
    Notices are another matter: two corrections of one paper stand one after the other.
    """
    if c.one.kind:
        return False
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
    _versions_of_a_preprint,
    _one_work_on_two_servers,
    _same_title_and_page,
    _same_title_without_page,
    _same_title_without_authors,
    _same_title_and_people,
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
    return c.letters >= _LONG_TITLE


def _is_ahead(c: Comparison) -> bool:
    """Return whether one of the two has no place yet: no page, and no volume that could be one."""
    return any(not record.first_page and (not record.volume or not record.issue) for record in (c.one, c.other))


def comes_again(c: Comparison) -> bool:
    """Return whether two records are two of what comes again under one title, and no identifier makes them one."""
    return c.other_issue and not c.identified


def are_registered_apart(c: Comparison) -> bool:
    """Return whether a register numbers the two differently, and no identifier or range of pages makes them one."""
    is_apart = compare_trials(c.one.trials, c.other.trials) == DIFFERENT
    return is_apart and not c.identified and not (c.whole_range and c.volume == SAME)


def is_worth_a_look(c: Comparison) -> bool:
    """Return whether a person should look at two records that no rule joined."""
    if c.generic:
        return c.doi == SAME and c.title >= CLOSE
    if c.doi == SAME:
        return c.title >= LIKE or (not c.at_meeting and c.authors >= NEAR)
    if c.title >= CLOSE:
        return (c.authors >= NEAR and c.year >= NEAR) or (c.authors == MISSING and c.journal >= NEAR and c.year >= NEAR)
    return c.title >= LIKE and c.spot and c.authors >= NEAR and c.journal >= NEAR


def is_preprint_of(c: Comparison) -> bool:
    """Return whether a preprint and a paper are one work by what they are called.

    The title is the same, or lost what says of what form the study is.  Another study of the group has a title that is
    merely alike; a correction, a reply or a comment is never the article.
    """
    if c.one.kind or c.other.kind or c.generic or not _are_near_in_time(c) or c.authors < MISSING:
        return False
    if c.title == EQUAL:
        return c.authors >= NEAR or c.letters >= _TELLING_TITLE
    return (c.title == CLOSE or c.lost_form) and c.authors == SAME and not c.other_study


def may_be_preprint_of(c: Comparison) -> bool:
    """Return whether a person should look at a preprint and a paper."""
    return c.title >= LIKE and c.authors == SAME and _are_near_in_time(c) and c.one.kind == c.other.kind


def _are_near_in_time(c: Comparison) -> bool:
    return c.year == MISSING or abs(c.one.year - c.other.year) <= _MAX_YEARS_TO_PRINT
