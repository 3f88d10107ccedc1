"""GitHub: what a workflow shows of a run, its annotations and the summary of its step, made of a report's object.

A workflow takes lines of a step's output for commands, and a target has a say in ours. So commands are stopped, by a
word that nobody can guess, before anything is asked, and taken up again for our own alone, whose text is escaped.
"""

from __future__ import annotations

import html
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from . import digest
from .clause import SECURITY_AREAS
from .layout import visible

Json = Mapping[str, Any]

MOST_ANNOTATIONS = 10
"""GitHub shows so many of a step."""

LONGEST_ANNOTATION = 2_000
"""Characters of one."""

LARGEST_SUMMARY = 1_024 * 1_024
"""Bytes of a step's summary; of a larger one GitHub shows nothing."""

LONGEST_BODY = 2_000
"""Characters of an answer in the summary."""

PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
"""Every character that may mean something in Markdown."""


def inert(line: str) -> str:
    """A line as it may be printed where commands are not stopped: none that a workflow would take for one."""
    return re.sub(r"^(\s*):(?=:)", r"\1: ", line).replace("##[", "## [")


class Workflow:
    """A run inside a workflow, as a plugin of pytest: keeps what is printed from being taken for commands, and tells.

    The environment names the file that the step's summary is appended to.
    """

    def __init__(self, config: pytest.Config, environment: Mapping[str, str]) -> None:
        self._config = config
        summary = environment.get("GITHUB_STEP_SUMMARY")
        self._summary = Path(summary) if summary else None
        self._word = secrets.token_hex(16)
        self._annotations: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Stop commands: from here on a target's text may be printed."""
        self._write_line(f"::stop-commands::{self._word}")

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Take commands up again, for those of the annotations."""
        for line in (f"::{self._word}::", *self._annotations):
            self._write_line(line)

    def _write_line(self, line: str) -> None:
        if terminal := self._config.pluginmanager.get_plugin("terminalreporter"):
            terminal.write_line(line)

    def tell(self, reports: Sequence[Json]) -> list[Path]:
        """Append to the step's summary and note what to annotate; returns the file, where one was written."""
        self._annotations = list(annotated(reports))
        if self._summary is None:
            return []
        try:
            taken = self._summary.stat().st_size if self._summary.exists() else 0
            with self._summary.open("a", encoding="utf-8") as file:
                for report in reports:
                    text = summary(report, LARGEST_SUMMARY - taken)
                    taken += _size(text)
                    file.write(text)
        except OSError as error:
            self._annotations.append(command("warning", "The summary was not written", f"{error.strerror}"))
            return []
        return [self._summary]

    def tell_error(self, sentence: str) -> None:
        """Annotate an error of our own, before all else."""
        own = command("error", "Could not judge", f"our own error, which says nothing of the target: {sentence}")
        self._annotations = [own, *self._annotations][:MOST_ANNOTATIONS]


# -- annotations


def command(name: str, title: str, text: str) -> str:
    """The command that makes an annotation, "error" or "warning"; its text may have several lines."""
    cut = text if len(text) <= LONGEST_ANNOTATION else f"{text[:LONGEST_ANNOTATION]}… (cut)"
    data = visible(cut).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    value = visible(title).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{name} title={value.replace(':', '%3A').replace(',', '%2C')}::{data}"


def annotated(reports: Sequence[Json]) -> Iterator[str]:
    """What went wrong, a command each, the worst of all targets first; what is too much for a step is counted."""
    ranked = [one for report in reports for one in _ranked(report, f"{_name(report)}: " if len(reports) > 1 else "")]
    found = [text for _, text in sorted(ranked, key=lambda one: one[0])]
    shown = found if len(found) <= MOST_ANNOTATIONS else found[: MOST_ANNOTATIONS - 1]
    yield from shown
    if left := len(found) - len(shown):
        yield command("warning", f"{left} more", "The summary of the step and the report have them.")


def _name(report: Json) -> str:
    return str(report["target"]["name"])


Rank = tuple[int, int]
"""Sorts the worst first: by the sort of failure, then by the number of clauses that it blocks, negated."""


def _ranked(report: Json, whose: str) -> Iterator[tuple[Rank, str]]:
    """What a report has to annotate, each with its rank; a failure that a baseline knows of is none."""
    blocks = Counter(root for clause in report["clauses"] for root in clause["because"])
    known = report.get("baseline", {}).get("known", ())
    reds = [one for one in report["clauses"] if one["verdict"] == "fail" and one["id"] not in known]
    # Where no MUST is broken, it is what SHOULD hold that failed the run.
    advice = "error" if report["verdict"] == "fail" and all(one["level"] != "MUST" for one in reds) else "warning"
    for one in reds:
        must = one["level"] == "MUST"
        sort = (0 if one["area"] in SECURITY_AREAS else 1) + (0 if must else 3)
        yield (sort, -blocks[one["id"]]), _annotation("error" if must else advice, one, whose)
    if report["verdict"] == "could-not-judge":
        reasons = [f"{why}: {', '.join(ids)}" for _, why, ids in _unjudged(report)]
        said = "\n".join([digest.sentence(report), *reasons])
        yield (2, 0), command("error", f"{whose}Could not judge", said)


def _annotation(kind: str, clause: Json, whose: str) -> str:
    findings = clause["findings"]
    exchanges = [one for finding in findings for one in finding["exchanges"]]
    again = [f"again: {exchanges[0]['curl']}"] if exchanges else []
    said = [clause["text"], *(finding["message"] for finding in findings), f"usually: {clause['usually']}", *again]
    return command(kind, f"{whose}{clause['id']} ({clause['level']}, {clause['area']})", "\n".join(said))


def _unjudged(report: Json) -> Iterator[tuple[str, str, list[str]]]:
    """What was not judged: verdict, reason, and the clauses of which both are true."""
    for verdict, _, reasons in digest.unjudged(report["clauses"]):
        for why, clauses in reasons:
            yield verdict, why, [clause["id"] for clause in clauses]


# -- the summary


def summary(report: Json, room: int = LARGEST_SUMMARY) -> str:
    """The summary of a step in Markdown, of so many bytes at the most; clauses that find no room are counted."""
    head, reds = "".join(_head(report)), [_red(one) for one in _by_level(report)]
    tail = "".join(_tail(report))
    left = room - _size(head) - _size(tail) - _size(_left_out(len(reds)))
    if left < 0:
        return ""
    shown = []
    for red in reds:
        left -= _size(red)
        if left < 0:
            break
        shown.append(red)
    cut = _left_out(len(reds) - len(shown)) if len(shown) < len(reds) else ""
    return "".join((head, *shown, cut, tail))


def _size(text: str) -> int:
    return len(text.encode("utf-8"))


def _left_out(number: int) -> str:
    return f"{number} more red clauses find no room here; the report has them.\n\n"


def _plain(text: str) -> str:
    """A text in which nothing means anything to Markdown or HTML, on one line."""
    return PUNCTUATION.sub(lambda found: f"&#{ord(found[0])};", " ".join(visible(text).split()))


def _block(text: str) -> str:
    """A text as it stands, in a block of its own on one line of Markdown, which no empty line can end."""
    return f"<pre>{html.escape(visible(text)).replace(chr(10), '&#10;')}</pre>\n"


def _head(report: Json) -> Iterator[str]:
    yield f"## {_plain(digest.sentence(report))}\n\n"
    yield "| | |\n|---|---|\n"
    yield from (f"| {name} | {_plain(value)} |\n" for name, value in digest.facts(report))
    readings = (f"{name}={one['value'] or 'undetermined'}" for name, one in report["readings"].items())
    yield f"| Readings | {_plain(', '.join(readings))} |\n\n"
    yield f"| Area | | {' | '.join(digest.VERDICTS)} |\n|---|---|{'---:|' * len(digest.VERDICTS)}\n"
    for area in digest.areas(report["clauses"]):
        counts = " | ".join(str(area.counts[verdict] or "") for verdict in digest.VERDICTS)
        yield f"| {_plain(area.name)} | {area.state} | {counts} |\n"
    yield "\n"


def _by_level(report: Json) -> list[Json]:
    reds = [clause for clause in report["clauses"] if clause["verdict"] == "fail"]
    return sorted(reds, key=lambda clause: clause["level"] != "MUST")


def _red(clause: Json) -> str:
    lines = [
        f"<details><summary><b>{_plain(clause['id'])}</b> ({clause['level']}) {_plain(clause['text'])}</summary>\n\n",
        f"By {_plain(clause['source'])}. Usually: {_plain(clause['usually'])}\n\n",
    ]
    for finding in clause["findings"]:
        lines.append(f"- {_plain(finding['message'])}\n\n")
        if exchanges := finding["exchanges"]:
            came = exchanges[0]["response"]
            status = came.get("failure") or f"HTTP {came['status']}"
            more = f"… ({came.get('characters', len(came['body'])):,} characters)"
            body = came["body"] if len(came["body"]) <= LONGEST_BODY else f"{came['body'][:LONGEST_BODY]}{more}"
            lines += [_block(exchanges[0]["curl"]), "\n", _block(f"{status}\n{body}"), "\n"]
    return "".join([*lines, "</details>\n\n"])


def _tail(report: Json) -> Iterator[str]:
    if rows := list(_unjudged(report)):
        yield "| Not judged | why | clauses |\n|---|---|---|\n"
        yield from (f"| {verdict} | {_plain(why)} | {_plain(', '.join(ids))} |\n" for verdict, why, ids in rows)
        yield "\n"
