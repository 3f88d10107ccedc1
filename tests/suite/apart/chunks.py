"""Python's own http.server at HTTP/1.1: chunks, indented JSON in ASCII, machines by their ids, and nothing unknown."""

import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PARTIES = ("中国电信", "unicom")
REGIONS = ("华东-1", "华北-2")
KNOWN = {"party", "tenant_id", "region", "f", "t"}
TOKENS = {"Zm9vYmFyYmF6cXV1eA==": "acme", "c2Vjb25kLXRlbmFudA==": "globex"}


def fleet(tenant: str, party: str, region: str, size: int) -> list[dict[str, object]]:
    """So many machines of a tenant."""
    mark = f"{tenant[0]}{PARTIES.index(party)}{REGIONS.index(region)}"
    return [
        {
            "instance_name": f"服务器 {mark} №{n}",
            "instance_id": f"i-{mark}{n:05d}",
            "cpu_num": 1 << n % 5,
            "mem_size": 1024 << n % 5,
            "disk_size": 40 * (n % 4),
            "lan_ip": f"10.{ord(mark[0])}.{int(mark[1:])}.{n + 2}",
            "wan_ip_set": [f"203.0.113.{n + 1}", f"2001:db8::{n:x}"][: n % 3],
            "status": ("ACTIVE", "SHUTOFF", "ERROR")[n % 3],
            "create_at": f"2023-02-{1 + n % 28:02d} 08:00:00",
            "update_at": f"2024-02-29 08:{n:02d}:59",
        }
        for n in range(size)
    ]


FLEETS = {
    (tenant, party, region): fleet(tenant, party, region, size)
    for tenant in TOKENS.values()
    for party in PARTIES
    for region, size in zip(REGIONS, (23, 4), strict=True)
}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "chunks"
    timeout = 30
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer GET, and HEAD less the body."""
        url = urlsplit(self.path)
        if url.path.rstrip("/") != "/mana_api/vm":
            return self.reply(404, {"code": 404, "msg": "Not Found"})
        query = parse_qsl(url.query, keep_blank_values=True)
        tenant = TOKENS.get(self.headers.get("X-Auth-Token", ""))
        if tenant is None or dict(query).get("tenant_id", tenant) != tenant:
            return self.reply(401, {"code": 401, "msg": "The token is not valid for this tenant."})
        fault = self.fault(query)
        if fault:
            return self.reply(400, {"code": 400, "msg": fault})
        asked = dict(query)
        machines = FLEETS.get((asked["tenant_id"], asked["party"], asked["region"]))
        if machines is None:
            return self.reply(404, {"code": 404, "msg": "No such party or region."})
        page = machines[int(asked.get("f", "0")) : int(asked["t"]) if "t" in asked else None]
        return self.reply(200, {"code": 200, "vm_servers": {str(one["instance_id"]): one for one in page}})

    do_HEAD = do_GET  # noqa: N815

    def fault(self, query: list[tuple[str, str]]) -> str:
        """What is wrong with a query."""
        names, asked = [name for name, _ in query], dict(query)
        if len(names) != len(asked) or not KNOWN.issuperset(names):
            return "A parameter is unknown or repeated."
        for name in ("party", "tenant_id", "region"):
            if not asked.get(name, "").strip():
                return f"{name} is required."
        bounds = [asked[name] for name in ("f", "t") if name in asked]
        if not all(re.fullmatch("[0-9]{1,30}", bound) for bound in bounds):
            return "f and t are integers from 0."
        if len(bounds) == 2 and int(bounds[0]) > int(bounds[1]):
            return "f is behind t."
        return ""

    def reply(self, status: int, body: dict[str, object]) -> None:
        """Send a body in chunks; whole to those who do not know chunks."""
        data = (json.dumps(body, indent=4) + "\n").encode("ascii")
        chunked = self.request_version == "HTTP/1.1"
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("CACHE-CONTROL", "private, no-store")
        if status == 401:
            self.send_header("www-authenticate", 'X-Auth-Token realm="cloud"')
        self.send_header(*(("transfer-encoding", "chunked") if chunked else ("content-length", str(len(data)))))
        self.end_headers()
        if self.command == "HEAD":
            return
        if not chunked:
            self.wfile.write(data)
            return
        for at in range(0, len(data), 1000):
            piece = data[at : at + 1000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    card = {
        "base_url": f"http://127.0.0.1:{server.server_port}/",
        "party": PARTIES[0],
        "tenant_id": "acme",
        "region": REGIONS[0],
        "token": "Zm9vYmFyYmF6cXV1eA==",
        "other_token": "c2Vjb25kLXRlbmFudA==",
        "other_tenant_id": "globex",
        "other_region": REGIONS[1],
    }
    print(json.dumps(card), flush=True)
    sys.stdin.read()
