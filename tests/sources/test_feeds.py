"""Fetching feeds, from a real server on the loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from harvester.ground.errors import FetchError, ParseError
from harvester.ground.http import Answer, HttpOptions, PoliteSession
from harvester.jobs.job import read_settings
from harvester.sources.feeds.fetch import FeedResult, FeedState, fetch_feed
from harvester.sources.feeds.gap import FeedGap, remember
from harvester.sources.feeds.settings import FeedSettings

FEED = b'<rss version="2.0"><channel><title>Invented</title><item><title>One</title></item></channel></rss>'
OPTIONS = HttpOptions(
    connect_timeout=5, read_timeout=5, total_timeout=10, max_bytes=100_000, attempts=2, backoff_seconds=0.01
)

Respond = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A server whose pages are functions."""

    def __init__(self) -> None:
        self.pages: dict[str, Respond] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                outer.pages[self.path](self)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


def answer(status: int, body: bytes = b"", **headers: str) -> Respond:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return respond


def fetch(server: Server, path: str, state: FeedState | None = None) -> tuple[FeedResult, list[tuple[str, Answer]]]:
    saved: list[tuple[str, Answer]] = []
    with PoliteSession("harvester-test", options=OPTIONS) as session:
        result = fetch_feed(
            session,
            FeedSettings(name="Invented J", url=f"{server.url}{path}"),
            state or FeedState(),
            save_raw=lambda name, got: saved.append((name, got)),
        )
    return result, saved


def test_a_feed_is_read_saved_and_its_state_kept(server: Server) -> None:
    server.pages["/feed"] = answer(200, FEED, ETag='W/"1"', Last_Modified="Thu, 05 Nov 2026 06:00:00 GMT")
    result, saved = fetch(server, "/feed")
    assert result.feed is not None
    assert [record.title for record in result.feed.records] == ["One"]
    assert result.feed.records[0].source == "feed:Invented J"
    assert (result.state.etag, result.state.last_modified) == ('W/"1"', "Thu, 05 Nov 2026 06:00:00 GMT")
    assert result.state.seen == remember(result.feed.records) != ()
    assert (result.state.newest, result.gap) == (None, None)
    assert [(name, got.content) for name, got in saved] == [("feed-Invented J", FEED)]
    assert result.warnings == ()
    assert "application/rss+xml" in server.asked[0][1]["accept"]
    assert "if-none-match" not in server.asked[0][1]


def test_an_unchanged_feed_is_asked_for_with_its_state_and_gives_none(server: Server) -> None:
    state = FeedState(etag='"2"', last_modified="Thu, 05 Nov 2026 06:00:00 GMT")
    server.pages["/feed"] = answer(304)
    result, saved = fetch(server, "/feed", state)
    assert (result.feed, result.state, result.warnings, saved) == (None, state, (), [])
    headers = server.asked[0][1]
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('"2"', "Thu, 05 Nov 2026 06:00:00 GMT")


def test_a_server_without_validators_leaves_an_empty_state(server: Server) -> None:
    server.pages["/feed"] = answer(200, FEED)
    state = fetch(server, "/feed", FeedState(etag='"old"'))[0].state
    assert (state.etag, state.last_modified) == (None, None)


def test_a_damaged_feed_is_asked_for_again(server: Server) -> None:
    server.pages["/feed"] = answer(200, FEED[: FEED.index(b"</item>")], ETag='"3"')
    result, _ = fetch(server, "/feed")
    assert result.state == FeedState()
    assert any("not well-formed" in warning for warning in result.warnings)


@pytest.mark.parametrize(("status", "is_told"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
def test_only_a_feed_that_moved_for_good_is_told(server: Server, status: int, is_told: bool) -> None:
    server.pages["/old"] = answer(status, Location="/new")
    server.pages["/new"] = answer(200, FEED)
    result, _ = fetch(server, "/old")
    assert result.feed is not None
    assert (
        list(result.warnings)
        == [f"the feed has moved for good to {server.url}/new; put that address into the settings"] * is_told
    )


def test_a_feed_that_was_withdrawn_is_to_be_removed(server: Server) -> None:
    server.pages["/feed"] = answer(410)
    with pytest.raises(FetchError, match="withdrawn this feed; remove it from sources: feeds") as caught:
        fetch(server, "/feed")
    assert (caught.value.status, caught.value.source) == (410, "feed:Invented J")


def test_not_modified_without_having_been_asked_is_no_answer(server: Server) -> None:
    server.pages["/feed"] = answer(304)
    with pytest.raises(FetchError, match="without a condition"):
        fetch(server, "/feed")


def items(numbers: range) -> bytes:
    """Give a feed of entries of consecutive days."""
    entries = "".join(
        f"<item><title>Invented paper with the number {n}</title><link>https://example.org/{n}</link>"
        f"<pubDate>{n + 1:02d} Nov 2026 06:00:00 GMT</pubDate></item>"
        for n in reversed(numbers)
    )
    return f'<rss version="2.0"><channel><title>Invented</title>{entries}</channel></rss>'.encode()


def test_what_a_feed_dropped_since_the_last_answer_is_told(server: Server) -> None:
    server.pages["/feed"] = answer(200, items(range(5)))
    first, _ = fetch(server, "/feed")
    assert (first.state.newest, first.gap) == ("2026-11-05", None)
    server.pages["/feed"] = answer(200, items(range(15, 20)))
    second, _ = fetch(server, "/feed", first.state)
    assert second.gap == FeedGap(since="2026-11-05", until="2026-11-16", missed=10)
    assert second.state.newest == "2026-11-20"
    third, _ = fetch(server, "/feed", second.state)
    assert third.gap is None


@pytest.mark.parametrize("body", [items(range(15, 20))[:-40], items(range(0))], ids=["cut", "empty"])
def test_a_cut_or_empty_answer_shows_no_gap_and_the_last_whole_one_is_remembered(server: Server, body: bytes) -> None:
    server.pages["/feed"] = answer(200, items(range(5)))
    first, _ = fetch(server, "/feed")
    server.pages["/feed"] = answer(200, body)
    second, _ = fetch(server, "/feed", first.state)
    assert second.gap is None
    assert second.warnings != ()
    assert (second.state.seen, second.state.newest) == (first.state.seen, "2026-11-05")
    server.pages["/feed"] = answer(200, items(range(15, 20)))
    third, _ = fetch(server, "/feed", second.state)
    assert third.gap is not None


def test_a_feed_that_was_always_empty_is_nothing_to_tell(server: Server) -> None:
    server.pages["/feed"] = answer(200, items(range(0)))
    result, _ = fetch(server, "/feed")
    assert (result.warnings, result.gap, result.state.seen) == ((), None, ())


def test_a_captcha_page_is_an_error_and_is_saved_for_looking(server: Server) -> None:
    server.pages["/feed"] = answer(200, b"<html><head><title>Just a moment...</title></head></html>")
    saved: list[str] = []
    with PoliteSession("harvester-test", options=OPTIONS) as session, pytest.raises(ParseError, match="Just a moment"):
        fetch_feed(
            session,
            FeedSettings(name="Invented J", url=f"{server.url}/feed"),
            FeedState(),
            save_raw=lambda name, _: saved.append(name),
        )
    assert saved == ["feed-Invented J"]


@pytest.mark.parametrize("page", [answer(403), answer(404), answer(410), answer(500), answer(200, b" " * 200_000)])
def test_no_usable_answer_is_a_fetch_error(server: Server, page: Respond) -> None:
    server.pages["/feed"] = page
    with pytest.raises(FetchError) as caught:
        fetch(server, "/feed")
    assert caught.value.source == "feed:Invented J"


def test_the_shipped_settings_are_valid_and_their_feeds_are_those_meant() -> None:
    path = Path(__file__).parents[2] / "config.yaml"
    settings = read_settings(path)
    feeds = {feed.name: feed.url for feed in settings.sources.feeds}
    assert len(feeds) >= 25
    assert len(set(feeds.values())) == len(feeds)
    assert all(url.startswith("https://") for url in feeds.values())
    assert "/site_14/" in feeds["JAMA Psychiatry"]  # site_3 is JAMA
    assert not any("pubmed.ncbi" in url for url in feeds.values())  # a page, not a feed
    assert settings.sources.pubmed is not None
    assert "Br J Psychiatry" in settings.sources.pubmed.journals
    assert [digest.recipients for digest in settings.digests] == [()]
    query = settings.sources.pubmed.query
    assert query.count("(") == query.count(")")
    assert query.count('"') % 2 == 0
    raw = yaml.safe_load(path.read_text("utf-8"))
    assert set(raw) == {"topic", "contact", "timezone", "data", "editions", "vocabulary", "sources", "digests", "mail"}
