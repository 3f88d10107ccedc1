"""Baselines: known failures fail no run, new ones do, fixed ones are named, and what leaks data is never hidden."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance import page
from tests.suite.conftest import BROKEN_AREAS
from tests.suite.gate import Gate, Run
from tests.suite.reported import Json, clause, kept
from tests.suite.servers import Reference

LEAKY = ("-m", "body or auth")


def judged(report: Json, id: str, verdict: str) -> Json:
    """A report with another verdict of one clause."""
    return report | {"clauses": [one | {"verdict": verdict} if one["id"] == id else one for one in report["clauses"]]}


def kept_in(folder: Path, report: Mapping[str, Any]) -> Path:
    path = folder / "old baseline.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def leaky(gate: Gate, reference: Reference) -> Iterator[Run]:
    """A run on a server that takes any token for a good one."""

    def open_door(application: Any) -> Any:
        good = reference.card["token"]
        return lambda environ, start: application({**environ, "HTTP_X_AUTH_TOKEN": good}, start)

    with reference.serving(around=open_door) as server:
        yield gate(*LEAKY, environment=server.environment)


@pytest.fixture(scope="module")
def no_json(gate: Gate, reference: Reference) -> Iterator[Run]:
    """A run on a server whose lists have another name, so that little of auth can be judged."""
    with reference.serving(renamed) as server:
        yield gate(*LEAKY, environment=server.environment)


def renamed(_: Any, response: Any) -> Any:
    response.set_data(response.get_data().replace(b'"vm_servers"', b'"machines"'))
    return response


# -- what a baseline does to a run


def test_known_failure_fails_no_run(gate: Gate, broken: Run, tmp_path: Path) -> None:
    """A run that fails only as its baseline did exits 0, and says everywhere that it does not keep the contract."""
    baseline = kept_in(tmp_path, broken.report)
    run = gate(f"--replay={broken.evidence}", "-m", BROKEN_AREAS, f"--baseline={baseline}", "-rA")
    assert (run.exit, run.report["verdict"]) == (0, "pass"), run.said
    assert run.verdicts["FIELD-cpu_num"] == "fail"
    assert set(run.report["baseline"]["known"]) == {"HEAD-08", "FIELD-cpu_num"}
    assert "known to fail FIELD-cpu_num" in run.out
    assert "beside 2 clauses known to fail" in run.out
    assert "stale" not in run.out
    assert "beside 2 clauses known to fail" in (run.folder / "report.html").read_text(encoding="utf-8")


def test_known_failure_is_no_failure_in_junit(gate: Gate, broken: Run, tmp_path: Path) -> None:
    """A pipeline that shows junit.xml sees a known failure as one that was set aside, with why."""
    baseline = kept_in(tmp_path, broken.report)
    run = gate(f"--replay={broken.evidence}", "-k", "FIELD-cpu_num", f"--baseline={baseline}")
    written = (run.folder / "junit.xml").read_text(encoding="utf-8")
    assert 'failures="0" skipped="1"' in written
    assert 'name="known" value="yes"' in written


def test_new_failure_fails_the_run(gate: Gate, broken: Run, tmp_path: Path) -> None:
    """What fails now and did not then fails the run, and is named as new."""
    baseline = kept_in(tmp_path, judged(broken.report, "FIELD-cpu_num", "pass"))
    run = gate(f"--replay={broken.evidence}", "-m", BROKEN_AREAS, f"--baseline={baseline}")
    assert (run.exit, run.report["verdict"]) == (1, "fail")
    assert run.report["baseline"]["new"] == ["FIELD-cpu_num"]
    assert "new failure: FIELD-cpu_num\n" in run.out
    assert "BROKEN: 1 clause that MUST hold does not, beside 1 clause known to fail" in run.out


def test_new_failure_says_what_became_of_it_before(gate: Gate, broken: Run, tmp_path: Path) -> None:
    """A failure that the baseline could not have known, being blocked there or not asked, says so."""
    old = judged(broken.report, "FIELD-cpu_num", "blocked")
    old |= {"clauses": [one for one in old["clauses"] if one["id"] != "HEAD-08"]}
    run = gate(f"--replay={broken.evidence}", "-m", BROKEN_AREAS, f"--baseline={kept_in(tmp_path, old)}")
    assert "new failure: FIELD-cpu_num, blocked in the baseline" in run.out
    assert "new failure: HEAD-08 (SHOULD), which the baseline did not ask" in run.out


def test_fixed_failure_makes_the_baseline_stale(gate: Gate, healthy: Run, tmp_path: Path) -> None:
    """What no longer fails is named, and the command that is said then renews the baseline."""
    baseline = kept_in(tmp_path, judged(healthy.report, "FIELD-cpu_num", "fail"))
    stale = gate(f"--replay={healthy.evidence}", f"--baseline={baseline}")
    assert stale.exit == 0
    assert stale.report["baseline"]["fixed"] == ["FIELD-cpu_num"]
    assert "fixed: FIELD-cpu_num" in stale.out
    [line] = [line for line in stale.out.splitlines() if "stale" in line]
    subprocess.run(line.partition("by  ")[2], shell=True, check=True)  # noqa: S602 - it is to be typed into a shell
    assert json.loads(baseline.read_text(encoding="utf-8")) == stale.report
    assert "stale" not in gate(f"--replay={healthy.evidence}", f"--baseline={baseline}").out


def test_part_of_a_run_renews_no_baseline(gate: Gate, healthy: Run, tmp_path: Path) -> None:
    """A run of some clauses alone does not offer to replace a baseline of more."""
    baseline = kept_in(tmp_path, judged(healthy.report, "FIELD-cpu_num", "fail"))
    run = gate(f"--replay={healthy.evidence}", "-k", "FIELD-cpu_num", f"--baseline={baseline}")
    assert "run again with --report-dir=DIR and every clause" in run.out


def test_should_clause_is_known_too(gate: Gate, broken: Run, tmp_path: Path) -> None:
    """Where SHOULD clauses fail a run, those that are known to fail do not."""
    baseline = kept_in(tmp_path, broken.report)
    only = (f"--replay={broken.evidence}", "-m", "headers", "--fail-on=should")
    assert (gate(*only).exit, gate(*only, f"--baseline={baseline}").exit) == (1, 0)


# -- auth and scope


def test_failure_of_auth_is_not_hidden(gate: Gate, leaky: Run, tmp_path: Path) -> None:
    """A clause of auth that fails as it did before fails the run, unless that is asked for by name."""
    assert "AUTH-02" in leaky.red
    baseline = kept_in(tmp_path, leaky.report)
    again = (f"--replay={leaky.evidence}", *LEAKY, f"--baseline={baseline}")
    shown, hidden = gate(*again), gate(*again, "--baseline-security")
    assert (shown.exit, hidden.exit) == (1, 0)
    assert "not hidden without --baseline-security: AUTH" in shown.out
    assert "AUTH-02" in hidden.report["baseline"]["known"]


def test_auth_behind_a_known_failure_is_not_judged(gate: Gate, no_json: Run, tmp_path: Path) -> None:
    """Where a known failure keeps clauses of auth from being judged, the run could not judge, and says why."""
    blocked = {id for id, verdict in no_json.verdicts.items() if verdict == "blocked" and id.startswith("AUTH")}
    assert blocked
    baseline = kept_in(tmp_path, no_json.report)
    again = (f"--replay={no_json.evidence}", *LEAKY, f"--baseline={baseline}")
    unjudged, hidden = gate(*again), gate(*again, "--baseline-security")
    assert (unjudged.exit, hidden.exit) == (6, 0), unjudged.said
    assert {unjudged.verdicts[id] for id in blocked} == {"inconclusive"}
    assert "--baseline hides nothing of auth by itself" in unjudged.out
    assert {hidden.verdicts[id] for id in blocked} == {"blocked"}


# -- what a baseline is of


def test_other_target_is_said(gate: Gate, broken: Run, tmp_path: Path) -> None:
    """A baseline of another target, suite or document is used, and said to be one."""
    old = broken.report | {
        "target": broken.report["target"] | {"region": "elsewhere"},
        "suite": {"version": "0.0.1", "seed": 1},
        "contract": {"document": "other.rst", "sha256": "0" * 64},
    }
    run = gate(f"--replay={broken.evidence}", "-m", "fields", f"--baseline={kept_in(tmp_path, old)}")
    assert "the baseline is of another target: region elsewhere" in run.out
    assert "another suite: version 0.0.1" in run.out
    assert "another contract document: other.rst" in run.out


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_file_that_holds_no_report_is_wrong_usage(gate: Gate, tmp_path: Path, content: str | None) -> None:
    """A baseline that is not there or no report is refused in one line, and nothing is asked."""
    path = tmp_path / "baseline.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert gate("-k", "HEAD-02", f"--baseline={path}").is_wrong_usage("--baseline", "baseline.json")


def test_baseline_is_not_written_over(gate: Gate, broken: Run) -> None:
    """A run whose report would replace its own baseline unread is refused."""
    run = gate(f"--baseline={broken.folder / 'report.json'}", f"--report-dir={broken.folder}")
    assert run.is_wrong_usage("--report-dir would write")


def test_security_needs_a_baseline(gate: Gate) -> None:
    """--baseline-security alone means nothing, and is refused."""
    assert gate("-k", "HEAD-02", "--baseline-security").is_wrong_usage("--baseline-security")


# -- the page


def test_page_counts_what_is_new_apart_from_what_is_known() -> None:
    """A page's first sentence counts known failures beside the others, and marks each where it stands."""
    report = kept(clause("A", "fail"), clause("B", "fail"), clause("C"))
    held = {"file": "old.json", "known": ["A"], "new": ["B"], "shown": [], "fixed": ["C"]}
    made = page.render(report | {"baseline": held})
    assert "Broken: 1 clause that MUST hold does not, beside 1 clause known to fail. 1 hold." in made
    assert "old.json: 1 known, 1 new, 1 fixed" in made
    assert made.count("known by the baseline") == 1
