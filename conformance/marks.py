"""Marks: where in an answer that stands which a finding speaks of.

A finding says what was expected and what was seen. What its words name, a machine, a member, a header, the status, a
value, a line and column, is looked for in the answer and marked there. Words that name nothing mark nothing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .answer import IDENTITY
from .layout import Line

LITERAL = r'"(?:[^"\\]|\\.)*"'
MACHINE = re.compile(rf"\bmachine ({LITERAL}|-?\d+)")
NAMED = re.compile(r"`([^`]+)`")
POSITION = re.compile(r"at line (\d+), column (\d+)\b")
HEADER = re.compile(r"\b(?:(?=[A-Z-]*[a-z])[A-Z][A-Za-z]*(?:-[A-Za-z]+)+|Allow|Date)\b")
"""A header's name; the letters of a form, such as YYYY-MM-DD, are none."""

STATUS = re.compile(r"^(?:an answer|no server error|a refusal|status \d|200 and )")
EACH = re.compile(r"\b(?:each|every) machine\b|`instance_id`")
SECRET = re.compile(r"\$[A-Z_]+")
HOLDING = ("[", "{", "[]", "{}", "[],", "{},")
"""How a line ends that opens the container of the machines, or shows it empty."""

LISTED = re.compile(r"with \d+ machines?\b")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status in words, headers, body in lines, and the body's text.

    ``misplaced`` says of machines in the body, by their number in it from 0, why they should not be there; ``missing``
    says which others should be.
    """

    status: str
    headers: Mapping[str, str]
    body: tuple[Line, ...]
    text: str
    misplaced: Mapping[int, str] = field(default_factory=dict)
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was expected, and what was seen."""

    expected: str
    seen: str

    @property
    def words(self) -> frozenset[str]:
        """Every word of both sides."""
        return frozenset(re.findall(r"[A-Za-z_][A-Za-z_0-9]*", f"{self.expected} {self.seen}"))

    @property
    def named(self) -> tuple[str, ...]:
        """The members that are named in backquotes."""
        return tuple(dict.fromkeys(NAMED.findall(f"{self.expected} {self.seen}")))

    @property
    def machines(self) -> frozenset[str]:
        """The ids of the machines that are named."""
        return frozenset(_plain(found) for found in MACHINE.findall(self.seen))

    @property
    def literals(self) -> frozenset[str]:
        """The texts that are quoted of what was seen."""
        return frozenset(filter(None, map(_plain, re.findall(LITERAL, self.seen)))) | self.secrets

    @property
    def secrets(self) -> frozenset[str]:
        """The secrets that are named, as they stand where one was found."""
        return frozenset(SECRET.findall(self.seen))


def _plain(literal: str) -> str:
    try:
        return str(json.loads(literal))
    except ValueError:
        return literal.strip('"')


def marked(answer: Answer, finding: Finding) -> list[Line]:
    """The answer's lines, from its status to the end of its body, those marked that the finding speaks of."""
    head = [Line(answer.status, wrong=bool(STATUS.search(finding.expected)))]
    return [*head, *_headers(answer.headers, finding), Line(""), *_body(answer, finding)]


def _headers(headers: Mapping[str, str], finding: Finding) -> Iterator[Line]:
    expected = {name.lower(): name for name in HEADER.findall(finding.expected)}
    spoken = expected.keys() | {name.lower() for name in HEADER.findall(finding.seen)}
    for name, value in headers.items():
        wrong = name.lower() in spoken or any(secret in value for secret in finding.secrets)
        yield Line(f"{name}: {value}", wrong=wrong)
    for name in sorted(expected.keys() - {name.lower() for name in headers}):
        yield Line(f"no {expected[name]}", wrong=True, absent=True)


def _body(answer: Answer, finding: Finding) -> list[Line]:
    wrong = _position(answer, finding) or _in_machines(answer.body, finding) or _in_envelope(answer.body, finding)
    wrong = {**_misplaced(answer), **wrong} or _quoted(answer, finding)
    lines = list(answer.body)
    for number in sorted(wrong, reverse=True):
        here = [mark for mark in wrong[number] if not mark.absent]
        if here:
            lines[number] = replace(lines[number], wrong=True, note=here[0].note)
        lines[number + 1 : number + 1] = [mark for mark in wrong[number] if mark.absent]
    return lines


Marks = Mapping[int, Sequence[Line]]
"""By the number of a line: itself as marked, and what is absent behind it."""


def _position(answer: Answer, finding: Finding) -> Marks:
    """The place at which reading ended, where the finding tells one."""
    if answer.text.startswith("\ufeff") and "byte order mark" in finding.seen:
        return {0: [Line("", note="a byte order mark before it")]}
    found = POSITION.search(finding.seen)
    if not found:
        return {}
    row, column = int(found[1]), int(found[2])
    before = answer.text.split("\n")[: row - 1]
    at = sum(len(line) + 1 for line in before) + column - 1
    around = (number for number, line in enumerate(answer.body) if line.stop > at)
    number = next(around, len(answer.body) - 1)
    return {number: [Line("", note="no JSON from here on")]} if answer.body else {}


def _in_machines(body: Sequence[Line], finding: Finding) -> Marks:
    """The members of the machines named that are named too; those that are not there, and else the machine's id."""
    marks: dict[int, list[Line]] = {}
    ids = {line.within: number for number, line in enumerate(body) if _is_id(line) and line.value in finding.machines}
    for within, at in ids.items():
        members = {line.key: number for number, line in enumerate(body) if line.within == within and line.key}
        found = [name for name in members if name in finding.words and name != IDENTITY]
        missing = [name for name in finding.named if name not in members] if not found else []
        for name in found:
            marks[members[name]] = [Line("")]
        if not found:
            marks[at] = [Line(""), *(_absent(name, body[at].indent) for name in missing)]
    return marks


def _is_id(line: Line) -> bool:
    return line.key == IDENTITY


def _absent(name: str, indent: int) -> Line:
    return Line(f"no {name}", indent=indent, wrong=True, absent=True)


def _in_envelope(body: Sequence[Line], finding: Finding) -> Marks:
    """The members named of the outermost object, those that are not there, and what lists machines where none may."""
    if not body or not body[0].text.startswith("{"):
        return {}
    marks: dict[int, list[Line]] = {}
    outer = {line.key: number for number, line in enumerate(body) if line.within == 1 and line.key}
    for name in finding.named:
        if name in outer:
            marks[outer[name]] = [Line("")]
        elif not EACH.search(finding.expected):
            marks.setdefault(0, []).append(_absent(name, 1))
    if LISTED.search(finding.seen):
        opened = (number for number in outer.values() if body[number].text.endswith(("[", "{")))
        marks.update({number: [Line("", note="machines are listed")] for number in opened})
    return marks


def _misplaced(answer: Answer) -> Marks:
    ids = [number for number, line in enumerate(answer.body) if _is_id(line)]
    marks = {ids[number]: [Line("", note=why)] for number, why in answer.misplaced.items() if number < len(ids)}
    holds = (n for n, line in enumerate(answer.body) if line.within == 1 and line.key and line.text.endswith(HOLDING))
    if answer.missing and (container := next(holds, None)) is not None:
        marks[container] = [Line(answer.missing, indent=answer.body[container].indent + 1, wrong=True, absent=True)]
    return marks


def _quoted(answer: Answer, finding: Finding) -> Marks:
    """Values that the finding quotes, keys that it quotes and that stand twice; or else the lines with its words."""
    literals = finding.literals
    times = Counter((line.within, line.key) for line in answer.body)
    exact = [
        number
        for number, line in enumerate(answer.body)
        if line.value in literals or (line.key in literals and times[line.within, line.key] > 1)
    ]
    if not exact:
        places = [(at, at + len(one)) for one in literals if (at := answer.text.find(one)) >= 0]
        exact = [
            number
            for number, line in enumerate(answer.body)
            if any(line.start < stop and start < line.stop for start, stop in places)
        ]
    return {number: [Line("")] for number in exact}
