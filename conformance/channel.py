"""Channels: HTTP connections that keep a deadline, send a target as it stands, and pass interim answers over.

What urllib3 and http.client leave open: a time limit on the whole of an exchange, from connecting and the handshake of
TLS to the last byte, and not on each wait for bytes; a limit on all that stands before a body; a query that is sent to
the letter; and answers of 103 before the one that counts (RFC 9110 section 15.2).
"""

from __future__ import annotations

import http
import http.client
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .watch import Watch

MOST_HEADER = 1 << 18
"""Bytes that may stand before a body, interim answers included."""

MOST_OF_A_LOGIN = 1 << 20
"""Bytes of the answer to a login."""


class TooMuchHeader(http.client.HTTPException):
    """More stands before the body than any answer needs."""


class _Header:
    """What is read of an answer before its body, up to a limit; TooMuchHeader beyond it."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = MOST_HEADER

    def readline(self, most: int) -> bytes:
        line: bytes = self._file.readline(most)
        self._left -= len(line)
        if self._left < 0:
            raise TooMuchHeader
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class FinalResponse(http.client.HTTPResponse):
    """A response that passes over the interim ones before it, of which http.client knows 100 only, within a limit."""

    def begin(self) -> None:  # noqa: D102 - http.client's
        file = self.fp
        self.fp = _Header(file)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            # It is None where there was no answer to begin with.
            if self.fp is not None:
                self.fp = file

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
                if self.sock is not None:
                    current.over(self.sock)
                # Through a proxy the whole URL is sent.
                parts = urlsplit(url)
                url = f"{parts.scheme}://{parts.netloc}{current.target}" if parts.scheme else current.target
            super().request(method, url, *arguments, **keywords)

        def _new_conn(self) -> socket.socket:
            channel: socket.socket = super()._new_conn()
            if current := watch.current:
                current.over(channel)
            return channel

    return Watched


class Adapter(HTTPAdapter):
    """requests' transport over watched connections."""

    def __init__(self, watch: Watch, connections: int) -> None:
        super().__init__(pool_maxsize=connections)
        self._pools = {
            "http": _pool(urllib3.HTTPConnectionPool, watch),
            "https": _pool(urllib3.HTTPSConnectionPool, watch),
        }
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **keywords: Any) -> urllib3.ProxyManager:
        """What makes the connections through a proxy, which are watched like the others."""
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **keywords)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def close(self) -> None:
        """Close the connections that are kept alive, also where an error still refers to their pool."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for pool in filter(None, map(manager.pools.get, manager.pools.keys())):
                pool.close()
        super().close()


def _pool(base: type[urllib3.HTTPConnectionPool], watch: Watch) -> type[urllib3.HTTPConnectionPool]:
    connections = watched(base.ConnectionCls, watch)
    return type(f"Watched{base.__name__}", (base,), {"ConnectionCls": connections})


class Limited(Adapter):
    """requests' transport for a login: it reads whole answers, of a bounded size and in so many seconds."""

    def __init__(self, watch: Watch, seconds: float) -> None:
        super().__init__(watch, 1)
        self._watch = watch
        self._seconds = seconds

    def send(self, request: requests.PreparedRequest, *arguments: Any, **keywords: Any) -> requests.Response:
        """The response, read whole; RequestException as requests raises it."""
        with self._watch.over(self._seconds, request.path_url) as current:
            try:
                response = super().send(request, *arguments, **{**keywords, "stream": True})
                read = b"".join(_pieces(response))
            except requests.RequestException:
                if not current.cut:
                    raise
            if current.cut:
                raise requests.ReadTimeout(f"no whole answer within {self._seconds:g} s")
        # As `Response.content` keeps what it has read.
        response._content = read
        return response


def _pieces(response: requests.Response) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_content(16_384):
        size += len(piece)
        if size > MOST_OF_A_LOGIN:
            raise requests.RequestException(f"an answer of more than {MOST_OF_A_LOGIN:,} bytes to a login")
        yield piece
