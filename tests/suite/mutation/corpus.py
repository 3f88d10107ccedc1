"""What mutants are held against: servers recorded once, servers asked anew, and what the unchanged judge says of each.

Nothing of the judge is imported here at the top but what is never changed: a mutant imports the rest anew, for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import contracts
from conformance.exchange import Exchange, Response
from conformance.probe import Probe

if TYPE_CHECKING:
    from conformance.known import Known
    from conformance.verdicts import Verdicts
    from tests.suite.miniature import Miniature

Take = tuple[Exchange, Mapping[str, Mapping[str, Exchange]], Exchange]
"""What was asked in one go: a good request's exchange, those of each clause by label, and a good request's again."""

READINGS = "readings"

Said = Mapping[str, object]
"""What the judge says of each clause, by its id, and of the target as a whole."""

Asked = tuple[Probe, ...]
"""All that a target was asked, in order."""

PACE = 5
"""Requests between two changes of a list that changes by itself."""

HEALTHY = "reading 1-inclusive"
"""A server like any other, which those that go wrong in one way are compared with."""

ASKED_ANEW = (
    *("reading dict", "reading 0-exclusive", "reading either", "reading header", "length 2"),
    *("PAGE-16", "PROP-01", "PROP-02", "SCOPE-04"),
)
"""Servers that a mutant asks itself, so that it also counts what it asks."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One server: what it was asked and answered, what the judge said of that, and what was pinned."""

    name: str
    preflight: Exchange | None
    takes: tuple[Take, ...]
    pinned: Mapping[str, str]
    said: Said
    asked: Asked


def recorded() -> list[Recorded]:
    """Every server, asked by the judge as it is now."""
    bodies: dict[bytes, bytes] = {}
    made = [_recorded(name, make(), pinned, bodies) for name, make, pinned in servers()]
    usual = next(one.said for one in made if one.name == HEALTHY)
    return [one if _is_whole(one) else replace(one, said=_unlike(one.said, usual)) for one in made]


def _is_whole(server: Recorded) -> bool:
    """Whether all that is said of a server counts; of one that goes wrong only what is not said of a healthy one."""
    return server.name in ASKED_ANEW or "-" not in server.name.split(maxsplit=1)[0]


def _unlike(said: Said, usual: Said) -> Said:
    return {id: one for id, one in said.items() if _gist(one) != _gist(usual[id])}


def servers() -> Iterator[tuple[str, Callable[[], Miniature], Mapping[str, str]]]:
    """The servers of the clauses' own tests: a name, how one is made, and the readings that are pinned for it."""
    from tests.suite.broken import BROKEN, LOOKALIKES, MIXED  # noqa: PLC0415
    from tests.suite.miniature import Miniature, broken, fleet  # noqa: PLC0415
    from tests.suite.test_clauses import AGAINST, COMBINED, EACH  # noqa: PLC0415
    from tests.suite.test_live import LIVES, Live  # noqa: PLC0415

    for number, fault in enumerate((*BROKEN, *LOOKALIKES, *MIXED)):
        name = fault.id if number < len(BROKEN) else f"{fault.id} {number}"
        yield name, partial(getattr, fault, "server"), {}
    for fault in BROKEN:
        # A step `envelope` of theirs reaches into a list.
        if fault.id.startswith(("PAGE", "FIELD", "BODY")) and "envelope" not in fault.steps:
            yield f"{fault.id} as a dict", partial(broken(**fault.steps), vm_servers="dict"), {}
    for chosen in (*EACH, *COMBINED):
        yield f"reading {'+'.join(chosen.values())}", partial(Miniature, **chosen), {}
    for length in (0, 1, 2, 4):
        other = {"vm_servers": "dict", "paging": "0-exclusive", "party": "either", "lan": "both"}
        yield f"length {length}", partial(Miniature, fleet(length)), {}
        yield f"length {length}, dict", partial(Miniature, fleet(length), **other), {}
    for id, pinned, kept in AGAINST:
        yield f"{id} pinned {pinned} {kept}", partial(Miniature, **kept), pinned
    for life, change in LIVES.items():
        yield f"{life} {PACE}", partial(Live, change, PACE, life), {}


def _recorded(name: str, server: Miniature, pinned: Mapping[str, str], bodies: dict[bytes, bytes]) -> Recorded:
    from tests.suite.miniature import judging  # noqa: PLC0415

    verdicts = judging(server, pinned=pinned)
    evidence, kept = verdicts.known.evidence, {}
    for exchange in evidence.exchanges():
        kept[exchange] = _once(exchange, bodies)
    takes = tuple(
        (
            kept[take.before],
            {id: {label: kept[one] for label, one in replies.items()} for id, replies in take.asked.items()},
            kept[take.after],
        )
        for take in evidence.takes
    )
    preflight = kept[evidence.preflight] if evidence.preflight else None
    again = Recorded(name, preflight, takes, pinned, {}, asked(verdicts.known))
    return replace(again, said=said(judged_again(again)))


def _once(exchange: Exchange, bodies: dict[bytes, bytes]) -> Exchange:
    """An exchange whose body is kept but once, however many have it."""
    outcome = exchange.outcome
    if isinstance(outcome, Response):
        outcome = replace(outcome, body=bodies.setdefault(outcome.body, outcome.body))
    return replace(exchange, outcome=outcome)


def judged_again(server: Recorded) -> Verdicts:
    """The verdicts on what a server answered when it was recorded."""
    from conformance.evidence import Evidence  # noqa: PLC0415
    from conformance.evidence import Take as Kept  # noqa: PLC0415
    from conformance.known import Known  # noqa: PLC0415
    from conformance.verdicts import Verdicts  # noqa: PLC0415
    from tests.suite.miniature import SEED, TARGET, catalogue, document, drawn  # noqa: PLC0415

    evidence = Evidence({}, server.preflight, [Kept(*take) for take in server.takes])
    known = Known(document(), TARGET, evidence, pinned=server.pinned, draw=drawn, seed=SEED)
    return Verdicts(known, catalogue())


def said(verdicts: Verdicts) -> Said:
    """What is said of the target, and what a report holds of each clause."""
    return {id: said_of(verdicts, id) for id in (READINGS, *(clause.id for clause in verdicts.catalogue))}


def said_of(verdicts: Verdicts, id: str) -> object:
    """What a report holds of a clause by its id, or of the readings."""
    from conformance.windows import windows  # noqa: PLC0415

    if id == READINGS:
        return {name: one.as_json() for name, one in verdicts.known.readings.found.items()}
    if id not in verdicts.catalogue:
        return None
    clause, outcome = verdicts.catalogue[id], verdicts.outcome(id)
    judgement = outcome.judgement
    findings = [
        (one.kind, one.message, one.expected, one.seen, one.more, [shown.number for shown in one.exchanges])
        for one in judgement.findings
    ]
    register = [(one.behaviour, one.seen, one.exchange.number) for one in judgement.register]
    strength = (judgement.values, sorted(one.number for one in judgement.exchanges))
    pictured = windows(verdicts.known, clause, judgement) if findings else []
    about = (clause.level.value, clause.area, clause.text, clause.source, clause.usually, clause.since)
    return outcome.verdict.value, outcome.reason, outcome.because, findings, register, strength, pictured, about


def asked(known: Known) -> Asked:
    """All that was asked."""
    return tuple(exchange.probe for exchange in known.evidence.exchanges())


# -- a mutant held against them


def differs_in_evidence(server: Recorded) -> str:
    """The first thing that is said otherwise of what was recorded; empty where nothing is."""
    verdicts = judged_again(server)
    return next((id for id, one in server.said.items() if one != said_of(verdicts, id)), "")


def differs_when_asked(server: Recorded) -> str:
    """What is said otherwise of a server that is asked anew, or else whether something else was asked."""
    from tests.suite.miniature import judging  # noqa: PLC0415

    make = next(make for name, make, _ in servers() if name == server.name)
    verdicts = judging(make(), pinned=server.pinned)
    if id := next((id for id, one in server.said.items() if _gist(one) != _gist(said_of(verdicts, id))), ""):
        return id
    return "" if asked(verdicts.known) == server.asked else "other requests"


def _gist(one: object) -> object:
    """Of what is said of a clause what no clock is in: the verdict, what blocked it, and the kinds of breach."""
    if not isinstance(one, tuple):
        return one
    verdict, _, because, findings, *_ = one
    return verdict, because, [kind for kind, *_ in findings]


# -- making it quick


def keep_what_never_changes() -> None:
    """Have the document read, and schemas derived from it, but once; and the clock stand still."""
    contracts.read = _remembered(contracts.read)
    contracts.derive = _remembered(contracts.derive)
    contracts.read(contracts.DEFAULT)
    begun = time.time()
    time.time = lambda: begun


def _remembered(make: Callable[..., Any]) -> Callable[..., Any]:
    made: dict[str, Any] = {}

    def remembered(*given: Any) -> Any:
        key = repr([sorted(one.items()) if isinstance(one, Mapping) else getattr(one, "sha256", one) for one in given])
        if key not in made:
            made[key] = make(*given)
        return made[key]

    return remembered
