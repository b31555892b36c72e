"""Texts that share long passages, packed: the exports of one study, for the page.

Four formats hold the same abstract; the page carries it once.  Packed, a text is a list of strings as they are and of
copies: a place in the texts before it and a length, in characters (code points).  ``page.js`` unpacks.
"""

from __future__ import annotations

from collections.abc import Sequence

Part = str | tuple[int, int]

# Characters.  Copies are looked for by what stands at every such place, and must be twice as long, which is more than
# their two numbers weigh.  Between 8 and 20 the page's weight changes by 2 %: docs/decisions/exports.md.
_STEP = 12


def pack(texts: Sequence[str]) -> list[list[Part]]:
    """Pack texts, each with copies from those before it.

    Examples
    --------
    >>> pack(["TI  - Ketamine and the brain in mice", "title = {Ketamine and the brain in mice}"])
    [['TI  - Ketamine and the brain in mice'], ['title = {', (6, 30), '}']]
    """
    return [_pack_one(text, "".join(texts[:number])) for number, text in enumerate(texts)]


def _pack_one(text: str, before: str) -> list[Part]:
    # Of what stands in several places the first is kept: most follows it.
    places = {before[place : place + _STEP]: place for place in reversed(range(0, len(before) - _STEP + 1, _STEP))}
    parts: list[Part] = []
    done = at = 0  # what is packed, and where we look
    while at <= len(text) - _STEP:
        place = places.get(text[at : at + _STEP])
        if place is None:
            at += 1
            continue
        start, end = at, at + _STEP
        while start > done and place > 0 and text[start - 1] == before[place - 1]:
            start, place = start - 1, place - 1
        while end < len(text) and place + end - start < len(before) and text[end] == before[place + end - start]:
            end += 1
        if end - start >= 2 * _STEP:
            parts += [text[done:start]] * (start > done)
            parts.append((place, end - start))
            done = end
        at = end
    return [*parts, text[done:]] if done < len(text) else parts
