"""When two records are one paper: prepare, block, compare, cluster, merge.

Each stage is a module, in this order, and pure.  The library keeps `block_keys` as an index, so that a weekly run
compares new records only with those that share a key.
"""

from __future__ import annotations

from harvester import make_callable
from harvester.dedupe.block import block_keys
from harvester.dedupe.cluster import cluster
from harvester.dedupe.compare import Link, compare, link, link_preprints
from harvester.dedupe.frame import dedupe_frame
from harvester.dedupe.merge import merge
from harvester.dedupe.prepare import Prepared, prepare

__all__ = [
    "Link",
    "Prepared",
    "block_keys",
    "cluster",
    "compare",
    "dedupe",
    "dedupe_frame",
    "link",
    "link_preprints",
    "merge",
    "prepare",
]

dedupe = dedupe_frame
make_callable(__name__)
