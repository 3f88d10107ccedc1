"""Windows: where each lies in a list by each convention, which are asked for, and what is said of what came."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from conformance.answer import Listing, Reply
from conformance.judgement import Undecided
from conformance.paging import (
    CONVENTIONS,
    MOST_PAGES,
    TELLING,
    Convention,
    Paging,
    Seen,
    Window,
    described,
    explains,
    find,
    is_slice,
    keeps_a_convention,
    lists_no_more_than_fit,
    pages_of_widths,
    placed,
    reaches_the_last,
    same_records,
    spans_of_note,
    telling,
    tiles,
    tiles_the_list,
    windows_by_chance,
)
from conformance.sight import Windows
from conformance.windows import misplaced, missing, runs
from tests.suite.replies import reply, vms, whole

ONE, ONE_TO, ZERO, ZERO_TO = CONVENTIONS
LETTERS = "abcdefghij"
TEN = whole(*LETTERS)


def by_key(ids: str) -> Listing:
    """A dict of machines."""
    found = reply({"vm_servers": {id: {"instance_id": id} for id in ids}}).listing
    assert found is not None
    return found


def seen(window: Window, ids: str, of: Listing = TEN) -> Seen:
    """A window, what came, and the list that it is of."""
    return Seen(window, reply(vms(*ids)), of)


def refused(window: Window) -> Seen:
    """A window that was refused."""
    return Seen(window, reply({"msg": "no"}, 400), TEN)


SPANS: list[tuple[Convention, Window, tuple[int, int] | None]] = [
    (ONE, Window(1, 10), (0, 10)),
    (ONE, Window(2, 2), (1, 2)),
    (ONE_TO, Window(2, 2), (1, 1)),
    (ONE_TO, Window(1, 3), (0, 2)),
    (ZERO, Window(0, 0), (0, 1)),
    (ZERO_TO, Window(0, 10), (0, 10)),
    (ZERO_TO, Window(0, 0), (0, 0)),
    (ONE, Window(f=11), (10, 10)),
    (ONE, Window(f=12, t=20), (10, 10)),
    (ONE, Window(t=11), (0, 10)),
    (ONE, Window(t=0), (0, 0)),
    (ONE_TO, Window(t=1), (0, 0)),
    (ONE, Window(), (0, 10)),
    (ONE, Window(0, 1), None),
    (ONE_TO, Window(t=0), None),
    (ZERO, Window(t=-1), (0, 0)),
    (ZERO, Window(t=-2), None),
    (ZERO, Window(3, 2), None),
    (ZERO_TO, Window(f=-1), None),
]


@pytest.mark.parametrize(("convention", "window", "span"), SPANS, ids=str)
def test_window_lies_where_its_convention_has_it(
    convention: Convention, window: Window, span: tuple[int, int] | None
) -> None:
    """Of ten machines a window is a slice, cut at the end of the list; of what the document leaves open it is none."""
    assert convention.span(window, 10) == span


@pytest.mark.parametrize("convention", CONVENTIONS, ids=str)
def test_window_of_a_slice_asks_for_that_slice(convention: Convention) -> None:
    """Every convention has a window for each slice that is not empty."""
    slices = [(start, stop) for start in range(10) for stop in range(start + 1, 11)]
    assert [convention.span(convention.window(*one), 10) for one in slices] == slices


@pytest.mark.parametrize("convention", CONVENTIONS, ids=str)
@pytest.mark.parametrize("length", range(1, 12))
def test_telling_windows_tell_the_conventions_apart(convention: Convention, length: int) -> None:
    """A list of two machines or more, however few, shows which convention is kept; one of a single machine may not."""
    of = whole(*LETTERS[:length], *range(max(0, length - 10)))
    row = []
    for window in TELLING:
        start, stop = convention.span(window, length) or (0, 0)
        row.append(Seen(window, reply(vms(*of.ids[start:stop])), of))
    found = find(row)
    assert convention in found
    assert found == (convention,) or length == 1


@pytest.mark.parametrize("broken", [Window(f=1), Window(1, 10_000)], ids=str)
@pytest.mark.parametrize("convention", CONVENTIONS, ids=str)
@pytest.mark.parametrize("length", [2, 3, 25])
def test_one_broken_window_does_not_hide_the_convention_of_a_dict(
    convention: Convention, length: int, broken: Window
) -> None:
    """Where no order shows which machines a page should have, their number does, whichever window tells it wrongly."""
    names = [str(number) for number in range(length)]
    of = reply({"vm_servers": {name: {"instance_id": name} for name in names}}).listing
    assert of is not None
    assert not of.ordered
    row = []
    for window in telling(of):
        start, stop = (0, length) if window == broken else convention.span(window, length) or (0, 0)
        row.append(Seen(window, reply({"vm_servers": {n: {"instance_id": n} for n in names[start:stop]}}), of))
    assert find(row) == (convention,)


def test_conventions_that_explain_half_of_what_came_explain_nothing() -> None:
    """A convention is found where it explains the most of the windows, and more than half of them."""
    right, wrong = seen(Window(2, 3), "bc"), seen(Window(2, 3), "xy")
    assert find([right, wrong]) == ()
    assert find([right, right, wrong]) == (ONE,)
    assert find([]) == ()


EXPLAINED: list[tuple[Seen, bool]] = [
    (seen(Window(2, 3), "bc"), True),
    (seen(Window(2, 3), "cb"), False),
    (seen(Window(2, 3), "bcd"), False),
    (seen(Window(11, 12), ""), True),
    (seen(Window(0, 3), "xyz"), True),
    (refused(Window(11, 12)), True),
    (refused(Window(10, 12)), False),
    (Seen(Window(2, 3), reply(vms("b", "c"), 500), TEN), False),
    (Seen(Window(11, 12), reply({}), TEN), False),
]


@pytest.mark.parametrize(("one", "explained"), EXPLAINED)
def test_answer_is_explained_by_a_slice_or_by_what_is_left_open(one: Seen, explained: bool) -> None:
    """A convention explains its slice in its order, a refusal of no machine, and whatever comes where it is silent."""
    assert explains(ONE, one) is explained


def test_slice_of_a_dict_is_as_many_of_its_machines() -> None:
    """Where there is no order, each machine counts once, and only those that the whole has."""
    of = by_key("abc")
    came = {text: is_slice([{"instance_id": id} for id in text], (0, 2), of) for text in ("ca", "a", "abc", "aa", "ax")}
    assert came == {"ca": True, "a": False, "abc": False, "aa": False, "ax": False}


def test_convention_that_is_not_known_is_not_named() -> None:
    """Where several explain what came, none of them is the only one."""
    assert Paging((ZERO,)).only is ZERO
    assert Paging((ZERO, ONE)).convention is ZERO
    with pytest.raises(
        Undecided, match=r"^the list does not show which is kept of 0-inclusive, 1-exclusive; a longer one may, "
    ):
        _ = Paging((ZERO, ONE_TO)).only


def test_what_may_be_empty_may_be_refused() -> None:
    """A window may be refused that holds no machine by one of the conventions, or of the list when it was shortest."""
    assert not Paging((ONE,)).may_refuse(seen(Window(10, 12), ""))
    assert Paging((ONE,)).may_refuse(seen(Window(11, 12), ""))
    assert Paging((ONE,)).may_refuse(seen(Window(0, 3), ""))
    assert Paging((ONE, ZERO)).may_refuse(seen(Window(10, 12), ""))
    assert Paging((ONE,), 9).may_refuse(seen(Window(10, 12), ""))
    assert not Paging((ONE,), 11).may_refuse(seen(Window(10, 12), ""))
    assert Paging((ONE,), 11).may_refuse(seen(Window(11, 12), ""))


PROBLEMS = [
    (
        seen(Window(2, 3), "abc"),
        "expected f=2, t=3 to list machines no. 2 to 3 of 10 (b, c); "
        "came 200 reason with 3 machines: machines no. 1, 2, 3 of 10",
    ),
    (seen(Window(2, 9), "b"), "expected f=2, t=9 to list machines no. 2 to 9 of 10 (b, c, d, …, i); "),
    (seen(Window(f=11), "a"), "expected f=11 to list no machine; came 200 reason with 1 machine: machine no. 1 of 10"),
    (seen(Window(2, 2), "x"), "expected f=2, t=2 to list machines no. 2 to 2 of 10 (b); "),
    (seen(Window(2, 2), ""), "expected f=2, t=2 to list machines no. 2 to 2 of 10 (b); came 200 reason: no machine"),
]


@pytest.mark.parametrize(("one", "said"), PROBLEMS)
def test_wrong_window_is_told_by_places(one: Seen, said: str) -> None:
    """What is wrong with a window is told by the machines that it should have, and by the places of those that came."""
    problem = Paging((ONE,)).problem(one)
    assert problem is not None
    assert problem.sentence.startswith(said)


def test_window_is_right_where_one_convention_explains_it() -> None:
    """Of several conventions that are possible, one is enough."""
    assert Paging((ZERO, ONE)).problem(seen(Window(2, 3), "bc")) is None


def test_machines_are_told_by_their_places() -> None:
    """Of many only the first and the last are named; one that the list does not have is a question mark."""
    machines = TEN.machines
    assert placed(machines[:5], TEN) == "machines no. 1, 2, 3, 4, 5 of 10"
    assert placed(machines[:6], TEN) == "machines no. 1, 2, 3, …, 6 of 10"
    assert placed([{"instance_id": "x"}], TEN) == "machine no. ? of 10"
    assert placed([], TEN) == "no machine"
    assert described((0, 2), by_key("abc")) == "2 of the 3 machines"
    assert described((2, 2), by_key("abc")) == "no machine"


def kept(one: Sequence[Seen], shown: Sequence[Convention], pinned: Convention | None = None) -> str | None:
    """What is wrong with the telling windows, in the words of what was expected."""
    problem = keeps_a_convention(shown, pinned)(one)
    return problem.expected if problem else None


def test_telling_windows_follow_one_convention() -> None:
    """They are right by a convention that explains all with both bounds; one by itself by any that explains it."""
    right, wrong, start = seen(Window(2, 3), "bc"), seen(Window(2, 4), "bc"), seen(Window(f=1), "x")
    assert kept([right, right], [ONE]) is None
    assert kept([right, start], [ONE]) is None
    assert kept([right, wrong], [ONE]) == "f=2, t=4 to list machines no. 2 to 4 of 10 (b, c, d)"
    assert kept([right, wrong], [ZERO, ONE_TO]) == "f=2, t=3 to list machines no. 3 to 4 of 10 (c, d)"
    assert kept([right, right], [ZERO, ONE]) is None
    assert kept([wrong], []) is None
    assert kept([seen(Window(2, 4), "x")], []) == "windows by one of 1-inclusive, 1-exclusive, 0-inclusive, 0-exclusive"
    assert kept([right, right], [ONE], ZERO) == "paging 0-inclusive, as pinned"
    assert kept([right, right], [ONE], ONE) is None


def test_windows_that_are_right_but_for_their_status_are_told_by_it() -> None:
    """A page that comes as another success than 200 is no list, and the reader is told why."""
    partial = [Seen(Window(2, 3), reply(vms("b", "c"), 206), TEN), seen(Window(f=2), "bc")]
    problem = keeps_a_convention([], None)(partial)
    assert problem is not None
    assert problem.seen == "came f=2, t=3: 206 reason with machines no. 2, 3 of 10; f=2: machines no. 2, 3 of 10"


def test_window_that_breaks_the_convention_is_shown_by_itself() -> None:
    """Of several windows the one that a finding tells of is what it is shown by first."""
    right, wrong = seen(Window(2, 3), "bc"), seen(Window(2, 4), "bc")
    problem = keeps_a_convention([ONE], None)([right, wrong])
    assert problem is not None
    assert problem.by == (wrong.reply.exchange,)
    (finding,) = Windows((right, wrong)).all(lambda _: problem).findings
    assert finding.exchanges == (wrong.reply.exchange, right.reply.exchange, TEN.exchange)


def test_slices_of_note_are_the_ends_the_middle_and_the_whole() -> None:
    """The first third, the second, the last, the machine in the middle and all; of a short list what there is."""
    assert spans_of_note(10) == [(0, 3), (0, 10), (3, 6), (5, 6), (7, 10)]
    assert spans_of_note(2) == [(0, 1), (0, 2), (1, 2)]
    assert spans_of_note(1) == [(0, 1)]
    assert spans_of_note(0) == []


def rows(length: int, *, exhaustive: bool = False) -> dict[int, list[int]]:
    """The numbers of the pages that are asked for, by their width."""
    made: dict[int, list[int]] = {}
    for label in pages_of_widths(ZERO_TO, length, random.Random(1), exhaustive=exhaustive):  # noqa: S311 - no secret
        width, number = label.removeprefix("width-").split(" page ")
        made.setdefault(int(width), []).append(int(number))
    return made


def whole_rows(length: int) -> dict[int, int]:
    """How many pages there are of each width that is asked for whole."""
    return {width: len(row) for width, row in rows(length).items() if row == [*range(1, -(-length // width) + 1)]}


def test_whole_rows_are_of_widths_that_clients_ask_for() -> None:
    """A half, a third and a ninth, rounded up, and ten or a hundred where that gives at most three pages."""
    assert whole_rows(23) == {3: 8, 8: 3, 10: 3, 12: 2}
    assert whole_rows(30) == {4: 8, 10: 3, 15: 2}
    assert whole_rows(31) == {4: 8, 11: 3, 16: 2}
    assert whole_rows(300) == {34: 9, 100: MOST_PAGES, 150: 2}
    assert whole_rows(100) == {12: 9, 34: 3, 50: 2}
    assert whole_rows(10)[10 // 2] == 2
    assert whole_rows(1) == {1: 1}
    assert whole_rows(0) == {}


def test_one_page_after_the_first_is_of_each_other_small_width() -> None:
    """Up to ten, and below the length of the list, each width has a page, which may be any but the first."""
    row = rows(23)
    assert sorted(row) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]
    assert all(len(row[width]) == 1 and row[width] != [1] for width in (1, 2, 4, 5, 6, 7, 9))
    assert sorted(rows(5)) == [1, 2, 3, 4]


def test_exhaustive_rows_are_whole() -> None:
    """Where every machine is to be walked to, every width is asked for from the first machine to the last."""
    assert all(row == [*range(1, -(-23 // width) + 1)] for width, row in rows(23, exhaustive=True).items())


def test_pages_cover_a_list() -> None:
    """Pages of one width follow one another from the first machine to beyond the last."""
    assert tiles(ONE, 7, 3) == [Window(1, 3), Window(4, 6), Window(7, 9)]
    assert tiles(ZERO_TO, 6, 3) == [Window(0, 3), Window(3, 6)]


TILED = [
    (["abc", "def", "ghij"], None),
    (["abc", "ef", "ghij"], "came lost d"),
    (["abc", "cdef", "ghij"], "came twice c"),
    (["abc", "ccef", "ghij"], "came lost d; twice c"),
    (["abc", "fed", "ghij"], "came another order"),
]


@pytest.mark.parametrize(("pages", "said"), TILED)
def test_pages_of_a_row_are_the_list(pages: list[str], said: str | None) -> None:
    """A row of pages is the list; what is lost and what stands there twice is named."""
    windows = (Window(1, 3), Window(4, 6), Window(7, 10))
    problem = tiles_the_list(ONE)([seen(window, ids) for window, ids in zip(windows, pages, strict=True)])
    assert (problem and problem.seen) == said
    assert (
        problem is None or problem.expected == "3 pages, f=1, t=3 first, to list machines no. 1 to 10 of 10, each once"
    )


def test_part_of_a_row_is_its_part_of_the_list() -> None:
    """Where a row has not all pages, those that are there are held against their part."""
    assert tiles_the_list(ONE)([seen(Window(4, 6), "def"), seen(Window(7, 9), "ghi")]) is None
    two, one = tiles_the_list(ONE)([seen(Window(4, 6), "def"), seen(Window(7, 9), "ghij")]), seen(Window(4, 6), "cde")
    assert two is not None
    assert two.seen == "came of others j"
    alone = tiles_the_list(ONE)([one])
    assert alone is not None
    assert alone.sentence == "expected f=4, t=6 to list machines no. 4 to 6 of 10, each once; came lost f; of others c"


@pytest.mark.parametrize(
    ("ids", "said"),
    [("gab", None), ("ga", "came 2 of them"), ("gax", "came of others x"), ("gaa", "came twice a")],
)
def test_part_of_a_row_of_a_dict_is_any_of_its_machines(ids: str, said: str | None) -> None:
    """A dict has no order that says which of them; that any is lost is not said of a part that does not begin it."""
    problem = tiles_the_list(ONE)([seen(Window(3, 5), ids, by_key("abcdefg"))])
    assert (problem and problem.seen) == said


def test_whole_row_of_a_dict_is_all_of_its_machines() -> None:
    """What is lost of all is named, though they have no order."""
    problem = tiles_the_list(ONE)([seen(Window(1, 4), "bd", by_key("abcd"))])
    assert problem is not None
    assert problem.seen == "came lost a, c"


def test_record_is_that_of_the_whole_list() -> None:
    """A machine that has another record on its page is named; one that the list does not have is another's concern."""
    of = whole("a", "b", status="ACTIVE")
    changed: Reply = reply(vms("b", status="ERROR"))
    problem = same_records(Seen(Window(2, 2), changed, of))
    assert problem is not None
    assert problem.seen == 'machine "b" has another in f=2, t=2'
    assert same_records(Seen(Window(2, 2), reply(vms("b", status="ACTIVE")), of)) is None
    assert same_records(Seen(Window(2, 2), reply(vms("x", status="ERROR")), of)) is None


@pytest.mark.parametrize(
    ("window", "ids", "wrong"),
    [
        (Window(0, 1), "ab", ""),
        (Window(0, 1), "abc", "expected 2 machines at the most for f=0, t=1; came 200 reason with 3 machines"),
        (Window(0, 0), "ab", "expected 1 machine at the most for f=0, t=0; came 200 reason with 2 machines"),
        (Window(1, 0), "", ""),
        (Window(1, 0), "a", "expected no machine at the most for f=1, t=0; came 200 reason with 1 machine"),
        (Window(0), "abc", ""),
        (Window(t=0), "abc", ""),
    ],
)
def test_window_has_room_for_so_many(window: Window, ids: str, wrong: str) -> None:
    """Both ends are counted, as they may be; with one alone there is no telling."""
    problem = lists_no_more_than_fit(seen(window, ids))
    assert (problem.sentence if problem else "") == wrong


def test_last_machine_stands_at_the_end() -> None:
    """It ends the window; where there is no order any machine will do."""
    assert reaches_the_last(seen(Window(9, 10), "ij")) is None
    assert reaches_the_last(seen(Window(9, 10), "ji")) is not None
    assert reaches_the_last(seen(Window(9, 10), "")) is not None
    assert reaches_the_last(seen(Window(3, 3), "a", by_key("abc"))) is None
    assert reaches_the_last(seen(Window(3, 3), "", by_key("abc"))) is not None
    assert reaches_the_last(seen(Window(1, 1), "a", whole())) is not None


def test_windows_by_chance_are_spread_over_the_list() -> None:
    """Each begins in a part of its own; two of three are of ten machines at the most, and all lie within the list."""
    made = windows_by_chance(ZERO_TO, 90, random.Random(7), 9)  # noqa: S311 - windows, not secrets
    spans = [ZERO_TO.span(one, 90) or (0, 0) for one in made]
    assert all(10 * turn <= start < 10 * turn + 10 for turn, (start, _) in enumerate(spans))
    assert all(start < stop <= 90 for start, stop in spans)
    assert all(stop - start <= 10 for turn, (start, stop) in enumerate(spans) if turn % 3)
    assert max(stop - start for start, stop in spans) > 10
    assert [str(one) for one in windows_by_chance(ONE, 1, random.Random(7), 3)] == ["f=1, t=1"] * 3  # noqa: S311


def test_places_in_a_row_are_one_run() -> None:
    """Places that follow one another are told by the first and the last of them, in the order in which they came."""
    assert [*runs([])] == []
    assert [*runs([1])] == [(1, 1)]
    assert [*runs([3, 4, 5, 1, 2, 2, 9])] == [(3, 5), (1, 2), (2, 2), (9, 9)]


def picture(**members: Any) -> dict[str, Any]:
    """A window as a report keeps it."""
    usual = {"length": 10, "ordered": True, "expected": [2, 3], "came": [[2, 3]], "strange": 0, "right": False}
    return {**usual, **members}


def test_machine_that_is_misplaced_is_told_by_its_number() -> None:
    """Those that do not belong in a window are named by where they stand in the answer."""
    assert misplaced(picture()) == {}
    assert misplaced(picture(came=[[1, 4]])) == {
        0: "machine no. 1 of 10, which is not in this window",
        3: "machine no. 4 of 10, which is not in this window",
    }
    assert [*misplaced(picture(came=[[1, 2]], expected=[]))] == [0, 1]
    assert misplaced(picture(came=[[1, 4]], strange=1)) == {}
    assert misplaced(picture(came=[[1, 4]], right=True)) == {}
    assert misplaced(picture(came=[[1, 4]], ordered=False)) == {}
    assert misplaced(picture(came=[[1, 4]], expected=None)) == {}


def test_machine_that_is_missing_is_told_by_its_place() -> None:
    """Those that belong in a window and did not come are named, up to four runs of them."""
    assert missing(picture()) == ""
    assert missing(picture(came=[])) == "without machine no. 2 to 3 of 10"
    assert missing(picture(came=[[3, 4]])) == "without machine no. 2 of 10"
    assert missing(picture(came=[], expected=[])) == ""
    assert missing(picture(came=[], right=True)) == ""
    odd = [[place, place] for place in (2, 4, 6, 8)]
    assert missing(picture(came=odd, expected=[1, 7])) == "without machine no. 1, 3, 5, 7 of 10"
    assert missing(picture(came=odd, expected=[1, 9])) == "without machine no. 1, 3, 5, 7, … of 10"
