"""When two records are one paper: prepare, block, compare, cluster, merge.

Each stage is a module, in this order, and pure.  The library keeps `block_keys` as an index, so that a weekly run
compares new records only with those that share a key.
"""

from __future__ import annotations

from harvester.matching.block import block_keys
from harvester.matching.cluster import cluster
from harvester.matching.frame import dedupe_frame
from harvester.matching.merge import merge
from harvester.matching.pair import Link, compare, link, link_preprints
from harvester.matching.prepare import Prepared, prepare

__all__ = [
    "Link",
    "Prepared",
    "block_keys",
    "cluster",
    "compare",
    "dedupe_frame",
    "link",
    "link_preprints",
    "merge",
    "prepare",
]
