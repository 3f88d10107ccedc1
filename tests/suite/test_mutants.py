"""The mutants are what they say: each has a fault that shows, only where it says, and none is a copy of another."""

import gzip
import hashlib
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any
from urllib.parse import quote
from wsgiref.types import WSGIApplication

import pytest
import requests
from werkzeug.test import EnvironBuilder, run_wsgi_app

from reference import fleet, readings
from reference.mutant import Change, Parts, create
from reference.mutants import MUTANTS, NAMED, named
from reference.server import NAMES_AS_SENT
from reference.service import Service
from reference.store import Store
from reference.tokens import Tokens
from tests.suite.gate import ROOT
from tests.suite.started import LIMIT, started_reference

SEED = "test"
PARTY, AGENT = "scloudm", "default"
HERE, THERE = "dongjing", "guangzhou"
MAIN, OTHER = (tenant.tenant_id for tenant in fleet.tenants(SEED))
TOKENS = {name: (name.capitalize() + "Secret0" * 7)[:48] for name in ("main", "other", "expired")}

GOOD = {"party": PARTY, "tenant_id": MAIN, "region": HERE}

Environ = dict[str, Any]
Shown = tuple[int, tuple[tuple[str, str], ...], bytes]
"""A response: its status, its headers, its body."""

# The requests


def query(parameters: Mapping[str, str | list[str] | None]) -> str:
    """Parameters as they stand in a query; None leaves one out, a list gives it several times."""
    pairs = [
        (name, text)
        for name, value in parameters.items()
        if value is not None
        for text in ([value] if isinstance(value, str) else value)
    ]
    return "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in pairs)


def sent(
    parameters: Mapping[str, str | list[str] | None] | str | None = None,
    *,
    token: str | None = TOKENS["main"],
    method: str = "GET",
    path: str = "/mana_api/vm",
    headers: Mapping[str, str | None] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Environ:
    """The WSGI environment of a good request, with these parameters in the place of its own; a text is all of them.

    A parameter or a header of None is left out.
    """
    asked = parameters if isinstance(parameters, str) else query({**GOOD, **(parameters or {})})
    all_headers = {"Sp-Agent": AGENT, **({} if token is None else {"X-Auth-Token": token}), **(headers or {})}
    named = [(name, value) for name, value in all_headers.items() if value is not None]
    builder = EnvironBuilder(path=path, method=method, query_string=asked, headers=named)
    return {**builder.get_environ(), **(environ or {})}


WINDOWS = [
    *((first, first + size - 1) for size in (1, 2, 3, 7, 10, 14) for first in (1, 2, 8, 11, 13, 16, 22, 25)),
    *((1, last) for last in (20, 24, 25, 26, 10_000, 2**31 - 1)),
    *((first, 25) for first in (6, 9, 12, 24)),
    (0, 9),
    (20, 30),
    (3, 10_000),
    (7, 12),
    (12, 16),
]

BAD_BOUNDS = ["abc", "1.5", "-1", "-2147483649", "", " ", "1e3", "0x10", "true", "null", "１", "NaN", "Infinity", "²"]
BAD_BOUNDS += ["1'", "1\0", "1\nx"]

ODD = [
    "it's",
    'a"b',
    "\0",
    "a\r\nX-Seen: yes",
    "京",
    "ü",
    "🐼",
    "%s%n",
    "%",
    "{x}",
    "../..",
    "\x90",
    "x" * 4000,
    "ZZZ",
    "\U000f0000",
]


GOOD_TOKEN = TOKENS["main"]
BAD_TOKENS = [
    "x" * 48,
    "short",
    GOOD_TOKEN[:-1],
    GOOD_TOKEN + "x",
    "x" + GOOD_TOKEN,
    GOOD_TOKEN[:20] + "~" + GOOD_TOKEN[21:],
    GOOD_TOKEN.swapcase(),
    GOOD_TOKEN[20:],
    GOOD_TOKEN[:-3] + "~" + GOOD_TOKEN[-2:],
    "constructor",
    "None",
    "' OR '1'='1",
    "x" * 4000,
    "令牌",
]


def windows() -> Iterator[tuple[str, Environ]]:
    """Pages of the main region, bounds alone, and some of the second region."""
    for first, last in WINDOWS:
        place = "later page" if first > 1 else "first page"
        yield f"{place}: f={first} t={last}", sent({"f": str(first), "t": str(last)})
    for first in (2, 9, 25):
        yield f"later page: f={first} alone", sent({"f": str(first)})
    for last in (1, 9, 10_000, 2**63, 2**64, 2**64 + 3, 10**20):
        yield f"first page: t={last} alone", sent({"t": str(last)})
    for first, last in ((1, 1), (2, 5), (12, 12)):
        yield f"second region, later page: f={first}", sent({"region": THERE, "f": str(first), "t": str(last)})
    for first, last in (
        (0, 1),
        (1, 0),
        (26, 30),
        (60, 61),
        (3000, 3001),
        (9, 8),
        (25, 2),
        (2**64, 2**64),
        (2**64 + 3, 2**64 + 5),
        (2, 2**64),
        (2, 25_000),
    ):
        yield f"later page, past the end: f={first} t={last}", sent({"f": str(first), "t": str(last)})


def refusals() -> Iterator[tuple[str, Environ]]:
    """Every kind of refusal, each in several ways."""
    for name in GOOD:
        yield f"missing-parameter: {name}", sent({name: None})
        yield from ((f"blank-parameter: {name} {blank!r}", sent({name: blank})) for blank in ("", " ", "\t"))
    for name in ("f", "t"):
        yield from ((f"bad-bound: {name}={text!r}", sent({name: text})) for text in BAD_BOUNDS)
        yield f"several values: {name}", sent({name: ["1", "2"]})
    yield "missing-parameter: party, and no agent", sent({"party": None}, headers={"Sp-Agent": None})
    yield from ((f"no-token: {token!r}", sent(token=token)) for token in (None, ""))
    yield from ((f"bad-token: {token}", sent(token=token)) for token in BAD_TOKENS)
    yield "bad-token: the tenant's id", sent(token=MAIN)
    yield "expired-token: own list", sent(token=TOKENS["expired"])
    yield "expired-token: another tenant's list", sent({"tenant_id": OTHER}, token=TOKENS["expired"])
    yield "expired-token: second region", sent({"region": THERE}, token=TOKENS["expired"])
    yield (
        "expired-token: a page of the second region",
        sent({"region": THERE, "f": "1", "t": "2"}, token=TOKENS["expired"]),
    )
    yield "second region: later page, far behind", sent({"region": THERE, "f": "11", "t": "14"})
    yield "main region: a later page", sent({"f": "4", "t": "5"})
    yield "second region: the same later page", sent({"region": THERE, "f": "4", "t": "5"})
    yield "no-token: the same later page", sent({"f": "4", "t": "5"}, token=None)
    yield "second region: another tenant's own", sent({"region": THERE, "tenant_id": OTHER}, token=TOKENS["other"])
    yield "unknown parameter: another tenant's project_id", sent({"project_id": OTHER})
    yield "missing-parameter: an object's member", sent({"region": None, "region[$ne]": "x"})
    yield "no-token: second region", sent({"region": THERE}, token=None)
    yield "bad-token: second region", sent({"region": THERE}, token=BAD_TOKENS[0])
    yield "other-tenant: second region", sent({"region": THERE, "tenant_id": OTHER})
    yield "no-token: a page that nobody asked for", sent({"f": "6", "t": "9"}, token=None)
    yield "missing-parameter: all", sent("")
    for tenant in ("0" * 32, MAIN[:-1], MAIN.upper(), *ODD):
        yield f"strange-tenant: {tenant!r}", sent({"tenant_id": tenant})
    yield "other-tenant: their list", sent({"tenant_id": OTHER})
    yield "other-tenant: the end of their list", sent({"tenant_id": OTHER, "t": "2"})
    yield "other-tenant: a later page", sent({"tenant_id": OTHER, "f": "2", "t": "3"})
    yield "other-tenant: ours with their token, second region", sent({"region": THERE}, token=TOKENS["other"])
    yield "no-token: nor a tenant", sent({"tenant_id": None}, token=None)
    yield "no-token: from f on", sent({"f": "1"}, token=None)
    yield "bad-token: up to t", sent({"t": "2"}, token=BAD_TOKENS[0])
    yield "expired-token: from f on", sent({"f": "1"}, token=TOKENS["expired"])
    yield "bad-bound: second region", sent({"region": THERE, "t": "abc"})
    yield "bad-bound: second region, the other one", sent({"region": THERE, "f": "abc"})
    yield "other-tenant: ours with their token", sent(token=TOKENS["other"])
    yield "other-tenant: a page of ours with their token", sent({"f": "1", "t": "2"}, token=TOKENS["other"])
    yield "strange-tenant: one letter off", sent({"tenant_id": f"{'0' if MAIN[0] != '0' else '1'}{MAIN[1:]}"})
    yield "unknown-region: one letter off", sent({"region": f"{HERE[:-1]}q"})
    yield "unknown-region: a backslash", sent({"region": "a\\b"})
    yield "strange-tenant: more behind an equals sign", sent({"tenant_id": f"{MAIN}=x"})
    for region in ("nowhere", HERE[:-1], "1", "q", f"{HERE}&x=y", *ODD):
        yield f"unknown-region: {region!r}", sent({"region": region})
    yield from ((f"unknown-party: {party!r}", sent({"party": party})) for party in ("nobody", *ODD))
    for pair in ([MAIN, OTHER], [OTHER, MAIN]):
        yield f"several values: tenant_id {pair}", sent({"tenant_id": pair})
    yield "strange-tenant: two that a comma joins", sent({"tenant_id": f"{MAIN},{OTHER}"})
    yield "unknown-party: second region", sent({"region": THERE, "party": "nobody"})
    yield "several values: region", sent({"region": [HERE, HERE]})


def forms() -> Iterator[tuple[str, Environ]]:
    """The same list in other words: parameters, headers, methods, connections."""
    yield "whole list: with more", sent({"colour": "red"})
    yield "whole list: in reverse", sent(query(dict(reversed(GOOD.items()))))
    for name, value in (("region", HERE), ("party", PARTY)):
        letter = f"%{ord(value[0]):x}{value[1:]}"
        yield f"whole list: {name} percent-encoded", sent(f"{query({**GOOD, name: None})}&{name}={letter}")
    for name, value in (("Cookie", "a=b"), ("If-None-Match", '"x"'), ("Content-Type", "application/json")):
        yield f"whole list: with {name}", sent(headers={name: value})
    yield "no-token: it is in the query", sent({"token": TOKENS["main"]}, token=None)
    for kind, wrong in (("unknown-region", {"region": "nowhere"}), ("bad-bound", {"t": "abc"})):
        yield f"{kind}: once more", sent(wrong)
        yield f"whole list: after {kind}", sent()
    yield "whole list: compressed", sent(headers={"Accept-Encoding": "gzip"})
    yield "bad-token: compressed", sent(token=BAD_TOKENS[0], headers={"Accept-Encoding": "gzip"})
    yield "whole list: with a list of bounds", sent({"f[]": "1"})
    yield "whole list: plain, as asked for", sent(headers={"Accept-Encoding": "identity"})
    yield "later page: compressed", sent({"f": "3"}, headers={"Accept-Encoding": "gzip"})
    yield "whole list: names in lower case", sent(environ={NAMES_AS_SENT: "host,x-auth-token"})
    yield "first page: the document's own", sent({"f": "1", "t": "10"})
    for number in range(4):
        yield f"whole list: kept alive, {number}", sent(environ={"REMOTE_PORT": "40000"})
    for method in ("HEAD", "OPTIONS", "TRACE", "PROPFIND", "POST", "PUT", "PATCH", "DELETE"):
        yield f"method: {method}", sent(method=method)
        yield f"whole list: after {method}", sent()
    yield "method: HEAD refused", sent({"region": None}, method="HEAD")
    yield "method: HEAD with an unknown token", sent(token=BAD_TOKENS[0], method="HEAD")
    yield "unknown path: with a slash, and no token", sent(path="/mana_api/vm/", token=None)
    yield "unknown path: with two slashes, and no token", sent(path="/mana_api//vm", token=None)
    yield "unknown path: in capitals, and no token", sent(path="/MANA_API/VM", token=None)
    yield "no-token: said to be from here", sent(token=None, headers={"X-Real-IP": "127.0.0.1"})
    yield "method: HEAD for another tenant", sent({"tenant_id": OTHER}, method="HEAD")
    yield "method: HEAD of a page", sent({"f": "1", "t": "3"}, method="HEAD")
    yield "later page: behind HEAD", sent({"f": "1", "t": "3"})
    yield "whole list: if modified since", sent(headers={"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"})
    for path in ("/", "/mana_api", "/mana_api/vm/"):
        yield f"unknown path: {path}", sent(path=path)


def requests_asked() -> dict[str, Environ]:
    """All of them, by what they are."""
    theirs = {"tenant_id": OTHER}
    return {
        "whole list: first time": sent(),
        "their list: the same": sent(theirs, token=TOKENS["other"]),
        "second region: whole list": sent({"region": THERE}),
        "their list: second region": sent({**theirs, "region": THERE}, token=TOKENS["other"]),
        "later page: of their list": sent({**theirs, "f": "2", "t": "3"}, token=TOKENS["other"]),
        "later page: still later, of their list": sent({**theirs, "f": "4", "t": "5"}, token=TOKENS["other"]),
        "later page: behind the end of their list": sent({**theirs, "f": "1000", "t": "1001"}, token=TOKENS["other"]),
        "second region: up to t": sent({"region": THERE, "t": "2"}),
        **dict(windows()),
        **dict(refusals()),
        **dict(forms()),
        **{f"whole list: again, {number}": sent() for number in range(8)},
    }


ASKED = requests_asked()

# The answers


def served(change: Change, vms: int = 25, **pinned: str) -> WSGIApplication:
    """The WSGI application of the reference with a fault, always with the same world and the same tokens."""
    store = Store()
    store.fill(fleet.world(SEED, vms))
    service = Service(store, Tokens(store), readings.parse(f"{name}={value}" for name, value in pinned.items()))
    parts = change(Parts(service))
    main, other = store.tenants()
    texts = iter(TOKENS.values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reference.tokens.made_up", lambda: next(texts))
        parts.service.tokens.issue(main)
        parts.service.tokens.issue(other)
        parts.service.tokens.issue(main, age=10_000)
    return create(parts)


def healthy(parts: Parts) -> Parts:
    """No fault."""
    return parts


def asked_of(application: WSGIApplication, environ: Environ) -> Shown:
    """The application's response to a request."""
    body, status, headers = run_wsgi_app(application, environ, buffered=True)
    return int(status.split()[0]), tuple(sorted(headers.to_wsgi_list())), b"".join(body)


OURS, THEIRS = sent(), sent({"tenant_id": OTHER}, token=TOKENS["other"])
THEIR_PAGE = sent({"tenant_id": OTHER, "f": "1", "t": "3"}, token=TOKENS["other"])

TOGETHER = [[OURS, THEIRS, OURS, THEIRS], [OURS, THEIR_PAGE, OURS, THEIR_PAGE]] * 3
"""Requests that are asked at the same time, several times over: whether they overlap is not ours to say."""


def answers(application: WSGIApplication) -> dict[str, Shown]:
    """Its responses to all requests, one after the other, and at last to some at the same time."""
    shown = {name: asked_of(application, environ) for name, environ in ASKED.items()}
    barrier = Barrier(4)

    def at_once(environ: Environ) -> Shown:
        barrier.wait()
        return asked_of(application, environ)

    with ThreadPoolExecutor(4) as pool:
        rounds = [list(pool.map(at_once, group)) for group in TOGETHER]
    return shown | {
        f"at the same time: round {number}, {index}": response
        for number, group in enumerate(rounds)
        for index, response in enumerate(group)
    }


@pytest.fixture(scope="module")
def right() -> dict[str, Shown]:
    """The answers of the healthy reference."""
    return answers(served(healthy))


@pytest.fixture(scope="module")
def wrong() -> dict[str, dict[str, Shown]]:
    """The answers of each mutant."""
    return {mutant.name: answers(served(mutant.change)) for mutant in MUTANTS}


def changed(right: dict[str, Shown], shown: dict[str, Shown]) -> set[str]:
    """The requests to which other answers came than the right ones."""
    return {asked for asked in right if shown[asked] != right[asked]}


# The mutants


def test_names_and_sentences() -> None:
    """Each has a name of its own, a clause, and a sentence on one line."""
    assert len(NAMED) == len(MUTANTS) >= 160
    for mutant in MUTANTS:
        assert re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)+", mutant.name)
        assert re.fullmatch(r"[A-Z]+-[0-9a-z_-]+", mutant.clause)
        assert mutant.summary.isprintable()
        assert not mutant.summary.endswith(".")
    assert len({mutant.summary for mutant in MUTANTS}) == len(MUTANTS)


def test_areas() -> None:
    """There are some for each area of the contract, and some that only drawn requests meet."""
    areas = {"HEAD", "BODY", "FIELD", "PARAM", "AUTH", "PAGE", "ERROR", "SCOPE", "METHOD", "STAB", "PROP"}
    assert {mutant.clause.partition("-")[0] for mutant in MUTANTS} == areas
    assert len([mutant for mutant in MUTANTS if mutant.drawn]) >= 8


@pytest.mark.slow
def test_each_shows(right: dict[str, Shown], wrong: dict[str, dict[str, Shown]]) -> None:
    """Each answers some request otherwise than the healthy reference, which answers them all the same again."""
    assert not changed(right, answers(served(healthy)))
    assert not [name for name, shown in wrong.items() if not changed(right, shown)]


@pytest.mark.slow
def test_none_is_a_copy(wrong: dict[str, dict[str, Shown]]) -> None:
    """No two answer all requests alike."""
    alike: dict[bytes, list[str]] = {}
    for name, shown in wrong.items():
        alike.setdefault(hashlib.sha256(repr(shown).encode()).digest(), []).append(name)
    assert not [names for names in alike.values() if len(names) > 1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "label"), [("-on-later-pages", "later page"), ("-in-second-region", "second region")]
)
def test_fault_of_a_place(right: dict[str, Shown], wrong: dict[str, dict[str, Shown]], ending: str, label: str) -> None:
    """A fault on later pages, or in the second region, shows nowhere else."""
    names = [name for name in wrong if name.endswith(ending)]
    assert len(names) >= 15
    assert not {(name, asked) for name in names for asked in changed(right, wrong[name]) if label not in asked}


@pytest.mark.slow
def test_fault_of_a_refusal(right: dict[str, Shown], wrong: dict[str, dict[str, Shown]]) -> None:
    """A fault in the body of one kind of refusal shows in no other, and leaves the status as it is."""
    kinds = {asked.partition(":")[0] for asked in right}
    bodies = [mutant for mutant in MUTANTS if mutant.clause.removeprefix("ERROR-") in kinds]
    assert len({mutant.clause for mutant in bodies}) == 10
    for mutant in bodies:
        kind = mutant.clause.removeprefix("ERROR-")
        others = changed(right, wrong[mutant.name])
        assert {asked.partition(":")[0] for asked in others} <= {kind, "method"}
        assert not [asked for asked in others if wrong[mutant.name][asked][0] != right[asked][0]]


def machines(shown: Shown) -> list[dict[str, Any]]:
    """The machines that a response lists."""
    _, headers, body = shown
    plain = gzip.decompress(body) if ("Content-Encoding", "gzip") in headers else body
    listed: list[dict[str, Any]] = json.loads(plain or '{"vm_servers": []}')["vm_servers"]
    return listed


@pytest.mark.slow
@pytest.mark.parametrize(("ending", "count"), [("-on-last-machine", 17), ("-when-error", 10)])
def test_fault_of_a_machine(
    right: dict[str, Shown], wrong: dict[str, dict[str, Shown]], ending: str, count: int
) -> None:
    """A fault of the last machine, or of those with one status, shows in no other."""
    lasts = [right[asked] for asked in right if "whole list" in asked or asked.startswith("their list")]
    last_ids = {machines(shown)[-1]["instance_id"] for shown in lasts if shown[0] == 200}
    names = [name for name in wrong if name.endswith(ending)]
    assert len(names) >= count
    for name in names:
        for asked in changed(right, wrong[name]) - {"method: HEAD"}:
            for ours, theirs in zip(machines(right[asked]), machines(wrong[name][asked]), strict=True):
                spoiled = ours["status"] == "ERROR" if ending == "-when-error" else ours["instance_id"] in last_ids
                assert ours == theirs or spoiled, (name, asked)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("vms", "pinned"),
    [
        (0, {"vm_servers": "dict", "lan": "both", "wan": "string", "code": "absent", "paging": "0-exclusive"}),
        (1, {"lan": "lan_ip_set", "party": "header", "paging": "1-exclusive"}),
        (60, {"vm_servers": "dict", "wan": "string", "party": "either", "paging": "0-inclusive"}),
    ],
)
def test_faults_under_other_readings(vms: int, pinned: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """Under other readings, and with other numbers of machines, a mutant fails by its fault and not by an error."""
    for mutant in MUTANTS:
        application = served(mutant.change, vms, **pinned)
        for environ in list(ASKED.values())[::12]:
            asked_of(application, environ)
        assert not caplog.records, mutant.name


# The command


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """The command with these options, when it has ended."""
    command = [sys.executable, "-m", "reference", *options]
    return subprocess.run(  # noqa: S603 - our own words
        command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False
    )


def test_list() -> None:
    """`--list-mutants` has a line for each, and with `--json` the same for programs."""
    lines = [line.split("\t") for line in run("--list-mutants").stdout.splitlines()]
    assert lines == [[mutant.name, mutant.clause, mutant.summary] for mutant in MUTANTS]
    told = json.loads(run("--list-mutants", "--json").stdout)
    assert [list(each.values())[:3] for each in told] == lines
    assert {each["name"] for each in told if each["drawn"]} == {mutant.name for mutant in MUTANTS if mutant.drawn}


@pytest.mark.parametrize(("name", "words"), [("cpu-missing-on-later-pages", "cpu_num"), ("?", "--list-mutants")])
def test_unknown_name(name: str, words: str) -> None:
    """An unknown name ends the start with one line that helps, and exit 2."""
    ended = run("--mutant", name)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert repr(name) in ended.stderr
    assert words in ended.stderr


def test_named() -> None:
    """A mutant is found by its name."""
    assert all(named(mutant.name) is mutant for mutant in MUTANTS)


# On the wire


@contextmanager
def started(*options: str) -> Iterator[dict[str, str]]:
    """A server as a process of its own: the line with which it came up. It says nothing on standard error."""
    with started_reference(*options) as (process, card):
        yield card
        process.terminate()
        assert process.communicate(timeout=LIMIT)[1] == ""


def exchanged(card: dict[str, str], *requested: str, method: str = "GET", header: str = "X-Auth-Token") -> bytes:
    """What comes over a connection for a request and its further parameters, to the connection's end."""
    host, _, port = card["base_url"].removeprefix("http://").partition(":")
    good = [f"{name}={card[name]}" for name in ("party", "tenant_id", "region")]
    lines = [
        f"{method} /mana_api/vm?{'&'.join([*good, *requested])} HTTP/1.1",
        f"Host: {host}",
        f"{header}: {card['token']}",
        "Connection: close",
    ]
    with socket.create_connection((host, int(port)), timeout=LIMIT) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def split(response: bytes) -> tuple[int, dict[str, str], bytes]:
    """The status, the headers and the body of a response."""
    head, _, body = response.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


def test_header_name_on_the_wire() -> None:
    """Only the mutant minds in which case a header's name is sent."""
    for options, status in (((), 200), (("--mutant", "token-header-by-letter"), 401)):
        with started(*options) as card:
            assert split(exchanged(card))[0] == 200
            assert split(exchanged(card, header="x-auth-token"))[0] == status


def test_length_on_the_wire() -> None:
    """A length that is wrong goes out wrong, and nothing is said on standard error."""
    with started("--mutant", "content-length-too-long-on-later-pages") as card:
        for parameter, more in (("f=1", 0), ("f=2", 1)):
            _, headers, body = split(exchanged(card, parameter))
            assert int(headers["Content-Length"]) == len(body) + more


def test_head_on_the_wire() -> None:
    """HEAD has a body only where that is the fault."""
    for options, has_body in (((), False), (("--mutant", "head-with-body"), True)):
        with started(*options) as card:
            assert bool(split(exchanged(card, method="HEAD"))[2]) is has_body


def test_date_on_the_wire() -> None:
    """A date that is wrong goes out in the place of the server's own."""
    with started("--mutant", "date-without-weekday") as card:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", split(exchanged(card))[1]["Date"])


def test_connections_on_the_wire() -> None:
    """What goes wrong on a connection that is kept alive is right on a fresh one."""
    with started("--mutant", "kept-alive-loses-last") as card, requests.Session() as session:
        good = {name: card[name] for name in ("party", "tenant_id", "region")}
        url, headers = f"{card['base_url']}/mana_api/vm", {"X-Auth-Token": card["token"]}
        sizes = [len(session.get(url, params=good, headers=headers).json()["vm_servers"]) for _ in range(3)]
        assert sizes == [25, 24, 24]
        assert len(json.loads(split(exchanged(card))[2])["vm_servers"]) == 25


def test_mutant_under_other_options() -> None:
    """A mutant takes the other options as the healthy server does."""
    with started("--mutant", "token-case-ignored", "--vms", "3", "--reading", "vm_servers=dict") as card:
        assert len(json.loads(split(exchanged(card))[2])["vm_servers"]) == 3
        swapped = {**card, "token": card["token"].swapcase()}
        assert len(json.loads(split(exchanged(swapped))[2])["vm_servers"]) == 3
