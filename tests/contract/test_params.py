"""Params: each required parameter, and what happens without it."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.clause import clause
from conformance.expect import gives_nothing, is_refused
from conformance.judgement import MUST, Judgement, Undecided
from conformance.probe import Probe
from conformance.probes import Probes
from conformance.readings import Readings
from conformance.sight import Asked
from contracts import Document, Parameter

BLANKS = ("", " ", "\t")


def required(document: Document) -> Iterable[Parameter]:
    """The required parameters, but for the party, which has clauses of its own."""
    return [one for one in document.parameters if one.required and one.name != "party"]


def required_party(document: Document) -> Iterable[Parameter]:
    """The party, where the document requires it."""
    return [one for one in document.parameters if one.required and one.name == "party"]


def missing(probes: Probes, subject: Parameter) -> Probe:
    """The good request less the parameter."""
    return probes.good.without(subject.name)


def blank(probes: Probes, subject: Parameter) -> list[Probe]:
    """The good request with nothing in the parameter."""
    return [probes.good.having(subject.name, value) for value in BLANKS]


@clause(
    "PARAM-01-{}",
    MUST,
    area="params",
    source="request table: {}",
    asks=missing,
    over=required,
    usually="A default that stands in for the parameter, or a missing key that ends in a 500.",
)
def test_missing_parameter_is_refused(asked: Asked) -> Judgement:
    """Without the required parameter `{}` the request is refused by a 4xx, and no machine is listed."""
    return asked.each(is_refused)


def without_party(probes: Probes) -> dict[str, Probe]:
    """The ways to leave the party unsaid, and to say one that does not exist."""
    return {
        "missing": probes.without_party,
        "unknown agent": probes.without_party_by_unknown_agent,
        "unknown party": probes.unknown_party,
    }


@clause(
    "PARAM-01-{}",
    MUST,
    area="params",
    source="request table: {}",
    asks=without_party,
    over=required_party,
    usually="A party that is never looked at, so that any vendor's list is served to anybody.",
)
def test_missing_party_is_refused(asked: Asked, readings: Readings) -> Judgement:
    """Without `{}` the request is refused; where a header may name the party, an unknown name in it lists nothing."""
    match readings["party"]:
        case "query":
            return asked.only("missing").each(is_refused)
        case None:
            raise Undecided("an empty list does not show where the target looks for the party")
        case _:
            return asked.only("unknown agent").each(gives_nothing)


@clause(
    "PARAM-02-{}",
    MUST,
    area="params",
    source="request table: {}",
    asks=blank,
    over=required,
    usually="An empty text taken for no filter, so that everything is listed.",
)
def test_blank_parameter_lists_nothing(asked: Asked) -> Judgement:
    """With nothing but blanks in the required parameter `{}` no machine is listed."""
    return asked.each(gives_nothing)
