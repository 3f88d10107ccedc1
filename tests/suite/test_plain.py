"""Machines that are plainly right are passed over quickly, and nothing that a rule has a problem with is among them."""

from __future__ import annotations

import gc
import random
from typing import Any

import pytest

from conformance import collector, machines
from conformance.chunks import CHUNK
from conformance.machines import MachineRule, rules
from conformance.shape import Shape
from conformance.sight import Machines
from tests.suite.apart.switched import plain
from tests.suite.miniature import document
from tests.suite.replies import reply

READINGS = {"lan": "lan_ip", "wan": "list"}
CHARACTERS = "0123456789abcdefFg.:,-/ T\n\t\x1c\x85\xa0\u180e\u2003\u200b\u3000\ufeff٣中%[]"
"""What texts are changed by: what stands in the forms, what stands near it, and blanks of every kind."""

GOOD: dict[str, tuple[Any, ...]] = {
    "create_at": ("2024-02-28 23:59:59", "2024-02-29 00:00:00", "1999-12-31 08:15:00", "2023-04-30 10:10:10"),
    "lan_ip": ("10.0.0.255", "10.0.0.1,10.0.0.2", "10.0.0.1, fe80::1", "2001:db8:0:0:1:2:3:4", "::", "::1", ""),
    "wan_ip_set": (["198.51.100.7"], ["::ffff:1", "1.2.3.4"], []),
    "instance_name": ("web-1", "数据库", " x "),
    "status": ("ACTIVE", "运行中"),
    "cpu_num": (0, 1, 2**70),
}
"""Values that are right, by the field that has them."""

BAD: dict[str, tuple[Any, ...]] = {
    "create_at": ("2023-02-29 00:00:00", "2023-04-31 00:00:00", "0000-01-01 00:00:00", "2023-01-01 24:00:00"),
    "lan_ip": ("10.0.0.256", "10.0.0.01", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7::8", "10.0.0.1,"),
    "wan_ip_set": ([""], ["10.0.0.1,10.0.0.2"]),
    "instance_name": ("", " ", "\x85", "\u3000", "\x1c\xa0"),
    "status": ("\u2003",),
    "cpu_num": (-1, -(2**70)),
}


def shape() -> Shape:
    """A machine's shape with what is plain by every rule."""
    return Shape(document(), READINGS, [rule.plain for rule in rules(document()) if rule.plain is not None])


def changed(value: Any, chance: random.Random) -> Any:
    """A value with some of its characters taken out, put in or replaced."""
    if isinstance(value, list):
        return [changed(one, chance) for one in value]
    text = list(str(value))
    for _ in range(chance.randrange(1, 3)):
        place = chance.randrange(len(text) + 1)
        text[place : place + chance.randrange(2)] = chance.choice(CHARACTERS) * chance.randrange(2)
    return "".join(text) if isinstance(value, str) else value


@pytest.mark.parametrize("field", GOOD)
def test_what_a_rule_has_a_problem_with_is_never_plain(field: str) -> None:
    """Of many values near the right ones, those that pass for plain are right by every rule."""
    chance, every = random.Random(field), rules(document())  # noqa: S311 - values, not secrets
    near = [changed(value, chance) for value in GOOD[field] * 300]
    listed = tuple(plain("near", 0) | {field: value} for value in (*BAD[field], *near))
    looked_at = {id(machine) for machine in shape().odd(listed)}
    passed = [machine for machine in listed if id(machine) not in looked_at]
    wrong = [one[field] for one in passed for rule in every if rule.problem(one) is not None]
    assert passed
    assert not wrong


@pytest.mark.parametrize("field", GOOD)
def test_what_is_right_in_the_usual_way_is_plain(field: str) -> None:
    """Ordinary machines need not be looked at one by one."""
    usual = tuple(plain("usual", number) | {field: GOOD[field][0]} for number in range(3))
    assert shape().odd(usual) == ()


UPDATED = [
    ([{}, {}], True),
    ([{}, {"update_at": "1999-01-01 00:00:00"}], False),
    ([{"update_at": "9999-01-01 00:00:00"}, {"update_at": None}], False),
    ([{"create_at": 1, "update_at": 2}], True),
    ([{"create_at": 2, "update_at": 1}], False),
]


@pytest.mark.parametrize(("changes", "holds"), UPDATED)
def test_many_are_passed_over_at_once_only_where_none_has_a_problem(changes: list[dict[str, Any]], holds: bool) -> None:
    """Times that can be compared are compared at once; one that cannot be has each machine looked at."""
    rule, made = machines.is_updated_after_creation, [plain("m", 1) | one for one in changes]
    assert rule.holds is not None
    assert rule.holds(made) is holds
    assert not holds or not any(map(rule.problem, made))


def test_odd_machines_are_found_wherever_they_stand() -> None:
    """Those and only those are looked at that are not plain, in their order, whatever their places."""
    listed = [plain("m", number) for number in range(2 * CHUNK + 1)]
    for place in (0, CHUNK - 1, CHUNK, 2 * CHUNK):
        listed[place] = listed[place] | {"cpu_num": -place}
    listed[7] = listed[7] | {"instance_name": "half a pair \ud800"}
    assert [one["instance_id"] for one in shape().odd(tuple(listed))] == ["m-7", "m-999", "m-1000", "m-2000"]


@pytest.mark.parametrize("place", [0, CHUNK - 1, CHUNK, 2 * CHUNK])
def test_a_problem_is_found_wherever_its_machine_stands(place: int) -> None:
    """One of many with which a rule without a schema has a problem is the one that is told, and no other."""
    listed = [plain("m", number) for number in range(2 * CHUNK + 1)]
    listed[place] = listed[place] | {"update_at": "1999-01-01 00:00:00"}
    listing = reply({"vm_servers": listed}).listing
    assert listing is not None
    judgement = Machines((listing,), shape()).each(machines.is_updated_after_creation)
    assert judgement.values == len(listed)
    assert [f'machine "m-{place}"' in finding.seen for finding in judgement.findings] == [True]


def test_every_rule_with_a_schema_is_among_those_that_are_checked_for() -> None:
    """What a rule passes over for being plain has been held against that rule's own schema."""
    made = [one for one in vars(machines).values() if isinstance(one, MachineRule) and one.plain is not None]
    assert made
    assert set(map(id, made)) <= set(map(id, rules(document())))


def test_reading_a_long_list_keeps_the_collector_waiting_and_no_longer() -> None:
    """While a block waits no cycle is collected, and after it the collector is as it was."""
    before = gc.isenabled()
    with collector.waiting():
        assert not gc.isenabled()
    assert gc.isenabled() is before
