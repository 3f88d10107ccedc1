"""The wire sends a probe as it is given, takes whatever comes back, and ends in time."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.credentials import TOKEN, Secret, Vault
from conformance.exchange import Exchange, Failure, Response
from conformance.probe import Probe
from conformance.target import Limits, Target
from conformance.throttle import LONGEST_WAIT, PATIENCE
from conformance.to_the_end import in_origin_form
from conformance.wire import Wire
from tests.suite.servers import Talk, answer, answers, free_port, talking

VALUE = 'odd"token/with+all&sorts'
GOOD = Probe("GET", "/mana_api/vm", (("party", "p"),), (("X-Auth-Token", Secret(TOKEN)),))
SOON = 2.0
"""Seconds within which what is limited to a fraction of one has ended, on a busy machine too."""


def wire(base_url: str, waits: list[float] | None = None, **limits: Any) -> Wire:
    """A wire to this server; what it would wait is noted and not waited."""
    target = Target("a server", base_url, "p", "t", "r")
    noted: list[float] = [] if waits is None else waits
    return Wire(target, Vault({TOKEN: VALUE}), Limits(**{"timeout": 5.0, **limits}), noted.append)


def ask(base_url: str, probe: Probe = GOOD, **limits: Any) -> Exchange:
    """One exchange on a wire of its own."""
    with closing(wire(base_url, **limits)) as one:
        return one.send(probe)


def answered(exchange: Exchange) -> Response:
    """The response of an exchange that has one."""
    assert isinstance(exchange.outcome, Response), exchange.outcome
    return exchange.outcome


def failed(exchange: Exchange) -> Failure:
    """The failure of an exchange that has none."""
    assert isinstance(exchange.outcome, Failure), exchange.outcome
    return exchange.outcome


# -- what leaves


@pytest.mark.parametrize("value", ["%64ong", "%2F", "%2f", "a+b", "", "100%25", "%zz", "{}|'"])
def test_query_leaves_as_given(value: str) -> None:
    """A query stands on the wire letter for letter as its probe has it."""
    with talking(answers(answer())) as server:
        ask(server.base_url, Probe("GET", "/p", (("party", value), ("%70", "x"))))
    assert server.lines == [f"GET /p?party={value}&%70=x HTTP/1.1"]


@pytest.mark.parametrize("path", ["/a/../b", "/a//b", "/%41", "/a/./b"])
def test_path_leaves_as_given(path: str) -> None:
    """A path stands on the wire letter for letter as its probe has it."""
    with talking(answers(answer())) as server:
        ask(server.base_url, Probe("GET", path))
    assert server.lines == [f"GET {path} HTTP/1.1"]


def test_host_that_is_called_as_its_scheme_is_no_path() -> None:
    """What is asked on a connection of its own is what stands behind the host, and be that named http."""
    assert in_origin_form("http://http/mana_api/vm?a=%2F//b") == "/mana_api/vm?a=%2F//b"
    assert in_origin_form("https://s:8443/p/../vm") == "/p/../vm"


def test_method_and_headers_leave_as_given() -> None:
    """A method and headers stand on the wire as the probe has them, text as UTF-8 and the token in its place."""
    headers = (("x-AUTH-token", Secret(TOKEN)), ("Sp-Agent", "ü"), ("Empty", ""))
    with talking(answers(answer())) as server:
        ask(server.base_url, Probe("PURGE", "/p", (), headers))
    [head] = server.heads
    lines = head.split(b"\r\n")
    assert lines[0] == b"PURGE /p HTTP/1.1"
    assert {f"x-AUTH-token: {VALUE}".encode(), "Sp-Agent: ü".encode(), b"Empty:"} <= {line.rstrip() for line in lines}


def test_secret_in_a_query_is_encoded() -> None:
    """A token in the query is percent-encoded, so that all of it arrives."""
    with talking(answers(answer())) as server:
        ask(server.base_url, Probe("GET", "/p", (("token", Secret(TOKEN)),)))
    assert server.lines == ["GET /p?token=odd%22token%2Fwith%2Ball%26sorts HTTP/1.1"]


def test_redirect_is_not_followed() -> None:
    """A redirect is the answer: nothing is asked where it points."""
    with (
        talking(answers(answer())) as elsewhere,
        talking(answers(answer("302 Found", Location=elsewhere.base_url))) as one,
    ):
        exchange = ask(one.base_url)
    assert (exchange.status, len(one.heads), elsewhere.connections) == (302, 1, 0)


def test_cookie_is_not_kept() -> None:
    """A cookie is not sent back."""
    with talking(answers(answer(Set_Cookie="who=me; Path=/"))) as server, closing(wire(server.base_url)) as one:
        one.send(GOOD)
        one.send(GOOD)
    assert len(server.heads) == 2
    assert b"cookie" not in server.heads[1].lower()


def test_credentials_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A netrc that has a password for the server is left alone."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with talking(answers(answer())) as server:
        ask(server.base_url)
    assert b"authorization" not in server.heads[0].lower()


@pytest.fixture
def by_proxy(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has the environment name a proxy for everything."""

    def use(url: str) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, url)
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")

    return use


ODD = Probe("GET", "/vm", (("region", "%64ong%2f"),))
KINDS = {"kept": ODD, "closed": replace(ODD, headers=(("Connection", "close"),)), "HEAD": ODD.by("HEAD")}
"""What is asked on a connection that is kept, and on one that is read to its very end."""


@pytest.mark.parametrize("wanted", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_proxy_of_the_environment_is_used_on_demand_only(
    by_proxy: Callable[[str], None], kind: str, wanted: bool
) -> None:
    """A proxy that the environment names is used where that was asked for, and else not; it is sent the whole URL."""
    with talking(answers(answer("299 By proxy"))) as proxy, talking(answers(answer())) as server:
        by_proxy(proxy.base_url)
        exchange = ask(server.base_url, KINDS[kind], proxies=wanted)
    assert exchange.status == (299 if wanted else 200)
    assert (proxy.connections, server.connections) == ((1, 0) if wanted else (0, 1))
    root = server.base_url if wanted else ""
    assert proxy.lines + server.lines == [f"{KINDS[kind].method} {root}/vm?region=%64ong%2f HTTP/1.1"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxy_is_told_who_asks(by_proxy: Callable[[str], None], kind: str, scheme: str) -> None:
    """A login that stands in the proxy's URL goes to the proxy, which is asked for a tunnel where there is TLS."""
    with talking(answers(answer())) as proxy:
        by_proxy(proxy.base_url.replace("://", "://me:mine@"))
        ask(f"{scheme}://vm.example", KINDS[kind], proxies=True, timeout=1.0)
    asked = (
        f"{KINDS[kind].method} http://vm.example/vm?region=%64ong%2f" if scheme == "http" else "CONNECT vm.example:443"
    )
    assert proxy.lines[0].startswith(asked)
    assert b"\r\nproxy-authorization: basic " + base64.b64encode(b"me:mine").lower() in proxy.heads[0].lower()


@pytest.mark.parametrize("kind", KINDS)
def test_answer_by_a_proxy_has_to_be_there_in_time(by_proxy: Callable[[str], None], kind: str) -> None:
    """What drips through a proxy is ended as what drips without one."""

    def drip(talk: Talk) -> None:
        talk.request()
        talk.say(b"HTTP/1.1 200 OK\r\n")
        with contextlib.suppress(OSError):
            while True:
                talk.say(b"X: y\r\n")
                time.sleep(0.05)

    with talking(drip) as proxy:
        by_proxy(proxy.base_url)
        assert failed(ask("http://vm.example", KINDS[kind], proxies=True, timeout=0.5)).kind == "timeout"


# -- asked again


def test_connection_is_kept_alive() -> None:
    """Two asks, one after the other, share a connection."""
    with talking(answers(answer())) as server, closing(wire(server.base_url)) as one:
        assert [one.send(GOOD).status, one.send(GOOD).status] == [200, 200]
    assert (server.connections, len(server.heads)) == (1, 2)


def test_connection_closed_under_a_request_is_asked_again() -> None:
    """A kept-alive connection that is closed under a request is no failure: it is asked again on a fresh one."""

    def once_each(talk: Talk) -> None:
        talk.request()
        talk.say(answer())
        # The second request is read, so that it is surely under way, and the connection closed upon it.
        talk.request()

    with talking(once_each) as server, closing(wire(server.base_url)) as one:
        assert [one.send(GOOD).status, one.send(GOOD).status] == [200, 200]
        assert one.tally.dropped == 1
    assert (server.connections, len(server.heads)) == (2, 3)


def test_request_that_met_a_408_is_asked_again() -> None:
    """A server that gives up an idle connection says so by 408, and what was just sent is asked on a fresh one."""

    def give_up(talk: Talk) -> None:
        talk.request()
        talk.say(answer())
        talk.request()
        talk.say(answer("408 Request Timeout", Connection="close"))

    with talking(give_up) as server, closing(wire(server.base_url)) as one:
        assert [one.send(GOOD).status, one.send(GOOD).status] == [200, 200]
        assert one.tally.dropped == 1
    assert (server.connections, len(server.heads)) == (2, 3)


def test_408_that_comes_again_is_the_answer() -> None:
    """A server that answers a fresh connection by 408 means the request."""

    def late(talk: Talk) -> None:
        talk.request()
        talk.say(answer("408 Request Timeout", Connection="close"))

    with talking(late) as server, closing(wire(server.base_url)) as one:
        assert one.send(GOOD).status == 408
    assert len(server.heads) == 2


def test_connection_that_is_always_closed_is_a_failure() -> None:
    """A server that closes each connection without an answer is asked twice and no more."""

    def close(talk: Talk) -> None:
        talk.request()

    with talking(close) as server, closing(wire(server.base_url)) as one:
        failure = failed(one.send(GOOD))
        assert one.tally.dropped == 0
    assert (failure.kind, len(server.heads)) == ("closed", 2)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_busy_server_is_asked_again_when_it_says(status: str) -> None:
    """A 429 or 503 with Retry-After is asked again after so many seconds."""
    waits: list[float] = []
    with talking(answers(answer(status, Retry_After="2"), answer())) as server:
        with closing(wire(server.base_url, waits)) as one:
            assert one.send(GOOD).status == 200
        assert (waits, len(server.heads)) == ([2.0], 2)


@pytest.mark.parametrize("when", [str(int(LONGEST_WAIT) + 1), "soon"])
def test_busy_server_that_asks_for_too_long_a_wait_is_asked_once(when: str) -> None:
    """A 429 whose Retry-After is too long, or nothing that can be waited for, is the answer."""
    waits: list[float] = []
    with talking(answers(answer("429 Too Many Requests", Retry_After=when))) as server:
        with closing(wire(server.base_url, waits)) as one:
            assert one.send(GOOD).status == 429
        assert (waits, len(server.heads)) == ([], 1)


def test_server_that_stays_busy_is_left_in_peace() -> None:
    """A server that says 503 for ever is asked again a few times, and then that is its answer."""
    waits: list[float] = []
    with talking(answers(answer("503 Busy", Retry_After="1"))) as server:
        with closing(wire(server.base_url, waits)) as one:
            assert one.send(GOOD).status == 503
        assert (len(waits), len(server.heads)) == (PATIENCE, PATIENCE + 1)


# -- what comes


def test_answer_is_kept_as_it_came() -> None:
    """Status, reason, version, repeated headers and body are kept."""
    said = b"HTTP/1.1 299 Odd one\r\nA: 1\r\nA: 2\r\nContent-Length: 4\r\n\r\n\xff\x00ab"
    with talking(answers(said)) as server:
        response = answered(ask(server.base_url))
    assert (response.status, response.reason, response.version) == (299, "Odd one", "1.1")
    assert response.headers[:2] == (("A", "1"), ("A", "2"))
    assert (response.body, response.length) == (b"\xff\x00ab", 4)


def test_body_in_chunks_is_joined() -> None:
    """A chunked body is what its chunks hold."""
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{ \r\n1;x=y\r\n}\r\n0\r\nTrailer: x\r\n\r\n"
    with talking(answers(said)) as server, closing(wire(server.base_url)) as one:
        assert [answered(one.send(GOOD)).body for _ in range(2)] == [b"{ }", b"{ }"]


def test_old_http_ends_with_its_connection() -> None:
    """A body of HTTP/1.0 without a length runs to the connection's end."""

    def old(talk: Talk) -> None:
        talk.request()
        talk.say(b"HTTP/1.0 200 OK\r\n\r\n{}")

    with talking(old) as server:
        response = answered(ask(server.base_url))
    assert (response.version, response.body) == ("1.0", b"{}")


def test_head_has_no_body() -> None:
    """The answer to HEAD is over with its head, whatever length that names."""
    with talking(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")) as server:
        response = answered(ask(server.base_url, GOOD.by("HEAD")))
    assert (response.body, response.header("content-length")) == (b"", "99")


def test_interim_answer_is_passed_over() -> None:
    """An answer of the 1xx is not the answer yet (RFC 9110 section 15.2)."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with talking(answers(early + answer())) as server:
        assert ask(server.base_url).status == 200


def test_gzip_is_inflated() -> None:
    """A gzipped body is kept inflated, and its length as it stood on the wire."""
    packed = gzip.compress(b"{}" * 500)
    with talking(answers(answer(body=packed, Content_Encoding="GZIP"))) as server:
        response = answered(ask(server.base_url))
    assert (response.body, response.length) == (b"{}" * 500, len(packed))


def test_gzip_of_several_members_is_inflated_whole() -> None:
    """A gzipped body may be several members, one behind the other (RFC 1952 section 2.2)."""
    packed = gzip.compress(b"[1,") + gzip.compress(b"2]")
    with talking(answers(answer(body=packed, Content_Encoding="gzip"))) as server:
        assert answered(ask(server.base_url)).body == b"[1,2]"


def test_gzip_of_countless_members_is_broken_off() -> None:
    """A body of more gzip members than any server writes is broken off, however little is in each."""
    packed = gzip.compress(b"") * 20_000
    with talking(answers(answer(body=packed, Content_Encoding="gzip"))) as server:
        failure = failed(ask(server.base_url, timeout=30.0))
    assert (failure.kind, "gzip members" in failure.sentence) == ("too large", True)


@pytest.mark.parametrize("packed", [b"no gzip", gzip.compress(b"{}" * 500)[:-12]], ids=["other", "cut"])
def test_broken_gzip_is_a_failure(packed: bytes) -> None:
    """A body that is not the gzip it says it is, or the beginning of one, is a failure and not a short body."""
    with talking(answers(answer(body=packed, Content_Encoding="gzip"))) as server:
        assert failed(ask(server.base_url)).kind == "encoding"


def test_secrets_are_hidden_as_they_come() -> None:
    """A token that an answer holds, in whichever spelling, is replaced by its name, and named as echoed."""
    spelled = [VALUE, base64.b64encode(VALUE.encode()).decode(), "odd%22token%2Fwith%2Ball%26sorts"]
    with talking(answers(answer(body="|".join(spelled).encode(), Echo=VALUE))) as server:
        response = answered(ask(server.base_url))
    assert (response.header("Echo"), response.echoed) == (TOKEN, (TOKEN,))
    assert VALUE.encode() not in response.body
    assert response.body.count(TOKEN.encode()) == 3


# -- what goes wrong


@pytest.mark.parametrize("closing_probe", [GOOD, GOOD.with_header("Connection", "close")], ids=["kept alive", "closed"])
def test_body_shorter_than_declared_is_kept_as_such(closing_probe: Probe) -> None:
    """A body that ends before its declared length can be told from a whole one: its own length is kept beside that."""

    def cut(talk: Talk) -> None:
        talk.request()
        talk.say(answer(Content_Length="100"))

    with talking(cut) as server:
        response = answered(ask(server.base_url, closing_probe))
    assert (response.body, response.length, response.header("Content-Length")) == (b"{}", 2, "100")


def test_what_follows_the_declared_length_is_seen() -> None:
    """On a connection that is closed after it, a body is read to its very end, beyond its declared length."""

    def long(talk: Talk) -> None:
        talk.request()
        talk.say(answer(body=b'{"a": 1}', Content_Length="2"))

    with talking(long) as server:
        response = answered(ask(server.base_url, GOOD.with_header("Connection", "close")))
    assert (response.body, response.length) == (b'{"a": 1}', 8)


def test_body_after_head_is_seen() -> None:
    """What a server sends behind the header of its answer to HEAD is kept, for nothing may stand there."""

    def talkative(talk: Talk) -> None:
        talk.request()
        talk.say(answer())

    with talking(talkative) as server:
        assert answered(ask(server.base_url, GOOD.by("HEAD"))).length == 2


def test_chunks_cut_short_are_a_failure() -> None:
    """A chunked body without its last chunk is a failure."""

    def cut(talk: Talk) -> None:
        talk.request()
        talk.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}")

    with talking(cut) as server:
        assert failed(ask(server.base_url)).kind in {"cut", "protocol"}


def test_body_longer_than_declared_is_not_taken_for_the_next_answer() -> None:
    """What comes beyond the declared length belongs to no answer."""
    longer = answer(body=b'{"a": 1}', Content_Length="2")
    with talking(answers(longer)) as server, closing(wire(server.base_url)) as one:
        first, second = one.send(GOOD), one.send(GOOD)
    assert (answered(first).body, answered(second).status, answered(second).body) == (b'{"', 200, b'{"')


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"]
)
def test_no_http_is_a_failure(said: bytes) -> None:
    """An answer that is no HTTP is a failure, or is at least read to its end, and never an error of ours."""

    def speak(talk: Talk) -> None:
        talk.request()
        talk.say(said)

    with talking(speak) as server:
        exchange = ask(server.base_url, timeout=1.0)
    assert exchange.response is None or exchange.body == b"{}"


def test_refused_connection_is_a_failure() -> None:
    """A port that nobody listens on is told as such."""
    assert failed(ask(f"http://127.0.0.1:{free_port()}")).kind == "refused"


def test_plain_http_behind_https_is_a_tls_failure() -> None:
    """A server that speaks no TLS is told as such."""
    with talking(lambda talk: talk.say(b"HTTP/1.0 400 Bad Request\r\n\r\n")) as server:
        assert failed(ask(server.base_url.replace("http:", "https:"))).kind == "tls"


# -- limits


def test_silence_ends_in_time() -> None:
    """A server that never answers is waited for no longer than the limit."""

    def silent(talk: Talk) -> None:
        while talk.request():
            pass

    with talking(silent) as server:
        started = time.monotonic()
        assert failed(ask(server.base_url, timeout=0.2)).kind == "timeout"
        assert time.monotonic() - started < SOON


def drops(start: bytes, drop: bytes, pause: float = 0.05) -> Any:
    """A talk that begins an answer and then says a little every now and then, for longer than is waited for it."""

    def talk(one: Talk) -> None:
        one.request()
        one.say(start)
        for _ in range(int(1.5 * SOON / pause)):
            one.say(drop)
            time.sleep(pause)

    return talk


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b" ", id="body to the end"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", id="chunks"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=", b"y", id="a chunk's head"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"y", id="a header"),
        pytest.param(b"HTTP/1.1 200 O", b"K", id="the status line"),
    ],
)
@pytest.mark.parametrize(
    "probe", [GOOD, GOOD.with_header("Connection", "close"), GOOD.by("HEAD")], ids=["", "closed", "HEAD"]
)
def test_dribble_ends_in_time(start: bytes, drop: bytes, probe: Probe) -> None:
    """An answer that comes in drops is waited for no longer than the limit for the whole of it."""
    with talking(drops(start, drop)) as server:
        started = time.monotonic()
        exchange = ask(server.base_url, probe, timeout=0.2)
        # The answer to HEAD may be taken for whole with its head, whatever drips behind it.
        assert probe.method == "HEAD" or failed(exchange).kind == "timeout"
        assert time.monotonic() - started < SOON


def flooding(start: bytes, more: bytes) -> Any:
    """A talk that says a great deal more than any limit, as fast as it can."""

    def talk(one: Talk) -> None:
        one.request()
        one.say(start)
        for _ in range(2_000):
            one.say(more)

    return talk


def floods() -> Iterator[Any]:
    """Answers that never end."""
    yield pytest.param(flooding(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536), id="body")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    yield pytest.param(flooding(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk), id="chunks")
    yield pytest.param(flooding(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000), id="headers")
    yield pytest.param(flooding(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65536), id="a header")


@pytest.mark.parametrize("flood", list(floods()))
def test_flood_ends_within_the_limits(flood: Any) -> None:
    """An answer that never ends is broken off when it is larger than the limit."""
    with talking(flood) as server:
        started = time.monotonic()
        assert failed(ask(server.base_url, body=1_000_000)).kind in {"too large", "protocol"}
        assert time.monotonic() - started < SOON


def test_gzip_bomb_is_not_inflated_beyond_the_limit() -> None:
    """A small body that inflates beyond the limit is broken off."""
    bomb = gzip.compress(bytes(20_000_000))
    with talking(answers(answer(body=bomb, Content_Encoding="gzip"))) as server:
        assert failed(ask(server.base_url, body=1_000_000)).kind == "too large"


def test_what_stands_before_a_body_is_limited() -> None:
    """Interim answers, each small, are passed over no longer than a header may be."""
    with talking(flooding(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100)) as server:
        failure = failed(ask(server.base_url, timeout=30.0))
    assert (failure.kind, "before any body" in failure.sentence) == ("too large", True)


PARSED: dict[str, tuple[bytes, str]] = {
    "many machines": (b'{"vm_servers": [' + b"{}," * 900_000 + b"{}]}", "more values"),
    "a long text": (b'{"vm_servers": ["' + b"x" * 2_500_000 + b'"]}', "no text ends"),
}


@pytest.mark.parametrize(("body", "words"), PARSED.values(), ids=PARSED)
def test_body_is_limited_by_what_it_is_once_parsed(body: bytes, words: str) -> None:
    """A body that takes many times its length once it is parsed is broken off by that."""
    with talking(answers(answer(body=body))) as server:
        failure = failed(ask(server.base_url, timeout=30.0, body=10_000_000))
    assert (failure.kind, words in failure.sentence) == ("too large", True)


def test_list_of_many_machines_is_within_the_limits() -> None:
    """A list of as many machines as anybody may have is taken in whole."""
    machines = [dict.fromkeys(map(str, range(8)), "a value of some length") | {"wan": ["192.0.2.1"]}] * 100_000
    body = json.dumps({"vm_servers": machines}).encode()
    with talking(answers(answer(body=body))) as server:
        assert len(answered(ask(server.base_url, timeout=30.0)).body) == len(body)


def test_large_bodies_come_in_one_at_a_time_and_none_is_late_for_it() -> None:
    """A large body waits for another to be taken in; that is not counted as time that the target took."""
    half, waiting = b'"" ' * 1_000_000, threading.Barrier(3)

    def in_halves(talk: Talk) -> None:
        talk.request()
        talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 6000000\r\n\r\n" + half)
        time.sleep(0.5)
        talk.say(half)

    def one() -> None:
        waiting.wait()
        came.append(single.send(GOOD))

    came: list[Exchange] = []
    with talking(in_halves) as server, closing(wire(server.base_url, timeout=1.2)) as single:
        threads = [threading.Thread(target=one) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [len(answered(exchange).body) for exchange in came] == [6_000_000] * 3


def test_wire_counts_what_it_carried() -> None:
    """Requests are counted as they were sent, those sent again included, and bytes as they came."""
    busy_first = answers(answer("429 Busy", Retry_After="0"), answer(body=b"x" * 1000))
    with talking(busy_first) as server, closing(wire(server.base_url)) as one:
        one.send(GOOD)
        counted = one.tally
    assert counted.requests == 2
    assert 1000 < counted.bytes < 2000
