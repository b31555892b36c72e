"""Fetching feeds: asks only for what changed, and reports what a reader of the receipt should know.

Which feeds are asked at the same time is the caller's business; each call here is one request, perhaps repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from harvester.config import FeedSettings
from harvester.http import Answer, PoliteSession
from harvester.sources.feed_xml import Feed, parse_feed

_ACCEPT = "application/rss+xml, application/atom+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the server said of the answer that we have, in its own words (RFC 9110, 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedResult:
    """How asking a feed ended."""

    feed: Feed | None  # None: unchanged since the state that was given
    state: FeedState  # to be given the next time, once the records are kept
    warnings: tuple[str, ...] = ()  # readable lines for the receipt


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
        Its state is empty if the answer was damaged, so that the next run asks for all of it again.

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
    answer = http.get(feed.url, headers=headers, source=f"feed:{feed.name}")
    warnings = _describe_move(feed.url, answer.url)
    if answer.status == 304:
        return FeedResult(feed=None, state=state, warnings=warnings)
    save_raw(f"feed-{feed.name}", answer)
    parsed = parse_feed(answer.content, name=feed.name, url=answer.url, content_type=answer.headers.get("Content-Type"))
    is_damaged = bool(parsed.warnings or parsed.bad)
    return FeedResult(
        feed=parsed,
        state=FeedState() if is_damaged else _read_state(answer),
        warnings=(*warnings, *parsed.warnings),
    )


def _read_state(answer: Answer) -> FeedState:
    return FeedState(etag=answer.headers.get("ETag") or None, last_modified=answer.headers.get("Last-Modified") or None)


def _describe_move(asked: str, answered: str) -> tuple[str, ...]:
    """Note that another address answered; a query that was added or dropped is no move."""
    before, after = urlsplit(asked), urlsplit(answered)
    if (before.scheme, before.netloc, before.path) == (after.scheme, after.netloc, after.path):
        return ()
    return (f"the feed answered from {answered}; if it has moved for good, put that address into the settings",)
