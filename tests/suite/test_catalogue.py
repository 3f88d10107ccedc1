"""The catalogue of clauses: ids that last, sources that are there, and foundations that hold."""

from __future__ import annotations

import inspect
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from conformance.clause import AREAS, OPTIONAL_INPUTS, Clause
from conformance.judgement import SHOULD
from conformance.sight import Sight
from tests.suite.miniature import catalogue, document

SNAPSHOT = Path(__file__).with_name("clauses.txt")
RFC_SECTION = re.compile(r"RFC [1-9][0-9]{3,4} section [1-9A-Z][0-9]*(\.[1-9][0-9]*)*")
SENTENCE = re.compile(r"[A-Z0-9`\"'(-].*[.?!]", re.DOTALL)
VIEWS = frozenset({"clause", "document", "probes", "subject", "target"}) | {
    name for name, _ in inspect.getmembers(Sight, lambda member: isinstance(member, property))
}
"""What a clause may ask to see."""

CLAUSES = list(catalogue())
each_clause = pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.id)


def frozen() -> list[str]:
    """The lines of the snapshot."""
    return SNAPSHOT.read_text(encoding="utf-8").splitlines()


def line(clause: Clause) -> str:
    """A clause in the snapshot."""
    return f"{clause.id} {clause.level} {clause.area}"


def test_ids_levels_and_areas_are_those_that_were_frozen() -> None:
    """An id is for ever, with its level and its area: none vanishes, and none comes to mean another thing.

    A new clause gets a line of its own in clauses.txt, `ID LEVEL area`, in the catalogue's order; that is all that is
    ever written there. A clause whose meaning changes gets a new id, and the line of the old one goes with it.
    """
    now, then = [line(clause) for clause in CLAUSES], frozen()
    assert {
        "gone or changed": [one for one in then if one not in now],
        "new": [one for one in now if one not in then],
    } == {
        "gone or changed": [],
        "new": [],
    }
    assert now == then


def test_frozen_ids_are_there_once() -> None:
    """No id stands in the snapshot twice."""
    ids = [one.split()[0] for one in frozen()]
    assert len(ids) == len(set(ids))


@each_clause
def test_source_is_a_place_in_the_document_or_a_section_of_an_rfc(clause: Clause) -> None:
    """A clause says where it is from: a place that the document has, or a section of an RFC."""
    if clause.source.startswith("RFC"):
        assert RFC_SECTION.fullmatch(clause.source)
    else:
        assert document().resolve(clause.source)


@each_clause
def test_texts_are_sentences(clause: Clause) -> None:
    """What a clause requires and how servers usually get it wrong are sentences, with nothing left to fill in."""
    for text in (clause.text, clause.usually):
        assert SENTENCE.fullmatch(text)
        assert "{" not in text


def test_texts_are_told_apart() -> None:
    """No two clauses require the same in the same words."""
    texts = [clause.text for clause in CLAUSES]
    assert sorted(texts) == sorted(set(texts))


@each_clause
def test_foundations_are_clauses(clause: Clause) -> None:
    """What a clause rests on is in the catalogue, and binds if the clause does."""
    assert [id for id in clause.rests_on if id not in catalogue()] == []
    advice = [id for id in clause.rests_on if catalogue()[id].level is SHOULD]
    assert clause.level is SHOULD or advice == []


def test_foundations_go_round_in_no_circle() -> None:
    """No clause rests on itself, over however many others."""
    order = list(TopologicalSorter({clause.id: clause.rests_on for clause in CLAUSES}).static_order())
    assert set(order) == {clause.id for clause in CLAUSES}


@each_clause
def test_foundations_need_no_input_that_the_clause_does_not(clause: Clause) -> None:
    """Whatever lets a clause be judged lets what it rests on be judged."""
    lacking = {id: set(catalogue()[id].needs) - set(clause.needs) for id in clause.rests_on}
    assert {id: needs for id, needs in lacking.items() if needs} == {}


@each_clause
def test_parameters_are_views(clause: Clause) -> None:
    """A clause sees what its parameters name, each of them a view; so do its probes."""
    functions = [clause.judge, *([clause.asks] if clause.asks else [])]
    named = {name for function in functions for name in inspect.signature(function).parameters}
    assert named - VIEWS == set()


@each_clause
def test_what_is_asked_before_the_list_is_there_does_not_see_it(clause: Clause) -> None:
    """The probes of a clause are determined by what it says that it needs: options, document, and what came back."""
    if clause.asks:
        assert not {"asked", "windows", "everything", "served", "refused"} & set(
            inspect.signature(clause.asks).parameters
        )


def test_every_area_has_clauses_that_bind() -> None:
    """Each area of the design has clauses, one file each, and none has another area's."""
    assert [area for area in AREAS if not any(clause.area == area for clause in CLAUSES)] == []
    assert {clause.path.stem: clause.area for clause in CLAUSES} == {f"test_{area}": area for area in AREAS}
    assert {(clause.path.stem, clause.area) for clause in CLAUSES} == {(f"test_{area}", area) for area in AREAS}


def test_every_optional_input_opens_a_clause() -> None:
    """No option is asked for that no clause needs."""
    assert {need for clause in CLAUSES for need in clause.needs} == set(OPTIONAL_INPUTS)


def test_names_of_functions_are_told_apart() -> None:
    """One function is one clause, or one for each subject that it is declared over."""
    places: dict[str, set[tuple[Path, int]]] = {}
    for clause in CLAUSES:
        places.setdefault(clause.name, set()).add((clause.path, clause.line))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
