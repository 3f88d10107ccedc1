"""Shape: machines held against the schema that is derived from the response table, quickly for long lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from contracts import Document, derive, type_only
from contracts.lint import renamed

from .answer import identity
from .judgement import Problem

Schema = dict[str, Any]

MOST_PROBLEMS = 20
"""Bad machines of one list that are looked at for a message; what is wrong with more is wrong in the same ways."""


class Shape:
    """The types of a machine's fields under the readings known; of forms such as addresses it says nothing."""

    def __init__(self, document: Document, readings: Mapping[str, str]) -> None:
        self._names = {
            field.name: frozenset({field.name, renamed(document).get(field.name, field.name)})
            for field in document.machine_fields
        }
        self._machine = type_only(derive(document, readings).vm)
        self._list = jsonschema_rs.validator_for({"type": "array", "items": self._machine})
        self._conforming: dict[int, tuple[Sequence[Any], bool]] = {}

    def all_conform(self, machines: Sequence[Any]) -> bool:
        """Whether every machine is as the table says, in one pass that is made once for a list."""
        key = id(machines)
        if key not in self._conforming:
            self._conforming[key] = (machines, self._list.is_valid(list(machines)))
        return self._conforming[key][1]

    def problems(self, field: str, machines: Sequence[Any]) -> Iterator[Problem]:
        """What is wrong with one field of the machines, for the first few that have it wrong."""
        schema = self._of(field)
        validator = jsonschema_rs.validator_for(schema)
        bad = (machine for machine in machines if not validator.is_valid(machine))
        for machine, _ in zip(bad, range(MOST_PROBLEMS), strict=False):
            yield _problem(field, self._names[field], schema, machine)

    def _of(self, field: str) -> Schema:
        """The part of a machine's schema that is about one row of the table, under whichever of its names."""
        names = self._names[field]
        choices = [self._machine, *self._machine.get("allOf", ())]
        either = [one["anyOf"] for one in choices if "anyOf" in one and _required(one["anyOf"]) <= names]
        return {
            "type": "object",
            "properties": {name: one for name, one in self._machine["properties"].items() if name in names},
            "required": [name for name in self._machine.get("required", ()) if name in names],
            **({"anyOf": either[0]} if either else {}),
        }


def _required(branches: Sequence[Schema]) -> set[str]:
    return {name for branch in branches for name in branch.get("required", ())}


def _problem(field: str, names: frozenset[str], schema: Schema, machine: Any) -> Problem:
    if not isinstance(machine, dict):
        return Problem(f"an object for each machine, with `{field}` in it", f"came {shown(machine)}", kind="no object")
    present = {name: machine[name] for name in sorted(names) if name in machine}
    required = schema["required"] or sorted(_required(schema.get("anyOf", ()))) or [field]
    missing = [name for name in schema["required"] if name not in present] or ([] if present else required)
    if missing:
        expected = " and ".join(f"`{name}`" for name in schema["required"]) or " or ".join(
            f"`{name}`" for name in required
        )
        return Problem(f"{expected} in every machine", f"machine {shown(identity(machine))} has none", kind="missing")
    values = ", ".join(f"{name} = {shown(value)}" for name, value in present.items())
    types = " or ".join(dict.fromkeys(_types(schema["properties"][name]) for name in present))
    kinds = " and ".join(dict.fromkeys(type(value).__name__ for value in present.values()))
    return Problem(f"`{field}` to be {types}", f"machine {shown(identity(machine))} has {values}", kind=f"type {kinds}")


def _types(schema: Schema) -> str:
    """The types that a schema allows, for a reader."""
    if "anyOf" in schema:
        return " or ".join(_types(one) for one in schema["anyOf"])
    named = str(schema.get("type", "anything"))
    return f"{named} of {_types(schema['items'])}s" if "items" in schema else named


def shown(value: Any) -> str:
    """A value of an answer for a reader: as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"
