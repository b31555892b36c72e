"""What a user types to find studies by words, read as people mean it and written as FTS5 understands it.

    ketamine esketamine          both
    ketamine OR arketamine       either
    ketamine -sailors            one without the other; also ``ketamine NOT sailors``
    "nasal spray"                these words in this order; also what a hyphen or another sign joins (``S-ketamine``)
    ketamin*                     a beginning
    (ketamine OR arketamine) pain

What can be meant in two ways, or is another service's way of asking, is refused with a sentence: an answer to another
question looks like an answer.  OR beside other words is read to the left by PubMed, to the nearest words by Google, and
last by FTS5, so that it wants parentheses; ``-sailors`` counts for all that stands beside it wherever it stands.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from harvester.ground.errors import UsageError
from harvester.paper.text import part_characters
from harvester.table.columns import COLUMNS

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | dict.fromkeys("‘’‚‛", "'"))
_TOKEN = re.compile(
    r'"(?P<phrase>[^"]*)"(?P<star>\*?)'
    r"|(?<!\S)'(?P<plain>[^'\"]+)'(?!\S)"
    r"|(?:(?<=[\s(])|^)(?P<minus>[-−–!])(?=[\w\"'(])"
    # A bracket inside a word is the word's: (S)-ketamine, S(+)-ketamine, (es)ketamine.
    r"|(?!(?:AND|OR|NOT)\()(?P<name>[^\s()\"]*\([^\s()\"]*\)[^\s()\"]+(?:\([^\s()\"]*\)[^\s()\"]*)*|[^\s()\"]+\([^\s()\"]*\))"
    r"|(?P<open>\()|(?P<close>\))"
    r"|(?P<word>[^\s()\"]+)"
    r"|(?P<quote>\")"
)
_SIGNS = {"|": "OR", "||": "OR", "&": "AND", "&&": "AND"}
# Ways of asking other services: a field (title:x, x[tiab]), words near each other, a sign inside a word for letters.
_OTHER_FIELDS = "ab abs abstr all allintitle au author inauthor intitle kw mesh ti tiab title-abs-key ts tw"
_FIELDS = frozenset((*_OTHER_FIELDS.split(), *(column.name for column in COLUMNS)))
_FIELD = re.compile(r"([A-Za-z_-]+):\S*")
_TAG = re.compile(r"(?<=[\w\"*)])\s?\[[A-Za-z/ :-]+\]")
# Fields behind a word (ketamine.ti,ab. in Ovid, ketamine:ti,ab and ketamine/exp in Embase) or before it (TI=ketamine,
# TITLE-ABS-KEY(ketamine)), and the number of an earlier search.
_OF_OTHERS = re.compile(
    r"(?<=\w)(?:\.(?:ti|ab|kw|kf|mp|tw|sh|au)(?:,[a-z]{2})*\.|:(?:ti|ab|kw|tw)(?:,[a-z]{2})*|/(?:exp|de|mj))(?=[\s)]|$)"
    r"|(?<!\S)(?:(?:TI|AB|TS|SU|KW|AU|SO)=|TITLE(?:-ABS)?(?:-KEY)?\(|#[0-9]+(?!\S))",
    re.ASCII,
)
_NEARNESS = re.compile(r"NEAR|ADJ|(?:NEAR|W|N|PRE|P)/[0-9]+|(?:NEAR|ADJ|near|adj)[0-9]+")
_WILDCARD = re.compile(r"\w\?\w|[~^]|\w\$$")
_LIST = re.compile(r"(?<=[^\W\d]{2})[,;](?=[^\W\d]{2})")
_DEEPEST = 20  # parentheses within parentheses; FTS5 gives up at some 250
_HELP = 'try: harvester query "(ketamine OR arketamine) maintenance -sailors"'


@dataclass(slots=True)
class _Level:
    """What stands between two parentheses, in FTS5's words."""

    wanted: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    joined_by: set[str] = field(default_factory=set)  # of AND and OR, those between what is wanted
    pending: str = ""  # an operator that waits for what it joins
    is_negated: bool = False  # the next is not wanted
    ends_unwanted: bool = False  # the last was not wanted

    def add(self, part: str) -> None:
        """Take in a word, a phrase or what stood in parentheses."""
        if self.is_negated or self.ends_unwanted:
            if self.pending == "OR":
                _refuse("OR joins what is looked for, not what is left out")
        elif self.wanted:
            self.joined_by.add(self.pending or "AND")
        if self.is_negated:
            self.unwanted.append(part)
        else:
            if self.ends_unwanted and self.wanted:
                self.joined_by.add("AND")
            self.wanted.append(part)
        self.ends_unwanted = self.is_negated
        self.pending, self.is_negated = "", False

    def operate(self, operator: str) -> None:
        """Take in AND, OR, NOT or a minus."""
        if operator == "NOT" and not self.is_negated:
            self.is_negated = True
        elif operator != "NOT" and not self.pending and not self.is_negated and (self.wanted or self.unwanted):
            self.pending = operator
        else:
            _refuse(f"{operator} stands where a word should be")

    def close(self) -> str:
        """Return the whole as an expression; "" if nothing stands in it."""
        if self.pending or self.is_negated:
            _refuse(f"nothing follows {'NOT' if self.is_negated else self.pending}")
        if len(self.joined_by) > 1:
            _refuse("OR beside other words can be read in two ways; put what belongs together into parentheses")
        if self.unwanted and not self.wanted:
            _refuse("it says what to leave out, but not what to look for")
        wanted = f" {'OR' if 'OR' in self.joined_by else 'AND'} ".join(self.wanted)
        return f"({wanted}) NOT ({' OR '.join(self.unwanted)})" if self.unwanted else wanted


def build_match(text: str) -> str:
    """Return the FTS5 expression for what a user typed.

    Raises
    ------
    UsageError
        If it holds no word, or is not to be understood with certainty.

    Examples
    --------
    >>> build_match("ketamine OR arketamine"), build_match("ketamine -sailors")
    ('"ketamine" OR "arketamine"', '("ketamine") NOT ("sailors")')
    >>> build_match('"nasal spray" (S)-ketamin*')
    '"nasal spray" AND "S ketamin"*'
    """
    typed = text.translate(_QUOTES)
    if (other := _OF_OTHERS.search(typed)) is not None:
        _refuse(f"{other.group()} is not known here", advice="ask for a column with --where: \"title like '%word%'\"")
    plain = _LIST.sub(" ", typed)
    if _TAG.search(plain):
        _refuse("tags of fields in brackets are not known here", advice="ask for a column with --where")
    levels = [_Level()]
    for token in _TOKEN.finditer(plain):
        if token["quote"]:
            _refuse("a quotation mark is not closed")
        elif token["minus"]:
            levels[-1].operate("NOT")
        elif token["open"]:
            levels.append(_Level())
            if len(levels) > _DEEPEST:
                _refuse("it has too many parentheses within each other")
        elif token["close"]:
            inside = levels.pop().close()
            if not levels:
                _refuse("a parenthesis is closed that was not opened")
            if not inside:
                _refuse("there is nothing between two parentheses")
            levels[-1].add(f"({inside})")
        else:
            _read_words(levels[-1], token)
    if len(levels) > 1:
        _refuse("a parenthesis is not closed")
    expression = levels[0].close()
    if not expression:
        _refuse("there is no word to look for")
    return expression


def _read_words(level: _Level, token: re.Match[str]) -> None:
    """Take in a token that is an operator, words, or neither."""
    quoted = token["phrase"] if token["phrase"] is not None else token["plain"]
    printed = quoted if quoted is not None else token["name"] or token["word"]
    if quoted is None:
        operator = _SIGNS.get(printed, printed.upper() if printed in ("and", "or") else printed)
        if operator in ("AND", "OR", "NOT"):
            level.operate(operator)
            return
        _check_word(printed)
    body = printed.removesuffix("*")
    if "*" in body:
        _refuse(f"a * stands for the end of a word, not as in {printed!r}")
    words = re.findall(r"[^\W_]+", part_characters(body))
    star = "*" if body != printed or token["star"] else ""
    if words:
        level.add(f'"{" ".join(words)}"{star}')
    elif star or quoted is not None:
        _refuse(f"there is no word in {token.group()}")


def _check_word(word: str) -> None:
    """Refuse what people ask other services for and is not done here, or can be meant in two ways."""
    if word == "not":
        _refuse('"not" can be the word, then it belongs into quotation marks, or NOT in capitals')
    if word.startswith(("-", "−")):
        _refuse("a - belongs right before the word that it leaves out")
    if _NEARNESS.fullmatch(word):
        _refuse(f"{word} is not known here; words that follow each other belong into quotation marks")
    if _WILDCARD.search(word):
        _refuse(f"the sign in {word!r} is not known here; a * at its end stands for any ending of a word")
    named = _FIELD.fullmatch(word)
    if named is not None and named[1].lower() in _FIELDS:
        _refuse(f"{named[1]}: is not known here", advice="ask for a column with --where: \"title like '%word%'\"")


def _refuse(what: str, *, advice: str = _HELP) -> None:
    raise UsageError(what, advice=advice)
