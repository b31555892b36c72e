"""What the elements of a PubMed record hold: text, markup, dates.

Only plain children are looked up (``find("Name")``), never paths: that is what the C implementation does fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from xml.etree.ElementTree import Element

from harvester.paper.dates import build_date, parse_month, whole_day
from harvester.paper.text import TITLE_TAGS, collapse

# "1998 Dec-1999 Jan", "2000 Spring", "1976 Jul 10-24", "Winter 1998", "15 Dec 1998": the first date named counts.
_FREE_DATE = re.compile(
    r"(?:(?:(?P<day_before>[0-9]{1,2})\s+)?(?P<month_before>[A-Za-z]{3,9})\.?\s+)?(?<![0-9])(?P<year>(?:1[5-9]|2[01])[0-9]{2})(?![0-9])"
    r"(?:\s+(?P<month>[A-Za-z]{3,9})\.?(?:\s+(?P<day>[0-9]{1,2})(?![0-9]))?)?"
)
# A file names the same few thousand days over and over.
_build_date = lru_cache(maxsize=8192)(build_date)


def read_text(element: Element | None) -> str | None:
    """Return all the text inside an element, markup dropped and white space collapsed; None if there is none."""
    if element is None:
        return None
    text = "".join(element.itertext()) if len(element) else element.text
    if not text:
        return None
    # Most texts are single words, and most of the others tidy; seeing that is quicker than taking them apart.
    if text.isalnum():
        return text
    if text.isascii() and text.isprintable() and "  " not in text and text[0] != " " != text[-1]:
        return text
    return collapse(text)


def read_texts(elements: Iterable[Element]) -> tuple[str, ...]:
    """Return the texts of elements in order, each once, without the empty ones."""
    texts = [read_text(element) for element in elements]
    return tuple(dict.fromkeys([text for text in texts if text is not None])) if texts else ()


def read_markup(element: Element | None) -> str | None:
    """Return a title with the markup we keep and everything else escaped; None if it has no such markup."""
    if element is None or not any(child.tag in TITLE_TAGS for child in element.iter()):
        return None
    return collapse(_marked(element))


def _marked(element: Element) -> str:
    parts = [escape(element.text or "", quote=False)]
    for child in element:
        inner = _marked(child)
        parts.append(f"<{child.tag}>{inner}</{child.tag}>" if child.tag in TITLE_TAGS else inner)
        parts.append(escape(child.tail or "", quote=False))
    return "".join(parts)


def read_date(element: Element | None) -> str | None:
    """Read a date as precise as its source has it; of a range, its beginning."""
    if element is None:
        return None
    year = read_text(element.find("Year"))
    if year is not None:
        season = read_text(element.find("Season"))
        if season is None:
            date = _build_date(year, read_text(element.find("Month")), read_text(element.find("Day")))
        else:
            date = _read_free_date(f"{year} {season}")
        if date is not None:
            return date
    return _read_free_date(read_text(element.find("MedlineDate")) or year or "")


def _read_free_date(text: str) -> str | None:
    date = _FREE_DATE.search(text)
    if date is None:
        return None
    if parse_month(date["month"]) is None and parse_month(date["month_before"]) is not None:
        return build_date(date["year"], date["month_before"], date["day_before"])
    return build_date(date["year"], date["month"], date["day"])


def read_day(element: Element | None) -> str | None:
    """Read one of PubMed's own dates, which are whole days; anything less is none."""
    if element is None:
        return None
    return whole_day(_build_date(element.findtext("Year"), element.findtext("Month"), element.findtext("Day")))


def read_history(history: Element) -> tuple[str | None, str | None]:
    """Return the days when PubMed made the record ("entrez") and when it entered PubMed ("pubmed")."""
    created = entered = None
    for date in history:
        status = date.get("PubStatus")
        if status == "entrez":
            created = created or read_day(date)
        elif status == "pubmed":
            entered = entered or read_day(date)
    return created, entered
