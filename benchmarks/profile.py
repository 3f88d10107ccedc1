"""Where the time goes, by package: of this project by module."""

from __future__ import annotations

import cProfile
import pstats
import re
from collections import Counter
from pathlib import Path

OURS = re.compile(r"/(conformance|contracts|tests/contract)/(\w+)\.py$")
THEIRS = re.compile(r"/site-packages/(\w+)")
WAITING = re.compile(r"'(acquire|recv_into|poll|select|sendall|connect|sleep)' of |time\.sleep")


def by_package(profile: cProfile.Profile | Path) -> dict[str, float]:
    """The share of a profile's time that was spent in each package itself; waiting for others is a package too."""
    spent: Counter[str] = Counter()
    stats = pstats.Stats(str(profile) if isinstance(profile, Path) else profile)
    # A function is its file, line and name; its own time is the third number. The library's types do not know it.
    for (file, _, name), (_, _, own, *_) in vars(stats)["stats"].items():
        spent[_package(file, name)] += own
    total = spent.total()
    return {name: own / total for name, own in spent.most_common()}


def _package(file: str, name: str) -> str:
    if WAITING.search(name):
        return "waiting"
    if found := OURS.search(file):
        return f"{found[1]}.{found[2]}" if found[1] != "tests/contract" else "clauses"
    if found := THEIRS.search(file):
        return found[1].removeprefix("_")
    return "importing" if "importlib" in file or "marshal" in name or "exec" in name else "Python"
