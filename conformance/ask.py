"""Asking: probes sent concurrently, at a bounded rate, in chains where order matters."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from .exchange import Exchange
from .probe import Probe
from .target import Limits

Chain = tuple[Probe, ...]
"""Probes asked one after the other; different chains are asked at the same time."""

Progress = Callable[[str, int, int], None]
"""Told the name of the round, how many probes have been answered, and how many there are."""

Renew = Callable[[], bool]
"""Gets another token in the place of one that is refused by now; whether there is one."""

LEAST_PATIENCE = 1.0
"""Seconds to wait for a second connection to be served."""


class Sender(Protocol):
    """What sends one probe."""

    def send(self, probe: Probe) -> Exchange: ...  # noqa: D102

    def ask_in_turn_if_needed(self, probe: Probe, patience: float) -> None: ...  # noqa: D102

    def apart(self) -> AbstractContextManager[Sender]: ...  # noqa: D102

    def close(self) -> None: ...  # noqa: D102


class Asker:
    """Asks chains of probes of one target, within its limits."""

    def __init__(
        self, sender: Sender, limits: Limits, progress: Progress | None = None, renew: Renew | None = None
    ) -> None:
        self._sender = sender
        self._limits = limits
        self._progress = progress
        self._pace = _Pace(limits.rate)
        self._usual = 0.0
        self._renew = renew

    def ask(self, chains: Iterable[Chain], name: str, *, unevenly: bool = False) -> dict[Probe, Exchange]:
        """Ask each distinct probe once, concurrently; the exchanges in the order of the chains.

        Between the probes of a chain there are pauses of any length up to a usual answer's, where asked ``unevenly``.
        """
        distinct = _distinct(chains)
        total = sum(len(chain) for chain in distinct)
        answered: dict[Probe, Exchange] = {}
        with ThreadPoolExecutor(max(1, min(self._limits.concurrency, len(distinct)))) as pool:
            longest = self._usual if unevenly else 0.0
            beside = len(distinct) > 1
            futures = [pool.submit(self._chain, chain, longest, beside=beside) for chain in distinct]
            try:
                for future in as_completed(futures):
                    answered.update(future.result())
                    if self._progress:
                        self._progress(name, len(answered), total)
            except BaseException:
                # An interrupt is not kept waiting for answers that may never come.
                pool.shutdown(wait=False, cancel_futures=True)
                self._sender.close()
                raise
        return {probe: answered[probe] for chain in distinct for probe in chain}

    def has_another_token(self) -> bool:
        """Whether there is another token to go on with, where the one that was taken before is refused."""
        return self._renew is not None and self._renew()

    def find_out_how_many_at_once(self, probe: Probe, usual: float) -> None:
        """Ask one by one from now on, where the target keeps a second connection waiting; ``usual`` is in seconds."""
        self._usual = usual
        if self._limits.concurrency > 1:
            self._sender.ask_in_turn_if_needed(probe, min(self._limits.timeout, LEAST_PATIENCE + 5 * usual))

    def _chain(self, chain: Chain, longest_pause: float, *, beside: bool) -> dict[Probe, Exchange]:
        answered = {}
        # Connections go from hand to hand; a row that is asked beside others has one that nobody else has.
        with self._sender.apart() if beside and len(chain) > 1 else nullcontext(self._sender) as sender:
            for probe in chain:
                answered[probe] = self._send(sender, probe)
                time.sleep(random.uniform(0, longest_pause))  # noqa: S311 - a pause, no secret
        return answered

    def _send(self, sender: Sender, probe: Probe) -> Exchange:
        self._pace.wait()
        return sender.send(probe)


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

    def wait(self) -> None:
        if not self._interval:
            return
        with self._lock:
            now = time.monotonic()
            passes = max(now, self._next)
            self._next = passes + self._interval
        time.sleep(passes - now)
