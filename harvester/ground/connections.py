"""The connections of one HTTP session, watched as they are made: whom they lead to, and how long they may last.

requests and urllib3 have neither: a time-out of theirs begins anew with each byte, and a redirect leads wherever it
names.  A server that drips is cut off by shutting its connection down; a redirect is judged by the address that was
connected, which no name can change afterwards.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

# IPv4 addresses as networks that have only IPv6 write them (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")
# Handles that are kept: as many as the redirects of one request can need, and some that are kept alive.
_HANDLES = 8

_OnConnect = Callable[[str, socket.socket], None]


class ForbiddenAddressError(Exception):
    """A redirect led into a network that the settings did not lead into."""


class Connections:
    """The connections of a session, which asks one thing at a time.

    Parameters
    ----------
    session
        Gets adapters whose connections are watched.
    ca_bundle
        A PEM file of authorities that are trusted beside the usual ones; None: no others.
    """

    def __init__(self, session: requests.Session, *, ca_bundle: Path | None) -> None:
        self._sockets: list[socket.socket] = []  # second handles of the connections that may be in use
        self._peers: dict[str, str] = {}  # the address that was connected, by host
        self._home: str | None = None  # the host that the settings name
        self._is_redirected = False
        for prefix in ("http://", "https://"):
            session.mount(prefix, _Adapter(ca_bundle, on_connect=self._watch, on_proxy=self._keep))

    def begin(self, url: str) -> None:
        """Begin with an address of the settings, which may lead anywhere."""
        self._home = _host(url)
        self._is_redirected = False

    def check(self, host: str) -> None:
        """Refuse a redirect to a host that has an address to which none may lead; from now on each is watched.

        Raises
        ------
        ForbiddenAddressError
            With its host and address.
        """
        self._is_redirected = True
        for address in _resolve(host):
            self._judge(host, address)

    @contextmanager
    def cut_after(self, seconds: float) -> Iterator[threading.Event]:
        """Shut down whatever connection is in use after so many seconds; the event tells whether it came to that."""
        is_cut = threading.Event()

        def cut() -> None:
            is_cut.set()
            self._cut()

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield is_cut
        finally:
            timer.cancel()

    def drop(self) -> None:
        """Shut down all connections, and forget them."""
        self._cut()
        while self._sockets:
            self._sockets.pop().close()

    def _cut(self) -> None:
        for handle in list(self._sockets):
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

    def _watch(self, host: str, connection: socket.socket) -> None:
        """Look at a connection before anything is sent."""
        address = str(connection.getpeername()[0])
        if self._is_redirected:
            self._judge(host, address)
        self._peers[host] = address
        self._keep(host, connection)

    def _keep(self, host: str, connection: socket.socket) -> None:
        """Keep a second handle of a connection: TLS takes the first over, and has none until it is agreed on."""
        while len(self._sockets) >= _HANDLES:
            self._sockets.pop(0).close()
        self._sockets.append(connection.dup())

    def _judge(self, host: str, address: str) -> None:
        if is_public(address) or self._home is None:
            return
        home = self._peers.get(self._home)
        homes = [home] if home is not None else _resolve(self._home)
        is_home = host == self._home or address in homes
        if is_home and not any(map(is_public, homes)):
            return
        raise ForbiddenAddressError(f"redirects to {host}, which is within this machine's own network ({address})")


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet.

    Examples
    --------
    >>> [is_public(each) for each in ("8.8.8.8", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1")]
    [True, False, False, False, False]
    """
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        translated = IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None
        ip = ip.ipv4_mapped or ip.sixtofour or translated or ip
    return ip.is_global and not ip.is_multicast


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _resolve(host: str) -> list[str]:
    """Return all addresses of a host; none where only a proxy could tell, or nobody can."""
    try:
        return list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, None)))
    except (OSError, UnicodeError):
        return []


class _Adapter(HTTPAdapter):
    """requests' adapter, with connections that tell when they are made."""

    def __init__(self, ca_bundle: Path | None, *, on_connect: _OnConnect, on_proxy: _OnConnect) -> None:
        self._ca_bundle = ca_bundle
        self._on_connect = on_connect
        self._on_proxy = on_proxy
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **self._trusting(options))
        _tell(self.poolmanager, self._on_connect)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **self._trusting(options))
        # The other end is the proxy's: what may be asked of it was judged by the name.
        _tell(manager, self._on_proxy)
        return manager

    def _trusting(self, options: dict[str, Any]) -> dict[str, Any]:
        return options if self._ca_bundle is None else {**options, "ssl_context": trust(self._ca_bundle)}


def trust(ca_bundle: Path | None) -> ssl.SSLContext:
    """Return what certificates are checked by: the usual authorities, and those of a PEM file."""
    context = ssl.create_default_context()
    if ca_bundle is not None:
        context.load_verify_locations(cafile=ca_bundle)
    return context


def holds_authorities(ca_bundle: Path) -> bool:
    """Return whether a PEM file holds certificates that `trust` can take."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=ca_bundle)
    except (ssl.SSLError, OSError):
        return False
    return True


def _tell(manager: PoolManager, on_connect: _OnConnect) -> None:
    """Let the connections of a manager tell when they are made."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _told(self.host, super()._new_conn())

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _told(self.host, super()._new_conn())

    def _told(host: str, connection: socket.socket) -> socket.socket:
        try:
            on_connect(host, connection)
        except BaseException:
            connection.close()
            raise
        return connection

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    manager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}
