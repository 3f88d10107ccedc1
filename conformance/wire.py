"""The wire: sends one probe over HTTP and keeps what came back, without secrets.

requests and urllib3 do the talking. The transport adapter is used without a session on top, for a session would follow
redirects, keep cookies, read proxies and netrc from the environment and log in again: a judge wants none of these.
"""

from __future__ import annotations

import contextlib
import copy
import http.client
import itertools
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies

from . import whole
from .channel import Adapter, Watch
from .credentials import Secret, Vault
from .exchange import Exchange, Failure, Response
from .probe import Probe, Text, encoded
from .target import Limits, Target

CHUNK = 64 * 1024
"""Bytes read at once; between two chunks the limits are looked at."""

PATIENCE = 6
"""How often a 429 or 503 with Retry-After is asked again."""

LONGEST_WAIT = 5.0
"""Seconds; a Retry-After beyond this is not waited for."""


class _Refused(Exception):
    """The answer broke one of our limits; carries the failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure


class Wire:
    """Sends probes to one target. Safe to use from several threads.

    ``sleep`` waits for the seconds of a Retry-After.
    """

    def __init__(
        self, target: Target, vault: Vault, limits: Limits, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._target = target
        self._vault = vault
        self._limits = limits
        self._sleep = sleep
        self._numbers = itertools.count(1)
        self._watch = Watch()
        self._adapter = Adapter(self._watch, limits.concurrency)
        self._one_by_one: threading.Lock | None = None
        self._proxies = get_environ_proxies(target.base_url) if limits.proxies else {}

    def close(self) -> None:
        """Cut what is under way, and close the connections that are kept alive."""
        self._watch.end()
        self._adapter.close()

    @contextlib.contextmanager
    def apart(self) -> Iterator[Wire]:
        """The same wire, on a kept-alive connection of its own; on any, where there may be but one."""
        if self._one_by_one:
            yield self
            return
        wire = copy.copy(self)
        wire._adapter = Adapter(self._watch, 1)
        with contextlib.closing(wire._adapter):
            yield wire

    def ask_in_turn_if_needed(self, probe: Probe, patience: float) -> None:
        """Find out whether the target serves a second connection while the first is kept alive; else ask one by one.

        RFC 9112 section 9.4 leaves it to the client to be content with few connections. Where no answer comes within
        ``patience`` seconds, requests are sent one after the other from then on.
        """
        second = Wire(self._target, self._vault, replace(self._limits, timeout=patience), self._sleep)
        outcome = second.send(probe).outcome
        second.close()
        if isinstance(outcome, Failure) and outcome.kind == "timeout":
            self._one_by_one = threading.Lock()
            self._adapter.close()

    def send(self, probe: Probe) -> Exchange:
        """Ask once; again after Retry-After, and once on a fresh connection where a kept-alive one was closed."""
        for attempt in itertools.count(1):
            with self._one_by_one or contextlib.nullcontext():
                exchange = self._send_once(probe)
            wait = _retry_after(exchange)
            if wait is None or attempt > PATIENCE:
                return exchange
            self._sleep(wait)
        raise AssertionError("itertools.count ends")

    def _send_once(self, probe: Probe) -> Exchange:
        at, started = time.time(), time.perf_counter()
        outcome = self._outcome(probe, self._adapter)
        if isinstance(outcome, Failure) and outcome.kind == "closed":
            # RFC 9112 section 9.3.1: a kept-alive connection may be closed at any time, under a request too.
            with contextlib.closing(Adapter(self._watch, 1)) as fresh:
                outcome = self._outcome(probe, fresh)
        seconds = round(time.perf_counter() - started, 6)
        return Exchange(next(self._numbers), probe, outcome, seconds, round(at, 3))

    def _outcome(self, probe: Probe, adapter: Adapter) -> Response | Failure:
        prepared = self._prepared(probe)
        with self._watch.over(self._limits.timeout, prepared.path_url) as current:
            outcome = self._asked(probe, prepared, adapter)
            if current.cut:
                return Failure("timeout", f"no whole answer within {self._limits.timeout:g} s")
            return outcome

    def _asked(self, probe: Probe, prepared: requests.PreparedRequest, adapter: Adapter) -> Response | Failure:
        try:
            if probe.method == "HEAD" or probe.header("Connection") == "close":
                return self._read(*self._whole(prepared))
            answer = adapter.send(
                prepared,
                stream=True,
                timeout=(self._limits.timeout, self._limits.timeout),
                verify=True,
                proxies=self._proxies,
            )
            try:
                return self._read(answer.raw, b"".join(self._chunks(answer.raw)))
            finally:
                answer.close()
        except _Refused as refused:
            return refused.failure
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            return self._scrubbed(failure_of(error, self._limits.timeout))

    def _scrubbed(self, failure: Failure) -> Failure:
        return Failure(failure.kind, self._vault.scrub_text(failure.sentence)[0])

    def _prepared(self, probe: Probe) -> requests.PreparedRequest:
        query = "&".join(
            f"{name}={encoded(self._value(value)) if isinstance(value, Secret) else value}"
            for name, value in probe.query
        )
        prepared = requests.PreparedRequest()
        prepared.prepare_method(probe.method)
        # Set as it is, because preparing a URL unquotes the plain letters that a probe may have quoted on purpose.
        prepared.url = f"{self._target.base_url}{probe.path}" + (f"?{query}" if query else "")
        prepared.headers = CaseInsensitiveDict(
            # http.client writes header text as Latin-1; so each character here is one byte of the UTF-8 that is meant.
            {name: self._value(value).encode("utf-8").decode("latin-1") for name, value in probe.headers}
        )
        return prepared

    def _value(self, value: Text) -> str:
        return self._vault.resolve(value) if isinstance(value, Secret) else value

    def _whole(self, prepared: requests.PreparedRequest) -> tuple[http.client.HTTPResponse, bytes]:
        limits = self._limits
        if self._one_by_one:
            # The connection that is kept alive would keep this one waiting.
            self._adapter.close()
        method, url = str(prepared.method), str(prepared.url)
        raw, arrived = whole.ask(method, url, prepared.headers, limits, self._watch)
        if len(arrived) > limits.body:
            raise _Refused(too_large(limits.body))
        return raw, arrived

    def _read(self, raw: urllib3.BaseHTTPResponse | http.client.HTTPResponse, arrived: bytes) -> Response:
        decoded = self._decoded(arrived, raw.headers.get("Content-Encoding") or "")
        body, in_body = self._vault.scrub(decoded)
        headers, in_headers = [], set[str]()
        for name, value in raw.headers.items():
            clean, found = self._vault.scrub_text(f"{name}\n{value}")
            in_headers.update(found)
            clean_name, _, clean_value = clean.partition("\n")
            headers.append((clean_name, clean_value))
        return Response(
            status=raw.status,
            reason=raw.reason or "",
            version={10: "1.0", 11: "1.1"}.get(raw.version, str(raw.version)),
            headers=tuple(headers),
            body=body,
            length=len(arrived),
            echoed=tuple(sorted({*in_body, *in_headers})),
        )

    def _chunks(self, raw: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        total = 0
        while chunk := self._chunk(raw):
            total += len(chunk)
            if total > self._limits.body:
                raise _Refused(too_large(self._limits.body))
            yield chunk

    def _chunk(self, raw: urllib3.BaseHTTPResponse) -> bytes:
        """The next piece of a body; none where it ends, be it before the length that it declared."""
        try:
            return raw.read1(CHUNK, decode_content=False)
        except urllib3.exceptions.ProtocolError as error:
            if any(isinstance(cause, http.client.IncompleteRead) for cause in _causes(error)):
                return self._cut(raw)
            raise

    def _cut(self, raw: urllib3.BaseHTTPResponse) -> bytes:
        # A body that is shorter than declared is an answer that can be judged; one without its last chunk is none.
        if raw.headers.get("Content-Length") is None:
            raise _Refused(Failure("cut", "the body ended before its last chunk"))
        return b""

    def _decoded(self, arrived: bytes, coding: str) -> bytes:
        """The body with its content coding taken off; a coding that nobody asked for is left on it."""
        windows = {"gzip": 31, "x-gzip": 31, "deflate": 15}.get(coding.strip().lower())
        if windows is None or not arrived:
            return arrived
        try:
            return inflated(arrived, windows, self._limits.body)
        except zlib.error as error:
            raise _Refused(Failure("encoding", f"a body that is not the {coding} it says it is: {error}")) from None


def inflated(arrived: bytes, windows: int, most: int) -> bytes:
    """What zlib makes of a body; of several members one after the other (RFC 1952 section 2.2), all of them."""
    body = b""
    while arrived:
        inflater = zlib.decompressobj(windows)
        body += inflater.decompress(arrived, most - len(body) + 1)
        if len(body) > most:
            raise _Refused(Failure("too large", f"a body that inflates beyond {most:,} bytes"))
        if not inflater.eof:
            raise zlib.error("it ends before its end")
        arrived = inflater.unused_data
    return body


def too_large(most: int) -> Failure:
    """A body beyond the limit."""
    return Failure("too large", f"a body of more than {most:,} bytes")


def _retry_after(exchange: Exchange) -> float | None:
    """The seconds to wait before asking again (RFC 9110 section 10.2.3); None where that is not asked, or too long."""
    response = exchange.response
    if response is None or not exchange.throttled:
        return None
    wait = _seconds(response.header("Retry-After") or "1", exchange.at)
    return wait if wait is not None and wait <= LONGEST_WAIT else None


def _seconds(text: str, now: float) -> float | None:
    """A Retry-After, a number of seconds or a date, in seconds from now; None where it is neither."""
    if text.strip().isascii() and text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None


def failure_of(error: Exception, timeout: float) -> Failure:
    """What an error of the transport means, told by the errors that caused it."""
    causes = list(_causes(error))
    for kinds, failure in (
        (_named("NameResolutionError", "gaierror"), Failure("no host", "no host of that name")),
        (_named("SSLError", "SSLCertVerificationError"), Failure("tls", f"TLS failed: {_reason(causes)}")),
        (_named("ConnectionRefusedError"), Failure("refused", "the connection was refused")),
        (
            _named("ConnectTimeoutError", "ReadTimeoutError", "ConnectTimeout", "ReadTimeout", "TimeoutError"),
            Failure("timeout", f"no answer within {timeout:g} s"),
        ),
        (
            _named("RemoteDisconnected", "ConnectionResetError", "BrokenPipeError", "ConnectionAbortedError"),
            Failure("closed", "the connection was closed without an answer"),
        ),
        (_named("InvalidHeader"), Failure("length", f"no length that can be read: {_reason(causes)}")),
        (_named("IncompleteRead"), Failure("cut", "the body ended before its declared length")),
    ):
        if any(type(cause).__name__ in kinds for cause in causes):
            return failure
    return Failure("protocol", f"no readable HTTP answer: {_reason(causes)}")


def _named(*names: str) -> frozenset[str]:
    return frozenset(names)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and what its arguments carry: urllib3 nests them all three ways."""
    seen: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        one = queue.pop(0)
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            queue += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
    return iter(seen)


def _reason(causes: list[BaseException]) -> str:
    # The innermost cause speaks of the wire, the outer ones of the libraries around it.
    return " ".join(str(causes[-1]).split())[:200] or type(causes[-1]).__name__
