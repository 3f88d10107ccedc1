"""Draws spread over what servers break on, and what breaks one is shrunk to its simplest request."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from conformance import draws
from conformance.judgement import Verdict
from conformance.probes import LARGE, Probes
from conformance.shrink import simpler
from tests.suite.miniature import EXAMPLES, SEED, TARGET, Miniature, Refused, Request, broken, document, judged, judging

HOME = tuple(draws.STAND_INS.items())


@cache
def drawn(examples: int) -> dict[str, list[draws.Query]]:
    """What is drawn by one seed."""
    return draws.draw(document(), examples, SEED)


def numbers(name: str, examples: int) -> list[int]:
    """The values of a bound among the valid queries that are drawn."""
    queries = drawn(examples)["valid"]
    return sorted(int(value) for query in queries for key, value in query if key == name)


def test_ends_of_every_size_are_drawn() -> None:
    """Between 16 and the largest `t` no two neighbours are further apart than a factor of 40."""
    ends = numbers("t", 24)
    assert ends[0] < 40 * draws.SMALLEST
    assert ends[-1] > LARGE / 40
    assert all(high / max(low, 1) < 40 for low, high in pairwise(ends))


@pytest.mark.slow
def test_more_examples_lie_closer_together() -> None:
    """The more is drawn, the narrower is a range of numbers that is not met."""
    few, many = (max(high / max(low, 1) for low, high in pairwise(numbers("t", examples))) for examples in (24, 60))
    assert many < few


@pytest.mark.slow
@pytest.mark.parametrize("examples", [1, 2, 3])
def test_few_are_drawn_as_well(examples: int) -> None:
    """However few are wanted, so many are drawn of each kind."""
    assert {kind: len(queries) for kind, queries in drawn(examples).items()} == {"valid": examples, "invalid": examples}


def test_no_valid_query_is_the_good_request_again() -> None:
    """Every valid query that is drawn has a bound, and none is another one in another order."""
    queries = drawn(24)["valid"]
    assert all({"f", "t"} & {name for name, _ in query} for query in queries)
    assert len({frozenset(query) for query in queries}) == len(queries)


@pytest.mark.slow
@pytest.mark.parametrize("wrong", ["true", "AAA"])
@pytest.mark.parametrize("name", ["f", "t"])
def test_each_wrong_type_is_drawn_for_each_bound(name: str, wrong: str) -> None:
    """With room for all of them, no wrong type is left out."""
    assert any((name, wrong) in query for query in drawn(60)["invalid"])


def test_last_number_of_a_size_is_drawn_for_each_bound_by_itself() -> None:
    """A page behind the list may be refused, so what is wrong with its end would not be seen."""
    bounds = [{name: value for name, value in query if name in {"f", "t"}} for query in drawn(24)["valid"]]
    for name in ("f", "t"):
        for bits in (15, 16):
            assert {name: str(2**bits - 1)} in bounds


@pytest.mark.parametrize("kind", ["valid", "invalid"])
@pytest.mark.parametrize("examples", [6, 24])
def test_query_is_of_the_kind_that_it_is_drawn_for(kind: str, examples: int) -> None:
    """What stands on the wire decides, and as many are drawn as were asked for."""
    queries = drawn(examples)[kind]
    assert {draws.standing(one, document()) for one in queries} == {kind}
    assert len(queries) == examples


def test_nothing_is_drawn_where_no_example_is_wanted() -> None:
    """Of either kind."""
    assert draws.draw(document(), 0, SEED) == {"valid": [], "invalid": []}


def test_bound_is_drawn_in_place_of_those_that_were_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that is made from another keeps none of its bounds."""
    one = (*HOME, ("f", "3"), ("t", "4"))
    monkeypatch.setattr(draws, "_queries", lambda *_: ([], [one]))
    made = draws.draw(document(), 12, SEED)["valid"]
    assert len(made) == 12
    assert all(len(dict(query)) == len(query) for query in made)


def home(**values: str | None) -> draws.Query:
    """The good request's query, some parameters of it with other values; None leaves one out."""
    told: dict[str, str | None] = {**dict(HOME), **values}
    return tuple((name, value) for name, value in told.items() if value is not None)


STANDING: list[tuple[draws.Query, str]] = [
    (HOME, "valid"),
    (home(f="1", t="1"), "valid"),
    (home(t=str(LARGE)), "valid"),
    (home(f="2", t="1"), "open"),
    (home(t=str(LARGE + 1)), "open"),
    *((home(f=text), "open") for text in ("0", "-1", "+1", "01", " 1", "1.5", "1e3", "0x1F", "1_0", "", "null")),
    *((home(f=text), "invalid") for text in ("abc", "true", "1a", "0xg", "[]")),
    ((*home(f="1"), ("f", "2")), "open"),
    ((*home(f="abc"), ("f", "2")), "open"),
    ((*home(f="abc"), ("f", "def")), "invalid"),
    (home(region=None), "invalid"),
    (home(tenant_id=None), "invalid"),
    (home(party=None), "open"),
    (home(party="another"), "open"),
    (home(region="another"), "invalid"),
    ((*HOME, ("region", "another")), "open"),
    ((*HOME, ("region", "stand-in-region")), "open"),
    ((*HOME, ("colour", "blue")), "open"),
    ((*home(f="abc"), ("colour", "blue")), "invalid"),
    (home(f="abc", party="another"), "invalid"),
]


@pytest.mark.parametrize(("query", "standing"), STANDING)
def test_query_is_owed_what_every_reading_owes_it(query: draws.Query, standing: str) -> None:
    """It is valid or invalid where every reading says so; what some language reads as a number may be either."""
    assert draws.standing(query, document()) == standing


@pytest.mark.parametrize(("required", "without"), [(True, "invalid"), (False, "valid")])
def test_parameter_without_a_value_of_the_targets_is_owed_by_whether_it_has_to_be_there(
    required: bool, without: str
) -> None:
    """One more than the target's own values are told for: any value of it may be right, and none where it has to be."""
    told = document()
    one = replace(told.parameters[0], name="colour", type="string", required=required)
    more = replace(told, parameters=(*told.parameters, one))
    assert draws.standing(HOME, more) == without
    assert draws.standing((*HOME, ("colour", "blue")), more) == "valid"


def test_drawn_query_asks_for_the_targets_own_values() -> None:
    """Stand-ins are replaced by them and back, whatever has to be encoded, and the edits tell what differs."""
    good = Probes(document(), TARGET).good
    query = (*HOME[1:], ("f", "a&b 北"), ("f", "x" * 99))
    probe = draws.asked(query, good)
    assert probe.values("tenant_id") == (TARGET.tenant_id,)
    assert probe.values("f") == ("a&b 北", "x" * 99)
    assert draws.read(probe, good) == query
    assert probe.edits == (f"drawn: f=a&b 北, f={'x' * 60}, no party",)
    assert (probe.method, probe.path, probe.headers) == (good.method, good.path, good.headers)


def test_simpler_query_differs_in_one_parameter() -> None:
    """Each simpler query changes one parameter, and what is left of it is smaller, shorter or the target's own."""
    query = (*HOME[:2], ("region", "北x京"), ("f", "900"), ("t", "5000"))
    for one in simpler(query, ()):
        changed = [(name, value) for name, value in query if (name, value) not in one]
        assert len(changed) == 1
        name, value = changed[0]
        left = dict(one).get(name, "")
        plain = draws.STAND_INS.get(name, "")
        assert left == plain or len(left) < len(value) or int(left) < int(value)


def test_number_is_closed_in_on_above_what_is_harmless() -> None:
    """Once a smaller number is known to do no harm, only those above it are tried."""
    query, harmless = (*HOME, ("t", "5000")), (*HOME, ("t", "4000"))
    tried = [int(dict(one)["t"]) for one in simpler(query, [harmless]) if "t" in dict(one)]
    assert tried
    assert all(4000 <= number < 5000 for number in tried)


def refusing_from(least: int, most: int) -> type[Miniature]:
    """A server that crashes on an end in a range."""

    def number(server: Miniature, name: str, value: int) -> int:
        if name == "t" and least <= value <= most:
            raise Refused(500, "this number is too much", "overflow")
        return Miniature.number(server, name, value)

    return broken(number=number)


@pytest.mark.slow
def test_crash_in_a_range_is_shown_by_its_smallest_number() -> None:
    """The one finding names the smallest number that crashes, though a larger one was drawn."""
    met = next(number for number in numbers("t", EXAMPLES) if 20_000 < number < 2_000_000_000)
    outcome = judged(refusing_from(met // 2, 2 * met)())["PROP-01"]
    assert outcome.verdict is Verdict.FAIL
    (finding,) = outcome.judgement.findings
    assert finding.exchanges[0].probe.values("t") == (str(met // 2),)


def test_wrong_word_is_shown_by_itself() -> None:
    """A word that is let through is told without the other parameters that were drawn with it."""

    def no_number(server: Miniature, name: str, text: str) -> int | None:
        return None if text in {"null", "true", "AAA"} else Miniature.no_number(server, name, text)

    outcome = judged(broken(no_number=no_number)())["PROP-02"]
    assert outcome.verdict is Verdict.FAIL
    (finding,) = outcome.judgement.findings
    probe = finding.exchanges[0].probe
    assert len([name for name in ("f", "t") if probe.values(name)]) == 1


def test_nothing_is_shrunk_where_nothing_is_broken() -> None:
    """A server that keeps the contract is asked no simpler requests."""
    evidence = judging(Miniature()).known.evidence
    assert not any(name.endswith(" simpler") for take in evidence.takes for name in take.asked)


def test_shrinking_ends_though_everything_breaks() -> None:
    """A server that serves any region is asked a bounded number of simpler requests."""

    def odd_region(server: Miniature, request: Request) -> str:
        asked = server.required(request, "region")
        return "north" if asked.isalnum() and asked.isascii() and asked != "no-such-name-8d1f" else asked

    verdicts = judging(broken(region=odd_region)())
    steps = [take for take in verdicts.known.evidence.takes if any(name.endswith(" simpler") for name in take.asked)]
    assert len(steps) <= 10
