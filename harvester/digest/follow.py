"""What a reader follows: authors, journals, trials; and whether a study is one of theirs.

*Authors* are compared by family name and initials, without accents: ``Zarate CA``, ``Carlos A. Zarate`` and
``Zarate, Carlos`` are one reader's wish.  Initials agree if one list begins with the other (``C`` and ``CA``), whole
given names must agree if both are there.  A family name alone follows everybody who bears it.  A group is compared by
its name.

*Journals* are compared word by word, by full name and by abbreviation (``Am J Psychiatry``); cities in brackets and
what follows "official journal of" do not count, every other word does: a journal's sister journals are not followed.

*Trials* are compared by registration number, in any case and with or without spaces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.paper.names import parse_name
from harvester.paper.records import Author, Study
from harvester.paper.registries import normalise_trial_id
from harvester.paper.text import fold

# What is no part of a journal's name: its city, and whose organ it is ("Addiction (Abingdon, England)").
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|[:.,]\s*(?:the |an? )?official (?:journal|publication|organ)\b.*", re.DOTALL)
_FILLERS = frozenset(re.findall(r"[a-z]+", "the a an of and for in on der die das und de la et e"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """What the readers of one digest follow."""

    authors: tuple[str, ...] = ()
    journals: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()


def find_followed(study: Study, follow: Follow) -> tuple[str, ...]:
    """Return why a study is one that the readers follow, in words; empty if it is none of theirs.

    Examples
    --------
    >>> from harvester.paper.records import Study
    >>> paper = Study(study_id="S0000001", first_seen="", last_changed="", journal="Journal of Invented Psychiatry",
    ...               authors=(Author(family="Árvane", initials="GI"),), trial_ids=("NCT01234567",))
    >>> find_followed(paper, Follow(authors=("Gita I. Arvane",), journals=("J Invent Psychiatry",)))
    ('an author you follow (Árvane GI)', 'a journal you follow')
    >>> find_followed(paper, Follow(trials=("nct 01234567",)))
    ('a trial you follow (NCT01234567)',)
    """
    wanted = [name for name in map(_read_wanted, follow.authors) if name is not None]
    people = [author.display for author in study.authors if any(_is_same(author, name) for name in wanted)]
    numbers = {_bare(number) for number in follow.trials}
    trials = [number for number in study.trial_ids if _bare(number) in numbers]
    reasons = [_reason("an author", "authors", people), _reason("a trial", "trials", trials)]
    if any(_is_journal(study, journal) for journal in follow.journals):
        reasons.append("a journal you follow")
    return tuple(reason for reason in reasons if reason)


def _reason(one: str, several: str, names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    if not unique:
        return ""
    shown = ", ".join(unique[:3]) + (f" and {len(unique) - 3} more" if len(unique) > 3 else "")
    return f"{one if len(unique) == 1 else several} you follow ({shown})"


def _read_wanted(name: str) -> Author | None:
    """Read a name of the settings; in one without capitals, a short last word is initials (``zarate ca``)."""
    return parse_name(
        re.sub(r"(?<= )[^\W\d_]{1,3}$", lambda initials: initials.group().upper(), name) if name.islower() else name
    )


def _is_same(author: Author, wanted: Author) -> bool:
    if author.collective is not None or wanted.collective is not None:
        return _letters(author.collective or "") == _letters(wanted.collective or "") != ""
    if author.suffix and wanted.suffix and _letters(author.suffix) != _letters(wanted.suffix):
        return False
    family = _letters(author.family or "")
    if family == _letters(wanted.family or ""):
        return _are_given_alike(author, _given_words(wanted), _initials(wanted))
    # Nothing in "Gabriel García Márquez" or "Wang Xiaoming" tells where the family name ends, or that it comes first.
    given = _given_words(wanted)
    words = given + _words_of(wanted.family)
    return any(
        "".join(words[end:]) == family
        and _are_given_alike(author, words[:end], "".join(word[0] for word in words[:end]))
        for end in range(1, len(given))
    ) or any(
        "".join(words[:end]) == family and len(words[end]) > 1 and words[end] in _given_words(author)[:1]
        for end in range(1, len(words))
    )


def _are_given_alike(author: Author, words: list[str], initials: str) -> bool:
    ours, own = _given_words(author), _initials(author)
    if ours and words and len(ours[0]) > 1 and len(words[0]) > 1 and ours[0] != words[0]:
        return False
    return own.startswith(initials) or initials.startswith(own)


def _words_of(text: str | None) -> list[str]:
    return [_letters(word) for word in re.findall(r"[^\W\d_]+", text or "")]


def _given_words(author: Author) -> list[str]:
    return _words_of(author.given)


def _initials(author: Author) -> str:
    if author.initials:
        return _letters(author.initials)
    return "".join(word[0] for word in _given_words(author) if word)


def _letters(text: str) -> str:
    """Fold a name, and close its joints: ``O'Neil-Özer`` is ``oneilozer``."""
    return "".join(char for char in fold(text) if char.isalnum())


def _is_journal(study: Study, wanted: str) -> bool:
    names = [name for name in (study.journal, study.journal_abbreviation) if name]
    return any(_is_short_for(_words(wanted), _words(name)) for name in names)


def _words(journal: str) -> list[str]:
    plain = _ASIDE.sub(" ", fold(journal))
    return [word for word in re.findall(r"[^\W_]+", plain) if word not in _FILLERS]


def _is_short_for(one: list[str], other: list[str]) -> bool:
    """Return whether two names have the same words, some of them shortened; a lone word is never shortened."""
    if len(one) < 2 or len(other) < 2:
        return one == other != []
    return len(one) == len(other) and all(
        left.startswith(right) or right.startswith(left) for left, right in zip(one, other, strict=True)
    )


def _bare(number: str) -> str:
    return normalise_trial_id(number) or "".join(number.split()).casefold()
