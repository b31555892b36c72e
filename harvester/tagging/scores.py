"""How much the words around a number say that so many people took part in the study."""

from __future__ import annotations

import re

from harvester.tagging.english import key_set, word_set
from harvester.tagging.lexicon import Word
from harvester.tagging.reading import Sentence

_DIGITS = frozenset("0123456789")
RANDOMISED = word_set("randomized randomly randomization allocated assigned randomize")
ENROLLED = key_set(
    """
    enrolled enroll enrolling included including include recruited recruit participated participate comprised
    comprising comprise involving involved received receive treated underwent consisted consisting studied took
    referred administered identified contributed provided surveyed responded investigated examined obtained
    interviewed tested given presented entered undergoing conducted pooled
    """
)
_ANALYSED = word_set(
    """
    analyzed analysis completed complete evaluable assessed evaluated available finished scanned compared
    """
)
_SCREENED = word_set(
    """
    screened screening eligible eligibility approached invited contacted considered consent consented
    """
)
_TOTAL = word_set("total overall sample altogether totaling totalling totaled")
# "(45%)" behind a number is a share; "(54% women)" describes everybody
_SHARE = re.compile(r"\s*[(\[]\s*\d+(?:[.·]\d+)?\s?%\s*[),;\]]")
_PARTS = word_set("subset subgroup subsample substudy")
_SUBSET_BEFORE = word_set(
    """
    these remaining other another additional more further week day age phase least grade stage only
    """
)
_SUBSET_AFTER = word_set(
    """
    additional subset subgroup subsample substudy responder discontinued dropped withdrew experienced achieved
    reported died
    """
)
_FEW = word_set("one two three four five six seven eight nine ten eleven twelve")
# Who is said to have left is not who was there: "six patients who refused surgery were excluded".
_LEFT = word_set("excluded withdrew withdrawn discontinued dropped")
_ROLE_SCORES = {"title": 2.0, "methods": 2.0, "results": 2.0, "objective": 1.5, "conclusions": 1.0, "background": -1.0}


def score_count(sentence: Sentence, first: int, last: int, kind: str, *, subset: bool) -> float:
    """Rate how much the words around a number say that it is the number of people of the study.

    Parameters
    ----------
    sentence
        Where it stands.
    first, last
        The places of its first and last word, the noun that it counts included.
    kind
        As in `harvester.tagging.numbers.Count`.
    subset
        Whether its noun names only some of the people.

    Returns
    -------
    float
        Above 0 where the words speak for it; randomised counts more than enrolled, enrolled more than analysed.
    """
    words, text = sentence.words, sentence.text
    after = words[last + 1 : last + 13]
    before = words[max(0, first - 7) : first]
    near = {word.key for word in (*before, *words[first:last], *after)}
    score = _ROLE_SCORES.get(sentence.role, -1.5)
    # "Ninety-six adults with …, on lithium, were randomised": whom a sentence begins with is its subject to the end.
    far = {word.key for word in words[last + 13 : last + 26]} if first <= 2 else set()
    if (near | far) & RANDOMISED:
        score += 3
    elif near & ENROLLED:
        score += 2
    elif near & _ANALYSED:
        score += 1
    if {word.key for word in (*before[-3:], *words[first:last], *after[:6])} & _SCREENED:
        score -= 3
    in_all = [word.key for word in before[-2:]] == ["in", "all"]
    if ({word.key for word in before[-4:]} & _TOTAL or in_all) and not subset:
        score += 2
    if subset:
        score -= 2
    if kind == "n":
        score += 0.25 if first and any(m.facet == "people" and m.last == first - 1 for m in sentence.mentions) else -0.5
    if kind == "verb" and {word.key for word in after[:4]} & RANDOMISED:
        score += 1.5
    if [word.key for word in before[-2:]] == ["up", "to"]:
        score -= 1
    if _SHARE.match(text, words[last].end) or _SHARE.match(text, words[first].end):
        score -= 3
    if sentence.role == "results" and words[first].key in _FEW:
        score -= 2  # "Two participants had …": a few of those who took part
    return score - _doubt(before, words[first:last], after)


def _doubt(before: list[Word], inside: list[Word], after: list[Word]) -> float:
    """How much speaks for a part of the people: "of whom 12", "a subset of 20 patients", "10 patients per centre"."""
    doubt = 0.0
    if before and (
        before[-1].key in _SUBSET_BEFORE
        or (before[-1].key in ("whom", "which") and len(before) > 1 and before[-2].key == "of")
    ):
        doubt += 3
    if {word.key for word in before} & _PARTS:
        doubt += 3
    if any(word.key in _SUBSET_AFTER for word in inside) or (
        {word.key for word in after[:2]} & _SUBSET_AFTER and not {word.key for word in after[:7]} & RANDOMISED
    ):
        doubt += 2
    if before and before[-1].key == "the":
        doubt += 1
    for word in after:
        if word.text[0] in _DIGITS:
            break
        if word.key in _LEFT:
            doubt += 3
            break
    if {word.key for word in before[-6:]} & {"each", "every"} or {word.key for word in after[:4]} & {"per", "each"}:
        doubt += 2
    return doubt
