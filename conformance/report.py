"""report.json: the whole of a run as data, in the format mana-report/1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from contracts import Document

from .clause import Clause
from .curl import curl
from .exchange import Exchange, Failure
from .judgement import MUST, SHOULD, Finding, Verdict
from .known import Known
from .verdicts import Outcome
from .windows import windows

FORMAT = "mana-report/1"

LONGEST_BODY = 20_000
"""Characters of a body that a report shows; the evidence holds the whole."""

Outcomes = Mapping[Clause, Outcome]

PASS, FAIL, COULD_NOT_JUDGE = "pass", "fail", "could-not-judge"


def overall(
    outcomes: Outcomes,
    *,
    fail_on_should: bool,
    allow_unjudged: bool,
    excused: Callable[[Clause], bool] = lambda _: False,
) -> str:
    """The verdict on the target: "fail" before "could-not-judge" before "pass".

    It cannot be judged where a MUST clause is inconclusive, unless that is allowed, or where nothing was judged at all.
    A failure that is ``excused`` breaks nothing.
    """
    binding = [
        outcome.verdict
        for clause, outcome in outcomes.items()
        if (fail_on_should or clause.level is MUST) and not excused(clause)
    ]
    if Verdict.FAIL in binding:
        return FAIL
    musts = [outcome.verdict for clause, outcome in outcomes.items() if clause.level is MUST]
    nothing = not any(outcome.verdict in {Verdict.PASS, Verdict.FAIL} for outcome in outcomes.values())
    unjudged = Verdict.INCONCLUSIVE in musts and not allow_unjudged
    return COULD_NOT_JUDGE if nothing or unjudged else PASS


def counted(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many outcomes there are of each verdict."""
    counts = Counter(outcome.verdict for outcome in outcomes)
    return {verdict.value: counts[verdict] for verdict in Verdict}


def report(known: Known, outcomes: Outcomes, header: Mapping[str, Any], verdict: str) -> dict[str, Any]:
    """The object of report.json; ``header`` holds suite, contract, started and seconds."""
    target = known.target
    preflight = known.evidence.preflight
    server = preflight.response.header("Server") if preflight and preflight.response else None
    return {
        "format": FORMAT,
        "suite": header["suite"],
        "contract": header["contract"],
        "target": {
            "name": target.name,
            "base_url": target.base_url,
            "party": target.party,
            "tenant_id": target.tenant_id,
            "region": target.region,
            "server": server,
        },
        "warnings": header.get("warnings", []),
        "started": header["started"],
        "seconds": header["seconds"],
        "requests": known.evidence.requests,
        "bytes": known.evidence.bytes,
        "readings": {name: found.as_json() for name, found in known.readings.found.items()},
        "verdict": verdict,
        **({"ended": known.ended} if known.ended else {}),
        **({"hint": todo} if verdict == COULD_NOT_JUDGE and (todo := hint(known)) else {}),
        "summary": {
            level.value: counted(outcome for clause, outcome in outcomes.items() if clause.level is level)
            for level in (MUST, SHOULD)
        },
        "register": [
            {
                "behaviour": one.behaviour,
                "seen": one.seen,
                "exchange": exchange_as_json(one.exchange, target.base_url),
            }
            for outcome in outcomes.values()
            for one in outcome.judgement.register
        ],
        "clauses": [_clause(clause, outcome, known) for clause, outcome in outcomes.items()],
    }


def hint(known: Known) -> str:
    """What to do where too little was seen, in a sentence or two; empty where nothing is known to help."""
    target = known.target
    if known.ended:
        return ""
    if known.goods and all(one.is_list and not one.machines for one in known.goods):
        whose = f"tenant {target.tenant_id} in region {target.region}, by party {target.party},"
        return f"The list of {whose} is empty: name one that has machines, or make some."
    if known.movement.lively:
        return (
            "The list changed while it was judged: judge it while nothing changes. Where nothing should have changed, "
            "look for a query without an order, workers that hold other data, or a cache."
        )
    return ""


def _clause(clause: Clause, outcome: Outcome, known: Known) -> dict[str, Any]:
    judgement, base_url = outcome.judgement, known.target.base_url
    drawn = windows(known, clause, judgement) if outcome.verdict is Verdict.FAIL else []
    return {
        "id": clause.id,
        "level": clause.level.value,
        "area": clause.area,
        "text": clause.text,
        "source": clause.source,
        "quote": _quote(clause.source, known.document),
        "usually": clause.usually,
        "since": clause.since,
        "verdict": outcome.verdict.value,
        "because": list(outcome.because),
        "judged": {"exchanges": len(judgement.exchanges), "values": judgement.values},
        **({"reason": outcome.reason} if outcome.reason else {}),
        "findings": [_finding(finding, base_url) for finding in judgement.findings],
        **({"windows": drawn} if drawn else {}),
    }


def _quote(source: str, document: Document) -> dict[str, Any] | None:
    """What stands at a clause's source; None where that is no place in the document."""
    try:
        place = document.resolve(source)
    except KeyError:
        return None
    return {"place": place.name, "line": place.line, "text": place.text}


def _finding(finding: Finding, base_url: str) -> dict[str, Any]:
    return {
        "message": finding.message,
        "expected": finding.expected,
        "seen": finding.seen,
        "more": finding.more,
        "exchanges": [exchange_as_json(one, base_url) for one in finding.exchanges],
    }


def exchange_as_json(exchange: Exchange, base_url: str) -> dict[str, Any]:
    """An exchange as a report shows it; the response of one without an answer is the failure in words."""
    probe = exchange.probe
    return {
        "request": {
            "method": probe.method,
            "url": f"{base_url}{probe.target}",
            "headers": {name: str(value) for name, value in probe.headers},
        },
        "response": _response(exchange),
        "difference": probe.difference,
        "curl": curl(probe, base_url),
    }


def _response(exchange: Exchange) -> dict[str, Any]:
    outcome = exchange.outcome
    if isinstance(outcome, Failure):
        return {"status": None, "headers": {}, "body": "", "seconds": exchange.seconds, "failure": outcome.sentence}
    text = outcome.text
    return {
        "status": outcome.status,
        "headers": {name: outcome.header(name) for name, _ in outcome.headers},
        "body": text[:LONGEST_BODY],
        "characters": len(text),
        "seconds": exchange.seconds,
    }
