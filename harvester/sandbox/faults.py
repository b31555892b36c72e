"""The ways in which the server can be told to fail.

Each kind was seen at NCBI, at a publisher's feed or at a mail server.  One fault at a time is applied to a request:
the first on the list that matches it, has let its `after` requests through, and has not yet come `times` times.

E-utilities and feeds
    ``status``            an HTML page with `status` (403, 404, 410, 500, 502, 503 …) and, if given, Retry-After
    ``rate-limit``        429 with NCBI's JSON body and Retry-After
    ``redirect``          `status` (301, 302, 303, 307, 308; 302 unless given) to `url`
    ``hang``              no answer for `seconds`, then the connection is closed
    ``drip``              the right answer, `amount` bytes (1) every `seconds`
    ``reset``             the connection is reset before any answer
    ``cut``               Content-Length as it should be, but only half of the body
    ``truncated``         half of the body, and a Content-Length that agrees: it was cut before it was sent
    ``html``              an HTML page with status 200
    ``captcha``           a page that asks whether one is human, with status 200
    ``empty-body``        status 200 and nothing
    ``body``              status 200 and the `body` given
    ``gzip-bomb``         a small compressed body that grows to `amount` MB (100)
    ``huge``              a body of `amount` MB (100) without Content-Length; 0: without end
    ``billion-laughs``    XML whose entities grow without bound
    ``wrong-charset``     declared UTF-8, sent in latin-1
    ``xml-error``         the XML breaks in the middle and goes on
E-utilities
    ``error``             a 200 (or `status`) with an error inside, in the words `error` names (`ERRORS`)
    ``no-result``         a 200 in the right format that holds neither a result nor an error
    ``invalid-key``       400 with JSON, as if the API key were not known
    ``empty-set``         a well-formed answer without any record, hit or entry (feeds, too)
    ``drop-records``      EFetch: well-formed, but without `amount` (1) of the records asked for
    ``repeated-record``   EFetch: the first record comes twice
    ``other-record``      EFetch: one record in the middle comes under another PMID, as where NLM has merged two
    ``malformed-record``  EFetch: one record in the middle is not well-formed
    ``invalid-record``    EFetch: one record in the middle lacks what every record has
    ``next-dtd``          EFetch: the DTD of next year, with an element that this year's lacks
    ``history-expired``   every WebEnv is forgotten
    ``count-changes``     ESearch: `amount` (1) of the newest hits vanish with each request
    ``count-grows``       ESearch: `amount` (1) of the newest hits are not there yet; each request finds one more
    ``cut-idlist``        ESearch: the list lacks its last `amount` (1) ids; the count is right
Feeds
    ``not-modified``      304, though nobody said which state is known
    ``no-dates``          without any date
    ``changed-guids``     with other guids at each request
Mail (path ``smtp``)
    ``refuse-recipient``  550 to RCPT (of `recipient`, else of everyone)
    ``defer-recipient``   451 to RCPT (of `recipient`, else of everyone)
    ``refuse-sender``     550 to MAIL
    ``refuse-login``      535 to AUTH
    ``refuse-data``       451 after the message
    ``drop-in-data``      the connection is lost while the message is being sent
    ``drop-after-data``   the message is accepted, but the connection is lost before the reply
    ``hang``              no reply to MAIL for `seconds`
    ``no-starttls``       STARTTLS is not offered on this connection
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

WEB_KINDS = frozenset(
    [
        "status",
        "rate-limit",
        "redirect",
        "hang",
        "drip",
        "reset",
        "cut",
        "truncated",
        "html",
        "captcha",
        "empty-body",
        "body",
        "gzip-bomb",
        "huge",
        "billion-laughs",
        "wrong-charset",
        "xml-error",
        "error",
        "no-result",
        "invalid-key",
        "empty-set",
        "drop-records",
        "repeated-record",
        "other-record",
        "malformed-record",
        "invalid-record",
        "next-dtd",
        "history-expired",
        "count-changes",
        "count-grows",
        "cut-idlist",
        "not-modified",
        "no-dates",
        "changed-guids",
    ]
)
MAIL_KINDS = frozenset(
    [
        "refuse-recipient",
        "defer-recipient",
        "refuse-sender",
        "refuse-login",
        "refuse-data",
        "drop-in-data",
        "drop-after-data",
        "hang",
        "no-starttls",
    ]
)
# Names of errors inside a 200, and their texts: our words in NCBI's shapes.
ERRORS = {
    "address-table": (
        "Search Backend failed: Couldn't resolve #invented-query-server?dbaf=pubmed, the address table is empty."
    ),
    "database": "Database is not supported: pubmed",
    "unavailable": (
        "Search Backend failed: An error occurred while processing request. Status: 500. Source: /sandbox/search/ "
        "Details: The invented search is not available for the moment."
    ),
    "raw-newline": (
        "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998. For PubMed, ESearch can only "
        "retrieve the first 9,999 records matching the query."
    ),
    "history": "Unable to obtain query #1",
    "empty-ids": "ID list is empty! There is perhaps no valid ID in it.",
    "empty-term": "Empty term and query_key - there is nothing to do",
    "fetch": "cannot get document summary: the invented storage did not answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One failure to play.

    Parameters are explained where the kinds are listed, at the top of this module.
    """

    path: str  # part of the request's path ("esearch", "efetch", "feeds/", "feed:NAME"), or "smtp"
    kind: str
    times: int | None = 1  # how often; None: until `Sandbox.clear_faults`
    after: int = 0  # how many matching requests pass unharmed before
    status: int | None = None
    retry_after: str | int | None = None  # seconds or an HTTP date
    seconds: float = 30.0
    amount: int | None = None
    url: str = ""
    body: bytes = b""
    error: str = "unavailable"
    recipient: str | None = None

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist: a test that plays nothing would pass."""
        kinds = MAIL_KINDS if self.path == "smtp" else WEB_KINDS
        if self.kind not in kinds:
            raise ValueError(f"no such fault for {self.path}: {self.kind!r}; there are {', '.join(sorted(kinds))}")
        if self.error not in ERRORS:
            raise ValueError(f"no such error: {self.error!r}; there are {', '.join(ERRORS)}")
        if self.kind == "redirect" and not self.url:
            raise ValueError("a redirect needs the url it leads to")


@dataclass(slots=True)
class _Registered:
    fault: Fault
    seen: int = 0
    played: int = 0


class FaultBoard:
    """The list of faults that are to be played; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._registered: list[_Registered] = []

    def add(self, fault: Fault) -> None:
        """Put a fault at the end of the list."""
        with self._lock:
            self._registered.append(_Registered(fault))

    def clear(self) -> None:
        """Take all faults off the list."""
        with self._lock:
            self._registered.clear()

    def take(self, path: str, *, kinds: frozenset[str], recipient: str | None = None) -> tuple[Fault, int] | None:
        """Return the fault for a request, and how often it has been played before; None if all is to go well.

        Parameters
        ----------
        path
            The request's path, ``feed:NAME`` included; ``smtp`` for mail.
        kinds
            The kinds that this moment of a request can play.
        recipient
            The address of a RCPT command.
        """
        with self._lock:
            for entry in self._registered:
                fault = entry.fault
                if fault.path not in path or fault.kind not in kinds:
                    continue
                if fault.recipient is not None and fault.recipient != recipient:
                    continue
                entry.seen += 1
                if entry.seen > fault.after and (fault.times is None or entry.played < fault.times):
                    entry.played += 1
                    return fault, entry.played - 1
        return None
