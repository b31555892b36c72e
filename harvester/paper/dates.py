"""Dates as sources write them, no more precise than they are.

Every function is total on text: what cannot be understood is ``None``, never an exception.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from calendar import monthrange

from harvester.paper.text import collapse

# What a date looks like here, as a regular expression of the whole: known to the year, the month or the day.
PARTIAL_DATE = "[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"

_MONTH_NAMES = (
    *("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august"),
    *("sep sept september", "oct october", "nov november", "dec december"),
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}


def is_partial_date(text: str) -> bool:
    """Return whether a text is an ISO date known to the year, the month or the day.

    Examples
    --------
    >>> [is_partial_date(text) for text in ("2026", "2026-11", "2026-11-05", "2026-13", "Nov 2026")]
    [True, True, True, False, False]
    """
    return re.fullmatch(PARTIAL_DATE, text) is not None


def parse_month(text: str | None) -> int | None:
    """Read a month from a number or an English name; None if it is neither.

    Examples
    --------
    >>> parse_month("Sept."), parse_month("09"), parse_month("Summer")
    (9, 9, None)
    """
    word = (text or "").strip().rstrip(".").lower()
    if word.isascii() and word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    return _MONTHS.get(word)


def build_date(year: str | int | None, month: str | int | None = None, day: str | int | None = None) -> str | None:
    """Build an ISO date from parts of one source date, as precise as the parts allow.

    An impossible part ends the date before it (31 September is September), because the parts before it are
    still what the source said.

    Examples
    --------
    >>> build_date("2026", "Nov", "5"), build_date(2026, "Summer"), build_date(2005, 9, 31), build_date("n.d.")
    ('2026-11-05', '2026', '2005-09', None)
    """
    match = re.fullmatch(r"\s*([0-9]{4})\s*", str(year or ""))
    if match is None or int(match.group(1)) < 1000:
        return None
    number = parse_month(str(month)) if month is not None else None
    if number is None:
        return match.group(1)
    text = str(day or "").strip()
    if text.isascii() and text.isdigit() and 1 <= int(text) <= monthrange(int(match.group(1)), number)[1]:
        return f"{match.group(1)}-{number:02d}-{int(text):02d}"
    return f"{match.group(1)}-{number:02d}"


def whole_day(date: str | None) -> str | None:
    """Return an ISO date that names a day; None for one known only to the month or year."""
    return date if date is not None and len(date) == len("2026-11-05") else None


# The ways in which feeds, RIS, MEDLINE and spreadsheets write dates; the first that fits is read.
_YEAR, _WORD = r"(?P<year>[0-9]{4})", r"(?P<month>[A-Za-z]{3,9})"
_DAY, _WEEKDAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?", r"(?:[A-Za-z]{3,9},? )?"
_DATE_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}[-/.](?P<month>[0-9]{{1,2}})(?:[-/.](?P<day>[0-9]{{1,2}})(?![0-9:]))?(?![0-9])",
        rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})(?:T.*)?$",  # compact ISO, MEDLINE's DEP
        rf"{_YEAR}[ ,]+{_WORD}(?:[ .,]+(?P<day>[0-9]{{1,2}})(?![0-9]))?",  # MEDLINE's DP
        rf"{_YEAR} +(?P<month>[0-9]{{1,2}})(?:[ ]+(?P<day>[0-9]{{1,2}})(?![0-9]))?(?![0-9])",
        rf"{_WEEKDAY}{_DAY}[ -]{_WORD}[.,]?[ -](?P<year>[0-9]{{4}}|[0-9]{{2}}(?![0-9]))",  # RFC 822
        rf"{_WEEKDAY}{_WORD}[.,]? {_DAY},? (?:[0-9:]{{5,8}} (?:[A-Z]{{3,4}} )?)?{_YEAR}",  # asctime, US English
        rf"{_WORD}[.,]?[ -]{_YEAR}(?![0-9])",
        rf"(?P<one>[0-9]{{1,2}})/(?P<two>[0-9]{{1,2}})/{_YEAR}(?![0-9])",
        rf"[^0-9]*{_YEAR}(?:[-/][0-9]{{4}})?[^0-9]*$",
    )
)


def parse_date(text: str | None) -> str | None:
    """Read a date as printed by a feed, a reference manager or a spreadsheet, no more precise than printed.

    The day is the one printed, in whatever zone it was meant.  Where day and month cannot be told apart
    (``05/11/2026``), only the year is certain.  Of a range the beginning is taken, as PubMed sorts it.

    Examples
    --------
    >>> [parse_date(text) for text in ("2026-11", "Thu, 05 Nov 2026 06:00 GMT", "2026 Nov-Dec", "2021/06//")]
    ['2026-11', '2026-11-05', '2026-11', '2021-06']
    >>> [parse_date(text) for text in ("2018-12-17-08:00", "November 5, 2026", "05/11/2026", "n.d.")]
    ['2018-12-17', '2026-11-05', '2026', None]
    """
    line = collapse(text)
    if line is None:
        return None
    for form in _DATE_FORMS:
        match = form.match(line)
        if match is None:
            continue
        parts = match.groupdict()
        year = parts["year"]
        if len(year) == 2:  # RFC 822 allowed two digits; none of these formats is older than 1970
            year = ("20" if int(year) < 70 else "19") + year
        month, day = parts.get("month"), parts.get("day")
        if "one" in parts:
            one, two = int(parts["one"]), int(parts["two"])
            month, day = (str(two), str(one)) if one > 12 else (str(one), str(two)) if two > 12 else (None, None)
        date = build_date(year, month, day)
        if date is not None:
            return date
    return None
