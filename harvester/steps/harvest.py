"""Ask the sources, and keep what they say.

Each source is asked by itself: one that fails is reported and does not stop the others.  What a source gave is
durable before its watermark moves; records and watermark are written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta

from harvester.classify import Vocabulary, is_on_topic
from harvester.clock import format_time
from harvester.config import FeedSettings, PubmedSettings
from harvester.digest import SourceReport
from harvester.errors import SourceError
from harvester.http import Answer, PoliteSession
from harvester.library import Library, SourceState
from harvester.raw import RawStore
from harvester.sources.feeds import FeedResult, FeedState, fetch_feed
from harvester.sources.pubmed import PubmedClient, Search
from harvester.steps.integrate import integrate

# Feeds come from as many hosts; this many at once keeps a run short when several of them hang until their time-out.
FEEDS_AT_ONCE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which days a harvest asks for, both included."""

    since: date
    until: date


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

    Each search of the window is durable before the next is fetched, so that a killed backfill goes on where it
    was.  The watermark moves only if every record that PubMed listed has come.
    """
    library, at = harvest.library, harvest.at
    state = library.sources.state("pubmed")
    window = choose_window(settings, state, now=harvest.now, since=since, until=until)
    report = SourceReport(
        name="PubMed",
        kind="pubmed",
        asked_at=at,
        answered=True,
        query=settings.query,
        window=(window.since.isoformat(), window.until.isoformat()),
    )
    searches: Sequence[Search] = ()
    error: str | None = None
    received = new = 0
    notes: list[str] = []
    try:
        searches = client.find(window.since, window.until)
        total = sum(len(search.pmids) for search in searches)
        for search in searches:
            notes += [note for note in search.warnings if note not in notes]
            fetched = client.fetch(search.pmids, progress=lambda count: harvest.progress("PubMed", count, total))
            with library.transaction():
                library.records.save(fetched.records, seen_at=at)
                library.records.mark_deleted("pubmed", fetched.deleted, at=at)
            new += integrate(library, harvest.vocabulary, at=at).new
            received += len(fetched.records)
            notes += [
                f"a record could not be read and was skipped: {bad.pmid or 'unknown'} ({bad.reason})"
                for bad in fetched.bad
            ]
            if fetched.error is not None:
                error = str(fetched.error)
                break
            if fetched.missing:
                shown = ", ".join(fetched.missing[:10]) + (", …" if len(fetched.missing) > 10 else "")
                error = f"PubMed listed {len(fetched.missing)} records that it did not give: {shown}"
    except SourceError as failure:
        error = str(failure)
    report = replace(
        report,
        answered=error is None,
        received=received,
        new=new,
        error=error,
        notes=tuple(notes),
        translation=searches[0].translation if searches else None,
    )
    return _close(harvest, "pubmed", report, _moved(state, window, is_current=until is None))


def _moved(state: SourceState, window: Window, *, is_current: bool) -> SourceState:
    """Move a watermark to the end of a window, if the window joins what was read before or reaches today."""
    end = (window.until - timedelta(days=1)).isoformat()
    if state.watermark is None:
        return replace(state, watermark=end) if is_current else state
    joins = window.since.isoformat() <= state.watermark < end
    return replace(state, watermark=end) if joins else state


def harvest_feeds(
    harvest: Harvest, feeds: Sequence[FeedSettings], open_session: Callable[[], PoliteSession]
) -> list[SourceReport]:
    """Ask feeds, several at once, and keep their entries on the topic; reports in the order of `feeds`."""
    library = harvest.library
    states = [library.sources.state(f"feed:{feed.name}") for feed in feeds]

    def ask(feed: FeedSettings, state: SourceState) -> tuple[FeedResult | None, str | None, list[tuple[str, Answer]]]:
        kept: list[tuple[str, Answer]] = []
        try:
            with open_session() as session:
                known = FeedState(etag=state.etag, last_modified=state.last_modified)
                result = fetch_feed(session, feed, known, save_raw=lambda name, answer: kept.append((name, answer)))
        except SourceError as failure:
            return None, str(failure), kept
        return result, None, kept

    reports = []
    with ThreadPoolExecutor(max_workers=FEEDS_AT_ONCE) as pool:
        for done, (feed, state, (result, error, kept)) in enumerate(
            zip(feeds, states, pool.map(ask, feeds, states), strict=True), start=1
        ):
            for name, answer in kept:
                harvest.raw.save(name, answer)
            reports.append(_keep_feed(harvest, feed, state, result, error))
            harvest.progress("feeds", done, len(feeds))
    return reports


def _keep_feed(
    harvest: Harvest, feed: FeedSettings, state: SourceState, result: FeedResult | None, error: str | None
) -> SourceReport:
    """Write what one feed gave."""
    source = f"feed:{feed.name}"
    report = SourceReport(name=feed.name, kind="feed", asked_at=harvest.at, answered=error is None, error=error)
    if result is None:
        return _close(harvest, source, report, state)
    state = replace(state, etag=result.state.etag, last_modified=result.state.last_modified)
    if result.feed is None:
        return _close(harvest, source, replace(report, unchanged=True, notes=result.warnings), state)
    on_topic = [record for record in result.feed.records if is_on_topic(record, harvest.vocabulary)]
    notes = [
        *result.warnings,
        *(f"an entry could not be read and was skipped: {bad.reason}" for bad in result.feed.bad),
    ]
    with harvest.library.transaction():
        harvest.library.records.save(on_topic, seen_at=harvest.at)
    new = integrate(harvest.library, harvest.vocabulary, at=harvest.at).new
    return _close(
        harvest,
        source,
        replace(report, received=len(result.feed.records), new=new, notes=tuple(notes)),
        state,
    )


def _close(harvest: Harvest, source: str, report: SourceReport, state: SourceState) -> SourceReport:
    """Write a source's new state and how the harvest went, in one transaction."""
    library = harvest.library
    if report.error is None:
        state = replace(state, last_answered=harvest.at, failing_since=None)
    else:
        before = library.sources.state(source)
        state = replace(before, failing_since=before.failing_since or harvest.at)
        report = replace(report, failing_since=state.failing_since)
    with library.transaction():
        library.sources.save_state(source, state)
        library.sources.add_harvest(source, asdict(report), at=harvest.at)
    return report
