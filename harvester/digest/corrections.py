"""What a user corrected of a study, in words: that it was, and what it changes in what readers were told."""

from __future__ import annotations

from collections.abc import Iterable

from harvester.digest.markup import clean, in_quotes, shorten, split_finding, weigh
from harvester.digest.words import SEPARATOR, Words, date_words, join_words, number_words
from harvester.paper.tags import BY_HAND, TAGS, Evidence, Tag, Tags

# What no entry says of a study: it only orders, filters or places it.
_UNSEEN = frozenset({"scales", "topics", "tier", "relevance", "countries", "guesses"})
_LONGEST = 120  # bytes of a value
_LONGEST_TOLD = 300  # bytes of all values, beyond which a finding is not among them


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
    corrected = set(names)
    wanted = corrected - _UNSEEN - {"key_finding"}
    pairs = [(tag, _value(tag, before, words), _value(tag, now, words)) for tag in TAGS if tag.name in wanted]
    told = [
        f"{tag.label}: {new or 'not stated'}{f', not {old}' if old else ''}." for tag, old, new in pairs if old != new
    ]
    if "key_finding" in corrected and before.key_finding != now.key_finding:
        told.append(_describe_finding(clean(now.key_finding), room=_LONGEST_TOLD - weigh(" ".join(told))))
    return " ".join(told)


def _describe_finding(finding: str, *, room: int) -> str:
    """Return what the finding is now, in whole sentences or not at all."""
    if not finding:
        return "The sentence that was quoted does not state the finding."
    told = f"Finding: {in_quotes(split_finding(finding))}"
    return told if weigh(told) < room else "Another sentence states the finding."


def _value(tag: Tag, tags: Tags, words: Words) -> str:
    values: Iterable[str] = tag.values(tags)
    if tag.name == "conditions":
        values = words.narrowest(values)
    if tag.type == "integer":
        values = [number_words(int(value)) for value in values]
    return join_words([shorten(clean(words.label(tag.name, value)), _LONGEST) for value in values])
