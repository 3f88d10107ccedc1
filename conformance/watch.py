"""The watch over exchanges: each has until its deadline, whatever its thread waits for meanwhile.

urllib3 and http.client limit each wait for bytes, which a server that sends one now and then never exceeds. So
connections are closed from outside.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

SWEEP = 0.05
"""Seconds between two looks at the deadlines."""


@dataclass(slots=True)
class Current:
    """The exchange that a thread is in: until when it may go on, and the target as it is to be sent.

    ``handle`` is a second handle of its connection: libraries let go of a socket when it is wrapped in TLS, and when
    the header of a last answer was read.
    """

    deadline: float
    target: str
    handle: socket.socket | None = None
    cut: bool = False

    def over(self, channel: socket.socket) -> None:
        """Note the connection that it goes over."""
        self.close()
        self.handle = socket.socket(fileno=os.dup(channel.fileno()))

    def end(self) -> None:
        """Cut it off, whoever waits for its bytes."""
        self.cut = True
        if self.handle is not None:
            # It may be closed already, by its own thread or by the server.
            with contextlib.suppress(OSError):
                self.handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let the connection go."""
        if self.handle is not None:
            self.handle.close()


class Watch:
    """Ends exchanges whose time is over by closing their connections from outside."""

    def __init__(self) -> None:
        self._current: dict[int, Current] = {}
        self._ended = threading.Event()
        self._sweeper: threading.Thread | None = None
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def over(self, seconds: float, target: str) -> Iterator[Current]:
        """Watch over this thread's exchange for so many seconds."""
        self._begin()
        here = threading.get_ident()
        current = self._current[here] = Current(time.monotonic() + seconds, target)
        try:
            yield current
        finally:
            del self._current[here]
            current.close()

    @property
    def current(self) -> Current | None:
        """The exchange of the thread that looks."""
        return self._current.get(threading.get_ident())

    def sleep(self, seconds: float) -> None:
        """Wait so long, or until the end of the watch."""
        self._ended.wait(seconds)

    def end(self) -> None:
        """Cut every exchange that is under way, and watch no more."""
        self._ended.set()
        for current in list(self._current.values()):
            current.end()

    close = end

    def _begin(self) -> None:
        with self._lock:
            if self._sweeper is None:
                self._sweeper = threading.Thread(target=self._sweep, name="deadlines", daemon=True)
                self._sweeper.start()

    def _sweep(self) -> None:
        while not self._ended.wait(SWEEP):
            now = time.monotonic()
            for current in list(self._current.values()):
                if now > current.deadline:
                    current.end()
