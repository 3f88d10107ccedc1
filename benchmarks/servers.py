"""Servers to judge: the mutants of the reference, and servers that keep the contract, each in a way of its own."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, partial

from conformance.default_target import serving
from tests.suite import test_apart, test_odd_targets
from tests.suite.apart import switched
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
        Server(f"apart, {one.file}", dict(zip(test_apart.NAMES, one.readings, strict=True)), partial(serving, command))
        for one in test_apart.SERVERS
        if (command := written_apart(one.file, one.runs))
    )
    odd = (
        Server(f"odd, {name}", {key: value for key, value in test_odd_targets.shown(ways).items() if value}, start)
        for name, ways in test_odd_targets.ODD.items()
        for start in (partial(switched_server, ways),)
    )
    return {one.name: one for one in (reference(), *by_reading, *sizes, *apart, *odd)}


def written_apart(file: str, runs: str, *arguments: str) -> list[str]:
    """The command of a server that was written from the document alone; none where what runs it is not installed."""
    program = sys.executable if runs == sys.executable else shutil.which(runs)
    return [program, str(test_apart.FOLDER / file), *arguments] if program else []


@contextlib.contextmanager
def switched_server(ways: switched.Ways) -> Iterator[Card]:
    """A server that goes its own ways, and its card."""
    with switched.serving(ways) as base_url:
        yield {"base_url": base_url, **ways.card}
