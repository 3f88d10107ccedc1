"""An answer read to the very end: what follows a header that promises no body, or a body of another length.

HTTP libraries stop where the header says that an answer ends. To see what a server sends beyond, the request asks it to
close the connection, and everything is read until it does.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from .channel import FinalResponse, Watch
from .target import Limits

CHUNK = 65_536

LINGER = 0.3
"""Seconds to wait for more than was promised; what comes so is sent along with the rest."""


class _AsIfGet(FinalResponse):
    """Reads on after the header whatever the method was, where http.client would stop for HEAD."""

    def __init__(self, sock: socket.socket, *_: object, **__: object) -> None:
        super().__init__(sock, method="GET")


def ask(
    method: str, url: str, headers: Mapping[str, str], limits: Limits, watch: Watch
) -> tuple[http.client.HTTPResponse, bytes]:
    """Ask on a connection of its own that is closed after it; the response, and all that followed its header.

    Raises OSError and http.client.HTTPException as the connection does.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=limits.timeout, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=limits.timeout)
    )
    connection.response_class = _AsIfGet
    target = url.split(parts.netloc, 1)[1]
    try:
        connection.connect()
        channel = connection.sock
        if watch.current:
            watch.current.channel = channel
        connection.request(method, target, headers={**headers, "Connection": "close"})
        response = connection.getresponse()
        promised = 0 if method == "HEAD" else response.length
        if not response.chunked:
            response.length = None
        return response, _rest(response, channel, promised, limits.body)
    finally:
        connection.close()


def _rest(response: http.client.HTTPResponse, channel: socket.socket, promised: int | None, most: int) -> bytes:
    """What follows a header: so many bytes were promised, None where the body itself tells its end."""
    arrived = b""
    while len(arrived) <= most:
        enough = promised is not None and len(arrived) >= promised
        if enough:
            channel.settimeout(LINGER)
        try:
            chunk = response.read1(CHUNK)
        except TimeoutError:
            break
        except http.client.IncompleteRead as error:
            return arrived + error.partial
        except ConnectionResetError:
            # Some servers end a connection so; what was promised came before.
            if not enough:
                raise
            break
        if not chunk:
            break
        arrived += chunk
    return arrived
