"""What the mail leaves out for want of room, in a fixed order.

First adjacent titles, then the map, comments, preclinical work and the findings of lower-ranked studies.  What comes
after that is for weeks that nobody could read in a mail anyway, such as the first harvest: lower-ranked studies are
counted, long searches and long lists of sources are left to the page, changes get a line each.  At the very end long
titles are cut and findings that do not fit are left out whole, so that *read first* and *since you read them* still
stand.  The last step is small by construction, whatever the sources bring.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """How much is left out for want of room; the default leaves out nothing."""

    adjacent: int | None = None  # adjacent titles listed; None: all
    show_map: bool = True
    comments: int | None = None  # comments listed
    preclinical: int | None = None  # preclinical studies listed
    findings: int | None = None  # studies by condition, best first, that show their finding
    entries: int | None = None  # studies by condition, best first, that are listed; protocols each as many
    query: int | None = None  # bytes of a search
    sources: int | None = None  # sources in the receipt
    finding_length: int | None = None  # bytes of a finding under read first; longer ones are left out whole
    titles: int | None = None  # bytes of a title
    changes: int | None = None  # changes listed, the gravest first
    details: bool = True  # changes as entries of their own; False: a line each


NO_CUTS = Cuts()
# Adjacent titles are a glance; the page has them all.
FULL = Cuts(adjacent=12, query=3000)

_STEPS: tuple[dict[str, Any], ...] = (
    {"adjacent": 0},
    {"show_map": False},
    {"comments": 0},
    {"preclinical": 0},
    *({"findings": number} for number in (60, 40, 30, 20, 10, 5, 0)),
    {"query": 800},
    {"details": False},
    *({"entries": number} for number in (120, 100, 80, 60, 50, 40, 30, 20)),
    {"sources": 15},
    {"entries": 10},
    {"entries": 0},
    {"query": 0},
    {"titles": 600},
    {"finding_length": 800},
    {"titles": 300},
    {"finding_length": 400},
    {"titles": 150},
    {"titles": 100, "finding_length": 200, "sources": 5},
    *({"changes": number} for number in (150, 120, 100, 80, 60, 40, 30, 15)),
)


def _climb(cuts: Cuts, step: dict[str, Any]) -> Cuts:
    return replace(cuts, **step)


# Each has all the cuts of the one before it.
LADDER = tuple(accumulate(_STEPS, _climb, initial=FULL))
