"""The contract document: what is read from it, and what is said of one that cannot be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contracts import DEFAULT, Document, DocumentError, Place, parse, read
from contracts.document import TYPES

OURS = DEFAULT.read_text(encoding="utf-8")
ORIGINAL = Path(__file__).parents[3] / "shared" / "seed" / "vm_list.rst"

CHINESE = {
    "Summary\n-------": "概要\n-------",
    "API entry point:": "API入口:",
    "| Resource |": "| 资源     |",
    "| Operation                 |": "| 操作                      |",
    "| HTTP method | URI path     |": "| HTTP方法    | URI路径      |",
    "| Description                       |": "| 描述                              |",
    "| Description                |": "| 描述                       |",
    "| Description                                                          |": "| 描述                         "
    "                                        |",
    "| Field                |": "| 字段名               |",
    "| Field         |": "| 字段名        |",
    "| Type   |": "| 类型   |",
    "Request parameters\n": "请求参数\n",
    "Response parameters\n": "返回参数\n",
    "\nRequest sample\n": "\n请求样例\n",
    "\nResponse sample\n": "\n返回样例\n",
    "\nError response sample\n": "\n错误返回样例\n",
    "party (required)     |": "party（必选）        |",
    "tenant_id (required) |": "tenant_id（必选）    |",
    "region (required)    |": "region（必选）       |",
    "f (optional)         |": "f（可选）            |",
    "t (optional)         |": "t（可选）            |",
}


def edited(*changes: tuple[str, str], text: str = OURS) -> str:
    """Our document with each first text replaced by the second; a change that would change nothing is a mistake."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def row(name: str, text: str = OURS) -> str:
    """The line of a table whose first cell is that."""
    return next(line for line in text.splitlines() if re.match(rf"\| {re.escape(name)} ", line))


def without_row(name: str) -> str:
    line = row(name)
    rest = OURS[OURS.index(line) + len(line) + 1 :]
    return edited((line + "\n" + rest[: rest.index("\n") + 1], ""))


@pytest.fixture(scope="module")
def ours() -> Document:
    return read(DEFAULT)


@pytest.mark.skipif(not ORIGINAL.exists(), reason="the original document is not beside this tree")
def test_our_document_says_what_the_original_says(ours: Document) -> None:
    """The original, in Chinese and with a Sphinx directive, and ours give the same model, prose aside."""
    original = read(ORIGINAL)

    assert original.facts == ours.facts
    assert original.title != ours.title


def test_operation_is_read_from_its_table(ours: Document) -> None:
    """Method, path and description are the cells of the operation table."""
    assert (ours.operation.method, ours.operation.path) == ("GET", "/mana_api/vm")
    assert ours.operation.description == "Get the list of physical machines"
    assert ours.entry_point == "http://m.scloudm.com/"


def test_parameters_are_read_with_type_and_marker(ours: Document) -> None:
    """Each row of the request table is a parameter, required or optional by the marker behind its name."""
    assert [(p.name, p.type, p.required) for p in ours.parameters] == [
        ("party", "string", True),
        ("tenant_id", "string", True),
        ("region", "string", True),
        ("f", "int", False),
        ("t", "int", False),
    ]
    assert ours.parameter("t") is ours.parameters[-1]
    assert ours.parameter("code") is None


def test_fields_are_told_apart_by_the_container(ours: Document) -> None:
    """Rows down to the one that holds the machines are the answer's, the rows below it a machine's."""
    assert ours.container is ours.field("vm_servers")
    assert [field.name for field in ours.answer_fields] == ["code", "vm_servers"]
    assert [(field.name, field.type) for field in ours.machine_fields] == [
        ("instance_name", "string"),
        ("instance_id", "string"),
        ("cpu_num", "int"),
        ("mem_size", "int"),
        ("disk_size", "int"),
        ("lan_ip", "string"),
        ("wan_ip_set", "list"),
        ("status", "string"),
        ("create_at", "string"),
        ("update_at", "string"),
    ]


def test_request_sample_is_the_curl_command(ours: Document) -> None:
    """The curl command is read whole although a line of it lacks its backslash."""
    sample = ours.request_sample

    assert (sample.method, sample.path) == ("GET", "/mana_api/vm")
    assert sample.query == (("tenant_id", "123456789"), ("region", "dongjing"), ("f", "1"), ("t", "10"))
    assert sample.headers == (("X-Auth-Token", "{token_id}"), ("Sp-Agent", "default"))


def test_headers_are_known_by_what_the_sample_sends(ours: Document) -> None:
    """The token's header is the one with a placeholder, the agent's the other one that is not HTTP's own."""
    assert (ours.token_header, ours.agent_header) == ("X-Auth-Token", "Sp-Agent")

    other = parse(edited(("X-Auth-Token: {token_id}", "X-Key: <key>"), ("Sp-Agent:", "Accept:")), "edited.rst")

    assert (other.token_header, other.agent_header) == ("X-Key", None)


def test_answer_samples_are_read_as_http(ours: Document) -> None:
    """Status line, headers and JSON body of both answers are read, with or without an empty line between them."""
    success, error = ours.success_sample, ours.error_sample

    assert (success.version, success.status, success.reason) == ("1.0", 200, "OK")
    assert success.header("content-length") == "537"
    assert len(ours.machines) == 2
    assert success.parted
    assert (error.version, error.status, error.headers) == ("1.1", 400, ())
    assert error.body["code"] == 400
    assert not error.parted


def test_chinese_headings_labels_and_markers_are_known(ours: Document) -> None:
    """The same tables under Chinese headings, labels and markers give the same model."""
    assert parse(edited(*CHINESE.items()), "chinese.rst").facts == ours.facts


@pytest.mark.parametrize("word", [word for words in TYPES.values() for word in words])
def test_type_words_are_known_in_both_languages(word: str) -> None:
    """Every usual word for a type, in any case, is one of the six types."""
    wide = word if word.isascii() else f"{word[:3]}"
    text = edited((row("mem_size"), row("mem_size").replace("int   ", _padded(wide.upper()))))

    field = parse(text, "edited.rst").field("mem_size")

    assert field is not None
    assert wide in TYPES[field.type] or wide[:2] in TYPES[field.type]


def _padded(word: str) -> str:
    """A word over the place of the six columns of "int" and its blanks, where it may run over the border's blank."""
    width = sum(1 if mark.isascii() else 2 for mark in word)
    return word + " " * (6 - width)


def test_tables_are_known_wherever_they_stand(ours: Document) -> None:
    """The two tables of fields may change places: their labels tell which is which."""
    request = OURS[OURS.index("Request parameters") : OURS.index("Request sample")]
    response = OURS[OURS.index("Response parameters") : OURS.index("Response sample")]
    swapped = OURS.replace(request, "\0").replace(response, request).replace("\0", response)

    assert swapped != OURS
    assert parse(swapped, "swapped.rst").facts == ours.facts


def test_tables_without_labels_are_known_by_their_markers(ours: Document) -> None:
    """Where no paragraph labels the tables, the one whose names are marked is that of the request."""
    text = edited(("Request parameters\n", "Ask with:\n"), ("Response parameters\n", "Answered with:\n"))

    assert parse(text, "edited.rst").facts == ours.facts


def test_columns_are_known_by_their_headings(ours: Document) -> None:
    """Columns may stand in another order, and further ones beside them."""
    lines = [
        "+------+--------------+-------------+--------+",
        "| Path | Since        | HTTP method | Description |",
    ]
    assert lines
    old = OURS[OURS.index("+-------------+--------------+---") : OURS.index("Request parameters")]
    new = """\
===========  ============  =====  ===========
Description  URI path      Since  HTTP method
===========  ============  =====  ===========
A list       /mana_api/vm  2016   get
===========  ============  =====  ===========

"""
    document = parse(edited((old, new)), "edited.rst")

    assert document.facts == ours.facts
    assert document.operation.description == "A list"
