"""Sight: replies judged together, and which replies of a run a clause may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest

from conformance.answer import Listing, Reply
from conformance.evidence import Evidence, Take
from conformance.exchange import Exchange, Failure
from conformance.judgement import Inapplicable, Judgement, Problem, Undecided
from conformance.known import Known
from conformance.paging import Seen, Window
from conformance.probes import Probes
from conformance.sight import MACHINERY, Asked, Lists, Sight, Windows, window_of
from tests.suite.miniature import TARGET, catalogue, document
from tests.suite.test_rules import reply, vms, whole
from tests.suite.test_windows import TEN, seen

GOOD = Probes(document(), TARGET).good
NUMBERS = count(1)


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
    judged = row(*rest).flickers(reply(vms(*before)))
    assert sum(1 + one.more for one in judged.findings) == wrong
    assert judged.values == len(lists) - 2
    # What changed, and not as a fault would have it, says neither that all is well.
    assert judged.tells is (bool(wrong) or len({"".join(sorted(ids)) for ids in lists} - {"!"}) == 1)


def test_row_in_which_nothing_came_twice_shows_nothing() -> None:
    """A list that is another one each time cannot be told from a query that gives any machines in any order."""
    with pytest.raises(Undecided, match="another one each of the 4 times"):
        row("a", "bc", "c").flickers(reply(vms(*"ab")))
    assert row("a", "bc", "ab").flickers(reply(vms(*"ab"))).values == 2


def test_only_lists_of_the_same_machines_show_their_order() -> None:
    """A list of other machines, or a refusal, is none to compare the order with."""
    assert row("ba", "ab", "a", "abc", "!").listing_those_of(whole("a", "b")).labels == (" 0", " 1")


def test_what_came_without_a_break_is_looked_at_by_itself() -> None:
    """An answer that is wrong every other time is told, though others were asked between the first of the row."""
    came = ("ab", "", "", "ab", "", "ab", "", "ab")
    for numbers, wrong in ((range(1, 9), 0), ((1, 4, 6, 7, 8, 9, 10, 11), 2)):
        numbered = [_numbered(reply(vms(*ids)), number) for ids, number in zip(came, numbers, strict=True)]
        judged = Asked({str(place): one for place, one in enumerate(numbered[1:])}).flickers(numbered[0])
        assert sum(1 + one.more for one in judged.findings) == wrong


def _numbered(one: Reply, number: int) -> Reply:
    return replace(one, exchange=replace(one.exchange, number=number))


APART = {
    "alike": (("ab", "ab", "ab"), ("ab", "ab"), 0),
    "other machines each time": (("ab", "ab", "ab"), ("a", "a"), 2),
    "another order each time": (("ab", "ab", "ab"), ("ba", "ba"), 2),
    "once": (("ab", "ab", "ab"), ("a", "ab"), 0),
    "of the first kind but one": (("ab",), ("a", "a"), 2),
    "the first kind not alike": (("ab", "a", "ab"), ("a", "a"), 0),
    "the first kind in two orders": (("ab", "ba", "ab"), ("a", "a"), 0),
    "the first kind refused": (("!", "!"), ("a", "a"), 0),
}


@pytest.mark.parametrize(("kept", "fresh", "wrong"), APART.values(), ids=APART)
def test_kind_that_differs_time_and_again_is_wrong(kept: tuple[str, ...], fresh: tuple[str, ...], wrong: int) -> None:
    """One kind is alike in itself, and the other is not like it more than once."""
    both = Asked({**row(*kept, label="kept").replies, **row(*fresh, label="fresh").replies})
    judged = both.apart("kept", "fresh")
    assert sum(1 + one.more for one in judged.findings) == wrong
    assert all(one.exchanges[0] is both["kept 0"].exchange for one in judged.findings)
    assert judged.values == len(fresh)


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
    judged = Asked({**row(*fresh, label="fresh").replies, **row(*kept, label="kept").replies}).parted("fresh", "kept")
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
    assert not after_first("a", "", "b", "!", "", "d", "e").findings


def after_first(first: str, *lists: str) -> Judgement:
    """What is said of a row of replies behind a good one."""
    return row(*lists).thrown_off(reply(vms(*first)))


def test_machines_of_a_dict_are_alike_in_any_order() -> None:
    """A dict has no order that could be another, and what is not like it is told all the same."""
    told = [reply({"vm_servers": {id: {"instance_id": id} for id in ids}}) for ids in ("ab", "ba", "a", "a")]
    labels = ("kept 1", "kept 2", "fresh 1", "fresh 2")
    (finding,) = Asked(dict(zip(labels, told, strict=True))).apart("kept", "fresh").findings
    assert (finding.expected, finding.more) == ("the same list as before", 1)


def test_replies_are_chosen_by_label() -> None:
    """By whole labels, and by how they begin."""
    replies = row("a", "b", "c", label="own")
    assert replies.only("own 0", "own 2", "else").labels == ("own 0", "own 2")
    assert replies.labelled("own").labels == replies.labels
    assert replies.labelled("other").labels == ()
    assert replies.where(lambda one: one.machines[0]["instance_id"] == "b").labels == ("own 1",)
    assert [one.behaviour for one in replies.record("it lists", "own 1").register] == ["it lists"]
    assert replies.record("it lists", "other").register == ()


def odd(row: Sequence[Seen]) -> Problem:
    """A rule that nothing keeps."""
    return Problem("others", f"came {len(row)}", kind="odd")


def labelled(*made: tuple[str, str], of: Listing = TEN) -> Windows:
    """Windows by their labels, and what came to each."""
    return Windows(tuple(replace(seen(Window(1, 2), ids, of), label=label) for label, ids in made))


def test_windows_are_judged_row_by_row() -> None:
    """Those whose labels begin with one word are one row; what several rows show alike is told once."""
    windows = labelled(("w-1 page 1", "a"), ("w-1 page 2", "b"), ("w-2 page 1", "ab"))
    judged = windows.rows(odd)
    assert [(one.expected, one.seen, len(one.exchanges)) for one in judged.findings] == [("others", "came 2", 3)]
    assert (judged.values, len(judged.exchanges)) == (3, 4)
    assert windows.rows(lambda _: None).findings == ()
    (finding,) = windows.all(odd).findings
    assert (finding.message, len(finding.exchanges)) == ("expected others; came 3", 4)


def test_windows_of_an_empty_list_show_nothing() -> None:
    """No window tells anything where there is no machine, or where no window was asked."""
    for windows in (labelled(("x", ""), of=whole()), Windows(())):
        with pytest.raises(Undecided, match="the list is empty"):
            windows.all(odd)


def test_windows_are_chosen_and_given_another_list() -> None:
    """Those of some labels, as windows of a list that was seen at another time."""
    other = whole("a", "b")
    chosen = labelled(("page", "ab"), ("rest", "b"), ("before", "abc")).of(other, "page", "rest")
    assert [(one.label, one.whole) for one in chosen.seen] == [("page", other), ("rest", other)]


def test_empty_lists_are_not_judged() -> None:
    """What holds for every machine of a list without one would hold in vain."""
    assert Lists((whole(), whole("a"))).each(lambda _: None).values == 1


def answered(status: int, *, failed: bool = False) -> Exchange:
    """An exchange with an answer of this status, or with none."""
    outcome = (
        Failure("closed", "it closed") if failed else reply(vms() if status == 200 else {}, status).exchange.outcome
    )
    return Exchange(next(NUMBERS), GOOD, outcome, 0.1, 0.0)


def sight(*asked: Exchange) -> Sight:
    """What a clause sees whose probes were answered so."""
    replies = {str(one.status): one for one in asked}
    take = Take(answered(200), {"ERROR-bad-bound": replies}, answered(200))
    known = Known(document(), TARGET, Evidence({}, take.before, [take]), pinned={}, draw=dict, seed=1)
    return Sight(known, catalogue()["ERROR-bad-bound"], take.before, replies)


EVERY = (200, 204, 301, 399, 400, 404, 413, 414, 431, 499, 500, 503)


def statuses(seen: Asked) -> list[int | None]:
    """The statuses of some replies, each once."""
    return sorted({one.status for one in seen}, key=lambda one: one or 0)


def test_machinery_in_front_owes_no_error_body() -> None:
    """A refusal for a request's length, for its header's, or for asking too often is not the application's."""
    eyes = sight(*map(answered, EVERY), answered(0, failed=True))
    assert statuses(eyes.refused) == [400, 404, 499]
    assert statuses(eyes.refusals) == [400, 404, 499, 500, 503]
    assert statuses(eyes.answered) == [200, 204, 301, 399]
    assert frozenset({413, 414, 429, 431}) == MACHINERY
    with pytest.raises(Inapplicable):
        _ = sight(answered(431), answered(200)).refused


def test_target_that_asks_to_be_left_alone_is_not_judged() -> None:
    """A 429 among the replies says nothing of the application, and that is the reason."""
    with pytest.raises(Undecided, match=r"^the target went on to answer 429 reason, and was left alone$"):
        _ = sight(answered(400), answered(429)).asked


def test_good_request_that_was_not_asked_shows_no_list() -> None:
    """Without it, or without a list in its answer, there is nothing to compare with."""
    eyes = sight(answered(400))
    with pytest.raises(Undecided, match="not asked"):
        _ = Sight(eyes._known, eyes.clause, None, {}).good
    with pytest.raises(Undecided, match="gave no list"):
        _ = Sight(eyes._known, eyes.clause, answered(400), {}).listing


def test_window_of_a_probe_is_what_it_asks_for() -> None:
    """Bounds that are no integers are none."""
    assert window_of(GOOD.having("f", "3")) == Window(f=3)
    assert window_of(GOOD.having("t", "4").having("f", "3")) == Window(3, 4)
    with pytest.raises(ValueError, match="abc"):
        window_of(GOOD.having("t", "abc"))
