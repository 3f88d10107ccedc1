"""Mutants that remember: between asks, between callers, between the requests of one connection."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIApplication

from reference import present
from reference.model import Refusal
from reference.mutant import (
    CRASH,
    Answer,
    Asked,
    Change,
    Mutant,
    Outcome,
    When,
    Wrap,
    anew,
    in_answer,
    in_outcome,
    in_second_region,
    less_last,
    listing,
    on_wire,
    records,
)
from reference.service import Ask, Service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

KEPT = 0.5
"""Seconds for which a page is kept."""

OVERLAP = 0.01
"""Seconds for which two requests have to be under way together, for the one to see what the other left."""


def every(n: int, spoil: Callable[[dict[str, Any]], Outcome]) -> Change:
    """The fault that every so manieth list goes wrong, whatever is asked."""
    numbers = count(1)

    def say(_ask: Ask, _service: Service, outcome: Outcome) -> Outcome:
        return spoil(outcome) if isinstance(outcome, dict) and next(numbers) % n == 0 else outcome

    return in_outcome(say)


def every_same(n: int, spoil: Callable[[dict[str, Any]], Outcome]) -> Change:
    """The fault that every so manieth list that is asked for in the same words goes wrong."""
    asks: Counter[str] = Counter()

    def say(ask: Ask, _service: Service, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Refusal):
            return outcome
        asks[words := repr(ask)] += 1
        return spoil(outcome) if asks[words] % n == 0 else outcome

    return in_outcome(say)


def with_other_first(document: dict[str, Any]) -> dict[str, Any]:
    """A list whose first machine has another number of cores."""
    first, *rest = records(document) or [{}]
    return listing(document, [first | {"cpu_num": first["cpu_num"] + 1}, *rest]) if first else document


def of_last_caller() -> Change:
    """The fault that the tenant is kept where every thread sees it, from the check to the list."""
    seen: list[str] = [""]

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Refusal):
            return outcome
        place = service.place(ask)
        seen[0] = place.tenant_id
        time.sleep(OVERLAP)
        if seen[0] == place.tenant_id:
            return outcome
        window = service.window(ask, service.readings)
        machines = service.store.machines(replace(place, tenant_id=seen[0]), window)
        return service.listing(machines, service.readings)

    return in_outcome(say)


def coalesced_without_tenant() -> Change:
    """The fault that of two requests at the same time for the same region and page, the later gets the other's list."""
    under_way: dict[tuple[str | None, ...], Outcome] = {}

    def say(ask: Ask, _service: Service, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Refusal):
            return outcome
        page = tuple(ask.value(name) for name in ("region", "f", "t"))
        if page in under_way:
            return under_way.get(page, outcome)
        under_way[page] = outcome
        time.sleep(OVERLAP)
        under_way.pop(page, None)
        return outcome

    return in_outcome(say)


def by_turn_on_connection(wrong: Callable[[int], bool]) -> Change:
    """The fault that lists lack their last machine, by how many came before on the same connection."""
    before: Counter[str] = Counter()

    def alter(asked: Asked, answer: Answer) -> Answer:
        if not asked.connection or not asked.reads or answer.status != 200:
            return answer
        before[asked.connection] += 1
        return answer.holding(less_last(answer.document)) if wrong(before[asked.connection] - 1) else answer

    return in_answer(alter)


def of_one_worker(workers: int, spoil: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    """The fault that connections go to workers in turn, and that one of these does not hold what the others do."""
    connections: dict[str, int] = {}

    def alter(asked: Asked, answer: Answer) -> Answer:
        worker = connections.setdefault(asked.connection, len(connections)) % workers
        spoils = worker == 1 and asked.reads and answer.status == 200
        return answer.holding(spoil(answer.document)) if spoils else answer

    return in_answer(alter)


def failing_in_company(most: int) -> Wrap:
    """The fault that no more requests than so many are borne at once."""

    def wrap(application: WSGIApplication) -> WSGIApplication:
        under_way = [0]

        def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
            under_way[0] += 1
            try:
                time.sleep(OVERLAP)
                if under_way[0] <= most:
                    return application(environ, start_response)
                body = present.encoded(present.refusal(CRASH))
                start_response("500 Internal Server Error", [("Content-Length", str(len(body)))])
                return [body]
            finally:
                under_way[0] -= 1

        return wrapped

    return wrap


def of_last_page() -> Change:
    """The fault that the start of a page is kept, and the next list that is asked for whole begins there."""
    kept: list[int] = []

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Refusal):
            return outcome
        if ask.value("f") or ask.value("t"):
            kept[:] = [service.window(ask, service.readings).start]
            return outcome
        return listing(outcome, records(outcome)[kept.pop() if kept else 0 :])

    return in_outcome(say)


def after_refusal(words: str, spoil: Callable[[dict[str, Any]], Outcome]) -> Change:
    """The fault that the first list after a refusal with these words goes wrong."""
    shaken: list[str] = []

    def say(_ask: Ask, _service: Service, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Refusal):
            shaken[:] = [outcome.message] if words in outcome.message else []
            return outcome
        return spoil(outcome) if shaken and shaken.pop() else outcome

    return in_outcome(say)


def in_main_region(ask: Ask, service: Service) -> bool:
    """Whether a request is for the main region."""
    return not in_second_region(ask, service)


def in_known_other_region(ask: Ask, service: Service) -> bool:
    """Whether a request is for a region that there is, and not the main one."""
    return in_second_region(ask, service) and ask.value("region") in service.store.regions()


def cached_pages(kept: When, served: When) -> Change:
    """The fault that pages are kept by their bounds for a short while, and shown to others than they were made for."""
    pages: dict[tuple[str | None, str | None], tuple[float, Outcome]] = {}

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        bounds, now = (ask.value("f"), ask.value("t")), time.monotonic()
        if bounds == (None, None):
            return outcome
        made, page = pages.get(bounds, (0.0, outcome))
        if served(ask, service) and now - made < KEPT:
            return page
        if isinstance(outcome, dict) and kept(ask, service):
            pages[bounds] = (now, outcome)
        return outcome

    return in_outcome(say)


MUTANTS = (
    Mutant(
        "page-cached-for-who-has-no-token",
        "AUTH-01",
        "For half a second after a page was listed, it is listed again to who has no token",
        anew(lambda: cached_pages(lambda *_: True, lambda ask, _: not ask.token)),
    ),
    Mutant(
        "page-cached-for-second-region",
        "PAGE-17",
        "For half a second after a page of the main region was listed, it is listed for the second region too",
        anew(lambda: cached_pages(in_main_region, in_known_other_region)),
    ),
    Mutant(
        "list-begins-where-last-page-did",
        "STAB-05",
        "The list that is asked for whole after a page begins where that page did",
        anew(of_last_page),
    ),
    Mutant(
        "list-empty-after-unknown-region",
        "STAB-05",
        "The first list after a request for an unknown region is empty",
        anew(lambda: after_refusal("region is unknown", lambda document: listing(document, []))),
    ),
    Mutant(
        "list-crashes-after-bad-bound",
        "STAB-05",
        "The first list after a bound that is no number is answered 500",
        anew(lambda: after_refusal("whole number", lambda _: CRASH)),
    ),
    Mutant(
        "more-than-three-at-once-crash",
        "STAB-04",
        "While more than three requests are under way, all are answered 500",
        on_wire(failing_in_company(3)),
    ),
    Mutant(
        "every-third-list-loses-last",
        "STAB-01",
        "Every third list lacks its last machine",
        anew(lambda: every(3, less_last)),
    ),
    Mutant(
        "every-fifth-same-ask-crashes",
        "STAB-01",
        "Every fifth time that a list is asked for in the same words, it is a 500",
        anew(lambda: every_same(5, lambda _: CRASH)),
    ),
    Mutant(
        "every-seventh-list-with-other-cpu_num",
        "STAB-01",
        "The first machine of every seventh list has one core more",
        anew(lambda: every(7, with_other_first)),
    ),
    Mutant(
        "last-callers-tenant-under-concurrency",
        "STAB-02",
        "While two tenants ask at the same time, one gets a list with the other's machines",
        anew(of_last_caller),
    ),
    Mutant(
        "coalesced-without-tenant",
        "STAB-02",
        "Of two tenants who ask for the same region and page at the same time, both get the list of the one",
        anew(coalesced_without_tenant),
    ),
    Mutant(
        "kept-alive-loses-last",
        "STAB-03",
        "On a connection that is kept alive, lists after the first lack the last machine",
        anew(lambda: by_turn_on_connection(lambda before: before > 0)),
    ),
    Mutant(
        "fresh-connection-loses-last",
        "STAB-03",
        "The first list on a connection lacks the last machine",
        anew(lambda: by_turn_on_connection(lambda before: before == 0)),
    ),
    Mutant(
        "one-of-two-workers-lacks-last",
        "STAB-03",
        "Lists over every second connection lack the last machine",
        anew(lambda: of_one_worker(2, less_last)),
    ),
    Mutant(
        "one-of-four-workers-has-other-cpu_num",
        "STAB-03",
        "The first machine of lists over every fourth connection has one core more",
        anew(lambda: of_one_worker(4, with_other_first)),
    ),
)
