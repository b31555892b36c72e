"""Words, numbers and normal forms: the English that every vocabulary shares, and the words of any other language.

A term matches a text when their words have the same normal form, so that a vocabulary needs one spelling only:
case, accents, the plural s, the possessive s, British and American spelling are all folded.  Abbreviations
(words with two capital letters or more) keep their case, because "OR", "IN" and "PAIN" are words too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from harvester.paper.text import WRITTEN_TOGETHER


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text that is a list of words."""
    return frozenset(text.split())


# A letter of a script in which words stand apart, and the signs that stand on letters in decomposed Latin and in India.
_LETTER = rf"[^\W\d_{WRITTEN_TOGETHER}]"
_ON_LETTERS = (
    r"[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09d7"
    r"\u0a01-\u0a03\u0a3c-\u0a51\u0b82\u0bbe-\u0bd7]"
)
# The same in scripts in which words do not, for each letter is a word there: a term is found wherever it stands.
_ON_SYLLABLES = r"[\u0591-\u05c7\u064b-\u065f\u0670\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]"

# A word: letters or digits, with what holds them together inside.  The commonest kind is tried first, and nothing that
# was taken is given back (`++`).  In a group, so that `split` gives the words and, between them, the gaps.
WORD = re.compile(
    rf"({_LETTER}(?:{_LETTER}++|(?={_ON_LETTERS}))(?:{_ON_LETTERS}++{_LETTER}*+)*+"
    r"(?:['’]s\b|[0-9]++)?+"  # words, with a possessive or an index (PHQ9)
    r"|(?:[A-Za-z]\.){2,}"  # i.v., U.S.
    r"|[0-9]{1,3}(?:[,\u2009\u202f][0-9]{3})+(?![0-9])(?:\.[0-9]+)?"  # 1,234, also with a thin space
    r"|[0-9]++(?:[.·][0-9]++)?+"  # 42, 0.5
    rf"|{_LETTER}(?:['’]s\b|[0-9]++)?+"  # S, T1
    rf"|(?=[^\W\d_])[{WRITTEN_TOGETHER}]{_ON_SYLLABLES}*+)"
)

# The same for texts without other letters, which are most: plain ranges are twice as fast as classes of Unicode.
WORD_OF_ASCII = re.compile(
    r"([A-Za-z]{2,}+(?:'s\b|[0-9]++)?+"
    r"|(?:[A-Za-z]\.){2,}"
    r"|[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?"
    r"|[0-9]++(?:\.[0-9]++)?+"
    r"|[A-Za-z](?:'s\b|[0-9]++)?+)",
    re.ASCII,
)

# Endings that British and American English spell differently; applied to the middle or end of a word.
_SPELLINGS = (
    ("aesthe", "esthe"),
    ("aesare", "esare"),
    ("paed", "ped"),
    ("haem", "hem"),
    ("oedem", "edem"),
    ("oestr", "estr"),
    ("naes", "nes"),
    ("behaviour", "behavior"),
    ("tumour", "tumor"),
    ("labour", "labor"),
    ("centre", "center"),
    ("enrolment", "enrollment"),
    ("programme", "program"),
    ("isation", "ization"),
    ("ising", "izing"),
    ("ised", "ized"),
    ("iser", "izer"),
    ("yse", "yze"),
    ("ysing", "yzing"),
    ("ysed", "yzed"),
)

_DIGITS = frozenset("0123456789")  # not str.isdigit: "²" is a digit to Python, and no number
_UNITS = {
    word: number
    for number, word in enumerate(
        (
            *(
                "zero",
                "one",
                "two",
                "three",
                "four",
                "five",
                "six",
                "seven",
                "eight",
                "nine",
                "ten",
                "eleven",
                "twelve",
            ),
            *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        )
    )
}
_TENS = {
    word: number * 10
    for number, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2
    )
}
# How many days a unit of time has.
DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "night": 1.0, "week": 7.0, "month": 365 / 12, "year": 365.0}
# Words that turn what follows them, in the same clause, into something absent.
NEGATIONS = word_set(
    """
    no not without never neither nor non exclude excluded excluding exclusion except absence lack lacking free
    unlike rather than ineligible ruled
    """
)
NUMBER_WORDS = frozenset((*_UNITS, *_TENS))


def split_words(text: str) -> list[tuple[str, int, int]]:
    """Split a text into words as printed, each with its start and end.

    Examples
    --------
    >>> [word for word, _, _ in split_words("The patient's 1,234 i.v. (S)-ketamine doses")]
    ['The', "patient's", '1,234', 'i.v.', 'S', 'ketamine', 'doses']
    """
    return [(match.group(), match.start(), match.end()) for match in WORD.finditer(text)]


@lru_cache(maxsize=100_000)
def normal_form(word: str) -> str:
    """Return the form in which a word of a text and a word of a vocabulary are compared.

    Examples
    --------
    >>> [normal_form(word) for word in ("Randomised", "Åsberg", "studies", "patient's", "psychosis", "i.v.")]
    ['randomized', 'asberg', 'study', 'patient', 'psychosis', 'i.v.']
    """
    if not word.isascii():
        decomposed = unicodedata.normalize("NFKD", word.translate(_LETTERS))
        word = "".join(char for char in decomposed if not unicodedata.combining(char))
    word = word.lower()
    if "." in word and word[0] not in _DIGITS:
        return word  # "i.n." is not "in"
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    if len(word) > 3:
        for british, american in _SPELLINGS:
            if british in word:
                word = word.replace(british, american)
        if len(word) > 4 and word.endswith("ies"):
            return word[:-3] + "y"
        if word.endswith("yzes"):
            return word[:-4] + "ysis"
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            return word[:-1]
    return word


_LETTERS = str.maketrans(
    {"Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Œ": "OE", "œ": "oe", "Ł": "L", "ł": "l", "ß": "ss"}
)


def key_set(text: str) -> frozenset[str]:
    """Return the normal forms of the words of a text that is a list of words.

    Examples
    --------
    >>> sorted(key_set("comprising randomised"))
    ['comprizing', 'randomized']
    """
    return frozenset(normal_form(word) for word in text.split())


def is_abbreviation(word: str) -> bool:
    """Whether a word is written as an abbreviation: two capital letters or more, or one letter alone.

    Examples
    --------
    >>> [is_abbreviation(word) for word in ("TRD", "RCTs", "mTOR", "S", "Ketamine", "i.v.")]
    [True, True, True, True, False, False]
    """
    if len(word) == 1:
        return word.isupper()
    return sum(char.isupper() for char in word) >= 2 and "." not in word


def read_number(word: str) -> int | None:
    """Read a whole number written in digits or as one English word; None if it is neither.

    Examples
    --------
    >>> [read_number(word) for word in ("1,234", "twelve", "forty", "0.5", "many")]
    [1234, 12, 40, None, None]
    """
    if word.isascii() and word.isdigit():
        return int(word)
    if word[0] in _DIGITS:
        digits = re.sub(r"[,\u2009\u202f]", "", word)
        return int(digits) if digits.isascii() and digits.isdigit() else None
    lower = word.lower()
    return _UNITS.get(lower, _TENS.get(lower))


def read_number_words(words: list[str]) -> tuple[int, int] | None:
    """Read a number spelt out at the beginning of a list of words.

    Parameters
    ----------
    words
        Words as printed, hyphens already split ("forty", "two", "patients").

    Returns
    -------
    tuple of int or None
        The number and how many words it took; None if the list does not begin with one.

    Examples
    --------
    >>> read_number_words(["Forty", "two", "patients"])
    (42, 2)
    >>> read_number_words(["one", "hundred", "and", "twenty", "five", "women"])
    (125, 5)
    >>> read_number_words(["A", "hundred", "people"]) is None
    True
    """
    total = current = used = 0
    place = 0
    while place < len(words):
        word = words[place].lower()
        if word in _TENS and current % 100 == 0:
            current += _TENS[word]
        elif word in _UNITS and (
            current % 100 == 0 or (current % 10 == 0 and current % 100 >= 20 and _UNITS[word] < 10)
        ):
            current += _UNITS[word]
        elif word == "hundred" and 0 < current < 100:
            current *= 100
        elif word == "thousand" and 0 < current < 1000:
            total, current = total + current * 1000, 0
        elif word == "and" and used and words[used - 1].lower() in ("hundred", "thousand"):
            place += 1
            continue
        else:
            break
        place += 1
        used = place
    return (total + current, used) if used else None
