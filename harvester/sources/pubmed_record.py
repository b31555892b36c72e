"""One PubMed record: its XML in, a `Record` out.

Element names and their meaning: NLM's PubMed DTD, https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/.  Elements
that are not named here are passed over, wherever they stand; what is read is read from its own place only (a
paper's DOI from its own lists, never from those of its references).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from harvester.records import AbstractSection, Author, Identifiers, MeshTerm, Record, Relation
from harvester.sources.xml_text import find_elements, read_attributes, read_markup, read_text
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

# A file names the same few thousand days over and over.
_build_date = lru_cache(maxsize=8192)(build_date)
_DOI_FIELD = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+)", re.IGNORECASE)
_ORCID = re.compile(r"([0-9]{4})-?([0-9]{4})-?([0-9]{4})-?([0-9]{3}[0-9X])", re.IGNORECASE)
# "1998 Dec-1999 Jan", "2000 Spring", "1976 Jul 10-24", "Winter 1998", "15 Dec 1998": the first date named counts.
_FREE_DATE = re.compile(
    r"(?:(?:(?P<day_before>[0-9]{1,2})\s+)?(?P<month_before>[A-Za-z]{3,9})\.?\s+)?(?<![0-9])(?P<year>(?:1[5-9]|2[01])[0-9]{2})(?![0-9])"
    r"(?:\s+(?P<month>[A-Za-z]{3,9})\.?(?:\s+(?P<day>[0-9]{1,2})(?![0-9]))?)?"
)
# A publisher item identifier in its standard form ("S0140-6736(26)00001-2") numbers an item, not a page.
_STANDARD_PII = re.compile(r"[SB]?[0-9]{4}-?[0-9]{3}[0-9X]\(?[0-9]{2}\)?[0-9]{5}-?[0-9X]", re.IGNORECASE)
# Every registry's numbers have four digits in a row, but for some of the Dutch (NTR…) and Brazil's (RBR-…); looking
# for those first is cheap.
_FOUR_DIGITS = re.compile(r"[0-9][0-9][0-9][0-9]")
# These attributes differ from heading to heading, so that reading all of them each time would be slow.
_UI = re.compile(r"UI\s*=\s*[\"']([^\"'\s]+)[\"']")
_MAJOR = re.compile(r"MajorTopicYN\s*=\s*[\"']Y[\"']")
# DataBankName also names gene, protein and data archives; these are the registries of studies in NLM's list
# (https://www.nlm.nih.gov/bsd/medline_databank_source.html), compared without case, spaces and punctuation.
_REGISTRIES = frozenset(
    (
        *("clinicaltrialsgov", "isrctn", "actrn", "anzctr", "eudract", "euctr", "ctis", "chictr", "drks", "ctri"),
        *("umin", "umincctr", "uminctr", "jrct", "jprn", "japiccti", "irct", "ntr", "pactr", "cris", "kct", "tctr"),
        *("rebec", "rbr", "rpcec", "slctr", "repec", "per", "lbctr", "itmctr", "prospero"),
    )
)
# What is read of a record, of each part, and so on.  References are named so that what is in them stays out of the
# way; so are comments and corrections, which hold the PMIDs of other papers.
_ARTICLE = (
    "PMID|Journal|ArticleTitle|VernacularTitle|Pagination|ELocationID|Abstract|AuthorList|Language|DataBankList"
    "|PublicationTypeList|ArticleDate|DateCreated|DateRevised|MedlineTA|ISSNLinking|ChemicalList|OtherID"
    "|CommentsCorrectionsList|MeshHeadingList|OtherAbstract|KeywordList|History|PublicationStatus|ArticleIdList"
    "|InvestigatorList|GeneralNote|ReferenceList"
)
_DOCUMENT = (
    "PMID|Book|ArticleTitle|VernacularTitle|Pagination|Abstract|AuthorList|Language|PublicationType|KeywordList"
    "|ContributionDate|DateRevised|History|PublicationStatus|ArticleIdList|InvestigatorList|Sections|ReferenceList"
)
_BOOK = "PublisherName|BookTitle|PubDate|AuthorList|InvestigatorList|Volume|ELocationID"
_JOURNAL = "ISSN|Volume|Issue|PubDate|Title|ISOAbbreviation"
_AUTHOR = "LastName|ForeName|Initials|Suffix|CollectiveName|Identifier|Affiliation"
_DATE = "Year|Month|Day|Season|MedlineDate"
_PAGES = "StartPage|EndPage|MedlinePgn"

_Parts = dict[str, list[tuple[str, str]]]  # attributes and content of the elements of a name


def read_record(text: str) -> Record:
    """Read one record.

    Parameters
    ----------
    text
        A ``PubmedArticle``, ``PubmedBookArticle`` or (in files before 2016) ``MedlineCitation``, well-formed and
        simplified.

    Returns
    -------
    Record
        With ``source="pubmed"`` and the PMID as ``source_key``.

    Raises
    ------
    ValueError
        If the record has no PMID, or a value that no record may have.
    """
    return _read_book(text) if text.startswith("<PubmedBookArticle") else _read_article(text)


def _read_article(text: str) -> Record:
    parts = _read_parts(text, _ARTICLE)
    journal = _read_parts(_content(parts, "Journal"), _JOURNAL)
    pmid = _read_pmid(parts)
    title = _content(parts, "ArticleTitle")
    abstract = _read_abstract(_content(parts, "Abstract"))
    listed = _read_parts(_content(parts, "ArticleIdList"), "ArticleId").get("ArticleId", [])
    located = parts.get("ELocationID", [])
    created, entered = _read_history(_content(parts, "History"))
    online = _read_online(parts)
    return Record(
        source="pubmed",
        source_key=pmid,
        title=read_text(title),
        title_markup=read_markup(title),
        vernacular_title=_text(parts, "VernacularTitle"),
        authors=_read_authors(_content(parts, "AuthorList")),
        authors_complete=_attribute(parts, "AuthorList", "CompleteYN") != "N",
        journal=_text(journal, "Title"),
        journal_abbreviation=_text(journal, "ISOAbbreviation") or _text(parts, "MedlineTA"),
        issns=_unique([*_texts(journal, "ISSN"), *_texts(parts, "ISSNLinking")]),
        published=_read_date(_content(journal, "PubDate")) or online or entered or created,
        published_online=online,
        volume=_text(journal, "Volume"),
        issue=_text(journal, "Issue"),
        pages=_read_pages(_content(parts, "Pagination"), located),
        identifiers=Identifiers(pmid=pmid, doi=_read_doi(located, listed), pmcid=_read_pmcid(parts, listed)),
        trial_ids=_read_trial_ids(_content(parts, "DataBankList"), abstract),
        url=PUBMED_PAGE.format(pmid=pmid),
        languages=_unique(_texts(parts, "Language")),
        abstract=abstract,
        other_abstracts=_read_other_abstracts(parts),
        publication_types=_read_list(parts, "PublicationTypeList", "PublicationType"),
        mesh_terms=_read_mesh(_content(parts, "MeshHeadingList")),
        chemicals=_read_list(parts, "ChemicalList", "NameOfSubstance"),
        keywords=_read_list(parts, "KeywordList", "Keyword"),
        relations=_read_relations(_content(parts, "CommentsCorrectionsList")),
        publication_status=_text(parts, "PublicationStatus"),
        created=created or _read_day(_content(parts, "DateCreated")),
        entered=entered,
        revised=_read_day(_content(parts, "DateRevised")),
    )


def _read_book(text: str) -> Record:
    """Read a book or a chapter; a chapter has a title of its own, and its book is then what a journal is."""
    parts = _read_parts(text, _DOCUMENT)
    book = _read_parts(_content(parts, "Book"), _BOOK)
    pmid = _read_pmid(parts)
    is_chapter = _text(parts, "ArticleTitle") is not None
    title = _content(parts, "ArticleTitle") if is_chapter else _content(book, "BookTitle")
    abstract = _read_abstract(_content(parts, "Abstract"))
    listed = [item for _, ids in parts.get("ArticleIdList", ()) for item in _read_parts(ids, "ArticleId")["ArticleId"]]
    lists = [*parts.get("AuthorList", ()), *book.get("AuthorList", ())]
    lists = [found for found in lists if read_attributes(found[0]).get("Type") != "editors"]
    attributes, author_list = lists[0] if lists else ("", "")
    created, entered = _read_history(_content(parts, "History"))
    published = _read_date(_content(book, "PubDate")) or _read_date(_content(parts, "ContributionDate"))
    doi = _read_doi(book.get("ELocationID", []), listed)
    return Record(
        source="pubmed",
        source_key=pmid,
        title=read_text(title),
        title_markup=read_markup(title),
        vernacular_title=_text(parts, "VernacularTitle"),
        authors=_read_authors(author_list),
        authors_complete=read_attributes(attributes).get("CompleteYN") != "N",
        journal=(_text(book, "BookTitle") if is_chapter else None) or _text(book, "PublisherName"),
        published=published or entered or created,
        volume=_text(book, "Volume"),
        pages=_read_pages(_content(parts, "Pagination"), []),
        identifiers=Identifiers(pmid=pmid, doi=doi, pmcid=_read_pmcid(parts, listed)),
        trial_ids=_read_trial_ids("", abstract),
        url=PUBMED_PAGE.format(pmid=pmid),
        languages=_unique(_texts(parts, "Language")),
        abstract=abstract,
        publication_types=_unique(_texts(parts, "PublicationType")),
        keywords=_read_list(parts, "KeywordList", "Keyword"),
        publication_status=_text(parts, "PublicationStatus"),
        created=created,
        entered=entered,
        revised=_read_day(_content(parts, "DateRevised")),
    )


def _read_parts(text: str, names: str) -> _Parts:
    parts: _Parts = {}
    for name, attributes, content in find_elements(text, names) if text else ():
        if name in parts:
            parts[name].append((attributes, content))
        else:
            parts[name] = [(attributes, content)]
    return parts


def _content(parts: _Parts, name: str) -> str:
    """Give the content of the first element of a name; empty if there is none."""
    found = parts.get(name)
    return found[0][1] if found else ""


def _attribute(parts: _Parts, name: str, attribute: str) -> str | None:
    found = parts.get(name)
    return read_attributes(found[0][0]).get(attribute) if found else None


def _text(parts: _Parts, name: str) -> str | None:
    found = parts.get(name)
    return read_text(found[0][1]) if found else None


def _texts(parts: _Parts, name: str) -> list[str]:
    """Give the texts of all elements of a name, without the empty ones."""
    return [text for _, content in parts.get(name, ()) if (text := read_text(content)) is not None]


def _read_list(parts: _Parts, name: str, item: str) -> tuple[str, ...]:
    """Give the texts of the items of all lists of a name, each once."""
    contents = [content for _, content in parts.get(name, ())]
    return _unique([text for content in contents for text in _texts(_read_parts(content, item), item)])


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value is not None), None)


def _read_pmid(parts: _Parts) -> str:
    # There is one; several would be versions of each other, and the last is the newest.
    named = _texts(parts, "PMID")
    pmid = normalise_pmid(named[-1]) if named else None
    if pmid is None:
        raise ValueError(f"{named[-1]!r} is not a PMID" if named else "it has no PMID")
    return pmid


def _read_authors(author_list: str) -> tuple[Author, ...]:
    """Read people and groups in order, without the nameless and those that NLM marks as wrong (ValidYN)."""
    authors = []
    for _, attributes, content in find_elements(author_list, "Author"):
        if read_attributes(attributes).get("ValidYN") == "N":
            continue
        names: dict[str, str | None] = {}
        affiliations: dict[str, None] = {}
        orcid: str | None = None
        for part, about, inner in find_elements(content, _AUTHOR):
            if part == "Identifier":
                orcid = orcid or _read_orcid(about, inner)
                continue
            text = read_text(inner)
            if part != "Affiliation":
                names[part] = text
            elif text is not None:
                affiliations[text] = None
        given, collective = names.get("ForeName"), names.get("CollectiveName")
        family = names.get("LastName") or (None if collective else given)
        if family:
            authors.append(
                Author(
                    family=family,
                    given=given,
                    initials=names.get("Initials"),
                    suffix=names.get("Suffix"),
                    orcid=orcid,
                    affiliations=tuple(affiliations),
                )
            )
        elif collective:
            authors.append(Author(collective=collective, affiliations=tuple(affiliations)))
    return tuple(authors)


def _read_orcid(attributes: str, text: str) -> str | None:
    found = _ORCID.search(text) if read_attributes(attributes).get("Source") == "ORCID" else None
    return "-".join(found.groups()).upper() if found else None


def _read_abstract(abstract: str) -> tuple[AbstractSection, ...]:
    sections = []
    for _, attributes, content in find_elements(abstract, "AbstractText"):
        text = read_text(content)
        if text is not None:
            about = read_attributes(attributes)
            label, category = collapse(about.get("Label")), collapse(about.get("NlmCategory"))
            sections.append(AbstractSection(text=text, label=label, category=category))
    return tuple(sections)


def _read_other_abstracts(parts: _Parts) -> tuple[AbstractSection, ...]:
    """Read translations and plain-language summaries; NLM's type "Publisher" says nothing, so its language does."""
    sections = []
    for attributes, content in parts.get("OtherAbstract", ()):
        about = read_attributes(attributes)
        kind, language = collapse(about.get("Type")), collapse(about.get("Language"))
        label = language or kind if kind in (None, "Publisher") else kind
        for part in _read_abstract(content):
            text = f"{part.label}: {part.text}" if part.label else part.text
            sections.append(AbstractSection(text=text, label=label, category=part.category))
    return tuple(sections)


def _read_date(text: str) -> str | None:
    """Read a date as precise as its source has it; of a range, its beginning."""
    if not text:
        return None
    parts = {name: read_text(content) for name, _, content in find_elements(text, _DATE)}
    year = parts.get("Year")
    if year is not None:
        season = parts.get("Season")
        if season is None:
            date = _build_date(year, parts.get("Month"), parts.get("Day"))
        else:
            date = _read_free_date(f"{year} {season}")
        if date is not None:
            return date
    return _read_free_date(parts.get("MedlineDate") or year or "")


def _read_free_date(text: str) -> str | None:
    found = _FREE_DATE.search(text)
    if found is None:
        return None
    if parse_month(found["month"]) is None and parse_month(found["month_before"]) is not None:
        return build_date(found["year"], found["month_before"], found["day_before"])
    return build_date(found["year"], found["month"], found["day"])


def _read_online(parts: _Parts) -> str | None:
    """Read the day of the electronic publication, which is what an ArticleDate is unless it says otherwise."""
    dates = parts.get("ArticleDate", ())
    is_online = [read_attributes(attributes).get("DateType", "Electronic") == "Electronic" for attributes, _ in dates]
    return _first(_read_date(content) for (_, content), online in zip(dates, is_online, strict=True) if online)


def _read_day(text: str) -> str | None:
    """Read one of PubMed's own dates, which are whole days; anything less is none."""
    if not text:
        return None
    parts = {name: content for name, _, content in find_elements(text, _DATE)}
    date = _build_date(parts.get("Year"), parts.get("Month"), parts.get("Day"))
    return date if date is not None and len(date) == len("2026-11-05") else None


def _read_history(history: str) -> tuple[str | None, str | None]:
    """Give the days when PubMed made the record ("entrez") and when it entered PubMed ("pubmed")."""
    days: dict[str, str | None] = {}
    for _, attributes, content in find_elements(history, "PubMedPubDate"):
        status = read_attributes(attributes).get("PubStatus", "")
        if status in ("entrez", "pubmed"):
            days[status] = days.get(status) or _read_day(content)
    return days.get("entrez"), days.get("pubmed")


def _read_pages(pagination: str, located: list[tuple[str, str]]) -> str | None:
    """Give the pages as printed, else the article number that electronic journals have instead."""
    parts = _read_parts(pagination, _PAGES)
    pages, start, end = (_text(parts, name) for name in ("MedlinePgn", "StartPage", "EndPage"))
    if pages is not None:
        return pages
    if start is not None:
        return start if end is None or end == start else f"{start}-{end}"
    numbers = [number for number in _select(located, "EIdType", "pii") if not _STANDARD_PII.fullmatch(number)]
    return numbers[0] if numbers else None


def _select(elements: list[tuple[str, str]], attribute: str, value: str) -> list[str]:
    """Give the texts of the elements whose attribute has a value, but for those that NLM marks as wrong."""
    texts = []
    for attributes, content in elements:
        about = read_attributes(attributes)
        text = read_text(content) if about.get(attribute) == value and about.get("ValidYN") != "N" else None
        if text is not None:
            texts.append(text)
    return texts


def _read_doi(located: list[tuple[str, str]], listed: list[tuple[str, str]]) -> str | None:
    """Give the paper's own DOI: where it is located, else from the article's list of identifiers."""
    return _first(map(_normalise_doi_field, [*_select(located, "EIdType", "doi"), *_select(listed, "IdType", "doi")]))


def _normalise_doi_field(text: str) -> str | None:
    """Normalise a DOI that stands alone.

    In running text a DOI ends at ``<``; in a field it does not: many of 1996 to 2003 contain angle brackets
    ("10.1002/(SICI)1097-0258(19970515)16:9<965::AID-SIM509>3.0.CO;2-O").
    """
    found = _DOI_FIELD.fullmatch(text) if "<" in text else None
    return found.group(1).lower() if found is not None else normalise_doi(text)


def _read_pmcid(parts: _Parts, listed: list[tuple[str, str]]) -> str | None:
    # Before 2016 there was no list: <OtherID Source="NLM">PMC123 [Available on 12/22/16]</OtherID>.
    older = [text.partition("[")[0] for text in _texts(parts, "OtherID")]
    return _first(map(normalise_pmcid, [*_select(listed, "IdType", "pmc"), *older]))


def _read_trial_ids(banks: str, abstract: tuple[AbstractSection, ...]) -> tuple[str, ...]:
    """Give the registrations NLM lists and those named in the abstract, each once."""
    found: list[str] = []
    for _, _, content in find_elements(banks, "DataBank") if banks else ():
        bank = _read_parts(content, "DataBankName|AccessionNumber")
        name = re.sub(r"[^a-z]", "", (_text(bank, "DataBankName") or "").lower())
        if name in _REGISTRIES:
            for number in _texts(bank, "AccessionNumber"):
                found += find_trial_ids(number) or (number,)
    for section in abstract:
        text = section.text
        if _FOUR_DIGITS.search(text) or "NTR" in text or "RBR-" in text:
            found += find_trial_ids(text)
    return _unique(found)


def _read_mesh(headings: str) -> tuple[MeshTerm, ...]:
    terms = []
    for _, _, heading in find_elements(headings, "MeshHeading"):
        name = ui = None
        qualifiers = []
        for part, attributes, content in find_elements(heading, "DescriptorName|QualifierName"):
            text = read_text(content)
            if part == "DescriptorName":
                name, found = text, _UI.search(attributes)
                ui = found[1] if found else None
            elif text is not None:
                qualifiers.append(text)
        if name is not None:
            is_major = _MAJOR.search(heading) is not None
            terms.append(MeshTerm(name=name, ui=ui, is_major=is_major, qualifiers=tuple(qualifiers)))
    return tuple(terms)


def _read_relations(items: str) -> tuple[Relation, ...]:
    """Read comments, corrections, retractions and versions; the other paper's PMID is often absent."""
    relations = []
    for _, attributes, content in find_elements(items, "CommentsCorrections"):
        kind = read_attributes(attributes).get("RefType")
        if kind is None:
            continue
        parts = {name: read_text(text) for name, _, text in find_elements(content, "RefSource|PMID|Note")}
        reference = parts.get("RefSource")
        relations.append(
            Relation(
                kind=kind,
                pmid=normalise_pmid(parts.get("PMID")),
                doi=normalise_doi(reference) if reference and "10." in reference else None,
                reference=reference,
                note=parts.get("Note"),
            )
        )
    return tuple(relations)
