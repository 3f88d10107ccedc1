"""Logins: a token by Keystone's two forms, a line for each way in which there is none, and one that expires renewed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from conformance.credentials import TOKEN, Secret, Vault
from conformance.login import Login, LoginError
from conformance.target import Limits
from tests.suite.gate import Gate, Run
from tests.suite.servers import PASSWORD, Reference, Served, Talk, answer, answers, free_port, serving, talking

LIMITS = Limits(timeout=0.5)


def login(auth_url: str, version: str = "2", **more: str) -> Login:
    return Login(auth_url, "a-user", PASSWORD, "a-tenant", version, **more)


def from_login(server: Served, **more: str) -> dict[str, str]:
    """The environment of a gate that has to log in for its token."""
    environment = {name: value for name, value in server.environment.items() if name != "MANA_TOKEN"}
    return {**environment, "MANA_USERNAME": server.card["username"], "MANA_PASSWORD": PASSWORD, **more}


# -- without a token


def silent(talk: Talk) -> None:
    while talk.request():
        pass


def in_drops(talk: Talk) -> None:
    """Say a little every now and then, for longer than is waited for the whole."""
    talk.request()
    talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        talk.say(b" ")
        time.sleep(0.05)


HTML = answer(body=b"\n<!DOCTYPE html><title>Log in</title>", Content_Type="text/html")
UNANSWERED: Mapping[str, tuple[Callable[[Talk], None], str]] = {
    "401": (answers(answer("401 Unauthorized", b'{"error": {"code": 401}}')), "was refused: 401. Check --username"),
    "403": (answers(answer("403 Forbidden")), "was refused: 403"),
    "HTML": (answers(HTML), "by a page of HTML"),
    "redirect": (answers(answer("302 Found", b"", Location="/login")), "by a redirect, 302, and none is followed"),
    "redirect to itself": (answers(answer("307 Temporary Redirect", b"", Location="/v2/tokens")), "by a redirect, 307"),
    "404": (answers(answer("404 Not Found")), "was answered 404. Check --auth-url"),
    "502": (answers(answer("502 Bad Gateway", b"<html>")), "was answered 502"),
    "empty object": (answers(answer(body=b"{}")), "200 without a token"),
    "no token in it": (answers(answer(body=b'{"access": {}, "token": {}}')), "200 without a token"),
    "list": (answers(answer(body=b"[1]")), "200 without a token"),
    "null": (answers(answer(body=b"null")), "200 without a token"),
    "token that no header can carry": (
        answers(answer(body=b'{"access": {"token": {"id": "a\\nb"}}, "token": {}}', X_Subject_Token="\xe4")),
        "200 without a token",
    ),
    "token that is a number": (answers(answer(body=b'{"access": {"token": {"id": 7}}}')), "200 without a token"),
    "no HTTP": (answers(b"SSH-2.0-OpenSSH_9.6\r\n"), "no connection"),
    "silence": (silent, "no answer within 0.5 s"),
    "drops": (in_drops, "no answer within 0.5 s"),
    "too much": (answers(answer(body=b" " * 2_000_000)), "no readable HTTP answer"),
    "too deep": (answers(answer(body=b"[" * 500_000)), "200 without a token"),
}


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize("way", UNANSWERED)
def test_login_without_a_token_says_why(way: str, version: str) -> None:
    """Each way in which a login fails has a line of its own, which names the URL and never the password."""
    talk, told = UNANSWERED[way]
    with talking(talk) as server, pytest.raises(LoginError) as caught:
        login(server.base_url, version).token(LIMITS)
    said = str(caught.value)
    assert told in said
    assert {"2": f"{server.base_url}/tokens", "3": f"{server.base_url}/v3/auth/tokens"}[version] in said
    assert len(said.splitlines()) == 1
    assert PASSWORD not in said
    assert len(server.heads) <= 1


def test_login_at_nobody_says_so() -> None:
    with pytest.raises(LoginError, match="no connection to"):
        login(f"http://127.0.0.1:{free_port()}").token(LIMITS)


def test_login_at_a_plain_port_by_tls_says_so() -> None:
    with talking(lambda talk: talk.say(answer("400 Bad Request"))) as server, pytest.raises(LoginError, match="TLS"):
        login(server.base_url.replace("http:", "https:")).token(LIMITS)


def test_warning_of_a_library_stops_no_login(gate: Gate, served: Served, tmp_path: Path) -> None:
    """Where OpenStack's packages are installed, keystoneauth1 imports some that warn; the run goes on all the same."""
    (tmp_path / "osprofiler").mkdir()
    (tmp_path / "osprofiler" / "__init__.py").touch()
    (tmp_path / "osprofiler" / "web.py").write_text(
        "import warnings\n\nget_trace_id_headers = dict\nwarnings.warn('old', DeprecationWarning)\n"
    )
    run = gate("-k", "BODY-01", environment=from_login(served, PYTHONPATH=str(tmp_path)))
    assert (run.exit, run.verdicts) == (0, {"BODY-01": "pass"}), run.said


def test_error_of_our_own_at_the_login_is_reported(gate: Gate, served: Served, tmp_path: Path) -> None:
    """Where the login itself breaks down, the run ends as our own error, with a report in which nothing is judged."""
    (tmp_path / "broken_login.py").write_text(
        "from conformance.login import Login\n\n\n"
        "def token(login, limits):\n"
        "    raise RuntimeError('out of order')\n\n\n"
        "Login.token = token\n"
    )
    run = gate("-k", "BODY-01", "-p", "broken_login", environment=from_login(served, PYTHONPATH=str(tmp_path)))
    assert run.exit == 3
    assert "out of order" in run.said
    assert run.verdicts == {"BODY-01": "inconclusive"}
    assert PASSWORD not in run.said


# -- what is asked


@contextmanager
def keystone(asked: list[Any], token: str) -> Iterator[str]:
    """Something that gives a token to whoever asks by version 3, and keeps what was asked."""

    @Request.application
    def answering(request: Request) -> Response:
        asked.append((request.path, json.loads(request.get_data())["auth"]))
        return Response('{"token": {}}', 201, {"X-Subject-Token": token}, content_type="application/json")

    with serving(answering) as base_url:
        yield base_url


@pytest.mark.parametrize("end", ["", "/v3"])
def test_version_3_names_user_domain_and_project(end: str) -> None:
    """A login by version 3 is that of a user of a domain, for a project by its id or by name and domain."""
    asked: list[Any] = []
    with keystone(asked, "a-token-of-a-keystone") as base_url:
        named = login(f"{base_url}{end}", "3", project="p", user_domain="u", project_domain="d")
        tokens = {one.token(LIMITS) for one in (login(f"{base_url}{end}", "3"), named)}
    assert tokens == {"a-token-of-a-keystone"}
    users = [auth["identity"]["password"]["user"] for _, auth in asked]
    assert [path for path, _ in asked] == ["/v3/auth/tokens", "/v3/auth/tokens"]
    assert [user["domain"] for user in users] == [{"name": "Default"}, {"name": "u"}]
    assert [auth["scope"]["project"] for _, auth in asked] == [
        {"id": "a-tenant"},
        {"name": "p", "domain": {"name": "d"}},
    ]


def test_gate_logs_in_by_version_3(gate: Gate, served: Served) -> None:
    """The options of a login by version 3 reach it, by the environment too; the project's domain is the user's."""
    asked: list[Any] = []
    with keystone(asked, served.card["token"]) as base_url:
        environment = from_login(served, MANA_AUTH_VERSION="3", MANA_AUTH_URL=base_url, MANA_USER_DOMAIN="people")
        run = gate("-k", "BODY-01", "--project-name=machines", environment=environment)
    assert (run.exit, run.verdicts) == (0, {"BODY-01": "pass"}), run.said
    [(_, auth)] = asked
    assert auth["scope"]["project"] == {"name": "machines", "domain": {"name": "people"}}


def test_targets_log_in(gate: Gate, served: Served, tmp_path: Path) -> None:
    """A target of targets.toml may be logged in to, by either version."""
    asked: list[Any] = []
    with keystone(asked, served.card["token"]) as base_url:
        common = {key: served.card[key] for key in ("party", "tenant_id", "region", "username")}
        common |= {"base_url": served.base_url, "password": "$A_PASSWORD"}
        tables: dict[str, dict[str, Any]] = {
            "own": common,
            "keystone": {**common, "auth_version": 3, "auth_url": base_url, "project_name": "machines"},
            "refused": {**common, "username": "nobody"},
        }
        path = tmp_path / "targets.toml"
        path.write_text(
            "".join(
                f"[targets.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
                for name, table in tables.items()
            )
        )
        run = gate("-k", "BODY-01", f"--targets={path}", environment={"A_PASSWORD": PASSWORD})
    assert run.exit == 6, run.said
    assert "kept by 2 of 3 targets; could not be judged: refused" in run.out
    assert len(asked) == 1


def test_what_is_about_all_targets_is_searched_for_the_token_of_a_login(
    gate: Gate, served: Served, tmp_path: Path
) -> None:
    """A token that nobody gave, but a login, is found in a file of all targets, though the target is long judged."""
    table = {key: served.card[key] for key in ("party", "tenant_id", "region", "username")}
    table |= {"base_url": served.base_url, "password": "$A_PASSWORD", "auth_version": "3"}
    (tmp_path / "summary.md").write_text(f"an earlier step printed {served.card['token']}\n")
    workflow = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    with keystone([], served.card["token"]) as table["auth_url"]:
        lines = (f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        (tmp_path / "targets.toml").write_text("[targets.own]\n" + "".join(lines))
        chosen = ("-k", "BODY-01", f"--targets={tmp_path / 'targets.toml'}")
        run = gate(*chosen, environment={"A_PASSWORD": PASSWORD, **workflow})
    assert run.exit == 3, run.said
    assert f"a secret stands in what was written: {tmp_path / 'summary.md'}: $MANA_TOKEN" in run.out
    assert served.card["token"] not in run.said


def test_proxies_of_the_environment_see_no_login(gate: Gate, served: Served) -> None:
    """A login goes through no proxy that happens to be named in the environment."""
    with talking(answers(answer("502 Bad Gateway"))) as proxy:
        run = gate("-k", "BODY-01", environment=from_login(served, HTTP_PROXY=proxy.base_url, NO_PROXY=""))
        assert (run.exit, proxy.heads) == (0, []), run.said


# -- a token that expires


class Expiring:
    """The reference, which takes no token that a login gave more than so often; ``logins`` counts those."""

    def __init__(self, application: Any, uses: int, good: int) -> None:
        self._application = application
        self._uses = uses
        self._good = good
        self._left: dict[str, int] = {}
        self.logins = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        token = environ.get("HTTP_X_AUTH_TOKEN", "")
        if environ["PATH_INFO"] == "/mana_api/tokens":
            environ.pop("HTTP_ACCEPT_ENCODING", None)
            response = Response.from_app(self._application, environ)
            if response.status_code == 200:
                self.logins += 1
                # A token beyond those that expire is good for ever.
                self._left[json.loads(response.get_data())["access"]["token"]["id"]] = (
                    self._uses if self.logins <= self._good else 1_000_000
                )
            return response(environ, start_response)
        if token in self._left:
            self._left[token] -= 1
            if self._left[token] < 0:
                environ = {**environ, "HTTP_X_AUTH_TOKEN": "expired"}
        return self._application(environ, start_response)


def expiring(gate: Gate, reference: Reference, uses: int, good: int = 1) -> tuple[Run, Expiring]:
    """A run with a token that expires after so many uses, and its server."""
    made: list[Expiring] = []

    def around(application: Any) -> Any:
        made.append(Expiring(application, uses, good))
        return made[0]

    with reference.serving(around=around) as server:
        run = gate("-m", "params or auth or paging", environment=from_login(server))
    return run, made[0]


@pytest.mark.parametrize("uses", [2, *(pytest.param(uses, marks=pytest.mark.slow) for uses in (20, 60))])
def test_token_that_expires_is_renewed_once_and_that_is_said(gate: Gate, reference: Reference, uses: int) -> None:
    """Wherever in a run its token expires, logging in again gives another, nothing is red for it, and it is said."""
    run, server = expiring(gate, reference, uses)
    assert run.exit == 0, run.said
    assert set(run.verdicts.values()) == {"pass"}
    assert server.logins == 2
    assert run.out.count("the token expired during the run and was renewed, once") == 1
    assert run.report["notes"] == ["the token expired during the run and was renewed, once"]
    assert "renewed, once" in (run.folder / "report.html").read_text(encoding="utf-8")
    assert "renewed, once" in gate(f"--replay={run.evidence}", "-m", "params or auth or paging").out


@pytest.mark.slow
def test_token_that_expires_again_is_not_renewed_again(gate: Gate, reference: Reference) -> None:
    """A second token that expires is not replaced: what it leaves unseen is inconclusive, and nothing is red for it."""
    run, server = expiring(gate, reference, 20, good=2)
    assert server.logins == 2
    assert (run.exit, run.red) == (6, set())
    assert "inconclusive" in run.verdicts.values()


def test_token_that_lasts_is_not_renewed(gate: Gate, reference: Reference) -> None:
    """Refusals that are asked for are no reason to log in again."""
    run, server = expiring(gate, reference, 1_000_000)
    assert (run.exit, server.logins) == (0, 1)
    assert "notes" not in run.report


def test_renewed_token_and_the_old_one_are_both_hidden() -> None:
    """A vault whose token was replaced sends the new one, and hides either."""
    vault = Vault({TOKEN: "the-token-of-before"})
    vault.put(TOKEN, "the-token-of-now")
    assert vault.resolve(Secret(TOKEN)) == "the-token-of-now"
    assert vault.scrub(b"the-token-of-before, the-token-of-now")[0] == b"$MANA_TOKEN, $MANA_TOKEN"
