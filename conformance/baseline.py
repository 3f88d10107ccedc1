"""Baseline: an earlier report, whose failures are known: they fail no later run; new ones do, and fixed ones are named.

A known failure is a clause by its id. Clauses of auth and scope are the exception: what leaks data is never hidden,
neither by standing in a baseline nor by being blocked by what stands there, unless that is asked for.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import kept
from .clause import SECURITY_AREAS, Clause
from .judgement import SHOULD, Verdict
from .report import Outcomes
from .verdicts import Outcome


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier report by the file that holds it; ``security`` says that it may hide clauses of auth and scope."""

    path: Path
    report: Mapping[str, Any]
    security: bool = False

    @property
    def before(self) -> dict[str, str]:
        """What became of each clause then, by its id."""
        return {clause["id"]: clause["verdict"] for clause in self.report["clauses"]}

    def excuses(self, clause: Clause) -> bool:
        """Whether a failure of a clause is known and does not count."""
        return self.before.get(clause.id) == Verdict.FAIL and (self.security or clause.area not in SECURITY_AREAS)

    def seen(self, clause: Clause, outcome: Outcome) -> Outcome:
        """An outcome as it counts: a clause of auth or scope that only known failures block was not judged."""
        if outcome.verdict is not Verdict.BLOCKED or self.security or clause.area not in SECURITY_AREAS:
            return outcome
        before = self.before
        if any(before.get(id) != Verdict.FAIL for id in outcome.because):
            return outcome
        because = " and ".join(outcome.because)
        reason = f"{because} blocks it, a known failure, and --baseline hides nothing of {clause.area} by itself"
        return Outcome(Verdict.INCONCLUSIVE, outcome.judgement, reason)


def read(path: Path, *, security: bool) -> Baseline:
    """The baseline in a file; `kept.BadReport` with one line where it holds no report."""
    return Baseline(path, kept.read(path), security)


@dataclass(frozen=True, slots=True)
class Against:
    """A run's outcomes held against a baseline, by the ids of clauses.

    ``known`` failed then and fail now; ``new`` fail now alone; ``shown`` failed then too, but are not to be hidden;
    ``fixed`` failed then and pass now.
    """

    known: tuple[str, ...]
    new: tuple[str, ...]
    shown: tuple[str, ...]
    fixed: tuple[str, ...]


def against(baseline: Baseline, outcomes: Outcomes) -> Against:
    """The outcomes of a run held against a baseline."""
    before = baseline.before
    failed = [clause for clause, outcome in outcomes.items() if outcome.verdict is Verdict.FAIL]
    return Against(
        known=tuple(clause.id for clause in failed if baseline.excuses(clause)),
        new=tuple(clause.id for clause in failed if before.get(clause.id) != Verdict.FAIL),
        shown=tuple(
            clause.id for clause in failed if before.get(clause.id) == Verdict.FAIL and not baseline.excuses(clause)
        ),
        fixed=tuple(
            clause.id
            for clause, outcome in outcomes.items()
            if outcome.verdict is Verdict.PASS and before.get(clause.id) == Verdict.FAIL
        ),
    )


def as_json(baseline: Baseline, outcomes: Outcomes) -> dict[str, Any]:
    """What report.json says of a baseline: its file, and the clauses held against it."""
    return {"file": str(baseline.path), **asdict(against(baseline, outcomes))}


def told(baseline: Baseline, made: Mapping[str, Any], written: Path | None) -> Iterator[str]:
    """What there is to say of a run and its baseline, in lines.

    ``made`` is the object of the run's report.json, ``written`` the file of it, where there is one.
    """
    held = made["baseline"]
    yield f"baseline  {baseline.path}: {len(held['known'])} known, {len(held['new'])} new, {len(held['fixed'])} fixed"
    yield from _other(baseline.report, made)
    advice = {clause["id"] for clause in made["clauses"] if clause["level"] == SHOULD}
    for id in held["new"]:
        yield f"new failure: {id}{' (SHOULD)' if id in advice else ''}{_then(baseline, id)}"
    if held["shown"]:
        yield f"known, and not hidden without --baseline-security: {', '.join(held['shown'])}"
    if held["fixed"]:
        yield f"fixed: {', '.join(held['fixed'])}"
        yield f"the baseline is stale: {_renewal(baseline, made, written)}"


def _other(old: Mapping[str, Any], made: Mapping[str, Any]) -> Iterator[str]:
    """Whether the baseline is of another target, or was judged by something else."""
    names = ("base_url", "party", "tenant_id", "region")
    differing = [name for name in names if old["target"][name] != made["target"][name]]
    if differing:
        values = ", ".join(f"{name} {old['target'][name]}" for name in differing)
        yield f"the baseline is of another target: {values}"
    if old["contract"]["sha256"] != made["contract"]["sha256"]:
        yield f"the baseline was judged by another contract document: {old['contract']['document']}"
    if old["suite"]["version"] != made["suite"]["version"]:
        yield f"the baseline was judged by another suite: version {old['suite']['version']}"


def _then(baseline: Baseline, id: str) -> str:
    """What the baseline says of a clause that fails now, where it did not simply pass."""
    before = baseline.before.get(id)
    if before is None:
        return ", which the baseline did not ask"
    return "" if before == Verdict.PASS else f", {before} in the baseline"


def _renewal(baseline: Baseline, made: Mapping[str, Any], written: Path | None) -> str:
    """How to renew a baseline, in a line that ends with the command."""
    old, asked = set(baseline.before), {clause["id"] for clause in made["clauses"]}
    when = " once nothing new fails," if made["baseline"]["new"] else ""
    if written is None or not old <= asked:
        whole = "" if old <= asked else " and every clause"
        again = f"run again{when.rstrip(',')} with --report-dir=DIR{whole}"
        return f"{again}, then renew it by  cp DIR/report.json {_quoted(baseline.path)}"
    return f"renew it,{when} by  cp {_quoted(written)} {_quoted(baseline.path)}"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
