"""The answer to HEAD, read as far as it goes: whether a body follows the header is what libraries never look at."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

ENOUGH = 65_536
"""Bytes that are read of a body that should not be there."""

LINGER = 0.3
"""Seconds to wait for such a body after the header; one that comes is sent along with it."""


class _AsIfGet(http.client.HTTPResponse):
    """Reads on after the header as for GET, where http.client would stop for HEAD."""

    def __init__(self, sock: object, *_: object, **__: object) -> None:
        super().__init__(sock, method="GET")  # type: ignore[arg-type]


def head(url: str, headers: Mapping[str, str], timeout: float) -> tuple[http.client.HTTPResponse, bytes]:
    """Ask by HEAD on a connection of its own; the response, and the bytes that followed its header.

    Raises OSError and http.client.HTTPException as the connection does.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=timeout)
    )
    connection.response_class = _AsIfGet
    try:
        connection.request(
            "HEAD", url[url.index(parts.netloc) + len(parts.netloc) :], headers={**headers, "Connection": "close"}
        )
        if connection.sock is None:
            raise ConnectionError("the connection was closed without an answer")
        channel = connection.sock
        response = connection.getresponse()
        channel.settimeout(LINGER)
        return response, _rest(response)
    finally:
        connection.close()


def _rest(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(ENOUGH)
    except http.client.IncompleteRead as error:
        return error.partial
    except OSError:
        return b""
