"""Follow the research on a topic: PubMed and feeds in, one table and a weekly digest out.

From Python: ``read_table(folder)``, ``dedupe(frame)`` and ``classify(frame)`` are the same as the commands, for
notebooks.  They are imported when they are first asked for, so that ``import harvester`` does not cost pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harvester.matching.frame import dedupe_frame as dedupe
    from harvester.table.published import read_table
    from harvester.tagging.dataframe import classify_frame as classify

__version__ = "0.1.0"
__all__ = ["__version__", "classify", "dedupe", "read_table"]

_FUNCTIONS = {
    "read_table": ("harvester.table.published", "read_table"),
    "dedupe": ("harvester.matching.frame", "dedupe_frame"),
    "classify": ("harvester.tagging.dataframe", "classify_frame"),
}


def __getattr__(name: str) -> Any:
    """Import a function when it is first asked for."""
    if name not in _FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, function = _FUNCTIONS[name]
    return getattr(importlib.import_module(module), function)
