"""The schemas: what follows from the document, under which reading, and from which cell."""

from __future__ import annotations

import json
from dataclasses import astuple
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate as validate_openapi

import schemas
from contracts import DEFAULT, Document, derive, lint, openapi, parse, read, readings, type_only
from contracts.derive import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OURS = DEFAULT.read_text(encoding="utf-8")
DOCUMENT = read(DEFAULT)
CHOICES = {name: reading.values for name, reading in readings(DOCUMENT).items() if name != "paging"}
PINNED = [dict(zip(CHOICES, values, strict=True)) for values in product(*CHOICES.values())]
UNTRACED = {"$schema", "$id", "$ref", "title", "x-source"}

# A machine as the table has it and one as the sample has it, the address fields aside.
REST = {
    "instance_name": "a",
    "instance_id": "b",
    "cpu_num": 1,
    "mem_size": 2,
    "disk_size": 3,
    "status": "ACTIVE",
    "create_at": "2014-07-29 15:08:39",
    "update_at": "2014-08-05 17:37:56",
}
TABLE_VM = {**REST, "lan_ip": "10.0.0.1", "wan_ip_set": ["10.0.0.2", "2001:db8::1"]}
SAMPLE_VM = {**REST, "lan_ip_set": "10.0.0.1,10.0.0.2", "wan_ip_set": "10.0.0.3, ::1"}


def edited(*changes: tuple[str, str]) -> Document:
    """Our document with each first text replaced by the second; a change that would change nothing is a mistake."""
    text = OURS
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return parse(text, "edited.rst")


def fits(schema: dict[str, Any], instance: object) -> bool:
    return bool(Draft202012Validator(schema).is_valid(instance))


def subschemas(schema: dict[str, Any], pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """A schema and all within it, each with its JSON pointer."""
    yield pointer, schema
    for word in ("properties", "$defs"):
        for name, inner in schema.get(word, {}).items():
            yield from subschemas(inner, f"{pointer}/{word}/{name}")
    for word in ("items", "additionalProperties", "not"):
        if word in schema:
            yield from subschemas(schema[word], f"{pointer}/{word}")
    for word in ("anyOf", "allOf"):
        for number, inner in enumerate(schema.get(word, [])):
            yield from subschemas(inner, f"{pointer}/{word}/{number}")


def json_schemas(document: Document, pinned: dict[str, str]) -> list[dict[str, Any]]:
    derived = derive(document, pinned)
    described = derived.openapi
    operation = described["paths"][document.operation.path][document.operation.method.lower()]
    parameters = [parameter["schema"] for parameter in operation["parameters"]]
    return [*astuple(derived)[:4], *described["components"]["schemas"].values(), *parameters]


@pytest.mark.parametrize(
    "pinned",
    [{}, *({name: value} for name, values in CHOICES.items() for value in values), PINNED[0], PINNED[-1]],
    ids=lambda pinned: "-".join(pinned.values()) or "open",
)
def test_schemas_are_valid_and_every_keyword_has_its_source(pinned: dict[str, str]) -> None:
    """Whichever reading is pinned the schemas are valid, and each keyword names a cell that is there."""
    for schema in json_schemas(DOCUMENT, pinned):
        Draft202012Validator.check_schema(schema)
        for pointer, part in subschemas(schema):
            assert set(part.get("x-source", {})) == set(part) - UNTRACED, pointer
            for word, source in part.get("x-source", {}).items():
                place = DOCUMENT.at(source["table"], source["row"], source["column"])
                assert place.source == source, (pointer, word)


@pytest.mark.parametrize("pinned", [{}, PINNED[-1]], ids=["open", "pinned"])
def test_openapi_document_is_valid(pinned: dict[str, str]) -> None:
    """The OpenAPI document is one, with or without values for the parameters."""
    validate_openapi(openapi(DOCUMENT, pinned))
    validate_openapi(openapi(DOCUMENT, pinned, {"party": "acme", "tenant_id": "1", "t": "9", "Sp-Agent": "default"}))


def test_openapi_describes_the_operation() -> None:
    """The OpenAPI document asks what the document asks, with its token and under its address."""
    described = openapi(DOCUMENT)
    operation = described["paths"]["/mana_api/vm"]["get"]

    assert described["servers"][0]["url"] == "http://m.scloudm.com"
    assert described["components"]["securitySchemes"]["token"]["name"] == "X-Auth-Token"
    assert [(p["in"], p["name"], p["required"]) for p in operation["parameters"]] == [
        ("query", "party", True),
        ("query", "tenant_id", True),
        ("query", "region", True),
        ("query", "f", False),
        ("query", "t", False),
        ("header", "Sp-Agent", False),
    ]
    assert list(operation["responses"]) == ["200", "4XX"]


def test_openapi_without_agent_has_no_header() -> None:
    """A sample request without a vendor's header beside the token's gives no header parameter."""
    document = edited(("          -H 'Sp-Agent: default'\n", ""))
    parameters = openapi(document)["paths"]["/mana_api/vm"]["get"]["parameters"]

    assert {parameter["in"] for parameter in parameters} == {"query"}


def test_openapi_fixes_values_by_enum() -> None:
    """A value that is given for a parameter or the agent's header is the only one there is, of the cell's type."""
    described = openapi(DOCUMENT, {}, {"tenant_id": "42", "t": "7", "Sp-Agent": "default", "unknown": "x"})
    parameters = described["paths"]["/mana_api/vm"]["get"]["parameters"]

    assert {p["name"]: p["schema"]["enum"] for p in parameters if "enum" in p["schema"]} == {
        "tenant_id": ["42"],
        "t": [7],
        "Sp-Agent": ["default"],
    }


def test_samples_of_the_document_conform() -> None:
    """The document's own request and answers are valid while all readings are open, party aside."""
    derived = derive(DOCUMENT, {"party": "header"})
    query = {name: int(value) if value in ("1", "10") else value for name, value in DOCUMENT.request_sample.query}

    assert fits(derived.answer, DOCUMENT.success_sample.body)
    assert all(fits(derived.vm, machine) for machine in DOCUMENT.machines)
    assert fits(derived.error, DOCUMENT.error_sample.body)
    assert fits(derived.request, query)
    assert not fits(derive(DOCUMENT).request, query)


@pytest.mark.parametrize(
    ("pinned", "table", "sample"),
    [
        ({}, True, True),
        ({"lan": "lan_ip"}, True, False),
        ({"lan": "lan_ip_set"}, False, True),
        ({"lan": "both"}, False, False),
        ({"wan": "list"}, True, False),
        ({"wan": "string"}, False, True),
        ({"lan": "lan_ip", "wan": "list"}, True, False),
        ({"lan": "lan_ip", "wan": "string"}, False, False),
    ],
)
def test_machine_is_as_the_readings_have_it(pinned: dict[str, str], *, table: bool, sample: bool) -> None:
    """Names and types of the address fields are those of the reading, and of either while it is open."""
    vm = derive(DOCUMENT, pinned).vm

    assert (fits(vm, TABLE_VM), fits(vm, SAMPLE_VM)) == (table, sample)


def test_machine_without_addresses_does_not_conform() -> None:
    """While the name is open one of the two must be there; under both, both."""
    both = {**TABLE_VM, "lan_ip_set": "10.0.0.1"}

    assert not fits(derive(DOCUMENT).vm, {**REST, "wan_ip_set": []})
    assert fits(derive(DOCUMENT, {"lan": "both"}).vm, both)


@pytest.mark.parametrize(
    ("pinned", "present", "absent"),
    [({}, True, True), ({"code": "present"}, True, False), ({"code": "absent"}, False, True)],
)
def test_code_is_as_the_reading_has_it(pinned: dict[str, str], *, present: bool, absent: bool) -> None:
    """The code is required, forbidden or, while the reading is open, optional; where it is there it is an int."""
    answer = derive(DOCUMENT, pinned).answer

    assert fits(answer, {"code": 200, "vm_servers": []}) is present
    assert fits(answer, {"vm_servers": []}) is absent
    assert not fits(answer, {"code": "200", "vm_servers": []})


@pytest.mark.parametrize(
    ("pinned", "as_list", "as_dict"),
    [({}, True, True), ({"vm_servers": "list"}, True, False), ({"vm_servers": "dict"}, False, True)],
)
def test_container_is_as_the_reading_has_it(pinned: dict[str, str], *, as_list: bool, as_dict: bool) -> None:
    """The machines are a list's items or a dict's values, and are machines in either."""
    answer = derive(DOCUMENT, pinned).answer

    assert fits(answer, {"vm_servers": [SAMPLE_VM]}) is as_list
    assert fits(answer, {"vm_servers": {"1": SAMPLE_VM}}) is as_dict
    assert not fits(answer, {"vm_servers": [{}]})
    assert not fits(answer, {"vm_servers": {"1": {}}})
    assert not fits(answer, {})


@pytest.mark.parametrize(
    ("value", "required", "agent"), [("query", True, False), ("header", False, True), ("either", False, False)]
)
def test_party_is_as_the_reading_has_it(value: str, *, required: bool, agent: bool) -> None:
    """The parameter is required under query alone, the agent's header under header alone."""
    derived = derive(DOCUMENT, {"party": value})
    parameters = {p["name"]: p["required"] for p in derived.openapi["paths"]["/mana_api/vm"]["get"]["parameters"]}

    assert ("party" in derived.request["required"], parameters["party"]) == (required, required)
    assert parameters["Sp-Agent"] is agent


@pytest.mark.parametrize("pinned", [{"lan": "wan"}, {"colour": "red"}])
def test_unknown_reading_is_refused(pinned: dict[str, str]) -> None:
    """A name or value that is no reading's is a ValueError that names it."""
    with pytest.raises(ValueError, match=r'"\w+=\w+" is no reading'):
        derive(DOCUMENT, pinned)


def test_extra_members_are_allowed() -> None:
    """Members that the document does not name are allowed in answers, machines, errors and requests."""
    derived = derive(DOCUMENT)

    assert fits(derived.answer, {"vm_servers": [{**SAMPLE_VM, "x": 1}], "x": 1})
    assert fits(derived.error, {"msg": "no", "code": 400, "x": 1})
    assert fits(derived.request, {"party": "a", "tenant_id": "b", "region": "c", "x": "1"})


def test_error_has_the_members_of_its_sample() -> None:
    """An error is an object with msg, a string, and code, an int."""
    error = derive(DOCUMENT).error

    assert fits(error, {"msg": "no", "code": 404})
    broken: list[object] = [{"msg": "no"}, {"code": 4}, {"msg": 1, "code": 4}, []]
    assert [one for one in broken if fits(error, one)] == []


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "create_at",
            ["2014-07-29 15:08:39"],
            ["2014-07-29T15:08:39", "2014-7-29 15:08:39", "", "2014-07-29 15:08:39Z"],
        ),
        (
            "lan_ip_set",
            ["", "10.0.0.1", "10.0.0.1, ::1", "fe80::1,10.0.0.1"],
            ["none", "10.0.0.1,", ",", "10.0.0", " "],
        ),
        ("wan_ip_set", ["", [], ["10.0.0.1", "::1"]], [[""], ["10.0.0.1,::1"], ["x"], "[]", "10.0.0.1;10.0.0.2"]),
        ("status", ["", "anything"], []),
    ],
)
def test_form_is_what_the_sample_shows(name: str, good: list[object], bad: list[object]) -> None:
    """Strings that the sample shows as times or addresses are such, and of the type alone without their patterns."""
    vm = derive(DOCUMENT).vm

    assert [value for value in good if not fits(vm, {**SAMPLE_VM, name: value})] == []
    assert [value for value in bad if fits(vm, {**SAMPLE_VM, name: value})] == []
    assert [value for value in bad if not fits(type_only(vm), {**SAMPLE_VM, name: value})] == []


def test_type_only_keeps_fields_of_any_name() -> None:
    """What is stripped are keywords, never a field that is called as one is."""
    document = edited(("| status        |", "| pattern       |"), ('"status"', '"pattern"'))
    stripped = type_only(derive(document).answer)
    words = {word for _, part in subschemas(stripped) for word in part}

    assert "pattern" in stripped["$defs"]["vm"]["properties"]
    assert words.isdisjoint({"pattern", "format", "x-source"})


def test_schemas_kept_are_those_derived() -> None:
    """The committed files are what the document gives, to the letter, and say so in their first line."""
    (folder,) = schemas.__path__
    for name, text in files(DOCUMENT).items():
        assert (Path(folder) / name).read_text(encoding="utf-8") == text
        assert "Generated from vm_list.rst" in text.splitlines()[0]
        assert json.loads(text)


ROW = "+---------------+--------+----------------------------------------------------------------------+\n"
ZONE = "| zone          | string | Where it runs                                                        |\n"


@pytest.mark.parametrize("before", ["instance_name", "lan_ip", "update_at"])
def test_new_row_is_a_new_field(before: str) -> None:
    """A row that is added anywhere among a machine's fields is a field that each machine must have."""
    document = edited((f"| {before:14}|", f"{ZONE}{ROW}| {before:14}|"))
    vm = derive(document).vm

    assert "zone" in vm["required"]
    assert vm["properties"]["zone"]["type"] == "string"
    assert not fits(vm, SAMPLE_VM)
    assert fits(vm, {**SAMPLE_VM, "zone": "a"})


def test_new_row_above_the_container_is_the_answers() -> None:
    """A row that is added above the container is a member of the answer."""
    answer = derive(edited(("| vm_servers    |", f"{ZONE}{ROW}| vm_servers    |"))).answer

    assert answer["required"] == ["zone", "vm_servers"]
    assert "zone" not in answer["$defs"]["vm"]["properties"]


def test_changed_type_follows_the_table() -> None:
    """Where the table's type is changed against the sample's and no reading is about it, the table holds."""
    document = edited(("| cpu_num       | int    |", "| cpu_num       | string |"))
    schema = derive(document).vm["properties"]["cpu_num"]

    assert schema["type"] == "string"
    assert schema["x-source"]["type"] == document.at("response table", "cpu_num", "type").source
    assert "type:cpu_num" in [one.id for one in lint(document)]


def test_container_of_another_type_is_no_open_reading() -> None:
    """A reading of dict against list is not open for a string against a list: the table holds."""
    document = edited(("| vm_servers    | dict   |", "| vm_servers    | string |"))

    assert derive(document).answer["properties"]["vm_servers"]["type"] == "string"


@pytest.mark.parametrize(
    ("change", "reading", "path"),
    [
        (("| vm_servers    | dict   |", "| vm_servers    | list   |"), "vm_servers", ("answer", "vm_servers", "array")),
        (("| wan_ip_set    | list   |", "| wan_ip_set    | string |"), "wan", ("vm", "wan_ip_set", "string")),
        (("| lan_ip        |", "| lan_ip_set    |"), "lan", ("vm", "lan_ip_set", "string")),
    ],
)
def test_agreed_form_holds_whatever_is_pinned(
    change: tuple[str, str], reading: str, path: tuple[str, str, str]
) -> None:
    """Where table and sample agree nothing is open, and a reading that is pinned all the same changes nothing."""
    document = edited(change)
    schema, name, expected = path
    derived = derive(document)

    assert getattr(derived, schema)["properties"][name]["type"] == expected
    assert name in getattr(derived, schema)["required"]
    assert [derive(document, {reading: value}) for value in CHOICES[reading]] == [derived] * len(CHOICES[reading])


def test_optional_parameter_made_required_is_required() -> None:
    """A marker that is changed changes what a request must have."""
    document = edited(("| t (optional)         |", "| t (required)         |"))

    assert derive(document).request["required"] == ["party", "tenant_id", "region", "t"]


def test_removed_row_is_no_field() -> None:
    """A row that is taken out is neither required nor described any more."""
    start = OURS.index("| disk_size     |")
    document = parse(OURS[:start] + OURS[OURS.index("| lan_ip        |") :], "edited.rst")
    vm = derive(document).vm

    assert "disk_size" not in vm["properties"]
    assert "disk_size" not in vm["required"]


def test_edited_path_is_described() -> None:
    """The path and the method of the operation table are those of the OpenAPI document."""
    document = edited(("| GET         | /mana_api/vm | Get the", "| POST        | /mana_api/v2 | Get the"))

    assert list(openapi(document)["paths"]) == ["/mana_api/v2"]
    assert list(openapi(document)["paths"]["/mana_api/v2"]) == ["post"]


def instances(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Instances of the part of JSON Schema that is derived here."""
    if "$ref" in schema:
        return instances(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "type" not in schema:
        return st.one_of([instances(one, root) for one in schema["anyOf"]])
    kinds: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "object": lambda: objects(schema, root) if "properties" in schema else dicts(schema, root),
        "array": lambda: st.lists(instances(schema["items"], root), max_size=2),
        "integer": st.integers,
        "string": lambda: st.from_regex(schema.get("pattern", "^.{0,5}$"), fullmatch=True),
    }
    return kinds[schema["type"]]()


def dicts(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.text(max_size=3), instances(schema["additionalProperties"], root), max_size=2)


def objects(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    known = {name: instances(part, root) for name, part in schema["properties"].items() if "not" not in part}
    alternatives = [[*schema["required"], *one["required"]] for one in schema.get("anyOf", [{"required": []}])]
    return st.one_of(
        [
            st.fixed_dictionaries(
                {name: known[name] for name in required},
                optional={name: part for name, part in known.items() if name not in required},
            )
            for required in alternatives
        ]
    )


SCHEMAS = [schema for pinned in ({}, PINNED[0], PINNED[-2]) for schema in astuple(derive(DOCUMENT, pinned))[:4]]


@settings(max_examples=25, deadline=None, database=None, derandomize=True)
@given(st.data())
def test_drawn_instances_conform(data: st.DataObject) -> None:
    """What is drawn from a schema's types, names and patterns conforms to it: none of its parts excludes another."""
    schema = data.draw(st.sampled_from(SCHEMAS))

    assert fits(schema, data.draw(instances(schema, schema)))
