"""Steadiness: what is told of a target that answers one request now so, now otherwise, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.answer import Reply
from conformance.judgement import Judgement, Undecided
from conformance.sight import Asked
from conformance.steadiness import apart, flickers, parted, thrown_off
from tests.suite.replies import reply, vms


def row(*lists: str, label: str = "") -> Asked:
    """Replies with these machines, in a row; "!" is a refusal."""
    made = [reply({"msg": "no"}, 400) if ids == "!" else reply(vms(*ids)) for ids in lists]
    return Asked({f"{label} {number}": one for number, one in enumerate(made)})


FLICKERS = {
    "all alike": (("ab", "ba", "ab"), 0),
    "one by itself": (("ab", "a", "ab", "ab"), 1),
    "every other by turns": (("ab", "a", "ab", "a", "ab"), 2),
    "another one each time": (("ab", "a", "ab", "b", "ab"), 0),
    "changed for longer": (("ab", "ab", "ab", "a", "a"), 0),
    "changed for longer, and once": (("ab", "a", "ab", "ab", "a", "a", "ab"), 0),
    "one that lists nothing": (("ab", "!", "ab"), 0),
    "the one before": (("a", "ab", "ab"), 0),
    "the one before and the first": (("a", "a", "ab", "ab", "ab"), 0),
    "the last, which may stay so": (("ab", "ab", "ab", "a"), 0),
}
"""The good reply before a row and the row itself, and how many of it are wrong."""


@pytest.mark.parametrize(("lists", "wrong"), FLICKERS.values(), ids=FLICKERS)
def test_reply_that_differs_for_one_ask_is_wrong(lists: tuple[str, ...], wrong: int) -> None:
    """A list that changes by itself stays changed for longer than one ask; then nothing is told."""
    before, *rest = lists
    judged = flickers(row(*rest), reply(vms(*before)))
    assert sum(1 + one.more for one in judged.findings) == wrong
    assert judged.values == len(lists) - 2
    # What changed, and not as a fault would have it, says neither that all is well.
    assert judged.tells is (bool(wrong) or len({"".join(sorted(ids)) for ids in lists} - {"!"}) == 1)


def test_row_in_which_nothing_came_twice_shows_nothing() -> None:
    """A list that is another one each time cannot be told from a query that gives any machines in any order."""
    with pytest.raises(Undecided, match="another one each of the 4 times"):
        flickers(row("a", "bc", "c"), reply(vms(*"ab")))
    assert flickers(row("a", "bc", "ab"), reply(vms(*"ab"))).values == 2


def test_what_came_without_a_break_is_looked_at_by_itself() -> None:
    """An answer that is wrong every other time is told, though others were asked between the first of the row."""
    came = ("ab", "", "", "ab", "", "ab", "", "ab")
    for numbers, wrong in ((range(1, 9), 0), ((1, 4, 6, 7, 8, 9, 10, 11), 2)):
        numbered = [_numbered(reply(vms(*ids)), number) for ids, number in zip(came, numbers, strict=True)]
        judged = flickers(Asked({str(place): one for place, one in enumerate(numbered[1:])}), numbered[0])
        assert sum(1 + one.more for one in judged.findings) == wrong


def _numbered(one: Reply, number: int) -> Reply:
    return replace(one, exchange=replace(one.exchange, number=number))


APART = {
    "alike": ("k ab, f ab, k ab, f ab, k ab", 0),
    "other machines each time": ("k ab, f a, k ab, f a, k ab", 2),
    "another order each time": ("k ab, f ba, k ab, f ba, k ab", 2),
    "once": ("k ab, f a, k ab, f ab, k ab", 0),
    "before the first of the one kind": ("f a, f a, k ab, f ab, k ab", 0),
    "before and between": ("f a, k ab, f a, k ab, f a, k ab", 3),
    "behind the last of the one kind": ("k ab, f ab, k ab, f a, f a", 0),
    "of the first kind but one": ("k ab, f a, f a", 0),
    "the first kind not alike": ("k ab, f a, k a, f a, k ab", 0),
    "the first kind in two orders": ("k ab, f a, k ba, f a, k ab", 0),
    "the first kind refused": ("k !, f a, k !, f a, k !", 0),
}
"""What came by turns, of kept and fresh connections, and how many fresh ones are wrong."""


@pytest.mark.parametrize(("turns", "wrong"), APART.values(), ids=APART)
def test_kind_that_differs_time_and_again_is_wrong(turns: str, wrong: int) -> None:
    """One kind is alike in itself, and the other is not like it more than once, between two of the first."""
    kinds = {"k": "kept", "f": "fresh"}
    asked = Asked(
        {f"{kinds[kind]} {number}": only(ids) for number, (kind, ids) in enumerate(map(str.split, turns.split(",")))}
    )
    judged = apart(asked, "kept", "fresh")
    assert sum(1 + one.more for one in judged.findings) == wrong
    first = asked[next(label for label in asked.labels if label.startswith("kept"))]
    assert all(one.exchanges[0] is first.exchange for one in judged.findings)
    assert judged.values == turns.count("f ")


def only(ids: str) -> Reply:
    """The reply of a row of one."""
    return next(iter(row(ids)))


PARTED = {
    "alike": (("ab", "ab", "ab"), ("ab", "ab", "ab"), 0),
    "one connection by itself": (("ab", "a", "ab"), ("ab", "a", "ab"), 1),
    "two connections of five": (("a", "ab", "ab", "a", "ab"), ("a", "ab", "ab", "a", "ab"), 2),
    "another order": (("ab", "ba", "ab"), ("ab", "ba", "ab"), 1),
    "changed between the two": (("ab", "a", "ab"), ("ab", "ab", "ab"), 0),
    "one by itself, and changed between two": (("ab", "a", "ab"), ("ab", "a", "b"), 0),
    "the second refused": (("ab", "a", "ab"), ("ab", "!", "ab"), 0),
    "no second": (("ab", "a", "ab"), (), 0),
}
"""What came first and second over each connection, and over how many of them wrong lists came."""


@pytest.mark.parametrize(("fresh", "kept", "wrong"), PARTED.values(), ids=PARTED)
def test_connections_that_each_list_alike_and_not_like_others_are_wrong(
    fresh: tuple[str, ...], kept: tuple[str, ...], wrong: int
) -> None:
    """A worker of its own stands behind each; what changes between the two over one changes by itself."""
    turns = Asked({**row(*fresh, label="fresh").replies, **row(*kept, label="kept").replies})
    judged = parted(turns, "fresh", "kept")
    assert sum(1 + one.more for one in judged.findings) == wrong
    assert judged.tells is bool(wrong)


@pytest.mark.parametrize(
    ("lists", "wrong"),
    [
        (("ab", "", "ab", "ab", "", "ab", "ab"), 0),
        (("ab", "", "a", "ab", "", "ab", "ab"), 1),
        (("ab", "", "a", "ab", "", "a", "ab"), 2),
        # From then on it is another list, which may have changed by itself.
        (("ab", "", "a", "a", "", "a", "a"), 0),
        # What is seen behind a good one, too, comes and goes by itself.
        (("ab", "", "a", "ab", "", "ab", "ab", "", "ab", "a"), 0),
        # Which of two is right where the list changes meanwhile, nothing says.
        (("ab", "", "a", "b", "", "b", "b"), 0),
    ],
)
def test_reply_thrown_off_by_another_request_is_wrong(lists: tuple[str, ...], wrong: int) -> None:
    """A good reply that follows another request is wrong where those around both are alike and it is not."""
    judged = after_first(*lists)
    assert sum(1 + finding.more for finding in judged.findings) == wrong


def test_list_that_never_holds_still_shows_nothing_of_what_throws_it_off() -> None:
    """Where no two good replies around another request are alike, nothing is told; a failed one is others' matter."""
    with pytest.raises(Undecided, match="changed around each"):
        after_first("a", "", "b", "c", "", "d", "e")
    with pytest.raises(Undecided, match="changed around each"):
        after_first("a", "!", "b", "c", "!", "d", "e")
    for failed in (("", "!", "b"), ("", "b", "!")):
        assert not after_first("a", *failed, "", "d", "e").findings


def after_first(first: str, *lists: str) -> Judgement:
    """What is said of a row of replies behind a good one."""
    return thrown_off(row(*lists), reply(vms(*first)))


def test_machines_of_a_dict_are_alike_in_any_order() -> None:
    """A dict has no order that could be another, and what is not like it is told all the same."""
    told = [reply({"vm_servers": {id: {"instance_id": id} for id in ids}}) for ids in ("ab", "a", "a", "ba")]
    labels = ("kept 1", "fresh 1", "fresh 2", "kept 2")
    (finding,) = apart(Asked(dict(zip(labels, told, strict=True))), "kept", "fresh").findings
    assert (finding.expected, finding.more) == ("the same list as before", 1)
