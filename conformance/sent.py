"""Sent: what a run asked of its target, counted by kind, for whoever keeps that target running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .credentials import OTHER_TOKEN, TOKEN, Secret
from .draws import DRAWN
from .evidence import Evidence
from .paging import END, START
from .probe import Probe

KINDS = {
    "good": "the good request, again and again, or spelled otherwise",
    "windows": "windows of the list",
    "bounds": "bounds that are no numbers, or no numbers of a list",
    "names": "another party, tenant or region: left out, blank, unknown, or an odd string",
    "token": "no token, or one that is not good",
    "other": "another tenant's own list, by its own token",
    "drawn": "drawn from the derived OpenAPI document, valid and invalid",
    "path": "paths that the document does not have",
    "method": "other methods than GET",
}
"""The kinds of requests, and what each is called."""

FARTHEST = 2**31
"""Bounds beyond this are no numbers of a list."""


def counted(evidence: Evidence) -> Iterator[tuple[str, int]]:
    """The kinds of requests that a run asked, each with how many."""
    if evidence.preflight is None:
        return
    good = evidence.preflight.probe
    counts = Counter(kind(exchange.probe, good) for exchange in evidence.exchanges())
    yield from ((said, counts[name]) for name, said in KINDS.items() if counts[name])


def kind(probe: Probe, good: Probe) -> str:
    """Which of the kinds a request is, held against the good one."""
    return next(_kinds(probe, good))


def _kinds(probe: Probe, good: Probe) -> Iterator[str]:
    """Every kind that a request is of, the most telling first."""
    token = next((value for _, value in probe.headers if isinstance(value, Secret)), None)
    bounds = [*probe.values(START), *probe.values(END)]
    if probe.method != good.method:
        yield "method"
    if any(edit.startswith(DRAWN) for edit in probe.edits):
        yield "drawn"
    if probe.path != good.path:
        yield "path"
    if token != Secret(TOKEN):
        yield "other" if token == Secret(OTHER_TOKEN) else "token"
    if any(probe.values(name) != good.values(name) for name in good.names):
        yield "names"
    if bounds:
        yield "windows" if all(map(_is_of_a_list, bounds)) else "bounds"
    yield "good"


def _is_of_a_list(bound: str) -> bool:
    return bound.isascii() and bound.isdigit() and int(bound) < FARTHEST
