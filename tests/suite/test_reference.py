"""The reference serves the contract: through its WSGI application mostly, and a few times as a process."""

import gzip
import json
import os
import re
import signal
import socket
import string
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from keystoneauth1.identity import v2
from keystoneauth1.session import Session
from werkzeug.test import TestResponse

from reference import app, fleet, present, readings
from reference.churn import Churn
from reference.model import Place, Tenant
from reference.paging import LARGE, Convention, Window, point
from reference.readings import Readings
from reference.service import CHECKS, Service, tenant_is_the_tokens
from reference.store import Store
from reference.tokens import Tokens, locked, made_up, unlocks
from tests.suite.gate import ROOT
from tests.suite.started import LIMIT, started_reference

FIELDS = {
    "instance_name": str,
    "instance_id": str,
    "cpu_num": int,
    "mem_size": int,
    "disk_size": int,
    "lan_ip": str,
    "wan_ip_set": list,
    "status": str,
    "create_at": str,
    "update_at": str,
}


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """A service under test, with everything that a good request needs."""

    service: Service
    client: FlaskClient
    clock: Clock
    main: Tenant
    other: Tenant
    token: str
    other_token: str
    good: dict[str, str] = field(default_factory=dict)

    def ask(
        self, query: dict[str, Any] | str | None = None, *, method: str = "GET", **headers: str | None
    ) -> TestResponse:
        """The answer to a good request, with these headers and parameters in the place of its own; None leaves out."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"X-Auth-Token": self.token, "Sp-Agent": "default"} | named
        if not isinstance(query, str):
            query = {name: value for name, value in (self.good | (query or {})).items() if value is not None}
        return self.client.open(
            "/mana_api/vm",
            method=method,
            query_string=query,
            headers={name: value for name, value in sent.items() if value is not None},
        )

    def machines(self, **parameters: Any) -> Any:
        answer = self.ask(parameters)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data)["vm_servers"]

    def ids(self, **parameters: Any) -> list[str]:
        return [machine["instance_id"] for machine in self.machines(**parameters)]

    def log_in(self, tenant: str, username: str, password: str) -> TestResponse:
        credentials = {"username": username, "password": password}
        return self.client.post(
            "/mana_api/tokens", json={"auth": {"tenantName": tenant, "passwordCredentials": credentials}}
        )


def bench(vms: int = 25, lifetime: float = 3600.0, **pinned: str) -> Bench:
    store, clock = Store(), Clock()
    store.fill(fleet.world("test", vms))
    main, other = store.tenants()
    for tenant in (main, other):
        store.set_password(tenant.username, locked(f"password of {tenant.name}"))
    tokens = Tokens(store, lifetime, clock)
    service = Service(store, tokens, readings.parse(f"{name}={value}" for name, value in pinned.items()))
    return Bench(
        service,
        app.create(service).test_client(),
        clock,
        main,
        other,
        tokens.issue(main).text,
        tokens.issue(other).text,
        good={"party": "scloudm", "tenant_id": main.tenant_id, "region": "dongjing"},
    )


@pytest.fixture(scope="module")
def plain() -> Bench:
    """A service under the default readings, for tests that leave it as it is."""
    return bench()


def assert_refused(answer: TestResponse, status: int) -> str:
    """The message of an answer that is a refusal in the documented form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    document = json.loads(answer.data)
    assert document == {"msg": document["msg"], "code": status}
    assert isinstance(document["msg"], str)
    assert document["msg"]
    return str(document["msg"])


# The list


def test_success_is_json_of_the_documented_form(plain: Bench) -> None:
    """A good request is answered 200 with the code, and machines that have the ten fields, each of its type."""
    answer = plain.ask()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    document = json.loads(answer.data.decode())
    assert set(document) == {"code", "vm_servers"}
    assert document["code"] == 200
    assert len(document["vm_servers"]) == 25
    for machine in document["vm_servers"]:
        assert {name: type(value) for name, value in machine.items()} == FIELDS


def test_values_make_sense(plain: Bench) -> None:
    """Ids are unique, addresses real, counts positive, and nothing was updated before it was created or later today."""
    machines = plain.machines()
    assert len({machine["instance_id"] for machine in machines}) == 25
    for machine in machines:
        assert all(ip_address(address) for address in [machine["lan_ip"], *machine["wan_ip_set"]])
        assert min(machine["cpu_num"], machine["mem_size"], machine["disk_size"]) > 0
        created, updated = (datetime.strptime(machine[at], "%Y-%m-%d %H:%M:%S") for at in ("create_at", "update_at"))
        assert created <= updated < datetime.now()


def test_data_is_varied(plain: Bench) -> None:
    """The list has every status, names that are hard to carry, and machines with no public address and with several."""
    machines = plain.machines()
    assert {machine["status"] for machine in machines} == {"ACTIVE", "ERROR", "SHUTOFF", "BUILD"}
    assert {len(machine["wan_ip_set"]) for machine in machines} == {0, 1, 2}
    names = "".join(machine["instance_name"] for machine in machines)
    for mark in ("虚", "🐼", '"', "'", "\\", "<script>", "&"):
        assert mark in names


def test_same_seed_same_world() -> None:
    """The same seed makes the same machines and tenants, another seed others."""
    stock = {seed: fleet.world(seed, 3).stock for seed in ("a", "b")}
    again = fleet.world("a", 3).stock
    assert {place: list(machines) for place, machines in again.items()} == {
        place: list(machines) for place, machines in stock["a"].items()
    }
    assert not stock["a"].keys() & stock["b"].keys()


def test_no_machines() -> None:
    """A place without machines has an empty list, or an empty object under `vm_servers=dict`."""
    assert bench(vms=0).machines() == []
    assert bench(vms=0, vm_servers="dict").machines() == {}


def test_places_are_apart(plain: Bench) -> None:
    """Neither two regions nor two tenants have a machine in common, and each has some."""
    lists = [set(plain.ids()), set(plain.ids(region="guangzhou"))]
    for region in ("dongjing", "guangzhou"):
        answer = plain.ask({"tenant_id": plain.other.tenant_id, "region": region}, X_Auth_Token=plain.other_token)
        lists.append({machine["instance_id"] for machine in json.loads(answer.data)["vm_servers"]})
    assert all(lists)
    assert len(lists[1]) < len(lists[0])
    assert len(set.union(*lists)) == sum(map(len, lists))


# The readings


def test_default_readings_are_the_first_values() -> None:
    """What is not pinned is read as the first of the values that there are."""
    assert readings.parse([]) == Readings(**{name: values[0] for name, values in readings.VALUES.items()})  # type: ignore[arg-type]  # checked as it runs


@pytest.mark.parametrize(
    ("pin", "choice"),
    [
        ("paging", "0-exclusive"),
        ("paging=2-inclusive", "0-exclusive"),
        ("colour=red", "vm_servers"),
        ("", "vm_servers"),
    ],
)
def test_unknown_reading(pin: str, choice: str) -> None:
    """A reading that there is not is an error that names the choices."""
    with pytest.raises(ValueError, match=choice):
        readings.parse([pin])


def test_vm_servers_as_dict() -> None:
    """Under `vm_servers=dict` the same machines are an object's values, their ids its keys."""
    served = bench(vm_servers="dict").machines()
    assert list(served.values()) == bench().machines()
    assert all(key == machine["instance_id"] for key, machine in served.items())


@pytest.mark.parametrize(
    ("lan", "fields"), [("lan_ip", {"lan_ip"}), ("lan_ip_set", {"lan_ip_set"}), ("both", {"lan_ip", "lan_ip_set"})]
)
def test_private_addresses(lan: str, fields: set[str]) -> None:
    """The reading `lan` says which fields carry private addresses: `lan_ip` one, `lan_ip_set` all by commas."""
    machines = bench(lan=lan).machines()
    assert all(machine.keys() & {"lan_ip", "lan_ip_set"} == fields for machine in machines)
    if "lan_ip_set" in fields:
        assert {machine["lan_ip_set"].count(",") for machine in machines} == {0, 1}
    if lan == "both":
        assert all(machine["lan_ip_set"].split(",")[0] == machine["lan_ip"] for machine in machines)


def test_public_addresses_as_string() -> None:
    """Under `wan=string` the public addresses are joined by commas, none of them is an empty string."""
    expected = [",".join(machine["wan_ip_set"]) for machine in bench().machines()]
    assert [machine["wan_ip_set"] for machine in bench(wan="string").machines()] == expected
    assert "" in expected


def test_code_absent() -> None:
    """Under `code=absent` a success has no code, and a refusal still has."""
    served = bench(code="absent")
    assert json.loads(served.ask().data).keys() == {"vm_servers"}
    assert_refused(served.ask({"region": None}), 400)


GOOD, UNKNOWN, ABSENT, BLANK = "good", "unknown", "absent", "blank"

PARTY_CASES = [
    # reading, parameter, header, status
    ("query", GOOD, GOOD, 200),
    ("query", GOOD, UNKNOWN, 200),
    ("query", GOOD, ABSENT, 200),
    ("query", UNKNOWN, GOOD, 400),
    ("query", ABSENT, GOOD, 400),
    ("query", BLANK, GOOD, 400),
    ("header", ABSENT, GOOD, 200),
    ("header", UNKNOWN, GOOD, 200),
    ("header", GOOD, UNKNOWN, 400),
    ("header", GOOD, ABSENT, 400),
    ("header", GOOD, BLANK, 400),
    ("either", GOOD, GOOD, 200),
    ("either", GOOD, ABSENT, 200),
    ("either", GOOD, UNKNOWN, 200),
    ("either", ABSENT, GOOD, 200),
    ("either", UNKNOWN, GOOD, 400),
    ("either", BLANK, GOOD, 400),
    ("either", ABSENT, UNKNOWN, 400),
    ("either", ABSENT, ABSENT, 400),
]


@pytest.mark.parametrize(("reading", "parameter", "agent", "status"), PARTY_CASES)
def test_party(reading: str, parameter: str, agent: str, status: int) -> None:
    """The party is told by the parameter, by the agent, or by the agent where there is no parameter."""
    parties = {GOOD: "scloudm", UNKNOWN: "nobody", BLANK: " ", ABSENT: None}
    agents = {GOOD: "default", UNKNOWN: "nobody", BLANK: "", ABSENT: None}
    answer = bench(vms=1, party=reading).ask({"party": parties[parameter]}, Sp_Agent=agents[agent])
    assert answer.status_code == status


# Paging

WINDOWS = [
    # convention, f, t, the slice of the whole list
    ("1-inclusive", 1, 10, slice(0, 10)),
    ("1-inclusive", 3, 3, slice(2, 3)),
    ("1-inclusive", 25, 25, slice(24, 25)),
    ("1-inclusive", 0, 1, slice(0, 1)),
    ("1-exclusive", 1, 10, slice(0, 9)),
    ("1-exclusive", 3, 3, slice(0, 0)),
    ("1-exclusive", 25, 26, slice(24, 25)),
    ("1-exclusive", 0, 1, slice(0, 0)),
    ("0-inclusive", 0, 9, slice(0, 10)),
    ("0-inclusive", 3, 3, slice(3, 4)),
    ("0-inclusive", 24, 24, slice(24, 25)),
    ("0-exclusive", 0, 10, slice(0, 10)),
    ("0-exclusive", 3, 3, slice(0, 0)),
    ("0-exclusive", 24, 25, slice(24, 25)),
]


@pytest.mark.parametrize(("convention", "first", "last", "expected"), WINDOWS)
def test_window(convention: str, first: int, last: int, expected: slice) -> None:
    """`f` and `t` cut the list as the reading `paging` says."""
    served = bench(paging=convention)
    assert served.ids(f=first, t=last) == served.ids()[expected]


@pytest.mark.parametrize("convention", readings.VALUES["paging"])
def test_window_open_at_an_end(convention: str) -> None:
    """`f` alone runs to the end, `t` alone from the start, and together they leave nothing out and nothing twice."""
    served, meaning = bench(paging=convention), Convention.named(convention)
    first = 7 + meaning.base
    assert served.ids(f=first) == served.ids()[7:]
    assert served.ids(t=first - meaning.inclusive) == served.ids()[:7]


@pytest.mark.parametrize("convention", readings.VALUES["paging"])
def test_windows_at_the_edges(convention: str) -> None:
    """Past the end, and from a point to one before it, there is nothing; a large end point is the list's end."""
    served = bench(paging=convention)
    assert served.ids(f=26) == served.ids(f=1000, t=2000) == served.ids(f=9, t=8) == []
    for large in (10_000, 2**31 - 1, 2**63, 2**64, 10**4000):
        assert served.ids(t=large) == served.ids()
        assert served.ids(f=large) == []
        assert served.ids(f=large, t=large + 1) == []


@pytest.mark.parametrize("name", ["f", "t"])
@pytest.mark.parametrize(
    "text", ["abc", "1.5", "", " ", "-1", "+1", "1e3", "0x10", "1_0", " 1", "1\n", "１", "٣", "²", "1" * 4301, "\x00"]
)
def test_bound_that_is_no_number(plain: Bench, name: str, text: str) -> None:
    """A bound that is not written in ASCII digits alone is refused."""
    assert name in assert_refused(plain.ask({name: text}), 400)


def test_points_and_windows_stay_countable() -> None:
    """A point is cut to what the database counts with, and no window has a negative size."""
    assert point("007") == 7
    assert point("9" * 4300) == LARGE < 2**63
    assert Window(5, 2).size == 0
    assert Window(5).size is None


# The refusals


def test_token_is_required(plain: Bench) -> None:
    """Without a good token there is no list, and the refusal says how to ask."""
    spoiled = [plain.token[:-1], plain.token + "x", plain.token.swapcase(), f"{plain.token}, {plain.token}", "x" * 4000]
    for wrong in (None, "", " ", "\u00ff", *spoiled):
        answer = plain.ask(X_Auth_Token=wrong)
        message = assert_refused(answer, 401)
        assert plain.token[:-1] not in message
        assert answer.headers["WWW-Authenticate"].startswith("Keystone ")


def test_token_elsewhere_is_no_token(plain: Bench) -> None:
    """A token that is not in X-Auth-Token is not seen."""
    answer = plain.ask(
        {"token": plain.token, "X-Auth-Token": plain.token},
        X_Auth_Token=None,
        Authorization=f"Bearer {plain.token}",
        Cookie=f"token={plain.token}",
    )
    assert_refused(answer, 401)


def test_token_expires() -> None:
    """A token is good until its lifetime is over, and not a moment longer."""
    served = bench(lifetime=60)
    served.clock.now += 59.9
    assert served.ask().status_code == 200
    served.clock.now += 0.1
    assert_refused(served.ask(), 401)


@pytest.mark.parametrize("name", ["party", "tenant_id", "region"])
@pytest.mark.parametrize("value", [None, "", " ", "\u3000", "\t"])
def test_parameter_is_required(plain: Bench, name: str, value: str | None) -> None:
    """A required parameter that is missing, empty or blank is refused by name."""
    assert name in assert_refused(plain.ask({name: value}), 400)


@pytest.mark.parametrize("name", ["party", "tenant_id", "region", "f", "t"])
def test_parameter_given_twice(plain: Bench, name: str) -> None:
    """A parameter may be given twice with one value, with two, in either order, it is refused by name."""
    good = {"f": "1", "t": "2", **plain.good}
    assert plain.ask({**good, name: [good[name]] * 2}).status_code == 200
    for pair in ([good[name], "3"], ["3", good[name]]):
        assert name in assert_refused(plain.ask({**good, name: pair}), 400)


def test_unknown_parameters_change_nothing(plain: Bench) -> None:
    """Parameters that the document does not know, and the order and encoding of those it does, make no difference."""
    expected = plain.ask().data
    assert plain.ask({"colour": "red", "tenant": "x", "F": "7", "": "z", "sort": ["a", "b"]}).data == expected
    query = "&".join(f"{name}={value}" for name, value in reversed(plain.good.items()))
    assert plain.ask(query).data == expected
    assert plain.ask(query.replace("dongjing", "%64ongjing")).data == expected


def test_tenant_has_to_be_the_tokens(plain: Bench) -> None:
    """Another tenant's list, and that of no tenant, is forbidden, whoever asks."""
    for tenant in (plain.other.tenant_id, plain.main.tenant_id[:-1], plain.main.tenant_id.upper(), "%", "' OR ''='"):
        message = assert_refused(plain.ask({"tenant_id": tenant}), 403)
        assert plain.main.tenant_id not in message
    assert_refused(plain.ask(X_Auth_Token=plain.other_token), 403)


@pytest.mark.parametrize("name", ["party", "region", "tenant_id"])
@pytest.mark.parametrize(
    "text", ["nowhere", "'; --", "\x00", "\r\nSet-Cookie: a=b", "京", "🐼", "%s%n", "{}", "../..", "<b>", "x" * 4000]
)
def test_unknown_values(plain: Bench, name: str, text: str) -> None:
    """A value that names nothing is refused and not repeated."""
    answer = plain.ask({name: text})
    message = assert_refused(answer, 403 if name == "tenant_id" else 400)
    assert text not in message
    assert "Set-Cookie" not in answer.headers


def test_query_that_is_no_utf8(plain: Bench) -> None:
    """Bytes that are no text are a value that names nothing."""
    for region in ("%ff%fe", "%ed%a0%80", "\xff"):
        query = f"party=scloudm&tenant_id={plain.main.tenant_id}&region={region}"
        environ = {"QUERY_STRING": query, "HTTP_X_AUTH_TOKEN": plain.token}
        assert_refused(plain.client.get("/mana_api/vm", environ_overrides=environ), 400)


@pytest.mark.parametrize("path", ["/", "/mana_api", "/mana_api/vm/", "//mana_api//vm", "/mana_api/VM", "/<script>"])
def test_unknown_path(plain: Bench, path: str) -> None:
    """Any other path is a 404 in the form of all refusals, and never a redirect."""
    answer = plain.client.get("/", environ_overrides={"PATH_INFO": path})
    assert "script" not in assert_refused(answer, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_unknown_method(plain: Bench, method: str) -> None:
    """The list knows no other method, and says which it does know."""
    answer = plain.ask(method=method)
    assert_refused(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_fault_of_ours_is_hidden(plain: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """An error in the service is a 500 that tells the caller nothing, and the log everything."""

    def broken(*_: object) -> dict[str, Any]:
        raise RuntimeError("in /some/path")

    service = replace(plain.service, listing=broken)
    client = app.create(service).test_client()
    answer = client.get("/mana_api/vm", query_string=plain.good, headers={"X-Auth-Token": plain.token})
    assert assert_refused(answer, 500) == "Internal Server Error"
    assert "in /some/path" in caplog.text


def test_a_step_can_be_replaced(plain: Bench) -> None:
    """A service without one of its rules is the same service, and that rule alone is gone."""
    checks = tuple(check for check in CHECKS if check is not tenant_is_the_tokens)
    client = app.create(replace(plain.service, checks=checks)).test_client()
    query = {**plain.good, "tenant_id": plain.other.tenant_id}
    answer = client.get("/mana_api/vm", query_string=query, headers={"X-Auth-Token": plain.token})
    assert len(json.loads(answer.data)["vm_servers"]) == 8


# The headers


def test_answers_are_not_kept(plain: Bench) -> None:
    """No answer may be stored by a shared cache, or taken for anything but JSON."""
    for answer in (plain.ask(), plain.ask({"region": "nowhere"}), plain.log_in("orchid", "x", "y")):
        assert "private" in answer.headers["Cache-Control"]
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("offer", ["gzip", "gzip, deflate", "GZIP;q=0.5", "*", "gzip;q=0.5, identity;q=0.5"])
def test_gzip_where_offered(plain: Bench, offer: str) -> None:
    """Where gzip is offered, the same body comes compressed, and its length is that of what comes."""
    answer = plain.ask(Accept_Encoding=offer)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert gzip.decompress(answer.data) == plain.ask().data


@pytest.mark.parametrize("offer", [None, "", "identity", "br", "gzip;q=0", "gzip;q=0, *", "gzip;q=0.1, identity"])
def test_no_gzip_where_not_wanted(plain: Bench, offer: str | None) -> None:
    """Where gzip is not offered, ruled out or liked less, the body comes plain."""
    answer = plain.ask(Accept_Encoding=offer)
    assert "Content-Encoding" not in answer.headers
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_is_get_without_body(plain: Bench, encoding: str) -> None:
    """HEAD is answered with the headers of GET, the length among them, and no body."""
    head, get = (plain.ask(method=method, Accept_Encoding=encoding) for method in ("HEAD", "GET"))
    assert head.data == b""
    assert (head.status_code, head.headers) == (get.status_code, get.headers)
    assert plain.ask({"region": None}, method="HEAD").status_code == 400


@pytest.mark.parametrize(("path", "methods"), [("vm", {"GET", "HEAD", "OPTIONS"}), ("tokens", {"POST", "OPTIONS"})])
def test_options_says_what_is_allowed(plain: Bench, path: str, methods: set[str]) -> None:
    """OPTIONS needs no token, has no body, and names the methods."""
    answer = plain.client.options(f"/mana_api/{path}")
    assert (answer.status_code, answer.data) == (200, b"")
    assert set(answer.headers["Allow"].split(", ")) == methods
    assert "Content-Type" not in answer.headers


# The login


@pytest.mark.parametrize("name", ["name", "tenant_id"])
def test_login(plain: Bench, name: str) -> None:
    """A user's name and password, with the tenant's name or id, give a token for that tenant's list."""
    answer = plain.log_in(getattr(plain.main, name), plain.main.username, "password of orchid")
    assert answer.status_code == 200, answer.text
    token = json.loads(answer.data)["access"]["token"]
    assert token["tenant"]["id"] == plain.main.tenant_id
    assert token["tenant"]["name"] == "orchid"
    assert (token["issued_at"], token["expires"]) == ("2023-11-14T22:13:20Z", "2023-11-14T23:13:20Z")
    assert plain.ask(X_Auth_Token=token["id"]).data == plain.ask().data


def test_login_by_tenant_id(plain: Bench) -> None:
    """A login may name its tenant as `tenantId`, as Keystone's clients do."""
    credentials = {"username": plain.main.username, "password": "password of orchid"}
    body = {"auth": {"tenantId": plain.main.tenant_id, "passwordCredentials": credentials}}
    assert plain.client.post("/mana_api/tokens", json=body).status_code == 200


@pytest.mark.parametrize(
    ("tenant", "username", "password"),
    [
        ("orchid", "orchid-admin", "wrong"),
        ("orchid", "orchid-admin", ""),
        ("orchid", "nobody", "password of orchid"),
        ("lotus", "orchid-admin", "password of orchid"),
        ("orchid", "lotus-admin", "password of lotus"),
        ("nobody", "orchid-admin", "password of orchid"),
    ],
)
def test_wrong_login(plain: Bench, tenant: str, username: str, password: str) -> None:
    """A login that is wrong in any part is refused without a word on which."""
    message = assert_refused(plain.log_in(tenant, username, password), 401)
    assert message == assert_refused(plain.log_in("x", "y", "z"), 401)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"auth": []}',
        b'{"auth": {"tenantName": "orchid"}}',
        b'{"auth": {"tenantName": "orchid", "passwordCredentials": {"username": "a"}}}',
        b'{"auth": {"tenantName": 1, "passwordCredentials": {"username": "a", "password": "b"}}}',
        b'{"auth": {"passwordCredentials": {"username": "a", "password": "b"}}}',
        b'{"auth": {"tenantName": "\\ud800", "passwordCredentials": {"username": "a", "password": "b"}}}',
        b"[" * 60_000,
        b"1" * 5_000,
    ],
)
def test_malformed_login(plain: Bench, body: bytes) -> None:
    """A body that is no login is refused, whatever it is instead."""
    assert_refused(plain.client.post("/mana_api/tokens", data=body), 400)


def test_login_too_long(plain: Bench) -> None:
    """A body beyond any login's length is not read."""
    assert_refused(plain.client.post("/mana_api/tokens", data=b" " * 70_000), 413)


def test_tokens_cannot_be_read(plain: Bench) -> None:
    """Tokens are made, never listed."""
    answer = plain.client.get("/mana_api/tokens")
    assert_refused(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_secrets() -> None:
    """Tokens are long, of letters in both cases and digits, never the same; they and passwords do not show."""
    assert re.fullmatch(f"[{string.ascii_letters}{string.digits}]{{48}}", made_up())
    assert made_up() != made_up()
    served = bench(vms=0)
    token = served.service.tokens.issue(served.main)
    assert token.text not in repr(token)
    assert unlocks("right", locked("right"))
    assert not unlocks("wrong", locked("right"))
    assert not unlocks("", None)


# The store


def test_store_keeps_a_file(tmp_path: Path) -> None:
    """A database file that is opened again has the same world in it, and the tokens that were issued."""
    file = tmp_path / "mana.db"
    first = Store(file)
    assert first.empty
    first.fill(fleet.world("test", 5))
    [main, _] = first.tenants()
    token = Tokens(first).issue(main)
    place = Place(main.tenant_id, "dongjing")
    machines = first.machines(place, Window())
    first.close()

    second = Store(file)
    assert not second.empty
    assert second.machines(place, Window()) == machines
    assert Tokens(second).holder(token.text) == main.tenant_id
    assert token.text.encode() not in file.read_bytes()
    second.forget_tokens(before=token.expires)
    assert Tokens(second).holder(token.text) is None
    second.close()


def test_store_refuses_other_files(tmp_path: Path) -> None:
    """A database of something else is not touched."""
    file = tmp_path / "other.db"
    subprocess.run([sys.executable, "-c", OTHER_DATABASE, file], check=True)  # noqa: S603 - our own words
    before = file.read_bytes()
    with pytest.raises(ValueError, match="something else"):
        Store(file)
    assert file.read_bytes() == before


OTHER_DATABASE = "import sqlite3 as sql, sys; d = sql.connect(sys.argv[1]); d.execute('CREATE TABLE t (x)'); d.close()"


def test_store_is_filled_whole_or_not_at_all(tmp_path: Path) -> None:
    """A world that cannot be put in leaves no half of it behind."""
    file = tmp_path / "mana.db"
    world = fleet.world("test", 2)
    broken = replace(world, stock={Place("nobody", "nowhere"): next(iter(world.stock.values()))})
    store = Store(file)
    with pytest.raises(Exception, match="FOREIGN KEY"):
        store.fill(broken)
    store.close()
    assert Store(file).empty


def test_store_serves_threads() -> None:
    """Many threads may ask and change one store in memory at the same time."""
    store = bench(vms=50).service.store
    place = Place(store.tenants()[0].tenant_id, "dongjing")
    churn = Churn(store, place, pause=0)

    def work(_: int) -> int:
        churn.step()
        return len(store.machines(place, Window(0, 10)))

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(200))) == {10}


@pytest.mark.parametrize("vms", [0, 1, 2, 10])
def test_churn_comes_and_goes(vms: int) -> None:
    """Each step one machine appears or goes, both happen, and the list neither dies out nor grows for ever."""
    served = bench(vms=vms)
    churn = Churn(served.service.store, Place(served.main.tenant_id, "dongjing"), pause=1)
    sizes = [len(served.ids())]
    for _ in range(60):
        churn.step()
        sizes.append(len(served.ids()))
    steps = {after - before for before, after in pairwise(sizes)}
    assert steps == {-1, 1}
    assert vms // 2 <= min(sizes)
    assert max(sizes) <= max(2 * vms, 1)


# The process

SOON = 5.0
"""Seconds after which a server that does not end is a failure."""


def listed(card: dict[str, str], *, use: str = "token", **parameters: str) -> requests.Response:
    """The answer of a started server to a good request; `use` names which of the line's tokens is sent."""
    good = {name: card[name] for name in ("party", "tenant_id", "region")}
    return requests.get(
        f"{card['base_url']}/mana_api/vm", good | parameters, headers={"X-Auth-Token": card[use]}, timeout=LIMIT
    )


@pytest.fixture(scope="module")
def card() -> Iterator[dict[str, str]]:
    """The line of a server that runs with the defaults."""
    with started_reference() as (_, line):
        yield line


def test_card(card: dict[str, str]) -> None:
    """The one line names everything that a client needs, and the tokens in it do what they are there for."""
    assert list(card) == [
        "base_url",
        "party",
        "tenant_id",
        "region",
        "sp_agent",
        "token",
        "username",
        "password",
        "auth_url",
        "other_token",
        "other_tenant_id",
        "other_region",
        "expired_token",
    ]
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", card["base_url"])
    assert listed(card).status_code == 200
    assert len(listed(card).json()["vm_servers"]) == 25
    assert listed(card, region=card["other_region"]).json()["vm_servers"]
    assert listed(card, use="other_token", tenant_id=card["other_tenant_id"]).json()["vm_servers"]
    assert listed(card, use="other_token").status_code == 403
    assert listed(card, use="expired_token").status_code == 401
    for tenant in (card["tenant_id"], card["other_tenant_id"]):
        assert re.fullmatch("[0-9a-f]{32}", tenant)
    for token in (card["token"], card["other_token"], card["expired_token"]):
        assert len(token) >= 32
        assert not token.islower()
        assert not token.isupper()


@pytest.mark.parametrize("by", ["name", "id"])
def test_keystones_own_client_logs_in(card: dict[str, str], by: str) -> None:
    """Keystone's client for its API v2 gets a token, and reads when it expires."""
    plugin = v2.Password(
        auth_url=card["auth_url"],
        username=card["username"],
        password=card["password"],
        tenant_name="orchid" if by == "name" else None,
        tenant_id=card["tenant_id"] if by == "id" else None,
    )
    access = plugin.get_access(Session())
    assert access.project_id == card["tenant_id"]
    assert not access.will_expire_soon(stale_duration=3000)
    assert listed({**card, "token": str(access.auth_token)}).status_code == 200


@pytest.mark.parametrize(
    ("request_line", "status"),
    [(b"garbage", 400), (b"GET /mana_api/vm?f=\xff HTTP/1.1", 400), (b"GET /x HTTP/1.1", 404)],
)
def test_refusal_of_what_is_no_http(card: dict[str, str], request_line: bytes, status: int) -> None:
    """What never reaches the application is refused in the same form."""
    host, port = card["base_url"].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert b"Content-Type: application/json" in head
    assert json.loads(body)["code"] == status


def test_wire_lengths(card: dict[str, str]) -> None:
    """One kept-alive connection carries GET, HEAD and refusals without losing its place."""
    with requests.Session() as session:
        session.headers["X-Auth-Token"] = card["token"]
        url = f"{card['base_url']}/mana_api/vm?party={card['party']}&tenant_id={card['tenant_id']}"
        for method, region, status in [
            ("HEAD", card["region"], 200),
            ("GET", card["region"], 200),
            ("HEAD", "nowhere", 400),
            ("GET", "nowhere", 400),
            ("OPTIONS", card["region"], 200),
            ("GET", card["region"], 200),
        ]:
            assert session.request(method, f"{url}&region={region}", timeout=LIMIT).status_code == status


def test_database_option_keeps_the_world(tmp_path: Path) -> None:
    """A server that is started again on the same file has the same machines, and honours the tokens of before."""
    options = ("--database", str(tmp_path / "mana.db"), "--password", "the same each time")
    with started_reference(*options, "--vms", "3") as (_, first):
        before = listed(first).json()
    with started_reference(*options, "--vms", "9", "--seed", "other", "--reading", "code=absent") as (_, second):
        after = listed({**second, "token": first["token"]}).json()
    assert before == {"code": 200, **after}
    assert len(after["vm_servers"]) == 3
    assert first["password"] == second["password"] == "the same each time"
    assert first["token"] != second["token"]


def test_latency_and_churn_options() -> None:
    """Latency delays each request and not those beside it; under churn the list changes by itself."""
    with (
        started_reference("--latency", "300", "--churn", "20", "--vms", "20") as (_, line),
        ThreadPoolExecutor(6) as pool,
    ):
        begin = time.monotonic()
        answers = list(pool.map(listed, [line] * 6))
        taken = time.monotonic() - begin
        assert 0.3 <= taken < 1.2
        assert all(answer.status_code == 200 for answer in answers)
        assert listed(line).json() != answers[0].json()


def end_by_sigterm(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)


def end_by_sigint(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)


def end_by_stdin(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.close()
    process.stdin = None


@pytest.mark.parametrize("end", [end_by_sigterm, end_by_sigint, end_by_stdin])
def test_end_is_clean_and_at_once(end: Callable[[subprocess.Popen[str]], None]) -> None:
    """A server that is told to stop stops, with a request under way, in silence, with exit 0."""
    with started_reference("--latency", "60000") as (process, line), ThreadPoolExecutor(1) as pool:
        pending = pool.submit(listed, line)
        time.sleep(0.1)
        begin = time.monotonic()
        end(process)
        assert process.wait(timeout=LIMIT) == 0
        assert time.monotonic() - begin < SOON
        assert process.communicate() == ("", "")
        assert isinstance(broken := pending.exception(), requests.ConnectionError)
        assert "refused" not in str(broken)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--reading", "paging=2"], "1-inclusive"),
        (["--vms", "-1"], "--vms"),
        (["--latency", "nan"], "--latency"),
        (["--port", "65536"], "--port"),
        (["--threads", "0"], "--threads"),
        (["--database", os.devnull + "/x"], "database"),
        (["--port", "TAKEN"], "in use"),
    ],
)
def test_wrong_usage(card: dict[str, str], options: list[str], words: str) -> None:
    """A wrong option, file or port ends the start with exit 2 and a sentence, and nothing on standard output."""
    taken = card["base_url"].rpartition(":")[2]
    options = [taken if option == "TAKEN" else option for option in options]
    command = [sys.executable, "-m", "reference", *options]
    ended = subprocess.run(  # noqa: S603 - our own words
        command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_help_teaches() -> None:
    """The help names every reading with its values, and shows a request."""
    command = [sys.executable, "-m", "reference", "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own words
    assert "X-Auth-Token" in text
    for name, values in readings.VALUES.items():
        assert name in text
        assert all(value in text for value in values)


def test_strict_json() -> None:
    """Text goes out as itself in UTF-8, and what is no JSON cannot go out as though it were."""
    assert present.encoded({"x": "虚拟机 🐼"}) == '{"x":"虚拟机 🐼"}\n'.encode()
    with pytest.raises(ValueError, match="JSON"):
        present.encoded({"x": float("nan")})
