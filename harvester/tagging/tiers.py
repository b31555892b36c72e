"""Core, adjacent or off-topic: whether the compound serves a mental-health purpose in this paper.

The title says what a paper is for.  A surgical, anaesthetic, analgesic or neurological title makes mental health
the thing beside, whatever the abstract measures; without one, an abstract that keeps returning to the operating
theatre does the same.  A compound that is only named in passing makes nothing core.
"""

from __future__ import annotations

from harvester.paper.tags import Evidence
from harvester.tagging.facets import WEIGHTS
from harvester.tagging.lexicon import Word
from harvester.tagging.reading import Reading

# Conditions that are no mental disorder, or one of bodily illness: alone they do not make a paper core.
_BODILY = frozenset(("pain", "palliative", "delirium"))
# What is prevented by giving an anaesthetic differently: with surgery around, these are outcomes beside it.
_AROUND_SURGERY = frozenset(("postpartum-depression", "depression", "anxiety", "delirium", "pain"))
_OWN = frozenset(("objective", "methods", "results"))
_TITLE = frozenset(("title",))
_MAIN = 3.0  # weight from which a compound is what a paper is about; a title has twice that
_NAMED = 1.5  # weight from which a compound is one of the things that a paper on mental health is about
_SURGICAL = 3  # sentences of its own on surgery that make a paper perioperative without its title saying so


def read_tier(reading: Reading, compounds: list[Evidence], conditions: tuple[str, ...]) -> str:
    """Return the tier of a paper.

    Parameters
    ----------
    reading
        The citation.
    compounds
        Its compound tags.
    conditions
        Its condition tags.

    Returns
    -------
    str
        ``core``, ``adjacent`` or ``off-topic``.
    """
    mental = [value for value in conditions if value not in _BODILY]
    if not compounds:
        return "off-topic"
    weight = _weight(reading, compounds)
    if weight < _NAMED:
        return "off-topic"
    if weight < _MAIN and not (mental and _has(reading, "mental", None)):
        return "adjacent" if mental else "off-topic"
    if _has(reading, "veterinary", _TITLE):
        return "off-topic"
    beside = "adjacent" if mental or "delirium" in conditions or _has(reading, "mental", _TITLE) else "off-topic"
    if _is_surgical(reading, mental):
        return "adjacent" if beside == "adjacent" or _has(reading, "mental", _OWN) else "off-topic"
    if _is_anaesthesia_for_ect(reading):
        return "adjacent"
    if _has(reading, "neurological", _TITLE) and not _names(reading, mental):
        return "adjacent"
    if (_has(reading, "pain", _TITLE) or _has(reading, "sedation", _TITLE)) and not _names(reading, mental):
        return beside
    if _has(reading, "emergency", _TITLE) and not _names(reading, mental):
        return "adjacent"
    if mental or _has(reading, "mental", None) or any(tag.field == "title" for tag in compounds):
        return "core"
    return beside


def _has(reading: Reading, context: str, roles: frozenset[str] | None) -> bool:
    return any(
        not _is_below(sentence.words, mention.first) for sentence, mention in reading.find(f"contexts.{context}", roles)
    )


def _is_below(words: list[Word], first: int) -> bool:
    """Whether a word is taken back by what stands before it: "sub-anaesthetic", "non-surgical"."""
    return first > 0 and words[first - 1].key in ("sub", "non", "no")


def _weight(reading: Reading, compounds: list[Evidence]) -> float:
    """Weigh how much the paper is about its compounds, all together, one count a sentence."""
    values = {tag.value for tag in compounds}
    seen = {
        sentence.index: WEIGHTS.get(sentence.role, 0.5)
        for sentence, mention in reading.find("compounds")
        if mention.value in values
    }
    # a heading that stands for a compound was given by someone who read the whole paper
    return max(sum(seen.values()), _NAMED if any(tag.field == "mesh_terms" for tag in compounds) else 0.0)


def _is_surgical(reading: Reading, mental: list[str]) -> bool:
    if _has(reading, "perioperative", _TITLE):
        return True
    surgical = {
        sentence.index
        for sentence, mention in reading.find("contexts.perioperative", _OWN)
        if not _is_below(sentence.words, mention.first)
    }
    return len(surgical) >= _SURGICAL and not [value for value in mental if value not in _AROUND_SURGERY]


def _is_anaesthesia_for_ect(reading: Reading) -> bool:
    if not reading.has("contexts.ect", _TITLE):
        return False
    return any(
        any(key.startswith("anesth") for key in sentence.keys) for sentence in reading.prose(("title", "objective"))
    )


def _names(reading: Reading, mental: list[str]) -> bool:
    """Whether the title itself names one of the mental conditions."""
    return any(mention.value in mental for _, mention in reading.find("conditions", _TITLE))
