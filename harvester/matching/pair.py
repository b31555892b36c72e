"""Comparing: which pairs of records are one paper, how sure that is, and why.

A pair is looked at only if it shares a block key, and its title is compared first: most candidates end there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Final

from harvester.matching.block import block_keys, find_candidates
from harvester.matching.levels import (
    CLOSE,
    DIFFERENT,
    EQUAL,
    LIKE,
    MISSING,
    NEAR,
    PART,
    SAME,
    UNTITLED,
    Comparison,
    compare_titles,
)
from harvester.matching.prepare import Prepared
from harvester.matching.rules import (
    PERMISSIONS,
    PREPRINT_AND_ARTICLE,
    are_registered_apart,
    comes_again,
    contradict,
    is_preprint_of,
    is_worth_a_look,
    may_be_preprint_of,
)

VERDICT_SAME: Final = "same"
VERDICT_MAYBE: Final = "maybe"
VERDICT_PREPRINT: Final = "preprint"

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

# After so many agreements with one cluster the rest of that cluster adds nothing.
_ENOUGH: Final = 3


@dataclass(frozen=True, slots=True)
class Link:
    """The result of comparing two records."""

    a: int  # keys, a < b
    b: int
    verdict: str  # same, maybe or preprint
    score: float  # 0 to 1; orders links of one verdict
    reason: str  # which fields agreed, how well, in one phrase


def compare(one: Prepared, other: Prepared) -> Link | None:
    """Compare two records with different keys; None if nothing speaks for one paper."""
    title, share = compare_titles(one.title, other.title)
    if title < LIKE and not _may_be_translated(one, other):
        return None
    veto = contradict(one, other)
    if veto and veto != PREPRINT_AND_ARTICLE and not (one.doi and one.doi == other.doi):
        return None
    comparison = Comparison(one, other, title, share)
    if veto == PREPRINT_AND_ARTICLE:
        if is_preprint_of(comparison):
            return _link(comparison, VERDICT_PREPRINT)
        return _link(comparison, VERDICT_MAYBE, veto) if may_be_preprint_of(comparison) else None
    if comes_again(comparison):
        return None
    if are_registered_apart(comparison):
        veto = veto or "different registrations"
    if veto:
        return _link(comparison, VERDICT_MAYBE, veto) if title >= CLOSE and one.kind == other.kind else None
    for rule in PERMISSIONS:
        if rule(comparison):
            return _link(comparison, VERDICT_SAME)
    return _link(comparison, VERDICT_MAYBE) if is_worth_a_look(comparison) else None


def _may_be_translated(one: Prepared, other: Prepared) -> bool:
    """Return whether titles that differ can still be one paper's: same identifier, or same range of pages of a volume.

    No rule joins such titles by less, and a page that several papers share brings many of them together.
    """
    if one.doi and other.doi:
        if one.doi == other.doi:
            return True
    elif one.volume == other.volume != "" and one.first_page == other.first_page and one.last_page == other.last_page:
        return one.last_page not in ("", one.first_page)
    return one.pmid == other.pmid != "" or one.pmcid == other.pmcid != ""


def _link(c: Comparison, verdict: str, veto: str = "") -> Link:
    levels = (c.title, round(100 * c.share), c.authors, c.year, c.journal, c.volume, c.issue, c.pages, c.doi, c.pmid)
    score, reason = reason_for(levels)
    a, b = sorted((c.one.key, c.other.key))
    return Link(a, b, verdict, score, f"{veto}; {reason}" if veto else reason)


@lru_cache(maxsize=8192)
def reason_for(levels: tuple[int, ...]) -> tuple[float, str]:
    """Return the score and the reason of a comparison.

    The score is the weighted share, 0 to 1, of the fields known to both that agree; the reason holds the phrases of all
    fields that say something, identifiers first.

    Parameters
    ----------
    levels
        Title level, title share in per cent, then the levels of authors, year, journal, volume, issue, pages, DOI and
        PMID, in this order (see `levels`).

    Examples
    --------
    >>> reason_for((5, 100, 3, 2, 3, 3, 1, 3, 3, 1))[1]
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


def link(new: Iterable[Prepared], earlier: Iterable[Prepared] = ()) -> list[Link]:
    """Find the pairs that are, or may be, one paper, or a preprint and its article.

    Parameters
    ----------
    new
        Records to compare with each other and with `earlier`.
    earlier
        Records that were compared with each other before; the caller may pass only those that share a block key
        with a new one.

    Returns
    -------
    list of Link
        Ordered by keys; independent of the order of the input.
    """
    records = list(new)
    compared: set[int] = set()  # keys of the earlier ones: two of them are not compared again
    if others := list(earlier):
        fresh = {record.key for record in records}
        others = [record for record in others if record.key not in fresh]
        compared.update(record.key for record in others)
        records += others
    records = _sort(records)
    parents = list(range(len(records)))
    links = []
    for position, candidates in find_candidates(map(block_keys, records)):
        record = records[position]
        is_earlier = record.key in compared
        agreed: dict[int, int] = {}
        for candidate in candidates:
            their = records[candidate]
            if is_earlier and their.key in compared:
                continue
            root = find_root(parents, candidate)
            if agreed.get(root, 0) >= _ENOUGH:
                continue
            pair = compare(record, their)
            if pair is None:
                continue
            links.append(pair)
            if pair.verdict == VERDICT_SAME:
                mine = find_root(parents, position)
                parents[max(root, mine)] = min(root, mine)
                root = min(root, mine)
                agreed[root] = agreed.get(root, 0) + 1
    return sorted(links, key=lambda each: (each.a, each.b))


def _sort(records: list[Prepared]) -> list[Prepared]:
    """Put records into one order that depends on what they say alone, those of like titles near each other."""
    records.sort(key=_title)
    result: list[Prepared] = []
    for _, group in groupby(records, key=_title):
        same = list(group)
        result += sorted(same, key=_content) if len(same) > 1 else same
    return result


_title = attrgetter("title")


def _content(record: Prepared) -> tuple[object, ...]:
    """Return all that a record says, without its key."""
    return record[1:]


def find_root(parents: list[int] | dict[int, int], position: int) -> int:
    """Return what stands for the set of a position, given the parent of each, and shorten the way to it."""
    while parents[position] != position:
        parents[position] = parents[parents[position]]
        position = parents[position]
    return position
