"""Rules for machines: what a clause may require of one machine or of one list of them, beyond their types."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter, le
from typing import Any

from contracts import Document
from contracts.shown import is_address, renamed, sampled

from .answer import Listing, Machine, identity
from .judgement import Problem
from .shape import Schema, shown

TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")

WORDED = ("instance_id", "status")
"""Fields whose texts are the server's own words."""

NOTHING = ("null", "NULL", "None", "nil", "<nil>", "(null)", "undefined", "NaN")
"""How languages and databases write that there is nothing, where a text is wanted of it."""

# What is plainly right, as patterns of JSON Schema. They may let through less than the rules do, and never more: what
# they let through is not looked at again. Python's idea of a blank and that of regular expressions are not the same.
OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
GROUP = "[0-9A-Fa-f]{1,4}"
PLAIN_ADDRESS = (
    rf"({OCTET}(\.{OCTET}){{3}}|{GROUP}(:{GROUP}){{7}}|({GROUP}(:{GROUP}){{0,2}})?::({GROUP}(:{GROUP}){{0,3}})?)"
)
PLAIN_DAY = "((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
PLAIN_TIMESTAMP = f"[1-9][0-9]{{3}}-{PLAIN_DAY} ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
INK = "[^\\s\x00-\x20\x7f-\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f\u3000\ufeff]"


@dataclass(frozen=True, slots=True)
class MachineRule:
    """What a clause may require of a machine.

    ``problem`` says what is wrong with one. ``plain`` is a schema for machines of the right types: nothing is wrong
    with what is valid by it, while what is not valid may still be right. Where no schema can say it, ``holds`` may tell
    of many at once that nothing is wrong with any, and may fail to.
    """

    problem: Callable[[Machine], Problem | None]
    plain: Schema | None = None
    holds: Callable[[Sequence[Machine]], bool] | None = None


def rules(document: Document) -> tuple[MachineRule, ...]:
    """The rules that are the document's or everybody's, each of which has a schema for what is plainly right."""
    return (
        counts_are_not_negative(document),
        addresses_are_real(document),
        timestamps_are_real(document),
        has_a_name,
        has_a_status,
        is_no_word_for_nothing,
    )


def _plain(names: Iterable[str], schema: Schema) -> Schema:
    return {"properties": dict.fromkeys(names, schema)}


def _text(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^({pattern})$"}


def ids_are_unique(listing: Listing) -> Problem | None:
    """No machine's id is empty, and none stands in the list twice."""
    ids = listing.ids
    distinct = {*ids}
    # In the order in which they were made, which is the quicker way through what is spread over memory.
    if "" in distinct or any(map(str.isspace, (one for one in ids if isinstance(one, str)))):
        return Problem("an `instance_id` that is not empty", "one is empty")
    twice = [name for name, times in Counter(ids).items() if times > 1] if len(distinct) < len(ids) else []
    return Problem("each `instance_id` once", f"more than once: {shown(twice[:3])}") if twice else None


def counts_are_not_negative(document: Document) -> MachineRule:
    """None of the machine's integers is negative."""
    names = [field.name for field in document.machine_fields if field.type == "int"]

    def rule(machine: Machine) -> Problem | None:
        counted = {name: machine[name] for name in names if isinstance(machine.get(name), int | float)}
        bad = {name: value for name, value in counted.items() if value < 0}
        return (
            Problem("no negative count or size", f"machine {shown(identity(machine))} has {shown(bad)}")
            if bad
            else None
        )

    return MachineRule(rule, _plain(names, {"type": "integer", "minimum": 0}))


def addresses_are_real(document: Document) -> MachineRule:
    """Every address of the machine is one of IPv4 or IPv6."""
    names = shown_as(document, _all_addresses)

    def rule(machine: Machine) -> Problem | None:
        bad = {
            name: part or machine[name]
            for name in names & machine.keys()
            for part in parts(machine[name])
            if not is_address(part)
        }
        if not bad:
            return None
        return Problem("IPv4 or IPv6 addresses", f"machine {shown(identity(machine))} has {shown(bad)}")

    joined, listed = _text(f"|{PLAIN_ADDRESS}(, ?{PLAIN_ADDRESS})*"), {"type": "array", "items": _text(PLAIN_ADDRESS)}
    return MachineRule(rule, _plain(names, {"anyOf": [joined, listed]}))


def timestamps_are_real(document: Document) -> MachineRule:
    """Every timestamp of the machine is a real moment in the document's form."""
    names = shown_as(document, is_timestamp)

    def rule(machine: Machine) -> Problem | None:
        bad = {name: machine[name] for name in sorted(names & machine.keys()) if not is_timestamp(machine[name])}
        if not bad:
            return None
        return Problem("a real YYYY-MM-DD HH:MM:SS", f"machine {shown(identity(machine))} has {shown(bad)}")

    return MachineRule(rule, _plain(names, _text(PLAIN_TIMESTAMP)))


def _updated_after_creation(machine: Machine) -> Problem | None:
    """Its last update is not before its creation; both are timestamps whose text sorts as their time does."""
    try:
        created, updated = machine["create_at"], machine["update_at"]
        if created <= updated:
            return None
    except (KeyError, TypeError):
        return None
    if not isinstance(created, str):
        return None
    return Problem("update_at not before create_at", f"machine {shown(identity(machine))}: {updated} before {created}")


def _are_updated_after_creation(machines: Sequence[Machine]) -> bool:
    created, updated = (map(itemgetter(name), machines) for name in ("create_at", "update_at"))
    try:
        return all(map(le, created, updated))
    except (KeyError, TypeError):
        return False


is_updated_after_creation = MachineRule(_updated_after_creation, holds=_are_updated_after_creation)


def _not_empty(name: str) -> MachineRule:
    """A field of the machine is not empty."""

    def rule(machine: Machine) -> Problem | None:
        if str(machine.get(name, "?")).strip():
            return None
        return Problem(f"`{name}` not to be empty", f"machine {shown(identity(machine))} has {shown(machine[name])}")

    return MachineRule(rule, _plain([name], {"type": "string", "pattern": INK}))


has_a_name, has_a_status = _not_empty("instance_name"), _not_empty("status")


def _no_word_for_nothing(machine: Machine) -> Problem | None:
    """Neither its id nor its status is how a language writes that there is none; a name may be any word."""
    bad = {name: machine[name] for name in WORDED if machine.get(name) in NOTHING}
    return Problem("no word for nothing", f"machine {shown(identity(machine))} has {shown(bad)}") if bad else None


is_no_word_for_nothing = MachineRule(_no_word_for_nothing, _plain(WORDED, {"not": {"enum": [*NOTHING]}}))


def is_timestamp(value: object) -> bool:
    """Whether something is the text of a real moment in the document's form; 24:00:00 and a second of 60 are none."""
    if not isinstance(value, str) or not TIMESTAMP.fullmatch(value):
        return False
    try:
        datetime.strptime(value, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return False
    return True


def shown_as(document: Document, form: Callable[[Any], bool]) -> frozenset[str]:
    """The names of the machine's fields whose values in the document's sample all have a form."""
    fields = [field for field in document.machine_fields if field.type in {"string", "list"}]
    alike = [field.name for field in fields if (values := sampled(document, field)) and all(map(form, values))]
    return frozenset({*alike, *(renamed(document).get(name, name) for name in alike)})


def parts(value: Any) -> list[Any]:
    """The addresses of a field: the items of a list, or the parts of a comma-joined string, none where it is blank."""
    if isinstance(value, str):
        return [part.strip(" ") for part in value.split(",")] if value.strip(" ") else []
    return list(value) if isinstance(value, list) else []


def _all_addresses(value: Any) -> bool:
    return bool(parts(value)) and all(map(is_address, parts(value)))
