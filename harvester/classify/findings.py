"""What the authors found, in their own words, and for how long they looked."""

from __future__ import annotations

import re

from harvester.classify.reading import Reading, Sentence
from harvester.records import Evidence

_WHOLE = re.compile(r"^[\"'“(\[]?[A-Z0-9α-ωΑ-Ω(].*[.!?][\"'”’)\]]*$", re.DOTALL)
_HOPES = frozenset(
    "future further larger warrant warranted needed limitation caution cautiously awaited required preliminary research".split()
)
_SAYS = frozenset(
    "significantly significant associated effective improved improvement reduced reduction increased decreased superior inferior "
    "difference differ safe tolerated efficacy remission response suggest suggested demonstrate show found reveal indicate".split()
)
_DURATION = re.compile(
    r"\b(?P<number>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen|twenty-four)"
    r"[\s-](?P<unit>day|week|month|year)s?\b",
    re.IGNORECASE,
)
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_FOLLOWED = re.compile(r"follow|up to|over |through|until|after|at |maint|for |week|during|long-term", re.IGNORECASE)


def read_key_finding(reading: Reading, design: str) -> Evidence | None:
    """Choose one or two neighbouring whole sentences that say what was found.

    Returns
    -------
    Evidence or None
        Its sentence is the finding, an exact part of the abstract; None for protocols and where nothing is found.
    """
    if design == "protocol":
        return None
    for role in ("conclusions", "results"):
        sentences = [s for s in reading.prose((role,)) if s.passage.field == "abstract" and _is_whole(s.text)]
        if sentences:
            return _choose(sentences)
    return None


def _is_whole(text: str) -> bool:
    return bool(_WHOLE.match(text)) and text.count("(") == text.count(")") and len(text) >= 30


def _rate(sentence: Sentence) -> float:
    keys = {word.key for word in sentence.words}
    score = 0.0
    if any(mention.facet == "compounds" for mention in sentence.mentions):
        score += 2
    score += min(2, len(keys & _SAYS))
    if any(char.isdigit() for char in sentence.text):
        score += 1
    score -= 1.5 * min(2, len(keys & _HOPES))
    return score


def _choose(sentences: list[Sentence]) -> Evidence | None:
    best = max(sentences, key=lambda sentence: (_rate(sentence), -sentence.index))
    if _rate(best) <= -1:
        return None
    words = best.text
    return Evidence(facet="key_finding", value=words, field="abstract", sentence=words, words=words)


def read_follow_up(reading: Reading) -> Evidence | None:
    """Read the longest time over which people were followed, as "32 weeks"."""
    best: tuple[int, Evidence] | None = None
    for sentence in reading.prose(("title", "objective", "methods", "results")):
        for found in _DURATION.finditer(sentence.text):
            after = sentence.text[found.end() : found.end() + 12].lower()
            before = sentence.text[max(0, found.start() - 40) : found.start()]
            if after.startswith((" old", "-old", " of age", " years of age")) or "age" in before.lower():
                continue
            if not _FOLLOWED.search(before) and "follow" not in after:
                continue
            number = found.group("number").lower()
            count = int(number) if number.isdigit() else _COUNTS[number]
            unit = found.group("unit").lower()
            days = count * _DAYS[unit]
            if days < 2 or days > 3650:
                continue
            value = f"{count} {unit}" + ("" if count == 1 else "s")
            if best is None or days > best[0]:
                evidence = Evidence(
                    facet="follow_up", value=value, field=sentence.passage.field, sentence=sentence.text, words=found.group()
                )
                best = (days, evidence)
    return best[1] if best else None


_COUNTS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "eighteen": 18, "twenty-four": 24,
}  # fmt: skip
