"""Items: a clause before a target, as pytest runs it; what became of it was settled by the evidence before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from . import console
from .clause import Clause
from .hearing import Hearing
from .judgement import Verdict
from .shape import passable
from .verdicts import Outcome

LETTERS = {
    Verdict.PASS: ("passed", ".", "PASSED"),
    Verdict.FAIL: ("failed", "F", "FAILED"),
    Verdict.BLOCKED: ("blocked", "b", "BLOCKED"),
    Verdict.INCONCLUSIVE: ("inconclusive", "i", "INCONCLUSIVE"),
    Verdict.NOT_APPLICABLE: ("not applicable", "n", "NOT APPLICABLE"),
}
ADVICE = ("should have passed", "s", "SHOULD")
KNOWN = ("known to fail", "k", "KNOWN")


class ContractBroken(Exception):
    """A clause that failed."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("; ".join(finding.message for finding in outcome.judgement.findings))
        self.outcome = outcome


class NotJudged(Exception):
    """A clause without a verdict of its own, or that failed without binding."""


class ClauseItem(pytest.Item):
    """A clause as pytest runs it."""

    def __init__(self, *, clause: Clause, hearing: Hearing, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.clause = clause
        self.hearing = hearing
        self.add_marker(clause.area)
        self.add_marker(clause.level.lower())

    def runtest(self) -> None:
        """Raise what stands for the verdict."""
        outcome = self.hearing.reach(self.clause)
        for name in ("id", "level", "area", "source"):
            self.user_properties.append((name, str(getattr(self.clause, name))))
        self.user_properties.append(("verdict", outcome.verdict.value))
        if self.hearing.name:
            self.user_properties.append(("target", self.hearing.name))
        if outcome.verdict is Verdict.FAIL and self.hearing.binds(self.clause):
            raise ContractBroken(outcome)
        known = outcome.verdict is Verdict.FAIL and self.hearing.excuses(self.clause)
        if known:
            self.user_properties.append(("known", "yes"))
        if outcome.verdict is not Verdict.PASS:
            raise NotJudged(console.why(outcome, known=known))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The finding for its reader; a traceback only where the fault is ours."""
        if isinstance(excinfo.value, ContractBroken):
            return passable(console.failure_text(self.clause, excinfo.value.outcome, self.hearing.base_url))
        if isinstance(excinfo.value, NotJudged):
            return passable(str(excinfo.value))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the clause is declared, and its id."""
        return self.clause.path, self.clause.line - 1, f"{self.hearing.prefix}{self.clause.id} {self.clause.name}"

    def settle(self, raised: BaseException, made: pytest.TestReport) -> None:
        """Give a clause's report the outcome that its verdict has in pytest's terms; keep an error of our own."""
        if isinstance(raised, NotJudged):
            made.outcome = "skipped"
            made.longrepr = (str(self.path), self.clause.line, passable(str(raised)))
        elif isinstance(raised, Exception) and not isinstance(raised, ContractBroken):
            self.hearing.own_error = f"{self.clause.id}: {type(raised).__name__}: {raised}"


def letter_and_word(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """What pytest shows of a clause's report; None where it is none."""
    properties = dict(getattr(report, "user_properties", ()))
    if report.when != "call" or "verdict" not in properties:
        return None
    verdict = Verdict(str(properties["verdict"]))
    if verdict is Verdict.FAIL and not report.failed:
        return KNOWN if "known" in properties else ADVICE
    return LETTERS[verdict]
