"""Paging: windows of a list, the four conventions that the document leaves open, and which of them a target keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from .answer import Listing, Reply, identity
from .judgement import Problem, Undecided
from .shape import shown

START, END = "f", "t"
"""The document's names for the start and the end point."""


@dataclass(frozen=True, slots=True)
class Window:
    """The bounds of a request as they are sent; None where one is not given."""

    f: int | None = None
    t: int | None = None

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in ((START, self.f), (END, self.t)) if value is not None)


@dataclass(frozen=True, slots=True)
class Convention:
    """What `f` and `t` count from, and whether the end point is itself in the window."""

    base: int
    inclusive: bool

    def __str__(self) -> str:
        return f"{self.base}-{'inclusive' if self.inclusive else 'exclusive'}"

    def span(self, window: Window, length: int) -> tuple[int, int] | None:
        """Where a window lies in a list of this length, as a slice; None where the document does not say."""
        start = 0 if window.f is None else window.f - self.base
        stop = length if window.t is None else window.t - self.base + self.inclusive
        crossed = window.f is not None and window.t is not None and window.f > window.t
        if start < 0 or stop < 0 or crossed:
            return None
        return min(start, length), max(min(start, length), min(stop, length))

    def window(self, start: int, stop: int) -> Window:
        """The window that asks for the slice from ``start`` to before ``stop`` of a list."""
        return Window(start + self.base, stop + self.base - self.inclusive)


CONVENTIONS = tuple(Convention(base, inclusive) for base in (1, 0) for inclusive in (True, False))

TELLING = (Window(1, 2), Window(2, 3), Window(2, 4), Window(1, 1), Window(0, 1), Window(0, 0), Window(f=1))
"""Windows that tell the conventions apart on a list of any length."""

BY_NUMBER = (Window(1, 10_000), Window(2, 10_000))
"""Windows that tell by their number of machines: of a dict nothing else does, and `f` alone may be what is broken."""


USUAL_WIDTHS = (10, 100)
"""Machines on a page as clients like to ask for them; ten in the document's own sample."""

EVERY_WIDTH = 10
"""Up to this width a page is asked for of each, or where every machine is to be walked to, all of its pages."""

MOST_PAGES = 3
"""Pages of one width that are asked for at the most, where the width is not chosen by the list."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A window that was asked, what came, the whole list that it is a window of, and what the clause calls it."""

    window: Window
    reply: Reply
    whole: Listing
    label: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """The conventions that explain what a target answers: one where it is known, several where it cannot show which.

    ``shortest`` is the length of the shortest whole list that was seen: a list that changes by itself may have been so
    short when a window of it was asked for.
    """

    conventions: tuple[Convention, ...]
    shortest: int | None = None

    @property
    def convention(self) -> Convention:
        """One that explains what was seen, to choose windows by."""
        return self.conventions[0]

    @property
    def only(self) -> Convention:
        """The one that is kept; Undecided where the target cannot show which of several."""
        if len(self.conventions) > 1:
            kept = ", ".join(map(str, self.conventions))
            raise Undecided(
                f"the list does not show which is kept of {kept}; a longer one may, and --reading=paging=VALUE"
            )
        return self.conventions[0]

    def may_refuse(self, seen: Seen) -> bool:
        """Whether a window holds no machine under one of the conventions that are possible, or means nothing."""
        length = len(seen.whole) if self.shortest is None else min(self.shortest, len(seen.whole))
        spans = (one.span(seen.window, length) for one in self.conventions)
        return any(span is None or span[0] == span[1] for span in spans)

    def problem(self, seen: Seen) -> Problem | None:
        """What is wrong with a window under each of the conventions that are possible; None where one explains it."""
        if any(explains(one, seen) for one in self.conventions):
            return None
        expected = self.convention.span(seen.window, len(seen.whole)) or (0, 0)
        return Problem(
            f"{seen.window} to list {described(expected, seen.whole)}",
            f"came {seen.reply.came}: {placed(seen.reply.machines, seen.whole)}",
            kind="window",
            moves=True,
        )


def explains(convention: Convention, seen: Seen) -> bool:
    """Whether an answer is what the convention makes of its window.

    So is any answer where it says nothing, and a refusal where no machine is in the window.
    """
    span = convention.span(seen.window, len(seen.whole))
    if span is None or (span[0] == span[1] and seen.reply.refuses):
        return True
    return seen.reply.is_list and is_slice(seen.reply.machines, span, seen.whole)


def is_slice(machines: Sequence[object], span: tuple[int, int], whole: Listing) -> bool:
    """Whether machines are, by their ids, a slice of a list; of a dict, as many of its machines as the slice has."""
    start, stop = span
    came = [identity(machine) for machine in machines]
    if whole.ordered:
        return came == list(whole.ids[start:stop])
    return len(came) == stop - start and Counter(came) <= Counter(whole.ids)


def telling(whole: Listing) -> tuple[Window, ...]:
    """The windows that tell the conventions apart for a list."""
    return TELLING if whole.ordered else (*TELLING, *BY_NUMBER)


def find(seen: Sequence[Seen]) -> tuple[Convention, ...]:
    """The conventions that explain the most of the telling windows, if that is most of them; none where none does."""
    scores = {one: sum(explains(one, window) for window in seen) for one in CONVENTIONS}
    best = max(scores.values()) if seen else 0
    return tuple(one for one, score in scores.items() if score == best) if best * 2 > len(seen) else ()


def keeps_a_convention(
    shown: Sequence[Convention], pinned: Convention | None
) -> Callable[[Sequence[Seen]], Problem | None]:
    """The telling windows, taken together, follow one of the conventions, and the pinned one where one is pinned."""

    def rule(seen: Sequence[Seen]) -> Problem | None:
        came = "; ".join(f"{one.window}: {_told(one)}" for one in seen)
        if len(seen) == 1 and any(explains(one, seen[0]) for one in CONVENTIONS):
            # A window by itself, held against a list that was there for a moment: it may follow any of them.
            return None
        if not shown:
            return Problem("windows by one of " + ", ".join(map(str, CONVENTIONS)), f"came {came}")
        if pinned and pinned not in shown:
            return Problem(f"paging {pinned}, as pinned", f"came {' or '.join(map(str, shown))}: {came}")
        both = [one for one in seen if one.window.f is not None and one.window.t is not None]
        # Two conventions that explain as much of it as each other are mixed, unless one of them explains all.
        broken = [[problem for one in both if (problem := _by(one, Paging((kept,))))] for kept in shown]
        return None if [] in broken else broken[0][0]

    return rule


def _told(seen: Seen) -> str:
    """What came to a window, by the machines' places; by its status too where that is another success than 200."""
    machines = placed(seen.reply.machines, seen.whole)
    return (
        f"{seen.reply.exchange.came} with {machines}" if seen.reply.machines and seen.reply.status != 200 else machines
    )


def _by(seen: Seen, paging: Paging) -> Problem | None:
    """What is wrong with a window by some conventions, shown by itself."""
    problem = paging.problem(seen)
    return replace(problem, by=(seen.reply.exchange,)) if problem else None


def spans_of_note(length: int) -> list[tuple[int, int]]:
    """The slices of a list in which pagers go wrong: first, middle, last, a single machine, all of them."""
    third = max(1, length // 3)
    spans = {
        (0, third),
        (third, min(length, 2 * third)),
        (max(0, length - third), length),
        (length // 2, length // 2 + 1),
        (0, length),
    }
    return sorted(span for span in spans if span[0] < span[1] <= length)


def pages_of_widths(
    convention: Convention, length: int, chance: Random, *, exhaustive: bool = False
) -> dict[str, Window]:
    """Pages by their row and their place in it; a row is of one width.

    Whole rows, which cover the list, are of a half, a third and a ninth of its length, rounded up so that most do not
    divide it, and of what pages usually are where that gives few of them. Of every other small width there is one page
    after the first, by chance, for a pager may go wrong at one width only; exhaustively, there is its whole row.
    """
    widths = {max(1, -(-length // parts)) for parts in (2, 3, 9)}
    widths |= {width for width in USUAL_WIDTHS if width < length <= MOST_PAGES * width}
    every = range(1, min(length - 1, EVERY_WIDTH) + 1)
    pages: dict[str, Window] = {}
    for width in sorted({*widths, *every}):
        row = list(enumerate(tiles(convention, length, width), 1))
        whole = width in widths or exhaustive
        pages |= {f"width-{width} page {number}": one for number, one in (row if whole else [chance.choice(row[1:])])}
    return pages


def tiles_the_list(convention: Convention) -> Callable[[Sequence[Seen]], Problem | None]:
    """The pages of one row, one after the other, are the list from where the first begins to where the last ends."""
    return lambda seen: _tiled(convention, seen)


def _tiled(convention: Convention, seen: Sequence[Seen]) -> Problem | None:
    whole = seen[0].whole
    together = [machine for one in seen for machine in one.reply.machines]
    first, last = (convention.span(one.window, len(whole)) or (0, 0) for one in (seen[0], seen[-1]))
    start, stop = first[0], last[1]
    if is_slice(together, (start, stop), whole):
        return None
    came = Counter(identity(machine) for machine in together)
    # Which machines a part of a dict holds nothing says, as it has no order.
    any_of_them = not whole.ordered and stop - start < len(whole)
    wanted = () if any_of_them else whole.ids[start:stop]
    known = {*(whole.ids if any_of_them else wanted)}
    names = {
        "lost": [name for name in wanted if name not in came],
        "twice": [name for name, times in came.items() if times > 1],
        "of others": [name for name in came if name not in known],
    }
    faults = [f"{word} {_some(those)}" for word, those in names.items() if those]
    pages = f"{len(seen)} pages, {seen[0].window} first," if len(seen) > 1 else str(seen[0].window)
    expected = f"{pages} to list machines no. {start + 1} to {stop} of {len(whole)}, each once"
    otherwise = "another order" if whole.ordered else f"{len(together)} of them"
    return Problem(expected, f"came {'; '.join(faults) or otherwise}", kind="tiling")


def lists_no_more_than_fit(seen: Seen) -> Problem | None:
    """There are no more machines than numbers from `f` to `t`, both of them counted, as every convention has it."""
    window, number = seen.window, len(seen.reply.machines)
    fit = max(0, window.t - window.f + 1) if window.f is not None and window.t is not None else number
    if number <= fit:
        return None
    return Problem(f"{fit or 'no'} machine{'s' * (fit > 1)} at the most for {window}", f"came {seen.reply.came}")


def same_records(seen: Seen) -> Problem | None:
    """Every machine of the window has the record that it has in the whole list."""
    known = dict(zip(seen.whole.ids, seen.whole.machines, strict=True))
    record = seen.whole.terms.record
    for machine in seen.reply.machines:
        name = identity(machine)
        if name in known and machine != known[name] and record(machine) != record(known[name]):
            return Problem("the record of the whole list", f"machine {shown(name)} has another in {seen.window}")
    return None


def reaches_the_last(seen: Seen) -> Problem | None:
    """The last machine of the list stands at the end of the window; where there is no order, some machine does."""
    machines = seen.reply.machines
    if machines and (not seen.whole.ordered or (identity(machines[-1]),) == seen.whole.ids[-1:]):
        return None
    return Problem("the list's last machine at the end", f"came {seen.reply.came}: {placed(machines, seen.whole)}")


def windows_by_chance(convention: Convention, length: int, chance: Random, number: int) -> list[Window]:
    """Windows whose starts are spread over a list; two of three are of a few machines, the others end anywhere."""
    spans = []
    for turn in range(number):
        start = int(length * (turn + chance.random()) / number)
        few = start + chance.randrange(EVERY_WIDTH)
        spans.append((start, min(few, length - 1) if turn % 3 else chance.randrange(start, length)))
    return [convention.window(start, last + 1) for start, last in spans]


def tiles(convention: Convention, length: int, width: int) -> list[Window]:
    """Windows of one width that cover a list without a gap or an overlap; the last may reach beyond its end."""
    return [convention.window(start, start + width) for start in range(0, length, width)]


def described(span: tuple[int, int], whole: Listing) -> str:
    """A slice of a list for a reader."""
    start, stop = span
    if stop <= start:
        return "no machine"
    if not whole.ordered:
        return f"{stop - start} of the {len(whole)} machines"
    return f"machines no. {start + 1} to {stop} of {len(whole)} ({_some(whole.ids[start:stop])})"


def placed(machines: Sequence[object], whole: Listing) -> str:
    """Machines for a reader, by their places in the whole list."""
    if not machines:
        return "no machine"
    places = {name: place for place, name in enumerate(whole.ids, 1)}
    known = [places.get(identity(machine), "?") for machine in machines]
    return f"machine{'' if len(known) == 1 else 's'} no. {_some(known)} of {len(whole)}"


def _some(values: Iterable[object]) -> str:
    """Values for a reader, the middle of a long row left out."""
    listed = [str(value) for value in values]
    return ", ".join(listed if len(listed) <= 5 else [*listed[:3], "…", listed[-1]])
