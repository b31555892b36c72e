"""RIS files, read through rispy, which is strict where exporters are not.

Before rispy sees it, the text is put right line by line: blanks around the hyphen, lone carriage returns, a missing
``ER``, text before the first record, a ``TY`` that is not the first field.  Tags keep their own names (rispy's names
hide that databases use the same tag for different things), and what each means is decided here.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

import rispy

from harvester.paper.identifiers import (
    find_issns,
    normalise_pmcid,
    normalise_pmid,
    page_pmcid,
    page_pmid,
    read_doi,
    safe_url,
)
from harvester.paper.preprints import add_preprint
from harvester.paper.records import BadRecord, Identifiers, Record
from harvester.paper.registries import collect_trial_ids, find_trial_ids
from harvester.paper.text import collapse, strip_invisible, strip_markup
from harvester.sources.imports.keys import find_numbers, name_record
from harvester.sources.imports.values import (
    choose_date,
    linked_doi,
    read_abstract_field,
    read_authors,
    read_languages,
    state_status,
)
from harvester.table.foreign import WORKS, Fields, choose_pages, is_missing, split_list

# The tags of the specification of 2001 and 2011, and those of Web of Science's and Scopus's dialects.
_TAGS = frozenset(
    re.findall(
        "..",
        "TYA1A2A3A4ABADANAUAVBTC1C2C3C4C5C6C7C8CACNCPCTCYDADBDIDODPEDEPERETH1H2IDISJ1J2JAJFJOKWL1L2L3L4LALBLKM1M2M3N1N2"
        "NVOPPAPBPIPMPPPTPUPYRIRNRPSESNSPSTSVT1T2T3TATITTU1U2U3U4U5URVLVOWEWPY1Y2J9JIFXPGAICCFUYR",
    )
)
# Tags of which a record has one; of several the first counts, because exporters append notes as further ones.
_SINGLE = frozenset(re.findall("..", "TYTIT1BTABN2T2JFJOJ1J2JAJ9JIVLISSPEPC7PYY1DAANDBDPDOSTLBYR"))
_STRICT_LINE = re.compile(r"([A-Z][A-Z0-9])  -(?: (.*))?")
_LOOSE_LINE = re.compile(r"\s{0,3}([A-Z][A-Z0-9])\s{0,4}-\s{0,4}(.*)")
# Lines below these that are not indented are further values: EndNote writes one keyword or address a line.
_LISTED = frozenset(("KW", "UR", "SN", "DB", "N1"))
_CALLED_PMID = re.compile(r"\bPMID\s*[:=]?\s*([0-9]{1,9})\b|^\s*([0-9]{1,9})\s*\[pmid\]", re.IGNORECASE)
_IS_PUBMED = re.compile(r"\b(?:pubmed|medline|nlm)\b", re.IGNORECASE)
# Other databases' numbers of a record, as CENTRAL lists them: "PUBMED 39000281,EMBASE 600000281".
_OTHER_PMID = re.compile(r"(?:^|[,;]\s*)(?:PUBMED|MEDLINE)[:\s]+([0-9]{1,8})(?=\s*(?:[,;]|$))", re.IGNORECASE)
# Which databases keep the PMID in a tag of their own, told by their name, their number of the record or their address.
_PMID_TAGS = (
    ("scopus_pmid", re.compile(r"\bscopus\b|^2-s2\.0-|^WOS:|web of science", re.IGNORECASE)),
    ("embase_pmid", re.compile(r"\bembase\b|^L[0-9]{6,12}$", re.IGNORECASE)),
)
# Which tags hold what, the better first: another exporter's tag is added here.  Databases use one tag for different
# things, so that some are read for several, and what is in them is looked at.
_FIELDS = {
    "title": "TI T1 CT BT ST",
    "authors": "A1 AU",
    "notes": "N1 RN",
    "other_authors": "A4",
    "abstract": "AB N2",
    "journal": "JF T2 JO BT",
    "journal_abbreviation": "J2 JA JI J9 J1",
    "issn": "SN",
    "published": "DA Y1",
    "year": "PY Y1 YR",
    "volume": "VL",
    "issue": "IS",
    "first_page": "SP C7 PG",
    "last_page": "EP",
    "doi": "DO DI",
    "perhaps_doi": "UR L3 LK M3 L2",
    "pmid": "PM",
    "named_pmid": "AN PM N1 C5 ID C2 U1 U2",
    "other_pmid": "C3 AN ID U1 U2",
    "scopus_pmid": "C2",
    "embase_pmid": "C5",
    "pubmed_link": "UR L2 LK L1 L3",
    "accession": "AN",
    "number": "AN U2 ID N1",
    "database": "DB DP",
    "pmcid": "C2 AN C6 U1 U2 ID",
    "trial_ids": "AU A1 C3 AN JA UR",
    "publisher": "PB",
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


def parse_ris(text: str, *, source: str) -> list[Record | BadRecord]:
    """Read RIS as records of a source, in the text's order."""
    parser = rispy.RisParser(
        mapping={tag: tag for tag in (*_TAGS, "UK")},
        list_tags=sorted(_TAGS - _SINGLE),
        delimiter_tags_mapping={},
    )
    items: list[Record | BadRecord] = []
    for number, entry in enumerate(parser.parse("\n".join(_put_right(strip_invisible(text)))), start=1):
        try:
            items.append(_read_record(_read_fields(entry), source=source))
        except ValueError as error:
            items.append(BadRecord(pmid=None, reason=f"record {number}: {error}"))
    return items


def _put_right(text: str) -> Iterator[str]:
    """Yield the lines as rispy wants them, each record from ``TY`` to ``ER``."""
    kind: str | None = None
    lines: list[str] = []
    for line in re.split(r"\r\n|\r|\n", text):
        field = _STRICT_LINE.fullmatch(line) or _LOOSE_LINE.fullmatch(line)
        tag, value = field.groups(default="") if field is not None else ("", line)
        if tag not in _TAGS and (field is None or _STRICT_LINE.fullmatch(line) is None):
            tag, value = "", line  # prose that looks like a tag
        if tag == "ER" or (tag == "TY" and kind is not None):
            yield from _close(kind, lines)
            kind, lines = None, []
        if tag == "TY":
            kind = value.strip()
        elif tag and tag != "ER":
            lines.append(f"{tag}  - {value.strip()}")
        elif value.strip() and lines and tag != "ER":
            # Without a tag it goes on with the line before; rispy must not see one in it.
            is_listed = lines[-1][:2] in _LISTED and not line[0].isspace()
            lines.append(f"{lines[-1][:2]}  - {value.strip()}" if is_listed else f" {value.strip()}")
    yield from _close(kind, lines)


def _close(kind: str | None, lines: list[str]) -> Iterator[str]:
    """Yield a record; what has neither a type nor a title is none."""
    if kind is not None or any(line[:2] in ("TI", "T1") for line in lines):
        yield from (f"TY  - {kind or 'GEN'}", *lines, "ER  - ")


def _read_fields(entry: Mapping[str, object]) -> Fields:
    """Sort the texts of a record, which rispy keeps alone or in a list, by what they hold."""
    texts: dict[str, list[str]] = {}
    for tag, value in entry.items():
        values = value if isinstance(value, list) else [value]
        texts[tag] = [text for item in values if isinstance(item, str) and not is_missing(text := item.strip())]
    # The first authors, and behind them the others; or all of them under both tags.
    if not Counter(texts.get("A1", ())) - Counter(texts.get("AU", ())):
        texts["A1"] = []
    # Some write several addresses on one line.
    for tag in ("UR", "LK", "L1", "L2", "L3"):
        texts[tag] = [part.rstrip(";,") for text in texts.get(tag, ()) for part in re.split(r"\s+|;\s*(?=http)", text)]
    return Fields(
        {name: [text for tag in tags.split() for text in texts.get(tag, ())] for name, tags in _FIELDS.items()}
    )


def _read_record(fields: Fields, *, source: str) -> Record:
    title = strip_markup(fields.one("title"))
    if title is None:
        raise ValueError("it has no title")
    names = read_authors(fields.all("authors") or fields.all("other_authors"))
    abstract = read_abstract_field(fields.one("abstract"))
    identifiers = _read_identifiers(fields)
    journal, short = (_read_journal(fields, name) for name in ("journal", "journal_abbreviation"))
    works = [kind for text in fields.all("publication_types") for kind in split_list(text)]
    trial_ids = [trial_id for text in fields.all("trial_ids") for trial_id in find_trial_ids(text)]
    record = Record(
        source=source,
        source_key="",
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
        trial_ids=collect_trial_ids(trial_ids, " ".join(part.text for part in abstract)),
        url=next((url for text in fields.all("url") if (url := safe_url(text)) is not None), None),
        languages=read_languages(fields.all("language")),
        abstract=abstract,
        publication_types=_read_types(
            fields.one("kind"), works, identifiers.doi, journal or short or fields.one("publisher")
        ),
        keywords=tuple(
            dict.fromkeys(word for text in fields.all("keywords") if (word := strip_markup(text.lstrip("*"))))
        ),
        publication_status="aheadofprint" if any("in press" in work.lower() for work in works) else None,
    )
    record = state_status(record, (*works, *fields.all("notes")))
    return name_record(
        record, databases=fields.all("database"), numbers=find_numbers(fields.all("number"), fields.all("url"))
    )


def _read_journal(fields: Fields, name: str) -> str | None:
    """Read a journal's name; CENTRAL has the address of a registration there."""
    journal = strip_markup(fields.one(name))
    return journal if safe_url(journal) is None else None


def _read_identifiers(fields: Fields) -> Identifiers:
    """Find what names the paper; a DOI that is not in a field for it counts only in an address or type of work."""
    dois = [*map(read_doi, fields.all("doi")), *map(linked_doi, fields.all("perhaps_doi"))]
    links = fields.all("pubmed_link")
    named = [name.group(1) or name.group(2) for text in fields.all("named_pmid") if (name := _CALLED_PMID.search(text))]
    listed = [other.group(1) for text in fields.all("other_pmid") if (other := _OTHER_PMID.search(text))]
    origin = [*fields.all("database"), *find_numbers(fields.all("number"), fields.all("url"))]
    own = [text for tag, form in _PMID_TAGS if any(map(form.search, origin)) for text in fields.all(tag)]
    is_pubmed = any(map(_IS_PUBMED.search, fields.all("database"))) and not any(
        "embase" in text.lower() for text in fields.all("database")
    )
    # ProQuest puts its own number before PubMed's.
    accessions = re.split(r"\s*[;,]\s*", fields.all("accession")[0]) if is_pubmed and fields.all("accession") else []
    pmids = [*named, *map(page_pmid, links), *listed, *own, *accessions, *fields.all("pmid")]
    labelled = [name for text in fields.all("notes") for name in re.findall(r"\bPMCID\s*:\s*(PMC[0-9]+)", text)]
    pmcids = [*fields.all("pmcid"), *labelled]
    return Identifiers(
        doi=next((doi for doi in dois if doi is not None), None),
        pmid=next((pmid for pmid in map(normalise_pmid, pmids) if pmid is not None), None),
        pmcid=next(
            (pmcid for pmcid in (*map(normalise_pmcid, pmcids), *map(page_pmcid, links)) if pmcid is not None), None
        ),
    )


def _read_types(kind: str | None, works: list[str], doi: str | None, journal: str | None) -> tuple[str, ...]:
    """Return what NLM calls a work, whose type and kinds other databases name; words that say no more are left out."""
    named = [_KINDS.get((kind or "").upper()), *(WORKS.get(text.lower()) for text in works)]
    types = [name for name in named if name is not None]
    return add_preprint(types, stated=(kind, *works), doi=doi, journal=journal)
