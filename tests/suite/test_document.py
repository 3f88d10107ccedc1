"""The contract document: what is read from it, and what is said of one that cannot be read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts import DEFAULT, Document, DocumentError, Place, parse, read
from contracts.document import TYPES
from contracts.keeping import maker

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


def border(name: str) -> str:
    """The line below that one."""
    lines = OURS.splitlines()
    return lines[lines.index(row(name)) + 1]


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
    assert [line.row for line in sample.lines] == ["curl", "X-Auth-Token", "Sp-Agent", "URL"]


def test_curl_command_may_be_one_line() -> None:
    """Address and headers are found on the line that has them, though it has them all; options may stick together."""
    command = OURS[OURS.index("curl  -i") : OURS.index("Response parameters")]
    line = "curl -XPOST --header 'X-Auth-Token: {t}' --header 'X-Vendor: a' --url http://h/v?t=1&f="
    sample = parse(edited((command, line.replace("http", '"http') + '"\n\n')), "edited.rst").request_sample

    assert (sample.method, sample.path, sample.query) == ("POST", "/v", (("t", "1"), ("f", "")))
    assert [sample.line(name).row for name in ("URL", "X-Vendor")] == ["URL", "X-Vendor"]
    assert sample.line("Accept") == sample.place


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


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, words in TYPES.items() for word in words])
def test_type_words_are_known_in_both_languages(name: str, word: str) -> None:
    """Every usual word for a type, in any case, is one of the six types."""
    width = sum(1 if mark.isascii() else 2 for mark in word)
    cell = word.capitalize() + " " * (8 - width)

    field = parse(edited((row("mem_size"), row("mem_size").replace(" int    ", cell))), "edited.rst").field("mem_size")

    assert field
    assert field.type == name


def test_what_is_sphinx_alone_is_passed_over(ours: Document, capfd: pytest.CaptureFixture[str]) -> None:
    """Directives and roles that docutils does not know are no part of the contract, and no word is said of them."""
    text = edited(
        ("Summary\n", ".. toctree::\n   :maxdepth: 2\n\nSummary\n"), ("in the current region.", ":ref:`here`.")
    )

    assert parse(text, "edited.rst").facts == ours.facts
    assert capfd.readouterr() == ("", "")


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


def test_marked_row_of_the_response_table_is_optional() -> None:
    """A response field is required unless its name is marked as optional."""
    line = row("status")
    document = parse(edited((line, line.replace("status        ", "status（可选）"))), "edited.rst")

    assert [field.name for field in document.fields if not field.required] == ["status"]


def test_sample_without_machines_leaves_the_container_to_the_table() -> None:
    """An empty list in the sample holds no machine: the first list or dict of the table is the container."""
    start, end = OURS.index('"vm_servers": ['), OURS.index("Error response sample")
    document = parse(OURS[:start] + '"vm_servers": []\n    }\n\n' + OURS[end:], "edited.rst")

    assert document.container.name == "vm_servers"
    assert document.machines == ()
    assert len(document.machine_fields) == 10


def test_fields_follow_the_sample_where_it_shows_them() -> None:
    """A row below the container whose name stands beside the machines in the sample is the answer's."""
    text = edited(
        (
            row("update_at"),
            row("update_at") + "\n" + border("update_at") + "\n" + row("code").replace("code ", "total"),
        ),
        ('      "vm_servers": [', '      "total": 2,\n      "vm_servers": ['),
    )
    document = parse(text, "edited.rst")

    assert [field.name for field in document.answer_fields] == ["code", "vm_servers", "total"]


def test_second_error_sample_is_kept_apart() -> None:
    """A document may show several errors; each has a name of its own, and the first is the error sample."""
    second = """
::

    HTTP/1.1 401 Unauthorized

    {"msg": "No token", "code": 401}
"""
    document = parse(OURS + second, "edited.rst")

    assert document.error_sample.status == 400
    assert [answer.place.table for answer in document.answers] == ["success sample", "error sample", "error sample 2"]
    assert document.resolve("error sample 2: msg").text == '{"msg": "No token", "code": 401}'


def test_samples_are_known_wherever_they_stand(ours: Document) -> None:
    """An error may be shown before an answer, and a block that is no sample before both."""
    error = OURS[OURS.index("Error response sample") :]
    text = OURS.removesuffix(error)
    text = edited(("Request sample\n", f"Such as\n\n::\n\n    party=acme\n\n{error}\n\nRequest sample\n"), text=text)
    document = parse(text, "edited.rst")

    assert document.success_sample.status == 200
    assert [answer.status for answer in document.answers] == [400, 200]
    assert document.request_sample.query == ours.request_sample.query


def test_resource_is_the_row_of_the_operation(ours: Document) -> None:
    """Where the table of resources has several rows, the one of the operation's method and path is meant."""
    line = "| vm       | List all virtual machines | GET         | /mana_api/vm |"
    other = "| disk     | List all disks            | GET         | /mana_api/ds |"
    document = parse(edited((line, "\n".join((other, border("vm"), line)))), "edited.rst")

    assert document.resource
    assert ours.resource
    assert document.resource.description == ours.resource.description == "List all virtual machines"


@pytest.mark.parametrize(
    ("source", "row_name", "text"),
    [
        ("title", "", "List virtual machines"),
        ("entry point", "", "http://m.scloudm.com/"),
        ("operation table", "", "GET | /mana_api/vm | Get the list of physical machines"),
        ("resource table: vm", "vm", "vm | List all virtual machines | GET | /mana_api/vm"),
        ("request table: t", "t", "t (optional) | int | Where the page ends"),
        ("response table: cpu_num, type", "cpu_num", "int"),
        ("success sample: Content-Length", "Content-Length", "Content-Length: 537"),
        ("success sample: cpu_num", "cpu_num", '"cpu_num": 8,'),
        ("error sample: code", "code", '"code": 400'),
        ("request sample: Sp-Agent", "Sp-Agent", "-H 'Sp-Agent: default'"),
    ],
)
def test_source_names_a_place(ours: Document, source: str, row_name: str, text: str) -> None:
    """A source of a clause names a table, row, cell, sample or line, and resolves to what stands there."""
    place = ours.resolve(source)

    assert (place.row, place.text) == (row_name, text)
    assert text.split(" | ", maxsplit=1)[0] in OURS.splitlines()[place.line - 1]


@pytest.mark.parametrize("source", ["request table: u", "response table: code, colour", "error sample: x", "no"])
def test_source_of_no_place_is_refused(ours: Document, source: str) -> None:
    """A source that the document has no place for is a KeyError that names it."""
    with pytest.raises(KeyError, match=re.escape(source)):
        ours.resolve(source)


def test_every_place_is_on_its_line(ours: Document) -> None:
    """Each cell, paragraph and line of a sample carries the line of the file that it begins on."""
    lines = OURS.splitlines()

    assert len(ours.places) > 100
    assert [place for place in ours.places if place.text.split("\n")[0][:60] not in lines[place.line - 1]] == []


def test_hash_is_of_the_words_alone() -> None:
    """A place's hash changes with its words and not with the blanks between them."""
    place = Place("s", "response table", "code", "type", 7, "a list")

    assert place.hash == Place("s", "response table", "code", "type", 9, " a  list\n").hash
    assert place.hash != Place("s", "response table", "code", "type", 7, "alist").hash
    assert re.fullmatch("[0-9a-f]{12}", place.hash)


def test_place_says_where_it_is(ours: Document) -> None:
    """A place prints as table, row, column, line and text."""
    cell = ours.fields[4].cells["type"]

    assert str(cell) == f'response table, row cpu_num, column type (line {cell.line}): "int"'


BROKEN = {
    "empty": ("", r"b\.rst:1: no title"),
    "prose": ("Nothing\n=======\n\nhere\n", r"b\.rst:1: no entry point"),
    "no operation table": (
        edited(("| HTTP method | URI path     | Desc", "| HTTP method | URI path     | Disc")),
        "1: no op",
    ),
    "no request table": (edited(("| Field                |", "| Feeld                |")), r"1: no request table"),
    "no response table": (edited(("| Field         |", "| Feeld         |")), r"1: no response table"),
    "no error sample": (edited(("HTTP/1.1 400", "HTTP/1.1 200")), r"1: no error sample"),
    "two operations": (
        edited((row("GET"), "\n".join((row("GET"), border("GET"), row("GET"))))),
        r":35: a second operation: a contract is of one \(operation table, row GET, column path\)",
    ),
    "no rows": (
        edited((f"{row('GET')}\n{border('GET')}\n", "")),
        r":32: not reStructuredText: Malformed table",
    ),
    "no list": (
        edited(("dict ", "int  "), ("| list ", "| int  "), ('"vm_servers"', '"servers"')),
        r":66: no row is a list or dict that could hold the machines \(response table\)",
    ),
    "two response tables": (edited(("Request parameters\n", "Response parameters\n")), r":64: a second response table"),
    "empty cell": (
        edited((row("cpu_num"), row("cpu_num").replace("int", "   "))),
        r":74: an empty cell \(response table, row cpu_num, column type\)",
    ),
    "empty name": (
        edited((row("cpu_num"), row("cpu_num").replace("cpu_num", "       "))),
        r":74: an empty cell \(response table, row 5, column name\)",
    ),
    "merged cells": (
        edited((row("cpu_num"), row("cpu_num").replace("| int", "  int"))),
        r":74: 2 cells under 3 headings \(response table, row cpu_num int\)",
    ),
    "malformed table": (
        edited((row("cpu_num"), row("cpu_num")[:-4])),
        r":74: not reStructuredText: Malformed table.*\(table, row cpu_num\)",
    ),
    "unknown type": (
        edited((row("cpu_num"), row("cpu_num").replace("int ", "word"))),
        r':74: unknown type "word" \(response table, row cpu_num, column type\)',
    ),
    "same field twice": (
        edited((row("mem_size"), row("cpu_num"))),
        r":76: cpu_num stands twice, first on line 74 \(response table, row cpu_num, column name\)",
    ),
    "same parameter twice": (
        edited((row("f (optional)"), row("t (optional)"))),
        r":49: t stands twice, first on line 47 \(request table, row t, column name\)",
    ),
    "no marker": (
        edited((row("f (optional)"), row("f (optional)").replace("(optional)", "          "))),
        r":47: neither \(required\) nor \(optional\) \(request table, row f, column name\)",
    ),
    "unknown marker": (
        edited((row("f (optional)"), row("f (optional)").replace("(optional)", "(perhaps) "))),
        r':47: "f \(perhaps\)" is no name of a field \(request table, row f \(perhaps\), column name\)',
    ),
    "no path": (edited((row("GET"), row("GET").replace("/mana", " mana"))), r":33: .*is no path \(operation table"),
    "no method": (edited((row("GET"), row("GET").replace("GET", "GOT"))), r':33: "GOT" is no HTTP method'),
    "no address": (edited(("API entry point: http:", "API entry point: ftp:")), r":18: .*is no http or https address"),
    "no curl": (edited(("curl  -i", "wget  -i")), r":56: the request sample is no curl command"),
    "open quote": (edited(("t=10'", "t=10")), r":56: the curl command cannot be read: No closing quotation"),
    "no token": (edited(("{token_id}", "abc")), r":56: no header has a \{placeholder\}"),
    "no request sample": (edited(("    curl  -i", "    x"), ("Request sample\n", "Ask:\n")), "1: no request sample"),
    "no status line": (edited(("HTTP/1.0 200 OK", "Success")), r":95: the sample does not begin with an HTTP status"),
    "no body": (OURS[: OURS.index('    {\n      "msg')], r":134: the sample has no body \(error sample\)"),
    "no JSON": (edited(('"cpu_num": 4,', '"cpu_num": four,')), r":118: the body is not JSON: Expecting value"),
    "NaN": (edited(('"cpu_num": 4,', '"cpu_num": NaN,')), r":101: the body is not JSON: NaN is no JSON number"),
    "half a character": (edited(('"haha"', '"\\ud800"')), r":101: the body is not JSON: .* surrogates not allowed"),
    "key twice": (edited(('"mem_size": 8', '"cpu_num": 8')), r':101: .*"cpu_num" stands twice'),
    "no header": (edited(("Server: Werkzeug", "Server Werkzeug")), r":98: neither a header nor JSON"),
    "a NUL": (edited(("Memory", "Mem\0ory")), r":76: not a text"),
    "nested": ("".join(f"{' ' * n}x\n\n" for n in range(300)), r"b\.rst: nested too deeply"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_document_is_refused_in_one_line(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """What is wrong is said in one line, with the file, the line and the cell, and nothing else is printed."""
    text, pattern = BROKEN[name]

    with pytest.raises(DocumentError, match=pattern) as caught:
        parse(text, "b.rst")

    assert str(caught.value).startswith("b.rst")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_file_that_is_missing_or_not_text_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder, and a file that is not UTF-8 are refused by name, the last with its line."""
    odd = tmp_path / "odd.rst"
    odd.write_bytes(b"Title\n=====\n\n\xff\xfe\x00")

    with pytest.raises(DocumentError, match=r"none\.rst: cannot be read: No such file"):
        read(tmp_path / "none.rst")
    with pytest.raises(DocumentError, match="cannot be read: Is a directory"):
        read(tmp_path)
    with pytest.raises(DocumentError, match=r"odd\.rst:4: not UTF-8: byte 0xff"):
        read(odd)


# -- kept between runs


class Shelf:
    """What is kept, as text, and how often something was made for it."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.made = 0

    def keep(self, key: str, make: Callable[[], Any]) -> Any:
        """Keep a value of JSON."""
        if key not in self.kept:
            self.kept[key] = json.dumps(make())
            self.made += 1
        return json.loads(self.kept[key])


@pytest.mark.parametrize("text", [OURS, edited(*CHINESE.items())])
def test_a_kept_page_is_read_as_the_text_is(text: str) -> None:
    """The page is parsed once, and whatever is read from it is the same, line by line."""
    shelf = Shelf()
    first, second = parse(text, "a.rst", shelf.keep), parse(text, "b.rst", shelf.keep)
    assert shelf.made == 1
    assert replace(first, name="") == replace(second, name="") == replace(parse(text, "c.rst"), name="")


def test_a_document_that_was_changed_is_not_read_from_what_was_kept() -> None:
    """Nor is one that cannot be read kept, or taken for the one that was."""
    shelf = Shelf()
    parse(OURS, "a.rst", shelf.keep)
    changed = parse(edited(("vm_servers", "vm_machine")), "a.rst", shelf.keep)
    assert (changed.container.name, shelf.made) == ("vm_machine", 2)
    for _ in range(2):
        with pytest.raises(DocumentError, match="not reStructuredText"):
            parse(edited((row("party"), row("party")[:-3])), "a.rst", shelf.keep)
    assert shelf.made == 2


def test_what_is_kept_is_made_anew_by_other_code(tmp_path: Path) -> None:
    """A source of ours that was changed, and another version of a package, have another key."""
    source = tmp_path / "made.py"
    source.write_text("1")
    first = maker(source, packages=("docutils",))
    source.write_text("2")
    assert first != maker(source, packages=("docutils",)) != maker(source, packages=("pytest",))
