"""Rules say what is wrong with one reply, and nothing of one that is right; where the line lies is held to values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from conformance import disclosure, expect, headers
from conformance.answer import Reply
from conformance.credentials import TOKEN, Secret
from conformance.expect import Rule
from tests.suite.replies import NOON, TERMS, no_answer, reply, vms, whole

JSON = {"Content-Type": "application/json"}
DEEPEST = 100
"""Levels of nesting that are read at the most."""

FIELDS = ("instance_id", "status", "cpu_num", "lan_ip")


TYPED = reply(Content_Type="application/json").exchange


A_MACHINE = dict.fromkeys(TERMS.fields, "") | {"instance_id": "vm-00001"}

MANY = tuple(f"vm-{number:05}" for number in range(disclosure.SOME + 2))


def date(**away: float) -> str:
    """A Date so far from the moment of the answer."""
    return format_datetime(NOON + timedelta(**away), usegmt=True)


RIGHT: list[tuple[Rule, Reply]] = [
    (expect.answers, reply(status=499)),
    (expect.answers, reply(status=501, method="PATCH")),
    (expect.refuses, reply(status=400)),
    (expect.refuses, reply(status=499)),
    (expect.lists, reply(vms())),
    (expect.lists_nothing, reply(vms(), 500)),
    (expect.lists_nothing, reply({"msg": "not yours", "instance_id": "vm-00001", "status": "ACTIVE"}, 403)),
    (expect.lists_nothing, reply({**vms(), "seen_last": [A_MACHINE]})),
    (expect.lists_nothing, reply({"fields": {**A_MACHINE, "instance_id": None}}, 400)),
    (expect.has_status(400, 404), reply(status=404)),
    (expect.refuses_or_lists, reply(vms(), 200)),
    (expect.is_refused, reply(status=404)),
    (expect.gives_nothing, reply(b"<html>blocked</html>")),
    (expect.gives_nothing, reply(vms())),
    (expect.is_refused_or_empty, reply(vms())),
    (headers.is_json_typed, reply(Content_Type="application/JSON; charset=utf-8")),
    (headers.is_json_typed, reply(Content_Type="application/json \t")),
    (headers.is_json_typed, no_answer("closed")),
    (headers.is_json_typed_if_typed, reply()),
    (headers.is_some_json_if_typed, reply({}, 400, Content_Type="application/problem+JSON; charset=utf-8")),
    (headers.is_some_json_if_typed, reply({}, 400, Content_Type="application/json")),
    (headers.is_some_json_if_typed, reply({}, 400)),
    (headers.is_json_typed_if_typed, no_answer("closed")),
    (headers.content_length_is_true, reply(b"four", Content_Length=" 4 ")),
    (headers.content_length_is_true, reply(b"four", Content_Length="004")),
    (headers.has_the_length_of([reply(b"four")]), reply(b"", method="HEAD", Content_Length="04")),
    (headers.comes_whole, reply(b"four")),
    (headers.comes_whole, no_answer("closed")),
    (headers.content_length_is_true, reply(b"", method="HEAD", Content_Length="4")),
    (headers.content_length_is_true, reply(b"four", Transfer_Encoding="chunked")),
    (headers.content_length_is_true, no_answer("closed")),
    (disclosure.echoes_no_secret, no_answer("closed")),
    (disclosure.echoes_no_secret, reply(echoed=("token",), query=(("region", "x"), ("token", Secret(TOKEN))))),
    (expect.is_strict_json, reply(b"[" * DEEPEST + b"]" * DEEPEST)),
    (expect.is_strict_json, reply(b'["[[["' + b', [{"a": []}]' * 50 + b"]")),
    (expect.has_no_ambiguous_key, reply(b'{"a": 1, "a": 1}')),
    (expect.has_whole_characters, reply(rb'{"a": "\ud83d\ude00 \\ud83d"}')),
    (expect.has_whole_characters, reply("{'\U0001f600".encode())),
    (expect.shows_machines("list", FIELDS), reply(vms("a", status="ACTIVE"))),
    (expect.shows_machines("list", [*"abcdefgh", *FIELDS]), reply(vms("a", status="", a=1, b=1, c=1, d=1))),
    (expect.shows_machines("dict", FIELDS), reply(vms())),
    (expect.shows_machines(None, FIELDS), reply({"vm_servers": {}})),
    (expect.code_follows(None), reply({"code": 200})),
    (expect.code_follows(None), reply({})),
    (expect.code_follows("present"), reply({"code": 0})),
    (expect.code_follows("absent"), reply({})),
    (expect.has_the_code_of(reply({"code": 0})), reply({"code": 0})),
    (expect.has_the_code_of(reply({"code": 0})), reply({})),
    (expect.has_the_code_of(reply({"code": 0})), reply({"code": [200]})),
    (expect.has_the_code_of(reply({"code": 200})), reply({"code": False})),
    (expect.has_the_code_of(reply(["code"])), reply({"code": 0})),
    (expect.has_the_machines_of(whole("a", "b")), reply(vms("b", "a"))),
    (expect.has_the_machines_of(whole("a", "b")), reply({})),
    (expect.has_the_order_of(whole("a", "b")), reply(vms("b", "c"))),
    (expect.has_the_order_of(whole("a", "b")), reply({})),
    (expect.refuses_or(expect.lists), reply(status=404)),
    (expect.lists_only(whole("a", "b")), reply(vms("b"))),
    (disclosure.has_no_machine_of([reply(vms("a", status="ACTIVE"))]), reply(vms("a", status="ERROR"))),
    (disclosure.has_no_machine_of([reply(vms("a")), reply(vms("b"))]), reply(vms("c", "b"))),
    (disclosure.has_no_machine_of([reply({"vm_servers": [{"status": "ACTIVE"}]})]), reply(vms("a", None))),
    (
        disclosure.has_no_machine_of([reply({"vm_servers": [{"status": "ACTIVE"}]})]),
        reply({"vm_servers": [{"status": "ACTIVE"}]}),
    ),
    # What stands in one of several lists alone has moved meanwhile.
    (disclosure.has_no_machine_of([reply(vms("a", "b")), reply(vms("a"))]), reply(vms("b"))),
    (expect.has_the_machines_of(whole("a", "b", uptime=1)), reply(vms("b", "a", uptime=2))),
    (
        disclosure.names_none_but([reply(vms("vm-00001"))], [reply(vms("vm-00001", "x"))]),
        reply({"a": ["vm-00001", "x"]}),
    ),
    (
        disclosure.names_none_but([reply(vms())], [reply(vms("vm-00001"))]),
        reply(vms(), query=(("region", "vm-00001"),)),
    ),
    (disclosure.names_none_but([no_answer("closed")], [no_answer("closed")]), reply(vms("vm-00001"))),
    (disclosure.names_no_machine_of([reply(vms("vm-00001", "x"))]), reply({"msg": "no x, nor vm-00002"}, 403)),
    (disclosure.names_no_machine_of([reply(vms("half of 1 pair: \ud800"))]), reply({"msg": "half of 1 pair"}, 403)),
    (
        disclosure.names_no_machine_of([reply(vms("database"))]),
        reply({"msg": "the database knows no such tenant"}, 403),
    ),
    (
        disclosure.names_no_machine_of([reply(vms("20160128"))]),
        reply({"msg": "no", "request": "req-201601280017"}, 403),
    ),
    (
        disclosure.names_no_machine_of([reply(vms("vm-00001"))]),
        reply({"msg": "no vm-00001"}, 403, query=(("region", "vm-00001"),)),
    ),
    (
        headers.has_the_type_of(TYPED),
        reply(Content_Type="application/json; charset=utf-8"),
    ),
    (headers.has_the_type_of(TYPED), no_answer("closed")),
    (expect.has_message, reply({"msg": " no "}, 400)),
    (expect.has_message, reply([], 400)),
    (expect.has_error_code, reply({"code": 404}, 404)),
    (expect.has_error_code, reply([], 404)),
    (disclosure.is_not_reflected, reply(b"<script>alert(1)</script>", Content_Type="text/plain")),
    (disclosure.is_not_reflected, reply(b"<p>no region</p>", Content_Type="text/html")),
    (disclosure.is_not_reflected, no_answer("closed")),
    (disclosure.shows_no_trace, reply({"msg": "at noon"}, 400)),
    (disclosure.shows_no_trace, reply({"msg": "at x(y " * 100_000}, 400)),
    (disclosure.tells_no_internals, reply({"msg": "no /etc/passwd here"}, 400, query=(("region", "%2Fetc%2Fpasswd"),))),
    (disclosure.tells_no_internals, reply({"msg": "no /etc/passwd here"}, 400, query=(("region", "/etc/passwd"),))),
    (disclosure.tells_no_internals, reply({"msg": "SELECT x " * 100_000}, 400)),
    (disclosure.tells_no_internals, reply({"msg": "/@" * 100_000}, 400)),
    (disclosure.tells_no_internals, reply({"msg": "bad f:\nsee docs.example"}, 400)),
    (disclosure.tells_no_internals, reply({"msg": 'no "a"'}, 400, query=(("region", '"a"'),))),
    (headers.says_a_true_date, reply(Date=date(seconds=300))),
    (headers.says_a_true_date, reply(Date=date(seconds=-300))),
    (headers.says_a_true_date, reply()),
    (headers.says_a_true_date, no_answer("closed")),
    (headers.is_kept_private, reply(Cache_Control="max-age=60, Private")),
    (headers.is_kept_private, reply(Cache_Control="no-store")),
    (headers.challenges, reply(status=403)),
    (headers.challenges, no_answer("closed")),
    (headers.allows, reply(Allow="HEAD, get")),
    (headers.has_the_length_of([reply(b"four")]), reply(Content_Length=" 4 ")),
    (headers.has_the_length_of([reply(b"four")]), reply()),
    (headers.has_the_length_of([reply(b"four"), reply(b"three")]), reply(Content_Length="9")),
    (headers.has_the_length_of([reply(b"four"), no_answer("closed")]), no_answer("closed")),
    (headers.has_no_body, reply()),
    (headers.has_no_body, no_answer("closed")),
]

TRACES = (
    'Traceback (most recent call last):\n  File "/srv/vm.py", line 7, in get',
    '  File "vm.py", line 12',
    "at org.vm.Api.list(Api.java:31)",
    "at list (/srv/api.js:3:14)",
    "goroutine 7 [running]:",
    "#0 /var/www/vm.php(12)",
    "vm.rb:12:in `list'",
    "at Vm.Api.List(Int32 f) in C:\\vm\\Api.cs:line 7",
    "thread 'main' panicked at src/vm.rs:10:5: called `Result::unwrap()` on an `Err` value",
    "Argument isn't numeric at lib/Vm.pm line 12.",
    "vm.lua:12: attempt to compare nil with number\nstack traceback:\n\t[C]: in ?",
    "(vm 0.1.0) lib/vm/list.ex:12: Vm.List.all/2",
    "{badarg,[{vm,list,2,[]}]}",
)

WRONG: list[tuple[Rule, Reply, str]] = [
    (expect.answers, reply(status=500), "expected no server error; came 500 reason"),
    (expect.answers, reply(status=501), "expected no server error; came 501 reason"),
    (expect.answers, reply(status=501, method="HEAD"), "expected no server error; came 501 reason"),
    (expect.answers, reply(status=502, method="POST"), "expected no server error; came 502 reason"),
    (expect.answers, no_answer("closed"), "expected an answer; came no answer came"),
    (expect.refuses, reply(status=399), "expected a refusal (4xx); came 399 reason"),
    (expect.refuses, reply(status=500), "expected a refusal (4xx); came 500 reason"),
    (expect.lists, reply(vms(), 203), "expected 200 and a list of machines; came 203 reason"),
    (expect.lists, reply({}), "expected 200 and a list of machines; came 200 reason"),
    (expect.lists_nothing, reply(vms("a"), 404), "expected no machine in the answer; came 404 reason with 1 machine"),
    (
        expect.lists_nothing,
        reply({"code": 401, "data": {"servers": [A_MACHINE]}}, 401),
        'expected no machine in the answer; came 401 reason with "vm-00001" in it',
    ),
    (expect.has_status(400, 404), reply(status=401), "expected status 400 or 404; came 401 reason"),
    (
        expect.refuses_or_lists,
        reply({"msg": "no"}),
        "expected a refusal (4xx), or 200 and an empty list; came 200 reason",
    ),
    (expect.is_refused, reply(vms("a"), 404), "expected no machine in the answer; came "),
    (expect.is_refused, reply(vms()), "expected a refusal (4xx); came "),
    (expect.is_refused, no_answer("closed"), "expected an answer; came "),
    (expect.gives_nothing, reply(status=500), "expected no server error; came "),
    (expect.gives_nothing, reply(vms("a")), "expected no machine in the answer; came "),
    (expect.gives_nothing, reply({}), "expected a refusal (4xx), or 200 and an empty list; came "),
    (expect.is_refused_or_empty, reply(vms("a")), "expected no machine in the answer; came "),
    (expect.is_refused_or_empty, reply({}), "expected a refusal (4xx), or 200 and an empty list; came "),
    (headers.is_json_typed, reply(), "expected Content-Type: application/json; came none"),
    *(
        (rule, reply({}, 400, Content_Type=came), f"expected Content-Type: application/json; came {came}")
        for rule, came in (
            (headers.is_json_typed_if_typed, "text/html"),
            (headers.is_json_typed_if_typed, "application/problem+json"),
            (headers.is_some_json_if_typed, "text/html"),
            (headers.is_some_json_if_typed, "text/json+plain"),
        )
    ),
    (
        headers.content_length_is_true,
        reply(b"four", Content_Length="5"),
        "expected Content-Length to be the body's length; came 5 for 4 bytes",
    ),
    (
        headers.content_length_is_true,
        reply(b"four", Content_Length="4", Transfer_Encoding="chunked"),
        "expected Content-Length or Transfer-Encoding; came both",
    ),
    (headers.content_length_is_true, no_answer("length"), "expected one Content-Length; came no answer came"),
    (disclosure.echoes_no_secret, reply(echoed=("a", "b")), "expected no secret in an answer; it holds a and b"),
    (expect.is_strict_json, reply(b'{"a": NaN}'), "expected strict JSON; the body holds NaN, which JSON does not have"),
    (expect.is_strict_json, reply(b" \n"), "expected strict JSON; the body is empty"),
    (
        expect.is_strict_json,
        reply(b"\xef\xbb\xbf{}"),
        "expected strict JSON; the body begins with a byte order mark, which RFC 8259 section 8.1 forbids",
    ),
    (
        expect.is_strict_json,
        reply(b'{"a": "\xff"}'),
        "expected strict JSON; the body is not UTF-8: invalid start byte at byte 7",
    ),
    (
        expect.is_strict_json,
        reply(b"{}\n{}"),
        "expected strict JSON; the body is not JSON: Extra data at line 2, column 1",
    ),
    (
        expect.is_strict_json,
        reply(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1)),
        "expected strict JSON; the body is JSON nested deeper than any list of machines",
    ),
    (
        expect.is_strict_json,
        reply(b"7" * 10_000),
        "expected strict JSON; the body holds a number that no program reads: ",
    ),
    (
        expect.has_no_ambiguous_key,
        reply(b'{"b": 1, "b": 1, "a": [{"c": 1, "c": 2}]}'),
        'expected no key with two values; twice in one object: ["c"]',
    ),
    (
        expect.has_whole_characters,
        reply(rb'{"a": ["\ud83d\ude00", "x\ud83d"]}'),
        'expected whole characters; came half a surrogate pair in "x\\ud83d"',
    ),
    (
        expect.has_whole_characters,
        reply(rb'{"a": "\uD83D\uDE00\uDE00"}'),
        'expected whole characters; came half a surrogate pair in "😀\\ude00"',
    ),
    (
        expect.has_whole_characters,
        reply(rb'{"a": "\\\ude00"}'),
        r'expected whole characters; came half a surrogate pair in "\\\ude00"',
    ),
    (expect.repeats_no_key, reply(b'{"b": 1, "b": 1}'), 'expected each key once; twice in one object: ["b"]'),
    (
        expect.shows_machines("list", FIELDS),
        reply([]),
        "expected an object with the machines in `vm_servers`; came []",
    ),
    (
        expect.shows_machines("list", FIELDS),
        reply({"b": 1, "a": 2}),
        'expected an object with the machines in `vm_servers`; came only an object with ["a", "b"]',
    ),
    (
        expect.shows_machines("list", FIELDS),
        reply({"vm_servers": None}),
        'expected an object with the machines in `vm_servers`; came vm_servers = null in an object with ["vm_servers"]',
    ),
    (
        expect.shows_machines("list", FIELDS),
        reply({"vm_servers": [7]}),
        "expected an object for each machine; came 7 among them",
    ),
    (
        expect.shows_machines("list", FIELDS),
        reply(vms("a", other=1)),
        "expected each machine to have the fields of the table, instance_id, status, cpu_num, lan_ip; "
        'one has instance_id of these, and besides them ["other"]',
    ),
    (
        expect.shows_machines("list", FIELDS),
        reply({"vm_servers": {}}),
        "expected `vm_servers` to be a list, as elsewhere; came a dict",
    ),
    (
        expect.shows_machines("dict", FIELDS),
        reply(vms("a", status="ACTIVE")),
        "expected `vm_servers` to be a dict, as elsewhere; came a list",
    ),
    (expect.code_follows("present"), reply({}), "expected `code`, as elsewhere; it is missing"),
    (expect.code_follows("absent"), reply({"code": 200}), "expected no `code`, as elsewhere; came 200"),
    (expect.code_follows(None), reply({"code": False}), "expected `code` to be 200 or 0, an int; came false"),
    (expect.code_follows("present"), reply({"code": 1}), "expected `code` to be 200 or 0, an int; came 1"),
    (expect.code_follows("present"), reply({"code": "200"}), 'expected `code` to be 200 or 0, an int; came "200"'),
    (
        expect.has_the_code_of(reply({"code": 0})),
        reply({"code": 200}),
        "expected `code` to be 0, as elsewhere; came 200",
    ),
    (
        expect.has_the_code_of(reply({"code": 200})),
        reply({"code": 0}),
        "expected `code` to be 200, as elsewhere; came 0",
    ),
    (
        expect.has_the_machines_of(whole("a", "b", "c")),
        reply(vms("c", "d")),
        'expected the same list as before; came 200 reason with 2 machines: without 2 machines, "a" first '
        'and with machine "d"',
    ),
    (
        expect.has_the_machines_of(whole("a", "b", status="ACTIVE")),
        reply(vms("a", "b", status="ERROR")),
        'expected the same list as before; came 200 reason with 2 machines: another record of machine "a"',
    ),
    (
        expect.has_the_machines_of(whole("a", "b")),
        reply(vms("a", "b", "b")),
        "expected the same list as before; came 200 reason with 3 machines: the same machines in other numbers",
    ),
    (
        expect.has_the_machines_of(whole("a", 7, None)),
        reply(vms()),
        "expected the same list as before; came 200 reason: without 3 machines, 7 first",
    ),
    (
        expect.has_the_order_of(whole("a", "b")),
        reply(vms("b", "a")),
        "expected the same order as before; came machines no. 2, 1 of 2",
    ),
    (
        expect.refuses_or(expect.lists),
        reply(vms("a"), 404),
        "expected no machine in the answer; came 404 reason with 1 machine",
    ),
    (expect.refuses_or(expect.lists), reply({}), "expected 200 and a list of machines; came 200 reason"),
    (
        expect.lists_only(whole("a")),
        reply(vms("a", "c", "d")),
        'expected no machine but those of the whole list; came 2 more, "c" first',
    ),
    (
        disclosure.names_none_but([reply(vms("vm-00000"))], [reply(vms(*MANY))]),
        reply({**vms("vm-00000"), "others": MANY[1:2]}),
        'expected no machine of the other tenant\'s; it names "vm-00001"',
    ),
    (
        disclosure.names_no_machine_of([reply(vms("vm-00001"))]),
        reply({"msg": "no vm-00001"}, 403),
        'expected a refusal that names no machine; it names "vm-00001"',
    ),
    (
        disclosure.names_no_machine_of([reply(vms("机器-no-00001"))]),
        reply({"msg": "no 机器-no-00001"}, 403),
        'expected a refusal that names no machine; it names "机器-no-00001"',
    ),
    (
        headers.has_the_type_of(TYPED),
        reply(Content_Type="text/html"),
        "expected Content-Type: application/json, as without; came text/html",
    ),
    (
        disclosure.has_no_machine_of([reply(vms("a", tenant_id="one"))], "another list"),
        reply(vms("a", tenant_id="other")),
        'expected no machine of another list; came 1 of them, "a" first',
    ),
    (
        disclosure.has_no_machine_of([reply(vms("a", "b")), reply(vms("b"))]),
        reply(vms("c", "b")),
        'expected no machine of the good request\'s list; came 1 of them, "b" first',
    ),
    (
        disclosure.has_no_machine_of([reply(vms("a")), reply(vms("b"))], at_once=True),
        reply(vms("c", "b")),
        'expected no machine of the good request\'s list; came 1 of them, "b" first',
    ),
    (expect.is_json_object, reply(b"oops", 400), "expected a JSON body; the body is not JSON: "),
    (expect.is_json_object, reply("oops", 400), 'expected a JSON object; came "oops"'),
    (expect.has_message, reply({"msg": " "}, 400), 'expected `msg`, a text that is not empty; came " "'),
    (expect.has_message, reply({"msg": 7}, 400), "expected `msg`, a text that is not empty; came 7"),
    (expect.has_message, reply({}, 400), "expected `msg`, a text that is not empty; came none"),
    (expect.has_error_code, reply({}, 400), "expected `code`, an int equal to the status; came none"),
    (
        expect.has_error_code,
        reply({"code": 500}, 400),
        "expected `code`, an int equal to the status; came 500 with status 400",
    ),
    (
        expect.has_error_code,
        reply({"code": "400"}, 400),
        'expected `code`, an int equal to the status; came "400" with status 400',
    ),
    (
        disclosure.is_not_reflected,
        reply(X_Injected=""),
        "expected no header made of a parameter; came X-Injected: yes",
    ),
    (
        disclosure.is_not_reflected,
        reply(b"no <script>alert(1)</script>", Content_Type="text/html"),
        "expected no parameter in a page of HTML; came the script that was sent, ready to run",
    ),
    (
        disclosure.shows_no_trace,
        reply(status=500, X_Error=TRACES[3]),
        'expected no stack trace; came "at list (/srv/api.js:3:14"',
    ),
    *(
        (disclosure.shows_no_trace, reply({"a": [{"b": trace}]}, 400), "expected no stack trace; came ")
        for trace in TRACES
    ),
    (
        disclosure.tells_no_internals,
        reply({"msg": "no /etc/passwd here, nor /srv/vm.py"}, 400, query=(("region", "/etc/passwd"),)),
        'expected no file path and no SQL of the server\'s; came "/srv/vm.py"',
    ),
    (
        disclosure.tells_no_internals,
        reply({"msg": "/srv/vm.py"}, 400, query=(("region", "v"), ("f", "/"))),
        'expected no file path and no SQL of the server\'s; came "/srv/vm.py"',
    ),
    (
        headers.says_a_true_date,
        reply(Date=date(seconds=301)),
        f"expected a Date near the truth; came {date(seconds=301)}, 301 s away from here",
    ),
    (
        headers.says_a_true_date,
        reply(Date=date(seconds=-301)),
        f"expected a Date near the truth; came {date(seconds=-301)}, 301 s away from here",
    ),
    *(
        (
            disclosure.tells_no_internals,
            reply(said, 400),
            f"expected no file path and no SQL of the server's; came {came}",
        )
        for said, came in (
            ({"msg": 'near "OR": syntax error'}, r'"near \"OR\": syntax error"'),
            (rb'{"msg": "include(\/var\/www\/app\/vm.php)"}', '"/var/www/app/vm.php"'),
            ({"errors": [{"detail": "INSERT\nINTO vm"}]}, r'"INSERT\nINTO "'),
            ({"msg": "no way to mysql+pymysql://nova:hunter2@db1/vm"}, '"mysql+pymysql://nova:hunter2@d"'),
            (b'<p>near "OR": syntax error</p>', r'"near \"OR\": syntax error"'),
        )
    ),
    (
        headers.comes_whole,
        no_answer("cut"),
        "expected a whole body in the coding that it names; came no answer came",
    ),
    *(
        (headers.says_a_true_date, reply(Date=odd), f'expected a Date of HTTP\'s form; came "{odd}"')
        for odd in (
            "today",
            date().replace("GMT", "-0000"),
            date().replace("12:00:00 GMT", "20:00:00 +0800"),
            f"{date()}, {date()}",
            f"Sunday{date()[3:]}",
            f"{NOON:%Y-%m-%dT%H:%M:%SZ}",
        )
    ),
    (
        headers.says_a_true_date,
        reply(Date="Mon, 01 Jan 2024 00:00:00 +99999999999999999999"),
        'expected a Date of HTTP\'s form; came "Mon, 01 Jan 2024 00:00:00 +99999999999999999999"',
    ),
    (
        headers.is_kept_private,
        reply(Cache_Control="public"),
        'expected Cache-Control: private or no-store; came "public"',
    ),
    (
        headers.is_kept_private,
        reply(Cache_Control='private="Set-Cookie"'),
        r'expected Cache-Control: private or no-store; came "private=\"Set-Cookie\""',
    ),
    (headers.is_kept_private, reply(), "expected Cache-Control: private or no-store; came none"),
    (headers.challenges, reply(status=401), "expected WWW-Authenticate with the 401; came none"),
    (headers.allows, reply(Allow="HEAD"), 'expected Allow with GET in it; came "HEAD"'),
    (headers.allows, no_answer("closed"), "expected Allow with GET in it; came none"),
    (
        headers.has_the_length_of([reply(b"four")]),
        reply(Content_Length="44"),
        "expected Content-Length: 4, as GET has; came 44",
    ),
    (headers.has_no_body, reply(length=7), "expected no body; came 7 bytes after the header"),
]


@pytest.mark.parametrize(("rule", "came"), RIGHT)
def test_nothing_is_wrong_with_what_is_right(rule: Rule, came: Reply) -> None:
    """What keeps the contract, be it by the least, is no problem; nor is what another rule is about."""
    assert rule(came) is None


@pytest.mark.parametrize(("rule", "came", "said"), WRONG)
def test_what_is_wrong_is_said(rule: Rule, came: Reply, said: str) -> None:
    """What breaks the contract, be it by the least, is told with what was expected and what came."""
    problem = rule(came)
    assert problem is not None
    assert problem.sentence == said or (said.endswith(("came ", ": ")) and problem.sentence.startswith(said))


@pytest.mark.parametrize(
    ("lists", "wrong"),
    [
        # A machine stands in what came next before and next behind.
        ((("a", "b"), ("b", "c"), ("b", "d"), ("e",)), True),
        # It went from one list to the other, and all else went as well.
        ((("b", "c"), ("b", "d"), ("e",), ("f",)), False),
        # Nothing was asked behind.
        ((("b", "c"), ("b", "d")), False),
    ],
)
def test_of_lists_with_nothing_in_common_the_next_ones_count(lists: tuple[tuple[str, ...], ...], wrong: bool) -> None:
    """A list between the second and the third has a machine of others where both of these have it."""
    gone = reply(vms("z"))
    others = [moved(one, minutes) for minutes, one in enumerate([reply(vms(*ids)) for ids in lists])]
    rule = disclosure.has_no_machine_of([moved(gone, -1), *others])
    assert (rule(moved(reply(vms("b")), 1.5)) is not None) is wrong


def moved(one: Reply, minutes: float) -> Reply:
    """A reply as though it had come so many minutes later."""
    return replace(one, exchange=replace(one.exchange, at=one.exchange.at + 60 * minutes))


@pytest.mark.parametrize(
    ("asked", "came", "wrong"),
    [
        ("identity", None, False),
        ("identity", "identity", False),
        ("identity", "gzip", True),
        ("gzip", "x-gzip", False),
        ("gzip, br", "BR", False),
        ("gzip", "deflate", True),
        ("gzip", "gzip, br", True),
        (None, "gzip", False),
    ],
)
def test_coding_is_one_that_was_asked_for(asked: str | None, came: str | None, wrong: bool) -> None:
    """What says nothing of codings takes any, and none is always taken."""
    one = reply() if came is None else reply(Content_Encoding=came)
    probe = one.exchange.probe if asked is None else one.exchange.probe.with_header("Accept-Encoding", asked)
    problem = headers.is_in_a_coding_asked_for(replace(one, exchange=replace(one.exchange, probe=probe)))
    assert (problem is not None) is wrong
    assert problem is None or problem.sentence == f'expected a coding of {asked}; came "{came}"'
