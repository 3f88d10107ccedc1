"""Properties: requests drawn from the derived OpenAPI document, for what no example thought of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.clause import clause
from conformance.expect import gives_nothing, lists
from conformance.judgement import MUST, Judgement
from conformance.probe import Probe
from conformance.sight import Asked


def valid(drawn: Mapping[str, Sequence[Probe]]) -> Sequence[Probe]:
    """Requests that the document allows under any reading."""
    return drawn["valid"]


def invalid(drawn: Mapping[str, Sequence[Probe]]) -> Sequence[Probe]:
    """Requests that the document forbids under every reading."""
    return drawn["invalid"]


@clause(
    "PROP-01",
    MUST,
    area="properties",
    source="request table: f",
    asks=valid,
    rests_on=("BODY-02",),
    usually="A bound of some size that overflows, or that a database refuses.",
)
def test_valid_requests_are_served(asked: Asked) -> Judgement:
    """Whatever request the document allows is answered 200 with a list."""
    return asked.each(lists)


@clause(
    "PROP-02",
    MUST,
    area="properties",
    source="request table: tenant_id",
    asks=invalid,
    usually="A check that takes a repeated, oddly spelled or oddly typed parameter for a good one.",
)
def test_invalid_requests_list_nothing(asked: Asked) -> Judgement:
    """Whatever request the document forbids lists no machine and ends in no 5xx."""
    return asked.each(gives_nothing)
