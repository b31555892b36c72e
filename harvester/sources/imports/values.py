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
from harvester.paper.records import AbstractSection, Author, MeshTerm
from harvester.paper.text import collapse, strip_markup

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


def read_text(text: str | None) -> str | None:
    """Read a field as plain text: markup dropped, entities decoded, white space collapsed.

    Examples
    --------
    >>> read_text("<i>R</i>-ketamine &amp; mood"), read_text(" ")
    ('R-ketamine & mood', None)
    """
    return strip_markup(text)


def read_abstract_field(text: str | None) -> tuple[AbstractSection, ...]:
    """Read an abstract without what databases add behind it, divided at its labels."""
    plain = read_text(text)
    while plain is not None and (shorter := _ADDED.sub("", plain).strip()) != plain:
        plain = shorter or None
    return read_abstract(plain)


def read_authors(texts: Iterable[str]) -> Names:
    """Read author fields that hold one name each, as they should, or several, as some do.

    Examples
    --------
    >>> [author.display for author in read_authors(["Garcia Marquez, Gabriel Jose", "Doe J; Roe K"]).authors]
    ['Garcia Marquez GJ', 'Doe J', 'Roe K']
    """
    authors: list[Author] = []
    complete = True
    for text in texts:
        plain = read_text(text) or ""
        is_group = GROUP.search(plain) and not re.search(r"[,;]| and the ", plain)
        if is_group or (_ONE_NAME.fullmatch(plain) and not _SEVERAL.search(plain)):
            single = parse_name(plain)
            authors += [single] if single is not None else []
            continue
        names = parse_names(plain)
        authors += names.authors
        complete = complete and names.complete
    return Names(authors=tuple(dict.fromkeys(authors)), complete=complete)


def read_languages(texts: Iterable[str]) -> tuple[str, ...]:
    """Give languages as PubMed's codes; a word that is neither a known name nor a code is left out.

    Examples
    --------
    >>> read_languages(["English; German", "chi", "en-US"])
    ('eng', 'ger', 'chi')
    """
    codes = (language_code(word) for text in texts for word in re.split(r"[;,|]", text))
    return tuple(dict.fromkeys(code for code in codes if code))


def read_mesh(text: str) -> MeshTerm | None:
    """Read a heading as MEDLINE prints it, ``Heading/*qualifier/qualifier`` with a star where it is a major topic.

    Examples
    --------
    >>> read_mesh("Depression/*drug therapy/psychology")
    MeshTerm(name='Depression', ui=None, is_major=True, qualifiers=('drug therapy', 'psychology'))
    """
    name, *qualifiers = (part.replace("*", "").strip() for part in text.split("/"))
    if not name:
        return None
    return MeshTerm(name=name, is_major="*" in text, qualifiers=tuple(part for part in qualifiers if part))


def split_list(text: str | None) -> list[str]:
    """Divide a cell that holds a list: ``a; b``, ``a | b``, or as Python and R print lists.

    Examples
    --------
    >>> split_list("['Sleep, deep', 'Mood']"), split_list("Mood; Sleep, deep")
    (['Sleep, deep', 'Mood'], ['Mood', 'Sleep, deep'])
    """
    whole = (text or "").strip()
    if whole.startswith("[") and whole.endswith("]"):
        parts = [first or second for first, second in re.findall(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", whole)]
    else:
        parts = re.split(r"\s*[;|\n]\s*", whole)
    return [word for part in parts if (word := collapse(part)) is not None]


def choose_date(dates: Iterable[str | None], years: Iterable[str | None]) -> str | None:
    """Choose the most precise of some dates that do not contradict the year, where a year is stated.

    Parameters
    ----------
    dates
        Dates as printed; one without a year ("AUG 5") is completed by the year.
    years
        Years as printed, the first that is one counts.

    Examples
    --------
    >>> choose_date(["AUG"], ["1999"]), choose_date(["2021/04/21/"], ["2021"]), choose_date(["2020-01-01"], ["2021"])
    ('1999-08', '2021-04-21', '2021')
    """
    stated = next((date for date in map(parse_date, years) if date is not None), None)
    found = [stated]
    for text in dates:
        date = parse_date(text)
        if date is None and stated is not None and text:
            date = parse_date(f"{stated[:4]} {text.replace('/', ' ')}")
        if date is not None and (stated is None or date[:4] == stated[:4]):
            found.append(date)
    return max((date for date in found if date is not None), key=len, default=None)
