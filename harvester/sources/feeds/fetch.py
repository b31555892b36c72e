"""Fetching feeds: asks only for what changed, and reports what a reader of the receipt should know.

Which feeds are asked at the same time is the caller's business; each call here is one request, perhaps repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harvester.ground.errors import FetchError
from harvester.ground.http import Answer, PoliteSession
from harvester.sources.feeds.gap import FeedGap, find_gap, remember
from harvester.sources.feeds.parse import Feed, parse_feed
from harvester.sources.feeds.settings import FeedSettings

__all__ = ["FeedGap", "FeedResult", "FeedState", "fetch_feed", "read_feed"]

_ACCEPT = "application/rss+xml, application/atom+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"
_GONE = 410
_WITHDRAWN = (
    "the publisher has withdrawn this feed; remove it from sources: feeds, and for a journal name it under"
    " sources: pubmed: journals"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the next asking needs to know of the last answers."""

    etag: str | None = None  # of the answer that we have, in the server's own words (RFC 9110, 8.8)
    last_modified: str | None = None  # likewise
    seen: tuple[str, ...] = ()  # the entries of the last whole answer, as `feed_gap.remember` names them
    newest: str | None = None  # ISO day of the newest of them, by the feed's own dates; None: undated

    @classmethod
    def from_json(cls, mark: Mapping[str, Any]) -> FeedState:
        """Make a state of what `dataclasses.asdict` made of one; fields that are left out are empty."""
        return cls(**{**mark, "seen": tuple(mark.get("seen", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedResult:
    """How asking a feed ended."""

    feed: Feed | None  # None: unchanged since the state that was given
    state: FeedState  # to be given the next time, once the records are kept
    warnings: tuple[str, ...] = ()  # readable lines for the receipt; the gap is not among them
    gap: FeedGap | None = None  # what the feed dropped since the last whole answer; None: nothing that we know of


def fetch_feed(
    http: PoliteSession, feed: FeedSettings, state: FeedState, *, save_raw: Callable[[str, Answer], None]
) -> FeedResult:
    """Ask a feed for what changed since a state.

    Parameters
    ----------
    http
        The session to ask with; its options limit time and size.
    feed
        Which feed.
    state
        The state of the last answer whose records are kept; an empty one asks for everything.
    save_raw
        Called with a name (``feed-NAME``) and each answer that has a body, before it is read.

    Returns
    -------
    FeedResult
        If the answer was damaged, its state has no ETag, so that the next run asks for all of it again; if it was
        cut, its state remembers the entries of the last whole one.

    Raises
    ------
    FetchError
        If no usable answer came.
    ParseError
        If the answer is no feed.
    """
    headers = {"Accept": _ACCEPT}
    if state.etag is not None:
        headers["If-None-Match"] = state.etag
    if state.last_modified is not None:
        headers["If-Modified-Since"] = state.last_modified
    try:
        answer = http.get(feed.url, headers=headers, source=f"feed:{feed.name}")
    except FetchError as error:
        if error.status != _GONE:
            raise
        raise FetchError(error.message, source=error.source, status=_GONE, advice=_WITHDRAWN) from error
    warnings = _describe_move(answer)
    if answer.status == 304:
        return FeedResult(feed=None, state=state, warnings=warnings)
    save_raw(f"feed-{feed.name}", answer)
    result = read_feed(answer, state, name=feed.name)
    return replace(result, warnings=(*warnings, *result.warnings))


def read_feed(answer: Answer, state: FeedState, *, name: str) -> FeedResult:
    """Read a feed's answer, and compare it with the last one.

    Parameters
    ----------
    answer
        With a body.
    state
        The state of the last answer whose records are kept; an empty one: there is none.
    name
        The feed's name in the settings.

    Raises
    ------
    ParseError
        If the answer is no feed.
    """
    parsed = parse_feed(answer.content, name=name, url=answer.url, content_type=answer.headers.get("Content-Type"))
    new = FeedState(seen=state.seen, newest=state.newest)
    if not (parsed.warnings or parsed.bad):
        new = replace(
            new, etag=answer.headers.get("ETag") or None, last_modified=answer.headers.get("Last-Modified") or None
        )
    if not parsed.is_whole:
        # It lacks its oldest entries: compared with the last answer, it would show a gap that is none.
        return FeedResult(feed=parsed, state=new, warnings=parsed.warnings)
    if not parsed.records:
        # What it showed before can still be compared when it fills again.
        emptied = ("the feed is empty; the last time it was not",) if state.seen else ()
        return FeedResult(feed=parsed, state=new, warnings=(*parsed.warnings, *emptied))
    newest = parsed.posted[-1] if parsed.posted else None
    return FeedResult(
        feed=parsed,
        state=replace(new, seen=remember(parsed.records), newest=newest),
        warnings=parsed.warnings,
        gap=find_gap(parsed, seen=state.seen, newest=state.newest),
    )


def _describe_move(answer: Answer) -> tuple[str, ...]:
    """Note that the server named a new address for good; a redirect for the time being is its own affair."""
    if answer.moved_to is None:
        return ()
    return (f"the feed has moved for good to {answer.moved_to}; put that address into the settings",)
