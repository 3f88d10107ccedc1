"""Servers to judge: the mutants of the reference, and servers that keep the contract, each in a way of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, partial

from conformance.default_target import serving
from tests.suite.apart import odd, switched, written
from tests.suite.matrix import mutants

from .ran import Card

REFERENCE = ("python", "-m", "reference", "--port", "0", "--until-stdin-closes")

DEFAULT = {
    "vm_servers": "list",
    "lan": "lan_ip",
    "wan": "list",
    "code": "present",
    "party": "query",
    "paging": "1-inclusive",
}
"""The readings of the reference, where it is not told others."""

OTHERS = {
    "vm_servers": ("dict",),
    "lan": ("lan_ip_set", "both"),
    "wan": ("string",),
    "code": ("absent",),
    "party": ("header", "either"),
    "paging": ("1-exclusive", "0-inclusive", "0-exclusive"),
}


@dataclass(frozen=True)
class Server:
    """A server that can be started anew for each run: its name, its readings, and what starts it and says its card."""

    name: str
    readings: Mapping[str, str]
    start: Callable[[], AbstractContextManager[Card]]


def reference(name: str = "reference", *options: str, readings: Mapping[str, str] | None = None) -> Server:
    """The reference with some options."""
    pins = [word for pair in (readings or {}).items() for word in ("--reading", "=".join(pair))]
    return Server(name, DEFAULT | dict(readings or {}), partial(serving, [*REFERENCE, *options, *pins]))


@cache
def faulty() -> dict[str, Server]:
    """The mutants of the reference by name."""
    return {one["name"]: reference(one["name"], "--mutant", one["name"]) for one in mutants()}


@cache
def conforming() -> dict[str, Server]:
    """Servers that keep the contract, by name: of every reading, written apart, strict or lenient where none says."""
    by_reading = (
        reference(f"reference, {name}={value}", readings={name: value})
        for name, values in OTHERS.items()
        for value in values
    )
    sizes = (reference(f"reference, {number} machines", "--vms", number) for number in ("0", "1", "1000"))
    apart = (
        Server(f"apart, {one.file}", one.readings, partial(serving, one.command))
        for one in written.SERVERS
        if one.command
    )
    oddly = (
        Server(f"odd, {name}", {key: value for key, value in odd.shown(ways).items() if value}, start)
        for name, ways in odd.ODD.items()
        for start in (partial(switched_server, ways),)
    )
    return {one.name: one for one in (reference(), *by_reading, *sizes, *apart, *oddly)}


@contextlib.contextmanager
def switched_server(ways: switched.Ways) -> Iterator[Card]:
    """A server that goes its own ways, and its card."""
    with switched.serving(ways) as base_url:
        yield {"base_url": base_url, **ways.card}
