"""A fingerprint of the program's rules: whether they are still those by which something was made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable


@cache
def fingerprint(*places: str, words: str = "") -> str:
    """Return a short text that is another whenever some of this program's rules are.

    A version number that somebody must remember to raise would be forgotten.

    Parameters
    ----------
    places
        Files (``paper/text.py``) and folders (``matching``) of this package whose source counts; of folders every
        ``*.py`` and ``*.json`` at any depth.
    words
        What else counts.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> fingerprint("paper") == fingerprint("paper") != fingerprint("paper", words="others")
    True
    """
    digest = hashlib.blake2b(words.encode(), digest_size=16)
    for place in places:
        for source in _sources(resources.files("harvester") / place):
            digest.update(source + b"\0")
    return digest.hexdigest()


def _sources(item: Traversable) -> Iterator[bytes]:
    """Yield the source of a file, or of all files below a folder, in the order of their names."""
    if item.is_dir():
        for part in sorted(item.iterdir(), key=lambda part: part.name):
            yield from _sources(part)
    elif item.name.endswith((".py", ".json")):
        yield item.read_bytes()
