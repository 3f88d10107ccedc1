"""Comparison: the reports of several targets side by side, where they disagree first.

Verdicts are held against each other only within one edition: one version of the suite's clauses and one contract
document. Where editions differ the columns stand under their own, and what differs between editions alone is told
apart, for it may be the suite that changed and not the target.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .clause import FIRST_VERSION

Json = Mapping[str, Any]

JUDGED = frozenset({"pass", "fail"})

FEWEST = 3
"""Targets of which one can be the odd one out."""

STATUS = re.compile(r"^(\d{3})\b")
MACHINES = re.compile(r"\bwith (?:\d+ machines?|machines)$")


@dataclass(frozen=True, slots=True)
class Edition:
    """What a target was judged by: the suite's version and the contract document."""

    suite: str
    document: str
    sha256: str

    @property
    def version(self) -> tuple[int, ...]:
        """The suite's version as numbers, to tell which is newer."""
        return numbers(self.suite)

    def __str__(self) -> str:
        return f"suite {self.suite}, contract {self.document} {self.sha256[:8]}"


@dataclass(frozen=True, slots=True)
class Column:
    """One report: the mark that it has in the tables, its name, edition and content.

    ``remark`` says whether all that makes it red is clauses that an older suite lacks, and how many of its failures
    were known to a baseline and did not count.
    """

    mark: str
    name: str
    edition: Edition
    report: Json
    clauses: Mapping[str, Json]
    remark: str = ""

    @property
    def heard(self) -> bool:
        """Whether any clause was judged here."""
        return any(clause["verdict"] in JUDGED for clause in self.clauses.values())

    def cell(self, clause: Json) -> str:
        """What became of a clause here, or why it is not there."""
        if own := self.clauses.get(clause["id"]):
            return str(own["verdict"])
        if numbers(_since(clause)) > self.edition.version:
            return "not yet"
        return "not asked"


@dataclass(frozen=True, slots=True)
class Row:
    """One clause across the columns; ``remarks`` say what about it is the suite's doing and not a target's."""

    clause: Json
    cells: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that have something in common."""

    heading: str
    what: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A reading or a recorded behaviour across the columns; ``outliers`` are the marks of those that stand alone."""

    name: str
    cells: tuple[str, ...]
    outliers: tuple[str, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole of it."""

    columns: tuple[Column, ...]
    editions: tuple[tuple[Edition, tuple[Column, ...]], ...]
    groups: tuple[Group, ...]
    readings: tuple[Told, ...]
    register: tuple[Told, ...]


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers."""
    return tuple(map(int, re.findall(r"\d+", version)))


def compare(reports: Sequence[Json]) -> Comparison:
    """The reports side by side, those of one edition together, in the order given but for that."""
    editions = [_edition(report) for report in reports]
    order = sorted(range(len(reports)), key=lambda number: editions.index(editions[number]))
    names = _names(reports)
    columns = tuple(
        Column(
            _mark(place),
            names[number],
            editions[number],
            reports[number],
            {clause["id"]: clause for clause in reports[number]["clauses"]},
            "; ".join(filter(None, (_red_by_new(reports[number], editions), _known(reports[number])))),
        )
        for place, number in enumerate(order)
    )
    rows = [_row(clause, columns) for clause in _clauses(columns)]
    return Comparison(
        columns,
        tuple((edition, tuple(members)) for edition, members in groupby(columns, key=lambda one: one.edition)),
        tuple(_groups(rows, columns)),
        tuple(_readings(columns)),
        tuple(_register(columns)),
    )


def _edition(report: Json) -> Edition:
    return Edition(report["suite"]["version"], report["contract"]["document"], report["contract"]["sha256"])


def _red_by_new(report: Json, editions: Sequence[Edition]) -> str:
    """Whether a report is red by clauses alone that the oldest of the suites did not have."""
    failed = [one for one in report["clauses"] if one["verdict"] == "fail"]
    # A report that is red by no MUST is red by what SHOULD hold, as its run was asked to be.
    broken = [one for one in failed if one["level"] == "MUST"] or (failed if report["verdict"] == "fail" else [])
    oldest = min(editions, key=lambda edition: edition.version)
    if not broken or any(numbers(_since(one)) <= oldest.version for one in broken):
        return ""
    return f"all that it breaks is new since suite {oldest.suite}"


def _known(report: Json) -> str:
    """How many failures did not count, being known."""
    known = report.get("baseline", {}).get("known", ())
    return f"{len(known)} known to fail did not count" if known else ""


def _since(clause: Json) -> str:
    return str(clause.get("since", FIRST_VERSION))


def _mark(place: int) -> str:
    """The mark of a place: A to Z, then AA, AB and so on."""
    return (_mark(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _names(reports: Sequence[Json]) -> list[str]:
    """The targets' names; of one that is there more than once, with when it was judged."""
    times = Counter(report["target"]["name"] for report in reports)
    return [
        report["target"]["name"] + (f", {report['started']}" if times[report["target"]["name"]] > 1 else "")
        for report in reports
    ]


# -- clauses


def _clauses(columns: Sequence[Column]) -> Iterable[Json]:
    """Every clause once, as the newest suite that has it words it, in that suite's order."""
    newest = sorted(columns, key=lambda column: column.edition.version, reverse=True)
    clauses: dict[str, Json] = {}
    for column in newest:
        for id, clause in column.clauses.items():
            clauses.setdefault(id, clause)
    return clauses.values()


def _row(clause: Json, columns: Sequence[Column]) -> Row:
    return Row(clause, tuple(column.cell(clause) for column in columns), tuple(_remarks(clause, columns)))


def _remarks(clause: Json, columns: Sequence[Column]) -> Iterator[str]:
    if any(column.cell(clause) == "not yet" for column in columns):
        yield f"new in suite {_since(clause)}"
    there = [(column.edition, column.clauses[clause["id"]]) for column in columns if clause["id"] in column.clauses]
    levels = {own["level"]: edition for edition, own in there}
    if len(levels) > 1:
        yield "; ".join(f"{level} in suite {edition.suite}" for level, edition in levels.items())


def _groups(rows: Sequence[Row], columns: Sequence[Column]) -> Iterator[Group]:
    sorts: dict[str, list[Row]] = {}
    for row in rows:
        sorts.setdefault(_sort(row, columns), []).append(row)
    for sort, (heading, what) in SORTS.items():
        if members := sorts.get(sort):
            ordered = sorted(members, key=lambda row: row.clause["level"] != "MUST")
            yield Group(heading, what, tuple(ordered))


SORTS = {
    "disagree": ("Where they disagree", "One keeps what another, judged by the same, breaks."),
    "editions": (
        "Where only editions differ",
        "Those judged by the same agree. It may be the suite or the document that changed, and not the target.",
    ),
    "new": (
        "New clauses",
        "An older suite did not ask them: a failure here does not say that a target has become worse.",
    ),
    "partly": ("Where some could not be judged", "Nobody is contradicted; not everybody was judged."),
    "broken": ("Broken by all", ""),
    "kept": ("Kept by all", ""),
    "unjudged": ("Judged in none", ""),
}
"""How rows are grouped, first things first."""


def _sort(row: Row, columns: Sequence[Column]) -> str:
    judged: dict[Edition, set[str]] = {}
    # A target that could not be asked at all says nothing of any row.
    heard = [(column, cell) for column, cell in zip(columns, row.cells, strict=True) if column.heard]
    for column, cell in heard:
        judged.setdefault(column.edition, set()).update({cell} & JUDGED)
    seen = set().union(*judged.values())
    if any(len(verdicts) > 1 for verdicts in judged.values()):
        return "disagree"
    if "not yet" in row.cells:
        return "new"
    if len(seen) > 1:
        return "editions"
    if not seen:
        return "unjudged"
    return "partly" if not JUDGED.issuperset(cell for _, cell in heard) else "broken" if "fail" in seen else "kept"


# -- readings and the register


def _readings(columns: Sequence[Column]) -> Iterator[Told]:
    names = dict.fromkeys(name for column in columns for name in column.report["readings"])
    for name in names:
        found = [column.report["readings"].get(name) for column in columns]
        values = [one["value"] if one else None for one in found]
        yield Told(name, tuple(map(_reading, found)), tuple(_outliers(values, columns)), len({*values} - {None}) > 1)


def _reading(found: Json | None) -> str:
    if found is None:
        return "–"
    if found["value"] is None:
        return "undetermined"
    return f"{found['value']} (pinned)" if found["how"] == "pinned" else str(found["value"])


def _register(columns: Sequence[Column]) -> Iterator[Told]:
    seen = [_behaviours(column.report) for column in columns]
    for name in dict.fromkeys(name for one in seen for name in one):
        values = [" or ".join(dict.fromkeys(map(comparable, one[name]))) if name in one else None for one in seen]
        cells = tuple(" or ".join(dict.fromkeys(one[name])) if name in one else "–" for one in seen)
        yield Told(name, cells, tuple(_outliers(values, columns)), len({*values} - {None}) > 1)


def _behaviours(report: Json) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in report["register"]:
        found.setdefault(one["behaviour"], []).append(one["seen"])
    return found


def comparable(seen: str) -> str:
    """What was seen, without what says nothing of how a target behaves: a reason's wording, how many machines."""
    status = STATUS.match(seen)
    if not status:
        return seen
    return f"{status[1]} with machines" if MACHINES.search(seen) else status[1]


def _outliers(values: Sequence[str | None], columns: Sequence[Column]) -> Iterator[str]:
    """The marks of those that differ from what most do, where there are enough of them."""
    known = [value for value in values if value is not None]
    if len(known) < FEWEST:
        return
    usual, times = Counter(known).most_common(1)[0]
    if times * 2 <= len(known):
        return
    for value, column in zip(values, columns, strict=True):
        if value is not None and value != usual:
            yield column.mark


# -- as text


SHORT = {
    "pass": "pass",
    "fail": "FAIL",
    "blocked": "blocked",
    "inconclusive": "unclear",
    "not-applicable": "n/a",
    "not yet": "not yet",
    "not asked": "–",
}
"""Cells on the console."""


def as_text(comparison: Comparison) -> Iterator[str]:
    """The comparison in lines."""
    for edition, columns in comparison.editions:
        yield str(edition)
        for column in columns:
            target = column.report["target"]
            where = f"{target['base_url']}, party {target['party']}, region {target['region']}"
            verdict = column.report["verdict"] + (f" ({column.remark})" if column.remark else "")
            yield f"  {column.mark}  {column.name}: {verdict}; {where}; {column.report['started']}"
    if len(comparison.editions) > 1:
        yield "These were not judged by the same: what differs between editions alone stands apart below."
    for group in comparison.groups:
        yield ""
        yield f"{group.heading} ({len(group.rows)})" + (f": {group.what}" if group.what else "")
        yield from _matrix(group, comparison.columns)
    for heading, rows in (("Readings", comparison.readings), ("Recorded, not judged", comparison.register)):
        if rows:
            yield ""
            yield heading
            yield from _told(rows, comparison.columns)


def _matrix(group: Group, columns: Sequence[Column]) -> Iterator[str]:
    """A group's rows; those of which nothing is to be told apart, only by their ids."""
    if group.heading == SORTS["kept"][0]:
        yield f"  {', '.join(row.clause['id'] for row in group.rows)}"
        return
    width = max(len(row.clause["id"]) for row in group.rows)
    yield f"  {'':{width}}  {'':6}  {' '.join(f'{column.mark:7}' for column in columns)}".rstrip()
    for row in group.rows:
        cells = " ".join(f"{SHORT[cell]:7}" for cell in row.cells)
        remarks = f" [{'; '.join(row.remarks)}]" if row.remarks else ""
        yield f"  {row.clause['id']:{width}}  {row.clause['level']:6}  {cells} {row.clause['text']}{remarks}"


def _told(rows: Sequence[Told], columns: Sequence[Column]) -> Iterator[str]:
    for row in rows:
        by_value: dict[str, list[str]] = {}
        for column, cell in zip(columns, row.cells, strict=True):
            by_value.setdefault(cell, []).append(column.mark)
        values = "; ".join(f"{value} ({', '.join(marks)})" for value, marks in by_value.items())
        yield f"  {row.name}: {values if len(by_value) > 1 else row.cells[0]}{_verdict(row)}"


def _verdict(row: Told) -> str:
    if row.outliers:
        return f" — {' and '.join(row.outliers)} {'stands' if len(row.outliers) == 1 else 'stand'} apart"
    return " — they differ" if row.differs else ""
