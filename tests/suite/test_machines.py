"""Machines: what is wrong with one of them is said, by types, by forms and by what a list shows of the readings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.chunks import CHUNK
from conformance.machines import (
    addresses_are_real,
    counts_are_not_negative,
    has_a_name,
    ids_are_unique,
    is_no_word_for_nothing,
    is_timestamp,
    is_updated_after_creation,
    timestamps_are_real,
)
from conformance.readings import Found, Readings, settle, shown_by_lists, shown_by_party
from conformance.shape import MOST_PROBLEMS, Shape, shown
from contracts import Document
from tests.suite.apart.switched import plain
from tests.suite.miniature import document
from tests.suite.replies import reply, vms, whole

KNOWN = {"lan": "lan_ip", "wan": "list"}


def machine(**members: Any) -> dict[str, Any]:
    """An ordinary machine with some members changed; None leaves one out."""
    return {name: value for name, value in {**plain("m", 1), **members}.items() if value is not None}


def said(field: str, one: Any, readings: dict[str, str] | None = None) -> str | None:
    """What is wrong with one field of a machine by its type."""
    found = [*Shape(document(), KNOWN if readings is None else readings).problems(field, (one,))]
    return found[0].sentence if found else None


NAME = plain("m", 1)["instance_id"]
TYPES: list[tuple[str, Any, dict[str, str], str | None]] = [
    ("cpu_num", machine(), KNOWN, None),
    ("cpu_num", machine(cpu_num=-1), KNOWN, None),
    ("cpu_num", machine(cpu_num=4.0), KNOWN, f'expected `cpu_num` to be integer; machine "{NAME}" has cpu_num = 4.0'),
    ("cpu_num", machine(cpu_num=True), KNOWN, f'expected `cpu_num` to be integer; machine "{NAME}" has cpu_num = true'),
    ("cpu_num", machine(cpu_num="4"), KNOWN, f'expected `cpu_num` to be integer; machine "{NAME}" has cpu_num = "4"'),
    ("cpu_num", machine(cpu_num=None), KNOWN, f'expected `cpu_num` in every machine; machine "{NAME}" has none'),
    (
        "status",
        machine(cpu_num=4.0, status=7),
        KNOWN,
        f'expected `status` to be string; machine "{NAME}" has status = 7',
    ),
    ("status", machine(cpu_num=4.0), KNOWN, None),
    ("status", machine(status="half a pair \ud800"), KNOWN, None),
    ("status", 7, KNOWN, "expected an object for each machine, with `status` in it; came 7"),
    ("lan_ip", machine(lan_ip=None), KNOWN, f'expected `lan_ip` in every machine; machine "{NAME}" has none'),
    ("lan_ip", machine(lan_ip=None, lan_ip_set="::1"), KNOWN, f'expected `lan_ip` in every machine; machine "{NAME}" '),
    ("lan_ip", machine(lan_ip=None, lan_ip_set="::1"), {}, None),
    (
        "lan_ip",
        machine(lan_ip=None),
        {},
        f'expected `lan_ip` or `lan_ip_set` in every machine; machine "{NAME}" has none',
    ),
    ("lan_ip", machine(), {"lan": "both"}, f'expected `lan_ip` and `lan_ip_set` in every machine; machine "{NAME}" '),
    (
        "lan_ip",
        machine(lan_ip=1, lan_ip_set=2),
        {"lan": "both"},
        f'expected `lan_ip` to be string; machine "{NAME}" has lan_ip = 1, lan_ip_set = 2',
    ),
    ("wan_ip_set", machine(wan_ip_set="::1"), {}, None),
    (
        "wan_ip_set",
        machine(wan_ip_set=7),
        {},
        f'expected `wan_ip_set` to be array of strings or string; machine "{NAME}" has wan_ip_set = 7',
    ),
    (
        "wan_ip_set",
        machine(wan_ip_set=[7]),
        KNOWN,
        f'expected `wan_ip_set` to be array of strings; machine "{NAME}" has wan_ip_set = [7]',
    ),
]


@pytest.mark.parametrize(("field", "one", "readings", "wrong"), TYPES)
def test_field_is_there_and_of_its_type(field: str, one: Any, readings: dict[str, str], wrong: str | None) -> None:
    """A field is held against its row of the table, under the names and types that the readings leave it."""
    found = said(field, one, readings)
    assert found == wrong or (wrong is not None and found is not None and found.startswith(wrong))


def optionally(name: str) -> Document:
    """The document, with one field of its response table marked as optional."""
    read = document()
    fields, machine_fields = (
        tuple(replace(one, required=one.required and one.name != name) for one in table)
        for table in (read.fields, read.machine_fields)
    )
    return replace(read, sha256=f"{name} optional", fields=fields, machine_fields=machine_fields)


def test_integer_that_need_not_be_there_is_held_to_its_type_where_it_is() -> None:
    """A row that is marked as optional may be missing; a fraction in it is as wrong as in any."""
    optional = Shape(optionally("disk_size"), KNOWN)
    without = {name: value for name, value in machine().items() if name != "disk_size"}
    assert not [*optional.problems("disk_size", (without,))]
    assert not optional.odd((without,))
    assert [*optional.problems("disk_size", (machine(disk_size=4.0), without))]


def test_only_the_first_few_bad_machines_are_told() -> None:
    """However many have a field wrong, a bounded number is looked at for what to say."""
    many = tuple(machine(cpu_num="4") for _ in range(MOST_PROBLEMS + 5))
    assert len([*Shape(document(), KNOWN).problems("cpu_num", many)]) == MOST_PROBLEMS


def test_long_value_is_cut() -> None:
    """A value for a reader has eighty characters at the most."""
    assert shown("x" * 78) == f'"{"x" * 78}"'
    assert shown("x" * 79) == f'"{"x" * 76}…'


FORMS = [
    (counts_are_not_negative(document()), {"disk_size": 0}, None),
    (counts_are_not_negative(document()), {"disk_size": -1, "cpu_num": None}, '{"disk_size": -1}'),
    (addresses_are_real(document()), {"lan_ip": "", "wan_ip_set": []}, None),
    (addresses_are_real(document()), {"lan_ip": "10.0.0.1, fe80::1 "}, None),
    (addresses_are_real(document()), {"lan_ip": "10.0.0.1/24"}, '{"lan_ip": "10.0.0.1/24"}'),
    (addresses_are_real(document()), {"lan_ip": None, "lan_ip_set": "::1,x"}, '{"lan_ip_set": "x"}'),
    (addresses_are_real(document()), {"wan_ip_set": ["::1", ""]}, '{"wan_ip_set": ["::1", ""]}'),
    (addresses_are_real(document()), {"lan_ip": "::1,"}, '{"lan_ip": "::1,"}'),
    (addresses_are_real(document()), {"instance_name": "10.0.0.256"}, None),
    (timestamps_are_real(document()), {"update_at": "2024-02-29 23:59:59"}, None),
    (timestamps_are_real(document()), {"update_at": "2023-02-29 00:00:00"}, '{"update_at": "2023-02-29 00:00:00"}'),
    (timestamps_are_real(document()), {"create_at": "today"}, '{"create_at": "today"}'),
    (is_updated_after_creation, {"update_at": plain("m", 1)["create_at"]}, None),
    (is_updated_after_creation, {"update_at": None}, None),
    (is_updated_after_creation, {"create_at": None}, None),
    (is_updated_after_creation, {"update_at": "1999-01-01 00:00:00"}, "1999-01-01 00:00:00 before "),
    (has_a_name, {"instance_name": None}, None),
    (has_a_name, {"instance_name": " \t"}, '" \\t"'),
    (is_no_word_for_nothing, {"instance_name": "null"}, None),
    (is_no_word_for_nothing, {"status": None}, None),
    (is_no_word_for_nothing, {"status": "NONE"}, None),
    (is_no_word_for_nothing, {"status": "undefined"}, '{"status": "undefined"}'),
]


@pytest.mark.parametrize(("rule", "members", "wrong"), FORMS)
def test_form_of_a_machine_is_held_to_its_rule(rule: Any, members: dict[str, Any], wrong: str | None) -> None:
    """What is wrong is said with the machine's name and the value; what has no value is another clause's concern."""
    problem = rule.problem(machine(**members))
    assert (problem is None) is (wrong is None)
    assert problem is None or (f'machine "{NAME}"' in problem.seen and wrong is not None and wrong in problem.seen)


def test_ids_are_neither_empty_nor_twice_in_a_list() -> None:
    """The first of those that stand there twice are named."""
    assert ids_are_unique(whole("a", "b", 3)) is None
    assert ids_are_unique(whole("a", "")) == ids_are_unique(whole("", 3)) is not None
    empty, twice = ids_are_unique(whole("a", " ")), ids_are_unique(whole(*"aabbccdde"))
    assert empty is not None
    assert twice is not None
    assert empty.sentence == "expected an `instance_id` that is not empty; one is empty"
    assert twice.sentence == 'expected each `instance_id` once; more than once: ["a", "b", "c"]'


@pytest.mark.parametrize("value", ["2024-02-29 24:00:00", "2024-02-29T00:00:00", "2024-02-29 00:00:00\n", 7, None])
def test_what_is_no_moment_in_the_form_is_no_timestamp(value: object) -> None:
    """Neither another form nor a moment that no clock shows."""
    assert not is_timestamp(value)


ODD: list[tuple[Any, dict[tuple[str, ...], int]]] = [
    (7, {}),
    ({"instance_id": "odd", "more": 1}, {("instance_id", "more"): 1}),
    ({"other": "odd"}, {("other",): 1}),
    ({}, {(): 1}),
]


@pytest.mark.parametrize("place", [0, CHUNK - 1, CHUNK, 2 * CHUNK])
@pytest.mark.parametrize(("odd", "its_form"), ODD)
def test_the_forms_of_a_list_are_counted_wherever_one_differs(
    place: int, odd: Any, its_form: dict[tuple[str, ...], int]
) -> None:
    """A machine with other members, as many or more or fewer, and what is no object, stand out in any chunk."""
    listed = vms(*map(str, range(2 * CHUNK + 1)))["vm_servers"]
    found = reply({"vm_servers": [*listed[:place], odd, *listed[place + 1 :]]}).listing
    assert found is not None
    assert found.forms == {("instance_id",): 2 * CHUNK, **its_form}
    assert found.are_objects is isinstance(odd, dict)
    assert len([*found.values("instance_id")]) == sum(found.forms.values())


# -- readings


def test_reading_is_what_most_machines_show() -> None:
    """One machine of another kind changes nothing; what shows neither is not counted."""
    found = reply({"code": 200, **vms("a", "b", lan_ip="", wan_ip_set=[])}).listing
    other = reply({"vm_servers": [{"lan_ip_set": "", "wan_ip_set": ""}, 7, {"wan_ip_set": None}]}).listing
    mixed = reply({"vm_servers": {"k": {"lan_ip": "", "lan_ip_set": "", "wan_ip_set": ""}}}).listing
    empty = reply({"vm_servers": {}}).listing
    assert found
    assert other is not None
    assert mixed is not None
    assert empty is not None
    assert shown_by_lists([found, other]) == {"vm_servers": "list", "code": "present", "lan": "lan_ip", "wan": "list"}
    assert shown_by_lists([other, mixed, mixed]) == {
        "vm_servers": "dict",
        "code": "absent",
        "lan": "both",
        "wan": "string",
    }
    assert shown_by_lists([other])["lan"] == "lan_ip_set"
    assert shown_by_lists([empty]) == {"vm_servers": None, "code": "absent", "lan": None, "wan": None}


def test_reading_of_the_party_is_shown_by_what_is_served_without_it() -> None:
    """A list without the parameter comes of the header, and one for an unknown party of the header alone."""
    listed, nothing, refused = reply(vms("a")), reply(vms()), reply({"msg": "no"}, 400)
    silent = reply({"msg": "no"}, 400)
    assert shown_by_party(refused, refused, good=listed) == "query"
    assert shown_by_party(listed, refused, good=listed) == "either"
    assert shown_by_party(listed, listed, good=listed) == "header"
    assert shown_by_party(nothing, silent, good=nothing) is None


def test_pinned_reading_counts_before_what_is_shown() -> None:
    """A reading is pinned, found, or undetermined; one that the document settles is None."""
    assert settle("list", "dict") == Found("dict", "pinned")
    assert settle("list", None) == Found("list", "found")
    assert settle(None, None) == Found(None, "undetermined")
    readings = Readings({"lan": settle("both", None), "wan": settle(None, None)})
    assert readings.settled == {"lan": "both"}
    assert (readings["lan"], readings["wan"], readings["other"]) == ("both", None, None)
