"""The map of the field: condition × design, this week against the year before, so that a gap can be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from harvester.digest.select import count_map
from harvester.digest.words import CONDITIONS, capitalise, condition_words
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
    cells: tuple[MapCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapView:
    """The whole map."""

    columns: tuple[str, ...]
    rows: tuple[MapRow, ...]
    note: str


def build_map(studies: Iterable[Study], year: Iterable[tuple[str, str, int]], *, is_narrowed: bool = False) -> MapView:
    """Lay out the map.

    Parameters
    ----------
    studies
        This edition's core studies.
    year
        Condition, design and count of the year before.
    is_narrowed
        Whether only studies that meet a digest's own condition are counted.

    Returns
    -------
    MapView
        One row for every condition that the digest knows, those without studies too, then one for each other
        condition that occurs; one column a group of designs.
    """
    before: Counter[tuple[str, str]] = Counter()
    for condition, design, count in year:
        before[condition, _COLUMN_OF.get(design, "")] += count
    now: Counter[tuple[str, str]] = Counter()
    for cell in count_map((study.tags.conditions, study.tags.design) for study in studies):
        now[cell.condition, _COLUMN_OF.get(cell.design, "")] += cell.count
    conditions = list(CONDITIONS)
    conditions += sorted({condition for condition, _ in (*before, *now)} - set(CONDITIONS))
    columns = tuple(_COLUMNS)
    rows = tuple(
        MapRow(
            label=capitalise(condition_words(condition)),
            cells=tuple(_cell(before[condition, column], now[condition, column]) for column in columns),
        )
        for condition in conditions
    )
    held = "the 52 weeks before this edition" if before else "the year before, of which nothing is held yet"
    note = (
        f"Plain numbers: studies of {held}; with a plus: new in this edition. "
        "A study of two conditions counts in both rows. "
        "Open: open-label trials; Cohort: with cross-sectional studies; Plan: protocols; Lab: preclinical work."
    )
    if is_narrowed:
        note += " Only what meets this digest's own condition is counted: a dash is no gap in the field."
    return MapView(columns=columns, rows=rows, note=note)


def _cell(before: int, now: int) -> MapCell:
    return MapCell(
        year=str(before) if before else "" if now else NOTHING,
        new=f"+{now}" if now else "",
    )
