"""An answer read to the very end: what follows a header that promises no body, or a body of another length.

HTTP libraries stop where the header says that an answer ends. To see what a server sends beyond, the request asks it to
close the connection, and everything is read until it does.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from .channel import FinalResponse
from .target import Limits
from .watch import Watch

CHUNK = 65_536

LINGER = 0.3
"""Seconds to wait for more than was promised; what comes so is sent along with the rest."""


class _AsIfGet(FinalResponse):
    """Reads on after the header whatever the method was, where http.client would stop for HEAD."""

    def __init__(self, sock: socket.socket, *_: object, **__: object) -> None:
        super().__init__(sock, method="GET")


@contextlib.contextmanager
def asking(
    method: str, url: str, headers: Mapping[str, str], limits: Limits, watch: Watch, *, proxy: str = ""
) -> Iterator[tuple[http.client.HTTPResponse, Iterator[bytes]]]:
    """Ask on a connection of its own that is closed after it; the response, and all that follows its header.

    ``proxy`` is the URL of one of plain HTTP to go through. Raises OSError and http.client.HTTPException as the
    connection does.
    """
    parts = urlsplit(url)
    connection = _connection(parts, limits.timeout, proxy)
    connection.response_class = _AsIfGet
    try:
        connection.connect()
        if watch.current:
            watch.current.over(connection.sock)
        if parts.scheme == "https":
            connection.sock = _context(limits.trust).wrap_socket(connection.sock, server_hostname=parts.hostname)
        channel = connection.sock
        whole = bool(proxy) and parts.scheme == "http"
        login = HTTPAdapter().proxy_headers(proxy) if whole else {}
        target = url if whole else in_origin_form(url)
        connection.request(method, target, headers={**headers, **login, "Connection": "close"})
        response = connection.getresponse()
        promised = 0 if method == "HEAD" else response.length
        if not response.chunked:
            response.length = None
        yield response, _rest(response, channel, promised)
    finally:
        connection.close()


def in_origin_form(url: str) -> str:
    """The path and query of a URL as they stand in it (RFC 9112 section 3.2.1)."""
    parts = urlsplit(url)
    return url.removeprefix(f"{parts.scheme}://{parts.netloc}")


def _connection(parts: SplitResult, timeout: float, proxy: str) -> http.client.HTTPConnection:
    """A connection to where a URL points, be it through a proxy, which is not yet secured."""
    host = parts.hostname or ""
    scheme_port = 443 if parts.scheme == "https" else 80
    port = parts.port or scheme_port
    through = urlsplit(proxy)
    at = (through.hostname or "", through.port or 80) if proxy else (host, port)
    connection = http.client.HTTPConnection(*at, timeout=timeout)
    # By which it is told whether Host has to name the port.
    connection.default_port = scheme_port
    if proxy and parts.scheme == "https":
        connection.set_tunnel(host, port, HTTPAdapter().proxy_headers(proxy))
    return connection


def _context(trust: bool | str) -> ssl.SSLContext:
    """What verifies a server, as requests does it on the other connections."""
    context = ssl.create_default_context(cafile=trust if isinstance(trust, str) else DEFAULT_CA_BUNDLE_PATH)
    if trust is False:
        # As it was asked for, and is said in the report.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _rest(response: http.client.HTTPResponse, channel: socket.socket, promised: int | None) -> Iterator[bytes]:
    """What follows a header: so many bytes were promised, None where the body itself tells its end."""
    arrived = 0
    while True:
        enough = promised is not None and arrived >= promised
        if enough:
            channel.settimeout(LINGER)
        try:
            chunk = response.read1(CHUNK)
        except TimeoutError:
            return
        except http.client.IncompleteRead as error:
            yield error.partial
            return
        except ConnectionResetError:
            # Some servers end a connection so; what was promised came before.
            if not enough:
                raise
            return
        if not chunk:
            return
        yield chunk
        arrived += len(chunk)
