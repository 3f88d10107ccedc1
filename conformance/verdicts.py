"""Verdicts: what became of each clause, from the evidence alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from . import rfc
from .clause import OPTIONAL_INPUTS, Catalogue, Clause
from .evidence import Take
from .exchange import Exchange
from .judgement import Finding, Inapplicable, Judgement, Moved, Undecided, Verdict
from .known import Known
from .sight import Sight

CONFIRMED = 2
"""How often a fault has to show before it is one, where lists are held against each other."""

CONFIRMED_LIVE = 3
"""The same of a list that is seen to change: never absent, and where lists are compared, in the same request."""

ONCE = "a fault showed, but not each time that it was looked for, as it would where the list changes"
"""Why a clause is not told by a fault that was not confirmed."""

UNCONTROLLED = "a good request, just before or after its probes, was not answered 200: what they met says nothing then"
"""Why a clause is not told by what was asked of a target that was unwell."""


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

    def stands(self, clause: Clause) -> bool:
        """Whether nothing that a clause rests on keeps it from being judged, as far as is known yet."""
        known = tuple(
            one for one in clause.rests_on if one in self.catalogue and not self._pending(self.catalogue[one])
        )
        return self._from_foundations(replace(clause, rests_on=known)) is None

    def _pending(self, clause: Clause) -> bool:
        """Whether a clause, or one that it rests on, has still to be asked."""
        below = (self.catalogue[one] for one in clause.rests_on if one in self.catalogue)
        return bool(clause.asks and not self._takes(clause)) or any(self._pending(one) for one in below)

    def _from_evidence(self, clause: Clause) -> Outcome:
        try:
            judgement = self._compared(clause) if clause.compares else self._judged(clause)
            return self._of_itself(clause, self._shrunk(clause, judgement) if clause.drawn else judgement)
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

    def _judged(self, clause: Clause) -> Judgement:
        """What a clause says that judges each reply for itself."""
        if not clause.asks:
            return self._in(clause, None)
        takes = self._takes(clause)
        if not takes:
            self._check_unasked(clause)
            return self._in(clause, None)
        controlled = [take for take in takes if take.controlled]
        if not controlled:
            raise Undecided(UNCONTROLLED)
        told = [one for _, one in self._told(clause, controlled)]
        if not told:
            raise Undecided(f"machines came and went during each of {len(controlled)} attempts")
        told = [one for one in told if one.tells] or told
        reds = [one for one in told if one.findings]
        if not reds:
            return told[-1]
        return self._weighed(reds, [one for one in told if not one.findings]) if clause.confirmed else reds[0]

    def _weighed(self, reds: Sequence[Judgement], greens: Sequence[Judgement]) -> Judgement:
        """What a row comes to that looked wrong when it was asked, and right when it was asked again, or not once."""
        # What crashes in a row beside others, and not in the next, is told by the clauses of stability.
        if greens and all(map(_is_of_crashes, reds)):
            return greens[0]
        # Where the list changes by itself, what it may explain among right ones is forgiven.
        if self.known.movement.lively and all(map(_may_be_movement, reds)):
            if greens:
                return greens[0]
            if len(reds) < CONFIRMED_LIVE:
                raise Undecided(ONCE)
        # Nor is once enough where it was not: a list may have been another one for less than a moment.
        if greens and sum(map(_sightings, reds)) < CONFIRMED:
            raise Undecided(ONCE)
        return min(reds, key=_may_be_movement)

    def _told(self, clause: Clause, takes: Sequence[Take]) -> Iterator[tuple[Take, Judgement]]:
        """What a clause says of takes, less what looks wrong where a machine came and went meanwhile.

        Raises Moved where each of them shows nothing, because what it looks at changed.
        """
        told, moved = False, None
        for take in takes:
            try:
                judgement = self._in(clause, take)
            except Moved as one:
                moved = one
                continue
            told = True
            repeated = clause.compares or clause.confirmed
            if not (judgement.findings and repeated and self.known.movement.explains(take, clause.id)):
                yield take, judgement
        if moved and not told:
            raise moved

    def _compared(self, clause: Clause) -> Judgement:
        """What a clause says that holds lists against each other: only of takes in which the list held still."""
        takes = self._takes(clause)
        judged = self._still(clause)
        if not takes:
            self._check_unasked(clause)
            return self._in(clause, None)
        if not judged:
            if not any(take.controlled for take in takes):
                raise Undecided(UNCONTROLLED)
            raise Undecided(f"the list changed during each of {len(takes)} attempts to compare")
        reds = [(take, one) for take, one in judged if one.findings]
        if not reds:
            return next((one for _, one in reversed(judged) if one.values), judged[-1][1])
        # One take alone, of a list that never moved, is what was kept of a run that was judged otherwise.
        if not self._confirmed(clause, reds, len(judged)) and (self.known.movement.lively or len(judged) > len(reds)):
            raise Undecided(ONCE)
        return reds[-1][1]

    def _confirmed(self, clause: Clause, reds: Sequence[tuple[Take, Judgement]], of: int) -> bool:
        """Whether a fault showed often enough; where the list changes by itself, each time and in the same request."""
        if not self.known.movement.lively:
            return len(reds) >= CONFIRMED
        labels = [self._labels_red(clause, take) for take, _ in reds]
        same = frozenset.intersection(*labels)
        return len(reds) >= CONFIRMED_LIVE and len(reds) == of and (bool(same) or not any(labels))

    def _labels_red(self, clause: Clause, take: Take) -> frozenset[str]:
        """The requests of a take whose replies no list that was seen makes right."""
        lists = [take.before, *self._others(take)]
        return frozenset(label for label in take.asked[clause.id] if self._red(clause, take, label, lists))

    def _check_unasked(self, clause: Clause) -> None:
        """Raise why nothing was asked for a clause: its own reason where it has one; nothing where it had no probes."""
        if clause.asks and sight_of(self.known, clause, None).call(clause.asks):
            raise Undecided(self.ended or "nothing was asked for it")

    def settled(self, clause: Clause) -> bool:
        """Whether a clause needs no further take: a still list showed it green once, or red often enough.

        A fault that shows now and then, in a list that never moves, is looked for until it has shown often enough.
        """
        try:
            judgements = [one for _, one in self._still(clause)] if clause.compares else self._rows(clause)
        except Moved:
            return False
        except (Undecided, Inapplicable):
            return True
        reds = sum(bool(one.findings) for one in judgements)
        enough = CONFIRMED_LIVE if self.known.movement.lively else CONFIRMED
        return reds >= enough or (bool(judgements) and self._forgiven(judgements, reds))

    def _forgiven(self, judgements: Sequence[Judgement], reds: int) -> bool:
        """Whether what was right the last time need not be asked again."""
        last = judgements[-1]
        # In a list that moves, what was asked may have shown nothing to compare.
        if last.findings or (self.known.movement.lively and not last.values):
            return False
        if last.tells:
            return self.known.movement.lively or not reds
        return not reds and (not self.known.movement.lively or len(judgements) >= CONFIRMED_LIVE)

    def _rows(self, clause: Clause) -> list[Judgement]:
        """What a clause says of each row that was asked in order."""
        return [one for _, one in self._told(clause, self._takes(clause))]

    def _still(self, clause: Clause) -> list[tuple[Take, Judgement]]:
        """Each take that tells something, and what the clause says of it.

        That is one in which the list held still, unless what is wrong by it is right by another list that was seen; or
        one in which the list changed, and yet each reply is right by some list that was seen: but a convention of
        paging, of which any may explain a single window, shows only where the list holds still.
        """
        told = []
        for take, judgement in self._told(clause, [take for take in self._takes(clause) if take.controlled]):
            still = self.known.movement.ids_still(take) if clause.shows_paging else self.known.movement.still(take)
            explained = (judgement.findings or not still) and self._explained(clause, take)
            if still and not explained:
                told.append((take, judgement))
            elif explained and not still and not clause.shows_paging:
                told.append((take, replace(judgement, findings=())))
        return told

    def _explained(self, clause: Clause, take: Take) -> bool:
        """Whether each reply, by itself, is right by some list that was seen: any may have been there for a moment."""
        lists = [take.before, *self._others(take)]
        return len(lists) > 1 and not any(self._red(clause, take, label, lists) for label in take.asked[clause.id])

    def _others(self, take: Take) -> list[Exchange]:
        """The lists that were seen other than the one before a take."""
        whole = self.known.read(take.before).listing
        found = ((one, self.known.read(one).listing) for one in self.known.snapshots)
        return [
            one
            for one, listing in found
            if listing is not None and whole is not None and not listing.same_machines(whole)
        ]

    def _right(self, clause: Clause, take: Take, label: str, exchange: Exchange, whole: Exchange) -> bool:
        """Whether one reply of a take is right by a list."""
        alone = replace(take, before=whole, asked={clause.id: {label: exchange}})
        return not self._in(clause, alone).findings

    def _red(self, clause: Clause, take: Take, label: str, lists: Sequence[Exchange]) -> bool:
        """Whether one reply of a take is wrong by itself, whichever of some lists it is held to."""
        return not any(self._right(clause, take, label, take.asked[clause.id][label], one) for one in lists)

    def _shrunk(self, clause: Clause, judgement: Judgement) -> Judgement:
        """The judgement, each of its findings shown by the smallest request that was found to break the clause so."""
        takes = [take for take in self.known.evidence.takes if clause.simpler in take.asked]
        fair = (take for take in takes if (self.known.movement.still(take) if clause.compares else take.controlled))
        return judgement.shown_by([self._in(clause, take, clause.simpler) for take in fair])

    def breaches(self, clause: Clause, take: Take) -> dict[str, frozenset[str]]:
        """The kinds of breach that each of a take's simpler requests shows by itself, by its label."""
        name = clause.simpler
        alone = {label: replace(take, asked={name: {label: one}}) for label, one in take.asked[name].items()}
        judged = {label: self._in(clause, one, name) for label, one in alone.items()}
        return {label: frozenset(finding.kind for finding in one.findings) for label, one in judged.items()}

    def _takes(self, clause: Clause) -> Sequence[Take]:
        return [take for take in self.known.evidence.takes if clause.id in take.asked]

    def _in(self, clause: Clause, take: Take | None, asked_as: str = "") -> Judgement:
        judged: Judgement = sight_of(self.known, clause, take, asked_as).call(clause.judge)
        return judged


def _is_of_crashes(judgement: Judgement) -> bool:
    """Whether all that is wrong is of requests that were not answered, or by a 5xx."""
    return all(any((one.status or 500) >= 500 for one in finding.exchanges) for finding in judgement.findings)


def _may_be_movement(judgement: Judgement) -> bool:
    """Whether all that is wrong is of a kind that a list which changes by itself looks like."""
    return all(finding.moves for finding in judgement.findings)


def _sightings(judgement: Judgement) -> int:
    """How often what is wrong was seen."""
    return sum(1 + finding.more for finding in judgement.findings)


def sight_of(known: Known, clause: Clause, take: Take | None, asked_as: str = "") -> Sight:
    """What a clause sees: one take of its own, or else the good request's last exchange and no probes.

    ``asked_as`` is what the take has the probes under, where that is not the clause's id.
    """
    none: Mapping[str, Exchange] = {}
    if take is None:
        return Sight(known, clause, known.latest, none)
    return Sight(known, clause, take.before, take.asked.get(asked_as or clause.id, none))


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
