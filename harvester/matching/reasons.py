"""Saying in one phrase why two records were linked."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from harvester.matching.levels import CLOSE, DIFFERENT, EQUAL, LIKE, MISSING, NEAR, PART, SAME, UNTITLED

__all__ = ["explain", "name_kind"]

_KIND_NAMES = {
    "": "a paper",
    "erratum": "an erratum",
    "retraction": "a retraction notice",
    "concern": "an expression of concern",
    "reply": "a reply",
    "comment": "a comment",
}
_PHRASES: Final = {
    "authors": ("no common author", "", "some authors in common", "same authors"),
    "year": ("years far apart", "", "years one apart", "same year"),
    "journal": ("journals differ", "", "journal names alike", "same journal"),
    "volume": ("volumes differ", "", "", "same volume"),
    "issue": ("", "", "", "same issue"),
    "pages": ("pages differ", "", "pages overlap", "same first page"),
    "doi": ("DOIs differ", "", "", "same DOI"),
    "pmid": ("PMIDs differ", "", "", "same PMID"),
}
# How much each field says, for ordering links; identifiers and titles weigh most.
_WEIGHTS: Final = {
    "authors": 2.0,
    "year": 1.0,
    "journal": 1.0,
    "volume": 1.0,
    "issue": 0.5,
    "pages": 2.0,
    "doi": 3.0,
    "pmid": 4.0,
}
_TITLE_WEIGHT: Final = 4.0


def name_kind(kind: str) -> str:
    """Name what a record is, with its article.

    Examples
    --------
    >>> name_kind("erratum"), name_kind("")
    ('an erratum', 'a paper')
    """
    return _KIND_NAMES[kind]


@lru_cache(maxsize=8192)
def explain(levels: tuple[int, ...]) -> tuple[float, str]:
    """Give the score and the reason of a comparison.

    Parameters
    ----------
    levels
        Title level, title share in per cent, then the levels of authors, year, journal, volume, issue, pages, DOI and
        PMID, in this order (see `levels`).

    Returns
    -------
    score : float
        0 to 1, three decimals: the weighted share of the fields known to both that agree.
    reason : str
        The phrases of all fields that say something, identifiers first.

    Examples
    --------
    >>> explain((5, 100, 3, 2, 3, 3, 1, 3, 3, 1))[1]
    'same DOI; same title; same authors; same journal; same volume; same first page; years one apart'
    """
    title, share, *rest = levels
    fields = dict(zip(_WEIGHTS, rest, strict=True))
    total = _TITLE_WEIGHT if title != UNTITLED else 0.0
    gained = total * share / 100
    for name, level in fields.items():
        if level != MISSING:
            total += _WEIGHTS[name]
            gained += _WEIGHTS[name] * {DIFFERENT: 0.0, NEAR: 0.7, SAME: 1.0}[level]
    phrases = [_PHRASES[name][fields[name]] for name in ("pmid", "doi")]
    phrases.append(_name_title(title, share))
    phrases += [_PHRASES[name][fields[name]] for name in ("authors", "journal", "volume", "issue", "pages", "year")]
    return round(gained / total, 3) if total else 0.0, "; ".join(phrase for phrase in phrases if phrase)


def _name_title(title: int, share: int) -> str:
    if title == UNTITLED:
        return ""
    if title == EQUAL:
        return "same title"
    if title == PART:
        return "one title is part of the other"
    return f"titles {share} % alike" if title in (LIKE, CLOSE) else f"titles differ ({share} % alike)"
