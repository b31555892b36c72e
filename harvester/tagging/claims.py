"""How sure a tag is, and from where on it is said.

A rule that finds words finds some that do not mean what it takes them for.  How often it is right was learned from
labelled abstracts: by the design, by where the proof stands, by the words around it and by whether the abstract says
the same again.  What is not likely enough is not said: a cell that is empty misleads nobody.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from operator import attrgetter

from harvester.paper.tags import Evidence, Tags
from harvester.tagging.numbers import Count
from harvester.tagging.reading import Reading, Sentence

# From which likelihood on a tag is said.  Each was chosen by cross-validation over abstracts that nobody had read who
# wrote rules (benchmarks/tags.md): what is left out is oftener wrong than right.  A design is never left out.
LINES: Mapping[str, float] = {
    "design": 0.0,
    "sample_size": 0.5,
    "comparators": 0.45,
    "follow_up": 0.5,
}
# From which on a design is stated; what is likely but less so is worded as a guess.
SURE = 0.8
_INDEXED = ("publication_types", "mesh_terms")  # by somebody who read the whole paper
_NEAR = 5  # words around a proof that are looked at
_NUMBER = re.compile(r"[0-9]+")
_START = attrgetter("start")


def keep_likely(
    reading: Reading, people: Sequence[Count], proofs: Mapping[str, list[Evidence]]
) -> dict[str, list[Evidence]]:
    """Return the proofs of what is likely enough to be said, with one of ``guesses`` for a design that is not sure."""
    design = proofs["design"][0].value if proofs["design"] else Tags().design
    kept = dict(proofs)
    for facet, line in LINES.items():
        claims = split_claims(facet, proofs[facet])
        rated = [
            (
                reading.vocabulary.learned[facet].rate(*describe_claim(reading, people, design, claim, len(claims))),
                claim,
            )
            for claim in claims
        ]
        kept[facet] = [proof for likelihood, claim in rated if likelihood >= line for proof in claim]
        if facet == "design" and any(
            likelihood < SURE for likelihood, claim in rated if claim[0].field not in _INDEXED
        ):
            kept["guesses"] = [replace(kept[facet][0], facet="guesses", value=facet)]
    return kept


def split_claims(facet: str, proofs: Sequence[Evidence]) -> list[list[Evidence]]:
    """Return the proofs of each thing that is claimed: each value of a list stands by itself."""
    if facet != "comparators":
        return [list(proofs)] if proofs else []
    return [[proof for proof in proofs if proof.value == value] for value in dict.fromkeys(p.value for p in proofs)]


def describe_claim(
    reading: Reading, people: Sequence[Count], design: str, proofs: Sequence[Evidence], beside: int
) -> tuple[set[str], Set[str]]:
    """Return the features and the words of a claim.

    Parameters
    ----------
    reading
        The citation.
    people
        The numbers of people that it names.
    design
        Its design.
    proofs
        What proves the claim, one or more.
    beside
        How many claims of this tag there are.
    """
    proof = proofs[0]
    sentence = next((each for each in reading.sentences if each.text == proof.sentence), None)
    features = {f"design {design}", f"proofs {min(3, len(proofs))}", f"claims {min(4, beside)}"}
    number = _NUMBER.search(proof.value)
    if number is None:
        features |= {f"value {proof.value}", f"{design} {proof.value}"}
    else:
        others = {count.number for count in people if count.score > -1}
        larger = sum(1 for other in others if other > int(number.group()))
        smaller = sum(1 for other in others if 1 < other < int(number.group()))
        unit = proof.value[number.end() :].strip().rstrip("s")
        features |= {f"larger {min(3, larger)}", f"smaller {min(3, smaller)}"}
        features |= {f"digits {len(number.group())}", f"unit {unit}", f"unit {unit} {design}"}
    if sentence is None:
        return features | {f"field {proof.field}"}, frozenset()
    features |= {f"role {sentence.role}", f"{'labelled' if sentence.passage.label else 'plain'} {sentence.role}"}
    features.update(f"sentence has {facet}" for facet in sentence.facets if facet.startswith("cues."))
    said = number.group() if number else proof.words.lower()
    again = sum(
        1 for other in reading.prose() if said in other.lower and other is not sentence and _says(other.lower, said)
    )
    features.add(f"said again {min(3, again)}")
    return features, _words_near(sentence, proof.words)


def _says(lower: str, said: str) -> bool:
    """Whether a text has these words, and not as parts of longer words or numbers."""
    start = lower.find(said)
    while start >= 0:
        end = start + len(said)
        before = lower[max(0, start - 1) : start]
        goes_on = lower[end : end + 1] == "." and lower[end + 1 : end + 2].isdecimal()
        if before != "." and not _is_inside(before) and not goes_on and not _is_inside(lower[end : end + 1]):
            return True
        start = lower.find(said, start + 1)
    return False


def _is_inside(char: str) -> bool:
    """Whether a character is part of a word."""
    return char.isalnum() or char == "_"


def _words_near(sentence: Sentence, said: str) -> Set[str]:
    """Return the normal forms of the words in and around what decided."""
    start = sentence.text.find(said)
    first = bisect_left(sentence.words, start, key=_START)
    after = bisect_left(sentence.words, start + len(said), first, key=_START)
    if first == after:
        return frozenset()
    return {word.key for word in sentence.words[max(0, first - _NEAR) : after + _NEAR]}
