"""Draws: requests drawn from the derived OpenAPI document, and what may be required of each.

A draw depends on document, seed and library versions alone, so it can be kept: it is a query in which stand-ins take
the place of the target's own values. What a request is owed is decided by what stands on the wire, not by what the
generator meant: "valid" under every reading, "invalid" under every reading, or else nothing, and then it is not asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from contracts import Document, openapi

from .paging import END, START
from .probe import Probe, encoded
from .probes import LARGE

Query = tuple[tuple[str, str], ...]
"""Decoded names and values, in order."""

STAND_INS = {"party": "stand-in-party", "tenant_id": "stand-in-tenant", "region": "stand-in-region"}
"""What is drawn in place of a target's own value."""

INTEGER = re.compile(r"0|[1-9][0-9]*")
LENIENT = re.compile(
    # Text that some language's way to read an integer takes for one, or for none at all.
    r"\s*|\s*[+-]?[\d_,.']+(e[+-]?\d+)?\s*|\s*[+-]?0[xob][0-9a-f]+\s*",
    re.IGNORECASE,
)


def key(document: Document, examples: int, seed: int) -> str:
    """What draws depend on, to keep them by."""
    versions = "-".join(version(name) for name in ("schemathesis", "hypothesis"))
    return f"{document.sha256[:16]}-{examples}-{seed}-{versions}"


def draw(document: Document, examples: int, seed: int) -> dict[str, list[Query]]:
    """Draw at most so many queries of each kind, the same ones for the same seed."""
    boundaries, random = ({}, {}) if examples == 0 else map(dict.fromkeys, _queries(document, examples, seed))
    kinds: dict[str, list[Query]] = {}
    for kind in ("valid", "invalid"):
        # In an order that has nothing to do with their making, so that those which are asked are of every kind.
        known = sorted((query for query in boundaries if standing(query, document) == kind), key=_digest)
        found = [query for query in random if standing(query, document) == kind and query not in boundaries]
        # Half of each, or more of the one where there are not enough of the other.
        half = max(examples // 2, examples - len(found))
        kinds[kind] = [*known[:half], *found][:examples]
    return kinds


def _digest(query: Query) -> bytes:
    return sha256(repr(query).encode()).digest()


def asked(query: Query, good: Probe) -> Probe:
    """The probe of a drawn query: the good request's own values in the places of their stand-ins."""
    own = {stand_in: values[0] for name, stand_in in STAND_INS.items() if (values := good.values(name))}
    pairs = tuple((encoded(name), encoded(own.get(value, value))) for name, value in query)
    shown = "&".join(f"{name}={value}" for name, value in query)
    return Probe(good.method, good.path, pairs, good.headers, edits=(f"drawn: {shown[:120]}",))


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
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    cases = operation.schema.iter_coverage_cases(operation, generation_modes=modes, generation_config=generation)
    boundaries = [_query(case.query) for case in cases if case.method.upper() == document.operation.method]
    random = [
        query for mode in modes for query in _sampled(operation.as_strategy(generation_mode=mode), examples, seed)
    ]
    return boundaries, random


def _sampled(strategy: Any, examples: int, seed: int) -> list[Query]:
    import hypothesis  # noqa: PLC0415

    drawn: list[Query] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=3 * examples,
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
