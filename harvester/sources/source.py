"""The seam: what a source is.

A source is one folder or file of this room, and one line in `harvester.sources.registry`.  From that follow its
settings, ``check``, the harvest, ``--source``, the receipt, the search log, ``rebuild``, its rank in a merge, and
its part of docs/settings.md.

A run asks every source in two steps.  `Source.ask` may go on beside the others' and touches nothing but the
network; `Source.harvest` comes one source after the other, in the registry's order, and hands in what came.  So a
slow publisher costs no time, and the same answers give the same library, whichever came first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from harvester.config.settings import SourceSettings
from harvester.ground.findings import Finding
from harvester.library.raw import StoredAnswer
from harvester.paper.records import BadRecord, Record
from harvester.paper.reports import SourceReport
from harvester.sources.desk import Desk, Outside


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
        Where the kind is described, for ``datapackage.json``; None: nowhere.
    gives_papers
        Whether papers come from it; if none of the settings' sources does, there is nothing to harvest.
    name
        As settings and receipt say it; no two sources of the settings share one.
    key
        What records, library and table call it: ``pubmed``, ``feed:NAME``.
    required
        Whether an edition without it is incomplete.
    """

    kind: ClassVar[str]
    section: ClassVar[str | None] = None
    settings_model: ClassVar[type[SourceSettings]] = SourceSettings
    is_list: ClassVar[bool] = False
    rank: ClassVar[int]
    platform: ClassVar[str]
    homepage: ClassVar[str | None] = None
    gives_papers: ClassVar[bool] = True

    name: str
    key: str
    required: bool = False

    @abstractmethod
    def __init__(self, settings: Any) -> None:
        """Make the source of its section of the settings, or of an item of it."""

    def ask(self, desk: Desk) -> None:
        """Ask ahead what can be asked beside other sources: network only; a failure is for `harvest` to tell."""
        return

    @abstractmethod
    def harvest(self, desk: Desk) -> SourceReport:
        """Ask for what is due and hand it in; a failure of the source is in the report, not raised."""

    @abstractmethod
    def check(self, outside: Outside) -> Iterator[Finding]:
        """Say what is wrong before a run does; changes nothing."""

    @classmethod
    @abstractmethod
    def reread(cls, answer: StoredAnswer, key: str) -> Iterable[Record | BadRecord]:
        """Read the records of an answer that was kept again, as `harvest` read them.

        Parameters
        ----------
        answer
            The answer.
        key
            Of the source that gave it, which need not stand in the settings any more.

        Raises
        ------
        ParseError
            If it cannot be read.
        """
