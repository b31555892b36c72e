"""The words for tags, numbers and dates, as a reader of the digest meets them.

What a vocabulary defines (compounds, routes, conditions, comparators, scales, topics, countries) is called as the
vocabulary says; what the program defines (designs, tiers, statuses, directions, changes) is declared here.  An edition
keeps the words that it needs, so that it is rendered to the same bytes when the vocabulary has changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from harvester.digest.markup import clean
from harvester.ground.clock import parse_time, week_days
from harvester.ground.counted import counted
from harvester.paper.records import Study
from harvester.paper.tags import TAGS, Tags
from harvester.tagging.vocabulary import TAG_FACETS, Vocabulary

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
    "cleared": "A notice about it was taken back",
    "in-print": "Now in an issue",
    "deleted": "Deleted from PubMed",
    "by-hand": "Our entry corrected",
}

# Tags whose few values are declared with them.
_CHOICES = {tag.name: tag.choices for tag in TAGS if tag.choices is not None}

STATUSES = {
    "retracted": "Retracted",
    "withdrawn": "Withdrawn",
    "concern": "Expression of concern",
    "corrected": "Corrected since first published",
    "preprint": "Preprint, not peer reviewed",
    "ahead-of-print": "Ahead of print",
}

# What a notice of each is called where it is listed as a paper.
NOTICES = {
    "retracted": "Notice of a retraction",
    "withdrawn": "Notice of a withdrawal",
    "concern": "Notice of concern about another paper",
    "corrected": "Notice of a correction",
}

SAMPLE_NOTE = "Invented sample data: none of these studies exists."

NO_BREAK = "\u00a0"  # keeps a number and its unit, a day and its month, on one line

SEPARATOR = f"{NO_BREAK}· "  # a line ends with the point, it never begins with it

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What tags are called, in which order they stand, and which condition is a part of which."""

    labels: Mapping[str, Mapping[str, str]]  # facet -> tag -> what a reader reads, as they are listed
    broader: Mapping[str, str]  # condition -> the one that it is a part of
    # Under which of its conditions a study stands, if its title names none or several: the first of these.
    precedence: tuple[str, ...]
    # Whether the map counts a study under the broader conditions, too; editions without words of their own did not.
    is_nested: bool = True

    def label(self, facet: str, tag: str) -> str:
        """Return a tag as a reader reads it."""
        known = self.labels.get(facet, {}).get(tag)
        if known is not None:
            return known
        if facet == "design":
            return design_words(tag)
        if facet == "status":
            return STATUSES.get(tag) or capitalise(tag.replace("-", " "))
        if facet in _CHOICES:
            return _CHOICES[facet].get(tag, tag)
        return tag.replace("-", " ") if facet == "conditions" else tag

    def in_order(self, facet: str, tags: Iterable[str]) -> list[str]:
        """Return tags in the order in which they are listed; those without a place last, by what they are called."""
        declared: dict[str, Iterable[str]] = {"design": DESIGNS, **_CHOICES, **self.labels}
        places = {tag: place for place, tag in enumerate(declared.get(facet, ()))}
        return sorted(tags, key=lambda tag: (places.get(tag, len(places)), self.label(facet, tag)))

    def broader_ones(self, condition: str) -> list[str]:
        """Return the conditions that one is a part of, the nearest first."""
        steps: list[str] = []
        step = self.broader.get(condition)
        while step is not None and step not in steps:
            steps.append(step)
            step = self.broader.get(step)
        return steps

    def narrowest(self, conditions: Iterable[str]) -> list[str]:
        """Leave out each condition that another one of them is a part of."""
        known = list(dict.fromkeys(conditions))
        wider = {step for condition in known for step in self.broader_ones(condition)}
        return [condition for condition in known if condition not in wider]

    def rows_of(self, conditions: Iterable[str]) -> list[str]:
        """Return the rows of the map in which a study of some conditions is counted, each once."""
        if not self.is_nested:
            return self.narrowest(conditions)
        return list(dict.fromkeys(row for one in conditions for row in (one, *self.broader_ones(one))))

    def depth(self, condition: str) -> int:
        """Return in how many rows of the map above its own a condition's studies are counted."""
        return len(self.broader_ones(condition)) if self.is_nested else 0

    def weightiest(self, conditions: Iterable[str], *, in_title: Iterable[str] = ()) -> str | None:
        """Return the condition under which a study stands, one that its title names if there is any; None without."""
        narrow = self.narrowest(conditions)
        named = [condition for condition in narrow if condition in set(in_title)]
        places = {condition: place for place, condition in enumerate(self.precedence)}
        return min(named or narrow, key=lambda item: (places.get(item, len(places)), item), default=None)

    def needed_for(self, studies: Iterable[Study]) -> Words:
        """Return the words that an edition of these studies needs: of all conditions, and of each other tag on them."""
        used: dict[str, set[str]] = defaultdict(set)
        for study in studies:
            for facet in self.labels:
                used[facet].update(tags_of(study.tags, facet))
            for proof in study.tags.evidence:
                used[proof.facet].add(proof.value)
        needed = {
            facet: {tag: label for tag, label in labels.items() if facet == "conditions" or tag in used[facet]}
            for facet, labels in self.labels.items()
        }
        return replace(self, labels={facet: labels for facet, labels in needed.items() if labels})


def shelf(study: Study, words: Words) -> str | None:
    """Return the one condition under which a study stands; None if it names none."""
    named = [proof.value for proof in study.tags.evidence if (proof.facet, proof.field) == ("conditions", "title")]
    return words.weightiest(study.tags.conditions, in_title=named)


def tags_of(tags: Tags, facet: str) -> tuple[str, ...]:
    """Return a study's tags of one facet, whether it may have several or one."""
    value: tuple[str, ...] | str | None = getattr(tags, facet)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def read_words(vocabulary: Vocabulary) -> Words:
    """Return the words of a vocabulary.

    Tags keep the vocabulary's order, but a narrower condition follows its broader one.  A condition that the
    vocabulary's list of precedence does not name comes before those that it names: who adds a condition to a
    vocabulary looks for it.
    """
    labels = {
        facet: {tag: clean(vocabulary.label(facet, tag)) for tag in vocabulary.entries[facet]} for facet in TAG_FACETS
    }
    conditions = vocabulary.entries["conditions"]
    broader = {tag: entry.broader for tag, entry in conditions.items() if entry.broader is not None}
    named = tuple(vocabulary.entries["precedence"])
    labels["conditions"] = {tag: labels["conditions"][tag] for tag in _narrower_after_broader(conditions, broader)}
    return Words(
        labels=labels | {"direction": dict(_CHOICES["direction"])},
        broader=broader,
        precedence=(*(tag for tag in labels["conditions"] if tag not in named), *named),
    )


def _narrower_after_broader(conditions: Iterable[str], broader: Mapping[str, str], of: str | None = None) -> list[str]:
    unordered, ordered = list(conditions), []
    for condition in unordered:
        if broader.get(condition) == of:
            ordered += [condition, *_narrower_after_broader(unordered, broader, condition)]
    return ordered


def capitalise(text: str) -> str:
    """Set the first letter in upper case and leave the rest (``PTSD`` and ``rTMS`` stay).

    Examples
    --------
    >>> capitalise("alcohol use"), capitalise("mTBI"), capitalise("")
    ('Alcohol use', 'mTBI', '')
    """
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def sample_mark(title: str, *, sample: bool) -> str:
    """Return what marks the title of an invented study, unless it says so itself; "" for a real one."""
    return " (invented sample)" if sample and "sample" not in title.casefold() else ""


def new_words(core: int, adjacent: int, *, designs: str = "", between: str = "") -> str:
    """Return how many studies are new, the adjacent ones apart; what else there is to count stands between."""
    new = f"{number_words(core)} new{designs}" if core else "Nothing new"
    beside = f"{number_words(adjacent)} perioperative or adjacent" if adjacent else ""
    return SEPARATOR.join(part for part in (new, between, beside) if part)


def design_words(value: str) -> str:
    """Return a design in words."""
    return DESIGNS[value][0] if value in DESIGNS else value.replace("-", " ")


def number_words(number: int) -> str:
    """Return a number with commas between thousands.

    Examples
    --------
    >>> number_words(12345)
    '12,345'
    """
    return f"{number:,}"


def count_words(number: int, singular: str, plural: str | None = None) -> str:
    r"""Return a number and what it counts, the number and the first word kept on one line.

    Examples
    --------
    >>> count_words(1, "study", "studies"), count_words(1200, "protocol")
    ('1\xa0study', '1,200\xa0protocols')
    """
    return counted(number, singular, plural, thousands=",").replace(" ", NO_BREAK, 1)


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
    r"""Return an ISO date, as precise as it is, in words; a time keeps only its day.

    Examples
    --------
    >>> date_words("2026-11-05"), date_words("2026-11"), date_words("2026")
    ('5\xa0November 2026', 'November 2026', '2026')
    """
    year, *rest = iso[:10].split("-")
    words = [year]
    if rest:
        words.insert(0, MONTHS[int(rest[0]) - 1])
    if len(rest) > 1:
        words[0] = f"{int(rest[1])}{NO_BREAK}{words[0]}"
    return " ".join(words)


def range_words(first: str, last: str) -> str:
    r"""Return two ISO days as a range, saying month and year once where they are the same.

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
    return f"{_without_year(start, first) if first[:4] == last[:4] else start} – {end}"


def held_words(since: str | None, until: str) -> str:
    r"""Return what an edition holds that began on one ISO day and was made on another; None: with everything.

    Examples
    --------
    >>> held_words("2026-11-09", "2026-11-16")
    'What came in up to Monday 16\xa0November 2026, since 9\xa0November'
    >>> held_words(None, "2026-11-16")
    'What came in up to Monday 16\xa0November 2026'
    """
    day = date.fromisoformat(until)
    held = f"What came in up to {_DAYS[day.weekday()]} {date_words(until)}"
    if since is None or since == until:
        return held
    start = date_words(since)
    return f"{held}, since {_without_year(start, since) if since[:4] == until[:4] else start}"


def _without_year(words: str, iso: str) -> str:
    return words.removesuffix(f" {iso[:4]}")


def weeks_apart(first: str, last: str) -> int:
    """Count the weeks from one ISO week to a later one.

    Examples
    --------
    >>> weeks_apart("2026-W52", "2027-W01")
    2
    """
    return (week_days(last)[0] - week_days(first)[0]).days // 7


def week_words(edition: str) -> str:
    r"""Return an ISO week as its days.

    Examples
    --------
    >>> week_words("2026-W47")
    '16–22\xa0November 2026'
    """
    monday, sunday = week_days(edition)
    return range_words(monday.isoformat(), sunday.isoformat())


def time_words(utc: str, zone: str) -> str:
    r"""Return a UTC time as day and clock time in a time zone; a day alone stays a day.

    Examples
    --------
    >>> time_words("2026-11-16T06:00:00Z", "Europe/Zurich"), time_words("2026-11-16", "UTC")
    ('16\xa0November 2026, 07:00', '16\xa0November 2026')
    """
    if "T" not in utc:
        return date_words(utc)
    local = parse_time(utc).astimezone(ZoneInfo(zone))
    return f"{date_words(local.date().isoformat())}, {local:%H:%M}"
