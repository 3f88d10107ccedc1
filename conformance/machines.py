"""Rules for machines: what a clause may require of one machine or of one list of them, beyond their types."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from contracts import Document
from contracts.lint import is_address, renamed, sampled

from .answer import Listing, Machine, identity
from .judgement import Problem
from .shape import shown

MachineRule = Callable[[Machine], Problem | None]

TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def ids_are_unique(listing: Listing) -> Problem | None:
    """No machine's id is empty, and none stands in the list twice."""
    if any(not str(name).strip() for name in listing.ids):
        return Problem("an `instance_id` that is not empty", "one is empty", kind="empty")
    twice = [name for name, times in Counter(listing.ids).items() if times > 1]
    return Problem("each `instance_id` once", f"more than once: {shown(twice[:3])}", kind="twice") if twice else None


def counts_are_not_negative(document: Document) -> MachineRule:
    """None of the machine's integers is negative."""
    names = [field.name for field in document.machine_fields if field.type == "int"]

    def rule(machine: Machine) -> Problem | None:
        bad = {name: machine[name] for name in names if name in machine and machine[name] < 0}
        return (
            Problem("no negative count or size", f"machine {shown(identity(machine))} has {shown(bad)}")
            if bad
            else None
        )

    return rule


def addresses_are_real(document: Document) -> MachineRule:
    """Every address of the machine is one of IPv4 or IPv6."""
    names = shown_as(document, _all_addresses)

    def rule(machine: Machine) -> Problem | None:
        bad = {name: part for name in names & machine.keys() for part in parts(machine[name]) if not is_address(part)}
        if not bad:
            return None
        return Problem("IPv4 or IPv6 addresses", f"machine {shown(identity(machine))} has {shown(bad)}")

    return rule


def timestamps_are_real(document: Document) -> MachineRule:
    """Every timestamp of the machine is a real moment in the document's form."""
    names = shown_as(document, is_timestamp)

    def rule(machine: Machine) -> Problem | None:
        bad = {name: machine[name] for name in sorted(names & machine.keys()) if not is_timestamp(machine[name])}
        if not bad:
            return None
        return Problem("a real YYYY-MM-DD HH:MM:SS", f"machine {shown(identity(machine))} has {shown(bad)}")

    return rule


def is_updated_after_creation(machine: Machine) -> Problem | None:
    """Its last update is not before its creation; both are timestamps whose text sorts as their time does."""
    created, updated = machine.get("create_at"), machine.get("update_at")
    if created is None or updated is None or created <= updated:
        return None
    return Problem("update_at not before create_at", f"machine {shown(identity(machine))}: {updated} before {created}")


def has_a_name(machine: Machine) -> Problem | None:
    """Its name is not empty."""
    return _not_empty(machine, "instance_name")


def has_a_status(machine: Machine) -> Problem | None:
    """Its status is not empty."""
    return _not_empty(machine, "status")


def _not_empty(machine: Machine, name: str) -> Problem | None:
    if str(machine.get(name, "?")).strip():
        return None
    return Problem(f"`{name}` not to be empty", f"machine {shown(identity(machine))} has {shown(machine[name])}")


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
        return [part.strip() for part in value.split(",")] if value.strip() else []
    return list(value) if isinstance(value, list) else []


def _all_addresses(value: Any) -> bool:
    return bool(parts(value)) and all(map(is_address, parts(value)))
