"""Errors: the body of every kind of refusal, by the document's error sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conformance.answer import Reply
from conformance.clause import clause
from conformance.credentials import EXPIRED_TOKEN, TOKEN, Secret
from conformance.disclosure import echoes_no_secret, shows_no_trace, tells_no_internals
from conformance.expect import (
    answers,
    has_error_code,
    has_message,
    has_no_ambiguous_key,
    has_status,
    is_json_object,
    is_strict_json,
)
from conformance.headers import is_json_typed, is_some_json_if_typed
from conformance.judgement import MUST, SHOULD, Judgement
from conformance.paging import Window
from conformance.probe import Probe
from conformance.probes import UNKNOWN, Probes
from conformance.sight import Asked
from conformance.target import Target
from contracts import Document


@dataclass(frozen=True, slots=True)
class Refusal:
    """A kind of refusal: its name, the requests that are refused so, and the optional inputs that these need."""

    name: str
    asks: Callable[[Probes, Target, Document], list[Probe]]
    needs: tuple[str, ...] = ()


def missing(probes: Probes, _: Target, document: Document) -> list[Probe]:
    """Each required parameter left out."""
    return [probes.good.without(one.name) for one in document.parameters if one.required]


def blank(probes: Probes, _: Target, document: Document) -> list[Probe]:
    """Each required parameter with nothing in it."""
    return [probes.good.having(one.name, "") for one in document.parameters if one.required]


def bad_token(probes: Probes, *_: object) -> list[Probe]:
    """A token that nobody was given, and one that is almost good."""
    return [probes.with_token(UNKNOWN), probes.with_token(Secret(TOKEN, "less its last character"))]


def bad_bound(probes: Probes, _: Target, document: Document) -> list[Probe]:
    """Bounds that are no integers."""
    bounds = [one.name for one in document.parameters if one.type == "int"]
    return [probes.good.having(name, value) for name in bounds for value in ("abc", "1.5")]


REFUSALS = (
    Refusal("missing-parameter", missing),
    Refusal("blank-parameter", blank),
    Refusal("no-token", lambda probes, *_: probes.with_a_page(probes.without_token)),
    Refusal("bad-token", bad_token),
    Refusal(
        "expired-token",
        lambda probes, *_: probes.with_a_page(probes.with_token(Secret(EXPIRED_TOKEN))),
        ("expired_token",),
    ),
    Refusal("strange-tenant", lambda probes, *_: [probes.good.having("tenant_id", UNKNOWN)]),
    Refusal(
        "other-tenant",
        lambda probes, target, _: probes.with_a_page(probes.good.having("tenant_id", target.other_tenant_id)),
        ("other_tenant_id",),
    ),
    Refusal("bad-bound", bad_bound),
    Refusal("unknown-region", lambda probes, *_: [probes.good.having("region", UNKNOWN)]),
    Refusal("unknown-party", lambda probes, *_: [probes.unknown_party]),
)


ERROR_FORM = (is_json_object, is_some_json_if_typed, has_message, has_error_code, has_no_ambiguous_key)
"""What the document's error sample shows of a refusal's body."""


def refusals_of(_: Document) -> tuple[Refusal, ...]:
    """Every kind of refusal that the document leads to."""
    return REFUSALS


MOST_APART = 3
"""Kinds of refusals that may each have a fault of their own; where more of them have one, it is one and the same."""


def every_kind(probes: Probes, target: Target, document: Document) -> dict[str, Probe]:
    """The requests of every kind for which the inputs are at hand, labelled by the kind."""
    kinds = [kind for kind in REFUSALS if target.given.issuperset(kind.needs)]
    return {
        f"{kind.name}, {number}": probe
        for kind in kinds
        for number, probe in enumerate(kind.asks(probes, target, document), 1)
    }


@clause(
    "ERROR-08",
    MUST,
    area="errors",
    source="error sample",
    asks=every_kind,
    usually="One handler of all errors: the framework's own pages, or a `code` that is a string, fixed, or not there.",
)
def test_refusals_in_general_have_the_error_form(refused: Asked) -> Judgement:
    """Refusals in general are JSON with `msg`, a text that is not empty, and `code`, the status as an int."""
    kinds = (refused.labelled(f"{kind.name}, ") for kind in REFUSALS)
    broken = sum(bool(kind.each(*ERROR_FORM).findings) for kind in kinds)
    together = refused.each(*ERROR_FORM)
    return together if broken > MOST_APART else replace(together, findings=())


def asks(probes: Probes, target: Target, document: Document, subject: Refusal) -> Any:
    """The requests that are refused so: {}."""
    return subject.asks(probes, target, document)


@clause(
    "ERROR-{}",
    MUST,
    area="errors",
    source="error sample",
    asks=asks,
    over=refusals_of,
    rests_on=("ERROR-08",),
    usually="The framework's own page for this error, or a code that does not follow the status.",
)
def test_refusal_has_the_error_form(refused: Asked) -> Judgement:
    """A refusal ({}) is JSON with `msg`, a text that is not empty, and `code`, the status as an int."""
    return refused.each(*ERROR_FORM)


@clause(
    "ERROR-01",
    SHOULD,
    area="errors",
    source="success sample",
    asks=every_kind,
    rests_on=tuple(f"ERROR-{kind.name}" for kind in REFUSALS if not kind.needs),
    usually="The error sample of the document has no Content-Type, and was taken at its word.",
)
def test_refusals_say_that_they_are_json(refused: Asked) -> Judgement:
    """A refusal says in its Content-Type that its body is JSON."""
    return refused.each(is_json_typed)


def is_no_list(reply: Reply) -> bool:
    """Whether it lists nothing, and be it an empty list: a page, say, that died while it was made."""
    return reply.listing is None


@clause(
    "ERROR-02",
    MUST,
    area="errors",
    source="error sample",
    asks=every_kind,
    usually="A server in debug mode.",
)
def test_refusals_show_no_stack_trace(refusals: Asked, answered: Asked) -> Judgement:
    """No refusal and no failure shows a stack trace, nor does what is answered in the place of a list."""
    return refusals.each(shows_no_trace) + answered.where(is_no_list).each(shows_no_trace)


@clause(
    "ERROR-03",
    SHOULD,
    area="errors",
    source="error sample",
    asks=every_kind,
    rests_on=("ERROR-02",),
    usually="The text of an exception handed on to the caller.",
)
def test_refusals_tell_no_internals(refusals: Asked, answered: Asked) -> Judgement:
    """No refusal, no failure and nothing in the place of a list tells a file path or SQL of the server's."""
    return refusals.each(tells_no_internals) + answered.where(is_no_list).each(tells_no_internals)


@clause(
    "ERROR-04",
    MUST,
    area="errors",
    source="error sample",
    asks=every_kind,
    usually="A message that says which token was refused.",
)
def test_refusals_repeat_no_secret(refusals: Asked) -> Judgement:
    """No refusal and no failure repeats a token that was sent."""
    return refusals.each(echoes_no_secret)


def unknown_path(probes: Probes) -> dict[str, Probe]:
    """The good request, at paths where the document has nothing, and with a slash that it does not have."""
    return {
        "below": probes.good.at(f"{probes.good.path}/{UNKNOWN}"),
        "beside": probes.good.at(f"/{UNKNOWN}"),
        "slash": probes.good.at(f"{probes.good.path}/"),
    }


@clause(
    "ERROR-05",
    MUST,
    area="errors",
    source="RFC 9110 section 15.5.5",
    asks=unknown_path,
    usually="A route that takes everything below it, or a page for a browser with status 200.",
)
def test_unknown_path_is_not_found(asked: Asked) -> Judgement:
    """An unknown path is answered 404; the document's own with a slash behind it, in any way but by a 5xx."""
    slash = asked.only("slash").each(answers) + asked.record("a slash after the path", "slash")
    return asked.only("below", "beside").each(has_status(404)) + slash


def no_route(probes: Probes) -> dict[str, Probe]:
    """Unknown paths, and a safe method that the document does not have."""
    paths = unknown_path(probes)
    return {"below": paths["below"], "beside": paths["beside"], "method": probes.good.by("PROPFIND")}


@clause(
    "ERROR-06",
    SHOULD,
    area="errors",
    source="error sample",
    asks=no_route,
    rests_on=("ERROR-05", "ERROR-08"),
    usually="The framework's own page for what no route takes.",
)
def test_what_no_route_takes_has_the_error_form(refused: Asked) -> Judgement:
    """The 404 of an unknown path, and the 405 of an unknown method, have the body of every other refusal."""
    return refused.where(lambda reply: reply.status in {404, 405}).each(is_json_object, has_message, has_error_code)


def further(probes: Probes, target: Target, document: Document) -> list[Probe]:
    """What else the application itself may refuse, in any of its ways to read a request."""
    good, numbers = probes.good, [one.name for one in document.parameters if one.type == "int"]
    bounds = [good.having(name, value) for name in numbers for value in ("", " ", "-1", str(10**20))]
    blanks = [good.having(one.name, " ") for one in document.parameters if one.required]
    tenants = [good.having("tenant_id", value) for value in (f"{target.tenant_id}0", target.tenant_id[:-1]) if value]
    tokens = [probes.with_token(""), probes.with_token(Secret(TOKEN, "with one more character"))]
    if target.private_channel:
        tokens.append(probes.without_token.having("token", Secret(TOKEN)))
    page = probes.window(Window(f=1, t=2))
    twice = [page.twice(name, page.values(name)[0], UNKNOWN) for name in ("tenant_id", "region")]
    crossed = probes.window(Window(f=3, t=1))
    elsewhere = probes.in_other_region(probes.without_token, probes.with_token(UNKNOWN))
    return [*bounds, *blanks, *tenants, *tokens, *twice, *elsewhere, crossed, good.having("x-unknown", "1")]


@clause(
    "ERROR-07",
    MUST,
    area="errors",
    source="error sample",
    asks=further,
    rests_on=tuple(f"ERROR-{kind.name}" for kind in REFUSALS if not kind.needs),
    usually="One of several checks that builds its answer by itself.",
)
def test_further_refusals_have_the_error_form(refused: Asked, refusals: Asked, probes: Probes) -> Judgement:
    """Whatever else the application refuses, it refuses in the same form; and what it calls JSON is JSON."""
    # What stands in front of the application may refuse odd strings in another form, which is JSON all the same.
    return refused.each(*ERROR_FORM) + called_json(refusals, probes.good).each(is_strict_json)


def called_json(refusals: Asked, good: Probe) -> Asked:
    """The refusals of the document's own call whose body is said to be JSON."""
    own = refusals.where(lambda one: (one.exchange.probe.method, one.exchange.probe.path) == (good.method, good.path))
    return own.where(lambda one: is_json_typed(one) is None)
