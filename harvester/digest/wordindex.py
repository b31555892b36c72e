"""An index of words, small enough to stand in a page: which studies have a word in their abstract.

Whole abstracts of 35,000 papers would make a page of 70 MB; which word occurs in which of them is a tenth of that.

Format
------
``{"tokens": "a b c", "lists": "<base64>"}``.  Tokens are folded words in alphabetical order.  The lists follow each
other in the same order, as numbers of seven bits a byte, the lowest first, the eighth bit set on all but the last
(LEB128).  A list is a head and then its studies as differences from the one before, the first from -1.  The head is
twice their number; plus one if the list names the studies that do *not* have the word, which is shorter for words
that most of them have.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from harvester.paper.text import fold

SHORTEST_TOKEN = 3  # letters; the page looks for shorter words in titles only
_WORD = re.compile(r"[^\W_]+")


def fold_word(word: str) -> str:
    """Fold one word; "" if it is none to look for (a number, too short).

    Examples
    --------
    >>> fold_word("kétamine"), fold_word("mg"), fold_word("236")
    ('ketamine', '', '')
    """
    folded = word if word.isascii() else fold(word)
    return "" if len(folded) < SHORTEST_TOKEN or folded.isdigit() else folded


@cache
def spell_letters() -> dict[str, str]:
    """Return the letters that folding spells otherwise than a browser can by itself, for its script.

    A browser decomposes, drops accents and folds case; what `fold` makes of ``ø`` or ``ß`` it does not know.
    """
    spelled = {}
    for char in map(chr, range(0x80, 0x400)):  # Latin and Greek
        known = "".join(part for part in unicodedata.normalize("NFKD", char) if unicodedata.category(part)[0] != "M")
        if char.isalpha() and fold(char) != known.lower():
            spelled[known.lower()] = fold(char)
    return spelled


def build_index(texts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the index of texts in the *Format* above; empty strings for no texts.

    Parameters
    ----------
    texts
        For each study, in the order in which the page numbers them: what to index, and what the page searches
        anyway, of which no word needs to be in the index.
    """
    lists: dict[str, list[int]] = defaultdict(list)
    free: dict[str, list[int]] = defaultdict(list)  # studies that have the word in what is searched anyway
    count = 0
    for count, (text, known) in enumerate(texts, start=1):
        searched = set(_WORD.findall(known.lower()))
        for word in set(_WORD.findall(text.lower())):
            (free if word in searched else lists)[word].append(count - 1)
    spellings: dict[str, list[str]] = defaultdict(list)
    for word in lists:
        spellings[fold_word(word)].append(word)
    spellings.pop("", None)
    tokens = sorted(spellings)
    packed = bytearray()
    for token in tokens:
        have = sorted({number for word in spellings[token] for number in lists[word]})
        _pack(packed, have, {number for word in spellings[token] for number in free.get(word, ())}, count)
    return {"tokens": " ".join(tokens), "lists": base64.b64encode(bytes(packed)).decode()}


def _pack(packed: bytearray, have: list[int], free: set[int], count: int) -> None:
    """Append one list; the studies in `free` may be in it or not, whichever is shorter."""
    numbers = have
    negated = len(have) * 2 > count
    if negated:
        named = free.union(have)
        numbers = [number for number in range(count) if number not in named]
    _put(packed, len(numbers) * 2 + negated)
    last = -1
    for number in numbers:
        gap = number - last
        if gap < 128:
            packed.append(gap)
        else:
            _put(packed, gap)
        last = number


def _put(packed: bytearray, number: int) -> None:
    while number > 127:
        packed.append(number & 127 | 128)
        number >>= 7
    packed.append(number)
