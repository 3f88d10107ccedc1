"""The contract document: a page of tables and samples, read into the model of one HTTP operation.

A table is known by its headings, in English or Chinese, and the two tables of fields by the paragraph above them or
by the required and optional markers in their rows; where on the page they stand does not matter. A sample is
known by what it is: a curl command, or an HTTP answer of a status below or from 400.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .keeping import Keep, make_anew, maker
from .page import Page
from .place import DocumentError, Place, whole
from .samples import STATUS_LINE, AnswerSample, RequestSample, read_answer, read_request
from .tables import Row, labelled, marker, read_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .page import Block, Paragraph

__all__ = [
    "AnswerSample",
    "Document",
    "DocumentError",
    "Field",
    "Operation",
    "Parameter",
    "Place",
    "RequestSample",
    "parse",
    "read",
]

SAMPLE_LABELS = {
    "request sample": ("request sample", "request example", "请求样例", "请求示例"),
    "success sample": ("response sample", "response example", "success sample", "返回样例", "返回示例"),
    "error sample": ("error sample", "error response sample", "error example", "错误返回样例", "错误返回示例"),
}
ANSWERS = ("success sample", "error sample")
SUMMARY_LABELS = ("概要", "概述", "summary", "overview")
ENTRY_POINT = re.compile(r"(?:API\s*)?(?:入口|entry point)\s*[:：]\s*(?P<url>\S+)", re.IGNORECASE)

TYPES = {
    "string": ("string", "str", "字符串"),
    "int": ("int", "integer", "整数", "整型"),
    "list": ("list", "array", "列表", "数组"),
    "dict": ("dict", "object", "字典", "对象"),
    "bool": ("bool", "boolean", "布尔", "布尔值"),
    "float": ("float", "number", "浮点", "浮点数"),
}
TYPE_WORDS = {word: name for name, words in TYPES.items() for word in words}

PLACEHOLDER = re.compile(r"\{[^{}]+\}|<[^<>]+>|\$\w+|\$\{\w+\}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
STANDARD_HEADERS = frozenset({"accept", "accept-encoding", "content-length", "content-type", "host", "user-agent"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A row of the request table. `type` is one of the keys of TYPES; `cells` holds name, type and description."""

    name: str
    type: str
    required: bool
    description: str
    cells: Mapping[str, Place] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the response table; it is required unless its name is marked as optional."""

    name: str
    type: str
    description: str
    cells: Mapping[str, Place] = field(hash=False)
    required: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked: `method` in capitals, `path` from the slash on; `cells` holds method, path and description."""

    method: str
    path: str
    description: str
    cells: Mapping[str, Place] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Document:
    """One contract document, as its tables and samples have it.

    `name` is the file's name, `sha256` the digest of its text. `fields` are all rows of the response table, in order;
    `container` is the one whose value holds the machines. The fields beside it and itself are `answer_fields`, those of
    one machine `machine_fields`: the sample shows which is which, and where it does not, the rows below the container
    are the machine's. `places` are all cells, paragraphs, and lines of samples.
    """

    name: str
    sha256: str
    title: str
    summary: str
    entry_point: str
    operation: Operation
    resource: Operation | None
    parameters: tuple[Parameter, ...]
    fields: tuple[Field, ...]
    request_sample: RequestSample
    answers: tuple[AnswerSample, ...]
    container: Field
    answer_fields: tuple[Field, ...]
    machine_fields: tuple[Field, ...]
    token_header: str
    places: tuple[Place, ...]

    @property
    def words(self) -> frozenset[str]:
        """What it says itself: the names of its parameters and fields, and the texts of its places."""
        sampled = (name for machine in self.machines for name in machine)
        names = [*(one.name for one in self.parameters), *(one.name for one in self.fields), *sampled]
        return frozenset([*names, *(place.text for place in self.places)])

    @property
    def success_sample(self) -> AnswerSample:
        """The first sample of an answer with a status below 400."""
        return next(answer for answer in self.answers if answer.status < 400)

    @property
    def error_sample(self) -> AnswerSample:
        """The first sample of an answer with a status from 400."""
        return next(answer for answer in self.answers if answer.status >= 400)

    @property
    def machines(self) -> tuple[dict[str, object], ...]:
        """The machines of the success sample, without what held them."""
        return objects_in(self.success_sample.body.get(self.container.name))

    @property
    def agent_header(self) -> str | None:
        """The first header of the sample request that is neither the token's nor one of HTTP's own, or None."""
        others = STANDARD_HEADERS | {self.token_header.lower()}
        return next((name for name, _ in self.request_sample.headers if name.lower() not in others), None)

    @property
    def facts(self) -> dict[str, object]:
        """All that the document says apart from its prose, as JSON; equal for translations of one another."""
        sample = self.request_sample
        return {
            "entry_point": self.entry_point,
            "operation": {"method": self.operation.method, "path": self.operation.path},
            "parameters": [{"name": p.name, "type": p.type, "required": p.required} for p in self.parameters],
            "answer_fields": [{"name": f.name, "type": f.type, "required": f.required} for f in self.answer_fields],
            "machine_fields": [{"name": f.name, "type": f.type, "required": f.required} for f in self.machine_fields],
            "container": self.container.name,
            "token_header": self.token_header,
            "agent_header": self.agent_header,
            "request_sample": {
                "method": sample.method,
                "url": sample.url,
                "headers": [list(pair) for pair in sample.headers],
                "text": sample.place.text,
            },
            "answer_samples": [
                {
                    "version": answer.version,
                    "status": answer.status,
                    "reason": answer.reason,
                    "headers": [list(pair) for pair in answer.headers],
                    "body": answer.body,
                    "text": answer.place.text,
                }
                for answer in self.answers
            ],
        }

    def parameter(self, name: str) -> Parameter | None:
        """The request parameter of this name, or None."""
        return next((known for known in self.parameters if known.name == name), None)

    def field(self, name: str) -> Field | None:
        """The row of the response table of this name, or None."""
        return next((known for known in self.fields if known.name == name), None)

    def at(self, table: str, row: str = "", column: str = "") -> Place:
        """A cell, row, column or table, or a sample or a line of it, by the names that Place gives them.

        A line of a sample is also found by the member of the body, or the header, that stands on it. Raises KeyError
        when there is none.
        """
        samples: tuple[RequestSample | AnswerSample, ...] = (self.request_sample, *self.answers)
        for sample in samples:
            if sample.place.table == table and not column:
                line = sample.line(row) if row else sample.place
                if row in ("", line.row):
                    return line
        here = [place for place in self.places if place.table == table]
        return whole([place for place in here if row in ("", place.row) and column in ("", place.column)], row, column)

    def resolve(self, source: str) -> Place:
        """The place that a clause's source names: "success sample", "request table: t", "response table: code, type".

        Raises KeyError when the document has no such place.
        """
        table, _, rest = source.partition(":")
        row, _, column = rest.partition(",")
        try:
            return self.at(table.strip(), row.strip(), column.strip())
        except KeyError:
            raise KeyError(source) from None

    def has(self, source: str) -> bool:
        """Whether there is such a place."""
        try:
            self.resolve(source)
        except KeyError:
            return False
        return True


def read(path: Path, keep: Keep = make_anew) -> Document:
    """Read a contract document from a UTF-8 file; its page may be kept, for parsing it takes as long as all the rest.

    Raises DocumentError when the file is missing or is no such document.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DocumentError(str(path), None, f"cannot be read: {error.strerror}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentError(str(path), line, f"not UTF-8: byte 0x{content[error.start]:02x}") from None
    return parse(text, str(path), keep)


def parse(text: str, name: str, keep: Keep = make_anew) -> Document:
    """Read a contract document from its text; `name`, a file's, stands in the errors.

    Raises DocumentError, with the line and the cell, when it is no such document.
    """
    if "\0" in text:
        raise DocumentError(name, text.count("\n", 0, text.index("\0")) + 1, "not a text: it holds a NUL")
    page = _page(text, name, keep)
    if not page.titles:
        raise DocumentError(name, 1, "no title")
    prose = tuple(_prose(page, name))
    tables = read_tables(page, name)
    request, answers = _samples(page, name)
    success = next(answer for answer in answers if answer.status < 400)
    operation = _operation(_needed(tables, "operation table", name), name)
    fields = _fields(_needed(tables, "response table", name), name)
    container = _container(fields, success.body, name)
    answer_fields, machine_fields = _levels(fields, container, success.body)
    return Document(
        name=PurePath(name).name,
        sha256=sha256(text.encode()).hexdigest(),
        title=page.titles[0].text,
        summary=next((place.text for place in prose if place.table == "summary"), ""),
        entry_point=next(place.text for place in prose if place.table == "entry point"),
        operation=operation,
        resource=_resource(tables.get("resource table", ()), operation, name),
        parameters=_parameters(_needed(tables, "request table", name), name),
        fields=fields,
        request_sample=request,
        answers=answers,
        container=container,
        answer_fields=answer_fields,
        machine_fields=machine_fields,
        token_header=_token_header(request, name),
        places=(
            *prose,
            *(cell for rows in tables.values() for row in rows for cell in row.values()),
            *request.lines,
            *(line for answer in answers for line in answer.lines),
        ),
    )


def _page(text: str, name: str, keep: Keep) -> Page:
    def make() -> dict[str, Any]:
        # Here, because docutils takes longer to import than pages that are kept take to be read.
        from .rst import read_page  # noqa: PLC0415

        return read_page(text, name).as_json()

    here = Path(__file__)
    made = maker(here.with_name("rst.py"), here.with_name("page.py"), packages=("docutils",))
    return Page.from_json(keep(f"page-{sha256(text.encode()).hexdigest()[:16]}-{made}", make))


def _prose(page: Page, name: str) -> Iterator[Place]:
    title = page.titles[0]
    yield Place(title.section, "title", "", "", title.line, title.text)
    summary = next((p for p in page.paragraphs if labelled(p.section, SUMMARY_LABELS)), None)
    for paragraph in page.paragraphs:
        table = "summary" if paragraph is summary else "paragraph"
        yield Place(paragraph.section, table, "", "", paragraph.line, paragraph.text)
    for paragraph in page.paragraphs:
        if match := ENTRY_POINT.fullmatch(paragraph.text):
            yield Place(paragraph.section, "entry point", "", "", paragraph.line, _url(match["url"], paragraph, name))
            return
    raise DocumentError(name, 1, 'no entry point: no paragraph "API entry point: URL"')


def _url(text: str, paragraph: Paragraph, name: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise DocumentError(name, paragraph.line, f"the address cannot be read: {error}", "entry point") from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise DocumentError(name, paragraph.line, f'"{text}" is no http or https address', "entry point")
    return text


def _needed(tables: Mapping[str, tuple[Row, ...]], kind: str, name: str) -> tuple[Row, ...]:
    if kind not in tables:
        raise DocumentError(name, 1, f"no {kind}: no table has its headings and its label")
    return tables[kind]


def _operation(rows: tuple[Row, ...], name: str) -> Operation:
    if len(rows) > 1:
        second = rows[1]["path"]
        raise DocumentError(name, second.line, "a second operation: a contract is of one", second.name)
    return _as_operation(rows[0], "description", name)


def _resource(rows: tuple[Row, ...], operation: Operation, name: str) -> Operation | None:
    """The row of the resource table that is about the operation: that of its method and path, or else the first."""
    known = [_as_operation(row, "action", name) for row in rows]
    same = (one for one in known if (one.method, one.path) == (operation.method, operation.path))
    return next(same, known[0] if known else None)


def _as_operation(row: Row, description: str, name: str) -> Operation:
    method, path = row["method"], row["path"]
    if method.text.upper() not in METHODS:
        raise DocumentError(name, method.line, f'"{method.text}" is no HTTP method', method.name)
    if not re.fullmatch(r"/[^\s?#]*", path.text):
        raise DocumentError(name, path.line, f'"{path.text}" is no path', path.name)
    cells = {"method": method, "path": path, "description": row[description]}
    return Operation(method.text.upper(), path.text, row[description].text, cells)


def _parameters(rows: tuple[Row, ...], name: str) -> tuple[Parameter, ...]:
    _once(rows, name)
    parameters = []
    for row in rows:
        required = marker(row["name"])
        if required is None:
            raise DocumentError(name, row["name"].line, "neither (required) nor (optional)", row["name"].name)
        title = row["name"].row
        parameters.append(Parameter(title, _type(row["type"], name), required, row["description"].text, row))
    return tuple(parameters)


def _fields(rows: tuple[Row, ...], name: str) -> tuple[Field, ...]:
    _once(rows, name)
    return tuple(
        Field(
            name=row["name"].row,
            type=_type(row["type"], name),
            description=row["description"].text,
            cells=row,
            required=marker(row["name"]) is not False,
        )
        for row in rows
    )


def _once(rows: tuple[Row, ...], name: str) -> None:
    seen: dict[str, Place] = {}
    for cell in (row["name"] for row in rows):
        if first := seen.get(cell.row):
            raise DocumentError(name, cell.line, f"{cell.row} stands twice, first on line {first.line}", cell.name)
        seen[cell.row] = cell


def _type(cell: Place, name: str) -> str:
    try:
        return TYPE_WORDS[cell.text.casefold()]
    except KeyError:
        raise DocumentError(name, cell.line, f'unknown type "{cell.text}"', cell.name) from None


def _samples(page: Page, name: str) -> tuple[RequestSample, tuple[AnswerSample, ...]]:
    kinds = [_sample_kind(block) for block in page.blocks]
    for kind in SAMPLE_LABELS:
        if kind not in kinds:
            raise DocumentError(name, 1, f"no {kind}: no literal block begins like one or is labelled so")
    blocks = list(zip(kinds, page.blocks, strict=True))
    requests = (read_request(block, name) for kind, block in blocks if kind == "request sample")
    answers = [
        read_answer(block, _numbered(kind, kinds[:position]), name)
        for position, (kind, block) in enumerate(blocks)
        if kind in ANSWERS
    ]
    return next(requests), tuple(answers)


def _numbered(kind: str | None, before: list[str | None]) -> str:
    """What to call a sample among those of its kind: "error sample", "error sample 2"."""
    return f"{kind} {before.count(kind) + 1}" if kind in before else str(kind)


def _sample_kind(block: Block) -> str | None:
    """What a literal block is a sample of: by what it begins with, else by the paragraph above it."""
    start = block.lines[0].text.strip()
    if start.startswith("curl "):
        return "request sample"
    if status := STATUS_LINE.fullmatch(start):
        return "success sample" if int(status["status"]) < 400 else "error sample"
    labels = (kind for paragraph in block.above for kind, words in SAMPLE_LABELS.items() if labelled(paragraph, words))
    return next(labels, None)


def _container(fields: tuple[Field, ...], body: Mapping[str, object], name: str) -> Field:
    holding = (known for known in fields if objects_in(body.get(known.name)))
    # A sample of an empty list holds no objects: then the table's word must do.
    could_hold = (known for known in fields if known.type in ("list", "dict"))
    if container := next(holding, None) or next(could_hold, None):
        return container
    cell = fields[0].cells["type"]
    raise DocumentError(name, cell.line, "no row is a list or dict that could hold the machines", "response table")


def _levels(
    fields: tuple[Field, ...], container: Field, body: Mapping[str, object]
) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """The fields of the answer as a whole, the container among them, and those of one machine."""
    within = {name for machine in objects_in(body.get(container.name)) for name in machine}
    answer = []
    for position, known in enumerate(fields):
        shown = (known.name in body, known.name in within)
        if shown[0] if shown[0] != shown[1] else position <= fields.index(container):
            answer.append(known)
    return tuple(answer), tuple(known for known in fields if known not in answer)


def _token_header(sample: RequestSample, name: str) -> str:
    for header, value in sample.headers:
        if PLACEHOLDER.search(value):
            return header
    raise DocumentError(
        name, sample.place.line, "no header has a {placeholder} that a token could stand for", "request sample"
    )


def objects_in(value: object) -> tuple[dict[str, object], ...]:
    """The objects that a list or an object holds; none where it holds anything else, or nothing."""
    held = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return tuple(held) if all(isinstance(one, dict) for one in held) else ()
