"""What the authors found, in their own words and numbers, and in which phase of a trial.

Nothing here is composed: a finding is one or two whole sentences as they stand in the abstract.  Which sentences state
it is weighed by `harvester.tagging.learned`, from where a sentence stands and the words that it has; hand-written signs
(asks for more research, compares groups, …) were tried beside these and added nothing on unread records
(benchmarks/tags.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from harvester.paper.tags import GAP, Evidence
from harvester.tagging.english import key_set, word_set
from harvester.tagging.reading import Reading, Sentence

_OPENING, _CLOSING = "\"'“([", "\"'”’)]"
_SHORTEST = 20  # characters; shorter "sentences" are headings and left-overs
# Chosen by cross-validation (benchmarks/tags.md): below the first an abstract has no finding to quote; from the other
# on a second sentence is quoted beside the best one.
_STATES = 0.2
_STATES_TOO = 0.2
# Openings that lean on the sentence before, and ones that take something back from it.
_LEANS = re.compile(
    r"(?:however|nevertheless|nonetheless|but|yet|moreover|furthermore|in addition|additionally|it|they|conversely"
    r"|despite (?:this|these)|in contrast|by contrast)\b",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"(?:however|nevertheless|nonetheless|but|yet|in contrast|conversely|although)\b", re.IGNORECASE
)
_TAKEN_BACK_FROM = 0.02  # a "However" as likely as this to be part of the finding is never left out


# Sentences that end many abstracts or begin their results and say nothing of what was found.
_NO_FINDING = re.compile(
    r"\bregist(?:ration|ered|ry)\b.{0,60}[0-9]{5}|\b[A-Z]{3,8}[0-9]{7,}|^(?:at|on) (?:baseline|admission|enrol)"
    r"|\bbaseline characteristics\b|^(?:funding|funded by|copyright|©)|\ball rights reserved\b|\bPsycInfo\b"
    r"|\b[12][0-9]{3};\s?[0-9]+\s?[(:]|\bauthor affiliations\b",
    re.IGNORECASE,
)
# What a sentence says of the work, not of what was found.
_OF_THE_WORK = re.compile(
    r"\bthis is (?:[\w,]+ ){0,5}first\b|\b(?:trials|studies) have (?:shown|found|demonstrated)\b"
    r"|\b(?:is|are|be) (?:\w+ )?(?:essential|critical|crucial|vital|paramount) (?:for|to|in)\b"
    r"|\bthis (?:\w+ )?(?:review|article|paper|work|chapter|essay|commentary) (?:\w+ )?(?:advances|aims"
    r"|discusses|explores|provides|highlights|outlines|describes|summari[sz]es|presents|examines|considers|covers|reviews"
    r"|addresses)\b"
    r"|\b(?:enhanc|deepen|further|advanc|improv)\w* (?:our |the )?understanding\b"
    r"|\b(?:bolsters?|contributes?|adds?) (?:to )?(?:the |our )?(?:\w+ )?"
    r"(?:discussion|literature|debate|understanding)\b"
    r"|\b(?:is|are|was|were) (?:also |then |briefly )?(?:reviewed|discussed|outlined|summari[sz]ed)\W*$"
    r"|^expected results\b|\b(?:was|were|is|we) (?:hypothesi[sz]ed|predicted|expected) that\b|\bhypothesis is that\b",
    re.IGNORECASE,
)
_KEYS_OF_THE_WORK = key_set(
    """
    first shown found demonstrated essential critical crucial vital paramount advances aims discusses explores provides
    highlights outlines describes summarizes presents examines considers covers reviews addresses understanding
    discussion literature debate reviewed discussed outlined summarized expected hypothesized predicted hypothesis
    """
)
_NO_FINDING_WORDS = (
    *("regist", "baseline", "admission", "enrol", "fund", "copyright", "©", "rights reserved", "psycinfo"),
    "author affil",
)
_CODE = re.compile(r"[0-9][0-9]{3}(?:;|[0-9]{3})")  # a search is fast that begins with one digit
_SAYS = word_set(
    """
    significantly significant associated effective improved improvement reduced reduction reduce increased
    decreased superior inferior non-inferior difference differ safe tolerated efficacy remission response
    suggest suggested demonstrate demonstrated show showed found reveal indicate support effect better lower
    higher beneficial benefit alleviate alleviated prevent prevented failed effectively increase decrease improve
    greater fewer
    """
)
# Numbers that state an effect: an interval, a test, a ratio, a difference, "8.2% vs 17.6%".
_EFFECT = re.compile(
    r"\b(?:95\s?%\s?(?:CI|confidence|credible)|CI\b|p\s?[<=>≤]\s?[0-9.]|(?:OR|RR|HR|SMD|MD|WMD|aOR|aHR|NNT)\b"
    r"|[dgtF]\s?[=(])"
    r"|[0-9]\s?%.{0,60}\b(?:vs|versus|compared|than|and)\b.{0,40}[0-9]\s?%|[−-]\s?[0-9]+(?:\.[0-9]+)?\s?points?",
    re.IGNORECASE,
)
_PHASE = re.compile(r"\bphase[\s-]?(?P<phase>[1-4]|I{1,3}V?|IV)(?P<part>[ab])?\b(?!\s*/)", re.IGNORECASE)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


class Statement(NamedTuple):
    """A sentence of the abstract and how likely it is to state the main finding."""

    sentence: Sentence
    likelihood: float


def read_statements(reading: Reading, design: str) -> list[Statement]:
    """Rate each sentence of the abstract, in reading order; a protocol has found nothing yet."""
    if design == "protocol":
        return []
    learned = reading.vocabulary.learned["finding"]
    sentences = [sentence for sentence in reading.prose() if sentence.passage.field == "abstract"]
    return [
        Statement(sentence, learned.rate(describe_sentence(sentences, place, design), sentence.keys))
        for place, sentence in enumerate(sentences)
    ]


def describe_sentence(sentences: Sequence[Sentence], place: int, design: str) -> set[str]:
    """Return the features of one sentence of an abstract: where it stands and what it mentions."""
    sentence = sentences[place]
    role = sentence.role
    where = _describe_place(
        design,
        role,
        "labelled" if sentence.passage.label else "plain",
        min(3, place),
        min(5, len(sentences) - 1 - place),
        "" if place and sentences[place - 1].role == role else "first",
        "" if place + 1 < len(sentences) and sentences[place + 1].role == role else "last",
    )
    features = {*where, *map(_describe_facet, sentence.facets)}
    if sentence.numbers:
        features.add("has numbers")
    return features


@cache
def _describe_place(  # by place, because a cache is slow to tell names apart
    design: str, role: str, form: str, before: int, after: int, first: str, last: str
) -> frozenset[str]:
    """Return the features of where a sentence stands: few in all, and the same in every paper."""
    features = {
        f"role={role}",
        f"{form} {role}",
        f"{design} {role}",
        f"from end={after}",
        f"from start={before}",
        *(f"{end} of {role}" for end in (first, last) if end),
    }
    return frozenset(features)


@cache
def _describe_facet(facet: str) -> str:
    return f"mentions {facet}"


def read_key_finding(statements: Sequence[Statement]) -> list[Statement]:
    """Choose the one or two whole sentences that state the main finding, in reading order; none where none does.

    A sentence that leans on the one before is quoted with it, one that is taken back by the next ("However, …") with
    that; else the second likeliest goes with the likeliest, wherever it stands.
    """
    likely = [place for place, statement in enumerate(statements) if statement.likelihood >= _STATES_TOO]
    whole = [place for place in likely if _is_whole(statements[place].sentence)]
    best = max(whole, key=lambda place: statements[place].likelihood, default=None)
    if best is None or statements[best].likelihood < _STATES:
        return []
    chosen = [best]
    before = statements[best - 1] if best else None
    after = statements[best + 1] if best + 1 < len(statements) else None
    if before is not None and _LEANS.match(statements[best].sentence.text) and _is_whole(before.sentence):
        chosen.append(best - 1)
    elif (
        after is not None
        and _TAKES_BACK.match(after.sentence.text)
        and after.likelihood >= _TAKEN_BACK_FROM
        and _is_whole(after.sentence)
    ):
        chosen.append(best + 1)
    else:
        others = [place for place in whole if place != best and _stands_beside(statements, place, best)]
        second = max(others, key=lambda place: statements[place].likelihood, default=None)
        if second is not None:
            chosen.append(second)
    return [statements[place] for place in sorted(chosen)]


def _stands_beside(statements: Sequence[Statement], place: int, best: int) -> bool:
    """Whether a sentence can be quoted beside the best one: it leans on nothing that is left out."""
    return place == best + 1 or not _LEANS.match(statements[place].sentence.text)


def prove_finding(statements: Sequence[Statement]) -> list[Evidence]:
    """Return the proofs of a finding: the value of each is the whole finding, its sentence one of it."""
    sentences = [statement.sentence for statement in statements]
    if not sentences:
        return []
    joined = sentences[0].text
    for before, sentence in pairwise(sentences):
        joined += (" " if sentence.index == before.index + 1 else GAP) + sentence.text
    return [
        Evidence(facet="key_finding", value=joined, field="abstract", sentence=each.text, words=each.text)
        for each in sentences
    ]


def _is_whole(sentence: Sentence) -> bool:
    text = sentence.text
    return (
        len(text) >= _SHORTEST
        and text.rstrip(_CLOSING)[-1:] in (".", "!", "?")
        and text.lstrip(_OPENING)[:1].isalnum()
        and text.count("(") == text.count(")")
        and not _says_nothing(sentence)
        and (sentence.has_none_of(_KEYS_OF_THE_WORK) or not _OF_THE_WORK.search(text))
    )


def _says_nothing(sentence: Sentence) -> bool:
    if sentence.has_none_of(frozenset(), *_NO_FINDING_WORDS) and not _CODE.search(sentence.text):
        return False
    return _NO_FINDING.search(sentence.text) is not None


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
        if sentence.passage.field != "abstract" or not sentence.numbers:
            continue
        keys = sentence.keys
        score = 2.0 * ("primary" in keys) + 1.5 * ("compounds" in sentence.facets)
        score += min(2, len(keys & _SAYS)) + 1.0 * ("CI" in sentence.text or "confidence" in keys)
        score -= 1.0 * bool(keys & {"adverse", "baseline", "secondary", "exploratory", "subgroup", "heterogeneity"})
        least = 2.0 if best is None else best[0]
        if (score > least or (best is None and score == least)) and _is_whole(sentence):
            best = (score, sentence) if _EFFECT.search(sentence.text) else best
    if best is None:
        return None
    text = best[1].text
    return Evidence(facet="effect", value=text, field="abstract", sentence=text, words=text)


def read_phase(reading: Reading) -> Evidence | None:
    """Read the phase of a trial, as "phase 2b", from the title or the authors' account of their study."""
    for sentence in reading.prose(("title", "objective", "methods")):
        if "hase" not in sentence.text and "HASE" not in sentence.text:
            continue
        match = _PHASE.search(sentence.text)
        if match is not None:
            phase = match.group("phase").lower()
            value = f"phase {_ROMAN.get(phase, phase)}{(match.group('part') or '').lower()}"
            return Evidence(
                facet="phase", value=value, field=sentence.passage.field, sentence=sentence.text, words=match.group()
            )
    return None
