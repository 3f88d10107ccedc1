"""Asking: probes sent concurrently, at a bounded rate, in chains where order matters, for as long as it is worth it.

A target that leaves too much unanswered, or has stopped to serve what it served, is asked no more.
"""

from __future__ import annotations

import math
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from .bodies import Bodies
from .exchange import Exchange
from .patience import INTERRUPTED, Patience, Renew, fails
from .probe import Probe
from .tally import Tally
from .target import Limits

Chain = tuple[Probe, ...]
"""Probes asked one after the other; different chains are asked at the same time."""

Asking = Iterator[Exchange]
"""The exchanges of a chain, each asked when it is wanted."""

Progress = Callable[[str, int, int], None]
"""Told the name of the round, how many probes have been answered, and how many there are."""

LEAST_PATIENCE = 1.0
"""Seconds to wait for a second connection to be served."""

WAITING = 3
"""The limit of one request is at least so many times what all that is asked at once would take one after the other."""

BEAT = 1.0
"""Seconds between two signs of life where nothing comes."""

IN_VAIN = 3
"""Probes in a row that fail again when they are asked alone, after which no more are."""

MOST_TIMES_ALONE = 3
"""Passes in which failed probes are asked alone, as long as some of them recover."""


class Sender(Protocol):
    """What sends one probe."""

    @property
    def tally(self) -> Tally: ...  # noqa: D102

    def send(self, probe: Probe) -> Exchange: ...  # noqa: D102

    def ask_in_turn_if_needed(self, probe: Probe, patience: float) -> None: ...  # noqa: D102

    def apart(self) -> AbstractContextManager[Sender]: ...  # noqa: D102

    def leave(self, connection: str) -> None: ...  # noqa: D102

    def alone(self) -> AbstractContextManager[Sender]: ...  # noqa: D102

    def ask_in_turn(self) -> None: ...  # noqa: D102

    def close(self) -> None: ...  # noqa: D102


class Asker:
    """Asks chains of probes of one target, within its limits.

    ``patience`` knows whether more may be asked, and ``said`` says why less is asked at once than may be.
    """

    def __init__(
        self, sender: Sender, limits: Limits, progress: Progress | None = None, renew: Renew | None = None
    ) -> None:
        self.patience = Patience(limits, self.control, renew)
        self.said = ""
        self._sender = sender
        self._limits = limits
        self._progress = progress
        self._pace = _Pace(limits.rate)
        self._kept = Bodies()
        self._usual = 0.0
        self._at_once = limits.concurrency

    def ask(self, chains: Iterable[Chain], name: str, *, unevenly: bool = False) -> dict[Probe, Exchange]:
        """Ask each distinct probe once, concurrently; the exchanges in the order of the chains.

        Between the probes of a chain there are pauses of any length up to a usual answer's, where asked ``unevenly``.
        Where asking ends early, the exchanges are those that came until then.
        """
        distinct = _distinct(chains)
        total = sum(len(chain) for chain in distinct)
        answered: dict[Probe, Exchange] = {}
        try:
            for exchange in self._concurrently(distinct, self._usual if unevenly else 0.0):
                if exchange is not None:
                    answered[exchange.probe] = exchange
                if self._progress:
                    self._progress(name, len(answered), total)
        except BaseException:
            # Nobody is kept waiting for answers that may never come.
            self.patience.ended = INTERRUPTED
            self._pace.end()
            self._sender.close()
            raise
        return {probe: answered[probe] for chain in distinct for probe in chain if probe in answered}

    def ask_alone(self, answered: Mapping[Probe, Exchange]) -> dict[Probe, Exchange]:
        """What comes to probes whose answer failed when each is asked once more, with nothing else open or under way.

        Where a few in a row fail again, the others are left as they are; where one does not, those that do are asked
        yet again, for a target that fails now and then says nothing about a probe by failing. Where one that had no
        answer, or a 503, is answered now, the target bears no company: from then on it is asked one by one.
        """
        again: dict[Probe, Exchange] = {}
        failed = [probe for probe, exchange in answered.items() if fails(exchange) and not exchange.throttled]
        with self._sender.alone() if failed else nullcontext(self._sender) as sender:
            for times in range(1, MOST_TIMES_ALONE + 1):
                # More often in a row each time, for what fails by turns may be in step with the asking.
                came = self._until_in_vain(sender, [probe for probe in failed for _ in range(times)])
                failed = [probe for probe in failed if probe not in came]
                again |= came
                if not again or not failed:
                    break
        if any(answered[probe].status in {None, 503} for probe in again):
            self._sender.ask_in_turn()
        return again

    def _until_in_vain(self, sender: Sender, probes: Sequence[Probe]) -> dict[Probe, Exchange]:
        """What comes to probes, one after the other, but for what fails, until a few in a row do."""
        came: dict[Probe, Exchange] = {}
        in_a_row = 0
        for probe in probes:
            if self.patience.ended or in_a_row >= IN_VAIN:
                break
            if probe in came:
                continue
            exchange = self._asked(probe, sender)
            in_a_row = in_a_row + 1 if fails(exchange) else 0
            if not fails(exchange):
                came[probe] = exchange
        return came

    def control(self, probe: Probe) -> Exchange:
        """Ask one probe, whether or not asking has ended."""
        return self._asked(probe, self._sender)

    def _asked(self, probe: Probe, sender: Sender) -> Exchange:
        self._pace.wait()
        return self._kept.keep(sender.send(probe))

    def find_out_how_many_at_once(self, probe: Probe, usual: float) -> None:
        """Ask one by one from now on, where the target keeps a second connection waiting; ``usual`` is in seconds."""
        self._usual = usual
        # A server that serves one after the other keeps the last of them waiting for all.
        all_at_once = self._limits.concurrency
        most = int(self._limits.timeout / (WAITING * usual)) if usual else all_at_once
        self._at_once = max(1, min(all_at_once, most))
        if self._at_once < all_at_once:
            self.said = (
                f"{self._at_once} at a time were asked and not {all_at_once}, since an answer takes {usual:.1f} s; "
                f"--request-timeout={math.ceil(WAITING * usual * all_at_once)} bears as many"
            )
        self._sender.ask_in_turn_if_needed(probe, min(self._limits.timeout, LEAST_PATIENCE + 5 * usual))

    def _concurrently(self, chains: list[Chain], longest_pause: float) -> Iterator[Exchange | None]:
        """The exchanges of some chains as they come, None where none came for a while; what a worker raises is raised.

        The workers are daemons, for one that is held in a system call must not hold the end of the program.
        """
        waiting: queue.SimpleQueue[Asking] = queue.SimpleQueue()
        came: queue.SimpleQueue[Exchange | BaseException | None] = queue.SimpleQueue()
        for chain in chains:
            waiting.put(self._chain(chain, longest_pause, beside=len(chains) > 1))
        workers = min(self._at_once, len(chains))
        for number in range(workers):
            name = f"asking-{number}"
            threading.Thread(target=self._work, args=(waiting, came), name=name, daemon=True).start()
        while workers:
            try:
                one = came.get(timeout=BEAT)
            except queue.Empty:
                yield None
                continue
            if isinstance(one, BaseException):
                raise one
            if one is None:
                workers -= 1
            else:
                yield one

    def _work(
        self, waiting: queue.SimpleQueue[Asking], came: queue.SimpleQueue[Exchange | BaseException | None]
    ) -> None:
        """Ask chains until none waits; then None, after what went wrong if something did."""
        try:
            while True:
                for exchange in waiting.get_nowait():
                    came.put(exchange)
        except queue.Empty:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again by who waits
            came.put(error)
        came.put(None)

    def _chain(self, chain: Chain, longest_pause: float, *, beside: bool) -> Asking:
        # Connections go from hand to hand; a row that is asked beside others has one that nobody else has.
        apart = (beside and len(chain) > 1) or any(probe.over for probe in chain)
        with self._sender.apart() if apart else nullcontext(self._sender) as sender:
            for place, probe in enumerate(chain, 1):
                self._pace.wait()
                if self.patience.ended:
                    return
                exchange = self._kept.keep(sender.send(probe))
                if probe.over and all(later.over != probe.over for later in chain[place:]):
                    # A server may bear but few connections at once.
                    sender.leave(probe.over)
                self.patience.look_after(exchange, lost=self._sender.tally.lost, kept=self._kept.size)
                yield exchange
                if longest_pause:
                    time.sleep(random.uniform(0, longest_pause))  # noqa: S311 - a pause, no secret


def _distinct(chains: Iterable[Chain]) -> list[Chain]:
    """The chains without the probes that an earlier one asks, longer chains first kept whole."""
    seen: set[Probe] = set()
    kept: list[Chain] = []
    for chain in sorted(chains, key=len, reverse=True):
        fresh = tuple(dict.fromkeys(probe for probe in chain if probe not in seen))
        seen.update(fresh)
        if fresh:
            kept.append(fresh)
    return kept


class _Pace:
    """Lets callers pass at most so many times a second; None for as often as they come."""

    def __init__(self, rate: float | None) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._lock = threading.Lock()
        self._next = 0.0
        self._ended = threading.Event()

    def wait(self) -> None:
        if not self._interval:
            return
        with self._lock:
            now = time.monotonic()
            passes = max(now, self._next)
            self._next = passes + self._interval
        self._ended.wait(passes - now)

    def end(self) -> None:
        """Let everybody pass who waits."""
        self._ended.set()
