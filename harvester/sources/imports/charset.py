"""In which character set a file is that is neither UTF-8 nor mostly Latin letters.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re

from charset_normalizer import from_bytes

# What bibliographies that are not Unicode are written in, besides Windows-1252; the likeliest first.
_ENCODINGS = ["gb18030", "cp1251", "koi8_r", "big5", "cp932", "cp949", "cp1253"]
_FEW = 24  # bytes of words: of fewer only the two likeliest character sets are told apart
_READ = 100_000  # bytes of lines with such words, which are enough to tell
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_HIGH = re.compile(rb"[\x80-\xff]")


def guess_encoding(data: bytes) -> str | None:
    """Return the character set of a text that is neither Unicode nor in Latin letters; None if it is, or nothing fits.

    Examples
    --------
    >>> guess_encoding("AU  - Иванов, Пётр".encode("cp1251")), guess_encoding("AU  - Müller, Jürgen".encode("cp1252"))
    ('cp1251', None)
    """
    high = len(_HIGH.findall(data))
    unicode = sum(len(char.encode()) for char in data.decode("utf-8", "ignore") if not char.isascii())
    if b"\0" in data or 2 * unicode >= high:
        return None
    # Words of which most letters are beyond ASCII: "Über" and "Größe" are none.
    words = [word for word in _WORD.findall(data) if 2 * len(_HIGH.findall(word)) > len(word) > 1]
    if 2 * sum(map(len, words)) <= high:
        return None
    there = frozenset(words)
    lines = [line for line in data.splitlines() if not there.isdisjoint(_WORD.findall(line))]
    known = _ENCODINGS if sum(map(len, there)) >= _FEW else _ENCODINGS[:2]
    best = from_bytes(b"\n".join(lines)[:_READ], cp_isolation=known).best()
    return None if best is None else best.encoding
