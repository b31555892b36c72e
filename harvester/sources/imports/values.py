"""What the import formats have in common: reading one value that somebody exported.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from harvester.exports.citation import STATUS_NOTES
from harvester.paper.abstracts import read_abstract
from harvester.paper.dates import parse_date
from harvester.paper.identifiers import address_doi, read_doi
from harvester.paper.languages import language_code
from harvester.paper.names import GROUP, Names, is_initials_first, is_plain_list, parse_name, parse_names
from harvester.paper.preprints import is_preprint_doi
from harvester.paper.records import AbstractSection, Author, Record
from harvester.paper.statuses import with_status
from harvester.paper.text import strip_markup
from harvester.table.foreign import split_list

# How a table prints days: "mdy" as in the United States, "dmy" elsewhere.
DayOrder = Literal["mdy", "dmy"]

_CUT = re.compile(r"\bet\.? al\b|…|\.\.\.$", re.IGNORECASE)
_PRINTED_DAY = re.compile(r"\s*([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})\b.*")
# What databases and our own exports say of a paper's status, in a field that says nothing else: compared without case.
_STATED = {
    "retracted": "retracted",
    "retracted article": "retracted",
    "retracted publication": "retracted",
    "withdrawn": "withdrawn",
    "withdrawn article": "withdrawn",
    "withdrawn publication": "withdrawn",
    "publication with expression of concern": "concern",
    **{note.casefold(): status for status, note in STATUS_NOTES.items()},
}
_NOTE_OF_NOTICE = re.compile(r"(retraction|expression of concern) in\s*:", re.IGNORECASE)
# What databases add behind an abstract (EBSCO, PsycInfo, Scopus, Embase).
_ADDED = re.compile(
    r"\s*(?:\[ABSTRACT FROM (?:AUTHOR|PUBLISHER)\]|\((?:APA )?PsycINFO Database Record .{0,80}\)"
    r"|(?<=[.?!)])\s*(?:Copyright\s*)?(?:©|\([cC]\) ?(?=[12][0-9]{3})).{0,250}"
    r"|Copyright of .{0,200} is the property of .*)\s*$",
    re.IGNORECASE,
)


def read_abstract_field(text: str | None) -> tuple[AbstractSection, ...]:
    """Read an abstract without what databases add behind it, divided at its labels."""
    plain = strip_markup(text)
    while plain is not None and (shorter := _ADDED.sub("", plain).strip()) != plain:
        plain = shorter or None
    return read_abstract(plain)


def read_authors(texts: Iterable[str]) -> Names:
    """Read author fields that hold one name each, as they should, or several, as some do.

    A field is one author, also where "and" stands in it: a group.  It is several where it holds a semicolon, "et al.",
    whole names joined by "and" ("Doe, Jane and Roe, Karl"), names as PubMed prints them ("Doe JA, Roe K"), or such as
    begin with initials ("J. A. Doe and K. Roe").

    Two fields of one name are two people: one paper in forty has two that initials do not tell apart.

    Examples
    --------
    >>> [author.display for author in read_authors(["Garcia Marquez, Gabriel Jose", "Doe J; Roe K"]).authors]
    ['Garcia Marquez GJ', 'Doe J', 'Roe K']
    """
    authors: list[Author] = []
    complete = True
    for text in texts:
        plain = strip_markup(text) or ""
        if not _is_several(plain):
            single = parse_name(plain.rstrip(" ,"))
            authors += [single] if single is not None else []
            continue
        names = parse_names(plain)
        authors += names.authors
        complete = complete and names.complete
    return Names(authors=tuple(authors), complete=complete)


def _is_several(text: str) -> bool:
    if GROUP.search(text.partition(",")[0]) and not re.search("[;|]", text):
        return re.search(r"\band the\b", text) is not None
    if re.search(r"[;|]", text) or _CUT.search(text) or text.count(",") > 2:
        return True
    if is_plain_list(text) or is_initials_first(text):
        return True
    sides = re.split(r"\s+and\s+", text)
    return len(sides) > 1 and (all("," in side for side in sides) or re.match("the ", sides[-1]) is not None)


def read_author_column(cell: str | None, *, has_separator: bool) -> Names:
    """Read a cell of an authors column, which is a list.

    Parameters
    ----------
    has_separator
        Whether cells of the column hold semicolons or bars: then one without is a single author ("Garcia Marquez,
        Gabriel"), and otherwise a list with commas ("Jane Doe, Karl Roe").

    Examples
    --------
    >>> [author.display for author in read_author_column("Jane Doe, Karl Roe", has_separator=False).authors]
    ['Doe J', 'Roe K']
    """
    if cell is None:
        return Names()
    if has_separator or re.search(r"^\s*\[|[;|\n]", cell):
        # Scopus's full names end in the number of the author: "Doe, Jane (7004)".
        return read_authors(re.sub(r"\s*\([0-9]+\)$", "", name) for name in _split_authors(cell))
    return parse_names(cell)


def _split_authors(cell: str) -> list[str]:
    """Divide a list of authors; a line that begins with "and" goes on with the list."""
    return [re.sub(r"^and\s+", "", name) for name in split_list(cell)]


def linked_doi(text: str) -> str | None:
    """Return the DOI in an address of the resolver, of a preprint or of Nature, or in a field that is only a DOI.

    Other publishers' addresses go on behind the DOI, one does not know where.
    """
    if re.match(r"https?://", text, re.IGNORECASE):
        doi = address_doi(text.split("&", maxsplit=1)[0])
        is_known = "doi.org/" in text.lower() or "nature.com/" in text.lower()
        return doi if is_known or (doi is not None and is_preprint_doi(doi)) else None
    return read_doi(text) if re.match(r"(?:doi:\s*)?10\.[0-9]{4,9}/", text, re.IGNORECASE) else None


def state_status(record: Record, labels: Iterable[str]) -> Record:
    """Return a record with the status that one of its labels says, a note or a type of work; prose says nothing.

    Examples
    --------
    >>> record = Record(source="import:a.ris", source_key="1", title="Withdrawn adolescents with depression")
    >>> [state_status(record, [label]).publication_types for label in ("Retracted", "Retracted papers, a list")]
    [('Retracted Publication',), ()]
    """
    for label in labels:
        plain = label.strip(" .[]()").casefold()
        notice = _NOTE_OF_NOTICE.match(plain)
        status = _STATED.get(plain) or (notice and {"retraction": "retracted"}.get(notice[1], "concern"))
        if status:
            record = with_status(record, status)
    return record


def read_languages(texts: Iterable[str]) -> tuple[str, ...]:
    """Return languages as PubMed's codes; a word that is neither a known name nor a code is left out.

    Examples
    --------
    >>> read_languages(["English; German", "chi", "en-US"])
    ('eng', 'ger', 'chi')
    """
    codes = (language_code(word) for text in texts for word in re.split(r"[;,|]", text))
    return tuple(dict.fromkeys(code for code in codes if code))


def find_day_order(dates: Iterable[str], *, month_first: bool = False) -> DayOrder | None:
    """Return how a column prints its days, where one of them tells; None if none does, or they contradict each other.

    Parameters
    ----------
    month_first
        Whether the program that wrote the table is known to print the month first.

    Examples
    --------
    >>> find_day_order(["05/11/2026", "25/11/2026"]), find_day_order(["05/11/2026"])
    ('dmy', None)
    """
    printed = [day for text in dates if (day := _PRINTED_DAY.fullmatch(text)) is not None]
    is_dmy, is_mdy = any(int(day[1]) > 12 for day in printed), any(int(day[3]) > 12 for day in printed)
    if is_dmy != is_mdy:
        return "dmy" if is_dmy else "mdy"
    return "mdy" if month_first and not is_dmy else None


def print_date(text: str, order: DayOrder | None) -> str:
    """Return a printed day as ISO where it is known which of its numbers is the month; any other text as it is.

    A day with full stops between its numbers begins with the day.

    Examples
    --------
    >>> print_date("11/5/2026", "mdy"), print_date("5.11.2026", None), print_date("5/11/2026", None)
    ('2026-11-05', '2026-11-05', '5/11/2026')
    """
    day = _PRINTED_DAY.fullmatch(text)
    order = "dmy" if day is not None and day[2] == "." else order
    if day is None or order is None:
        return text
    month, number = (day[3], day[1]) if order == "dmy" else (day[1], day[3])
    return f"{day[4]}-{int(month):02d}-{int(number):02d}"


def choose_date(dates: Iterable[str | None], years: Iterable[str | None]) -> str | None:
    """Return the most precise of some printed dates that do not contradict the year, where a year is stated.

    A date without a year ("AUG 5") is completed by the year.

    Examples
    --------
    >>> choose_date(["AUG"], ["1999"]), choose_date(["2021/04/21/"], ["2021"]), choose_date(["2020-01-01"], ["2021"])
    ('1999-08', '2021-04-21', '2021')
    """
    stated = next((date for date in map(parse_date, years) if date is not None), None)
    usable = [stated]
    for text in dates:
        date = parse_date(text)
        if date is None and stated is not None and text:
            date = parse_date(f"{stated[:4]} {text.replace('/', ' ').strip(' #')}")
        if date is not None and (stated is None or date[:4] == stated[:4]):
            usable.append(date)
    return max((date for date in usable if date is not None), key=len, default=None)
