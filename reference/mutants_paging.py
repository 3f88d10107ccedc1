"""Mutants of paging: what `f` and `t` cut, each alone and together, near the start, at the end, beyond it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeAlias

from reference.model import Machine, Refusal
from reference.mutant import (
    BAD_BOUND,
    CRASH,
    Change,
    Mutant,
    Outcome,
    Record,
    anew,
    crash,
    in_ask,
    in_lists,
    in_outcome,
    in_refusals,
    in_second_region,
    in_served,
    is_others,
    listing,
    on_later_page,
    records,
    with_value,
)
from reference.paging import DIGITS, Convention, Window, point
from reference.service import Ask, Service

# Which machines are listed


@dataclass(frozen=True)
class Page:
    """A request that is served: its points, None where it gives none, what they mean, and the whole list."""

    first: int | None
    last: int | None
    convention: Convention
    whole: list[Machine]

    @property
    def window(self) -> Window:
        """The window that the points mean."""
        return self.convention.window(self.first, self.last)

    @property
    def machines(self) -> list[Machine]:
        """The machines that should be listed."""
        return self.within(self.window)

    def within(self, window: Window) -> list[Machine]:
        """The machines of a window."""
        return self.whole[window.start : window.stop]

    def between(self, first: int | None, last: int | None) -> list[Machine]:
        """The machines between other points."""
        return self.within(self.convention.window(first, last))


Cut: TypeAlias = Callable[[Page], list[Machine] | Refusal]
"""What comes of a page."""


def cutting(when: Callable[[Page], bool], cut: Cut) -> Change:
    """The fault that some pages have other machines than they should."""

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Refusal):
            return outcome
        first, last = (None if text is None else point(text) for text in (ask.value("f"), ask.value("t")))
        whole = service.store.machines(service.place(ask), Window())
        page = Page(first, last, Convention.named(service.readings.paging), whole)
        if not when(page):
            return outcome
        machines = cut(page)
        return machines if isinstance(machines, Refusal) else service.listing(machines, service.readings)

    return in_outcome(say)


def crashed(_: Page) -> Refusal:
    """A 500."""
    return CRASH


# Which pages


def both(page: Page) -> bool:
    """With both bounds, the one not after the other."""
    return page.first is not None and page.last is not None and page.first <= page.last


def first_alone(page: Page) -> bool:
    """With `f` alone."""
    return page.first is not None and page.last is None


def last_alone(page: Page) -> bool:
    """With `t` alone."""
    return page.first is None and page.last is not None


def unbounded(page: Page) -> bool:
    """With neither bound."""
    return page.first is None and page.last is None


def reversed_bounds(page: Page) -> bool:
    """With `f` greater than `t`."""
    return page.first is not None and page.last is not None and page.first > page.last


def past_end(page: Page) -> bool:
    """Beginning after the last machine."""
    return not reversed_bounds(page) and bool(page.whole) and page.window.start >= len(page.whole)


def past_ten(page: Page) -> bool:
    """With both bounds, beginning after the tenth machine."""
    return both(page) and page.window.start >= 10


def wider_than(size: int) -> Callable[[Page], bool]:
    """With both bounds, and room for more machines than that."""
    return lambda page: both(page) and (page.window.size or 0) > size


def of_width(size: int) -> Callable[[Page], bool]:
    """With both bounds, beginning after the first machine, and room for exactly so many."""
    return lambda page: both(page) and page.window.start > 0 and page.window.size == size


def up_to_end(page: Page) -> bool:
    """With both bounds, the last machine being exactly the last of the page."""
    return both(page) and page.window.stop == len(page.whole)


def over_end(page: Page) -> bool:
    """With both bounds, beginning before the last machine and ending after it, by less than the list's length."""
    size, stop = len(page.whole), page.window.stop or 0
    return both(page) and page.window.start < size < stop < 2 * size


def to_point(least: int) -> Callable[[Page], bool]:
    """With a `t` of at least so much, and no `f` that it is not for."""
    return lambda page: not reversed_bounds(page) and page.last is not None and page.last >= least


# What comes of them


def with_first_off(page: Page) -> list[Machine]:
    """A page that begins one machine off, to the side where no convention begins."""
    window = page.window
    start = max(window.start - 1, 0) if page.convention.base else window.start + 1
    return page.within(replace(window, start=start))


def with_last_off(page: Page) -> list[Machine]:
    """A page that ends one machine off, to the side where no convention ends."""
    window = page.window
    stop = (window.stop or 0) + (1 if page.convention.inclusive else -1)
    return page.within(replace(window, stop=max(stop, 0)))


def with_last_as_count(page: Page) -> list[Machine]:
    """As many machines as `t` says, from `f` on."""
    start = page.window.start
    return page.within(Window(start, start + (page.last or 0)))


def with_first_as_page(page: Page) -> list[Machine]:
    """The page of number `f`, where each has as many machines as `t` says."""
    size = page.last or 0
    number = max((page.first or 0) - page.convention.base, 0)
    return page.within(Window(number * size, (number + 1) * size))


def shifted(page: Page) -> list[Machine]:
    """A page of the right size that begins, and ends, one machine too late."""
    window = page.window
    return page.within(Window(window.start + 1, (window.stop or 0) + 1))


def less_first_of_many(page: Page) -> list[Machine]:
    """A page less its first machine, unless it is the only one."""
    return page.machines[1:] if len(page.machines) > 1 else page.machines


def less_last_of_page(page: Page) -> list[Machine]:
    """A page less its last machine."""
    return page.machines[:-1]


def less_last_of_all(page: Page) -> list[Machine]:
    """A page less the last machine of the whole list."""
    return [machine for machine in page.machines if machine is not page.whole[-1]]


def filled_from_start(page: Page) -> list[Machine]:
    """A page that goes on with the first machine after the last."""
    window = page.window
    return [*page.machines, *page.whole[: (window.stop or 0) - len(page.whole)]]


def filled_from_before(page: Page) -> list[Machine]:
    """A page that begins earlier, so that it is full."""
    return page.whole[-(page.window.size or 0) :]


def from_start_again(page: Page) -> list[Machine]:
    """The page that comes where the list begins again after its end."""
    size = len(page.whole)
    start = page.window.start % size
    return page.whole[start:] if page.window.stop is None else page.whole[start : start + (page.window.size or 0)]


def none(_: Page) -> list[Machine]:
    """No machines."""
    return []


def first(size: int) -> Cut:
    """A page cut to so many machines."""
    return lambda page: page.machines[:size]


def less_errors(page: Page) -> list[Machine]:
    """A page less the machines whose status is ERROR."""
    return [machine for machine in page.machines if machine.status != "ERROR"]


# What is no bound


def rewriting(name: str, form: str, rewrite: Callable[[str], str | None]) -> Change:
    """The fault that a bound of some form is taken for another, or for none."""

    def hear(ask: Ask, _service: Service) -> Ask:
        text = ask.value(name)
        return ask if text is None or not re.fullmatch(form, text) else with_value(ask, name, rewrite(text))

    return in_ask(hear)


def crash_at_list_of_f(ask: Ask, _service: Service, outcome: Outcome) -> Outcome:
    """A 500 where `f[]` stands in the query, which some read as a list of bounds."""
    return CRASH if "f[]" in ask.parameters else outcome


def ignored(_: str) -> None:
    """No bound."""


def is_like(name: str, form: str) -> Callable[[Ask, Service], bool]:
    """Whether a bound has some form."""
    return lambda ask, _: bool(re.fullmatch(form, ask.value(name) or ""))


def is_beyond_64_bits(name: str) -> Callable[[Ask, Service], bool]:
    """Whether a bound is a number greater than 64 bits with a sign hold."""

    def beyond(ask: Ask, _service: Service) -> bool:
        text = ask.value(name) or ""
        return bool(DIGITS.fullmatch(text)) and int(text) >= 2**63

    return beyond


def spans_beyond_32_bits(ask: Ask, _service: Service) -> bool:
    """Whether there are so many machines between both bounds that 32 bits do not count them."""
    f, t = point(ask.value("f") or ""), point(ask.value("t") or "")
    return f is not None and t is not None and t - f >= 2**32


def zero_beyond_64_bits(name: str) -> Change:
    """The fault that a bound beyond 64 bits is taken for 0."""
    beyond = is_beyond_64_bits(name)
    return in_ask(lambda ask, service: with_value(ask, name, "0") if beyond(ask, service) else ask)


def wrapped_at_64_bits(name: str) -> Change:
    """The fault that a bound goes round at 64 bits, and begins at 0 again."""

    def hear(ask: Ask, _service: Service) -> Ask:
        text = ask.value(name) or ""
        return with_value(ask, name, str(int(text) % 2**64)) if DIGITS.fullmatch(text) else ask

    return in_ask(hear)


def other_region_for_negative(ask: Ask, service: Service) -> Ask:
    """A request for the second region's first machine, where it asks to begin below nought."""
    if not re.fullmatch(NEGATIVE, ask.value("f") or ""):
        return ask
    return with_value(with_value(with_value(ask, "region", service.store.regions()[1]), "f", "1"), "t", "2")


def begun_late(ask: Ask, from_: int) -> Ask:
    """A request for a page that begins one machine later, where it begins with that number or a greater one."""
    first = ask.value("f") or ""
    return with_value(ask, "f", str(int(first) + 1)) if DIGITS.fullmatch(first) and int(first) >= from_ else ask


TEXT, DECIMAL, NEGATIVE = "[A-Za-z]+", r"\d+\.\d+", r"-\d+"

# A machine on its page, and in its turn


def on_pages(spoil: Callable[[Record], Record], when: Callable[[Ask, Service], bool]) -> Change:
    """The fault that a machine is another on some pages."""
    return in_lists(lambda document: listing(document, [spoil(record) for record in records(document)]), when)


def with_bounds(ask: Ask, _service: Service) -> bool:
    """Whether a request has a bound."""
    return ask.value("f") is not None or ask.value("t") is not None


def stale(record: Record) -> Record:
    """A machine with a status that it may have had before."""
    return record | {"status": "BUILD" if record["status"] != "BUILD" else "ACTIVE"}


def larger(record: Record) -> Record:
    """A machine with more memory."""
    return record | {"mem_size": record["mem_size"] + 1}


def with_larger_fourteenth(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
    """A page that begins with the 10th to 13th machine, with more memory in the 14th."""
    start = service.window(ask, service.readings).start
    if isinstance(outcome, Refusal) or start not in range(9, 13):
        return outcome
    machines = [larger(each) if index == 13 else each for index, each in enumerate(records(outcome), start)]
    return listing(outcome, machines)


def disordered(order: Callable[[list[Record], int], list[Record]]) -> Change:
    """The fault that the whole list has another order from ask to ask, by the number of the ask."""
    numbers = count()

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Refusal) or with_bounds(ask, service):
            return outcome
        return listing(outcome, order(records(outcome), next(numbers)))

    return in_outcome(say)


def turned(machines: list[Record], number: int) -> list[Record]:
    """A list that begins with another machine each time."""
    middle = number % len(machines) if machines else 0
    return machines[middle:] + machines[:middle]


def every_third_reversed(machines: list[Record], number: int) -> list[Record]:
    """A list that is reversed every third time."""
    return machines[::-1] if number % 3 == 2 else machines


def lost_at_width(size: int, clause: str = "PAGE-03") -> Mutant:
    """Pages of one width lose a machine, from the second page on."""
    return Mutant(
        f"tiles-of-{size}-lose-one",
        clause,
        f"Pages with room for {size} lose their last machine, from the second page on",
        cutting(of_width(size), less_last_of_page),
    )


MUTANTS = (
    # Near the start
    Mutant(
        "f-ignored",
        "PAGE-01",
        "f is ignored where t is given",
        cutting(both, lambda page: page.between(None, page.last)),
    ),
    Mutant(
        "t-ignored",
        "PAGE-01",
        "t is ignored where f is given",
        cutting(both, lambda page: page.between(page.first, None)),
    ),
    Mutant("t-taken-for-count", "PAGE-01", "t is taken for a number of machines", cutting(both, with_last_as_count)),
    Mutant(
        "f-taken-for-page", "PAGE-01", "f is taken for a page, and t for its size", cutting(both, with_first_as_page)
    ),
    Mutant("page-first-off-by-one", "PAGE-01", "A page begins one machine off", cutting(both, with_first_off)),
    Mutant("page-last-off-by-one", "PAGE-01", "A page ends one machine off", cutting(both, with_last_off)),
    # Slices
    Mutant(
        "page-shifted-past-tenth",
        "PAGE-07",
        "A page that begins after the tenth machine begins one too late",
        cutting(past_ten, shifted),
    ),
    Mutant(
        "page-first-lost-past-tenth",
        "PAGE-02",
        "A page that begins after the tenth machine lacks its first, unless that is the only one",
        cutting(past_ten, less_first_of_many),
    ),
    Mutant("page-capped-at-20", "PAGE-02", "A page has 20 machines at most", cutting(wider_than(20), first(20))),
    Mutant("page-reversed", "PAGE-01", "A page comes in reverse", cutting(both, lambda page: page.machines[::-1])),
    Mutant(
        "page-of-one-empty",
        "PAGE-01",
        "A page with room for one machine is empty",
        cutting(lambda page: both(page) and page.window.size == 1, none),
    ),
    # Tiles
    lost_at_width(3, "PAGE-01"),
    *map(lost_at_width, (6, 7, 10)),
    Mutant(
        "last-tile-filled-from-start",
        "PAGE-03",
        "A page that reaches over the end goes on with the first machine",
        cutting(over_end, filled_from_start),
    ),
    Mutant(
        "last-tile-filled-from-before",
        "PAGE-03",
        "A page that reaches over the end begins earlier, and repeats machines of the page before",
        cutting(over_end, filled_from_before),
    ),
    # Past the end
    Mutant(
        "past-end-last-machine",
        "PAGE-04",
        "Past the end there is the last machine again",
        cutting(past_end, lambda page: page.whole[-1:]),
    ),
    Mutant("past-end-from-start", "PAGE-04", "Past the end the list begins again", cutting(past_end, from_start_again)),
    Mutant("past-end-crashes", "PAGE-04", "Past the end there is a 500", cutting(past_end, crashed)),
    # Large points
    Mutant(
        "large-t-capped",
        "PAGE-05",
        "With a t of 1,000 or more there are 20 machines at most",
        cutting(to_point(1000), first(20)),
    ),
    Mutant(
        "wide-page-capped",
        "PAGE-05",
        "A page with both bounds and room for more than 100 has the first 20 machines of it",
        cutting(wider_than(100), first(20)),
    ),
    Mutant(
        "t-beyond-31-bits-empty",
        "PAGE-05",
        "With a t of 2,147,483,647 or more there are none, as though it were negative",
        cutting(to_point(2**31 - 1), none),
    ),
    # Without bounds
    Mutant(
        "whole-list-capped-at-20",
        "PAGE-06",
        "Without bounds there are 20 machines at most",
        cutting(unbounded, first(20)),
    ),
    Mutant(
        "whole-list-less-errors",
        "PAGE-06",
        "Without bounds, machines whose status is ERROR are left out",
        cutting(unbounded, less_errors),
    ),
    # The last machine
    Mutant(
        "last-machine-on-no-page",
        "PAGE-07",
        "With both bounds, the last machine is on no page",
        cutting(lambda page: both(page) and bool(page.whole), less_last_of_all),
    ),
    Mutant(
        "last-machine-lost-at-exact-end",
        "PAGE-07",
        "A page that ends exactly with the last machine lacks it",
        cutting(up_to_end, less_last_of_page),
    ),
    # One bound alone
    Mutant(
        "f-alone-ignored", "PAGE-08", "f is ignored where it is alone", cutting(first_alone, lambda page: page.whole)
    ),
    Mutant(
        "f-alone-loses-last",
        "PAGE-08",
        "With f alone the last machine is lost",
        cutting(first_alone, less_last_of_page),
    ),
    Mutant(
        "t-alone-ignored", "PAGE-09", "t is ignored where it is alone", cutting(last_alone, lambda page: page.whole)
    ),
    Mutant(
        "t-alone-loses-first",
        "PAGE-09",
        "With t alone the first machine is lost",
        cutting(last_alone, lambda page: page.machines[1:]),
    ),
    # Bounds the wrong way round, and out of any range
    Mutant(
        "reversed-bounds-exchanged",
        "PAGE-10",
        "Where f is greater than t, they are exchanged",
        cutting(reversed_bounds, lambda page: page.between(page.last, page.first)),
    ),
    Mutant(
        "reversed-bounds-crash",
        "PAGE-10",
        "Where f is greater than t, there is a 500",
        cutting(reversed_bounds, crashed),
    ),
    *(
        Mutant(
            f"negative-{name}-crashes",
            "PAGE-11",
            f"A negative {name} is answered 500",
            in_refusals(BAD_BOUND, crash, is_like(name, NEGATIVE)),
        )
        for name in "ft"
    ),
    Mutant(
        "negative-f-shows-other-region",
        "PAGE-11",
        "A negative f counts back over the main region's first machine, into the second region's",
        in_ask(other_region_for_negative),
    ),
    Mutant(
        "t-beyond-64-bits-crashes",
        "PAGE-12",
        "A t beyond 64 bits is answered 500",
        in_served(CRASH, is_beyond_64_bits("t")),
    ),
    Mutant(
        "span-beyond-32-bits-crashes",
        "PAGE-12",
        "With both bounds, room for more machines than 32 bits count is answered 500",
        in_served(CRASH, spans_beyond_32_bits),
    ),
    Mutant("t-beyond-64-bits-zero", "PAGE-12", "A t beyond 64 bits is taken for 0", zero_beyond_64_bits("t")),
    Mutant("f-beyond-64-bits-zero", "PAGE-12", "An f beyond 64 bits is taken for 0", zero_beyond_64_bits("f")),
    Mutant("t-wraps-at-64-bits", "PAGE-12", "A t beyond 64 bits begins at 0 again", wrapped_at_64_bits("t")),
    Mutant("f-wraps-at-64-bits", "PAGE-12", "An f beyond 64 bits begins at 0 again", wrapped_at_64_bits("f")),
    # What is no bound
    Mutant("f-text-ignored", "PAGE-13", "An f of letters is ignored", rewriting("f", TEXT, ignored)),
    Mutant(
        "t-text-crashes", "PAGE-13", "A t of letters is answered 500", in_refusals(BAD_BOUND, crash, is_like("t", TEXT))
    ),
    *(
        Mutant(
            f"{name}-decimal-cut",
            "PAGE-13",
            f"Where {name} has a decimal point, what follows it is cut off",
            rewriting(name, DECIMAL, lambda text: text.partition(".")[0]),
        )
        for name in "ft"
    ),
    Mutant(
        "page-from-zero-is-whole-list",
        "PAGE-19",
        "Where f is 0 and t is given, neither is read",
        in_ask(
            lambda ask, _: (
                with_value(with_value(ask, "f", None), "t", None) if ask.value("f") == "0" and ask.value("t") else ask
            )
        ),
    ),
    Mutant(
        "page-to-zero-runs-to-the-end",
        "PAGE-19",
        "Where t is 0 and f is given, t is not read",
        in_ask(lambda ask, _: with_value(ask, "t", None) if ask.value("t") == "0" and ask.value("f") else ask),
    ),
    Mutant("f-empty-ignored", "PAGE-14", "An empty f is ignored", rewriting("f", "", ignored)),
    Mutant(
        "t-exponent-accepted",
        "PAGE-14",
        "A t with an exponent, such as 1e3, is accepted",
        rewriting("t", r"\d{1,3}[eE]\d", lambda text: str(int(float(text)))),
    ),
    Mutant(
        "f-hexadecimal-accepted",
        "PAGE-14",
        "A hexadecimal f, such as 0x10, is accepted",
        rewriting("f", "0[xX][0-9a-fA-F]+", lambda text: str(int(text, 16))),
    ),
    Mutant(
        "t-superscript-crashes",
        "PAGE-13",
        "A t in superscript digits is answered 500",
        in_refusals(BAD_BOUND, crash, is_like("t", "[⁰¹²³⁴-⁹]+")),
    ),
    Mutant(
        "t-infinity-crashes",
        "PAGE-13",
        "A t of Infinity is answered 500",
        in_refusals(BAD_BOUND, crash, is_like("t", "Infinity")),
    ),
    Mutant(
        "f-of-two-lines-accepted",
        "PAGE-13",
        "Of an f of several lines the first is enough, where it is a number",
        rewriting("f", r"\d+\n(?s:.*)", lambda text: text.partition("\n")[0]),
    ),
    Mutant("list-of-f-crashes", "PAGE-13", "A parameter f[] is answered 500", in_outcome(crash_at_list_of_f)),
    Mutant(
        "f-quote-crashes",
        "PAGE-13",
        "An f with a quote in it is answered 500",
        in_refusals(BAD_BOUND, crash, is_like("f", ".*'.*")),
    ),
    Mutant(
        "t-nul-crashes",
        "PAGE-13",
        "A t with a NUL in it is answered 500",
        in_refusals(BAD_BOUND, crash, is_like("t", r".*\0.*")),
    ),
    Mutant(
        "bad-bound-crashes-in-second-region",
        "PAGE-13",
        "In the second region, a bound of letters is answered 500",
        in_refusals(
            BAD_BOUND, crash, lambda ask, service: in_second_region(ask, service) and is_like("t", TEXT)(ask, service)
        ),
    ),
    Mutant(
        "crossed-by-one-lists-one",
        "PAGE-10",
        "Where f is t and one more, the machine of t is listed",
        cutting(
            lambda page: reversed_bounds(page) and (page.first or 0) == (page.last or 0) + 1,
            lambda page: page.between(page.last, page.last),
        ),
    ),
    Mutant(
        "t-beyond-32-bits-wraps",
        "PAGE-12",
        "Of a t beyond 32 bits the lowest 32 count",
        rewriting("t", r"\d{10,20}", lambda text: str(int(text) % 2**32)),
    ),
    # The other region
    Mutant(
        "bounds-ignored-in-second-region",
        "PAGE-17",
        "In the second region f and t are ignored",
        in_ask(
            lambda ask, service: (
                with_value(with_value(ask, "f", None), "t", None) if in_second_region(ask, service) else ask
            )
        ),
    ),
    Mutant(
        "t-alone-ignored-in-second-region",
        "PAGE-17",
        "In the second region, a t without an f is ignored",
        in_ask(
            lambda ask, service: (
                with_value(ask, "t", None) if in_second_region(ask, service) and ask.value("f") is None else ask
            )
        ),
    ),
    Mutant(
        "later-pages-one-late-in-second-region",
        "PAGE-17",
        "In the second region, an f of 4 or more begins one machine too late",
        in_ask(lambda ask, service: begun_late(ask, from_=4) if in_second_region(ask, service) else ask),
    ),
    Mutant(
        "pages-past-tenth-one-late-in-second-region",
        "PAGE-17",
        "In the second region, an f of 11 or more begins one machine too late",
        in_ask(lambda ask, service: begun_late(ask, from_=11) if in_second_region(ask, service) else ask),
    ),
    Mutant(
        "word-for-f-ignored-in-second-region",
        "PAGE-13",
        "In the second region an f that is a word is ignored",
        in_ask(
            lambda ask, service: (
                with_value(ask, "f", None)
                if in_second_region(ask, service) and re.fullmatch("[a-z]+", ask.value("f") or "")
                else ask
            )
        ),
    ),
    # Another tenant
    Mutant(
        "f-ignored-for-other-tenant",
        "PAGE-18",
        "For another tenant than the first, f is ignored",
        in_ask(lambda ask, service: with_value(ask, "f", None) if is_others(ask, service) else ask),
    ),
    Mutant(
        "later-pages-one-late-for-other-tenant",
        "PAGE-18",
        "For another tenant than the first, an f of 4 or more begins one machine too late",
        in_ask(lambda ask, service: begun_late(ask, from_=4) if is_others(ask, service) else ask),
    ),
    # A machine on its page, and in its turn
    Mutant(
        "page-with-stale-status",
        "PAGE-15",
        "With bounds, each machine has another status than without",
        on_pages(stale, with_bounds),
    ),
    Mutant(
        "page-with-more-memory",
        "PAGE-15",
        "On every page but the first, each machine has another mem_size than in the whole list",
        on_pages(larger, on_later_page),
    ),
    Mutant(
        "page-with-one-other-machine",
        "PAGE-15",
        "The 14th machine has another mem_size on pages that begin with the 10th to the 13th",
        in_outcome(with_larger_fourteenth),
        drawn=True,
    ),
    Mutant(
        "order-turns",
        "PAGE-16",
        "Without bounds, the list begins with another machine from ask to ask",
        anew(lambda: disordered(turned)),
    ),
    Mutant(
        "order-reversed-every-third-time",
        "PAGE-16",
        "Without bounds, the list is reversed every third time",
        anew(lambda: disordered(every_third_reversed)),
    ),
)
