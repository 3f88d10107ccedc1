"""Picture: windows of a list drawn to one scale, what each should have listed and what it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 400.0, 22.0
"""Of one window's strip, in the units of its drawing."""

STRANGE = 44.0
"""Of that width, what is kept behind the list's end for machines that the list does not have."""

THINNEST = 2.5
"""Width at which one machine of a long list is still seen."""

MOST_STRIPS = 40
"""Windows that are drawn of one clause."""

MOST_WORDS = 4
"""Runs of machines that are told in words."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a strip: "expected", "came", "outside", "missing" or "strange"."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Strip:
    """One window: its bounds, both sides in words, the pieces of its drawing, and the conventions that explain it."""

    label: str
    bounds: str
    expected: str
    came: str
    right: bool | None
    bars: tuple[Bar, ...]
    fits: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The strips of a clause's windows; ``left_out`` counts those that are not drawn, ``length`` is the list's."""

    strips: tuple[Strip, ...]
    left_out: int
    length: int
    ordered: bool
    by_convention: bool
    """Whether each strip has its right and wrong; where no convention is known, none has."""

    end = WIDTH - STRANGE
    """Where the list ends in a strip."""
    width = WIDTH
    height = HEIGHT


def picture(windows: Sequence[Mapping[str, Any]]) -> Picture | None:
    """The picture of a clause's windows as report.json has them; None where there is nothing to draw."""
    if not windows:
        return None
    # Where not all can be drawn, those are that went wrong.
    chosen = sorted(sorted(windows, key=lambda one: one["right"] is not False)[:MOST_STRIPS], key=windows.index)
    return Picture(
        tuple(map(_strip, chosen)),
        len(windows) - len(chosen),
        max(one["length"] for one in windows),
        all(one["ordered"] for one in windows),
        any(one["right"] is not None for one in windows),
    )


def _strip(window: Mapping[str, Any]) -> Strip:
    bounds = ", ".join(f"{name}={window[name]}" for name in ("f", "t") if window[name] is not None)
    return Strip(
        window["label"],
        bounds or "no bounds",
        _in_words([window["expected"]] if window["expected"] else [], 0, window["ordered"])
        if window["expected"] is not None
        else "not said",
        _in_words(window["came"], window["strange"], window["ordered"]),
        window["right"],
        tuple(_bars(window)),
        ", ".join(window["fits"]) or "none",
    )


def _in_words(runs: Sequence[Sequence[int]], strange: int, ordered: bool) -> str:
    if not runs and not strange:
        return "no machine"
    if not ordered:
        return f"{sum(last - first + 1 for first, last in runs) + strange} machines"
    told = [str(first) if first == last else f"{first}–{last}" for first, last in runs[:MOST_WORDS]]
    more = ["…"] if len(runs) > MOST_WORDS else []
    others = [f"{strange} not in the whole list"] if strange else []
    return ", ".join([*told, *more, *others])


def _bars(window: Mapping[str, Any]) -> Iterator[Bar]:
    length = window["length"]
    expected = [tuple(window["expected"])] if window["expected"] else []
    came = [(first, last) for first, last in window["came"]]
    if window["expected"] is None:
        yield from (_bar("came", run, length) for run in came)
    else:
        yield from (_bar("missing", run, length) for run in _less(expected, came))
        yield from (_bar("came", run, length) for run in _common(came, expected))
        yield from (_bar("outside", run, length) for run in _less(came, expected))
        yield from (_bar("expected", run, length) for run in expected)
    if window["strange"]:
        yield Bar("strange", WIDTH - STRANGE + 6, STRANGE - 8)


def _bar(kind: str, run: tuple[int, int], length: int) -> Bar:
    scale = (WIDTH - STRANGE) / max(1, length)
    first, last = run
    width = max(THINNEST, (last - first + 1) * scale)
    return Bar(kind, round(min((first - 1) * scale, WIDTH - STRANGE - width), 2), round(width, 2))


Runs = Sequence[tuple[int, int]]


def _common(runs: Runs, others: Runs) -> Iterator[tuple[int, int]]:
    """What stands in both."""
    for first, last in runs:
        for start, stop in others:
            if max(first, start) <= min(last, stop):
                yield max(first, start), min(last, stop)


def _less(runs: Runs, others: Runs) -> Iterator[tuple[int, int]]:
    """What stands in the first and not in the others."""
    for run in runs:
        left = [run]
        for start, stop in others:
            left = [piece for one in left for piece in _without(one, start, stop)]
        yield from left


def _without(run: tuple[int, int], start: int, stop: int) -> Iterator[tuple[int, int]]:
    first, last = run
    if first < start:
        yield first, min(last, start - 1)
    if last > stop:
        yield max(first, stop + 1), last
