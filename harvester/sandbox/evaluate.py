"""PubMed's query language, as far as careful searches use it, evaluated on the corpus.

Operators are upper case and work from left to right, as in PubMed: ``a OR b AND c`` is ``(a OR b) AND c``.  Two
terms side by side are joined by AND.  A term that nothing in the index matches is *dropped from the query* and
named in the error list: that is how PubMed treats a misspelt word, and why a client must read those lists.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from harvester.sandbox import mesh
from harvester.sandbox.corpus import Corpus
from harvester.sandbox.index import Index, from_bits, to_bits, words_of
from harvester.sandbox.language import (
    DATE_FIELDS,
    EXACT_FIELDS,
    FIELDS,
    IN_PUBMED,
    LANGUAGES,
    STOP_WORDS,
    TEXT_FIELDS,
    Token,
    query_words,
    tokenise,
)
from harvester.sandbox.record_view import parse_day


@dataclass(slots=True)
class SearchResult:
    """What a search found, and what PubMed would say about it."""

    numbers: list[int] = field(default_factory=list)  # newest first
    translation: str = ""
    translations: list[tuple[str, str]] = field(default_factory=list)  # (from, to) of automatic term mapping
    phrases_not_found: list[str] = field(default_factory=list)
    fields_not_found: list[str] = field(default_factory=list)
    quoted_not_found: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


class QueryError(Exception):
    """The query is such that PubMed's backend fails on it."""


_MESH_FIELDS = frozenset(
    {"MeSH Terms", "MeSH Terms:noexp", "MeSH Major Topic", "Supplementary Concept", "Pharmacological Action"}
)
_Part = tuple[int, str] | None  # (records, translation); None: dropped


def search(
    corpus: Corpus, term: str, today: date, *, history: Callable[[int], list[int] | None] = lambda _: None
) -> SearchResult:
    """Find the records that a query matches on a day.

    Parameters
    ----------
    corpus
        Where to look.
    term
        The query.
    today
        The day it is asked; later records and states do not exist.
    history
        Returns the records of an earlier search by its number, for ``#1`` in a query; None where there is none.

    Returns
    -------
    SearchResult
        Numbers of states in `corpus`, newest entry first.

    Raises
    ------
    QueryError
        The query holds brackets or operators but no term.
    """
    run = _Search(corpus, today, history)
    tokens = tokenise(term)
    if not any(token.kind == "term" for token in tokens):
        raise QueryError(term)
    bits = run.evaluate(tokens)
    order = corpus.index.order
    run.result.numbers = sorted(from_bits(bits & run.all), key=order.__getitem__, reverse=True)
    if not run.result.numbers:
        run.result.messages.append("No items found.")
    return run.result


class _Search:
    """One evaluation: reads tokens from left to right and collects what it has to say."""

    def __init__(self, corpus: Corpus, today: date, history: Callable[[int], list[int] | None]) -> None:
        self.index: Index = corpus.index
        self.all = corpus.shown(today)
        self.today = today
        self.history = history
        self.result = SearchResult()
        self.tokens: list[Token] = []
        self.position = 0

    def evaluate(self, tokens: list[Token]) -> int:
        self.tokens = tokens
        part = self._expression()
        while self.position < len(tokens):  # a bracket too many closes nothing
            self.position += 1
            part = _join(part, self._expression(), "AND")
        if tokens.count(Token("(")) != tokens.count(Token(")")):
            self.result.messages.append("Unbalanced parentheses.")
        if part is None:
            self.result.translation = " ".join(self.result.phrases_not_found)
            return 0
        self.result.translation = part[1]
        return part[0]

    def _peek(self) -> str:
        return self.tokens[self.position].kind if self.position < len(self.tokens) else ""

    def _expression(self) -> _Part:
        result: _Part = None
        is_first = True
        while self._peek() not in ("", ")"):
            operator = "AND"
            if self._peek() in ("AND", "OR", "NOT"):
                operator = self._peek()
                self.position += 1
            if self._peek() in ("", ")"):
                break
            part = self._unit()
            result = part if is_first and operator != "NOT" else _join(result, part, operator)
            is_first = False
        return result

    def _unit(self) -> _Part:
        kind = self._peek()
        self.position += 1
        if kind == "(":
            part = self._expression()
            self.position += self._peek() == ")"
            return None if part is None else (part[0], f"({part[1]})")
        if kind != "term":
            return None
        token = self.tokens[self.position - 1]
        if (
            self._peek() == ":"
            and self.position + 1 < len(self.tokens)
            and self.tokens[self.position + 1].kind == "term"
        ):
            end = self.tokens[self.position + 1]
            self.position += 2
            token = Token("term", f"{token.text}:{end.text}", token.tag or end.tag)
        return self._term(token)

    def _term(self, token: Token) -> _Part:
        name = FIELDS.get(" ".join(token.tag.lower().split()))
        if name is None:
            self.result.fields_not_found.append(token.tag)
            name = "All Fields"
        if name in DATE_FIELDS:
            return self._dates(token, name)
        if name == "UID":
            return self._uids(token.text)
        if name == "All Fields" and not token.quoted:
            return self._mapped(token)
        return self._named(token, name)

    def _named(self, token: Token, name: str) -> _Part:
        """Look a term up in one field that is neither a date nor all fields."""
        bits = self._in_field(name, token.text)
        is_text = name in TEXT_FIELDS
        if not bits and (bits is None or not self._is_in_pubmed(name, token.text)):
            if bits is None or not is_text or not token.quoted or len(words_of(token.text)) < 2:
                self.result.phrases_not_found.append(f"{token.text}[{token.tag}]" if token.tag else token.text)
                return None
            # PubMed then looks for the words of the phrase one by one.
            self.result.quoted_not_found.append(f'"{token.text}"[{name}]')
            bits = self._every_word(name, token.text)
        elif not bits and is_text and not token.quoted:
            bits = self._every_word(name, token.text)
        return bits or 0, f'"{token.text.lower() if is_text else token.text}"[{name}]'

    def _dates(self, token: Token, name: str) -> _Part:
        relative = re.fullmatch(r"last\s+([0-9]+)\s+(day|month|year)s?", token.text.strip(), re.IGNORECASE)
        if relative:
            days = int(relative.group(1)) * {"day": 1, "month": 30, "year": 365}[relative.group(2).lower()]
            first, last = self.today - timedelta(days=days), self.today
        else:
            ends = [parse_day(part) for part in token.text.split(":")]
            if len(ends) > 2 or None in ends:
                self.result.phrases_not_found.append(f"{token.text}[{token.tag}]")
                return None
            known = [end for end in ends if end is not None]
            first, last = known[0][0], known[-1][1]
        return self.index.between(DATE_FIELDS[name], first, last), f"{token.text}[{name}]"

    def _uids(self, text: str) -> _Part:
        bounds = re.fullmatch(r"\s*([0-9]+)\s*:\s*([0-9]+)\s*", text)
        if bounds:
            return self.index.identified(int(bounds.group(1)), int(bounds.group(2))), f"{text}[UID]"
        bits = 0
        for word in re.findall(r"[0-9]+", text):
            bits |= self.index.identified(int(word), int(word))
        return bits, f"{text}[UID]"

    def _in_field(self, name: str, text: str) -> int | None:
        """Return the records of a term in a field; None if the field's own list does not know it."""
        index = self.index
        if name in TEXT_FIELDS:
            return self._words(name, text)
        if name in ("MeSH Terms", "MeSH Terms:noexp", "MeSH Major Topic"):
            names = [text] if name.endswith("noexp") else list(mesh.with_narrower(text))
            kind = "major" if name == "MeSH Major Topic" else "mesh"
            bits = 0
            for heading in names:
                bits |= index.exact(kind, heading)
            return bits
        if name == "Supplementary Concept":
            return index.exact("substance", text)
        if name == "Pharmacological Action":
            bits = 0
            for substance in mesh.substances_with_action(text):
                bits |= index.exact("substance", substance) | index.exact("mesh", substance)
            return bits
        if name in ("Author", "Author - Full", "Corporate Author"):
            return index.exact("author", text) | index.exact_beginning(
                "author", f"{text} " if " " not in text.strip() else text
            )
        if name == "Language":
            return index.exact("language", LANGUAGES.get(text.lower(), text))
        if name == "Filter":
            language = LANGUAGES.get(text.lower(), text)
            return (
                index.exact("type", text)
                | index.exact("mesh", text)
                | index.exact("language", language)
                | index.exact("status", text)
            )
        if text.endswith("*"):
            return index.exact_beginning(EXACT_FIELDS[name], text[:-1])
        return index.exact(EXACT_FIELDS[name], text)

    def _words(self, name: str, text: str) -> int | None:
        words = query_words(text)
        # PubMed asks for four letters before the asterisk.
        if not words or any(word.endswith("*") and len(word) < 5 for word in words):
            return None
        return self.index.phrase(TEXT_FIELDS[name], words)

    def _every_word(self, name: str, text: str) -> int:
        """Return the records that hold all words of an unquoted phrase which the phrase index does not know."""
        bits = -1
        for word in query_words(text):
            bits &= self.index.phrase(TEXT_FIELDS[name], [word])
        return max(bits, 0)

    def _is_in_pubmed(self, name: str, text: str) -> bool:
        """Whether the real index would know a term that this corpus happens not to hold."""
        if name in _MESH_FIELDS:
            return mesh.is_known(text.split("/")[0])
        if name not in TEXT_FIELDS:
            return True  # the server has no list of all journals, people and languages: it cannot call one misspelt
        return all(
            len(word) == 1
            or any(known.startswith(word[:-1]) if word.endswith("*") else known == word for known in IN_PUBMED)
            or self.index.phrase(TEXT_FIELDS["All Fields"], [word])
            for word in query_words(text)
        )

    def _mapped(self, token: Token) -> _Part:
        """Map an untagged run of words to headings, journals and authors, as far as they are known; else all fields."""
        earlier = re.fullmatch(r"#([0-9]+)", token.text)
        if earlier:
            numbers = self.history(int(earlier.group(1)))
            return None if numbers is None else (to_bits(numbers), token.text)
        if re.fullmatch(r"[0-9]{1,9}(?:[\s,]+[0-9]{1,9})*", token.text):
            return self._uids(token.text)
        if re.fullmatch(r"10\.[0-9]{4,9}/\S+", token.text):
            return self.index.exact("id", token.text), f'"{token.text}"[Article Identifier]'
        words = [word for word in token.text.split() if word.lower() not in STOP_WORDS]
        self.result.ignored.extend(word for word in token.text.split() if word.lower() in STOP_WORDS)
        result: _Part = None
        while words:
            size, part = next(
                (size, part) for size in range(len(words), 0, -1) if (part := self._map(words[:size])) or size == 1
            )
            words = words[size:]
            result = part if result is None else _join(result, part, "AND")
        return result

    def _map(self, words: list[str]) -> _Part:
        """Map some words together; a single word falls back to all fields, and is dropped if nothing holds it."""
        text = " ".join(words)
        bits, parts = 0, []
        if mesh.is_known(text) or self.index.exact("mesh", text):
            bits |= self._in_field("MeSH Terms", text) or 0
            parts.append(f'"{text.lower()}"[MeSH Terms]')
        for name in ("Journal", "Author") if len(words) > 1 else ():
            if hits := self.index.exact("journal" if name == "Journal" else "author", text):
                bits |= hits
                parts.append(f'"{text.lower()}"[{name}]')
        if not parts and len(words) > 1:
            return None
        hits = self._every_word("All Fields", text) if self._words("All Fields", text) is not None else 0
        if not parts and not hits and not self._is_in_pubmed("All Fields", text):
            self.result.phrases_not_found.append(text)
            return None
        translation = " OR ".join([*parts, " AND ".join(f'"{word.lower()}"[All Fields]' for word in words)])
        if parts:
            translation = f"({translation})"
            self.result.translations.append((text, translation[1:-1]))
        return bits | hits, translation


def _join(left: _Part, right: _Part, operator: str) -> _Part:
    if left is None:
        return None if operator == "NOT" else right
    if right is None:
        return left
    bits = {"AND": left[0] & right[0], "OR": left[0] | right[0], "NOT": left[0] & ~right[0]}[operator]
    return bits, f"{left[1]} {operator} {right[1]}"
