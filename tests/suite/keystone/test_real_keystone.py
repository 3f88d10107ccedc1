"""The gate logs in to a real Keystone, and the reference has that one say whose each token is."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.suite.gate import Gate
from tests.suite.keystone.real import Keystone, serving
from tests.suite.miniature import catalogue
from tests.suite.started import started

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("keystone") is None, reason="no Keystone here: run `tox run -e keystone`"
)

LASTS, SHORT = 3600, 10
"""Seconds for which a token is good, of a Keystone to judge by and of one whose tokens are to expire.

The shorter is long enough for a machine that is busy to use a token before it expires.
"""

PATIENCE = 300.0
"""Seconds for a whole run, in which Keystone is asked twice for each request."""


@contextmanager
def resting_on(keystone: Keystone) -> Iterator[dict[str, str]]:
    """The reference, whose tokens are that Keystone's, with a user for each of its two tenants; its card."""
    command = [sys.executable, "-m", "reference", "--port=0", "--until-stdin-closes", f"--keystone={keystone.url}"]
    with started(command, environment=keystone.environment) as (_, card):
        keystone.add("anna", card["project_name"])
        keystone.add("otto", card["other_project_name"])
        yield card


@pytest.fixture(scope="module")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keystone]:
    """A Keystone whose tokens last."""
    with serving(tmp_path_factory.mktemp("keystone"), LASTS) as served:
        yield served


@pytest.fixture(scope="module")
def card(keystone: Keystone) -> Iterator[dict[str, str]]:
    """The reference that rests on it."""
    with resting_on(keystone) as told:
        yield told


@pytest.fixture(scope="module")
def token(keystone: Keystone, card: dict[str, str]) -> str:
    """A token of the main tenant."""
    return keystone.log_in("anna", keystone.password, card["project_name"])


def status(card: dict[str, str], token: str) -> int:
    """How the reference answers the good request with a token."""
    parameters = {name: card[name] for name in ("party", "tenant_id", "region")}
    headers = {"X-Auth-Token": token, "Sp-Agent": card["sp_agent"]}
    answer = requests.get(f"{card['base_url']}/mana_api/vm", parameters, headers=headers, timeout=10)
    return answer.status_code


def environment(keystone: Keystone, card: dict[str, str], **more: str) -> dict[str, str]:
    """What a gate needs to judge the reference by a login of version 3."""
    return {
        "PYTEST_BASE_URL": card["base_url"],
        "MANA_PARTY": card["party"],
        "MANA_TENANT_ID": card["tenant_id"],
        "MANA_REGION": card["region"],
        "MANA_AUTH_VERSION": "3",
        "MANA_AUTH_URL": card["auth_url"],
        "MANA_USERNAME": "anna",
        "MANA_PASSWORD": keystone.password,
        "MANA_PROJECT_NAME": card["project_name"],
        **more,
    }


CHANGING = {clause.id for clause in catalogue() if "unsafe_methods" in clause.needs}


def test_gate_logs_in_and_judges(gate: Gate, keystone: Keystone, card: dict[str, str]) -> None:
    """The whole contract is kept by a service behind a real Keystone, as seen with tokens of it alone."""
    other = keystone.log_in("otto", keystone.password, card["other_project_name"])
    revoked = keystone.log_in("anna", keystone.password, card["project_name"])
    keystone.revoke(revoked)
    more = {name: card[name] for name in ("other_tenant_id", "other_region")}
    second = {"MANA_OTHER_TOKEN": other, "MANA_EXPIRED_TOKEN": revoked}
    second |= {f"MANA_{name.upper()}": value for name, value in more.items()}
    run = gate("--examples=4", environment=environment(keystone, card, **second), timeout=PATIENCE)
    assert run.exit == 0, run.said
    others = {id for id, verdict in run.verdicts.items() if verdict != "pass"}
    assert others == CHANGING, "more was left out than what may change a target"
    assert keystone.password not in run.said


def test_project_may_be_named_by_its_id(gate: Gate, keystone: Keystone, card: dict[str, str]) -> None:
    """Without a project's name the tenant is the project's id; one that no project has is refused in one line."""
    run = gate("-k", "BODY-01", environment=environment(keystone, card, MANA_PROJECT_NAME=""))
    assert run.exit == 6
    assert "was refused: 401. Check --username, MANA_PASSWORD and the project and the domains" in run.out


def test_wrong_password_and_domain_are_refused(gate: Gate, keystone: Keystone, card: dict[str, str]) -> None:
    for wrong in ({"MANA_PASSWORD": "wrong-password"}, {"MANA_USER_DOMAIN": "nowhere"}):
        run = gate("-k", "BODY-01", environment=environment(keystone, card, **wrong))
        assert run.exit == 6
        assert "was refused: 401" in run.out


def test_token_of_a_tenant_is_for_that_tenant(keystone: Keystone, card: dict[str, str], token: str) -> None:
    """A Keystone's token opens the tenant of its project, and no other."""
    other = keystone.log_in("otto", keystone.password, card["other_project_name"])
    assert (status(card, token), status(card, other)) == (200, 403)
    assert status({**card, "tenant_id": card["other_tenant_id"]}, other) == 200


def test_token_of_neither_tenant_opens_nothing(keystone: Keystone, card: dict[str, str]) -> None:
    """A good token for a project that is no tenant's is as good as none."""
    assert status(card, keystone.log_in("admin", keystone.environment["OS_PASSWORD"], "admin")) == 401


@pytest.mark.parametrize("strange", ["unknown", "gAAAAA", "x" * 4000])
def test_unknown_token_is_refused(card: dict[str, str], strange: str) -> None:
    assert status(card, strange) == 401


def test_revoked_token_is_refused(keystone: Keystone, card: dict[str, str]) -> None:
    """A token that Keystone revoked is unknown to it, and a 401 to the caller."""
    token = keystone.log_in("anna", keystone.password, card["project_name"])
    assert status(card, token) == 200
    keystone.revoke(token)
    assert status(card, token) == 401


def test_tokens_expire(gate: Gate, tmp_path: Path) -> None:
    """A token that has expired is a 401 to the caller; in a run it is renewed once, and no clause is red for it."""
    with serving(tmp_path, SHORT) as keystone, resting_on(keystone) as card:
        token = keystone.log_in("anna", keystone.password, card["project_name"])
        assert status(card, token) == 200
        time.sleep(SHORT + 1)
        assert status(card, token) == 401
        # Slowly, so that the run outlasts a token; what a second one that expires leaves unseen is inconclusive.
        slowly = ("-m", "body or params", "--rate-limit=4/s")
        run = gate(*slowly, environment=environment(keystone, card), timeout=PATIENCE)
    assert run.red == set()
    assert run.out.count("the token expired during the run and was renewed, once") == 1
