"""Ask PubMed for what is due, keep it, and account for every paper that it listed.

For every search: count = fetched + held + deleted + unreadable + unaccounted.  *Held* are papers that came earlier
in the same window of days: a backfill that was killed goes on where it was.  While anything is unaccounted for,
the window stays open and the next run asks for all of it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from harvester.config.settings import PubmedSettings
from harvester.digest import SourceReport
from harvester.ground.clock import parse_time
from harvester.ground.counted import counted
from harvester.ground.errors import SourceError
from harvester.library import OpenWindow, SourceState
from harvester.sources.desk import Harvest, close_harvest, describe_records, keep_harvest, keep_records
from harvester.sources.pubmed.client import Fetched, PubmedClient, Search
from harvester.studies.integrate import integrate

SOURCE = "pubmed"
# Records that become durable together: five requests, so that a run that is killed loses a few seconds' work.
PORTION = 1_000
# A paper that came less than this ago, for the same window, is not asked for again.  Whatever PubMed revised in
# between is listed again by the next runs, whose windows overlap by days.
HELD_FOR = timedelta(hours=24)
# Papers of a window that are no longer listed; if there are more, the query was changed, and they are let be.
_ASKED_FOR = 200
_SHOWN = 20  # PMIDs named in a line; the log has all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which days a harvest asks for, both included."""

    since: date
    until: date


@dataclass(slots=True, kw_only=True)
class _Account:
    """What became of the papers that one search listed."""

    search: Search
    fetched: int = 0
    held: int = 0
    deleted: int = 0
    unreadable: tuple[str, ...] = ()
    unaccounted: tuple[str, ...] = ()

    def add(self, fetched: Fetched) -> None:
        """Count what came of a portion."""
        listed = set(self.search.pmids)
        self.fetched += len(listed.intersection(record.source_key for record in fetched.records)) + len(fetched.merged)
        self.deleted += len(listed.intersection(fetched.deleted))
        self.unreadable += tuple(bad.pmid for bad in fetched.bad if bad.pmid in listed)
        self.unaccounted += fetched.missing

    def as_dict(self) -> dict[str, Any]:
        """Give it for the search log."""
        return {
            "url": self.search.url,
            "term": self.search.term,
            "translation": self.search.translation,
            "count": self.search.count,
            "fetched": self.fetched,
            "held": self.held,
            "deleted": self.deleted,
            "unreadable": list(self.unreadable),
            "unaccounted": list(self.unaccounted),
        }


def choose_window(
    settings: PubmedSettings, state: SourceState, *, now: datetime, since: date | None, until: date | None
) -> Window:
    """Say which days to ask PubMed for.

    Parameters
    ----------
    settings
        How far back the first run looks, and how far runs overlap.
    state
        Up to where PubMed was read.
    now
        The clock.
    since, until
        What the user asked for; None: what is due.

    Notes
    -----
    A run asks from its predecessor's last day, less the overlap, however long ago that was: a missed month is
    caught up.  One day is added at the end, because NCBI's days are those of US Eastern time and its clocks are
    not ours.  A clock that was set back asks for more, never for less.
    """
    today = now.astimezone(UTC).date()
    if since is None:
        if state.watermark is None:
            since = today - timedelta(days=settings.first_days)
            if state.open_window is not None:
                # The first run did not end well; what it was to read is still to be read.
                since = min(since, date.fromisoformat(state.open_window.since))
        else:
            since = min(date.fromisoformat(state.watermark), today) - timedelta(days=settings.overlap_days)
    return Window(since=since, until=until or today + timedelta(days=1))


def harvest_pubmed(
    harvest: Harvest,
    settings: PubmedSettings,
    client: PubmedClient,
    *,
    since: date | None,
    until: date | None,
) -> SourceReport:
    """Ask PubMed for what is due and keep it; a failure is in the report, not raised.

    The watermark moves only if every paper that PubMed listed is accounted for.
    """
    state = harvest.library.sources.state(SOURCE)
    window = choose_window(settings, state, now=harvest.now, since=since, until=until)
    report = SourceReport(
        name="PubMed",
        kind="pubmed",
        asked_at=harvest.at,
        answered=True,
        query=settings.query,
        window=(window.since.isoformat(), window.until.isoformat()),
    )
    opened = _open_window(harvest, state, window, settings.query)
    accounts: list[_Account] = []
    notes: list[str] = []
    error: str | None = None
    new = 0
    try:
        found = client.find(window.since, window.until, has_found=harvest.library.records.has_any(SOURCE))
        accounts = [_Account(search=search) for search in found]
        total = sum(account.search.count for account in accounts)
        for account in accounts:
            notes += [note for note in account.search.warnings if note not in notes]
            done = sum(earlier.fetched + earlier.held for earlier in accounts)
            came, error = _read_search(harvest, client, account, opened, notes, done=done, total=total)
            new += came
            if error is not None:
                break
    except SourceError as failure:
        error = str(failure)
    if error is None:
        try:
            _find_deleted(
                harvest, client, window, listed={pmid for account in accounts for pmid in account.search.pmids}
            )
        except SourceError as failure:
            notes.append(f"papers that are no longer listed could not be asked for: {failure}")
    lost = tuple(dict.fromkeys(pmid for account in accounts for pmid in account.unaccounted))
    unreadable = tuple(dict.fromkeys(pmid for account in accounts for pmid in account.unreadable))
    told = [error] if error is not None else []
    if lost:
        what = "unaccounted for" if error is not None else "that PubMed listed did not come"
        told.append(f"{counted(len(lost), 'record')} {what}: {_list(lost)}")
    if unreadable:
        told.append(f"{counted(len(unreadable), 'record')} came and could not be read: {_list(unreadable)}")
    error = "; ".join(told) or None
    report = replace(
        report,
        answered=error is None or any(account.fetched or account.held for account in accounts),
        received=sum(account.fetched for account in accounts),
        new=new,
        error=error,
        notes=tuple(notes),
        translation=accounts[0].search.translation if accounts else None,
    )
    moved = replace(state, open_window=None)
    if state.watermark is not None or any(account.search.count for account in accounts):
        # A first run that finds nothing has read nothing: the next one looks as far back again.
        moved = _moved(moved, window, is_current=until is None)
    return close_harvest(harvest, SOURCE, report, moved, searches=[account.as_dict() for account in accounts])


def _open_window(harvest: Harvest, state: SourceState, window: Window, query: str) -> OpenWindow:
    """Note which window is being read, or go on with the one that an earlier run did not finish."""
    held = state.open_window
    is_same = held is not None and held.since == window.since.isoformat() and held.query == query
    if held is not None and is_same and timedelta(0) <= harvest.now - parse_time(held.begun_at) < HELD_FOR:
        return held
    opened = OpenWindow(since=window.since.isoformat(), query=query, begun_at=harvest.at)
    begun = replace(state, open_window=opened)
    entry = {"kind": "harvest", "source": SOURCE, "state": asdict(begun), "report": None, "at": harvest.at}
    keep_harvest(harvest.library, entry)
    return opened


def _read_search(
    harvest: Harvest,
    client: PubmedClient,
    account: _Account,
    opened: OpenWindow,
    notes: list[str],
    *,
    done: int,
    total: int,
) -> tuple[int, str | None]:
    """Fetch what a search listed, portion by portion, each durable before the next.

    Gives how many studies are new, and why it ended early.
    """
    library, at = harvest.library, harvest.at
    new = 0
    pmids = account.search.pmids
    for start in range(0, len(pmids), PORTION):
        portion = pmids[start : start + PORTION]
        held = library.records.seen_since(SOURCE, portion, opened.begun_at)
        wanted = [pmid for pmid in portion if pmid not in held]
        account.held += len(held)
        if not wanted:
            continue
        answers = harvest.raw.mark()
        before = done + account.fetched + account.held

        def show(count: int, before: int = before) -> None:
            harvest.progress("PubMed", before + count, total)

        fetched = client.fetch(wanted, progress=show)
        entry = describe_records(SOURCE, harvest.raw.since(answers), fetched.records, deleted=fetched.deleted, at=at)
        keep_records(library, fetched.records, entry)
        new += integrate(library, harvest.vocabulary, at=at).new
        account.add(fetched)
        notes += [
            f"a record could not be read and was skipped: {bad.pmid or 'unknown'} ({bad.reason})" for bad in fetched.bad
        ]
        notes += [f"PubMed gives {got} for {asked}: it has merged the two" for asked, got in fetched.merged]
        if fetched.error is not None:
            account.unaccounted += pmids[start + PORTION :]
            return new, str(fetched.error)
    return new, None


def _find_deleted(harvest: Harvest, client: PubmedClient, window: Window, *, listed: set[str]) -> None:
    """Find out which papers of a window PubMed has deleted: it listed them once, and knows them no more.

    A deleted paper is not listed as deleted; it is not listed.  So is one that the query no longer finds (its
    record was revised, or the query was), which is therefore asked for by its PMID, by two programs of PubMed's: only
    what neither of them knows is taken for deleted.
    """
    library, at = harvest.library, harvest.at
    gone = sorted(library.records.created_between(SOURCE, window.since.isoformat(), window.until.isoformat()) - listed)
    if not gone or len(gone) > _ASKED_FOR:
        return
    known = client.search(" OR ".join(f"{pmid}[uid]" for pmid in gone))
    missing = sorted(set(gone).difference(known.pmids))
    if not missing:
        return
    fetched = client.fetch(missing)
    deleted = sorted({*fetched.deleted, *fetched.missing}) if fetched.error is None else []
    if deleted:
        keep_records(library, (), describe_records(SOURCE, (), (), deleted=deleted, at=at))
        integrate(library, harvest.vocabulary, at=at)


def _list(pmids: Sequence[str]) -> str:
    return ", ".join(pmids[:_SHOWN]) + (
        f" and {len(pmids) - _SHOWN} more (harvester log)" if len(pmids) > _SHOWN else ""
    )


def _moved(state: SourceState, window: Window, *, is_current: bool) -> SourceState:
    """Move a watermark to the end of a window, if the window joins what was read before or reaches today."""
    end = (window.until - timedelta(days=1)).isoformat()
    if state.watermark is None:
        return replace(state, watermark=end) if is_current else state
    joins = window.since.isoformat() <= state.watermark < end
    return replace(state, watermark=end) if joins else state
