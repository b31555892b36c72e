"""Clustering: pairs become studies, and no study contradicts itself.

Links are pairwise; joining them along chains can bring records together that exclude each other (an abstract and
a paper, both linked to a third record that says neither volume nor page).  So a cluster is joined at once only if
nothing in it disagrees; otherwise its links are taken one by one, the best first, and a link that would bring two
contradicting records together is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harvester.matching.levels import DIFFERENT, compare_dois, compare_journals, compare_pages, compare_texts
from harvester.matching.pair import VERDICT_SAME, Link, find_root
from harvester.matching.prepare import Prepared
from harvester.matching.rules import contradict


def cluster(
    prepared: Iterable[Prepared],
    links: Iterable[Link],
    *,
    groups: Iterable[Sequence[int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> list[tuple[int, ...]]:
    """Group records into studies.

    Parameters
    ----------
    prepared
        All records to group.
    links
        What `link` found; only verdict ``same`` joins.  Links to unknown keys are ignored.
    groups
        Keys that belong together already: earlier studies, and pairs a user joined.  They stay together even if
        they contradict each other, unless `apart` separates two of them: then that group counts for nothing.
    apart
        Pairs of keys a user split; they are never in one study.

    Returns
    -------
    list of tuple of int
        Every key once, singles too; each tuple ascending, tuples by their first key.  The result depends on what the
        records and links say, not on their order.  Empty input: empty list.
    """
    records = {record.key: record for record in prepared}
    forbidden = {frozenset(pair) for pair in apart}
    pinned = _join_groups(records, groups, forbidden)
    usable = [each for each in links if each.verdict == VERDICT_SAME and each.a in records and each.b in records]
    joined = _Partition(pinned)
    for each in usable:
        joined.join(each.a, each.b)
    by_cluster: dict[int, list[Link]] = {}
    for each in usable:
        by_cluster.setdefault(joined.find(each.a), []).append(each)
    result: list[list[int]] = []
    for root, members in joined.members().items():
        if len(members) == 1 or root not in by_cluster or _is_sound(members, records, forbidden):
            result.append(members)
        else:
            result += _join_carefully(members, by_cluster[root], records, pinned, forbidden)
    return sorted(tuple(sorted(members)) for members in result)


class _Partition:
    """Disjoint sets of keys."""

    def __init__(self, sets: Iterable[Sequence[int]]) -> None:
        self.parents: dict[int, int] = {}
        for keys in sets:
            for key in keys:
                self.parents[key] = key
        for keys in sets:
            for key in keys[1:]:
                self.join(keys[0], key)

    def find(self, key: int) -> int:
        """Return the key that stands for the set of another."""
        return find_root(self.parents, key)

    def join(self, one: int, other: int) -> None:
        """Make one set of the sets of two keys."""
        left, right = self.find(one), self.find(other)
        if left != right:
            self.parents[max(left, right)] = min(left, right)

    def members(self) -> dict[int, list[int]]:
        """Return the sets, by the keys that stand for them."""
        sets: dict[int, list[int]] = {}
        for key in self.parents:
            sets.setdefault(self.find(key), []).append(key)
        return sets


def _join_groups(
    records: dict[int, Prepared], groups: Iterable[Sequence[int]], forbidden: set[frozenset[int]]
) -> list[list[int]]:
    """Return the sets to start from: existing groups joined where they overlap, and all other records alone."""
    allowed = [tuple(group) for group in groups if not _holds_forbidden(group, forbidden)]
    return list(_Partition([*((key,) for key in records), *allowed]).members().values())


def _holds_forbidden(keys: Iterable[int], forbidden: set[frozenset[int]]) -> bool:
    members = set(keys)
    return any(pair <= members for pair in forbidden)


def _face(record: Prepared) -> tuple[object, ...]:
    """Return what of a record can contradict another; copies of one record have one face."""
    return (
        record.pmid,
        record.kind,
        record.is_preprint,
        record.review,
        record.version,
        record.year,
        record.volume,
        record.first_page,
        record.last_page,
        record.has_damaged_pages,
        record.doi,
        record.journals,
        record.issns,
        record.link,
    )


def _drop_copies(keys: Sequence[int], records: dict[int, Prepared]) -> list[Prepared]:
    return list({_face(records[key]): records[key] for key in keys if key in records}.values())


def _is_sound(members: Sequence[int], records: dict[int, Prepared], forbidden: set[frozenset[int]]) -> bool:
    if forbidden and _holds_forbidden(members, forbidden):
        return False
    distinct = _drop_copies(members, records)
    return not any(_exclude(one, other) for place, one in enumerate(distinct) for other in distinct[:place])


def _exclude(one: Prepared, other: Prepared) -> bool:
    """Return whether two records that a chain of links brought together are two papers."""
    if contradict(one, other):
        return True
    if compare_pages(one, other) != DIFFERENT:
        return False
    if compare_dois(one.doi, other.doi) == DIFFERENT:
        return True
    is_other_volume = compare_texts(one.volume, other.volume) == DIFFERENT
    return is_other_volume and (one.year != other.year or compare_journals(one, other) == DIFFERENT)


def _join_carefully(
    members: Sequence[int],
    links: list[Link],
    records: dict[int, Prepared],
    pinned: list[list[int]],
    forbidden: set[frozenset[int]],
) -> list[list[int]]:
    inside = set(members)
    sets = {keys[0]: list(keys) for keys in pinned if keys[0] in inside}
    home = {key: first for first, keys in sets.items() for key in keys}
    for each in sorted(
        links, key=lambda each: (-each.score, *sorted((_order(records[each.a]), _order(records[each.b]))))
    ):
        one, other = home[each.a], home[each.b]
        if one == other or _clash(sets[one], sets[other], records, forbidden):
            continue
        for key in sets[other]:
            home[key] = one
        sets[one] += sets.pop(other)
    return list(sets.values())


def _order(record: Prepared) -> tuple[object, ...]:
    """Order records by what they say, so that ties are settled alike whatever the input's order."""
    return (*_face(record), record.title, record.authors, record.abstract)


def _clash(
    left: Sequence[int], right: Sequence[int], records: dict[int, Prepared], forbidden: set[frozenset[int]]
) -> bool:
    if forbidden and any(frozenset((one, other)) in forbidden for one in left for other in right):
        return True
    mine, theirs = _drop_copies(left, records), _drop_copies(right, records)
    return any(_exclude(one, other) for one in mine for other in theirs)
