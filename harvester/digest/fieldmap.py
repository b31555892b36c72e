"""The map of the field: condition × design, what is new beside what is held, so that a gap can be seen.

A trial counts once, however many papers tell of it: papers that share a registration number are one, in the column of
the best of their designs.  A paper with two numbers of one registry pools trials and counts for itself, as does what
is no report of a trial (a review names many).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harvester.digest.edition import FieldCounts, MapCount
from harvester.digest.words import Words, capitalise

# What stands together in a column, under words short enough for seven of them on a telephone.  Comments are no
# studies, and qualitative, economic and other work has too little in common for a column to show a gap.
_COLUMNS = {
    "RCT": ("rct",),
    "Open": ("open-label-trial",),
    "Cohort": ("cohort", "cross-sectional"),
    "Cases": ("case-series", "case-report"),
    "Review": ("systematic-review", "meta-analysis", "guideline", "review"),
    "Plan": ("protocol",),
    "Lab": ("preclinical",),
}
_COLUMN_OF = {design: column for column, designs in _COLUMNS.items() for design in designs}

# Designs whose papers may tell of one trial, the one that says most about it first.
_OF_A_TRIAL = (
    *("rct", "open-label-trial", "cohort", "cross-sectional", "qualitative", "economic"),
    *("case-series", "other", "protocol"),
)

NOTHING = "–"  # an empty cell shows as a dash, so that gaps stand out among numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class MapWork:
    """What the map asks of a paper."""

    conditions: Sequence[str]
    design: str
    trial_ids: Sequence[str] = ()
    year: str = ""  # of its publication; "": not known


@dataclass(frozen=True, slots=True, kw_only=True)
class MapCell:
    """The number held before, and what this week adds."""

    held: str  # NOTHING without any
    new: str  # "+2"; "" without any

    @property
    def is_gap(self) -> bool:
        """Whether there is no study at all."""
        return self.held == NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRow:
    """One condition."""

    label: str
    depth: int  # 0, or how many conditions it is a part of: its studies are counted in their rows as well
    cells: tuple[MapCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapView:
    """The whole map."""

    columns: tuple[str, ...]
    rows: tuple[MapRow, ...]
    note: str


def count_map(studies: Iterable[tuple[Sequence[str], str]], words: Words) -> tuple[MapCount, ...]:
    """Count studies, each given as conditions and design, by condition and design.

    A study counts once under each of its conditions and under each that these are a part of; without any it counts
    nowhere.
    """
    return _in_order(
        Counter((condition, design) for conditions, design in studies for condition in words.rows_of(conditions)), words
    )


def count_field(held: Sequence[MapWork], new: Sequence[MapWork], words: Words) -> FieldCounts:
    """Count what was held before an edition and what the edition adds.

    A trial of which papers are held is new where these did not put it: its results, after its protocol.
    """
    works = [*held, *new]
    counts: dict[bool, Counter[tuple[str, str]]] = {True: Counter(), False: Counter()}
    for group in _group_papers(works):
        before = [works[place] for place in group if place < len(held)]
        design = _best_design([works[place] for place in group])
        stands = before if before and _best_design(before) == design else []
        known = {row for work in stands for row in words.rows_of(work.conditions)}
        for row in {row for place in group for row in words.rows_of(works[place].conditions)}:
            counts[row in known][row, design] += 1
    years = [work.year for work in works if work.year]
    return FieldCounts(
        held=_in_order(counts[True], words),
        new=_in_order(counts[False], words),
        years=(min(years, default=""), max(years, default="")),
    )


def _best_design(papers: Sequence[MapWork]) -> str:
    designs = {paper.design for paper in papers}
    return next((design for design in _OF_A_TRIAL if design in designs), papers[0].design)


def _group_papers(works: Sequence[MapWork]) -> list[list[int]]:
    """Return the places of papers, those of one trial together."""
    parents = list(range(len(works)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    first_with: dict[str, int] = {}
    for place, work in enumerate(works):
        registries = [re.sub(r"[\W\d_].*", "", number) for number in work.trial_ids]
        if work.design in _OF_A_TRIAL and len(registries) == len(set(registries)):
            for number in work.trial_ids:
                parents[root(place)] = root(first_with.setdefault(number, place))
    groups: dict[int, list[int]] = defaultdict(list)
    for place in range(len(works)):
        groups[root(place)].append(place)
    return list(groups.values())


def _in_order(counts: Counter[tuple[str, str]], words: Words) -> tuple[MapCount, ...]:
    order = words.in_order("conditions", {condition for condition, _ in counts})
    return tuple(
        MapCount(condition=condition, design=design, count=counts[condition, design])
        for condition, design in sorted(counts, key=lambda cell: (order.index(cell[0]), cell[1]))
    )


def build_map(counts: FieldCounts, words: Words, *, is_narrowed: bool = False) -> MapView:
    """Lay out the map.

    It has a row for every condition that the words name, those without studies too, and for each other condition that
    occurs; a column a group of designs.  It is narrowed if only studies that meet a digest's own condition are counted.
    """
    before, now = _by_column(counts.held), _by_column(counts.new)
    occurring = {condition for condition, _ in (*before, *now)}
    conditions = words.in_order("conditions", occurring.union(words.labels.get("conditions", ())))
    columns = tuple(_COLUMNS)
    rows = tuple(
        MapRow(
            label=_row_label(condition, words),
            depth=words.depth(condition),
            cells=tuple(_cell(before[condition, column], now[condition, column]) for column in columns),
        )
        for condition in conditions
    )
    note = [
        *_what_is_counted(counts),
        "‘Of these’: a part of the wider row above, counted there as well." if any(row.depth for row in rows) else "",
        "Open: open-label trials; Cohort: with cross-sectional studies; Plan: protocols; Lab: preclinical work.",
        "Only what meets this digest's own condition is counted: a dash is no gap in the field." if is_narrowed else "",
    ]
    return MapView(columns=columns, rows=rows, note=" ".join(filter(None, note)))


def _what_is_counted(counts: FieldCounts) -> list[str]:
    if counts.years is None:
        held = "the 52 weeks before this edition" if counts.held else "the year before, of which nothing is held yet"
        return [
            f"Plain numbers: studies of {held}; with a plus: new in this edition.",
            "A study of two conditions counts in both rows.",
        ]
    first, last = counts.years
    years = f", published {first} to {last}" if first != last else f", published {first}" if first else ""
    return [
        f"Core and adjacent work held here{years}. Plain numbers: from before this edition; with a plus: new in it.",
        "A trial counts once, however many papers tell of it, and a preprint with its article; a study of two "
        "conditions counts in both rows.",
    ]


def _by_column(counts: Iterable[MapCount]) -> Counter[tuple[str, str]]:
    totals: Counter[tuple[str, str]] = Counter()
    for cell in counts:
        totals[cell.condition, _COLUMN_OF.get(cell.design, "")] += cell.count
    return totals


def _row_label(condition: str, words: Words) -> str:
    label = words.label("conditions", condition)
    return f"of these, {label}" if words.depth(condition) else capitalise(label)


def _cell(before: int, now: int) -> MapCell:
    return MapCell(
        held=str(before) if before else "" if now else NOTHING,
        new=f"+{now}" if now else "",
    )
