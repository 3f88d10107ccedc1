"""Sight: replies judged together, and which replies of a run a clause may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest

from conformance.answer import Listing
from conformance.evidence import Evidence, Take
from conformance.exchange import Exchange, Failure
from conformance.judgement import Inapplicable, Problem, Undecided
from conformance.known import Known
from conformance.paging import Seen, Window
from conformance.probes import Probes
from conformance.sight import MACHINERY, Asked, Lists, Sight, Windows, window_of
from tests.suite.miniature import TARGET, catalogue, document
from tests.suite.replies import reply, vms, whole
from tests.suite.test_steadiness import row
from tests.suite.test_windows import TEN, seen

GOOD = Probes(document(), TARGET).good
NUMBERS = count(1)


def test_only_lists_of_the_same_machines_show_their_order() -> None:
    """A list of other machines, or a refusal, is none to compare the order with."""
    assert row("ba", "ab", "a", "abc", "!").listing_those_of(whole("a", "b")).labels == (" 0", " 1")


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
    with pytest.raises(Undecided, match=r"^the target went on to answer 429 reason, and was left alone; --rate-limit "):
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
