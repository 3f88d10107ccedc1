"""Mutants of regions and parties, and of strings that servers stumble over."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from wsgiref.util import is_hop_by_hop

from reference.model import Machine, Place, Refusal
from reference.mutant import (
    CRASH,
    UNKNOWN_PARTY,
    UNKNOWN_REGION,
    Answer,
    Asked,
    Change,
    Mutant,
    Outcome,
    When,
    crash,
    error_within_200,
    in_answer,
    in_ask,
    in_outcome,
    in_refusals,
    in_second_region,
    in_service,
    with_value,
)
from reference.paging import Window
from reference.service import Ask, Service, place_of

# Regions


def unknown_region(ask: Ask, service: Service) -> bool:
    """Whether a request names a region, and one that there is not."""
    region = ask.value("region") or ""
    return bool(region.strip()) and not service.store.knows_region(region)


def main_region_for_unknown(ask: Ask, service: Service) -> Ask:
    """A request for the main region, where it names one that there is not."""
    return with_value(ask, "region", service.store.regions()[0]) if unknown_region(ask, service) else ask


def main_region_but_for_the_last_letter(ask: Ask, service: Service) -> Ask:
    """A request for the main region, where it names one that differs from it in the last letter alone."""
    region, main = ask.value("region") or "", service.store.regions()[0]
    near = region != main and len(region) == len(main) and region[:-1] == main[:-1]
    return with_value(ask, "region", main) if near else ask


def main_region_for_like(ask: Ask, service: Service) -> Ask:
    """A request for the main region, where it names what LIKE takes for any."""
    return with_value(ask, "region", service.store.regions()[0]) if ask.value("region") == "%" else ask


def ending_at(name: str, mark: str) -> Callable[[Ask, Service], Ask]:
    """A request whose parameter ends before the first such mark in it."""

    def hear(ask: Ask, _service: Service) -> Ask:
        text = ask.value(name) or ""
        return with_value(ask, name, text.partition(mark)[0]) if mark in text else ask

    return hear


def everything(service: Service, tenant_id: str) -> list[Machine]:
    """A tenant's machines in every region."""
    regions = service.store.regions()
    return [machine for region in regions for machine in service.store.machines(Place(tenant_id, region), Window())]


def every_region_instead(when: When) -> Change:
    """The fault that some unknown regions are answered with every region's list."""

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        refused = isinstance(outcome, Refusal) and outcome.status == 400
        if not (refused and unknown_region(ask, service) and when(ask, service)):
            return outcome
        return service.listing(everything(service, ask.value("tenant_id") or ""), service.readings)

    return in_outcome(say)


def listing_main_region(service: Service) -> Service:
    """A service that lists the main region, whichever is asked for."""
    main, *_ = service.store.regions()
    return replace(service, place=lambda ask: replace(place_of(ask), region=main))


def with_one_of_main_region(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
    """Another region's list, with a machine of the main one in the place of its first."""
    if isinstance(outcome, Refusal) or not outcome["vm_servers"] or not in_second_region(ask, service):
        return outcome
    main, *_ = service.store.regions()
    foreign = service.store.machines(Place(ask.value("tenant_id") or "", main), Window(0, 1))
    own = service.store.machines(service.place(ask), service.window(ask, service.readings))
    return service.listing([*foreign, *own[1:]], service.readings)


def with_good_party(ask: Ask, service: Service) -> Ask:
    """A request with a good party, where the parameter names one that there is not."""
    named = ask.value("party") or ""
    unknown = bool(named.strip()) and not service.store.knows_party(named)
    return with_value(ask, "party", service.store.parties()[0].name) if unknown else ask


def with_party_of_wildcard(ask: Ask, service: Service) -> Ask:
    """A request with a good party, where the parameter has a wildcard of SQL."""
    return with_good_party(ask, service) if "%" in (ask.value("party") or "") else ask


# Odd strings

ODD: dict[str, tuple[str, Callable[[str], bool]]] = {
    "quote": ("with a quote", lambda text: "'" in text or '"' in text),
    "nul": ("with a NUL", lambda text: "\0" in text),
    "line-break": ("with a line break", lambda text: "\r" in text or "\n" in text),
    "non-ascii": ("with a letter beyond ASCII", lambda text: any("\x7f" < letter < "\U00010000" for letter in text)),
    "emoji": ("with an emoji", lambda text: any(letter >= "\U00010000" for letter in text)),
    "percent": ("with a percent sign", lambda text: "%" in text),
    "brace": ("with a brace", lambda text: "{" in text or "}" in text),
    "dots": ("with ../", lambda text: "../" in text),
    "long": ("of more than 1,000 characters", lambda text: len(text) > 1000),
}
"""Strings that servers stumble over."""


def has(name: str, odd: Callable[[str], bool]) -> When:
    """Whether a request has such a string for a parameter, in one of its values."""
    return lambda ask, _: any(map(odd, ask.parameters.get(name, ())))


def crashing(when: When) -> Change:
    """The fault that some requests are answered 500 that should be refused for their parameters."""

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        refused = isinstance(outcome, Refusal) and outcome.status in {400, 403}
        return CRASH if refused and when(ask, service) else outcome

    return in_outcome(say)


def of_odd_strings() -> Iterator[Mutant]:
    """Each odd string crashes one parameter: the region and the tenant in turn, and a few the party."""
    for index, (odd, (words, is_odd)) in enumerate(ODD.items()):
        name = ("region", "tenant_id")[index % 2]
        yield Mutant(
            f"{name}-{odd}-crashes", "SCOPE-02", f"A {name} {words} is answered 500", crashing(has(name, is_odd))
        )
    for odd in ("quote", "long"):
        words, is_odd = ODD[odd]
        # Under the reading that no parameter tells the party, what stands in it is no fault, and is not refused.
        yield Mutant(
            f"party-{odd}-crashes",
            "SCOPE-06",
            f"A party {words} is answered 500",
            in_refusals(UNKNOWN_PARTY, crash, has("party", is_odd)),
        )


# What comes back of them


def is_odd_text(text: str) -> bool:
    """Whether a text has other characters than names have."""
    return not text.replace("-", "").replace("_", "").isalnum()


def reflected_as_page(name: str) -> Change:
    """The fault that an odd value comes back in an HTML page."""

    def alter(asked: Asked, answer: Answer) -> Answer:
        value = asked.ask.value(name) or ""
        if not asked.reads or answer.status not in {400, 403} or not value.strip() or not is_odd_text(value):
            return answer
        body = f"<!doctype html>\n<h1>No such {name}: {value}</h1>\n".encode()
        return replace(answer, body=body).naming("Content-Type", "text/html; charset=utf-8")

    return in_answer(alter)


def reflected_as_headers(name: str) -> Change:
    """The fault that the lines of a value come back as headers."""

    def alter(asked: Asked, answer: Answer) -> Answer:
        if not asked.reads or answer.status not in {400, 403}:
            return answer
        for line in re.split(r"[\r\n]+", asked.ask.value(name) or "")[1:]:
            header, colon, value = line.partition(":")
            plain = header.strip().replace("-", "").isalnum() and header.isascii()
            if colon and plain and not is_hop_by_hop(header.strip()):
                answer = answer.naming(header.strip(), value.strip().encode("ascii", "replace").decode())
        return answer

    return in_answer(alter)


MUTANTS = (
    Mutant(
        "unknown-region-served",
        "SCOPE-01",
        "A region that there is not is answered with the main region's list",
        in_ask(main_region_for_unknown),
    ),
    Mutant(
        "unknown-region-lists-every-region",
        "SCOPE-01",
        "A region that there is not is answered with every region's list",
        every_region_instead(lambda *_: True),
    ),
    Mutant(
        "unknown-region-crashes",
        "SCOPE-01",
        "A region that there is not is answered 500",
        in_refusals(UNKNOWN_REGION, crash),
    ),
    Mutant(
        "region-but-for-its-last-letter-accepted",
        "SCOPE-01",
        "A region that differs from the main one in the last letter is answered with its list",
        in_ask(main_region_but_for_the_last_letter),
    ),
    Mutant(
        "region-percent-sign-is-any",
        "SCOPE-02",
        "The region is looked for by LIKE, so that a percent sign is any region",
        in_ask(main_region_for_like),
    ),
    Mutant(
        "region-with-specials-error-within-200",
        "SCOPE-02",
        "A region with a backslash in it is answered 200, with an error inside",
        in_refusals(UNKNOWN_REGION, error_within_200, has("region", lambda text: "\\" in text)),
    ),
    Mutant(
        "region-of-decoded-query",
        "SCOPE-02",
        "The query is decoded before it is split, so that a region ends at an ampersand in it",
        in_ask(ending_at("region", "&")),
    ),
    Mutant(
        "tenant_id-cut-at-equals-sign",
        "SCOPE-02",
        "What stands behind an equals sign in a tenant_id is dropped",
        in_ask(ending_at("tenant_id", "=")),
    ),
    *of_odd_strings(),
    Mutant(
        "region-quote-lists-every-region",
        "SCOPE-02",
        "A region with a quote in it is answered with every region's list, as an injection into SQL is",
        every_region_instead(has("region", ODD["quote"][1])),
    ),
    Mutant(
        "unknown-party-served",
        "SCOPE-03",
        "A party that there is not is as good as one that there is",
        in_ask(with_good_party),
    ),
    Mutant(
        "unknown-party-served-in-second-region",
        "SCOPE-03",
        "In the second region, a party that there is not is as good as one that there is",
        in_ask(lambda ask, service: with_good_party(ask, service) if in_second_region(ask, service) else ask),
    ),
    Mutant(
        "unknown-party-crashes",
        "SCOPE-03",
        "A party that there is not is answered 500",
        in_refusals(UNKNOWN_PARTY, crash),
    ),
    Mutant(
        "second-region-lists-main",
        "SCOPE-04",
        "Every region is answered with the main region's list",
        in_service(listing_main_region),
    ),
    Mutant(
        "second-region-lists-one-of-main",
        "SCOPE-04",
        "The first machine of another region's list is one of the main region's",
        in_outcome(with_one_of_main_region),
    ),
    Mutant(
        "odd-tenant_id-comes-back-in-html",
        "SCOPE-05",
        "A tenant_id of other than letters and digits comes back in an HTML page",
        reflected_as_page("tenant_id"),
    ),
    Mutant(
        "region-lines-come-back-as-headers",
        "SCOPE-05",
        "What follows a line break in a region comes back as a header",
        reflected_as_headers("region"),
    ),
    Mutant(
        "party-wildcard-served",
        "SCOPE-06",
        "A party with a percent sign is as good as one that there is",
        in_ask(with_party_of_wildcard),
    ),
)
