"""asyncio's streams, kept alive: gzip for who takes it, a path before the path, more fields than are asked for."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

PREFIX = "/gateway/v2"
VENDORS = {"default": "aurora", "aurora": "aurora", "borealis": "borealis"}
PHRASES = {200: "OK", 400: "BAD REQUEST", 403: "FORBIDDEN", 401: "UNAUTHORIZED", 404: "NOT FOUND"}
PHRASES[405] = "METHOD NOT ALLOWED"
SESSIONS = {"tok_live_5dH3q": "1001", "tok_live_8Kw2x": "1002"}


@lru_cache
def machines(vendor: str, tenant: str, region: str) -> tuple[dict[str, Any], ...]:
    """The machines of a tenant with a vendor in a region."""
    if region not in {"north", "south"}:
        return ()
    return tuple(
        {
            "region": region,
            "instance_id": f"{vendor}:{tenant}:{region}:{number}",
            "instance_name": f"node {vendor}",
            "cpu_num": 4,
            "mem_size": 8,
            "disk_size": 0,
            "lan_ip": (own := f"10.0.{len(vendor)}.{number}"),
            "lan_ip_set": f"{own},fd00::{number:x}" if number % 2 else own,
            "wan_ip_set": "" if number % 3 else "192.0.2.7,192.0.2.8",
            "status": "ACTIVE",
            "create_at": "2019-12-31 23:59:59",
            "update_at": "2019-12-31 23:59:59",
            "metadata": {"rack": [number, None, True, 0.5]},
        }
        for number in range(31 if region == "north" else 12)
    )


@dataclass(frozen=True)
class Answer:
    """A status, a body, and what goes with them."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(status: int, why: str, **headers: str) -> Answer:
    """An error, in the document's form."""
    return Answer(status, {"msg": why, "code": status}, headers)


def points(asked: Mapping[str, list[str]], size: int) -> tuple[int, int] | None:
    """The first machine and the last of a page, from 0; nothing where they cannot be read."""
    found = []
    for name, otherwise in (("f", 0), ("t", size - 1)):
        text = asked.get(name, [str(otherwise)])[-1]
        if name in asked and not re.fullmatch(r"\+?[0-9]+", text):
            return None
        # A point of a thousand digits is behind the list, whatever it is exactly.
        found.append(int(text[:40]))
    return found[0], found[1]


def respond(method: str, target: str, headers: Mapping[str, str]) -> Answer:
    """The answer to a request."""
    url = urlsplit(target)
    if url.path not in {f"{PREFIX}/mana_api/vm", f"{PREFIX}/mana_api/vm/"}:
        return refusal(404, "nothing here")
    if method not in {"GET", "HEAD"}:
        return refusal(405, "read only", Allow="GET, HEAD")
    tenant = SESSIONS.get(headers.get("x-auth-token", ""))
    if tenant is None:
        return refusal(401, "log in first", **{"WWW-Authenticate": "Token"})
    return listing(tenant, headers.get("sp-agent", ""), parse_qs(url.query, keep_blank_values=True))


def listing(tenant: str, agent: str, asked: Mapping[str, list[str]]) -> Answer:
    """The answer to a tenant that is known."""
    absent = [name for name in ("tenant_id", "region") if not asked.get(name, [""])[-1].strip()]
    vendor = VENDORS.get(asked["party"][-1] if "party" in asked else agent)
    if absent or vendor is None:
        return refusal(400, f"to be given: {', '.join(absent) or 'a party that we know'}")
    if asked["tenant_id"][-1] != tenant:
        return refusal(403, "this list is somebody else's")
    found = machines(vendor, tenant, asked["region"][-1])
    page = points(asked, len(found))
    if page is None:
        return refusal(400, "f and t are whole numbers")
    return Answer(200, {"code": 0, "msg": "success", "total": len(found), "vm_servers": found[page[0] : page[1] + 1]})


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer requests for as long as they come."""
    try:
        while await exchange(reader, writer):
            pass
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    except (asyncio.LimitOverrunError, ValueError):
        write(writer, "GET", refusal(400, "too much, or no HTTP", Connection="close"), squeeze=False)
    writer.close()


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Answer a request; whether another may come."""
    line, *fields = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, version = line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in fields)}
    await reader.readexactly(int(headers.get("content-length", "0")))
    squeeze = bool(re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", headers.get("accept-encoding", "")))
    write(writer, method, respond(method, target, headers), squeeze=squeeze)
    await writer.drain()
    return version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"


def write(writer: asyncio.StreamWriter, method: str, answer: Answer, *, squeeze: bool) -> None:
    """Write an answer."""
    body = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    said = {"content-type": "application/json;charset=UTF-8", "vary": "accept-encoding", **answer.headers}
    if squeeze:
        body, said["content-encoding"] = gzip.compress(body, mtime=0), "gzip"
    said["content-length"] = str(len(body))
    head = f"HTTP/1.1 {answer.status} {PHRASES[answer.status]}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in said.items())
    writer.write(head.encode() + b"\r\n" + (b"" if method == "HEAD" else body))


async def main() -> None:
    """Serve until nobody is there."""
    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    card = {
        "base_url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{PREFIX}",
        "party": "aurora",
        "tenant_id": "1001",
        "region": "north",
        "token": "tok_live_5dH3q",
        "other_token": "tok_live_8Kw2x",
        "other_tenant_id": "1002",
        "other_region": "south",
        "expired_token": "tok_gone_0aB1c",
    }
    print(json.dumps(card), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
