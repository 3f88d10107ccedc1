"""Odd servers: settings of `switched.py` that keep the contract and are unlike what anybody expects, by name."""

from __future__ import annotations

from typing import Any

from .switched import Machine, Person, Ways, machine_word, plain, script_number, whole_number

ODD_NAMES = ('say "hi"', "back\\slash", "数据库 №1", "🖥️ 👩‍💻", "<b>&amp;</b>", "tab\there", "a/b?c=d&e#f", "null", " ")


def oddly_named(mark: str, number: int) -> Machine:
    """A machine with a name that somebody has to escape, the same one as some other machine's."""
    return plain(mark, number) | {"instance_name": ODD_NAMES[number % len(ODD_NAMES)], "status": "运行中"}


def barely_there(mark: str, number: int) -> Machine:
    """A machine with no address on one side or either, no disk, and the times of all others."""
    lan = ("", "fd00::1", "10.9.8.7")[number % 3]
    wan = ([], ["2001:db8::1", "::ffff:192.0.2.1"], ["192.0.2.1"])[number // 3 % 3]
    times = {"create_at": "2024-02-29 23:59:59", "update_at": "2024-02-29 23:59:59"}
    return plain(mark, number) | {"lan_ip": lan, "wan_ip_set": wan, "disk_size": 0, "instance_name": "vm"} | times


def as_strings(mark: str, number: int) -> Machine:
    """A machine as the document's sample has it, the addresses joined and sometimes none."""
    machine = plain(mark, number)
    wan, lan = ",".join(machine.pop("wan_ip_set") * (number % 3)), machine.pop("lan_ip")
    return machine | {"lan_ip_set": f"{lan}, {lan}" if number % 2 else lan, "wan_ip_set": wan}


def with_more(mark: str, number: int) -> Machine:
    """A machine with fields that the document does not have."""
    return {"id": number, "tags": [], **plain(mark, number), "host": None, "load": 0.25, "spec": {"cpu_num": "2"}}


def by_id(machines: list[Machine]) -> dict[str, Machine]:
    """The machines under their ids."""
    return {machine["instance_id"]: machine for machine in machines}


def as_php_has_it(machines: list[Machine]) -> Any:
    """The machines under their ids; none are an array, to which PHP cannot tell an empty dict from."""
    return by_id(machines) or []


ODD = {
    "no machine at all": Ways(sizes={"r1": 0}),
    "no machine, dict, of HTTP/1.0": Ways(
        sizes={"r1": 0, "r2": 0}, shape=by_id, version="HTTP/1.0", reads_party="either"
    ),
    "one machine, closed after each answer": Ways(
        sizes={"r1": 1, "r2": 1}, close=True, read=whole_number, negative="from the end", envelope={"code": 0}
    ),
    "two machines of HTTP/1.0, strings": Ways(
        sizes={"r1": 2}, version="HTTP/1.0", make=as_strings, reads_party="header", base=0, crossed="refused"
    ),
    "3,000 machines, gzip, compact": Ways(
        sizes={"r1": 3000, "r2": 1},
        gzip=True,
        dumps={"separators": (",", ":")},
        base=0,
        inclusive=False,
        negative="from the end",
        read=whole_number,
    ),
    "chunked, indented, other order, more fields": Ways(
        framing="chunked",
        make=with_more,
        reverse_keys=True,
        dumps={"indent": "\t", "ensure_ascii": False},
        envelope={"msg": "ok", "total": 12, "code": 200, "data": {"vm_servers": []}},
        refusal={"request_id": "req-7", "details": []},
        checks=("required", "party", "region", "tenant", "token"),
        options="200",
    ),
    "odd names as they are, ended by closing": Ways(
        framing="close",
        make=oddly_named,
        dumps={"ensure_ascii": False},
        media_type="Application/JSON ; charset=UTF-8",
        media_type_of_refusals="",
        checks=("party", "token", "required", "tenant", "region"),
        reads_party="either",
        statuses={"party": 200, "region": 200, "tenant": 403},
        options="204",
    ),
    "odd names escaped, under a path": Ways(
        make=oddly_named,
        prefix="/v1/%C3%A4pi;v=1",
        media_type='application/json; charset="utf-8"; profile=x',
        slash=True,
        known_only=True,
        statuses={"token": 401, "tenant": 404, "region": 404, "party": 404},
        inclusive=False,
        crossed="refused",
    ),
    "few addresses, dict, tokens refused by 403": Ways(
        make=barely_there,
        shape=as_php_has_it,
        statuses={"token": 403, "tenant": 401, "region": 200},
        reads_party="header",
        of_two="last",
        read=machine_word(64),
        negative="empty",
    ),
    "numbers for names, 400 for everything": Ways(
        sizes={"1": 12, "2": 4},
        people=(Person("7", "481516234200"), Person("42", "900150983600")),
        party="3",
        statuses={"token": 400},
        of_two="first",
        read=machine_word(32),
        negative="empty",
        crossed="refused",
    ),
    "429 now and then": Ways(throttle=(23, 429, "0"), read=script_number, base=0),
    "503 now and then": Ways(throttle=(90, 503, "1"), blank_is_absent=True, read=whole_number, options="405"),
    "regions that begin alike, cookies, a firewall in front": Ways(
        sizes={"r1": 12, "r10": 3, "r": 2},
        people=(Person("tenant", "tok-alpha-5521"), Person("tenan", "tok-alpha-552")),
        blocked={"%00": 400, "%3C": 403, "%27": 403, "..": 403, "%0D%0A": 403},
        longest=2000,
        headers={"Set-Cookie": "id=1; Path=/", "ETag": '"1"', "Cache-Control": "no-store", "X-Request-Id": "7"},
        shape=by_id,
        inclusive=False,
        reads_party="either",
    ),
}


def shown(ways: Ways) -> dict[str, str | None]:
    """The readings that a server shows; where it has no machine, its code, and the party where that is refused."""
    machines = [ways.make("m", number) for number in range(next(iter(ways.sizes.values())))]
    code: dict[str, str | None] = {"code": "present" if "code" in ways.envelope else "absent"}
    if not machines:
        party = {"party": "query" if ways.reads_party == "query" else None}
        return dict.fromkeys(("vm_servers", "lan", "wan", "paging")) | code | party
    return code | {
        "vm_servers": type(ways.shape(machines)).__name__,
        "lan": "lan_ip" if "lan_ip" in machines[0] else "lan_ip_set",
        "wan": "list" if isinstance(machines[0]["wan_ip_set"], list) else "string",
        "party": ways.reads_party,
        "paging": f"{ways.base}-{'inclusive' if ways.inclusive else 'exclusive'}",
    }
