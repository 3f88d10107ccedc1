"""Servers that were written from the document alone, each by its own lights, keep the contract in the judge's eyes too.

They know nothing of the reference and nothing of the judge, so that neither can be right about them by sharing a
mistake. Each is a process of its own, in a language and a style of its own, and settles what the document leaves open
in a way of its own.
"""

from __future__ import annotations

import pytest

from tests.suite import slow
from tests.suite.apart.written import SERVERS, Server
from tests.suite.gate import Gate
from tests.suite.started import LIMIT, started


@pytest.mark.parametrize("server", slow.but_every(6, SERVERS), ids=lambda server: server.file)
def test_server_written_apart_keeps_the_contract(gate: Gate, server: Server) -> None:
    """No clause that MUST hold fails, all can be judged, and the readings found are those it was written with."""
    if not server.command:
        pytest.skip(f"{server.runs} is not installed, which runs {server.file}")
    with started(server.command) as (process, card):
        base_url = card.pop("base_url")
        environment = {f"MANA_{name.upper()}": value for name, value in card.items()}
        run = gate("--examples=4", environment={"PYTEST_BASE_URL": base_url, **environment})
        assert process.stdin
        process.stdin.close()
        assert process.wait(LIMIT) == 0
    musts = {id for id in run.red if run.clauses[id]["level"] == "MUST"}
    readings = {name: (one["value"], one["how"]) for name, one in run.report["readings"].items()}
    expected = {name: (value, "found") for name, value in server.readings.items()}
    assert (musts, readings) == (set(), expected), run.said
    assert run.exit == 0, run.said
