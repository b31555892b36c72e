"""Asking a feed for what changed, and comparing its answer with the last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harvester.ground.errors import FetchError
from harvester.ground.http import Answer, PoliteSession
from harvester.sources.feeds.gap import FeedGap, find_gap, remember
from harvester.sources.feeds.parse import Feed, parse_feed
from harvester.sources.feeds.settings import FeedSettings

_ACCEPT = "application/rss+xml, application/atom+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"
_GONE = 410
_WITHDRAWN = (
    "the publisher has withdrawn this feed; remove it from sources: feeds, and for a journal name it under"
    " sources: pubmed: journals"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the next request needs to know of the last answers."""

    etag: str | None = None  # of the answer that we have, in the server's own words (RFC 9110, 8.8)
    last_modified: str | None = None  # likewise
    seen: tuple[str, ...] = ()  # the entries of the last whole answer, as `gap.remember` names them
    newest: str | None = None  # ISO day of the newest of them, by the feed's own dates; None: undated

    @classmethod
    def from_json(cls, mark: Mapping[str, Any]) -> FeedState:
        """Return the state that `dataclasses.asdict` took apart; fields that are left out are empty."""
        return cls(**{**mark, "seen": tuple(mark.get("seen", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedResult:
    """What came of asking a feed."""

    feed: Feed | None  # None: unchanged since the last state
    state: FeedState  # for the next request, once the records are stored
    warnings: tuple[str, ...] = ()  # readable lines for the receipt; the gap is not among them
    gap: FeedGap | None = None  # what the feed dropped since the last whole answer; None: nothing that we know of


def fetch_feed(
    http: PoliteSession,
    feed: FeedSettings,
    state: FeedState,
    *,
    save_raw: Callable[[str, Answer], None],
    secret_url: str | None = None,
) -> FeedResult:
    """Ask a feed for what changed since a state.

    Parameters
    ----------
    state
        The state of the last answer whose records are stored; an empty one asks for everything.
    save_raw
        Called with a name (``feed-NAME``) and each answer that has a body, before it is read.
    secret_url
        Its address, where the settings only name the variable that holds it.

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
        answer = http.get(
            secret_url or feed.url or "",
            headers=headers,
            source=f"feed:{feed.name}",
            is_secret=secret_url is not None,
        )
    except FetchError as error:
        if error.status != _GONE:
            raise
        raise FetchError(error.message, source=error.source, status=_GONE, advice=_WITHDRAWN) from error
    warnings = _describe_move(answer)
    if answer.status == 304:
        return FeedResult(feed=None, state=state, warnings=warnings)
    save_raw(f"feed-{feed.name}", answer)
    result = _read_feed(answer, state, name=feed.name)
    return replace(result, warnings=(*warnings, *result.warnings))


def _read_feed(answer: Answer, state: FeedState, *, name: str) -> FeedResult:
    """Read a feed's answer, and compare it with the one whose state is given."""
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
    """Return a warning if the server named a new address for good; a temporary redirect is its own affair."""
    if answer.moved_to is None:
        return ()
    return (f"the feed has moved for good to {answer.moved_to}; put that address into the settings",)
