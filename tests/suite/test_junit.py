"""junit.xml: what a viewer that counts failures and errors, and knows no exit status, sees of a run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance import junit
from conformance.clause import Catalogue
from tests.suite.conftest import BROKEN_AREAS
from tests.suite.gate import Gate, Run
from tests.suite.miniature import catalogue
from tests.suite.servers import Reference

UNTOLD = junit.UNJUDGED
"""The case that stands for a run without a verdict."""


def suite_of(run: Run) -> ET.Element:
    """The one test suite of a run's junit.xml."""
    text = (run.folder / "junit.xml").read_text(encoding="utf-8")
    [suite] = ET.fromstring(text)  # noqa: S314 - written by pytest a moment ago
    return suite


def counts(run: Run) -> Counter[str]:
    """How a viewer counts a run: failures, errors and what was skipped."""
    suite = suite_of(run)
    return +Counter({name: int(suite.attrib[name]) for name in ("failures", "errors", "skipped")})


def case(run: Run, word: str) -> ET.Element:
    """The one case of a run whose name has this word in it."""
    [found] = [one for one in suite_of(run).iter("testcase") if word in one.attrib["name"]]
    return found


def said(of: ET.Element, tag: str) -> str:
    """What a case says as a failure, an error or a reason for being skipped."""
    [found] = of.iter(tag)
    return f"{found.attrib['message']}\n{found.text}"


def test_case_is_named_by_its_clause_and_says_what_it_is(healthy: Run) -> None:
    """Each case has the clause's id in its name, the place where it is declared, and its id, level, area and source."""
    clauses: Catalogue = catalogue()
    cases = list(suite_of(healthy).iter("testcase"))
    assert len(cases) == len(clauses)
    for one, clause in zip(cases, clauses, strict=True):
        properties = {found.attrib["name"]: found.attrib["value"] for found in one.iter("property")}
        assert one.attrib["name"] == f"{clause.name}[{clause.id}]"
        assert one.attrib["file"] == f"tests/contract/{clause.path.name}"
        assert int(one.attrib["line"]) == clause.line - 1
        assert (
            properties.items()
            >= {
                "id": clause.id,
                "level": clause.level.value,
                "area": clause.area,
                "source": clause.source,
            }.items()
        )


def test_cases_are_told_apart(healthy: Run) -> None:
    """No two cases have one name, for GitLab drops the second of them."""
    names = [(one.attrib["classname"], one.attrib["name"]) for one in suite_of(healthy).iter("testcase")]
    assert len(names) == len(set(names))


def test_kept_contract_is_green(healthy: Run) -> None:
    """Where the contract is kept, nothing fails and nothing is in error."""
    assert counts(healthy).keys() <= {"skipped"}


def test_broken_must_is_a_failure(broken: Run) -> None:
    """A clause that MUST hold and does not is a failure, with its requirement, finding and command in it."""
    assert counts(broken)["failures"] == 1
    text = said(case(broken, "[FIELD-cpu_num]"), "failure")
    assert text.startswith("MUST: ")
    assert "expected" in text
    assert "curl -i" in text


def test_broken_should_is_visible_and_no_failure(broken: Run) -> None:
    """A clause that SHOULD hold and does not is no failure, and says that it should and what was seen."""
    [finding] = broken.clauses["HEAD-08"]["findings"]
    text = said(case(broken, "[HEAD-08]"), "skipped")
    assert text.startswith("should hold and does not: ")
    assert finding["message"] in text


def test_broken_should_fails_on_demand(gate: Gate, broken: Run) -> None:
    """With --fail-on=should, it is a failure like any other."""
    run = gate(f"--replay={broken.evidence}", "-m", BROKEN_AREAS, "--fail-on=should")
    assert counts(run)["failures"] == 2
    assert said(case(run, "[HEAD-08]"), "failure").startswith("SHOULD: ")


def test_unjudged_clause_says_why(broken: Run) -> None:
    """A clause that was not judged is skipped, and says what that means and why."""
    assert "blocked by FIELD-cpu_num" in {found.attrib["message"] for found in suite_of(broken).iter("skipped")}


def test_target_that_was_not_reached_is_not_green(unanswered: Run) -> None:
    """Where nothing could be asked, there is an error that says why, not an empty file that looks like success."""
    assert counts(unanswered)["errors"] == 1
    assert "refused" in said(case(unanswered, UNTOLD), "error")


def test_empty_list_is_not_green_unless_that_is_allowed(gate: Gate) -> None:
    """Where too little was seen to judge, there is an error with the clauses and the reason; allowed, there is none."""
    with Reference(vms=0).serving() as server:
        run = gate("-m", "paging", environment=server.environment)
    allowed = gate(f"--replay={run.evidence}", "-m", "paging", "--allow-unjudged")
    assert (run.exit, counts(run)["errors"], counts(run)["failures"]) == (6, 1, 0)
    assert "PAGE-01" in said(case(run, UNTOLD), "error")
    assert (allowed.exit, counts(allowed)["errors"]) == (0, 0)


@pytest.mark.parametrize("options", [("-k", "nosuchclause"), ("-k", "HEAD-02", "--replay=nothing.jsonl")])
def test_run_that_asked_nothing_is_not_green(gate: Gate, options: tuple[str, ...]) -> None:
    """Where no clause is selected, or what was given cannot be used, there is an error as well."""
    run = gate(*options, environment={"PYTEST_BASE_URL": "http://127.0.0.1:9"})
    assert run.exit in {4, 5}
    assert "nothing was asked" in said(case(run, UNTOLD), "error")


def test_secret_in_the_file_is_found(gate: Gate, reference: Reference, tmp_path: Path) -> None:
    """junit.xml is searched for secrets like every other file: one that stands there ends the run as our error."""
    with reference.serving() as server:
        told = f"junit_suite_name=told {server.card['token']}"
        run = gate("-k", "HEAD-02", "-o", told, f"--junit-xml={tmp_path / 'own.xml'}", environment=server.environment)
    assert run.exit == 3
    assert "own.xml: $MANA_TOKEN" in run.out
