"""The other formats in which PubMed gives a record: MEDLINE text, abstracts, summaries; and what EInfo tells."""

from __future__ import annotations

import textwrap
from datetime import date
from html import escape

from harvester.sandbox.record_view import Reading, read_dates, read_record
from harvester.sandbox.responses import Answer, json_answer, xml_answer

# Field names of db=pubmed in EInfo: short name, full name, whether it holds dates.
_EINFO_FIELDS = (
    ("ALL", "All Fields", "N"),
    ("UID", "UID", "N"),
    ("FILT", "Filter", "N"),
    ("TITL", "Title", "N"),
    ("TIAB", "Title/Abstract", "N"),
    ("WORD", "Text Word", "N"),
    ("MESH", "MeSH Terms", "N"),
    ("MAJR", "MeSH Major Topic", "N"),
    ("SUBH", "MeSH Subheading", "N"),
    ("SUBS", "Supplementary Concept", "N"),
    ("PAPX", "Pharmacological Action", "N"),
    ("PTYP", "Publication Type", "N"),
    ("JOUR", "Journal", "N"),
    ("AUTH", "Author", "N"),
    ("LANG", "Language", "N"),
    ("CRDT", "Date - Create", "Y"),
    ("EDAT", "Date - Entry", "Y"),
    ("MDAT", "Date - Modification", "Y"),
    ("MHDA", "Date - MeSH", "Y"),
    ("PDAT", "Date - Publication", "Y"),
)
_EINFO_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eInfoResult PUBLIC "-//NLM//DTD einfo 20130322//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20130322/einfo.dtd">\n'
)


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


def databases(*, as_json: bool) -> Answer:
    """Return EInfo's list of databases: this server has one."""
    if as_json:
        return json_answer({"header": {"type": "einfo", "version": "0.3"}, "einforesult": {"dblist": ["pubmed"]}})
    return xml_answer(f"{_EINFO_HEAD}<eInfoResult><DbList>\n<DbName>pubmed</DbName>\n</DbList></eInfoResult>\n")


def database_info(*, count: int, today: date, as_json: bool) -> Answer:
    """Return what EInfo tells of PubMed."""
    updated = f"{today:%Y/%m/%d} 00:00"
    description = "PubMed bibliographic record (invented sample)"
    fields = [
        {"name": name, "fullname": full, "description": full, "isdate": is_date, "ishidden": "N"}
        for name, full, is_date in _EINFO_FIELDS
    ]
    if as_json:
        info = {
            "dbname": "pubmed",
            "menuname": "PubMed",
            "description": description,
            "count": str(count),
            "lastupdate": updated,
        }
        return json_answer(
            {"header": {"type": "einfo", "version": "0.3"}, "einforesult": {"dbinfo": [{**info, "fieldlist": fields}]}}
        )
    inside = "".join(
        f"<Field><Name>{f['name']}</Name><FullName>{f['fullname']}</FullName><IsDate>{f['isdate']}</IsDate></Field>\n"
        for f in fields
    )
    return xml_answer(
        f"{_EINFO_HEAD}<eInfoResult><DbInfo><DbName>pubmed</DbName><MenuName>PubMed</MenuName><Description>{description}</Description>"
        f"<Count>{count}</Count><LastUpdate>{updated}</LastUpdate><FieldList>\n{inside}</FieldList></DbInfo></eInfoResult>\n"
    )
