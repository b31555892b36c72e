"""Every real PubMed record, read three times: by us, by Bio.Entrez, and by a plain walk through the tree below.

The two other readings share no code with ours.  Where they could differ by rule, not by mistake, the rule is
written at the place where it is applied.
"""

from __future__ import annotations

import gzip
import html
import io
import re
import tarfile
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from Bio import Entrez

from harvester.ground.errors import ParseError
from harvester.paper.records import BadRecord, Record
from harvester.sources.pubmed.xml import parse_pubmed_xml

pytestmark = pytest.mark.real

RECORD_TAGS = ("PubmedArticle", "PubmedBookArticle")


@dataclass(frozen=True)
class Reading:
    """What the three readings must agree on."""

    title: str | None
    abstract: str | None
    doi: str | None
    authors: tuple[tuple[str | None, ...], ...]  # family, given, initials, suffix; or a group's name alone
    year: int | None


@pytest.fixture(scope="module")
def documents(shared_data: Path) -> dict[str, bytes]:
    """Give every XML document of the folder by name, unpacked."""
    folder = shared_data / "pubmed_xml"
    found = {str(path): path.read_bytes() for path in sorted(folder.rglob("*.xml"))}
    found |= {str(path): gzip.decompress(path.read_bytes()) for path in sorted(folder.rglob("*.xml.gz"))}
    for path in sorted(folder.rglob("*.tar.gz")):
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name.endswith(".xml") else None
                if content is not None:
                    found[f"{path}:{member.name}"] = content.read()
    return found


@pytest.fixture(scope="module")
def ours(documents: dict[str, bytes]) -> dict[str, list[Record | BadRecord]]:
    """Give our reading of every document that is PubMed XML."""
    return {name: items for name, content in documents.items() if (items := read_ours(content)) is not None}


def read_ours(content: bytes) -> list[Record | BadRecord] | None:
    try:
        return [item for item in parse_pubmed_xml(content) if isinstance(item, (Record, BadRecord))]
    except ParseError:
        return None


def squeeze(text: str | None) -> str | None:
    return re.sub(r"\s+", " ", text).strip() or None if text else None


def as_reading(record: Record) -> Reading:
    return Reading(
        title=record.title,
        abstract=squeeze(" ".join(section.text for section in record.abstract)),
        doi=record.identifiers.doi,
        authors=tuple(
            (author.collective,) if author.collective else (author.family, author.given, author.initials, author.suffix)
            for author in record.authors
        ),
        year=record.year,
    )


# The walk through the tree.


def inside(element: Element | None) -> str | None:
    return None if element is None else squeeze("".join(element.itertext()))


def walk_records(content: bytes) -> Iterator[Element]:
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError:
        return
    old = root.tag == "MedlineCitationSet"
    for element in root.iter():
        if element.tag in RECORD_TAGS or (old and element.tag == "MedlineCitation"):
            yield element


def walk(element: Element) -> tuple[str | None, Reading]:
    """Read a record by the full paths of NLM's documentation."""
    if element.tag == "PubmedBookArticle":
        document = "BookDocument"
        places = {
            "pmid": f"{document}/PMID",
            "titles": (f"{document}/ArticleTitle", f"{document}/Book/BookTitle"),
            "authors": (f"{document}/AuthorList", f"{document}/Book/AuthorList"),
            "dates": (f"{document}/Book/PubDate", f"{document}/ContributionDate"),
            "abstract": f"{document}/Abstract/AbstractText",
            "locations": f"{document}/Book/ELocationID",
            "ids": f"{document}/ArticleIdList/ArticleId",
        }
    else:
        top = "" if element.tag == "MedlineCitation" else "MedlineCitation/"
        places = {
            "pmid": f"{top}PMID",
            # Rule: a paper without an English title has the one in its own language.
            "titles": (f"{top}Article/ArticleTitle", f"{top}Article/VernacularTitle"),
            "authors": (f"{top}Article/AuthorList",),
            "dates": (f"{top}Article/Journal/JournalIssue/PubDate", f"{top}Article/ArticleDate"),
            "abstract": f"{top}Article/Abstract/AbstractText",
            "locations": f"{top}Article/ELocationID",
            "ids": "PubmedData/ArticleIdList/ArticleId",
        }
    authors = next((found for path in places["authors"] if (found := element.find(path)) is not None), None)
    dois = [place for place in element.findall(str(places["locations"])) if place.get("ValidYN") != "N"]
    dois = [place for place in dois if place.get("EIdType") == "doi"]
    dois += [place for place in element.findall(str(places["ids"])) if place.get("IdType") == "doi"]
    years = [year for path in places["dates"] if (year := find_year(inside(element.find(path))))]
    # Rule: where a record names several PMIDs, as versions of each other, it is the last.
    pmids = [inside(pmid) for pmid in element.findall(str(places["pmid"]))]
    return pmids[-1] if pmids else None, Reading(
        title=next((title for path in places["titles"] if (title := inside(element.find(path)))), None),
        abstract=squeeze(" ".join(inside(part) or "" for part in element.findall(str(places["abstract"])))),
        doi=(inside(dois[0]) or "").lower() or None if dois else None,
        authors=() if authors is None else tuple(name for author in authors if (name := walk_author(author))),
        year=years[0] if years else None,
    )


def walk_author(author: Element) -> tuple[str | None, ...] | None:
    if author.get("ValidYN") == "N":
        return None
    if author.find("CollectiveName") is not None:
        return (inside(author.find("CollectiveName")),)
    return tuple(inside(author.find(part)) for part in ("LastName", "ForeName", "Initials", "Suffix"))


def find_year(text: str | None) -> int | None:
    """Rule: the first four digits in a row are the year of a date, and of a range its first."""
    found = re.search(r"[0-9]{4}", text or "")
    return int(found.group()) if found else None


# The reading by Bio.Entrez.


def entrez_records(content: bytes) -> list[Any]:
    """Read as many records as Bio.Entrez can.

    Rule: it looks up the DTD that a document names, over the network if it does not bundle it, so the document
    type is replaced by one that it bundles.  Rule: it loses a whole document over one record that is not as in
    that DTD, so such a document is read record by record, and those records are left to the other reading.
    """
    bodies = re.findall(rb"<(Pubmed(?:Book)?Article)[\s>](.*?)</\1>", content, re.DOTALL)
    records = [b"<%b>%b</%b>" % (tag, body, tag) for tag, body in bodies]
    try:
        return entrez_read(records)
    except Exception:  # noqa: BLE001 - the oracle raises anything, ValueError to RuntimeError
        found = []
        for record in records:
            try:
                found += entrez_read([record])
            except Exception:  # noqa: BLE001 - as above
                continue
        return found


def entrez_read(records: list[bytes]) -> list[Any]:
    head = (
        b'<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
        b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>'
    )
    document = head + b"\n".join(records) + b"</PubmedArticleSet>"
    answer = Entrez.read(io.BytesIO(document), validate=False, escape=True)
    found = [*answer.get("PubmedArticle", []), *answer.get("PubmedBookArticle", [])]
    return [record for record in found if record]  # Rule: an empty element is no record.


def plain(text: object) -> str | None:
    """Rule: with `escape` Bio.Entrez keeps markup as tags and writes other signs as entities."""
    return squeeze(html.unescape(re.sub(r"<[^>]*>", "", str(text)))) if text is not None else None


def entrez_reading(record: Any) -> tuple[str, Reading]:
    if "BookDocument" in record:
        article = record["BookDocument"]
        pmid, book = str(article["PMID"]), article.get("Book", {})
        title = plain(article.get("ArticleTitle")) or plain(book.get("BookTitle"))
        lists = [*article.get("AuthorList", []), *book.get("AuthorList", [])]
        authors = list(lists[0]) if lists and isinstance(lists[0], list) else list(lists)
        dates, ids = [book.get("PubDate"), article.get("ContributionDate")], article.get("ArticleIdList", [])
        locations = book.get("ELocationID", [])
    else:
        citation = record["MedlineCitation"]
        article, pmid = citation["Article"], str(citation["PMID"])
        title = plain(article.get("ArticleTitle")) or plain(article.get("VernacularTitle"))
        authors = list(article.get("AuthorList", []))
        dates = [article["Journal"]["JournalIssue"].get("PubDate"), *article.get("ArticleDate", [])]
        ids = record.get("PubmedData", {}).get("ArticleIdList", [])
        locations = article.get("ELocationID", [])
    dois = [place for place in locations if place.attributes["EIdType"] == "doi"]
    dois = [place for place in dois if place.attributes.get("ValidYN") != "N"]
    dois += [item for item in ids if item.attributes.get("IdType") == "doi"]
    abstract = article.get("Abstract", {}).get("AbstractText", [])
    years = [year for date in dates if date and (year := find_year(str(date.get("Year") or date.get("MedlineDate"))))]
    return pmid, Reading(
        title=title,
        abstract=squeeze(
            " ".join(plain(part) or "" for part in ([abstract] if isinstance(abstract, str) else abstract))
        ),
        doi=(plain(dois[0]) or "").lower() or None if dois else None,
        authors=tuple(entrez_author(author) for author in authors if author.attributes.get("ValidYN") != "N"),
        year=years[0] if years else None,
    )


def entrez_author(author: Any) -> tuple[str | None, ...]:
    if "CollectiveName" in author:
        return (plain(author["CollectiveName"]),)
    return tuple(plain(author.get(part)) for part in ("LastName", "ForeName", "Initials", "Suffix"))


# The comparisons.


def test_every_record_equals_a_plain_walk_through_the_tree(
    documents: dict[str, bytes], ours: dict[str, list[Record | BadRecord]]
) -> None:
    compared = 0
    for name, content in documents.items():
        expected = [walk(element) for element in walk_records(content)]
        records = [item for item in ours.get(name, []) if isinstance(item, Record)]
        # Rule: a record without a PMID is not one.
        expected = [(pmid, reading) for pmid, reading in expected if pmid is not None]
        assert [record.source_key for record in records] == [pmid for pmid, _ in expected], name
        for record, (pmid, reading) in zip(records, expected, strict=True):
            assert as_reading(record) == reading, f"{name}: {pmid}"
            compared += 1
    assert compared > 2000


def test_every_record_equals_the_reading_of_bio_entrez(
    documents: dict[str, bytes], ours: dict[str, list[Record | BadRecord]]
) -> None:
    compared = 0
    total = 0
    for name, content in documents.items():
        records = [item for item in ours.get(name, []) if isinstance(item, Record)]
        if b"<MedlineCitationSet" in content:
            continue  # Rule: the root of before 2016 has another DTD; the other reading covers it.
        total += len(records)
        for raw in entrez_records(content):
            pmid, reading = entrez_reading(raw)
            # Rule: Bio.Entrez gives articles before books, so ours is found by its PMID, not by its place.
            same = [as_reading(record) for record in records if record.source_key == pmid]
            assert reading in same, f"{name}: {pmid}"
            compared += 1
    assert compared > 0.95 * total > 1000


def test_only_what_is_broken_is_bad(ours: dict[str, list[Record | BadRecord]], documents: dict[str, bytes]) -> None:
    for name, items in ours.items():
        for item in items:
            if isinstance(item, BadRecord):
                # Rule: all bad records here lack a PMID or are not well-formed.
                assert item.pmid is None, f"{name}: {item}"
                assert "<PMID" not in documents[name].decode()


def test_no_record_has_a_doi_of_its_references(
    documents: dict[str, bytes], ours: dict[str, list[Record | BadRecord]]
) -> None:
    for name, items in ours.items():
        text = documents[name].decode().lower()
        own = Counter(item.identifiers.doi for item in items if isinstance(item, Record) and item.identifiers.doi)
        without = re.sub(r"<referencelist.*?</referencelist>", "", text, flags=re.DOTALL)
        assert [doi for doi in own if html.escape(doi, quote=False) not in without] == [], name


def test_cut_documents_give_their_whole_records_and_say_that_they_are_cut(documents: dict[str, bytes]) -> None:
    for name, content in documents.items():
        whole = list(parse_pubmed_xml(content)) if b"</PubmedArticleSet>" in content else []
        if len(whole) < 2:
            continue
        given: list[object] = []
        cut = content[: content.rindex(b"<PubmedArticle>") + 100]
        with pytest.raises(ParseError, match="ends too early"):
            deque(map(given.append, parse_pubmed_xml(cut)), maxlen=0)
        assert given == whole[: len(given)], name
        assert sum(isinstance(item, Record) for item in given) >= len(whole) - 2, name


def test_one_bad_record_among_the_real_ones_costs_exactly_that_record(shared_data: Path) -> None:
    path = next((shared_data / "pubmed_xml" / "ketamine_2025-03").glob("*.xml.gz"))
    content = gzip.decompress(path.read_bytes())
    whole = list(parse_pubmed_xml(content))
    starts = [found.start() for found in re.finditer(rb"<PubmedArticle>", content)]
    for spoil in (b"<broken>", b"&", b"\xff\xfe", b"</Article>"):
        place = content.index(b"<ArticleTitle>", starts[300]) + len(b"<ArticleTitle>")
        items = list(parse_pubmed_xml(content[:place] + spoil + content[place:]))
        bad = [item for item in items if isinstance(item, BadRecord)]
        assert [item.pmid for item in bad] == [whole[300].source_key]
        assert [item for item in items if isinstance(item, Record)] == whole[:300] + whole[301:]
