"""MEDLINE text, the format of PubMed's ``.nbib`` files, read through `Bio.Medline`.

Biopython knows the mnemonics; what reaches it is put right first, because its reader takes the first four
characters of any line for one: continuation lines are joined, blanks around the hyphen evened out, and lines that
are no field dropped.  Each record is read by itself.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from Bio import Medline

from harvester.paper.abstracts import read_abstract
from harvester.paper.dates import parse_date, whole_day
from harvester.paper.identifiers import find_issns, normalise_doi, normalise_pmcid, normalise_pmid, pubmed_url, read_doi
from harvester.paper.names import parse_name
from harvester.paper.records import AbstractSection, Author, BadRecord, Identifiers, Record, Relation
from harvester.paper.registries import collect_trial_ids, is_registry
from harvester.paper.text import collapse, strip_invisible
from harvester.sources.imports.keys import name_record
from harvester.sources.imports.values import read_languages
from harvester.sources.pubmed.record import choose_title, find_orcid, is_standard_pii
from harvester.table.foreign import Fields, read_mesh

_FIELD = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)")
_NEW_RECORD = "PMID"
_DOI_TYPE = re.compile(r"\s*\[doi\]\s*$", re.IGNORECASE)
# PubMed's help, "MEDLINE/PubMed Data Element (Field) Descriptions", by the RefType in its XML.
_RELATIONS = {
    "CIN": "CommentIn",
    "CON": "CommentOn",
    "CRI": "CorrectedandRepublishedIn",
    "CRF": "CorrectedandRepublishedFrom",
    "ECI": "ExpressionOfConcernIn",
    "ECF": "ExpressionOfConcernFor",
    "EIN": "ErratumIn",
    "EFR": "ErratumFor",
    "ORI": "OriginalReportIn",
    "PRIN": "PartialRetractionIn",
    "PROF": "PartialRetractionOf",
    "RIN": "RetractionIn",
    "ROF": "RetractionOf",
    "RPI": "RepublishedIn",
    "RPF": "RepublishedFrom",
    "RRI": "RetractedandRepublishedIn",
    "RRF": "RetractedandRepublishedFrom",
    "SPIN": "SummaryForPatientsIn",
    "UIN": "UpdateIn",
    "UOF": "UpdateOf",
}


def parse_medline(text: str, *, source: str) -> list[Record | BadRecord]:
    """Read MEDLINE text, its records divided by blank lines or by their PMIDs, in its order.

    `source` is that of records without a PMID; those with one are PubMed's own.
    """
    items: list[Record | BadRecord] = []
    for number, lines in enumerate(_divide(strip_invisible(text)), start=1):
        read = cast("dict[str, str | list[str]]", Medline.read(lines))  # type: ignore[no-untyped-call]
        try:
            items.append(_read_record(_read_fields(read), _read_authors(lines), source=source))
        except ValueError as error:
            items.append(BadRecord(pmid=None, reason=f"record {number}: {error}"))
    return items


def _divide(text: str) -> Iterator[list[str]]:
    """Yield the records, each a list of whole fields."""
    lines: list[str] = []
    for line in re.split(r"\r\n|\r|\n", text):
        field = _FIELD.fullmatch(line)
        if field is not None:
            tag, value = field.groups()
            if tag == _NEW_RECORD and any(earlier.startswith(_NEW_RECORD) for earlier in lines):
                yield lines
                lines = []
            lines.append(f"{tag:<4}- {value.strip()}")
        elif line[:1].isspace() and line.strip() and lines:
            lines[-1] += f" {line.strip()}"
        elif not line.strip() and lines:
            yield lines
            lines = []
    if lines:
        yield lines


def _read_fields(read: Mapping[str, str | list[str]]) -> Fields:
    """Collapse the texts of a record, which Biopython keeps alone or in a list, and drop the empty ones."""
    listed = {tag: [value] if isinstance(value, str) else value for tag, value in read.items()}
    return Fields({tag: [text for value in values if (text := collapse(value))] for tag, values in listed.items()})


def _read_record(fields: Fields, authors: tuple[Author, ...], *, source: str) -> Record:
    pmid = normalise_pmid(re.split(r"[^0-9]", fields.one("PMID") or "", maxsplit=1)[0])
    title = choose_title(fields.one("TI", "BTI"), fields.one("TT"))
    if pmid is None and title is None:
        raise ValueError("it has neither a PMID nor a title")
    abstract = read_abstract(fields.one("AB"))
    online = parse_date(fields.one("DEP"))
    created, entered, revised = (whole_day(parse_date(fields.one(tag))) for tag in ("CRDT", "EDAT", "LR"))
    record = Record(
        source=source if pmid is None else "pubmed",
        source_key=pmid or "",
        title=title,
        vernacular_title=fields.one("TT"),
        authors=authors,
        journal=fields.one("JT") or _read_book(fields),
        journal_abbreviation=fields.one("TA"),
        issns=find_issns(fields.all("IS")),
        published=parse_date(fields.one("DP")) or online or entered or created,
        published_online=online,
        volume=fields.one("VI"),
        issue=fields.one("IP"),
        pages=fields.one("PG") or _read_article_number(fields),
        identifiers=Identifiers(pmid=pmid, doi=_read_doi(fields), pmcid=normalise_pmcid(fields.one("PMC"))),
        trial_ids=_read_trial_ids(fields, abstract),
        url=None if pmid is None else pubmed_url(pmid),
        languages=read_languages(fields.all("LA")),
        abstract=abstract,
        other_abstracts=_read_other_abstract(fields),
        publication_types=tuple(dict.fromkeys(fields.all("PT"))),
        mesh_terms=tuple(term for term in map(read_mesh, fields.all("MH")) if term is not None),
        chemicals=_read_chemicals(fields.all("RN", "NM")),
        keywords=tuple(dict.fromkeys(word.lstrip("*") for word in fields.all("OT") if word.lstrip("*"))),
        relations=_read_relations(fields),
        publication_status=fields.one("PST"),
        created=created,
        entered=entered,
        revised=revised,
    )
    return record if pmid is not None else name_record(record)


def _read_authors(lines: Iterable[str]) -> tuple[Author, ...]:
    """Read people and groups in the document's order, each with what stands below the name.

    A full name is followed by its short one, which alone tells initials and suffix as PubMed has them.
    """
    authors: list[Author | None] = []
    full: str | None = None
    for line in lines:
        tag, text = line[:4].strip(), collapse(line[6:]) or ""
        if full is not None and tag != "AU":
            authors.append(parse_name(full))
        if tag == "AU":
            authors.append(parse_name(text) if full is None else _pair_names(full, text))
        elif tag == "CN" and text:
            authors.append(Author(collective=text))
        elif tag == "AD" and authors and authors[-1] is not None:
            authors[-1] = replace(authors[-1], affiliations=(*authors[-1].affiliations, text))
        elif tag == "AUID" and authors and authors[-1] is not None:
            authors[-1] = replace(authors[-1], orcid=find_orcid(text) or authors[-1].orcid)
        full = text if tag == "FAU" else None
    return tuple(author for author in (*authors, parse_name(full)) if author is not None)


def _pair_names(full: str, short: str) -> Author | None:
    family, comma, given = (part.strip() for part in full.partition(","))
    if not comma or not family or not short.startswith(family):
        return parse_name(full)
    initials, _, suffix = short[len(family) :].strip().partition(" ")
    if suffix and given.endswith(suffix):
        given = given[: -len(suffix)].strip(" ,")
    return Author(family=family, given=given or None, initials=initials or None, suffix=suffix or None)


def _read_book(fields: Fields) -> str | None:
    """Return what a chapter stands in; of a whole book its publisher."""
    return fields.one("BTI", "CTI") if fields.one("TI") else fields.one("PB")


def _read_article_number(fields: Fields) -> str | None:
    """Return the number that electronic journals have instead of pages; a publisher's number of an item is none."""
    located = (part for text in fields.all("LID") for part in re.findall(r"(\S+)\s*\[pii\]", text))
    return next((number for number in located if not is_standard_pii(number)), None)


def _read_doi(fields: Fields) -> str | None:
    """Read the DOI from the location or, after it, the article's identifiers."""
    typed = [text for text in fields.all("LID", "AID") if _DOI_TYPE.search(text)]
    # Biopython joins several LID into one text: "S0140-6736(26)00001-2 [pii] 10.1016/… [doi]".
    parts = [part for text in typed for part in re.split(r"\[[a-z]+\]\s*", text)]
    named = [text for text in fields.all("AID", "LID") if text.lower().startswith(("doi", "http", "10."))]
    return next((doi for doi in map(read_doi, (*parts, *named)) if doi is not None), None)


def _read_trial_ids(fields: Fields, abstract: tuple[AbstractSection, ...]) -> tuple[str, ...]:
    banks = [text.partition("/") for text in fields.all("SI")]
    listed = [number for name, _, number in banks if number and is_registry(name)]
    return collect_trial_ids(listed, "\n".join(part.text for part in abstract))


def _read_other_abstract(fields: Fields) -> tuple[AbstractSection, ...]:
    return tuple(AbstractSection(text=text, label=fields.one("OABL")) for text in fields.all("OAB"))


def _read_chemicals(texts: list[str]) -> tuple[str, ...]:
    """Return the names of substances: ``690G0D6V8H (Ketamine)``, or the name alone."""
    names = (re.fullmatch(r"(?:0|[A-Z0-9]{10}|[0-9-]{5,12}|EC [0-9.-]+) \((.+)\)", text) for text in texts)
    pairs = zip(names, texts, strict=True)
    return tuple(dict.fromkeys(name.group(1) if name is not None else text for name, text in pairs))


def _read_relations(fields: Fields) -> tuple[Relation, ...]:
    relations = []
    for tag, kind in _RELATIONS.items():
        for text in fields.all(tag):
            pmid = re.search(r"\bPMID:?\s*([0-9]{1,9})\b", text)
            reference = text if pmid is None else collapse(text[: pmid.start()])
            if reference is not None and pmid is not None and "doi:" not in reference:
                reference = reference.removesuffix(".")  # it parts the PMID, which is no part of it, from a place
            relations.append(
                Relation(
                    kind=kind,
                    pmid=None if pmid is None else normalise_pmid(pmid.group(1)),
                    doi=normalise_doi(text),
                    reference=reference,
                )
            )
    return tuple(relations)
