"""RIS files, read through rispy, which is strict where exporters are not.

Before rispy sees it, the text is put right line by line: blanks around the hyphen, lone carriage returns, a missing
``ER``, text before the first record.  Tags keep their own names (rispy's names hide that databases use the same tag
for different things), and what each means is decided here.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

import rispy

from harvester.paper.identifiers import (
    find_issns,
    normalise_pmcid,
    normalise_pmid,
    page_doi,
    page_pmid,
    read_doi,
    safe_url,
)
from harvester.paper.preprints import is_preprint_doi, looks_like_preprint, says_preprint
from harvester.paper.records import Identifiers, Record
from harvester.paper.registries import find_trial_ids
from harvester.paper.text import collapse
from harvester.sources.imports.values import (
    choose_date,
    read_abstract_field,
    read_authors,
    read_languages,
    read_text,
)
from harvester.sources.pubmed.xml import BadRecord

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
_TYPES = {
    "BOOK": "Book",
    "CONF": "Congress",
    "CPAPER": "Congress",
    "DATA": "Dataset",
    "NEWS": "Newspaper Article",
    "RPRT": "Technical Report",
    "THES": "Academic Dissertation",
}
_WORKS = {
    "review": "Review",
    "editorial": "Editorial",
    "letter": "Letter",
    "erratum": "Published Erratum",
    "correction": "Published Erratum",
    "retracted publication": "Retracted Publication",
}


def parse_ris(text: str, *, source: str) -> list[Record | BadRecord]:
    """Read RIS.

    Parameters
    ----------
    text
        One or more records.
    source
        The source of the records; their key is their number.

    Returns
    -------
    list of Record or BadRecord
        In the text's order.
    """
    parser = rispy.RisParser(
        mapping={tag: tag for tag in (*_TAGS, "UK")},
        list_tags=sorted(_TAGS - _SINGLE),
        delimiter_tags_mapping={},
    )
    found: list[Record | BadRecord] = []
    for number, entry in enumerate(parser.parse("\n".join(_put_right(text))), start=1):
        try:
            found.append(_read_record(_Entry(entry), source=source, number=number))
        except ValueError as error:
            found.append(BadRecord(pmid=None, reason=f"record {number}: {error}"))
    return found


def _put_right(text: str) -> Iterator[str]:
    """Give the lines as rispy wants them, each record from ``TY`` to ``ER``."""
    is_open = has_field = False
    for line in re.split(r"\r\n|\r|\n", text):
        found = _STRICT_LINE.fullmatch(line) or _LOOSE_LINE.fullmatch(line)
        tag, value = found.groups(default="") if found is not None else ("", line)
        if tag not in _TAGS and (found is None or _STRICT_LINE.fullmatch(line) is None):
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


class _Entry:
    """The fields of one record, whether rispy keeps them as text or as a list."""

    def __init__(self, entry: Mapping[str, object]) -> None:
        self._fields: dict[str, list[str]] = defaultdict(list)
        for tag, value in entry.items():
            values = value if isinstance(value, list) else [value]
            self._fields[tag] = [text for item in values if isinstance(item, str) and (text := item.strip())]

    def all(self, *tags: str) -> list[str]:
        """Give the values of fields, in the order of the tags, without the empty ones."""
        return [text for tag in tags for text in self._fields.get(tag, ())]

    def one(self, *tags: str) -> str | None:
        """Give the first value of the first field that has one."""
        return next(iter(self.all(*tags)), None)


def _read_record(entry: _Entry, *, source: str, number: int) -> Record:
    title = read_text(entry.one("TI", "T1", "CT", "BT", "ST"))
    if title is None:
        raise ValueError("it has no title")
    names = read_authors(entry.all("AU", "A1") or entry.all("A4"))
    abstract = read_abstract_field(entry.one("AB", "N2"))
    identifiers = _read_identifiers(entry)
    journal = read_text(entry.one("JF", "T2", "JO", "BT"))
    short = read_text(entry.one("J2", "JA", "JI", "J9", "J1"))
    return Record(
        source=source,
        source_key=str(number),
        title=title,
        authors=names.authors,
        authors_complete=names.complete,
        journal=(journal if journal != title else None) or short,
        journal_abbreviation=short,
        issns=find_issns(entry.all("SN")),
        published=choose_date(entry.all("DA", "Y1"), entry.all("PY", "Y1")),
        volume=collapse(entry.one("VL")),
        issue=collapse(entry.one("IS")),
        pages=_read_pages(entry),
        identifiers=identifiers,
        trial_ids=find_trial_ids(" ".join(part.text for part in abstract)),
        url=next((url for text in entry.all("UR", "LK", "L2") if (url := safe_url(text)) is not None), None),
        languages=read_languages(entry.all("LA")),
        abstract=abstract,
        publication_types=_read_types(entry, identifiers.doi, journal or short),
        keywords=tuple(dict.fromkeys(word for text in entry.all("KW") if (word := read_text(text.lstrip("*"))))),
    )


def _read_identifiers(entry: _Entry) -> Identifiers:
    """Find what names the paper; a DOI that is not in a field for it counts only in an address or type of work."""
    dois = [*map(read_doi, entry.all("DO", "DI")), *map(_address_doi, entry.all("UR", "L3", "LK", "M3", "L2"))]
    links = [pmid for text in entry.all("UR", "L2", "LK") if (pmid := page_pmid(text))]
    called = [
        found.group(1) or found.group(2)
        for text in entry.all("AN", "PM", "N1", "C5", "ID", "C2")
        if (found := _CALLED_PMID.search(text))
    ]
    number = entry.one("AN")
    is_pubmed = any(_IS_PUBMED.search(text) for text in entry.all("DB", "DP"))
    pmids = [*called, *links, *([number] if is_pubmed and number is not None else []), *entry.all("PM")]
    return Identifiers(
        doi=next((doi for doi in dois if doi is not None), None),
        pmid=next((pmid for pmid in map(normalise_pmid, pmids) if pmid is not None), None),
        pmcid=next((pmcid for pmcid in map(normalise_pmcid, entry.all("C2", "AN")) if pmcid is not None), None),
    )


def _address_doi(text: str) -> str | None:
    """Find a DOI in an address of the resolver or of a preprint; or in a field that is nothing but a DOI."""
    if re.match(r"https?://", text, re.IGNORECASE):
        doi = page_doi(text.split("&", maxsplit=1)[0])
        # Publishers' addresses go on behind the DOI, one does not know where; a preprint's DOI has a form of its own.
        return doi if "doi.org/" in text.lower() or (doi is not None and is_preprint_doi(doi)) else None
    return read_doi(text) if re.match(r"(?:doi:\s*)?10\.[0-9]{4,9}/", text, re.IGNORECASE) else None


def _read_pages(entry: _Entry) -> str | None:
    first, last = collapse(entry.one("SP", "C7")), collapse(entry.one("EP"))
    if first is None or last is None or first == last or re.search(r"[0-9]\s*[-–]", first):
        return first or last
    return f"{first}-{last}"


def _read_types(entry: _Entry, doi: str | None, journal: str | None) -> tuple[str, ...]:
    found = [_TYPES.get((entry.one("TY") or "").upper())]
    found += [_WORKS.get(text.strip().lower()) for text in entry.all("M3", "PT")]
    if any(map(says_preprint, entry.all("TY", "M3", "PT"))) or looks_like_preprint(doi, journal):
        found.append("Preprint")
    return tuple(dict.fromkeys(kind for kind in found if kind is not None))
