"""Long lists taken in chunks: what is looked at more than once is fetched from memory once.

A machine that was just made lies anywhere in memory, and to fetch it takes longer than most looks at it. A chunk stays
in the processor's cache from one look to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

CHUNK = 1000
"""Items of a chunk: enough for what is done with each to be quick, and few enough that copies made of it are small."""


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in their order, so many at a time."""
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
