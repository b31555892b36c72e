"""Terms and where they occur in a text.

A lexicon is asked once for each sentence, for all facets together: each word of the sentence is looked up among
the first words of all terms, and only the terms that begin with it are compared further.  Two hundred terms or
two thousand cost the same, which an alternation in a regular expression does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harvester.classify.words import is_abbreviation, normal_form, split_words

# What may stand between two words of one term: "treatment-resistant", "(R)-ketamine", "and/or", "Alzheimer's".
_GAP = re.compile(r"[\s\-‐‑‒–—―/()\[\]'’\"+±]*")
_GAP_WITH_COMMA = re.compile(r"[\s\-‐‑‒–—―/()\[\]'’\"+±,]*")


@dataclass(frozen=True, slots=True)
class Term:
    """One phrase that stands for one value of one facet."""

    facet: str
    value: str  # "" for a phrase that looks like a term and is none ("respiratory depression")
    keys: tuple[str, ...]  # the normal form of each word; "=TRD" for an abbreviation; "depress*" for a beginning
    has_comma: bool = False  # a comma is part of the phrase ("Stress Disorders, Post-Traumatic")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence."""

    text: str  # as printed
    key: str  # its normal form
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A term found in a sentence."""

    facet: str
    value: str
    first: int  # index of its first word
    last: int  # index of its last word, included
    start: int  # in characters of the sentence
    end: int


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
    if phrase.count("*") != sum(key.endswith("*") for key in keys):
        raise ValueError(f"a * belongs at the end of a word, not as in {phrase!r}")
    return Term(facet, value, tuple(keys), "," in phrase)


class Lexicon:
    """Terms, ready to be found.

    Parameters
    ----------
    terms
        Any number, in any order; the longest term wins where several of one facet begin at the same word.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        unique = sorted(set(terms), key=lambda term: (-len(term.keys), term.facet, term.value, term.keys))
        self._exact: dict[str, list[Term]] = {}
        self._beginnings: dict[str, list[Term]] = {}
        for term in unique:
            first = term.keys[0]
            store = self._beginnings if first.endswith("*") else self._exact
            store.setdefault(first.rstrip("*"), []).append(term)
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})
        self._known: dict[str, tuple[Term, ...]] = {}

    def find(self, text: str) -> tuple[list[Word], list[Mention]]:
        """Find every term in a sentence.

        Parameters
        ----------
        text
            One sentence, title or term.

        Returns
        -------
        words : list of Word
            The words of the sentence.
        mentions : list of Mention
            In the order of the text.  Within a facet a mention never lies inside another.
        """
        shouting = text.isupper()
        words = [Word(word, normal_form(word), start, end) for word, start, end in split_words(text)]
        mentions: list[Mention] = []
        covered: dict[str, tuple[int, int]] = {}
        known = self._known
        for place, word in enumerate(words):
            candidates = known.get(word.text)
            if candidates is None:
                candidates = self._candidates(word)
            for term in candidates:
                last = place + len(term.keys) - 1
                held = covered.get(term.facet)
                if held is not None and held[1] >= place and held != (place, last):
                    continue  # inside another; the same words may stand for two tags, as "(es)ketamine" does
                if len(term.keys) > 1 and not _continues(term, words, place, text):
                    continue
                if shouting and any(key[0] == "=" and len(key) < 4 for key in term.keys):
                    continue  # in a title in capitals "OR" and "IN" are words
                if held == (place, last) and mentions[-1].value == term.value:
                    continue  # two spellings of one term
                mentions.append(Mention(term.facet, term.value, place, last, word.start, words[last].end))
                covered[term.facet] = (place, last)
        return words, mentions

    def _candidates(self, word: Word) -> tuple[Term, ...]:
        found = list(self._exact.get(word.key, ()))
        if is_abbreviation(word.text):
            found += self._exact.get("=" + word.text, ())
            if word.text.endswith("s"):
                found += self._exact.get("=" + word.text[:-1], ())
        for length in self._lengths:
            if length > len(word.key):
                break
            found += self._beginnings.get(word.key[:length], ())
        found.sort(key=lambda term: -len(term.keys))
        if len(self._known) > 200_000:  # a bound on memory; a language has fewer words
            self._known.clear()
        self._known[word.text] = tuple(found)
        return self._known[word.text]


def _continues(term: Term, words: list[Word], place: int, text: str) -> bool:
    if place + len(term.keys) > len(words):
        return False
    gap = _GAP_WITH_COMMA if term.has_comma else _GAP
    for offset in range(1, len(term.keys)):
        word = words[place + offset]
        if not _equals(term.keys[offset], word) or not gap.fullmatch(text, words[place + offset - 1].end, word.start):
            return False
    return True


def _equals(key: str, word: Word) -> bool:
    if key[0] == "=":
        return word.text == key[1:] or word.text == key[1:] + "s"
    if key[-1] == "*":
        return word.key.startswith(key[:-1])
    return word.key == key


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
        ends = {word.end: place for place, word in enumerate(words)}
        for found in _DEFINITION.finditer(text):
            place = ends.get(found.start())
            if place is None:
                continue
            short = found.group(1)
            short = short[:-1] if len(short) > 2 and short.endswith("s") and short[:-1].isupper() else short
            key = tuple(word for word, _, _ in split_words(short))
            letters = "".join(char for char in short if char.isalnum())
            meant = tuple(
                dict.fromkeys(
                    (mention.facet, mention.value)
                    for mention in mentions
                    if mention.value
                    and mention.first <= place <= mention.last + 2
                    and _abbreviates(letters, words[max(0, mention.first - 3) : place + 1])
                )
            )
            if meant:
                meanings.setdefault(key, meant)
            elif len(key) == 1 and _abbreviates(letters, words[max(0, place - len(letters) - 1) : place + 1]):
                others.add(key[0])
    return meanings, frozenset(others)


_DEFINITION = re.compile(r"\s?[(\[]((?=[^()\[\]]*[A-Z])[A-Za-z0-9]{1,8}(?:[-+][A-Za-z0-9]{1,5})?)(?:[;,][^()]*)?[)\]]")


def _abbreviates(letters: str, words: list[Word]) -> bool:
    """Whether the letters run, in order, through the words, beginning at the head of one of them.

    Looser than a dictionary, as authors are: "suicidal ideation (SI)", "esketamine (ESK)", "arketamine (R-KET)".
    """
    if sum(letter.isupper() for letter in letters) < 2:
        return False
    plain = letters.removesuffix("s").lower() if letters[-1:] == "s" and letters[:-1].isupper() else letters.lower()
    for start in range(len(words)):
        whole = " ".join(word.text.lower() for word in words[start:])
        if start < len(words) - 1 and not whole.startswith(plain[0]):
            continue
        position = 0
        for letter in plain:
            position = whole.find(letter, position) + 1
            if not position:
                break
        else:
            return True
    return False


def spell_out(
    words: list[Word], mentions: list[Mention], meanings: Mapping[tuple[str, ...], tuple[tuple[str, str], ...]]
) -> list[Mention]:
    """Add the mentions that a text makes by abbreviations of its own.

    Parameters
    ----------
    words, mentions
        Of one sentence.
    meanings
        From `find_abbreviations`.

    Returns
    -------
    list of Mention
        The given ones and the new ones, in the order of the text.
    """
    firsts = {key[0] for key in meanings}
    added: list[Mention] = []
    for place, word in enumerate(words):
        short = word.text if word.text in firsts else word.text.removesuffix("s")
        if short not in firsts:
            continue
        for key, meant in meanings.items():
            last = place + len(key) - 1
            if last >= len(words) or key[0] != short:
                continue
            if any(words[place + offset].text != key[offset] for offset in range(1, len(key))):
                continue
            for facet, value in meant:
                held = any(m.facet == facet and m.first <= last and place <= m.last for m in mentions)
                if not held:
                    added.append(Mention(facet, value, place, last, word.start, words[last].end))
    return sorted(mentions + added, key=lambda m: (m.start, m.end, m.facet)) if added else mentions
