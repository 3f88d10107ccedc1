"""Properties: requests drawn from the derived OpenAPI document, and windows drawn from the list."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from conformance.answer import Listing
from conformance.clause import clause
from conformance.disclosure import has_no_machine_of
from conformance.expect import answers, gives_nothing, lists
from conformance.judgement import MUST, Inapplicable, Judgement
from conformance.paging import Paging, same_records, windows_by_chance
from conformance.probe import Probe
from conformance.probes import Probes
from conformance.sight import Asked, Windows

WINDOWS = 12
"""How many windows are drawn, and more where more than twice as many requests are."""


def valid(drawn: Mapping[str, Sequence[Probe]]) -> Sequence[Probe]:
    """Requests that the document allows under any reading."""
    return asked_for(drawn["valid"])


def invalid(drawn: Mapping[str, Sequence[Probe]], probes: Probes) -> Mapping[str, Probe]:
    """Requests that the document forbids under every reading, those apart whose region some target might have."""
    numbered = enumerate(asked_for(drawn["invalid"]), 1)
    return {f"{'word' if names_a_region(probe, probes.good) else 'other'} {n}": probe for n, probe in numbered}


def names_a_region(probe: Probe, good: Probe) -> bool:
    """Whether a request is for another region, by a plain word as the names of regions are."""
    values = probe.values("region")
    return values != good.values("region") and len(values) == 1 and values[0].isalnum()


def asked_for(probes: Sequence[Probe]) -> Sequence[Probe]:
    """The drawn requests, if any were to be drawn."""
    if not probes:
        raise Inapplicable("no request was to be drawn")
    return probes


@clause(
    "PROP-01",
    MUST,
    area="properties",
    source="request table: f",
    asks=valid,
    drawn="valid",
    rests_on=("BODY-02", "PAGE-04", "PAGE-05", "PARAM-06"),
    usually="A bound of some size that overflows, or that a database refuses.",
)
def test_valid_requests_are_served(windows: Windows, paging: Paging) -> Judgement:
    """A request that the document allows is answered 200 with a list; one for no machine may be refused by a 4xx."""
    return windows.each(lambda seen: None if seen.reply.refuses and paging.may_refuse(seen) else lists(seen.reply))


@clause(
    "PROP-02",
    MUST,
    area="properties",
    source="request table: tenant_id",
    asks=invalid,
    drawn="invalid",
    rests_on=(
        "PARAM-01-party",
        "SCOPE-03",
        "PARAM-01-tenant_id",
        "PARAM-01-region",
        "PARAM-02-tenant_id",
        "PARAM-02-region",
        "AUTH-04",
        "SCOPE-01",
        "SCOPE-02",
        "PAGE-13",
    ),
    usually="A check that takes a repeated, oddly spelled or oddly typed parameter for a good one.",
)
def test_invalid_requests_list_nothing(asked: Asked, goods: Asked) -> Judgement:
    """A request that the document forbids is no 5xx and lists no machine but those of a region of that name."""
    named = asked.labelled("word").each(answers, has_no_machine_of(goods))
    return asked.labelled("other").each(gives_nothing) + named


def windows_at_random(
    probes: Probes, listing: Listing, paging: Paging, chance: random.Random, drawn: Mapping[str, Sequence[Probe]]
) -> list[Probe]:
    """Windows that begin and end anywhere in the list, and the drawn ones, which mostly end far behind it."""
    number = max(WINDOWS, len(drawn["valid"]) // 2)
    windows = windows_by_chance(paging.convention, len(listing), chance, number) if listing.machines else []
    return [*probes.windows(windows), *drawn["valid"]]


@clause(
    "PROP-03",
    MUST,
    area="properties",
    source="request table: f",
    asks=windows_at_random,
    compares=True,
    drawn="valid",
    rests_on=("PAGE-03", "PAGE-15", "PAGE-05", "PAGE-08", "PAGE-09", "PROP-01"),
    usually="A page in the middle that is read from somewhere else, a cache or another partition.",
)
def test_windows_at_random_are_slices(windows: Windows, paging: Paging) -> Judgement:
    """Any window of the list, wherever it begins and ends, is that slice of it."""
    return windows.each(paging.problem, same_records)
