"""A loopback HTTP server that answers what a test wrote down, in that order, byte for byte."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    body: bytes
    headers: dict[str, str]  # names in lower case
    at: float  # by the monotonic clock


@dataclass(kw_only=True)
class Reply:
    """An answer, or a way of not giving one."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None  # what Content-Length says, if not the truth; -1: no Content-Length
    hang: float = 0  # seconds of silence before anything
    drip: float = 0  # seconds between any two bytes of the body
    reset: bool = False  # reset the connection instead of answering


Script = list[Reply] | Callable[[Seen], Reply]


class ScriptedServer:
    """What a test sees of the server: its address, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[Seen] = []


@contextmanager
def serve(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    """Serve replies in order (the last one again and again), or what a function makes of each request.

    `tls` holds the server's certificate; None: plain HTTP.
    """
    over = threading.Event()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            seen = Seen(
                method=self.command,
                path=parts.path,
                query={key: values[0] for key, values in parse_qs(parts.query).items()},
                form={key: values[0] for key, values in parse_qs(body.decode()).items()},
                body=body,
                headers={key.lower(): value for key, value in self.headers.items()},
                at=time.monotonic(),
            )
            with lock:
                served.seen.append(seen)
                number = len(served.seen)
            reply = script(seen) if callable(script) else script[min(number, len(script)) - 1]
            over.wait(reply.hang)
            if reply.reset:
                # Lingering for no time makes close() send a reset instead of an end.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.length != -1:
                self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                if not reply.drip:
                    self.wfile.write(reply.body)
                for byte in reply.body if reply.drip else b"":
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    if over.wait(reply.drip):
                        break
            except OSError:
                pass  # the client has had enough, which is what such a test wants
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    served = ScriptedServer(f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_address[1]}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
