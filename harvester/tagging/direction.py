"""Which way the main finding points: for the compound, against it, neither, or both.

Only the sentences that already stand as the finding and as its numbers are read.  Each is cut into clauses, and each
clause judged by the words that the vocabulary lists under ``verdicts``: some say it outright ("superior", "no
difference"), others with what was changed ("reduced symptoms" favours, "reduced remission" does not).  A clause on
adverse effects, on what predicts or correlates, or in which the compound is only the occasion ("response to
ketamine") says nothing about the direction.

A wrong direction is worse than none: where the words leave it open there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvester.paper.tags import Evidence
from harvester.tagging.english import word_set
from harvester.tagging.lexicon import Lexicon, Mention
from harvester.tagging.reading import Reading, Sentence

# Designs that find something about a treatment; the others discuss, plan, count costs or ask people.
_FIND = frozenset(
    (
        *("rct", "open-label-trial", "cohort", "case-series", "case-report"),
        *("meta-analysis", "systematic-review", "preclinical"),
    )
)
# Where one statement ends and another may contradict it.
_CLAUSE = re.compile(
    r";|:\s|,?\s\b(?:but|whereas|while|although|though|however|yet|despite|without|with no|regardless|albeit)\b"
    r"|,?\s(?=and (?:(?:was|is|were|are|had|has|did)\b|well[- ]tolerated|safe\b))",
    re.IGNORECASE,
)
# What a clause is about when it is not about whether the compound works.
_BESIDE = word_set(
    """
    adverse side nausea dizziness vomiting hallucination dissociation dissociative
    predict predicted predictor predictive correlate correlated correlation moderated moderator mediate
    mediated mediator biomarker baseline cost sensitivity specificity hypothesize hypothesized aim aimed
    heterogeneity bias impact influence defined
    """
)
# Before these a compound is the occasion of what is said, not its subject; "treated with ketamine" is its subject.
_OCCASION = word_set("before to during")
_INDUCED = re.compile(
    r"-(?:induced|related|associated|dependent|na[iï]ve|non)"
    r"|\s(?:users?|abusers?|non-?respon\w+|dependence)\b"
)
# Where a number of sessions falls, what they are needed for has not fallen.
_NEEDED = word_set("required needed necessary")
_BORNE = re.compile(r"\W*(?:\w+ )?(?:tolera|accept|safe)", re.IGNORECASE)
_COMPARED = word_set("compared relative due superior inferior comparable similar equal")
_OVER = word_set("than over versus vs to with against")
_NOT = word_set("no not without neither nor never absent failed fail lack cannot")
_LONGEST = 6  # words between a change and what was changed
_QUALIFIES = 4  # words between "greater" and what was greater


def read_direction(
    reading: Reading, statements: list[Evidence], *, design: str, conditions: tuple[str, ...], topics: tuple[str, ...]
) -> list[Evidence]:
    """Read which way the main finding points.

    Parameters
    ----------
    reading
        The citation.
    statements
        Its key finding and its effect, those that there are.
    design
        Its design; only studies of what a treatment does have a direction.
    conditions, topics
        Its tags: a drug that healthy people are challenged with, or that is observed in its users, treats nobody.

    Returns
    -------
    list of Evidence
        The value of each is ``favours`` (the compound helped, or did more than what it was compared with),
        ``against`` (it did less, or harm), ``no-difference`` (no effect, or as good as a comparator) or ``mixed``
        (two of these, of one finding); two proofs of a mixed one; none where nothing is stated.
    """
    observes_users = "misuse" in topics and design in ("cohort", "case-series", "case-report")
    if design not in _FIND or observes_users or not set(conditions) - {"healthy-volunteers"}:
        return []
    for sentences in _candidates(reading, statements):
        verdicts: dict[str, tuple[Sentence, str]] = {}
        for sentence in sentences:
            for verdict, words in _judge(sentence, reading.vocabulary.verdicts):
                verdicts.setdefault(verdict, (sentence, words))
        if verdicts:
            value = next(iter(verdicts)) if len(verdicts) == 1 else "mixed"
            return [
                Evidence(facet="direction", value=value, field="abstract", sentence=sentence.text, words=words)
                for sentence, words in verdicts.values()
            ]
    return []


def _candidates(reading: Reading, statements: list[Evidence]) -> Iterator[list[Sentence]]:
    """Yield the groups of sentences to judge, best first: the finding, then its numbers."""
    sentences = [s for s in reading.prose(("conclusions", "results")) if s.passage.field == "abstract"]
    for statement in statements:
        yield [sentence for sentence in sentences if sentence.text in statement.value]


def _judge(sentence: Sentence, verdicts: Lexicon) -> list[tuple[str, str]]:
    """Judge each clause of a sentence that says something of the compound: (verdict, its words)."""
    judged: list[tuple[str, str]] = []
    if "compounds" not in sentence.facets:
        return judged
    words, mentions, _, _ = verdicts.find(sentence.text)
    ends = [match.start() for match in _CLAUSE.finditer(sentence.text)] + [len(sentence.text)]
    start = 0
    is_subject = False  # a clause without a subject of its own ("but did not …") keeps that of the one before
    for end in ends:
        inside = [m for m in mentions if start <= m.start < end and not _is_aside(sentence, m)]
        compounds = [m for m in sentence.mentions_of("compounds") if start <= m.start < end]
        keys = {word.key for word in words if start <= word.start < end}
        start = end
        stands = next((m for m in compounds if not _is_occasion(sentence, m)), None)
        if compounds and stands is None:
            is_subject = False
            continue
        is_subject = stands is not None or is_subject
        if not is_subject or not inside or keys & _BESIDE:
            continue
        verdict = _judge_clause(sentence, inside, stands)
        if verdict is not None:
            judged.append((verdict[0], sentence.text[verdict[1].start : verdict[1].end]))
    return judged


def _is_aside(sentence: Sentence, mention: Mention) -> bool:
    """Whether words stand in brackets, or are taken back by a prefix: "non-improvement"."""
    before = sentence.text[: mention.start]
    return before.count("(") > before.count(")") or before.lower().endswith(("non-", "non"))


def _is_occasion(sentence: Sentence, compound: Mention) -> bool:
    before = sentence.words[max(0, compound.first - 3) : compound.first]
    keys = [word.key for word in before]
    if _INDUCED.match(sentence.text, compound.end):
        return True  # "ketamine-induced delirium"
    if any(key in _OCCASION for key in keys) and not any(key in _COMPARED for key in keys):
        return True
    return bool({"response", "responder", "user"} & set(keys[-2:]))


def _judge_clause(sentence: Sentence, inside: list[Mention], stands: Mention | None) -> tuple[str, Mention] | None:
    said = [m for m in inside if m.value in ("no-difference", "favours", "against", "lowers", "raises")]
    for mention in said:
        if mention.value == "no-difference":
            denied = mention.first > 0 and sentence.words[mention.first - 1].key in ("not", "no")
            verdict = "against" if denied and "inferior" in sentence.words[mention.last].key else "no-difference"
            return verdict, mention
    for place, mention in enumerate(said):
        verdict = mention.value
        if verdict == "raises" and any(0 < other.first - mention.last <= _QUALIFIES for other in said[place + 1 :]):
            continue  # "greater reduction", "rapid improvement": the second word says which way
        if _BORNE.match(sentence.text, mention.end) or (
            verdict == "lowers" and "number" in sentence.keys and sentence.keys & _NEEDED
        ):
            continue
        if verdict in ("lowers", "raises"):
            changed = _changed(sentence, inside, mention, stands)
            if changed is None:
                continue
            verdict = "favours" if (verdict == "lowers") == (changed == "ill") else "against"
        if _is_denied(sentence, mention):
            verdict = "no-difference" if verdict == "favours" else ""
        elif stands is not None and _is_surpassed(sentence, mention, stands):
            verdict = {"favours": "against", "against": "favours"}[verdict]
        if verdict:
            return verdict, mention
    return None


def _changed(sentence: Sentence, inside: list[Mention], change: Mention, stands: Mention | None) -> str | None:
    """Return whether an ill or a good was changed: the nearest after the word of change, else the nearest before."""
    things = [m for m in inside if m.value in ("ill", "good")]
    after = [m for m in things if 0 < m.first - change.last <= _LONGEST]
    before = [m for m in things if 0 < change.first - m.last <= _LONGEST]
    if stands is not None and stands.first < change.first:
        before = [m for m in before if m.first > stands.last]  # "In depression, ketamine increased pleasure"
    if not after and not before:
        return None
    thing = after[0] if after else before[-1]
    is_opposed = sentence.text[: thing.start].lower().endswith(("anti-", "anti"))  # "anti-suicidal effects"
    return "good" if is_opposed else thing.value


def _is_denied(sentence: Sentence, mention: Mention) -> bool:
    before = {word.key for word in sentence.words[max(0, mention.first - 5) : mention.first]}
    after = [word.key for word in sentence.words[mention.last + 1 : mention.last + 4]]
    is_taken_back = "not" in after and "," not in sentence.between(mention.last, mention.last + 1 + after.index("not"))
    return (bool(before & _NOT) and "only" not in before) or is_taken_back


def _is_surpassed(sentence: Sentence, mention: Mention, compound: Mention) -> bool:
    """Whether the compound is what something else was better or worse than: "ECT was superior to ketamine"."""
    if compound.first < mention.first:
        return False
    between = [word.key for word in sentence.words[mention.last + 1 : compound.first]]
    return bool(set(between[-3:]) & _OVER) and ("with" not in between[-3:] or "compared" in between)
