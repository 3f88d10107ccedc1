"""Hostile servers: what each says to a request, on a socket that knows no HTTP, and what a judge is to make of it.

A hostile act is told the connection, reads no more from it than it wants to, says what it says, and ends: the
connection is closed behind it. A server of it acts so at once, or is the reference until a good answer was given and
acts so on every third request from then on.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import itertools
import json
import random
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from flask import Flask
from werkzeug.test import Client

from tests.suite.servers import Sockets, Talk, answer, talking

Act = Callable[[Talk], None]
"""What is said to one request."""

FOR_EVER = 60.0
"""Seconds; longer than any judge here stays."""

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MEGABYTE = 1 << 20


def machine(**fields: Any) -> dict[str, Any]:
    """A machine with nothing wrong with it but what is said."""
    return {
        "instance_name": "web",
        "instance_id": "i-1",
        "cpu_num": 2,
        "mem_size": 2048,
        "disk_size": 20,
        "lan_ip": "10.0.0.1",
        "wan_ip_set": ["192.0.2.1"],
        "status": "ACTIVE",
        "create_at": "2014-07-29 15:08:39",
        "update_at": "2014-08-05 17:37:56",
        **fields,
    }


def listing(*machines: Any) -> bytes:
    """The body that lists some machines."""
    return json.dumps({"code": 200, "vm_servers": list(machines)}).encode()


LIST = listing(machine())


# -- how an act is made


def says(*pieces: bytes) -> Act:
    """Say some bytes."""

    def act(talk: Talk) -> None:
        for piece in pieces:
            talk.say(piece)

    return act


def repeats(start: bytes, more: bytes, pause: float = 0.0, times: int | None = None) -> Act:
    """Say a start, then more and more of the same, as long as somebody listens or so many times."""

    def act(talk: Talk) -> None:
        talk.say(start)
        ends = time.monotonic() + FOR_EVER
        for _ in itertools.count() if times is None else range(times):
            if time.monotonic() > ends:
                return
            talk.say(more)
            time.sleep(pause)

    return act


def holds(start: bytes = b"") -> Act:
    """Say a start, and nothing more until the other side goes away."""

    def act(talk: Talk) -> None:
        talk.say(start)
        talk.connection.settimeout(FOR_EVER)
        with contextlib.suppress(OSError):
            talk.connection.recv(1)

    return act


def resets(start: bytes = b"") -> Act:
    """Say a start, then end the connection by a reset and not by a close."""

    def act(talk: Talk) -> None:
        talk.say(start)
        talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        talk.connection.close()

    return act


def body(text: bytes, **headers: str) -> Act:
    """Answer 200 with a body, its length told truly unless it is said otherwise."""
    return says(answer(body=text, **headers))


def named(name: Any) -> Act:
    """Answer a list of one machine with this name."""
    return body(listing(machine(instance_name=name)))


def with_ids(*ids: Any) -> Act:
    """Answer a list of machines with these ids."""
    return body(listing(*(machine(instance_id=one) for one in ids)))


def made(make: Callable[[], Act]) -> Act:
    """An act that takes time or memory to make, made when it is first wanted."""
    kept, turn = functools.cache(make), threading.Lock()

    def act(talk: Talk) -> None:
        with turn:
            one = kept()
        one(talk)

    return act


def chunked(*chunks: bytes) -> bytes:
    """An answer's head, and so many chunks without the last."""
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in chunks)


def bomb(inflated: int, window: int) -> bytes:
    """So many spaces, squeezed."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, window)
    megabyte = b" " * MEGABYTE
    return b"".join(squeezer.compress(megabyte) for _ in range(inflated // MEGABYTE)) + squeezer.flush()


def random_names() -> Act:
    """Answer a list of one machine with a long name, another one each time."""
    numbers = itertools.count()

    def act(talk: Talk) -> None:
        letters = random.Random(next(numbers)).randbytes(7 * MEGABYTE).hex()  # noqa: S311 - no secret
        body(listing(machine(instance_name=letters)))(talk)

    return act


# -- the acts

SILENT: Mapping[str, Act] = {
    "never answers": holds(),
    "a status line and no more": holds(b"HTTP/1.1 200 OK\r\n"),
    "a byte a second of header": repeats(OK + b"X: ", b"y", pause=1.0),
    "a byte a second of body": repeats(OK + b"Content-Length: 100000\r\n\r\n", b" ", pause=1.0),
    "a chunk a second": repeats(chunked(), b"1\r\n \r\n", pause=1.0),
    "a body that never ends": repeats(OK + b"\r\n", b" " * 65536),
    "chunks that never end": repeats(chunked(), b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "a chunk's size that never ends": repeats(chunked(), b"0" * 65536),
    "a chunk's extension that never ends": repeats(chunked()[:-2] + b"\r\n2;x=", b"y" * 65536),
    "a trailer that never ends": repeats(chunked() + b"0\r\n", b"X: y\r\n" * 8192),
    "100 Continue for ever": repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "103 Early Hints for ever": repeats(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 1000),
    "more declared than sent, and held": holds(OK + b"Content-Length: 100000\r\n\r\n" + LIST),
    "an answer without its end, and held": holds(OK + b"Transfer-Encoding: chunked\r\n\r\n"),
    "200 MB of header": repeats(OK, b"X: " + b"y" * 60_000 + b"\r\n", times=3_500),
    "100,000 headers": repeats(OK, b"X: y\r\n" * 1000, times=100),
    "a header line of 200 MB": repeats(OK + b"X: ", b"y" * MEGABYTE, times=200),
    "a body of 200 MB": repeats(OK + b"Content-Length: 209715200\r\n\r\n", b" " * MEGABYTE, times=200),
    "a reason that never ends": repeats(b"HTTP/1.1 200 ", b"y" * 65536),
}
"""Acts that would keep or fill whoever waits for their end."""

BROKEN_OFF: Mapping[str, Act] = {
    "closes at once": says(),
    "resets at once": resets(),
    "closes within the status line": says(b"HTTP/1.1 2"),
    "closes within the headers": says(OK + b"Content-Le"),
    "closes within the body": says(OK + b"Content-Length: 100000\r\n\r\n" + LIST[:40]),
    "resets within the body": resets(OK + b"Content-Length: 100000\r\n\r\n" + LIST[:40]),
    "closes within a chunk": says(OK + b"Transfer-Encoding: chunked\r\n\r\nfff\r\n" + LIST[:40]),
    "closes before the last chunk": says(chunked(LIST)),
    "sends more than it declares": body(LIST + b" " * 1000 + b"]", Content_Length=str(len(LIST))),
    "sends an answer to nobody behind its own": says(answer(body=LIST) + answer("500 Oops", body=b"{}")),
}
"""Acts that end too early or too late."""

MALFORMED: Mapping[str, Act] = {
    "HTTP/0.9": says(LIST),
    "HTTP/3.7": says(answer(body=LIST).replace(b"HTTP/1.1", b"HTTP/3.7")),
    "no HTTP at all": says(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "noise": says(random.Random(1).randbytes(65536)),  # noqa: S311 - no secret
    "a status of 999": says(answer("999 Odd", body=LIST)),
    "a status of -1": says(answer("-1 Odd", body=LIST)),
    "a status of 0": says(answer("000 Odd", body=LIST)),
    "a status without end": says(b"HTTP/1.1 " + b"2" * 60_000 + b" OK\r\n\r\n"),
    "101 Switching Protocols": says(answer("101 Switching Protocols", body=LIST)),
    "204 with a body": says(answer("204 No Content", body=LIST)),
    "304 with a body": says(answer("304 Not Modified", body=LIST)),
    "two Content-Lengths": says(OK + b"Content-Length: 2\r\nContent-Length: %d\r\n\r\n" % len(LIST) + LIST),
    "Content-Length with chunked": says(
        OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(LIST), LIST)
    ),
    "a negative Content-Length": body(LIST, Content_Length="-5"),
    "a Content-Length of 40 digits": body(LIST, Content_Length="9" * 40),
    "a Content-Length in words": body(LIST, Content_Length="many"),
    "a chunk of negative size": says(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n" + LIST),
    "a chunk of a size beyond all": says(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n" + LIST),
    "an unknown transfer coding": says(OK + b"Transfer-Encoding: rot13\r\n\r\n" + LIST),
    "NULs and controls in a header": says(OK + b"X: a\x00b\x1b[31mc\x7f\r\nServer: \x1b]0;owned\x07\r\n\r\n" + LIST),
    "bytes beyond ASCII in a header": says(OK + b"Server: \xff\xfe\xe6\x95\xb0\r\nX-\xff: y\r\n\r\n" + LIST),
    "a header without a colon": says(OK + b"no colon here\r\nContent-Length: %d\r\n\r\n" % len(LIST) + LIST),
    "headers folded over lines": says(OK + b"X: a\r\n b\r\n\tc\r\nContent-Length: %d\r\n\r\n" % len(LIST) + LIST),
    "line feeds alone": says(answer(body=LIST).replace(b"\r\n", b"\n")),
    "cookies by the thousand": says(OK + b"Set-Cookie: a=b; Path=/\r\n" * 5000 + b"\r\n" + LIST),
    "a Retry-After of a thousand years": says(answer("503 Busy", Retry_After="31536000000")),
    "a Retry-After in superscript": says(answer("429 Busy", Retry_After="²")),
    "a Retry-After that is no date": says(answer("503 Busy", Retry_After="Mon, 99 Foo 99999 99:99:99 GMT")),
    "a date beyond the calendar": body(LIST, Date="Fri, 31 Dec 99999 23:59:59 GMT"),
    "a date with odd digits": body(LIST, Date="Thu, 28 Jan 2016 05:53:28 +9999"),
}
"""Acts that are no HTTP, or hardly."""

CODED: Mapping[str, Act] = {
    "a gzip bomb": made(lambda: body(bomb(1 << 28, 31), Content_Encoding="gzip")),
    "a deflate bomb": made(lambda: body(bomb(1 << 28, 15), Content_Encoding="deflate")),
    "gzip of gzip bombs, one behind the other": made(
        lambda: body(bomb(16 * MEGABYTE, 31) * 200, Content_Encoding="gzip")
    ),
    "gzip members by the hundred thousand": made(lambda: body(gzip.compress(b"") * 200_000, Content_Encoding="gzip")),
    "gzip that is none": body(LIST, Content_Encoding="gzip"),
    "gzip that is cut": body(gzip.compress(LIST)[:-9], Content_Encoding="gzip"),
    "a coding that nobody knows": body(LIST, Content_Encoding="aes128gcm"),
    "codings by the hundred": body(LIST, Content_Encoding=", ".join(["gzip"] * 100)),
    "a charset that nobody knows": body(LIST, Content_Type="application/json; charset=klingon"),
    "UTF-16": body(LIST.decode().encode("utf-16"), Content_Type="application/json; charset=utf-16"),
    "UTF-7": body(LIST.decode().encode("utf-7"), Content_Type="application/json; charset=utf-7"),
}
"""Acts that label a body wrongly, or squeeze more into one than fits."""

JSON: Mapping[str, Act] = {
    "JSON a million deep": made(lambda: body(b"[" * 1_000_000 + b"]" * 1_000_000)),
    "objects a million deep": made(lambda: body(b'{"a":' * 1_000_000 + b"1" + b"}" * 1_000_000)),
    "a name 900 deep": body(LIST.replace(b'"web"', b"[" * 900 + b"]" * 900)),
    "a name 200 deep": body(LIST.replace(b'"web"', b'{"a":' * 200 + b"1" + b"}" * 200)),
    "an integer of 10 million digits": made(lambda: body(LIST.replace(b"2048", b"9" * 10_000_000))),
    "an integer of 4,000 digits": body(LIST.replace(b"2048", b"9" * 4_000)),
    "1e999": body(LIST.replace(b"2048", b"1e999").replace(b"20,", b"-1e999,")),
    "a fraction of a million digits": made(lambda: body(LIST.replace(b"2048", b"0." + b"1" * 1_000_000))),
    "NaN": body(LIST.replace(b"2048", b"NaN")),
    "lone surrogates": body(listing(machine(instance_name="\ud800", instance_id="\udfff", lan_ip="\ud83d"))),
    "a lone surrogate for a key": body(LIST.replace(b'"status"', b'"\\ud800"')),
    "NULs in the text": named("a\x00b"),
    "bare NULs": body(LIST.replace(b"web", b"a\x00b")),
    "invalid UTF-8": body(LIST.replace(b"web", b"\xff\xfe\xc0\x80")),
    "a UTF-8 surrogate": body(LIST.replace(b"web", b"\xed\xa0\x80")),
    "terminal escapes in a name": named("\x1b[2J\x1b]0;owned\x07\x9b31m\r\n\b\b"),
    "HTML in a name": named("</script></title><script>alert(1)</script><!-- ]]> <![CDATA["),
    "HTML in every field": body(listing(dict.fromkeys(machine(), "</script><img src=x onerror=alert(1)>'\"&"))),
    "a name of 50 MB": made(lambda: named("x" * 50 * MEGABYTE)),
    "a name of 30 MB": made(lambda: named("x" * 30 * MEGABYTE)),
    "a name of 30 MB with one wide character": made(lambda: named("x" * 30 * MEGABYTE + "\U0001f600")),
    "another name of 14 MB each time": random_names(),
    "keys like __proto__": body(listing(machine(__proto__={"x": 1}, constructor=1, __class__=2, toString=None))),
    "__proto__ for the machines": body(LIST.replace(b'"vm_servers"', b'"__proto__"')),
    "file names as ids": body(
        listing(
            *(
                machine(instance_id=id)
                for id in ("../../../../etc/passwd", "/dev/stdin", "CON", "a\x00b", "$(id)", "`id`")
            )
        )
    ),
    "format strings as ids": with_ids("%s%n{0.__class__}{{7*7}}${jndi:ldap://x}"),
    "ids that are lists": with_ids(["i-1"], {"i": 1}),
    "ids of every type": with_ids(1, 1.0, True, None, "1", [], {}, -0.0),  # noqa: FBT003 - JSON's
    "machines that are no objects": body(listing(None, 1, "i-1", [], [[]], "")),
    "ten million machines that are nothing": made(lambda: body(b'{"vm_servers": [' + b"{}," * 10_000_000 + b"{}]}")),
    "five million empty lists": made(lambda: body(b'{"vm_servers": [' + b"[]," * 5_000_000 + b"[]]}")),
    "a hundred thousand keys in one machine": made(
        lambda: body(b'{"vm_servers": [{' + b",".join(b'"%d":1' % number for number in range(100_000)) + b"}]}")
    ),
    "a key a hundred thousand times": body(b'{"vm_servers": [{' + b'"a":1,' * 100_000 + b'"a":2}]}'),
    "a list in a list of lists": body(b'{"vm_servers": {"vm_servers": {"vm_servers": []}}}'),
    "a number for the whole": body(b"1"),
    "a bare word": body(b"nul"),
    "no body": body(b""),
    "a list for the whole": body(b"[" + LIST + b"]"),
    "addresses that are none": body(
        listing(machine(lan_ip="1" * 100_000, wan_ip_set=["::" * 5_000, "1.1.1.1%" + "x" * 9_999, None, {}, 1e308]))
    ),
    "times that are none": body(
        listing(machine(create_at="9999-99-99 99:99:99", update_at="0000-00-00 00:00:00"), machine(create_at="١٢٣٤"))
    ),
}
"""Acts whose HTTP is right and whose body is not what a parser, a page or a terminal wants."""


def redirecting(elsewhere: str) -> Act:
    """Answer that the list is to be had elsewhere."""
    return says(answer("307 Temporary Redirect", Location=f"{elsewhere}/mana_api/vm"))


ACTS: Mapping[str, Act] = {**SILENT, **BROKEN_OFF, **MALFORMED, **CODED, **JSON}
"""Every hostile act by its name."""


HEAVY = frozenset(
    {
        "a gzip bomb",
        "a deflate bomb",
        "gzip of gzip bombs, one behind the other",
        "gzip members by the hundred thousand",
        "JSON a million deep",
        "objects a million deep",
        "an integer of 10 million digits",
        "a fraction of a million digits",
        "a name of 50 MB",
        "a name of 30 MB",
        "a name of 30 MB with one wide character",
        "another name of 14 MB each time",
        "ten million machines that are nothing",
        "five million empty lists",
        "a hundred thousand keys in one machine",
        "a key a hundred thousand times",
    }
)
"""Acts that take seconds to make or to read."""

BREAKS: Mapping[str, frozenset[str]] = {
    "closes within the headers": frozenset({"BODY-01"}),
    "closes within the body": frozenset({"HEAD-03"}),
    "sends more than it declares": frozenset({"HEAD-03"}),
    "sends an answer to nobody behind its own": frozenset({"HEAD-03"}),
    "Content-Length with chunked": frozenset({"HEAD-03"}),
    "a negative Content-Length": frozenset({"HEAD-03"}),
    "a Content-Length of 40 digits": frozenset({"HEAD-03"}),
    "a Content-Length in words": frozenset({"HEAD-03"}),
    "UTF-16": frozenset({"BODY-01"}),
    "a name 900 deep": frozenset({"BODY-01"}),
    "a name 200 deep": frozenset({"BODY-01"}),
    "an integer of 4,000 digits": frozenset({"BODY-01"}),
    "1e999": frozenset({"FIELD-disk_size", "FIELD-mem_size"}),
    "NaN": frozenset({"BODY-01"}),
    "lone surrogates": frozenset({"BODY-06", "FIELD-03"}),
    "a lone surrogate for a key": frozenset({"FIELD-status"}),
    "bare NULs": frozenset({"BODY-01"}),
    "invalid UTF-8": frozenset({"BODY-01"}),
    "a UTF-8 surrogate": frozenset({"BODY-01"}),
    "HTML in every field": frozenset({"FIELD-03", "FIELD-04", "FIELD-cpu_num", "FIELD-disk_size", "FIELD-mem_size"}),
    "__proto__ for the machines": frozenset({"BODY-02"}),
    "ids that are lists": frozenset({"FIELD-instance_id"}),
    "ids of every type": frozenset({"FIELD-instance_id"}),
    "machines that are no objects": frozenset({"BODY-02"}),
    "a list in a list of lists": frozenset({"BODY-02"}),
    "a number for the whole": frozenset({"BODY-02"}),
    "a bare word": frozenset({"BODY-01"}),
    "no body": frozenset({"BODY-01"}),
    "a list for the whole": frozenset({"BODY-02"}),
    "addresses that are none": frozenset({"FIELD-wan_ip_set"}),
    "times that are none": frozenset({"FIELD-01", "FIELD-04"}),
}
"""The clauses about bodies, fields and framing that an act breaks, where its answers can be judged."""

READABLE = frozenset(BREAKS) | {
    "an unknown transfer coding",
    "NULs and controls in a header",
    "bytes beyond ASCII in a header",
    "a header without a colon",
    "headers folded over lines",
    "line feeds alone",
    "a date beyond the calendar",
    "a date with odd digits",
    "a coding that nobody knows",
    "codings by the hundred",
    "a charset that nobody knows",
    "UTF-7",
    "NULs in the text",
    "terminal escapes in a name",
    "HTML in a name",
    "keys like __proto__",
    "file names as ids",
    "format strings as ids",
}
"""The acts whose answers can be judged: those that break a clause, and those that are odd and no more."""


# -- servers of it


@contextlib.contextmanager
def hostile_at_once(act: Act) -> Iterator[Sockets]:
    """A server that acts so on every request."""

    def talk(one: Talk) -> None:
        if one.request():
            act(one)

    with talking(talk) as sockets:
        yield sockets


@contextlib.contextmanager
def _hostile_to(chosen: Callable[[int], bool], act: Act, application: Flask) -> Iterator[Sockets]:
    numbers = itertools.count(1)

    def talk(one: Talk) -> None:
        while head := one.request():
            if chosen(next(numbers)):
                act(one)
                return
            one.say(answered_by(application, head))

    with talking(talk) as sockets:
        yield sockets


def hostile_later(act: Act, application: Flask) -> AbstractContextManager[Sockets]:
    """A server that is good at first, and then acts so on every third request.

    On two in a row, for a request whose connection was closed under it is sent once more.
    """
    return _hostile_to(lambda number: number % 6 in {3, 4}, act, application)


def hostile_after(good: int, act: Act, application: Flask) -> AbstractContextManager[Sockets]:
    """A server that is good for so many requests, and then acts so on every one."""
    return _hostile_to(lambda number: number > good, act, application)


def answered_by(application: Flask, head: bytes) -> bytes:
    """What an application answers to a request, as it goes out on a connection that is kept alive."""
    request_line, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = request_line.split(" ")
    path, _, query = target.partition("?")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    response = Client(application).open(path, method=method, query_string=query, headers=headers)
    said = "".join(f"{name}: {value}\r\n" for name, value in response.headers if name != "Connection")
    body = b"" if method == "HEAD" else response.get_data()
    return f"HTTP/1.1 {response.status}\r\n{said}\r\n".encode("latin-1") + body
