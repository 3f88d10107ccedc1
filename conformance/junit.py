"""junit.xml: a case in error where a run could not judge, and a file for each of several targets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest
from _pytest.junitxml import xml_key

SUITE = "tests/contract"
"""The case that is added stands beside those of the clauses."""

UNJUDGED = "could not judge"
"""The name of that case."""


def path(config: pytest.Config) -> Path | None:
    """The junit.xml of a run; None where it writes none."""
    return Path(config.option.xmlpath) if config.stash.get(xml_key, None) else None


def add_error(config: pytest.Config, sentence: str, target: str = "") -> None:
    """Add a case in error to a junit.xml that is still to be written, about one target of several where it is named.

    Who reads the file counts failures and errors, and knows nothing of the exit status. It goes to the file alone, for
    the console says the same in words of its own.
    """
    written = config.stash.get(xml_key, None)
    if written is None:
        return
    name = f"{UNJUDGED} {target}".rstrip()

    def told(when: Literal["setup", "teardown"], outcome: Literal["failed", "passed"], text: str | None) -> None:
        made = pytest.TestReport(f"{SUITE}::{name}", (SUITE, None, name), {}, outcome, text, when)
        made.user_properties = [("target", target)] if target else []
        written.pytest_runtest_logreport(made)

    told("setup", "failed", sentence)
    # Properties are taken down at the end of a case.
    told("teardown", "passed", None)


def write_parts(whole: Path, parts: Mapping[str, Path]) -> None:
    """Write the cases of each target, told by their property ``target``, to a file of their own."""
    # S314: the file is the one that pytest just wrote, with one suite in it.
    tree = ElementTree.parse(whole)  # noqa: S314
    for suite in tree.iter("testsuite"):
        cases: dict[str | None, list[ElementTree.Element]] = {}
        for case in suite.findall("testcase"):
            cases.setdefault(_target(case), []).append(case)
        for target, part in parts.items():
            suite[:] = cases.get(target, [])
            _count(suite)
            part.parent.mkdir(parents=True, exist_ok=True)
            tree.write(part, encoding="utf-8", xml_declaration=True)


def _target(case: ElementTree.Element) -> str | None:
    named = case.find("properties/property[@name='target']")
    return None if named is None else named.get("value")


def _count(suite: ElementTree.Element) -> None:
    """Set the counts of a suite to those of the cases in it."""
    cases = list(suite)
    for name, tag in (("errors", "error"), ("failures", "failure"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
