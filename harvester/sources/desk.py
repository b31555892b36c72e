"""What asking any source has in common: what came is durable first, and then how far the source was read.

Each source is asked by itself, in a file of its own beside this one; one that fails is reported and does not stop
the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from harvester.digest import SourceReport
from harvester.ground.clock import format_time
from harvester.library import Entry, Library, SourceState
from harvester.library.raw import RawStore
from harvester.paper.records import Record
from harvester.tagging import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """Everything a harvest needs besides the sources' own settings."""

    library: Library
    vocabulary: Vocabulary
    raw: RawStore
    now: datetime
    progress: Callable[[str, int, int], None]  # source, done, of how many

    @property
    def at(self) -> str:
        """The clock as UTC text."""
        return format_time(self.now)


def describe_records(
    source: str, answers: Sequence[str], records: Sequence[Record], *, deleted: Sequence[str] = (), at: str
) -> Entry:
    """Say for the journal which records are kept, and from which answers they can be read again.

    Parameters
    ----------
    source
        ``pubmed``, ``feed:NAME`` or ``import:FILE``: how the answers are to be read.
    answers
        What `RawStore.save` called them.
    records
        Those of the answers' records that are kept, in order.
    deleted
        Keys that the source said are gone.
    at
        UTC time of the run.
    """
    keys = [[record.source, record.source_key] for record in records]
    return {
        "kind": "records",
        "source": source,
        "answers": list(answers),
        "keys": keys,
        "deleted": list(deleted),
        "at": at,
    }


def keep_records(library: Library, records: Iterable[Record], entry: Entry) -> None:
    """Keep what a source gave, and note what it deleted, in one transaction; `entry` is from `describe_records`."""
    with library.transaction(entry):
        library.records.save(records, seen_at=entry["at"])
        library.records.mark_deleted(entry["source"], entry["deleted"], at=entry["at"])


def close_harvest(
    harvest: Harvest,
    source: str,
    report: SourceReport,
    state: SourceState,
    *,
    searches: Sequence[dict[str, Any]] = (),
) -> SourceReport:
    """Write a source's new state and how the harvest went, in one transaction.

    Parameters
    ----------
    harvest
        The run.
    source
        What the library calls it.
    report
        How it was asked, and what it answered.
    state
        Where the next run begins if all went well; if not, it begins where this one did.
    searches
        How each search was reconciled, for the search log.
    """
    library = harvest.library
    if report.error is None:
        state = replace(state, last_answered=harvest.at, failing_since=None)
    else:
        before = library.sources.state(source)
        state = replace(before, failing_since=before.failing_since or harvest.at)
        report = replace(report, failing_since=state.failing_since)
    entry = {
        "kind": "harvest",
        "source": source,
        "state": asdict(state),
        "report": {**asdict(report), "searches": list(searches)},
        "at": harvest.at,
    }
    keep_harvest(library, entry)
    return report


def keep_harvest(library: Library, entry: Entry) -> None:
    """Write a source's state and how its harvest went, as the journal has it."""
    with library.transaction(entry):
        library.sources.save_state(entry["source"], SourceState.from_json(entry["state"]))
        if entry["report"] is not None:
            library.sources.add_harvest(entry["source"], entry["report"], at=entry["at"])
