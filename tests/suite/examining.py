"""Servers examined by every clause without pytest around it: what the matrix and the peace of many servers rest on."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from conformance import draws, options
from conformance.clause import AREAS, Catalogue, Clause, Declaration
from conformance.default_target import serving
from conformance.examine import Examination
from conformance.target import Limits
from conformance.verdicts import Outcome
from contracts import DEFAULT, Document, read

CLAUSES = Path(__file__).parents[1] / "contract"
SEED = options.SEED


@cache
def document() -> Document:
    """The contract document."""
    return read(DEFAULT)


@cache
def clauses() -> tuple[Clause, ...]:
    """Every clause of tests/contract for the document, in the order of the areas."""
    declared = [declaration for area in AREAS for declaration in _declarations(CLAUSES / f"test_{area}.py")]
    return tuple(clause for declaration in declared for clause in declaration.clauses(document()))


def _declarations(path: Path) -> Iterator[Declaration]:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return (value for value in vars(module).values() if isinstance(value, Declaration))


@cache
def drawn(examples: int, seed: int) -> dict[str, list[draws.Query]]:
    """The draws, made once in each process."""
    return draws.draw(document(), examples, seed)


def examined(card: Mapping[str, str], *, examples: int = options.EXAMPLES, seed: int = SEED) -> Examination:
    """A server that listens, asked everything that its card, the options' values by name, allows to ask."""
    examination = Examination.of_target(
        document(),
        options.target_of(card),
        options.vault_of(card),
        Catalogue(clauses()),
        pinned={},
        examples=examples,
        seed=seed,
        keep=lambda _key, _make: drawn(examples, seed),
    )
    examination.ask(Limits(timeout=5))
    return examination


def examined_reference(
    arguments: Sequence[str], *, examples: int = options.EXAMPLES, seed: int = SEED, unsafe: bool = True
) -> Examination:
    """The reference, started with these arguments and asked everything."""
    command = ["python", "-m", "reference", "--port", "0", "--until-stdin-closes", *arguments]
    with serving(command) as said:
        card = {name: said[name] for name in said.keys() - {"username", "password"}}
        return examined(card | ({"unsafe_methods": "yes"} if unsafe else {}), examples=examples, seed=seed)


def outcomes(examination: Examination) -> dict[Clause, Outcome]:
    """What became of every clause."""
    return examination.outcomes(clauses(), clauses())
