"""Methods: what is answered to other methods than the document's."""

from __future__ import annotations

from conformance.answer import Listing
from conformance.clause import clause
from conformance.credentials import EXPIRED_TOKEN, Secret
from conformance.expect import answers, has_status, has_the_machines_of, lists, lists_nothing, refuses_or_knows_not
from conformance.headers import allows, has_no_body, has_the_length_of, is_json_typed_if_typed
from conformance.judgement import MUST, SHOULD, Inapplicable, Judgement, Undecided
from conformance.probe import Probe
from conformance.probes import UNKNOWN, Probes
from conformance.sight import Asked
from conformance.target import Target

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def bad_ones(probes: Probes) -> dict[str, Probe]:
    """Requests that are to be refused, each for another reason."""
    return {
        "without a region": probes.good.without("region"),
        "without a token": probes.without_token,
        "with an unknown token": probes.with_token(UNKNOWN),
        "of another tenant": probes.good.having("tenant_id", UNKNOWN),
        "of another region": probes.good.having("region", UNKNOWN),
    }


def head(probes: Probes) -> dict[str, Probe]:
    """The good request by HEAD, and bad ones."""
    return {"good": probes.good.by("HEAD")} | {label: one.by("HEAD") for label, one in bad_ones(probes).items()}


def guarded(probes: Probes, target: Target) -> dict[str, Probe]:
    """Requests that only who was told of another tenant, or has a token that expired, can ask."""
    given = {
        "other_tenant_id": probes.good.having("tenant_id", target.other_tenant_id),
        "expired_token": probes.with_token(Secret(EXPIRED_TOKEN)),
    }
    return {f"by {name}": probe for name, probe in given.items() if name in target.given}


def good_and_bad(probes: Probes, target: Target) -> dict[str, Probe]:
    """The good request by HEAD, and bad ones by both methods."""
    bad = bad_ones(probes) | guarded(probes, target)
    by_head = {f"HEAD, {label}": one.by("HEAD") for label, one in {"good": probes.good, **bad}.items()}
    return by_head | bad


@clause(
    "METHOD-01",
    MUST,
    area="methods",
    source="RFC 9110 section 9.1",
    asks=good_and_bad,
    rests_on=("STAB-01",),
    usually="A router that knows GET only, or a HEAD that is answered before anything is checked.",
)
def test_head_is_answered_as_get(asked: Asked) -> Judgement:
    """HEAD is answered with the status of GET, to a good request and to a bad one."""
    good = asked.only("HEAD, good").each(has_status(200))
    by_get = {label: one.status for label, one in asked.replies.items() if not label.startswith("HEAD, ")}
    bad = (asked.only(f"HEAD, {label}").each(has_status(status)) for label, status in by_get.items() if status)
    return sum(bad, good)


@clause(
    "METHOD-02",
    MUST,
    area="methods",
    source="RFC 9110 section 9.3.2",
    asks=head,
    confirmed=True,
    rests_on=("METHOD-01", "HEAD-02"),
    usually="HEAD routed to the handler of GET by a server that does not drop its body.",
)
def test_head_has_no_body(asked: Asked, goods: Asked) -> Judgement:
    """HEAD has no body; a Content-Type or a Content-Length that it has is that of GET."""
    of_a_list = asked.only("good").each(is_json_typed_if_typed, has_the_length_of(goods))
    return asked.each(has_no_body) + of_a_list


def safe_methods(probes: Probes) -> list[Probe]:
    """The good request by OPTIONS, and by a method that is safe and nobody's."""
    return [probes.good.by("OPTIONS"), probes.good.by("PROPFIND")]


def options(probes: Probes) -> Probe:
    """The good request by OPTIONS."""
    return probes.good.by("OPTIONS")


@clause(
    "METHOD-03",
    MUST,
    area="methods",
    source="RFC 9110 section 15.6.1",
    asks=safe_methods,
    usually="A handler that takes each method for its own.",
)
def test_options_is_answered(asked: Asked) -> Judgement:
    """OPTIONS, and a method of another protocol, may be answered in any way but by a 5xx; 501 is no fault."""
    return asked.each(answers)


@clause(
    "METHOD-04",
    SHOULD,
    area="methods",
    source="RFC 9110 section 9.3.7",
    asks=options,
    rests_on=("METHOD-03",),
    usually="OPTIONS answered for browsers alone.",
)
def test_options_names_the_methods(asked: Asked) -> Judgement:
    """OPTIONS is answered with Allow, which names GET."""
    return asked.each(allows)


def unsafe(probes: Probes) -> list[Probe]:
    """The good request by every unsafe method."""
    return [probes.good.by(method) for method in UNSAFE]


@clause(
    "METHOD-05",
    SHOULD,
    area="methods",
    source="RFC 9110 section 15.5.6",
    asks=unsafe,
    needs=("unsafe_methods",),
    rests_on=("METHOD-08",),
    usually="A router that answers 404 to a method that it has no handler for.",
)
def test_unsafe_methods_are_not_allowed(asked: Asked) -> Judgement:
    """POST, PUT, PATCH and DELETE are refused by 405, or by 501 where the server does not know them."""
    return asked.each(has_status(405, 501))


def another_method(probes: Probes) -> Probe:
    """The good request by a method that is safe and nobody's."""
    return probes.good.by("PROPFIND")


@clause(
    "METHOD-06",
    MUST,
    area="methods",
    source="RFC 9110 section 15.5.6",
    asks=another_method,
    usually="A 405 raised by hand, without the header that belongs to it.",
)
def test_method_not_allowed_names_the_methods(everything: Asked, preflight: Asked) -> Judgement:
    """A 405 to another method carries Allow, which names the document's own."""
    own = {reply.exchange.probe.method for reply in preflight.replies.values()}
    not_allowed = everything.where(lambda reply: reply.status == 405 and reply.exchange.probe.method not in own)
    if not not_allowed.replies:
        raise Inapplicable("no method was answered 405")
    return not_allowed.each(allows)


def unsafe_and_after(probes: Probes) -> dict[str, Probe]:
    """Every unsafe method and the good request after them, and all that once more."""
    first = {
        **{method: probes.good.by(method) for method in UNSAFE},
        "after": probes.good.again("after unsafe methods"),
    }
    more = {f"{label}, once more": probe.again(f"{probe.repetition} once more") for label, probe in first.items()}
    return first | more


@clause(
    "METHOD-07",
    MUST,
    area="methods",
    source="operation table",
    asks=unsafe_and_after,
    in_order=True,
    alone=True,
    needs=("unsafe_methods",),
    rests_on=("STAB-01", "METHOD-08"),
    usually="A handler that runs before its method is looked at.",
)
def test_unsafe_methods_change_nothing(asked: Asked, listing: Listing, lively: bool) -> Judgement:
    """After POST, PUT, PATCH and DELETE the list is what it was."""
    standing, between = asked.labelled("after").each(lists), asked["after"].listing
    if standing.findings or between is None:
        return standing
    once = asked.only("after").each(has_the_machines_of(listing))
    more = asked.only("after, once more").each(has_the_machines_of(between))
    # A machine may come or go by itself just then, but not twice where none ever did, and not all of several.
    replaced = len(listing.ids) > 1 and not {*listing.ids} & {*between.ids}
    if lively and (once.findings or more.findings):
        raise Undecided("the list changes by itself")
    if bool(once.findings) != bool(more.findings) and not replaced:
        raise Undecided("the list changed around one of two times that they were asked, as it may by itself")
    return standing + once + more


@clause(
    "METHOD-08",
    MUST,
    area="methods",
    source="operation table",
    asks=unsafe,
    in_order=True,
    needs=("unsafe_methods",),
    rests_on=("METHOD-09",),
    usually="A handler that is bound to the path and not to the method.",
)
def test_unsafe_methods_are_refused(asked: Asked) -> Judgement:
    """POST, PUT, PATCH and DELETE are refused by a 4xx, or by 501, and list no machine."""
    return asked.each(refuses_or_knows_not, lists_nothing)


@clause(
    "METHOD-09",
    MUST,
    area="methods",
    source="operation table",
    asks=another_method,
    rests_on=("METHOD-03",),
    usually="A server without a router, that looks at the path alone.",
)
def test_another_method_is_refused(asked: Asked) -> Judgement:
    """A safe method that the document does not have is refused by a 4xx, or by 501, and lists no machine."""
    return asked.each(refuses_or_knows_not, lists_nothing)
