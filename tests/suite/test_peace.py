"""Conforming servers, each with another choice of what is left to it, are left in peace and fully judged."""

from __future__ import annotations

import pytest

from tests.suite import peace

FEW, MANY = range(1, 9), range(9, 81)


def left_in_peace(seed: int) -> bool:
    """Whether nothing that MUST hold is called broken, and all of it could be judged."""
    made = peace.drawn_server(seed)
    assert not made.alarms, f"{peace.ways(seed)}: {made.alarms}"
    assert not made.unjudged, f"{peace.ways(seed)}: {made.unjudged}"
    return made.requests > 0


@pytest.mark.parametrize("seed", FEW)
def test_conforming_server_is_left_in_peace(seed: int) -> None:
    """A server drawn from the switches keeps the contract, and shows enough of it."""
    assert left_in_peace(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_conforming_server_is_left_in_peace_too(seed: int) -> None:
    """And so does each of many more."""
    assert left_in_peace(seed)


def test_every_choice_of_a_switch_is_drawn() -> None:
    """Among the servers that are drawn in all, each choice of each switch is made."""
    made = [peace.ways(seed) for seed in (*FEW, *MANY)]
    for name, choices in peace.SWITCHES.items():
        chosen = [getattr(one, name) for one in made]
        assert all(choice in chosen for choice in choices), name
