"""Tell whether tags would be read differently today: a fingerprint of the rules, the vocabulary and the weights."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from harvester.classify.vocabulary import Vocabulary


def fingerprint(vocabulary: Vocabulary) -> str:
    """Give a short text that is another whenever this program might read other tags out of the same words.

    Parameters
    ----------
    vocabulary
        The words, and the weights of relevance.

    Returns
    -------
    str
        Of the rules' source, the vocabulary's entries and the weights: 32 hexadecimal digits.
    """
    digest = hashlib.blake2b(_rules(), digest_size=16)
    digest.update(repr((vocabulary.entries, vocabulary.weights)).encode())
    return digest.hexdigest()


@cache
def _rules() -> bytes:
    """Give the source of this package's rules; a number that somebody must remember to raise would be forgotten."""
    files = sorted(
        (item for item in resources.files("harvester.classify").iterdir() if item.name.endswith(".py")),
        key=lambda item: item.name,
    )
    return b"\0".join(item.read_bytes() for item in files)
