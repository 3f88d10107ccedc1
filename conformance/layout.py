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

# Possessive, so that a text which never ends is read once and not once for each of its characters.
UNCLOSED = r'"[^"\\]*+(?:\\.[^"\\]*+)*+'
TEXT = f'{UNCLOSED}"'
TOKEN = re.compile(
    # A whole member with a plain value, which is what most of a list of machines consists of.
    rf'(?P<key>{TEXT})\s*:\s*(?P<value>{TEXT}|[-+.\w]+)\s*(?P<end>,|(?=[}}\]]))|{UNCLOSED}"?|[{{}}\[\],:]|[^\s"{{}}\[\],:]+',
    re.DOTALL,
)

CLOSING = {"}": "{", "]": "["}
NOT_PLAIN = frozenset("{[}:")
PUNCTUATION = frozenset("{}[],:")

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


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    stop: int


class _Json:
    """Text that means to be JSON, read token by token, whatever else it is."""

    def __init__(self, text: str) -> None:
        self._tokens = list(TOKEN.finditer(text))
        self._open: list[int] = []
        self._objects = 0
        self._line: list[_Token] = []

    def lines(self) -> Iterator[Line]:
        position = 0
        while position < len(self._tokens):
            found = self._tokens[position]
            if found["key"]:
                yield from self._flush()
                yield self._member(found)
            elif row := self._row(position):
                self._line.append(_Token(_joined([one[0] for one in row]), found.start(), row[-1].end()))
                position += len(row) - 1
            else:
                yield from self._take(found, self._tokens[position + 1 : position + 2])
            position += 1
        yield from self._flush()

    def _member(self, found: re.Match[str]) -> Line:
        key, value, end = found.group("key", "value", "end")
        within = self._open[-1] if self._open else 0
        indent = min(len(self._open), DEEPEST)
        text = f"{key}: {value}{end}"
        return Line(text, found.start(), found.end(), indent, _decoded(key), _decoded(value), within)

    def _take(self, found: re.Match[str], following: Sequence[re.Match[str]]) -> Iterator[Line]:
        mark = found[0]
        token = _Token(mark, found.start(), found.end())
        if mark in CLOSING:
            if not (self._line and self._line[-1].text == CLOSING[mark]):
                yield from self._flush()
            del self._open[-1:]
            self._line.append(token)
            return
        self._line.append(token)
        if mark in CLOSING.values():
            closed_at_once = bool(following) and CLOSING.get(following[0][0]) == mark
            within = self._open[-1] if self._open else 0
            if not closed_at_once:
                yield from self._flush()
            self._objects += mark == "{"
            self._open.append(self._objects if mark == "{" else within)
        elif mark == ",":
            yield from self._flush()

    def _row(self, start: int) -> list[re.Match[str]]:
        """The tokens of a short array of plain values that begins here; none where it is no such array."""
        row = self._tokens[start : start + 1]
        if row[0][0] != "[":
            return []
        for token in self._tokens[start + 1 : start + LONGEST_ROW]:
            row.append(token)
            if token[0] == "]":
                return row if token.end() - row[0].start() <= LONGEST_ROW else []
            if token["key"] or token[0] in NOT_PLAIN:
                break
        return []

    def _flush(self) -> Iterator[Line]:
        if not self._line:
            return
        tokens, self._line = self._line, []
        texts = [token.text for token in tokens]
        named = len(texts) > 1 and texts[1] == ":"
        last = texts[-2 if texts[-1] == "," and len(texts) > 1 else -1]
        yield Line(
            _joined(texts),
            tokens[0].start,
            tokens[-1].stop,
            min(len(self._open), DEEPEST),
            _decoded(texts[0]) if named else None,
            None if last in PUNCTUATION or last.startswith("[") else _decoded(last),
            self._open[-1] if self._open else 0,
        )


def _joined(tokens: Sequence[str]) -> str:
    text = ""
    for token in tokens:
        text += token if not text or token in PUNCTUATION - {"{", "["} or text[-1] in "[{" else f" {token}"
    return text


def _decoded(token: str) -> str:
    """What a token of JSON says: a text without its quotes, anything else as it stands."""
    if not token.startswith('"'):
        return token
    if "\\" not in token:
        return token[1:].removesuffix('"')
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token


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
