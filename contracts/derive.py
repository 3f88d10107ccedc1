"""From the model of a contract document to JSON Schema 2020-12 and OpenAPI 3.1.

Every keyword that is derived has its source beside it, in the annotation `x-source`: a member of the keyword's name
that holds section, table, row, column and the hash of the cell, or of the line of a sample, that it came from. Only
`$schema`, `$id`, `$ref`, `title` and the `enum` of a value that was given by the caller have none.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .readings import ours
from .shown import addresses, kind, renamed, sampled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .document import Document, Field, Parameter
    from .place import Place

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
JSON_TYPES = {
    "string": "string",
    "int": "integer",
    "list": "array",
    "dict": "object",
    "bool": "boolean",
    "float": "number",
    "null": "null",
}

# The characters of an address, in one of its two forms; whether it is a real one no pattern says well.
ADDRESS = r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)"
ONE_ADDRESS = f"^{ADDRESS}$"
ADDRESSES = f"^(?:{ADDRESS}(?: *, *{ADDRESS})*)?$"
TIMESTAMP = "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"

STRIPPED = frozenset({"pattern", "format", "x-source"})
NAMING = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})


@dataclass(frozen=True, slots=True)
class Schemas:
    """What is derived from one document: four JSON Schemas and an OpenAPI document, as plain JSON.

    `request` is of the query's parameters as one object, `answer` of a successful body, `vm` of one machine in it,
    `error` of a refusal's body.
    """

    request: Schema
    answer: Schema
    vm: Schema
    error: Schema
    openapi: Schema


def derive(document: Document, readings: Mapping[str, str] | None = None) -> Schemas:
    """Derive all schemas; `readings` pins readings by name, and each that is not pinned stays open.

    A pinned reading that the document does not leave open changes nothing. Raises ValueError for a name or value that
    is no reading's.
    """
    view = _View(document, _allowed(document, readings or {}))
    answer = _answer(view, "#/$defs/vm")
    return Schemas(
        request=_named(document, "request", _request(view)),
        answer=_named(document, "answer", _merged(answer, _traced(("$defs", {"vm": _vm(view)}, view.container)))),
        vm=_named(document, "vm", _vm(view)),
        error=_named(document, "error", _error(document)),
        openapi=_openapi(view, {}),
    )


def openapi(
    document: Document, readings: Mapping[str, str] | None = None, values: Mapping[str, str] | None = None
) -> Schema:
    """Derive the OpenAPI document; `values` fixes parameters and headers, by name, to one value each.

    Raises ValueError as `derive` does, and for a value of an int parameter that is no number.
    """
    return _openapi(_View(document, _allowed(document, readings or {})), values or {})


def type_only(schema: Schema) -> Schema:
    """The schema without what is said of a value's form: `pattern`, `format`, and the sources, at every depth."""
    return {word: _type_only_in(word, value) for word, value in schema.items() if word not in STRIPPED}


def _type_only_in(word: str, value: Any) -> Any:
    if word in NAMING:
        return {name: type_only(schema) for name, schema in value.items()}
    if isinstance(value, list):
        return [type_only(item) if isinstance(item, dict) else item for item in value]
    return type_only(value) if isinstance(value, dict) else value


@dataclass(frozen=True, slots=True)
class _View:
    """A document under readings: for each contradiction that a reading leaves open, the values still allowed."""

    document: Document
    allowed: Mapping[str, tuple[str, ...]]

    @property
    def container(self) -> Place:
        return self.document.container.cells["type"]

    def types(self, field: Field) -> tuple[str, ...]:
        return self.allowed.get(f"type:{field.name}", (field.type,))

    def names(self, field: Field) -> tuple[tuple[str, ...], ...]:
        """The sets of names, of which one must be there."""
        other = renamed(self.document).get(field.name)
        values = self.allowed.get(f"renamed:{field.name}/{other}", (field.name,))
        if values == ("both",):
            return ((field.name, str(other)),)
        return tuple((value,) for value in values if value != "both")

    def presence(self, field: Field) -> tuple[str, ...]:
        usual = ("present",) if field.required else ("present", "absent")
        return self.allowed.get(f"not-in-sample:{field.name}", usual)

    def required(self, parameter: Parameter) -> bool:
        values = self.allowed.get(f"not-in-request-sample:{parameter.name}", ("query",))
        return parameter.required and "query" in values

    @property
    def agent_decides(self) -> bool:
        """Whether a required parameter is not sent, and a header alone says what it would have said."""
        return any(self.allowed.get(f"not-in-request-sample:{p.name}") == ("header",) for p in self.document.parameters)

    def shown(self, field: Field) -> Place:
        """Where the success sample shows a field; the row of the table where it does not."""
        name = renamed(self.document).get(field.name, field.name)
        return self.document.success_sample.line(name) if sampled(self.document, field) else field.cells["type"]


def _allowed(document: Document, pinned: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    known = ours()
    for name, value in pinned.items():
        if name not in known.readings or value not in known.readings[name].values:
            raise ValueError(f'"{name}={value}" is no reading')
    return {
        settled: (pinned[name],) if name in pinned else reading.values
        for name, reading in known.open(document).items()
        for settled in reading.settles
    }


def _traced(*keywords: tuple[str, object, Place]) -> Schema:
    """A schema of keywords, each with its value and the place that it comes from."""
    return {
        **{word: value for word, value, _ in keywords},
        "x-source": {word: place.source for word, _, place in keywords},
    }


def _merged(*schemas: Schema) -> Schema:
    words = {word: value for schema in schemas for word, value in schema.items() if word != "x-source"}
    return {**words, "x-source": {word: source for schema in schemas for word, source in schema["x-source"].items()}}


def _named(document: Document, name: str, schema: Schema) -> Schema:
    operation = document.operation
    urn = "urn:contract" + quote(operation.path, safe="/").replace("/", ":")
    return {
        "$schema": DIALECT,
        "$id": f"{urn}:{name}",
        "title": f"{operation.method} {operation.path}: {name}",
        **schema,
    }


def _answer(view: _View, vm: str) -> Schema:
    return _object(view, view.document.answer_fields, vm, view.document.success_sample.place)


def _vm(view: _View) -> Schema:
    return _object(view, view.document.machine_fields, "", view.shown(view.document.container))


def _object(view: _View, fields: Iterable[Field], vm: str, place: Place) -> Schema:
    properties: dict[str, Schema] = {}
    required: list[str] = []
    either: list[Schema] = []
    for field in fields:
        if view.presence(field) == ("absent",):
            properties[field.name] = _traced(("not", {}, view.document.success_sample.place))
            continue
        names = view.names(field)
        properties |= {name: _value(view, field, vm) for one_set in names for name in one_set}
        if "absent" in view.presence(field):
            continue
        if len(names) == 1:
            required += names[0]
        else:
            branches = [_traced(("required", list(one), _naming(view, field, one[0]))) for one in names]
            either.append(_traced(("anyOf", branches, field.cells["name"])))
    column = view.document.at("response table", column="name")
    parts = [_traced(("type", "object", place), ("properties", properties, column), ("required", required, column))]
    if len(either) > 1:
        parts.append(_traced(("allOf", either, column)))
    return _merged(*parts, *either[: len(either) == 1])


def _naming(view: _View, field: Field, name: str) -> Place:
    return field.cells["name"] if name == field.name else view.shown(field)


def _value(view: _View, field: Field, vm: str) -> Schema:
    options = [_typed(view, field, name, vm) for name in view.types(field)]
    described = _traced(("description", field.description, field.cells["description"]))
    if len(options) == 1:
        return _merged(described, options[0])
    return _merged(described, _traced(("anyOf", options, field.cells["type"])))


def _typed(view: _View, field: Field, name: str, vm: str) -> Schema:
    shown = view.shown(field)
    place = field.cells["type"] if name == field.type else shown
    schema = _traced(("type", JSON_TYPES[name], place))
    if field == view.document.container:
        holding = {"list": "items", "dict": "additionalProperties"}.get(name)
        return _merged(schema, _traced((holding, {"$ref": vm}, place))) if holding else schema
    values = sampled(view.document, field)
    if name == "list" and (items := _items(values, shown)):
        return _merged(schema, _traced(("items", items, shown)))
    if name == "string" and (form := _form(values)):
        return _merged(schema, _traced(("pattern", form[1], shown)))
    return schema


def _items(values: tuple[object, ...], shown: Place) -> Schema:
    """The schema of a list's items as the sample shows them, joined in a string or one by one; empty if it does not."""
    joined = any(isinstance(value, str) for value in values)
    kinds = {"string"} if joined else {kind(item) for value in values if isinstance(value, list) for item in value}
    if len(kinds) != 1:
        return {}
    schema = _traced(("type", JSON_TYPES[kinds.pop()], shown))
    form = _form(values)
    return _merged(schema, _traced(("pattern", form[0], shown))) if form else schema


def _form(values: tuple[object, ...]) -> tuple[str, str] | None:
    """The patterns of one such value and of several in a string, where the values all have a form that is known."""
    filled = [value for value in values if value not in ("", [])]
    if filled and all(addresses(value) for value in filled):
        return ONE_ADDRESS, ADDRESSES
    if filled and all(isinstance(value, str) and re.fullmatch(TIMESTAMP, value) for value in filled):
        return TIMESTAMP, TIMESTAMP
    return None


def _error(document: Document) -> Schema:
    sample = document.error_sample
    lines = {name: sample.line(name) for name in sample.body}
    properties = {name: _traced(("type", JSON_TYPES[kind(value)], lines[name])) for name, value in sample.body.items()}
    whole = sample.place
    return _traced(("type", "object", whole), ("properties", properties, whole), ("required", list(lines), whole))


def _request(view: _View) -> Schema:
    parameters = view.document.parameters
    table, column = view.document.at("request table"), view.document.at("request table", column="name")
    properties = {
        known.name: _merged(
            _traced(("description", known.description, known.cells["description"])), _parameter_type(known)
        )
        for known in parameters
    }
    required = [known.name for known in parameters if view.required(known)]
    return _traced(("type", "object", table), ("properties", properties, column), ("required", required, column))


def _parameter_type(parameter: Parameter) -> Schema:
    return _traced(("type", JSON_TYPES[parameter.type], parameter.cells["type"]))


def _openapi(view: _View, values: Mapping[str, str]) -> Schema:
    document, operation = view.document, view.document.operation
    entry, title = document.at("entry point"), document.at("title")
    success, error = document.success_sample, document.error_sample
    media = (success.header("Content-Type") or "application/json").partition(";")[0].strip()
    return {
        "openapi": "3.1.0",
        "info": {"title": document.title, "version": document.sha256[:12], "x-source": {"title": title.source}},
        "servers": [{"url": document.entry_point.rstrip("/"), "x-source": {"url": entry.source}}],
        "security": [{"token": []}],
        "paths": {
            operation.path: {
                operation.method.lower(): {
                    "summary": operation.description,
                    "parameters": [*_query_parameters(view, values), *_header_parameters(view, values)],
                    "responses": {
                        str(success.status): _response(success.reason, media, "answer", success.lines[0]),
                        f"{error.status // 100}XX": _response(error.reason, media, "error", error.lines[0]),
                    },
                    "x-source": {
                        "path": operation.cells["path"].source,
                        "method": operation.cells["method"].source,
                        "summary": operation.cells["description"].source,
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "answer": _answer(view, "#/components/schemas/vm"),
                "vm": _vm(view),
                "error": _error(document),
            },
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": document.token_header,
                    "x-source": {"name": document.request_sample.line(document.token_header).source},
                }
            },
        },
    }


def _query_parameters(view: _View, values: Mapping[str, str]) -> Iterator[Schema]:
    for known in view.document.parameters:
        cells = known.cells
        schema = _parameter_type(known)
        if known.name in values:
            fixed = values[known.name]
            schema = {"enum": [int(fixed) if known.type == "int" else fixed], **schema}
        yield {
            "name": known.name,
            "in": "query",
            "required": view.required(known),
            "description": known.description,
            "schema": schema,
            "x-source": {
                "name": cells["name"].source,
                "in": view.document.request_sample.line("URL").source,
                "required": cells["name"].source,
                "description": cells["description"].source,
            },
        }


def _header_parameters(view: _View, values: Mapping[str, str]) -> Iterator[Schema]:
    name = view.document.agent_header
    if name is None:
        return
    place = view.document.request_sample.line(name)
    schema = _traced(("type", "string", place))
    yield {
        "name": name,
        "in": "header",
        "required": view.agent_decides,
        "schema": {"enum": [values[name]], **schema} if name in values else schema,
        "example": dict(view.document.request_sample.headers)[name],
        "x-source": {"name": place.source, "in": place.source, "required": place.source, "example": place.source},
    }


def _response(description: str, media: str, schema: str, place: Place) -> Schema:
    return {
        "description": description,
        "content": {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        "x-source": {"description": place.source},
    }


def files(document: Document) -> dict[str, str]:
    """The files of `schemas/` by name: every schema with all readings open, as text that ends with a newline.

    The first line of each says that it is generated.
    """
    schemas = derive(document)
    comment = f"Generated from {document.name} by `python -m contracts derive`; not to be edited."
    # JSON has no comments; OpenAPI allows no $comment at its top, but any member whose name begins with x-.
    return {
        f"{name}.json": _text({("x-comment" if name == "openapi" else "$comment"): comment, **getattr(schemas, name)})
        for name in ("request", "answer", "vm", "error", "openapi")
    }


def _text(schema: Schema) -> str:
    lines = json.dumps(schema, ensure_ascii=False, indent=2)
    return "{" + lines.removeprefix("{").lstrip() + "\n"
