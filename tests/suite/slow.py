"""Slow: which of many cases are tried where minutes count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def but_every(nth: int, cases: Iterable[Any]) -> list[Any]:
    """All cases, those slow that are not every so manieth; a tuple is the values of several parameters."""
    made = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [
        pytest.param(*case, marks=() if number % nth == 0 else pytest.mark.slow) for number, case in enumerate(made)
    ]
