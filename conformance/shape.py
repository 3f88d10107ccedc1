"""Shape: machines held against the schema that is derived from the response table, quickly for long lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import chain, islice
from operator import itemgetter
from typing import Any

import jsonschema_rs

from contracts import Document, derive, type_only
from contracts.shown import renamed

from .answer import identity
from .chunks import chunks
from .judgement import Problem

Schema = dict[str, Any]

MOST_PROBLEMS = 20
"""Bad machines of one list that are looked at for a message; what is wrong with more is wrong in the same ways."""


class Shape:
    """The types of a machine's fields under the readings known; of forms such as addresses it says nothing.

    ``plain`` are further schemas, for forms: machines that are valid by them too need not be looked at one by one.
    """

    def __init__(self, document: Document, readings: Mapping[str, str], plain: Sequence[Schema] = ()) -> None:
        self._names = {
            field.name: frozenset({field.name, renamed(document).get(field.name, field.name)})
            for field in document.machine_fields
        }
        self._integers = frozenset(field.name for field in document.machine_fields if field.type == "int")
        self._machine = type_only(derive(document, readings).vm)
        names = sorted(name for field in self._integers for name in self._names[field])
        self._integers_of = _values(names, frozenset(self._machine.get("required", ())))
        lists = {"type": "array", "items": reduce(_also, plain, self._machine)}
        # Patterns without looking around are all there are, and so none takes long, whatever a server sends.
        self._plain = jsonschema_rs.validator_for(lists, pattern_options=jsonschema_rs.RegexOptions())
        self._odd: dict[int, tuple[Sequence[Any], Sequence[Any]]] = {}

    def odd(self, machines: Sequence[Any]) -> Sequence[Any]:
        """The machines that are not plainly right, by types and forms, in one pass that is made once for a list."""
        key = id(machines)
        if key not in self._odd:
            self._odd[key] = (machines, tuple(self._not_plain(machines)))
        return self._odd[key][1]

    def _not_plain(self, machines: Sequence[Any]) -> Iterator[Any]:
        for chunk in chunks(machines):
            if not self._are_plain(list(chunk)):
                yield from (machine for machine in chunk if not self._are_plain([machine]))

    def _are_plain(self, machines: list[Any]) -> bool:
        try:
            return self._plain.is_valid(machines) and not self._have_fractions(machines)
        except UnicodeEncodeError:
            # Half of a surrogate pair is text to JSON and to Python, and not to the validator.
            return False

    def _have_fractions(self, machines: list[Any]) -> bool:
        # 4.0 is an integer to JSON Schema, and none to a caller whose language has types.
        return float in map(type, chain.from_iterable(map(self._integers_of, machines)))

    def problems(self, field: str, machines: Sequence[Any]) -> Iterator[Problem]:
        """What is wrong with one field of the machines, for the first few that have it wrong."""
        schema = self._of(field)
        validator = jsonschema_rs.validator_for(schema)
        parts = ((machine, _part(machine, self._names[field])) for machine in self.odd(machines))
        bad = (machine for machine, part in parts if not validator.is_valid(part) or self._is_fraction(field, part))
        for machine in islice(bad, MOST_PROBLEMS):
            yield _problem(field, self._names[field], schema, machine)

    def _is_fraction(self, field: str, part: Any) -> bool:
        return field in self._integers and any(type(part.get(name)) is float for name in self._names[field])

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


def _values(names: Sequence[str], required: frozenset[str]) -> Callable[[Any], Iterable[Any]]:
    """What gives the values that an object has under some names; quickly where it has to have them all."""
    if len(names) > 1 and required.issuperset(names):
        return itemgetter(*names)
    return lambda machine: [machine[name] for name in names if name in machine]


def _also(schema: Schema, plain: Schema) -> Schema:
    """A schema that asks of its properties also what another one asks, so that each is looked up once."""
    properties = dict(schema["properties"])
    for name, asked in plain["properties"].items():
        properties[name] = _both(properties.get(name, {}), asked)
    return {**schema, "properties": properties}


def _both(one: Schema, other: Schema) -> Schema:
    agree = all(one[word] == other[word] for word in one.keys() & other.keys())
    return {**one, **other} if agree else {"allOf": [one, other]}


def _part(machine: Any, names: frozenset[str]) -> Any:
    """A machine less the fields of other names, each half of a surrogate pair replaced by what can be encoded."""
    if not isinstance(machine, dict):
        return machine
    text = json.dumps({name: machine[name] for name in names & machine.keys()}, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"))


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
    text = passable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= 80 else f"{text[:77]}…"


def passable(text: str) -> str:
    """A text without halves of surrogate pairs, which no terminal shows and which pass between no processes.

    They are escaped, as JSON escapes them too.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
