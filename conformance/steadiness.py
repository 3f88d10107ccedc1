"""Steadiness: what replies to one request, asked time and again, tell of a target that answers now so, now otherwise.

A list that changes by itself does not change with what is asked, nor back and forth; that tells it from a fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise, starmap

from .answer import Reply
from .expect import has_the_machines_of, has_the_order_of
from .judgement import Judgement, Moved, each
from .sight import Asked


def flickers(asked: Asked, before: Reply) -> Judgement:
    """Replies to one request asked in a row, of which some differ from all the others, each for one ask only.

    A list that changes by itself stays changed for longer than one ask, now and then at least; an answer that is
    wrong every n-th time, or from one worker of several, stands between right ones each time. So the row begins
    with the good reply ``before``, and its last reply, behind which none stands, is not judged. Where others were
    asked between some of them, what came without a break is looked at by itself as well. A row in which the list
    changed otherwise is silent; Moved where it was never the same twice, which shows nothing at all.
    """
    row = [before, *asked]
    changed = not all(_alike(before, one) for one in row)
    if changed and all(one.listing is not None for one in row) and not any(starmap(_alike, combinations(row, 2))):
        raise Moved(f"the list was another one each of the {len(row)} times that it was asked for")
    calm = replace(each(row[1:-1], (), lambda one: (one.exchange,)), silent=changed)
    return _flickering(row) or _flickering(_unbroken(row)) or calm


def thrown_off(asked: Asked, before: Reply) -> Judgement:
    """What follows another request is alike to the good replies before and behind it, where these are alike.

    The replies are by threes another request's and two good ones, after a good one ``before`` them all. A list that
    changes by itself stays changed, and does not go back at once; or where it goes back and forth, it stands behind
    a good request too as it stood behind another. Moved where it changed around each of the others.
    """
    row = [before, *asked]
    fours = list(zip(row[0::3], row[1::3], row[2::3], row[3::3], strict=False))
    behind_good = row[3::3]
    framed = [
        _framed(*four[:3])
        for four in fours
        if _alike(four[0], four[3])
        and (_alike(four[2], four[0]) or not any(_alike(four[2], one) for one in behind_good))
    ]
    if not framed and all(one.listing is not None for one in (*row[0::3], *row[2::3])):
        raise Moved("the list changed around each of the other requests")
    return sum(framed, Judgement())


def apart(asked: Asked, one: str, other: str) -> Judgement:
    """Two kinds of replies that took turns: one is alike in itself, the other is not like it time and again.

    A list that changes by itself does not change back and forth with the turns: so only those count that came between
    two of the one kind, not those before the first of it, which one change would part from all that follow.
    """
    ours, theirs = list(asked.labelled(one)), list(asked.labelled(other))
    if not ours or not theirs:
        return Judgement()
    whole = ours[0].listing
    if whole is None or not all(_in_order_alike(ours[0], reply) for reply in ours):
        return each(theirs, (), lambda reply: (ours[0].exchange, reply.exchange))
    own = [place for place, label in enumerate(asked.labels) if label.startswith(one)]
    between = (asked[label] for label in asked.labels[own[0] : own[-1]] if label.startswith(other))
    again = sum(not _in_order_alike(ours[0], reply) for reply in between) > 1
    rules = (has_the_machines_of(whole), has_the_order_of(whole)) if again else ()
    return each(theirs, rules, lambda reply: (ours[0].exchange, reply.exchange))


def parted(asked: Asked, one: str, other: str) -> Judgement:
    """Two replies over each of several connections, of which each lists alike, and some unlike the others.

    Between the two over one connection others were asked crosswise, so that a list which changes by itself, once or
    for a moment, does not change with the connections. Where none differs, all may have come to the same worker.
    """
    names = (label.removeprefix(one) for label in asked.labels if label.startswith(one))
    pairs = [(asked[f"{one}{name}"], asked[f"{other}{name}"]) for name in names if f"{other}{name}" in asked.labels]
    silent = Judgement(silent=True)
    if not pairs or not all(_in_order_alike(*pair) for pair in pairs):
        return silent
    firsts = [first for first, _ in pairs]
    usual = max(firsts, key=lambda reply: sum(_in_order_alike(reply, first) for first in firsts))
    odd = [second for first, second in pairs if not _in_order_alike(usual, first)]
    if usual.listing is None or not odd:
        return silent
    rules = (has_the_machines_of(usual.listing), has_the_order_of(usual.listing))
    return each(odd, rules, lambda reply: (usual.exchange, reply.exchange))


def _alike(one: Reply, other: Reply) -> bool:
    """Whether two replies list the same machines; one that lists none because it failed is nobody's like."""
    found, theirs = one.listing, other.listing
    return found is not None and theirs is not None and found.same_machines(theirs)


def _flickering(row: Sequence[Reply]) -> Judgement | None:
    """The replies within a row that differ from most, each for one ask only; None where there is none.

    What is wrong by turns is wrong in the same way each time; a list that is another one each time changes by itself.
    """
    usual = max(row, key=lambda one: sum(_alike(one, other) for other in row))
    odd = [not _alike(one, usual) for one in row]
    lists = [one for one, is_odd in zip(row, odd, strict=True) if is_odd and one.listing is not None]
    stays = any(one and following for one, following in pairwise(odd))
    varies = not all(_alike(lists[0], one) for one in lists)
    if usual.listing is None or not any(odd[1:-1]) or stays or varies:
        return None
    return each(row[1:-1], (has_the_machines_of(usual.listing),), lambda one: (one.exchange,))


def _unbroken(row: Sequence[Reply]) -> Sequence[Reply]:
    """The end of a row, back to where something else was asked in between."""
    numbers = [one.exchange.number for one in row]
    breaks = [place for place, (one, following) in enumerate(pairwise(numbers), 1) if following != one + 1]
    return row[breaks[-1] :] if breaks else row


def _framed(before: Reply, other: Reply, after: Reply) -> Judgement:
    """One good reply after another request, held to the one before both, which lists machines."""
    rules = (has_the_machines_of(before.listing),) if before.listing is not None else ()
    return each([after], rules, lambda reply: (other.exchange, reply.exchange))


def _in_order_alike(one: Reply, other: Reply) -> bool:
    """Whether two replies list the same machines, in the same order where there is one."""
    found, theirs = one.listing, other.listing
    ordered = found is not None and theirs is not None and found.ordered
    return _alike(one, other) and (not ordered or (found and found.ids) == (theirs and theirs.ids))
