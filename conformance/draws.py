"""Draws: requests drawn from the derived OpenAPI document, and what may be required of each.

A draw depends on document, seed and library versions alone, so it can be kept: it is a query in which stand-ins take
the place of the target's own values. What a request is owed is decided by what stands on the wire, not by what the
generator meant: "valid" under every reading, "invalid" under every reading, or else nothing, and then it is not asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote_plus

from contracts import Document, openapi
from contracts.keeping import maker

from .paging import END, START
from .probe import Probe, encoded
from .probes import LARGE

Query = tuple[tuple[str, str], ...]
"""Decoded names and values, in order."""

STAND_INS = {"party": "stand-in-party", "tenant_id": "stand-in-tenant", "region": "stand-in-region"}
"""What is drawn in place of a target's own value."""

DRAWN = "drawn: "
"""How it is said of a probe that it was drawn."""

INTEGER = re.compile(r"0|[1-9][0-9]*")
LENIENT = re.compile(
    # Text that some language's way to read an integer takes for one, or for none at all.
    r"\s*|\s*[+-]?[\d_,.']+(e[+-]?\d+)?\s*|\s*[+-]?0[xob][0-9a-f]+\s*|\s*(null|none|nil)\s*",
    re.IGNORECASE,
)


EDGES = tuple((name, last) for last in (32_767, 65_535) for name in (END, START))
"""Bounds at the last number that 16 bits hold, with a sign and without; a larger one than either is drawn anyway."""

ROOMY = {START: "1", END: "10"}
"""Bounds beside something wrong: where that is overlooked, a machine shows, however pages are counted."""

SMALLEST = 16
"""A bound that is drawn by its size is at least so large; smaller ones are what the clauses of paging ask."""


def key(document: Document, examples: int, seed: int) -> str:
    """What draws depend on, to keep them by: the way in which they are chosen, too."""
    made = maker(Path(__file__), packages=("schemathesis", "hypothesis"))
    return f"{document.sha256[:16]}-{examples}-{seed}-{made}"


def draw(document: Document, examples: int, seed: int) -> dict[str, list[Query]]:
    """Draw at most so many queries of each kind, the same ones for the same seed.

    A quarter of the valid ones, and a third of the invalid ones, are the generator's own; the others are known to be
    where servers break: bounds of every size, and every wrong type in every place.
    """
    if examples == 0:
        return {"valid": [], "invalid": []}
    boundaries, random = map(dict.fromkeys, _queries(document, examples, seed))
    kinds = {kind: [one for one in random if standing(one, document) == kind] for kind in ("valid", "invalid")}
    bounded = _distinct(one for one in kinds["valid"] if _values(one, START) or _values(one, END))
    plain = next((_without_bounds(one) for one in kinds["valid"]), ())
    sizes = _of_every_size(plain, examples - min(len(bounded), examples // 4), seed)
    # What is merely missing, the clauses of parameters ask for.
    wrong = _distinct(one for one in boundaries if standing(one, document) == "invalid" and _unordered(one))
    # In an order that has nothing to do with their making, so that those which are asked are of every kind.
    wrong.sort(key=_digest)
    found = _distinct(one for one in kinds["invalid"] if _unordered(one) not in set(map(_unordered, wrong)))
    known = max(examples - examples // 3, examples - len(found))
    invalid = map(_roomy, [*wrong[:known], *found][:examples])
    return {"valid": [*sizes, *bounded][:examples], "invalid": [*invalid]}


def _of_every_size(plain: Query, examples: int, seed: int) -> Iterator[Query]:
    """A query with ends, and every third time starts, of every size: a generator of integers dwells on small ones."""
    if not plain:
        return
    edges = EDGES[: examples // 4]
    # Each by itself: a page behind the list may be refused, and what is wrong with its end would hide behind that.
    yield from ((*plain, (name, str(last))) for name, last in edges)
    examples -= len(edges)
    chance = Random(seed)  # noqa: S311 - requests, no secrets
    starts = examples // 3
    for name, steps in ((END, examples - starts), (START, starts)):
        sizes = [SMALLEST * (LARGE / SMALLEST) ** (step / max(steps, 1)) for step in range(steps + 1)]
        for number, (low, high) in enumerate(pairwise(sizes), 1):
            # Some pages have both bounds: what they could hold is more than what either tells.
            first = ((START, "1"),) if name == END and number % 3 == 0 else ()
            yield (*plain, *first, (name, str(int(low * (high / low) ** chance.random()))))


def _without_bounds(query: Query) -> Query:
    return tuple((name, value) for name, value in query if name not in {START, END})


def _roomy(query: Query) -> Query:
    """A query with room for machines between those of its bounds that are right."""
    right = {name for name in ROOMY if _standing_of_int(_values(query, name)) == "valid"}
    return tuple((name, ROOMY[name] if name in right else value) for name, value in query)


def _distinct(queries: Iterable[Query]) -> list[Query]:
    """Queries that differ in more than the order of their parameters; of invalid ones, in what stands in them wrong."""
    return list({_unordered(one): one for one in reversed([*queries])}.values())[::-1]


def _unordered(query: Query) -> frozenset[tuple[str, str]]:
    """What stands in a query beside a target's own values and the bounds that any list has."""
    told = {*STAND_INS.items(), (START, "1"), (END, "1")}
    return frozenset(pair for pair in query if pair not in told)


def _digest(query: Query) -> bytes:
    return sha256(repr(query).encode()).digest()


def read(probe: Probe, good: Probe) -> Query:
    """The query of a probe as it is drawn: the stand-ins in the places of the good request's own values."""
    stand_ins = {(name, value): STAND_INS.get(name, value) for name in good.names for value in good.values(name)}
    pairs = (
        (name, value) for name, value in ((unquote_plus(name), unquote_plus(str(value))) for name, value in probe.query)
    )
    return tuple((name, stand_ins.get((name, value), value)) for name, value in pairs)


def asked(query: Query, good: Probe) -> Probe:
    """The probe of a drawn query: the good request's own values in the places of their stand-ins."""
    own = {stand_in: values[0] for name, stand_in in STAND_INS.items() if (values := good.values(name))}
    pairs = tuple((encoded(name), encoded(own.get(value, value))) for name, value in query)
    given = {name for name, _ in query}
    told = [f"{name}={value[:60]}" for name, value in query if value != STAND_INS.get(name)]
    missing = [f"no {name}" for name in STAND_INS if name not in given]
    return Probe(good.method, good.path, pairs, good.headers, edits=(f"{DRAWN}{', '.join([*told, *missing])}"[:160],))


def standing(query: Query, document: Document) -> str:
    """What a query is owed by what stands in it: "valid", "invalid" or, where a reading may decide, "open"."""
    verdicts = {_standing(one.name, one.type, one.required, _values(query, one.name)) for one in document.parameters}
    if "invalid" in verdicts:
        return "invalid"
    known = {one.name for one in document.parameters}
    f, t = (_values(query, name) for name in (START, END))
    crossed = "open" not in verdicts and bool(f and t) and int(f[0]) > int(t[0])
    return "open" if "open" in verdicts or crossed or not known.issuperset(name for name, _ in query) else "valid"


def _standing(name: str, type_: str, required: bool, values: Sequence[str]) -> str:
    if type_ == "int":
        return _standing_of_int(values) if values or not required else "invalid"
    own = STAND_INS.get(name)
    if own is None:
        return "valid" if values or not required else "invalid"
    if list(values) == [own]:
        return "valid"
    # A header may name the party instead, and of a parameter given twice either value may count.
    return "open" if name == "party" or own in values else "invalid"


def _standing_of_int(values: Sequence[str]) -> str:
    if not values:
        return "valid"
    if len(values) == 1 and INTEGER.fullmatch(values[0]) and 1 <= int(values[0]) <= LARGE:
        return "valid"
    return "open" if any(LENIENT.fullmatch(value) for value in values) else "invalid"


def _values(query: Query, name: str) -> list[str]:
    return [value for key, value in query if key == name]


def _queries(document: Document, examples: int, seed: int) -> tuple[list[Query], list[Query]]:
    """What the generators draw: the boundary cases, and random ones, both valid and invalid."""
    # Imported here because a replay, or a run without these clauses, has no use for the second that it takes.
    import schemathesis  # noqa: PLC0415
    from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig  # noqa: PLC0415
    from schemathesis.generation import GenerationMode  # noqa: PLC0415

    generation = GenerationConfig(with_security_parameters=False, deterministic=True)
    config = SchemathesisConfig(
        seed=seed, projects=ProjectsConfig(default=ProjectConfig(generation=generation, headers={}))
    )
    schema = schemathesis.openapi.from_dict(_drawable(document), config=config)
    operation = schema[document.operation.path][document.operation.method]
    # More than are wanted, for of some nothing may be required, and of those that are wrong many are alike.
    numbers = {GenerationMode.POSITIVE: examples + 4, GenerationMode.NEGATIVE: 3 * examples}
    cases = operation.schema.iter_coverage_cases(operation, generation_modes=[*numbers], generation_config=generation)
    boundaries = [_query(case.query) for case in cases if case.method.upper() == document.operation.method]
    random = [
        query
        for mode, number in numbers.items()
        for query in _sampled(operation.as_strategy(generation_mode=mode), number, seed)
    ]
    return boundaries, random


def _sampled(strategy: Any, number: int, seed: int) -> list[Query]:
    import hypothesis  # noqa: PLC0415

    drawn: list[Query] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def keep(case: Any) -> None:
        drawn.append(_query(case.query))

    keep()
    return drawn


def _drawable(document: Document) -> dict[str, Any]:
    """The derived OpenAPI with the stand-ins fixed, the query alone, and bounds that every reading has windows for."""
    derived = openapi(document, values=STAND_INS)
    operation = derived["paths"][document.operation.path][document.operation.method.lower()]
    operation["parameters"] = [one for one in operation["parameters"] if one["in"] == "query"]
    for one in operation["parameters"]:
        if one["schema"].get("type") == "integer":
            one["schema"] |= {"minimum": 1, "maximum": LARGE}
    return derived


def _query(drawn: Mapping[str, Any] | None) -> Query:
    """A drawn query as it stands on the wire."""
    pairs = ((name, value) for name, values in (drawn or {}).items() for value in _listed(values))
    return tuple((str(name), value if isinstance(value, str) else json.dumps(value)) for name, value in pairs)


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]
