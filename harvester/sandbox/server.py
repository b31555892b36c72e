"""The embedded NCBI, feed and mail servers: what the demo, the tests and experiments talk to.

::

    with Sandbox(now=datetime(2026, 11, 20, 6, tzinfo=UTC)) as box:
        box.pubmed_url            # http://127.0.0.1:PORT/entrez/eutils/
        box.feed_url("Anaesthesia & Mind Reports")
        box.smtp_host, box.smtp_port
        box.fail(Fault(path="efetch", kind="cut"))
        box.now += timedelta(days=7)

Real sockets on 127.0.0.1, so that the ordinary code runs unchanged.  Nothing is shared with the code under test.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType
from typing import Self

from harvester.sandbox.corpus import Corpus
from harvester.sandbox.eutils import Eutils
from harvester.sandbox.faults import WEB_KINDS, Fault, FaultBoard
from harvester.sandbox.feed_dialects import conditional, slug, write_feed
from harvester.sandbox.invented import build_invented
from harvester.sandbox.mailbox import MailServer, ReceivedMessage, SmtpOptions
from harvester.sandbox.responses import Answer, find_substitute, html_answer, invalid_key, rate_limited, spoil
from harvester.sandbox.web import Request, WebServer

_EUTILS = "/entrez/eutils/"
_FEEDS = "/feeds/"
_SECRETS = ("api_key",)
# NCBI's limits a second, without and with a key (NBK25497).  The window is a little shorter than a second, so that
# a client that keeps exactly to the limit is not refused for the jitter of two threads.
_LIMIT, _LIMIT_WITH_KEY = 3, 10
_WINDOW_SECONDS = 0.95
_RETRY_AFTER_SECONDS = 2  # as NCBI answers


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One HTTP request that came in, without secrets."""

    method: str
    path: str
    params: dict[str, str]  # secrets are ***
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """A feed of the user's own."""

    content: bytes
    content_type: str
    since: datetime


class Sandbox:
    """NCBI's E-utilities, feeds and an SMTP server on free ports of 127.0.0.1, as a context manager.

    Parameters
    ----------
    corpus
        What is served; None: the invented corpus around `now`.
    now
        The time at which the servers live (aware).  Set `now` later to see more of the corpus.
    api_key
        The one key that allows 10 requests a second; a wrong one is refused.  None: any key is taken.
    rate_limit
        Whether to refuse requests beyond NCBI's limits with 429.
    clock
        Returns the seconds by which these limits are counted.
    smtp
        Encryption and login of the mail server.
    port, smtp_port
        Ports to listen on; 0: free ones.
    """

    def __init__(
        self,
        corpus: Corpus | None = None,
        *,
        now: datetime,
        api_key: str | None = None,
        rate_limit: bool = True,
        clock: Callable[[], float] = monotonic,
        smtp: SmtpOptions | None = None,
        port: int = 0,
        smtp_port: int = 0,
    ) -> None:
        if now.tzinfo is None:
            raise ValueError("now must be an aware time")
        self.now = now
        self.corpus = build_invented(now) if corpus is None else corpus
        self.requests: list[LoggedRequest] = []
        self._api_key = api_key
        self._has_limit = rate_limit
        self._clock = clock
        self._recent: dict[str, deque[float]] = {}
        self._lock = threading.Lock()
        self._board = FaultBoard()
        self._eutils = Eutils(self.corpus)
        self._feeds = {slug(feed.name): feed for feed in self.corpus.feeds}
        self._documents: dict[str, _Document] = {}
        self._names = {slug(feed.name): feed.name for feed in self.corpus.feeds}
        self._smtp_options = smtp or SmtpOptions()
        self._ports = (port, smtp_port)

    def __enter__(self) -> Self:
        self._web = WebServer(self._respond, port=self._ports[0])
        try:
            self._mail = MailServer(self._board, self._smtp_options, port=self._ports[1])
        except OSError:
            self._web.close()
            raise
        self._web.start()
        self._mail.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._web.close()
        self._mail.close()

    @property
    def url(self) -> str:
        """The root of the HTTP server, with a slash at the end."""
        return f"http://127.0.0.1:{self._web.port}/"

    @property
    def pubmed_url(self) -> str:
        """The E-utilities' base address, for ``sources: pubmed: base_url``."""
        return f"http://127.0.0.1:{self._web.port}{_EUTILS}"

    @property
    def feed_names(self) -> tuple[str, ...]:
        """The names of all feeds."""
        return tuple(self._names.values())

    def feed_url(self, name: str) -> str:
        """Return a feed's address; KeyError for a name that is not in `feed_names`."""
        if slug(name) not in self._names:
            raise KeyError(name)
        return f"http://127.0.0.1:{self._web.port}{_FEEDS}{slug(name)}.xml"

    def serve_feed(self, name: str, content: bytes, *, content_type: str = "application/rss+xml") -> str:
        """Serve a feed of one's own under a name, as it is, with ETag and Last-Modified; return its address."""
        self._names[slug(name)] = name
        self._documents[slug(name)] = _Document(content=content, content_type=content_type, since=self.now)
        return self.feed_url(name)

    @property
    def smtp_host(self) -> str:
        """The mail server's host."""
        return "127.0.0.1"

    @property
    def smtp_port(self) -> int:
        """The mail server's port."""
        return self._mail.port

    @property
    def mailbox(self) -> list[ReceivedMessage]:
        """The messages received so far."""
        return self._mail.mailbox

    def fail(self, fault: Fault) -> None:
        """Play a fault; several are played in the order in which they were added."""
        self._board.add(fault)

    def clear_faults(self) -> None:
        """Play no fault any more."""
        self._board.clear()

    def _respond(self, request: Request) -> tuple[Answer, Fault | None]:
        self._log(request)
        name = request.path.removeprefix(_FEEDS).removesuffix(".xml") if request.path.startswith(_FEEDS) else ""
        limits: dict[str, str] = {}
        if request.path.startswith(_EUTILS):
            refusal, limits = self._admit(request.params)
            if refusal is not None:
                return replace(refusal, headers={**limits, **refusal.headers}), None
        taken = self._board.take(f"{request.path} feed:{self._names.get(name, name)}", kinds=WEB_KINDS)
        fault, played = taken if taken else (None, 0)
        answer = find_substitute(fault, request.path, as_json=_wants_json(request)) if fault else None
        if answer is None:
            answer = self._feed(name, request, fault, played) if name else self._program(request, fault, played)
        return replace(answer, headers={**limits, **answer.headers}), fault

    def _program(self, request: Request, fault: Fault | None, played: int) -> Answer:
        program = request.path.removeprefix(_EUTILS).removesuffix(".fcgi")
        if not request.path.startswith(_EUTILS) or "/" in program:
            return html_answer("404 Not Found", "There is nothing here.", status=404)
        vanished = 0
        if fault is not None and fault.kind == "history-expired":
            self._eutils.forget_history()
        if fault is not None and fault.kind == "count-changes":
            vanished = (fault.amount or 1) * (played + 1)
        if fault is not None and fault.kind == "count-grows":
            vanished = max(0, (fault.amount or 1) - played)
        today = self.now.astimezone(UTC).date()
        answer = self._eutils.answer(program, request.params, today, method=request.method, vanished=vanished)
        return spoil(fault, answer, played) if fault else answer

    def _feed(self, name: str, request: Request, fault: Fault | None, played: int) -> Answer:
        newest: datetime | None
        if name in self._documents:
            document = self._documents[name]
            answer, newest = Answer(body=document.content, content_type=document.content_type), document.since
        elif name in self._feeds:
            answer, newest = write_feed(self._feeds[name], self.now)
        else:
            return html_answer("404 Not Found", "There is no such feed.", status=404)
        answer = spoil(fault, answer, played) if fault else answer
        return conditional(answer, newest, request.headers)

    def _log(self, request: Request) -> None:
        params = {name: "***" if name in _SECRETS else value for name, value in request.params.items()}
        agent = request.headers.get("user-agent", "")
        with self._lock:
            self.requests.append(
                LoggedRequest(method=request.method, path=request.path, params=params, user_agent=agent)
            )

    def _admit(self, params: dict[str, str]) -> tuple[Answer | None, dict[str, str]]:
        """Count a request against NCBI's limit: a refusal if it is one too many, and the limit's headers."""
        key = params.get("api_key", "")
        if key and self._api_key is not None and key != self._api_key:
            return invalid_key(), {}
        limit = _LIMIT_WITH_KEY if key else _LIMIT
        if not self._has_limit:
            return None, {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(limit)}
        moment = self._clock()
        with self._lock:
            recent = self._recent.setdefault(key, deque())
            while recent and recent[0] <= moment - _WINDOW_SECONDS:
                recent.popleft()
            count = len(recent) + 1
            if count <= limit:
                recent.append(moment)
        headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(max(0, limit - count))}
        if count > limit:
            return rate_limited(limit=limit, count=count, retry_after=_RETRY_AFTER_SECONDS), headers
        return None, headers


def _wants_json(request: Request) -> bool:
    return request.params.get("retmode", "").lower() == "json"
