"""Verdicts: what becomes of a clause by the takes that were asked for it, be the list still or moving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from conformance import rounds
from conformance.clause import Catalogue, Clause, clause
from conformance.evidence import Evidence, Take
from conformance.exchange import Exchange
from conformance.expect import answers, has_the_machines_of, is_refused
from conformance.history import UNCONTROLLED
from conformance.judgement import MUST, Finding, Judgement, Problem, Verdict, each
from conformance.known import Known
from conformance.probe import Probe
from conformance.probes import Probes
from conformance.sight import Asked
from conformance.verdicts import Outcome, Verdicts
from tests.suite.miniature import (
    ABOUT_TOKEN,
    OPTIONAL,
    TARGET,
    Miniature,
    NoAnswer,
    broken,
    catalogue,
    document,
    judging,
    outcomes,
)
from tests.suite.replies import reply, vms

Said = dict[str, Exchange]
"""Replies by their labels."""

NUMBERS = count(1)
GOOD = Probes(document(), TARGET).good
ASKED = GOOD.having("unknown", "1")


def listing(ids: str, status: int = 200, probe: Probe = GOOD) -> Exchange:
    """An exchange in which these machines were listed."""
    response = reply(vms(*ids), status).exchange.outcome
    return Exchange(next(NUMBERS), probe, response, 0.001, 0.0)


def take(before: str, after: str, status: int = 200, **asked: str) -> Take:
    """What was asked between two lists: of the clause C, the machines that came under each label."""
    replies = {label: listing(ids, probe=ASKED) for label, ids in asked.items()}
    return Take(listing(before, status), {"C": replies}, listing(after, status))


def declared(judge: Callable[..., Judgement], **how: Any) -> Clause:
    """A clause C that asks something, unless it is said what."""
    how = {"asks": lambda probes: probes.good, **how}
    return clause("C", MUST, area="scope", source="summary", usually="-", **how)(judge).clause


def same(asked: Asked, listing: Any) -> Judgement:
    """Each reply lists the machines of the whole."""
    return asked.each(has_the_machines_of(listing))


def answered(asked: Asked) -> Judgement:
    """Each reply is an answer, and no server error."""
    return asked.each(answers)


def refused(asked: Asked) -> Judgement:
    """Each reply is a refusal."""
    return asked.each(is_refused)


def verdicts_on(one: Clause, takes: Sequence[Take], *others: Clause) -> Verdicts:
    """The verdicts on a clause, and others, by these takes."""
    evidence = Evidence({}, takes[0].before if takes else listing("ab"), [*takes])
    known = Known(document(), TARGET, evidence, pinned={}, draw=dict, seed=1)
    return Verdicts(known, Catalogue([*others, one]))


def outcome(one: Clause, *takes: Take) -> tuple[str, str]:
    """What became of a clause, and why."""
    became = verdicts_on(one, takes).outcome("C")
    return became.verdict.value, became.reason


COMPARING = declared(same, compares=True)
RIGHT, WRONG = take("ab", "ab", x="ab", y="ab"), take("ab", "ab", x="a", y="ab")
ELSEWHERE = take("ab", "ab", x="ab", y="a")
MOVED = take("ab", "abc", x="b", y="ab")
GROWN = take("ab", "abc", x="abc", y="ab")
UNWELL = take("ab", "ab", 500, x="ab")
FAIL, PASS = ("fail", ""), ("pass", "")
ONCE = ("inconclusive", "a fault showed, but not each time that it was looked for, as it would where the list changes")

COMPARED: dict[str, tuple[Sequence[Take], tuple[str, str]]] = {
    "right": ((RIGHT,), PASS),
    "wrong in the one take that was kept": ((WRONG,), FAIL),
    "wrong, then right": ((WRONG, RIGHT), ONCE),
    "wrong, right, and wrong again": ((WRONG, RIGHT, WRONG), FAIL),
    "wrong each time": ((WRONG, WRONG), FAIL),
    "right in a list that moves": ((MOVED, RIGHT), PASS),
    "each reply right by the list before or after": ((GROWN,), PASS),
    "nothing but moving": ((MOVED, MOVED), ("inconclusive", "the list changed during each of 2 attempts to compare")),
    "unwell": ((UNWELL,), ("inconclusive", UNCONTROLLED)),
    "wrong once in a list that moves": ((MOVED, WRONG), ONCE),
    "wrong twice in a list that moves": ((MOVED, WRONG, WRONG), ONCE),
    "wrong each of three times in a list that moves": ((MOVED, WRONG, WRONG, WRONG), FAIL),
    "wrong three times of four in a list that moves": ((MOVED, WRONG, WRONG, WRONG, RIGHT), ONCE),
    "wrong here and there in a list that moves": ((MOVED, WRONG, ELSEWHERE, WRONG), ONCE),
}


@pytest.mark.parametrize(("takes", "became"), COMPARED.values(), ids=COMPARED)
def test_fault_between_lists_has_to_show_often_enough(takes: Sequence[Take], became: tuple[str, str]) -> None:
    """Twice in a list that holds still; in one that moves each time, three times, and in the same request."""
    assert outcome(COMPARING, *takes) == became


SHORTER = take("a", "a", x="a", y="a")


def test_what_another_list_explains_is_no_fault() -> None:
    """A reply that is right by a list that was seen at another time may have been given while that list was there."""
    assert outcome(COMPARING, SHORTER, WRONG, WRONG)[0] == "pass"
    assert outcome(COMPARING, SHORTER, take("ab", "ab", x="ab", y="a"), SHORTER) == PASS


def test_what_another_list_explains_makes_no_request_the_same() -> None:
    """Where a reply is right by a list of another time, it is not what was wrong each time, though another one was."""
    twice, here, there = take("ab", "ab", x="b", y="a"), take("ab", "ab", x="b", y="b"), take("ab", "ab", x="a", y="b")
    shrunk = take("ab", "a", x="b", y="ab")
    assert outcome(COMPARING, shrunk, twice, twice, here) == FAIL
    assert outcome(COMPARING, shrunk, twice, twice, there) == ONCE


def together(asked: Asked) -> Judgement:
    """No two replies are alike, which none shows by itself."""
    replies = list(asked)
    alike = replies[1:] and replies[0].machines == replies[1].machines
    found = (Finding("they are alike", (replies[0].exchange,)),) if alike else ()
    return Judgement(frozenset(one.exchange for one in replies), len(replies), found)


def test_fault_that_only_all_replies_show_needs_no_request_of_its_own() -> None:
    """In a list that may move it counts where it shows each of three times, though each reply is right by itself."""
    one = declared(together, compares=True)
    assert outcome(one, UNWELL, RIGHT, RIGHT, RIGHT) == FAIL
    assert outcome(one, UNWELL, RIGHT, RIGHT) == ONCE


SETTLED: dict[str, tuple[Sequence[Take], bool]] = {
    "nothing asked": ((), False),
    "right": ((RIGHT,), True),
    "wrong": ((WRONG,), False),
    "wrong twice": ((WRONG, WRONG), True),
    "wrong, then right": ((WRONG, RIGHT), False),
    "wrong, right and wrong": ((WRONG, RIGHT, WRONG), True),
    "moving": ((MOVED,), False),
    "each reply right by the list before or after": ((GROWN,), True),
    "right in a list that moves": ((MOVED, RIGHT), True),
    "wrong twice in a list that moves": ((MOVED, WRONG, WRONG), False),
    "wrong, then right in a list that moves": ((MOVED, WRONG, RIGHT), True),
    "wrong three times in a list that moves": ((MOVED, WRONG, WRONG, WRONG), True),
}


@pytest.mark.parametrize(("takes", "settled"), SETTLED.values(), ids=SETTLED)
def test_clause_is_asked_again_until_it_is_settled(takes: Sequence[Take], settled: bool) -> None:
    """Green once is enough where no fault was seen or the list moves; red has to show as often as it needs to count."""
    assert verdicts_on(COMPARING, takes).history(COMPARING).settled is settled


def test_row_that_crashed_once_is_left_to_those_who_ask_for_company() -> None:
    """A confirmed clause is red for a crash only where each row has one."""
    one = declared(answered, confirmed=True)
    crashed = Take(listing("ab"), {"C": {name: listing("", 500, probe=ASKED) for name in "xy"}}, listing("ab"))
    assert outcome(one, crashed, RIGHT) == PASS
    assert outcome(one, crashed, crashed) == FAIL


def test_confirmed_clause_is_green_where_a_moving_list_shows_it_green_once() -> None:
    """What looks like a fault now and then is one only in a list that was never seen to change, and not for once."""
    confirmed = declared(same, confirmed=True)
    assert outcome(confirmed, WRONG, RIGHT) == ONCE
    assert outcome(confirmed, WRONG, RIGHT, WRONG) == FAIL
    assert outcome(confirmed, take("ab", "ab", x="a", y="b"), RIGHT) == FAIL
    assert outcome(confirmed, MOVED, WRONG, RIGHT) == PASS
    assert outcome(confirmed, take("ab", "abc", x="b"), WRONG, WRONG) == FAIL
    assert verdicts_on(confirmed, [WRONG, WRONG]).history(confirmed).settled


def test_row_that_was_asked_of_a_server_that_was_unwell_settles_nothing() -> None:
    """What will not be judged is not taken for an answer: the row is asked again."""
    confirmed = declared(same, confirmed=True)
    unwell = replace(RIGHT, before=listing("ab", 500))
    assert outcome(confirmed, unwell) == ("inconclusive", UNCONTROLLED)
    assert not verdicts_on(confirmed, [unwell]).history(confirmed).settled
    assert verdicts_on(confirmed, [unwell, RIGHT]).history(confirmed).settled


@pytest.mark.parametrize(
    ("takes", "late"), [((), True), ((MOVED,), True), ((WRONG,), True), ((RIGHT,), False), ((MOVED, MOVED), False)]
)
def test_what_was_asked_in_vain_once_is_asked_late(takes: Sequence[Take], late: bool) -> None:
    """A clause whose foundations were told only in the end had no turn before, or one when nobody asked again."""
    assert rounds._is_late(verdicts_on(COMPARING, takes), COMPARING) is late
    plain = declared(refused)
    assert not rounds._is_late(verdicts_on(plain, takes or [RIGHT]), plain)


def test_what_showed_nothing_to_compare_is_asked_again_where_the_list_moves() -> None:
    """And what was compared once stands, whatever came after it."""

    def judge(asked: Asked, listing: Any) -> Judgement:
        """Those of the same machines are lists of them, which cannot fail."""
        return same(asked.listing_those_of(listing), listing)

    one, nothing = declared(judge, compares=True), take("ab", "abc", x="abc", y="abc")
    assert not verdicts_on(one, [nothing]).history(one).settled
    assert outcome(one, nothing) == ("inconclusive", "there was nothing to look at")
    assert verdicts_on(one, [nothing, RIGHT]).history(one).settled
    assert outcome(one, RIGHT, nothing) == PASS


@pytest.mark.parametrize("how", ["compares", "confirmed"])
def test_machine_that_came_and_went_is_no_fault(how: str) -> None:
    """In a list that moves, a machine that is shown within one take alone came meanwhile; one shown again is wrong."""
    one = declared(same, **{how: True})
    visited = [take("ab", "ab", x=f"ab{visitor}", y=f"a{visitor}b") for visitor in "uvw"]
    assert outcome(one, MOVED, *visited)[0] == "inconclusive"
    assert not verdicts_on(one, [MOVED, *visited]).history(one).settled
    assert outcome(one, MOVED, *visited, RIGHT) == PASS
    assert outcome(one, *visited) == FAIL
    assert outcome(one, MOVED, *(take("ab", "ab", x="abw") for _ in range(3))) == FAIL


def test_confirmed_clause_is_red_where_a_moving_list_shows_it_so_three_times() -> None:
    """Two rows in a list that goes back and forth may look alike by chance."""
    confirmed = declared(same, confirmed=True)
    moved = take("ab", "abc", x="ab")
    assert outcome(confirmed, moved, WRONG, WRONG) == PASS
    visited = take("ab", "abc", x="abz")
    assert outcome(confirmed, visited, WRONG, WRONG) == ONCE
    assert outcome(confirmed, visited, WRONG, WRONG, WRONG) == FAIL


def test_silent_row_of_a_moving_list_neither_forgives_nor_condemns() -> None:
    """A row that could have shown no fault is left aside where another tells, and is green where none does."""

    def judge(asked: Asked, listing: Any) -> Judgement:
        """Lists are the same, unless nothing is told."""
        return replace(same(asked, listing), silent=True)

    silent = declared(judge, confirmed=True)
    moved = take("ab", "abc", x="ab")
    assert outcome(silent, moved, WRONG, RIGHT, WRONG, RIGHT, WRONG) == FAIL
    assert outcome(silent, moved, WRONG, RIGHT, WRONG, RIGHT) == ONCE
    assert outcome(silent, moved, RIGHT) == PASS
    assert not verdicts_on(silent, [moved, WRONG, RIGHT]).history(silent).settled
    assert not verdicts_on(silent, [moved, RIGHT]).history(silent).settled
    assert verdicts_on(silent, [moved, RIGHT, RIGHT]).history(silent).settled
    assert verdicts_on(silent, [RIGHT]).history(silent).settled


def test_what_was_asked_of_a_server_that_was_unwell_is_not_judged() -> None:
    """A refusal counts only between two good requests that were answered."""
    plain = declared(refused)
    said = UNCONTROLLED
    assert outcome(plain, UNWELL) == ("inconclusive", said)
    assert outcome(plain, UNWELL, RIGHT) == FAIL
    assert outcome(plain, replace(RIGHT, after=listing("ab", 500))) == ("inconclusive", said)


def test_what_was_not_asked_is_not_judged() -> None:
    """A clause whose probes were not asked is inconclusive, as is one that had none."""
    assert outcome(declared(refused)) == ("inconclusive", "nothing was asked for it")
    assert outcome(COMPARING) == ("inconclusive", "nothing was asked for it")
    assert outcome(declared(refused, asks=lambda probes: [probes.good][1:])) == (
        "inconclusive",
        "there was nothing to look at",
    )


def test_missing_inputs_are_named() -> None:
    """A clause whose optional inputs were not given is not applicable, and says which option gives each."""
    one = declared(refused, needs=("other_token", "expired_token"))
    verdicts = verdicts_on(one, [RIGHT])
    verdicts.known.target = replace(TARGET, given=frozenset())
    said = "--other-token and --expired-token were not given"
    assert verdicts.outcome("C") == Outcome(Verdict.NOT_APPLICABLE, reason=said)


@pytest.mark.parametrize("given", [*OPTIONAL, *ABOUT_TOKEN])
def test_clause_needs_every_input_that_it_asks_with(given: str) -> None:
    """With one optional input alone no clause asks with another's lack, which a good server would be blamed for."""
    lacking = {name: "" for name in ("other_tenant_id", "other_region") if name != given}
    target = replace(TARGET, given=frozenset({given}), **lacking)
    became = outcomes(judging(Miniature(), target=target))
    assert {id for id, one in became.items() if one.verdict is Verdict.FAIL} == set()
    assert {one.verdict for id, one in became.items() if {given} < set(catalogue()[id].needs)} <= {
        Verdict.NOT_APPLICABLE
    }


def test_run_that_could_not_begin_says_why_of_every_clause() -> None:
    """Where the preflight finds nothing to judge, every clause is inconclusive for that reason."""

    def silent(*_: object) -> Any:
        raise NoAnswer("the connection was closed")

    verdicts = judging(broken(answer=silent)())
    assert verdicts.stopped.startswith("the target gave no answer: the connection was closed")
    assert {one.verdict for one in outcomes(verdicts).values()} == {Verdict.INCONCLUSIVE}
    assert {one.reason for one in outcomes(verdicts).values()} == {verdicts.stopped}


def based_on(*ids: str, id: str = "C", **how: Any) -> Clause:
    """A clause that rests on others."""
    return replace(declared(refused, rests_on=ids, **how), id=id)


def failing(id: str) -> Clause:
    """A clause that is red whatever came."""
    seen = listing("ab")

    def judge() -> Judgement:
        """Nothing keeps it."""
        return Judgement(frozenset([seen]), 1, (Finding("it is red", (seen,)),))

    return replace(declared(judge, asks=None), id=id)


def undecided(id: str) -> Clause:
    """A clause that looks at nothing."""

    def judge() -> Judgement:
        """Nothing shows it."""
        return Judgement()

    return replace(declared(judge, asks=None), id=id)


def test_what_failed_below_blocks_and_is_named_once() -> None:
    """A clause that rests on what failed is blocked by it, through however many others it rests on it."""
    others = (failing("A"), based_on("A", id="B"), undecided("U"))
    became = verdicts_on(based_on("B", "A", "U", "not selected"), [RIGHT], *others).outcome("C")
    assert (became.verdict, became.because) == (Verdict.BLOCKED, ("A",))


def test_what_was_not_judged_below_leaves_nothing_to_judge() -> None:
    """A clause that rests on what could not be judged cannot be judged, and names it."""
    others = (undecided("U"), undecided("V"))
    became = verdicts_on(based_on("U", "V"), [RIGHT], *others).outcome("C")
    said = "it rests on U and V, which could not be judged"
    assert (became.verdict, became.reason) == (Verdict.INCONCLUSIVE, said)
    between = based_on("V", "U", id="B")
    became = verdicts_on(based_on("B"), [RIGHT], *others, between).outcome("C")
    assert (became.reason, became.wanting) == ("it rests on V and U, which could not be judged", ("V", "U"))


def test_clause_stands_until_what_it_rests_on_is_known_to_fail() -> None:
    """What has still to be asked keeps nothing from being asked; what failed does, and what could not be judged."""
    one = based_on("A", "B")
    waiting = based_on(id="B")
    assert not verdicts_on(one, [], failing("A"), waiting).stands(one)
    assert verdicts_on(based_on("B"), [], waiting).stands(based_on("B"))
    above = based_on("D")
    assert verdicts_on(above, [], waiting, replace(based_on("B", asks=None), id="D")).stands(above)
    assert not verdicts_on(based_on("U"), [], undecided("U")).stands(based_on("U"))


def test_every_answer_to_the_good_request_shows_the_list_as_it_was() -> None:
    """The first one, too, and that after each take; equal ones once, and those that were no list not at all."""
    takes = [take("ab", "a", x="ab"), take("a", "a", x="ab"), take("a", "abc", x="ab"), take("", "", 500, x="ab")]
    known = verdicts_on(COMPARING, takes).known
    assert [len(known.read(one).machines) for one in known.snapshots] == [2, 1, 3]
    assert (known.movement.lively, known.controlled, known.latest) == (True, False, takes[-1].after)
    assert not verdicts_on(COMPARING, [RIGHT]).known.movement.lively


def test_list_is_seen_to_change_whatever_safe_method_was_asked_meanwhile() -> None:
    """What changes around a PROPFIND changes by itself; around a DELETE it may have been made to."""
    for method, lively in (("GET", True), ("PROPFIND", True), ("DELETE", False)):
        probe = GOOD.by(method)
        asked = {"C": {"x": replace(listing("ab"), probe=probe)}}
        assert verdicts_on(COMPARING, [Take(listing("ab"), asked, listing("a"))]).known.movement.lively is lively


@pytest.mark.parametrize(
    ("lists", "without", "unknown", "party"),
    [
        (("ab", "ab"), "ab", "", "either"),
        (("ab", "a"), "ab", "", None),
        (("abcdefg", "abcdef"), "ab", "", "either"),
        (("ab", "a"), "", "ab", None),
        (("ab", "a"), "!", "", "query"),
        (("ab", "a"), "ab", "a", "header"),
    ],
)
def test_list_that_may_be_empty_for_a_moment_does_not_show_where_the_party_is_looked_for(
    lists: tuple[str, str], without: str, unknown: str, party: str | None
) -> None:
    """No machine may be no machine just then; a refusal, and machines, show what they show."""
    probes = Probes(document(), TARGET)
    asked = {
        "without": _to(probes.without_party, without),
        "unknown": _to(probes.unknown_party, unknown),
    }
    before, after = map(listing, lists)
    assert verdicts_on(COMPARING, [Take(before, {"P": asked}, after)]).known.readings["party"] == party


def _to(probe: Probe, ids: str) -> Exchange:
    """What came to a probe: these machines, or a refusal."""
    return replace(listing("", 400) if ids == "!" else listing(ids), probe=probe)


def test_clauses_are_chosen_with_all_that_they_rest_on() -> None:
    """In the order of the catalogue, each once; what is not in it is left out."""
    every = Catalogue([based_on(id="A"), based_on("A", id="B"), based_on(id="X"), based_on("B", "A", "nothing")])
    assert [one.id for one in every.with_foundations(["C", "no such"])] == ["A", "B", "C"]
    with pytest.raises(ValueError, match="two clauses have the id C"):
        Catalogue([based_on(), based_on()])


# -- judgements


def problem_of(kind: str) -> Callable[[Exchange], Problem | None]:
    """A rule that nothing keeps."""
    return lambda one: Problem("something else", f"came {one.number}", kind=kind)


def test_breaches_of_one_kind_are_one_finding_by_the_smallest_request() -> None:
    """It shows the exchange whose request is the smallest, and counts the others."""
    long = replace(listing("ab"), probe=GOOD.having("region", "x" * 99))
    short, other = listing("a"), listing("b")
    judged = each([long, short, other], [problem_of("k")], lambda one: (one,))
    (finding,) = judged.findings
    assert finding.exchanges == (short,)
    assert finding.message == f"expected something else; came {short.number} (and 2 more like it)"
    assert (finding.kind, finding.more, judged.values, judged.exchanges) == ("k", 2, 3, frozenset([long, short, other]))
    (alone,) = each([short], [problem_of("")], lambda one: (one,)).findings
    assert (alone.kind, alone.more, alone.message) == (
        "something else",
        0,
        f"expected something else; came {short.number}",
    )


def test_findings_of_one_kind_are_told_once() -> None:
    """Merged judgements keep the first finding of each kind; added ones keep all that was looked at."""
    one, other = listing("a"), listing("b")
    both = each([one], [problem_of("k"), problem_of("l")], lambda one: (one,)) + each(
        [other], [problem_of("k")], lambda one: (one,)
    )
    assert [finding.kind for finding in both.findings] == ["k", "l", "k"]
    assert (both.values, both.exchanges) == (2, frozenset([one, other]))
    merged = both.merged()
    assert [(finding.kind, finding.exchanges) for finding in merged.findings] == [("k", (one,)), ("l", (one,))]
    assert (merged.values, [finding.more for finding in merged.findings]) == (2, [1, 0])


def test_finding_is_shown_by_the_last_that_is_simpler() -> None:
    """Of simpler requests that show a breach of the same kind the last is shown; how many more there are stays."""
    rows = [each([listing("a")] * 2, [problem_of(kind)], lambda one: (one,)) for kind in ("k", "k", "l", "k")]
    broke, *simpler = rows
    (shown,) = broke.shown_by(simpler).findings
    assert shown.exchanges == simpler[-1].findings[0].exchanges
    assert shown.message.endswith("(and 1 more like it)")
    assert broke.shown_by([]).findings == broke.findings
