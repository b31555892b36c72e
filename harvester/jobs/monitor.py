"""Tell those whom `monitor:` names how runs end; whatever goes wrong with that, the run goes on as if they were not.

Each message is sent from a thread of its own, for a bounded time; the run waits for it at its end only, and not long.
What fails is one line on stderr.  Addresses are secrets, so that line names their host.  Addresses of readers are
left out of what is told.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.header import Header
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvester.config.secrets import LookUp, read_secret
from harvester.config.settings import MonitorSettings, check_http_url
from harvester.ground.errors import ConfigError, ExitCode, FetchError
from harvester.ground.http import HttpOptions, PoliteSession
from harvester.ground.secrets import mask_secrets

_log = logging.getLogger(__name__)

KINDS = ("ping", "ntfy", "webhook")
# A monitor that is slower than this misses a message, rather than a run its time.
OPTIONS = HttpOptions(
    connect_timeout=3, read_timeout=3, total_timeout=4, attempts=2, backoff_seconds=0.5, max_wait=1, max_bytes=1_000_000
)
_PATIENCE = 10.0  # seconds that the end of a run waits for all messages together
_MAX_BODY = 10_000  # bytes; healthchecks.io keeps so many, ntfy turns more than 4,096 into an attachment
_KUMA_MESSAGE = 200  # characters
_READER = re.compile(r"[^\s@<>:]+@(?=[\w-])")
# ntfy's priorities: 2 shows without sound, 3 is usual, 4 insists.
_PRIORITIES: dict[int, str] = {ExitCode.DONE: "2", ExitCode.UNAVAILABLE: "3", ExitCode.PARTIAL: "3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run ended."""

    command: str  # run, harvest or send
    exit: int
    told: tuple[str, ...]  # what it did and what failed, a line each
    failed: tuple[str, ...] = ()  # what failed: sources by name, "mail", "locked", …
    editions: tuple[str, ...] = ()  # those that were written: "2026-W48 weekly"
    sent: int = 0  # messages

    @property
    def summary(self) -> str:
        """What is told of it, without the addresses of readers and without secrets."""
        return _READER.sub("…@", mask_secrets("\n".join((f"exit {self.exit}", *self.told))))


def read_addresses(settings: MonitorSettings, look_up: LookUp) -> tuple[dict[str, str], list[str]]:
    """Return the addresses of a monitor by their kind, and what is wrong with those that cannot be had, a line each."""
    addresses: dict[str, str] = {}
    mistakes: list[str] = []
    for kind in KINDS:
        written, name, file = (getattr(settings, field) for field in (kind, f"{kind}_env", f"{kind}_file"))
        try:
            address = written.get_secret_value() if written else read_secret(name, file, look_up=look_up)
            if address is not None:
                addresses[kind] = check_http_url(address.strip())
            elif name is not None:
                mistakes.append(f"monitor.{kind}_env: the environment variable {name} is not set")
        except ConfigError as error:
            mistakes += [f"monitor.{kind}_file: {mistake}" for mistake in error.mistakes]
        except ValueError as error:
            mistakes.append(f"monitor.{kind}: what {name or file} holds is {error}")
    return addresses, mistakes


class Monitor:
    """Those who are told of one run; no method raises.

    Parameters
    ----------
    addresses
        By their kind.
    topic
        Of the digest, for whoever has several.
    open_session
        How they are reached, with the `OPTIONS` of this module.
    """

    def __init__(
        self,
        addresses: Mapping[str, str],
        *,
        topic: str,
        open_session: Callable[[], PoliteSession],
        warn: Callable[[str], None],
    ) -> None:
        self._addresses = addresses
        self._topic = " ".join(topic.split())
        self._open_session = open_session
        self._warn = warn
        self._threads: dict[str, Thread] = {}
        self._warned: set[str] = set()

    def begin(self) -> None:
        """Say that a run has begun; nobody waits for it."""
        url = self._addresses.get("ping")
        if url is not None and not _is_kuma(url):
            self._tell("ping", lambda session: session.post(_below(url, "start"), data=b""))

    def end(self, ending: Ending, *, news: str | None) -> None:
        """Say how a run ended, and wait until it is said, or for some seconds.

        Parameters
        ----------
        ending
            The addresses for a sign of life hear of `run` alone: a daily harvest must not hide that the weekly job
            does not run any more.
        news
            The title under which a person is to be told of it; None: there is no need.
        """
        ping, ntfy, webhook = (self._addresses.get(kind) for kind in KINDS)
        if ping is not None and ending.command == "run":
            self._tell("ping", lambda session: _ping(session, ping, ending))
        if ntfy is not None and news is not None:
            self._tell("ntfy", lambda session: self._notify(session, ntfy, ending, news))
        if webhook is not None:
            content = json.dumps(self.describe(ending), ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json"}
            self._tell("webhook", lambda session: session.post(webhook, data=content, headers=headers))
        deadline = time.monotonic() + _PATIENCE
        for kind, thread in self._threads.items():
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self._complain(kind, "did not answer in time")

    def describe(self, ending: Ending) -> dict[str, object]:
        """Return what the webhook is told of a run."""
        return {
            "program": "harvester",
            "topic": self._topic,
            "event": "success" if ending.exit == 0 else "failure",
            "command": ending.command,
            "exit": ending.exit,
            "summary": ending.summary,
            "editions": list(ending.editions),
            "sent": ending.sent,
            "failed": list(ending.failed),
        }

    def _notify(self, session: PoliteSession, url: str, ending: Ending, news: str) -> None:
        title = f"{self._topic}: {news}"
        headers = {
            # Header values are bytes of Latin-1, where ntfy takes the encoded words of mail (RFC 2047).
            "Title": title if title.isascii() else Header(title, "utf-8", maxlinelen=10_000).encode(),
            "Priority": _PRIORITIES.get(ending.exit, "4"),
            "Tags": "white_check_mark" if ending.exit == 0 else "warning",
        }
        session.post(url, data=_cut(ending.summary, 4_000), headers=headers)

    def _tell(self, kind: str, say: Callable[[PoliteSession], object]) -> None:
        """Begin to tell one of them something, after what was said to it before."""
        before = self._threads.get(kind)

        def work() -> None:
            if before is not None:
                before.join()
            try:
                with self._open_session() as session:
                    say(session)
            except FetchError as error:
                # Its cause says what happened without the address, of which even the path is secret.
                self._complain(kind, " ".join(str(error.__cause__ or "did not answer").split()))
            except Exception as error:  # noqa: BLE001 - nothing that a monitor does may touch the run
                self._complain(kind, f"cannot be told ({type(error).__name__})")

        thread = Thread(target=work, daemon=True)
        self._threads[kind] = thread
        thread.start()

    def _complain(self, kind: str, told: str) -> None:
        if kind not in self._warned:
            self._warned.add(kind)
            url = self._addresses[kind]
            place = urlsplit(url).hostname
            self._warn(f"monitor.{kind}: {place} {told.replace(url, '…')}; the run itself is not touched by that")


def _ping(session: PoliteSession, url: str, ending: Ending) -> None:
    if not _is_kuma(url):
        session.post(url if ending.exit == 0 else _below(url, "fail"), data=_cut(ending.summary, _MAX_BODY))
        return
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in ("status", "msg")]
    message = " · ".join(ending.summary.splitlines())[:_KUMA_MESSAGE]
    kept += [("status", "up" if ending.exit == 0 else "down"), ("msg", message)]
    session.get(urlunsplit(parts._replace(query=urlencode(kept))))


def _is_kuma(url: str) -> bool:
    return "/api/push/" in urlsplit(url).path


def _below(url: str, step: str) -> str:
    """Return an address with one more step of its path, before its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{step}"))


def _cut(text: str, size: int) -> bytes:
    """Return a text as UTF-8 of at most so many bytes."""
    return text.encode()[:size].decode("utf-8", "ignore").encode()


def warn(line: str) -> None:
    """Write a line to stderr, also of a quiet run: whoever has a monitor relies on it."""
    _log.error("%s", line)
