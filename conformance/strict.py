"""Strict JSON (RFC 8259): a body's value, or what is wrong with its text; whatever the text is, never an exception."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

from . import collector
from .chunks import chunks

BOM = b"\xef\xbb\xbf"
NO_MARKS = bytes(set(range(256)) - set(b'[]{}:"'))
NO_MARKS_NOR_ESCAPES = bytes(set(NO_MARKS) - set(rb"\/bfnrtu"))
ESCAPED_MARK = re.compile(rb'\\["\\]')
TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
"""A text, or the beginning of one that never ends: it matches as far as it goes, so that nothing is tried twice."""
MARKED_TEXT = re.compile(rb'"[^"]*"')

CACHED_BODIES = 256
"""Distinct bodies kept parsed: snapshots of one list are many, distinct lists few."""

LONG = 1 << 20
"""Bytes of a body that hold so many objects that it takes long to look for cycles among them."""

DEEPEST = 100
"""Levels of nesting that are read; what reads and writes JSON here recurses into them."""

LONGEST_NUMBER = 2_000
"""Digits of a number that is read; about, since only a run of twice as many is sure to be noticed."""


LOOK = 200
"""Digits in a row that are no name, nor anything else that is common, and so worth a search for a number."""

LONG_NUMBER = re.compile(rb"[0-9]{%d}" % LONGEST_NUMBER)


@dataclass(frozen=True, slots=True)
class Json:
    """A body read as JSON: the value where there is one, and what is wrong with the text (RFC 8259)."""

    value: Any
    problem: str | None
    repeated_keys: tuple[tuple[str, bool], ...] = ()
    """Keys that one object has twice, each with whether its values differ."""


@functools.lru_cache(maxsize=CACHED_BODIES)
def read_json(body: bytes) -> Json:
    """Read a body as strict JSON; never raises."""
    if not body or body.isspace():
        return Json(None, "the body is empty")
    if body.startswith(BOM):
        return Json(None, "the body begins with a byte order mark, which RFC 8259 section 8.1 forbids")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Json(None, f"the body is not UTF-8: {error.reason} at byte {error.start}")
    marks = _marks(body)
    if problem := _beyond_limits(body, marks):
        return Json(None, problem)
    with collector.waiting():
        read = _read_text(text, members=marks.count(b":"))
        if len(body) > LONG:
            collector.overlook()
    return read


def _marks(body: bytes) -> bytes:
    """The brackets and colons of a JSON text, without those that stand within its strings."""
    if b'\\"' in body or b"\\\\" in body:
        # Whatever may stand behind a backslash stays, so that each still stands before its own.
        body = ESCAPED_MARK.sub(b"", body.translate(None, NO_MARKS_NOR_ESCAPES))
    # Most strings leave their two quotes alone, a time two colons besides; outside, no two colons are neighbours yet.
    marks = body.translate(None, NO_MARKS).replace(b'"::"', b"").replace(b'""', b"")
    return MARKED_TEXT.sub(b"", marks)


def _beyond_limits(body: bytes, marks: bytes) -> str | None:
    """What in a text no program reads (RFC 8259 section 9 leaves limits to each); looked for without parsing it."""
    # A run of digits twice as long as the way from one look to the next is looked into.
    blocks = (body[at : at + LOOK] for at in range(0, len(body) - LONGEST_NUMBER, LONGEST_NUMBER))
    if any(map(bytes.isdigit, blocks)) and LONG_NUMBER.search(TEXT.sub(b"", body)):
        return f"the body holds a number that no program reads: it has more than {LONGEST_NUMBER:,} digits"
    if _are_nested_beyond(marks.translate(None, b':"'), DEEPEST):
        return "the body is JSON nested deeper than any list of machines"
    return None


def _are_nested_beyond(brackets: bytes, most: int) -> bool:
    """Whether brackets stand deeper than so many in one another."""
    # What closes at once is struck out, level by level; a flat list of any length is gone after a few.
    while len(fewer := brackets.replace(b"[]", b"").replace(b"{}", b"")) < len(brackets):
        brackets, most = fewer, most - 1
        if most < 0:
            return True
    return max(accumulate(1 if one in b"[{" else -1 for one in brackets), default=0) > most


def _read_text(text: str, members: int) -> Json:
    """Read a text that has so many members in its objects, if it is JSON at all."""
    constants: list[str] = []
    try:
        value = json.loads(text, parse_constant=constants.append)
    except json.JSONDecodeError as error:
        other = " but markup" if text.lstrip().startswith("<") else ""
        return Json(None, f"the body is not JSON{other}: {error.msg} at line {error.lineno}, column {error.colno}")
    except ValueError as error:
        return Json(None, f"the body holds a number that no program reads: {error}")
    if constants:
        return Json(None, f"the body holds {constants[0]}, which JSON does not have")
    return Json(value, None, () if _holds(value, members) else tuple(_repeated(text)))


def _holds(value: Any, members: int) -> bool:
    """Whether the objects of a value have so many members; where some have them all, none of theirs is looked into."""
    level = [value]
    while level and members:
        for few in chunks(level):
            members -= sum(map(len, _objects(few)))
        if members:
            lists = (one for one in level if isinstance(one, list))
            level = [*chain(*lists, *map(dict.values, _objects(level)))]
    return not members


def _objects(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [one for one in values if isinstance(one, dict)]


def _repeated(text: str) -> Iterator[tuple[str, bool]]:
    """The keys that an object of a JSON text has twice; to be told every pair is what makes reading slow."""
    objects: list[list[tuple[str, Any]]] = []

    def paired(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        objects.append(pairs)
        return dict(pairs)

    json.loads(text, object_pairs_hook=paired)
    for pairs in objects:
        yield from _twice(pairs)


def _twice(pairs: list[tuple[str, Any]]) -> Iterator[tuple[str, bool]]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            yield key, seen[key] != value
        seen[key] = value
