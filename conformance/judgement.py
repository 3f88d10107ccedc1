"""Judgement: what a clause says of the evidence, and the verdict that follows from it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from .exchange import Exchange, Failure

Seen = TypeVar("Seen")


class Level(enum.StrEnum):
    """How much a clause binds: RFC 2119's words."""

    MUST = "MUST"
    SHOULD = "SHOULD"


MUST, SHOULD = Level.MUST, Level.SHOULD


class Verdict(enum.StrEnum):
    """What became of a clause."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    BLOCKED = "blocked"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not-applicable"


class Undecided(Exception):
    """The target gave too little to judge; its text is the reason."""


class Moved(Undecided):
    """What was compared changed meanwhile; asked again, it may hold still. Its text is the reason."""


class Inapplicable(Exception):
    """The clause asks nothing of this target; its text is the reason."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which something that was seen differs from what a clause requires.

    ``kind`` groups problems that are one and the same mistake; without one, what was expected is the group. ``by`` are
    those of the exchanges looked at that show it best, where that is known. ``moves`` says that a list which changes by
    itself may look the same.
    """

    expected: str
    seen: str
    kind: str = ""
    by: tuple[Exchange, ...] = ()
    moves: bool = False

    @property
    def sentence(self) -> str:
        """Both sides in one line."""
        return f"expected {self.expected}; {self.seen}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a clause failed: a sentence, the exchanges that show it, and the kind of breach that it is.

    ``expected`` and ``seen`` are the two sides of the sentence; ``more`` counts the breaches of this kind that are not
    shown. ``moves`` is the problem's.
    """

    message: str
    exchanges: tuple[Exchange, ...]
    kind: str = ""
    expected: str = ""
    seen: str = ""
    more: int = 0
    moves: bool = False

    @property
    def failure(self) -> str:
        """The kind of failure that came in the place of an answer that shows it; empty where all were answered."""
        return failure_among(self.exchanges)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a target does where document and RFC are silent: recorded, not judged."""

    behaviour: str
    seen: str
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a clause looked at and what it found: its strength is the exchanges and values that it really judged.

    One that is ``silent`` found nothing, and might have found nothing of a fault either.
    """

    exchanges: frozenset[Exchange] = frozenset()
    values: int = 0
    findings: tuple[Finding, ...] = ()
    register: tuple[Behaviour, ...] = field(default=(), compare=False)
    silent: bool = False

    def __add__(self, other: Judgement) -> Judgement:
        return Judgement(
            self.exchanges | other.exchanges,
            self.values + other.values,
            self.findings + other.findings,
            self.register + other.register,
            self.silent or other.silent,
        )

    @property
    def tells(self) -> bool:
        """Whether it speaks for or against what was judged."""
        return bool(self.findings) or not self.silent

    def merged(self) -> Judgement:
        """With one finding of each kind, which is the first and counts the others."""
        kinds: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.findings:
            kinds.setdefault((finding.kind or finding.expected or finding.message, finding.failure), []).append(finding)
        counts = ((group[0], sum(1 + one.more for one in group) - 1) for group in kinds.values())
        return replace(self, findings=tuple(_counting(first, more) for first, more in counts))

    def shown_by(self, simpler: Sequence[Judgement]) -> Judgement:
        """With each finding replaced by the latest of its kind among some simpler judgements."""
        shown = {finding.kind: finding for other in simpler for finding in other.findings}
        return replace(self, findings=tuple(_counting(shown.get(one.kind, one), one.more) for one in self.findings))


def failure_among(exchanges: Iterable[Exchange]) -> str:
    """The kind of the first failure among some exchanges; empty where each was answered."""
    return next((one.outcome.kind for one in exchanges if isinstance(one.outcome, Failure)), "")


def each(
    seen: Iterable[Seen],
    rules: Sequence[Callable[[Seen], Problem | None]],
    shown_by: Callable[[Seen], tuple[Exchange, ...]],
) -> Judgement:
    """Judge each thing that was seen by each rule, which says what is wrong with it or None.

    Problems of one kind become one finding, shown by the smallest exchange and counting the others; those of what was
    answered and of what failed are told apart.
    """
    looked: set[Exchange] = set()
    kinds: dict[tuple[str, str], list[tuple[Problem, tuple[Exchange, ...]]]] = {}
    values = 0
    for item in seen:
        exchanges = shown_by(item)
        looked.update(exchanges)
        values += 1
        for rule in rules:
            problem = rule(item)
            if problem is not None:
                kinds.setdefault((problem.kind or problem.expected, failure_among(exchanges)), []).append(
                    (problem, exchanges)
                )
    return Judgement(frozenset(looked), values, tuple(_finding(group) for group in kinds.values()))


def _finding(group: list[tuple[Problem, tuple[Exchange, ...]]]) -> Finding:
    problem, exchanges = min(group, key=lambda pair: sum(exchange.probe.size for exchange in pair[1]))
    kind = problem.kind or problem.expected
    shown = Finding(problem.sentence, exchanges, kind, problem.expected, problem.seen, moves=problem.moves)
    return _counting(shown, len(group) - 1)


def _counting(finding: Finding, more: int) -> Finding:
    """The finding with a number of others like it; as it is where it is no comparison and there are none."""
    if more == finding.more:
        return finding
    sentence = Problem(finding.expected, finding.seen).sentence
    return replace(finding, message=sentence + (f" (and {more} more like it)" if more else ""), more=more)
