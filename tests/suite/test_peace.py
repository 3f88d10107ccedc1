"""Conforming servers, each with another choice of what is left to it, are left in peace and fully judged."""

from __future__ import annotations

import pytest

from tests.suite import peace, slow

SEEDS = range(1, 81)


@pytest.mark.parametrize("seed", slow.but_every(40, SEEDS))
def test_conforming_server_is_left_in_peace(seed: int) -> None:
    """A server drawn from the switches keeps the contract, and shows enough of it: nothing is left unjudged."""
    made = peace.drawn_server(seed)
    assert not made.alarms, f"{peace.ways(seed)}: {made.alarms}"
    assert not made.unjudged, f"{peace.ways(seed)}: {made.unjudged}"
    assert made.requests > 0


def test_every_choice_of_a_switch_is_drawn() -> None:
    """Among the servers that are drawn in all, each choice of each switch is made."""
    made = [peace.ways(seed) for seed in SEEDS]
    for name, choices in peace.SWITCHES.items():
        chosen = [getattr(one, name) for one in made]
        assert all(choice in chosen for choice in choices), name
