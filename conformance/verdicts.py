"""Verdicts: what became of each clause, from the evidence alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from . import rfc
from .clause import OPTIONAL_INPUTS, Catalogue, Clause
from .history import History
from .judgement import Finding, Inapplicable, Judgement, Undecided, Verdict
from .known import Known


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a clause: its verdict, and why.

    ``because`` are the clauses whose failure blocks it; ``wanting`` those it rests on that could not be judged.
    """

    verdict: Verdict
    judgement: Judgement = field(default_factory=Judgement)
    reason: str = ""
    because: tuple[str, ...] = ()
    wanting: tuple[str, ...] = ()


class Verdicts:
    """The outcomes of a catalogue's clauses. ``stopped`` says why nothing could be judged, where that is so.

    ``ended`` says why no more was asked, where that is so: what was asked till then is judged.
    """

    def __init__(self, known: Known, catalogue: Catalogue) -> None:
        self.known = known
        self.catalogue = catalogue
        self.stopped = self.ended = ""

    def outcome(self, id: str) -> Outcome:
        """What became of one clause."""
        return self.known.once(
            f"outcome of {id} {self.stopped or self.ended}", lambda: self._outcome(self.catalogue[id])
        )

    def _outcome(self, clause: Clause) -> Outcome:
        if reason := nothing_to_ask(clause, self.known):
            return Outcome(Verdict.NOT_APPLICABLE, reason=reason)
        if self.stopped:
            return Outcome(Verdict.INCONCLUSIVE, reason=self.stopped)
        return self._from_foundations(clause) or self._from_evidence(clause)

    def _from_foundations(self, clause: Clause) -> Outcome | None:
        """Blocked or inconclusive by a clause that it rests on; None where it can be judged itself."""
        below = {one: self.outcome(one) for one in clause.rests_on if one in self.catalogue}
        if because := tuple(dict.fromkeys(root for one, outcome in below.items() for root in _roots(one, outcome))):
            return Outcome(Verdict.BLOCKED, because=because)
        unjudged = ((one, outcome) for one, outcome in below.items() if outcome.verdict is Verdict.INCONCLUSIVE)
        if wanting := tuple(dict.fromkeys(root for one, outcome in unjudged for root in outcome.wanting or [one])):
            reason = f"it rests on {' and '.join(wanting)}, which could not be judged"
            return Outcome(Verdict.INCONCLUSIVE, reason=reason, wanting=wanting)
        return None

    def history(self, clause: Clause) -> History:
        """The takes in which a clause was asked, and what they come to by themselves."""
        return History(self.known, clause, self.ended)

    def stands(self, clause: Clause) -> bool:
        """Whether nothing that a clause rests on keeps it from being judged, as far as is known yet."""
        known = tuple(
            one for one in clause.rests_on if one in self.catalogue and not self._pending(self.catalogue[one])
        )
        return self._from_foundations(replace(clause, rests_on=known)) is None

    def _pending(self, clause: Clause) -> bool:
        """Whether a clause, or one that it rests on, has still to be asked."""
        below = (self.catalogue[one] for one in clause.rests_on if one in self.catalogue)
        return bool(clause.asks and not self.history(clause).takes) or any(self._pending(one) for one in below)

    def _from_evidence(self, clause: Clause) -> Outcome:
        try:
            return self._of_itself(clause, self.history(clause).judgement())
        except Undecided as undecided:
            return Outcome(Verdict.INCONCLUSIVE, reason=str(undecided))
        except Inapplicable as inapplicable:
            return Outcome(Verdict.NOT_APPLICABLE, reason=str(inapplicable))

    def _of_itself(self, clause: Clause, judgement: Judgement) -> Outcome:
        """The outcome of a judgement less what another clause owns; blocked by that one where nothing else is found."""
        owners = {finding: self._owner(clause, finding) for finding in judgement.findings}
        own = tuple(finding for finding, owner in owners.items() if not owner)
        if owners and not own:
            return Outcome(Verdict.BLOCKED, because=tuple(dict.fromkeys(owners.values())))
        return _outcome_of(replace(judgement, findings=own))

    def _owner(self, clause: Clause, finding: Finding) -> str:
        """The clause that is red for the failure in the place of an answer that a finding shows; empty if none is."""
        owners = (one.id for one in self.catalogue if finding.failure in one.owns and one is not clause)
        return next((id for id in owners if self.outcome(id).verdict is Verdict.FAIL), "")


def nothing_to_ask(clause: Clause, known: Known) -> str:
    """Why a clause asks nothing of this target: inputs that were not given, or a document without its source."""
    if missing := missing_inputs(clause, known):
        return f"{_listed(missing)} not given"
    return (
        "" if rfc.link(clause.source) or known.document.has(clause.source) else f"the document has no {clause.source}"
    )


def missing_inputs(clause: Clause, known: Known) -> list[str]:
    """The options of the optional inputs that a clause needs and was not given."""
    return [OPTIONAL_INPUTS[name] for name in clause.needs if name not in known.target.given]


def _listed(options: Sequence[str]) -> str:
    return f"{' and '.join(options)} {'was' if len(options) == 1 else 'were'}"


def _outcome_of(judgement: Judgement) -> Outcome:
    if judgement.findings:
        return Outcome(Verdict.FAIL, judgement.merged())
    if not judgement.values:
        return Outcome(Verdict.INCONCLUSIVE, judgement, "there was nothing to look at")
    return Outcome(Verdict.PASS, judgement)


def _roots(id: str, outcome: Outcome) -> Iterator[str]:
    """The clauses whose failure blocks what rests on this one."""
    if outcome.verdict is Verdict.FAIL:
        yield id
    elif outcome.verdict is Verdict.BLOCKED:
        yield from outcome.because
