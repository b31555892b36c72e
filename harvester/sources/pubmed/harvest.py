"""PubMed as a source: ask for what is due, hand it in, and account for every paper that PubMed listed.

For every search: count = fetched + held + deleted + unreadable + unaccounted.  *Held* are papers that came earlier
in the same window of days: a backfill that was killed goes on where it was.  While anything is unaccounted for,
the window stays open and the next run asks for all of it again.

A paper that PubMed lists and does not give, or gives so that it cannot be read, in three runs in a row would keep the
window open for ever.  It is put aside: the window moves on without it, and each later run asks for it alone, until
it comes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from harvester.ground.checkup import Finding
from harvester.ground.clock import parse_time
from harvester.ground.counted import counted
from harvester.ground.errors import SourceError
from harvester.ground.http import PoliteSession
from harvester.library.raw import StoredAnswer
from harvester.paper.records import BadRecord, Record
from harvester.paper.reports import SourceReport
from harvester.sources.desk import Desk, Outside, SearchAccount
from harvester.sources.pubmed.answers import Fetched, Search, has_lost_words
from harvester.sources.pubmed.client import MAX_SINGLES, Limits, PubmedClient, SaveRaw
from harvester.sources.pubmed.query import lint_query
from harvester.sources.pubmed.settings import PubmedSettings
from harvester.sources.pubmed.xml import parse_pubmed_xml
from harvester.sources.source import Source

# A paper that came less than this ago, for the same window, is not asked for again.  Whatever PubMed revised in
# between is listed again by the next runs, whose windows overlap by days.
HELD_FOR = timedelta(hours=24)
# Papers of a window that are no longer listed; if there are more, the query was changed, and they are let be.
_ASKED_FOR = 200
RUNS_BEFORE_ASIDE = 3  # in which a paper was missed: a day's fault of PubMed's is over by then
_SHOWN = 20  # PMIDs named in a line; the log has all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days that a harvest asks for, both included."""

    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWindow:
    """A window of days that was begun, and not yet read to its end."""

    since: str  # ISO day
    query: str  # as the settings have it
    begun_at: str  # UTC time


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A paper that PubMed listed, and that did not come, or cannot be read."""

    since: str  # UTC time of the first run that missed it
    why: str  # what it did: "did not come", …
    runs: int = 1  # that missed it, in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class PubmedMark:
    """How far PubMed was read."""

    watermark: str | None = None  # ISO day up to which everything is in the library
    open_window: OpenWindow | None = None  # what was being read when a run ended early; None: nothing
    late: Mapping[str, Late] = field(default_factory=dict)  # by PMID: missed by the last runs, and the window waits
    aside: Mapping[str, Late] = field(default_factory=dict)  # by PMID: put aside; see `SourceStore.put_aside`

    @classmethod
    def from_json(cls, mark: Mapping[str, Any]) -> PubmedMark:
        """Return the mark that `as_json` wrote; an empty one if PubMed was never asked."""
        window = mark.get("open_window")
        missed = {name: {pmid: Late(**late) for pmid, late in mark.get(name, {}).items()} for name in ("late", "aside")}
        return cls(watermark=mark.get("watermark"), open_window=OpenWindow(**window) if window else None, **missed)

    def as_json(self) -> dict[str, Any]:
        """Return the mark as JSON holds it, without empty fields."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(slots=True, kw_only=True)
class _Account:
    """What became of the papers that one search listed."""

    search: Search
    fetched: int = 0
    held: int = 0
    deleted: int = 0
    unreadable: tuple[str, ...] = ()
    unaccounted: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()  # of those unaccounted for: put aside by an earlier run, and not asked for here

    def add(self, fetched: Fetched) -> None:
        """Count what came of a portion."""
        listed = set(self.search.pmids)
        self.fetched += len(listed.intersection(record.source_key for record in fetched.records)) + len(fetched.merged)
        self.deleted += len(listed.intersection(fetched.deleted))
        self.unreadable += tuple(bad.pmid for bad in fetched.bad if bad.pmid in listed)
        self.unaccounted += fetched.missing

    def settle(self, pmid: str, fetched: Fetched) -> None:
        """Count what came of a paper that was put aside, if this search listed it."""
        if pmid in self.aside:
            self.aside = tuple(other for other in self.aside if other != pmid)
            self.deleted += pmid in fetched.deleted
            self.fetched += pmid not in fetched.deleted

    def as_search(self) -> SearchAccount:
        """Return the account for the search log."""
        return SearchAccount(
            url=self.search.url,
            term=self.search.term,
            translation=self.search.translation,
            count=self.search.count,
            fetched=self.fetched,
            held=self.held,
            deleted=self.deleted,
            unreadable=self.unreadable,
            unaccounted=self.unaccounted,
        )


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What came of reading a window."""

    accounts: list[_Account] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missed: dict[str, str] = field(default_factory=dict)  # by PMID: what was asked for and is not here, and why
    new: int = 0  # studies
    failure: str | None = None  # why it ended early
    hitch: str | None = None  # the last request that failed, though PubMed gave others

    def add(self, account: _Account, fetched: Fetched, *, is_alive: bool) -> None:
        """Count what came of a portion; `is_alive` says that PubMed gave others of it, earlier."""
        account.add(fetched)
        self.notes += [
            f"a record could not be read and was skipped: {bad.pmid or 'unknown'} ({bad.reason})" for bad in fetched.bad
        ]
        self.notes += [f"PubMed gives {got} for {asked}: it has merged the two" for asked, got in fetched.merged]
        is_alive = is_alive or bool(fetched.records or fetched.deleted)
        if fetched.error is not None and (not is_alive or len(fetched.missing) > MAX_SINGLES):
            self.failure = str(fetched.error)
            return
        self.hitch = self.hitch if fetched.error is None else str(fetched.error)
        self.missed |= dict.fromkeys(fetched.missing, "did not come")
        self.missed |= {
            bad.pmid: f"could not be read ({bad.reason})" for bad in fetched.bad if bad.pmid in account.search.pmids
        }


def choose_window(
    settings: PubmedSettings, mark: PubmedMark, *, now: datetime, since: date | None, until: date | None
) -> Window:
    """Choose which days to ask PubMed for: those that the user asked for, or what is due.

    A run asks from its predecessor's last day, less the overlap, however long ago that was: a missed month is
    caught up.  One day is added at the end, because NCBI's days are those of US Eastern time and its clocks are
    not ours.  A clock that was set back asks for more, never for less.
    """
    today = now.astimezone(UTC).date()
    if since is None:
        if mark.watermark is None:
            since = today - timedelta(days=settings.first_days)
            if mark.open_window is not None:
                # The first run did not end well; what it was to read is still to be read.
                since = min(since, date.fromisoformat(mark.open_window.since))
        else:
            since = min(date.fromisoformat(mark.watermark), today) - timedelta(days=settings.overlap_days)
    return Window(since=since, until=until or today + timedelta(days=1))


class Pubmed(Source):
    """PubMed, for one query and some journals."""

    kind: ClassVar[str] = "pubmed"
    section: ClassVar[str] = "pubmed"
    settings_model: ClassVar[type[PubmedSettings]] = PubmedSettings
    rank: ClassVar[int] = 0
    platform: ClassVar[str] = "PubMed (NCBI E-utilities)"
    homepage: ClassVar[str] = "https://pubmed.ncbi.nlm.nih.gov/"
    loss: ClassVar[str] = "Most new papers come from {there}: this edition is incomplete, and the next will catch up."

    name = "PubMed"
    key = "pubmed"

    def __init__(self, settings: PubmedSettings, *, limits: Limits | None = None) -> None:
        self.required = settings.required
        self.tolerate = settings.tolerate
        self._settings = settings
        self._limits = limits or Limits()

    @classmethod
    def reread(cls, answer: StoredAnswer, key: str) -> Iterator[Record | BadRecord]:
        """Read the records of an answer to EFetch again."""
        return (item for item in parse_pubmed_xml(answer.content) if isinstance(item, (Record, BadRecord)))

    def check(self, outside: Outside) -> Iterator[Finding]:
        """Ask how many papers match, and what of the query PubMed does not understand."""
        for mistake in lint_query(self._settings.query):
            yield Finding(what="query", verdict="warning", told=mistake)
        with outside.open_session(None) as session:
            try:
                search = self._client(session, outside, save_raw=None).check()
            except SourceError as error:
                yield self.failed(str(error))
                return
        for warning in search.warnings:
            yield Finding(what="query", verdict="warning", told=warning)
        yield Finding(
            what=self.name,
            verdict="ok",
            told=f"{counted(search.count, 'paper matches', 'papers match', thousands=',')} the query",
        )

    def harvest(self, desk: Desk) -> SourceReport:
        """Ask for what is due and hand it in; the watermark moves only if every listed paper is accounted for."""
        with desk.outside.open_session(None) as session:
            answers: list[str] = []
            client = self._client(
                session, desk.outside, save_raw=lambda name, answer: answers.append(desk.save_answer(name, answer))
            )
            return self._read(desk, client, answers)

    def _client(self, session: PoliteSession, outside: Outside, *, save_raw: SaveRaw | None) -> PubmedClient:
        return PubmedClient(
            session,
            self._settings,
            outside.contact,
            outside.read_secret(self._settings.api_key_env, self._settings.api_key_file),
            topic_words=outside.topic_words,
            save_raw=save_raw,
            limits=self._limits,
        )

    def _read(self, desk: Desk, client: PubmedClient, answers: list[str]) -> SourceReport:
        """Read the window that is due; `answers` grows by the name of each answer that the client keeps."""
        mark = PubmedMark.from_json(desk.mark)
        window = choose_window(self._settings, mark, now=desk.outside.now, since=desk.since, until=desk.until)
        opened = self._open_window(desk, mark, window)
        reading = _Reading()
        try:
            reading.accounts = [
                _Account(search=search)
                for search in client.find(window.since, window.until, has_found=desk.records.has_any(self.key))
            ]
            self._read_searches(desk, client, answers, reading, opened, aside=mark.aside)
            mark = self._ask_aside(desk, client, answers, reading, mark)
        except SourceError as failure:
            reading.failure = str(failure)
        accounts, notes = reading.accounts, reading.notes
        if reading.failure is None:
            try:
                listed = {pmid for account in accounts for pmid in account.search.pmids}
                self._find_deleted(desk, client, window, listed=listed)
            except SourceError as failure:
                notes.append(f"papers that are no longer listed could not be asked for: {failure}")
        counted_mark = _count_missed(mark, reading, at=desk.at)
        notes += [
            f"PMID {pmid} was listed in {RUNS_BEFORE_ASIDE} runs, and {late.why}: it is put aside, and each later run"
            " asks for it alone"
            for pmid, late in counted_mark.aside.items()
            if pmid not in mark.aside
        ]
        error, missing = _describe_losses(reading, counted_mark.aside)
        report = replace(
            self.report(desk),
            answered=error is None or any(account.fetched or account.held for account in accounts),
            received=sum(account.fetched for account in accounts),
            new=reading.new,
            error=error,
            listed=sum(account.search.count for account in accounts),
            missing=missing,
            notes=tuple(notes),
            alarms=tuple(note for note in notes if has_lost_words(note)),
            query=self._settings.query,
            translation=accounts[0].search.translation if accounts else None,
            window=(window.since.isoformat(), window.until.isoformat()),
        )
        moved = replace(counted_mark, open_window=None, late={})
        if mark.watermark is not None or any(account.search.count for account in accounts):
            # A first run that finds nothing has read nothing: the next one looks as far back again.
            moved = _moved(moved, window, is_current=desk.until is None)
        if error is not None:
            # The window stays open; how often a paper was missed is counted all the same.
            desk.note(replace(counted_mark, open_window=opened).as_json())
        return desk.close(report, mark=moved.as_json(), searches=[account.as_search() for account in accounts])

    def _open_window(self, desk: Desk, mark: PubmedMark, window: Window) -> OpenWindow:
        """Write which window is being read, or go on with the one that an earlier run did not finish."""
        begun, query = mark.open_window, self._settings.query
        is_same = begun is not None and begun.since == window.since.isoformat() and begun.query == query
        if begun is not None and is_same and timedelta(0) <= desk.outside.now - parse_time(begun.begun_at) < HELD_FOR:
            return begun
        opened = OpenWindow(since=window.since.isoformat(), query=query, begun_at=desk.at)
        desk.note(replace(mark, open_window=opened).as_json())
        return opened

    def _read_searches(
        self,
        desk: Desk,
        client: PubmedClient,
        answers: list[str],
        reading: _Reading,
        opened: OpenWindow,
        *,
        aside: Collection[str],
    ) -> None:
        """Fetch what searches listed, portion by portion, each durable before the next.

        Ends early, with `reading.failure`, where PubMed gives nothing any more.
        """
        total = sum(account.search.count for account in reading.accounts)
        for account in reading.accounts:
            reading.notes += [note for note in account.search.warnings if note not in reading.notes]
            pmids = account.search.pmids
            for start in range(0, len(pmids), self._limits.portion):
                portion = pmids[start : start + self._limits.portion]
                if reading.failure is not None:
                    account.unaccounted += portion
                    continue
                held = desk.records.seen_since(self.key, portion, opened.begun_at)
                account.held += len(held)
                account.aside += tuple(pmid for pmid in portion if pmid in aside and pmid not in held)
                wanted = [pmid for pmid in portion if pmid not in held and pmid not in aside]
                before = sum(earlier.fetched + earlier.held for earlier in reading.accounts)

                def show(count: int, before: int = before) -> None:
                    desk.progress(before + count, total)

                if wanted:
                    first_answer = len(answers)
                    fetched = client.fetch(wanted, progress=show)
                    reading.new += desk.hand_in(
                        fetched.records, answers=answers[first_answer:], deleted=fetched.deleted
                    )
                    reading.add(account, fetched, is_alive=bool(held))

    def _ask_aside(
        self, desk: Desk, client: PubmedClient, answers: list[str], reading: _Reading, mark: PubmedMark
    ) -> PubmedMark:
        """Ask for each paper that is put aside, alone, and return the mark without those that came."""
        if reading.failure is None:
            waiting = dict(mark.aside)
            for pmid, late in mark.aside.items():
                first_answer = len(answers)
                fetched = client.fetch([pmid], batches=(1,))
                reading.new += desk.hand_in(fetched.records, answers=answers[first_answer:], deleted=fetched.deleted)
                if not fetched.missing and not any(bad.pmid == pmid for bad in fetched.bad):
                    del waiting[pmid]
                    how = "PubMed has deleted it" if fetched.deleted else "it has come"
                    reading.notes.append(f"PMID {pmid} was put aside, missed since {late.since[:10]}; {how}")
                    for account in reading.accounts:
                        account.settle(pmid, fetched)
            mark = replace(mark, aside=waiting)
        for account in reading.accounts:
            account.unaccounted += account.aside
        return mark

    def _find_deleted(self, desk: Desk, client: PubmedClient, window: Window, *, listed: set[str]) -> None:
        """Hand in which papers of a window PubMed has deleted: it listed them once, and knows them no more.

        A deleted paper is not listed as deleted; it is not listed.  So is one that the query no longer finds (its
        record was revised, or the query was), which is therefore asked for by its PMID, by two programs of PubMed's:
        only what neither of them knows is taken for deleted.
        """
        first, last = window.since.isoformat(), window.until.isoformat()
        unlisted = sorted(desk.records.created_between(self.key, first, last) - listed)
        if not unlisted or len(unlisted) > _ASKED_FOR:
            return
        search = client.search(" OR ".join(f"{pmid}[uid]" for pmid in unlisted))
        missing = sorted(set(unlisted).difference(search.pmids))
        if not missing:
            return
        fetched = client.fetch(missing)
        deleted = sorted({*fetched.deleted, *fetched.missing}) if fetched.error is None else []
        if deleted:
            desk.hand_in((), answers=(), deleted=deleted)


def _count_missed(mark: PubmedMark, reading: _Reading, *, at: str) -> PubmedMark:
    """Return the mark with what this run missed: late, or put aside once it was missed often enough."""
    waiting = {pmid for account in reading.accounts for pmid in account.unaccounted}
    listed = {pmid for account in reading.accounts for pmid in account.search.pmids}
    late = {pmid: late for pmid, late in mark.late.items() if pmid in waiting or pmid not in listed}
    # If more are missing than were asked for one by one, the fault is not in single records, and time may cure it.
    for pmid, why in reading.missed.items() if len(reading.missed) <= MAX_SINGLES else ():
        before = mark.late.get(pmid)
        late[pmid] = replace(before, why=why, runs=before.runs + 1) if before else Late(since=at, why=why)
    aside = {pmid: missed for pmid, missed in late.items() if missed.runs >= RUNS_BEFORE_ASIDE}
    return replace(
        mark,
        late={pmid: missed for pmid, missed in late.items() if pmid not in aside},
        aside={**mark.aside, **aside},
    )


def _describe_losses(reading: _Reading, aside: Collection[str]) -> tuple[str | None, int]:
    """Return in a line what failed and which papers are missing because of it, and how many.

    None: nothing failed, or only what is put aside.
    """
    lost, unreadable = (
        tuple(
            dict.fromkeys(pmid for account in reading.accounts for pmid in getattr(account, name) if pmid not in aside)
        )
        for name in ("unaccounted", "unreadable")
    )
    error = reading.failure or (reading.hitch if lost else None)
    parts = [error] if error is not None else []
    if lost:
        what = "unaccounted for" if error is not None else "that PubMed listed did not come"
        parts.append(f"{counted(len(lost), 'record')} {what}: {_list(lost)}")
    if unreadable:
        parts.append(f"{counted(len(unreadable), 'record')} came and could not be read: {_list(unreadable)}")
    return "; ".join(parts) or None, len(lost) + len(unreadable)


def _list(pmids: Sequence[str]) -> str:
    return ", ".join(pmids[:_SHOWN]) + (
        f" and {len(pmids) - _SHOWN} more (harvester log)" if len(pmids) > _SHOWN else ""
    )


def _moved(mark: PubmedMark, window: Window, *, is_current: bool) -> PubmedMark:
    """Move a watermark to the end of a window, if the window joins what was read before or reaches today."""
    end = (window.until - timedelta(days=1)).isoformat()
    if mark.watermark is None:
        return replace(mark, watermark=end) if is_current else mark
    joins = window.since.isoformat() <= mark.watermark < end
    return replace(mark, watermark=end) if joins else mark
