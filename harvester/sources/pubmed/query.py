"""PubMed's query language: building a search's term, and finding mistakes in a query before PubMed does.

No network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest

# Fields that NLM's indexers fill weeks after a record appears; a concept that is looked for only in them is blind
# to new papers.  Names and abbreviations: https://pubmed.ncbi.nlm.nih.gov/help/#using-search-field-tags
_INDEXED_LATER = re.compile(
    r"(?:mesh(?: terms| major topic| subheading)?|majr|mh|sh|subheading|pharmacological action|pa"
    r"|supplementary concept|nm)(?::noexp)?"
)
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<open>\()|(?P<close>\))|(?P<operator>(?:AND|OR|NOT)\b)|(?P<lower>(?:and|or|not|And|Or|Not)\b)"
    r"|\"[^\"]*\"\s*(?:\[(?P<quoted_tag>[^\]]*)\])?|(?:[^\s()\"\[\]]+)(?:\s*\[(?P<tag>[^\]]*)\])?|\[[^\]]*\]"
)


def build_term(query: str, journals: Sequence[str], topic_words: Sequence[str], since: date, until: date) -> str:
    """Build the term of a search for what was created, entered or revised in a window of days, both included.

    Parameters
    ----------
    query
        In PubMed's syntax, without dates.
    journals
        Titles, as PubMed's field Journal knows them; of these every paper on the topic is wanted too.
    topic_words
        Words that make such a paper one on the topic, looked for in title and abstract; ``*`` ends a stem.

    Raises
    ------
    ValueError
        If there are journals without topic words, or the window ends before it begins.

    Examples
    --------
    >>> build_term("ketamine", [], [], date(2026, 11, 2), date(2026, 11, 9))
    '(ketamine) AND (2026/11/02:2026/11/09[crdt] OR 2026/11/02:2026/11/09[edat] OR 2026/11/02:2026/11/09[lr])'
    """
    if until < since:
        raise ValueError(f"the window ends ({until}) before it begins ({since})")
    dates = " OR ".join(f"{format_days(since, until)}[{field}]" for field in ("crdt", "edat", "lr"))
    return f"({build_wanted(query, journals, topic_words)}) AND ({dates})"


def build_wanted(query: str, journals: Sequence[str], topic_words: Sequence[str]) -> str:
    """Build the part of a term that says what is wanted, whatever its date; as `build_term`.

    Examples
    --------
    >>> build_wanted("ketamine", ["Lancet"], ["esketamine"])
    '(ketamine) OR ((Lancet[jour]) AND (esketamine[tiab]))'
    """
    wanted = " ".join(query.split())
    if not journals:
        return wanted
    if not topic_words:
        raise ValueError("journals without topic words would give every paper of theirs")
    titles = " OR ".join(f"{quote_term(journal)}[jour]" for journal in journals)
    words = " OR ".join(f"{quote_term(word)}[tiab]" for word in topic_words)
    return f"({wanted}) OR (({titles}) AND ({words}))"


def format_days(since: date, until: date) -> str:
    """Write a window of days as PubMed reads it."""
    return f"{since:%Y/%m/%d}:{until:%Y/%m/%d}"


def quote_term(text: str) -> str:
    """Write a word or phrase so that PubMed takes it as one term.

    Examples
    --------
    >>> quote_term("ketamin*"), quote_term("Br J Psychiatry")
    ('ketamin*', '"Br J Psychiatry"')
    """
    words = " ".join(text.replace('"', " ").split())
    return words if re.fullmatch(r"[A-Za-z0-9]+\*?", words) else f'"{words}"'


@dataclass(slots=True)
class _Group:
    """What stands between two parentheses: items, and the operators between them."""

    text: str = ""
    items: list[_Group | _Term] = field(default_factory=list)
    operators: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Term:
    text: str
    tag: str | None


def lint_query(query: str) -> list[str]:
    """Return what is probably wrong with a PubMed query, in one sentence each.

    After unbalanced signs nothing else is looked for.

    Examples
    --------
    >>> lint_query("ketamin*[tiab] AND (depress*[tiab] OR suicid*[tiab])")
    []
    >>> lint_query("ketamin*[tiab] AND (depress*[tiab]")
    ['a parenthesis is opened and not closed: (depress*[tiab]']
    """
    unbalanced = _lint_balance(query)
    if unbalanced:
        return unbalanced
    mistakes = [*_lint_lower_case(query), *_lint_operators(query), *_lint_stems(query)]
    whole = _Reader(query).whole
    mistakes += [
        f"AND and OR stand side by side and are read from left to right; put parentheses into: {_shorten(group.text)}"
        for group in _all_groups(whole)
        if "OR" in group.operators and {"AND", "NOT"} & set(group.operators)
    ]
    mistakes += [
        f"new papers have no MeSH terms for weeks and are missed; add words with [tiab] to: {_shorten(item.text)}"
        for item in _blind_items(whole)
    ]
    return list(dict.fromkeys(mistakes))


def _lint_balance(query: str) -> list[str]:
    """Look for quotation marks, parentheses and brackets without their partner."""
    if query.count('"') % 2:
        last = query.rindex('"')
        return [f"a quotation mark is not closed: {_shorten(query[last:])}"]
    mistakes: list[str] = []
    waiting: list[int] = []  # where parentheses were opened
    for place, char in _outside_quotes(query):
        if char == "(":
            waiting.append(place)
        elif char == ")" and not waiting:
            mistakes.append(f"a parenthesis is closed and not opened: {_shorten(query[: place + 1], end=True)}")
        elif char == ")":
            waiting.pop()
    mistakes += [f"a parenthesis is opened and not closed: {_shorten(query[place:])}" for place in waiting]
    brackets = [char for _, char in _outside_quotes(query) if char in "[]"]
    if brackets != ["[", "]"] * (len(brackets) // 2):
        mistakes.append("the brackets around field names do not match")
    return mistakes


def _outside_quotes(query: str) -> Iterator[tuple[int, str]]:
    is_quoted = False
    for place, char in enumerate(query):
        if char == '"':
            is_quoted = not is_quoted
        elif not is_quoted:
            yield place, char


def _lint_lower_case(query: str) -> list[str]:
    return [
        f"PubMed takes {token.group()!r} for a word; write {token.group().upper()}, or quote the phrase"
        for token in _TOKEN.finditer(query)
        if token["lower"]
    ]


def _lint_operators(query: str) -> list[str]:
    """Look for operators that have nothing to join on one side."""
    mistakes = []
    before = "open"
    tokens = [token for token in _TOKEN.finditer(query) if not token["space"]]
    for token, following in zip_longest(tokens, tokens[1:]):
        kind = _kind(token)
        is_not = following is not None and following.group() == "NOT"  # "a AND NOT b" is how some write NOT
        if kind == "operator" and (before == "open" or (_kind(following) in ("operator", "close") and not is_not)):
            place = query[token.start() :] if before == "open" else query[: token.end()]
            mistakes.append(f"{token.group()} has nothing on one side: {_shorten(place, end=before != 'open')}")
        before = kind
    return mistakes


def _kind(token: re.Match[str] | None) -> str:
    """Return the kind of a token; the end of the query closes everything."""
    if token is None:
        return "close"
    return next((name for name in ("open", "close", "operator") if token[name]), "term")


def _lint_stems(query: str) -> list[str]:
    """Look for stems so short that PubMed does not take the asterisk, in a phrase too.

    PubMed's help: at least four characters must be provided in the truncated term.
    """
    return [
        f"PubMed wants four letters before the asterisk: {stem}"
        for stem in re.findall(r"(?<![\w-])[A-Za-z]{1,3}\*", query)
    ]


class _Reader:
    """Read a query whose parentheses match into groups within groups."""

    def __init__(self, query: str) -> None:
        self.whole = _Group(text=query)
        self._stack = [self.whole]
        self._words: list[str] = []  # of a term that is several words long; the last one has the tag
        self._operator: str | None = None
        starts: list[int] = []
        for token in _TOKEN.finditer(query):
            if token["operator"]:
                self._end_term()
                self._operator = token["operator"]
            elif token["open"]:
                self._end_term()
                group = _Group()
                self._add(group)
                self._stack.append(group)
                starts.append(token.start())
            elif token["close"]:
                self._end_term()
                if starts:  # one that closes nothing is told elsewhere
                    self._stack.pop().text = query[starts.pop() : token.end()]
            elif not token["space"]:
                tag = token["quoted_tag"] or token["tag"]
                self._words.append(token.group())
                if tag is not None or token.group().startswith('"'):
                    self._end_term(tag)
        self._end_term()

    def _end_term(self, tag: str | None = None) -> None:
        if self._words:
            self._add(_Term(text=" ".join(self._words), tag=tag))
            self._words = []

    def _add(self, item: _Group | _Term) -> None:
        group = self._stack[-1]
        if group.items:
            group.operators.append(self._operator or "AND")  # PubMed puts AND where nothing stands
        group.items.append(item)
        self._operator = None


def _all_groups(group: _Group) -> Iterator[_Group]:
    yield group
    for item in group.items:
        if isinstance(item, _Group):
            yield from _all_groups(item)


def _wanted(group: _Group) -> list[_Group | _Term]:
    """Return a group's items without those after NOT."""
    return [item for item, operator in zip(group.items, ["", *group.operators], strict=False) if operator != "NOT"]


def _is_blind(item: _Group | _Term) -> bool:
    """Return whether something finds only papers that have been indexed."""
    if isinstance(item, _Term):
        return _INDEXED_LATER.fullmatch(" ".join((item.tag or "").lower().split())) is not None
    return (all if "OR" in item.operators else any)(_is_blind(part) for part in _wanted(item))


def _blind_items(group: _Group) -> Iterator[_Group | _Term]:
    """Return the smallest parts of a query that every paper must match and only indexed papers can."""
    if "OR" in group.operators:
        if group.items and _is_blind(group):
            yield group
        return
    for item in _wanted(group):
        if isinstance(item, _Group):
            yield from _blind_items(item)
        elif _is_blind(item):
            yield item


def _shorten(text: str, *, end: bool = False) -> str:
    """Return a part of a query on one line, at most 60 characters of its beginning or end."""
    line = " ".join(text.split())
    if len(line) <= 60:
        return line
    return f"…{line[-59:]}" if end else f"{line[:59]}…"
