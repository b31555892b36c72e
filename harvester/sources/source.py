"""The seam: what a source is.

To add a source: write a subclass of `Source` in a folder or file of this room, and name it in
`harvester.sources.registry`.  Its settings, ``check``, the harvest, ``--source``, the receipt, the search log,
``rebuild``, its rank in a merge, and its part of docs/settings.md follow from that.

A run takes every source through two steps.  `Source.ask` runs beside the others' and touches nothing but the
network; `Source.harvest` runs one source after the other, in the registry's order, and hands records in.  So a
slow publisher costs no time, and the same answers give the same library, whichever came first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from harvester.config.settings import SourceSettings
from harvester.ground.checkup import Finding
from harvester.ground.errors import ExitCode, SourceError
from harvester.ground.secrets import mask_secrets
from harvester.library.raw import StoredAnswer
from harvester.paper.records import BadRecord, Record
from harvester.paper.reports import SourceReport
from harvester.sources.desk import Desk, Outside

_LONGEST_REASON = 300  # characters of an error that nobody foresaw


def describe_failure(error: Exception) -> str:
    """Return in a line why a source failed.

    Examples
    --------
    >>> describe_failure(ValueError("no such thing"))
    'a defect of ours; please report it (ValueError: no such thing)'
    """
    if isinstance(error, SourceError):
        return str(error)
    words = " ".join(str(error).encode("utf-8", "replace").decode().split())
    reason = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return f"a defect of ours; please report it ({mask_secrets(reason)[:_LONGEST_REASON]})"


class Source(ABC):
    """One place that papers, or news of papers, come from.

    Attributes
    ----------
    kind
        What `key` begins with: ``pubmed``, ``feed``, ``retraction-watch``, ``import``.
    section
        The key below ``sources:`` in the settings; None: it does not stand in the settings.
    settings_model
        The form of that section, or of each of its items.
    is_list
        Whether the section is a list, each item a source.
    rank
        Whose words win in a merge: the lowest first.
    platform
        What the search log calls the kind.
    homepage
        The page of a kind of which there is one source, for ``datapackage.json``; None: it has none.
    loss
        What a reader may miss if it fails, a sentence.  ``{there}`` and ``{it lists}`` become the source's name and
        "they list" where several sources failed.
    gives_papers
        Whether papers come from it; if none of the settings' sources does, there is nothing to harvest.
    leaves_out
        Whether of its records only those on the topic are handed in.
    name
        As settings and receipt say it; no two sources of the settings share one.
    key
        What records, library and table call it: ``pubmed``, ``feed:NAME``.
    required
        Whether an edition without it is incomplete.
    tolerate
        How many runs in a row it may fail before that is told outside the receipt.
    """

    kind: ClassVar[str]
    section: ClassVar[str | None] = None
    settings_model: ClassVar[type[SourceSettings]] = SourceSettings
    is_list: ClassVar[bool] = False
    rank: ClassVar[int]
    platform: ClassVar[str]
    homepage: ClassVar[str | None] = None
    loss: ClassVar[str] = "Papers that only {it lists} may be missing; what is in PubMed is here."
    gives_papers: ClassVar[bool] = True
    leaves_out: ClassVar[bool] = False

    name: str
    key: str
    required: bool = False
    tolerate: int = 1

    @abstractmethod
    def __init__(self, settings: Any) -> None:
        """Make the source of its section of the settings, or of an item of it."""

    def ask(self, desk: Desk) -> None:
        """Ask the network what can be asked beside other sources."""
        return

    @abstractmethod
    def harvest(self, desk: Desk) -> SourceReport:
        """Ask for what is due and hand it in.

        Whatever this or `ask` raises, of whatever kind, is taken for the source's failure, unless it is the library's
        or the disk's: it is reported, the mark does not move, and the other sources go on.
        """

    def report(self, desk: Desk) -> SourceReport:
        """Return the report of a source that answered, to which `harvest` adds what came of it."""
        return SourceReport(
            name=self.name,
            kind=self.kind,
            asked_at=desk.at,
            answered=True,
            is_required=self.required,
            loss=self.loss,
            gives_papers=self.gives_papers,
        )

    @abstractmethod
    def check(self, outside: Outside) -> Iterator[Finding]:
        """Yield what a run would find right or wrong; changes nothing."""

    def close_failed(self, desk: Desk, error: Exception) -> SourceReport:
        """Make durable that the source failed, and return the report."""
        return desk.close(replace(self.report(desk), answered=False, error=describe_failure(error)))

    def failed(self, reason: str, *, what: str | None = None) -> Finding:
        """Return the finding that the source cannot be read, for `check`."""
        code = ExitCode.UNAVAILABLE if self.required else ExitCode.PARTIAL
        return Finding(what=what or self.name, verdict="failed", told=reason, code=code)

    @classmethod
    @abstractmethod
    def reread(cls, answer: StoredAnswer, key: str) -> Iterable[Record | BadRecord]:
        """Read the records of a stored answer again, as `harvest` read them.

        Parameters
        ----------
        key
            Of the source that gave the answer, which need not stand in the settings any more.

        Raises
        ------
        ParseError
            If the answer cannot be read.
        """
