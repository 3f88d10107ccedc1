"""Scope: a list holds what was asked for and nothing else, whatever the names that are asked for."""

from __future__ import annotations

from conformance.clause import clause
from conformance.expect import gives_nothing, is_not_reflected
from conformance.judgement import MUST, Judgement
from conformance.probe import Probe
from conformance.probes import UNKNOWN, Probes
from conformance.sight import Asked
from contracts import Document

ODD = {
    "quote": "'",
    "quoted or": "' OR '1'='1",
    "double quote": '"',
    "NUL": "\0",
    "CR LF": "x\r\nX-Injected: yes",
    "non-ASCII": "北京",
    "emoji": "🖥️",
    "percent signs": "%s%n%x%%",
    "braces": "{0}{{x}}${x}",
    "parent folders": "../../../../etc/passwd",
    "markup": "<script>alert(1)</script>",
    "long": "a" * 4000,
}
"""Strings that break servers, each by its name."""


def unknown_region(probes: Probes) -> Probe:
    """The good request for a region that does not exist."""
    return probes.good.having("region", UNKNOWN)


@clause(
    "SCOPE-01",
    MUST,
    area="scope",
    source="request table: region",
    asks=unknown_region,
    usually="A region that is never looked at.",
)
def test_unknown_region_lists_nothing(asked: Asked) -> Judgement:
    """A region that does not exist lists no machine: it is refused, or empty."""
    return asked.each(gives_nothing)


def odd_strings(probes: Probes, document: Document) -> dict[str, Probe]:
    """Each odd string in each parameter that is one, but for the party, which some targets do not read."""
    names = [one.name for one in document.parameters if one.type == "string" and one.name != "party"]
    return {f"{name}: {odd}": probes.good.having(name, value) for name in names for odd, value in ODD.items()}


@clause(
    "SCOPE-02",
    MUST,
    area="scope",
    source="request table: tenant_id",
    asks=odd_strings,
    rests_on=("SCOPE-01", "AUTH-04"),
    usually="A parameter pasted into SQL, a path, a log line or a page.",
)
def test_odd_strings_do_no_harm(asked: Asked) -> Judgement:
    """A string that breaks careless servers ends in no 5xx, lists no machine, and returns neither as HTML nor as header."""
    return asked.each(gives_nothing, is_not_reflected)
