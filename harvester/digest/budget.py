"""What the mail leaves out for want of room, in a fixed order.

First adjacent titles, then the map, comments, preclinical work and the findings of lower-ranked studies.  What comes
after that is for weeks that nobody could read in a mail anyway, such as the first harvest: lower-ranked studies are
counted, long searches and long lists of sources are left to the page, changes get a line each.  At the very end long
titles are cut and findings that do not fit are left out whole, so that *read first* and *since you read them* still
stand.  The last step is small by construction, whatever the sources bring.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import Any

from harvester.digest.view import Cuts

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
