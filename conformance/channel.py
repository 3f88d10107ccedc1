"""Channels: HTTP connections that keep a deadline, send a target as it stands, and pass interim answers over.

What urllib3 and http.client leave open: a time limit on the whole of an exchange, not on each wait for bytes; a query
that is sent to the letter; and answers of 103 before the one that counts (RFC 9110 section 15.2).
"""

from __future__ import annotations

import contextlib
import http
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter

SWEEP = 0.05
"""Seconds between two looks at the deadlines."""


@dataclass(slots=True)
class Current:
    """The exchange that a thread is in: until when it may go on, the target as it is to be sent, and its socket."""

    deadline: float
    target: str
    channel: socket.socket | None = None
    cut: bool = False


class Watch:
    """Ends exchanges whose time is over by closing their connections from outside."""

    def __init__(self) -> None:
        self._current: dict[int, Current] = {}
        self._ended = threading.Event()
        self._sweeper: threading.Thread | None = None
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def over(self, seconds: float, target: str) -> Iterator[Current]:
        """Watch over this thread's exchange for so many seconds."""
        self._begin()
        here = threading.get_ident()
        current = self._current[here] = Current(time.monotonic() + seconds, target)
        try:
            yield current
        finally:
            del self._current[here]

    @property
    def current(self) -> Current | None:
        """The exchange of the thread that looks."""
        return self._current.get(threading.get_ident())

    def end(self) -> None:
        """Cut every exchange that is under way, and watch no more."""
        self._ended.set()
        for current in list(self._current.values()):
            _cut(current)

    def _begin(self) -> None:
        with self._lock:
            if self._sweeper is None:
                self._sweeper = threading.Thread(target=self._sweep, name="deadlines", daemon=True)
                self._sweeper.start()

    def _sweep(self) -> None:
        while not self._ended.wait(SWEEP):
            now = time.monotonic()
            for current in list(self._current.values()):
                if now > current.deadline:
                    _cut(current)


def _cut(current: Current) -> None:
    current.cut = True
    if current.channel is not None:
        # It may be closed already, by its own thread or by the server.
        with contextlib.suppress(OSError):
            current.channel.shutdown(socket.SHUT_RDWR)


class FinalResponse(http.client.HTTPResponse):
    """A response that passes over the interim ones before it, of which http.client knows 100 only."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        while 100 < status < 200 and status != http.HTTPStatus.SWITCHING_PROTOCOLS:
            http.client.parse_headers(self.fp)
            version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, status, reason


def watched(base: type[Any], watch: Watch) -> type[Any]:
    """A class of connections, made of one of urllib3's, that are watched and send the target of the exchange."""

    class Watched(base):  # type: ignore[misc]
        response_class = FinalResponse

        def request(self, method: str, url: str, *arguments: Any, **keywords: Any) -> None:
            current = watch.current
            if current:
                current.channel = self.sock
                # Through a proxy the whole URL is sent, and the proxy's spelling of it counts.
                url = current.target if url.startswith("/") else url
            super().request(method, url, *arguments, **keywords)

        def connect(self) -> None:
            super().connect()
            # Kept apart from the connection, which lets go of its socket once the answer's header is read.
            if current := watch.current:
                current.channel = self.sock

    return Watched


class Adapter(HTTPAdapter):
    """requests' transport over watched connections."""

    def __init__(self, watch: Watch, connections: int) -> None:
        super().__init__(pool_maxsize=connections)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(urllib3.HTTPConnectionPool, watch),
            "https": _pool(urllib3.HTTPSConnectionPool, watch),
        }


def _pool(base: type[urllib3.HTTPConnectionPool], watch: Watch) -> type[urllib3.HTTPConnectionPool]:
    connections = watched(base.ConnectionCls, watch)
    return type(f"Watched{base.__name__}", (base,), {"ConnectionCls": connections})
