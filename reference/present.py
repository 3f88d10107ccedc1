"""What goes out: machines and refusals as JSON, under the readings."""

import json
from collections.abc import Iterable
from typing import Any

from reference.model import Machine, Refusal
from reference.readings import Readings


def listing(machines: Iterable[Machine], readings: Readings) -> dict[str, Any]:
    """The answer that lists machines."""
    records = [record(machine, readings) for machine in machines]
    code = {"code": 200} if readings.code == "present" else {}
    if readings.vm_servers == "dict":
        return {**code, "vm_servers": {record["instance_id"]: record for record in records}}
    return {**code, "vm_servers": records}


def record(machine: Machine, readings: Readings) -> dict[str, Any]:
    """A machine's ten fields, or eleven where it shows its private addresses under both names."""
    return {
        "instance_name": machine.name,
        "instance_id": machine.instance_id,
        "cpu_num": machine.cpus,
        "mem_size": machine.memory,
        "disk_size": machine.disk,
        **private_addresses(machine, readings),
        "wan_ip_set": public_addresses(machine, readings),
        "status": machine.status,
        "create_at": machine.created,
        "update_at": machine.updated,
    }


def private_addresses(machine: Machine, readings: Readings) -> dict[str, str]:
    """The field or fields of the private addresses: `lan_ip` is the first, `lan_ip_set` all, joined by commas."""
    first, together = {"lan_ip": machine.lan[0]}, {"lan_ip_set": ",".join(machine.lan)}
    return {"lan_ip": first, "lan_ip_set": together, "both": first | together}[readings.lan]


def public_addresses(machine: Machine, readings: Readings) -> list[str] | str:
    """The public addresses, a list or joined by commas; a machine may have none."""
    return ",".join(machine.wan) if readings.wan == "string" else list(machine.wan)


def refusal(refused: Refusal) -> dict[str, Any]:
    """The answer that refuses, in the form of the document's sample."""
    return {"msg": refused.message, "code": refused.status}


def encoded(document: dict[str, Any]) -> bytes:
    """A document as strict JSON in UTF-8, with a line end for whoever reads it in a terminal."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"
