"""Shrinking: queries simpler than one that broke a clause, to find the smallest that breaks it too.

The generators' own shrinkers ask one request after the other and by the hundred. Here the simpler queries of one step
are asked all at once, and a number is closed in on between the largest that is known to do no harm and itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from .draws import INTEGER, STAND_INS, Query

PARTS = 8
"""In how many parts the way from a harmless number to a harmful one is cut."""

MOST_LETTERS = 4
"""Single letters of a text that are tried by themselves."""


def simpler(query: Query, harmless: Collection[Query]) -> Iterator[Query]:
    """Queries that are one step simpler, the simplest first; ``harmless`` are those known to break nothing."""
    for name in dict.fromkeys(name for name, _ in query):
        values = [value for key, value in query if key == name]
        for fewer in _fewer(name, values):
            yield _with(query, name, fewer)
        if len(values) == 1 and values[0] != STAND_INS.get(name):
            known = [theirs[0] for one in harmless if len(theirs := _single(query, one, name)) == 1]
            yield from (_with(query, name, [value]) for value in _nearer(values[0], known))


def _fewer(name: str, values: Sequence[str]) -> Iterator[Sequence[str]]:
    """A parameter's values less some: none or the target's own at first, then each by itself."""
    plain = [STAND_INS[name]] if name in STAND_INS else []
    if values != plain:
        yield plain
    if len(values) > 1:
        yield from ([value] for value in dict.fromkeys(values) if [value] != plain)


def _nearer(value: str, harmless: Sequence[str]) -> Iterator[str]:
    """Simpler values: a number nearer to the largest that does no harm, or a part of a text."""
    if INTEGER.fullmatch(value):
        number = int(value)
        low = max((int(one) for one in harmless if INTEGER.fullmatch(one) and int(one) < number), default=0)
        yield from map(str, dict.fromkeys(low + (number - low) * part // PARTS for part in range(1, PARTS)))
    elif len(value) > 1:
        half = len(value) // 2
        yield from dict.fromkeys([*dict.fromkeys(value)][:MOST_LETTERS])
        yield from (value[:half], value[half:], value[1:], value[:-1])


def _with(query: Query, name: str, values: Sequence[str]) -> Query:
    """The query with these values of a parameter, where its first one stood."""
    place = next(number for number, (key, _) in enumerate(query) if key == name)
    before = tuple(pair for pair in query[:place] if pair[0] != name)
    after = tuple(pair for pair in query[place:] if pair[0] != name)
    return (*before, *((name, value) for value in values), *after)


def _single(query: Query, other: Query, name: str) -> list[str]:
    """The values of a parameter in another query, if nothing else differs between the two."""
    if [pair for pair in query if pair[0] != name] != [pair for pair in other if pair[0] != name]:
        return []
    return [value for key, value in other if key == name]
