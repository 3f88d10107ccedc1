"""Evidence: what is written of a run is read again as it was, and what is no evidence is told as such."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.evidence import FORMAT, BadEvidence, Evidence, Take, read
from conformance.exchange import Exchange
from conformance.probe import Probe
from tests.suite.replies import TERMS, no_answer, reply, vms


def exchange(number: int, probe: Probe, *ids: str) -> Exchange:
    """The list of these machines, as it came to a probe."""
    return Exchange(number, probe, reply(vms(*ids)).exchange.outcome, 0.25, 1.5)


def kept() -> Evidence:
    """A preflight and two takes, of which the second asked over a connection of its own."""
    good = Probe("GET", "/mana_api/vm")
    first, second, third = (exchange(number, good.again(f"ask {number}"), "a", "b") for number in (1, 2, 3))
    page = exchange(4, good.having("f", "2"), "b")
    over = exchange(5, good.again("again", over="connection 2"), "a", "b")
    takes = [Take(first, {"PAGE-01": {"a page": page}}, second), Take(second, {"STAB-03": {"kept 2": over}}, third)]
    return Evidence({"suite": {"seed": 1}}, first, takes, {"seconds": 2.0, "requests": 5})


def test_evidence_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Each exchange, each take with its labels, and what stands first and last."""
    file = tmp_path / "evidence.jsonl"
    kept().write(file)
    found = read(file)
    first, second = found.takes
    assert found.preflight is first.before
    assert first.after is second.before
    assert (first.asked["PAGE-01"]["a page"].number, second.asked["STAB-03"]["kept 2"].number) == (4, 5)
    assert (found.header, found.footer) == (kept().header, kept().footer)
    assert list(found.lines()) == list(kept().lines())


def test_evidence_of_before_connections_had_names_is_read(tmp_path: Path) -> None:
    """A probe that says nothing of a connection went over any."""
    file = tmp_path / "evidence.jsonl"
    lines = list(kept().lines())
    for line in lines:
        line.get("probe", {}).pop("over", None)
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    assert {one.probe.over for one in read(file).exchanges()} == {""}


FOOTER = json.dumps({"footer": {}})
HEADER = json.dumps({"format": FORMAT})

FOREIGN = {
    "nothing": ("", "a line lacks what belongs in it"),
    "an empty line": (f"{HEADER}\n\n{FOOTER}\n", "line 2 is empty"),
    "another format": (f'{{"format": "mana-report/1"}}\n{FOOTER}\n', "the first or the last line"),
    "no end": (f"{HEADER}\n", "the first or the last line"),
    "an exchange that is not there": (f'{HEADER}\n{{"preflight": 1}}\n{FOOTER}\n', "a line lacks what belongs in it"),
    "half a line": (f'{HEADER}\n{{"body"\n{FOOTER}\n', "not every line is JSON"),
}
"""The text of a file, and what is said of it."""


@pytest.mark.parametrize(("text", "said"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_evidence_is_told(tmp_path: Path, text: str, said: str) -> None:
    """The file and what is wrong with it, in one line."""
    file = tmp_path / "evidence.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadEvidence, match=said) as told:
        read(file)
    assert str(told.value).startswith(str(file))
    assert "\n" not in str(told.value)


def test_take_with_no_list_on_one_side_did_not_hold_still() -> None:
    """Where a good request was answered 200 and by no list of machines, nobody knows what held still."""
    whole, nothing = reply(vms("a")).exchange, reply({"code": 200}).exchange
    for before, after in ((whole, nothing), (nothing, whole), (nothing, nothing)):
        take = Take(before, {}, after)
        assert (take.controlled, take.still(TERMS), take.ids_still(TERMS)) == (True, False, False)
    assert Take(whole, {}, whole).still(TERMS)


def test_take_with_no_answer_around_it_was_not_controlled() -> None:
    """Where no good request was answered, nothing says what a good server would have done meanwhile."""
    nothing = no_answer("closed").exchange
    take = Take(nothing, {}, nothing)
    assert (take.controlled, take.still(TERMS)) == (False, False)
