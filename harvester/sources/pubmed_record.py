"""One PubMed record: its XML element in, a `Record` out.

Element names and their meaning: NLM's PubMed DTD, https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/.  Elements
that are not named here are passed over, wherever they stand; what is read is read from its own place only (a
paper's DOI from its own lists, never from those of its references).

Only plain children are looked up (``find("Name")``), never paths: that is what the C implementation does fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from xml.etree.ElementTree import Element

from harvester.records import AbstractSection, Author, Identifiers, MeshTerm, Record, Relation
from harvester.text import (
    build_date,
    collapse,
    find_trial_ids,
    normalise_doi,
    normalise_pmcid,
    normalise_pmid,
    parse_month,
)

PUBMED_PAGE = "https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
KEPT_MARKUP = frozenset(("i", "b", "em", "strong", "sub", "sup"))

# A file names the same few thousand days over and over.
_build_date = lru_cache(maxsize=8192)(build_date)
_NOTHING = Element("nothing")  # stands in for an absent parent: it has no children, text or attributes
_DOI_FIELD = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+)", re.IGNORECASE)
_ORCID = re.compile(r"([0-9]{4})-?([0-9]{4})-?([0-9]{4})-?([0-9]{3}[0-9X])", re.IGNORECASE)
# "1998 Dec-1999 Jan", "2000 Spring", "1976 Jul 10-24", "Winter 1998", "15 Dec 1998": the first date named counts.
_FREE_DATE = re.compile(
    r"(?:(?:(?P<day_before>[0-9]{1,2})\s+)?(?P<month_before>[A-Za-z]{3,9})\.?\s+)?(?<![0-9])(?P<year>(?:1[5-9]|2[01])[0-9]{2})(?![0-9])"
    r"(?:\s+(?P<month>[A-Za-z]{3,9})\.?(?:\s+(?P<day>[0-9]{1,2})(?![0-9]))?)?"
)
# A publisher item identifier in its standard form ("S0140-6736(26)00001-2") numbers an item, not a page.
_STANDARD_PII = re.compile(r"[SB]?[0-9]{4}-?[0-9]{3}[0-9X]\(?[0-9]{2}\)?[0-9]{5}-?[0-9X]", re.IGNORECASE)
# A text with none of these names no registration that `find_trial_ids` knows; looking for them first is cheap.
# CTR stands for ACTRN, ChiCTR, CTRI, PACTR and TCTR, RCT for ISRCTN, IRCT and jRCT, 20 for the years in EudraCT's.
_TRIAL_MARKS = ("NCT", "CTR", "RCT", "DRKS", "UMIN", "NTR", "NL", "KCT", "RBR-", "CRD")
_EUDRACT = re.compile(r"20[0-9][0-9]-[0-9]{6}")
# DataBankName also names gene, protein and data archives; these are the registries of studies in NLM's list
# (https://www.nlm.nih.gov/bsd/medline_databank_source.html), compared without case, spaces and punctuation.
_REGISTRIES = frozenset(
    (
        *("clinicaltrialsgov", "isrctn", "actrn", "anzctr", "eudract", "euctr", "ctis", "chictr", "drks", "ctri"),
        *("umin", "umincctr", "uminctr", "jrct", "jprn", "japiccti", "irct", "ntr", "pactr", "cris", "kct", "tctr"),
        *("rebec", "rbr", "rpcec", "slctr", "repec", "per", "lbctr", "itmctr", "prospero"),
    )
)


def read_record(element: Element) -> Record:
    """Read one record.

    Parameters
    ----------
    element
        A ``PubmedArticle``, ``PubmedBookArticle`` or (in files before 2016) ``MedlineCitation``.

    Returns
    -------
    Record
        With ``source="pubmed"`` and the PMID as ``source_key``.

    Raises
    ------
    ValueError
        If the record has no PMID, or a value that no record may have.
    """
    if element.tag == "PubmedBookArticle":
        return _read_book(element)
    return _read_article(element)


def _read_article(element: Element) -> Record:
    citation = element if element.tag == "MedlineCitation" else _child(element, "MedlineCitation")
    data = _child(element, "PubmedData")
    article = _child(citation, "Article")
    journal = _child(article, "Journal")
    issue = _child(journal, "JournalIssue")
    info = _child(citation, "MedlineJournalInfo")
    locations = article.findall("ELocationID")
    own_ids = _child(data, "ArticleIdList")
    pmid = _read_pmid(citation)
    title = article.find("ArticleTitle")
    abstract = _read_abstract(article.find("Abstract"))
    author_list = _child(article, "AuthorList")
    created, entered = _read_history(data)
    online = _first(
        _read_date(date)
        for date in article.findall("ArticleDate")
        if date.get("DateType", "Electronic") == "Electronic"
    )
    return Record(
        source="pubmed",
        source_key=pmid,
        title=_text(title),
        title_markup=_markup(title),
        vernacular_title=_text(article.find("VernacularTitle")),
        authors=_read_authors(author_list),
        authors_complete=author_list.get("CompleteYN") != "N",
        journal=_text(journal.find("Title")),
        journal_abbreviation=_text(journal.find("ISOAbbreviation")) or _text(info.find("MedlineTA")),
        issns=_texts((*journal.findall("ISSN"), *info.findall("ISSNLinking"))),
        published=_read_date(issue.find("PubDate")) or online or entered or created,
        published_online=online,
        volume=_text(issue.find("Volume")),
        issue=_text(issue.find("Issue")),
        pages=_read_pages(_child(article, "Pagination"), locations),
        identifiers=Identifiers(pmid=pmid, doi=_read_doi(locations, own_ids), pmcid=_read_pmcid(own_ids, citation)),
        trial_ids=_read_trial_ids(_child(article, "DataBankList"), abstract),
        url=PUBMED_PAGE.format(pmid=pmid),
        languages=_texts(article.findall("Language")),
        abstract=abstract,
        other_abstracts=_read_other_abstracts(citation.findall("OtherAbstract")),
        publication_types=_texts(_child(article, "PublicationTypeList")),
        mesh_terms=_read_mesh(_child(citation, "MeshHeadingList")),
        chemicals=_texts(_grandchildren(citation, "ChemicalList", "NameOfSubstance")),
        keywords=_read_keywords(citation),
        relations=_read_relations(_child(citation, "CommentsCorrectionsList")),
        publication_status=_text(data.find("PublicationStatus")),
        created=created or _read_day(citation.find("DateCreated")),
        entered=entered,
        revised=_read_day(citation.find("DateRevised")),
    )


def _read_book(element: Element) -> Record:
    """Read a book or a chapter; a chapter has a title of its own, and its book is then what a journal is."""
    document = _child(element, "BookDocument")
    data = _child(element, "PubmedBookData")
    book = _child(document, "Book")
    own_ids = _child(document, "ArticleIdList")
    pmid = _read_pmid(document)
    chapter, book_title = document.find("ArticleTitle"), book.find("BookTitle")
    is_chapter = _text(chapter) is not None
    title = chapter if is_chapter else book_title
    abstract = _read_abstract(document.find("Abstract"))
    lists = [
        names
        for names in (*document.findall("AuthorList"), *book.findall("AuthorList"))
        if names.get("Type") != "editors"
    ]
    author_list = lists[0] if lists else _NOTHING
    created, entered = _read_history(data)
    return Record(
        source="pubmed",
        source_key=pmid,
        title=_text(title),
        title_markup=_markup(title),
        vernacular_title=_text(document.find("VernacularTitle")),
        authors=_read_authors(author_list),
        authors_complete=author_list.get("CompleteYN") != "N",
        journal=(_text(book_title) if is_chapter else None) or _text(_child(book, "Publisher").find("PublisherName")),
        published=_read_date(book.find("PubDate"))
        or _read_date(document.find("ContributionDate"))
        or entered
        or created,
        volume=_text(book.find("Volume")),
        pages=_read_pages(_child(document, "Pagination"), ()),
        identifiers=Identifiers(
            pmid=pmid,
            doi=_read_doi(book.findall("ELocationID"), own_ids, _child(data, "ArticleIdList")),
            pmcid=_read_pmcid(own_ids, document),
        ),
        trial_ids=_read_trial_ids(_NOTHING, abstract),
        url=PUBMED_PAGE.format(pmid=pmid),
        languages=_texts(document.findall("Language")),
        abstract=abstract,
        publication_types=_texts(document.findall("PublicationType")),
        keywords=_read_keywords(document),
        publication_status=_text(data.find("PublicationStatus")),
        created=created,
        entered=entered,
        revised=_read_day(document.find("DateRevised")),
    )


def _child(element: Element, tag: str) -> Element:
    found = element.find(tag)
    return _NOTHING if found is None else found


def _grandchildren(element: Element, parent: str, tag: str) -> list[Element]:
    return [name for item in _child(element, parent) for name in item.findall(tag)]


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value is not None), None)


def _text(element: Element | None) -> str | None:
    """Give all the text inside an element, markup dropped and white space collapsed; None if there is none."""
    if element is None:
        return None
    text = "".join(element.itertext()) if len(element) else element.text
    if not text:
        return None
    # Most texts are single words, and most of the others tidy; seeing that is quicker than taking them apart.
    if text.isalnum():
        return text
    if text.isascii() and text.isprintable() and "  " not in text and text[0] != " " != text[-1]:
        return text
    return collapse(text)


def _texts(elements: Iterable[Element]) -> tuple[str, ...]:
    """Give the texts of elements in order, each once, without the empty ones."""
    texts = [_text(element) for element in elements]
    return tuple(dict.fromkeys([text for text in texts if text is not None])) if texts else ()


def _markup(element: Element | None) -> str | None:
    """Give a title with the markup we keep and everything else escaped; None if it has no such markup."""
    if element is None or not any(child.tag in KEPT_MARKUP for child in element.iter()):
        return None
    return collapse(_marked(element))


def _marked(element: Element) -> str:
    parts = [escape(element.text or "", quote=False)]
    for child in element:
        inner = _marked(child)
        parts.append(f"<{child.tag}>{inner}</{child.tag}>" if child.tag in KEPT_MARKUP else inner)
        parts.append(escape(child.tail or "", quote=False))
    return "".join(parts)


def _read_pmid(element: Element) -> str:
    named = element.findall("PMID")  # one; several would be versions of each other, and the last is the newest
    text = _text(named[-1]) if named else None
    pmid = normalise_pmid(text)
    if pmid is None:
        raise ValueError("it has no PMID" if text is None else f"{text!r} is not a PMID")
    return pmid


def _read_authors(author_list: Element) -> tuple[Author, ...]:
    """Read people and groups in order, without the nameless and those that NLM marks as wrong (ValidYN)."""
    authors = []
    for element in author_list:
        if element.tag != "Author" or element.get("ValidYN") == "N":
            continue
        part = {child.tag: child for child in element}.get
        given, collective = _text(part("ForeName")), _text(part("CollectiveName"))
        family = _text(part("LastName")) or (None if collective else given)
        if not family and not collective:
            continue
        affiliations = _read_affiliations(element) if part("AffiliationInfo", part("Affiliation")) is not None else ()
        if family:
            author = Author(
                family=family,
                given=given,
                initials=_text(part("Initials")),
                suffix=_text(part("Suffix")),
                orcid=None if part("Identifier") is None else _read_orcid(element),
                affiliations=affiliations,
            )
        else:
            author = Author(collective=collective, affiliations=affiliations)
        authors.append(author)
    return tuple(authors)


def _read_affiliations(author: Element) -> tuple[str, ...]:
    # Before 2015 an author had one affiliation at most, without AffiliationInfo around it.
    found = author.findall("Affiliation")
    for place in author.findall("AffiliationInfo"):
        found += place.findall("Affiliation")
    return _texts(found)


def _read_orcid(author: Element) -> str | None:
    for identifier in author.findall("Identifier"):
        found = _ORCID.search(identifier.text or "") if identifier.get("Source") == "ORCID" else None
        if found is not None:
            return "-".join(found.groups()).upper()
    return None


def _read_abstract(abstract: Element | None) -> tuple[AbstractSection, ...]:
    if abstract is None:
        return ()
    return tuple(
        AbstractSection(text=text, label=collapse(part.get("Label")), category=collapse(part.get("NlmCategory")))
        for part in abstract.findall("AbstractText")
        if (text := _text(part)) is not None
    )


def _read_other_abstracts(abstracts: Iterable[Element]) -> tuple[AbstractSection, ...]:
    """Read translations and plain-language summaries; NLM's type "Publisher" says nothing, so its language does."""
    sections = []
    for abstract in abstracts:
        kind, language = collapse(abstract.get("Type")), collapse(abstract.get("Language"))
        label = language or kind if kind in (None, "Publisher") else kind
        sections += [
            AbstractSection(
                text=f"{part.label}: {part.text}" if part.label else part.text,
                label=label,
                category=part.category,
            )
            for part in _read_abstract(abstract)
        ]
    return tuple(sections)


def _read_date(element: Element | None) -> str | None:
    """Read a date as precise as its source has it; of a range, its beginning."""
    if element is None:
        return None
    year = _text(element.find("Year"))
    if year is not None:
        season = _text(element.find("Season"))
        if season is None:
            date = _build_date(year, _text(element.find("Month")), _text(element.find("Day")))
        else:
            date = _read_free_date(f"{year} {season}")
        if date is not None:
            return date
    return _read_free_date(_text(element.find("MedlineDate")) or year or "")


def _read_free_date(text: str) -> str | None:
    found = _FREE_DATE.search(text)
    if found is None:
        return None
    if parse_month(found["month"]) is None and parse_month(found["month_before"]) is not None:
        return build_date(found["year"], found["month_before"], found["day_before"])
    return build_date(found["year"], found["month"], found["day"])


def _read_day(element: Element | None) -> str | None:
    """Read one of PubMed's own dates, which are whole days; anything less is none."""
    if element is None:
        return None
    date = _build_date(element.findtext("Year"), element.findtext("Month"), element.findtext("Day"))
    return date if date is not None and len(date) == len("2026-11-05") else None


def _read_history(data: Element) -> tuple[str | None, str | None]:
    """Give the days when PubMed made the record ("entrez") and when it entered PubMed ("pubmed")."""
    created = entered = None
    for date in _child(data, "History"):
        status = date.get("PubStatus")
        if status == "entrez":
            created = created or _read_day(date)
        elif status == "pubmed":
            entered = entered or _read_day(date)
    return created, entered


def _read_pages(pagination: Element, locations: Iterable[Element]) -> str | None:
    """Give the pages as printed, else the article number that electronic journals have instead."""
    pages = _text(pagination.find("MedlinePgn"))
    if pages is not None:
        return pages
    start, end = _text(pagination.find("StartPage")), _text(pagination.find("EndPage"))
    if start is not None:
        return start if end is None or end == start else f"{start}-{end}"
    numbers = (_text(place) for place in locations if place.get("EIdType") == "pii" and place.get("ValidYN") != "N")
    return _first(number for number in numbers if number is not None and not _STANDARD_PII.fullmatch(number))


def _read_doi(locations: Iterable[Element], *id_lists: Element) -> str | None:
    """Give the paper's own DOI: where it is located, else from the article's list of identifiers."""
    located = [place for place in locations if place.get("EIdType") == "doi" and place.get("ValidYN") != "N"]
    listed = [item for items in id_lists for item in items.findall("ArticleId") if item.get("IdType") == "doi"]
    return _first(_normalise_doi_field(_text(item)) for item in (*located, *listed))


def _normalise_doi_field(text: str | None) -> str | None:
    """Normalise a DOI that stands alone.

    In running text a DOI ends at ``<``; in a field it does not: many of 1996 to 2003 contain angle brackets
    ("10.1002/(SICI)1097-0258(19970515)16:9<965::AID-SIM509>3.0.CO;2-O").
    """
    if text is None:
        return None
    found = _DOI_FIELD.fullmatch(text)
    if found is None or "<" not in text:
        return normalise_doi(text)
    return found.group(1).lower()


def _read_pmcid(own_ids: Element, citation: Element) -> str | None:
    listed = [item.text for item in own_ids.findall("ArticleId") if item.get("IdType") == "pmc"]
    # Files before 2016 have no list of identifiers: <OtherID Source="NLM">PMC123 [Available on 12/22/16]</OtherID>.
    older = [item.text.partition("[")[0] for item in citation.findall("OtherID") if item.text]
    return _first(map(normalise_pmcid, (*listed, *older)))


def _read_trial_ids(banks: Element, abstract: tuple[AbstractSection, ...]) -> tuple[str, ...]:
    """Give the registrations NLM lists and those named in the abstract, each once."""
    found: list[str] = []
    for bank in banks:
        name = re.sub(r"[^a-z]", "", (_text(bank.find("DataBankName")) or "").lower())
        if name in _REGISTRIES:
            for number in _texts(_child(bank, "AccessionNumberList")):
                found += find_trial_ids(number) or (number,)
    for section in abstract:
        text = section.text
        if any(mark in text for mark in _TRIAL_MARKS) or _EUDRACT.search(text):
            found += find_trial_ids(text)
    return tuple(dict.fromkeys(found)) if found else ()


def _read_mesh(headings: Element) -> tuple[MeshTerm, ...]:
    terms = []
    for heading in headings:
        descriptor = heading.find("DescriptorName")
        name = _text(descriptor)
        if descriptor is None or name is None:
            continue
        qualifiers = heading.findall("QualifierName")
        is_major = "Y" in [part.get("MajorTopicYN") for part in (descriptor, *qualifiers)]
        terms.append(
            MeshTerm(
                name=name,
                ui=descriptor.get("UI") or None,
                is_major=is_major,
                qualifiers=_texts(qualifiers) if qualifiers else (),
            )
        )
    return tuple(terms)


def _read_keywords(citation: Element) -> tuple[str, ...]:
    return _texts(word for words in citation.findall("KeywordList") for word in words.findall("Keyword"))


def _read_relations(items: Element) -> tuple[Relation, ...]:
    """Read comments, corrections, retractions and versions; the other paper's PMID is often absent."""
    relations = []
    for item in items:
        kind = item.get("RefType")
        if kind is None:
            continue
        reference = _text(item.find("RefSource"))
        relations.append(
            Relation(
                kind=kind,
                pmid=normalise_pmid(_text(item.find("PMID"))),
                doi=normalise_doi(reference) if reference and "10." in reference else None,
                reference=reference,
                note=_text(item.find("Note")),
            )
        )
    return tuple(relations)
