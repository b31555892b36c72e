"""The HTTP side on a real socket: reading requests, and sending answers whole, slowly, cut, or not at all."""

from __future__ import annotations

import gzip
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from harvester.sandbox.faults import Fault
from harvester.sandbox.responses import Answer

_MEGABYTE = 1_000_000
_LONGEST_BODY = 64 * _MEGABYTE  # of a request; an id list of 10,000 has 90 kB
_POLL_SECONDS = 0.01  # how long closing waits for the thread that accepts
_RST_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 seconds: close() resets the connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request as it came in."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]  # names in lower case


Respond = Callable[[Request], tuple[Answer, Fault | None]]


class WebServer:
    """A threaded HTTP server on 127.0.0.1 that closes at once, whatever its clients and faults are doing.

    Parameters
    ----------
    respond
        Returns the answer to a request, and the fault that its sending must play.
    port
        0: a free one.
    """

    def __init__(self, respond: Respond, *, port: int = 0) -> None:
        self._server = _Server(respond, port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="sandbox-web", daemon=True
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.server_port

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop, end every connection and wait for the threads."""
        self._server.closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.end_connections()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for them: no thread outlives the server
    request_queue_size = 128

    def __init__(self, respond: Respond, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.respond = respond
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._to_reset: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
            is_reset = request in self._to_reset
            self._to_reset.discard(request)
        if is_reset:
            self.close_request(request)  # an orderly shutdown first would send FIN instead of RST
        else:
            super().shutdown_request(request)

    def reset(self, request: socket.socket) -> None:
        """End this connection with a reset."""
        request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
        with self._lock:
            self._to_reset.add(request)

    def end_connections(self) -> None:
        with self._lock:
            for request in self._open:
                with suppress(OSError):  # the client was quicker
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that went away is what faults are for; anything else is a defect of the sandbox and is shown.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "InventedServer"
    sys_version = ""
    wbufsize = -1  # buffered: head and body leave in one packet
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve("")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        size = int(length) if length.isdigit() else 0
        if size > _LONGEST_BODY:
            self.send_error(413)
            self.close_connection = True
            return
        self._serve(self.rfile.read(size).decode("utf-8", "replace"))

    def finish(self) -> None:
        # With the client gone, flushing what is left fails, and the base class would leave the socket open.
        try:
            super().finish()
        except OSError:
            self.rfile.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `Sandbox.requests` is the log."""

    def _serve(self, form: str) -> None:
        parts = urlsplit(self.path)
        values: dict[str, list[str]] = parse_qs(parts.query, keep_blank_values=True)
        for name, more in parse_qs(form, keep_blank_values=True).items():
            values.setdefault(name, []).extend(more)
        request = Request(
            method=self.command,
            path=parts.path,
            params={name: ",".join(given) for name, given in values.items()},
            headers={name.lower(): value for name, value in self.headers.items()},
        )
        answer, fault = self.server.respond(request)
        if fault is None or fault.kind not in _SENDINGS:
            self._send(answer)
        else:
            _SENDINGS[fault.kind](self, answer, fault)

    def _head(self, answer: Answer, *, length: int | None, encoding: str | None = None) -> None:
        self.send_response(answer.status)
        if answer.status != 304:
            self.send_header("Content-Type", answer.content_type)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if length is None:
            self.send_header("Connection", "close")
            self.close_connection = True
        elif answer.status != 304:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _send(self, answer: Answer) -> None:
        self._head(answer, length=len(answer.body))
        self.wfile.write(answer.body)

    def _hang(self, answer: Answer, fault: Fault) -> None:
        self.server.closing.wait(fault.seconds)
        self.close_connection = True

    def _drip(self, answer: Answer, fault: Fault) -> None:
        self._head(answer, length=len(answer.body))
        size = fault.amount or 1
        for start in range(0, len(answer.body), size):
            self.wfile.write(answer.body[start : start + size])
            self.wfile.flush()
            if self.server.closing.wait(fault.seconds):
                break
        self.close_connection = True

    def _reset(self, answer: Answer, fault: Fault) -> None:
        self.server.reset(self.connection)
        self.close_connection = True

    def _cut(self, answer: Answer, fault: Fault) -> None:
        self._head(answer, length=len(answer.body))
        self.wfile.write(answer.body[: len(answer.body) // 2])
        self.close_connection = True

    def _huge(self, answer: Answer, fault: Fault) -> None:
        self._head(answer, length=None)
        amount = 100 if fault.amount is None else fault.amount
        for part in _padded(answer.body, amount):
            if self.server.closing.is_set():
                break
            self.wfile.write(part)

    def _gzip_bomb(self, answer: Answer, fault: Fault) -> None:
        # gzip members may follow one another, so one compressed megabyte, repeated, is as good as 100 compressed.
        amount = 100 if fault.amount is None else fault.amount
        body = gzip.compress(answer.body[:100]) + gzip.compress(b" " * _MEGABYTE, mtime=0) * amount
        self._head(answer, length=len(body), encoding="gzip")
        self.wfile.write(body)


def _padded(body: bytes, megabytes: int) -> Iterator[bytes]:
    """Yield the body's beginning and then white space, up to so many megabytes (0: for ever)."""
    yield body[:200]
    blanks = b" " * 100_000
    sent = 0
    while not megabytes or sent < megabytes * _MEGABYTE:
        yield blanks
        sent += len(blanks)


_SENDINGS: dict[str, Callable[[_Handler, Answer, Fault], None]] = {
    "hang": _Handler._hang,
    "drip": _Handler._drip,
    "reset": _Handler._reset,
    "cut": _Handler._cut,
    "huge": _Handler._huge,
    "gzip-bomb": _Handler._gzip_bomb,
}
