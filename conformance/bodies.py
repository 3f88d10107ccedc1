"""Bodies: what a run holds of answers, equal ones once, for one list is the answer to many requests."""

from __future__ import annotations

import threading
from dataclasses import replace

from .exchange import Exchange, Response


class Bodies:
    """The bodies of a run, equal ones held once; ``size`` counts their bytes. Safe to use from several threads."""

    def __init__(self) -> None:
        self.size = 0
        self._bodies: dict[bytes, bytes] = {}
        self._lock = threading.Lock()

    def keep(self, exchange: Exchange) -> Exchange:
        """The exchange, its body the one that is held already where there is an equal one."""
        outcome = exchange.outcome
        if not isinstance(outcome, Response):
            return exchange
        with self._lock:
            body = self._bodies.setdefault(outcome.body, outcome.body)
            self.size += len(body) if body is outcome.body else 0
        return exchange if body is outcome.body else replace(exchange, outcome=replace(outcome, body=body))
