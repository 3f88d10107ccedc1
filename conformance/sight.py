"""Sight: what a clause may see. Each public property is a view; a clause names the views it needs as its parameters."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, filterfalse, groupby
from operator import itemgetter
from typing import Any

from .answer import Listing, Reply
from .chunks import chunks
from .clause import Clause, views
from .evidence import SHAKEN, Take
from .exchange import Exchange
from .expect import Rule
from .judgement import Behaviour, Finding, Inapplicable, Judgement, Problem, Undecided, each
from .known import Known
from .machines import MachineRule
from .paging import CONVENTIONS, END, START, Convention, Paging, Seen, Window
from .probe import Probe
from .readings import Readings
from .shape import Shape

MACHINERY = frozenset({413, 414, 429, 431})
"""Refusals by HTTP machinery, which stands in front of the application and knows nothing of its errors."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The replies to a clause's own probes, in the order in which it asks them."""

    replies: Mapping[str, Reply]

    def __iter__(self) -> Iterator[Reply]:
        return iter(self.replies.values())

    def __getitem__(self, label: str) -> Reply:
        return self.replies[label]

    def only(self, *labels: str) -> Asked:
        """Those of these labels."""
        return Asked({label: reply for label, reply in self.replies.items() if label in labels})

    def without(self, *labels: str) -> Asked:
        """Those of other labels."""
        return Asked({label: reply for label, reply in self.replies.items() if label not in labels})

    @property
    def labels(self) -> tuple[str, ...]:
        """What each reply is called."""
        return tuple(self.replies)

    def record(self, behaviour: str, label: str) -> Judgement:
        """Nothing judged: what came to one probe, kept for the register, as nothing says what should have come."""
        reply = self.replies.get(label)
        if reply is None:
            return Judgement()
        return Judgement(register=(Behaviour(behaviour, reply.manner, reply.exchange),))

    def where(self, holds: Callable[[Reply], bool]) -> Asked:
        """Those for which something holds."""
        return Asked({label: reply for label, reply in self.replies.items() if holds(reply)})

    def listing_those_of(self, whole: Listing) -> Asked:
        """Those that list the same machines as a whole list does, by their ids; another list shows no other order."""
        ids = Counter(whole.ids)
        return self.where(lambda reply: reply.listing is not None and Counter(reply.listing.ids) == ids)

    def labelled(self, start: str) -> Asked:
        """Those whose labels begin so."""
        return Asked({label: reply for label, reply in self.replies.items() if label.startswith(start)})

    def each(self, *rules: Rule) -> Judgement:
        """Each reply judged by some rules, each rule for itself."""
        return each(self.replies.values(), rules, lambda reply: (reply.exchange,))


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows that a clause asked for, each with the whole list around it."""

    seen: tuple[Seen, ...]

    def each(self, *rules: Callable[[Seen], Problem | None]) -> Judgement:
        """Each window judged by some rules, each rule for itself."""
        return each(self.seen, rules, _shown_by)

    def of(self, whole: Listing, *labels: str) -> Windows:
        """The windows of these labels, as windows of another list."""
        return Windows(tuple(replace(one, whole=whole) for one in self.seen if one.label in labels))

    def all(self, rule: Callable[[Sequence[Seen]], Problem | None]) -> Judgement:
        """The windows judged together by one rule; Undecided where the list is empty: no window shows anything."""
        if not self.seen or not self.seen[0].whole.machines:
            raise Undecided("the list is empty, so that no window of it shows anything")
        exchanges = tuple(exchange for one in self.seen for exchange in _shown_by(one))
        problem = rule(self.seen)
        distinct = tuple(dict.fromkeys((*problem.by, *exchanges))) if problem else ()
        found = (Finding(problem.sentence, distinct, "", problem.expected, problem.seen),) if problem else ()
        return Judgement(frozenset(exchanges), len(self.seen), found)

    def rows(self, rule: Callable[[Sequence[Seen]], Problem | None]) -> Judgement:
        """The windows judged row by row: those whose labels begin with the same word belong together."""
        rows = groupby(self.seen, key=lambda one: one.label.partition(" ")[0])
        return sum((Windows(tuple(row)).all(rule) for _, row in rows), Judgement()).merged()


def _shown_by(seen: Seen) -> tuple[Exchange, ...]:
    return (seen.reply.exchange, seen.whole.exchange)


@dataclass(frozen=True, slots=True)
class Lists:
    """Every list that the run saw, equal ones once."""

    lists: tuple[Listing, ...]

    def each(self, *rules: Callable[[Listing], Problem | None]) -> Judgement:
        """Each list that is not empty judged by some rules."""
        return each([one for one in self.lists if one.machines], rules, lambda one: (one.exchange,))


@dataclass(frozen=True, slots=True)
class Machines:
    """Every machine of every list that the run saw, equal lists once."""

    lists: tuple[Listing, ...]
    shape: Shape

    def each(self, rule: MachineRule) -> Judgement:
        """Each machine judged by a rule."""
        wrong = ((listing.exchange, problem) for listing in self.lists for problem in self._problems(rule, listing))
        found = each(wrong, (itemgetter(1),), lambda pair: (pair[0],))
        looked = frozenset(listing.exchange for listing in self.lists if listing.machines)
        return Judgement(looked, sum(map(len, self.lists)), found.findings)

    def _problems(self, rule: MachineRule, listing: Listing) -> Iterator[Problem]:
        return filter(None, map(rule.problem, self._doubtful(rule, listing.machines)))

    def _doubtful(self, rule: MachineRule, machines: Sequence[Any]) -> Iterable[Any]:
        """The machines with which something may be wrong by a rule."""
        if rule.plain is not None:
            return self.shape.odd(machines)
        return machines if rule.holds is None else chain(*filterfalse(rule.holds, chunks(machines)))

    def have(self, field: str) -> Judgement:
        """Each machine held against the derived schema of one row of the response table."""
        judged = sum((self._have(field, listing) for listing in self.lists), Judgement())
        return judged.merged()

    def _have(self, field: str, listing: Listing) -> Judgement:
        if not listing.machines:
            return Judgement()
        found = each(
            self.shape.problems(field, listing.machines), (lambda problem: problem,), lambda _: (listing.exchange,)
        )
        return Judgement(frozenset([listing.exchange]), len(listing), found.findings)


class Sight:
    """What is before the eyes of one clause.

    ``before`` is the good request's exchange next before what was asked, ``asked`` are the exchanges of the clause's
    own probes by label.
    """

    def __init__(self, known: Known, clause: Clause, before: Exchange | None, asked: Mapping[str, Exchange]) -> None:
        self._known = known
        self.clause = clause
        self._before = before
        self._asked = asked
        self.subject = clause.subject
        self.document = known.document
        self.target = known.target
        self.probes = known.probes

    def call(self, function: Callable[..., Any]) -> Any:
        """Call a function with the views that its parameters name."""
        return function(**{name: getattr(self, name) for name in views(function)})

    @property
    def good(self) -> Reply:
        """The good request's reply that stands before what was asked."""
        if self._before is None:
            raise Undecided("the good request was not asked")
        return self._known.read(self._before)

    @property
    def listing(self) -> Listing:
        """The whole list, as the good request before what was asked gave it."""
        found = self.good.listing
        if found is None:
            raise Undecided("the good request gave no list to compare with")
        return found

    @property
    def asked(self) -> Asked:
        """The replies to the clause's own probes; Undecided where the target asked to be left alone."""
        if throttled := [one for one in self._asked.values() if one.throttled]:
            raise Undecided(
                f"the target went on to answer {throttled[0].came}, and was left alone; --rate-limit asks slower"
            )
        return Asked({label: self._known.read(exchange) for label, exchange in self._asked.items()})

    @property
    def served(self) -> Asked:
        """The replies by 200 to every request of the run that is owed a list, equal ones once."""
        return Asked({str(one.exchange.number): one for one in self._known.served})

    @property
    def preflight(self) -> Asked:
        """The reply to the run's first request, which is the good one."""
        first = self._known.evidence.preflight
        return Asked({"first": self._known.read(first)} if first else {})

    @property
    def goods(self) -> Asked:
        """The replies to the good request itself, whenever it was asked."""
        return Asked({str(one.exchange.number): one for one in self._known.goods})

    @property
    def others(self) -> Asked:
        """The replies to the other tenant's own good request; none where it was not asked, for want of its token."""
        return self.everything.where(lambda one: one.exchange.probe == self.probes.as_other)

    @property
    def shaken(self) -> Asked:
        """The replies that failed beside others, to probes that were answered when they were asked alone."""
        shaken = (take.asked.get(SHAKEN, {}) for take in self._known.evidence.takes)
        return Asked({label: self._known.read(one) for asked in shaken for label, one in asked.items()})

    @property
    def refused(self) -> Asked:
        """The clause's own probes that were refused by the application; the machinery before it owes no error body."""
        found = self.asked.where(lambda reply: reply.refuses and reply.status not in MACHINERY)
        if not found.replies:
            raise Inapplicable("no request of this kind was refused by a 4xx")
        return found

    @property
    def everything(self) -> Asked:
        """Every reply of the run."""
        return Asked({str(one.number): self._known.read(one) for one in self._known.evidence.exchanges()})

    @property
    def asked_of_all(self) -> Asked:
        """What came in the end to each probe of every clause; the good requests around them aside."""
        takes = self._known.evidence.takes
        replies = (one for take in takes for id, asked in take.asked.items() if id != SHAKEN for one in asked.values())
        return Asked({str(one.number): self._known.read(one) for one in replies})

    @property
    def refusals(self) -> Asked:
        """Every reply of the run that the application refused or that failed, as far as an error body is owed."""
        return self.everything.where(lambda one: (one.status or 0) >= 400 and one.status not in MACHINERY)

    @property
    def answered(self) -> Asked:
        """Every reply of the run that refuses nothing."""
        return self.everything.where(lambda one: one.status is not None and one.status < 400)

    @property
    def lively(self) -> bool:
        """Whether the list was seen to change while nothing was asked that might change it."""
        return self._known.movement.lively

    @property
    def elsewhere_is_lively(self) -> bool:
        """Whether the other region's list was ever seen to change."""
        return self._known.movement.differs(self.probes.elsewhere)

    @property
    def other_is_lively(self) -> bool:
        """Whether the other tenant's list was ever seen to change."""
        return self._known.movement.differs(self.probes.as_other)

    @property
    def chance(self) -> random.Random:
        """Chance that falls the same way each time for the seed and the area, so that clauses share what they ask."""
        return random.Random(f"{self._known.seed} {self.clause.area}")  # noqa: S311 - windows, not secrets

    @property
    def lists(self) -> Lists:
        """Every list that the run saw."""
        return Lists(tuple(self._known.lists))

    @property
    def windows(self) -> Windows:
        """The clause's own probes as windows of the list."""
        replies = self.asked.replies.items()
        return Windows(tuple(Seen(window_of(one.exchange.probe), one, self.listing, label) for label, one in replies))

    @property
    def readings(self) -> Readings:
        """How the target reads the document."""
        return self._known.readings

    @property
    def paging(self) -> Paging:
        """The paging conventions to judge by."""
        if "paging" not in self._known.open:
            raise Inapplicable("the document has no pages")
        found = self._known.paging
        if found is None:
            raise Undecided("no paging convention is known")
        return found

    @property
    def pinned_paging(self) -> Convention | None:
        """The paging convention that is pinned; None where none is."""
        pinned = self._known.pinned.get("paging")
        return next((one for one in CONVENTIONS if str(one) == pinned), None)

    @property
    def shown_paging(self) -> tuple[Convention, ...]:
        """The paging conventions that explain what was seen, whatever is pinned."""
        return self._known.shown_paging

    @property
    def machines(self) -> Machines:
        """Every machine of every list that the run saw."""
        return Machines(tuple(self._known.lists), self._known.shape)

    @property
    def exhaustive(self) -> bool:
        """Whether every machine is to be walked to, at whatever cost."""
        return self._known.exhaustive

    @property
    def drawn(self) -> Mapping[str, Sequence[Probe]]:
        """The requests that were drawn from the derived OpenAPI document, "valid" and "invalid"."""
        return self._known.drawn


def window_of(probe: Probe) -> Window:
    """The window that a probe asks for; ValueError where its bounds are no integers."""
    f, t = probe.values(START), probe.values(END)
    return Window(int(f[0]) if f else None, int(t[0]) if t else None)


def sight_of(known: Known, clause: Clause, take: Take | None, asked_as: str = "") -> Sight:
    """What a clause sees: one take of its own, or else the good request's last exchange and no probes.

    ``asked_as`` is what the take has the probes under, where that is not the clause's id.
    """
    none: Mapping[str, Exchange] = {}
    if take is None:
        return Sight(known, clause, known.latest, none)
    return Sight(known, clause, take.before, take.asked.get(asked_as or clause.id, none))
