"""RIS, for reference managers (Research Information Systems' specification of 2011).

The lines are written here and not by rispy, whose writer puts a number before each record that Zotero and EndNote
take for text of the record before.  That rispy and our own import read them back, the status included, is a test.
"""

from __future__ import annotations

from collections.abc import Iterator

from harvester.exports.citation import given_of, kind_of_work, note_of, page_span, title_of
from harvester.exports.format import TextFormat
from harvester.paper.records import Author, Study

_TYPES = {
    "article": "JOUR",
    "preprint": "UNPB",
    "thesis": "THES",
    "dataset": "DATA",
    "report": "RPRT",
    "book": "BOOK",
    "conference": "CONF",
    "news": "NEWS",
}


def _print(study: Study) -> str:
    """Print one record and the blank line after it; what must be said beside the citation is its first note (N1)."""
    filled = ((tag, " ".join(value.split())) for tag, value in _fields(study) if value is not None)
    return "".join(f"{tag}  - {text}\n" for tag, text in filled if text) + "ER  - \n\n"


def _fields(study: Study) -> Iterator[tuple[str, str | None]]:
    first, last = page_span(study.pages) or (None, None)
    identifiers = study.identifiers
    kind = kind_of_work(study)
    yield "TY", _TYPES[kind]
    if kind == "preprint":  # what is unpublished (UNPB) need not be one
        yield "M3", "Preprint"
    yield "TI", title_of(study)
    for author in study.authors:
        yield "AU", _print_author(author)
    if not study.authors_complete:
        yield "AU", "et al."
    yield "T2", study.journal or study.journal_abbreviation
    yield "J2", study.journal_abbreviation
    if study.published is not None:
        year, month, day = [*study.published.split("-"), "", ""][:3]
        yield "PY", year
        yield "DA", f"{year}/{month}/{day}/"
    yield "VL", study.volume
    yield "IS", study.issue
    yield "SP", first
    yield "EP", last
    yield "SN", " ".join(study.issns)
    yield "DO", identifiers.doi
    if identifiers.pmid is not None:
        yield "AN", identifiers.pmid
        yield "DB", "PubMed"
    yield "C2", identifiers.pmcid
    yield "UR", study.page_url
    yield "LA", "; ".join(study.languages)
    yield "N1", note_of(study)
    yield "AB", study.abstract_text
    for word in (*study.keywords, *(term.name for term in study.mesh_terms if term.name not in study.keywords)):
        yield "KW", word


def _print_author(author: Author) -> str | None:
    if author.collective is not None:
        return author.collective
    return ", ".join(part for part in (author.family, given_of(author), author.suffix) if part)


RIS = TextFormat(
    name="ris",
    label="RIS",
    suffix="ris",
    media_type="application/x-research-info-systems",
    print_study=_print,
    is_on_page=True,
)
