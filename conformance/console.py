"""What the console says: readings, areas, each red clause, and the verdict in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from .clause import OPTIONAL_INPUTS, Clause
from .curl import curl
from .digest import Counts, verdict_in_words
from .exchange import Exchange, Failure
from .judgement import MUST, SHOULD, Finding, Verdict
from .known import Known
from .readings import Readings
from .report import COULD_NOT_JUDGE, FAIL, Outcomes, by_area, colour, counted, hint
from .verdicts import Outcome

LONGEST_EXCERPT = 400
"""Characters of a body on the console."""

MOST_FIRST = 3
"""Failures that are said to come first."""

COLOURS = {"red": {"red": True}, "thin": {"yellow": True}, "green": {"green": True}}


class Lines(Protocol):
    """Where lines go: pytest's terminal."""

    def write_line(self, line: str, **markup: bool) -> None: ...  # noqa: D102


Excused = Callable[[Clause], bool]
"""Whether a failure of a clause is a known one, which breaks nothing."""


def no_excuse(_: Clause) -> bool:
    """No failure is known."""
    return False


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


def print_summary(out: Lines, known: Known, outcomes: Outcomes, verdict: str, excused: Excused = no_excuse) -> None:
    """Readings, areas, what was not judged and why, and the verdict; ``excused`` are failures that break nothing."""
    out.write_line(f"target    {known.target.name}, party {known.target.party}, region {known.target.region}")
    out.write_line(f"readings  {_readings(known.readings)}")
    for area, members in by_area(outcomes).items():
        state = colour(members)
        counts = ", ".join(_counts(members))
        strength = sum(outcome.judgement.values for _, outcome in members)
        out.write_line(f"{area:<11} {state:<6} {counts}; {strength} values judged", **COLOURS[state])
    for line in (*_known(outcomes, excused), *_advice(outcomes, excused), *unjudged(outcomes)):
        out.write_line(printable(line))
    if first := _first(outcomes):
        out.write_line(first)
    if closed := _closed(known, outcomes):
        out.write_line(closed)
    out.write_line(sentence(outcomes, verdict, known, excused), bold=True, **verdict_colour(verdict))


def _counts(members: Sequence[tuple[Clause, Outcome]]) -> Iterator[str]:
    """How many of an area's clauses have each verdict; what only SHOULD hold and fails turns no area red."""
    advised = sum(_failed(clause, outcome, SHOULD) for clause, outcome in members)
    for name, number in counted(outcome for _, outcome in members).items():
        if number:
            said = f" ({advised} SHOULD)" if name == Verdict.FAIL.value and advised else ""
            yield f"{number} {name}{said}"


def verdict_colour(verdict: str) -> Mapping[str, bool]:
    """How a line about a verdict is marked."""
    return {"red": True} if verdict == FAIL else {"yellow": True} if verdict == COULD_NOT_JUDGE else {"green": True}


def _readings(readings: Readings) -> str:
    return ", ".join(
        f"{name}={one.value} ({one.how})" if one.value else f"{name} undetermined"
        for name, one in readings.found.items()
    )


def _known(outcomes: Outcomes, excused: Excused) -> Iterator[str]:
    """What is known to fail."""
    for clause, outcome in outcomes.items():
        if outcome.verdict is Verdict.FAIL and excused(clause):
            yield f"known to fail {clause.id}: {clause.text} {outcome.judgement.findings[0].message}"


def _advice(outcomes: Outcomes, excused: Excused) -> Iterator[str]:
    """What should hold and does not."""
    for clause, outcome in outcomes.items():
        if _failed(clause, outcome, SHOULD) and not excused(clause):
            yield f"should hold {clause.id}: {clause.text} {outcome.judgement.findings[0].message}"


def unjudged(outcomes: Outcomes) -> Iterator[str]:
    """What was not judged, a line for each reason why not."""
    why: dict[str, list[str]] = {}
    for clause, outcome in outcomes.items():
        if outcome.verdict is Verdict.INCONCLUSIVE:
            why.setdefault(f"inconclusive, as {outcome.reason}", []).append(clause.id)
        elif outcome.verdict is Verdict.BLOCKED:
            why.setdefault(f"blocked by {', '.join(outcome.because)}", []).append(clause.id)
    for reason, ids in why.items():
        yield f"{reason}: {', '.join(ids)}"


def _first(outcomes: Outcomes) -> str:
    """Which of several failures to repair first, in one line: those that keep the most from being judged."""
    failed = sum(outcome.verdict is Verdict.FAIL for outcome in outcomes.values())
    waiting = Counter(id for outcome in outcomes.values() for id in outcome.because)
    most = [f"{id} ({times} behind it)" for id, times in waiting.most_common(MOST_FIRST)]
    return f"repair first: {', '.join(most)}" if most and failed > 1 else ""


def _closed(known: Known, outcomes: Outcomes) -> str:
    """What optional inputs would open, in one line."""
    missing = {name: 0 for name in OPTIONAL_INPUTS if name not in known.target.given}
    for clause in outcomes:
        for name in clause.needs:
            if name in missing:
                missing[name] += 1
    wanted = ", ".join(f"{OPTIONAL_INPUTS[name]} ({number})" for name, number in missing.items() if number)
    return f"not looked at, for want of {wanted}" if wanted else ""


def sentence(outcomes: Outcomes, verdict: str, known: Known, excused: Excused = no_excuse) -> str:
    """The verdict on the target, for a person."""
    of_each = Counter(outcome.verdict for outcome in outcomes.values())
    counted = [clause for clause, one in outcomes.items() if one.verdict is Verdict.FAIL and not excused(clause)]
    broken = sum(clause.level is MUST for clause in counted)
    counts = Counts(
        holds=of_each[Verdict.PASS],
        broken=broken,
        advised=len(counted) - broken,
        known=of_each[Verdict.FAIL] - len(counted),
        unjudged=of_each[Verdict.INCONCLUSIVE],
    )
    word, _, said = verdict_in_words(verdict, counts, known.ended).partition(":")
    todo = f" {hint(known)}" if verdict == COULD_NOT_JUDGE else ""
    return f"{word.upper()}:{said} {known.evidence.requests} requests.{todo}".rstrip()


def _failed(clause: Clause, outcome: Outcome, level: Any) -> bool:
    return clause.level is level and outcome.verdict is Verdict.FAIL


def print_catalogue(out: Lines, clauses: Iterable[Clause]) -> None:
    """Every clause in a line or two."""
    for clause in clauses:
        out.write_line(f"{clause.id:<22} {clause.level:<6} {clause.area:<10} {clause.text}")
