"""How the contradictions of the document are settled: `readings.toml`, and which of its readings are open.

A contradiction counts as settled only while its two sides are the ones that were settled: a dict against an array is
one matter, a string against an array would be another.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .lint import lint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .document import Document
    from .lint import Contradiction

READINGS = Path(__file__).with_name("readings.toml")


class ReadingsError(ValueError):
    """A file of readings that cannot be understood; its text is one line that names the file."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A place that can be read in more than one way.

    `settles` are the ids of the contradictions that it leaves to the target; `needs` are the request parameters that
    a reading without a contradiction is about.
    """

    name: str
    values: tuple[str, ...]
    why: str
    settles: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """The sentence that settles a contradiction, and the two sides that it had then."""

    between: frozenset[str]
    says: str

    def covers(self, contradiction: Contradiction) -> bool:
        """Whether the contradiction still is between the same two sides."""
        return frozenset(contradiction.sides) == self.between


@dataclass(frozen=True, slots=True)
class Silence:
    """Something that the document leaves unsaid at a place, and what is done about it."""

    where: str
    asks: str
    says: str


@dataclass(frozen=True, slots=True)
class Register:
    """All of `readings.toml`: readings and settlements by name and id, silences in order."""

    readings: Mapping[str, Reading] = field(hash=False)
    settled: Mapping[str, Settlement] = field(hash=False)
    silences: tuple[Silence, ...]

    def open(self, document: Document) -> dict[str, Reading]:
        """The readings that a document leaves open, each with those of the contradictions it settles that are there.

        One is open when a contradiction that it settles is there as it was settled, or, where it settles none, when
        the parameters that it needs are there.
        """
        found = {one.id for one in lint(document) if self.settles(one)}
        return {
            name: replace(reading, settles=tuple(one for one in reading.settles if one in found))
            for name, reading in self.readings.items()
            if _open(reading, found, document)
        }

    def settles(self, contradiction: Contradiction) -> bool:
        """Whether a sentence settles the contradiction as it is."""
        settlement = self.settled.get(contradiction.id)
        return settlement is not None and settlement.covers(contradiction)

    def faults(self, document: Document) -> Iterator[str]:
        """A sentence, with places, for each contradiction that nothing settles and each entry that settles nothing."""
        found = {one.id: one for one in lint(document)}
        for one in found.values():
            if not self.settles(one):
                changed = "settled as another matter" if one.id in self.settled else "unsettled"
                yield f"{changed}: {one.id}: {one.sentence} {one.places[0]} against {one.places[1]}"
        for name in self.settled:
            if name not in found:
                yield f"stale: {name} is settled and no longer found"
        for silence in self.silences:
            if not document.has(silence.where):
                yield f"stale: a silence about {silence.where}, which is no longer there"


@functools.cache
def ours() -> Register:
    """`readings.toml` as it lies beside this module, read once."""
    return register()


def register(path: Path = READINGS) -> Register:
    """Read a file of readings; raises ReadingsError when it is missing or is not of that form."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReadingsError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReadingsError(f"{path}: not TOML: {error}") from None
    entries = _Entries(path, content)
    return Register(
        readings={
            name: Reading(
                name,
                entries.words(name, entry, "values"),
                entries.sentence(name, entry, "why"),
                entries.words(name, entry, "settles", ()),
                entries.words(name, entry, "needs", ()),
            )
            for name, entry in entries.named("readings")
        },
        settled={
            name: Settlement(
                frozenset(entries.words(name, entry, "between")),
                entries.sentence(name, entry, "says"),
            )
            for name, entry in entries.named("settled")
        },
        silences=tuple(
            Silence(*(entries.sentence("silences", entry, key) for key in ("where", "asks", "says")))
            for entry in entries.listed("silences")
        ),
    )


@dataclass(frozen=True, slots=True)
class _Entries:
    """The tables of a TOML file, whose values are of the type asked for or named in a ReadingsError."""

    path: Path
    content: dict[str, object]

    def named(self, kind: str) -> Iterator[tuple[str, object]]:
        table = self.content.get(kind, {})
        if not isinstance(table, dict):
            raise ReadingsError(f"{self.path}: {kind} is no table")
        yield from table.items()

    def listed(self, kind: str) -> Iterator[object]:
        table = self.content.get(kind, [])
        if not isinstance(table, list):
            raise ReadingsError(f"{self.path}: {kind} is no array of tables")
        yield from table

    def sentence(self, name: str, entry: object, key: str) -> str:
        value = entry.get(key) if isinstance(entry, dict) else None
        if not isinstance(value, str) or not value.strip():
            raise ReadingsError(f"{self.path}: {name} has no sentence {key}")
        return value

    def words(self, name: str, entry: object, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = entry.get(key, default) if isinstance(entry, dict) else None
        if not isinstance(value, (list, tuple)) or not all(isinstance(word, str) for word in value):
            raise ReadingsError(f"{self.path}: {name} has no list of words {key}")
        return tuple(value)


def readings(document: Document) -> dict[str, Reading]:
    """The readings that are open in a document, by name, in the order of `readings.toml`."""
    return ours().open(document)


def said(document: Document) -> dict[str, str]:
    """The readings about which a document leaves no choice, by name: its table says them, and no sample otherwise."""
    party, code = document.parameter("party"), document.field("code")
    values = {
        "vm_servers": document.container.type,
        "code": "present" if code else "",
        "party": "query" if party and party.required else "",
    }
    left_open = readings(document)
    return {name: value for name, value in values.items() if value and name not in left_open}


def _open(reading: Reading, found: set[str], document: Document) -> bool:
    if reading.settles:
        return not found.isdisjoint(reading.settles)
    return all(document.parameter(name) for name in reading.needs)
