"""What a run costs: beside stock `schemathesis run`, command by command, on long lists, and as lists and waits grow.

    python -m benchmarks [SECTION ...] [--repeats N] [--most N] [--write]

Figures of one table were taken in turns in one run, so that what else the machine did was the same for all of them;
each is the median of its repeats.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

from conformance.default_target import serving
from tests.suite.apart import written

from . import ran, servers, tables
from .profile import by_package
from .ran import ROOT, Card, Cost

REPEATS = 5
LATENCIES = (0, 50)
GROWN_LATENCIES = (0, 10, 50, 200)
SIZES = (10, 1_000, 100_000)
LONG = 100_000
SHOWN = 12
"""Packages of a profile that are shown."""


@dataclass(frozen=True, slots=True)
class Bench:
    """How often each figure is taken, the longest list, and a folder for what is left behind."""

    repeats: int
    most: int
    folder: Path

    @property
    def cache(self) -> Path:
        """Where the gate keeps its draws."""
        return self.folder / "cache"

    def in_turns(self, works: Mapping[str, Callable[[], Cost]]) -> dict[str, Cost]:
        """The median costs of some works that take turns; each is done once before, for what is made but once."""
        for work in works.values():
            work()
        costs: dict[str, list[Cost]] = {name: [] for name in works}
        for _ in range(self.repeats):
            for name, work in works.items():
                costs[name].append(work())
        return {name: _median(taken) for name, taken in costs.items()}


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        median(one.seconds for one in costs),
        median(one.processor for one in costs),
        median(one.memory for one in costs),
    )


def _beside(ours: Cost, theirs: Cost) -> tuple[str, str]:
    return f"{ours.seconds / theirs.seconds:.2f}", f"{ours.processor / theirs.processor:.2f}"


# -- the gate beside stock


@contextmanager
def _apart(latency: int) -> Iterator[Card]:
    with serving([*written.BARE.command, str(latency)]) as card:
        yield card


@contextmanager
def _reference(latency: int, *options: str) -> Iterator[Card]:
    with serving([*servers.REFERENCE, "--latency", str(latency), *options]) as card:
        yield card


def gates(bench: Bench) -> str:
    """The whole gate beside stock, told the same of a server that both find nothing wrong with."""
    rows = []
    # Bounds that begin where the server's do, or stock would end early with a false alarm.
    targets = (("the reference", _reference, 0, servers.DEFAULT), ("Node's http", _apart, 1, {"paging": "1-exclusive"}))
    for name, start, least, readings in targets:
        for latency in LATENCIES:
            with start(latency) as card:
                document = ran.described(card, readings, least)
                works = {
                    "gate": partial(_gate, card, bench),
                    "stock": partial(_stock, card, document, bench),
                }
                taken = bench.in_turns(works)
            ours, theirs = taken["gate"], taken["stock"]
            figures = (f"{ours.seconds:.2f}", f"{theirs.seconds:.2f}", *_beside(ours, theirs))
            rows.append((f"{name}, {latency} ms", *figures))
    return tables.table(("", "gate, s", "stock, s", "gate / stock", "of a processor's seconds"), rows)


def _gate(card: Card, bench: Bench, *options: str) -> Cost:
    run = ran.gate(card, bench.cache, *options)
    if run.exit:
        raise ValueError(f"the gate ended with {run.exit} and not 0")
    return run.cost


def _stock(card: Card, document: dict[str, object], bench: Bench) -> Cost:
    run = ran.stock(card, document, bench.folder)
    if run.exit:
        raise ValueError(f"stock ended with {run.exit} and not 0: {', '.join(run.broken)}")
    return run.cost


# -- one command at a time


def commands(bench: Bench) -> str:
    """Commands that are typed dozens of times a day, beside a run of pytest that has nothing to do."""
    empty = bench.folder / "test_nothing.py"
    empty.write_text("def test_nothing(): pass\n", encoding="utf-8")
    with _reference(0) as card:
        report = bench.folder / "report"
        _gate(card, bench, f"--report-dir={report}")
        none = (
            "--noconftest",
            *(word for name in ("schemathesis", "hypothesispytest") for word in ("-p", f"no:{name}")),
        )
        works = {
            "pytest with nothing to do": partial(_alone, bench, [*none, "-c", "/dev/null", str(empty)]),
            "`pytest --clauses`": partial(_gate, card, bench, "--clauses"),
            "one clause, `-k PAGE-07`": partial(_gate, card, bench, "-k", "PAGE-07", "--allow-unjudged"),
            "replay of a run": partial(_gate, card, bench, f"--replay={report / 'evidence.jsonl'}"),
            "the whole gate": partial(_gate, card, bench),
        }
        taken = bench.in_turns(works)
    nothing = taken["pytest with nothing to do"]
    rows = [(name, f"{one.seconds:.2f}", f"{one.processor:.2f}", *_beside(one, nothing)) for name, one in taken.items()]
    return tables.table(("", "s", "of a processor", "times nothing", "of a processor's"), rows)


def _alone(bench: Bench, options: Sequence[str]) -> Cost:
    return ran.timed([sys.executable, "-m", "pytest", *options], {}, bench.folder).cost


# -- long lists


def long_lists(bench: Bench) -> str:
    """Judging a long list by every clause that looks at machines, beside `json.loads` of its text."""
    text = bench.folder / "long.json"
    made = (
        f"from benchmarks.long_list import text_of; open({str(text)!r}, 'wb').write(text_of({min(LONG, bench.most)}))"
    )
    ran.timed([sys.executable, "-c", made], {}, ROOT)
    works = {name: partial(_measured, "benchmarks.long_list", name, text) for name in ("loads", "judged")}
    # Each take is short, and swings by a third with what else the machine does.
    taken = replace(bench, repeats=3 * bench.repeats).in_turns(works)
    judged, loads = taken["judged"], taken["loads"]
    memory = f"{judged.memory / loads.memory:.2f}"
    head = (f"{min(LONG, bench.most):,} machines", "json.loads", "judged", "times")
    seconds, processor = _beside(judged, loads)
    rows = (
        ("seconds", f"{loads.seconds:.2f}", f"{judged.seconds:.2f}", seconds),
        ("of a processor", f"{loads.processor:.2f}", f"{judged.processor:.2f}", processor),
        ("memory, MiB", f"{loads.memory:.0f}", f"{judged.memory:.0f}", memory),
    )
    return tables.table(head, rows)


def _measured(module: str, *words: str | Path) -> Cost:
    command: list[str | Path] = [sys.executable, "-m", module, *words]
    return Cost(**json.loads(ran.timed(command, {}, ROOT).out))


# -- growth


def growth(bench: Bench) -> str:
    """Seconds, requests and memory of the gate as lists and waits grow; one run each, its draws kept already."""
    rows = []
    with _reference(0) as card:
        ran.gate(card, bench.cache)
    for size in (one for one in SIZES if one <= bench.most):
        for latency in GROWN_LATENCIES:
            with _reference(latency, "--vms", str(size)) as card:
                run = ran.gate(card, bench.cache)
            memory = f"{run.cost.memory:.0f}"
            rows.append((f"{size:,}", latency, f"{run.cost.seconds:.2f}", run.requests, memory, run.exit))
    return tables.table(("machines", "wait, ms", "seconds", "requests", "memory, MiB", "exit"), rows)


# -- the limit, and where the time goes


def limit(bench: Bench) -> str:
    """The gate beside bare sending of its own requests at its own concurrency."""
    rows = []
    for latency in LATENCIES:
        with _reference(latency) as card:
            report = bench.folder / f"report-{latency}"
            _gate(card, bench, f"--report-dir={report}")
            works = {"gate": partial(_gate, card, bench), "sending": partial(_sent, card, report / "evidence.jsonl")}
            taken = bench.in_turns(works)
        gate, sending = taken["gate"].seconds, taken["sending"].seconds
        rows.append((f"the reference, {latency} ms", f"{gate:.2f}", f"{sending:.2f}", f"{gate / sending:.2f}"))
    return tables.table(("", "gate, s", "bare sending, s", "times"), rows)


def _sent(card: Card, evidence: Path) -> Cost:
    done = ran.timed([sys.executable, "-m", "benchmarks.sending", evidence], ran.told(card, more=False), ROOT)
    return Cost(json.loads(done.out)["seconds"], done.cost.processor, done.cost.memory)


def profile(bench: Bench) -> str:
    """Where the time goes: the main thread of a run, and one thread that sends its requests one by one."""
    stats, report = bench.folder / "main.prof", bench.folder / "report-profile"
    with _reference(0) as card:
        _gate(card, bench, f"--report-dir={report}")
        command: list[str | Path] = [sys.executable, "-m", "cProfile", "-o", stats, *ran.pytest(cache=bench.cache)[1:]]
        ran.timed(command, ran.told(card, more=False), ROOT)
        words: list[str | Path] = [sys.executable, "-m", "benchmarks.sending", report / "evidence.jsonl", "--profile"]
        sending = json.loads(ran.timed(words, ran.told(card, more=False), ROOT).out)
    found = {"the main thread of a run": by_package(stats), "sending, one by one": sending}
    return "\n\n".join(tables.table((name, "share"), _largest(shares)) for name, shares in found.items())


def _largest(shares: dict[str, float]) -> list[tuple[str, str]]:
    return [(name, f"{share:.0%}") for name, share in list(shares.items())[:SHOWN]]


SECTIONS = {
    "gates": gates,
    "commands": commands,
    "long-lists": long_lists,
    "growth": growth,
    "limit": limit,
    "profile": profile,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the figures and print their tables."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, formatter_class=raw)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)} [all]")
    parser.add_argument("--repeats", type=int, default=REPEATS, metavar="N", help=f"of each figure [{REPEATS}]")
    parser.add_argument("--most", type=int, default=LONG, metavar="N", help=f"machines of the longest list [{LONG}]")
    parser.add_argument("--write", action="store_true", help="write the tables into benchmarks/README.md")
    given = parser.parse_args(arguments)
    if unknown := set(given.sections) - SECTIONS.keys():
        parser.error(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    for name in given.sections or SECTIONS:
        with tempfile.TemporaryDirectory() as folder:
            made = SECTIONS[name](Bench(given.repeats, given.most, Path(folder)))
        print(f"{name}\n\n{made}\n", flush=True)
        if given.write:
            tables.write(ROOT / "benchmarks" / "README.md", name, made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
