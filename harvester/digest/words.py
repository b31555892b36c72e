"""The words for tag values, numbers and dates, as a reader of the digest meets them.

A vocabulary of one's own may bring values that are not listed here; they are shown with their hyphens as spaces,
after those that are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from harvester.ground.clock import parse_time, week_days

# In the order of the sections and of the map: mood, then trauma and anxiety, addiction, the rest of psychiatry,
# neighbouring fields.
CONDITIONS = {
    "treatment-resistant-depression": "treatment-resistant depression",
    "depression": "depression",
    "bipolar": "bipolar disorder",
    "suicidality": "suicidality",
    "postpartum-depression": "postpartum depression",
    "ptsd": "PTSD",
    "anxiety": "anxiety",
    "ocd": "OCD",
    "alcohol-use": "alcohol use",
    "substance-use": "substance use",
    "eating-disorder": "eating disorders",
    "psychosis": "psychosis",
    "autism": "autism",
    "dementia": "dementia",
    "delirium": "delirium",
    "pain": "pain",
    "palliative": "palliative care",
    "healthy-volunteers": "healthy volunteers",
}

# Under which of its conditions a study stands, if none or several are in its title: the one that fewer studies are
# about, and that more people would search under, comes first.
_WEIGHT = (
    "postpartum-depression",
    "ocd",
    "ptsd",
    "eating-disorder",
    "autism",
    "alcohol-use",
    "substance-use",
    "psychosis",
    "bipolar",
    "suicidality",
    "treatment-resistant-depression",
    "anxiety",
    "depression",
    "dementia",
    "delirium",
    "palliative",
    "pain",
    "healthy-volunteers",
)

# A narrower condition brings its broader one as a tag; only the narrower one is shown.
BROADER = {
    "treatment-resistant-depression": "depression",
    "postpartum-depression": "depression",
    "alcohol-use": "substance-use",
}

# Value: singular, plural.
DESIGNS = {
    "rct": ("randomised trial", "randomised trials"),
    "open-label-trial": ("open-label trial", "open-label trials"),
    "cohort": ("cohort", "cohorts"),
    "cross-sectional": ("cross-sectional study", "cross-sectional studies"),
    "case-series": ("case series", "case series"),
    "case-report": ("case report", "case reports"),
    "qualitative": ("qualitative study", "qualitative studies"),
    "economic": ("economic study", "economic studies"),
    "systematic-review": ("systematic review", "systematic reviews"),
    "meta-analysis": ("meta-analysis", "meta-analyses"),
    "guideline": ("guideline", "guidelines"),
    "review": ("review", "reviews"),
    "protocol": ("protocol", "protocols"),
    "preclinical": ("preclinical study", "preclinical studies"),
    "comment": ("comment", "comments"),
    "other": ("other design", "other designs"),
}

CHANGES = {
    "retracted": "Retracted",
    "withdrawn": "Withdrawn",
    "concern": "Expression of concern",
    "corrected": "Corrected",
    "published": "Preprint now published as an article",
    "reinstated": "No longer marked as retracted",
    "in-print": "Now in an issue",
    "deleted": "Deleted from PubMed",
}

STATUSES = {
    "retracted": "Retracted",
    "withdrawn": "Withdrawn",
    "concern": "Expression of concern",
    "corrected": "Corrected since first published",
    "preprint": "Preprint, not peer reviewed",
    "ahead-of-print": "Ahead of print",
}

NO_BREAK = "\u00a0"  # keeps a number and its unit, a day and its month, on one line

SEPARATOR = f"{NO_BREAK}· "  # a line ends with the point, it never begins with it

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def capitalise(text: str) -> str:
    """Set the first letter in upper case and leave the rest (``PTSD`` stays).

    Examples
    --------
    >>> capitalise("alcohol use"), capitalise("")
    ('Alcohol use', '')
    """
    return text[:1].upper() + text[1:]


def condition_words(value: str) -> str:
    """Give a condition in words."""
    return CONDITIONS.get(value) or value.replace("-", " ")


def design_words(value: str, *, number: int = 1) -> str:
    """Give a design in words, in the plural unless `number` is 1."""
    singular, plural = DESIGNS.get(value) or (value.replace("-", " "), value.replace("-", " "))
    return singular if number == 1 else plural


def narrowest(conditions: Iterable[str]) -> tuple[str, ...]:
    """Leave out each condition that another one of them brought as its broader one.

    Examples
    --------
    >>> narrowest(("depression", "ptsd", "treatment-resistant-depression"))
    ('ptsd', 'treatment-resistant-depression')
    """
    known = tuple(dict.fromkeys(conditions))
    brought = {BROADER[condition] for condition in known if condition in BROADER}
    return tuple(condition for condition in known if condition not in brought)


def weightiest(conditions: Sequence[str], *, in_title: Iterable[str] = ()) -> str | None:
    """Choose the condition under which a study stands; None without any.

    Parameters
    ----------
    conditions
        All its conditions.
    in_title
        Those of them that its title names; they win over the others.

    Examples
    --------
    >>> weightiest(("depression", "suicidality", "treatment-resistant-depression"))
    'suicidality'
    >>> weightiest(("anxiety", "depression"), in_title=("depression",))
    'depression'
    """
    narrow = narrowest(conditions)
    named = [condition for condition in narrow if condition in set(in_title)]
    order = {condition: place for place, condition in enumerate(_WEIGHT)}
    return min(named or narrow, key=lambda item: (order.get(item, len(order)), item), default=None)


def number_words(number: int) -> str:
    """Write a number with commas between thousands.

    Examples
    --------
    >>> number_words(12345)
    '12,345'
    """
    return f"{number:,}"


def count_words(number: int, singular: str, plural: str | None = None) -> str:
    r"""Write a number and what it counts, kept on one line.

    Examples
    --------
    >>> count_words(1, "study", "studies"), count_words(1200, "protocol")
    ('1\xa0study', '1,200\xa0protocols')
    """
    return f"{number_words(number)}{NO_BREAK}{singular if number == 1 else plural or singular + 's'}"


def join_words(words: Sequence[str], *, last: str = "and") -> str:
    """Join words as in a sentence.

    Examples
    --------
    >>> join_words(["A", "B", "C"]), join_words(["A", "B"], last="or"), join_words([])
    ('A, B and C', 'A or B', '')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def date_words(iso: str) -> str:
    r"""Write an ISO date, as precise as it is, in words; a time keeps only its day.

    Examples
    --------
    >>> date_words("2026-11-05"), date_words("2026-11"), date_words("2026")
    ('5\xa0November 2026', 'November 2026', '2026')
    """
    year, *rest = iso[:10].split("-")
    words = [year]
    if rest:
        words.insert(0, _MONTHS[int(rest[0]) - 1])
    if len(rest) > 1:
        words[0] = f"{int(rest[1])}{NO_BREAK}{words[0]}"
    return " ".join(words)


def range_words(first: str, last: str) -> str:
    r"""Write two ISO days as a range, saying month and year once where they are the same.

    Examples
    --------
    >>> range_words("2026-11-16", "2026-11-22"), range_words("2026-10-26", "2026-11-01")
    ('16–22\xa0November 2026', '26\xa0October – 1\xa0November 2026')
    >>> range_words("2025-12-29", "2026-01-04"), range_words("2026-11-16", "2026-11-16")
    ('29\xa0December 2025 – 4\xa0January 2026', '16\xa0November 2026')
    """
    if first == last:
        return date_words(first)
    end = date_words(last)
    if first[:7] == last[:7]:
        return f"{int(first[8:])}–{end}"
    start = date_words(first)
    return f"{start.removesuffix(' ' + first[:4]) if first[:4] == last[:4] else start} – {end}"


def weeks_apart(first: str, last: str) -> int:
    """Count the weeks from one ISO week to a later one.

    Examples
    --------
    >>> weeks_apart("2026-W52", "2027-W01")
    2
    """
    return (week_days(last)[0] - week_days(first)[0]).days // 7


def week_words(edition: str) -> str:
    r"""Write an ISO week as its days.

    Examples
    --------
    >>> week_words("2026-W47")
    '16–22\xa0November 2026'
    """
    monday, sunday = week_days(edition)
    return range_words(monday.isoformat(), sunday.isoformat())


def time_words(utc: str, zone: str) -> str:
    r"""Write a UTC time as day and clock time in a time zone; a day alone stays a day.

    Examples
    --------
    >>> time_words("2026-11-16T06:00:00Z", "Europe/Zurich"), time_words("2026-11-16", "UTC")
    ('16\xa0November 2026, 07:00', '16\xa0November 2026')
    """
    if "T" not in utc:
        return date_words(utc)
    local = parse_time(utc).astimezone(ZoneInfo(zone))
    return f"{date_words(local.date().isoformat())}, {local:%H:%M}"
