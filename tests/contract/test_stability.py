"""Stability: the same question has the same answer, whoever else is asking."""

from __future__ import annotations

from conformance.answer import Reply
from conformance.clause import clause
from conformance.disclosure import has_no_machine_of
from conformance.expect import bears_company, lists
from conformance.judgement import MUST, Judgement
from conformance.paging import Window
from conformance.probe import Probe
from conformance.probes import UNKNOWN, Probes
from conformance.sight import Asked
from conformance.steadiness import apart, flickers, parted, thrown_off
from conformance.target import Target

TIMES = 7
"""How often the good request is asked again in a row, after those that follow a good one behind another request."""

CONNECTIONS = 6
"""Over how many connections the good request is asked, twice each."""

CLOSING = (2, 4)
"""Behind which of these it is asked over one that is to be closed after it."""

TURNS = 4
"""How often each of two tenants asks, at the same time as the other."""


def others(probes: Probes, target: Target) -> dict[str, Probe]:
    """A few other requests that a target might remember."""
    return {
        "a page": probes.window(Window(f=2, t=3)),
        "an unknown region": probes.good.having("region", UNKNOWN),
        "another tenant": probes.good.having("tenant_id", target.other_tenant_id or UNKNOWN),
        "an unknown token": probes.with_token(UNKNOWN),
        "a bound that is no integer": probes.good.having("t", "abc"),
    }


def in_a_row(probes: Probes, target: Target) -> list[Probe]:
    """The good request, again and again, each time behind itself."""
    behind = [behind_itself(probes, name) for name in others(probes, target)]
    return [*behind, *(probes.good.again(f"in a row, {turn}") for turn in range(1, TIMES + 1))]


def behind_itself(probes: Probes, other: str) -> Probe:
    """The good request, right behind the good one that follows another; STAB-01 and STAB-05 share it."""
    return probes.good.again(f"after the one after {other}")


@clause(
    "STAB-01",
    MUST,
    area="stability",
    source="summary",
    asks=in_a_row,
    in_order=True,
    alone=True,
    confirmed=True,
    rests_on=("BODY-02",),
    usually="Several workers behind one address that do not hold the same data, or an answer kept for another caller.",
)
def test_same_ask_is_answered_alike(good: Reply, asked: Asked) -> Judgement:
    """The good request, asked again and again while nothing changes, gives the same machines."""
    return asked.each(lists) + flickers(asked, good)


def by_turns(probes: Probes) -> dict[str, Probe]:
    """Two tenants' good requests, in turns and at the same time."""
    return {
        f"{who} {turn}": probe.again(f"by turns, {turn}")
        for turn in range(1, TURNS + 1)
        for who, probe in (("own", probes.good), ("other", probes.as_other))
    }


@clause(
    "STAB-02",
    MUST,
    area="stability",
    source="summary",
    asks=by_turns,
    needs=("other_token", "other_tenant_id"),
    rests_on=("STAB-01", "AUTH-10"),
    usually="A cache or a global that holds the last caller's answer.",
)
def test_tenants_never_see_each_other(asked: Asked) -> Judgement:
    """Two tenants that ask at the same time are each served, and neither is shown a machine of the other."""
    own, other = asked.labelled("own"), asked.labelled("other")
    ours, theirs = (has_no_machine_of(one, "the other tenant's list", at_once=True) for one in (own, other))
    return own.each(lists, theirs) + other.each(lists, ours)


def crosswise(probes: Probes) -> dict[str, Probe]:
    """The good request twice over each of several connections, others between the two; twice closing its own."""
    between = [turn for number in range(1, CONNECTIONS) for turn in (("fresh", number + 1), ("kept", number))]
    asked = {}
    for kind, number in (("fresh", 1), *between, ("kept", CONNECTIONS)):
        asked[f"{kind} {number}"] = probes.good.again(f"connections, {kind}", over=f"connection {number}")
        # With kept ones before and behind each, or a list that changes for a while would change with them.
        if kind == "kept" and number in CLOSING:
            asked[f"closed {number}"] = probes.fresh.again(f"connections, {number}")
    return asked


@clause(
    "STAB-03",
    MUST,
    area="stability",
    source="RFC 9112 section 9.3",
    asks=crosswise,
    in_order=True,
    confirmed=True,
    rests_on=("STAB-01", "STAB-04"),
    usually="Workers behind one address that do not hold the same data, or state that is kept with a connection.",
)
def test_connections_do_not_matter(asked: Asked) -> Judgement:
    """Each of several connections gives the same list, again when it is kept alive, and when it is to be closed."""
    # A server of few connections may leave one waiting or turn it away (RFC 9112 section 9.4); that it answers at all
    # is others' to ask.
    answered = asked.where(lambda reply: reply.status not in {None, 503})
    turns = apart(answered, "kept", "fresh") + apart(answered, "kept", "closed")
    return answered.each(lists) + turns + parted(answered, "fresh", "kept")


@clause(
    "STAB-04",
    MUST,
    area="stability",
    source="RFC 9110 section 15.6.1",
    rests_on=("STAB-01",),
    usually="A connection to a database that all threads share, or a lock that is not waited for.",
)
def test_company_does_not_matter(shaken: Asked, everything: Asked) -> Judgement:
    """What is answered when it is asked alone is not answered by a 5xx when others ask at the same time."""
    return everything.each() + shaken.each(bears_company)


FIRST = "first"


def after_others(probes: Probes, target: Target) -> dict[str, Probe]:
    """The good request, twice, after each of a few others that a target might remember; once before them all.

    The control before them may have followed such a request itself.
    """
    asked = {FIRST: probes.good.again("before others")}
    for name, probe in others(probes, target).items():
        asked[f"other: {name}"] = probe.again("before the good one")
        asked[f"list after {name}"] = probes.good.again(f"after {name}")
        asked[f"list after that, {name}"] = behind_itself(probes, name)
    return asked


@clause(
    "STAB-05",
    MUST,
    area="stability",
    source="summary",
    asks=after_others,
    in_order=True,
    alone=True,
    confirmed=True,
    rests_on=("STAB-01",),
    usually="A value of one request in a global, a default or a session, that is not cleared before the next.",
)
def test_what_was_asked_before_does_not_matter(good: Reply, asked: Asked) -> Judgement:
    """The good request gives the same machines after a page, and after a refusal, as after any other request."""
    # Evidence of earlier versions has none but the control.
    before = asked[FIRST] if FIRST in asked.labels else good
    return asked.labelled("list").each(lists) + thrown_off(asked.without(FIRST), before)
