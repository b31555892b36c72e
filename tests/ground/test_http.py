"""The polite session, against a real server on loopback that behaves badly in every way we know."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import threading
import tracemalloc
import zlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme

from harvester.ground import connections
from harvester.ground.errors import FetchError
from harvester.ground.http import Answer, HttpOptions, PoliteSession, RetryableError
from harvester.ground.secrets import mask_secrets, note_secret
from tests.scripted_server import Reply, Script, Seen, serve

QUICK = HttpOptions(
    connect_timeout=1, read_timeout=0.3, total_timeout=0.6, attempts=3, backoff_seconds=0.01, max_wait=0.3
)
# Where no time-out is the matter, a machine that is busy must not run into one.
PATIENT = replace(QUICK, connect_timeout=20, read_timeout=20, total_timeout=20)


def get(script: Script, *, options: HttpOptions = PATIENT) -> tuple[Answer, int]:
    """Fetch once; give the answer and how many requests it took."""
    with serve(script) as server, PoliteSession("harvester/test", options=options) as http:
        answer = http.get(server.url + "page", source="feed:Invented")
        return answer, len(server.seen)


def fail(script: Script, *, options: HttpOptions = PATIENT) -> tuple[FetchError, int]:
    """Fetch once in vain; give the error and how many requests it took."""
    with serve(script) as server, PoliteSession("harvester/test", options=options) as http:
        with pytest.raises(FetchError) as caught:
            http.get(server.url + "page", source="feed:Invented")
        return caught.value, len(server.seen)


def test_an_answer_has_what_came_and_when() -> None:
    before = datetime.now(UTC)
    answer, asked = get([Reply(body=b"words", headers={"ETag": '"1"'})])
    assert (answer.content, answer.status, answer.headers["etag"], asked) == (b"words", 200, '"1"', 1)
    assert before <= answer.fetched_at <= datetime.now(UTC)


def test_the_session_says_who_asks_and_sends_what_it_is_given() -> None:
    with serve([Reply()]) as server, PoliteSession("harvester/1 (+mailto:you@example.org)") as http:
        http.get(server.url, params={"a": "1"}, headers={"If-None-Match": '"x"'})
        http.post(server.url, data={"id": "1,2"})
        first, second = server.seen
    assert first.headers["user-agent"] == "harvester/1 (+mailto:you@example.org)"
    assert (first.method, first.query, first.headers["if-none-match"]) == ("GET", {"a": "1"}, '"x"')
    assert (second.method, second.form) == ("POST", {"id": "1,2"})


def test_not_modified_is_an_answer() -> None:
    with serve([Reply(status=304)]) as server, PoliteSession("t", options=QUICK) as http:
        answer = http.get(server.url, headers={"If-None-Match": '"1"'})
        assert (answer.status, answer.content, len(server.seen)) == (304, b"", 1)


def test_not_modified_is_no_answer_to_whom_has_nothing() -> None:
    error, asked = fail([Reply(status=304)])
    assert (error.status, asked) == (304, QUICK.attempts)
    assert "without a condition" in error.message


@pytest.mark.parametrize(
    "bad",
    [
        Reply(status=429),
        Reply(status=408),
        Reply(status=500),
        Reply(status=502, body=b"<html>Bad Gateway</html>"),
        Reply(status=503),
        Reply(reset=True),
        Reply(hang=0.5),
        Reply(body=b"half of", length=100),
        Reply(body=b"not gzip at all", headers={"Content-Encoding": "gzip"}),
        Reply(body=gzip.compress(b"cut while packed" * 100)[:30], headers={"Content-Encoding": "gzip"}, length=500),
    ],
    ids=["429", "408", "500", "502", "503", "reset", "hang", "cut", "not-gzip", "cut-gzip"],
)
def test_what_may_be_cured_is_tried_again(bad: Reply) -> None:
    answer, asked = get([bad, Reply(body=b"whole")], options=QUICK)
    assert (answer.content, asked) == (b"whole", 2)


@pytest.mark.parametrize(
    ("bad", "status", "words"),
    [
        (Reply(status=503), 503, "answered 503 Service Unavailable"),
        (Reply(reset=True), None, "broke the connection"),
        (Reply(hang=0.5), None, "was silent for 0.3 s"),
        (Reply(body=b"half of", length=100), None, "cut its answer short"),
        (
            Reply(body=b"no gzip at all", headers={"Content-Encoding": "gzip"}),
            None,
            "sent a body that cannot be unpacked",
        ),
        (Reply(body=b"x" * 100, drip=0.02), None, "did not finish its answer within 0.6 s"),
    ],
    ids=["503", "reset", "hang", "cut", "not-gzip", "drip"],
)
def test_the_number_of_tries_is_bounded_and_the_error_readable(bad: Reply, status: int | None, words: str) -> None:
    error, asked = fail([bad], options=QUICK)
    assert asked == QUICK.attempts
    assert (error.status, error.source) == (status, "feed:Invented")
    assert words in error.message
    assert "/page" in error.message
    assert "(3 tries)" in error.message


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "answered 400"),
        (401, "a login"),
        (403, "sources.pubmed.journals"),
        (404, "the address is gone"),
        (410, "withdrawn for good"),
        (451, "answered 451"),
    ],
)
def test_what_cannot_be_cured_is_asked_once(status: int, words: str) -> None:
    error, asked = fail([Reply(status=status)])
    assert asked == 1
    assert error.status == status
    assert words in str(error)


def test_a_body_is_given_up_at_the_limit_of_bytes() -> None:
    options = HttpOptions(max_bytes=100_000)
    error, asked = fail([Reply(body=b"x" * 200_000, length=-1)], options=options)
    assert "more than 0.1 MB" in error.message
    assert asked == 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_small_body_that_unpacks_to_a_huge_one_is_stopped_early(encoding: str) -> None:
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    bomb = pack(b"\0" * 100_000_000)
    options = HttpOptions(max_bytes=1_000_000)
    tracemalloc.start()
    try:
        error, asked = fail([Reply(body=bomb, headers={"Content-Encoding": encoding})], options=options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "more than 1 MB" in error.message
    assert asked == 1
    assert peak < 10_000_000  # a tenth of what it would unpack to


def test_a_body_of_exactly_the_limit_is_taken() -> None:
    answer, _ = get([Reply(body=b"x" * 1000)], options=HttpOptions(max_bytes=1000))
    assert len(answer.content) == 1000


def test_a_body_longer_than_its_stated_length_is_cut_there_and_no_error() -> None:
    # HTTP has no way of telling this from a correct answer; the parsers notice.
    answer, _ = get([Reply(body=b"<a></a>", length=3)])
    assert answer.content == b"<a>"


def test_a_chunked_and_packed_body_is_read() -> None:
    packed = gzip.compress(b"words " * 1000)
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (packed[:10], packed[10:])) + b"0\r\n\r\n"
    headers = {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"}
    answer, _ = get([Reply(body=chunks, headers=headers, length=-1)])
    assert answer.content == b"words " * 1000


def test_a_chunked_body_without_its_end_is_cut() -> None:
    body = b"5\r\nwords\r\n"
    error, asked = fail([Reply(body=body, headers={"Transfer-Encoding": "chunked"}, length=-1)])
    assert "cut its answer short" in error.message
    assert asked == QUICK.attempts


def waited_between(reply: Reply, *, options: HttpOptions) -> float:
    """Give the seconds between a first request, answered so, and the second."""
    with serve([reply, Reply()]) as server, PoliteSession("harvester/test", options=options) as http:
        http.get(server.url)
        return server.seen[1].at - server.seen[0].at


HASTY = HttpOptions(backoff_seconds=0.01)  # so that any longer wait is the server's wish


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_waited_for(status: int) -> None:
    wait = waited_between(Reply(status=status, headers={"Retry-After": "1"}), options=HASTY)
    assert wait >= 1


def test_retry_after_as_a_date_is_measured_by_the_servers_clock() -> None:
    def answer(seen: object) -> Reply:
        now = datetime.now(UTC).replace(microsecond=0)
        dates = {"Date": format_datetime(now, usegmt=True)}
        dates["Retry-After"] = format_datetime(now + timedelta(seconds=1), usegmt=True)
        return Reply(status=429, headers=dates) if len(server.seen) == 1 else Reply()

    with serve(answer) as server, PoliteSession("harvester/test", options=HASTY) as http:
        http.get(server.url)
        wait = server.seen[1].at - server.seen[0].at
    assert wait >= 0.9


def test_retry_after_is_never_waited_for_longer_than_the_limit() -> None:
    # That this test ends at all shows the limit.
    reply = Reply(status=429, headers={"Retry-After": "3600"})
    assert waited_between(reply, options=HttpOptions(max_wait=0.2)) >= 0.2


@pytest.mark.parametrize("text", ["Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-5", ""])
def test_retry_after_in_the_past_or_garbled_does_no_harm(text: str) -> None:
    answer, asked = get([Reply(status=429, headers={"Retry-After": text}), Reply(body=b"whole")])
    assert (answer.content, asked) == (b"whole", 2)


def test_waits_grow_from_try_to_try() -> None:
    options = HttpOptions(attempts=4, backoff_seconds=0.1, max_wait=5)
    with serve([Reply(status=500)]) as server, PoliteSession("harvester/test", options=options) as http:
        with pytest.raises(FetchError):
            http.get(server.url)
        times = [seen.at for seen in server.seen]
    waits = [after - before for before, after in itertools.pairwise(times)]
    # Each is between half and the whole of 0.1, 0.2, 0.4 s.
    assert [wait >= least for wait, least in zip(waits, (0.05, 0.1, 0.2), strict=True)] == [True] * 3


def test_requests_keep_their_distance_also_when_tried_again() -> None:
    options = HttpOptions(attempts=2, backoff_seconds=0, min_interval=0.15)
    with serve([Reply(status=500), Reply()]) as server, PoliteSession("harvester/test", options=options) as http:
        http.get(server.url)
        http.get(server.url)
        times = [seen.at for seen in server.seen]
    assert len(times) == 3
    assert all(after - before >= 0.13 for before, after in itertools.pairwise(times))


def test_the_pace_can_be_slowed_and_never_quickened() -> None:
    with PoliteSession("harvester/test", options=HttpOptions(min_interval=0.1)) as http, serve([Reply()]) as server:
        http.pace(0.01)
        http.get(server.url)
        http.get(server.url)
        http.pace(0.3)
        http.get(server.url)
        http.get(server.url)
        times = [seen.at for seen in server.seen]
    assert times[1] - times[0] >= 0.08
    assert times[3] - times[2] >= 0.28


def test_a_used_up_rate_is_one_pause() -> None:
    used_up = Reply(headers={"X-RateLimit-Remaining": "0"})
    with serve([used_up, Reply(), Reply()]) as server, PoliteSession("harvester/test") as http:
        for _ in range(3):
            http.get(server.url)
        times = [seen.at for seen in server.seen]
    assert times[1] - times[0] >= 0.9
    assert times[2] - times[1] < times[1] - times[0]


def test_an_answer_that_is_not_accepted_is_asked_for_again() -> None:
    def accept(answer: Answer) -> None:
        if b"good" not in answer.content:
            raise RetryableError("holds nothing good", status=answer.status)

    with serve([Reply(body=b"bad"), Reply(body=b"good")]) as server, PoliteSession("t", options=QUICK) as http:
        assert http.post(server.url, accept=accept).content == b"good"
        assert len(server.seen) == 2
    with serve([Reply(body=b"bad")]) as server, PoliteSession("t", options=QUICK) as http:
        with pytest.raises(FetchError, match="holds nothing good") as caught:
            http.get(server.url, accept=accept)
        assert len(server.seen) == QUICK.attempts
    assert caught.value.status == 200


def test_a_get_follows_redirects_and_says_where_it_ended() -> None:
    def answer(seen: object) -> Reply:
        first = len(server.seen) == 1
        return Reply(status=301, headers={"Location": "/new?token=abc"}) if first else Reply(body=b"here")

    with serve(answer) as server, PoliteSession("t", options=QUICK) as http:
        answer_ = http.get(server.url)
    assert answer_.content == b"here"
    assert answer_.url.endswith("/new?token=…")
    assert answer_.moved_to == answer_.url


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((), None),
        ((302,), None),
        ((301,), "1"),
        ((308, 301), "2"),
        ((301, 302), "1"),
        ((307, 301), None),
        ((303,), None),
    ],
)
def test_only_a_permanent_redirect_gives_a_new_address(statuses: tuple[int, ...], moved: str | None) -> None:
    def answer(seen: Seen) -> Reply:
        step = int(seen.path.strip("/") or 0)
        if step == len(statuses):
            return Reply(body=b"here")
        return Reply(status=statuses[step], headers={"Location": f"/{step + 1}"})

    with serve(answer) as server, PoliteSession("t", options=QUICK) as http:
        found = http.get(server.url)
        assert found.moved_to == (None if moved is None else f"{server.url}{moved}")


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (
            b'{"error":"API key invalid","api-key":"s3cret"}',
            "application/json",
            "answered 400 Bad Request ('API key invalid')",
        ),
        (b"<r><ERROR>ID list is\nempty</ERROR></r>", "text/xml", "answered 400 Bad Request ('ID list is empty')"),
        (b"<html><title>Error</title><message>x</message></html>", "text/html", "answered 400 Bad Request"),
        (b"", "text/plain", "answered 400 Bad Request"),
    ],
)
def test_the_reason_of_a_refusal_is_told(body: bytes, kind: str, words: str) -> None:
    error, _ = fail([Reply(status=400, body=body, headers={"Content-Type": kind})])
    assert error.message.endswith(words)
    assert "s3cret" not in str(error)


def test_a_server_may_have_statuses_that_another_try_cures() -> None:
    with serve([Reply(status=400), Reply(body=b"here")]) as server, PoliteSession("t", options=QUICK) as http:
        assert http.post(server.url, data={"id": "1"}, again=(400,)).content == b"here"


def test_a_circle_of_redirects_is_an_error() -> None:
    error, asked = fail([Reply(status=302, headers={"Location": "/page"})])
    assert "redirects" in error.message
    assert asked == 6


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://[bad/", "redirects to an address that cannot be read"),
        ("http://127.0.0.1:99999999/", "redirects to an address that cannot be read"),
        ("http://:80/x", "redirects to an address that cannot be read"),
        (f"http://{'a' * 70}.example/", "redirects to an address that cannot be read"),
        ("http://exa mple.org:x/", "redirects to an address that cannot be read"),
        ("file:///etc/passwd", "redirects to an address of file:"),
        ("ftp://127.0.0.1/x", "redirects to an address of ftp:"),
        ("gopher://127.0.0.1/x", "redirects to an address of gopher:"),
        ("data:text/xml,<rss/>", "redirects to an address of data:"),
    ],
)
def test_a_redirect_to_no_address_is_an_error_at_once(target: str, words: str) -> None:
    error, asked = fail([Reply(status=302, headers={"Location": target})])
    assert words in error.message
    assert asked == 1


INSIDE = ["169.254.169.254", "10.0.0.1", "192.168.1.1", "[fe80::1]", "[fd00::1]", "0.0.0.0", "100.64.0.1", "[::1]"]


@pytest.mark.parametrize("host", [*INSIDE, "2130706434", "0x7f000002", "127.2", "[::ffff:127.0.0.2]"])
def test_a_redirect_to_another_machine_within_is_refused_unasked(host: str) -> None:
    """Also from a server that is itself within: it may stay where the settings led, and go no further."""
    error, asked = fail([Reply(status=301, headers={"Location": f"http://{host}:1/latest/meta-data/"})])
    assert "is within this machine's own network" in error.message
    assert "put the new address into the settings" in str(error)
    assert asked == 1


def test_a_server_within_may_redirect_to_itself() -> None:
    with serve([Reply(body=b"here")]) as other:
        answer, _ = get([Reply(status=302, headers={"Location": other.url})])
    assert answer.content == b"here"


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the address of the servers of these tests for one of the public internet."""
    monkeypatch.setattr(connections, "is_public", lambda address: address == "127.0.0.1")


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("host", [*INSIDE, "2130706434", "localhost"])
def test_a_public_server_cannot_redirect_within(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = socket.getaddrinfo

    def resolve(name: str, *rest: object, **options: object) -> object:
        return known("::1" if name == "localhost" else name, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error, asked = fail([Reply(status=302, headers={"Location": f"http://{host}:1/"})])
    assert "is within this machine's own network" in error.message
    assert asked == 1


@pytest.mark.usefixtures("outside")
def test_a_public_server_may_redirect_to_another() -> None:
    with serve([Reply(body=b"here")]) as other:
        answer, _ = get([Reply(status=302, headers={"Location": other.url})])
    assert answer.content == b"here"


@pytest.mark.usefixtures("outside")
def test_a_name_that_changes_its_address_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is public when it is looked up, and within when it is connected: what counts is the connection."""
    answers: list[str] = []
    known = socket.getaddrinfo

    def resolve(name: str, *rest: object, **options: object) -> object:
        if name == "rebound.example":
            answers.append(name)
            name = "127.0.0.1" if len(answers) == 1 else "::1"
        return known(name, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as within:
        within.settimeout(2)
        port = within.getsockname()[1]
        error, _ = fail([Reply(status=302, headers={"Location": f"http://rebound.example:{port}/admin"})])
        assert "rebound.example, which is within this machine's own network (::1)" in error.message
        connection, _ = within.accept()
        with connection:
            assert connection.recv(100) == b""


def test_a_server_that_drips_its_headers_is_given_up() -> None:
    """No time-out of sockets bounds them, because each byte begins it anew."""
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not over.wait(0.05):
                    connection.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        with PoliteSession("t", options=replace(QUICK, attempts=1)) as http, pytest.raises(FetchError) as caught:
            http.get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        over.set()
        thread.join()
    assert "did not finish its answer within 0.6 s" in caught.value.message


def test_all_tries_of_a_request_share_one_budget() -> None:
    options = replace(QUICK, attempts=50, budget=1.0)
    error, asked = fail([Reply(body=b"x" * 1000, drip=0.05)], options=options)
    assert "did not finish its answer" in error.message
    assert f"({asked} tries)" in error.message
    assert 2 <= asked <= 4


def test_a_wait_that_the_budget_does_not_hold_is_not_waited() -> None:
    error, asked = fail(
        [Reply(status=503, headers={"Retry-After": "50"})], options=replace(QUICK, budget=1.0, max_wait=60)
    )
    assert (asked, error.status) == (1, 503)


def test_a_post_does_not_follow_redirects_which_would_drop_its_form() -> None:
    moved = Reply(status=301, headers={"Location": "https://example.org/new"})
    with serve([moved]) as server, PoliteSession("t", options=QUICK) as http:
        with pytest.raises(FetchError, match=r"it has moved to https://example\.org/new"):
            http.post(server.url, data={"id": "1"})
        assert len(server.seen) == 1


def test_a_refused_connection_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with PoliteSession("t", options=QUICK) as http, pytest.raises(FetchError, match="refused the connection"):
        http.get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "http://", "nonsense", "http://127.0.0.1:99999/"])
def test_an_address_that_cannot_be_asked_is_an_error_at_once(url: str) -> None:
    with PoliteSession("t", options=HttpOptions(backoff_seconds=60)) as http, pytest.raises(FetchError):
        http.get(url)


def test_a_server_on_this_machine_is_reached_without_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    answer, _ = get([Reply(body=b"direct")])
    assert answer.content == b"direct"


def test_secrets_stay_out_of_errors_and_answers() -> None:
    with serve([Reply(body=b"fine"), Reply(status=500)]) as server, PoliteSession("t", options=QUICK) as http:
        url = server.url.replace("http://", "http://user:hunter2@") + "x?api_key=s3cret"
        assert "s3cret" not in http.get(url).url
        with pytest.raises(FetchError) as caught:
            http.get(url, params={"token": "s3cret"})
    text = f"{caught.value} {caught.value!r}"
    assert "s3cret" not in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("db=pubmed&api_key=abc&term=x", "db=pubmed&api_key=…&term=x"),
        ('{"api-key":"1.2.3.4","count":"4"}', '{"api-key":"…","count":"4"}'),
        ("https://me:pw@example.org/", "https://…@example.org/"),
        ("keyboard=azerty monkey=1", "keyboard=azerty monkey=1"),
    ],
)
def test_masking(text: str, masked: str) -> None:
    assert mask_secrets(text) == masked
    assert mask_secrets(masked) == masked


def test_an_authority_of_ones_own_is_trusted_where_it_is_named(tmp_path: Path) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    bundle, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    authority.cert_pem.write_to_path(bundle)
    stranger.cert_pem.write_to_path(other)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with serve([Reply(body=b"here")], tls=tls) as server:
        with PoliteSession("t", options=QUICK, ca_bundle=bundle) as http:
            assert http.get(server.url).content == b"here"
        for wrong in (None, other):
            with PoliteSession("t", options=QUICK, ca_bundle=wrong) as http, pytest.raises(FetchError) as caught:
                http.get(server.url)
            assert "has no valid certificate" in caught.value.message
            assert "ca_bundle" in str(caught.value)


def test_a_bundle_adds_to_the_usual_authorities(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(bundle)
    usual = connections.trust(None).cert_store_stats()["x509_ca"]
    assert connections.trust(bundle).cert_store_stats()["x509_ca"] == usual + 1


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("https://example.org/feed?rsskey=abc&page=2", "https://example.org/feed?rsskey=…&page=2"),
        ("https://example.org/feed?a=1&userToken=abc#x", "https://example.org/feed?a=1&userToken=…#x"),
        ("https://example.org/feed?sig=abc;sid=def", "https://example.org/feed?sig=…;sid=…"),
        ("https://example.org/a/0a1b2c3d4e5f6a7b8c9d/feed.xml", "https://example.org/a/…/feed.xml"),
        ("https://example.org/a?0a1b2c3d4e5f6a7b8c9d", "https://example.org/a?…"),
        ("https://me@example.org/feed", "https://…@example.org/feed"),
        ("https://example.org/rss/123e4567-e89b-12d3-a456-426614174000", "https://example.org/rss/…"),
    ],
)
def test_what_looks_like_a_secret_in_an_address_is_masked(address: str, masked: str) -> None:
    assert mask_secrets(f"asked {address}, in vain") == f"asked {masked}, in vain"


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/journals/psychopharmacology-of-today-2026/rss?format=atom&keyword=ketamine&author=Smith",
        "https://example.org/article/S0140-6736(26)01234-5/fulltext?page=20261127",
        "https://doi.org/10.1016/j.jad.2026.01.123",
        "https://pubmed.ncbi.nlm.nih.gov/40000001/",
    ],
)
def test_what_is_no_secret_is_told(address: str) -> None:
    assert mask_secrets(address) == address


def test_a_known_secret_is_masked_however_it_is_written() -> None:
    assert note_secret("p&ss wörd") == "p&ss wörd"
    assert note_secret(None) is None
    note_secret("a")  # too short to be told from a letter
    for spelling in ("p&ss wörd", "p%26ss%20w%C3%B6rd", "p%26ss+w%C3%B6rd", "p&amp;ss wörd"):
        assert mask_secrets(f"a login {spelling} was bad") == "a login … was bad"
    note_secret("https://example.org/club/feed?member=abcdefgh")
    assert mask_secrets("at https://example.org/club/feed?member=abcdefgh") == "at https://example.org/…"
    assert mask_secrets("at https://example.org/club/feed") == "at https://example.org/…"
    assert mask_secrets("no abcdefgh here") == "no … here"
