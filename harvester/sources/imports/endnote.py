"""EndNote's XML, which Zotero and other reference managers write too: bytes in, records out.

The document is cut into records, and each is parsed by itself, so that one which is no XML costs itself.  A document
type is refused, because entities that expand are an attack, and EndNote writes none.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from harvester.ground.errors import ParseError
from harvester.paper.records import BadRecord, Record
from harvester.paper.text import collapse, decode_text, strip_invisible
from harvester.sources.imports.rows import read_record
from harvester.sources.imports.values import read_authors
from harvester.table.foreign import Fields, is_missing

_HEAD = 4096  # bytes in which the root stands
_ROOT = re.compile(r"<(?:xml|records)\b[^>?]*>")
_RECORD = re.compile(r"<record\b[^>]*?(?<!/)>.*?</record\s*>", re.DOTALL)
_DECLARED = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]*)[\"']")
# What XML cannot hold, as it is or by its number: EndNote keeps what was pasted into it.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:x0*(?:1?[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));",
    re.IGNORECASE,
)
# Which elements hold our fields, by their path below the record.
_PATHS = {
    "title": ("titles/title",),
    "journal": ("periodical/full-title", "titles/secondary-title", "alt-periodical/full-title"),
    "journal_abbreviation": ("periodical/abbr-1", "alt-periodical/abbr-1", "titles/alt-title"),
    "published": ("dates/pub-dates/date",),
    "year": ("dates/year",),
    "volume": ("volume",),
    "issue": ("number",),
    "pages": ("pages",),
    "abstract": ("abstract",),
    "doi": ("electronic-resource-num",),
    "pmcid": ("custom2",),
    "issn": ("isbn",),
    "url": ("urls/related-urls/url", "urls/web-urls/url"),
    "language": ("language",),
    "keywords": ("keywords/keyword",),
    "publication_types": ("work-type",),
    "accession": ("accession-num",),
    "notes": ("notes",),
    "extra": ("notes", "label", "research-notes"),
    "database": ("remote-database-name", "remote-database-provider"),
}
_AUTHORS = "contributors/authors/author"
_KINDS = {
    "book": "Book",
    "conference paper": "Congress",
    "conference proceedings": "Congress",
    "dataset": "Dataset",
    "newspaper article": "Newspaper Article",
    "report": "Technical Report",
    "thesis": "Academic Dissertation",
}
_IS_PUBMED = re.compile(r"pubmed|medline|nlm", re.IGNORECASE)


def is_endnote(data: bytes) -> bool:
    """Return whether an XML document is EndNote's, by its root."""
    return _ROOT.search(decode_text(data[:_HEAD])) is not None


def parse_endnote(data: bytes, *, source: str) -> list[Record | BadRecord]:
    """Read EndNote's XML as records of a source, in its order.

    Raises
    ------
    ParseError
        If it declares a document type.
    """
    declared = _DECLARED.match(data)
    text = decode_text(data, declared=(declared and declared[1].decode("ascii"),))
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise ParseError("the document declares a document type, which EndNote does not")
    items: list[Record | BadRecord] = []
    for number, match in enumerate(_RECORD.finditer(strip_invisible(text)), start=1):
        try:
            element = ElementTree.fromstring(_FORBIDDEN.sub(" ", match.group()))  # noqa: S314 - no type, no entities
            items.append(_read_record(element, source=source))
        except (ElementTree.ParseError, ValueError) as error:
            items.append(BadRecord(pmid=None, reason=f"record {number}: {error}"))
    return items


def _read_record(element: Element, *, source: str) -> Record:
    values = {name: list(_read_texts(element, *paths)) for name, paths in _PATHS.items()}
    authors = list(_read_texts(element, _AUTHORS))
    kind = element.find("ref-type")
    kind_name = (kind.get("name") or "").lower() if kind is not None else ""
    values["publication_types"] += [name for name in (_KINDS.get(kind_name),) if name is not None]
    # PubMed's number of a record is the accession number of what EndNote fetched there.
    if any(map(_IS_PUBMED.search, values["database"])):
        values["pmid"] = values["accession"]
    return read_record(Fields({**values, "authors": ["; ".join(authors)]}), read_authors(authors), source=source)


def _read_texts(element: Element, *paths: str) -> Iterator[str]:
    """Yield the texts of elements, whatever style their parts have; several lines of one are several values."""
    for path in paths:
        for found in element.iterfind(path):
            text = "".join(found.itertext())
            parts = re.split(r"[\r\n]+", text) if path.startswith(("isbn", "keywords")) else [text]
            yield from (part for part in map(collapse, parts) if part is not None and not is_missing(part))
