"""Side by side with stock `schemathesis run`: what each catches of the mutants, and what it calls broken that is not.

    python -m benchmarks.side_by_side [--sample N] [--keep FILE] [--write]

Each server is judged three times, each time started anew: by stock, with the derived OpenAPI document as a friend would
hand it over; by this suite at its default settings and told the same; and by this suite told all it can be told. Stock
judges conforming servers once more, with the document as it is derived.
Rows are kept in a file as they are made, and what stands there already is not judged again.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path
from statistics import median

from . import ran, servers, tables
from .ran import ROOT, Cost, Ran

WORKERS = 2
JUDGES = ("stock", "same", "more")


@dataclass(frozen=True, slots=True)
class Row:
    """One server under each judge, by the judge's name; ``faulty`` says that it is one that must be caught."""

    server: str
    faulty: bool
    runs: Mapping[str, Ran]

    def as_json(self) -> str:
        """A line of a file that `read` reads back."""
        runs = {judge: asdict(run) for judge, run in self.runs.items()}
        return json.dumps({"server": self.server, "faulty": self.faulty, "runs": runs})

    @staticmethod
    def of_json(line: str) -> Row:
        """The row of such a line."""
        data = json.loads(line)
        runs = {
            judge: Ran(run["exit"], Cost(**run["cost"]), run["requests"], tuple(run["broken"]))
            for judge, run in data["runs"].items()
        }
        return Row(data["server"], data["faulty"], runs)


# -- making the rows


def judged(name: str, *, faulty: bool) -> Row:
    """One server, started anew for each judge."""
    server = (servers.faulty() if faulty else servers.conforming())[name]
    runs = {}
    with tempfile.TemporaryDirectory() as folder:
        for judge in JUDGES if faulty else (*JUDGES, "as derived"):
            with server.start() as card:
                runs[judge] = _judged_by(judge, card, server.readings, Path(folder))
    return Row(name, faulty, runs)


def _judged_by(judge: str, card: ran.Card, readings: Mapping[str, str], folder: Path) -> Ran:
    if judge == "stock":
        return ran.stock(card, ran.described(card, readings), folder)
    if judge == "as derived":
        return ran.stock(card, ran.as_derived(card, readings), folder)
    return ran.gate(card, _cache(), more=judge == "more")


def _cache() -> Path:
    """Where the gate keeps its draws, so that each run but the first finds them, as its user's do."""
    return ROOT / ".pytest_cache" / "benchmarks"


def rows(wanted: Sequence[tuple[str, bool]], kept: Path, workers: int) -> list[Row]:
    """A row for each server that is wanted, by its name and whether it is faulty; made where it is not kept yet."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    found = {(row.server, row.faulty): row for row in map(Row.of_json, lines)}
    due = [one for one in wanted if one not in found]
    with kept.open("a", encoding="utf-8") as file, ProcessPoolExecutor(workers) as pool:
        for number, future in enumerate(
            as_completed([pool.submit(judged, name, faulty=faulty) for name, faulty in due]), 1
        ):
            row = future.result()
            found[row.server, row.faulty] = row
            file.write(f"{row.as_json()}\n")
            file.flush()
            print(f"{number} of {len(due)}: {row.server}", file=sys.stderr)
    return [found[one] for one in wanted]


# -- what they show


def cries_wolf(run: Ran) -> bool:
    """Whether a judge calls a server broken."""
    return run.exit == 1 and run.broken != ("no report",)


def caught(run: Ran, healthy: Ran) -> bool:
    """Whether a judge calls a server broken by something that it does not also call the healthy one."""
    return cries_wolf(run) and not set(run.broken) <= set(healthy.broken)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows, and the row of the healthy reference among them."""

    rows: Sequence[Row]

    @property
    def healthy(self) -> Row:
        """The reference as it is."""
        return next(row for row in self.rows if row.server == servers.reference().name)

    def of(self, *, faulty: bool) -> list[Row]:
        """Those that must be caught, or those that must not."""
        return [row for row in self.rows if row.faulty == faulty]

    def caught(self, judge: str) -> set[str]:
        """The mutants that a judge stops the build for."""
        return {row.server for row in self.of(faulty=True) if caught(row.runs[judge], self.healthy.runs[judge])}

    def advised(self, judge: str) -> set[str]:
        """The mutants that a judge says something of and lets pass."""
        told = {row.server for row in self.of(faulty=True) if "SHOULD" in row.runs[judge].broken}
        return told - self.caught(judge)

    def alarms(self, judge: str) -> list[Row]:
        """The conforming servers that a judge calls broken."""
        return [row for row in self.of(faulty=False) if cries_wolf(row.runs[judge])]

    def share(self, judge: str, taken: Callable[[Ran], float]) -> str:
        """What a judge took for all of them, as a share of what stock took."""
        ours, theirs = (sum(taken(row.runs[one]) for row in self.rows) for one in (judge, "stock"))
        return f"{ours / theirs:.2f}"

    def summary(self) -> str:
        """The one table of the README."""
        mutants, others = len(self.of(faulty=True)), len(self.of(faulty=False))
        head = ("", f"stock schemathesis {ran.stock_version()}", "this suite, told the same", "told all it can be")
        lines = {
            f"stops the build, of {mutants} servers with one fault": lambda judge: len(self.caught(judge)),
            "tells the fault as advice (SHOULD)": lambda judge: len(self.advised(judge)) or "–",
            f"false alarms, of {others} servers that keep the contract": lambda judge: len(self.alarms(judge)),
            "requests of a run, median": lambda judge: round(median(row.runs[judge].requests for row in self.rows)),
            "seconds, as a share of stock's": lambda judge: self.share(judge, attrgetter("cost.seconds")),
            "seconds of a processor, likewise": lambda judge: self.share(judge, attrgetter("cost.processor")),
        }
        return tables.table(head, [(line, *map(told, JUDGES)) for line, told in lines.items()])

    def details(self) -> str:
        """What each missed, and whom each called broken, for who wants to check."""
        return "\n\n".join((*self._missed(), *self._alarms()))

    def _missed(self) -> Iterator[str]:
        names = [row.server for row in self.of(faulty=True)]
        for judge, told in (("same", "told the same"), ("more", "told all it can be")):
            missed = [name for name in names if name not in self.caught(judge) | self.advised(judge)]
            yield f"Missed by this suite, {told}: {_listed(missed)}."
        only = self.caught("stock") - self.caught("same") - self.advised("same")
        yield f"Caught by stock and not by this suite, told the same: {_listed(sorted(only))}."
        missed = [name for name in names if name not in self.caught("stock")]
        yield f"Missed by stock: {_listed(missed)}."

    def _alarms(self) -> Iterator[str]:
        derived = "stock, with the document as it is derived"
        for judge, told in (("stock", "stock"), ("as derived", derived), ("same", "this suite"), ("more", "told all")):
            called = [f"{row.server} ({', '.join(row.runs[judge].broken)})" for row in self.alarms(judge)]
            yield f"Conforming servers called broken by {told}: {_listed(called)}."


def _listed(names: Iterable[str]) -> str:
    return "; ".join(names) or "none"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the servers and print the table."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m benchmarks.side_by_side", description=__doc__, formatter_class=raw)
    parser.add_argument("--sample", type=int, metavar="N", help="so many of the mutants, evenly spread [all]")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="the file for the rows [a new one, not kept]")
    parser.add_argument("--workers", type=int, default=WORKERS, metavar="N", help=f"servers at once [{WORKERS}]")
    parser.add_argument("--write", action="store_true", help="write the table into README.md and benchmarks/README.md")
    given = parser.parse_args(arguments)
    names = list(servers.faulty())
    number = min(given.sample or len(names), len(names))
    sampled = [names[place * len(names) // number] for place in range(number)]
    wanted = [(name, False) for name in servers.conforming()] + [(name, True) for name in sampled]
    with tempfile.TemporaryDirectory() as folder:
        compared = Comparison(rows(wanted, given.keep or Path(folder) / "rows.jsonl", given.workers))
    print(compared.summary(), compared.details(), sep="\n\n")
    if given.write:
        tables.write(ROOT / "README.md", "side by side", compared.summary())
        tables.write(ROOT / "benchmarks" / "README.md", "side by side", compared.details())
    return 0


if __name__ == "__main__":
    sys.exit(main())
