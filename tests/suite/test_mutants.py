"""The mutants are what they say: each has a fault that shows, only where it says, and none is a copy of another."""

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from reference import fleet, readings
from reference.mutant import Change, Parts, create
from reference.mutants import MUTANTS
from reference.server import NAMES_AS_SENT
from reference.service import Service
from reference.store import Store
from reference.tokens import Tokens

ROOT = Path(__file__).parents[2]

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
    headers: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Environ:
    """The WSGI environment of a good request, with these parameters in the place of its own; a text is all of them."""
    asked = parameters if isinstance(parameters, str) else query({**GOOD, **(parameters or {})})
    named = {"Sp-Agent": AGENT, **({} if token is None else {"X-Auth-Token": token}), **(headers or {})}
    builder = EnvironBuilder(path=path, method=method, query_string=asked, headers=named)
    return {**builder.get_environ(), **(environ or {})}


WINDOWS = [
    *((first, first + size - 1) for size in (1, 2, 3, 6, 7, 10, 14) for first in (1, 2, 4, 8, 11, 13, 16, 19, 22, 25)),
    *((1, last) for last in (20, 24, 25, 26, 10_000, 2**31 - 1)),
    *((first, 25) for first in (6, 9, 12, 24)),
    (0, 9),
    (20, 30),
]

BAD_BOUNDS = ["abc", "1.5", "-1", "-2147483649", "", " ", "1e3", "0x10", "true", "null", "１"]

ODD = ["it's", 'a"b', "\0", "a\r\nX-Seen: yes", "京", "ü", "🐼", "%s%n", "%", "{x}", "../..", "\x85", "x" * 4000]


def windows() -> Iterator[tuple[str, Environ]]:
    """Pages of the main region, bounds alone, and some of the second region."""
    for first, last in WINDOWS:
        place = "later page" if first > 1 else "first page"
        yield f"{place}: f={first} t={last}", sent({"f": str(first), "t": str(last)})
    for first in (2, 9, 25):
        yield f"later page: f={first} alone", sent({"f": str(first)})
    for last in (1, 9, 10_000, 2**63, 2**64, 10**20):
        yield f"first page: t={last} alone", sent({"t": str(last)})
    for first, last in ((1, 1), (2, 5), (12, 12)):
        yield f"second region, later page: f={first}", sent({"region": THERE, "f": str(first), "t": str(last)})
    for first, last in ((26, 30), (60, 61), (3000, 3001), (9, 8), (25, 2), (2**64, 2**64), (2, 2**64), (2, 25_000)):
        yield f"later page, past the end: f={first} t={last}", sent({"f": str(first), "t": str(last)})


def refusals() -> Iterator[tuple[str, Environ]]:
    """Every kind of refusal, each in several ways."""
    for name in GOOD:
        yield f"missing-parameter: {name}", sent({name: None})
        for blank in ("", " ", "\t"):
            yield f"blank-parameter: {name} {blank!r}", sent({name: blank})
    for name in ("f", "t"):
        for text in BAD_BOUNDS:
            yield f"bad-bound: {name}={text!r}", sent({name: text})
        yield f"several values: {name}", sent({name: ["1", "2"]})
    for token in (None, ""):
        yield f"no-token: {token!r}", sent(token=token)
    main = TOKENS["main"]
    for wrong in ("x" * 48, "short", main[:-1], main + "x", main[:20] + "~" + main[21:], main.swapcase()):
        yield f"bad-token: {wrong}", sent(token=wrong)
    yield "expired-token: own list", sent(token=TOKENS["expired"])
    for tenant in ("0" * 32, MAIN[:-1], MAIN.upper(), *ODD):
        yield f"strange-tenant: {tenant!r}", sent({"tenant_id": tenant})
    yield "other-tenant: their list", sent({"tenant_id": OTHER})
    yield "other-tenant: ours with their token", sent(token=TOKENS["other"])
    for region in ("nowhere", HERE[:-1], "1", "q", *ODD):
        yield f"unknown-region: {region!r}", sent({"region": region})
    for party in ("nobody", *ODD):
        yield f"unknown-party: {party!r}", sent({"party": party})
    for pair in ([MAIN, OTHER], [OTHER, MAIN]):
        yield f"several values: tenant_id {pair}", sent({"tenant_id": pair})


def forms() -> Iterator[tuple[str, Environ]]:
    """The same list in other words: parameters, headers, methods, connections."""
    yield "whole list: with more", sent({"colour": "red"})
    yield "whole list: in reverse", sent(query(dict(reversed(GOOD.items()))))
    for name, value in (("region", HERE), ("party", PARTY)):
        letter = f"%{ord(value[0]):x}{value[1:]}"
        yield f"whole list: {name} percent-encoded", sent(f"{query({**GOOD, name: None})}&{name}={letter}")
    yield "no-token: it is in the query", sent({"token": TOKENS["main"]}, token=None)
    yield "whole list: compressed", sent(headers={"Accept-Encoding": "gzip"})
    yield "later page: compressed", sent({"f": "3"}, headers={"Accept-Encoding": "gzip"})
    yield "whole list: names in lower case", sent(environ={NAMES_AS_SENT: "host,x-auth-token"})
    yield "first page: the document's own", sent({"f": "1", "t": "10"})
    for number in range(4):
        yield f"whole list: kept alive, {number}", sent(environ={"REMOTE_PORT": "40000"})
    for method in ("HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE"):
        yield f"method: {method}", sent(method=method)
        yield f"whole list: after {method}", sent()
    yield "method: HEAD refused", sent({"region": None}, method="HEAD")
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
        "their list: a page": sent({**theirs, "f": "2", "t": "3"}, token=TOKENS["other"]),
        **dict(windows()),
        **dict(refusals()),
        **dict(forms()),
        **{f"whole list: again, {number}": sent() for number in range(8)},
    }


ASKED = requests_asked()

# The answers


class Clock:
    """The time as it is, but that one token was issued long ago."""


def served(change: Change, monkeypatch: pytest.MonkeyPatch, vms: int = 25, **pinned: str) -> Any:
    """The WSGI application of the reference with a fault, always with the same world and the same tokens."""
    store = Store()
    store.fill(fleet.world(SEED, vms))
    service = Service(store, Tokens(store), readings.parse(f"{name}={value}" for name, value in pinned.items()))
    parts = change(Parts(service))
    main, other = store.tenants()
    texts = iter(TOKENS.values())
    with monkeypatch.context() as patch:
        patch.setattr("reference.tokens.made_up", lambda: next(texts))
        parts.service.tokens.issue(main)
        parts.service.tokens.issue(other)
        parts.service.tokens.issue(main, age=10_000)
    return create(parts)


def healthy(parts: Parts) -> Parts:
    """No fault."""
    return parts


def asked_of(application: Any, environ: Environ) -> Shown:
    """The application's response to a request."""
    body, status, headers = run_wsgi_app(application, environ, buffered=True)
    return int(status.split()[0]), tuple(sorted(headers.to_wsgi_list())), b"".join(body)


def answers(application: Any) -> dict[str, Shown]:
    """Its responses to all requests, one after the other, and at last to some at the same time."""
    shown = {name: asked_of(application, environ) for name, environ in ASKED.items()}
    barrier = Barrier(4)

    def together(environ: Environ) -> Shown:
        barrier.wait()
        return asked_of(application, environ)

    ours, theirs = sent(), sent({"tenant_id": OTHER}, token=TOKENS["other"])
    with ThreadPoolExecutor(4) as pool:
        both = list(pool.map(together, [ours, theirs, ours, theirs]))
    return shown | {f"at the same time: {number}": each for number, each in enumerate(both)}


@pytest.fixture(scope="module")
def monkeymodule() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def right(monkeymodule: pytest.MonkeyPatch) -> dict[str, Shown]:
    """The answers of the healthy reference."""
    return answers(served(healthy, monkeymodule))


@pytest.fixture(scope="module")
def wrong(monkeymodule: pytest.MonkeyPatch) -> dict[str, dict[str, Shown]]:
    """The answers of each mutant."""
    return {mutant.name: answers(served(mutant.change, monkeymodule)) for mutant in MUTANTS}


Changed = dict[str, set[str]]


@pytest.fixture(scope="module")
def changed(right: dict[str, Shown], wrong: dict[str, dict[str, Shown]]) -> Changed:
    """To which requests each mutant answers otherwise than the healthy reference."""
    return {name: {asked for asked in right if shown[asked] != right[asked]} for name, shown in wrong.items()}


def test_there(right, changed, wrong):
    print(len(ASKED))
    print([n for n, c in changed.items() if not c])
    import collections

    g = collections.defaultdict(list)
    for n, s in wrong.items():
        g[hashlib.sha256(repr(s).encode()).hexdigest()].append(n)
    print([v for v in g.values() if len(v) > 1])
    for n, c in changed.items():
        print(len(c), n, sorted(c)[:6])
