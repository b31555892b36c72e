"""What a record of a file is called in the library: by what it is, never by its file and row.

In this order: its PMID, its DOI, what its database calls it, and else what it says.  Before that stands the database,
where the record names one: Scopus and Embase describe one paper in two records.  Two records of one name that are two
papers (abstracts of a congress under their supplement's DOI) are parted where they are kept, by `RecordStore`.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from harvester.paper.identity import content_key
from harvester.paper.records import Record

# How the databases that export files call themselves, and their records.
_DATABASES = {
    "scopus": (r"scopus", r"2-s2\.0-[0-9]+"),
    "wos": (r"web of (?:science|knowledge)|wos\b", r"WOS:[A-Z0-9]+"),
    "embase": (r"embase", r"L[0-9]{6,12}"),
    "central": (r"central\b|cochrane", r"CN-[0-9]{6,9}"),
    "psycinfo": (r"(?:apa )?psyc?info", r"[12][0-9]{3}-[0-9]{5}-[0-9]{3}"),
    "cinahl": (r"cinahl", ""),
    "lens": (r"(?:the )?lens\b", r"[0-9]{3}(?:-[0-9]{3}){3,4}-[0-9X]{3}"),
    "openalex": (r"openalex", r"(?:https://openalex\.org/)?W[0-9]{4,12}"),
    "dimensions": (r"dimensions", r"pub\.[0-9]{6,12}"),
    "eric": (r"eric\b", r"E[JD][0-9]{5,8}"),
    "pubmed": (r"pubmed|medline|nlm\b", ""),
}
_NAMES = {name: re.compile(pattern, re.IGNORECASE) for name, (pattern, _) in _DATABASES.items()}
_FORMS = {name: re.compile(form) for name, (_, form) in _DATABASES.items() if form}


_EID = re.compile(r"[?&]eid=(2-s2\.0-[0-9]+)")  # Scopus has its number in the address alone


def find_numbers(accessions: Iterable[str], links: Iterable[str]) -> list[str]:
    """Return what may be a database's number of a record, from fields for it and from addresses."""
    return [number.strip() for number in accessions] + [number for link in links for number in _EID.findall(link)]


def name_record(record: Record, *, databases: Iterable[str] = (), numbers: Iterable[str] = ()) -> Record:
    """Return a record whose key says what it is.

    Parameters
    ----------
    databases
        Names of databases, as the record's fields have them; the first that is known counts.
    numbers
        What may be the database's number of the record (`find_numbers`); one in the form of a known database says
        which it is.

    Examples
    --------
    >>> record = Record(source="import:a.ris", source_key="1", title="A sample", published="2026")
    >>> name_record(record, numbers=["WOS:000000000000041"]).source_key
    'wos WOS:000000000000041'
    """
    known = [(name, number) for number in numbers for name, form in _FORMS.items() if form.fullmatch(number)]
    stated = [name for text in databases for name, pattern in _NAMES.items() if pattern.match(text.strip())]
    database = next((name for name, _ in known), None) or next(iter(stated), None)
    key = content_key(record)
    if key.startswith("content:") and known:
        key = known[0][1]
    return replace(record, source_key=key if database is None else f"{database} {key}")
