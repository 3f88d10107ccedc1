"""Patience: how long a target is asked on, by what it has cost till now and by whether it serves what it served."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .exchange import Exchange
from .probe import Probe
from .target import Limits

Renew = Callable[[], bool]
"""Gets another token in the place of one that is refused by now; whether there is one."""

SUSPICIOUS = 5
"""Answers in a row that fail, before the good request is asked whether the target is well: few clauses' own may."""

CONTROLS = 3
"""How often a good request is tried before a target is taken for unwell."""

MOST_LOST = 8
"""How many times the limit of one request is waited in vain in a whole run."""

MOST_KEPT = 2.4
"""All distinct bodies of a run together may be so many times the largest body; with it a run stays below 300 MB."""

BREATH = 0.1
"""Seconds by which a target that fails is left alone for longer each time before it is asked again."""

INTERRUPTED = "the run was interrupted"
"""Why no more was asked, where somebody wanted so."""


class Patience:
    """Looks after a target while it is asked, and says when to ask no more. Safe to use from several threads.

    ``pulse`` is a request that is known to be served; ``failing`` says what came to it where it is not any more, and
    ``ended`` why no more is asked.
    """

    def __init__(self, limits: Limits, ask: Callable[[Probe], Exchange], renew: Renew | None = None) -> None:
        self.pulse: Probe | None = None
        self.failing = ""
        self.ended = ""
        self._limits = limits
        self._ask = ask
        self._renew = renew
        self._in_a_row = 0
        self._lock = threading.Lock()

    def renew_token(self) -> bool:
        """Log in again where the token that was taken before is refused; whether there is another to go on with."""
        return self._renew is not None and self._renew()

    def look_after(self, exchange: Exchange, *, lost: float, kept: int) -> None:
        """End the asking where the target, or what one run has room for, is at its end.

        Args:
            exchange: What came just now.
            lost: Seconds that were waited in vain till now.
            kept: Bytes of distinct bodies that are kept.

        """
        most_lost = MOST_LOST * self._limits.timeout
        most_kept = round(MOST_KEPT * self._limits.body)
        with self._lock:
            if lost > most_lost:
                self.ended = (
                    f"the target was waited for in vain for {most_lost:g} s in all; --request-timeout gives it longer"
                )
            if kept > most_kept:
                self.ended = f"the target's answers differ and come to more than {most_kept:,} bytes"
            self._in_a_row = self._in_a_row + 1 if fails(exchange) or exchange.throttled else 0
            if self._in_a_row >= SUSPICIOUS and self.pulse and not self.ended:
                # The others wait meanwhile: what they would find is worth nothing where this fails.
                self._in_a_row = 0
                self._feel(self.pulse)

    def _feel(self, pulse: Probe) -> None:
        for number in range(CONTROLS):
            # What is still under way may be what it fails beside.
            time.sleep(BREATH * number)
            exchange = self._ask(pulse.again(f"pulse {number}"))
            if exchange.status == 200 or (exchange.status == 401 and self.renew_token()):
                return
            if exchange.throttled:
                self.ended = f"the target wants to be left alone for longer, {exchange.came}; --rate-limit asks slower"
                return
        self.failing = self.ended = exchange.came


def fails(exchange: Exchange) -> bool:
    """Whether an answer is missing or of the kind that a server gives to anything when it is unwell."""
    return exchange.status is None or exchange.status >= 500
