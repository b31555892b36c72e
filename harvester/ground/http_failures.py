"""What went wrong with an HTTP request, in words, and whether another try may help."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import urllib3

_AGAIN = frozenset((408, 425, 429))  # with every 5xx: the statuses that a later try may cure
_SAID_BYTES = 4_000  # read of the body of a refusal, for the reason that it may give
# Where JSON and XML say what is wrong, as NCBI and others write it.
_REASON = re.compile(
    r"\"(?:error|message|detail)\"\s*:\s*\"(?P<json>[^\"]+)\"|<(?:ERROR|error|message)>(?P<xml>[^<]+)<", re.IGNORECASE
)
ADVICE = {
    401: "the server wants a login or a valid key",
    403: "the server refuses programs; for a journal, list it under sources.pubmed.journals instead",
    404: "the address is gone; look for the new one",
    406: "the server refuses programs; for a journal, list it under sources.pubmed.journals instead",
    410: "what was there has been withdrawn for good; look for a new address, or do without",
    414: "the request is too long",
    429: "too many requests; run again later",
}


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


def check_status(response: requests.Response, *, again: Collection[int], is_conditional: bool) -> None:
    """Refuse a response whose status means that it is no answer.

    Parameters
    ----------
    response
        Its body is not read yet; of a refusal's, the beginning is, for the reason that it may state.
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
    said = f"answered {status} {response.reason or ''}".rstrip() + _read_reason(response)
    if status == 304:
        raise RetryableError(f"{said}, though it was asked without a condition", status=status)
    if status in _AGAIN or status in again or status >= 500:
        raise RetryableError(said, status=status, wait=_read_retry_after(response.headers))
    advice = ADVICE.get(status)
    if 300 <= status < 400:
        advice = f"it has moved to {response.headers.get('Location', 'nowhere')}; put that into the settings"
    raise HopelessError(said, status=status, advice=advice)


def _read_reason(response: requests.Response) -> str:
    """Give the reason that a refusal states in its body, quoted; nothing if it is a page for people."""
    if "html" in response.headers.get("Content-Type", "").lower():
        return ""
    said = response.raw.read1(_SAID_BYTES, decode_content=True).decode("utf-8", "replace")
    stated = _REASON.search(said)
    line = " ".join((stated["json"] or stated["xml"]).split()) if stated is not None else ""
    return f" ({line[:120]!r})" if line else ""


def _read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After, seconds or a date (RFC 9110, 10.2.3); None if it is absent or neither."""
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


def explain(error: Exception, *, connect: float, silence: float) -> RetryableError | HopelessError:
    """Say in words what broke, and whether another try may help.

    Parameters
    ----------
    error
        What requests or urllib3 raised.
    connect, silence
        The time-outs that were set, in seconds, to be named where they were passed.
    """
    text = str(error)
    if isinstance(error, requests.exceptions.SSLError):
        return HopelessError("has no valid certificate", advice="check the address and this machine's clock")
    if isinstance(error, requests.TooManyRedirects):
        return HopelessError("redirects without end")
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
