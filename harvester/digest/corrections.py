"""What a user's correction of a study changes in what readers were told of it, in words."""

from __future__ import annotations

from collections.abc import Iterable

from harvester.digest.markup import clean, shorten
from harvester.digest.words import Words, join_words, number_words
from harvester.paper.tags import TAGS, Tag, Tags

# What no entry says of a study: it only orders, filters or places it.
_UNSEEN = frozenset({"scales", "topics", "tier", "relevance", "countries"})
_LONGEST = 120  # bytes of a value


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
