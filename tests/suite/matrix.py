"""The matrix: every mutant of the reference under every clause.

    python -m tests.suite.matrix [NAME ...] [--out FILE]
    python -m tests.suite.matrix [NAME ...] --reading NAME=VALUE --vms N
    python -m tests.suite.matrix --chance SEEDS [--examples N] [NAME ...]

For each mutant it says whether the clause that it names is red, and which others are; at the end the counts. With
``--out`` the whole table is written as JSON. It takes some four seconds a mutant, for each is a server of its own, and
there are hundreds. By other readings, or with fewer machines, some mutants are nothing wrong, for what they spoil does
not come to pass there. With ``--chance`` the mutants that only drawn requests meet are judged under so many seeds, and
how often each was caught is printed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from conformance import options
from conformance.judgement import Verdict
from conformance.report import overall
from tests.suite.examining import clauses, examined_reference, outcomes
from tests.suite.progress import counted

WORKERS = 2
MOST_RED = 3
"""Red clauses that one fault may cause at the most."""


@dataclass(frozen=True, slots=True)
class Row:
    """One mutant judged: the clause that it names, and the verdict of each clause by id."""

    mutant: str
    clause: str
    drawn: bool
    verdicts: dict[str, str]
    overall: str
    requests: int

    @property
    def red(self) -> list[str]:
        """The clauses that failed."""
        return [name for name, verdict in self.verdicts.items() if verdict == Verdict.FAIL]

    @property
    def caught(self) -> bool:
        """Whether any clause failed."""
        return bool(self.red)

    @property
    def blamed(self) -> bool:
        """Whether the named clause is among those that failed."""
        return self.clause in self.red


def row(
    mutant: dict[str, Any],
    words: Sequence[str] = (),
    *,
    examples: int = options.EXAMPLES,
    seed: int = options.SEED,
) -> Row:
    """One mutant judged, of the reference started with these words besides."""
    examination = examined_reference(["--mutant", mutant["name"], *words], examples=examples, seed=seed)
    became = outcomes(examination)
    verdict = overall(became, fail_on_should=False, allow_unjudged=False)
    requests = sum(1 for _ in examination.known.evidence.exchanges())
    verdicts = {clause.id: outcome.verdict.value for clause, outcome in became.items()}
    return Row(mutant["name"], mutant["clause"], mutant.get("drawn", False), verdicts, verdict, requests)


def mutants() -> list[dict[str, Any]]:
    """What the reference says of its mutants."""
    command = [sys.executable, "-m", "reference", "--list-mutants", "--json"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own reference
    listed: list[dict[str, Any]] = json.loads(said.stdout)
    return listed


def told(one: Row) -> Iterator[str]:
    """A mutant's row for a reader, where it is not as it should be."""
    others = [name for name in one.red if name != one.clause]
    if not one.caught:
        yield f"MISSED      {one.mutant:<50} {one.clause}  ({one.overall}; {one.verdicts.get(one.clause)})"
    elif not one.blamed:
        seen = one.verdicts.get(one.clause)
        yield f"MISBLAMED   {one.mutant:<50} {one.clause} is {seen}; red: {', '.join(others)}"
    elif others:
        yield f"also red    {one.mutant:<50} {one.clause}; and {', '.join(others)}"


def summed(rows: Sequence[Row]) -> Iterator[str]:
    """The counts of all."""
    reds = [len(one.red) for one in rows if one.caught]
    caught, blamed = sum(one.caught for one in rows), sum(one.blamed for one in rows)
    yield f"{len(rows)} mutants, {caught} caught, {blamed} by the named clause"
    yield f"red clauses a mutant: median {median(reds or [0]):g}, most {max(reds, default=0)}"


def chances(chosen: Sequence[dict[str, Any]], words: Sequence[str], examples: int, seeds: int) -> Iterator[str]:
    """How often each mutant was caught, under seeds counted from 1."""
    with ProcessPoolExecutor(WORKERS) as pool:
        asked = [
            pool.submit(row, one, words, examples=examples, seed=seed) for seed in range(1, seeds + 1) for one in chosen
        ]
        rows = list(counted((one.result() for one in asked), len(asked), "judged"))
    for one in chosen:
        caught = [row.caught for row in rows if row.mutant == one["name"]]
        yield f"{one['name']:<45} caught {sum(caught)} of {len(caught)} times at --examples {examples}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the mutants; 0 where each is caught by the clause that it names, and no more than three are red."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m tests.suite.matrix", description=__doc__, formatter_class=raw)
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutants to judge [all]")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the whole table as JSON")
    parser.add_argument("--reading", action="append", default=[], metavar="NAME=VALUE", help="a reading to keep")
    parser.add_argument("--vms", metavar="N", help="machines to have")
    parser.add_argument("--chance", type=int, metavar="SEEDS", help="judge what only drawn requests meet by many seeds")
    parser.add_argument("--examples", type=int, default=options.EXAMPLES, metavar="N", help="with --chance")
    given = parser.parse_args(arguments)
    known = mutants()
    if unknown := {*given.names} - {one["name"] for one in known}:
        parser.error(f"no mutant is called {', '.join(sorted(unknown))}")
    chosen = [one for one in known if not given.names or one["name"] in given.names]
    words = [word for reading in given.reading for word in ("--reading", reading)]
    words += ["--vms", given.vms] if given.vms else []
    if given.chance:
        for line in chances([one for one in chosen if one["drawn"]], words, given.examples, given.chance):
            print(line)
        return 0
    rows = []
    with ProcessPoolExecutor(WORKERS) as pool:
        judged = pool.map(partial(row, words=words), chosen)
        for one in counted(judged, len(chosen), "mutants judged"):
            rows.append(one)
            for line in told(one):
                print(line, flush=True)
    for line in summed(rows):
        print(line)
    if not given.names:
        named = {one.clause for one in rows}
        print(f"clauses without a mutant: {', '.join(one.id for one in clauses() if one.id not in named) or 'none'}")
    if given.out:
        table = [{"mutant": one.mutant, "clause": one.clause, "verdicts": one.verdicts} for one in rows]
        given.out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return 0 if all(one.blamed and len(one.red) <= MOST_RED for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
