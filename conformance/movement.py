"""Movement: whether a target's list changes by itself, and what it may have shown between two looks at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from .answer import Machine, Reply, Terms, identity
from .evidence import Evidence, Take
from .exchange import Exchange
from .probe import SAFE_METHODS, Probe

Made = TypeVar("Made")

AROUND = -1
"""In the place of a take's number, that a machine was shown by a list around one."""

UPDATES = 3
"""Different moments of its last update by which a machine shows that it is always being updated."""


class Growing:
    """What is made of evidence while there comes more of it, read in a document's terms."""

    def __init__(self, evidence: Evidence, terms: Terms) -> None:
        self.evidence = evidence
        self.terms = terms
        self._made: dict[str, tuple[int, Any]] = {}

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """A value made of the evidence, kept until there is more of it."""
        age = len(self.evidence.takes)
        if name not in self._made or self._made[name][0] != age:
            self._made[name] = (age, make())
        made: Made = self._made[name][1]
        return made

    def read(self, exchange: Exchange) -> Reply:
        """An exchange read as this document means it."""
        return Reply(exchange, self.terms)


class Movement(Growing):
    """How the good request's list moves while other things are asked; what it may explain is no fault."""

    @property
    def goods(self) -> Sequence[Reply]:
        """The replies to every ask of the good request, of equal ones in a row the first and the last."""
        return self.once("goods", self._goods)

    def _goods(self) -> list[Reply]:
        asked = [self.evidence.preflight, *(take.after for take in self.evidence.takes)]
        kept: list[Exchange] = []
        for exchange in filter(None, asked):
            if len({(one.status, one.body) for one in (*kept[-2:], exchange)}) == 1 and len(kept) > 1:
                kept.pop()
            kept.append(exchange)
        return [self.read(exchange) for exchange in kept]

    def still(self, take: Take) -> bool:
        """Whether the list was the same before and after a take."""
        return take.still(self.terms)

    def ids_still(self, take: Take) -> bool:
        """Whether the list was the same before and after a take but for the machines' records."""
        return take.ids_still(self.terms)

    @property
    def lively(self) -> bool:
        """Whether the list was ever seen to change during the run."""
        return self.once("lively", lambda: not all(self.still(take) for take in self.evidence.takes if _harmless(take)))

    def differs(self, probe: Probe) -> bool:
        """Whether a probe, asked again, was ever shown other machines than at first, or in another order."""
        asked = (self.read(one) for one in self.evidence.exchanges() if one.probe.again(probe.repetition) == probe)
        lists = [reply.listing for reply in asked if reply.listing is not None]
        return not all(lists[0].same_ids(one) for one in lists[1:])

    def explains(self, take: Take, id: str) -> bool:
        """Whether what a clause was shown in a take may be the list of a moment between the two around the take.

        It shows a machine that nothing else of the run shows: it came and went meanwhile, while one that is listed in
        error is listed again when it is asked for again. Or it shows a machine that is always being updated, with
        another record in nothing but what changes in it.
        """
        if not self.lively:
            return False
        replies = take.asked[id].values()
        return any(map(self._shown_in(take), replies)) or any(self._updated(take.before, reply) for reply in replies)

    def _shown_in(self, take: Take) -> Callable[[Exchange], bool]:
        """A rule: whether an exchange shows a machine that is shown in one take alone."""
        only = {number for number, one in enumerate(self.evidence.takes) if one is take}
        shown = self.once("where machines were shown", self._where_shown)
        return lambda exchange: any(shown[name] == only for name in self.ids(exchange))

    def _where_shown(self) -> Mapping[Any, set[int]]:
        """The numbers of the takes that show a machine, by its id; what the lists around a take show is of none."""
        shown: dict[Any, set[int]] = defaultdict(set)
        for number, take in enumerate(self.evidence.takes):
            for reply in (reply for replies in take.asked.values() for reply in replies.values()):
                for name in self.ids(reply):
                    shown[name].add(number)
            for name in (*self.ids(take.before), *self.ids(take.after)):
                shown[name].add(AROUND)
        return shown

    def ids(self, exchange: Exchange) -> Sequence[Any]:
        """The ids of the machines that an exchange lists."""
        listing = self.read(exchange).listing
        return listing.ids if listing else ()

    def _updated(self, whole: Exchange, exchange: Exchange) -> bool:
        """Whether a machine has another record than in a whole list, in nothing but what is always being updated."""
        updating = self.once("updating", self._updating)
        before = {identity(machine): machine for machine in self.read(whole).machines} if updating else {}
        for machine in self.read(exchange).machines if updating else ():
            name = identity(machine)
            changed = _differing(before.get(name, machine), machine) if name in updating else None
            if changed and changed <= updating[name]:
                return True
        return False

    def _updating(self) -> Mapping[Any, frozenset[str]]:
        """What changes of machines that are always being updated, as they say: `update_at` goes on, and never back."""
        seen: dict[Any, list[Machine]] = defaultdict(list)
        for machine in (machine for reply in self.goods for machine in reply.machines):
            if identity(machine) is not None:
                seen[identity(machine)].append(machine)
        return {name: _changing(records) for name, records in seen.items() if _goes_on(records)}


def _goes_on(records: Sequence[Machine]) -> bool:
    moments = [str(record.get("update_at")) for record in records]
    return len({*moments}) >= UPDATES and sorted(moments) == moments


def _changing(records: Sequence[Machine]) -> frozenset[str]:
    return frozenset().union(*(_differing(records[0], record) for record in records[1:]))


def _differing(one: Machine, other: Machine) -> frozenset[str]:
    """The fields in which two records differ."""
    return frozenset(name for name in {*one, *other} if one.get(name) != other.get(name))


def _harmless(take: Take) -> bool:
    return all(exchange.probe.method in SAFE_METHODS for one in take.asked.values() for exchange in one.values())
