"""What the service decides: an ask to the list of machines, or to a refusal. No HTTP in here.

The rules are CHECKS, asked in order until one refuses: first who asks, then what, then whether the one may have the
other. The list is then simply the one that was asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from reference import present
from reference.login import challenge
from reference.model import Machine, Place, Refusal
from reference.paging import Convention, Window, point
from reference.readings import DEFAULT, Readings
from reference.store import Store
from reference.tokens import Tokens


@dataclass(frozen=True)
class Ask:
    """A request for a list: its token and agent, None where it named none, and every value of each parameter."""

    token: str | None
    agent: str | None
    parameters: Mapping[str, tuple[str, ...]]

    def value(self, name: str) -> str | None:
        """A parameter's value, the first of several; None where it is not given."""
        return next(iter(self.parameters.get(name, ())), None)


Check: TypeAlias = "Callable[[Ask, Service], Refusal | None]"
"""One rule: the refusal of an ask that breaks it, else None."""


def token_is_good(ask: Ask, service: "Service") -> Refusal | None:
    """401 unless the ask has a token that somebody holds and that has not expired."""
    if not ask.token:
        return Refusal(401, "The header X-Auth-Token is missing", challenge(service.tokens))
    if service.tokens.holder(ask.token) is None:
        return Refusal(401, "The token is unknown or has expired", challenge(service.tokens))
    return None


def given(name: str) -> Check:
    """The rule that a parameter is given, and not blank: else 400."""

    def check(ask: Ask, _: "Service") -> Refusal | None:
        value = ask.value(name)
        if value is None:
            return Refusal(400, f"The parameter {name} is missing")
        return None if value.strip() else Refusal(400, f"The parameter {name} is empty")

    return check


def single(name: str) -> Check:
    """The rule that a parameter has one value, however often it is given: else 400."""

    def check(ask: Ask, _: "Service") -> Refusal | None:
        values = ask.parameters.get(name, ())
        return Refusal(400, f"The parameter {name} is given with several values") if len(set(values)) > 1 else None

    return check


def bound(name: str) -> Check:
    """The rule that a parameter, where it is given, is a paging point: else 400."""

    def check(ask: Ask, _: "Service") -> Refusal | None:
        value = ask.value(name)
        if value is None or point(value) is not None:
            return None
        return Refusal(400, f"The parameter {name} is not a whole number in the digits 0 to 9")

    return check


def party_is_known(ask: Ask, service: "Service") -> Refusal | None:
    """400 unless a known party is told, in the place that the reading `party` names."""
    return PARTY_CHECKS[service.readings.party](ask, service)


def parameter_is_known_party(ask: Ask, service: "Service") -> Refusal | None:
    """400 unless the parameter `party` is given once, and names a party."""
    if refusal := given("party")(ask, service) or single("party")(ask, service):
        return refusal
    return None if service.store.knows_party(ask.value("party") or "") else Refusal(400, "The party is unknown")


def header_is_known_agent(ask: Ask, service: "Service") -> Refusal | None:
    """400 unless the header `Sp-Agent` names a party's agent."""
    if not ask.agent:
        return Refusal(400, "The header Sp-Agent is missing")
    return None if service.store.knows_agent(ask.agent) else Refusal(400, "The agent in Sp-Agent is unknown")


def either_is_known(ask: Ask, service: "Service") -> Refusal | None:
    """400 unless the parameter `party`, or where that is not given the header `Sp-Agent`, tells a party."""
    if ask.value("party") is not None:
        return parameter_is_known_party(ask, service)
    if not ask.agent:
        return Refusal(400, "Neither the parameter party nor the header Sp-Agent is given")
    return header_is_known_agent(ask, service)


PARTY_CHECKS: Mapping[str, Check] = {
    "query": parameter_is_known_party,
    "header": header_is_known_agent,
    "either": either_is_known,
}


def tenant_is_the_tokens(ask: Ask, service: "Service") -> Refusal | None:
    """403 unless the tenant asked for is the one that holds the token."""
    if ask.value("tenant_id") == service.tokens.holder(ask.token):
        return None
    return Refusal(403, "The tenant_id is not that of the token's tenant")


def region_is_known(ask: Ask, service: "Service") -> Refusal | None:
    """400 unless there is such a region. A 404 says that there is no such path, and this one there is."""
    return None if service.store.knows_region(ask.value("region") or "") else Refusal(400, "The region is unknown")


CHECKS: tuple[Check, ...] = (
    token_is_good,
    party_is_known,
    given("tenant_id"),
    single("tenant_id"),
    given("region"),
    single("region"),
    single("f"),
    bound("f"),
    single("t"),
    bound("t"),
    tenant_is_the_tokens,
    region_is_known,
)


def place_of(ask: Ask) -> Place:
    """The place whose list is asked for."""
    return Place(ask.value("tenant_id") or "", ask.value("region") or "")


def window_of(ask: Ask, readings: Readings) -> Window:
    """The part of the list that is asked for."""
    first, last = (None if text is None else point(text) for text in (ask.value("f"), ask.value("t")))
    return Convention.named(readings.paging).window(first, last)


@dataclass(frozen=True)
class Service:
    """The service: its data, the readings that it shows, and the steps from an ask to an answer.

    The steps are fields, so that a service that goes wrong at one of them is this one with that field replaced.
    """

    store: Store
    tokens: Tokens
    readings: Readings = DEFAULT
    checks: tuple[Check, ...] = CHECKS
    place: Callable[[Ask], Place] = place_of
    window: Callable[[Ask, Readings], Window] = window_of
    listing: Callable[[list[Machine], Readings], dict[str, Any]] = present.listing

    def answer(self, ask: Ask) -> Refusal | dict[str, Any]:
        """The document that lists the machines asked for, or the refusal of the first rule that the ask breaks."""
        for check in self.checks:
            if refusal := check(ask, self):
                return refusal
        machines = self.store.machines(self.place(ask), self.window(ask, self.readings))
        return self.listing(machines, self.readings)
