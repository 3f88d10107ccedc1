"""The gate's options, exit statuses, messages and report, as its users meet them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from conformance import draws, options
from conformance.clause import Catalogue
from conformance.credentials import TOKEN, Vault
from conformance.examine import Examination
from conformance.target import Limits, Target
from contracts import DEFAULT, read
from tests.contract import test_body
from tests.suite import slow
from tests.suite.conftest import BROKEN_AREAS
from tests.suite.gate import ROOT, Gate, Run
from tests.suite.servers import PASSWORD, Reference, Served, Talk, answer, answers, free_port, talking

AREAS = {
    "headers",
    "body",
    "fields",
    "params",
    "auth",
    "paging",
    "errors",
    "scope",
    "methods",
    "stability",
    "properties",
}
VERDICTS = {"pass", "fail", "blocked", "inconclusive", "not-applicable"}
GIVEN = {"MANA_TOKEN": "a-token-of-nobody", "MANA_PARTY": "p", "MANA_TENANT_ID": "t", "MANA_REGION": "r"}
"""All that a gate needs besides the address."""


@pytest.fixture(scope="module")
def catalogue(gate: Gate) -> dict[str, tuple[str, str]]:
    """Every clause's level and area by its id, as ``--clauses`` prints them."""
    run = gate("--clauses", "-q")
    assert run.exit == 0, run.said
    rows = [line.split(maxsplit=3) for line in run.out.splitlines()]
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 4 and row[1] in {"MUST", "SHOULD"}}


@pytest.fixture(scope="module")
def empty(gate: Gate) -> Iterator[tuple[Served, Run]]:
    """A server without any machine, and a run of its paging."""
    with Reference(vms=0).serving() as server:
        yield server, gate("-m", "paging", environment=server.environment)


# -- nothing to judge


@contextmanager
def nowhere() -> Iterator[str]:
    """A name that no host has."""
    yield "http://nowhere.invalid"


@contextmanager
def nobody() -> Iterator[str]:
    """A port that nobody listens on."""
    yield f"http://127.0.0.1:{free_port()}"


@contextmanager
def plain_behind_https() -> Iterator[str]:
    """A server that speaks no TLS, by an address that says it does."""
    with talking(lambda talk: talk.say(answer("400 Bad Request"))) as sockets:
        yield sockets.base_url.replace("http:", "https:")


def saying(said: bytes) -> Callable[[], AbstractContextManager[str]]:
    """A server that answers everything so."""

    @contextmanager
    def server() -> Iterator[str]:
        with talking(answers(said)) as sockets:
            yield sockets.base_url
            assert len(sockets.heads) == 1, "more than the preflight was asked"

    return server


@contextmanager
def silence() -> Iterator[str]:
    """A server that never answers."""

    def silent(talk: Talk) -> None:
        while talk.request():
            pass

    with talking(silent) as sockets:
        yield sockets.base_url


HTML = b"<!DOCTYPE html><html><body>Log in</body></html>"

OBSTACLES: Mapping[str, tuple[Callable[[], AbstractContextManager[str]], str]] = {
    "no such host": (nowhere, "host"),
    "refused": (nobody, "refused"),
    "silence": (silence, "0.3 s"),
    "plain port": (plain_behind_https, "TLS"),
    "no HTTP": (saying(b"SSH-2.0-OpenSSH_9.6\r\n"), "no readable HTTP answer"),
    "301": (
        saying(answer("301 Moved Permanently", Location="/elsewhere")),
        "301 Moved Permanently, to /elsewhere.",
    ),
    "401": (saying(answer("401 Unauthorized", b'{"msg": "no", "code": 401}')), "credentials"),
    "400": (
        saying(answer("400 Bad Request", b"no such party")),
        "It said: no such party. Check --region",
    ),
    "403": (saying(answer("403 Forbidden", b'{"msg": "no", "code": 403}')), "credentials"),
    "404": (saying(answer("404 Not Found", b"no such region")), "404. It said: no such region. Check --base-url"),
    "500": (saying(answer("500 Internal Server Error", b"out of order")), "500"),
    "HTML": (saying(answer(body=HTML, Content_Type="text/html; charset=utf-8")), "HTML"),
    "HTML that says it is JSON": (saying(answer(body=b"\n <html lang='en'>Log in</html>")), "HTML"),
}


def examined(base_url: str) -> Examination:
    """A server asked for one clause, by a run that is soon at its end."""
    catalogue = Catalogue(test_body.test_body_is_strict_json.clauses(read(DEFAULT)))
    target = Target("a server", base_url, "p", "t", "r")
    vault = Vault({TOKEN: "a-token-of-nobody"})
    one = Examination.of_target(read(DEFAULT), target, vault, catalogue, pinned={}, examples=1, seed=1)
    one.ask(Limits(timeout=0.3))
    return one


@pytest.mark.parametrize(("dropped", "told"), [(0, ""), (1, "under a request, answered when asked again")])
def test_request_that_was_dropped_is_told(dropped: int, told: str) -> None:
    """A connection that is closed under a request is no failure where another one answers; and yet it is told."""
    left = iter(range(dropped))

    def dropping(talk: Talk) -> None:
        while talk.request() and next(left, None) is None:
            talk.say(answer("404 Not Found"))

    with talking(dropping) as sockets:
        notes = examined(sockets.base_url).notes
    assert len(notes) == dropped
    assert all(told in note for note in notes)


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_target_that_cannot_be_judged_stops_at_the_preflight(obstacle: str) -> None:
    """Where there is nothing to judge, one request is asked, and one line says why and what to do."""
    serve, word = OBSTACLES[obstacle]
    with serve() as base_url:
        one = examined(base_url)
    assert word in one.verdicts.stopped
    assert len(one.verdicts.stopped.splitlines()) == 1
    assert {one.verdicts.outcome(clause.id).verdict.value for clause in one.verdicts.catalogue} == {"inconclusive"}


@pytest.mark.parametrize("obstacle", slow.but_every(3, ["refused", "silence", "plain port", "401", "404", "HTML"]))
def test_target_that_cannot_be_judged_is_told_once(
    gate: Gate, catalogue: dict[str, tuple[str, str]], obstacle: str
) -> None:
    """Where there is nothing to judge, the exit is 6, the reason stands once on the console, and the report is full."""
    serve, word = OBSTACLES[obstacle]
    with serve() as base_url:
        run = gate("--request-timeout=0.3", environment={**GIVEN, "PYTEST_BASE_URL": base_url})
    assert run.exit == 6, run.said
    [reason] = {clause["reason"] for clause in run.clauses.values() if clause["verdict"] == "inconclusive"}
    assert word in reason
    assert run.said.count(reason) == 1, run.said
    assert "Traceback" not in run.said
    assert run.report["verdict"] == "could-not-judge"
    assert set(run.clauses) == set(catalogue)
    assert set(run.verdicts.values()) <= {"inconclusive", "not-applicable"}


@pytest.mark.parametrize("auth_url", ["", "http://127.0.0.1:{port}"])
def test_refused_login_could_not_judge(gate: Gate, served: Served, auth_url: str) -> None:
    """A login that is refused or reaches nobody is a target that could not be judged."""
    environment = {name: value for name, value in served.environment.items() if name != "MANA_TOKEN"}
    environment |= {"MANA_USERNAME": served.card["username"], "MANA_PASSWORD": "wrong password"}
    environment["MANA_AUTH_URL"] = auth_url.format(port=free_port())
    run = gate("-k", "HEAD-02", environment=environment)
    assert run.exit == 6, run.said
    assert run.verdicts == {"HEAD-02": "inconclusive"}
    assert "login" in run.clauses["HEAD-02"]["reason"]
    assert "Traceback" not in run.said


def test_login_gives_a_token(gate: Gate, served: Served) -> None:
    """A name and a password do in the place of a token."""
    environment = {name: value for name, value in served.environment.items() if name != "MANA_TOKEN"}
    run = gate(
        "-k", "HEAD-02", f"--username={served.card['username']}", environment=environment | {"MANA_PASSWORD": PASSWORD}
    )
    assert (run.exit, run.verdicts) == (0, {"HEAD-02": "pass"})


def test_interrupt_ends_a_run_soon_and_with_a_report(gate: Gate) -> None:
    """Ctrl-C while the target is asked ends the run at once, and the report lists every selected clause."""
    with silence_noted() as (base_url, heads):
        folder, command, environment = gate.prepared(
            "-k", "HEAD-02 or BODY-01", "--request-timeout=6", environment={**GIVEN, "PYTEST_BASE_URL": base_url}
        )
        with subprocess.Popen(  # noqa: S603 - the command is the gate's
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            while not heads and process.poll() is None:
                time.sleep(0.02)
            asked = time.monotonic()
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
        took = time.monotonic() - asked
    run = Run(process.returncode, out, "", folder)
    assert run.exit == 2, out
    assert run.verdicts == {"BODY-01": "inconclusive", "HEAD-02": "inconclusive"}
    assert "COULD NOT JUDGE: the run was interrupted, and 2 clauses found too little to see." in out
    assert took < 3


@contextmanager
def silence_noted() -> Iterator[tuple[str, list[bytes]]]:
    """A server that never answers, and the requests that came to it."""

    def silent(talk: Talk) -> None:
        while talk.request():
            pass

    with talking(silent) as sockets:
        yield sockets.base_url, sockets.heads


# -- wrong usage


MISUSE: Mapping[str, tuple[list[str], dict[str, str], str]] = {
    "unknown reading": (["--reading=nothing=1"], {}, "nothing"),
    "unknown value of a reading": (["--reading=paging=2-inclusive"], {}, "2-inclusive"),
    "reading without a value": (["--reading=paging"], {}, "NAME=VALUE"),
    "seed": (["--seed=abc"], {}, "abc"),
    "rate": (["--rate-limit=0/s"], {}, "0/s"),
    "rate in words": (["--rate-limit=fast"], {}, "fast"),
    "examples": (["--examples=-1"], {}, "-1"),
    "concurrency": (["--concurrency=0"], {}, "0"),
    "time-out": (["--request-timeout=nan"], {}, "nan"),
    "document": (["--contract=nothing.rst"], {}, "nothing.rst"),
    "replay": (["--replay=nothing.jsonl"], {}, "nothing.jsonl"),
    "folder for reports": ([f"--report-dir={__file__}/reports"], {}, "--report-dir"),
    "no scheme": ([], {"PYTEST_BASE_URL": "127.0.0.1:8080"}, "127.0.0.1:8080"),
    "no host": ([], {"PYTEST_BASE_URL": "http://"}, "--base-url"),
    "port": ([], {"PYTEST_BASE_URL": "http://127.0.0.1:99999"}, "99999"),
    "query in the address": ([], {"PYTEST_BASE_URL": "http://127.0.0.1/?a=b"}, "query"),
    "password in the address": ([], {"PYTEST_BASE_URL": "http://u:hunter2@127.0.0.1:99999/"}, "password"),
    "password in what is no address": ([], {"PYTEST_BASE_URL": "ftp://u:hunter2@127.0.0.1/"}, "password"),
    "token in the address": ([], {"PYTEST_BASE_URL": "http://127.0.0.1/?token=hunter2"}, "query"),
    "no token": ([], {"MANA_TOKEN": ""}, "--token"),
    "no party": ([], {"MANA_PARTY": " "}, "--party"),
    "no tenant": ([], {"MANA_TENANT_ID": ""}, "--tenant-id"),
    "no region": ([], {"MANA_REGION": ""}, "--region"),
    "token and login": (["--username=u", "--password=p"], {}, "not both"),
    "no password": (["--username=u"], {"MANA_TOKEN": ""}, "--password"),
    "version of the login": (["--username=u", "--password=p", "--auth-version=4"], {"MANA_TOKEN": ""}, "2 and 3"),
    "version of a login that is not needed": (["--auth-version=4"], {}, "2 and 3"),
    "no Keystone": (["--username=u", "--password=p", "--auth-version=3"], {"MANA_TOKEN": ""}, "--auth-url"),
    "password in the address of the login": (
        ["--username=u", "--password=p", "--auth-url=http://u:p@127.0.0.1"],
        {"MANA_TOKEN": ""},
        "--auth-url holds",
    ),
    "no user name": ([], {"MANA_TOKEN": "", "MANA_PASSWORD": "p"}, "--username"),
    "line break in the token": ([], {"MANA_TOKEN": "one\ntwo"}, "MANA_TOKEN"),
    "line break in the agent": (["--sp-agent=one\ntwo"], {}, "--sp-agent"),
}


WHOLE_RUNS = ("unknown reading", "document", "replay", "folder for reports", "no token", "password in the address")
"""One for each of the moments at which a run looks at what it was given."""


@pytest.mark.parametrize("misuse", [one for one in MISUSE if one not in {"document", "replay", "folder for reports"}])
def test_wrong_usage_is_refused_in_one_line(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, misuse: str
) -> None:
    """A mistake in the options is refused as wrong usage, in one line that names it."""
    words, environment, word = MISUSE[misuse]
    for name, value in {"PYTEST_BASE_URL": "http://127.0.0.1:9", **GIVEN, **environment}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(pytest.UsageError) as caught:
        understood(pytestconfig, words)
    assert word in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert "hunter2" not in str(caught.value)


def understood(pytestconfig: pytest.Config, words: list[str]) -> None:
    """Read options as a run would, up to its first request."""
    option = pytestconfig.option.__class__(**{**vars(pytestconfig.option), "base_url": os.environ["PYTEST_BASE_URL"]})
    for word in words:
        name, _, value = word.removeprefix("--").partition("=")
        old = getattr(option, name.replace("-", "_"))
        setattr(option, name.replace("-", "_"), [value] if isinstance(old, list) else type(old or "")(value))
    config: Any = SimpleNamespace(option=option, getoption=lambda name: getattr(option, name))
    settings = options.settings(option)
    options.check_pinned(settings.pinned, read(DEFAULT))
    values = options.given(config)
    options.target_of(values)
    options.login_of(values)
    options.vault_of(values)


@pytest.mark.parametrize("misuse", slow.but_every(2, WHOLE_RUNS))
def test_wrong_usage_is_told_in_one_line(gate: Gate, misuse: str) -> None:
    """A mistake in the options ends the run with exit 4 and one line that names it, and nothing is asked."""
    words, environment, word = MISUSE[misuse]
    with talking(answers(answer())) as server:
        given = {"PYTEST_BASE_URL": server.base_url, **GIVEN, **environment}
        run = gate("-k", "HEAD-02", *words, environment=given)
        assert server.heads == []
    assert run.is_wrong_usage(word), run.said
    assert "hunter2" not in run.said


@pytest.mark.parametrize(
    ("token", "about"),
    [
        ("tok-alpha-5521", {"token_with_letters", "token_without_padding"}),
        ("481516234200", {"token_without_padding"}),
        ("0d9a4f6e-1b2c-4d3e-8f90-a1b2c3d4e5f6", {"token_without_padding"}),
        ("0d9a4f6e1b2c4d3e8f90a1b2c3d4e5f6", {"token_with_letters", "token_without_padding"}),
        ("dG9rLWFscGhh==", {"token_with_letters"}),
        ("t", {"token_with_letters", "token_without_padding", "tenant_for_token"}),
    ],
)
def test_token_itself_says_which_others_are_no_good_ones(token: str, about: set[str]) -> None:
    """A UUID is the same in any case (RFC 9562 section 4), what is behind padding says nothing, a tenant may be one."""
    values = {"base_url": "http://127.0.0.1:9", "token": token, "party": "p", "tenant_id": "t", "region": "r"}
    assert options.target_of(values).given == about


def test_all_that_is_missing_is_told_at_once(gate: Gate) -> None:
    """What is missing of token, party, tenant and region is named in one line, each by option and variable."""
    run = gate("-k", "HEAD-02", environment={"PYTEST_BASE_URL": "http://127.0.0.1:9"})
    names = (
        "--token",
        "MANA_TOKEN",
        "--party",
        "MANA_PARTY",
        "--tenant-id",
        "MANA_TENANT_ID",
        "--region",
        "MANA_REGION",
    )
    assert run.is_wrong_usage(*names), run.said


@pytest.mark.parametrize(
    ("words", "environment", "word"),
    [
        (["--base-url="], {}, "empty"),
        ([], {"PYTEST_BASE_URL": ""}, "empty"),
        (["--party=p", "--region=r"], {}, "--party, --region given"),
        ([], {"MANA_TOKEN": "a-token-of-nobody"}, "MANA_TOKEN given"),
    ],
)
def test_default_target_takes_the_place_of_no_other(
    gate: Gate, words: list[str], environment: dict[str, str], word: str
) -> None:
    """Where something is said of a target and not where it is, the default target is not judged in its place."""
    run = gate("-k", "HEAD-02", *words, environment=environment)
    assert run.is_wrong_usage("--base-url (PYTEST_BASE_URL)", word), run.said


# -- addresses


@pytest.mark.parametrize(("prefix", "end"), [("", "/"), ("/a/pre-fix", ""), ("/prefix", "//")])
def test_address_may_have_prefix_and_slash(gate: Gate, reference: Reference, prefix: str, end: str) -> None:
    """A base URL may have a prefix of the path, and end with a slash."""
    with reference.serving(prefix=prefix) as server:
        environment = {**server.environment, "PYTEST_BASE_URL": f"{server.base_url}{end}"}
        run = gate("-k", "HEAD-02 or HEAD-01", environment=environment)
    assert (run.exit, set(run.verdicts.values())) == (0, {"pass"})
    assert run.report["target"]["base_url"] == server.base_url


def test_default_target_is_judged_where_none_is_given(gate: Gate) -> None:
    """Without an address, the reference is started and judged."""
    run = gate("-k", "HEAD-02")
    assert (run.exit, run.verdicts) == (0, {"HEAD-02": "pass"})
    assert run.report["target"]["name"] == "the default target"


# -- verdicts and exit statuses


def test_healthy_server_keeps_the_contract(healthy: Run, catalogue: dict[str, tuple[str, str]]) -> None:
    """On the healthy reference every clause holds that was given its inputs, and the exit is 0."""
    assert healthy.exit == 0, healthy.said
    assert set(healthy.verdicts) == set(catalogue)
    assert set(healthy.verdicts.values()) == {"pass", "not-applicable"}
    assert healthy.report["verdict"] == "pass"
    assert "KEPT" in healthy.out


def test_broken_must_exits_1(broken: Run) -> None:
    """A clause that MUST hold and does not makes the exit 1, with its request to ask again on the console."""
    assert (broken.exit, broken.report["verdict"]) == (1, "fail")
    assert broken.red == {"FIELD-cpu_num", "HEAD-08"}
    assert "BROKEN" in broken.out
    assert "curl -i" in broken.out
    assert "cpu_num" in broken.out
    waiting = sum("FIELD-cpu_num" in clause["because"] for clause in broken.clauses.values())
    assert f"repair first: FIELD-cpu_num ({waiting} behind it)" in broken.out.splitlines()


def test_broken_should_exits_0_unless_it_is_to_fail(gate: Gate, broken: Run) -> None:
    """A clause that SHOULD hold and does not is told, and fails the run on demand only."""
    only = (f"--replay={broken.evidence}", "-m", "headers")
    lenient, strict = gate(*only), gate(*only, "--fail-on=should")
    assert lenient.red == strict.red == {"HEAD-08"}
    assert (lenient.exit, lenient.report["verdict"]) == (0, "pass")
    assert (strict.exit, strict.report["verdict"]) == (1, "fail")


def test_unjudged_must_exits_6_unless_allowed(gate: Gate, empty: tuple[Served, Run]) -> None:
    """Where the list is empty, paging cannot be judged: exit 6, or 0 where that is allowed."""
    _, run = empty
    assert (run.exit, run.report["verdict"]) == (6, "could-not-judge")
    assert run.report["hint"].endswith("is empty: name one that has machines, or make some.")
    assert run.report["hint"] in run.out
    assert "inconclusive" in run.verdicts.values()
    assert run.red == set()
    allowed = gate(f"--replay={run.evidence}", "-m", "paging", "--allow-unjudged")
    assert (allowed.exit, allowed.report["verdict"]) == (0, "pass")


def test_one_target_is_not_spread_over_processes(gate: Gate, empty: tuple[Served, Run]) -> None:
    """Spreading one target over processes by xdist would ask it all again in each; it is refused as wrong usage."""
    server, _ = empty
    assert gate("-m", "paging", "-n2", environment=server.environment).is_wrong_usage("-n is of no use")


def test_broken_beats_unjudged(gate: Gate) -> None:
    """Where one MUST is broken and another could not be judged, the exit is 1."""

    def as_text(_: Request, response: Response) -> Response:
        response.headers["Content-Type"] = "text/plain"
        return response

    with Reference(vms=0).serving(as_text) as server:
        run = gate("-m", "headers or paging", environment=server.environment)
    assert {"fail", "inconclusive"} <= set(run.verdicts.values())
    assert (run.exit, run.report["verdict"]) == (1, "fail")


@pytest.mark.parametrize("status", slow.but_every(2, [429, 503]))
def test_throttling_is_no_fault(gate: Gate, reference: Reference, status: int) -> None:
    """A server that is too busy for every third request breaks nothing: what that leaves unseen is inconclusive."""
    asked = count()

    def throttled(_: Request, response: Response) -> Response:
        if next(asked) % 3 != 2:
            return response
        body = json.dumps({"msg": "Too busy", "code": status})
        return Response(body, status, {"Retry-After": "0"}, content_type="application/json")

    with reference.serving(throttled) as server:
        run = gate("-m", "params or auth or stability", environment=server.environment)
    assert run.red == set()
    assert run.exit in {0, 6}


# -- selecting


def test_keyword_selects(gate: Gate, healthy: Run) -> None:
    """-k selects clauses by their ids, and the report lists those alone."""
    run = gate(f"--replay={healthy.evidence}", "-k", "FIELD-cpu_num or HEAD-02")
    assert (run.exit, set(run.verdicts)) == (0, {"FIELD-cpu_num", "HEAD-02"})


def test_keyword_that_selects_nothing_exits_5(gate: Gate) -> None:
    """-k that no clause answers to exits 5, as pytest does, asks nothing, and says so in a line."""
    with talking(answers(answer())) as server:
        run = gate("-k", "nosuchclause", environment={**GIVEN, "PYTEST_BASE_URL": server.base_url})
    assert (run.exit, server.heads) == (5, [])
    assert "no clause was selected; --clauses prints them all" in run.out


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ("paging", lambda _, area: area == "paging"),
        ("must and auth", lambda level, area: (level, area) == ("MUST", "auth")),
    ],
)
def test_markers_select(
    gate: Gate,
    healthy: Run,
    catalogue: dict[str, tuple[str, str]],
    expression: str,
    selected: Callable[[str, str], bool],
) -> None:
    """-m selects clauses by their level and area."""
    run = gate(f"--replay={healthy.evidence}", "-m", expression)
    assert set(run.verdicts) == {id for id, (level, area) in catalogue.items() if selected(level, area)}
    assert run.exit == 0


def test_collecting_asks_nothing_and_names_what_can_be_run(gate: Gate, healthy: Run) -> None:
    """--collect-only asks nothing, and each node id that it prints runs that clause alone."""
    with talking(answers(answer())) as server:
        run = gate("--collect-only", "-q", environment={**GIVEN, "PYTEST_BASE_URL": server.base_url})
        assert (run.exit, server.heads) == (0, [])
    [node] = [line for line in run.out.splitlines() if line.endswith("[HEAD-02]")]
    alone = gate(f"--replay={healthy.evidence}", node)
    assert (alone.exit, set(alone.verdicts)) == (0, {"HEAD-02"})


def test_exitfirst_stops_at_the_first_failure(gate: Gate, broken: Run) -> None:
    """-x ends the run at the first clause that fails; the report lists those after it as inconclusive."""
    run = gate(f"--replay={broken.evidence}", "-m", BROKEN_AREAS, "-x", "--fail-on=should")
    verdicts = list(run.verdicts.values())
    first = verdicts.index("fail")
    assert run.exit == 1
    assert set(verdicts[first + 1 :]) == {"inconclusive"}
    assert set(run.clauses) == set(broken.clauses)


def test_catalogue_is_printed_without_a_target(catalogue: dict[str, tuple[str, str]]) -> None:
    """--clauses prints every clause with its level and area, asks nothing, and exits 0."""
    assert {area for _, area in catalogue.values()} == AREAS
    assert {"HEAD-01", "FIELD-cpu_num", "PARAM-01-region"} <= set(catalogue)


# -- report.json


def as_text_and_types(values: Mapping[str, Any]) -> dict[str, type]:
    """The names of an object's members with the types of their values."""
    return {name: type(value) for name, value in values.items()}


REPORT = {
    "format": str,
    "suite": dict,
    "contract": dict,
    "target": dict,
    "started": str,
    "seconds": float,
    "requests": int,
    "readings": dict,
    "verdict": str,
    "summary": dict,
    "clauses": list,
}
CLAUSE = {
    "id": str,
    "level": str,
    "area": str,
    "text": str,
    "source": str,
    "verdict": str,
    "because": list,
    "judged": dict,
    "findings": list,
}


def test_report_has_its_format(healthy: Run, broken: Run, unanswered: Run) -> None:
    """A report has the members of the format mana-report/1, however the run ended."""
    for report in (healthy.report, broken.report, unanswered.report):
        assert report["format"] == "mana-report/1"
        assert REPORT.items() <= as_text_and_types(report).items()
        assert report.keys() - REPORT.keys() <= {"register", "bytes", "warnings"}
        assert report["suite"].keys() == {"version", "seed"}
        assert report["contract"].keys() == {"document", "sha256"}
        assert report["target"].keys() == {"name", "base_url", "party", "tenant_id", "region", "server"}
        assert report["verdict"] in {"pass", "fail", "could-not-judge"}


def test_report_names_readings(healthy: Run, unanswered: Run) -> None:
    """A report has a value for each reading that was found, and none for one that was not."""
    found = healthy.report["readings"]
    assert found.keys() == {"vm_servers", "lan", "wan", "code", "party", "paging"}
    assert {one["how"] for one in found.values()} == {"found"}
    assert found["paging"]["value"] == "1-inclusive"
    unfound = unanswered.report["readings"]
    assert all(one == {"value": None, "how": "undetermined"} for one in unfound.values())


def test_report_says_of_each_clause_what_became_of_it(healthy: Run, broken: Run, unanswered: Run) -> None:
    """Each clause has its members, a reason where it was not judged, and where it failed a finding."""
    for run in (healthy, broken, unanswered):
        for clause in run.clauses.values():
            assert CLAUSE.items() <= as_text_and_types(clause).items()
            assert clause.keys() - CLAUSE.keys() <= {"quote", "reason", "since", "usually", "windows"}
            assert clause["area"] in AREAS
            assert clause["level"] in {"MUST", "SHOULD"}
            assert clause["verdict"] in VERDICTS
            assert bool(clause["findings"]) == (clause["verdict"] == "fail")
            assert bool(clause["because"]) == (clause["verdict"] == "blocked")
            assert bool(clause.get("reason")) == (clause["verdict"] in {"inconclusive", "not-applicable"})


def test_no_clause_passes_with_nothing_judged(healthy: Run, broken: Run, empty: tuple[Served, Run]) -> None:
    """What passed or failed has looked at an exchange and a value at least."""
    for run in (healthy, broken, empty[1]):
        for clause in run.clauses.values():
            if clause["verdict"] in {"pass", "fail"}:
                assert clause["judged"].keys() == {"exchanges", "values"}
                assert min(clause["judged"].values()) > 0, clause["id"]


def test_summary_counts_the_clauses(healthy: Run, broken: Run, empty: tuple[Served, Run]) -> None:
    """The summary has for each level the number of clauses of each verdict."""
    for run in (healthy, broken, empty[1]):
        counts = Counter((clause["level"], clause["verdict"]) for clause in run.clauses.values())
        assert run.report["summary"] == {
            level: {verdict: counts[level, verdict] for verdict in VERDICTS} for level in ("MUST", "SHOULD")
        }


def test_blocked_clause_names_what_failed(broken: Run) -> None:
    """A clause that rests on a failed one is blocked, and names that one."""
    blocked = {id: clause["because"] for id, clause in broken.clauses.items() if clause["verdict"] == "blocked"}
    assert blocked
    assert all(because == ["FIELD-cpu_num"] for because in blocked.values()), blocked


def test_finding_shows_its_exchanges(broken: Run) -> None:
    """A finding has a sentence, and exchanges with request, response and the command to ask it again."""
    [finding] = broken.clauses["FIELD-cpu_num"]["findings"]
    assert "cpu_num" in finding["message"]
    assert finding["exchanges"]
    for exchange in finding["exchanges"]:
        assert {"request", "response", "curl"} <= exchange.keys()
        assert exchange["request"].keys() == {"method", "url", "headers"}
        assert {"status", "headers", "body", "seconds"} <= exchange["response"].keys()
        assert exchange["request"]["headers"]["X-Auth-Token"] == "$MANA_TOKEN"
        assert exchange["response"]["status"] == 200
        assert '"cpu_num": "' in exchange["response"]["body"]


def test_command_of_a_finding_asks_it_again(gate: Gate, reference: Reference) -> None:
    """The curl command of a finding, run by a shell with the token in its environment, gets that answer again."""

    def always(_: Request, response: Response) -> Response:
        return response if response.status_code == 200 else Response("{}", 500, content_type="application/json")

    with reference.serving(always) as server:
        run = gate("-k", "PARAM-01-region", environment=server.environment)
        [finding] = run.clauses["PARAM-01-region"]["findings"]
        for exchange in finding["exchanges"]:
            done = subprocess.run(  # noqa: S602 - a shell is what it is for
                exchange["curl"],
                shell=True,
                env={"MANA_TOKEN": server.card["token"], "PATH": "/usr/bin:/bin"},
                capture_output=True,
                text=True,
                check=True,
            )
            assert f" {exchange['response']['status']} " in done.stdout.splitlines()[0]


# -- seeds and readings


def asked(run: Run) -> set[str]:
    """The requests of a run, those apart that were only asked again."""
    lines = [json.loads(line) for line in run.evidence.read_text(encoding="utf-8").splitlines()]
    return {
        json.dumps(line["probe"], sort_keys=True)
        for line in lines
        if "probe" in line and not line["probe"]["repetition"]
    }


@pytest.mark.slow
def test_same_seed_asks_the_same(gate: Gate, served: Served, healthy: Run, tmp_path: Path) -> None:
    """The same seed asks the same of the same list, also where nothing is kept from the run before."""
    # A cache of its own, so that what was drawn is drawn again.
    own = ("-o", f"cache_dir={tmp_path / 'cache'}")
    again = gate("-m", "properties", "--examples=4", *own, environment=served.environment)
    drawn = {probe for probe in asked(again) if '"drawn: ' in probe}
    assert len(drawn) >= 4
    assert drawn == {probe for probe in asked(healthy) if '"drawn: ' in probe}
    assert asked(again) <= asked(healthy)
    assert f"seed {again.report['suite']['seed']}" in again.out


@pytest.mark.slow
def test_other_seed_asks_something_else(gate: Gate, served: Served, healthy: Run) -> None:
    """Another seed draws other requests, and other windows of the list."""
    document, seed = read(DEFAULT), healthy.report["suite"]["seed"]
    assert draws.draw(document, 4, seed) != draws.draw(document, 4, seed + 1)
    other = gate("-m", "properties", "--examples=0", f"--seed={seed + 1}", environment=served.environment)
    assert other.report["suite"]["seed"] == seed + 1
    assert not asked(other) <= asked(healthy)


def test_no_examples_are_needed(gate: Gate, served: Served) -> None:
    """Without drawn examples the contract is kept all the same; only the clauses about them are not judged."""
    run = gate("--examples=0", "-m", "properties or body", environment=served.environment)
    assert run.exit == 0, run.said
    assert run.red == set()
    assert run.verdicts["BODY-01"] == "pass"
    assert not any('"drawn: ' in probe for probe in asked(run))


def test_pinned_reading_is_held_to(gate: Gate, healthy: Run) -> None:
    """A reading that is pinned is the one that is judged by, and the report says so."""
    right = gate(f"--replay={healthy.evidence}", "-m", "paging", "--reading=paging=1-inclusive")
    wrong = gate(f"--replay={healthy.evidence}", "-m", "paging", "--reading=paging=0-exclusive")
    assert (right.exit, wrong.exit) == (0, 1)
    assert wrong.report["readings"]["paging"] == {"value": "0-exclusive", "how": "pinned"}
    assert wrong.red == {"PAGE-01"}
