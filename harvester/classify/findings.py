"""What the authors found, in their own words and numbers, for how long they looked, and in which phase.

Nothing here is composed: a finding is one or two neighbouring sentences as they stand in the abstract, whole.
Abstracts lose pieces on their way (a formula dropped by a publisher leaves half a sentence), and half a sentence
is no finding.
"""

from __future__ import annotations

import re
from operator import itemgetter

from harvester.classify.reading import Reading, Sentence
from harvester.classify.words import read_number, word_set
from harvester.records import Evidence

_OPENING, _CLOSING = "\"'“([", "\"'”’)]"
_SHORTEST = 20  # characters; shorter "sentences" are headings and left-overs
_HOPES = word_set(
    """
    future further larger warrant warranted needed limitation caution cautiously awaited required preliminary
    research
    """
)
_SAYS = word_set(
    """
    significantly significant associated effective improved improvement reduced reduction reduce increased
    decreased superior inferior non-inferior difference differ safe tolerated efficacy remission response
    suggest suggested demonstrate demonstrated show showed found reveal indicate support effect better lower
    higher
    """
)
# Openings that lean on the sentence before, and ones that take something back from it.
_LEANS = re.compile(
    r"(?:however|nevertheless|but|yet|moreover|furthermore|in addition|additionally|this|these|it|they|conversely)\b",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"(?:however|nevertheless|nonetheless|but|yet|in contrast|conversely|although)\b", re.IGNORECASE
)
# Sentences that end many abstracts or begin their results and say nothing of what was found.
_NO_FINDING = re.compile(
    r"\bregist(?:ration|ered|ry)\b.{0,60}[0-9]{5}|\b[A-Z]{3,8}[0-9]{7,}|^(?:at|on) (?:baseline|admission|enrol)"
    r"|\bbaseline characteristics\b|^(?:funding|funded by|copyright|©)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"[0-9]")
# Numbers that state an effect: an interval, a test, a ratio, a difference, "8.2% vs 17.6%".
_EFFECT = re.compile(
    r"\b95\s?%\s?(?:CI|confidence|credible)|\bCI\b|\bp\s?[<=>≤]\s?[0-9.]|\b(?:OR|RR|HR|SMD|MD|WMD|aOR|aHR|NNT)\b|\b[dgtF]\s?[=(]"
    r"|[0-9]\s?%.{0,60}\b(?:vs|versus|compared|than|and)\b.{0,40}[0-9]\s?%|[−-]\s?[0-9]+(?:\.[0-9]+)?\s?points?",
    re.IGNORECASE,
)
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_DURATION = re.compile(
    r"\b(?P<number>[0-9]{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen)[\s-](?P<unit>day|week|month|year)s?\b",
    re.IGNORECASE,
)
_LONGEST = 3650  # days; more is an age or a period of records, not a follow-up
_FOLLOWED = re.compile(r"follow|up to|over |through|until|after|at |maint|for |week|during|long-term", re.IGNORECASE)
_OF_AGE = re.compile(r"\s?(?:-?old|of age|and older|or older|of data|period)", re.IGNORECASE)
_PHASE = re.compile(r"\bphase[\s-]?(?P<phase>[1-4]|I{1,3}V?|IV)(?P<part>[ab])?\b(?!\s*/)", re.IGNORECASE)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


def read_key_finding(reading: Reading, design: str) -> Evidence | None:
    """Choose one or two neighbouring whole sentences that say what was found.

    Parameters
    ----------
    reading
        The citation.
    design
        Its design; a protocol has found nothing yet.

    Returns
    -------
    Evidence or None
        Its value is the finding, an exact part of the abstract: from the conclusions, else from the results; one
        with numbers before one without.  None where there is none.
    """
    if design == "protocol":
        return None
    for role in ("conclusions", "results"):
        sentences = [s for s in reading.prose((role,)) if s.passage.field == "abstract" and _is_whole(s.text)]
        rated = [(_rate(sentence), -sentence.index, sentence) for sentence in sentences]
        score, _, best = max(rated, key=itemgetter(0, 1), default=(0.0, 0, None))
        if best is not None and score > 0:
            words = _with_neighbour(reading, best, sentences)
            return Evidence(facet="key_finding", value=words, field="abstract", sentence=words, words=words)
    return None


def _is_whole(text: str) -> bool:
    return (
        len(text) >= _SHORTEST
        and text.rstrip(_CLOSING)[-1:] in (".", "!", "?")
        and text.lstrip(_OPENING)[:1].isalnum()
        and text.count("(") == text.count(")")
        and not _NO_FINDING.search(text)
    )


def _rate(sentence: Sentence) -> float:
    keys = {word.key for word in sentence.words}
    score = 2.0 * ("compounds" in sentence.facets)
    score += min(2, len(keys & _SAYS))
    score += 1.0 * bool(_DIGIT.search(sentence.text))
    return score - 1.5 * min(2, len(keys & _HOPES))


def _with_neighbour(reading: Reading, best: Sentence, sentences: list[Sentence]) -> str:
    """Add the sentence that the best one leans on, or the one that takes something back from it."""
    others = {sentence.index: sentence for sentence in sentences}
    before, after = others.get(best.index - 1), others.get(best.index + 1)
    if before is not None and _LEANS.match(best.text) and _rate(before) > 0:
        pair = (before, best)
    elif after is not None and _TAKES_BACK.match(after.text) and _rate(after) > 0:
        pair = (best, after)
    else:
        return best.text
    first, second = pair
    whole = f"{first.text} {second.text}"
    return whole if whole in (reading.citation.abstract_text or "") else best.text


def read_effect(reading: Reading, design: str) -> Evidence | None:
    """Choose the whole sentence of the results that states the main effect in numbers.

    Returns
    -------
    Evidence or None
        Its value is the sentence, an exact part of the abstract.  None where no result has numbers.
    """
    if design in ("protocol", "comment"):
        return None
    best: tuple[float, Sentence] | None = None
    for sentence in reading.prose(("results", "conclusions")):
        if (
            sentence.passage.field != "abstract"
            or not sentence.numbers
            or not _is_whole(sentence.text)
            or not _EFFECT.search(sentence.text)
        ):
            continue
        keys = {word.key for word in sentence.words}
        score = 2.0 * ("primary" in keys) + 1.5 * ("compounds" in sentence.facets)
        score += min(2, len(keys & _SAYS)) + 1.0 * ("CI" in sentence.text or "confidence" in keys)
        score -= 1.0 * bool(keys & {"adverse", "baseline", "secondary", "exploratory", "subgroup", "heterogeneity"})
        if best is None or score > best[0]:
            best = (score, sentence)
    if best is None or best[0] < 2:
        return None
    text = best[1].text
    return Evidence(facet="effect", value=text, field="abstract", sentence=text, words=text)


def read_follow_up(reading: Reading) -> Evidence | None:
    """Read the longest time over which people were followed, as "32 weeks"."""
    best: tuple[int, Evidence] | None = None
    for sentence in reading.prose(("title", "objective", "methods", "results")):
        if not sentence.numbers or not any(unit in sentence.text for unit in _DAYS):
            continue
        for found in _DURATION.finditer(sentence.text):
            after = sentence.text[found.end() : found.end() + 12]
            before = sentence.text[max(0, found.start() - 40) : found.start()]
            if _OF_AGE.match(after) or "age" in before.lower():
                continue
            if not _FOLLOWED.search(before) and "follow" not in after.lower():
                continue
            number, unit = found.group("number"), found.group("unit").lower()
            count = read_number(number) or 0
            days = count * _DAYS[unit]
            if 1 < days <= _LONGEST and (best is None or days > best[0]):
                value = f"{count} {unit}" + ("" if count == 1 else "s")
                best = (
                    days,
                    Evidence(
                        facet="follow_up",
                        value=value,
                        field=sentence.passage.field,
                        sentence=sentence.text,
                        words=found.group(),
                    ),
                )
    return best[1] if best else None


def read_phase(reading: Reading) -> Evidence | None:
    """Read the phase of a trial, as "phase 2b", from the title or the authors' account of their study."""
    for sentence in reading.prose(("title", "objective", "methods")):
        if "hase" not in sentence.text and "HASE" not in sentence.text:
            continue
        found = _PHASE.search(sentence.text)
        if found is not None:
            phase = found.group("phase").lower()
            value = f"phase {_ROMAN.get(phase, phase)}{(found.group('part') or '').lower()}"
            return Evidence(
                facet="phase", value=value, field=sentence.passage.field, sentence=sentence.text, words=found.group()
            )
    return None
