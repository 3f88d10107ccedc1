"""Sight: what a clause may see. Each public property is a view; a clause names the views it needs as its parameters."""

from __future__ import annotations

import inspect
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby, pairwise, starmap
from operator import itemgetter
from typing import Any

from .answer import Listing, Reply
from .clause import Clause
from .evidence import SHAKEN
from .exchange import Exchange
from .expect import Rule, has_the_machines_of, has_the_order_of
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

    def flickers(self, before: Reply) -> Judgement:
        """Replies to one request asked in a row, of which some differ from all the others, each for one ask only.

        A list that changes by itself stays changed for longer than one ask, now and then at least; an answer that is
        wrong every n-th time, or from one worker of several, stands between right ones each time. So the row begins
        with the good reply ``before``, and its last reply, behind which none stands, is not judged. Where others were
        asked between some of them, what came without a break is looked at by itself as well. A row in which the list
        changed otherwise is silent; Undecided where it was never the same twice, which shows nothing at all.
        """
        row = [before, *self]
        changed = not all(_alike(before, one) for one in row)
        if changed and all(one.listing is not None for one in row) and not any(starmap(_alike, combinations(row, 2))):
            raise Undecided(f"the list was another one each of the {len(row)} times that it was asked for")
        calm = replace(each(row[1:-1], (), lambda one: (one.exchange,)), silent=changed)
        return _flickering(row) or _flickering(_unbroken(row)) or calm

    def thrown_off(self, before: Reply) -> Judgement:
        """What follows another request is alike to the good replies before and behind it, where these are alike.

        The replies are by threes another request's and two good ones, after a good one ``before`` them all. A list that
        changes by itself stays changed, and does not go back at once; or where it goes back and forth, it stands behind
        a good request too as it stood behind another. Undecided where it changed around each of the others.
        """
        row = [before, *self]
        fours = list(zip(row[0::3], row[1::3], row[2::3], row[3::3], strict=False))
        behind_good = row[3::3]
        framed = [
            _framed(*four[:3])
            for four in fours
            if _alike(four[0], four[3])
            and (_alike(four[2], four[0]) or not any(_alike(four[2], one) for one in behind_good))
        ]
        if not framed and all(one.listing is not None for one in (*row[0::3], *row[2::3])):
            raise Undecided("the list changed around each of the other requests")
        return sum(framed, Judgement())

    def apart(self, one: str, other: str) -> Judgement:
        """Two kinds of replies that took turns: one is alike in itself, the other is not like it time and again.

        A list that changes by itself does not change back and forth with the turns.
        """
        ours, theirs = list(self.labelled(one)), list(self.labelled(other))
        if not ours or not theirs:
            return Judgement()
        whole = ours[0].listing
        if whole is None or not all(_in_order_alike(ours[0], reply) for reply in ours):
            return each(theirs, (), lambda reply: (ours[0].exchange, reply.exchange))
        again = sum(not _in_order_alike(ours[0], reply) for reply in theirs) > 1
        rules = (has_the_machines_of(whole), has_the_order_of(whole)) if again else ()
        return each(theirs, rules, lambda reply: (ours[0].exchange, reply.exchange))

    def parted(self, one: str, other: str) -> Judgement:
        """Two replies over each of several connections, of which each lists alike, and some unlike the others.

        Between the two over one connection others were asked crosswise, so that a list which changes by itself, once or
        for a moment, does not change with the connections. Where none differs, all may have come to the same worker.
        """
        names = (label.removeprefix(one) for label in self.labels if label.startswith(one))
        pairs = [(self[f"{one}{name}"], self[f"{other}{name}"]) for name in names if f"{other}{name}" in self.labels]
        silent = Judgement(silent=True)
        if not pairs or not all(_in_order_alike(*pair) for pair in pairs):
            return silent
        firsts = [first for first, _ in pairs]
        usual = max(firsts, key=lambda reply: sum(_in_order_alike(reply, first) for first in firsts))
        odd = [second for first, second in pairs if not _in_order_alike(usual, first)]
        if usual.listing is None or not odd:
            return silent
        rules = (has_the_machines_of(usual.listing), has_the_order_of(usual.listing))
        return each(odd, rules, lambda reply: (usual.exchange, reply.exchange))

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


def _alike(one: Reply, other: Reply) -> bool:
    """Whether two replies list the same machines; one that lists none because it failed is nobody's like."""
    found, theirs = one.listing, other.listing
    return found is not None and theirs is not None and found.same_machines(theirs)


def _flickering(row: Sequence[Reply]) -> Judgement | None:
    """The replies within a row that differ from most, each for one ask only; None where there is none.

    What is wrong by turns is wrong in the same way each time; a list that is another one each time changes by itself.
    """
    usual = max(row, key=lambda one: sum(_alike(one, other) for other in row))
    odd = [not _alike(one, usual) for one in row]
    lists = [one for one, is_odd in zip(row, odd, strict=True) if is_odd and one.listing is not None]
    stays = any(one and following for one, following in pairwise(odd))
    varies = not all(_alike(lists[0], one) for one in lists)
    if usual.listing is None or not any(odd[1:-1]) or stays or varies:
        return None
    return each(row[1:-1], (has_the_machines_of(usual.listing),), lambda one: (one.exchange,))


def _unbroken(row: Sequence[Reply]) -> Sequence[Reply]:
    """The end of a row, back to where something else was asked in between."""
    numbers = [one.exchange.number for one in row]
    breaks = [place for place, (one, following) in enumerate(pairwise(numbers), 1) if following != one + 1]
    return row[breaks[-1] :] if breaks else row


def _framed(before: Reply, other: Reply, after: Reply) -> Judgement:
    """One good reply after another request, held to the one before both, which lists machines."""
    rules = (has_the_machines_of(before.listing),) if before.listing is not None else ()
    return each([after], rules, lambda reply: (other.exchange, reply.exchange))


def _in_order_alike(one: Reply, other: Reply) -> bool:
    """Whether two replies list the same machines, in the same order where there is one."""
    found, theirs = one.listing, other.listing
    ordered = found is not None and theirs is not None and found.ordered
    return _alike(one, other) and (not ordered or (found and found.ids) == (theirs and theirs.ids))


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
        machines = listing.machines if rule.plain is None else self.shape.odd(listing.machines)
        return filter(None, map(rule.problem, machines))

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
        return function(**{name: getattr(self, name) for name in inspect.signature(function).parameters})

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
            raise Undecided(f"the target went on to answer {throttled[0].came}, and was left alone")
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
