"""Intake: bodies as they arrive, piece by piece, within what one program has room for.

A body is limited as it came, with its content coding taken off, and by what it would be once it is parsed. Large ones
are taken in one at a time, so that what is under way at once is never many times the largest.
"""

from __future__ import annotations

import math
import threading
import time
import zlib
from collections.abc import Iterable

from .exchange import Failure
from .failures import Refused
from .watch import Current

LARGE = 2 * 1024 * 1024
"""Bytes of a body from which on it is taken in by itself, and looked at before it is parsed."""

PIECE = 4096
"""Bytes inflated at once: what is behind the end of a gzip member is copied for each."""

MOST_MEMBERS = 10_000
"""Members of one gzip body, each of which takes time whatever is in it."""

WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""The content codings that are taken off, each with zlib's name for it."""

COSTS = {b"{": 150, b"[": 60, b",": 60}
"""About how many bytes a parsed value takes, by a mark that each has in its text."""

PARSED = 4
"""How many times its limit a body may be once parsed."""

LONGEST_TEXT = 1024 * 1024
"""Bytes of one text in a body; a program that reads it has it twice, and as wide as its widest character."""


class Pile:
    """One body on its way in."""

    def __init__(self, most: int, turn: threading.Lock, current: Current) -> None:
        self._most = most
        self._turn = turn
        self._current = current
        self._has_turn = False

    def joined(self, chunks: Iterable[bytes]) -> bytes:
        """All chunks; Refused beyond the limit."""
        arrived = bytearray()
        for chunk in chunks:
            arrived += chunk
            if len(arrived) > self._most:
                raise Refused(Failure("too large", f"a body of more than {self._most:,} bytes"))
            self._wait_if_large(len(arrived))
        return bytes(arrived)

    def decoded(self, arrived: bytes, coding: str) -> bytes:
        """A body with its content coding taken off; one that nobody asked for is left on it."""
        windows = WINDOWS.get(coding.strip().lower())
        if windows is None or not arrived:
            return arrived
        try:
            return self._inflated(arrived, windows)
        except zlib.error as error:
            raise Refused(Failure("encoding", f"a body that is not the {coding} it says it is: {error}")) from None

    def _inflated(self, arrived: bytes, windows: int) -> bytes:
        """What zlib makes of a body; of several members one after the other (RFC 1952 section 2.2), all of them."""
        body = bytearray()
        inflater, members = zlib.decompressobj(windows), 1
        for start in range(0, len(arrived), PIECE):
            piece = arrived[start : start + PIECE]
            while piece:
                if self._current.cut:
                    raise Refused(Failure("timeout", "a body that takes too long to inflate"))
                if inflater.eof:
                    members += 1
                    if members > MOST_MEMBERS:
                        raise Refused(Failure("too large", f"a body of more than {MOST_MEMBERS:,} gzip members"))
                    inflater = zlib.decompressobj(windows)
                body += inflater.decompress(piece, self._most - len(body) + 1)
                if len(body) > self._most:
                    raise Refused(Failure("too large", f"a body that inflates beyond {self._most:,} bytes"))
                piece = inflater.unused_data
            self._wait_if_large(len(body))
        if not inflater.eof:
            raise zlib.error("it ends before its end")
        return bytes(body)

    def _wait_if_large(self, size: int) -> None:
        if size > LARGE and not self._has_turn:
            # To wait for others is not the target's time.
            left, self._current.deadline = self._current.deadline - time.monotonic(), math.inf
            self._has_turn = self._turn.acquire()
            self._current.deadline = time.monotonic() + left

    def check(self, body: bytes) -> None:
        """Whether there is room for what a body would be once parsed; Refused where there is none."""
        if len(body) < LARGE:
            return
        if sum(cost * body.count(mark) for mark, cost in COSTS.items()) > PARSED * self._most:
            raise Refused(Failure("too large", "a body of more values than a list of machines needs"))
        for start in range(0, len(body), LONGEST_TEXT):
            if len(body) - start >= LONGEST_TEXT and body.find(b'"', start, start + LONGEST_TEXT) < 0:
                raise Refused(Failure("too large", f"a body with {LONGEST_TEXT:,} bytes in which no text ends"))

    def __enter__(self) -> Pile:
        return self

    def __exit__(self, *_: object) -> None:
        # The next large body may come in.
        if self._has_turn:
            self._turn.release()


class Intake:
    """Where the bodies of one target's answers come in; ``most`` bytes each. Safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._turn = threading.Lock()

    def body(self, current: Current) -> Pile:
        """Room for the body of the exchange that is under way, for as long as it is dealt with."""
        return Pile(self._most, self._turn, current)
