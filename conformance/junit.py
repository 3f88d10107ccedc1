"""junit.xml of one target, taken from the file that pytest wrote of several."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree


def write_part(whole: Path, part: Path, target: str) -> None:
    """Write the cases of one target, told by their property ``target``, to a file of their own."""
    # S314: the file is the one that pytest just wrote.
    tree = ElementTree.parse(whole)  # noqa: S314
    for suite in tree.iter("testsuite"):
        for case in list(suite.iter("testcase")):
            if case.find(f"properties/property[@name='target'][@value='{target}']") is None:
                suite.remove(case)
        _count(suite)
    part.parent.mkdir(parents=True, exist_ok=True)
    tree.write(part, encoding="utf-8", xml_declaration=True)


def _count(suite: ElementTree.Element) -> None:
    """Set the counts of a suite to those of the cases in it."""
    cases = suite.findall("testcase")
    for name, tag in (("errors", "error"), ("failures", "failure"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
