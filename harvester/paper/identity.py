"""What a record of a user's file is: which other record it repeats, corrects or completes.

A file has no number of its own for a paper that lasts: `scopus.ris` is another export each time.  So a record is called
by what it is (`content_key`).  An identifier alone is not enough: the abstracts of a congress share their supplement's
DOI, and lists kept by hand hold wrong ones.  To take one paper for another loses it, to take one for two costs a second
record of one study; in doubt two records are two.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import fields, replace

from harvester.paper.records import Author, Citation, Identifiers, Record
from harvester.paper.statuses import drop_label
from harvester.paper.text import fold

_COMMON = 0.75  # of the words of two titles, where everything else is the same


def content_key(record: Citation) -> str:
    """Return what names a paper by itself: its PMID, else its DOI, else a digest of what it says.

    Examples
    --------
    >>> content_key(Citation(title="A sample", identifiers=Identifiers(doi="10.1000/x")))
    'doi:10.1000/x'
    >>> content_key(Citation(title="A sample.")) == content_key(Citation(title="A Sample"))
    True
    """
    if record.identifiers.pmid is not None:
        return f"pmid:{record.identifiers.pmid}"
    if record.identifiers.doi is not None:
        return f"doi:{record.identifiers.doi}"
    return f"content:{digest(record)}"


def digest(record: Citation) -> str:
    """Return a short text that two records have in common if they print the same title, first author and place."""
    first = _family(record.authors[0]) if record.authors else None
    year = None if record.published is None else record.published[:4]
    place = (record.journal, record.volume, record.issue, record.pages)
    parts = (_letters(part) for part in (record.title, first, year, *place))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def is_same_record(one: Record, other: Record) -> bool:
    """Return whether two records of one key, or of one file and digest, are of one paper.

    They are if no identifier contradicts another and the titles are the same, but for a label ("RETRACTED: …").  A
    title that was corrected is told by the rest: the same authors and abstract; or, where one has none, the same
    authors and pages, and most of the title's words, its numbers included.
    """
    if any(first and second and first != second for first, second in zip(_numbers(one), _numbers(other), strict=True)):
        return False
    titles = [_letters(drop_label(record.title or "")) for record in (one, other)]
    if titles[0] == titles[1]:
        return True
    people = [[_family(author) for author in record.authors] for record in (one, other)]
    if not people[0] or people[0] != people[1]:
        return False
    abstracts = [_letters(record.abstract_text) for record in (one, other)]
    if all(abstracts):
        return abstracts[0] == abstracts[1]
    words, others = (set(re.findall(r"\w+", fold(record.title or ""))) for record in (one, other))
    differ = words ^ others
    return (
        one.pages is not None
        and one.pages == other.pages
        and len(words & others) >= _COMMON * max(len(words), len(others))
        and not any(char.isdigit() for word in differ for char in word)
    )


def complete(record: Record, before: Record) -> Record:
    """Return a record with what it said before, where it says nothing now: an export may have fewer columns.

    Examples
    --------
    >>> before = Record(source="import:a.csv", source_key="1", title="A sample", volume="7", published="2026-11")
    >>> now = complete(Record(source="import:a.csv", source_key="1", title="A Sample", published="2026"), before)
    >>> now.title, now.volume, now.published
    ('A Sample', '7', '2026-11')
    """
    kept = {
        field.name: getattr(before, field.name)
        for field in fields(Citation)
        if getattr(record, field.name) in (None, ()) and getattr(before, field.name) not in (None, ())
    }
    if len(record.authors) < len(before.authors):
        kept["authors"] = before.authors  # "Alpha A et al." takes nobody away
    if "authors" in kept:
        kept["authors_complete"] = before.authors_complete
    if record.published is not None and (before.published or "").startswith(record.published):
        kept["published"] = before.published
    pairs = zip(_numbers(record), _numbers(before), strict=True)
    pmid, doi, pmcid = (now or then for now, then in pairs)
    return replace(record, **kept, identifiers=Identifiers(pmid=pmid, doi=doi, pmcid=pmcid))


def _numbers(record: Record) -> tuple[str | None, str | None, str | None]:
    return record.identifiers.pmid, record.identifiers.doi, record.identifiers.pmcid


def _family(author: Author) -> str:
    return _letters(author.collective or author.family)


def _letters(text: str | None) -> str:
    return re.sub(r"[\W_]", "", fold(text or ""))
