"""The map of the field: condition × design, this week against the year before, so that a gap can be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harvester.digest.edition import MapCount
from harvester.digest.words import Words, capitalise
from harvester.paper.records import Study

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

NOTHING = "–"  # an empty cell shows as a dash, so that gaps stand out among numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class MapCell:
    """The number of the year before, and what this week adds."""

    year: str  # NOTHING without any
    new: str  # "+2"; "" without any

    @property
    def is_gap(self) -> bool:
        """Whether there is no study at all."""
        return self.year == NOTHING


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
    counts: Counter[tuple[str, str]] = Counter()
    for conditions, design in studies:
        counts.update((condition, design) for condition in words.rows_of(conditions))
    order = words.in_order("conditions", {condition for condition, _ in counts})
    return tuple(
        MapCount(condition=condition, design=design, count=counts[condition, design])
        for condition, design in sorted(counts, key=lambda cell: (order.index(cell[0]), cell[1]))
    )


def build_map(
    studies: Iterable[Study], year: Iterable[MapCount], words: Words, *, is_narrowed: bool = False
) -> MapView:
    """Lay out the map of this edition's core studies and of those of the year before, counted by `count_map`.

    It has a row for every condition that the words name, those without studies too, and for each other condition that
    occurs; a column a group of designs.  It is narrowed if only studies that meet a digest's own condition are counted.
    """
    before, now = _by_column(year), _by_column(count_map(((s.tags.conditions, s.tags.design) for s in studies), words))
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
    held = "the 52 weeks before this edition" if before else "the year before, of which nothing is held yet"
    note = [
        f"Plain numbers: studies of {held}; with a plus: new in this edition.",
        "A study of two conditions counts in both rows.",
        "‘Of these’: a part of the wider row above, counted there as well." if any(row.depth for row in rows) else "",
        "Open: open-label trials; Cohort: with cross-sectional studies; Plan: protocols; Lab: preclinical work.",
        "Only what meets this digest's own condition is counted: a dash is no gap in the field." if is_narrowed else "",
    ]
    return MapView(columns=columns, rows=rows, note=" ".join(filter(None, note)))


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
        year=str(before) if before else "" if now else NOTHING,
        new=f"+{now}" if now else "",
    )
