"""The mail side: an SMTP server (aiosmtpd's protocol) that keeps what it receives and can fail on purpose."""

from __future__ import annotations

import asyncio
import email
import email.policy
import hmac
import socket
import ssl
import threading
import warnings
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from harvester.sandbox.faults import Fault, FaultBoard


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage:
    """One message that the server accepted."""

    sender: str  # of the envelope
    recipients: tuple[str, ...]  # of the envelope
    raw: bytes  # as received, CRLF line ends
    message: EmailMessage  # the same, parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpOptions:
    """How the mail server is to be talked to.

    Parameters
    ----------
    tls
        A server-side context with its certificate; then STARTTLS is offered.  None: no TLS at all.
    is_implicit
        Speak TLS from the first byte instead of offering STARTTLS; needs `tls`.
    login
        User and password that AUTH (PLAIN or LOGIN) requires; None: no AUTH needed.
    """

    tls: ssl.SSLContext | None = None
    is_implicit: bool = False
    login: tuple[str, str] | None = None


class MailServer:
    """An SMTP server on 127.0.0.1 in its own thread.

    aiosmtpd's own Controller cannot listen on port 0 and needs a client connection to start; this one binds first
    and hands the socket to the event loop.

    Parameters
    ----------
    board
        The faults to play, under the path ``smtp``.
    options
        Encryption and login.
    port
        0: a free one.
    """

    def __init__(self, board: FaultBoard, options: SmtpOptions, *, port: int = 0) -> None:
        self.board = board
        self.options = options
        self.mailbox: list[ReceivedMessage] = []
        self._socket = socket.create_server(("127.0.0.1", port))
        # Else each reply of several lines waits 40 ms for an acknowledgement; connections have this from the listener.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._open: set[_Protocol] = set()
        self._thread = threading.Thread(target=self._run, name="sandbox-smtp", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop, end every connection and wait for the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            asyncio.set_event_loop(None)
            self._loop.close()

    async def _serve(self) -> None:
        context = self.options.tls if self.options.is_implicit else None
        server = await self._loop.create_server(self._protocol, sock=self._socket, ssl=context)
        await self._stop.wait()
        server.close()
        for protocol in list(self._open):
            protocol.abort()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await server.wait_closed()

    def _protocol(self) -> _Protocol:
        offers_tls = self.options.tls is not None and not self.options.is_implicit
        if offers_tls and self.board.take("smtp", kinds=frozenset({"no-starttls"})):
            offers_tls = False
        with warnings.catch_warnings():
            # aiosmtpd warns of AUTH without TLS; on loopback that is the user's choice.
            warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS", category=UserWarning)
            return _Protocol(
                _Handler(self),
                self._open,
                hostname="sandbox.invalid",
                loop=self._loop,
                enable_SMTPUTF8=True,
                tls_context=self.options.tls if offers_tls else None,
                auth_required=self.options.login is not None,
                auth_require_tls=False,
                authenticator=self._authenticate,
            )

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        is_refused = self.board.take("smtp", kinds=frozenset({"refuse-login"})) is not None
        wanted = self.options.login
        if is_refused or wanted is None or not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        given = (data.login, data.password)
        is_right = all(hmac.compare_digest(a, b.encode()) for a, b in zip(given, wanted, strict=True))
        return AuthResult(success=is_right, handled=False)


class _Protocol(SMTP):
    """aiosmtpd's SMTP, which here knows its open connections and can lose one in the middle of a message."""

    def __init__(self, handler: _Handler, connections: set[_Protocol], **options: Any) -> None:
        super().__init__(handler, **options)
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        super().connection_lost(error)

    def abort(self) -> None:
        """Lose the connection now."""
        transports: tuple[Any, ...] = (self.transport, self._original_transport)
        for transport in transports:
            if transport is not None:
                transport.abort()

    async def smtp_DATA(self, arg: str) -> None:
        handler = cast(_Handler, self.event_handler)
        if handler.take("drop-in-data"):
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.readline()
            self.abort()
            return
        await super().smtp_DATA(arg)


class _Handler:
    """What happens at each command; aiosmtpd finds the methods by their names."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def take(self, *kinds: str, recipient: str | None = None) -> Fault | None:
        """Return the fault of one of these kinds that is due now."""
        taken = self._server.board.take("smtp", kinds=frozenset(kinds), recipient=recipient)
        return taken[0] if taken else None

    async def handle_MAIL(
        self, server: _Protocol, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        fault = self.take("refuse-sender", "hang")
        if fault is not None and fault.kind == "refuse-sender":
            return "550 5.7.1 Sender refused"
        if fault is not None:
            await asyncio.sleep(fault.seconds)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: _Protocol, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        fault = self.take("refuse-recipient", "defer-recipient", recipient=address)
        if fault is not None:
            return (
                "550 5.1.1 No such mailbox" if fault.kind == "refuse-recipient" else "451 4.3.2 Please try again later"
            )
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: _Protocol, session: Any, envelope: Any) -> str:
        fault = self.take("refuse-data", "drop-after-data")
        if fault is not None and fault.kind == "refuse-data":
            return "451 4.3.0 Message not accepted, please try again later"
        raw = bytes(envelope.original_content)
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self._server.mailbox.append(
            ReceivedMessage(sender=envelope.mail_from, recipients=tuple(envelope.rcpt_tos), raw=raw, message=message)
        )
        if fault is not None:
            server.abort()
            await asyncio.sleep(3600)  # the lost connection cancels this task before a reply could be written
        return "250 OK: kept in the sandbox"
