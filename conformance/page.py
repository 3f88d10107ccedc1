"""Page: report.html, made of the object of a report.json and nothing else.

One file that loads nothing and runs nothing: a policy in its head forbids scripts and every fetch, and admits the one
style sheet by its hash. All that came from a target is escaped by the template, and what could not be seen is written
as its escape.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from . import marks, picture, rfc
from .compare import SORTS, Comparison
from .digest import Json, areas, by_area, facts, is_known, number, sentence, unjudged
from .layout import Gap, Line, cut, laid_out, shortened, visible
from .windows import misplaced, missing

EXCHANGES = 4
"""Distinct exchanges that are shown of one finding."""

ANSWER_LINES, AROUND, BEGINNING = 60, 6, 12
"""Lines of an answer at the most; around each that is marked; and from its beginning, status and headers included."""

EXCERPT_LINES, EXCERPT_AROUND = 12, 1
"""Lines of the excerpt that stands unfolded."""

LONGEST_QUOTE = 160
"""Characters of the document that are quoted unfolded."""


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
        clauses=by_area(report["clauses"]),
    )


def get_ready() -> None:
    """Read what `render` needs before there is a report, which takes longer than to render it."""
    _environment().get_template("report.html")


def render_comparison(comparison: Comparison) -> str:
    """The page of a comparison."""
    apart = sum(len(group.rows) for group in comparison.groups if group.heading == SORTS["disagree"][0])
    targets = number(len(comparison.columns), "report")
    said = f"{targets}: {number(apart, 'clause')} on which those judged by the same disagree."
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
        return GAP.format(number(line.lines, "line"))
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


def _reds(clauses: Sequence[Json]) -> Iterator[tuple[str, str, list[Json]]]:
    for level, heading, what in (
        ("MUST", "What is broken", "Each of these breaks the contract."),
        ("SHOULD", "What should hold and does not", "These break nothing, and are good practice all the same."),
    ):
        yield heading, what, [one for one in clauses if one["verdict"] == "fail" and one["level"] == level]


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
        "known": is_known(clause["id"], report),
        "waiting": f"{number(len(blocked), 'clause')} {'waits' if len(blocked) == 1 else 'wait'}",
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
