"""Scope: a list holds what was asked for and nothing else, whatever the names that are asked for."""

from __future__ import annotations

from conformance.clause import clause
from conformance.disclosure import has_no_machine_of, is_not_reflected
from conformance.expect import answers, gives_nothing, is_refused_or_empty, lists
from conformance.judgement import MUST, Judgement
from conformance.probe import Probe, encoded
from conformance.probes import PAGE, UNKNOWN, Probes, changed
from conformance.readings import Readings
from conformance.sight import Asked
from conformance.target import Target
from contracts import Document

ODD = {
    "quote": "'",
    "quoted or": "' OR '1'='1",
    "double quote": '"',
    "control characters": "x\x01\x1f\x7f\x85",
    "CR LF": "x\r\nX-Injected: yes",
    "non-ASCII": "无此名-ü-e\u0301-\u202e\u200b\ufeff-🖥️",
    "specials": ";|&`\\,*[]@+-^~ {0}{{x}}${x} %s%n%x%%",
    "wildcard": "*",
    "wildcard of SQL": "%",
    "parent folders": "../../../../etc/passwd",
    "markup": "<script>alert(1)</script>",
    "word of a language": "constructor",
    "long": "a" * 4000,
}
"""Strings that break servers, each by its name."""

NO_TEXT = {"no UTF-8": "%FF%FE%80", "no percent-encoding": "%ZZ%"}
"""Spellings in a query that no text has."""


def odd(probes: Probes, name: str) -> dict[str, Probe]:
    """The good request with each odd string for a parameter, with more behind what may end it, and with no text."""
    good = probes.good
    strings = {label: good.having(name, value) for label, value in ODD.items() if value not in good.values(name)}
    own = next(iter(good.values(name)), "x")
    cut = good.having(name, f"{own}\0x", said=f"{name} with a NUL and more behind it")
    # What is decoded before it is split, or split at each of its equals signs, is our own again.
    split = {"ampersand": good.having(name, f"{own}&x=y"), "equals sign": good.spelled(name, f"{encoded(own)}=x")}
    return strings | {"NUL": cut} | split | {label: good.spelled(name, raw) for label, raw in NO_TEXT.items()}


def almost_named(name: str) -> dict[str, str]:
    """Names that are almost another, each by how it differs."""
    less = {"one less": name[:-1]} if len(name) > 1 else {}
    return {"one more": f"{name}0", **less, "one changed": changed(name, -1)}


def strange_regions(probes: Probes, target: Target) -> dict[str, Probe]:
    """The good request for a region that does not exist, and for one that is almost the target's."""
    region = target.region
    almost = almost_named(region)
    names = {"unknown": UNKNOWN, **almost}
    return {label: probes.good.having("region", name) for label, name in names.items()}


@clause(
    "SCOPE-01",
    MUST,
    area="scope",
    source="request table: region",
    asks=strange_regions,
    usually="A region that is never looked at, or compared by its beginning.",
)
def test_unknown_region_lists_nothing(asked: Asked, goods: Asked) -> Judgement:
    """A region that does not exist lists no machine: it is refused, or empty; a name almost like ours is not ours."""
    # What is almost our region's name may be another's, so there no machine of ours is all that can be asked.
    judged = asked.only("unknown").each(is_refused_or_empty) + asked.each(answers, has_no_machine_of(goods))
    return judged + asked.record("an unknown region", "unknown")


def odd_strings(probes: Probes, document: Document) -> dict[str, Probe]:
    """Each odd string in each parameter that is one, but for the party, which some targets do not read."""
    names = [one.name for one in document.parameters if one.type == "string" and one.name != "party"]
    return {f"{name}: {label}": probe for name in names for label, probe in odd(probes, name).items()}


@clause(
    "SCOPE-02",
    MUST,
    area="scope",
    source="request table: tenant_id",
    asks=odd_strings,
    rests_on=("SCOPE-01", "AUTH-04"),
    usually="A parameter pasted into SQL, a path or a log line, or read as UTF-8 that it is not.",
)
def test_odd_strings_do_no_harm(asked: Asked) -> Judgement:
    """A string that breaks careless servers ends in no 5xx and lists no machine."""
    return asked.each(gives_nothing)


def strange_parties(probes: Probes, target: Target) -> dict[str, Probe]:
    """The good request for a party that does not exist, and for one that is almost the target's."""
    party, elsewhere = target.party, probes.in_other_region(probes.unknown_party)
    almost = almost_named(party)
    return {
        "unknown": probes.unknown_party,
        "unknown, a page": probes.window(PAGE, probes.unknown_party),
        **{f"unknown, elsewhere {number}": one for number, one in enumerate(elsewhere, 1)},
        **{label: probes.good.having("party", one) for label, one in almost.items()},
    }


@clause(
    "SCOPE-03",
    MUST,
    area="scope",
    source="request table: party",
    asks=strange_parties,
    rests_on=("PARAM-01-party",),
    usually="A party that has to be there, and is never looked at.",
)
def test_unknown_party_lists_nothing(asked: Asked, readings: Readings, goods: Asked) -> Judgement:
    """A party that does not exist, where the parameter names it, is refused, or empty; one almost ours is not ours."""
    readings.require("party", "query", "either")
    unknown = asked.only("unknown").each(is_refused_or_empty) + asked.labelled("unknown, ").each(gives_nothing)
    return unknown + asked.each(answers, has_no_machine_of(goods))


def elsewhere(probes: Probes) -> Probe:
    """The good request for the other region."""
    return probes.elsewhere


@clause(
    "SCOPE-04",
    MUST,
    area="scope",
    source="request table: region",
    asks=elsewhere,
    confirmed=True,
    needs=("other_region",),
    rests_on=("BODY-02", "SCOPE-01"),
    usually="A list that is filtered by tenant alone.",
)
def test_regions_are_apart(asked: Asked, goods: Asked) -> Judgement:
    """Another region has a list of its own, and no whole record of the first region stands in it."""
    return asked.each(lists, has_no_machine_of(goods))


def odd_strings_everywhere(probes: Probes, document: Document) -> dict[str, Probe]:
    """Odd strings that a careless answer turns into markup or a header, in each parameter that is one."""
    names = [one.name for one in document.parameters if one.type == "string"]
    telling = {label: ODD[label] for label in ("CR LF", "markup")}
    return {f"{name}: {label}": probes.good.having(name, value) for name in names for label, value in telling.items()}


@clause(
    "SCOPE-05",
    MUST,
    area="scope",
    source="request table: party",
    asks=odd_strings_everywhere,
    usually="A parameter written into a page or a header as it came.",
)
def test_odd_strings_are_not_reflected(asked: Asked) -> Judgement:
    """What stands in a parameter comes back neither as HTML nor as a header."""
    return asked.each(is_not_reflected)


def odd_parties(probes: Probes) -> dict[str, Probe]:
    """Each odd string for a party."""
    return odd(probes, "party")


@clause(
    "SCOPE-06",
    MUST,
    area="scope",
    source="request table: party",
    asks=odd_parties,
    rests_on=("SCOPE-03",),
    usually="A parameter pasted into SQL, a path or a log line, or read as UTF-8 that it is not.",
)
def test_odd_parties_do_no_harm(asked: Asked, readings: Readings) -> Judgement:
    """An odd string for a party ends in no 5xx, and where the parameter is read, lists no machine."""
    if readings["party"] == "header":
        return asked.each(answers)
    readings.require("party", "query", "either")
    return asked.each(gives_nothing)
