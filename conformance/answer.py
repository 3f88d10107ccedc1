"""Answers read as the contract means them: lists of machines in either reading of `vm_servers`."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter, methodcaller
from typing import Any

from contracts import Document
from contracts.shown import renamed

from . import collector
from .chunks import chunks
from .exchange import Exchange
from .strict import Json, read_json

Machine = Mapping[str, Any]

IDENTITY = "instance_id"
"""The member that a machine is known by."""

CACHED_ANSWERS = 256
"""Distinct bodies kept read: snapshots of one list are many, distinct lists few."""

CACHED_COUNTS = 32
"""Distinct bodies whose records are kept counted, for those of long lists take room."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The document's words for a list: the member that holds the machines, and the members that it gives a machine."""

    container: str
    fields: frozenset[str]

    @classmethod
    def of(cls, document: Document) -> Terms:
        """The terms of a document, its fields by each of their names."""
        names = {field.name for field in document.machine_fields}
        return cls(document.container.name, frozenset({*names, *renamed(document).values()}))

    def record(self, machine: Any) -> Any:
        """What the document knows of a machine; what else stands in one may change as it likes."""
        if not isinstance(machine, dict) or IDENTITY not in machine or self.fields.issuperset(machine):
            return machine
        return {name: value for name, value in machine.items() if name in self.fields}

    def hashed(self, machine: Any) -> int:
        """A number that is the same for equal records."""
        return hash(json.dumps(self.record(machine), sort_keys=True))


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of machines as one answer gave it.

    ``machines`` are the objects in order, or in no order where ``shape`` is "dict". ``shape`` is "list" or "dict"; for
    an empty one it shows nothing about the reading. ``forms`` are how many of the objects have which members.
    """

    exchange: Exchange
    terms: Terms
    shape: str
    machines: tuple[Any, ...]
    forms: Mapping[tuple[str, ...], int]
    envelope: Mapping[str, Any]

    @property
    def are_objects(self) -> bool:
        """Whether each of the machines is an object."""
        return sum(self.forms.values()) == len(self.machines)

    @property
    def objects(self) -> Iterable[Machine]:
        """Those of the machines that are objects."""
        return self.machines if self.are_objects else filter(_is_object, self.machines)

    @property
    def ids(self) -> tuple[Any, ...]:
        """The `instance_id` of each machine; None for what has none."""
        if self.are_objects:
            plain = tuple(self.values(IDENTITY))
            if {*map(type, plain)} <= {str, int}:
                return plain
        return tuple(map(identity, self.machines))

    def values(self, member: str) -> Iterable[Any]:
        """What each of the objects has under a name; None for what has none."""
        named = all(member in form for form in self.forms)
        value = itemgetter(member) if named else methodcaller("get", member)
        return chain.from_iterable(map(value, few) for few in chunks(tuple(self.objects)))

    def __len__(self) -> int:
        return len(self.machines)

    def same_ids(self, other: Listing) -> bool:
        """Whether the same machines stand in it, whatever their records; in the same order where there is one."""
        return self.ids == other.ids or (not self.ordered and Counter(self.ids) == Counter(other.ids))

    def same_machines(self, other: Listing) -> bool:
        """Whether the same machines with the same records stand in it, in whatever order."""
        if len(self) != len(other):
            return False
        return self.machines == other.machines or self._records == other._records

    @property
    def _records(self) -> Mapping[int, int]:
        return _records(self.exchange.body, self.terms)

    @property
    def ordered(self) -> bool:
        """Whether its machines stand in an order: a dict's do not."""
        return self.shape == "list"


def identity(machine: Any) -> Any:
    """The id of a machine; None where it is no object, has none, or one that cannot be compared."""
    value = machine.get(IDENTITY) if isinstance(machine, dict) else None
    return value if isinstance(value, str | int) else None


@dataclass(frozen=True, slots=True)
class Reply:
    """An exchange read as the contract means it, in the document's terms."""

    exchange: Exchange
    terms: Terms

    @property
    def container(self) -> str:
        """The member that holds the machines."""
        return self.terms.container

    @property
    def status(self) -> int | None:
        """The status; None where there was no answer."""
        return self.exchange.status

    @property
    def json(self) -> Json:
        """The body read as strict JSON."""
        return read_json(self.exchange.body)

    @property
    def listing(self) -> Listing | None:
        """The list of machines that it gives, whatever its status says; None where it gives none."""
        shape, machines, forms = _held(self.exchange.body, self.container)
        return Listing(self.exchange, self.terms, shape, machines, forms, self.json.value) if shape else None

    @property
    def machines(self) -> tuple[Any, ...]:
        """The machines that it lists; none where it gives no list."""
        found = self.listing
        return found.machines if found else ()

    @property
    def records(self) -> Mapping[int, int]:
        """How often each record stands in it, by its hash."""
        return _records(self.exchange.body, self.terms)

    @property
    def is_list(self) -> bool:
        """Whether it is what a good request is owed: 200 and a list of machines, empty or not."""
        return self.status == 200 and self.listing is not None

    @property
    def refuses(self) -> bool:
        """Whether its status is one of the 4xx."""
        return self.status is not None and 400 <= self.status < 500

    @property
    def failed(self) -> bool:
        """Whether it says nothing of the request: there is no answer, a 5xx, or a wish to be left alone."""
        return self.status is None or self.status >= 500 or self.exchange.throttled

    @property
    def texts(self) -> Iterator[str]:
        """The body as text, and each text that its JSON holds, whose escapes are undone there."""
        yield self.exchange.body.decode("utf-8", "replace")
        yield from (value for value in self._values if isinstance(value, str))

    @property
    def objects(self) -> Iterator[Mapping[str, Any]]:
        """Each object that its JSON holds."""
        return (value for value in self._values if isinstance(value, dict))

    @property
    def _values(self) -> Iterator[Any]:
        """Each value that its JSON holds, at whatever depth."""
        held = [self.json.value]
        while held:
            value = held.pop()
            yield value
            if isinstance(value, dict | list):
                held += value.values() if isinstance(value, dict) else value

    @property
    def manner(self) -> str:
        """In which way it answers, in words that are the same for targets that do the same."""
        if self.status is None:
            return "no answer"
        if self.listing is None:
            return str(self.status)
        return f"{self.status} with {'machines' if self.machines else 'no machine'}"

    @property
    def came(self) -> str:
        """What came back, in a few words."""
        number = len(self.machines)
        return (
            f"{self.exchange.came} with {number} machine{'' if number == 1 else 's'}" if number else self.exchange.came
        )


@functools.lru_cache(maxsize=CACHED_ANSWERS)
def _held(body: bytes, container: str) -> tuple[str, tuple[Any, ...], Mapping[tuple[str, ...], int]]:
    """What the container holds: "list" or "dict", the machines and their forms; no word where it is no list of them."""
    with collector.waiting():
        envelope = read_json(body).value
        held = envelope.get(container) if isinstance(envelope, dict) else None
        if not isinstance(held, list | dict):
            return "", (), {}
        machines = tuple(held.values() if isinstance(held, dict) else held)
        return type(held).__name__, machines, _forms(machines)


def _forms(machines: tuple[Any, ...]) -> Mapping[tuple[str, ...], int]:
    """How many of the machines that are objects have which members."""
    if machines and _is_object(machines[0]) and _are_alike(machines):
        # Which is quicker to see than to count.
        return {tuple(machines[0]): len(machines)}
    return Counter(map(tuple, filter(_is_object, machines)))


def _are_alike(machines: tuple[Any, ...]) -> bool:
    """Whether all are objects with the members of the first."""
    names = {*machines[0]}
    return all(
        {*map(type, few)} == {dict} and {*map(len, few)} == {len(names)} and names.union(*few) == names
        for few in chunks(machines)
    )


def _is_object(machine: Any) -> bool:
    return isinstance(machine, dict)


@functools.lru_cache(maxsize=CACHED_COUNTS)
def _records(body: bytes, terms: Terms) -> Mapping[int, int]:
    """How often each record stands in a list, by its hash: the whole of it would take as much room as the list."""
    _, machines, _ = _held(body, terms.container)
    return Counter(map(terms.hashed, machines))
