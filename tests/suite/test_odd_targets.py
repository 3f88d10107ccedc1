"""Servers that go about what is left to them in odd ways are conforming servers: nothing of theirs is called broken."""

from __future__ import annotations

import pytest

from tests.suite.apart.odd import ODD, shown
from tests.suite.apart.switched import Ways, serving
from tests.suite.gate import Gate


@pytest.mark.slow
@pytest.mark.parametrize("ways", ODD.values(), ids=ODD)
def test_odd_server_is_not_called_broken(gate: Gate, ways: Ways) -> None:
    """It keeps the contract, with the readings that it has; where it has no machine, too little is seen to tell."""
    with serving(ways) as base_url:
        card = {f"MANA_{name.upper()}": value for name, value in ways.card.items()}
        run = gate("--examples=4", environment={"PYTEST_BASE_URL": base_url, **card})
    musts = {id for id in run.red if run.clauses[id]["level"] == "MUST"}
    readings = {name: one["value"] for name, one in run.report["readings"].items()}
    assert (musts, readings) == (set(), shown(ways)), run.said
    assert run.exit == (0 if next(iter(ways.sizes.values())) else 6), run.said
    assert all(one["reason"] for one in run.clauses.values() if one["verdict"] in {"inconclusive", "not-applicable"})
