"""Paging: the windows of a list, by whichever of the four conventions the target keeps."""

from __future__ import annotations

from conformance.answer import Listing
from conformance.clause import clause
from conformance.expect import lists_nothing
from conformance.judgement import MUST, Judgement
from conformance.paging import (
    TELLING,
    Convention,
    Paging,
    Window,
    keeps_a_convention,
    reaches_the_last,
    tiles,
    tiles_the_list,
)
from conformance.probe import Probe
from conformance.probes import LARGE, Probes
from conformance.sight import Asked, Windows


def telling(probes: Probes) -> list[Probe]:
    """Windows near the start, which tell the conventions apart."""
    return probes.windows(TELLING)


@clause(
    "PAGE-01",
    MUST,
    area="paging",
    source="request table: f",
    asks=telling,
    compares=True,
    rests_on=("BODY-02",),
    usually="One of the bounds is not read at all, or is taken for a page number or a page's size.",
)
def test_paging_keeps_a_convention(windows: Windows, shown_paging: tuple[Convention, ...], paging: Paging) -> Judgement:
    """Near the start of the list, `f` and `t` count from 0 or from 1 and end before `t` or with it, throughout."""
    return windows.all(keeps_a_convention(shown_paging, paging))


def chosen(probes: Probes, listing: Listing, paging: Paging) -> list[Probe]:
    """The first, a middle and the last window, a single machine, and the whole."""
    n = len(listing)
    third = max(1, n // 3)
    spans = {(0, third), (third, min(n, 2 * third)), (n - third, n), (n // 2, n // 2 + 1), (0, n)}
    return probes.windows(paging.convention.window(*span) for span in sorted(spans)) if n else []


@clause(
    "PAGE-02",
    MUST,
    area="paging",
    source="request table: t",
    asks=chosen,
    compares=True,
    rests_on=("PAGE-01",),
    usually="Off by one at one of the ends, or a page longer than some limit cut without a word.",
)
def test_window_is_a_slice(windows: Windows, paging: Paging) -> Judgement:
    """`f` and `t` together give a slice of the whole list: those machines, in that order."""
    return windows.each(paging.problem)


def pages(probes: Probes, listing: Listing, paging: Paging) -> list[Probe]:
    """Pages of a width that leaves a narrower last one, so that the list is no multiple of it."""
    n = len(listing)
    width = next((one for one in range(max(2, n // 6), n) if n % one), max(1, n - 1))
    return probes.windows(tiles(paging.convention, n, width))


@clause(
    "PAGE-03",
    MUST,
    area="paging",
    source="request table: f",
    asks=pages,
    compares=True,
    rests_on=("PAGE-02",),
    usually="Pages that overlap by one or leave one out, or an order that differs from ask to ask.",
)
def test_pages_tile_the_list(windows: Windows) -> Judgement:
    """Pages of one width, one after the other, give the whole list: nothing is lost and nothing stands there twice."""
    return windows.all(tiles_the_list)


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
    rests_on=("PAGE-01",),
    usually="A start that wraps around or is pulled back to the last page.",
)
def test_past_the_end_is_empty(asked: Asked) -> Judgement:
    """A window behind the last machine lists none."""
    return asked.each(lists_nothing)


def large(probes: Probes) -> list[Probe]:
    """No start, and an end far behind any list."""
    return probes.windows([Window(t=10_000), Window(t=LARGE)])


@clause(
    "PAGE-05",
    MUST,
    area="paging",
    source="request table: t",
    asks=large,
    compares=True,
    rests_on=("PAGE-01",),
    usually="A limit on the page's size that nothing tells of, or an end beyond the list taken for an error.",
)
def test_large_end_lists_all(windows: Windows, paging: Paging) -> Judgement:
    """With a `t` far behind the last machine everything up to the end is listed."""
    return windows.each(paging.problem)


def to_the_end(probes: Probes, listing: Listing, paging: Paging) -> list[Probe]:
    """The windows that must hold the last machine: the last one alone, the last two, and a start without an end."""
    n = len(listing)
    start = paging.convention.window(max(0, n - 2), n).f
    return (
        probes.windows(
            [paging.convention.window(n - 1, n), paging.convention.window(max(0, n - 2), n), Window(f=start)]
        )
        if n
        else []
    )


@clause(
    "PAGE-07",
    MUST,
    area="paging",
    source="request table: t",
    asks=to_the_end,
    compares=True,
    rests_on=("PAGE-02",),
    usually="A length less one taken for the end, so that the last machine is on no page.",
)
def test_last_item_is_reachable(windows: Windows) -> Judgement:
    """Paging to the end returns the last machine of the whole list."""
    return windows.each(reaches_the_last)
