"""Rounds: the preflight, what the options alone determine, then what depends on the list that came back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from . import draws
from .ask import Asker, Chain
from .clause import Clause
from .evidence import SHAKEN, Take
from .exchange import Exchange
from .judgement import Inapplicable, Undecided, Verdict
from .known import Known
from .obstacles import obstacle
from .patience import CONTROLS, fails
from .probe import SAFE_METHODS, Probe
from .shrink import simpler
from .sight import Sight
from .verdicts import Verdicts, nothing_to_ask

MOST_TAKES = 6
"""How often a clause that compares is asked at most, until its list held still; as often again, once it moved."""

MOST_STEPS = 10
"""Steps to the simplest request that breaks a clause, of which each is asked all at once."""

MOST_AT_ONCE = 24
"""Simpler requests of one step."""

FIRST_TO_FAIL = 3
"""Requests that are named where a target stops to serve: of those under way at once, the first that were sent."""

ROUNDS = {1: "first round", 2: "second round", 3: "unsafe methods"}

Labelled = Mapping[str, Probe]


class CouldNotAsk(Exception):
    """There is nothing to judge; the text is one line for the user."""


def ask(verdicts: Verdicts, asker: Asker) -> None:
    """Ask the target what the clauses need to see.

    CouldNotAsk where the preflight finds nothing to judge, or the target stops to serve what it served.
    """
    known = verdicts.known
    good = known.probes.good
    known.evidence.preflight = asker.ask([(good,)], "preflight")[good]
    if sentence := obstacle(known.read(known.evidence.preflight)):
        raise CouldNotAsk(sentence)
    asker.patience.pulse = good
    asker.find_out_how_many_at_once(known.probes.fresh, known.evidence.preflight.seconds)
    wanted = [clause for clause in verdicts.catalogue if clause.asks and not nothing_to_ask(clause, known)]
    _by_rounds(verdicts, asker, wanted)
    if known.movement.lively:
        # What was settled before the list was seen to change needs more to be told for sure; and what was told only
        # by then lets others stand that were asked once at the most.
        _ask_again(verdicts, asker, [clause for clause in wanted if clause.id in known.asked], "once more")
        _by_rounds(verdicts, asker, [clause for clause in wanted if _is_late(verdicts, clause)])
    for clause in wanted:
        if clause.drawn and verdicts.outcome(clause.id).verdict is Verdict.FAIL:
            _shrink(verdicts, asker, clause)


def _is_late(verdicts: Verdicts, clause: Clause) -> bool:
    """Whether a clause was never asked, or once and in vain."""
    history = verdicts.history(clause)
    times = len(history.takes)
    return not times or (times == 1 and (clause.compares or clause.confirmed) and not history.settled)


def _by_rounds(verdicts: Verdicts, asker: Asker, clauses: Sequence[Clause]) -> None:
    """Ask for some clauses, each in its round; those that bear no company first."""
    for number, name in ROUNDS.items():
        due = [clause for clause in clauses if clause.round == number]
        for alone in (True, False):
            if together := [clause for clause in due if clause.alone is alone]:
                _settle(verdicts, asker, together, name)


def _settle(verdicts: Verdicts, asker: Asker, clauses: Sequence[Clause], name: str) -> None:
    """Ask for some clauses, and again for those that compare until they are settled: each alone, which is quicker."""
    standing = [clause for clause in clauses if verdicts.stands(clause)]
    _take(verdicts, asker, standing, name)
    if not verdicts.known.controlled:
        _take(verdicts, asker, standing, f"{name}, again")
        after = verdicts.known.evidence.takes[-1].after
        unsafe = any("unsafe_methods" in clause.needs for clause in clauses)
        # A list by another success than 200 is judged for what it is.
        if not verdicts.known.controlled and not unsafe and verdicts.known.read(after).listing is None:
            raise _failing(after.came)
    _ask_again(verdicts, asker, clauses, name)


def _ask_again(verdicts: Verdicts, asker: Asker, clauses: Sequence[Clause], name: str) -> None:
    for _ in range(MOST_TAKES - 1):
        again = [clause for clause in clauses if clause.compares or clause.confirmed]
        clauses = [clause for clause in again if not verdicts.history(clause).settled]
        for clause in clauses:
            if verdicts.stands(clause):
                _take(verdicts, asker, [clause], f"{name}, {clause.id} again", unevenly=True)


def _take(verdicts: Verdicts, asker: Asker, clauses: Sequence[Clause], name: str, *, unevenly: bool = False) -> None:
    known = verdicts.known
    before = known.latest
    if asker.patience.ended:
        return
    if known.evidence.takes and len(clauses) == 1:
        # Asked anew, so that little time passes between the two lists that frame a single clause.
        before = _control(known, asker, f"before take {len(known.evidence.takes) + 1}")
    if before is not None and before.status == 401 and asker.patience.renew_token():
        before = _control(known, asker, f"before take {len(known.evidence.takes) + 1}, with another token")
    asks = {clause.id: labelled for clause in clauses if (labelled := _labelled(Sight(known, clause, before, {})))}
    chains = [chain for clause in clauses if clause.id in asks for chain in _chains(clause, asks[clause.id])]
    if any(clause.alone for clause in clauses):
        chains = _in_turn(chains)
    if asks and before is not None:
        _asked(known, asker, before, asks, chains=chains, name=name, unevenly=unevenly)


def _asked(
    known: Known,
    asker: Asker,
    before: Exchange,
    asks: Mapping[str, Labelled],
    *,
    chains: Sequence[Chain],
    name: str,
    unevenly: bool = False,
) -> Take:
    """A take of some probes, by chains, that has been added to the evidence.

    Asked ``unevenly``, what changes by a clock does not keep step with the asking.
    """
    answered = asker.ask(chains, name, unevenly=unevenly)
    if asker.patience.failing:
        raise _failing(asker.patience.failing, answered.values())
    # In a row, each answer stands for itself; and what may change the target is not asked more often than need be.
    single = {chain[0] for chain in chains if len(chain) == 1 and chain[0].method in SAFE_METHODS}
    again = asker.ask_alone({probe: exchange for probe, exchange in answered.items() if probe in single})
    shaken = {str(answered[probe].number): answered[probe] for probe in again}
    answered |= again
    after = _ending(known, chains, answered) or _control(known, asker, f"after take {len(known.evidence.takes) + 1}")
    asked = {
        id: {label: answered[probe] for label, probe in one.items()}
        for id, one in asks.items()
        if answered.keys() >= set(one.values())
    }
    known.evidence.takes.append(Take(before, asked | ({SHAKEN: shaken} if shaken else {}), after))
    return known.evidence.takes[-1]


def _ending(known: Known, chains: Sequence[Chain], answered: Mapping[Probe, Exchange]) -> Exchange | None:
    """The exchange that one row ended with, where that was the good request and was served: a control in itself."""
    last = chains[-1][-1]
    exchange = answered.get(last)
    good = len(chains) == 1 and last == known.probes.good.again(last.repetition)
    return exchange if good and exchange is not None and exchange.status == 200 else None


def _shrink(verdicts: Verdicts, asker: Asker, clause: Clause) -> None:
    """Ask simpler and simpler requests than one that broke a clause, to find the simplest that breaks it so."""
    known, good = verdicts.known, verdicts.known.probes.good
    finding = verdicts.outcome(clause.id).judgement.findings[0]
    query = draws.read(finding.exchanges[0].probe, good)
    called = known.label(clause.id, finding.exchanges[0])
    harmless: set[draws.Query] = set()
    for step in range(1, MOST_STEPS + 1):
        owed = (one for one in simpler(query, harmless) if draws.standing(one, known.document) == clause.drawn)
        distinct = dict.fromkeys(one for one in owed if one not in {query, *harmless})
        # Called as what broke it was, for a clause may judge its requests by what it calls them.
        queries = {f"{called}, {number}": one for number, one in enumerate([*distinct][:MOST_AT_ONCE], 1)}
        if not queries or known.latest is None or asker.patience.ended:
            return
        labelled = {label: draws.asked(one, good) for label, one in queries.items()}
        chains = [(probe,) for probe in labelled.values()]
        name = f"{clause.id}, simpler, {step}"
        take = _asked(known, asker, known.latest, {clause.simpler: labelled}, chains=chains, name=name)
        if asker.patience.ended:
            return
        kinds = verdicts.history(clause).breaches(take)
        broken = [queries[label] for label, seen in kinds.items() if finding.kind in seen]
        harmless.update(queries[label] for label, seen in kinds.items() if not seen)
        query = broken[0] if broken else query


def _failing(came: str, answered: Iterable[Exchange] = ()) -> CouldNotAsk:
    """What is said where the good request is not served any more; one of what failed first may have been too much."""
    failed = sorted((one for one in answered if fails(one)), key=lambda one: one.at)[:FIRST_TO_FAIL]
    began = f" The first to fail were: {'; '.join(one.probe.difference for one in failed)}." if failed else ""
    return CouldNotAsk(
        f"the good request, answered at first, is not served any more: {came}. "
        f"Is it still running, and can it bear as many requests? --concurrency and --rate-limit make them fewer.{began}"
    )


def _control(known: Known, asker: Asker, name: str) -> Exchange:
    """The good request once more; a target that answers it now and then wrongly is well enough to go on with."""
    for attempt in range(CONTROLS):
        probe = known.probes.good.again(f"{name}, {attempt + 1}" if attempt else name)
        exchange = asker.control(probe)
        if exchange.status == 200:
            break
    return exchange


def _labelled(sight: Sight) -> Labelled:
    """A clause's probes by label; none where what came back leaves it nothing to ask."""
    if sight.clause.asks is None:
        return {}
    try:
        asks = sight.call(sight.clause.asks)
    except (Undecided, Inapplicable):
        return {}
    if isinstance(asks, Mapping):
        return asks
    probes = [asks] if isinstance(asks, Probe) else list(asks)
    return {str(number): probe for number, probe in enumerate(probes, 1)}


def _chains(clause: Clause, labelled: Labelled) -> Iterator[Chain]:
    if clause.in_order:
        yield tuple(labelled.values())
    else:
        yield from ((probe,) for probe in labelled.values())


def _in_turn(chains: Sequence[Chain]) -> list[Chain]:
    """Chains as one, the longest first, so that what is asked but once stands next to the control that follows."""
    return [tuple(probe for chain in sorted(chains, key=len, reverse=True) for probe in chain)]
