"""Arms by their place: a name that no vocabulary has, in one list with the compound or another treatment.

"Were given ketamine (0.5 mg/kg), inventol 5 mg, or saline" deals out three arms, whatever inventol is.  A list begins
behind a word that deals out, its items are one or two words, and it ends behind its "and" or "or".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from harvester.tagging.english import normal_form, word_set

# What may stand around a name in a list: amounts, routes, articles, adjectives.
PASSED_OVER = word_set(
    """
    the a an of normal inactive inert matching matched active psychoactive single one two dose doses equal equivalent
    identical same volume amount infusion infusions injection injections low high subanesthetic iv i.v intravenous
    intravenously intranasal intramuscular oral im mg kg ml mcg µg μg ug g min h hour minute l isotonic physiological
    sterile additional intervention adjunctive treatment standard either both an nasal spray group arm dosage
    psychoactive therapeutic comparator therapy i.m. i.v. intraperitoneal bolus continuous repeated open label
    moderate optimized optimised generic commercial bw hydrochloride escalating ascending flexible fixed
    """
)
_BRACKET = re.compile(r" ?\([^()]*\)")
_AMOUNT = re.compile(
    r"(?<![\w-])[0-9][0-9.,·–-]*(?:\s?(?:mg|µg|μg|ug|mcg|microg|g|ml|%)(?![a-z])(?:/[\d.\s]*kg|\s?kg\s?-1|/\w+)*)?(?![\w-])",
    re.IGNORECASE,
)
_JOINS = re.compile(r"(,? (?:and|or|versus|vs\.?|nor|compared (?:with|to)) (?:to )?|, )", re.IGNORECASE)
_COMPARED = re.compile(r"(\bcompar\w+ (?:(?!\b(?:with|to|and)\b)[^.;,]){3,50}?) (?:with|to|and) ", re.IGNORECASE)
_GIVEN = re.compile(r"\b(?:received?|given|administered)\b")
_ENDS = re.compile(r"[,;]| and ")
_DEALS_OUT = re.compile(
    r"(?:\b(?:receiv\w+|given|administer\w+|tak(?:e|ing)|took|ingest\w+|inject\w+|inhal\w+|of|to|with|either|between"
    r"|compar\w+|assigned|conditions|arms|groups|treatments|drugs|after|under|consum\w+)\b|:|^)\s*$",
    re.IGNORECASE,
)
_NO_MORE_NAME = re.compile(
    r"\s(?:in|on|before|after|for|during|under|were|was|at|by|as|daily|once|twice|via|over|with|from|will|to|prior|using"
    r"|treatment|alone|orally|pretreatment|while|then|who|within|through|groups?|arms?|conditions?|administration)\b.*$"
    r"|[.)]+.*$",
    re.IGNORECASE | re.DOTALL,
)
_TOGETHER = re.compile(r"\bcombin|\bboth\b", re.IGNORECASE)
_NAME = re.compile(
    r"(?!.*(?:ed|ly|ing|male|arm)$|others?$)[A-Za-z0-9-]{2,15}[a-z]{3}(?: (?:therapy|psychotherapy|training|support))?"
)


def find_new_names(text: str, known: Iterable[str], *, is_title: bool) -> Iterator[str]:
    """Yield the names of arms in a sentence that are none of the known ones.

    Parameters
    ----------
    text
        The sentence.
    known
        The treatments in it that the vocabulary names, as printed; a list without one is no list of arms.
    is_title
        Whether it is a title, in which what "and" joins need not be arms.

    Examples
    --------
    >>> list(find_new_names("Nine got ketamine (2 mg) or inventol for pain.", {"ketamine"}, is_title=False))
    []
    >>> list(find_new_names("Nine received ketamine (2 mg) or inventol for pain.", {"ketamine"}, is_title=False))
    ['inventol']
    """
    known = {*known, "control", "experimental"}
    for names in _read_lists(text, known, is_title=is_title):
        new = [name for name in names if not any(word in name or name in word for word in known)]
        new = [name for name in new if not (_TOGETHER.search(name) or any(o in name for o in new if o != name))]
        # what stands on both sides is no arm: "opioids and ketamine against opioids and placebo"
        if all(_NAME.fullmatch(name) and (len(names) > 2 or text.lower().count(name.lower()) == 1) for name in new):
            yield from new


def _read_lists(text: str, known: set[str], *, is_title: bool) -> Iterator[list[str]]:
    plain = " ".join(_AMOUNT.sub("", _BRACKET.sub("", text)).split())
    given = [_strip(_NO_MORE_NAME.sub("", _ENDS.split(part, 1)[0]).split()) for part in _GIVEN.split(plain)[1:]]
    if len(given) > 1 and all(given) and not known.isdisjoint(given):
        yield given
    parts = _JOINS.split(_COMPARED.sub(r"\1 versus ", plain))
    names: list[str] = []
    for place in range(0, len(parts), 2):
        piece = parts[place]
        if names:
            name = _strip(_NO_MORE_NAME.sub("", " " + piece).split())
            names.append(next((word for word in known if name.startswith(word + " ")), name))
            joiner = parts[place - 1].strip(" ,").lower()
            if not joiner and name == _strip(piece.split()):
                continue  # a list ends behind its "and" or "or"
            if joiner and not known.isdisjoint(names) and (joiner != "and" or (len(names) > 2 and not is_title)):
                yield names
        names = _begin(piece.split())


def _begin(words: list[str]) -> list[str]:
    """Return the name that ends a piece of text, if it stands behind a word that deals out arms."""
    for number in (1, 2):
        name, before = _strip(words[-number:]), words[:-number]
        while name:
            if _DEALS_OUT.search("".join(before[-1:])):
                return [name]
            if normal_form(before.pop()) not in PASSED_OVER:
                break
    return []


def _strip(words: list[str]) -> str:
    """Return what is left of a name without what may stand around it."""
    first, last = 0, len(words)
    while first < last and normal_form(words[first]) in PASSED_OVER:
        first += 1
    while first < last and normal_form(words[last - 1]) in PASSED_OVER and words[last - 1] != "therapy":
        last -= 1
    return " ".join(words[first:last])
