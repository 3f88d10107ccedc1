"""Servers that were written from the document alone, each by its own lights, keep the contract in the judge's eyes too.

They know nothing of the reference and nothing of the judge, so that neither can be right about them by sharing a
mistake. Each is a process of its own, in a language and a style of its own, and settles what the document leaves open
in a way of its own.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.suite import slow
from tests.suite.gate import Gate
from tests.suite.started import LIMIT, started

FOLDER = Path(__file__).with_name("apart")

NAMES = ("vm_servers", "lan", "wan", "code", "party", "paging")


@dataclass(frozen=True)
class Server:
    """A server's file, what runs it, and the readings that it was written with, in the order of `NAMES`."""

    file: str
    runs: str
    readings: tuple[str, ...]

    @property
    def command(self) -> list[str]:
        """The command that serves it; skips the test where what runs it is not installed."""
        program = shutil.which(self.runs)
        if program is None:
            pytest.skip(f"{self.runs} is not installed, which runs {self.file}")
        return [program, str(FOLDER / self.file)]


SERVERS = (
    Server("sockets.py", sys.executable, ("list", "lan_ip_set", "string", "absent", "header", "1-inclusive")),
    Server("chunks.py", sys.executable, ("dict", "lan_ip", "list", "present", "query", "0-exclusive")),
    Server("streams.py", sys.executable, ("list", "both", "string", "present", "either", "0-inclusive")),
    Server("bare.mjs", "node", ("list", "lan_ip", "list", "present", "query", "1-exclusive")),
    Server("forks.pl", "perl", ("dict", "lan_ip_set", "list", "absent", "header", "1-inclusive")),
)


@pytest.mark.parametrize("server", slow.but_every(3, SERVERS), ids=lambda server: server.file)
def test_server_written_apart_keeps_the_contract(gate: Gate, server: Server) -> None:
    """No clause that MUST hold fails, all can be judged, and the readings found are those it was written with."""
    with started(server.command) as (process, card):
        base_url = card.pop("base_url")
        environment = {f"MANA_{name.upper()}": value for name, value in card.items()}
        run = gate("--examples=4", environment={"PYTEST_BASE_URL": base_url, **environment})
        assert process.stdin
        process.stdin.close()
        assert process.wait(LIMIT) == 0
    musts = {id for id in run.red if run.clauses[id]["level"] == "MUST"}
    readings = {name: (one["value"], one["how"]) for name, one in run.report["readings"].items()}
    expected = {name: (value, "found") for name, value in zip(NAMES, server.readings, strict=True)}
    assert (musts, readings) == (set(), expected), run.said
    assert run.exit == 0, run.said
