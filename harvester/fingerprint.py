"""Tell whether the program's rules are still those by which something was made: a fingerprint of their source."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources


@cache
def fingerprint(*places: str, words: str = "") -> str:
    """Give a short text that is another whenever some of this program's rules are.

    A version number that somebody must remember to raise would be forgotten.

    Parameters
    ----------
    places
        Files (``text.py``) and folders (``dedupe``) of this package whose source counts; of folders all ``*.py``.
    words
        What else counts.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> fingerprint("text.py") == fingerprint("text.py") != fingerprint("text.py", words="others")
    True
    """
    digest = hashlib.blake2b(words.encode(), digest_size=16)
    for place in places:
        item = resources.files("harvester") / place
        files = [part for part in item.iterdir() if part.name.endswith(".py")] if item.is_dir() else [item]
        files.sort(key=lambda part: part.name)
        for file in files:
            digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()
