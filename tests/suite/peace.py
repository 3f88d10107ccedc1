"""Peace: conforming servers by the dozen, each with another choice of what is left to it, under every clause.

    python -m tests.suite.peace [--servers N] [--from SEED]
    python -m tests.suite.peace --churn MS [--runs N] [--mutant NAME] [-- REFERENCE OPTIONS]

The first draws servers from the switches of `apart/switched.py`; the second judges the reference while machines come
and go. A line is printed for each that is called broken or cannot be judged, and at the end the counts.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance.examine import Examination
from conformance.judgement import MUST, Verdict
from tests.suite.apart import switched
from tests.suite.apart.odd import as_php_has_it, as_strings, barely_there, by_id, oddly_named, with_more
from tests.suite.apart.switched import Person, Ways, machine_word, script_number, strict, whole_number
from tests.suite.examining import examined, examined_reference, outcomes
from tests.suite.progress import counted

WORKERS = 2

PEOPLE = (
    (Person("t-alpha", "tok-alpha-5521"), Person("t-omega", "tok-omega-9147")),
    (Person("7", "481516234200"), Person("42", "900150983600")),
    (Person("tenant", "tok.alpha/5521=="), Person("tenan", "tok.alpha/552")),
    (Person("E58C78FE826F4F0B", "gAAAAABk-" + "x_Y9" * 30),),
)

SWITCHES: Mapping[str, Sequence[Any]] = {
    "sizes": [{"r1": size, "r2": 2} for size in (1, 2, 3, 7, 12, 25, 101)]
    + [{"华北": 12}, {"r1": 12, "r10": 3, "r": 2}],
    "people": PEOPLE,
    "party": ["acme", "3", "ACME & Co"],
    "make": [switched.plain, oddly_named, barely_there, as_strings, with_more],
    "shape": [list, list, by_id, as_php_has_it],
    "envelope": [{}, {"code": 200}, {"code": 0, "msg": "ok"}, {"total": 12, "code": 200}],
    "refusal": [{}, {"request_id": "req-7"}],
    "dumps": [{}, {"indent": 2}, {"ensure_ascii": False}, {"separators": (",", ":")}],
    "reverse_keys": [False, True],
    "version": ["HTTP/1.1", "HTTP/1.1", "HTTP/1.0"],
    "framing": ["length", "chunked", "close"],
    "close": [False, False, True],
    "gzip": [False, True],
    "prefix": ["", "/v1"],
    "media_type": ["application/json", "application/json; charset=utf-8", "Application/JSON"],
    "media_type_of_refusals": ["application/json", "application/json;charset=UTF-8", ""],
    "throttle": [None, None, None, (40, 429, "0"), (60, 503, "1")],
    "blocked": [{}, {}, {"%00": 400, "%3C": 403}],
    "longest": [60_000, 2_000],
    "options": ["501", "204", "200", "405"],
    "reads_party": ["query", "header", "either"],
    "checks": [
        ("token", "party", "required", "tenant", "region"),
        ("required", "party", "region", "tenant", "token"),
        ("party", "token", "required", "tenant", "region"),
    ],
    "statuses": [{}, {"token": 400}, {"tenant": 403, "region": 404}, {"region": 200}],
    "known_only": [False, True],
    "of_two": ["refused", "first", "last"],
    "slash": [False, True],
    "base": [0, 1],
    "inclusive": [False, True],
    "read": [strict, whole_number, machine_word(32), machine_word(64), script_number],
    "blank_is_absent": [False, True],
    "negative": ["refused", "empty", "from the end"],
    "crossed": ["empty", "refused"],
}
"""What each switch may be set to."""


@dataclass(frozen=True, slots=True)
class Peace:
    """What became of one conforming server: the MUST clauses called broken, and those not judged, each with why."""

    name: str
    alarms: Mapping[str, str]
    unjudged: Mapping[str, str]
    advised: tuple[str, ...]
    requests: int


def ways(seed: int) -> Ways:
    """The conforming server of a seed."""
    chance = random.Random(seed)  # noqa: S311 - a server, no secret
    return Ways(**{name: chance.choice(choices) for name, choices in SWITCHES.items()})


def settled(name: str, examination: Examination) -> Peace:
    """What became of a server that was examined."""
    musts = {clause.id: one for clause, one in outcomes(examination).items() if clause.level is MUST}
    reds = {id: one.judgement.findings[0].message for id, one in musts.items() if one.verdict is Verdict.FAIL}
    unjudged = {id: one.reason for id, one in musts.items() if one.verdict is Verdict.INCONCLUSIVE}
    advised = tuple(
        clause.id
        for clause, one in outcomes(examination).items()
        if clause.level is not MUST and one.verdict is Verdict.FAIL
    )
    return Peace(name, reds, unjudged, advised, sum(1 for _ in examination.known.evidence.exchanges()))


def drawn_server(seed: int) -> Peace:
    """The conforming server of a seed, judged."""
    chosen = ways(seed)
    with switched.serving(chosen) as base_url:
        return settled(f"seed {seed}", examined({"base_url": base_url, **chosen.card}))


def live_reference(arguments: Sequence[str], run: int) -> Peace:
    """The reference while machines come and go, judged once more."""
    return settled(f"run {run}", examined_reference([*arguments, "--seed", f"run {run}"], unsafe=False))


def told(one: Peace) -> Iterator[str]:
    """What was not as it should be with one, a line each."""
    yield from (f"ALARM       {one.name}: {id}: {why[:300]}" for id, why in one.alarms.items())
    reasons: dict[str, list[str]] = {}
    for id, why in one.unjudged.items():
        reasons.setdefault(why, []).append(id)
    yield from (f"unjudged    {one.name}: {', '.join(ids)}: {why[:160]}" for why, ids in reasons.items())


def summed(made: Sequence[Peace]) -> str:
    """The counts of all."""
    alarms, unjudged = (sum(bool(getattr(one, name)) for one in made) for name in ("alarms", "unjudged"))
    return f"{len(made)} judged: {alarms} called broken, {unjudged} not fully judged; most requests {most(made)}"


def most(made: Sequence[Peace]) -> int:
    """The most requests that any was asked."""
    return max((one.requests for one in made), default=0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge conforming servers; 0 where none was called broken. With a mutant, 0 where it was each time."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m tests.suite.peace", description=__doc__, formatter_class=raw)
    parser.add_argument("--servers", type=int, default=40, metavar="N", help="servers to draw [40]")
    parser.add_argument("--from", type=int, default=1, dest="first", metavar="SEED", help="the first one's seed [1]")
    parser.add_argument("--churn", metavar="MS", help="judge the reference, of which a machine comes or goes so often")
    parser.add_argument("--runs", type=int, default=30, metavar="N", help="how many times, with --churn [30]")
    parser.add_argument("--mutant", metavar="NAME", help="with --churn: the reference with this fault")
    parser.add_argument("reference", nargs="*", metavar="OPTION", help="further options of the reference")
    given = parser.parse_args(arguments)
    if given.mutant and not given.churn:
        parser.error("--mutant goes with --churn")
    fault = ["--mutant", given.mutant] if given.mutant else []
    live = partial(live_reference, [*(["--churn", given.churn] if given.churn else []), *fault, *given.reference])
    made = []
    with ProcessPoolExecutor(WORKERS) as pool:
        judged, number = (
            (pool.map(live, range(given.runs)), given.runs)
            if given.churn
            else (pool.map(drawn_server, range(given.first, given.first + given.servers)), given.servers)
        )
        for one in counted(judged, number, "judged"):
            made.append(one)
            for line in told(one):
                print(line, flush=True)
    print(summed(made))
    broken = [bool(one.alarms) for one in made]
    return 0 if (all(broken) if given.mutant else not any(broken)) else 1


if __name__ == "__main__":
    sys.exit(main())
