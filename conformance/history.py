"""History: what a clause says of each take in which its probes were asked, and what that comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .clause import Clause
from .evidence import Take
from .exchange import Exchange
from .judgement import Inapplicable, Judgement, Moved, Undecided
from .known import Known
from .sight import sight_of

CONFIRMED = 2
"""How often a fault has to show before it is one, where lists are held against each other."""

CONFIRMED_LIVE = 3
"""The same of a list that is seen to change: never absent, and where lists are compared, in the same request."""

ONCE = "a fault showed, but not each time that it was looked for, as it would where the list changes"
"""Why a clause is not told by a fault that was not confirmed."""

UNCONTROLLED = "a good request, just before or after its probes, was not answered 200: what they met says nothing then"
"""Why a clause is not told by what was asked of a target that was unwell."""


class History:
    """The takes in which a clause was asked. ``ended`` says why no more was asked, where that is so."""

    def __init__(self, known: Known, clause: Clause, ended: str = "") -> None:
        self._known = known
        self._movement = known.movement
        self._clause = clause
        self._ended = ended

    @property
    def takes(self) -> Sequence[Take]:
        """The takes, in the order in which they were asked."""
        return [take for take in self._known.evidence.takes if self._clause.id in take.asked]

    def judgement(self) -> Judgement:
        """What the takes come to; Undecided or Inapplicable where they tell nothing, with the reason."""
        if not self.takes:
            self._check_unasked()
            return self._in(None)
        if not self._controlled:
            raise Undecided(UNCONTROLLED)
        judgement = self._compared() if self._clause.compares else self._judged()
        return self._shrunk(judgement) if self._clause.drawn else judgement

    @property
    def settled(self) -> bool:
        """Whether the clause needs no further take: a still list showed it green once, or red often enough.

        A fault that shows now and then, in a list that never moves, is looked for until it has shown often enough.
        """
        try:
            judgements = [one for _, one in (self._still() if self._clause.compares else self._told())]
        except Moved:
            return False
        except (Undecided, Inapplicable):
            return True
        reds = sum(bool(one.findings) for one in judgements)
        enough = CONFIRMED_LIVE if self._movement.lively else CONFIRMED
        return reds >= enough or (bool(judgements) and self._forgiven(judgements, reds))

    def breaches(self, take: Take) -> dict[str, frozenset[str]]:
        """The kinds of breach that each of a take's simpler requests shows by itself, by its label."""
        name = self._clause.simpler
        alone = {label: replace(take, asked={name: {label: one}}) for label, one in take.asked[name].items()}
        judged = {label: self._in(one, name) for label, one in alone.items()}
        return {label: frozenset(finding.kind for finding in one.findings) for label, one in judged.items()}

    def _check_unasked(self) -> None:
        """Raise why nothing was asked: the clause's own reason where it has one; nothing where it had no probes."""
        if self._clause.asks and sight_of(self._known, self._clause, None).call(self._clause.asks):
            raise Undecided(self._ended or "nothing was asked for it")

    def _forgiven(self, judgements: Sequence[Judgement], reds: int) -> bool:
        """Whether what was right the last time need not be asked again."""
        last = judgements[-1]
        # In a list that moves, what was asked may have shown nothing to compare.
        if last.findings or (self._movement.lively and not last.values):
            return False
        if last.tells:
            return self._movement.lively or not reds
        return not reds and (not self._movement.lively or len(judgements) >= CONFIRMED_LIVE)

    # -- take by take

    @property
    def _controlled(self) -> Sequence[Take]:
        """The takes of a target that was well."""
        return [take for take in self.takes if take.controlled]

    def _told(self) -> Iterator[tuple[Take, Judgement]]:
        """What the clause says of takes, less what looks wrong where a machine came and went meanwhile.

        Raises Moved where each of them shows nothing, because what it looks at changed.
        """
        told, moved = False, None
        for take in self._controlled:
            try:
                judgement = self._in(take)
            except Moved as one:
                moved = one
                continue
            told = True
            repeated = self._clause.compares or self._clause.confirmed
            if not (judgement.findings and repeated and self._movement.explains(take, self._clause.id)):
                yield take, judgement
        if moved and not told:
            raise moved

    def _in(self, take: Take | None, asked_as: str = "") -> Judgement:
        judged: Judgement = sight_of(self._known, self._clause, take, asked_as).call(self._clause.judge)
        return judged

    def _shrunk(self, judgement: Judgement) -> Judgement:
        """The judgement, each of its findings shown by the smallest request that was found to break the clause so."""
        takes = [take for take in self._known.evidence.takes if self._clause.simpler in take.asked]
        fair = (take for take in takes if (self._movement.still(take) if self._clause.compares else take.controlled))
        return judgement.shown_by([self._in(take, self._clause.simpler) for take in fair])

    # -- of a clause that judges each reply for itself

    def _judged(self) -> Judgement:
        told = [one for _, one in self._told()]
        if not told:
            raise Undecided(f"machines came and went during each of {len(self._controlled)} attempts")
        told = [one for one in told if one.tells] or told
        reds = [one for one in told if one.findings]
        if not reds:
            return told[-1]
        return self._weighed(reds, [one for one in told if not one.findings]) if self._clause.confirmed else reds[0]

    def _weighed(self, reds: Sequence[Judgement], greens: Sequence[Judgement]) -> Judgement:
        """What a row comes to that looked wrong when it was asked, and right when it was asked again, or not once."""
        # What crashes in a row beside others, and not in the next, is told by the clauses of stability.
        if greens and all(map(_is_of_crashes, reds)):
            return greens[0]
        # Where the list changes by itself, what it may explain among right ones is forgiven.
        if self._movement.lively and all(map(_may_be_movement, reds)):
            if greens:
                return greens[0]
            if len(reds) < CONFIRMED_LIVE:
                raise Undecided(ONCE)
        # Nor is once enough where it was not: a list may have been another one for less than a moment.
        if greens and sum(map(_sightings, reds)) < CONFIRMED:
            raise Undecided(ONCE)
        return min(reds, key=_may_be_movement)

    # -- of a clause that holds lists against each other

    def _compared(self) -> Judgement:
        """What the clause says of the takes in which the list held still."""
        judged = self._still()
        if not judged:
            raise Undecided(f"the list changed during each of {len(self.takes)} attempts to compare")
        reds = [(take, one) for take, one in judged if one.findings]
        if not reds:
            return next((one for _, one in reversed(judged) if one.values), judged[-1][1])
        # One take alone, of a list that never moved, is what was kept of a run that was judged otherwise.
        if not self._confirmed(reds, len(judged)) and (self._movement.lively or len(judged) > len(reds)):
            raise Undecided(ONCE)
        return reds[-1][1]

    def _confirmed(self, reds: Sequence[tuple[Take, Judgement]], of: int) -> bool:
        """Whether a fault showed often enough; where the list changes by itself, each time and in the same request."""
        if not self._movement.lively:
            return len(reds) >= CONFIRMED
        labels = [self._labels_red(take) for take, _ in reds]
        same = frozenset.intersection(*labels)
        return len(reds) >= CONFIRMED_LIVE and len(reds) == of and (bool(same) or not any(labels))

    def _still(self) -> list[tuple[Take, Judgement]]:
        """Each take that tells something, and what the clause says of it.

        That is one in which the list held still, unless what is wrong by it is right by another list that was seen; or
        one in which the list changed, and yet each reply is right by some list that was seen: but a convention of
        paging, of which any may explain a single window, shows only where the list holds still.
        """
        told = []
        for take, judgement in self._told():
            still = self._movement.ids_still(take) if self._clause.shows_paging else self._movement.still(take)
            explained = (judgement.findings or not still) and self._explained(take)
            if still and not explained:
                told.append((take, judgement))
            elif explained and not still and not self._clause.shows_paging:
                told.append((take, replace(judgement, findings=())))
        return told

    def _explained(self, take: Take) -> bool:
        """Whether each reply, by itself, is right by some list that was seen: any may have been there for a moment."""
        lists = self._lists(take)
        return len(lists) > 1 and not any(self._red(take, label, lists) for label in take.asked[self._clause.id])

    def _labels_red(self, take: Take) -> frozenset[str]:
        """The requests of a take whose replies no list that was seen makes right."""
        lists = self._lists(take)
        return frozenset(label for label in take.asked[self._clause.id] if self._red(take, label, lists))

    def _red(self, take: Take, label: str, lists: Sequence[Exchange]) -> bool:
        """Whether one reply of a take is wrong by itself, whichever of some lists it is held to."""
        id = self._clause.id
        alone = replace(take, asked={id: {label: take.asked[id][label]}})
        return all(self._in(replace(alone, before=one)).findings for one in lists)

    def _lists(self, take: Take) -> Sequence[Exchange]:
        """The list before a take, and those that were seen of other machines."""
        whole = self._known.read(take.before).listing
        found = ((one, self._known.read(one).listing) for one in self._known.snapshots)
        others = (
            one
            for one, listing in found
            if listing is not None and whole is not None and not listing.same_machines(whole)
        )
        return [take.before, *others]


def _is_of_crashes(judgement: Judgement) -> bool:
    """Whether all that is wrong is of requests that were not answered, or by a 5xx."""
    return all(any((one.status or 500) >= 500 for one in finding.exchanges) for finding in judgement.findings)


def _may_be_movement(judgement: Judgement) -> bool:
    """Whether all that is wrong is of a kind that a list which changes by itself looks like."""
    return all(finding.moves for finding in judgement.findings)


def _sightings(judgement: Judgement) -> int:
    """How often what is wrong was seen."""
    return sum(1 + finding.more for finding in judgement.findings)
