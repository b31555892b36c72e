"""Follow the research on a topic: PubMed and feeds in, one table and a weekly digest out.

From Python: ``read_table(folder)``, ``dedupe(frame)`` and ``classify(frame)`` are the same as the commands, for
notebooks.  They are imported when they are first asked for, so that ``import harvester`` does not cost pandas.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harvester.table import read_table

__version__ = "0.1.0"
__all__ = ["__version__", "classify", "dedupe", "read_table"]


class _CallableModule(ModuleType):
    """A package that can be called as the function which it is named after.

    ``harvester.dedupe`` is both the folder of the stages and the function for notebooks; Python binds the name to
    the folder as soon as anything in it is imported, so the folder itself answers the call.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function of the package's name, or its form for data frames."""
        frame = importlib.import_module(f"{self.__name__}.frame")
        return getattr(frame, f"{self.__name__.rpartition('.')[2]}_frame")(*args, **kwargs)


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is first asked for."""
    if name == "read_table":
        return importlib.import_module("harvester.table").read_table
    if name in ("dedupe", "classify"):
        return importlib.import_module(f"harvester.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def make_callable(name: str) -> None:
    """Let the package of that name be called; for the packages that are also functions, from their own import."""
    sys.modules[name].__class__ = _CallableModule
