"""Servers that are broken or mean are judged, or could not be: in time, in little room, and with whole reports."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

import pytest

from conformance import kept
from conformance.credentials import TOKEN, Vault
from conformance.examine import Examination
from conformance.report import COULD_NOT_JUDGE, overall
from conformance.target import Limits, Target
from tests.suite import hostile, slow
from tests.suite.gate import Gate, Run
from tests.suite.hostile import ACTS, Act, answered_by, hostile_after, hostile_at_once, hostile_later, redirecting
from tests.suite.miniature import catalogue, document
from tests.suite.servers import Reference, Sockets, Talk, answer, answers, talking

SOME = [clause.id for clause in catalogue() if clause.area in {"body", "fields"}] + [
    "HEAD-02",
    "HEAD-03",
    "HEAD-04",
    "HEAD-05",
]
"""Clauses that look at all that is in an answer."""

EVERY = [clause.id for clause in catalogue()]

MOST_MEMORY = 300
"""Megabytes that a run may take at its peak, whatever it is sent."""

WEIGHED = """
import atexit
import os


@atexit.register
def weigh():
    with open("/proc/self/status") as said:
        peak = next(line for line in said if line.startswith("VmHWM:")).split()[1]
    with open(os.environ["WEIGHED"], "w") as file:
        file.write(peak)
"""
"""A plugin that notes the most memory that the run ever had, in kilobytes."""

QUIET = ("never answers", "a byte a second of body", "a chunk a second", "an answer without its end, and held")
"""Of the acts that keep who waits, those that are enough for a short run."""

SLOW = frozenset(hostile.SILENT) - set(QUIET) | hostile.HEAVY


@dataclass(frozen=True)
class Judged:
    """What became of a target: the verdict, the clauses that are red, and why nothing could be judged."""

    verdict: str
    red: frozenset[str]
    stopped: str


NOBODY = {"party": "p", "tenant_id": "t", "region": "r", "token": "a-token-to-be-kept-0451"}
"""Who asks a server that does not look at who asks."""


def judged(
    base_url: str,
    folder: Path,
    timeout: float,
    card: Mapping[str, str] = NOBODY,
    ids: Sequence[str] = SOME,
    *,
    concurrency: int = 10,
) -> Judged:
    """Judge a target by some clauses in this process, and write the reports of it."""
    target = Target("hostile", base_url, card["party"], card["tenant_id"], card["region"])
    examination = Examination.of_target(
        document(),
        target,
        Vault({TOKEN: card["token"]}),
        catalogue().with_foundations(ids),
        pinned={},
        examples=0,
        seed=1,
    )
    examination.ask(Limits(timeout=timeout, concurrency=concurrency))
    clauses = list(examination.verdicts.catalogue)
    outcomes = examination.outcomes(clauses, clauses)
    verdict = overall(outcomes, fail_on_should=False, allow_unjudged=False)
    examination.write(folder, examination.report(outcomes, verdict))
    red = {clause.id for clause, one in outcomes.items() if one.verdict == "fail"}
    return Judged(verdict, frozenset(red), examination.verdicts.stopped)


def check_reports(folder: Path) -> None:
    """Whether the report is whole, as data, as a page and as evidence."""
    report = kept.read(folder / "report.json")
    assert all(clause["findings"] for clause in report["clauses"] if clause["verdict"] == "fail")
    assert all(clause["reason"] for clause in report["clauses"] if clause["verdict"] == "inconclusive")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.endswith("</html>")
    assert "<script" not in page
    assert (folder / "evidence.jsonl").read_text(encoding="utf-8").count('"footer"') == 1


@pytest.mark.parametrize("name", [name for name in ACTS if name not in SLOW])
def test_hostile_server_is_judged_or_cannot_be(name: str, tmp_path: Path) -> None:
    """A server that is hostile at once leaves a finding on the clause that it breaks, or could not be judged."""
    with hostile_at_once(ACTS[name]) as server:
        became = judged(server.base_url, tmp_path, timeout=0.5 if name in QUIET else 10)
    assert became.red == hostile.BREAKS.get(name, frozenset()), became
    assert bool(became.stopped) == (name not in hostile.READABLE), became
    assert (became.verdict == COULD_NOT_JUDGE) == bool(became.stopped)
    check_reports(tmp_path)


Serving = Callable[[Act, Reference], AbstractContextManager[Sockets]]

KINDS: Mapping[str, Serving] = {
    "at once": lambda act, _: hostile_at_once(act),
    "later": lambda act, reference: hostile_later(act, reference.application),
}


@pytest.fixture(scope="module")
def weighing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the plugin that notes the memory of a run."""
    folder = tmp_path_factory.mktemp("weighing")
    (folder / "weighing.py").write_text(WEIGHED)
    return folder


def whole_run(gate: Gate, server: Sockets, reference: Reference, weighing: Path, *options: str) -> tuple[Run, int]:
    """A whole run on a server that takes the reference's tokens, and its peak of memory in megabytes."""
    peak = weighing / "peak"
    card = {f"MANA_{name.upper()}": reference.card[name] for name in ("party", "tenant_id", "region", "token")}
    environment = {**card, "PYTEST_BASE_URL": server.base_url, "PYTHONPATH": str(weighing), "WEIGHED": str(peak)}
    run = gate("-p", "weighing", "--request-timeout=2", "-vv", *options, environment=environment)
    return run, int(peak.read_text()) // 1024


def check_run(run: Run) -> None:
    """Whether a run ended as one that judged or could not, with all that it has to write, and nothing else printed."""
    assert run.exit in {1, 6}, run.said
    assert "Traceback" not in run.said
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", run.out), run.out
    check_reports(run.folder)
    ET.parse(run.folder / "junit.xml")  # noqa: S314 - written by the run, and to be read by whoever trusts it less


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ACTS)
def test_whole_run_on_a_hostile_server_ends_well(
    gate: Gate, reference: Reference, weighing: Path, name: str, kind: str
) -> None:
    """A run on a server that is hostile, at once or later, ends as judged or not to be judged, in little memory."""
    with KINDS[kind](ACTS[name], reference) as server:
        run, peak = whole_run(gate, server, reference, weighing)
    check_run(run)
    assert peak < MOST_MEMORY


SHORT = ("terminal escapes in a name", "lone surrogates", "NULs and controls in a header", "noise")


@pytest.mark.parametrize("name", slow.but_every(2, SHORT))
def test_hostile_text_reaches_no_terminal(gate: Gate, reference: Reference, name: str) -> None:
    """What a server says is printed and written with nothing in it that a terminal or a parser obeys."""
    with hostile_at_once(ACTS[name]) as server:
        card = {f"MANA_{one.upper()}": reference.card[one] for one in ("party", "tenant_id", "region", "token")}
        run = gate("-vv", "-m", "fields or headers or auth", environment={**card, "PYTEST_BASE_URL": server.base_url})
    check_run(run)


def test_redirect_takes_no_token_elsewhere(tmp_path: Path) -> None:
    """A server that sends its askers elsewhere cannot be judged, and nobody is asked there."""
    with (
        talking(answers(answer(body=hostile.LIST))) as elsewhere,
        hostile_at_once(redirecting(elsewhere.base_url)) as one,
    ):
        became = judged(one.base_url, tmp_path, timeout=10)
    assert became.verdict == COULD_NOT_JUDGE
    assert elsewhere.connections == 0


# -- a target that is well at first


LAST = {
    "silent": (hostile.ACTS["never answers"], 0.3),
    "closing": (hostile.ACTS["closes at once"], 10.0),
    "500": (hostile.says(answer("500 Oops", body=b"{}")), 10.0),
    "401": (hostile.says(answer("401 Unauthorized", body=b'{"msg": "who?", "code": 401}')), 10.0),
}


@pytest.mark.parametrize("good", slow.but_every(2, [12, 2]))
@pytest.mark.parametrize("last", LAST)
def test_target_that_fails_everything_is_left_alone(reference: Reference, last: str, good: int, tmp_path: Path) -> None:
    """A target that stops to serve what it served could not be judged, with nothing red, and is soon asked no more."""
    act, timeout = LAST[last]
    with hostile_after(good, act, reference.application) as server:
        became = judged(server.base_url, tmp_path, timeout, reference.card, EVERY)
    assert (became.verdict, became.red) == (COULD_NOT_JUDGE, frozenset())
    assert "is not served any more" in became.stopped
    check_reports(tmp_path)


def test_the_request_that_ends_a_server_is_among_those_that_are_named(reference: Reference, tmp_path: Path) -> None:
    """Who repairs it need not find it among hundreds."""
    dead = threading.Event()

    def talk(one: Talk) -> None:
        while not dead.is_set() and (head := one.request()):
            if b"[$ne]" in unquote_to_bytes(head.partition(b"\r\n")[0]):
                dead.set()
                return
            one.say(answered_by(reference.application, head))

    with talking(talk) as server:
        became = judged(server.base_url, tmp_path, 10.0, reference.card, EVERY, concurrency=1)
    assert became.verdict == COULD_NOT_JUDGE
    assert "[$ne] in its place" in became.stopped.partition(" The first to fail were: ")[2]


def test_target_that_leaves_much_unanswered_is_asked_for_a_bounded_time(reference: Reference, tmp_path: Path) -> None:
    """Where many requests are waited for in vain, what was asked until then is judged, and the rest says why not."""
    with hostile_later(ACTS["never answers"], reference.application) as server:
        became = judged(server.base_url, tmp_path, 0.1, reference.card, EVERY)
    report = kept.read(tmp_path / "report.json")
    reasons = [clause.get("reason", "") for clause in report["clauses"]]
    assert became.stopped == ""
    assert any("waited for in vain for 0.8 s in all" in reason for reason in reasons), reasons
