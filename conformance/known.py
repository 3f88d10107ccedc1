"""What the evidence of a run shows of its target: lists, readings, paging, and how the fleet moved meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from contracts import Document, said
from contracts import readings as open_readings

from .answer import Listing, Reply, Terms
from .evidence import SHAKEN, Evidence, Take
from .exchange import Exchange
from .machines import rules
from .movement import Growing, Movement
from .paging import CONVENTIONS, Convention, Paging, Seen, find, telling
from .probe import Probe
from .probes import Probes
from .readings import Readings, settle, shown_by_lists, shown_by_party
from .shape import Shape
from .target import Target

FEW = 5
"""Machines of which a list that changes by itself may lose all between two looks at it."""

NOT_OF_MACHINES = frozenset({"vm_servers", "code", "party", "paging"})
"""Readings that change nothing about a machine's own schema, which takes longer to derive than to use."""


def _content_type(exchange: Exchange) -> str | None:
    return exchange.response.header("Content-Type") if exchange.response else None


class Known(Growing):
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
        super().__init__(evidence, Terms.of(document))
        self.document = document
        self.target = target
        self.movement = Movement(evidence, self.terms)
        self.pinned = pinned
        self.probes = Probes(document, target)
        self.seed = seed
        self.exhaustive = exhaustive
        self._draw = draw
        self.open = tuple(open_readings(document))
        self._shapes: dict[tuple[tuple[str, str], ...], Shape] = {}

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
        return self.movement.goods

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
        return Readings({name: settle(shown[name], self.pinned.get(name)) for name in self.open}, said(self.document))

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
        return self.movement.lively and min(self._lengths, default=0) <= FEW

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
        windows = telling(whole) if whole is not None else ()
        probes = [self.probes.window(window) for window in windows]
        if whole is None or not self.movement.ids_still(take) or any(probe not in asked for probe in probes):
            return []
        shown = {name for probe in probes for name in self.movement.ids(asked[probe])}
        if self.movement.lively and not shown.issubset(whole.ids):
            # A machine came and went meanwhile, which shifts windows as another convention does.
            return []
        return [Seen(window, self.read(asked[probe]), whole) for window, probe in zip(windows, probes, strict=True)]

    def label(self, id: str, exchange: Exchange) -> str:
        """What a clause calls the probe of an exchange that it asked."""
        asked = (take.asked.get(id, {}) for take in self.evidence.takes)
        return next(label for one in asked for label, theirs in one.items() if theirs is exchange)

    @property
    def asked(self) -> frozenset[str]:
        """The ids of the clauses whose probes were asked."""
        return frozenset(id for take in self.evidence.takes for id in take.asked)

    @property
    def ended(self) -> str:
        """Why no more was asked, where the asking ended before its time; else empty."""
        return str(self.evidence.footer.get("ended", ""))

    @property
    def controlled(self) -> bool:
        """Whether the good requests around the last take were answered 200."""
        return not self.evidence.takes or self.evidence.takes[-1].controlled

    @property
    def snapshots(self) -> Sequence[Exchange]:
        """Exchanges of the good request, for whatever it was asked: whole lists as they were then, equal ones once."""
        return self.once("snapshots", self._snapshots)

    def _snapshots(self) -> list[Exchange]:
        asked = (one for one in self.evidence.exchanges() if one.probe.again("") == self.probes.good)
        return list({one.body: one for one in asked if self.read(one).is_list}.values())
