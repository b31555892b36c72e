"""RIS files, read through rispy, which is strict where exporters are not.

Before rispy sees it, the text is put right line by line: blanks around the hyphen, lone carriage returns, a missing
``ER``, text before the first record.  Tags keep their own names (rispy's names hide that databases use the same tag
for different things), and what each means is decided here.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import rispy

from harvester.exports.citation import STATUS_NOTES
from harvester.paper.identifiers import (
    find_issns,
    normalise_pmcid,
    normalise_pmid,
    page_doi,
    page_pmid,
    read_doi,
    safe_url,
)
from harvester.paper.preprints import add_preprint, is_preprint_doi
from harvester.paper.records import BadRecord, Identifiers, Record
from harvester.paper.registries import find_trial_ids
from harvester.paper.statuses import with_status
from harvester.paper.text import collapse, strip_markup
from harvester.sources.imports.values import (
    choose_date,
    read_abstract_field,
    read_authors,
    read_languages,
)
from harvester.table.foreign import WORKS, Fields, choose_pages

# The tags of the specification of 2001 and 2011, and those of Web of Science's and Scopus's dialects.
_TAGS = frozenset(
    re.findall(
        "..",
        "TYA1A2A3A4ABADANAUAVBTC1C2C3C4C5C6C7C8CACNCPCTCYDADBDIDODPEDEPERETH1H2IDISJ1J2JAJFJOKWL1L2L3L4LALBLKM1M2M3N1N2"
        "NVOPPAPBPIPMPPPTPUPYRIRNRPSESNSPSTSVT1T2T3TATITTU1U2U3U4U5URVLVOWEWPY1Y2J9JIFX",
    )
)
# Tags of which a record has one; of several the first counts, because exporters append notes as further ones.
_SINGLE = frozenset(re.findall("..", "TYTIT1BTABN2T2JFJOJ1J2JAJ9JIVLISSPEPC7PYY1DAANDBDPDOSTLB"))
_STRICT_LINE = re.compile(r"([A-Z][A-Z0-9])  -(?: (.*))?")
_LOOSE_LINE = re.compile(r"\s{0,3}([A-Z][A-Z0-9])\s{0,4}-\s{0,4}(.*)")
_CALLED_PMID = re.compile(r"\bPMID\s*[:=]?\s*([0-9]{1,9})\b|^\s*([0-9]{1,9})\s*\[pmid\]", re.IGNORECASE)
_IS_PUBMED = re.compile(r"\b(?:pubmed|medline|nlm)\b", re.IGNORECASE)
# Which tags hold what, the better first: another exporter's tag is added here.  Databases use one tag for different
# things, so that some are read for several, and what is in them is looked at.
_FIELDS = {
    "title": "TI T1 CT BT ST",
    "authors": "AU A1",
    "notes": "N1",
    "other_authors": "A4",
    "abstract": "AB N2",
    "journal": "JF T2 JO BT",
    "journal_abbreviation": "J2 JA JI J9 J1",
    "issn": "SN",
    "published": "DA Y1",
    "year": "PY Y1",
    "volume": "VL",
    "issue": "IS",
    "first_page": "SP C7",
    "last_page": "EP",
    "doi": "DO DI",
    "perhaps_doi": "UR L3 LK M3 L2",
    "pmid": "PM",
    "named_pmid": "AN PM N1 C5 ID C2",
    "pubmed_link": "UR L2 LK",
    "accession": "AN",
    "database": "DB DP",
    "pmcid": "C2 AN",
    "url": "UR LK L2",
    "language": "LA",
    "kind": "TY",
    "publication_types": "M3 PT",
    "keywords": "KW",
}
_KINDS = {
    "BOOK": "Book",
    "CONF": "Congress",
    "CPAPER": "Congress",
    "DATA": "Dataset",
    "NEWS": "Newspaper Article",
    "RPRT": "Technical Report",
    "THES": "Academic Dissertation",
}

# What our own export says of a paper's status, in a note that says nothing else.
_STATUSES = {note.casefold(): status for status, note in STATUS_NOTES.items()}


def parse_ris(text: str, *, source: str) -> list[Record | BadRecord]:
    """Read RIS as records of a source, in the text's order; their key is their number."""
    parser = rispy.RisParser(
        mapping={tag: tag for tag in (*_TAGS, "UK")},
        list_tags=sorted(_TAGS - _SINGLE),
        delimiter_tags_mapping={},
    )
    items: list[Record | BadRecord] = []
    for number, entry in enumerate(parser.parse("\n".join(_put_right(text))), start=1):
        try:
            items.append(_read_record(_read_fields(entry), source=source, number=number))
        except ValueError as error:
            items.append(BadRecord(pmid=None, reason=f"record {number}: {error}"))
    return items


def _put_right(text: str) -> Iterator[str]:
    """Yield the lines as rispy wants them, each record from ``TY`` to ``ER``."""
    is_open = has_field = False
    for line in re.split(r"\r\n|\r|\n", text):
        field = _STRICT_LINE.fullmatch(line) or _LOOSE_LINE.fullmatch(line)
        tag, value = field.groups(default="") if field is not None else ("", line)
        if tag not in _TAGS and (field is None or _STRICT_LINE.fullmatch(line) is None):
            tag, value = "", line  # prose that looks like a tag
        if tag == "TY":
            if is_open:
                yield "ER  - "
            is_open, has_field = True, False
            yield f"TY  - {value.strip()}"
        elif not is_open:
            continue
        elif tag == "ER":
            is_open = False
            yield "ER  - "
        elif tag:
            has_field = True
            yield f"{tag}  - {value.strip()}"
        elif value.strip() and has_field:
            # Without a tag it goes on with the line before; rispy must not see one in it.
            yield f" {value.strip()}"
    if is_open:
        yield "ER  - "


def _read_fields(entry: Mapping[str, object]) -> Fields:
    """Sort the texts of a record, which rispy keeps alone or in a list, by what they hold."""
    texts: dict[str, list[str]] = {}
    for tag, value in entry.items():
        values = value if isinstance(value, list) else [value]
        texts[tag] = [text for item in values if isinstance(item, str) and (text := item.strip())]
    # The same tag, of other exporters.
    texts["A1"] = [name for name in texts.get("A1", ()) if name not in texts.get("AU", ())]
    return Fields(
        {name: [text for tag in tags.split() for text in texts.get(tag, ())] for name, tags in _FIELDS.items()}
    )


def _read_record(fields: Fields, *, source: str, number: int) -> Record:
    title = strip_markup(fields.one("title"))
    if title is None:
        raise ValueError("it has no title")
    names = read_authors(fields.all("authors") or fields.all("other_authors"))
    abstract = read_abstract_field(fields.one("abstract"))
    identifiers = _read_identifiers(fields)
    journal = strip_markup(fields.one("journal"))
    short = strip_markup(fields.one("journal_abbreviation"))
    record = Record(
        source=source,
        source_key=str(number),
        title=title,
        authors=names.authors,
        authors_complete=names.complete,
        journal=(journal if journal != title else None) or short,
        journal_abbreviation=short,
        issns=find_issns(fields.all("issn")),
        published=choose_date(fields.all("published"), fields.all("year")),
        volume=collapse(fields.one("volume")),
        issue=collapse(fields.one("issue")),
        pages=choose_pages(fields.one("first_page"), fields.one("last_page")),
        identifiers=identifiers,
        trial_ids=find_trial_ids(" ".join(part.text for part in abstract)),
        url=next((url for text in fields.all("url") if (url := safe_url(text)) is not None), None),
        languages=read_languages(fields.all("language")),
        abstract=abstract,
        publication_types=_read_types(fields, identifiers.doi, journal or short),
        keywords=tuple(
            dict.fromkeys(word for text in fields.all("keywords") if (word := strip_markup(text.lstrip("*"))))
        ),
    )
    stated = (_STATUSES.get(text.casefold()) for text in fields.all("notes"))
    return with_status(record, next((status for status in stated if status is not None), "published"))


def _read_identifiers(fields: Fields) -> Identifiers:
    """Find what names the paper; a DOI that is not in a field for it counts only in an address or type of work."""
    dois = [*map(read_doi, fields.all("doi")), *map(_address_doi, fields.all("perhaps_doi"))]
    links = [pmid for text in fields.all("pubmed_link") if (pmid := page_pmid(text))]
    named = [name.group(1) or name.group(2) for text in fields.all("named_pmid") if (name := _CALLED_PMID.search(text))]
    is_pubmed = any(_IS_PUBMED.search(text) for text in fields.all("database"))
    pmids = [*named, *links, *(fields.all("accession")[:1] if is_pubmed else []), *fields.all("pmid")]
    return Identifiers(
        doi=next((doi for doi in dois if doi is not None), None),
        pmid=next((pmid for pmid in map(normalise_pmid, pmids) if pmid is not None), None),
        pmcid=next((pmcid for pmcid in map(normalise_pmcid, fields.all("pmcid")) if pmcid is not None), None),
    )


def _address_doi(text: str) -> str | None:
    """Find a DOI in an address of the resolver or of a preprint; or in a field that is nothing but a DOI."""
    if re.match(r"https?://", text, re.IGNORECASE):
        doi = page_doi(text.split("&", maxsplit=1)[0])
        # Publishers' addresses go on behind the DOI, one does not know where; a preprint's DOI has a form of its own.
        return doi if "doi.org/" in text.lower() or (doi is not None and is_preprint_doi(doi)) else None
    return read_doi(text) if re.match(r"(?:doi:\s*)?10\.[0-9]{4,9}/", text, re.IGNORECASE) else None


def _read_types(fields: Fields, doi: str | None, journal: str | None) -> tuple[str, ...]:
    kind, works = (fields.one("kind") or "").upper(), fields.all("publication_types")
    types = [name for name in (_KINDS.get(kind), *(WORKS.get(text.lower()) for text in works)) if name is not None]
    return add_preprint(types, stated=(kind, *works), doi=doi, journal=journal)
