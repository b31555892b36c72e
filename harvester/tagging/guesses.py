"""Which design a study seems to have where it names none, and what tells of other people's studies."""

from __future__ import annotations

from harvester.paper.records import Evidence
from harvester.tagging import signs
from harvester.tagging.lexicon import Mention
from harvester.tagging.numbers import Count
from harvester.tagging.reading import Reading, Sentence

_TITLE = frozenset(("title",))
_DID = frozenset(("objective", "methods", "results"))
_DID_OR_FOUND = _DID | {"conclusions"}


def is_wished(sentence: Sentence) -> bool:
    """Tell whether a sentence speaks of studies that should be done."""
    return not sentence.keys.isdisjoint(signs.WISHES)


def speaks_of_literature(sentence: Sentence) -> bool:
    """Whether randomised trials are what was read, not what was done: "trials were searched", "evidence from RCTs"."""
    return not sentence.keys.isdisjoint(_OF_LITERATURE) and "data" not in sentence.keys


_OF_LITERATURE = frozenset(("searched", "literature", "review", "reviewed", "published", "pubmed", "medline"))


def guess_placebo(reading: Reading, counts: list[Count]) -> Evidence | None:
    """Find that somebody was given a placebo, where nobody says "randomised"."""
    if not any(count.score > 0 for count in counts):
        return None
    for sentence, mention in reading.find("comparators", _DID_OR_FOUND):
        if mention.value != "placebo" or not sentence.mentions_of("compounds") or is_wished(sentence):
            continue
        if not speaks_of_literature(sentence) and not sentence.is_negated(mention):
            return sentence.proves("design", "rct", mention)
    return None


def guess_design(reading: Reading, counts: list[Count]) -> Evidence | None:
    """Guess from what was done where no design is named: people who were given the drug, or an essay."""
    if any(count.score > -1 and count.number > 1 for count in counts):
        for sentence, mention in reading.find("compounds", _DID):
            if _is_given(sentence, mention):
                return sentence.proves("design", "open-label-trial", mention)
        for sentence, mention in reading.find("people", _DID):
            if sentence.words[mention.last].text.lower() in ("users", "controls", "records"):
                return sentence.proves("design", "cohort", mention)
        return None
    for roles in (_DID_OR_FOUND, frozenset(("background",))):
        for sentence, mention in reading.find("cues.review", roles):
            return sentence.proves("design", "review", mention)
    title = next(iter(reading.prose(_TITLE)), None)
    figures = any("%" in s.text or "=" in s.text for s in reading.prose(_DID_OR_FOUND))
    if title is not None and title.words and not figures and not reading.has("cues.result", frozenset(("results",))):
        if "Letter" in reading.citation.publication_types:
            return Evidence(
                facet="design", value="comment", field="publication_types", sentence="Letter", words="Letter"
            )
        return Evidence(facet="design", value="review", field="title", sentence=title.text, words=title.text)
    return None


def _is_given(sentence: Sentence, compound: Mention) -> bool:
    """Whether people were given a compound: "received ketamine", not "treatment-seeking, ketamine-dependent"."""
    words = sentence.words
    if compound.last + 1 < len(words) and words[compound.last + 1].key in signs.TAKEN:
        return False
    for place, word in enumerate(words):
        joined = sentence.text[word.end : word.end + 1] == "-"  # "treatment-seeking"
        if word.key in signs.PUT_ON_TRIAL and not joined:
            return "food" not in {other.key for other in words[max(0, place - 3) : place]}  # and Drug Administration
    return False
