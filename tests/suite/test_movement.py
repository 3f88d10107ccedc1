"""Movement: what a list that changes by itself may have shown in between, and what it cannot have."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from conformance.evidence import Evidence, Take
from conformance.exchange import Exchange
from conformance.movement import Movement
from tests.suite.replies import TERMS, reply, vms

Record = dict[str, Any]


def whole(one: Record, other: Record) -> Exchange:
    """An exchange that lists two machines with these members."""
    return reply({"vm_servers": [{"instance_id": "a", **one}, {"instance_id": "b", **other}]}).exchange


def at(second: int, **record: Any) -> Exchange:
    """A list in which the second machine was last updated at a second, and has something of its own."""
    return whole({}, {"update_at": f"2024-01-02 00:00:{second:02}", **record})


def explained(shown: Exchange, *around: Exchange) -> bool:
    """Whether the last of some takes, which lie between lists, explains what it shows."""
    takes = [Take(before, {}, after) for before, after in pairwise(around)]
    last = Take(around[-1], {"C": {"x": shown}}, around[-1])
    return Movement(Evidence({}, around[0], [*takes, last]), TERMS).explains(last, "C")


GOING_ON = (at(1), at(2, status="SHUTOFF"), at(3))
OTHERWISE = at(3, status="SHUTOFF")


def test_record_that_is_always_being_updated_may_be_another_in_between() -> None:
    """`update_at` goes on, the status with it: a list of the same second may have had the other status."""
    assert explained(OTHERWISE, *GOING_ON)
    assert explained(at(4), *GOING_ON)


@pytest.mark.parametrize(
    ("shown", "around"),
    {
        "the same record": (at(3), GOING_ON),
        "another of its fields": (at(3, cpu_num=77), GOING_ON),
        "what changes, and another field": (at(3, status="SHUTOFF", cpu_num=77), GOING_ON),
        "another machine's record": (whole({"status": "SHUTOFF"}, {"update_at": "2024-01-02 00:00:03"}), GOING_ON),
        "too few updates": (OTHERWISE, (at(2), at(3), at(3, status="SHUTOFF"), at(3))),
        "updates that go back": (OTHERWISE, (at(1), at(2, status="SHUTOFF"), at(4), at(3))),
        "a list that holds still": (OTHERWISE, (at(3), at(3), at(3))),
    }.values(),
)
def test_other_record_is_not_explained(shown: Exchange, around: tuple[Exchange, ...]) -> None:
    """By what never changed, changed once, or went back to what it was, as data of another worker does."""
    assert not explained(shown, *around)


def test_machine_that_nothing_else_shows_came_and_went() -> None:
    """One that is listed again was not gone; and in a list that holds still nothing comes and goes."""
    short, long = reply(vms(*"ab")).exchange, reply(vms(*"abc")).exchange
    assert explained(reply(vms(*"abx")).exchange, short, long)
    assert not explained(long, short, long, short)
    assert not explained(reply(vms(*"abx")).exchange, short, short)


def test_equal_lists_in_a_row_are_seen_as_the_first_and_the_last() -> None:
    """Between the two the list is known to have held still; what lies nearest to a moment is one of them."""
    asked = [at(1) for _ in range(4)] + [at(2)] + [at(1) for _ in range(3)]
    takes = [Take(before, {}, after) for before, after in pairwise(asked)]
    goods = [reply.exchange for reply in Movement(Evidence({}, asked[0], takes), TERMS).goods]
    assert [id(one) for one in goods] == [id(asked[place]) for place in (0, 3, 4, 5, 7)]
