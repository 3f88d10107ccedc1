"""Reports to make pages of: whole ones of miniatures, and small ones put together by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance import report
from tests.suite.miniature import Miniature, document, judging

Json = dict[str, Any]

HEADER = {
    "suite": {"version": "0.1.0", "seed": 1},
    "contract": {"document": document().name, "sha256": document().sha256},
    "started": "2026-01-28T05:53:28+00:00",
    "seconds": 0.5,
}


def of(server: Miniature) -> Json:
    """The report of every clause on a miniature, as it is read back."""
    verdicts = judging(server)
    outcomes = {clause: verdicts.outcome(clause.id) for clause in verdicts.catalogue}
    verdict = report.overall(outcomes, fail_on_should=False, allow_unjudged=False)
    made = report.report(verdicts.known, outcomes, HEADER, verdict)
    read: Json = json.loads(json.dumps(made))
    return read


def exchange(body: Any = None, *, url: str = "http://127.0.0.1:1/mana_api/vm", **response: Any) -> Json:
    """An exchange; its body as text, or a value that is written as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {
        "request": {"method": "GET", "url": url, "headers": {"X-Auth-Token": "$MANA_TOKEN"}},
        "response": {
            "status": 200,
            "headers": {"Content-Type": "application/json"},
            "body": text,
            "characters": len(text),
            "seconds": 0.01,
            **response,
        },
        "difference": "the good request",
        "curl": f"curl -H \"X-Auth-Token: ${{MANA_TOKEN}}\" '{url}'",
    }


def finding(expected: str, seen: str, *exchanges: Json, more: int = 0) -> Json:
    """A finding of two sides."""
    return {
        "message": f"expected {expected}; {seen}",
        "expected": expected,
        "seen": seen,
        "more": more,
        "exchanges": list(exchanges),
    }


def clause(id: str, verdict: str = "pass", *findings: Json, level: str = "MUST", **more: Any) -> Json:
    """A clause of some verdict."""
    return {
        "id": id,
        "level": level,
        "area": "fields",
        "text": f"What {id} requires.",
        "source": "response table: cpu_num",
        "usually": "A number sent as a string.",
        "verdict": verdict,
        "because": [],
        "judged": {"exchanges": 1, "values": 5},
        "findings": list(findings),
        **more,
    }


def kept(*clauses: Json, name: str = "acme", suite: str = "0.1.0", sha256: str = "0" * 64, **more: Any) -> Json:
    """A report of these clauses."""
    levels = {level: [one["verdict"] for one in clauses if one["level"] == level] for level in ("MUST", "SHOULD")}
    verdicts = ("pass", "fail", "blocked", "inconclusive", "not-applicable")
    broken, unclear = "fail" in levels["MUST"], "inconclusive" in levels["MUST"]
    return {
        "format": report.FORMAT,
        "suite": {"version": suite, "seed": 1},
        "contract": {"document": "vm_list.rst", "sha256": sha256},
        "target": {
            "name": name,
            "base_url": "http://127.0.0.1:1",
            "party": name,
            "tenant_id": "t",
            "region": "north",
            "server": None,
        },
        "started": "2026-01-28T05:53:28+00:00",
        "seconds": 0.5,
        "requests": 9,
        "readings": {},
        "verdict": "fail" if broken else "could-not-judge" if unclear else "pass",
        "summary": {level: {verdict: seen.count(verdict) for verdict in verdicts} for level, seen in levels.items()},
        "register": [],
        "clauses": list(clauses),
        **more,
    }


def written(folder: Path, name: str, content: Mapping[str, Any]) -> Path:
    """A report in a file of its own."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def hostile(text: str) -> Json:
    """A red report in which everything that a target or a user has a say in is this text."""
    said = exchange(text, url=text, headers={text: text}, status=200)
    said |= {"difference": text, "curl": text}
    said["request"] = {"method": text, "url": text, "headers": {text: text}}
    red = clause(
        "FIELD-x",
        "fail",
        finding(text, text, said, said | {"difference": "other"}),
        {"message": text, "exchanges": [exchange(failure=text, status=None, body=text)]},
        text=text,
        usually=text,
        quote={"place": text, "line": 1, "text": text},
    )
    unjudged = clause("FIELD-y", "inconclusive", reason=text, source=text, area=text)
    made = kept(red, red | {"id": text, "source": f"RFC 9110 section 1{text}"}, unjudged)
    made["target"] = dict.fromkeys(made["target"], text)
    made["readings"] = {text: {"value": text, "how": "found"}}
    made["register"] = [{"behaviour": text, "seen": text, "exchange": said}]
    made["contract"] = dict.fromkeys(made["contract"], text)
    return made | {"started": text}
