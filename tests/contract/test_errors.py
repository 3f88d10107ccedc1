"""Errors: the body of every kind of refusal, by the document's error sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.clause import clause
from conformance.expect import has_error_code, has_message, is_json_object, is_json_typed_if_typed
from conformance.judgement import MUST, Judgement
from conformance.probe import Probe
from conformance.probes import UNKNOWN, Probes
from conformance.sight import Asked
from conformance.target import Target
from contracts import Document


@dataclass(frozen=True, slots=True)
class Refusal:
    """A kind of refusal: its name, and the requests that are refused so."""

    name: str
    asks: Callable[[Probes, Target, Document], list[Probe]]


def missing(probes: Probes, _: Target, document: Document) -> list[Probe]:
    """Each required parameter left out."""
    return [probes.good.without(one.name) for one in document.parameters if one.required]


def bad_bound(probes: Probes, _: Target, document: Document) -> list[Probe]:
    """Bounds that are no integers."""
    bounds = [one.name for one in document.parameters if one.type == "int"]
    return [probes.good.having(name, value) for name in bounds for value in ("abc", "1.5")]


REFUSALS = (
    Refusal("missing-parameter", missing),
    Refusal("no-token", lambda probes, *_: [probes.without_token]),
    Refusal("unknown-token", lambda probes, *_: [probes.with_token(UNKNOWN)]),
    Refusal("strange-tenant", lambda probes, *_: [probes.good.having("tenant_id", UNKNOWN)]),
    Refusal("unknown-region", lambda probes, *_: [probes.good.having("region", UNKNOWN)]),
    Refusal("bad-bound", bad_bound),
)


def refusals(_: Document) -> tuple[Refusal, ...]:
    """Every kind of refusal that the document leads to."""
    return REFUSALS


def asks(probes: Probes, target: Target, document: Document, subject: Refusal) -> Any:
    """The requests of one kind."""
    return subject.asks(probes, target, document)


@clause(
    "ERROR-{}",
    MUST,
    area="errors",
    source="error sample",
    asks=asks,
    over=refusals,
    usually="The framework's own page for this error, or a code that does not follow the status.",
)
def test_refusal_has_the_error_form(refused: Asked) -> Judgement:
    """A refusal ({}) is JSON with `msg`, a text that is not empty, and `code`, the status as an int."""
    return refused.each(is_json_object, is_json_typed_if_typed, has_message, has_error_code)
