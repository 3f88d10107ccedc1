"""HTTP/1.0 on a bare socket, closed after each answer: the two machines that the document prints, as it prints them."""

from __future__ import annotations

import json
import socket
import sys
import threading
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

AGENTS = {"default"}
TENANTS = {"4f1c-mana-token": "123456789", "77aa-mana-token": "987654321"}
EXPIRED = "0000-mana-token"


def machine(name: str, id: str, cpus: int, memory: int, status: str) -> dict[str, Any]:
    """A machine like those of the sample, which have their addresses and times in common."""
    return {
        "instance_name": name,
        "instance_id": id,
        "cpu_num": cpus,
        "mem_size": memory,
        "disk_size": 20,
        "lan_ip_set": "192.168.0.2,192.168.0.3",
        "wan_ip_set": "122.22.3.45,122.22.3.46",
        "status": status,
        "create_at": "2014-07-29 15:08:39",
        "update_at": "2014-08-05 17:37:56",
    }


MACHINES = {
    ("123456789", "dongjing"): [
        machine("hehe", "u23j34j234j23h4", 8, 16, "ACTIVE"),
        machine("haha", "234sdf342323", 4, 8, "ERROR"),
    ],
    ("123456789", "beijing"): [machine("xixi", "9sdf88k2", 2, 4, "ACTIVE")],
    ("987654321", "dongjing"): [machine("heihei", "k2l3m4n5", 1, 2, "ACTIVE")],
}


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, msg: str, **headers: str) -> None:
        super().__init__(msg)
        self.status, self.msg, self.headers = status, msg, headers


def listed(words: list[str], headers: dict[str, str]) -> list[dict[str, Any]]:
    """The machines that a request line of so many words asks for."""
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Refused(400, "not a request")
    if words[0] not in {"GET", "HEAD"}:
        raise Refused(405, "method not allowed", Allow="GET, HEAD")
    url = urlsplit(words[1])
    if url.path != "/mana_api/vm":
        raise Refused(404, "no such resource")
    project = TENANTS.get(headers.get("x-auth-token", ""))
    if project is None:
        raise Refused(401, "authentication required", **{"WWW-Authenticate": 'Token realm="mana"'})
    if headers.get("sp-agent") not in AGENTS:
        raise Refused(400, "unknown Sp-Agent")
    asked = parse_qs(url.query, keep_blank_values=True)
    tenant, region = one(asked, "tenant_id"), one(asked, "region")
    if tenant != project:
        mismatch = f"URL's project_id '{tenant}' doesn't match Context's project_id '{project}'"
        raise Refused(400, f"Malformed request URL: {mismatch}")
    machines = MACHINES.get((tenant, region), [])
    first, last = bound(asked, "f", 1), bound(asked, "t", len(machines))
    return machines[max(first - 1, 0) : max(last, 0)]


def one(asked: dict[str, list[str]], name: str) -> str:
    """The one value of a parameter that has to be there."""
    values = asked.get(name, [])
    if len(values) != 1 or not values[0].strip():
        raise Refused(400, f"{name} has to be given, once")
    return values[0]


def bound(asked: dict[str, list[str]], name: str, default: int) -> int:
    """A point of the list, counted from 1."""
    if name not in asked:
        return default
    try:
        return int(one(asked, name))
    except ValueError:
        raise Refused(400, f"{name} has to be an integer") from None


def answer(head: bytes) -> bytes:
    """The bytes that answer a request's head."""
    line, _, rest = head.decode("latin-1").partition("\r\n")
    words = line.split(" ")
    fields = (field.partition(":") for field in rest.split("\r\n") if ":" in field)
    headers = {name.lower(): value.strip() for name, _, value in fields}
    status, extra = 200, {}
    body: dict[str, Any]
    try:
        body = {"vm_servers": listed(words, headers)}
    except Refused as refused:
        status, extra = refused.status, refused.headers
        body = {"msg": refused.msg, "code": status}
    text = json.dumps(body, indent=2).encode()
    said = {
        "Content-Type": "application/json",
        "Content-Length": str(len(text)),
        "Server": "Sockets/1.0",
        "Date": formatdate(usegmt=True),
        **extra,
    }
    top = f"HTTP/1.0 {status} {HTTPStatus(status).phrase}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in said.items())
    return top.encode() + b"\r\n" + (b"" if words[0] == "HEAD" else text)


def attend(connection: socket.socket) -> None:
    """Answer one request, and close."""
    with connection:
        connection.settimeout(10)
        try:
            head = b""
            while b"\r\n\r\n" not in head and len(head) < 65536:
                more = connection.recv(4096)
                if not more:
                    return
                head += more
            connection.sendall(answer(head.partition(b"\r\n\r\n")[0]))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
        except OSError:
            return


def serve(listener: socket.socket) -> None:
    """Attend to whoever connects."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=attend, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    card = {
        "base_url": f"http://127.0.0.1:{listener.getsockname()[1]}",
        "token": "4f1c-mana-token",
        "party": "mana",
        "tenant_id": "123456789",
        "region": "dongjing",
        "other_token": "77aa-mana-token",
        "other_tenant_id": "987654321",
        "other_region": "beijing",
        "expired_token": EXPIRED,
    }
    print(json.dumps(card), flush=True)
    sys.stdin.read()
