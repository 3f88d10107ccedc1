"""One conforming server with a switch for everything that the document and HTTP leave to whoever writes one."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Machine = dict[str, Any]
Query = Mapping[str, list[str]]


def plain(mark: str, number: int) -> Machine:
    """A machine with nothing special about it."""
    return {
        "instance_name": f"vm-{number}",
        "instance_id": f"{mark}-{number}",
        "cpu_num": 2,
        "mem_size": 4,
        "disk_size": 40,
        "lan_ip": f"10.0.{number // 250}.{number % 250 + 1}",
        "wan_ip_set": [f"198.18.{number // 250}.{number % 250 + 1}"],
        "status": "ACTIVE",
        "create_at": "2024-01-01 00:00:00",
        "update_at": "2024-01-02 00:00:00",
    }


def whole_number(text: str) -> int | None:
    """An integer as Python reads it: with blanks around it, a sign, zeros before it, underscores."""
    try:
        return int(text)
    except ValueError:
        return None


def strict(text: str) -> int | None:
    """An integer in decimal digits, with nothing before it that could be left out."""
    return int(text) if re.fullmatch(r"0|-?[1-9][0-9]*", text) else None


def machine_word(bits: int) -> Callable[[str], int | None]:
    """An integer as a typed language reads it: none where it does not fit."""

    def read(text: str) -> int | None:
        number = int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else None
        return None if number is None or not -(1 << bits - 1) <= number < 1 << bits - 1 else number

    return read


def script_number(text: str) -> int | None:
    """An integer as JavaScript's Number() reads it: 1e3 and 0x10 are some, and a blank is 0."""
    text = text.strip()
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", text):
        return int(text, 16)
    if not re.fullmatch(r"|[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?", text):
        return None
    number = float(text or "0")
    return int(number) if number.is_integer() else None


class Refused(Exception):
    """A request that is refused."""

    def __init__(self, status: int, msg: str) -> None:
        super().__init__(msg)
        self.status, self.msg = status, msg


@dataclass(frozen=True)
class Person:
    """A tenant and its token."""

    tenant: str
    token: str


@dataclass(frozen=True)
class Ways:
    """How a server goes about what is left to it."""

    # whose machines
    sizes: Mapping[str, int] = field(default_factory=lambda: {"r1": 12, "r2": 3})
    people: tuple[Person, ...] = (Person("t-alpha", "tok-alpha-5521"), Person("t-omega", "tok-omega-9147"))
    party: str = "acme"
    make: Callable[[str, int], Machine] = plain

    # the body
    shape: Callable[[list[Machine]], Any] = list
    envelope: Mapping[str, Any] = field(default_factory=dict)
    refusal: Mapping[str, Any] = field(default_factory=dict)
    dumps: Mapping[str, Any] = field(default_factory=dict)
    reverse_keys: bool = False

    # the wire
    version: str = "HTTP/1.1"
    framing: str = "length"
    close: bool = False
    gzip: bool = False
    prefix: str = ""
    media_type: str = "application/json"
    media_type_of_refusals: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    throttle: tuple[int, int, str] | None = None
    blocked: Mapping[str, int] = field(default_factory=dict)
    longest: int = 60_000
    options: str = "501"

    # what is looked at, in which order, and what comes of it
    reads_party: str = "query"
    checks: Sequence[str] = ("token", "party", "required", "tenant", "region")
    statuses: Mapping[str, int] = field(default_factory=dict)
    known_only: bool = False
    of_two: str = "refused"
    slash: bool = False

    # paging
    base: int = 1
    inclusive: bool = True
    read: Callable[[str], int | None] = strict
    blank_is_absent: bool = False
    negative: str = "refused"
    crossed: str = "empty"

    @property
    def card(self) -> dict[str, str]:
        """Who may ask for what."""
        regions = list(self.sizes)
        card = {"party": self.party, "region": regions[0]}
        card |= {"tenant_id": self.people[0].tenant, "token": self.people[0].token}
        if len(self.people) > 1:
            card |= {"other_tenant_id": self.people[1].tenant, "other_token": self.people[1].token}
        return card | ({"other_region": regions[1]} if len(regions) > 1 else {})

    def listed(self, target: str, headers: Mapping[str, str]) -> list[Machine]:
        """The machines that a request asks for, or Refused."""
        url = urlsplit(target)
        if url.path not in {f"{self.prefix}/mana_api/vm", f"{self.prefix}/mana_api/vm/"[: None if self.slash else -1]}:
            raise Refused(404, "not found")
        query = parse_qs(url.query, keep_blank_values=True)
        if self.known_only and not query.keys() <= {"party", "tenant_id", "region", "f", "t"}:
            raise Refused(400, "unknown parameter")
        if self.of_two == "refused" and any(len(values) > 1 for values in query.values()):
            raise Refused(400, "a parameter is given twice")
        for name in self.checks:
            if not getattr(self, f"_check_{name}")(query, headers):
                if self.statuses.get(name) == 200:
                    return []
                raise Refused(self.statuses.get(name, 401 if name == "token" else 400), f"refused: {name}")
        region, tenant = self._one(query, "region"), self._one(query, "tenant_id")
        fleet = [self.make(f"{tenant}.{region}", number) for number in range(self.sizes[region])]
        return fleet[slice(*self._window(query, len(fleet)))]

    def _one(self, query: Query, name: str) -> str:
        return query.get(name, [""])[-1 if self.of_two == "last" else 0]

    def _person(self, headers: Mapping[str, str]) -> Person | None:
        return next((one for one in self.people if one.token == headers.get("X-Auth-Token")), None)

    def _check_token(self, _: Query, headers: Mapping[str, str]) -> bool:
        return self._person(headers) is not None

    def _check_party(self, query: Query, headers: Mapping[str, str]) -> bool:
        agent = headers.get("Sp-Agent") in {"default", self.party}
        if self.reads_party == "header":
            return agent
        return self._one(query, "party") == self.party if self.reads_party == "query" or "party" in query else agent

    def _check_required(self, query: Query, _: Mapping[str, str]) -> bool:
        needed = ("party", "tenant_id", "region") if self.reads_party == "query" else ("tenant_id", "region")
        return all(self._one(query, name).strip() for name in needed)

    def _check_tenant(self, query: Query, headers: Mapping[str, str]) -> bool:
        tenant, person = self._one(query, "tenant_id"), self._person(headers)
        return tenant == person.tenant if person else any(tenant == one.tenant for one in self.people)

    def _check_region(self, query: Query, _: Mapping[str, str]) -> bool:
        return self._one(query, "region") in self.sizes

    def _window(self, query: Query, length: int) -> tuple[int, int]:
        f, t = self._bound(query, "f"), self._bound(query, "t")
        if f is not None and t is not None and 0 <= t < f and self.crossed == "refused":
            raise Refused(400, "f is behind t")
        if self.negative == "refused" and min(f or 0, t or 0) < 0:
            raise Refused(400, "a bound is negative")
        start = 0 if f is None else f - self.base
        stop = length if t is None else t - self.base + self.inclusive
        return (start, stop) if self.negative == "from the end" else (max(start, 0), max(stop, 0))

    def _bound(self, query: Query, name: str) -> int | None:
        text = self._one(query, name)
        if name not in query or (self.blank_is_absent and not text.strip()):
            return None
        number = self.read(text)
        if number is None:
            raise Refused(400, f"{name} is no integer")
        return number

    def text(self, value: Any) -> bytes:
        """A body."""
        ordered = _reversed(value) if self.reverse_keys else value
        return json.dumps(ordered, **self.dumps).encode()


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(one) for key, one in reversed(value.items())}
    return [_reversed(one) for one in value] if isinstance(value, list) else value


class Handler(BaseHTTPRequestHandler):
    """One connection to a server that goes its ways."""

    ways: Ways
    served: Iterator[int]
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer GET, and HEAD less the body."""
        ways = self.ways
        if ways.throttle and next(self.served) % ways.throttle[0] == 0:
            _, status, after = ways.throttle
            return self.reply(status, {"msg": "later, please", "code": status}, {"Retry-After": after})
        blocked = next((status for word, status in ways.blocked.items() if word in self.path), 0)
        if blocked or len(self.path) > ways.longest:
            return self.send_error(blocked or 414)
        try:
            machines = ways.listed(self.path, {name.title(): value for name, value in self.headers.items()})
        except Refused as refused:
            challenge = {"WWW-Authenticate": "Token"} if refused.status == 401 else {}
            body = {"msg": refused.msg, "code": refused.status, **ways.refusal}
            return self.reply(refused.status, body, challenge)
        return self.reply(200, {**ways.envelope, "vm_servers": ways.shape(machines)}, {})

    do_HEAD = do_GET  # noqa: N815

    def reply(self, status: int, body: Any, headers: Mapping[str, str]) -> None:
        """Send an answer."""
        ways, data = self.ways, self.ways.text(body)
        media_type = ways.media_type if status == 200 else ways.media_type_of_refusals
        said = {**ways.headers, **headers} | ({"Content-Type": media_type} if media_type else {})
        if ways.gzip and "gzip" in self.headers.get("Accept-Encoding", ""):
            data = gzip.compress(data)
            said |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        framing = ways.framing if self.request_version == "HTTP/1.1" and ways.version == "HTTP/1.1" else "length"
        said |= {"length": {"Content-Length": str(len(data))}, "chunked": {"Transfer-Encoding": "chunked"}}.get(
            framing, {}
        )
        if ways.close or framing == "close":
            said["Connection"] = "close"
        self.send_response(status)
        for name, value in said.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data) if framing == "chunked" else data)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answer OPTIONS, where it is answered; the library asks for its method by name, and else sends 501."""
        if name == "do_OPTIONS" and self.ways.options != "501":
            return self._options
        raise AttributeError(name)

    def _options(self) -> None:
        self.send_response(int(self.ways.options))
        self.send_header("Allow", "GET, HEAD, OPTIONS")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server that many may call at once."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Say nothing of a caller that went away."""


@contextlib.contextmanager
def serving(ways: Ways) -> Iterator[str]:
    """A server on a loopback port; the base URL."""
    own = {"ways": ways, "served": itertools.count(1), "protocol_version": ways.version}
    with Server(("127.0.0.1", 0), type("Handler", (Handler,), own)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{ways.prefix}"
        finally:
            server.shutdown()
            thread.join()
