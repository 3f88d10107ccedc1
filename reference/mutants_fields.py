"""Mutants of the machines' fields: each of the ten in five ways, and values that are no such thing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from reference.model import Refusal
from reference.mutant import (
    Change,
    Mutant,
    Outcome,
    Record,
    in_outcome,
    in_second_region,
    on_later_page,
    records,
)
from reference.paging import Window
from reference.service import Ask, Service

# Where a fault shows

Where: TypeAlias = Callable[[Record, Ask, Service, int], bool]
"""Whether it shows in a machine, of an answer to a request, at this index of the whole list."""


def on_last_machine(_record: Record, ask: Ask, service: Service, index: int) -> bool:
    """In the last machine of the whole list, on whatever page it comes."""
    return index == service.store.count(service.place(ask)) - 1


def on_later_pages(_record: Record, ask: Ask, service: Service, _index: int) -> bool:
    """In every machine of the pages after the first."""
    return on_later_page(ask, service)


def in_other_region(_record: Record, ask: Ask, service: Service, _index: int) -> bool:
    """In every machine of the regions but the main one."""
    return in_second_region(ask, service)


def with_status(status: str) -> Where:
    """In the machines that have this status."""
    return lambda record, _ask, _service, _index: record["status"] == status


def everywhere(*_: object) -> bool:
    """In every machine."""
    return True


# What the fault is

Spoil: TypeAlias = Callable[[Any], Any]
"""A field's value to another."""

FIELDS = {name: (name,) for name in ("instance_name", "instance_id", "cpu_num", "mem_size", "disk_size")} | {
    "lan_ip": ("lan_ip", "lan_ip_set"),
    **{name: (name,) for name in ("wan_ip_set", "status", "create_at", "update_at")},
}
"""The fields, each with the names under which some reading shows it."""


def each(where: Where, spoil: Callable[[Record], Record]) -> Change:
    """A fault in some of the machines that are listed."""

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        return outcome if isinstance(outcome, Refusal) else with_each(outcome, ask, service, where, spoil)

    return in_outcome(say)


def with_each(
    document: dict[str, Any], ask: Ask, service: Service, where: Where, spoil: Callable[[Record], Record]
) -> dict[str, Any]:
    """A document in which some of the machines are others; what keys them, where something does, stays."""
    start = service.window(ask, service.readings).start
    spoiled = [
        spoil(record) if where(record, ask, service, index) else record
        for index, record in enumerate(records(document), start)
    ]
    servers = document["vm_servers"]
    return {**document, "vm_servers": dict(zip(servers, spoiled, strict=True)) if is_object(servers) else spoiled}


def is_object(value: object) -> bool:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def set_to(name: str, spoil: Spoil) -> Callable[[Record], Record]:
    """A machine with another value of a field, under each name that it shows."""

    def spoiled(record: Record) -> Record:
        return record | {key: spoil(record[key]) for key in FIELDS[name] if key in record}

    return spoiled


def without(name: str) -> Callable[[Record], Record]:
    """A machine without a field."""
    return lambda record: {key: value for key, value in record.items() if key not in FIELDS[name]}


def null(_: object) -> None:
    """JSON's null."""


def text(value: object) -> str:
    """A number as text."""
    return str(value)


def text_in_gigabytes(value: object) -> str:
    """A number with its unit."""
    return f"{value} GB"


def boolean(_: object) -> bool:
    """JSON's true, which some languages count among the integers."""
    return True


def fraction(value: int) -> float:
    """A number that is not whole."""
    return value + 0.5


def in_array(value: object) -> list[object]:
    """The value, as the only one of an array."""
    return [value]


def in_object(value: object) -> dict[str, object]:
    """The value, wrapped in an object."""
    return {"value": value}


def number(value: str) -> int:
    """A number for a text, another for each that begins otherwise."""
    return int.from_bytes(value.encode()[:6])


def seconds(value: str) -> int:
    """A timestamp as the seconds since 1970."""
    return int(datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp())


def parts(value: str) -> list[int]:
    """A timestamp as year, month, day, hour, minute and second."""
    return [int(part) for part in value.translate(str.maketrans("-:", "  ")).split()]


def as_object(value: list[str] | str) -> dict[str, str]:
    """A list of addresses as an object from index to address."""
    return {str(index): address for index, address in enumerate(value.split(",") if isinstance(value, str) else value)}


def other_form(value: list[str] | str) -> list[str] | str:
    """Addresses in the form of the other reading."""
    return (value.split(",") if value else []) if isinstance(value, str) else ",".join(value)


@dataclass(frozen=True)
class Wrong:
    """A wrong type: its name, what the field then is, and how its value becomes that."""

    name: str
    words: str
    spoil: Spoil


IN_ARRAY = Wrong("in-array", "in an array", in_array)
NUMBER = Wrong("number", "a number", number)
STRING = Wrong("string", "a string", text)
BOOLEAN = Wrong("boolean", "true", boolean)
FRACTION = Wrong("fraction", "half a unit more than a whole number", fraction)
EPOCH = Wrong("epoch-number", "a number of seconds", seconds)
PARTS = Wrong("array-of-parts", "an array of numbers", parts)

WRONG: dict[str, tuple[Wrong, Wrong]] = {
    "instance_name": (IN_ARRAY, NUMBER),
    "instance_id": (NUMBER, Wrong("in-object", "in an object", in_object)),
    "cpu_num": (STRING, BOOLEAN),
    "mem_size": (Wrong("string-with-unit", "a string with its unit", text_in_gigabytes), FRACTION),
    "disk_size": (FRACTION, STRING),
    "lan_ip": (IN_ARRAY, NUMBER),
    "wan_ip_set": (
        Wrong("object", "an object from index to address", as_object),
        Wrong("in-other-form", "a string where the others are lists, or the other way round", other_form),
    ),
    "status": (NUMBER, BOOLEAN),
    "create_at": (EPOCH, PARTS),
    "update_at": (PARTS, EPOCH),
}
"""Two wrong types for each field, as servers get them wrong."""

BY_READING = ("lan_ip", "wan_ip_set")
"""The fields whose form is open: where every machine has a wrong one, it has to be told from a reading."""


def of_fields() -> Iterator[Mutant]:
    """Each field missing, null or of a wrong type, each time in another part of what is listed."""
    for name, (one, other) in WRONG.items():
        clause = f"FIELD-{name}"
        if name in BY_READING:
            yield Mutant(
                f"{name}-{one.name}-everywhere",
                clause,
                f"{name} is {one.words}",
                each(everywhere, with_type(name, one)),
            )
        yield Mutant(
            f"{name}-{other.name}-on-last-machine",
            clause,
            f"{name} of the last machine is {other.words}",
            each(on_last_machine, with_type(name, other)),
        )
        yield Mutant(
            f"{name}-missing-on-later-pages",
            clause,
            f"{name} is missing on every page but the first",
            each(on_later_pages, without(name)),
        )
        yield Mutant(
            f"{name}-null-in-second-region",
            clause,
            f"{name} is null in the second region",
            each(in_other_region, set_to(name, null)),
        )
        yield Mutant(
            f"{name}-{one.name}-when-error",
            clause,
            f"{name} is {one.words} in machines whose status is ERROR",
            each(with_status("ERROR"), with_type(name, one)),
        )


def with_type(name: str, wrong: Wrong) -> Callable[[Record], Record]:
    """A machine with a field of a wrong type."""
    return set_to(name, wrong.spoil)


# Values


def with_first_id_on_last(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
    """A list, or a page of it, in which the last machine of the whole list has the id of the first."""
    place = service.place(ask)
    if isinstance(outcome, Refusal) or service.store.count(place) < 2:
        return outcome
    [first] = service.store.machines(place, Window(0, 1))
    return with_each(outcome, ask, service, on_last_machine, set_to("instance_id", lambda _: first.instance_id))


def with_host_name(value: list[str] | str) -> list[str] | str:
    """Addresses, and a host's name among them, in the form that they have."""
    if isinstance(value, str):
        return ",".join([*filter(None, [value]), "vm-7.internal"])
    return [*value, "vm-7.internal"]


def value(name: str, suffix: str, clause: str, words: str, *, where: Where, spoil: Spoil) -> Mutant:
    """A field of the right type whose value is wrong."""
    return Mutant(f"{name}-{suffix}", clause, f"{name} {words}", each(where, set_to(name, spoil)))


MUTANTS = (
    *of_fields(),
    value(
        "instance_id",
        "empty-on-last-machine",
        "FIELD-01",
        "of the last machine is empty",
        where=on_last_machine,
        spoil=lambda _: "",
    ),
    Mutant(
        "instance_id-of-first-on-last-machine",
        "FIELD-01",
        "The last machine of a list has the instance_id of the first",
        in_outcome(with_first_id_on_last),
    ),
    value(
        "cpu_num",
        "negative-on-last-machine",
        "FIELD-02",
        "of the last machine is -1",
        where=on_last_machine,
        spoil=lambda _: -1,
    ),
    value(
        "disk_size",
        "negative-in-second-region",
        "FIELD-02",
        "is negative in the second region",
        where=in_other_region,
        spoil=lambda size: -size,
    ),
    value(
        "lan_ip",
        "out-of-range-on-last-machine",
        "FIELD-03",
        "of the last machine has an octet of 256",
        where=on_last_machine,
        spoil=lambda _: "10.0.0.256",
    ),
    value(
        "wan_ip_set",
        "with-host-name-on-later-pages",
        "FIELD-03",
        "has a host's name among the addresses, on every page but the first",
        where=on_later_pages,
        spoil=with_host_name,
    ),
    value(
        "create_at",
        "with-t-in-second-region",
        "FIELD-04",
        "has a T between date and time, in the second region",
        where=in_other_region,
        spoil=lambda time: time.replace(" ", "T"),
    ),
    value(
        "update_at",
        "zero-when-building",
        "FIELD-04",
        "is 0000-00-00 00:00:00 in machines whose status is BUILD",
        where=with_status("BUILD"),
        spoil=lambda _: "0000-00-00 00:00:00",
    ),
    value(
        "create_at",
        "on-30-february-on-last-machine",
        "FIELD-04",
        "of the last machine is on a day that there is not",
        where=on_last_machine,
        spoil=lambda _: "2022-02-30 12:00:00",
    ),
    value(
        "update_at",
        "before-create_at-on-last-machine",
        "FIELD-05",
        "of the last machine is before its create_at",
        where=on_last_machine,
        spoil=lambda _: "2001-02-03 04:05:06",
    ),
    value(
        "instance_name",
        "empty-in-second-region",
        "FIELD-06",
        "is empty in the second region",
        where=in_other_region,
        spoil=lambda _: "",
    ),
    value(
        "status",
        "empty-on-last-machine",
        "FIELD-07",
        "of the last machine is empty",
        where=on_last_machine,
        spoil=lambda _: "",
    ),
    value(
        "status",
        "empty-on-later-pages",
        "FIELD-07",
        "is empty on every page but the first",
        where=on_later_pages,
        spoil=lambda _: "",
    ),
    value(
        "status",
        "none-written-out-on-last-machine",
        "FIELD-08",
        "of the last machine is the text None",
        where=on_last_machine,
        spoil=lambda _: "None",
    ),
    value(
        "instance_id",
        "null-written-out-on-last-machine",
        "FIELD-08",
        "of the last machine is the text null",
        where=on_last_machine,
        spoil=lambda _: "null",
    ),
)
