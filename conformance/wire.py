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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus

import requests
import urllib3
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies, select_proxy

from . import to_the_end
from .channel import Adapter
from .credentials import Secret, Vault
from .exchange import Exchange, Failure, Response
from .failures import Refused, causes_of, failure_of
from .intake import Intake, Pile
from .probe import Probe, Text, encoded
from .tally import Tally
from .target import Limits, Target
from .throttle import PATIENCE, WAITS, retry_after
from .watch import Current, Watch

CHUNK = 64 * 1024
"""Bytes read at once; between two chunks the limits are looked at."""


TIME_LOST = frozenset({"timeout", "too large"})
"""The kinds of failure that take time in proportion to our limits."""


class Wire:
    """Sends probes to one target. Safe to use from several threads.

    ``sleep`` waits for the seconds of a Retry-After; where it is not given, until then or until the wire is closed.
    """

    def __init__(
        self, target: Target, vault: Vault, limits: Limits, sleep: Callable[[float], object] | None = None
    ) -> None:
        self._target = target
        self._vault = vault
        self._limits = limits
        self.tally = Tally()
        self._numbers = itertools.count(1)
        self._intake = Intake(limits.body)
        self._watch = Watch()
        self._sleep = sleep or self._watch.sleep
        self._adapter = Adapter(self._watch, limits.concurrency)
        self._named: dict[str, Adapter] = {}
        self._one_by_one: threading.Lock | None = None
        self._proxies = get_environ_proxies(target.base_url) if limits.proxies else {}

    def close(self) -> None:
        """Cut what is under way, and close the connections that are kept alive."""
        self._watch.end()
        self._adapter.close()

    @contextlib.contextmanager
    def apart(self) -> Iterator[Wire]:
        """The same wire, on kept-alive connections of its own: one, and one of each name that a probe is to go over.

        On any, where there may be but one.
        """
        if self._one_by_one:
            yield self
            return
        wire = copy.copy(self)
        wire._adapter, wire._named = Adapter(self._watch, 1), {}
        try:
            yield wire
        finally:
            for adapter in (wire._adapter, *wire._named.values()):
                adapter.close()

    def leave(self, connection: str) -> None:
        """Close the connection of this name, over which no more is asked."""
        if adapter := self._named.pop(connection, None):
            adapter.close()

    @contextlib.contextmanager
    def alone(self) -> Iterator[Wire]:
        """The same wire, with no connection but one that is made anew."""
        self._adapter.close()
        with self.apart() as wire:
            yield wire

    def ask_in_turn(self) -> None:
        """Send requests one after the other from now on."""
        self._one_by_one = self._one_by_one or threading.Lock()
        self._adapter.close()

    def ask_in_turn_if_needed(self, probe: Probe, patience: float) -> None:
        """Find out whether the target serves a second connection while the first is kept alive; else ask one by one.

        RFC 9112 section 9.4 leaves it to the client to be content with few connections. Where no answer comes within
        ``patience`` seconds, requests are sent one after the other from then on.
        """
        second = Wire(self._target, self._vault, replace(self._limits, timeout=patience), self._sleep)
        second.tally = self.tally
        outcome = second.send(probe).outcome
        second.close()
        if isinstance(outcome, Failure) and outcome.kind == "timeout":
            self.ask_in_turn()

    def send(self, probe: Probe) -> Exchange:
        """Ask once; again after Retry-After, and once on a fresh connection where a kept-alive one was closed."""
        waited = 0.0
        for _ in range(PATIENCE):
            exchange = self._send_in_turn(probe)
            wait = retry_after(exchange)
            if wait is None or waited + wait > WAITS:
                return exchange
            waited += wait
            with self.tally.losing():
                self._sleep(wait)
        return self._send_in_turn(probe)

    def _send_in_turn(self, probe: Probe) -> Exchange:
        with self._one_by_one or contextlib.nullcontext():
            return self._send_once(probe)

    def _send_once(self, probe: Probe) -> Exchange:
        at, started = time.time(), time.perf_counter()
        outcome = self._outcome(probe, self._adapter_for(probe))
        if _was_given_up(outcome):
            with contextlib.closing(Adapter(self._watch, 1)) as fresh:
                outcome = self._outcome(probe, fresh)
            if not isinstance(outcome, Failure):
                self.tally.was_dropped()
        seconds = round(time.perf_counter() - started, 6)
        return Exchange(next(self._numbers), probe, outcome, seconds, round(at, 3))

    def _adapter_for(self, probe: Probe) -> Adapter:
        if not probe.over or self._one_by_one:
            return self._adapter
        return self._named.setdefault(probe.over, Adapter(self._watch, 1))

    def _outcome(self, probe: Probe, adapter: Adapter) -> Response | Failure:
        prepared = self._prepared(probe)
        self.tally.sent()
        started = time.monotonic()
        with self._watch.over(self._limits.timeout, prepared.path_url) as current:
            outcome = self._asked(probe, prepared, adapter, current)
        if current.cut:
            outcome = Failure("timeout", f"no whole answer within {self._limits.timeout:g} s")
        if isinstance(outcome, Failure) and outcome.kind in TIME_LOST:
            self.tally.lost_since(started)
        return outcome

    def _asked(
        self, probe: Probe, prepared: requests.PreparedRequest, adapter: Adapter, current: Current
    ) -> Response | Failure:
        try:
            with self._intake.body(current) as pile:
                return self._answer_of(probe, prepared, adapter, pile)
        except Refused as refused:
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

    def _answer_of(self, probe: Probe, prepared: requests.PreparedRequest, adapter: Adapter, pile: Pile) -> Response:
        proxy = self._proxy(str(prepared.url))
        closing = probe.method == "HEAD" or probe.header("Connection") == "close"
        # Behind a proxy that is itself reached by TLS or SOCKS, what follows the header is not looked for.
        if closing and proxy.partition("://")[0] in {"", "http"}:
            return self._read(*self._to_the_end(prepared, pile, proxy), pile)
        answer = adapter.send(
            prepared,
            stream=True,
            timeout=(self._limits.timeout, self._limits.timeout),
            verify=self._limits.trust,
            proxies=self._proxies,
        )
        try:
            return self._read(answer.raw, pile.joined(_chunks(answer.raw)), pile)
        finally:
            answer.close()

    def _proxy(self, url: str) -> str:
        """The URL of the proxy to go through; empty for none."""
        proxy = (self._proxies and select_proxy(url, self._proxies)) or ""
        return proxy if not proxy or "://" in proxy else f"http://{proxy}"

    def _to_the_end(
        self, prepared: requests.PreparedRequest, pile: Pile, proxy: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        if self._one_by_one:
            # The connection that is kept alive would keep this one waiting.
            self._adapter.close()
        asked = (str(prepared.method), str(prepared.url), prepared.headers)
        with to_the_end.asking(*asked, self._limits, self._watch, proxy=proxy) as (raw, chunks):
            return raw, pile.joined(chunks)

    def _read(self, raw: urllib3.BaseHTTPResponse | http.client.HTTPResponse, arrived: bytes, pile: Pile) -> Response:
        decoded = pile.decoded(arrived, raw.headers.get("Content-Encoding") or "")
        pile.check(decoded)
        body, in_body = self._vault.scrub(decoded)
        headers, in_headers = self._scrubbed_fields(raw.headers.items())
        self.tally.took(len(arrived) + sum(len(name) + len(value) + 4 for name, value in headers))
        return Response(
            status=raw.status,
            reason=self._vault.scrub_text(raw.reason or "")[0],
            version={10: "1.0", 11: "1.1"}.get(raw.version, str(raw.version)),
            headers=headers,
            body=body,
            length=len(arrived),
            echoed=tuple(sorted({*in_body, *in_headers})),
        )

    def _scrubbed_fields(self, fields: Iterable[tuple[str, str]]) -> tuple[tuple[tuple[str, str], ...], set[str]]:
        """Header fields with each secret in them replaced by its name, and the names that were replaced."""
        lines = [f"{name}\n{value}" for name, value in fields]
        found = set[str]()
        # To search them all at once takes no longer than to search one, and hardly any answer has a secret in it.
        if self._vault.scrub_text("\n".join(lines))[1]:
            scrubbed = [self._vault.scrub_text(line) for line in lines]
            lines, found = [line for line, _ in scrubbed], {name for _, names in scrubbed for name in names}
        halves = (line.partition("\n") for line in lines)
        return tuple((name, value) for name, _, value in halves), found


def _was_given_up(outcome: Response | Failure) -> bool:
    """Whether a connection was closed for want of a request: at any time, under one too (RFC 9112 section 9.3.1).

    A server may say so by 408, which a client may have taken for the answer to what it just sent (RFC 9110 section
    15.5.9).
    """
    return outcome.kind == "closed" if isinstance(outcome, Failure) else outcome.status == HTTPStatus.REQUEST_TIMEOUT


def _chunks(raw: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    while chunk := _chunk(raw):
        yield chunk


def _chunk(raw: urllib3.BaseHTTPResponse) -> bytes:
    """The next piece of a body; none where it ends, be it before the length that it declared."""
    try:
        return raw.read1(CHUNK, decode_content=False)
    except urllib3.exceptions.ProtocolError as error:
        if not any(isinstance(cause, http.client.IncompleteRead) for cause in causes_of(error)):
            raise
    # A body that is shorter than declared is an answer that can be judged; one without its last chunk is none.
    if raw.headers.get("Content-Length") is None:
        raise Refused(Failure("cut", "the body ended before its last chunk"))
    return b""
