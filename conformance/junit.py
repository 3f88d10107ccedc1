"""junit.xml of each of several targets, taken from the one that pytest wrote of all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree


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
