"""Every clause is seen to fail by a server with one fault, and none by a server that keeps the contract."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from conformance.credentials import TOKEN, VARIATIONS
from conformance.exchange import Exchange, Response
from conformance.judgement import MUST, Verdict
from conformance.probe import Probe
from conformance.probes import Probes
from conformance.sight import Asked
from contracts import readings as open_readings
from tests.contract.test_auth import ENDS
from tests.suite import slow
from tests.suite.broken import BROKEN, LOOKALIKES, MIXED
from tests.suite.faults import Fault, refusing
from tests.suite.miniature import (
    NORTH,
    OTHER_TENANT,
    SECRETS,
    SOUTH,
    TARGET,
    TENANT,
    Miniature,
    broken,
    catalogue,
    document,
    fleet,
    judged,
    judging,
    outcomes,
    red,
    unjudged,
)
from tests.suite.replies import reply, vms

# -- servers that go wrong


@pytest.mark.parametrize("fault", slow.but_every(12, BROKEN), ids=lambda fault: fault.id)
def test_fault_turns_its_clause_red_and_no_other(fault: Fault) -> None:
    """A server with one fault breaks the clause that is about it, and what is blocked names what is broken.

    Each finding says what was expected and what came, and shows the exchanges.
    """
    became = judged(fault.server)
    assert set(red(became)) == {fault.id, *fault.also}
    blocked = {id: one.because for id, one in became.items() if one.verdict is Verdict.BLOCKED}
    assert {id: because for id, because in blocked.items() if {fault.id, *fault.also}.isdisjoint(because)} == {}
    assert all(unjudged(became).values())
    for finding in became[fault.id].judgement.findings:
        assert re.fullmatch(r"expected \S.*; \S.*", finding.message, re.DOTALL)
        assert finding.exchanges
        assert finding.message.isprintable()


@pytest.mark.parametrize("variation", [one for one in VARIATIONS if one not in {"", "in other case"}])
def test_every_near_miss_of_a_token_is_tried(variation: str) -> None:
    """A server that takes one near miss for the token breaks the clause about them, whichever it is."""
    missed = VARIATIONS[variation](SECRETS[TOKEN])
    took = broken(holder=lambda server, token: TENANT if token == missed else Miniature.holder(server, token))
    assert set(red(judged(took(), "AUTH-03"))) == {"AUTH-03"}


def test_padding_of_a_token_is_left_alone() -> None:
    """A server that reads base64 as most do takes a token with what stands behind its padding changed for the same."""
    read = {VARIATIONS[variation](SECRETS[TOKEN]) for variation in ENDS}
    lenient = broken(holder=lambda server, token: TENANT if token in read else Miniature.holder(server, token))
    padded = replace(TARGET, given=TARGET.given - {"token_without_padding"})
    assert red(judged(lenient(), "AUTH-03", target=padded)) == {}
    assert set(red(judged(lenient(), "AUTH-03"))) == {"AUTH-03"}


@pytest.mark.parametrize("kind", ["no token", "bad token"])
def test_refusals_of_every_bad_token_are_looked_at(kind: str) -> None:
    """A server that answers 403 to one kind of bad token breaks the clause that asks for 401, whichever it is."""
    assert set(red(judged(broken(refusal=refusing(kind, 403))(), "AUTH-11"))) == {"AUTH-11"}


def test_every_clause_has_a_server_that_breaks_it() -> None:
    """No clause is in the catalogue that no server here turns red, and the servers stand in the catalogue's order."""
    assert list(dict.fromkeys(fault.id for fault in BROKEN)) == [clause.id for clause in catalogue()]


def test_few_faults_show_in_more_than_one_clause() -> None:
    """A fault that cannot but turn other clauses red says why, and turns at most two of them that bind."""
    for fault in BROKEN:
        assert all(reason.strip() for reason in fault.also.values())
        assert sum(catalogue()[id].level is MUST for id in fault.also) <= 2


# -- faults that look alike: the one clause to which each belongs


@pytest.mark.slow
@pytest.mark.parametrize("fault", LOOKALIKES, ids=str)
def test_lookalike_is_told_by_its_clause(fault: Fault) -> None:
    """A fault that many clauses could stumble over is told by the one that is about it."""
    assert set(red(judged(fault.server))) == {fault.id}


def test_own_name_is_no_odd_string() -> None:
    """A region that is called as one of the odd strings is the target's own, and lists its machines."""
    probes = Probes(document(), replace(TARGET, region="*"))
    asks = catalogue()["SCOPE-02"].asks
    assert asks is not None
    asked = asks(probes, document())
    assert not [label for label, probe in asked.items() if probe.values("region") == ("*",) and "region" in label]
    assert "tenant_id: wildcard" in asked


# -- servers that keep the contract

READINGS = {name: reading.values for name, reading in open_readings(document()).items()}
EACH = [{name: value} for name, values in READINGS.items() for value in values]
COMBINED = [
    {name: values[(turn * step + turn // 3) % len(values)] for step, (name, values) in enumerate(READINGS.items(), 1)}
    for turn in range(12)
]


@pytest.mark.parametrize(
    "readings", slow.but_every(9, [*EACH, *COMBINED]), ids=lambda chosen: "+".join(chosen.values())
)
def test_miniature_that_keeps_the_contract_passes_by_the_readings_it_was_written_with(readings: dict[str, str]) -> None:
    """Whichever readings a server keeps, each is found out, and every clause passes or asks nothing."""
    server = Miniature(**readings)
    verdicts = judging(server)
    became = outcomes(verdicts)
    assert verdicts.known.readings.settled == server.readings
    other = {id: one for id, one in became.items() if one.verdict not in {Verdict.PASS, Verdict.NOT_APPLICABLE}}
    assert other == {}
    assert all(one.judgement.values for one in became.values() if one.verdict is Verdict.PASS)
    assert all(one.reason for one in became.values() if one.verdict is Verdict.NOT_APPLICABLE)


@pytest.mark.slow
@pytest.mark.parametrize("readings", COMBINED[:4], ids=lambda chosen: "+".join(chosen.values()))
def test_pinned_readings_that_the_server_keeps_change_nothing(readings: dict[str, str]) -> None:
    """Readings may be pinned to what the server shows anyway."""
    pinned, found = (judged(Miniature(**readings), pinned=chosen) for chosen in (readings, {}))
    assert {id: one.verdict for id, one in pinned.items()} == {id: one.verdict for id, one in found.items()}


AGAINST = [
    ("BODY-02", {"vm_servers": "dict"}, {}),
    ("BODY-02", {"vm_servers": "list"}, {"vm_servers": "dict"}),
    ("BODY-03", {"code": "absent"}, {}),
    ("BODY-03", {"code": "present"}, {"code": "absent"}),
    ("FIELD-lan_ip", {"lan": "lan_ip_set"}, {}),
    ("FIELD-lan_ip", {"lan": "both"}, {}),
    ("FIELD-lan_ip", {"lan": "lan_ip"}, {"lan": "lan_ip_set"}),
    ("FIELD-wan_ip_set", {"wan": "string"}, {}),
    ("FIELD-wan_ip_set", {"wan": "list"}, {"wan": "string"}),
    ("HEAD-01", {"party": "header"}, {}),
    ("PARAM-01-party", {"party": "query"}, {"party": "either"}),
    ("PARAM-01-party", {"party": "query"}, {"party": "header"}),
    ("PAGE-01", {"paging": "0-inclusive"}, {}),
    ("PAGE-01", {"paging": "1-exclusive"}, {}),
    ("PAGE-01", {"paging": "1-inclusive"}, {"paging": "0-exclusive"}),
]


@pytest.mark.parametrize(
    ("id", "pinned", "kept"),
    slow.but_every(5, AGAINST),
    ids=lambda part: part if isinstance(part, str) else "+".join(part.values()),
)
def test_pinned_reading_against_what_is_shown_is_one_finding(
    id: str, pinned: dict[str, str], kept: dict[str, str]
) -> None:
    """A server that keeps another reading than the pinned one has one finding, in the clause that the reading is of."""
    found = red(judged(Miniature(**kept), pinned=pinned))
    assert {name: len(messages) for name, messages in found.items()} == {id: 1}


# -- servers that keep one reading here and another there


@pytest.mark.slow
@pytest.mark.parametrize("fault", MIXED, ids=str)
def test_two_readings_by_turns_are_a_fault(fault: Fault) -> None:
    """A server that keeps two readings by turns breaks one clause."""
    assert set(red(judged(fault.server))) == {fault.id}


# -- what is not given, and what is empty


def test_blank_region_is_no_other_region() -> None:
    """Where no other region is given, what comes to a blank one is for the clause that asks for it to tell."""
    success = broken(refusal=refusing("blank region", 200))
    assert set(red(judged(success()))) == {"PARAM-02-region"}
    alone = replace(TARGET, other_region="", given=TARGET.given - {"other_region"})
    assert set(red(judged(success(), target=alone))) == {"PARAM-02-region"}


def test_evidence_of_before_has_the_control_before_others() -> None:
    """What an earlier version kept has no list of its own before the others, and is judged by the control then."""
    whole, less = reply(vms("a", "b")), reply(vms("a"))
    labels = ("other: page", "list after page", "list after that, page")
    judged_so = [
        catalogue()["STAB-05"].judge(whole, Asked(dict(zip(labels, (whole, after, whole), strict=True))))
        for after in (whole, less)
    ]
    assert [len(one.findings) for one in judged_so] == [0, 1]


class OfFewConnections(Miniature):
    """A miniature that turns every connection but its first away, by some status."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self._status = status

    def send(self, probe: Probe) -> Exchange:
        """Answer, or have no room."""
        exchange = super().send(probe)
        if probe.over in {"", "connection 1"}:
            return exchange
        return replace(exchange, outcome=Response(self._status, "", "1.1", (), b"", 0))


@pytest.mark.parametrize(("status", "broken_by"), [(503, set()), (502, {"STAB-03"})])
def test_connection_that_is_turned_away_is_no_other_list(status: int, broken_by: set[str]) -> None:
    """A server of few connections may have no room for more, which 503 says and no other status."""
    assert set(red(judged(OfFewConnections(status), "STAB-03"))) == broken_by


def test_windows_of_an_empty_list_are_not_judged() -> None:
    """A pager that bounds nothing elsewhere shows no fault where nothing is listed there, and no virtue."""
    lists = {**fleet(), (TENANT, SOUTH): [], (OTHER_TENANT, NORTH): []}
    became = judged(Miniature(lists))
    assert {id: became[id].verdict for id in ("PAGE-17", "PAGE-18")} == dict.fromkeys(
        ("PAGE-17", "PAGE-18"), Verdict.NOT_APPLICABLE
    )
    assert (red(became), unjudged(became)) == ({}, {})


# -- lists too short to tell

SHORT = [{}, {"vm_servers": "dict"}, {"paging": "0-exclusive", "wan": "string"}, {"party": "either", "lan": "both"}]


@pytest.mark.slow
@pytest.mark.parametrize("readings", SHORT, ids=lambda chosen: "+".join(chosen.values()) or "as ever")
@pytest.mark.parametrize("length", range(6))
def test_short_list_is_never_a_fault(length: int, readings: dict[str, str]) -> None:
    """With few machines, or none, there may be too little to judge, which is said with its reason and is no fault."""
    became = judged(Miniature(fleet(length), **readings))
    assert red(became) == {}
    assert all(unjudged(became).values())
    if length > 3:
        assert unjudged(became) == {}
