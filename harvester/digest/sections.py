"""The sections of a digest."""

from __future__ import annotations

# Those that may be left out or stand in another order, in their usual one.  The fixed ones always come in their
# place: without those a reader cannot tell what happened.
SECTIONS = ("by-condition", "protocols", "preclinical", "comments", "adjacent", "map")
FIXED_SECTIONS = ("masthead", "changes", "read-first", "receipt")
