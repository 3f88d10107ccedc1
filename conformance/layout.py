"""Layout: an answer's text in lines for a reader, JSON a member to a line, every character as it was sent.

Nothing is parsed into values and written anew: a key that stands twice, an odd number and a body that breaks off are
what a reader of a report has come to see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)

LONGEST_ROW = 80
"""Characters of an array of plain values that stands on one line."""

LONGEST_LINE = 400
"""Characters of one line that are shown."""

DEEPEST = 12
"""Steps of indentation; what is nested deeper is not moved further to the right."""

CACHED = 64
"""Distinct bodies kept laid out: one list is the answer to many requests."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an answer.

    ``start`` and ``stop`` are its place in the text. In JSON, ``key`` is the member's name that it begins with,
    ``value`` the plain value that it ends with, ``within`` the number of the object that it belongs to, counted from 1
    as they open. ``wrong`` says that a finding speaks of it, ``note`` what, and ``absent`` that it stands for
    something that is not there.
    """

    text: str
    start: int = 0
    stop: int = 0
    indent: int = 0
    key: str | None = None
    value: str | None = None
    within: int = 0
    wrong: bool = False
    note: str = ""
    absent: bool = False


@lru_cache(maxsize=CACHED)
def laid_out(text: str) -> tuple[Line, ...]:
    """The lines of a body."""
    if not text:
        return ()
    if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        return tuple(_Json(text).lines())
    return tuple(_plain(text))


def _plain(text: str) -> Iterator[Line]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield Line(line.rstrip("\r\n"), start, start + len(line))
        start += len(line)


class _Json:
    """Text that means to be JSON, read token by token, whatever else it is."""

    def __init__(self, text: str) -> None:
        self._tokens = [(found[0], found.start(), found.end()) for found in TOKEN.finditer(text)]
        self._open: list[int] = []
        self._objects = 0
        self._line: list[tuple[str, int, int]] = []

    def lines(self) -> Iterator[Line]:
        position = 0
        while position < len(self._tokens):
            token = self._tokens[position]
            row = self._row(position) if token[0] == "[" else []
            if row:
                self._line.append((_joined(row), row[0][1], row[-1][2]))
                position += len(row)
                continue
            yield from self._take(token, self._tokens[position + 1 : position + 2])
            position += 1
        yield from self._flush()

    def _take(self, token: tuple[str, int, int], following: Sequence[tuple[str, int, int]]) -> Iterator[Line]:
        mark = token[0]
        if mark in {"}", "]"}:
            if not self._closes_at_once(mark):
                yield from self._flush()
            del self._open[-1:]
            self._line.append(token)
        elif mark in {"{", "["}:
            self._line.append(token)
            empty = bool(following) and following[0][0] == {"{": "}", "[": "]"}[mark]
            within = self._open[-1] if self._open else 0
            if not empty:
                yield from self._flush()
            self._objects += mark == "{"
            self._open.append(self._objects if mark == "{" else within)
        else:
            self._line.append(token)
            if mark == ",":
                yield from self._flush()

    def _closes_at_once(self, mark: str) -> bool:
        return bool(self._line) and self._line[-1][0] == {"}": "{", "]": "["}[mark]

    def _row(self, start: int) -> list[tuple[str, int, int]]:
        """The tokens of a short array of plain values that begins here; none where it is no such array."""
        size, row = 0, self._tokens[start : start + 1]
        for token in self._tokens[start + 1 :]:
            size += len(token[0]) + 1
            row.append(token)
            if token[0] == "]":
                return row
            if size > LONGEST_ROW or token[0] in {"{", "[", "}", ":"}:
                break
        return []

    def _flush(self) -> Iterator[Line]:
        if not self._line:
            return
        tokens, self._line = self._line, []
        named = len(tokens) > 1 and tokens[1][0] == ":"
        last = tokens[-2 if tokens[-1][0] == "," and len(tokens) > 1 else -1][0]
        yield Line(
            _joined(tokens),
            tokens[0][1],
            tokens[-1][2],
            min(len(self._open), DEEPEST),
            _decoded(tokens[0][0]) if named else None,
            None if last in set("{}[],:") else _decoded(last),
            self._open[-1] if self._open else 0,
        )


def _joined(tokens: Sequence[tuple[str, int, int]]) -> str:
    text = ""
    for token, _, _ in tokens:
        text += token if not text or token in {",", ":", "]", "}"} or text[-1] in "[{" else f" {token}"
    return text


def _decoded(token: str) -> str:
    """What a token of JSON says: a text without its quotes, anything else as it stands."""
    try:
        value = json.loads(token, strict=False)
    except ValueError:
        return token
    return value if isinstance(value, str) else token


# -- cutting


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines that are left out."""

    lines: int


def cut(lines: Sequence[Line], most: int, around: int, head: int, *, fill: bool) -> list[Line | Gap]:
    """So many of the lines at the most: the first few, those that are wrong with a few around each, in order.

    Where there is room for more and it is to be filled, more from the beginning.
    """
    wrong = [number for number, line in enumerate(lines) if line.wrong]
    near = (number + way for reach in range(around + 1) for number in wrong for way in (-reach, reach))
    rest = range(len(lines)) if fill else ()
    wanted = dict.fromkeys(number for number in (*range(head), *near, *rest) if 0 <= number < len(lines))
    return list(_with_gaps(lines, sorted([*wanted][:most])))


def _with_gaps(lines: Sequence[Line], kept: Sequence[int]) -> Iterator[Line | Gap]:
    after = 0
    for number in kept:
        if number > after:
            yield Gap(number - after)
        yield lines[number]
        after = number + 1
    if after < len(lines):
        yield Gap(len(lines) - after)


def shortened(lines: Iterable[Line | Gap]) -> Iterator[Line | Gap]:
    """The lines, of each no more than a reader takes in, with the cut said."""
    for line in lines:
        if isinstance(line, Line) and len(line.text) > LONGEST_LINE:
            left = len(line.text) - LONGEST_LINE
            yield replace(line, text=f"{line.text[:LONGEST_LINE]}… ({left:,} more characters in this line)")
        else:
            yield line


# -- showing


def visible(text: str) -> str:
    """A text in which what could not be seen, or would turn the text around, is written as its escape."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in "\n\t" else one.encode("unicode_escape").decode() for one in text)
