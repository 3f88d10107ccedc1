"""Windows of a clause that failed, as report.json keeps them: what each should have listed, and what it did.

    {"label", "f", "t", "length", "ordered", "expected": [first, last] | [] | null, "came": [[first, last], …],
     "strange", "right": true | false | null, "fits": [conventions]}

Places count from 1 in the whole list. ``expected`` is empty where no machine belongs in the window, and null where
nothing says which; ``came`` are the places of what was listed, in the order in which it came, places in a row as one
pair; ``strange`` counts machines that the whole list does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .answer import identity
from .clause import Clause, views
from .evidence import Take
from .judgement import Judgement
from .known import Known
from .paging import CONVENTIONS, Paging, Seen, explains
from .sight import window_of

MOST_RUNS = 200
"""Runs of places that are kept of one window; a list in another order may be nothing but breaks."""


def windows(known: Known, clause: Clause, judgement: Judgement) -> list[dict[str, Any]]:
    """The windows that a clause was judged by; none where it is not about windows."""
    if clause.area != "paging" and "windows" not in views(clause.judge):
        return []
    judged = (take for take in known.evidence.takes if _stands_in(judgement, take.asked.get(clause.id, {}).values()))
    take, paging = next(judged, None), known.paging
    if paging and clause.shows_paging:
        # Where conventions are mixed, the first is told of; that each window follows some of them is no comfort.
        paging = replace(paging, conventions=paging.conventions[:1])
    return [_as_json(seen, paging) for seen in _seen(known, clause, take)] if take else []


def _stands_in(judgement: Judgement, exchanges: Iterable[object]) -> bool:
    return not judgement.exchanges.isdisjoint(exchanges)


def _seen(known: Known, clause: Clause, take: Take) -> Iterator[Seen]:
    whole = known.read(take.before).listing
    for label, exchange in take.asked[clause.id].items():
        try:
            window = window_of(exchange.probe)
        except ValueError:
            continue
        if whole is not None:
            yield Seen(window, known.read(exchange), whole, label)


def _as_json(seen: Seen, paging: Paging | None) -> dict[str, Any]:
    window, whole, length = seen.window, seen.whole, len(seen.whole)
    places = {name: place for place, name in enumerate(whole.ids, 1)}
    came = [places.get(identity(machine)) for machine in seen.reply.machines]
    # A dict's machines stand in no order: only how many there are can be shown.
    known = [place for place in came if place] if whole.ordered else [*range(1, 1 + sum(map(bool, came)))]
    crossed = window.f is not None and window.t is not None and window.f > window.t
    span = (0, 0) if crossed else paging.convention.span(window, length) if paging else None
    if span and not whole.ordered:
        span = (0, span[1] - span[0])
    right = None if paging is None else not came if crossed else paging.problem(seen) is None
    return {
        "label": seen.label,
        "f": window.f,
        "t": window.t,
        "length": length,
        "ordered": whole.ordered,
        "expected": None if span is None else [span[0] + 1, span[1]] if span[0] < span[1] else [],
        "came": [list(run) for run in runs(known)][:MOST_RUNS],
        "strange": came.count(None),
        "right": right,
        "fits": [str(one) for one in CONVENTIONS if explains(one, seen)],
    }


def runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Places in the order given, those that follow one another as a pair of the first and the last."""
    first = last = 0
    for place in places:
        if first and place == last + 1:
            last = place
            continue
        if first:
            yield first, last
        first = last = place
    if first:
        yield first, last


def misplaced(window: Mapping[str, Any]) -> dict[int, str]:
    """The machines of a window's answer, by their number in it from 0, that do not belong there, and why not."""
    if not _tells_places(window) or window["strange"]:
        return {}
    first, last = window["expected"] or (1, 0)
    return {
        number: f"machine no. {place} of {window['length']}, which is not in this window"
        for number, place in enumerate(_places(window))
        if not first <= place <= last
    }


def missing(window: Mapping[str, Any]) -> str:
    """Which machines belong in a window and did not come, in words; none where none is missing."""
    if not _tells_places(window) or not window["expected"]:
        return ""
    first, last = window["expected"]
    gaps = runs(sorted({*range(first, last + 1)} - {*_places(window)}))
    told = [str(start) if start == stop else f"{start} to {stop}" for start, stop in gaps]
    return f"without machine no. {', '.join(told[:4])}{', …' if told[4:] else ''} of {window['length']}" if told else ""


def _tells_places(window: Mapping[str, Any]) -> bool:
    return window["expected"] is not None and window["ordered"] and not window["right"]


def _places(window: Mapping[str, Any]) -> list[int]:
    return [place for first, last in window["came"] for place in range(first, last + 1)]
