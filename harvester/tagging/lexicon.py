"""Terms and where they occur in a text.

A lexicon is asked once for each sentence, for all facets together: each word of the sentence is looked up among
the first words of all terms, and only the terms that begin with it are compared further.  Two hundred terms or
two thousand cost the same, which an alternation in a regular expression does not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, compress
from operator import attrgetter, itemgetter
from typing import NamedTuple

from harvester.tagging.english import NUMBER_WORDS, WORD, WORD_OF_ASCII, is_abbreviation, normal_form, split_words

# What may stand between two words of one term: "treatment-resistant", "(R)-ketamine", "and/or", "Alzheimer's".
_STAR_INSIDE = re.compile(r"\*\w")
_GAP_WITH_COMMA = re.compile(r"[\s\-‐‑‒–—―/()\[\]'’\"+±,]*")


@dataclass(frozen=True, slots=True)
class Term:
    """One phrase that stands for one value of one facet."""

    facet: str
    value: str  # "" for a phrase that looks like a term and is none ("respiratory depression")
    keys: tuple[str, ...]  # the normal form of each word; "=TRD" for an abbreviation; "depress*" for a beginning
    has_comma: bool = False  # a comma is part of the phrase ("Stress Disorders, Post-Traumatic")
    is_short: bool = False  # it holds an abbreviation of one or two letters


class Word(NamedTuple):
    """A word of a sentence.  A tuple, because there are hundreds to a paper."""

    text: str  # as printed
    key: str  # its normal form
    start: int
    end: int


class Mention(NamedTuple):
    """A term that stands in a sentence."""

    facet: str
    value: str
    first: int  # index of its first word
    last: int  # index of its last word, included
    start: int  # in characters of the sentence
    end: int


class Scan(NamedTuple):
    """The words of a sentence, and the terms among them."""

    words: list[Word]
    mentions: list[Mention]  # in the order of the text
    numbers: list[int]  # places of the words that are digits or spell a number
    keys: frozenset[str]  # the normal forms of its words


def build_term(facet: str, value: str, phrase: str) -> Term:
    """Build a term from a phrase as a person writes it.

    Parameters
    ----------
    facet, value
        What the phrase stands for.
    phrase
        Words; a word in capitals is an abbreviation and matches only capitals; a final ``*`` matches any ending.

    Raises
    ------
    ValueError
        If the phrase has no word, or a ``*`` elsewhere than after three letters or more at a word's end.

    Examples
    --------
    >>> build_term("conditions", "depression", "depressive disorders").keys
    ('depressive', 'disorder')
    >>> build_term("conditions", "ptsd", "PTSD").keys, build_term("conditions", "depression", "depress*").keys
    (('=PTSD',), ('depress*',))
    """
    keys: list[str] = []
    words = split_words(phrase)
    for word, _, end in words:
        if phrase[end : end + 1] == "*":
            if len(word) < 3:
                raise ValueError(f"too short before the * in {phrase!r}")
            keys.append(normal_form(word + "ss")[:-2] + "*")
        elif is_abbreviation(word):
            keys.append("=" + word.removesuffix("s"))
        else:
            keys.append(normal_form(word))
    if not keys:
        raise ValueError(f"no word in {phrase!r}")
    if phrase.count("*") != sum(key.endswith("*") for key in keys) or _STAR_INSIDE.search(phrase):
        raise ValueError(f"a * belongs at the end of a word, not as in {phrase!r}")
    is_short = any(key[0] == "=" and len(key) < 4 for key in keys)
    return Term(facet, value, tuple(keys), "," in phrase, is_short)


class _Node:
    """A place in the tree of terms: the words that may follow, and the terms that end here."""

    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.ends: list[Term] = []


class _Start(NamedTuple):
    """What begins with a word."""

    nodes: tuple[_Node, ...]  # to which it leads from the root
    ends: tuple[tuple[int, Term], ...]  # the terms that it is alone, each with 0: it ends no word further
    following: frozenset[str]  # keys with which longer terms go on


class _Known(NamedTuple):
    """What is known of a word, whatever text it stands in.  Small, because a language has many."""

    normal: str  # its normal form
    is_number: bool
    keys: tuple[str, ...]  # by which terms know it
    start: _Start | None  # None where no term begins with it


_NOTHING = _Known("", False, (), None)


class _Memory(dict[str, _Known]):
    """What is known of each word met so far; a new one is learnt when it is asked for."""

    def __init__(self, learn: Callable[[str], _Known]) -> None:
        self._learn = learn

    def __missing__(self, word: str) -> _Known:
        if len(self) > _MOST_WORDS:
            self.clear()
        known = self[word] = self._learn(word)
        return known


_MOST_WORDS = 200_000  # a bound on memory; a language has fewer


class Lexicon:
    """Terms as a tree of words, ready to be found.

    Parameters
    ----------
    terms
        Any number, in any order; the longest term wins where several of one facet begin at the same word.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._root = _Node()
        keys: set[str] = set()
        for term in sorted(set(terms), key=lambda term: (term.facet, term.value, term.keys, term.has_comma)):
            node = self._root
            for key in term.keys:
                node = node.next.setdefault(key, _Node())
            node.ends.append(term)
            keys.update(term.keys)
        self._keys = frozenset(keys)
        self._firsts = frozenset(key.removeprefix("=").lower() for key in self._root.next)
        self._stems = tuple(key[:-1] for key in self._root.next if key.endswith("*"))
        self._lengths = sorted({len(key) - 1 for key in keys if key.endswith("*")})
        self._known = _Memory(self._learn)

    def may_occur(self, keys: Collection[str]) -> bool:
        """Whether a term could begin at a word of such a normal form; faster than `find`, and too generous."""
        if not self._firsts.isdisjoint(keys):
            return True
        return bool(self._stems) and any(key.startswith(self._stems) for key in keys)

    def find(self, text: str) -> Scan:
        """Find every term in a sentence.

        Parameters
        ----------
        text
            One sentence, title or term.

        Returns
        -------
        Scan
            Within a facet a mention never lies inside another.
        """
        # Three hundred words a paper: what is done for each of them is done in C (split, map, zip, compress), and
        # tuple.__new__ is a third of the cost of calling Word.
        pieces = (WORD_OF_ASCII if text.isascii() else WORD).split(text)  # a gap, a word, a gap, …, a gap
        printed = pieces[1::2]
        known = list(map(self._known.__getitem__, printed))
        normals = list(map(_NORMAL, known))
        bounds = list(accumulate(map(len, pieces)))  # where each gap and each word ends
        words = list(map(_MAKE_WORD, zip(printed, normals, bounds[:-1:2], bounds[1::2], strict=True)))
        numbers = list(compress(range(len(known)), map(_IS_NUMBER, known)))
        return Scan(words, self._find(text, words, known), numbers, frozenset(normals))

    def find_in(self, text: str, words: list[Word]) -> list[Mention]:
        """Find every term in a sentence whose words are known, from another lexicon's `find`."""
        return self._find(text, words, list(map(self._known.__getitem__, map(_TEXT, words))))

    def _find(self, text: str, words: list[Word], known: list[_Known]) -> list[Mention]:
        """Keep, of the terms that begin at one word, the longest of each facet that no earlier mention covers."""
        mentions: list[Mention] = []
        covered: dict[str, tuple[int, int]] = {}
        starts = list(map(_START_OF, known))
        known.append(_NOTHING)  # after the last word
        for place, start in compress(enumerate(starts), starts):
            ends: Sequence[tuple[int, Term]] = start[1]  # by number, which is faster than by name
            after = known[place + 1][2]
            if after and not start[2].isdisjoint(after):
                ends = list(ends)
                for node in start[0]:
                    _follow(node, text, words, known, place, 1, ends)
                ends.sort(key=_FURTHER, reverse=True)
            for further, term in ends:
                facet, last = term.facet, place + further
                before = covered.get(facet)
                if before is not None and before[1] >= place:
                    if before != (place, last):
                        continue  # inside another; the same words may stand for two tags, as "(es)ketamine" does
                    if any(m.facet == facet and m.value == term.value and m.first == place for m in mentions[-3:]):
                        continue  # two spellings of one term
                if term.is_short and text.isupper() and _SHOUTED.search(text):
                    continue  # in a title in capitals "OR" and "IN" are words
                covered[facet] = (place, last)
                mentions.append(_MAKE_MENTION((facet, term.value, place, last, words[place][2], words[last][3])))
        return mentions

    def _learn(self, word: str) -> _Known:
        """Find out what there is to know of a word."""
        normal = normal_form(word)
        keys = [normal] if normal in self._keys else []
        if is_abbreviation(word):
            keys += [key for key in ("=" + word, "=" + word.removesuffix("s")) if key in self._keys]
        keys += [key for length in self._lengths if (key := normal[:length] + "*") in self._keys]
        is_number = word[0] in "0123456789" or normal in NUMBER_WORDS
        normal = word if normal == word else normal  # one string for both
        unique = tuple(dict.fromkeys(keys))
        nodes = tuple(self._root.next[key] for key in unique if key in self._root.next)
        if not nodes:  # most words: a paper has twenty that no paper before it had
            return _Known(normal, is_number, unique, None)
        ends = tuple((0, term) for node in nodes for term in node.ends)
        following = frozenset(key for node in nodes for key in node.next)
        return _Known(normal, is_number, unique, _Start(nodes, ends, following))


def _follow(
    node: _Node,
    text: str,
    words: list[Word],
    known: list[_Known],
    first: int,
    further: int,
    ends: list[tuple[int, Term]],
) -> None:
    """Collect the terms that go on from a node with the word so many places further than the first."""
    after = first + further  # what is known ends with a word that has no keys
    for key in known[after][2]:
        following = node.next.get(key)
        if following is None:
            continue
        gap = text[words[after - 1].end : words[after].start]
        if gap != " " and gap != "-" and not _GAP_WITH_COMMA.fullmatch(gap):
            return
        if following.ends:
            ends += [(further, term) for term in following.ends if "," not in gap or term.has_comma]
        if following.next:
            _follow(following, text, words, known, first, further + 1, ends)


_SHOUTED = re.compile("[A-Z]{4}")  # "S-氯胺酮" is in capitals, but no title in capitals

_START, _END = attrgetter("start"), attrgetter("end")
_NORMAL, _IS_NUMBER, _START_OF = itemgetter(0), itemgetter(1), itemgetter(3)
_MAKE_WORD = partial(tuple.__new__, Word)
_MAKE_MENTION = partial(tuple.__new__, Mention)
_FURTHER = _TEXT = itemgetter(0)
_LAST = attrgetter("last")


def find_abbreviations(
    sentences: Iterable[tuple[str, list[Word], list[Mention]]],
) -> tuple[dict[tuple[str, ...], tuple[tuple[str, str], ...]], frozenset[str]]:
    """Read which abbreviations a text defines, as in "alcohol use disorder (AUD)".

    Parameters
    ----------
    sentences
        Each sentence's text, words and mentions.

    Returns
    -------
    meanings : dict
        The abbreviation's words, as printed, to the (facet, value) pairs that it stands for.
    others : frozenset of str
        Abbreviations that the text defines as something that no term names, so that they must not be taken for
        what they usually mean.
    """
    meanings: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}
    others: set[str] = set()
    for text, words, mentions in sentences:
        if "(" not in text:
            continue
        for match in _REVERSED.finditer(text):  # "MDE (methylenedioxyethylamphetamine)" says what it is not, too
            first = bisect_left(words, match.end(1), key=_START)
            inside = [word for word in words[first:] if word.end <= match.end()]
            named = any(
                (mention.first >= first and mention.end <= match.end())
                or (mention.facet == "compounds" and mention.start == match.start())  # a chemical name, spelt anyhow
                for mention in mentions
            )
            if inside and not named and _abbreviates(match.group(1), inside):
                others.add(match.group(1))
        for match in _DEFINITION.finditer(text):
            before = match.start() - text[match.start() - 1 : match.start()].isspace()
            place = bisect_left(words, before, key=_END)
            if place == len(words) or words[place].end != before:
                continue
            short = match.group(1)
            short = short[:-1] if len(short) > 2 and short.endswith("s") and short[:-1].isupper() else short
            key = (short,) if short.isalpha() else tuple(word for word, _, _ in split_words(short))
            letters = "".join(char for char in short if char.isalnum())
            near = sorted([m for m in mentions if place - 2 <= m.last <= place], key=_LAST, reverse=True)
            meant = tuple(
                dict.fromkeys(
                    (mention.facet, mention.value)
                    for mention in near
                    if mention.value and _abbreviates(letters, words[max(0, mention.first - 3) : place + 1])
                )
            )
            if meant:
                meanings.setdefault(key, meant)
            elif len(key) == 1 and _abbreviates(letters, words[max(0, place - len(letters) - 1) : place + 1]):
                others.add(key[0])
    return meanings, frozenset(others)


_REVERSED = re.compile(r"([A-Z](?<!\w.)[A-Z]{1,5})\s\([^()]{8,80}\)")  # a search is fast that begins with a letter
_DEFINITION = re.compile(r"[(\[]((?=[^()\[\]]*[A-Z])[A-Za-z0-9]{1,8}(?:[-+][A-Za-z0-9]{1,5})?)(?:[;,][^()]*)?[)\]]")


def _abbreviates(letters: str, words: list[Word]) -> bool:
    """Whether the letters run, in order, through the words, beginning at the head of one of them.

    Looser than a dictionary, as authors are: "suicidal ideation (SI)", "esketamine (ESK)", "arketamine (R-KET)".
    """
    if sum(letter.isupper() for letter in letters) < 2:
        return False
    plain = letters.removesuffix("s").lower() if letters[-1:] == "s" and letters[:-1].isupper() else letters.lower()
    whole = " ".join([word.text for word in words]).lower()
    head = 0
    for start, word in enumerate(words):
        position = head
        head += len(word.text) + 1
        if start < len(words) - 1 and whole[position] != plain[0]:
            continue
        for letter in plain:
            position = whole.find(letter, position) + 1
            if not position:
                break
        else:
            return True
    return False


def spell_out(
    text: str,
    words: list[Word],
    mentions: list[Mention],
    meanings: Mapping[tuple[str, ...], tuple[tuple[str, str], ...]],
) -> list[Mention]:
    """Add the mentions that a text makes by abbreviations of its own.

    Parameters
    ----------
    text, words, mentions
        Of one sentence.
    meanings
        From `find_abbreviations`.

    Returns
    -------
    list of Mention
        The given ones and the new ones, in the order of the text.
    """
    firsts = {key[0] for key in meanings}
    if not any(map(text.__contains__, firsts)):
        return mentions
    printed = firsts | {f"{first}s" for first in firsts}
    places = [place for place, word in enumerate(words) if word[0] in printed]
    if not places:
        return mentions
    covered = {(m.facet, place) for m in mentions for place in range(m.first, m.last + 1)}
    added: list[Mention] = []
    for place in places:
        word = words[place]
        short = word.text if word.text in firsts else word.text.removesuffix("s")
        for key, meant in meanings.items():
            last = place + len(key) - 1
            if last >= len(words) or key[0] != short:
                continue
            if any(words[place + offset].text != key[offset] for offset in range(1, len(key))):
                continue
            for facet, value in meant:
                if not any((facet, other) in covered for other in range(place, last + 1)):
                    added.append(Mention(facet, value, place, last, word.start, words[last].end))
    return sorted(mentions + added, key=lambda m: (m.start, m.end, m.facet)) if added else mentions
