"""What the export formats have in common.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re

from harvester.paper.records import Author, Study

# What a reader must know before citing; other statuses say nothing against it.
_WARNINGS = {
    "retracted": "RETRACTED PUBLICATION",
    "withdrawn": "WITHDRAWN PUBLICATION",
    "concern": "EXPRESSION OF CONCERN PUBLISHED",
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
    """Give the kind of work: article, preprint, thesis, dataset, report, book, conference or news."""
    if study.is_preprint:
        return "preprint"
    return next((kind for name, kind in _KINDS.items() if name in study.publication_types), "article")


def warning_of(study: Study) -> str | None:
    """Give what a reader must know before citing the study; None if nothing."""
    return _WARNINGS.get(study.status)


def given_of(author: Author) -> str | None:
    """Give an author's given names, or initials with full stops ("J. A."), as citation formats want them."""
    if author.given is not None:
        return author.given
    return None if author.initials is None else " ".join(f"{letter}." for letter in author.initials)


def title_of(study: Study) -> str:
    """Give the title without the full stop that PubMed adds; the study's number where there is no title.

    Brackets around a translated title stay: they say that it is one.
    """
    title = study.title or study.vernacular_title
    if title is None:
        return study.study_id
    return title[:-1] if title.endswith(".") and not title.endswith("..") else title


def page_span(pages: str | None) -> tuple[str, str | None] | None:
    """Divide pages into first and last, the last written out; None without pages.

    Examples
    --------
    >>> page_span("211-9"), page_span("S12-S18"), page_span("e2026001"), page_span("12-14, 20")
    (('211', '219'), ('S12', 'S18'), ('e2026001', None), ('12-14, 20', None))
    """
    if pages is None:
        return None
    found = _SHORT_RANGE.fullmatch(pages.strip())
    if found is None:
        return pages, None
    first, last = found["first"], found["last"]
    if len(last) < len(first) and first.isdigit() and last.isdigit():
        last = first[: len(first) - len(last)] + last
    return first, last
