"""Progress: how far work of minutes has come, for who waits for it at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def counted(made: Iterable[T], of: int, what: str) -> Iterator[T]:
    """What is made, one by one; where standard error is a terminal, a line there says how many of how many it is."""
    for number, one in enumerate(made, 1):
        if sys.stderr.isatty():
            print(f"\r\x1b[K{number} of {of} {what}", end="\n" if number == of else "", file=sys.stderr, flush=True)
        yield one
