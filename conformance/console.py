"""What the console says: readings, areas, each red clause, and the verdict in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Protocol

from . import digest
from .clause import OPTIONAL_INPUTS, Clause
from .curl import curl
from .digest import Area, Json, areas, is_known, sentence
from .exchange import Exchange, Failure
from .judgement import SHOULD, Finding, Verdict
from .report import COULD_NOT_JUDGE, FAIL
from .verdicts import Outcome

LONGEST_EXCERPT = 400
"""Characters of a body on the console."""

MOST_FIRST = 3
"""Failures that are said to come first."""

COLOURS = {"red": {"red": True}, "thin": {"yellow": True}, "green": {"green": True}}


class Lines(Protocol):
    """Where lines go: pytest's terminal."""

    def write_line(self, line: str, **markup: bool) -> None: ...  # noqa: D102


def failure_text(clause: Clause, outcome: Outcome, base_url: str) -> str:
    """A red clause for its reader: requirement, source, then for each finding what was asked, expected and came."""
    lines = [
        f"{clause.level}: {clause.text}",
        f"   by {clause.source}",
        *(line for finding in outcome.judgement.findings for line in _finding(finding, base_url)),
        "",
        f"   usually: {clause.usually}",
    ]
    return "\n".join(map(printable, lines))


def why(outcome: Outcome, *, known: bool = False) -> str:
    """Why a clause did not pass, in a line that says what that means; whether a failure is a known one."""
    if outcome.verdict is Verdict.BLOCKED:
        return f"blocked by {', '.join(outcome.because)}"
    if outcome.verdict is Verdict.FAIL:
        findings = "; ".join(finding.message for finding in outcome.judgement.findings)
        return printable(f"{'known to fail' if known else 'should hold and does not'}: {findings}")
    return printable(f"{outcome.verdict.replace('-', ' ')}, as {outcome.reason}")


def printable(line: str) -> str:
    """A line with nothing in it that a terminal obeys or cannot show; what a target said stands in many."""
    return "".join(character if character.isprintable() else "�" for character in line)


def _finding(finding: Finding, base_url: str) -> Iterator[str]:
    yield ""
    yield f" - {finding.message}"
    if finding.exchanges:
        yield from _exchange(finding.exchanges[0], base_url)


def _exchange(exchange: Exchange, base_url: str) -> Iterator[str]:
    yield f"   asked:  {exchange.probe.difference}"
    yield f"   came:   {exchange.came}{_excerpt(exchange)}"
    yield f"   again:  {curl(exchange.probe, base_url)}"


def _excerpt(exchange: Exchange) -> str:
    if isinstance(exchange.outcome, Failure):
        return ""
    body = exchange.outcome.text
    # Cut before it is taken apart, for it may be as long as a body may be.
    text = " ".join(body[: 8 * LONGEST_EXCERPT].split())
    cut = f"… ({len(body):,} characters)" if len(text) > LONGEST_EXCERPT else ""
    return f"  {text[:LONGEST_EXCERPT]}{cut}"


def print_summary(out: Lines, report: Json, closed: str) -> None:
    """What a report says in short: readings, areas, what failed or was not judged and why, and the verdict.

    ``closed`` is what was not looked at, in a line; empty where all was.
    """
    target = report["target"]
    out.write_line(f"target    {target['name']}, party {target['party']}, region {target['region']}")
    out.write_line(f"readings  {_readings(report['readings'])}")
    for area in areas(report["clauses"]):
        counts = ", ".join(_counts(area))
        out.write_line(f"{area.name:<11} {area.state:<6} {counts}; {area.values} values judged", **COLOURS[area.state])
    for line in (*_failed(report), *unjudged(report)):
        out.write_line(printable(line))
    for line in filter(None, (_first(report), closed)):
        out.write_line(line)
    out.write_line(told(report), bold=True, **verdict_colour(report["verdict"]))


def _counts(area: Area) -> Iterator[str]:
    """How many of an area's clauses have each verdict; what only SHOULD hold and fails turns no area red."""
    for name, number in area.counts.items():
        if number:
            yield f"{number} {name}" + (f" ({area.advised} SHOULD)" if name == FAIL and area.advised else "")


def verdict_colour(verdict: str) -> Mapping[str, bool]:
    """How a line about a verdict is marked."""
    return {"red": True} if verdict == FAIL else {"yellow": True} if verdict == COULD_NOT_JUDGE else {"green": True}


def _readings(readings: Json) -> str:
    return ", ".join(
        f"{name}={one['value']} ({one['how']})" if one["value"] else f"{name} undetermined"
        for name, one in readings.items()
    )


def _failed(report: Json) -> Iterator[str]:
    """What is known to fail, and what should hold and does not; the rest has a text of its own already."""
    failed = [clause for clause in report["clauses"] if clause["verdict"] == FAIL]
    known = [clause for clause in failed if is_known(clause["id"], report)]
    advice = [clause for clause in failed if clause["level"] == SHOULD and clause not in known]
    for said, clauses in (("known to fail", known), ("should hold", advice)):
        for clause in clauses:
            yield f"{said} {clause['id']}: {clause['text']} {clause['findings'][0]['message']}"


def unjudged(report: Json) -> Iterator[str]:
    """What was not judged though it asks something of the target, a line for each reason why not."""
    for verdict, _, reasons in digest.unjudged(report["clauses"]):
        for why, clauses in reasons:
            said = why if verdict == "blocked" else f"{verdict}, as {why}"
            if verdict != "not applicable":
                yield f"{said}: {', '.join(clause['id'] for clause in clauses)}"


def _first(report: Json) -> str:
    """Which of several failures to repair first, in one line: those that keep the most from being judged."""
    failed = sum(clause["verdict"] == FAIL for clause in report["clauses"])
    waiting = Counter(id for clause in report["clauses"] for id in clause["because"])
    most = [f"{id} ({times} behind it)" for id, times in waiting.most_common(MOST_FIRST)]
    return f"repair first: {', '.join(most)}" if most and failed > 1 else ""


def closed(clauses: Iterable[Clause], given: Container[str]) -> str:
    """What optional inputs would open of some clauses, in one line; empty where all that they need is given."""
    missing = Counter(name for clause in clauses for name in clause.needs if name not in given)
    wanted = ", ".join(f"{option} ({missing[name]})" for name, option in OPTIONAL_INPUTS.items() if missing[name])
    return f"not looked at, for want of {wanted}" if wanted else ""


def told(report: Json) -> str:
    """The verdict of a report for a person, in its word, with what it cost and what to do."""
    word, _, said = sentence(report).partition(":")
    return f"{word.upper()}:{said} {report['requests']} requests. {report.get('hint', '')}".rstrip()


def print_catalogue(out: Lines, clauses: Iterable[Clause]) -> None:
    """Every clause in a line or two."""
    for clause in clauses:
        out.write_line(f"{clause.id:<22} {clause.level:<6} {clause.area:<10} {clause.text}")
