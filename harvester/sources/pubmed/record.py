"""One PubMed record: its XML element in, a `Record` out.

Element names and their meaning: NLM's PubMed DTD, https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/.  Elements
that are not named here are passed over, wherever they stand; what is read is read from its own place only (a
paper's DOI from its own lists, never from those of its references).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from harvester.paper.identifiers import normalise_doi, normalise_pmcid, normalise_pmid, pubmed_url, read_doi
from harvester.paper.records import AbstractSection, Author, Identifiers, MeshTerm, Record, Relation
from harvester.paper.registries import collect_trial_ids, is_registry
from harvester.paper.text import collapse
from harvester.sources.pubmed.elements import read_date, read_day, read_history, read_markup, read_text, read_texts

_NOTHING = Element("nothing")  # stands in for an absent parent: it has no children, text or attributes
# What NLM writes where it has no English title.
_NO_TITLE = re.compile(r"\[?\s*(?:not available|no title available|in process citation)\s*\]?\.?", re.IGNORECASE)
_ORCID = re.compile(r"([0-9]{4})-?([0-9]{4})-?([0-9]{4})-?([0-9]{3}[0-9X])", re.IGNORECASE)
# A publisher item identifier in its standard form ("S0140-6736(26)00001-2") numbers an item, not a page.
_STANDARD_PII = re.compile(r"[SB]?[0-9]{4}-?[0-9]{3}[0-9X]\(?[0-9]{2}\)?[0-9]{5}-?[0-9X]", re.IGNORECASE)


def read_record(element: Element) -> Record:
    """Read a ``PubmedArticle``, a ``PubmedBookArticle`` or (in files before 2016) a ``MedlineCitation``.

    Raises
    ------
    ValueError
        If the record has no PMID, or a value that no record may have.
    """
    return _read_book(element) if element.tag == "PubmedBookArticle" else _read_article(element)


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
    vernacular = read_text(article.find("VernacularTitle"))
    abstract = _read_abstract(article.find("Abstract"))
    author_list = _child(article, "AuthorList")
    created, entered = read_history(_child(data, "History"))
    online = _first(
        read_date(date) for date in article.findall("ArticleDate") if date.get("DateType", "Electronic") == "Electronic"
    )
    return Record(
        source="pubmed",
        source_key=pmid,
        title=choose_title(read_text(title), vernacular),
        title_markup=read_markup(title),
        vernacular_title=vernacular,
        authors=_read_authors(author_list),
        authors_complete=author_list.get("CompleteYN") != "N",
        journal=read_text(journal.find("Title")),
        journal_abbreviation=read_text(journal.find("ISOAbbreviation")) or read_text(info.find("MedlineTA")),
        issns=read_texts((*journal.findall("ISSN"), *info.findall("ISSNLinking"))),
        published=read_date(issue.find("PubDate")) or online or entered or created,
        published_online=online,
        volume=read_text(issue.find("Volume")),
        issue=read_text(issue.find("Issue")),
        pages=_read_pages(_child(article, "Pagination"), locations),
        identifiers=Identifiers(pmid=pmid, doi=_read_doi(locations, own_ids), pmcid=_read_pmcid(own_ids, citation)),
        trial_ids=_read_trial_ids(_child(article, "DataBankList"), abstract),
        url=pubmed_url(pmid),
        languages=read_texts(article.findall("Language")),
        abstract=abstract,
        other_abstracts=_read_other_abstracts(citation.findall("OtherAbstract")),
        publication_types=read_texts(_child(article, "PublicationTypeList")),
        mesh_terms=_read_mesh(_child(citation, "MeshHeadingList")),
        chemicals=read_texts(_grandchildren(citation, "ChemicalList", "NameOfSubstance")),
        keywords=_read_keywords(citation),
        relations=_read_relations(_child(citation, "CommentsCorrectionsList")),
        publication_status=read_text(data.find("PublicationStatus")),
        created=created or read_day(citation.find("DateCreated")),
        entered=entered,
        revised=read_day(citation.find("DateRevised")),
    )


def _read_book(element: Element) -> Record:
    """Read a book or a chapter; a chapter has a title of its own, and its book is then what a journal is."""
    document = _child(element, "BookDocument")
    data = _child(element, "PubmedBookData")
    book = _child(document, "Book")
    own_ids = _child(document, "ArticleIdList")
    pmid = _read_pmid(document)
    chapter, book_title = document.find("ArticleTitle"), book.find("BookTitle")
    is_chapter = read_text(chapter) is not None
    title = chapter if is_chapter else book_title
    abstract = _read_abstract(document.find("Abstract"))
    lists = [
        names
        for names in (*document.findall("AuthorList"), *book.findall("AuthorList"))
        if names.get("Type") != "editors"
    ]
    author_list = lists[0] if lists else _NOTHING
    created, entered = read_history(_child(data, "History"))
    publisher = read_text(_child(book, "Publisher").find("PublisherName"))
    published = read_date(book.find("PubDate")) or read_date(document.find("ContributionDate"))
    return Record(
        source="pubmed",
        source_key=pmid,
        title=choose_title(read_text(title), read_text(document.find("VernacularTitle"))),
        title_markup=read_markup(title),
        vernacular_title=read_text(document.find("VernacularTitle")),
        authors=_read_authors(author_list),
        authors_complete=author_list.get("CompleteYN") != "N",
        journal=(read_text(book_title) if is_chapter else None) or publisher,
        published=published or entered or created,
        volume=read_text(book.find("Volume")),
        pages=_read_pages(_child(document, "Pagination"), ()),
        identifiers=Identifiers(
            pmid=pmid,
            doi=_read_doi(book.findall("ELocationID"), own_ids, _child(data, "ArticleIdList")),
            pmcid=_read_pmcid(own_ids, document),
        ),
        trial_ids=_read_trial_ids(_NOTHING, abstract),
        url=pubmed_url(pmid),
        languages=read_texts(document.findall("Language")),
        abstract=abstract,
        publication_types=read_texts(document.findall("PublicationType")),
        keywords=_read_keywords(document),
        publication_status=read_text(data.find("PublicationStatus")),
        created=created,
        entered=entered,
        revised=read_day(document.find("DateRevised")),
    )


def choose_title(title: str | None, vernacular: str | None) -> str | None:
    """Return a record's title; the one in its own language where PubMed has no English one.

    Examples
    --------
    >>> choose_title("[Not Available].", "Un échantillon."), choose_title("[Not available]", None)
    ('Un échantillon.', None)
    """
    return vernacular if title is None or _NO_TITLE.fullmatch(title) else title


def _child(element: Element, tag: str) -> Element:
    child = element.find(tag)
    return _NOTHING if child is None else child


def _grandchildren(element: Element, parent: str, tag: str) -> list[Element]:
    return [name for item in _child(element, parent) for name in item.findall(tag)]


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value is not None), None)


def _read_pmid(element: Element) -> str:
    named = element.findall("PMID")  # one; several would be versions of each other, and the last is the newest
    text = read_text(named[-1]) if named else None
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
        given, collective = read_text(element.find("ForeName")), read_text(element.find("CollectiveName"))
        family = read_text(element.find("LastName")) or (None if collective else given)
        if family:
            author = Author(
                family=family,
                given=given,
                initials=read_text(element.find("Initials")),
                suffix=read_text(element.find("Suffix")),
                orcid=_read_orcid(element),
                affiliations=_read_affiliations(element),
            )
        elif collective:
            author = Author(collective=collective, affiliations=_read_affiliations(element))
        else:
            continue
        authors.append(author)
    return tuple(authors)


def _read_affiliations(author: Element) -> tuple[str, ...]:
    # Before 2015 an author had one affiliation at most, without AffiliationInfo around it.
    places = author.findall("AffiliationInfo") or (author,)
    texts = [read_text(place.find("Affiliation")) for place in places]
    return tuple([text for text in texts if text is not None])


def _read_orcid(author: Element) -> str | None:
    stated = [item.text for item in author.findall("Identifier") if item.get("Source") == "ORCID"]
    return _first(find_orcid(text) for text in stated)


def find_orcid(text: str | None) -> str | None:
    """Find an ORCID in a text, and return it with hyphens and without resolver; None where there is none."""
    orcid = _ORCID.search(text or "")
    return None if orcid is None else "-".join(orcid.groups()).upper()


def is_standard_pii(number: str) -> bool:
    """Return whether a publisher's number of an item has the standard form, and is no page."""
    return _STANDARD_PII.fullmatch(number) is not None


def _read_abstract(abstract: Element | None) -> tuple[AbstractSection, ...]:
    if abstract is None:
        return ()
    return tuple(
        AbstractSection(text=text, label=collapse(part.get("Label")), category=collapse(part.get("NlmCategory")))
        for part in abstract.findall("AbstractText")
        if (text := read_text(part)) is not None
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


def _read_pages(pagination: Element, locations: Iterable[Element]) -> str | None:
    """Return the pages as printed, else the article number that electronic journals have instead."""
    pages = read_text(pagination.find("MedlinePgn"))
    if pages is not None:
        return pages
    start, end = read_text(pagination.find("StartPage")), read_text(pagination.find("EndPage"))
    if start is not None:
        return start if end is None or end == start else f"{start}-{end}"
    numbers = (read_text(place) for place in locations if place.get("EIdType") == "pii" and place.get("ValidYN") != "N")
    return _first(number for number in numbers if number is not None and not is_standard_pii(number))


def _read_doi(locations: Iterable[Element], *id_lists: Element) -> str | None:
    """Return the paper's own DOI: where it is located, else from the article's list of identifiers."""
    located = [place for place in locations if place.get("EIdType") == "doi" and place.get("ValidYN") != "N"]
    listed = [item for items in id_lists for item in items.findall("ArticleId") if item.get("IdType") == "doi"]
    return _first(read_doi(read_text(item)) for item in (*located, *listed))


def _read_pmcid(own_ids: Element, citation: Element) -> str | None:
    listed = [item.text for item in own_ids.findall("ArticleId") if item.get("IdType") == "pmc"]
    # Files before 2016 have no list of identifiers: <OtherID Source="NLM">PMC123 [Available on 12/22/16]</OtherID>.
    older = [item.text.partition("[")[0] for item in citation.findall("OtherID") if item.text]
    return _first(map(normalise_pmcid, (*listed, *older)))


def _read_trial_ids(banks: Element, abstract: tuple[AbstractSection, ...]) -> tuple[str, ...]:
    """Return the registrations NLM lists and those named in the abstract, each once."""
    registries = [bank for bank in banks if is_registry(read_text(bank.find("DataBankName")))]
    listed = [number for bank in registries for number in read_texts(_child(bank, "AccessionNumberList"))]
    return collect_trial_ids(listed, "\n".join([section.text for section in abstract]))


def _read_mesh(headings: Element) -> tuple[MeshTerm, ...]:
    terms = []
    for heading in headings:
        descriptor = heading.find("DescriptorName")
        name = read_text(descriptor)
        if descriptor is None or name is None:
            continue
        qualifiers = heading.findall("QualifierName")
        is_major = "Y" in [part.get("MajorTopicYN") for part in (descriptor, *qualifiers)]
        terms.append(
            MeshTerm(
                name=name,
                ui=descriptor.get("UI") or None,
                is_major=is_major,
                qualifiers=read_texts(qualifiers) if qualifiers else (),
            )
        )
    return tuple(terms)


def _read_keywords(citation: Element) -> tuple[str, ...]:
    return read_texts(word for words in citation.findall("KeywordList") for word in words.findall("Keyword"))


def _read_relations(items: Element) -> tuple[Relation, ...]:
    """Read comments, corrections, retractions and versions; the other paper's PMID is often absent."""
    relations = []
    for item in items:
        kind = item.get("RefType")
        if kind is None:
            continue
        reference = read_text(item.find("RefSource"))
        relations.append(
            Relation(
                kind=kind,
                pmid=normalise_pmid(read_text(item.find("PMID"))),
                doi=normalise_doi(reference) if reference and "10." in reference else None,
                reference=reference,
                note=read_text(item.find("Note")),
            )
        )
    return tuple(relations)
