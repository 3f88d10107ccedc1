"""Mutants of the body: what is no JSON, no object with `vm_servers`, or has another code."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference.model import Refusal
from reference.mutant import (
    Answer,
    Change,
    Mutant,
    Outcome,
    in_list_answers,
    in_lists,
    in_outcome,
    in_second_region,
    on_later_page,
    records,
)
from reference.service import Ask, Service


def bytes_of(spoil: Callable[[bytes], bytes]) -> Callable[[Answer], Answer]:
    """A fault of the body's bytes."""
    return lambda answer: replace(answer, body=spoil(answer.body))


def with_text_after(body: bytes) -> bytes:
    """A body with what a template left behind it."""
    return body + b"<!-- 0.012 s -->\n"


def with_nan(body: bytes) -> bytes:
    """A body whose first machine has NaN GB of memory."""
    return re.sub(rb'("mem_size":)\d+', rb"\1NaN", body, count=1)


def with_raw_tab(body: bytes) -> bytes:
    """A body with a tab in a name, as the byte that it is."""
    return re.sub(rb'("instance_name":"[^"]{2})', b"\\1\t", body, count=1)


def with_half_a_character(body: bytes) -> bytes:
    """A body whose names were cut where UTF-16 has two units for one character."""
    return re.sub(rb'("instance_name":"(?:[^"\\]|\\.)*)"', rb'\1\\ud83d"', body)


def in_gb18030(body: bytes) -> bytes:
    """A body in the encoding of Chinese Windows."""
    return body.decode().encode("gb18030")


def with_key_twice(name: bytes, first: bytes | None) -> Callable[[bytes], bytes]:
    """A body in which the first key of a name comes twice: with this value before its own, or with its own."""

    def spoil(body: bytes) -> bytes:
        found = re.search(rb'"%b":("[^"]*"|\d+),' % name, body)
        if not found:
            return body
        added = found[0] if first is None else b'"%b":%b,' % (name, first)
        return body[: found.start()] + added + body[found.start() :]

    return spoil


def with_null(document: dict[str, Any]) -> dict[str, Any]:
    """A list with a null at its end."""
    servers = document["vm_servers"]
    return {**document, "vm_servers": {**servers, "": None} if isinstance(servers, dict) else [*servers, None]}


def with_single_bare(document: dict[str, Any]) -> dict[str, Any]:
    """A list of one machine as that machine, as converters from XML make it."""
    machines = records(document)
    return {**document, "vm_servers": machines[0]} if len(machines) == 1 else document


def in_other_form(document: dict[str, Any]) -> dict[str, Any]:
    """A list in the form of the other reading of `vm_servers`."""
    if isinstance(document["vm_servers"], dict):
        return {**document, "vm_servers": records(document)}
    return {**document, "vm_servers": {machine["instance_id"]: machine for machine in records(document)}}


def with_null_for_none(document: dict[str, Any]) -> dict[str, Any]:
    """An empty list as null."""
    return document if document["vm_servers"] else {**document, "vm_servers": None}


def renamed(document: dict[str, Any]) -> dict[str, Any]:
    """A list under another name."""
    return {("vmServers" if name == "vm_servers" else name): value for name, value in document.items()}


def bare(answer: Answer) -> Answer:
    """A list that is the whole document."""
    return answer.holding(answer.document["vm_servers"])


def with_code(code: object) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A document with this code, whatever the reading."""
    return lambda document: {"code": code, **{name: value for name, value in document.items() if name != "code"}}


def code_by_other_reading() -> Change:
    """A code in empty lists where full ones have none, and none where they have one."""

    def say(_ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Refusal) or outcome["vm_servers"]:
            return outcome
        other = replace(service.readings, code="absent" if service.readings.code == "present" else "present")
        return service.listing([], other)

    return in_outcome(say)


MUTANTS = (
    Mutant(
        "byte-order-mark-in-second-region",
        "BODY-01",
        "A byte order mark stands before the JSON, in the second region",
        in_list_answers(bytes_of(lambda body: b"\xef\xbb\xbf" + body), in_second_region),
    ),
    Mutant(
        "nan-on-later-pages",
        "BODY-01",
        "mem_size is written NaN in the first machine of every page but the first",
        in_list_answers(bytes_of(with_nan), on_later_page),
    ),
    Mutant(
        "text-after-json",
        "BODY-01",
        "An HTML comment stands after the JSON of every list",
        in_list_answers(bytes_of(with_text_after)),
    ),
    Mutant(
        "gb18030-in-second-region",
        "BODY-01",
        "The JSON is in GB18030 and not in UTF-8, in the second region",
        in_list_answers(bytes_of(in_gb18030), in_second_region),
    ),
    Mutant(
        "raw-tab-in-name-on-later-pages",
        "BODY-01",
        "A tab in a name is not escaped, on every page but the first",
        in_list_answers(bytes_of(with_raw_tab), on_later_page),
    ),
    Mutant("vm_servers-renamed", "BODY-02", "The list is called vmServers", in_lists(renamed)),
    Mutant("vm_servers-null-when-empty", "BODY-02", "A list of no machines is null", in_lists(with_null_for_none)),
    Mutant(
        "vm_servers-bare-when-single",
        "BODY-02",
        "A list of one machine is that machine itself",
        in_lists(with_single_bare),
    ),
    Mutant(
        "vm_servers-in-other-form-on-later-pages",
        "BODY-02",
        "vm_servers is a list on the first page and an object on the others, or the other way round",
        in_lists(in_other_form, on_later_page),
    ),
    Mutant("vm_servers-with-null", "BODY-02", "A null follows the last machine of every list", in_lists(with_null)),
    Mutant(
        "list-without-object-in-second-region",
        "BODY-02",
        "The list is the whole document, in the second region",
        in_list_answers(bare, in_second_region),
    ),
    Mutant("code-string", "BODY-03", 'The code of every list is the text "200"', in_lists(with_code("200"))),
    Mutant(
        "code-of-error-on-later-pages",
        "BODY-03",
        "The code is 500, with the status 200, on every page but the first",
        in_lists(with_code(500), on_later_page),
    ),
    Mutant(
        "code-zero-in-second-region",
        "BODY-03",
        "The code is 0 for the second region, and the status for the first",
        in_lists(with_code(0), in_second_region),
    ),
    Mutant(
        "code-by-other-reading-when-empty",
        "BODY-03",
        "Full lists have a code and empty ones none, or the other way round",
        code_by_other_reading(),
    ),
    Mutant(
        "cpu_num-twice-with-two-values",
        "BODY-04",
        "The first machine of every list has two cpu_num, 0 and its own",
        in_list_answers(bytes_of(with_key_twice(b"cpu_num", b"0"))),
    ),
    Mutant(
        "status-twice-with-two-values-on-later-pages",
        "BODY-04",
        "The first machine has two statuses, UNKNOWN and its own, on every page but the first",
        in_list_answers(bytes_of(with_key_twice(b"status", b'"UNKNOWN"')), on_later_page),
    ),
    Mutant(
        "mem_size-twice-alike",
        "BODY-05",
        "The first machine of every list has mem_size twice, with the same value",
        in_list_answers(bytes_of(with_key_twice(b"mem_size", None))),
    ),
    Mutant(
        "names-cut-within-a-character",
        "BODY-06",
        "Every name ends with the first half of a surrogate pair, written as an escape",
        in_list_answers(bytes_of(with_half_a_character)),
    ),
)
