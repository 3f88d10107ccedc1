"""What the evidence of a run shows of its target: lists, readings, paging, and whether the fleet moved meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from contracts import Document
from contracts import readings as open_readings

from .answer import Listing, Reply
from .evidence import SHAKEN, Evidence, Take
from .exchange import Exchange
from .machines import rules
from .paging import CONVENTIONS, TELLING, Convention, Paging, Seen, find
from .probe import SAFE_METHODS, Probe
from .probes import Probes
from .readings import Readings, settle, shown_by_lists, shown_by_party
from .shape import Shape
from .target import Target

Made = TypeVar("Made")

AROUND = -1
"""In the place of a take's number, that a machine was shown by a list around one."""

FEW = 5
"""Machines of which a list that changes by itself may lose all between two looks at it."""

NOT_OF_MACHINES = frozenset({"vm_servers", "code", "party", "paging"})
"""Readings that change nothing about a machine's own schema, which takes longer to derive than to use."""


def _content_type(exchange: Exchange) -> str | None:
    return exchange.response.header("Content-Type") if exchange.response else None


class Known:
    """The evidence of one run, read with the document; grows with the evidence and never asks.

    ``pinned`` are readings by name; ``draw`` makes the drawn requests, by kind, when they are first named; ``seed`` is
    what everything drawn comes from; ``exhaustive`` asks for every machine on pages of every kind.
    """

    def __init__(
        self,
        document: Document,
        target: Target,
        evidence: Evidence,
        *,
        pinned: Mapping[str, str],
        draw: Callable[[], Mapping[str, Sequence[Probe]]],
        seed: int,
        exhaustive: bool = False,
    ) -> None:
        self.document = document
        self.target = target
        self.evidence = evidence
        self.pinned = pinned
        self.probes = Probes(document, target)
        self.seed = seed
        self.exhaustive = exhaustive
        self._draw = draw
        self._made: dict[str, tuple[int, Any]] = {}
        self._open = tuple(open_readings(document))
        self._shapes: dict[tuple[tuple[str, str], ...], Shape] = {}

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """A value made of the evidence, kept until there is more of it."""
        age = len(self.evidence.takes)
        if name not in self._made or self._made[name][0] != age:
            self._made[name] = (age, make())
        made: Made = self._made[name][1]
        return made

    def read(self, exchange: Exchange) -> Reply:
        """An exchange read as this document means it."""
        return Reply(exchange, self.document.container.name)

    @property
    def drawn(self) -> Mapping[str, Sequence[Probe]]:
        """The requests drawn for this run."""
        return self._draw()

    @property
    def latest(self) -> Exchange | None:
        """The good request's last exchange, with nothing asked after it; None before the preflight."""
        return self.evidence.takes[-1].after if self.evidence.takes else self.evidence.preflight

    @property
    def goods(self) -> Sequence[Reply]:
        """The replies to every ask of the good request, equal ones once."""
        return self.once("goods", self._goods)

    def _goods(self) -> list[Reply]:
        asked = [self.evidence.preflight, *(take.after for take in self.evidence.takes)]
        distinct = {exchange.outcome: self.read(exchange) for exchange in reversed(asked) if exchange}
        return list(reversed(distinct.values()))

    @property
    def served(self) -> Sequence[Reply]:
        """The replies by 200 to requests that any conforming target answers with a list, equal ones once."""
        return self.once("served", self._served)

    def _served(self) -> list[Reply]:
        owed = (one for one in self.evidence.exchanges() if one.status == 200 and self.probes.is_owed_a_list(one.probe))
        return list({(one.body, _content_type(one)): self.read(one) for one in owed}.values())

    @property
    def lists(self) -> Sequence[Listing]:
        """The lists of machines that were answered, equal ones once."""
        return self.once("lists", lambda: list(self._lists()))

    def _lists(self) -> Iterator[Listing]:
        seen: set[bytes] = set()
        for exchange in self.evidence.exchanges():
            reply = self.read(exchange)
            found = reply.listing
            if reply.status == 200 and found is not None and exchange.body not in seen:
                seen.add(exchange.body)
                yield found

    @property
    def readings(self) -> Readings:
        """How the target reads what the document leaves open."""
        return self.once("readings", self._readings)

    def _readings(self) -> Readings:
        found = self._conventions()
        shown = {
            **shown_by_lists(self.lists),
            "party": self._shown_party(),
            "paging": str(found[0]) if len(found) == 1 else None,
        }
        return Readings({name: settle(shown[name], self.pinned.get(name)) for name in self._open})

    def _shown_party(self) -> str | None:
        without, unknown = (self._reply_to(probe) for probe in (self.probes.without_party, self.probes.unknown_party))
        if without is None or unknown is None or self.evidence.preflight is None:
            return None
        telling = unknown if without.machines else without
        if self._may_have_been_empty and telling.is_list and not telling.machines:
            return None
        return shown_by_party(without, unknown, good=self.read(self.evidence.preflight))

    @property
    def _may_have_been_empty(self) -> bool:
        """Whether the list, where it changes by itself, may have been empty for a moment that no control fell into."""
        return self.lively and min(self._lengths, default=0) <= FEW

    def _reply_to(self, probe: Probe) -> Reply | None:
        """The first reply to a probe, whichever clause asked it."""
        return next((self.read(exchange) for exchange in self.evidence.exchanges() if exchange.probe == probe), None)

    @property
    def shape(self) -> Shape:
        """The derived schema of a machine, under the readings known."""
        settled = tuple(sorted(pair for pair in self.readings.settled.items() if pair[0] not in NOT_OF_MACHINES))
        if settled not in self._shapes:
            plain = [rule.plain for rule in rules(self.document) if rule.plain is not None]
            self._shapes[settled] = Shape(self.document, dict(settled), plain)
        return self._shapes[settled]

    @property
    def paging(self) -> Paging | None:
        """The paging conventions to judge by: the pinned one, or those that explain what was seen; None for none."""
        pinned = self.pinned.get("paging")
        conventions = [one for one in CONVENTIONS if str(one) == pinned] if pinned else self.shown_paging
        return Paging(tuple(conventions), min(self._lengths, default=None)) if conventions else None

    @property
    def _lengths(self) -> list[int]:
        """How many machines stood in each whole list that was seen."""
        return [len(reply.machines) for reply in self.goods if reply.is_list]

    @property
    def shown_paging(self) -> tuple[Convention, ...]:
        """The paging conventions that explain what was seen, whatever is pinned."""
        return self.once("paging", self._conventions)

    def _conventions(self) -> tuple[Convention, ...]:
        return find([seen for take in self.evidence.takes for seen in self._telling(take)])

    def _telling(self, take: Take) -> list[Seen]:
        """The telling windows of a take in which all were asked and the list held still."""
        asked = {one.probe: one for id, replies in take.asked.items() if id != SHAKEN for one in replies.values()}
        whole = self.read(take.before).listing
        probes = [self.probes.window(window) for window in TELLING]
        if whole is None or not self.ids_still(take) or any(probe not in asked for probe in probes):
            return []
        if self.lively and not {*whole.ids}.issuperset(name for probe in probes for name in self._ids(asked[probe])):
            # A machine came and went meanwhile, which shifts windows as another convention does.
            return []
        return [Seen(window, self.read(asked[probe]), whole) for window, probe in zip(TELLING, probes, strict=True)]

    def label(self, id: str, exchange: Exchange) -> str:
        """What a clause calls the probe of an exchange that it asked."""
        asked = (take.asked.get(id, {}) for take in self.evidence.takes)
        return next(label for one in asked for label, theirs in one.items() if theirs is exchange)

    @property
    def asked(self) -> frozenset[str]:
        """The ids of the clauses whose probes were asked."""
        return frozenset(id for take in self.evidence.takes for id in take.asked)

    @property
    def controlled(self) -> bool:
        """Whether the good requests around the last take were answered 200."""
        return not self.evidence.takes or self.evidence.takes[-1].controlled

    def still(self, take: Take) -> bool:
        """Whether the list was the same before and after a take."""
        return take.still(self.document.container.name)

    def ids_still(self, take: Take) -> bool:
        """Whether the list was the same before and after a take but for the machines' records."""
        return take.ids_still(self.document.container.name)

    def fleeting(self, take: Take, id: str) -> bool:
        """Whether a clause was shown a machine in one take that nothing else of the run shows, by a list that changes.

        It came and went meanwhile, so that the lists around the take say nothing of those within; a machine that is
        listed in error is listed again when it is asked for again.
        """
        if not self.lively:
            return False
        only = {number for number, one in enumerate(self.evidence.takes) if one is take}
        shown = self.once("where machines were shown", self._where_shown)
        return any(shown[name] == only for reply in take.asked[id].values() for name in self._ids(reply))

    def _where_shown(self) -> Mapping[Any, set[int]]:
        """The numbers of the takes that show a machine, by its id; what the lists around a take show is of none."""
        shown: dict[Any, set[int]] = defaultdict(set)
        for number, take in enumerate(self.evidence.takes):
            for reply in (reply for replies in take.asked.values() for reply in replies.values()):
                for name in self._ids(reply):
                    shown[name].add(number)
            for name in (*self._ids(take.before), *self._ids(take.after)):
                shown[name].add(AROUND)
        return shown

    def _ids(self, exchange: Exchange) -> Sequence[Any]:
        listing = self.read(exchange).listing
        return listing.ids if listing else ()

    @property
    def snapshots(self) -> Sequence[Exchange]:
        """The good request's exchanges, each of which shows the whole list as it was then; equal ones once."""
        return [reply.exchange for reply in self.goods if reply.is_list]

    @property
    def lively(self) -> bool:
        """Whether the list was ever seen to change during the run."""
        return self.once(
            "lively", lambda: not all(self.still(take) for take in self.evidence.takes if self._harmless(take))
        )

    def differs(self, probe: Probe) -> bool:
        """Whether a probe, asked again, was ever shown another list than at first."""
        asked = (self.read(one) for one in self.evidence.exchanges() if one.probe.again(probe.repetition) == probe)
        lists = [reply.listing for reply in asked if reply.listing is not None]
        return not all(lists[0].same_machines(one) for one in lists[1:])

    def _harmless(self, take: Take) -> bool:
        return all(exchange.probe.method in SAFE_METHODS for one in take.asked.values() for exchange in one.values())
