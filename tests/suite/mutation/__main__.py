"""The tester tested: mutants of the judging code, each held against recorded servers and the quick tests.

    python -m tests.suite.mutation [MODULE ...] [--sample N] [--out FILE]

A mutant is killed where the judge, so changed, says anything else of a server than the judge as it is: another verdict,
finding or strength of evidence that was recorded, another verdict or request where the server is asked anew; or else
where a quick test fails. Each runs in a process of its own, one after the other. What does not import counts as none.
SURVIVORS.md says what was made of those that survived.
"""

from __future__ import annotations

import argparse
import gc
import importlib.abc
import importlib.machinery
import io
import json
import os
import pickle
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

# Imported before any mutant is: what takes long to import, and the modules of ours that are not changed.
import hypothesis  # noqa: F401
import pytest
import requests  # noqa: F401

from conformance import collector, credentials, exchange, probe, target  # noqa: F401
from tests.suite.mutation import corpus
from tests.suite.mutation.corpus import Recorded
from tests.suite.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[3]
JUDGING = (
    "expect",
    "headers",
    "disclosure",
    "paging",
    "machines",
    "readings",
    "shape",
    "judgement",
    "history",
    "verdicts",
    "sight",
    "steadiness",
    "movement",
)
AROUND = ("strict", "answer", "clause", "known", "draws", "windows", "evidence")
CLAUSES = tuple(path.stem for path in sorted((ROOT / "tests" / "contract").glob("test_*.py")))
FILES = {
    **{name: ROOT / "conformance" / f"{name}.py" for name in (*JUDGING, *AROUND)},
    **{name: ROOT / "tests" / "contract" / f"{name}.py" for name in CLAUSES},
}
"""What is mutated, by the name to choose it by."""

NOT_JUDGING = {"draws": frozenset({"key", "_queries", "_sampled", "_drawable", "_query", "_listed"})}
"""Functions that only have something drawn, by the generators of others; what they drew once stands in for them."""

QUICK = (
    "test_rules",
    "test_windows",
    "test_machines",
    "test_sight",
    "test_steadiness",
    "test_movement",
    "test_verdicts",
    "test_strict",
    "test_plain",
    "test_draws",
    "test_evidence",
)
"""Tests of the suite that are quick and about judging; those of the clauses' servers are what is recorded."""

LONGEST = 60
"""Seconds of its own time after which a mutant is taken for one that never ends."""

RECORDING = 1200
"""Seconds that recording may take."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a mutant is held against: a name, and what differs of it, which is empty where nothing does."""

    name: str
    differs: Callable[[], str]


@dataclass(slots=True)
class Fate:
    """What became of a mutant: "killed", "survived" or "stillborn", by what, and after how many seconds."""

    mutant: Mutant
    fate: str
    by: str
    seconds: float = field(default=0.0)


class _Changed(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Imports one module from another source than its file's."""

    def __init__(self, name: str, mutant: Mutant) -> None:
        self._name, self._file, self._source = name, mutant.file, mutant.source

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> importlib.machinery.ModuleSpec | None:
        """Where the changed module is to be had."""
        if fullname != self._name:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=str(self._file))

    def create_module(self, _: importlib.machinery.ModuleSpec) -> None:
        """The usual module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        module.__file__ = str(self._file)
        exec(compile(self._source, str(self._file), "exec"), vars(module))  # noqa: S102 - our own source


def in_a_child(work: Callable[[], Any], seconds: int) -> Any:
    """What some work returns, done in a child of this process; None where it does not end in time, or dies."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        # By its own time, however busy the machine is; and one that only waits ends too.
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        signal.alarm(10 * seconds)
        try:
            with os.fdopen(writes, "wb") as pipe:
                pipe.write(pickle.dumps(work()))
        except BaseException:  # noqa: BLE001 - a child never goes on with what its parent does
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        answered = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(answered) if answered else None  # noqa: S301 - our own


def cases(servers: Sequence[Recorded]) -> list[Case]:
    """All that a mutant is held against, at first in this order."""

    def in_evidence(one: Recorded) -> Case:
        return Case(f"evidence of {one.name}", lambda: corpus.differs_in_evidence(one))

    def when_asked(one: Recorded) -> Case:
        return Case(f"asking {one.name}", lambda: corpus.differs_when_asked(one))

    chosen = [one for one in servers if one.name in corpus.ASKED_ANEW]
    return [
        *map(in_evidence, servers),
        *map(when_asked, chosen),
        *(Case(f"tests of {name}", partial(failing_test, name)) for name in QUICK),
    ]


class _Failed:
    """A plugin of pytest that keeps the name of the first test that failed."""

    def __init__(self) -> None:
        self.name = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at the report of a test."""
        if report.failed and not self.name:
            self.name = report.nodeid.rpartition("/")[2]


def failing_test(name: str) -> str:
    """The first test of a file that fails; empty where all pass."""
    failed = _Failed()
    options = ["-x", "--tb=no", "-p", "no:cacheprovider", "--assert=plain", "-m", "not slow"]
    with redirect_stdout(io.StringIO()):
        ended = pytest.main([*options, str(ROOT / "tests" / "suite" / f"{name}.py")], plugins=[failed])
    return failed.name or ("" if ended == pytest.ExitCode.OK else f"pytest ended with {ended}")


def held(mutant: Mutant, against: Sequence[Case], drawn: Any) -> tuple[str, str]:
    """What becomes of a mutant, in this process: its fate, and what it is killed by."""
    try:
        sys.meta_path.insert(0, _Changed(_module(mutant.file), mutant))
        prepare(drawn)
    except Exception as error:  # noqa: BLE001 - whatever keeps a mutant from being imported
        return "stillborn", f"{type(error).__name__}: {error}"
    for case in against:
        try:
            difference = case.differs()
        except Exception as error:  # noqa: BLE001 - a mutant may do anything
            difference = type(error).__name__
        if difference:
            return "killed", f"{case.name}: {difference}"
    return "survived", ""


def _module(file: Path) -> str:
    """The name that a file is imported by."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def prepare(drawn: Any) -> None:
    """Import the judge, with what was drawn once in place of the generators' own work."""
    from conformance import draws  # noqa: PLC0415
    from tests.suite import miniature, test_clauses, test_live  # noqa: F401, PLC0415

    if drawn is not None:
        vars(draws)["_queries"] = lambda _, examples, seed: drawn[examples, seed]
    miniature.catalogue()


def drawn_once() -> Any:
    """What the generators draw, for each number of examples that is asked for here or in the quick tests."""
    from conformance import draws  # noqa: PLC0415
    from tests.suite import miniature  # noqa: PLC0415

    numbers = (miniature.EXAMPLES, 24, 60)
    return {(one, miniature.SEED): draws._queries(miniature.document(), one, miniature.SEED) for one in numbers}


def recorded(drawn: Any) -> list[Recorded]:
    """Every server, as the judge that is not changed finds it."""
    prepare(drawn)
    return corpus.recorded()


def differences(against: Sequence[Case], drawn: Any) -> list[str]:
    """What differs of all that a mutant is held against, where the judge is as it is."""
    prepare(drawn)
    return [f"{one.name}: {difference}" for one in against if (difference := one.differs())]


def material(kept: Path | None) -> tuple[Any, list[Recorded]]:
    """What is drawn, and the recorded servers: from the file that keeps them, or made and kept there."""
    if kept and kept.exists():
        made: tuple[Any, list[Recorded]] = pickle.loads(kept.read_bytes())  # noqa: S301 - our own
        return made
    drawn = in_a_child(drawn_once, RECORDING)
    made = drawn, in_a_child(lambda: recorded(drawn), RECORDING)
    if None in made:
        raise SystemExit("the servers could not be recorded")
    if kept:
        kept.write_bytes(pickle.dumps(made))
    return made


def fates(chosen: Sequence[Mutant], kept: Path | None) -> Iterator[Fate]:
    """What becomes of each of some mutants."""
    corpus.keep_what_never_changes()
    drawn, servers = material(kept)
    if early := {_module(file) for file in FILES.values()} & sys.modules.keys():
        raise SystemExit(f"imported before they could be changed: {', '.join(early)}")
    against = cases(servers)
    found = in_a_child(lambda: differences(against, drawn), RECORDING)
    if found != []:
        raise SystemExit(f"the judge as it is differs from itself: {found}")
    gc.collect()
    gc.freeze()
    for mutant in chosen:
        begun = time.monotonic()
        found = in_a_child(partial(held, mutant, against, drawn), LONGEST)
        fate, by = found or ("killed", "it never ends, or takes the process with it")
        yield Fate(mutant, fate, by, time.monotonic() - begun)
        # What found one mutant out is likely to find out the next, which stands beside it.
        against.sort(key=lambda one: not by.startswith(f"{one.name}: "))


def sampled(found: Sequence[Mutant], number: int | None) -> list[Mutant]:
    """So many of the mutants, evenly; all of them where no number is given."""
    if number is None or number >= len(found):
        return [*found]
    return [found[turn * len(found) // number] for turn in range(number)]


def told(fates: Sequence[Fate], of: Counter[str]) -> Iterator[str]:
    """The counts by module, for a table."""
    yield f"{'module':<18}{'mutants':>8}{'tried':>7}{'killed':>8}{'survived':>10}{'share':>8}"
    rows = {name: [one for one in fates if one.mutant.file.stem == name] for name in of}
    for name, row in {**rows, "all": [*fates]}.items():
        counts = Counter(one.fate for one in row)
        tried = counts["killed"] + counts["survived"]
        share = f"{counts['killed'] / tried:.1%}" if tried else "-"
        total = of.total() if name == "all" else of[name]
        yield f"{name:<18}{total:>8}{tried:>7}{counts['killed']:>8}{counts['survived']:>10}{share:>8}"
    killers = Counter(one.by.partition(" ")[0] for one in fates if one.fate == "killed")
    yield "killed by " + ", ".join(f"{name}: {count}" for name, count in killers.most_common())
    seconds = [one.seconds for one in fates]
    yield f"{sum(seconds):.0f} s, {sum(seconds) / max(1, len(seconds)):.2f} s a mutant"


def main(arguments: Sequence[str] | None = None) -> int:
    """Hold mutants against what is known; 0 where at least so large a share was killed."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m tests.suite.mutation", description=__doc__, formatter_class=raw)
    parser.add_argument("modules", nargs="*", metavar="MODULE", choices=[*FILES, []], help="what to mutate [all]")
    parser.add_argument("--sample", type=int, metavar="N", help="try so many mutants, evenly chosen [all]")
    parser.add_argument("--again", type=Path, metavar="OUT", help="try only those that survived in this file of --out")
    parser.add_argument("--least", type=float, default=0.85, metavar="SHARE", help="exit 1 where fewer die [0.85]")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep what is recorded here, for the next run")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write each mutant and its fate, as JSON Lines")
    given = parser.parse_args(arguments)
    found = [one for name in given.modules or FILES for one in mutants(FILES[name]) if _judges(name, one)]
    if given.again:
        survived = survivors(given.again)
        found = [one for one in found if (one.file.stem, one.operator, one.occurrence) in survived]
    made = []
    for one in fates(sampled(found, given.sample), given.keep):
        made.append(one)
        if given.out:
            with given.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps(as_json(one), ensure_ascii=False) + "\n")
        if one.fate == "survived":
            print(f"SURVIVED {one.mutant.file.stem}.{one.mutant.function}: {one.mutant.operator}")
            print(one.mutant.difference, flush=True)
    for line in told(made, Counter(one.file.stem for one in found)):
        print(line)
    counts = Counter(one.fate for one in made)
    return 0 if counts["killed"] >= given.least * (counts["killed"] + counts["survived"]) else 1


def _judges(name: str, one: Mutant) -> bool:
    return one.function.partition(".")[0] not in NOT_JUDGING.get(name, ())


def survivors(file: Path) -> set[tuple[str, str, int]]:
    """The mutants that survived an earlier run, by module, operator and occurrence."""
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return {(one["module"], one["operator"], one["occurrence"]) for one in lines if one["fate"] == "survived"}


def as_json(one: Fate) -> dict[str, object]:
    """A mutant and its fate."""
    difference = ""
    with suppress(SyntaxError):
        difference = one.mutant.difference
    return {
        "module": one.mutant.file.stem,
        "function": one.mutant.function,
        "operator": one.mutant.operator,
        "occurrence": one.mutant.occurrence,
        "line": one.mutant.line,
        "difference": difference,
        "fate": one.fate,
        "by": one.by,
        "seconds": round(one.seconds, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
