"""A minimal reading of one PubMed record, for searching it and for its other output formats.

This is not the program's parser and must never become it: the server is independent of the code that is tested
against it, so it reads the XML in its own simple way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from xml.etree import ElementTree

_PMID = re.compile(rb"<PMID\b[^>]*>\s*0*([0-9]+)\s*</PMID>")
_TAGS = re.compile(rb"<[^>]*>")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_SEASONS = {"winter": 1, "spring": 4, "summer": 7, "fall": 10, "autumn": 10}
# PubMed's date fields and the PubStatus of the History element that holds them.
_HISTORY = {"crdt": b"entrez", "edat": b"pubmed", "mhda": b"medline"}
_DAY = rb"\s*<Year>\s*([0-9]{4})\s*</Year>\s*<Month>\s*([0-9]{1,2})\s*</Month>\s*<Day>\s*([0-9]{1,2})\s*</Day>"
_DATES = {
    **{
        name: re.compile(rb"<PubMedPubDate\s+PubStatus\s*=\s*[\"']" + status + rb"[\"']\s*>" + _DAY)
        for name, status in _HISTORY.items()
    },
    "mdat": re.compile(rb"<DateRevised>" + _DAY),
    "dcom": re.compile(rb"<DateCompleted>" + _DAY),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author as PubMed's formats name one; a group has only `collective`."""

    family: str = ""
    given: str = ""
    initials: str = ""
    collective: str = ""

    @property
    def short(self) -> str:
        """The name as the author index has it: ``Family AB``, or the group's name."""
        return self.collective or f"{self.family} {self.initials}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the server knows of one record; an empty value means that the record does not say."""

    pmid: str
    title: str = ""
    vernacular_title: str = ""
    abstract: tuple[tuple[str, str], ...] = ()  # (label or "", text)
    other_abstract: str = ""
    people: tuple[Person, ...] = ()
    affiliations: tuple[str, ...] = ()
    journal: str = ""
    abbreviation: str = ""
    issns: tuple[str, ...] = ()
    volume: str = ""
    issue: str = ""
    pages: str = ""
    languages: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    mesh: tuple[tuple[str, tuple[str, ...], bool], ...] = ()  # (heading, qualifiers, whether a major topic)
    chemicals: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    identifiers: dict[str, str] = field(default_factory=dict)  # doi, pii, pmc
    registrations: tuple[str, ...] = ()
    relations: tuple[tuple[str, str, str], ...] = ()  # (RefType, source, PMID or "")
    publication_date: str = ""  # as printed: "2026 Nov 5"
    status: str = ""  # ppublish, epublish, aheadofprint


def read_pmid(xml: bytes) -> str:
    """Return the PMID of a record, also of a broken one; "" where there is none."""
    match = _PMID.search(xml)
    return match.group(1).decode() if match else ""


def read_dates(xml: bytes) -> dict[str, tuple[date, ...]]:
    """Return a record's dates by PubMed's field names (crdt, edat, mhda, mdat, dcom), also in a broken record.

    A field that the record lacks is absent, and so is a date that the calendar does not have.
    """
    dates: dict[str, tuple[date, ...]] = {}
    for name, pattern in _DATES.items():
        match = pattern.search(xml)
        day = _day(*(int(part) for part in match.groups())) if match else None
        if day is not None:
            dates[name] = (day,)
    return dates


def read_record(xml: bytes) -> tuple[Reading, tuple[date, ...]]:
    """Read a record and its publication dates.

    A record that is not well-formed gives what can still be searched: its PMID and its text without tags.
    """
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314 - as above
    except ElementTree.ParseError:
        text = _TAGS.sub(b" ", xml).decode("utf-8", "replace")
        return Reading(pmid=read_pmid(xml), abstract=(("", " ".join(text.split())),)), ()
    return _reading(root), _publication_dates(root)


def parse_day(text: str) -> tuple[date, date] | None:
    """Read ``2026``, ``2026/11`` or ``2026/11/05`` (also with hyphens) as its first and last day.

    None if the text is no date.  Years are bounded as `datetime.date` bounds them; PubMed's open end ``3000`` is fine.
    """
    match = re.fullmatch(r"\s*([0-9]{4})(?:[/-]([0-9]{1,2})(?:[/-]([0-9]{1,2}))?)?\s*", text)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    first = _day(year or 1, month or 1, day or 1)
    if first is None:
        return None
    if day is not None:
        return first, first
    following = _day(first.year + 1, 1, 1) if month in (None, 12) else _day(first.year, first.month + 1, 1)
    return first, date.fromordinal(following.toordinal() - 1) if following else date.max


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def plain(element: ElementTree.Element | None) -> str:
    """Return an element's text without markup, white space collapsed; "" for None."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _all(root: ElementTree.Element, path: str) -> tuple[str, ...]:
    return tuple(text for text in (plain(element) for element in root.iterfind(path)) if text)


def _first(root: ElementTree.Element, *paths: str) -> str:
    return next((text for path in paths if (text := plain(root.find(path)))), "")


def _reading(root: ElementTree.Element) -> Reading:
    article = root.find("./MedlineCitation/Article")
    article = article if article is not None else root.find("./BookDocument")
    article = article if article is not None else root
    return Reading(
        pmid=_first(root, "./MedlineCitation/PMID", "./BookDocument/PMID"),
        title=_first(article, "./ArticleTitle", "./Book/BookTitle"),
        vernacular_title=_first(article, "./VernacularTitle"),
        abstract=tuple((part.get("Label", ""), plain(part)) for part in article.iterfind("./Abstract/AbstractText")),
        other_abstract=" ".join(_all(root, ".//OtherAbstract/AbstractText")),
        people=tuple(_person(author) for author in article.iterfind("./AuthorList/Author")),
        affiliations=_all(article, "./AuthorList/Author/AffiliationInfo/Affiliation"),
        journal=_first(article, "./Journal/Title", "./Book/BookTitle"),
        abbreviation=_first(root, "./MedlineCitation/MedlineJournalInfo/MedlineTA", ".//Journal/ISOAbbreviation"),
        issns=tuple(dict.fromkeys((*_all(root, ".//Journal/ISSN"), *_all(root, ".//ISSNLinking")))),
        volume=_first(article, "./Journal/JournalIssue/Volume"),
        issue=_first(article, "./Journal/JournalIssue/Issue"),
        pages=_first(article, "./Pagination/MedlinePgn", "./Pagination/StartPage"),
        languages=_all(article, "./Language"),
        publication_types=_all(article, "./PublicationTypeList/PublicationType") or _all(article, "./PublicationType"),
        mesh=tuple(_heading(heading) for heading in root.iterfind(".//MeshHeadingList/MeshHeading")),
        chemicals=_all(root, ".//ChemicalList/Chemical/NameOfSubstance"),
        keywords=_all(root, ".//KeywordList/Keyword"),
        identifiers=_identifiers(root),
        registrations=_all(root, ".//DataBankList/DataBank/AccessionNumberList/AccessionNumber"),
        relations=tuple(
            (note.get("RefType", ""), plain(note.find("RefSource")), plain(note.find("PMID")))
            for note in root.iterfind(".//CommentsCorrectionsList/CommentsCorrections")
        ),
        publication_date=_printed_date(root),
        status=_first(root, "./PubmedData/PublicationStatus", "./PubmedBookData/PublicationStatus"),
    )


def _person(author: ElementTree.Element) -> Person:
    return Person(
        family=plain(author.find("LastName")),
        given=plain(author.find("ForeName")),
        initials=plain(author.find("Initials")),
        collective=plain(author.find("CollectiveName")),
    )


def _heading(heading: ElementTree.Element) -> tuple[str, tuple[str, ...], bool]:
    major = any(part.get("MajorTopicYN") == "Y" for part in heading)
    return plain(heading.find("DescriptorName")), _all(heading, "./QualifierName"), major


def _identifiers(root: ElementTree.Element) -> dict[str, str]:
    identifiers = {
        name: plain(element)
        for element in root.iterfind(".//ELocationID")
        if (name := element.get("EIdType", "")) and element.get("ValidYN", "Y") == "Y"
    }
    for path in ("./PubmedData/ArticleIdList/ArticleId", ".//BookDocument/ArticleIdList/ArticleId"):
        identifiers.update({element.get("IdType", ""): plain(element) for element in root.iterfind(path)})
    kept = ("doi", "pii", "pmc", "bookaccession")
    return {name: value for name, value in identifiers.items() if name in kept and value}


def _printed_date(root: ElementTree.Element) -> str:
    pub_date = root.find(".//PubDate")
    return "" if pub_date is None else " ".join(text for part in pub_date if (text := plain(part)))


def _publication_dates(root: ElementTree.Element) -> tuple[date, ...]:
    """Return the days that PubMed's [dp] knows: of the issue and of the electronic publication."""
    days = []
    for element in (root.find(".//PubDate"), root.find(".//Article/ArticleDate")):
        if element is None:
            continue
        words = re.findall(r"[A-Za-z]+|[0-9]+", " ".join(plain(part) for part in element))
        years = [int(word) for word in words if re.fullmatch(r"[0-9]{4}", word)]
        if not years:
            continue
        month = next((number for word in words if (number := _month(word))), 1)
        day = next((int(word) for word in reversed(words[2:]) if re.fullmatch(r"[0-9]{1,2}", word)), 1)
        days.append(_day(years[0], month, day) or date(years[0], month, 1))
    return tuple(days)


def _month(word: str) -> int | None:
    if re.fullmatch(r"0?[1-9]|1[0-2]", word):
        return int(word)
    return _MONTHS.get(word[:3].lower()) or _SEASONS.get(word.lower())
