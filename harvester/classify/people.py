"""How many people a study has: randomised, or else enrolled, or else analysed.

Of all the numbers of people that `harvester.classify.counts` finds, the one whose words say most wins.  Numbers
that one sentence lists side by side are arms and add up; what stands in brackets behind a total does not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from harvester.classify.counts import Count
from harvester.classify.reading import Reading
from harvester.classify.words import word_set
from harvester.records import Evidence

_REVIEWS = frozenset(("meta-analysis", "systematic-review", "review", "guideline"))
_NO_SIZE = frozenset(("comment", "economic", "preclinical"))
_LITERATURE = word_set("study trial rct article report publication record paper")
_WHOLE = word_set("total overall sample altogether totaling totaled")
# What stands before a count at another time of the same people.
_TIMES = re.compile(
    r"\b(?:followed|baseline|week|weeks|day|days|month|months|hours?|later|morning|time|post|follow-up|at \d)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(?:of whom|of which|among|completed|of these|of them|remained|analy[sz]ed|met|sub-?sample|subset|subgroup"
    r"|who reported)\b",
    re.IGNORECASE,
)
_DONE_BEFORE = re.compile(
    r"\b(?:were|was|underwent|received|enrolled|entered|started|recruited|included|completed)\b", re.IGNORECASE
)
# what is said of those who are left, not of another arm
_LEFT = re.compile(
    r"[^.;,]{0,25}\b(?:complet|remain|respond|achiev|discontinu|dropped|withdrew|experienced|reported|reached|had )",
    re.IGNORECASE,
)
_OF_THEM = re.compile(r"\b(?:of whom|of which|including|among|of these|complet\w+|of the)\b|^\W*of\s*$", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_GROUP_WORDS = ("control", "group", "cohort", "healthy", "user", "arm")


def read_sample_size(reading: Reading, counts: list[Count], design: str) -> Evidence | None:
    """Read the number of people.

    Parameters
    ----------
    reading
        The citation.
    counts
        Its numbers of people, from `count_people`.
    design
        Its design: animals have no sample size here, a case report has one, a review only its total.

    Returns
    -------
    Evidence or None
        Its value is the number; None where the text does not say.
    """
    if design in _NO_SIZE:
        return None
    if design == "case-report":
        return _find_single(reading)
    if design in _REVIEWS:
        candidates = [count for count in counts + _add_arms(counts) if _is_review_total(count)]
    elif design == "case-series":
        candidates = [replace(count, score=count.score + 2.5 * count.subset) for count in counts if count.number > 1]
    else:
        candidates = [count for count in counts if count.number > 1]
        candidates += _add_arms(candidates)
    candidates = [count for count in candidates if count.score > 0] or [
        count for count in candidates if count.score > -1 and count.number > 4 and design not in _REVIEWS
    ]
    if not candidates:
        return None
    return _proof(max(candidates, key=lambda count: (count.score, -count.sentence.index, -count.start, count.end)))


def _proof(count: Count) -> Evidence:
    return Evidence(
        facet="sample_size",
        value=str(count.number),
        field=count.sentence.passage.field,
        sentence=count.sentence.text,
        words=count.sentence.text[count.start : count.end],
    )


def _add_arms(counts: list[Count]) -> list[Count]:
    """Add up the arms that one sentence lists, or find the number in it that already is their total.

    "20 patients and 20 controls", "(n = 30) or … (n = 31)"; but "58 participants (33 ill and 25 healthy)" are 58.
    """
    by_sentence: dict[int, list[Count]] = {}
    for count in counts:
        by_sentence.setdefault(count.sentence.index, []).append(count)
    sums: list[Count] = []
    for group in by_sentence.values():
        for kind in ("n", "people"):
            arms = [count for count in group if count.kind == kind or (kind == "people" and count.kind == "arm")]
            if kind == "people" and not all(_is_nested(count) for count in arms):
                arms = [count for count in arms if not _is_nested(count)]
            if kind == "people":
                arms = _until_semicolon(arms)
            if not 2 <= len(arms) <= 8:
                continue
            best = max(count.score + (2.0 if count.subset else 0.0) for count in arms) + 0.75
            total = _find_total(arms, [count for count in group if count not in arms])
            if total is not None:
                sums.append(replace(total, score=max(best, total.score)))
            elif _are_arms(arms):
                number = sum(count.number for count in arms)
                sums.append(Count(number, arms[0].sentence, arms[0].start, arms[-1].end, best, "sum"))
    return sums


def _until_semicolon(arms: list[Count]) -> list[Count]:
    """Give the arms of the first part of a sentence: after a semicolon they are counted again."""
    for place, (one, two) in enumerate(pairwise(arms)):
        if place and ";" in _IN_BRACKETS.sub("", one.sentence.text[one.end : two.start]):
            return arms[: place + 1]
    return arms


def _is_nested(count: Count) -> bool:
    before = count.sentence.text[: count.start]
    return before.count("(") > before.count(")")


def _find_total(arms: list[Count], others: list[Count]) -> Count | None:
    """Find the number of a sentence that the others add up to."""
    number = sum(count.number for count in arms)
    for other in others:
        if number * 0.95 <= other.number <= number * 1.1:
            return other
    largest = max(arms, key=lambda count: count.number)
    if len(arms) > 2 and abs(largest.number * 2 - number) <= number * 0.02:
        return largest
    listed = sum(count.number for count in arms if count.kind == "arm")
    return next((other for other in others if listed and other.number == listed), None)


def _are_arms(arms: list[Count]) -> bool:
    text = arms[0].sentence.text
    for one, two in pairwise(arms):
        between = text[one.end : two.start]
        if arms[0].kind == "n":
            if (_TIMES.search(between[-30:]) and "group" not in between) or _PART.search(between):
                return False
        elif between.count("(") > between.count(")") or between.lstrip().startswith(":") or _OF_THEM.search(between):
            return False
        if _LEFT.match(text, two.end) and _DONE_BEFORE.search(between):
            return False
    if arms[0].kind == "n" or any(arm.kind == "arm" for arm in arms):
        return True
    whole = text[arms[0].start : arms[-1].end + 25].lower()
    between = text[arms[0].end : arms[-1].start].lower()
    return any(word in whole for word in _GROUP_WORDS) or (" and " in between and len(between) < 60)


def _is_review_total(count: Count) -> bool:
    if count.sentence.role in ("background", "limitations") or count.number < 4 or count.subset:
        return False
    words = {word.key for word in count.sentence.words}
    return bool(words & _LITERATURE or words & _WHOLE or words & {"included", "received"})


def _find_single(reading: Reading) -> Evidence | None:
    for sentence, mention in reading.find("people"):
        if sentence.role != "term":
            return sentence.proves("sample_size", "1", mention)
    for sentence, mention in reading.find("cues.case_report"):
        return sentence.proves("sample_size", "1", mention)
    return None
