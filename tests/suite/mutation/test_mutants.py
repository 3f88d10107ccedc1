"""Mutants change what a program does, one thing each, and nothing that only says of what type something is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.suite.mutation.__main__ import FILES, Fate, sampled, told
from tests.suite.mutation.mutants import Mutant, mutants

SOURCE = '''
from dataclasses import dataclass

@dataclass(frozen=True)
class Page:
    width: int | None = 10

def holds(page: Page | None, *names: str) -> bool | None:
    """Whether 3 of them are there."""
    if page is None:
        return None
    found = all_of("a", names, key=3) if "a" in names else [1.5, page]
    return each(found) and page.width >= 3
'''


@pytest.fixture
def made(tmp_path: Path) -> list[Mutant]:
    """The mutants of a small module."""
    file = tmp_path / "small.py"
    file.write_text(SOURCE, encoding="utf-8")
    return mutants(file)


def test_each_operator_changes_what_it_is_there_for(made: list[Mutant]) -> None:
    """Numbers, comparisons, conditions, memberships, and items of rows and of calls that take many."""
    changed = {(one.operator, one.difference.splitlines()[1]) for one in made}
    assert {
        ("NumberReplacer", "+ width: int | None = 11"),
        ("ReplaceComparisonOperator_Is_IsNot", "+ if page is not None:"),
        ("AddNot", "+ if not page is None:"),
        ("ReplaceComparisonOperator_GtE_Gt", "+ return each(found) and page.width > 3"),
        ("ReplaceAndWithOr", "+ return each(found) or page.width >= 3"),
        ("Membership", '+ found = all_of("a", names, key=3) if "a" not in names else [1.5, page]'),
        ("LeaveOut", '+ found = all_of( names, key=3,) if "a" in names else [1.5, page]'),
        ("LeaveOut", '+ found = all_of("a", names,) if "a" in names else [1.5, page]'),
        ("LeaveOut", '+ found = all_of("a", names, key=3) if "a" in names else [ page,]'),
    } <= changed


def test_no_mutant_is_of_types_or_of_how_a_class_is_kept(made: list[Mutant]) -> None:
    """Annotations, the decorators of classes and docstrings are left as they are."""
    lines = [one.difference.splitlines()[1] for one in made]
    assert lines
    assert not [line for line in lines if "frozen" in line or "def holds" in line or "Whether" in line]
    assert all(one.function in {"Page", "holds"} for one in made)


def test_every_module_that_judges_has_mutants() -> None:
    """What is to be mutated is there, and each mutant of it is another change."""
    for file in FILES.values():
        found = mutants(file)
        assert found
        assert len(set(found)) == len(found)


def test_sample_is_spread_evenly(made: list[Mutant]) -> None:
    """The first is in it, its members stand in order, and a larger one than all is all."""
    few = sampled(made, 4)
    assert [made.index(one) for one in few] == [turn * len(made) // 4 for turn in range(4)]
    assert sampled(made, None) == sampled(made, 10_000) == made


def test_stillborn_mutants_count_neither_way(made: list[Mutant]) -> None:
    """The share is that of the killed among those that could be imported."""
    fates = [Fate(made[0], "killed", "evidence of x: y"), Fate(made[1], "survived", ""), Fate(made[2], "stillborn", "")]
    lines = [*told(fates, Counter(small=9))]
    assert lines[1].split() == ["small", "9", "2", "1", "1", "50.0%"]
    assert lines[3] == "killed by evidence: 1"
