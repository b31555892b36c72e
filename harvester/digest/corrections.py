"""What a user corrected of a study, in words: that it was, and what it changes in what readers were told."""

from __future__ import annotations

from collections.abc import Iterable

from harvester.digest.markup import clean, shorten
from harvester.digest.words import SEPARATOR, Words, date_words, join_words, number_words
from harvester.paper.tags import BY_HAND, TAGS, Evidence, Tag, Tags

# What no entry says of a study: it only orders, filters or places it.
_UNSEEN = frozenset({"scales", "topics", "tier", "relevance", "countries"})
_LONGEST = 120  # bytes of a value


def hand_words(proof: Evidence) -> str:
    r"""Return a user's word on a tag, without the tag.

    Examples
    --------
    >>> hand_words(Evidence(facet="design", value="cohort", field=BY_HAND, sentence="No arms", words="2026-11-20"))
    'corrected by hand on 20\xa0November 2026: No arms'
    """
    reason = f": {clean(proof.sentence)}" if proof.sentence else ""
    return f"{BY_HAND} on {date_words(proof.words)}{reason}"


def summarise_corrections(proofs: Iterable[Evidence]) -> str:
    """Return which tags of a study are a user's word, when and why, in one line; "" without any.

    As in ``Design, People: corrected by hand on 20 November 2026: Table 1 has 108``.
    """
    said = {proof.facet: hand_words(proof) for proof in proofs}
    labels: dict[str, list[str]] = {}
    for tag in TAGS:
        if tag.name in said:
            labels.setdefault(said[tag.name], []).append(tag.label)
    return SEPARATOR.join(f"{', '.join(named)}: {words}" for words, named in labels.items())


def describe_corrections(before: Tags, now: Tags, names: Iterable[str], words: Words) -> str:
    """Return what readers were told wrong, and what is right; "" if they read none of it.

    As in ``Design: cohort, not randomised trial. People: not stated, not 54.``

    Parameters
    ----------
    before
        The tags that readers were told.
    now
        The tags as they are.
    names
        The tags that a user corrected.
    """
    wanted = set(names) - _UNSEEN
    pairs = [(tag, _value(tag, before, words), _value(tag, now, words)) for tag in TAGS if tag.name in wanted]
    return " ".join(_sentence(tag, old, new) for tag, old, new in pairs if old != new)


def _sentence(tag: Tag, old: str, new: str) -> str:
    if tag.name == "key_finding":
        return f"{tag.label}: “{new}”" if new else "The sentence that was quoted does not state the finding."
    return f"{tag.label}: {new or 'not stated'}{f', not {old}' if old else ''}."


def _value(tag: Tag, tags: Tags, words: Words) -> str:
    values: Iterable[str] = tag.values(tags)
    if tag.name == "conditions":
        values = words.narrowest(values)
    if tag.type == "integer":
        values = [number_words(int(value)) for value in values]
    return join_words([shorten(clean(words.label(tag.name, value)), _LONGEST) for value in values])
