"""Probes are asked at once where nothing depends on their order, and in a row, or alone, where something does."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest

from conformance import rounds
from conformance.ask import IN_VAIN, Asker
from conformance.credentials import Vault
from conformance.evidence import Evidence
from conformance.exchange import Exchange, Response
from conformance.judgement import Verdict
from conformance.known import Known
from conformance.obstacles import obstacle
from conformance.probe import Probe
from conformance.target import Limits, Target
from conformance.verdicts import Verdicts
from conformance.wire import Wire
from tests.suite.miniature import SEED, TARGET, Answer, Miniature, Request, catalogue, document
from tests.suite.replies import reply
from tests.suite.servers import Talk, answer, talking

AT_ONCE = Limits(timeout=5.0, concurrency=4)


def test_row_beside_others_has_a_connection_of_its_own() -> None:
    """What is asked in order while others ask is asked on one connection, on which nothing else is."""
    row = tuple(Probe("GET", f"/row/{place}") for place in range(6))
    others = [(Probe("GET", f"/other/{number}"),) for number in range(40)]
    asked: dict[int, list[str]] = {}

    def talk(one: Talk) -> None:
        while head := one.request():
            asked.setdefault(one.number, []).append(head.split()[1].decode())
            one.say(answer())

    with talking(talk) as server:
        target = Target("a server", server.base_url, "p", "t", "r")
        with closing(Wire(target, Vault({}), AT_ONCE)) as wire:
            Asker(wire, AT_ONCE).ask([*others, row], "a round")
    assert [paths for paths in asked.values() if "/row/0" in paths] == [[probe.path for probe in row]]


class Watched(Miniature):
    """A miniature that notes, in order, when each probe is asked and when it is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[tuple[str, Probe]] = []
        self._one_at_a_time = threading.Lock()

    def send(self, probe: Probe) -> Exchange:
        """Answer slowly enough for others to ask meanwhile."""
        self.moments.append(("asked", probe))
        time.sleep(0.001)
        with self._one_at_a_time:
            exchange = super().send(probe)
        self.moments.append(("answered", probe))
        return exchange


def nothing() -> dict[str, list[Probe]]:
    """No drawn requests, which take long to make."""
    return {"valid": [], "invalid": []}


def test_clause_that_is_alone_is_asked_with_nothing_else_under_way() -> None:
    """From its first probe to its last, a clause that is alone has one probe under way, while others have several."""
    server = Watched()
    known = Known(document(), TARGET, Evidence({}), pinned={}, draw=nothing, seed=SEED)
    rounds.ask(Verdicts(known, catalogue()), Asker(server, AT_ONCE))
    asked = [(id, one.probe) for take in known.evidence.takes for id, row in take.asked.items() for one in row.values()]
    alone = {probe for id, probe in asked if id == "STAB-01"} - {probe for id, probe in asked if id != "STAB-01"}
    under_way: set[Probe] = set()
    most = {True: 0, False: 0}
    for what, probe in server.moments:
        (under_way.add if what == "asked" else under_way.discard)(probe)
        beside = not under_way.isdisjoint(alone)
        most[beside] = max(most[beside], len(under_way))
    assert most == {True: 1, False: AT_ONCE.concurrency}


@pytest.mark.parametrize(("usual", "said"), [(0.1, ""), (1.0, "3 at a time "), (4.0, "1 at a time ")])
def test_slow_target_is_asked_less_at_once_and_that_is_said(usual: float, said: str) -> None:
    """Where ten answers in a row would be too late, fewer are waited for; the time-out that bears all is named."""
    asker = Asker(Miniature(), Limits(timeout=10, concurrency=10))
    asker.find_out_how_many_at_once(Probe("GET", "/"), usual)
    assert asker.said.startswith(said)
    assert bool(said) == (f"--request-timeout={30 * usual:g} " in asker.said)


class Growing(Miniature):
    """A miniature whose every answer is another, and long."""

    def answer(self, request: Request) -> Answer:
        """As much again of what nobody has seen."""
        return super().answer(request).saying(f"{self.asked}" + " " * 100_000)


def test_answers_that_differ_are_kept_up_to_a_limit() -> None:
    """Where the answers of a run come to more than there is room for, no more is asked, and the rest says why not."""
    server = Growing()
    asker = Asker(server, Limits(body=500_000, concurrency=1))
    answered = asker.ask([(Probe("GET", f"/{number}"),) for number in range(50)], "a round")
    assert (len(answered), server.asked) == (12, 12)
    assert "come to more than 1,200,000 bytes" in asker.patience.ended


def test_equal_answers_are_held_once() -> None:
    """Answers that are the same take the room of one."""
    asker = Asker(Miniature(), Limits(body=10_000, concurrency=1))
    answered = asker.ask([(Probe("GET", f"/{number}"),) for number in range(500)], "a round")
    assert (len(answered), asker.patience.ended) == (500, "")
    assert len({id(exchange.body) for exchange in answered.values()}) == 1


class Crowded(Miniature):
    """A miniature that crashes on what is asked while something else is under way."""

    def __init__(self) -> None:
        super().__init__()
        self._one_at_a_time = threading.Lock()
        self._under_way = 0

    def send(self, probe: Probe) -> Exchange:
        """Answer slowly enough for others to ask meanwhile."""
        with self._one_at_a_time:
            self._under_way += 1
        time.sleep(0.002)
        with self._one_at_a_time:
            exchange = super().send(probe)
            crowded = self._under_way > 1
            self._under_way -= 1
        return replace(exchange, outcome=CRASH) if crowded else exchange


CRASH = Response(status=500, reason="", version="1.1", headers=(), body=b"", length=0)


def test_server_that_bears_no_company_breaks_one_clause() -> None:
    """A server that fails only beside others is held to what it answers alone, and one clause says that it fails."""
    known = Known(document(), TARGET, Evidence({}), pinned={}, draw=nothing, seed=SEED)
    verdicts = Verdicts(known, catalogue())
    rounds.ask(verdicts, Asker(Crowded(), AT_ONCE))
    assert [clause.id for clause in catalogue() if verdicts.outcome(clause.id).verdict is Verdict.FAIL] == ["STAB-04"]


class Limping(Miniature):
    """A miniature that crashes on every second request, whatever it is."""

    def send(self, probe: Probe) -> Exchange:
        """Every second answer a crash."""
        exchange = super().send(probe)
        return replace(exchange, outcome=CRASH) if self.asked % 2 == 0 else exchange


def test_server_that_fails_now_and_then_breaks_the_clause_about_that() -> None:
    """What fails by turns is asked until it is its turn to be answered, and is no fault of what was asked."""
    known = Known(document(), TARGET, Evidence({}), pinned={}, draw=nothing, seed=SEED)
    verdicts = Verdicts(known, catalogue())
    rounds.ask(verdicts, Asker(Limping(), Limits(concurrency=1)))
    red = {clause.id for clause in catalogue() if verdicts.outcome(clause.id).verdict is Verdict.FAIL}
    assert "STAB-01" in red
    assert len(red) <= 3, red


def test_probe_that_fails_alone_too_keeps_its_first_answer() -> None:
    """What fails again when it is asked alone is left as it was, and after a few of them no more are asked."""
    asked: list[str] = []

    def talk(one: Talk) -> None:
        while head := one.request():
            asked.append(head.split()[1].decode())
            one.say(answer("500 Internal Server Error"))

    probes = [Probe("GET", f"/{number}") for number in range(12)]
    with talking(talk) as server:
        target = Target("a server", server.base_url, "p", "t", "r")
        with closing(Wire(target, Vault({}), AT_ONCE)) as wire:
            asker = Asker(wire, AT_ONCE)
            answered = asker.ask([(probe,) for probe in probes], "a round")
            assert asker.ask_alone(answered) == {}
    assert len(answered) == len(probes)
    assert len(asked) == len(probes) + IN_VAIN


def test_server_of_few_connections_is_asked_one_by_one() -> None:
    """A server that leaves a second connection waiting for ever answers everything in the end."""
    busy = threading.Lock()

    def talk(one: Talk) -> None:
        with busy:
            while one.request():
                one.say(answer())

    few = Limits(timeout=0.5, concurrency=4)
    with talking(talk) as server:
        target = Target("a server", server.base_url, "p", "t", "r")
        with closing(Wire(target, Vault({}), few)) as wire:
            asker = Asker(wire, few)
            answered = asker.ask([(Probe("GET", f"/{number}"),) for number in range(3)], "a round")
            answered |= asker.ask_alone(answered)
    assert {exchange.status for exchange in answered.values()} == {200}


@pytest.mark.parametrize("beside", [0, 3])
def test_probes_go_over_the_connections_that_they_name(beside: int) -> None:
    """Those that name one connection share it, and nobody else has it; a chain that is asked again has others."""
    asked: dict[str, int] = {}

    def talk(one: Talk) -> None:
        while head := one.request():
            asked[head.split()[1].decode()] = one.number
            one.say(answer())

    chains = [tuple(Probe("GET", f"/{name}{turn}", over=name) for turn in (1, 2) for name in "abc") for _ in "12"]
    others = [(Probe("GET", f"/{number}"),) for number in range(beside)]
    with (
        talking(talk) as server,
        closing(Wire(Target("a", server.base_url, "p", "t", "r"), Vault({}), AT_ONCE)) as wire,
    ):
        asker = Asker(wire, AT_ONCE)
        taken = []
        for chain in chains:
            asker.ask([chain, *others], "a round")
            taken.append([asked[f"/{name}{turn}"] for turn in (1, 2) for name in "abc"])
            assert taken[-1][:3] == taken[-1][3:]
            assert len({*taken[-1], *(asked[f"/{number}"] for number in range(beside))}) >= 3 + bool(beside)
    assert not {*taken[0]} & {*taken[1]}


def test_connection_is_closed_behind_its_last_probe() -> None:
    """Of many connections that one chain goes over, few are open at once, for a server may bear no more."""
    open_, most = [0], [0]

    def talk(one: Talk) -> None:
        open_[0] += 1
        most[0] = max(most[0], open_[0])
        while one.request():
            one.say(answer())
        open_[0] -= 1

    chain = tuple(Probe("GET", f"/{name}{turn}", over=name) for name in "abcdefgh" for turn in (1, 2))
    with (
        talking(talk) as server,
        closing(Wire(Target("a", server.base_url, "p", "t", "r"), Vault({}), AT_ONCE)) as wire,
    ):
        answered = Asker(wire, AT_ONCE).ask([chain], "a round")
    assert {exchange.status for exchange in answered.values()} == {200}
    assert server.connections == len("abcdefgh")
    # A server may notice a little late that one was closed.
    assert most[0] <= 3


@pytest.mark.parametrize(("body", "is_page"), [(b"<html>", True), (b"<div>", False)])
def test_page_of_html_is_known_behind_any_number_of_comments(body: bytes, is_page: bool) -> None:
    """A proxy's page may begin with a licence; a long row of comments is looked through once."""
    said = obstacle(reply(b"<!-- a -->\n" * 50_000 + body))
    assert (said is not None) is is_page
