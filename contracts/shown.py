"""What the success sample shows of the table: under which name a field stands, and which values it has."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .document import Document, Field

ALIKE = 0.8
"""The likeness of two names, of at most 1, from which on one may be the other misspelled."""


@dataclass(frozen=True, slots=True)
class Level:
    """The fields that the table gives one object of the answer, beside the objects that the sample shows for it."""

    fields: tuple[Field, ...]
    objects: tuple[Mapping[str, object], ...]

    @property
    def absent(self) -> tuple[Field, ...]:
        """Required fields that some object of the sample lacks."""
        return tuple(f for f in self.fields if f.required and any(f.name not in one for one in self.objects))

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names that the sample has and the table has not, in the sample's order."""
        known = {field.name for field in self.fields}
        return tuple(dict.fromkeys(name for one in self.objects for name in one if name not in known))

    @property
    def renamed(self) -> dict[str, str]:
        """Fields that the sample shows under another name, by the table's name."""
        left = list(self.unknown)
        pairs = {}
        for name in (field.name for field in self.absent):
            if candidates := [other for other in left if _alike(name, other)]:
                pairs[name] = max(candidates, key=lambda other: _likeness(name, other))
                left.remove(pairs[name])
        return pairs


def renamed(document: Document) -> dict[str, str]:
    """The fields that the success sample shows under another name: the table's name to the sample's."""
    return {name: other for level in levels(document) for name, other in level.renamed.items()}


def sampled(document: Document, field: Field) -> tuple[object, ...]:
    """The values that the success sample shows for a field, under whichever name."""
    name = renamed(document).get(field.name, field.name)
    level = next(level for level in levels(document) if field in level.fields)
    return tuple(one[name] for one in level.objects if name in one)


def kind(value: object) -> str:
    """The document's word for the type of a JSON value: "string", "int", "list", "dict", "bool", "float", "null"."""
    names = {str: "string", bool: "bool", int: "int", float: "float", list: "list", dict: "dict"}
    return names.get(type(value), "null")


def is_address(text: object) -> bool:
    """Whether something is the text of an IPv4 or IPv6 address."""
    try:
        ip_address(text if isinstance(text, str) else "")
    except ValueError:
        return False
    return True


def addresses(value: object) -> tuple[str, ...]:
    """The addresses that a comma-joined string or a list is made of; none where it holds anything else."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    stripped = [part.strip() if isinstance(part, str) else "" for part in parts]
    return tuple(stripped) if all(map(is_address, stripped)) else ()


def _alike(name: str, other: str) -> bool:
    return name.startswith(other) or other.startswith(name) or _likeness(name, other) >= ALIKE


@cache
def _likeness(name: str, other: str) -> float:
    return SequenceMatcher(None, name, other).ratio()


def levels(document: Document) -> tuple[Level, Level]:
    """The answer itself, and one machine of it."""
    return (
        Level(document.answer_fields, (document.success_sample.body,)),
        Level(document.machine_fields, document.machines),
    )
