"""Ask the feeds, several at once, and keep their entries on the topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from harvester.config.settings import FeedSettings
from harvester.digest import SourceReport
from harvester.ground.errors import SourceError
from harvester.ground.http import Answer, PoliteSession
from harvester.library import SourceState
from harvester.sources.desk import Harvest, close_harvest, describe_records, keep_records
from harvester.sources.feeds.fetch import FeedResult, FeedState, fetch_feed
from harvester.sources.feeds.parse import Feed
from harvester.studies.integrate import integrate
from harvester.tagging import is_on_topic

# Feeds come from as many hosts; this many at once keeps a run short when several of them hang until their time-out.
FEEDS_AT_ONCE = 6


def harvest_feeds(
    harvest: Harvest, feeds: Sequence[FeedSettings], open_session: Callable[[], PoliteSession]
) -> list[SourceReport]:
    """Ask feeds and keep their entries on the topic; reports in the order of `feeds`."""
    states = [harvest.library.sources.state(f"feed:{feed.name}") for feed in feeds]

    def ask(feed: FeedSettings, state: SourceState) -> tuple[FeedResult | None, str | None, list[tuple[str, Answer]]]:
        kept: list[tuple[str, Answer]] = []
        try:
            with open_session() as session:
                known = FeedState(
                    etag=state.etag, last_modified=state.last_modified, seen=state.seen, newest=state.newest
                )
                result = fetch_feed(session, feed, known, save_raw=lambda name, answer: kept.append((name, answer)))
        except SourceError as failure:
            return None, str(failure), kept
        return result, None, kept

    reports = []
    with ThreadPoolExecutor(max_workers=FEEDS_AT_ONCE) as pool:
        for done, (feed, state, (result, error, kept)) in enumerate(
            zip(feeds, states, pool.map(ask, feeds, states), strict=True), start=1
        ):
            answers = [harvest.raw.save(name, answer) for name, answer in kept]
            reports.append(_keep_feed(harvest, feed, state, result, error, answers))
            harvest.progress("feeds", done, len(feeds))
    return reports


def _keep_feed(
    harvest: Harvest,
    feed: FeedSettings,
    state: SourceState,
    result: FeedResult | None,
    error: str | None,
    answers: Sequence[str],
) -> SourceReport:
    """Write what one feed gave."""
    source = f"feed:{feed.name}"
    report = SourceReport(name=feed.name, kind="feed", asked_at=harvest.at, answered=error is None, error=error)
    if result is None:
        return close_harvest(harvest, source, report, state)
    known = result.state
    state = replace(state, etag=known.etag, last_modified=known.last_modified, seen=known.seen, newest=known.newest)
    if result.feed is None:
        report = replace(report, unchanged=True, notes=result.warnings)
        return close_harvest(harvest, source, report, state, searches=[_account(feed, None)])
    on_topic = [record for record in result.feed.records if is_on_topic(record, harvest.vocabulary)]
    notes = [
        *result.warnings,
        *(f"an entry could not be read and was skipped: {bad.reason}" for bad in result.feed.bad),
        *([result.gap.describe()] if result.gap is not None else []),
    ]
    keep_records(harvest.library, on_topic, describe_records(source, answers, on_topic, at=harvest.at))
    new = integrate(harvest.library, harvest.vocabulary, at=harvest.at).new
    return close_harvest(
        harvest,
        source,
        replace(report, received=len(result.feed.records), new=new, notes=tuple(notes)),
        state,
        searches=[_account(feed, result.feed)],
    )


def _account(feed: FeedSettings, answer: Feed | None) -> dict[str, Any]:
    """Give what the search log says of a feed; None: it was unchanged."""
    counts: dict[str, Any] = {"count": None, "fetched": None, "unreadable": []}
    if answer is not None:
        read, bad = len(answer.records), [item.pmid or "an entry" for item in answer.bad]
        counts = {"count": read + len(bad), "fetched": read, "unreadable": bad}
    return {"url": feed.url, "term": None, "translation": None, **counts, "held": 0, "deleted": 0, "unaccounted": []}
