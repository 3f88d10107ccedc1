"""Tally: what a run has cost so far, in requests, bytes, and time in which nothing came."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator


class Tally:
    """What went over the wire: requests as they were really sent, and the bytes of the answers that came whole.

    ``lost`` are seconds in which the target was waited for in vain, or at its wish; those of several threads at the
    same time count once. ``dropped`` are requests under which a connection was closed, and that another one answered.
    """

    def __init__(self) -> None:
        self.requests = 0
        self.bytes = 0
        self.lost = 0.0
        self.dropped = 0
        self._counted_until = 0.0
        self._lock = threading.Lock()

    def sent(self) -> None:
        """One request more."""
        with self._lock:
            self.requests += 1

    def took(self, size: int) -> None:
        """One answer more, of so many bytes."""
        with self._lock:
            self.bytes += size

    def was_dropped(self) -> None:
        """One request more under which the connection was closed, and that was answered over another."""
        with self._lock:
            self.dropped += 1

    def lost_since(self, start: float) -> None:
        """Time lost from a moment of `time.monotonic` until now."""
        with self._lock:
            now = time.monotonic()
            self.lost += now - max(start, min(self._counted_until, now))
            self._counted_until = now

    @contextlib.contextmanager
    def losing(self) -> Iterator[None]:
        """Time that is lost while the block lasts."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.lost_since(start)
