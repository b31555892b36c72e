"""The other formats in which PubMed gives a record: MEDLINE text, abstracts, summaries."""

from __future__ import annotations

import textwrap
from html import escape

from harvester.sandbox.record_view import Reading, read_dates, read_record


def medline(xml: bytes) -> str:
    """Return a record as MEDLINE text: a four-letter tag, a hyphen, the value; one blank line at the end."""
    reading, _ = read_record(xml)
    dates = read_dates(xml)
    lines: list[str] = []

    def put(tag: str, *values: str) -> None:
        for value in values:
            if value:
                lines.extend(
                    textwrap.wrap(
                        value, 82, initial_indent=f"{tag:<4}- ", subsequent_indent=" " * 6, break_long_words=False
                    )
                )

    put("PMID", reading.pmid)
    for tag, name in (("DCOM", "dcom"), ("LR", "mdat")):
        put(tag, *(f"{day:%Y%m%d}" for day in dates.get(name, ())))
    put("IS", *reading.issns)
    put("VI", reading.volume)
    put("IP", reading.issue)
    put("DP", reading.publication_date)
    put("TI", reading.title)
    put("PG", reading.pages)
    put("LID", *(f"{value} [{name}]" for name, value in reading.identifiers.items() if name in ("doi", "pii")))
    put("AB", _abstract_line(reading))
    for person in reading.people:
        put("CN", person.collective)
        put("FAU", f"{person.family}, {person.given}" if person.given else person.family)
        put("AU", person.short if person.family else "")
    put("LA", *reading.languages)
    put("SI", *(f"ClinicalTrials.gov/{number}" for number in reading.registrations))
    put("PT", *reading.publication_types)
    put("TT", reading.vernacular_title)
    put("TA", reading.abbreviation)
    put("JT", reading.journal)
    put("RN", *(f"0 ({name})" for name in reading.chemicals))
    put(
        "MH",
        *("/".join((f"*{name}" if is_major else name, *qualifiers)) for name, qualifiers, is_major in reading.mesh),
    )
    put("OT", *reading.keywords)
    for kind, source, pmid in reading.relations:
        put(_RELATION_TAGS.get(kind, ""), f"{source} PMID: {pmid}" if pmid else source)
    for tag, name in (("EDAT", "edat"), ("MHDA", "mhda"), ("CRDT", "crdt")):
        put(tag, *(f"{day:%Y/%m/%d} 00:00" for day in dates.get(name, ())))
    put("AID", *(f"{value} [{name}]" for name, value in reading.identifiers.items()))
    put("PST", reading.status)
    put("SO", f"{reading.abbreviation}. {reading.publication_date}.")
    return "\n".join(lines) + "\n"


_RELATION_TAGS = {
    "CommentIn": "CIN",
    "CommentOn": "CON",
    "ErratumIn": "EIN",
    "ErratumFor": "EFR",
    "ExpressionOfConcernIn": "ECI",
    "ExpressionOfConcernFor": "ECF",
    "RetractionIn": "RIN",
    "RetractionOf": "ROF",
    "UpdateIn": "UIN",
    "UpdateOf": "UOF",
}


def _abstract_line(reading: Reading) -> str:
    return " ".join(f"{label}: {text}" if label else text for label, text in reading.abstract)


def abstract(xml: bytes) -> str:
    """Return a record as the plain text that EFetch sends by default."""
    reading, _ = read_record(xml)
    names = ", ".join(person.short for person in reading.people)
    head = f"1. {reading.abbreviation}. {reading.publication_date}."
    parts = (head, reading.title, names, _abstract_line(reading), f"PMID: {reading.pmid}")
    return "\n\n".join(textwrap.fill(part, 78) for part in parts if part) + "\n"


def summary(xml: bytes) -> dict[str, object]:
    """Return a record as ESummary's version 2.0 has it."""
    reading, published = read_record(xml)
    dates = read_dates(xml)
    names = [person.short for person in reading.people]
    identifiers = {"pubmed": reading.pmid, **reading.identifiers}
    history = [
        (name, dates[key][0])
        for name, key in (("entrez", "crdt"), ("pubmed", "edat"), ("medline", "mhda"))
        if key in dates
    ]
    return {
        "uid": reading.pmid,
        "pubdate": reading.publication_date,
        "source": reading.abbreviation,
        "authors": [{"name": name, "authtype": "Author", "clusterid": ""} for name in names],
        "lastauthor": names[-1] if names else "",
        "title": reading.title,
        "sorttitle": reading.title.lower(),
        "volume": reading.volume,
        "issue": reading.issue,
        "pages": reading.pages,
        "lang": list(reading.languages),
        "issn": reading.issns[0] if reading.issns else "",
        "pubtype": list(reading.publication_types),
        "articleids": [{"idtype": name, "idtypen": 1, "value": value} for name, value in identifiers.items()],
        "history": [{"pubstatus": name, "date": f"{day:%Y/%m/%d} 00:00"} for name, day in history],
        "attributes": ["Has Abstract"] if reading.abstract else [],
        "fulljournalname": reading.journal,
        "elocationid": f"doi: {reading.identifiers['doi']}" if "doi" in reading.identifiers else "",
        "doctype": "citation",
        "sortpubdate": f"{published[0]:%Y/%m/%d} 00:00" if published else "",
        "sortfirstauthor": names[0] if names else "",
        "vernaculartitle": reading.vernacular_title,
    }


def summaries_xml(summaries: dict[str, dict[str, object]]) -> str:
    """Return summaries as ESummary's first XML format, its plain items only."""
    documents = "".join(_summary_xml(summary) for summary in summaries.values())
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<eSummaryResult>\n{documents}</eSummaryResult>\n'


def _summary_xml(summary: dict[str, object]) -> str:
    if "error" in summary:
        return f'<ERROR uid="{summary["uid"]}">{summary["error"]}</ERROR>\n'
    names = {
        "PubDate": "pubdate",
        "Source": "source",
        "Title": "title",
        "Volume": "volume",
        "Issue": "issue",
        "FullJournalName": "fulljournalname",
    }
    items = "".join(
        f'<Item Name="{name}" Type="String">{escape(str(summary[key]))}</Item>' for name, key in names.items()
    )
    return f"<DocSum><Id>{summary['uid']}</Id>{items}</DocSum>\n"
