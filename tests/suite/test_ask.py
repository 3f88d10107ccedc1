"""Probes are asked at once where nothing depends on their order, and in a row, or alone, where something does."""

from __future__ import annotations

import threading
import time
from contextlib import closing

from conformance import rounds
from conformance.ask import Asker
from conformance.credentials import Vault
from conformance.evidence import Evidence
from conformance.exchange import Exchange
from conformance.known import Known
from conformance.probe import Probe
from conformance.target import Limits, Target
from conformance.verdicts import Verdicts
from conformance.wire import Wire
from tests.suite.miniature import SEED, TARGET, Answer, Miniature, Request, catalogue, document
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
    assert "come to more than 1,200,000 bytes" in asker.ended


def test_equal_answers_are_held_once() -> None:
    """Answers that are the same take the room of one."""
    asker = Asker(Miniature(), Limits(body=10_000, concurrency=1))
    answered = asker.ask([(Probe("GET", f"/{number}"),) for number in range(500)], "a round")
    assert (len(answered), asker.ended) == (500, "")
    assert len({id(exchange.body) for exchange in answered.values()}) == 1
