"""Live fleets: lists that change by themselves while they are judged, at every pace, and break no clause."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from conformance.credentials import TOKEN
from conformance.exchange import Exchange
from conformance.judgement import Verdict
from conformance.probe import Probe
from tests.suite.miniature import (
    FLEET,
    NORTH,
    OTHER_TENANT,
    SECRETS,
    SOUTH,
    TENANT,
    Miniature,
    Place,
    Request,
    fleet,
    judged,
    machine,
    red,
    unjudged,
)

Stored = list[dict[str, Any]]
Change = Callable[[Stored, random.Random], Stored]

HOME, AWAY = (TENANT, NORTH), (TENANT, SOUTH)


class Live(Miniature):
    """A miniature whose list changes by one machine before every so-many-th request, the first time after a few.

    ``change`` makes the next list of the present one; ``chance`` is what it may draw from. ``at`` says whose list.
    """

    def __init__(self, change: Change, every: int, seed: str, at: Place = HOME) -> None:
        super().__init__()
        self._at = at
        self._change, self._every, self._chance = change, every, random.Random(seed)  # noqa: S311 - a fleet, no secret
        self._first = self._chance.randrange(every)

    def send(self, probe: Probe) -> Exchange:
        """Answer, after a change where one is due."""
        if self.asked % self._every == self._first:
            self.fleet[self._at] = self._change(self.fleet[self._at], self._chance)
        return super().send(probe)


def growing(machines: Stored, chance: random.Random) -> Stored:
    """A machine more, at the end, as long as there are not many."""
    return machines if len(machines) > 60 else [*machines, machine("made", chance.randrange(10**9))]


def shrinking(machines: Stored, chance: random.Random) -> Stored:
    """A machine less, anywhere, as long as there are some."""
    gone = chance.randrange(len(machines))
    return machines if len(machines) < 5 else [*machines[:gone], *machines[gone + 1 :]]


def wandering(machines: Stored, chance: random.Random) -> Stored:
    """A machine more or less, anywhere."""
    place = chance.randrange(len(machines))
    made = [machine("made", chance.randrange(10**9))] if chance.random() < 0.5 or len(machines) < 5 else []
    return [*machines[:place], *made, *machines[place + (not made) :]]


def working(machines: Stored, chance: random.Random) -> Stored:
    """The same machines, one in another state."""
    place = chance.randrange(len(machines))
    state = chance.choice(["ACTIVE", "ERROR", "STOPPED"])
    return [*machines[:place], {**machines[place], "status": state}, *machines[place + 1 :]]


def flapping(place: int) -> Change:
    """One and the same machine there and gone by turns."""

    def flap(machines: Stored, _: random.Random) -> Stored:
        one = FLEET[HOME][place]
        if one in machines:
            return [other for other in machines if other is not one]
        where = place % (len(machines) + 1)
        return [*machines[:where], one, *machines[where:]]

    return flap


LIVES = {
    "growing": growing,
    "shrinking": shrinking,
    "wandering": wandering,
    "working": working,
    "first flapping": flapping(0),
    "middle flapping": flapping(11),
    "last flapping": flapping(-1),
}
PACES = (3, 5, 13, 89)
"""Requests between two changes. One that flaps more often cannot be told from workers that do not agree."""


@pytest.mark.slow
@pytest.mark.parametrize("every", PACES)
@pytest.mark.parametrize("life", LIVES)
def test_live_fleet_is_never_a_fault(life: str, every: int) -> None:
    """A list that changes while it is judged, whenever it does, makes no clause red."""
    became = judged(Live(LIVES[life], every, f"{life} {every}"))
    assert red(became) == {}
    assert all(unjudged(became).values())


OTHERS = {"another tenant's": (OTHER_TENANT, NORTH), "another region's": (TENANT, SOUTH)}


@pytest.mark.parametrize("whose", OTHERS)
def test_records_of_another_list_that_change_leave_nothing_untold(whose: str) -> None:
    """Where machines of another list go on from state to state, all is judged as ever."""
    became = judged(Live(working, 1, whose, OTHERS[whose]))
    assert (red(became), unjudged(became)) == ({}, {})


@pytest.mark.slow
@pytest.mark.parametrize("every", PACES)
@pytest.mark.parametrize("whose", OTHERS)
def test_another_list_that_changes_is_never_a_fault(whose: str, every: int) -> None:
    """Where machines of another list come and go, no clause is red."""
    became = judged(Live(wandering, every, f"{whose} {every}", OTHERS[whose]))
    assert red(became) == {}
    assert all(unjudged(became).values())


class OnceElsewhere(Miniature):
    """A miniature whose other region gains a machine once, while windows of it are asked for the first time."""

    def send(self, probe: Probe) -> Exchange:
        """Answer, with a machine more from the last of the windows on."""
        if probe.repetition == "after windows" and probe.values("region") == (SOUTH,) and len(self.fleet[AWAY]) == 5:
            self.fleet[AWAY] = growing(self.fleet[AWAY], random.Random(1))  # noqa: S311 - a fleet, no secret
        return super().send(probe)


def test_list_that_changed_once_while_it_was_looked_at_is_looked_at_again() -> None:
    """What a moment hid is told by the next."""
    became = judged(OnceElsewhere())
    assert (red(became), unjudged(became)) == ({}, {})


class OneWorkerUnchecked(Live):
    """A miniature of which every other row for no token meets a worker that asks nobody for one."""

    rows = 0

    def send(self, probe: Probe) -> Exchange:
        """Answer by the next worker, where such a row begins."""
        self.rows += probe.repetition.startswith("before the same without a token")
        return super().send(probe)

    def token(self, request: Request) -> str:
        """The token that was sent; of nobody, the target's own."""
        return super().token(request) if request.token or self.rows % 2 == 0 else SECRETS[TOKEN]


def test_list_that_changes_excuses_nothing_that_does_not_come_of_it() -> None:
    """Machines that are listed to nobody are a fault each time, though now and then they are refused."""
    assert set(red(judged(OneWorkerUnchecked(working, 5, "workers")))) == {"AUTH-01"}


class ChangedByUnsafe(Miniature):
    """A miniature whose list changes as the first of its unsafe requests comes, and never again."""

    def __init__(self, left: int, length: int = 23) -> None:
        super().__init__(fleet(length))
        self._left: int | None = left

    def send(self, probe: Probe) -> Exchange:
        """Answer, with so many machines of the first left from then on, and one that is new."""
        if probe.method == "POST" and self._left is not None:
            self.fleet[HOME] = [*self.fleet[HOME][: self._left], machine("made", 1)]
            self._left = None
        return super().send(probe)


def test_list_that_changed_around_unsafe_methods_once_is_no_fault() -> None:
    """A machine may come or go by itself just then, which is said; that all of them do is believed of no fleet."""
    once = judged(ChangedByUnsafe(left=20))
    assert red(once) == {}
    assert unjudged(once) == {
        "METHOD-07": "the list changed around one of two times that they were asked, as it may by itself"
    }
    assert list(red(judged(ChangedByUnsafe(left=0)))) == ["METHOD-07"]
    assert judged(ChangedByUnsafe(left=0, length=1), "METHOD-07")["METHOD-07"].verdict is Verdict.INCONCLUSIVE


class Deleting(Live):
    """A miniature whose list grows now and then, and that deletes by DELETE, which it refuses."""

    def send(self, probe: Probe) -> Exchange:
        """Answer, with a machine less after a DELETE."""
        if probe.method == "DELETE":
            self.fleet[HOME] = self.fleet[HOME][:-1]
        return super().send(probe)


@pytest.mark.parametrize(("kind", "verdict"), {Live: Verdict.PASS, Deleting: Verdict.INCONCLUSIVE}.items())
def test_live_list_is_judged_by_the_moments_it_held_still(kind: type[Live], verdict: Verdict) -> None:
    """That it changed at other times hides nothing of unsafe methods where it stayed; where it did not, it may."""
    assert judged(kind(growing, 89, "still"))["METHOD-07"].verdict is verdict
