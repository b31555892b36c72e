"""Which records are one paper.

::

    Record, or a table's row
        │  prepare    each field normalised once (titles, authors, venue)
        ▼
    Prepared
        │  block      short keys that two records of one paper are likely to share
        ▼
    pairs with a common key
        │  pair       each field compared (levels), what settles it (rules), and why
        ▼
    Link: same, maybe or preprint, with its score and its reason
        │  cluster    links become studies, none of which contradicts itself
        ▼
    records of one study
        │  merge      the best of each field
        ▼
    Citation

Each stage is a module, and pure; `frame` runs all but the last on a table.  The library keeps `block_keys` as an index,
so that a weekly run compares new records only with those that share a key.
"""

from __future__ import annotations

from harvester.matching.block import block_keys
from harvester.matching.cluster import cluster
from harvester.matching.frame import dedupe_frame
from harvester.matching.merge import merge
from harvester.matching.pair import Link, compare, link
from harvester.matching.prepare import Prepared, prepare

__all__ = [
    "Link",
    "Prepared",
    "block_keys",
    "cluster",
    "compare",
    "dedupe_frame",
    "link",
    "merge",
    "prepare",
]
