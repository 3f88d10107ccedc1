"""Page: report.html, made of the object of a report.json and nothing else.

One file that loads nothing and runs nothing: a policy in its head forbids scripts and every fetch, and admits the one
style sheet by its hash. All that came from a target is escaped by the template, and what could not be seen is written
as its escape.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from . import marks, picture, rfc
from .clause import AREAS
from .compare import SORTS, Comparison
from .layout import Gap, Line, cut, laid_out, shortened, visible
from .windows import misplaced, missing

Json = Mapping[str, Any]

EXCHANGES = 4
"""Distinct exchanges that are shown of one finding."""

ANSWER_LINES, AROUND, BEGINNING = 60, 6, 12
"""Lines of an answer at the most; around each that is marked; and from its beginning, status and headers included."""

EXCERPT_LINES, EXCERPT_AROUND = 12, 1
"""Lines of the excerpt that stands unfolded."""

LONGEST_QUOTE = 160
"""Characters of the document that are quoted unfolded."""

JUDGED = ("pass", "fail")
UNJUDGED = {
    "blocked": "They rest on a clause that failed. Repair that one, and they are judged by themselves.",
    "inconclusive": "The target gave too little to tell whether they hold.",
    "not-applicable": "They ask nothing of this target, or need something that was not given.",
}
VERDICTS = (*JUDGED, *UNJUDGED)


def render(report: Json) -> str:
    """The page of a report."""
    return _rendered(
        "report.html",
        report=report,
        title=_title(report),
        sentence=sentence(report),
        facts=list(facts(report)),
        areas=list(areas(report["clauses"])),
        red=[
            (heading, what, [_red(clause, report) for clause in clauses])
            for heading, what, clauses in _reds(report["clauses"])
            if clauses
        ],
        unjudged=list(unjudged(report["clauses"])),
        clauses=_by_area(report["clauses"]),
    )


def render_comparison(comparison: Comparison) -> str:
    """The page of a comparison."""
    apart = sum(len(group.rows) for group in comparison.groups if group.heading == SORTS["disagree"][0])
    targets = _number(len(comparison.columns), "report")
    said = f"{targets}: {_number(apart, 'clause')} on which those judged by the same disagree."
    return _rendered("comparison.html", comparison=comparison, title="Contract comparison", sentence=said)


# -- templates


def _rendered(name: str, **values: Any) -> str:
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("conformance"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    source, _, _ = PackageLoader("conformance").get_source(made, "style.css")
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    # S704: the style sheet is a file of ours.
    made.globals["style"] = Markup(source)  # noqa: S704
    made.globals["policy"] = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    made.filters.update(prose=prose, anchor=anchor, lines=lines)
    return made


def _shown(value: Any) -> Any:
    """What is put on a page: text with nothing unseen in it."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def prose(text: str) -> Markup:
    """A sentence, its words in backquotes as code."""
    pieces = re.split(r"`([^`]+)`", visible(text))
    wrapped = (
        Markup("<code>{}</code>").format(one) if number % 2 else escape(one) for number, one in enumerate(pieces)
    )
    return Markup().join(wrapped)


PLAIN = Markup("{}{}\n")
GAP = Markup('<span class="gap">… {} left out …\n</span>')
ABSENT = Markup('<mark class="absent"><span class="unseen">missing: </span>{}{}\n</mark>')
WRONG = Markup('<mark><span class="unseen">here: </span>{}{}{}\n</mark>')
NOTE = Markup('<span class="note">  ← {}</span>')


def lines(shown: Sequence[Line | Gap]) -> Markup:
    """An answer's lines, those that a finding speaks of marked."""
    return Markup().join(map(_laid, shown))


def _laid(line: Line | Gap) -> Markup:
    if isinstance(line, Gap):
        return GAP.format(_number(line.lines, "line"))
    indent, text = "  " * line.indent, visible(line.text)
    if line.absent:
        return ABSENT.format(indent, text)
    if line.wrong:
        return WRONG.format(indent, text, NOTE.format(visible(line.note)) if line.note else "")
    return PLAIN.format(indent, text)


def anchor(id: str) -> str:
    """The id of a clause as one of an element."""
    return re.sub(r"[^\w.-]+", "_", visible(id))


# -- the head


def _title(report: Json) -> str:
    words = {"pass": "Kept", "fail": "Broken"}.get(report["verdict"], "Could not judge")
    return f"{words}: the contract, by {report['target']['name']}"


def sentence(report: Json) -> str:
    """The verdict in a sentence."""
    must, should = (report["summary"][level] for level in ("MUST", "SHOULD"))
    holds = must["pass"] + should["pass"]
    known = [one for one in report["clauses"] if _is_known(one["id"], report)]
    broken, advised = (
        summary["fail"] - sum(one["level"] == level for one in known)
        for level, summary in (("MUST", must), ("SHOULD", should))
    )
    but = f", beside {_number(len(known), 'clause')} known to fail" if known else ""
    if report["verdict"] == "fail" and not broken:
        return (
            f"Broken: {_number(advised, 'clause')} that SHOULD hold, as was asked of this run{but}, and {holds} hold."
        )
    if report["verdict"] == "fail":
        advice = f", and {advised:,} that SHOULD" if advised else ""
        do = "does" if broken == 1 else "do"
        return f"Broken: {_number(broken, 'clause')} that MUST hold {do} not{advice}{but}. {holds} hold."
    if report["verdict"] == "pass":
        advice = (
            f" {_number(advised, 'clause')} that SHOULD hold {'does' if advised == 1 else 'do'} not." if advised else ""
        )
        hold = "holds" if holds == 1 else "hold"
        return f"Kept: {_number(holds, 'clause')} {hold}, and none that MUST hold is broken{but}.{advice}"
    unjudged = must["inconclusive"] + should["inconclusive"]
    return f"Could not judge: {_number(unjudged, 'clause')} found too little to see. {holds} hold."


def _is_known(id: str, report: Json) -> bool:
    """Whether a clause failed as it was known to, and did not count."""
    return id in report.get("baseline", {}).get("known", ())


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def facts(report: Json) -> Iterator[tuple[str, str]]:
    """What was judged, by what, when, and how thoroughly."""
    target, contract, suite = report["target"], report["contract"], report["suite"]
    yield "Target", target["name"]
    if target["base_url"] != target["name"]:
        yield "Address", target["base_url"]
    yield "Whose list", f"party {target['party']}, tenant {target['tenant_id']}, region {target['region']}"
    if target["server"]:
        yield "Server", target["server"]
    for warning in report.get("warnings", ()):
        yield "Warning", warning
    yield "When", f"{_moment(report['started'])}, for {report['seconds']:.1f} seconds"
    judged = [clause["judged"] for clause in report["clauses"] if clause["verdict"] in JUDGED]
    values = sum(one["values"] for one in judged)
    yield (
        "Strength",
        f"{len(judged)} of {_number(len(report['clauses']), 'clause')} judged, by {_number(values, 'value')} "
        f"in the answers to {_number(report['requests'], 'request')}",
    )
    for note in report.get("notes", ()):
        yield "Note", note
    if held := report.get("baseline"):
        yield "Baseline", f"{held['file']}: {', '.join(f'{len(held[one])} {one}' for one in ('known', 'new', 'fixed'))}"
    yield "Contract", f"{contract['document']}, sha256 {contract['sha256'][:12]}"
    yield "Suite", f"version {suite['version']}, seed {suite['seed']}"


def _moment(started: str) -> str:
    try:
        return f"{datetime.fromisoformat(started).astimezone(UTC):%d %B %Y, %H:%M:%S} UTC"
    except ValueError:
        return started


# -- areas and clauses


@dataclass(frozen=True, slots=True)
class Area:
    """An area's line: its state, how many clauses of each verdict, the values judged, and its first red clause."""

    name: str
    state: str
    counts: Mapping[str, int]
    values: int
    first: str


def _by_area(clauses: Sequence[Json]) -> dict[str, list[Json]]:
    areas: dict[str, list[Json]] = {area: [] for area in AREAS}
    for clause in clauses:
        areas.setdefault(clause["area"], []).append(clause)
    return {area: members for area, members in areas.items() if members}


def areas(clauses: Sequence[Json]) -> Iterator[Area]:
    """The line of each area that has clauses."""
    for name, members in _by_area(clauses).items():
        counts = Counter(clause["verdict"] for clause in members)
        reds = [clause["id"] for clause in members if clause["verdict"] == "fail"]
        values = sum(clause["judged"]["values"] for clause in members)
        yield Area(
            name, state(members), {verdict: counts[verdict] for verdict in VERDICTS}, values, next(iter(reds), "")
        )


def state(clauses: Sequence[Json]) -> str:
    """An area's state as on the console: "red" where a MUST failed, "thin" where one was not judged, else "green"."""
    binding = {clause["verdict"] for clause in clauses if clause["level"] == "MUST"}
    if "fail" in binding:
        return "red"
    return "thin" if "pass" not in binding or binding & {"blocked", "inconclusive"} else "green"


def _reds(clauses: Sequence[Json]) -> Iterator[tuple[str, str, list[Json]]]:
    for level, heading, what in (
        ("MUST", "What is broken", "Each of these breaks the contract."),
        ("SHOULD", "What should hold and does not", "These break nothing, and are good practice all the same."),
    ):
        yield heading, what, [one for one in clauses if one["verdict"] == "fail" and one["level"] == level]


def unjudged(clauses: Sequence[Json]) -> Iterator[tuple[str, str, list[tuple[str, list[Json]]]]]:
    """For each verdict that is none: what it means, and the clauses by the reason why."""
    for verdict, meaning in UNJUDGED.items():
        reasons: dict[str, list[Json]] = {}
        for clause in clauses:
            if clause["verdict"] == verdict:
                reasons.setdefault(_why(clause), []).append(clause)
        if reasons:
            yield verdict.replace("-", " "), meaning, list(reasons.items())


def _why(clause: Json) -> str:
    because = clause["because"]
    return f"blocked by {', '.join(because)}" if because else clause.get("reason", "no reason was kept")


# -- a red clause


@dataclass(frozen=True, slots=True)
class Shown:
    """An exchange for its reader: what was asked, in words and as sent, and what came, laid out and marked."""

    difference: str
    came: str
    request: tuple[str, ...]
    curl: str
    answer: Sequence[Line | Gap]
    remark: str
    excerpt: Sequence[Line | Gap]


def _red(clause: Json, report: Json) -> dict[str, Any]:
    blocked = [one["id"] for one in report["clauses"] if clause["id"] in one["because"]]
    windows = clause.get("windows", ())
    return {
        "clause": clause,
        "rfc": rfc.link(clause["source"]),
        "quote": clause.get("quote"),
        "folded": len((clause.get("quote") or {}).get("text", "")) > LONGEST_QUOTE,
        "findings": [_finding(finding, windows) for finding in clause["findings"]],
        "picture": picture.picture(windows),
        "blocked": blocked,
        "known": _is_known(clause["id"], report),
        "waiting": f"{_number(len(blocked), 'clause')} {'waits' if len(blocked) == 1 else 'wait'}",
    }


def _finding(finding: Json, windows: Sequence[Json]) -> dict[str, Any]:
    said = marks.Finding(finding.get("expected", ""), finding.get("seen", finding["message"]))
    distinct = list({_key(one): one for one in reversed(finding["exchanges"])}.values())[::-1]
    return {
        "said": said,
        "more": finding.get("more", 0),
        "exchanges": [_exchange(one, said, windows) for one in distinct[:EXCHANGES]],
        "left_out": len(distinct[EXCHANGES:]),
    }


def _key(exchange: Json) -> tuple[Any, ...]:
    request, response = exchange["request"], exchange["response"]
    return request["method"], request["url"], tuple(request["headers"].items()), response["status"], response["body"]


def _exchange(exchange: Json, said: marks.Finding, windows: Sequence[Json]) -> Shown:
    request, response = exchange["request"], exchange["response"]
    text = response["body"]
    came = response.get("failure") or f"HTTP {response['status']}"
    window = _window(request["url"], windows)
    answer = marks.Answer(
        came,
        response["headers"],
        laid_out(text),
        text,
        misplaced(window) if window else {},
        missing(window) if window else "",
    )
    lines = marks.marked(answer, said)
    marked = any(line.wrong for line in lines)
    return Shown(
        exchange["difference"],
        came,
        (_line(request), *(f"{name}: {value}" for name, value in request["headers"].items())),
        exchange["curl"],
        list(shortened(cut(lines, ANSWER_LINES, AROUND, BEGINNING, fill=not marked))),
        _remark(text, response.get("characters", len(text))),
        list(shortened(cut(lines, EXCERPT_LINES, EXCERPT_AROUND, 1, fill=False))) if marked else [],
    )


def _line(request: Json) -> str:
    return f"{request['method']} {request['url']}"


def _remark(text: str, characters: int) -> str:
    """Whether a report holds less of a body than came."""
    if len(text) >= characters:
        return ""
    return f"The report holds the first {len(text):,} of the body's {characters:,} characters; the evidence holds all."


def _window(url: str, windows: Sequence[Json]) -> Json | None:
    """The window that a request asks for."""
    query = parse_qs(urlsplit(url).query)
    sent = [(query.get(name) or ["None"])[0] for name in ("f", "t")]
    return next((one for one in windows if sent == [str(one["f"]), str(one["t"])]), None)
