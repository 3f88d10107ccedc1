"""Params: each required parameter and what happens without it, and what must not matter about a query."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.answer import Listing
from conformance.clause import clause
from conformance.expect import (
    answers,
    gives_nothing,
    has_status,
    has_the_machines_of,
    is_refused,
    lists,
    refuses,
    refuses_or,
)
from conformance.judgement import MUST, SHOULD, Judgement
from conformance.probe import Probe, encoded, percent
from conformance.probes import PAGE, UNKNOWN, Probes
from conformance.readings import Readings
from conformance.sight import Asked
from contracts import Document, Parameter

BLANKS = ("", " ", "\t")


def required(document: Document) -> Iterable[Parameter]:
    """The required parameters but for the party, which a header may name as well."""
    return [one for one in document.parameters if one.required and one.name != "party"]


def required_party(document: Document) -> Iterable[Parameter]:
    """The party, where the document requires it."""
    return [one for one in document.parameters if one.required and one.name == "party"]


def missing(probes: Probes, subject: Parameter) -> dict[str, Probe]:
    """The good request less the parameter, a page of it likewise, and with an object of its name that is no text."""
    without, named = probes.good.without(subject.name), f"{subject.name}[$ne]"
    as_object = without.having(encoded(named), UNKNOWN, said=f"{named} in its place, which some read as an object")
    return {"missing": without, "missing of a page": probes.window(PAGE).without(subject.name), "object": as_object}


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
    # What some read as an object is the parameter after all, with a value that nobody has.
    return asked.labelled("missing").each(is_refused) + asked.only("object").each(gives_nothing)


def without_party(probes: Probes) -> dict[str, Probe]:
    """The ways to leave the party unsaid, and to say one that does not exist."""
    return {
        "missing": probes.without_party,
        "missing of a page": probes.window(PAGE).without("party"),
        "missing, and no agent": probes.without_party_and_agent,
        "unknown agent": probes.without_party_by_unknown_agent,
        "unknown party": probes.unknown_party,
        "agent": probes.unknown_agent,
        "no agent": probes.without_agent,
    }


@clause(
    "PARAM-01-{}",
    MUST,
    area="params",
    source="request table: {}",
    asks=without_party,
    over=required_party,
    usually="A party that is never looked at: left out, or with an unknown agent, the list is served.",
)
def test_missing_party_is_refused(asked: Asked, readings: Readings) -> Judgement:
    """Without `{}` the request is refused; or a header names it, and an unknown name there, or none, lists nothing."""
    answered = asked.without("unknown party").each(answers)
    if readings["party"] is None:
        # By what crashes no reading is to be found.
        answered += asked.only("unknown party").each(answers)
    if answered.findings:
        return answered
    if readings["party"] in {"header", "either"}:
        judged = asked.only("unknown agent").each(gives_nothing)
        if readings["party"] == "either":
            judged += asked.only("missing, and no agent").each(gives_nothing)
    else:
        readings.require("party", "query")
        judged = asked.labelled("missing").each(is_refused)
    silent = (asked.record("an unknown agent", "agent"), asked.record("no agent", "no agent"))
    return sum(silent, answered + judged)


@clause(
    "PARAM-02-{}",
    MUST,
    area="params",
    source="request table: {}",
    asks=blank,
    over=required,
    rests_on=("PARAM-01-{}",),
    usually="An empty text taken for no filter, so that everything is listed.",
)
def test_blank_parameter_lists_nothing(asked: Asked) -> Judgement:
    """Where the required parameter `{}` holds nothing but blanks, no machine is listed."""
    return asked.each(gives_nothing)


@clause(
    "PARAM-02-{}",
    MUST,
    area="params",
    source="request table: {}",
    asks=blank,
    over=required_party,
    rests_on=("PARAM-01-{}",),
    usually="An empty text taken for no filter, so that any vendor's list is served.",
)
def test_blank_party_lists_nothing(asked: Asked, readings: Readings) -> Judgement:
    """Where the required parameter `{}` holds nothing but blanks, no machine is listed."""
    answered = asked.each(answers)
    if answered.findings:
        return answered
    readings.require("party", "query")
    return asked.each(gives_nothing)


@clause(
    "PARAM-03-{}",
    SHOULD,
    area="params",
    source="error sample",
    asks=missing,
    over=required,
    rests_on=("PARAM-01-{}",),
    usually="404 or 422, the framework's own idea of a bad request.",
)
def test_missing_parameter_is_a_bad_request(asked: Asked) -> Judgement:
    """Without the required parameter `{}` the status is 400."""
    return asked.labelled("missing").each(has_status(400))


@clause(
    "PARAM-03-{}",
    SHOULD,
    area="params",
    source="error sample",
    asks=without_party,
    over=required_party,
    rests_on=("PARAM-01-{}",),
    usually="404 or 422, the framework's own idea of a bad request.",
)
def test_missing_party_is_a_bad_request(asked: Asked, readings: Readings) -> Judgement:
    """Without the required parameter `{}` the status is 400."""
    readings.require("party", "query")
    return asked.only("missing").each(has_status(400))


@clause(
    "PARAM-04-{}",
    SHOULD,
    area="params",
    source="request table: {}",
    asks=blank,
    over=required,
    rests_on=("PARAM-02-{}",),
    usually="An empty list, which hides the caller's mistake.",
)
def test_blank_parameter_is_refused(asked: Asked) -> Judgement:
    """A required parameter `{}` that holds nothing but blanks is refused by a 4xx."""
    return asked.each(refuses)


@clause(
    "PARAM-04-{}",
    SHOULD,
    area="params",
    source="request table: {}",
    asks=blank,
    over=required_party,
    rests_on=("PARAM-02-{}",),
    usually="An empty list, which hides the caller's mistake.",
)
def test_blank_party_is_refused(asked: Asked, readings: Readings) -> Judgement:
    """A required parameter `{}` that holds nothing but blanks is refused by a 4xx."""
    readings.require("party", "query")
    return asked.each(refuses)


def with_extras(probes: Probes) -> list[Probe]:
    """The good request with parameters that the document does not know."""
    return [probes.good.having(name, "1") for name in ("x-unknown", "unknown", "foo")]


@clause(
    "PARAM-05",
    MUST,
    area="params",
    source="request table",
    asks=with_extras,
    compares=True,
    rests_on=("STAB-01",),
    usually="An undocumented filter or limit that a name happens to meet.",
)
def test_unknown_parameters_change_nothing(asked: Asked, listing: Listing) -> Judgement:
    """A parameter that the document does not know is refused by a 4xx, or changes nothing."""
    judged = asked.each(refuses_or(lists), refuses_or(has_the_machines_of(listing)))
    return judged + asked.record("an unknown parameter", "1")


def reordered(probes: Probes) -> Probe:
    """The good request with its parameters in another order."""
    return probes.good.reordered()


@clause(
    "PARAM-06",
    MUST,
    area="params",
    source="request table",
    asks=reordered,
    compares=True,
    rests_on=("STAB-01",),
    usually="A query that is matched by a pattern, or a cache keyed by its text.",
)
def test_order_of_parameters_changes_nothing(asked: Asked, listing: Listing) -> Judgement:
    """The order of the parameters does not matter."""
    return asked.each(lists, has_the_machines_of(listing))


def percent_encoded(probes: Probes) -> list[Probe]:
    """The good request with each of its values, and then each of its names, percent-encoded letter by letter."""
    values = [probes.good.spelled(name, percent(probes.good.values(name)[0])) for name in probes.good.names]
    return [*values, probes.good.with_names_spelled(lambda name: percent(name).lower())]


@clause(
    "PARAM-07",
    MUST,
    area="params",
    source="RFC 3986 section 2.3",
    asks=percent_encoded,
    compares=True,
    rests_on=("STAB-01",),
    usually="A query that is split and compared by hand before it is decoded.",
)
def test_percent_encoded_letters_mean_the_same(asked: Asked, listing: Listing) -> Judgement:
    """A letter that is percent-encoded without need means the same."""
    return asked.each(lists, has_the_machines_of(listing))


def twice_and_none(probes: Probes, document: Document) -> dict[str, Probe]:
    """Each parameter given twice with one value, each text also with another behind it, and no parameter at all."""
    page = probes.window(PAGE)
    values = {one.name: page.values(one.name) for one in document.parameters}
    twice = {f"twice {name}": page.twice(name, *found, *found) for name, found in values.items() if found}
    named = [one.name for one in document.parameters if one.type == "string" and values[one.name]]
    other = {f"twice, other {name}": page.twice(name, values[name][0], UNKNOWN) for name in named}
    return twice | other | {"none": probes.good.without(*probes.good.names)}


@clause(
    "PARAM-08",
    MUST,
    area="params",
    source="RFC 9110 section 15.6.1",
    asks=twice_and_none,
    rests_on=("PARAM-01-party", "PARAM-01-tenant_id", "PARAM-01-region"),
    usually="A list of values where a text was looked for, or a query that is split before anybody looks for one.",
)
def test_odd_numbers_of_parameters_are_answered(asked: Asked) -> Judgement:
    """A parameter that is given twice is answered by no 5xx, and a query with none at all by a 4xx."""
    return asked.labelled("twice").each(answers) + asked.only("none").each(is_refused)
