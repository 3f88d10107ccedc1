"""`f` and `t`, the document's paging points, to a window of the list."""

import re
from dataclasses import dataclass

LARGE = 2**62
"""Stands for every greater bound: beyond any list, and within what SQLite counts with."""

# int() reads no more than 4,300 digits, and Unicode digits besides; a bound is plain ASCII.
DIGITS = re.compile(r"[0-9]{1,4300}")


@dataclass(frozen=True)
class Window:
    """The machines from index `start` up to, not including, `stop`; with no `stop`, to the end."""

    start: int = 0
    stop: int | None = None

    @property
    def size(self) -> int | None:
        """How many machines the window holds at most; None is no limit."""
        return None if self.stop is None else max(self.stop - self.start, 0)


@dataclass(frozen=True)
class Convention:
    """What the points mean: what the first machine is numbered, and whether the end point is itself within."""

    base: int
    inclusive: bool

    @classmethod
    def named(cls, reading: str) -> "Convention":
        """The convention of a value of the reading `paging`, such as `1-inclusive`."""
        base, _, end = reading.partition("-")
        return cls(base=int(base), inclusive=end == "inclusive")

    def window(self, first: int | None, last: int | None) -> Window:
        """The window from point `first` to point `last`; None leaves that end open, a point before the list is cut."""
        start = 0 if first is None else max(first - self.base, 0)
        stop = None if last is None else max(last - self.base + self.inclusive, 0)
        return Window(start, stop)


def point(text: str) -> int | None:
    """The paging point that a parameter writes in ASCII digits, at most LARGE; None where it writes none."""
    return min(int(text), LARGE) if DIGITS.fullmatch(text) else None
