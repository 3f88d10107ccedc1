"""The reference that rests on a Keystone, against one made up here; tests/suite/keystone has it on a real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.wrappers import Request, Response

from reference import __main__, app, fleet
from reference.keystone import Keystone, KeystoneTokens
from reference.service import Service
from reference.store import Store
from tests.suite.servers import free_port, serving

WHO = {"OS_USERNAME": "validator", "OS_PASSWORD": "a-password", "OS_PROJECT_NAME": "services"}


@dataclass
class Directory:
    """What the Keystone made up here knows: projects by token, its own tokens that are good, and the logins."""

    projects: dict[str, dict[str, str] | None] = field(default_factory=dict)
    status: int = 0
    good: list[str] = field(default_factory=list)
    logins: list[Any] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        if self.status:
            return Response("{}", self.status)
        if request.method == "POST":
            self.logins.append(json.loads(request.get_data())["auth"])
            self.good.append(f"own-{len(self.logins)}")
            return Response("{}", 201, {"X-Subject-Token": self.good[-1]})
        if request.headers.get("X-Auth-Token") not in self.good:
            return Response("{}", 401)
        token = request.headers["X-Subject-Token"]
        if token not in self.projects:
            return Response("{}", 401 if token == "expired" else 404)
        project = self.projects[token]
        return Response(json.dumps({"token": {"project": project} if project else {}}))


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def keystone(directory: Directory) -> Iterator[Keystone]:
    with serving(Request.application(directory.answer)) as url:
        yield Keystone(f"{url}/v3/", WHO)


@dataclass
class Bench:
    """The reference's application, and whose machines it has."""

    client: FlaskClient
    tokens: KeystoneTokens

    def status(self, token: str) -> int:
        main, *_ = self.tokens.store.tenants()
        query = {"party": fleet.PARTY.name, "tenant_id": main.tenant_id, "region": fleet.REGIONS[0]}
        return self.client.get("/mana_api/vm", query_string=query, headers={"X-Auth-Token": token}).status_code


@pytest.fixture
def bench(keystone: Keystone, directory: Directory) -> Bench:
    store = Store()
    store.fill(fleet.world("mana", 2))
    tokens = KeystoneTokens(store, keystone=keystone)
    main, other, *_ = store.tenants()
    directory.projects |= {
        "by-name": {"id": "0", "name": main.name},
        "by-id": {"id": main.tenant_id, "name": "any"},
        "other": {"id": "1", "name": other.name},
        "neither": {"id": "2", "name": "services"},
        "unscoped": None,
    }
    return Bench(app.create(Service(store, tokens)).test_client(), tokens)


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ("by-name", 200),
        ("by-id", 200),
        ("other", 403),
        ("neither", 401),
        ("unscoped", 401),
        ("unknown", 401),
        ("expired", 401),
        ("", 401),
    ],
)
def test_token_is_what_keystone_says_of_it(bench: Bench, token: str, status: int) -> None:
    """A token opens the tenant that its project's id or name is that of; what Keystone does not know is a 401."""
    assert bench.status(token) == status


def test_own_token_that_expires_is_renewed(bench: Bench, directory: Directory) -> None:
    """Where our own token has expired we log in again, and the caller notices nothing."""
    assert bench.status("by-name") == 200
    directory.good.clear()
    assert bench.status("by-name") == 200
    assert len(directory.logins) == 2


def test_own_login_names_user_project_and_domains(keystone: Keystone, directory: Directory) -> None:
    keystone.log_in()
    [auth] = directory.logins
    assert auth["identity"]["password"]["user"] == {
        "name": "validator",
        "password": "a-password",
        "domain": {"name": "Default"},
    }
    assert auth["scope"] == {"project": {"name": "services", "domain": {"name": "Default"}}}


def test_keystone_out_of_order_is_503(bench: Bench, directory: Directory) -> None:
    """Where tokens cannot be looked up nobody is let in, and it is not said to be the caller's fault."""
    assert bench.status("by-name") == 200
    directory.status = 500
    assert bench.status("by-name") == 503


def test_no_token_is_issued_here(bench: Bench) -> None:
    """Who rests on a Keystone has no login of its own, and a 401 says where the Keystone is."""
    assert bench.client.post("/mana_api/tokens", json={}).status_code == 404
    main, *_ = bench.tokens.store.tenants()
    refused = bench.client.get("/mana_api/vm", query_string={"tenant_id": main.tenant_id})
    assert refused.headers["WWW-Authenticate"] == f'Keystone uri="{bench.tokens.keystone.url}"'


def test_card_says_where_to_log_in(bench: Bench) -> None:
    """The line that a server prints has the address of the Keystone and the projects, and no token or password."""
    card = __main__.introduced(bench.tokens, "unused", "http://127.0.0.1:1")
    assert card["auth_url"] == bench.tokens.keystone.url
    assert not card.keys() & {"token", "other_token", "expired_token", "password"}
    assert card["project_name"] != card["other_project_name"]


def test_credentials_come_from_the_environment() -> None:
    with pytest.raises(ValueError, match="OS_PASSWORD, OS_PROJECT_NAME in the environment"):
        Keystone("http://127.0.0.1:9", {"OS_USERNAME": "validator"})


def test_keystone_that_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server whose Keystone gives no answer does not start, and says so in a sentence."""
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught:
        __main__.main(["--port=0", f"--keystone=http://127.0.0.1:{free_port()}"])
    assert caught.value.code == 2
    assert "gave no answer" in capsys.readouterr().err
