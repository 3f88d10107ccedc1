"""Paging: the windows of a list, by whichever of the four conventions the target keeps."""

from __future__ import annotations

import random

from conformance.answer import Listing
from conformance.clause import clause
from conformance.disclosure import has_no_machine_of
from conformance.expect import answers, gives_nothing, has_the_order_of, is_refused, lists_nothing, lists_only, refuses
from conformance.judgement import MUST, SHOULD, Inapplicable, Judgement, Moved
from conformance.paging import (
    END,
    START,
    Convention,
    Paging,
    Window,
    keeps_a_convention,
    lists_no_more_than_fit,
    pages_of_widths,
    reaches_the_last,
    same_records,
    spans_of_note,
    telling,
    tiles_the_list,
)
from conformance.probe import Probe, encoded
from conformance.probes import LARGE, Probes
from conformance.sight import Asked, Windows

BEYOND_31_BITS = (2**31, 2**32 + 1, 2**63)
BEYOND_64_BITS = 2**64 + 1
NO_NUMBERS = ("abc", "1.5", "1\nx")
ODD_NUMBERS = ("", " ", "1e3", "0x10")
OPEN_NUMBERS = ((START, "+1"), (END, "²"), (START, "NaN"), (END, "Infinity"), (START, "1'"), (END, "1\0"))
"""A sign, a digit that some languages cannot read, what they call numbers, and a number with what breaks a query
behind it: are they integers? Nothing says so."""


def near_the_start(probes: Probes, listing: Listing) -> list[Probe]:
    """Windows near the start, which tell the conventions apart."""
    return probes.windows(telling(listing))


@clause(
    "PAGE-01",
    MUST,
    area="paging",
    source="request table: f",
    asks=near_the_start,
    compares=True,
    rests_on=("PAGE-06", "PAGE-16", "FIELD-instance_id"),
    usually=(
        "One of the bounds is not read at all, is taken for a page number or a page's size, or is counted otherwise on "
        "pages after the first."
    ),
)
def test_paging_keeps_a_convention(
    windows: Windows, shown_paging: tuple[Convention, ...], pinned_paging: Convention | None
) -> Judgement:
    """Windows near the start all count from 0, or all from 1, and the machine at `t` is in each of them or in none."""
    return windows.all(keeps_a_convention(shown_paging, pinned_paging))


def of_note(probes: Probes, listing: Listing, paging: Paging) -> list[Probe]:
    """The first, a middle and the last window, a single machine, and the whole."""
    return probes.windows(paging.convention.window(*span) for span in spans_of_note(len(listing)))


@clause(
    "PAGE-02",
    MUST,
    area="paging",
    source="request table: t",
    asks=of_note,
    compares=True,
    rests_on=("PAGE-07",),
    usually="Off by one at one of the ends, or a page longer than some limit cut without a word.",
)
def test_window_is_a_slice(windows: Windows, paging: Paging) -> Judgement:
    """`f` and `t` together give a slice of the whole list: those machines, in that order."""
    return windows.each(paging.problem)


def pages(
    probes: Probes, listing: Listing, paging: Paging, exhaustive: bool, chance: random.Random
) -> dict[str, Probe]:
    """Pages of several widths from the first machine to the last, and one page of each small width."""
    windows = pages_of_widths(paging.only, len(listing), chance, exhaustive=exhaustive)
    return {label: probes.window(window) for label, window in windows.items()}


@clause(
    "PAGE-03",
    MUST,
    area="paging",
    source="request table: f",
    asks=pages,
    compares=True,
    rests_on=("HEAD-01", "PAGE-02"),
    usually="Pages that overlap by one or leave one out, or an order that differs from ask to ask.",
)
def test_pages_tile_the_list(windows: Windows, paging: Paging) -> Judgement:
    """Pages of one width, one after the other, give the whole list: nothing is lost and nothing stands there twice."""
    return windows.rows(tiles_the_list(paging.only))


def past_the_end(probes: Probes, listing: Listing, paging: Paging) -> list[Probe]:
    """Windows that begin behind the last machine."""
    n = len(listing)
    return probes.windows([paging.convention.window(n, n + 5), paging.convention.window(n + 1000, n + 1010)])


@clause(
    "PAGE-04",
    MUST,
    area="paging",
    source="request table: f",
    asks=past_the_end,
    compares=True,
    rests_on=("PAGE-02", "PAGE-06"),
    usually="A start that wraps around or is pulled back to the last page.",
)
def test_past_the_end_is_empty(asked: Asked) -> Judgement:
    """A window behind the last machine lists none."""
    return asked.each(answers, lists_nothing)


def large(probes: Probes) -> list[Probe]:
    """An end far behind any list, with no start and with one."""
    return probes.windows([Window(t=10_000), Window(t=LARGE), Window(f=1, t=10_000)])


@clause(
    "PAGE-05",
    MUST,
    area="paging",
    source="request table: t",
    asks=large,
    compares=True,
    rests_on=("PAGE-06", "PAGE-09"),
    usually="A limit on the page's size that nothing tells of, or an end beyond the list taken for an error.",
)
def test_large_end_lists_all(windows: Windows, paging: Paging) -> Judgement:
    """With a `t` far behind the last machine everything up to the end is listed."""
    return windows.each(paging.problem)


def beyond(probes: Probes, listing: Listing) -> list[Probe]:
    """Windows in which a machine would show that the list without bounds leaves out."""
    n = len(listing)
    return probes.windows([Window(t=LARGE), Window(f=n + 2, t=n + 50)])


@clause(
    "PAGE-06",
    MUST,
    area="paging",
    source="request table: f",
    asks=beyond,
    compares=True,
    rests_on=("PAGE-16", "FIELD-instance_id"),
    usually="A default size for a page that nobody asked for.",
)
def test_list_without_bounds_is_whole(asked: Asked, listing: Listing) -> Judgement:
    """Without `f` and `t` the whole list is given: no window shows a machine that it leaves out."""
    return asked.each(lists_only(listing))


def to_the_end(probes: Probes, listing: Listing, paging: Paging) -> list[Probe]:
    """The windows that must hold the last machine: it alone, and the last two."""
    n = len(listing)
    return probes.windows(paging.only.window(start, n) for start in sorted({max(0, n - 2), n - 1})) if n else []


@clause(
    "PAGE-07",
    MUST,
    area="paging",
    source="request table: t",
    asks=to_the_end,
    compares=True,
    rests_on=("PAGE-01",),
    usually="A length less one taken for the end, so that the last machine is on no page.",
)
def test_last_item_is_reachable(windows: Windows) -> Judgement:
    """Paging to the end returns the last machine of the whole list."""
    return windows.each(reaches_the_last)


def start_alone(probes: Probes, listing: Listing, paging: Paging) -> list[Probe]:
    """A start without an end: at the first machine, in the middle, at the last."""
    n = len(listing)
    starts = sorted({0, n // 2, max(0, n - 1)})
    return probes.windows(Window(f=paging.convention.window(start, n).f) for start in starts)


@clause(
    "PAGE-08",
    MUST,
    area="paging",
    source="request table: f",
    asks=start_alone,
    compares=True,
    rests_on=("PAGE-02", "PAGE-06"),
    usually="A page of some default size instead of the rest.",
)
def test_start_alone_runs_to_the_end(windows: Windows, paging: Paging) -> Judgement:
    """`f` without `t` gives everything from there to the end."""
    return windows.each(paging.problem)


def end_alone(probes: Probes, listing: Listing, paging: Paging) -> list[Probe]:
    """An end without a start: after the first machine, in the middle, at the last."""
    n = len(listing)
    return probes.windows(
        Window(t=paging.convention.window(0, stop).t) for stop in sorted({1, max(1, n // 2), n} - {0})
    )


@clause(
    "PAGE-09",
    MUST,
    area="paging",
    source="request table: t",
    asks=end_alone,
    compares=True,
    rests_on=("PAGE-02", "PAGE-06"),
    usually="An end that is read only together with a start.",
)
def test_end_alone_runs_from_the_start(windows: Windows, paging: Paging) -> Judgement:
    """`t` without `f` gives everything from the first machine up to there."""
    return windows.each(paging.problem)


def crossed(probes: Probes) -> dict[str, Probe]:
    """Windows that end before they begin."""
    windows = {"by one": Window(f=2, t=1), "by two": Window(f=3, t=1), "by far": Window(f=10_000, t=1)}
    return {label: probes.window(window) for label, window in windows.items()}


@clause(
    "PAGE-10",
    MUST,
    area="paging",
    source="request table: f",
    asks=crossed,
    rests_on=("BODY-02",),
    usually="Bounds that are put in order silently, or a negative count that a database refuses with a 500.",
)
def test_crossed_bounds_list_nothing(asked: Asked) -> Judgement:
    """With `f` behind `t` no machine is listed: it is refused, or empty."""
    return asked.each(gives_nothing) + asked.record("f behind t", "by two")


def negative(probes: Probes) -> dict[str, Probe]:
    """Bounds below nought."""
    return {
        "f=-1": probes.window(Window(f=-1)),
        "t=-1": probes.window(Window(t=-1)),
        "f=-3, t=-1": probes.window(Window(f=-3, t=-1)),
        "f=0, t=0": probes.window(Window(f=0, t=0)),
        "f=0": probes.window(Window(f=0)),
        "f far below": probes.window(Window(f=-BEYOND_64_BITS)),
    }


@clause(
    "PAGE-11",
    MUST,
    area="paging",
    source="RFC 9110 section 15.6.1",
    asks=negative,
    compares=True,
    rests_on=("PAGE-06",),
    usually="A negative offset handed on to a database that refuses it.",
)
def test_negative_bounds_are_answered(asked: Asked, listing: Listing) -> Judgement:
    """A bound of nought or below may be answered in any way but by a 5xx, or by a machine that is not of the list."""
    return sum((asked.record(label, label) for label in asked.labels), asked.each(answers, lists_only(listing)))


def beyond_words(probes: Probes) -> list[Probe]:
    """Bounds that one machine word or another does not hold, and one that none does."""
    ends = [Window(t=bound) for bound in (*BEYOND_31_BITS, BEYOND_64_BITS)]
    starts = [Window(f=BEYOND_31_BITS[1]), Window(f=BEYOND_64_BITS)]
    # What is left of one word may not fit another: a count is the difference of both.
    return probes.windows([*ends, *starts, Window(f=1, t=BEYOND_31_BITS[-1])])


@clause(
    "PAGE-12",
    MUST,
    area="paging",
    source="request table: t",
    asks=beyond_words,
    compares=True,
    rests_on=("PAGE-04", "PAGE-05", "PAGE-08"),
    usually="An integer that overflows, in the program or in its database.",
)
def test_bounds_beyond_words_are_refused_or_large(windows: Windows, paging: Paging) -> Judgement:
    """A bound beyond 31, 63 or 64 bits is refused by a 4xx, or taken for what it is: far behind the last machine."""
    return windows.each(lambda seen: None if is_refused(seen.reply) is None else paging.problem(seen))


def no_numbers(probes: Probes) -> dict[str, Probe]:
    """Bounds that are no integers in any reading, and some that are one to some language; the former elsewhere too."""
    good, bounds = probes.good, [(name, value) for name in (START, END) for value in NO_NUMBERS]
    no = {f"no {name} {value}": good.having(name, value) for name, value in bounds}
    elsewhere = probes.in_other_region(*(no[f"no {name} {NO_NUMBERS[0]}"] for name in (START, END)))
    no |= {f"no elsewhere {number}": probe for number, probe in enumerate(elsewhere, 1)}
    odd = {f"odd {number}": probe for number, probe in enumerate(odd_numbers(probes), 1)}
    # Some read such a name as the bound's own, with a list for a value.
    odd |= {f"odd {name}[]": good.having(encoded(f"{name}[]"), "1", said=f"{name}[]=1") for name in (START, END)}
    return no | odd | {f"odd {name} {value}": good.having(name, value) for name, value in OPEN_NUMBERS}


@clause(
    "PAGE-13",
    MUST,
    area="paging",
    source="request table: f, type",
    asks=no_numbers,
    usually="A bound that cannot be read is dropped, or ends in a 500.",
)
def test_bounds_that_are_no_integers_are_refused(asked: Asked) -> Judgement:
    """A bound that is no integer is refused by a 4xx and lists no machine; one that may be read as one is no 5xx."""
    return asked.labelled("no").each(is_refused) + asked.labelled("odd").each(answers)


def odd_numbers(probes: Probes) -> list[Probe]:
    """Bounds that some language reads as an integer, and others do not."""
    return [probes.good.having(name, value) for name in (START, END) for value in ODD_NUMBERS]


@clause(
    "PAGE-14",
    SHOULD,
    area="paging",
    source="request table: f, type",
    asks=odd_numbers,
    rests_on=("PAGE-13",),
    usually="The language's own lenient way to read a number.",
)
def test_oddly_written_bounds_are_refused(asked: Asked) -> Judgement:
    """A bound that is empty, blank, or written as `1e3` or `0x10` is refused by a 4xx."""
    return asked.each(refuses)


def of_note_and_pages(
    probes: Probes, listing: Listing, paging: Paging, exhaustive: bool, chance: random.Random
) -> list[Probe]:
    """The windows of note, and the pages of every width."""
    return [*of_note(probes, listing, paging), *pages(probes, listing, paging, exhaustive, chance).values()]


@clause(
    "PAGE-15",
    MUST,
    area="paging",
    source="response table: vm_servers",
    asks=of_note_and_pages,
    compares=True,
    rests_on=("PAGE-03", "FIELD-instance_name", "FIELD-01", "FIELD-02", "FIELD-03", "FIELD-04", "FIELD-07"),
    usually="The page and the list are built by two queries, of which one was changed.",
)
def test_machine_is_the_same_on_its_page(windows: Windows) -> Judgement:
    """A machine's record on its page is the record that it has in the whole list."""
    return windows.each(same_records)


def in_a_row(probes: Probes) -> list[Probe]:
    """The good request, a few times."""
    return [probes.good.again(f"in a row, {turn}") for turn in (1, 2, 3)]


@clause(
    "PAGE-16",
    MUST,
    area="paging",
    source="request table: f",
    asks=in_a_row,
    alone=True,
    compares=True,
    rests_on=("STAB-01",),
    usually="A query without an order, which a database may answer in any.",
)
def test_order_holds_from_ask_to_ask(asked: Asked, listing: Listing) -> Judgement:
    """The machines of a list stand in the same order each time, or pages of it mean nothing."""
    if not listing.ordered:
        raise Inapplicable("vm_servers=dict: there is no order")
    return asked.listing_those_of(listing).each(has_the_order_of(listing))


OTHER_MOVED = "the other list did not hold still"


OF_OTHERS = {
    "page": Window(f=1, t=2),
    "rest": Window(f=2),
    "later": Window(f=5, t=7),
    "later still": Window(f=11, t=14),
    "up to": Window(t=2),
    "wide": Window(f=1, t=10_000),
    "beyond": Window(f=1_000, t=1_001),
}
"""Windows of lists other than the one that all else is asked of."""

HERE = ("page", "rest")
"""Those that are asked of that one just before, for a cache may hold them by then."""


def in_windows(probes: Probes, whole: Probe) -> dict[str, Probe]:
    """Another list, whole, in windows, and whole again."""
    before, after = (whole.again(f"{when} windows") for when in ("before", "after"))
    return {"before": before, **{name: probes.window(one, whole) for name, one in OF_OTHERS.items()}, "after": after}


def sliced(windows: Windows, asked: Asked, paging: Paging, *, lively: bool) -> Judgement:
    """Whether windows of another list are slices of it; Moved where it is not known to have held still."""
    before, after = asked["before"].listing, asked["after"].listing
    if before is not None and not before.machines:
        raise Inapplicable("the other list is empty, so that no window of it shows anything")
    if before is None or after is None or not before.same_ids(after):
        raise Moved(OTHER_MOVED)
    judged = windows.of(before, *OF_OTHERS).each(paging.problem)
    if judged.findings and lively:
        raise Moved(OTHER_MOVED)
    return judged


def elsewhere(probes: Probes) -> dict[str, Probe]:
    """The list of the other region, whole and in windows, some behind the same window of the first region."""
    here = {name: probes.window(OF_OTHERS[name]).again("before the other region's") for name in HERE}
    asked: dict[str, Probe] = {}
    for name, probe in in_windows(probes, probes.elsewhere).items():
        asked |= {f"{name} here": here[name]} if name in here else {}
        asked[name] = probe
    return asked


@clause(
    "PAGE-17",
    MUST,
    area="paging",
    source="request table: region",
    asks=elsewhere,
    in_order=True,
    confirmed=True,
    needs=("other_region",),
    rests_on=("PAGE-03", "PAGE-04", "PAGE-05", "PAGE-08", "SCOPE-04"),
    usually="A cache of pages whose key lacks the region, or a region that is served by older software.",
)
def test_paging_is_the_same_in_the_other_region(
    windows: Windows, asked: Asked, paging: Paging, elsewhere_is_lively: bool
) -> Judgement:
    """In the other region, too, `f` and `t` give a slice of that region's list, and none of it in the first."""
    here = asked.only(*(f"{name} here" for name in HERE))
    apart = here.each(has_no_machine_of(asked.only("before", "after"), "the other region's list"))
    if apart.findings and elsewhere_is_lively:
        raise Moved(OTHER_MOVED)
    return sliced(windows, asked, paging, lively=elsewhere_is_lively) + apart


def of_the_other_tenant(probes: Probes) -> dict[str, Probe]:
    """The other tenant's list, whole and in windows."""
    return in_windows(probes, probes.as_other)


@clause(
    "PAGE-18",
    MUST,
    area="paging",
    source="request table: tenant_id",
    asks=of_the_other_tenant,
    in_order=True,
    confirmed=True,
    needs=("other_token", "other_tenant_id"),
    rests_on=("PAGE-03", "PAGE-04", "PAGE-05", "PAGE-08", "AUTH-10"),
    usually="Bounds that are applied before the list is cut down to the tenant's own, or kept for one tenant only.",
)
def test_paging_is_the_same_for_the_other_tenant(
    windows: Windows, asked: Asked, paging: Paging, other_is_lively: bool
) -> Judgement:
    """For another tenant, too, `f` and `t` give a slice of that tenant's list, by the same convention."""
    return sliced(windows, asked, paging, lively=other_is_lively)


def of_nought(probes: Probes) -> list[Probe]:
    """Windows with both bounds, of which one is nought or both are."""
    return probes.windows([Window(f=0, t=0), Window(f=0, t=1), Window(f=1, t=0)])


@clause(
    "PAGE-19",
    SHOULD,
    area="paging",
    source="request table: f, type",
    asks=of_nought,
    compares=True,
    rests_on=("PAGE-01", "PAGE-10"),
    usually="A bound that is tested for being true, which nought is not in many languages, and so is taken for none.",
)
def test_bound_of_nought_is_a_bound(windows: Windows) -> Judgement:
    """With a bound of nought no more machines are listed than fit between the two bounds."""
    return windows.each(lists_no_more_than_fit)
