"""What the import formats have in common: reading one value that somebody exported.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from harvester.paper.abstracts import read_abstract
from harvester.paper.dates import parse_date
from harvester.paper.languages import language_code
from harvester.paper.names import GROUP, Names, parse_name, parse_names
from harvester.paper.records import AbstractSection, Author
from harvester.paper.text import strip_markup

# "Garcia Marquez, Gabriel Jose" and "Doe, Jane, Jr" are one name each, where one name is expected.
_ONE_NAME = re.compile(r"[^,]+,[^,]*(?:,[^,]*)?")
_SEVERAL = re.compile(r";| and | & |\bet al\b|^[^,]+ (?:[A-Z]\.? ?){1,3},")
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
        is_group = GROUP.search(plain) and not re.search(r"[,;]| and the ", plain)
        if is_group or (_ONE_NAME.fullmatch(plain) and not _SEVERAL.search(plain)):
            single = parse_name(plain)
            authors += [single] if single is not None else []
            continue
        names = parse_names(plain)
        authors += names.authors
        complete = complete and names.complete
    return Names(authors=tuple(authors), complete=complete)


def read_languages(texts: Iterable[str]) -> tuple[str, ...]:
    """Return languages as PubMed's codes; a word that is neither a known name nor a code is left out.

    Examples
    --------
    >>> read_languages(["English; German", "chi", "en-US"])
    ('eng', 'ger', 'chi')
    """
    codes = (language_code(word) for text in texts for word in re.split(r"[;,|]", text))
    return tuple(dict.fromkeys(code for code in codes if code))


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
            date = parse_date(f"{stated[:4]} {text.replace('/', ' ')}")
        if date is not None and (stated is None or date[:4] == stated[:4]):
            usable.append(date)
    return max((date for date in usable if date is not None), key=len, default=None)
