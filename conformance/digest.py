"""Digest: what a report says in short, made of the object of a report.json, for the page and for others who tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .clause import AREAS

Json = Mapping[str, Any]

JUDGED = ("pass", "fail")
UNJUDGED = {
    "blocked": "They rest on a clause that failed. Repair that one, and they are judged by themselves.",
    "inconclusive": "The target gave too little to tell whether they hold.",
    "not-applicable": "They ask nothing of this target, or need something that was not given.",
}
VERDICTS = (*JUDGED, *UNJUDGED)


# -- the head


@dataclass(frozen=True, slots=True)
class Counts:
    """How many clauses hold, failed for each level, failed as they were known to, and were inconclusive."""

    holds: int
    broken: int
    advised: int
    known: int
    unjudged: int


def verdict_in_words(verdict: str, counts: Counts, ended: str = "") -> str:
    """The verdict in a sentence or two; a SHOULD alone makes a run fail that asked for it.

    ``ended`` says why no more was asked, where the run ended before its time.
    """
    but = f", beside {number(counts.known, 'clause')} known to fail" if counts.known else ""
    advised = number(counts.advised, "clause")
    if verdict == "fail" and not counts.broken:
        return f"Broken: {advised} that SHOULD hold, as was asked of this run{but}. {counts.holds:,} hold."
    if verdict == "fail":
        broken = number(counts.broken, "clause")
        advice = f", and {counts.advised:,} that SHOULD" if counts.advised else ""
        return f"Broken: {broken} that MUST hold {_do(counts.broken)} not{advice}{but}. {counts.holds:,} hold."
    if verdict == "pass":
        hold = "holds" if counts.holds == 1 else "hold"
        kept = f"Kept: {number(counts.holds, 'clause')} {hold}, and none that MUST hold is broken{but}."
        return f"{kept} {advised} that SHOULD hold {_do(counts.advised)} not." if counts.advised else kept
    before = f"{ended}, and " if ended else ""
    unjudged = f"{number(counts.unjudged, 'clause')} found too little to see"
    return f"Could not judge: {before}{unjudged}. {counts.holds:,} {'holds' if counts.holds == 1 else 'hold'}."


def _do(many: int) -> str:
    return "does" if many == 1 else "do"


def sentence(report: Json) -> str:
    """The verdict of a report in a sentence or two."""
    must, should = (report["summary"][level] for level in ("MUST", "SHOULD"))
    known = [one["level"] for one in report["clauses"] if is_known(one["id"], report)]
    return verdict_in_words(
        report["verdict"],
        Counts(
            holds=must["pass"] + should["pass"],
            broken=must["fail"] - known.count("MUST"),
            advised=should["fail"] - known.count("SHOULD"),
            known=len(known),
            unjudged=must["inconclusive"] + should["inconclusive"],
        ),
        report.get("ended", ""),
    )


def is_known(id: str, report: Json) -> bool:
    """Whether a clause failed as it was known to, and did not count."""
    return id in report.get("baseline", {}).get("known", ())


def number(many: int, noun: str) -> str:
    """So many of something, in words."""
    return f"{many:,} {noun}{'' if many == 1 else 's'}"


def facts(report: Json) -> Iterator[tuple[str, str]]:
    """What was judged, by what, when, and how thoroughly."""
    target, contract, suite = report["target"], report["contract"], report["suite"]
    yield "Target", target["name"]
    if target["base_url"] != target["name"]:
        yield "Address", target["base_url"]
    yield "Whose list", f"party {target['party']}, tenant {target['tenant_id']}, region {target['region']}"
    if target["server"]:
        yield "Server", target["server"]
    for warning in report.get("warnings", ()):
        yield "Warning", warning
    yield "When", f"{_moment(report['started'])}, for {report['seconds']:.1f} seconds"
    judged = [clause["judged"] for clause in report["clauses"] if clause["verdict"] in JUDGED]
    values = sum(one["values"] for one in judged)
    yield (
        "Strength",
        f"{len(judged)} of {number(len(report['clauses']), 'clause')} judged, by {number(values, 'value')} "
        f"in the answers to {number(report['requests'], 'request')}",
    )
    for note in (*report.get("notes", ()), *([report["hint"]] if report.get("hint") else [])):
        yield "Note", note
    if held := report.get("baseline"):
        yield "Baseline", f"{held['file']}: {', '.join(f'{len(held[one])} {one}' for one in ('known', 'new', 'fixed'))}"
    yield "Contract", f"{contract['document']}, sha256 {contract['sha256'][:12]}"
    yield "Suite", f"version {suite['version']}, seed {suite['seed']}"


def _moment(started: str) -> str:
    try:
        return f"{datetime.fromisoformat(started).astimezone(UTC):%d %B %Y, %H:%M:%S} UTC"
    except ValueError:
        return started


# -- areas and clauses


@dataclass(frozen=True, slots=True)
class Area:
    """An area's line: its state, how many clauses of each verdict, the values judged, and its first red clause.

    ``advised`` are those that failed and only SHOULD hold.
    """

    name: str
    state: str
    counts: Mapping[str, int]
    advised: int
    values: int
    first: str


def by_area(clauses: Sequence[Json]) -> dict[str, list[Json]]:
    """The clauses of each area that has any, in the order of the areas."""
    areas: dict[str, list[Json]] = {area: [] for area in AREAS}
    for clause in clauses:
        areas.setdefault(clause["area"], []).append(clause)
    return {area: members for area, members in areas.items() if members}


def areas(clauses: Sequence[Json]) -> Iterator[Area]:
    """The line of each area that has clauses."""
    for name, members in by_area(clauses).items():
        counts = Counter(clause["verdict"] for clause in members)
        reds = [clause for clause in members if clause["verdict"] == "fail"]
        yield Area(
            name,
            state(members),
            {verdict: counts[verdict] for verdict in VERDICTS},
            advised=sum(clause["level"] == "SHOULD" for clause in reds),
            values=sum(clause["judged"]["values"] for clause in members),
            first=reds[0]["id"] if reds else "",
        )


def state(clauses: Sequence[Json]) -> str:
    """An area's state: "red" where a MUST failed, "thin" where one was not judged, else "green"."""
    binding = {clause["verdict"] for clause in clauses if clause["level"] == "MUST"}
    if "fail" in binding:
        return "red"
    return "thin" if "pass" not in binding or binding & {"blocked", "inconclusive"} else "green"


def unjudged(clauses: Sequence[Json]) -> Iterator[tuple[str, str, list[tuple[str, list[Json]]]]]:
    """For each verdict that is none: what it means, and the clauses by the reason why."""
    for verdict, meaning in UNJUDGED.items():
        reasons: dict[str, list[Json]] = {}
        for clause in clauses:
            if clause["verdict"] == verdict:
                reasons.setdefault(_why(clause), []).append(clause)
        if reasons:
            yield verdict.replace("-", " "), meaning, list(reasons.items())


def _why(clause: Json) -> str:
    because = clause["because"]
    return f"blocked by {', '.join(because)}" if because else clause.get("reason", "no reason was kept")
