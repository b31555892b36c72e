"""What a source may do during a harvest: read and move its mark, save answers, hand in what they hold.

What a source gave is durable first, and then how far the source was read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from harvester.ground.clock import format_time
from harvester.ground.http import Answer, PoliteSession
from harvester.ground.secrets import mask_secrets
from harvester.library import HarvestNoted, Library, Opinion, OpinionsSaved, RecordsSaved, SourceState
from harvester.library.raw import RawStore
from harvester.library.record_store import RecordStore
from harvester.paper.records import Record
from harvester.paper.reports import SourceReport
from harvester.tagging import Vocabulary, is_on_topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A source's ways to the outside, and what it must know to use them; ``check`` gives it nothing else."""

    now: datetime  # aware; the only clock
    contact: str  # the address that services write to before they block a program
    topic_words: tuple[str, ...]  # names of the topic's compounds, for a search in titles and abstracts
    open_session: Callable[[int | None], PoliteSession]  # given the largest answer in bytes; None: the usual limit
    read_secret: Callable[..., str | None]  # given the `X_env` and, if it may have one, the `X_file` of the settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Studies:
    """How the library's studies are brought in step with what sources say; see `harvester.studies`."""

    integrate: Callable[[], int]  # makes studies of the records that are pending, and returns how many are new
    save_opinions: Callable[[OpinionsSaved], None]  # writes them, and brings the studies in step


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAccount:
    """One search of a harvest, for the search log: count = fetched + held + deleted + unreadable + unaccounted."""

    url: str | None  # what was asked
    term: str | None = None  # the query as sent; None: the source has none
    translation: str | None = None  # the query as the source understood it
    count: int | None = None  # papers that the source listed; None: it answered that nothing has changed
    fetched: int | None = None  # of them: came and could be read
    left_out: int = 0  # of these: off the topic, and not kept
    held: int = 0  # came earlier in the same window of days
    deleted: int = 0
    unreadable: Sequence[str] = field(default_factory=list)  # names of papers
    unaccounted: Sequence[str] = field(default_factory=list)  # likewise: did not come, for whatever reason


class Desk:
    """One source's place during a harvest.

    Parameters
    ----------
    key
        What the library calls the source.
    library
        Open for writing.
    vocabulary
        What makes a record one on the topic.
    progress
        Called with how many items of the source are done, and of how many.
    since, until
        The days that the user asked for, both included; None: what is due.
    tolerate
        How many runs in a row the source may fail before that is told outside the receipt.
    """

    def __init__(
        self,
        key: str,
        *,
        library: Library,
        raw: RawStore,
        vocabulary: Vocabulary,
        outside: Outside,
        studies: Studies,
        progress: Callable[[int, int], None],
        since: date | None = None,
        until: date | None = None,
        tolerate: int = 1,
    ) -> None:
        self.key = key
        self.outside = outside
        self.progress = progress
        self.since = since
        self.until = until
        self._library = library
        self._raw = raw
        self._vocabulary = vocabulary
        self._studies = studies
        self._tolerate = tolerate
        self._state = library.sources.state(key)

    @property
    def mark(self) -> Mapping[str, Any]:
        """The mark that the source left last; empty before its first good harvest."""
        return self._state.mark

    @property
    def at(self) -> str:
        """The clock as UTC text."""
        return format_time(self.outside.now)

    @property
    def records(self) -> RecordStore:
        """The library's records, to be read."""
        return self._library.records

    def is_on_topic(self, record: Record) -> bool:
        """Return whether a record names one of the topic's compounds."""
        return is_on_topic(record, self._vocabulary)

    def save_answer(self, name: str, answer: Answer) -> str:
        """Save an answer as received, and return the name under which `hand_in` takes it."""
        return self._raw.save(name, answer)

    def save_file(self, name: str, content: bytes) -> str:
        """Save a file that the user gave, as `save_answer` does."""
        return self._raw.save_file(name, content)

    def hand_in(self, records: Sequence[Record], *, answers: Sequence[str], deleted: Sequence[str] = ()) -> int:
        """Make records durable and studies of them, and return how many studies are new.

        Parameters
        ----------
        records
            In the order in which they stand in the answers.
        answers
            From which `Source.reread` reads them again, by the names that `save_answer` gave.
        deleted
            Keys of records that the source said are gone.
        """
        keys = [(record.source, record.source_key) for record in records]
        entry = RecordsSaved(source=self.key, answers=answers, keys=keys, deleted=deleted, at=self.at)
        save_records(self._library, records, entry)
        return self._studies.integrate()

    def hand_in_opinions(self, judge: Callable[[Mapping[str, str]], Sequence[Opinion]]) -> int:
        """Replace what lists say of papers, and return of how many papers they say something.

        `judge` is given the library's studies by DOI and PMID, and returns what is said of them, ordered by paper.
        """
        opinions = judge(self._library.studies.identifiers())
        if opinions != self._library.notices.opinions():
            self._studies.save_opinions(OpinionsSaved(opinions=[asdict(opinion) for opinion in opinions], at=self.at))
        return len(opinions)

    def note(self, mark: Mapping[str, Any]) -> None:
        """Make a mark durable before the harvest ends, for the run after one that is killed."""
        self._state = replace(self._state, mark=mark)
        entry = HarvestNoted(source=self.key, state=asdict(self._state), report=None, at=self.at)
        save_harvest(self._library, entry)

    def close(
        self, report: SourceReport, *, mark: Mapping[str, Any] | None = None, searches: Sequence[SearchAccount] = ()
    ) -> SourceReport:
        """Make durable how the harvest went, and return the report completed.

        Parameters
        ----------
        mark
            Where the next run begins if all went well; None: where this one did.  After an error it is not moved.
        """
        state = self._state
        before = self._library.sources.last_report(self.key)
        if report.error is None:
            moved = state.mark if mark is None else mark
            if before and not before["answered"] and not before.get("is_tolerated"):
                note = f"it answers again; it had failed since {state.failing_since or before['asked_at']}"
                report = replace(report, notes=(*report.notes, note))
            state = SourceState(mark=moved, last_answered=self.at, failing_since=None)
        else:
            state = replace(state, failing_since=state.failing_since or self.at)
            runs = 1 + before.get("failed_runs", int(bool(before.get("error"))))
            report = replace(
                report,
                error=mask_secrets(report.error),
                failing_since=state.failing_since,
                failed_runs=runs,
                is_tolerated=not report.is_required and state.last_answered is not None and runs < self._tolerate,
            )
        report = replace(
            report, notes=tuple(map(mask_secrets, report.notes)), alarms=tuple(map(mask_secrets, report.alarms))
        )
        accounts = [replace(search, url=search.url and mask_secrets(search.url)) for search in searches]
        whole = {**asdict(report), "searches": [asdict(account) for account in accounts]}
        entry = HarvestNoted(source=self.key, state=asdict(state), report=whole, at=self.at)
        save_harvest(self._library, entry)
        return report


def save_records(library: Library, records: Sequence[Record], entry: RecordsSaved) -> None:
    """Write the records that an entry names, in its order, and mark what the source deleted, in one transaction."""
    with library.transaction(entry):
        library.records.save(records, seen_at=entry.at)
        library.records.mark_deleted(entry.source, entry.deleted, at=entry.at)


def save_harvest(library: Library, entry: HarvestNoted) -> None:
    """Write a source's state and how its harvest went."""
    with library.transaction(entry):
        library.sources.save_state(entry.source, SourceState.from_json(entry.state))
        if entry.report is not None:
            library.sources.add_harvest(entry.source, entry.report, at=entry.at)
