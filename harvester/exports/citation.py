"""What a citation of a study says, in whatever format: its kind of work, title, names, pages and warning."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harvester.paper.records import Author, Study
from harvester.paper.text import drop_full_stop

# What must be said beside a citation: three reasons not to cite unawares, in capitals, and what is missing from one
# without volume and pages.  A preprint is a kind of work of its own; the other statuses change nothing in a citation.
# `harvester.sources.imports` knows these words again.
STATUS_NOTES: Mapping[str, str] = {
    "retracted": "RETRACTED PUBLICATION",
    "withdrawn": "WITHDRAWN PUBLICATION",
    "concern": "EXPRESSION OF CONCERN PUBLISHED",
    "ahead-of-print": "Epub ahead of print",
}
# Publication types in the order in which they decide what kind of work it is; the first found counts.
_KINDS = {
    "Academic Dissertation": "thesis",
    "Dataset": "dataset",
    "Technical Report": "report",
    "Book": "book",
    "Congress": "conference",
    "Newspaper Article": "news",
}
_SHORT_RANGE = re.compile(r"(?P<first>[A-Za-z]*[0-9]+)\s*[-–]\s*(?P<last>[A-Za-z]*[0-9]+)")


def kind_of_work(study: Study) -> str:
    """Return the kind of work: article, preprint, thesis, dataset, report, book, conference or news."""
    if study.is_preprint:
        return "preprint"
    return next((kind for name, kind in _KINDS.items() if name in study.publication_types), "article")


def note_of(study: Study) -> str | None:
    """Return what must be said beside a citation of the study; None if nothing."""
    return STATUS_NOTES.get(study.status)


def given_of(author: Author) -> str | None:
    """Return an author's given names, or initials with full stops, as citation formats want them.

    What stands among the initials in small letters belongs to the capital before it: PubMed writes a Cyrillic initial
    as two letters, and has whole names there.

    Examples
    --------
    >>> [given_of(Author(family="Example", initials=initials)) for initials in ("JA", "YuV", "AHJalali", None)]
    ['J. A.', 'Yu. V.', 'A. H. Jalali', None]
    """
    if author.given is not None or author.initials is None:
        return author.given
    parts: list[str] = []
    for letter in author.initials:
        if parts and letter.islower():
            parts[-1] += letter
        else:
            parts.append(letter)
    return " ".join(part if len(part) > 2 else f"{part}." for part in parts)


def title_of(study: Study) -> str:
    """Return the title without the full stop that PubMed adds; the study's number where there is no title.

    Brackets around a translated title stay: they say that it is one.
    """
    title = study.title or study.vernacular_title
    if title is None:
        return study.study_id
    return drop_full_stop(title)


def page_span(pages: str | None) -> tuple[str, str | None] | None:
    """Divide pages into first and last, the last written out; None without pages.

    Examples
    --------
    >>> page_span("211-9"), page_span("S12-S18"), page_span("e2026001"), page_span("12-14, 20")
    (('211', '219'), ('S12', 'S18'), ('e2026001', None), ('12-14, 20', None))
    """
    if pages is None:
        return None
    numbers = _SHORT_RANGE.fullmatch(pages.strip())
    if numbers is None:
        return pages, None
    first, last = numbers["first"], numbers["last"]
    if len(last) < len(first) and first.isdigit() and last.isdigit():
        last = first[: len(first) - len(last)] + last
    return first, last
