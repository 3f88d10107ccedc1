"""Where a contract document contradicts itself: rules over its model, none of which knows the document's words.

A rule yields each contradiction with both of its places. Edit the contradiction away and the rule is silent.
"""

from __future__ import annotations

import functools
import json
import re
import shlex
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .place import Place
from .shown import addresses, kind, levels, renamed, sampled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Document, Parameter
    from .samples import AnswerSample

INTEGER = re.compile(r"[+-]?[0-9]+")
NAMED_VALUE = re.compile(r"\b(?P<name>[A-Za-z]\w*)\s+'(?P<value>[^']+)'")
LISTED = {
    "list": re.compile(r"\b(?:list|array)\b|列表|数组", re.IGNORECASE),
    "dict": re.compile(r"\b(?:dict|dictionary|map)\b|字典", re.IGNORECASE),
}
SEVERAL = re.compile(r"\b(?:lists?|arrays?|sets?|several|commas?)\b|列表|数组|集合|多个|逗号", re.IGNORECASE)
MACHINES = {
    "virtual": re.compile(r"\bvirtual (?:machine|server)|\bVMs?\b|虚拟机", re.IGNORECASE),
    "physical": re.compile(r"\bphysical (?:machine|server)|\bbare[- ]metal\b|物理机", re.IGNORECASE),
}

FEW = 4
"""Documents whose contradictions are kept found: a run has one, and asks many times which readings are open."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two places of a document that cannot both be right.

    `id` stays the same for as long as the document says the same two things, in whatever language; `sides` are those
    two things in a word each.
    """

    id: str
    sides: tuple[str, str]
    sentence: str
    places: tuple[Place, Place]


@functools.lru_cache(maxsize=FEW)
def lint(document: Document) -> tuple[Contradiction, ...]:
    """Every contradiction that the rules find, rule by rule, each rule in the order of the text, each id once."""
    found: dict[str, Contradiction] = {}
    for rule in RULES:
        for one in rule(document):
            found.setdefault(one.id, one)
    return tuple(found.values())


def _names(document: Document) -> Iterator[Contradiction]:
    """Fields that table and success sample do not share, or name differently."""
    for level in levels(document):
        for name, other in level.renamed.items():
            yield Contradiction(
                f"renamed:{name}/{other}",
                (name, other),
                f"The table calls it {name}, the sample {other}.",
                (document.at("response table", name, "name"), document.success_sample.line(other)),
            )
        for name in (field.name for field in level.absent if field.name not in level.renamed):
            yield Contradiction(
                f"not-in-sample:{name}",
                ("in the table", "not in the sample"),
                f"The table has {name}, the success sample has not.",
                (document.at("response table", name, "name"), document.success_sample.place),
            )
        for name in (name for name in level.unknown if name not in level.renamed.values()):
            yield Contradiction(
                f"not-in-table:{name}",
                ("not in the table", "in the sample"),
                f"The success sample has {name}, the table has not.",
                (document.at("response table", column="name"), document.success_sample.line(name)),
            )


def _types(document: Document) -> Iterator[Contradiction]:
    """Types that the table gives and the success sample does not show."""
    for field in document.fields:
        name = renamed(document).get(field.name, field.name)
        misfits = [kind(value) for value in sampled(document, field) if not _fits(field.type, kind(value))]
        if misfits:
            yield Contradiction(
                f"type:{field.name}",
                (field.type, misfits[0]),
                f"In the table {field.name} is of type {field.type}, in the sample of type {misfits[0]}.",
                (field.cells["type"], document.success_sample.line(name)),
            )


def _fits(expected: str, actual: str) -> bool:
    return actual == expected or (expected, actual) == ("float", "int")


def _prose(document: Document) -> Iterator[Contradiction]:
    """Descriptions that say otherwise than the type beside them, or than the sample's value."""
    for field in document.fields:
        cell = field.cells["description"]
        for word, pattern in LISTED.items():
            if field.type in LISTED and field.type != word and pattern.search(cell.text):
                yield Contradiction(
                    f"type-in-prose:{field.name}",
                    (field.type, word),
                    f"The type of {field.name} is {field.type}, its description speaks of a {word}.",
                    (field.cells["type"], cell),
                )
        several = any(len(addresses(value)) > 1 for value in sampled(document, field))
        if field.type == "string" and several and not SEVERAL.search(cell.text):
            yield Contradiction(
                f"several:{field.name}",
                ("one", "several"),
                f"The table describes one value of {field.name}, the sample joins several with commas.",
                (cell, document.success_sample.line(renamed(document).get(field.name, field.name))),
            )


def _machines(document: Document) -> Iterator[Contradiction]:
    """Places that speak of another kind of machine than the title, or the first place that names one, does."""
    speaking = [(place, _machine(place.text)) for place in document.places if "sample" not in place.table]
    named = [(place, machine) for place, machine in speaking if machine]
    for place, machine in named[1:]:
        first, usual = named[0]
        if machine != usual:
            row = f":{place.row}" if place.table in ("request table", "response table") else ""
            yield Contradiction(
                f"machine-kind:{_slug(place.table)}{row}",
                (usual, machine),
                f"The {first.table} speaks of {usual} machines, the {place.table} of {machine} ones.",
                (first, place),
            )


def _machine(text: str) -> str:
    kinds = [machine for machine, pattern in MACHINES.items() if pattern.search(text)]
    return kinds[0] if len(kinds) == 1 else ""


def _request(document: Document) -> Iterator[Contradiction]:
    """Parameters that request table and sample request do not share, or whose value is not of the type."""
    query = dict(document.request_sample.query)
    url = document.request_sample.line("URL")
    for parameter in document.parameters:
        if parameter.required and parameter.name not in query:
            yield Contradiction(
                f"not-in-request-sample:{parameter.name}",
                ("required", "not sent"),
                f"The table requires {parameter.name}, the sample request does not send it.",
                (parameter.cells["name"], url),
            )
        if parameter.type == "int" and not INTEGER.fullmatch(query.get(parameter.name, "0")):
            yield Contradiction(
                f"request-type:{parameter.name}",
                (parameter.type, "string"),
                f"In the table {parameter.name} is of type int, the sample request sends another.",
                (parameter.cells["type"], url),
            )
    for name in query:
        if not document.parameter(name):
            yield Contradiction(
                f"not-in-request-table:{name}",
                ("not in the table", "sent"),
                f"The sample request sends {name}, the table has no such parameter.",
                (document.at("request table", column="name"), url),
            )


def _headers(document: Document) -> Iterator[Contradiction]:
    """Headers that the sample request sends and nothing else on the page speaks of."""
    said = " ".join(place.text for place in document.places if "sample" not in place.table).casefold()
    for name, _ in document.request_sample.headers:
        if name.casefold() not in said:
            yield Contradiction(
                f"undocumented-header:{name}",
                ("not described", "sent"),
                f"The sample request sends {name}, which no table or sentence describes.",
                (document.at("request table", column="name"), document.request_sample.line(name)),
            )


def _curl(document: Document) -> Iterator[Contradiction]:
    """The line at which a shell takes the curl command for finished although it goes on."""
    lines = document.request_sample.lines
    for number, (line, following) in enumerate(pairwise(lines), 1):
        if _complete("\n".join(one.text for one in lines[:number])):
            yield Contradiction(
                "curl-continuation",
                ("ends", "goes on"),
                "The curl command goes on, but the line before has no backslash: a shell runs it in two halves.",
                (line, following),
            )
            return


def _complete(command: str) -> bool:
    """Whether a shell would run the command as it is, waiting for no closing quote and no next line."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def _operation(document: Document) -> Iterator[Contradiction]:
    """Method and address as the operation table, the resource table, the entry point and the sample have them."""
    operation, resource, sample = document.operation, document.resource, document.request_sample
    if resource:
        for column, said, other in (
            ("method", operation.method, resource.method),
            ("path", operation.path, resource.path),
        ):
            if said != other:
                yield Contradiction(
                    f"{column}:resource-table",
                    (said, other),
                    f"The operation's {column} is {said}, in the table of resources it is {other}.",
                    (operation.cells[column], resource.cells[column]),
                )
    entry = urlsplit(document.entry_point.rstrip("/") + operation.path)
    asked = urlsplit(sample.url)
    for column, said, other, place in (
        ("method", operation.method, sample.method, operation.cells["method"]),
        ("path", entry.path, asked.path, operation.cells["path"]),
        ("origin", _origin(document.entry_point), _origin(sample.url), document.at("entry point")),
    ):
        if said != other:
            yield Contradiction(
                f"{column}:request-sample",
                (said, other),
                f"The {column} is {said}, the sample request asks {other}.",
                (place, document.request_sample.line("URL")),
            )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _entry_point(document: Document) -> Iterator[Contradiction]:
    """An entry point that does not fit what is put behind it or sent to it."""
    entry = document.at("entry point")
    if document.entry_point.endswith("/"):
        yield Contradiction(
            "entry-point-slash",
            ("/", "/"),
            "The entry point ends with the slash with which the path begins: put together there are two.",
            (entry, document.operation.cells["path"]),
        )
    if urlsplit(document.entry_point).scheme == "http":
        yield Contradiction(
            "plain-http",
            ("http", "secret"),
            "The entry point is plain http, and every request to it carries a secret token for all to read.",
            (entry, document.request_sample.line(document.token_header)),
        )


def _answers(document: Document) -> Iterator[Contradiction]:
    """Samples of answers whose head does not fit the body, or the head of the sample before."""
    for answer in document.answers:
        head, body = answer.lines[0], _body(answer)
        name = _slug(answer.place.table)
        length = answer.header("Content-Length")
        if length is not None and length not in _lengths(answer):
            yield _length(answer, length, body)
        media = answer.header("Content-Type")
        if media is None or "json" not in media.lower():
            yield Contradiction(
                f"content-type:{name}",
                (media or "none", "json"),
                f"The {answer.place.table} has a JSON body and {media or 'no'} Content-Type.",
                (head, body),
            )
        if not answer.parted:
            yield Contradiction(
                f"empty-line:{name}",
                ("head", "body"),
                f"No empty line parts the head of the {answer.place.table} from its body, so that it is no HTTP.",
                (head, body),
            )
    for before, after in pairwise(document.answers):
        if before.version != after.version:
            yield Contradiction(
                f"http-version:{_slug(after.place.table)}",
                (before.version, after.version),
                f"The {before.place.table} is HTTP/{before.version}, the {after.place.table} HTTP/{after.version}.",
                (before.lines[0], after.lines[0]),
            )


def _length(answer: AnswerSample, length: str, body: Place) -> Contradiction:
    shown = len(answer.text.encode())
    compact = len(json.dumps(answer.body, separators=(",", ":"), ensure_ascii=False).encode())
    line = next(line for line in answer.lines if line.row.lower() == "content-length")
    return Contradiction(
        f"content-length:{_slug(answer.place.table)}",
        (length, str(shown)),
        f"Content-Length is {length}; the body has {shown} bytes as it is shown and {compact} at its most compact, "
        f"and no usual way of writing it has {length}.",
        (line, body),
    )


def _lengths(answer: AnswerSample) -> frozenset[str]:
    """The lengths in bytes of the body as shown and as JSON is usually written, with or without a last newline."""
    ways = product((None, 1, 2, 3, 4), ((",", ":"), (", ", ": "), (",", ": ")), (True, False))
    written = (
        json.dumps(answer.body, indent=indent, separators=separators, ensure_ascii=ascii_only)
        for indent, separators, ascii_only in ways
    )
    texts = (answer.text, answer.text.replace("\n", "\r\n"), *written)
    return frozenset(str(len(text.encode()) + newline) for text in texts for newline in (0, 1))


def _body(answer: AnswerSample) -> Place:
    return answer.lines[1 + len(answer.headers)]


def _errors(document: Document) -> Iterator[Contradiction]:
    """Errors whose members or words do not fit the tables."""
    for answer in (answer for answer in document.answers if answer.status >= 400):
        for name, value in answer.body.items():
            field = document.field(name)
            place = answer.line(name)
            where = f"{_slug(answer.place.table)}:{name}"
            if field is None:
                yield Contradiction(
                    f"not-in-table:{where}",
                    ("not in the table", "in the sample"),
                    f"The {answer.place.table} has {name}, the table has not.",
                    (document.at("response table", column="name"), place),
                )
            elif not _fits(field.type, kind(value)):
                yield Contradiction(
                    f"type:{where}",
                    (field.type, kind(value)),
                    f"In the table {name} is of type {field.type}, in the {answer.place.table} of type {kind(value)}.",
                    (field.cells["type"], place),
                )
            elif isinstance(value, int) and 400 <= value < 600 and value != answer.status:
                yield Contradiction(
                    f"status:{where}",
                    (str(answer.status), str(value)),
                    f"The status of the {answer.place.table} is {answer.status}, its {name} is {value}.",
                    (answer.lines[0], place),
                )


def _identifiers(document: Document) -> Iterator[Contradiction]:
    """Values of one name that errors quote, and that are not of one length."""
    for name, (first, *others) in _quoted(document).items():
        if other := next((other for other in others if len(other.text) != len(first.text)), None):
            yield Contradiction(
                f"id-length:{name}",
                (str(len(first.text)), str(len(other.text))),
                f"One {name} has {len(first.text)} characters, the other {len(other.text)}.",
                (first, other),
            )


def _error_names(document: Document) -> Iterator[Contradiction]:
    """Names in errors that no table has, against the parameter that they must mean and its value."""
    query = dict(document.request_sample.query)
    for name, quoted in _quoted(document).items():
        if document.parameter(name) or document.field(name) or not (meant := _meant(document, name)):
            continue
        yield Contradiction(
            f"error-names:{meant.name}/{name}",
            (meant.name, name),
            f"The request table calls it {meant.name}, the error sample {name}.",
            (meant.cells["name"], quoted[0]),
        )
        sent = query.get(meant.name, "")
        lengths = [len(place.text) for place in quoted]
        if sent and len(sent) not in lengths:
            yield Contradiction(
                f"id-length:{meant.name}/{name}",
                (str(len(sent)), str(lengths[0])),
                f"The sample request's {meant.name} has {len(sent)} characters, the error's {name} {lengths[0]}.",
                (document.request_sample.line("URL"), quoted[0]),
            )


def _quoted(document: Document) -> dict[str, list[Place]]:
    """The values quoted in errors behind a name, as in "tenant_id '42'", by that name."""
    found: dict[str, list[Place]] = {}
    for answer in (answer for answer in document.answers if answer.status >= 400):
        for member, value in answer.body.items():
            line = answer.line(member)
            for match in NAMED_VALUE.finditer(value if isinstance(value, str) else ""):
                place = Place(line.section, line.table, line.row, "", line.line, match["value"])
                found.setdefault(match["name"], []).append(place)
    return found


def _meant(document: Document, name: str) -> Parameter | None:
    """The parameter that ends with the same word as a name that is none."""
    word = name.rpartition("_")[2]
    return next((known for known in document.parameters if known.name.rpartition("_")[2] == word), None)


def _slug(text: str) -> str:
    return text.replace(" ", "-")


RULES = (
    _machines,
    _operation,
    _entry_point,
    _request,
    _headers,
    _curl,
    _names,
    _types,
    _prose,
    _answers,
    _errors,
    _identifiers,
    _error_names,
)
