"""One polite HTTP session: time-outs, retries, rates, sizes, and where a redirect may lead.

It does not know what it fetches.  A request ends in an `Answer` or in a `FetchError`, after a bounded time and a
bounded number of bytes, whatever the other side does: refuses, resets, hangs, drips, cuts, lies about a length,
sends a small body that unpacks to a huge one, or redirects into the network that this machine stands in.
Why so: docs/decisions/http-client.md.
"""

from __future__ import annotations

import http.client
import random
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import requests
import tenacity
import urllib3
from requests.structures import CaseInsensitiveDict

from harvester.ground.connections import Connections, ForbiddenAddressError
from harvester.ground.errors import FetchError
from harvester.ground.secrets import hide_address, mask_bytes, mask_secrets

_READ_BYTES = 1 << 16  # taken from a connection at once, after unpacking
_RATE_WINDOW = 1.0  # seconds that a server's rate limit counts over, where it says that none remain (NCBI's: one)
_MAX_REDIRECTS = 5
_PERMANENT_REDIRECTS = frozenset((301, 308))  # the old address is not to be asked again (RFC 9110, 15.4)
_ADDRESS = re.compile(r"https?://[^\s;]+")
_RETRYABLE_STATUSES = frozenset((408, 425, 429))  # and every 5xx: a later try may cure them
_REASON_BYTES = 4_000  # read of the body of a refusal, for the reason that it may give
# Where JSON and XML say what is wrong, as NCBI and others write it.
_REASON = re.compile(
    r"\"(?:error|message|detail)\"\s*:\s*\"(?P<json>[^\"]+)\"|<(?:ERROR|error|message)>(?P<xml>[^<]+)<", re.IGNORECASE
)
_ADVICE = {
    401: "the server wants a login or a valid key",
    403: "the server refuses programs; for a journal, list it under sources.pubmed.journals instead",
    404: "the address is gone; look for the new one",
    406: "the server refuses programs; for a journal, list it under sources.pubmed.journals instead",
    410: "what was there has been withdrawn for good; look for a new address, or do without",
    414: "the request is too long",
    429: "too many requests; run again later",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """How long, how much, how often."""

    connect_timeout: float = 10.0  # seconds until a connection stands
    read_timeout: float = 30.0  # seconds of silence
    total_timeout: float = 120.0  # seconds for one try, from connecting to the last byte
    max_bytes: int = 64_000_000  # of a body, unpacked; 200 PubMed records are 2 to 6 million
    budget: float = 150.0  # seconds for one request with all its tries and the waits between them
    attempts: int = 4  # tries of one request, the first included
    backoff_seconds: float = 1.0  # before the second try; doubled before each further one
    max_wait: float = 60.0  # seconds waited before a try at most, whatever Retry-After says
    min_interval: float = 0.0  # seconds between the starts of two requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered."""

    url: str  # where it came from, after redirects, with secrets masked
    status: int  # 200 to 299, or 304
    headers: Mapping[str, str]  # looked up without regard to case
    content: bytes  # unpacked; empty for 304
    fetched_at: datetime  # aware UTC
    moved_to: str | None = None  # the address that the server says to ask from now on (301, 308), secrets masked


Accept = Callable[[Answer], None]


class RetryableError(Exception):
    """An answer is of no use, but another try may give a better one.

    Parameters
    ----------
    message
        What is wrong with it, as the end of a sentence that begins with the address.
    status
        Its HTTP status.
    wait
        Seconds to wait before the next try, as the server asked for; None: as long as we choose.
    """

    def __init__(self, message: str, *, status: int | None = None, wait: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.wait = wait


class HopelessError(Exception):
    """No further try would help."""

    def __init__(self, message: str, *, status: int | None = None, advice: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.advice = advice


class _Session(requests.Session):
    """requests' session, which looks at redirects even where it is told not to follow them."""

    def resolve_redirects(self, *args: Any, **options: Any) -> Iterator[requests.Response]:
        """Follow none: it would read a redirect's body, of whatever size, and break where its target is malformed."""
        return iter(())


class PoliteSession:
    """A session with manners; one thread uses it at a time.

    Parameters
    ----------
    user_agent
        Who asks, with a way to reach them: ``harvester/1.0 (+mailto:you@example.org)``.
    options
        Times, sizes and numbers.
    listen
        Given the headers of each answer, of refusals too.
    ca_bundle
        A PEM file of authorities that are trusted beside the usual ones; None: no others.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        options: HttpOptions | None = None,
        listen: Callable[[Mapping[str, str]], None] = lambda headers: None,
        ca_bundle: Path | None = None,
    ) -> None:
        self._listen = listen
        self.options = options or HttpOptions()
        self._interval = self.options.min_interval
        self._not_before = 0.0  # by the monotonic clock
        self._session = _Session()
        self._connections = Connections(self._session, ca_bundle=ca_bundle)
        # Only packings whose unpacking can be stopped half-way.
        self._session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()
        self._connections.drop()

    def pace(self, interval: float) -> None:
        """Ask no more often than once in so many seconds, or less often if the options say so."""
        self._interval = max(self.options.min_interval, interval)

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        source: str | None = None,
        accept: Accept | None = None,
        is_secret: bool = False,
    ) -> Answer:
        """Fetch an address.

        Parameters
        ----------
        url
            http or https; redirects are followed, from a public address to public ones only.
        params
            Added to the address as its query.
        headers
            Added to the session's, such as If-None-Match.
        source
            Who is asked, for error messages: ``pubmed``, ``feed:NAME``.
        accept
            Looks at an answer and raises `RetryableError` to have it asked again.
        is_secret
            Whether the address is a secret as a whole, noted as such: errors and answer name only its host.

        Returns
        -------
        Answer
            With a status of 200 to 299, or 304 where the headers made the request conditional.

        Raises
        ------
        FetchError
            If no such answer came, after as many tries as make sense.
        """
        return self._ask("GET", url, params=params, headers=headers, source=source, accept=accept, is_secret=is_secret)

    def post(
        self,
        url: str,
        *,
        data: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        source: str | None = None,
        accept: Accept | None = None,
        again: Collection[int] = (),
    ) -> Answer:
        """Send a form, or a body as it is, and fetch the answer; only for requests that may be repeated.

        Parameters
        ----------
        url
            http or https; redirects are not followed, because they would drop the form.
        data
            The form's fields, or the body.
        headers, source, accept
            As for `get`.
        again
            Statuses that another try may cure at this server, besides those that it may cure anywhere.

        Raises
        ------
        FetchError
            If no answer of status 200 to 299 came.
        """
        return self._ask("POST", url, data=data, headers=headers, source=source, accept=accept, again=again)

    def _ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        source: str | None,
        accept: Accept | None,
        again: Collection[int] = (),
        is_secret: bool = False,
    ) -> Answer:
        """Try until an answer is accepted, there is no hope, or the time is used up."""
        options = self.options
        over_at = time.monotonic() + options.budget
        retrying = tenacity.Retrying(
            stop=tenacity.stop_any(
                tenacity.stop_after_attempt(options.attempts), tenacity.stop_before_delay(options.budget)
            ),
            wait=self._choose_wait,
            retry=tenacity.retry_if_exception_type(RetryableError),
            reraise=True,
        )
        place = _name_place(url, is_secret=is_secret)
        tries = 0
        try:
            for attempt in retrying:
                with attempt:
                    tries += 1
                    answer = self._try(
                        method, url, params=params, data=data, headers=headers, again=again, over_at=over_at
                    )
                    answer = _without_secrets(answer, is_secret=is_secret)
                    if accept is not None:
                        accept(answer)
                    return answer
        except RetryableError as error:
            tried = "" if tries == 1 else f" ({tries} tries)"
            raise FetchError(
                _tell(f"{place} {error}{tried}", is_secret=is_secret),
                source=source,
                status=error.status,
                advice=_ADVICE.get(error.status or 0, "the next run asks again"),
            ) from error
        except HopelessError as error:
            raise FetchError(
                _tell(f"{place} {error}", is_secret=is_secret),
                source=source,
                status=error.status,
                advice=error.advice and _tell(error.advice, is_secret=is_secret),
            ) from error
        raise AssertionError("a loop of tries ends in an answer or an error")

    def _try(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None,
        data: Mapping[str, str] | bytes | None,
        headers: Mapping[str, str] | None,
        again: Collection[int],
        over_at: float,
    ) -> Answer:
        """Ask once."""
        options = self.options
        self._wait_for_turn()
        now = time.monotonic()
        seconds = min(options.total_timeout, max(over_at - now, options.connect_timeout))
        deadline = now + seconds
        silence = min(options.read_timeout, seconds)
        try:
            with self._connections.cut_after(seconds) as is_cut:
                answer = self._follow(
                    method,
                    url,
                    params=params,
                    data=data,
                    headers=headers,
                    again=again,
                    timeout=(options.connect_timeout, silence),
                    deadline=deadline,
                )
            if is_cut.is_set():  # an end in the middle of the headers passes for their end
                raise _too_slow(seconds)
            return answer
        except (RetryableError, HopelessError):
            self._connections.drop()
            raise
        except _FOREIGN as error:
            self._connections.drop()
            if is_cut.is_set():
                raise _too_slow(seconds) from error
            raise _name_failure(error, silence=silence, connect=options.connect_timeout) from error

    def _follow(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None,
        data: Mapping[str, str] | bytes | None,
        headers: Mapping[str, str] | None,
        again: Collection[int],
        timeout: tuple[float, float],
        deadline: float,
    ) -> Answer:
        """Ask, and ask where a server redirects to; only a GET is redirected."""
        address, moved_to, is_moved = url, None, True
        self._connections.begin(url)
        for _ in range(_MAX_REDIRECTS + 1):
            # A proxy set for this machine is for the outside; a server on this machine is reached without it.
            self._session.trust_env = not _is_loopback(address)
            with self._session.request(
                method,
                address,
                params=params if address == url else None,
                data=data,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                self._listen(response.headers)
                self._heed_rate(response)
                target = self._session.get_redirect_target(response) if method == "GET" else None
                if target is None:
                    _check_status(response, again=again, is_conditional=_is_conditional(headers))
                    return Answer(
                        url=response.url,
                        status=response.status_code,
                        headers=response.headers,
                        content=b"" if response.status_code == 304 else self._read(response, deadline),
                        fetched_at=datetime.now(UTC),
                        moved_to=moved_to,
                    )
                address = self._check_redirect(response.url, target)
                is_moved = is_moved and response.status_code in _PERMANENT_REDIRECTS
                moved_to = address if is_moved else moved_to
        raise HopelessError("redirects without end")

    def _check_redirect(self, address: str, target: str) -> str:
        """Return the whole address that a redirect leads to.

        Raises
        ------
        HopelessError
            If that is no http(s) address, or lies within a network that the settings did not lead into.
        """
        try:
            joined = urljoin(address, target)
            parts = urlsplit(joined)
            host = parts.hostname or ""
            is_whole = bool(host.encode("idna")) and parts.port != 0  # both raise where they cannot be read
        except ValueError as error:
            raise HopelessError("redirects to an address that cannot be read") from error
        if parts.scheme.lower() not in ("http", "https"):
            raise HopelessError(f"redirects to an address of {parts.scheme}:, which is not followed")
        if not is_whole:
            raise HopelessError("redirects to an address that cannot be read")
        self._connections.check(host)
        return joined

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        """Read a body, unpacking it on the way; stop at the limit of bytes or of time."""
        parts: list[bytes] = []
        size = 0
        # read1 returns with what has come, so that a server which drips cannot hold us past the deadline.
        while part := response.raw.read1(_READ_BYTES, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > self.options.max_bytes:
                raise HopelessError(f"sent more than {self.options.max_bytes / 1e6:g} MB")
            if time.monotonic() > deadline:
                raise _too_slow(self.options.total_timeout)
        return b"".join(parts)

    def _wait_for_turn(self) -> None:
        wait = self._not_before - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._not_before = time.monotonic() + self._interval

    def _heed_rate(self, response: requests.Response) -> None:
        """Pause once where the server says that no request remains in its current window."""
        if response.headers.get("X-RateLimit-Remaining", "").strip() == "0":
            pause = min(_RATE_WINDOW, self.options.max_wait)
            self._not_before = max(self._not_before, time.monotonic() + pause)

    def _choose_wait(self, state: tenacity.RetryCallState) -> float:
        """Return the wait that the server asked for, else twice the one before, within limits and with some chance."""
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.wait if isinstance(error, RetryableError) else None
        if asked is not None:
            return min(asked, self.options.max_wait)
        longest = self.options.backoff_seconds * 2 ** (state.attempt_number - 1)
        return min(random.uniform(longest / 2, longest), self.options.max_wait)  # noqa: S311 - spreads load, no secret


def _is_conditional(headers: Mapping[str, str] | None) -> bool:
    return bool({"if-none-match", "if-modified-since"} & {name.lower() for name in headers or {}})


def _without_secrets(answer: Answer, *, is_secret: bool) -> Answer:
    """Return an answer as it may be kept."""
    name = hide_address if is_secret else mask_secrets
    headers = {
        # An ETag is the server's, and must be sent back as it came.
        key: value if key.lower() == "etag" else mask_secrets(value)
        for key, value in answer.headers.items()
    }
    return replace(
        answer,
        url=name(answer.url),
        headers=CaseInsensitiveDict(headers),
        content=mask_bytes(answer.content) if is_secret else answer.content,
        moved_to=None if answer.moved_to is None else name(answer.moved_to),
    )


def _name_place(url: str, *, is_secret: bool) -> str:
    """Return an address without its query, which may be long and hold secrets."""
    return hide_address(url) if is_secret else mask_secrets(url.partition("?")[0].partition("#")[0])


def _tell(text: str, *, is_secret: bool) -> str:
    """Return a text without secrets; if the address is one, of every address only its host."""
    return mask_secrets(_ADDRESS.sub(lambda match: hide_address(match.group()), text) if is_secret else text)


def _too_slow(seconds: float) -> RetryableError:
    return RetryableError(f"did not finish its answer within {seconds:.3g} s")


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _check_status(response: requests.Response, *, again: Collection[int], is_conditional: bool) -> None:
    """Raise an error for a response whose status means that it is no answer.

    Parameters
    ----------
    response
        Its body is not read yet; of a refusal, its beginning will be, for the reason that it may state.
    again
        Statuses that another try may cure at this server, besides those that it may cure anywhere.
    is_conditional
        Whether the request named a state, so that "not modified" is an answer.

    Raises
    ------
    RetryableError, HopelessError
        With the status.
    """
    status = response.status_code
    if 200 <= status < 300 or (status == 304 and is_conditional):
        return
    refusal = f"answered {status} {response.reason or ''}".rstrip() + _read_reason(response)
    if status == 304:
        raise RetryableError(f"{refusal}, though it was asked without a condition", status=status)
    if status in _RETRYABLE_STATUSES or status in again or status >= 500:
        raise RetryableError(refusal, status=status, wait=_read_retry_after(response.headers))
    advice = _ADVICE.get(status)
    if 300 <= status < 400:
        advice = f"it has moved to {response.headers.get('Location', 'nowhere')}; put that into the settings"
    raise HopelessError(refusal, status=status, advice=advice)


def _read_reason(response: requests.Response) -> str:
    """Return the reason that a refusal states in its body, quoted; "" if it is a page for people."""
    if "html" in response.headers.get("Content-Type", "").lower():
        return ""
    beginning = response.raw.read1(_REASON_BYTES, decode_content=True).decode("utf-8", "replace")
    match = _REASON.search(beginning)
    reason = " ".join((match["json"] or match["xml"]).split()) if match is not None else ""
    return f" ({reason[:120]!r})" if reason else ""


def _read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that Retry-After asks for, as seconds or as a date (RFC 9110, 10.2.3); None if it does not."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]+)?", text):
        return float(text)
    until = _read_http_date(text)
    if until is None:
        return None
    # Measured by the server's clock where it tells the time, because ours may be wrong.
    now = _read_http_date(headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _read_http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# What requests, urllib3 and Python raise where the other side, or the address, is to blame.
_FOREIGN = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    ForbiddenAddressError,
    ValueError,
    OSError,
)


def _name_failure(error: Exception, *, connect: float, silence: float) -> RetryableError | HopelessError:
    """Return in words what broke, as an error that says whether another try may help.

    Parameters
    ----------
    error
        One of `_FOREIGN`.
    connect, silence
        The time-outs that were set, in seconds, to be named where they were passed.
    """
    text = str(error)
    if isinstance(error, ForbiddenAddressError):
        return HopelessError(text, advice="if that is meant, put the new address into the settings")
    if isinstance(error, requests.exceptions.SSLError):
        return HopelessError(
            "has no valid certificate",
            advice="check the address and this machine's clock; name an authority of your own under ca_bundle",
        )
    if isinstance(error, requests.ConnectTimeout):
        return RetryableError(f"did not take a connection within {connect:g} s")
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)) or "timed out" in text:
        return RetryableError(f"was silent for {silence:g} s")
    if isinstance(error, (requests.exceptions.ContentDecodingError, urllib3.exceptions.DecodeError)):
        return RetryableError("sent a body that cannot be unpacked")
    if isinstance(error, urllib3.exceptions.IncompleteRead) or "IncompleteRead" in text:
        return RetryableError("cut its answer short")
    if "NameResolutionError" in text:
        return RetryableError("has a name that cannot be resolved")
    if "refused" in text:
        return RetryableError("refused the connection")
    if isinstance(error, (requests.ConnectionError, urllib3.exceptions.HTTPError, ConnectionError)):
        return RetryableError("broke the connection")
    return HopelessError(f"cannot be asked: {text}", advice="check the address")
