"""The samples of a contract document: the curl command that asks, and the raw HTTP answers."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from .place import DocumentError, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .page import Block, Line

Pairs = tuple[tuple[str, str], ...]

STATUS_LINE = re.compile(r"HTTP/(?P<version>\d(?:\.\d)?) (?P<status>[1-9]\d\d)(?: (?P<reason>.*))?")
HEADER = re.compile(r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(?P<value>.*)")
MEMBER = re.compile(r'\s*[\[{]?\s*"(?P<name>[^"]+)"\s*:')
TAKING_A_VALUE = {"-H": "header", "--header": "header", "-X": "method", "--request": "method", "--url": "url"}


@dataclass(frozen=True, slots=True)
class RequestSample:
    """The curl command: its method, its address taken apart, its headers in order; `place` holds all of its text."""

    method: str
    url: str
    path: str
    query: Pairs
    headers: Pairs
    place: Place
    lines: tuple[Place, ...]

    def line(self, row: str) -> Place:
        """The first line that sets a header or, for "URL", has the address; the whole sample where none shows it."""
        return _line(self.lines, row, "://" if row == "URL" else f"{row}:") or self.place


@dataclass(frozen=True, slots=True)
class AnswerSample:
    """A raw HTTP answer: status line, headers in order, the body as it stands and as the JSON that it is.

    `version` is "1.0" or alike. `parted` says whether an empty line parts the head from the body, as HTTP has it.
    """

    version: str
    status: int
    reason: str
    headers: Pairs
    text: str
    body: dict[str, object] = field(hash=False)
    parted: bool
    place: Place
    lines: tuple[Place, ...]

    def header(self, name: str) -> str | None:
        """The value of the first header of this name, in any case, or None."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)

    def line(self, row: str) -> Place:
        """The first line of a header or of a member of the body; the whole sample where none shows it."""
        return _line(self.lines, row, f'"{row}"') or self.place


def _line(lines: tuple[Place, ...], row: str, sign: str) -> Place | None:
    named = [line for line in lines if line.row == row]
    signed = [replace(line, row=row) for line in lines if sign in line.text]
    return next(iter(named + signed), None)


def read_request(block: Block, name: str) -> RequestSample:
    """Read a curl command. A line that lacks its backslash is read as continued: that is for lint to say.

    Raises DocumentError when the text is no curl command that asks one address.
    """
    start = block.lines[0].line
    where = "request sample"
    try:
        words = shlex.split(block.text.replace("\\\n", " "))
    except ValueError as error:
        raise DocumentError(name, start, f"the curl command cannot be read: {error}", where) from None
    if words[:1] != ["curl"]:
        raise DocumentError(name, start, "the request sample is no curl command", where)
    options = list(_options(words[1:]))
    urls = [value for option, value in options if option == "url"]
    if len(urls) != 1:
        raise DocumentError(name, start, f"the curl command has {len(urls)} addresses, not one", where)
    try:
        parts = urlsplit(urls[0])
    except ValueError as error:
        raise DocumentError(name, start, f"the address cannot be read: {error}", where) from None
    headers = []
    for value in (value for option, value in options if option == "header"):
        if not (match := HEADER.fullmatch(value)):
            raise DocumentError(name, start, f'"{value}" is no header', where)
        headers.append((match["name"], match["value"]))
    return RequestSample(
        method=next((value for option, value in options if option == "method"), "GET"),
        url=urls[0],
        path=parts.path,
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
        headers=tuple(headers),
        place=Place(block.section, where, "", "", start, block.text),
        lines=tuple(
            Place(block.section, where, _asked_on(line.text), "", line.line, line.text.strip())
            for line in block.lines
            if line.text.strip()
        ),
    )


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    rest = iter(words)
    for word in rest:
        if word in TAKING_A_VALUE:
            yield TAKING_A_VALUE[word], next(rest, "")
        elif word[:2] in TAKING_A_VALUE and not word.startswith("--"):
            yield TAKING_A_VALUE[word[:2]], word[2:]
        elif "://" in word:
            yield "url", word


def _asked_on(line: str) -> str:
    """What a line of the curl command is about: the header that it sets, or "URL"."""
    if header := re.search(r"""(?:-H|--header)\s*['"]?([^:'"]+):""", line):
        return header[1]
    return "URL" if "://" in line else "curl"


def read_answer(block: Block, table: str, name: str) -> AnswerSample:
    """Read a raw HTTP answer whose body is a JSON object; `table` is what to call it.

    Raises DocumentError, with the line, when it has no status line, or a head or body that cannot be read.
    """
    first, *others = block.lines
    if not (status := STATUS_LINE.fullmatch(first.text.strip())):
        raise DocumentError(name, first.line, "the sample does not begin with an HTTP status line", table)
    headers = list(_headers(others))
    rest = others[len(headers) :]
    lines = [line for line in rest if line.text.strip()]
    if not lines:
        raise DocumentError(name, first.line, "the sample has no body", table)
    start = lines[0].text.strip()
    if start[0] not in "{[":
        raise DocumentError(name, lines[0].line, f"neither a header nor JSON: {start}", table)
    text = "\n".join(line.text for line in rest).strip("\n")
    rows = ["status line", *(header for header, _ in headers), *(_member(line.text) for line in lines)]
    kept = [*block.lines[: 1 + len(headers)], *lines]
    return AnswerSample(
        version=status["version"],
        status=int(status["status"]),
        reason=status["reason"] or "",
        headers=tuple(headers),
        text=text,
        body=_body(text, lines[0].line, table, name),
        parted=not rest[0].text.strip(),
        place=Place(block.section, table, "", "", first.line, block.text),
        lines=tuple(
            Place(block.section, table, row, "", line.line, line.text.strip())
            for row, line in zip(rows, kept, strict=True)
        ),
    )


def _headers(lines: list[Line]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if not (match := HEADER.fullmatch(line.text.strip())):
            return
        yield match["name"], match["value"]


def _member(line: str) -> str:
    match = MEMBER.match(line)
    return match["name"] if match else "body"


def _body(text: str, start: int, table: str, name: str) -> dict[str, object]:
    try:
        body = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        # An escape may be half a character, which no UTF-8 has.
        json.dumps(body, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise DocumentError(name, start + error.lineno - 1, f"the body is not JSON: {error.msg}", table) from None
    except (ValueError, RecursionError) as error:
        raise DocumentError(name, start, f"the body is not JSON: {error}", table) from None
    if not isinstance(body, dict):
        raise DocumentError(name, start, "the body is no JSON object", table)
    return body


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f'the key "{twice[0]}" stands twice in one object')
    return dict(pairs)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")
