"""A body is read as strict JSON or called what it is; whatever it is, in the room and time that its length allows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.strict import DEEPEST, LONGEST_NUMBER, read_json


def nested(depth: int) -> bytes:
    """Lists in one another, the innermost with a text in it."""
    return b"[" * depth + b'"x"' + b"]" * depth


DEEP: dict[str, tuple[bytes, bool]] = {
    "as deep as is read": (nested(DEEPEST), False),
    "a level deeper": (nested(DEEPEST + 1), True),
    "objects": (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), True),
    "a million levels": (nested(1_000_000), True),
    "a million levels, never closed": (b"[" * 1_000_000, True),
    "flat and long": (b"[" + b"[]," * 100_000 + b"{}]", False),
    "brackets in a text": (json.dumps(["[" * 5000, '"' * 3 + "{" * 5000, "\\[" * 5000]).encode(), False),
    "depth behind closing brackets in texts": (b'["]", ' * 500 + b"1" + b"]" * 500, True),
    "depth behind texts with quotes and backslashes": (rb'["\\\"]", ' * 500 + b"1" + b"]" * 500, True),
    "deep between flat ones": (b"[" + b"[]," * 1000 + nested(DEEPEST) + b",{}" * 1000 + b"]", True),
}


@pytest.mark.parametrize(("body", "is_too_deep"), DEEP.values(), ids=DEEP)
def test_depth_is_limited(body: bytes, is_too_deep: bool) -> None:
    """What is nested deeper than the limit is called so, and nothing else is."""
    problem = read_json(body).problem or ""
    assert ("deeper" in problem) == is_too_deep, problem


NUMBERS: dict[str, tuple[bytes, Any]] = {
    "long": (b"9" * 1000, int("9" * 1000)),
    "too long": (b"9" * 2 * LONGEST_NUMBER, None),
    "a fraction too long": (b"0." + b"1" * 1_000_000, None),
    "far too long": (b"1" * 10_000_000, None),
    "before a text that never ends": (b"1" * 2 * LONGEST_NUMBER + b',"' + rb"\"" * 1_000_000, None),
    "in a text": (b'"' + b"9" * 2 * LONGEST_NUMBER + b'"', "9" * 2 * LONGEST_NUMBER),
}


@pytest.mark.parametrize(("number", "value"), NUMBERS.values(), ids=NUMBERS)
def test_length_of_numbers_is_limited(number: bytes, value: Any) -> None:
    """A number of more digits than the limit is not read; digits in a text are no number."""
    read = read_json(b"[" + number + b"]")
    assert (read.value, read.problem is None) == ([value] if value is not None else None, value is not None)
    assert value is not None or "a number that no program reads" in str(read.problem)


STRINGS = st.text(st.sampled_from('a:"\\{}[]\n'), max_size=4).map(json.dumps)
"""Texts of JSON strings, of what a reader in a hurry takes for something else."""


def pairs_of(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts of JSON objects, whose keys may repeat."""
    pair = st.tuples(STRINGS, values).map(" :".join)
    return st.lists(pair, max_size=4).map(lambda pairs: "{" + ",".join(pairs) + "}")


TEXTS = st.recursive(
    STRINGS | st.sampled_from(['"::"', '"10:20:30"', "1", "null"]),
    lambda inner: pairs_of(inner) | st.lists(inner, max_size=3).map(lambda texts: "[" + ",".join(texts) + "]"),
    max_leaves=12,
)


def keys_given_twice(text: str) -> list[str]:
    """The keys that come again within one object, each as often as it does, inner objects first."""
    again: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        again.extend(key for at, key in enumerate(keys) if key in keys[:at])
        return dict(pairs)

    json.loads(text, object_pairs_hook=note)
    return again


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_keys_that_repeat_are_told_and_no_others(text: str) -> None:
    """Whatever stands in strings, what an object has twice is told, and the value is what everybody reads."""
    read = read_json(text.encode())
    assert (read.problem, read.value) == (None, json.loads(text))
    assert [key for key, _ in read.repeated_keys] == keys_given_twice(text)
