"""Mutants of the required parameters, and of how the query is read."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from wsgiref.types import WSGIApplication

from reference.model import Refusal
from reference.mutant import (
    BLANK,
    CRASH,
    MISSING,
    Hear,
    Mutant,
    When,
    Wrap,
    crash,
    empty_list,
    error_within_200,
    in_ask,
    in_lists,
    in_refusals,
    in_served,
    less_last,
    on_wire,
    status,
    with_value,
)
from reference.service import Ask, Service, party_is_known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

DOCUMENTED = ("party", "tenant_id", "region", "f", "t")


def is_missing(name: str) -> When:
    """Whether a request does not give a parameter, nor for `party` an agent that does as well."""
    if name == "party":
        return lambda ask, service: ask.value(name) is None and party_is_known(ask, service) is not None
    return lambda ask, _: ask.value(name) is None


def is_empty(name: str) -> When:
    """Whether a request gives a parameter with nothing in it."""
    return lambda ask, _: ask.value(name) == ""


def is_spaces(name: str) -> When:
    """Whether a request gives a parameter with nothing but spaces in it."""
    return lambda ask, _: (ask.value(name) or "").isspace()


def is_blank(name: str) -> When:
    """Whether a request gives a parameter with nothing in it, or nothing but spaces."""
    return lambda ask, service: is_empty(name)(ask, service) or is_spaces(name)(ask, service)


def with_good(name: str, when: When) -> Hear:
    """A request as though it gave a good value of a parameter, where it gives none that is any."""
    fill = {"party": with_good_party, "tenant_id": with_own_tenant, "region": with_main_region}[name]
    return lambda ask, service: fill(ask, service) if when(ask, service) else ask


def with_good_party(ask: Ask, service: Service) -> Ask:
    """A request that tells a known party in whatever place, unless it does so already."""
    if party_is_known(ask, service) is None:
        return ask
    party, *_ = service.store.parties()
    return replace(with_value(ask, "party", party.name), agent=party.agent)


def names_no_party(ask: Ask, _service: Service) -> bool:
    """Whether a request names the party neither by the parameter nor by the header."""
    return ask.value("party") is None and ask.agent is None


def with_own_tenant(ask: Ask, service: Service) -> Ask:
    """A request for the list of the token's own tenant."""
    return with_value(ask, "tenant_id", service.tokens.holder(ask.token))


def with_main_region(ask: Ask, service: Service) -> Ask:
    """A request for the main region."""
    return with_value(ask, "region", service.store.regions()[0])


OTHER_STATUSES = {"party": 422, "tenant_id": 403, "region": 404}
"""What a parameter's absence is not: each status has a clause's 4xx, and is not the 400 that it should be."""


def of_required() -> Iterator[Mutant]:
    """Each required parameter: its absence served, crashed, answered 200, another 4xx; its emptiness served."""
    for name in ("party", "tenant_id", "region"):
        missing = is_missing(name)
        yield Mutant(
            f"missing-{name}-served",
            f"PARAM-01-{name}",
            f"A request without {name} is served, as though it had a good one",
            in_ask(with_good(name, missing)),
        )
        yield Mutant(
            f"missing-{name}-crashes",
            f"PARAM-01-{name}",
            f"A request without {name} is answered 500",
            in_refusals(MISSING, crash, missing),
        )
        yield Mutant(
            f"missing-{name}-answered-200",
            f"PARAM-01-{name}",
            f"A request without {name} is answered 200, with the error in the body",
            in_refusals(MISSING, error_within_200, missing),
        )
        yield Mutant(
            f"missing-{name}-answered-{OTHER_STATUSES[name]}",
            f"PARAM-03-{name}",
            f"A request without {name} is answered {OTHER_STATUSES[name]}",
            in_refusals(MISSING, status(OTHER_STATUSES[name]), missing),
        )
        yield Mutant(
            f"empty-{name}-served",
            f"PARAM-02-{name}",
            f"A request with an empty {name} is served, as though it had a good one",
            in_ask(with_good(name, is_empty(name))),
        )
        yield Mutant(
            f"blank-{name}-answered-empty",
            f"PARAM-04-{name}",
            f"A request with an empty or blank {name} is answered 200, with no machines",
            in_refusals(BLANK, empty_list, is_blank(name)),
        )


# How the query is read


def has_unknown(ask: Ask, _service: Service) -> bool:
    """Whether a request has a parameter that the document does not name."""
    return not set(ask.parameters) <= set(DOCUMENTED)


def region_comes_before_tenant(ask: Ask, _service: Service) -> bool:
    """Whether a request gives the region before the tenant."""
    names = list(ask.parameters)
    return {"region", "tenant_id"} <= set(names) and names.index("region") < names.index("tenant_id")


def undecoded(name: str) -> Wrap:
    """A server that takes a parameter's percent-encoded letters and digits as they stand in the query."""

    def literal(pair: str) -> str:
        return re.sub("%(?=[46][1-9A-Fa-f]|[57][0-9Aa]|3[0-9])", "%25", pair) if pair.startswith(f"{name}=") else pair

    def wrap(application: WSGIApplication) -> WSGIApplication:
        def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
            pairs = environ.get("QUERY_STRING", "").split("&")
            return application({**environ, "QUERY_STRING": "&".join(map(literal, pairs))}, start_response)

        return wrapped

    return wrap


MUTANTS = (
    Mutant(
        "unnamed-party-served",
        "PARAM-01-party",
        "A request that names the party neither by party nor by Sp-Agent is served, as though it had a good one",
        in_ask(with_good("party", names_no_party)),
    ),
    Mutant(
        "region-given-twice-crashes",
        "PARAM-08",
        "A region that is given twice is answered 500",
        in_served(CRASH, lambda ask, _: len(ask.parameters.get("region", ())) > 1),
    ),
    Mutant(
        "region-as-an-object-crashes",
        "PARAM-01-region",
        "A request whose region is an object's member, region[x], is answered 500",
        in_refusals(MISSING, crash, lambda ask, _: any(name.startswith("region[") for name in ask.parameters)),
    ),
    Mutant(
        "no-query-crashes",
        "PARAM-08",
        "A request without any parameter is answered 500",
        in_refusals(MISSING, crash, lambda ask, _: not ask.parameters),
    ),
    *of_required(),
    Mutant(
        "blank-region-served",
        "PARAM-02-region",
        "A request with a region of spaces is served, as though it had a good one",
        in_ask(with_good("region", is_spaces("region"))),
    ),
    Mutant(
        "unknown-parameter-crashes",
        "PARAM-05",
        "A request with a parameter that the document does not name is answered 500",
        in_served(CRASH, has_unknown),
    ),
    Mutant(
        "unknown-parameter-loses-last",
        "PARAM-05",
        "A request with a parameter that the document does not name gets a list without the last machine",
        in_lists(less_last, has_unknown),
    ),
    Mutant(
        "region-before-tenant_id-refused",
        "PARAM-06",
        "A request that gives the region before the tenant is refused",
        in_served(Refusal(400, "The parameters are in no good order"), region_comes_before_tenant),
    ),
    Mutant(
        "region-before-tenant_id-loses-last",
        "PARAM-06",
        "A request that gives the region before the tenant gets a list without the last machine",
        in_lists(less_last, region_comes_before_tenant),
    ),
    Mutant(
        "percent-encoded-region-unknown",
        "PARAM-07",
        "A region with a percent-encoded letter is unknown",
        on_wire(undecoded("region")),
    ),
    Mutant(
        "percent-encoded-party-unknown",
        "PARAM-07",
        "A party with a percent-encoded letter is unknown",
        on_wire(undecoded("party")),
    ),
)
