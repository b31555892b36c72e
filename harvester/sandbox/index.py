"""The search index: which records hold which words, headings, names and dates.

A set of records is one integer, its bits numbered as the corpus numbers its states: set operations over tens of
thousands of records cost microseconds, which a simple evaluator of PubMed's language needs.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from operator import itemgetter

from harvester.sandbox.record_view import Reading, read_dates, read_record

TEXT_FIELDS = ("title", "abstract", "keywords", "rest")
EXACT_FIELDS = ("mesh", "major", "heading", "substance", "type", "journal", "language", "author", "id", "status")
_WORD = re.compile(r"[^\W_]+")
_ACCENT = re.compile(r"[\u0300-\u036f]")  # combining diacritical marks
_BREAK = "\x1f"  # between two keywords, headings or names: no phrase runs over it


def fold(text: str) -> str:
    """Fold case and accents, as PubMed's index does."""
    if text.isascii():
        return text.lower()
    return _ACCENT.sub("", unicodedata.normalize("NFKD", text)).casefold()


def words_of(text: str) -> list[str]:
    """Cut a text into the words of the index: runs of letters and digits, folded."""
    return _WORD.findall(fold(text))


def to_bits(numbers: Iterable[int]) -> int:
    """Return the integer with those bits set."""
    positions = list(numbers)
    bits = bytearray(max(positions, default=0) // 8 + 1)
    for number in positions:
        bits[number // 8] |= 1 << number % 8
    return int.from_bytes(bits, "little")


def from_bits(bits: int) -> list[int]:
    """Return the numbers of the bits that are set, ascending."""
    return [number for number, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]


class Index:
    """An index over numbered records.

    Parameters
    ----------
    records
        Pairs of a number and a record's XML.
    """

    def __init__(self, records: Iterable[tuple[int, bytes]]) -> None:
        self._words: dict[str, defaultdict[str, list[int]]] = {name: defaultdict(list) for name in TEXT_FIELDS}
        self._texts: dict[str, dict[int, str]] = {name: {} for name in TEXT_FIELDS}
        self._exact: dict[str, defaultdict[str, list[int]]] = {name: defaultdict(list) for name in EXACT_FIELDS}
        self._days: dict[str, list[tuple[date, int]]] = {}
        self.pmids: dict[int, str] = {}
        self.order: dict[int, tuple[date, int]] = {}  # sorts by entry: creation day, then PMID
        self.published: dict[int, date] = {}
        for number, xml in records:
            self._add(number, xml)
        self._sorted = {name: sorted(words) for name, words in self._words.items()}
        self._bits: dict[tuple[str, str], int] = {}
        for days in self._days.values():
            days.sort()

    def _add(self, number: int, xml: bytes) -> None:
        reading, published = read_record(xml)
        dates = read_dates(xml)
        for name, days in {**dates, "pdat": published}.items():
            self._days.setdefault(name, []).extend((day, number) for day in days)
        entered = dates.get("crdt") or dates.get("edat") or published or (date.min,)
        self.pmids[number] = reading.pmid
        self.order[number] = (entered[0], int(reading.pmid or 0))
        self.published[number] = published[0] if published else date.min
        for name, text in _texts(reading).items():
            parts = [words_of(part) for part in text.split(_BREAK)]
            if any(parts):
                self._texts[name][number] = f" {' | '.join(' '.join(words) for words in parts)} "
            postings = self._words[name]
            for word in set().union(*parts):
                postings[word].append(number)
        for name, values in _exact(reading).items():
            for value in {fold(value) for value in values}:
                self._exact[name][value].append(number)

    def word(self, field: str, word: str) -> int:
        """Return the records with a word in a text field."""
        key = (field, word)
        if key not in self._bits:
            self._bits[key] = to_bits(self._words[field].get(word, ()))
        return self._bits[key]

    def beginning(self, field: str, prefix: str) -> int:
        """Return the records with a word that begins so."""
        words = self._sorted[field]
        bits = 0
        for position in range(bisect_left(words, prefix), len(words)):
            if not words[position].startswith(prefix):
                break
            bits |= self.word(field, words[position])
        return bits

    def phrase(self, fields: Sequence[str], words: Sequence[str]) -> int:
        """Return the records that hold the words one after another in one of the text fields.

        Parameters
        ----------
        fields
            Names of text fields.
        words
            Folded words; one that ends in ``*`` stands for every word that begins so.
        """
        bits = 0
        pattern = re.compile(
            " "
            + " ".join(re.escape(word[:-1]) + r"\S*" if word.endswith("*") else re.escape(word) for word in words)
            + " "
        )
        for field in fields:
            candidates = -1
            for word in words:
                candidates &= self.beginning(field, word[:-1]) if word.endswith("*") else self.word(field, word)
                if not candidates:
                    break
            if len(words) > 1 and candidates:
                texts = self._texts[field]
                candidates = to_bits(number for number in from_bits(candidates) if pattern.search(texts[number]))
            bits |= candidates
        return bits

    def exact(self, field: str, value: str) -> int:
        """Return the records that have exactly this value (case and accents apart)."""
        key = (f"={field}", fold(value))
        if key not in self._bits:
            self._bits[key] = to_bits(self._exact[field].get(fold(value), ()))
        return self._bits[key]

    def exact_beginning(self, field: str, prefix: str) -> int:
        """Return the records with a value that begins so."""
        folded = fold(prefix)
        return to_bits(n for value, numbers in self._exact[field].items() if value.startswith(folded) for n in numbers)

    def between(self, field: str, first: date, last: date) -> int:
        """Return the records with a date in a range of days, both ends included."""
        days = self._days.get(field, [])
        low = bisect_left(days, first, key=itemgetter(0))
        high = bisect_right(days, last, key=itemgetter(0))
        return to_bits(number for _, number in days[low:high])

    def identified(self, first: int, last: int) -> int:
        """Return the records whose PMID is in a range, both ends included."""
        return to_bits(number for number, pmid in self.pmids.items() if pmid and first <= int(pmid) <= last)


def _texts(reading: Reading) -> dict[str, str]:
    abstract = " ".join(f"{label} {text}" for label, text in reading.abstract)
    rest = (
        *(" ".join((name, *qualifiers)) for name, qualifiers, _ in reading.mesh),
        *reading.chemicals,
        *reading.publication_types,
        *(f"{person.short} {person.given}" for person in reading.people),
        *reading.affiliations,
        *reading.registrations,
        reading.journal,
        reading.abbreviation,
    )
    return {
        "title": f"{reading.title} {reading.vernacular_title}",
        "abstract": f"{abstract} {reading.other_abstract}",
        "keywords": _BREAK.join(reading.keywords),
        "rest": _BREAK.join(rest),
    }


def _exact(reading: Reading) -> dict[str, tuple[str, ...]]:
    headings = tuple(name for name, _, _ in reading.mesh)
    return {
        "mesh": headings
        + tuple(f"{name}/{qualifier}" for name, qualifiers, _ in reading.mesh for qualifier in qualifiers),
        "major": tuple(name for name, _, is_major in reading.mesh if is_major),
        "heading": tuple(qualifier for _, qualifiers, _ in reading.mesh for qualifier in qualifiers),
        "substance": reading.chemicals,
        "type": reading.publication_types,
        "journal": (reading.journal, reading.abbreviation, *reading.issns),
        "language": reading.languages,
        "author": tuple(
            name
            for person in reading.people
            for name in {person.short, f"{person.family} {person.given}".strip()}
            if name
        ),
        "id": (*reading.identifiers.values(), *reading.registrations),
        "status": (reading.status, *(("hasabstract",) if reading.abstract else ())),
    }
