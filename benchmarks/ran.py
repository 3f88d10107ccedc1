"""One run of one judge on one server, in a process of its own: this suite's gate, or stock `schemathesis run`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from contracts import DEFAULT, openapi, read

ROOT = Path(__file__).parents[1]
ENDS_WITHIN = 300.0
"""Seconds; a run that takes longer counts as one that did not end."""

FORBIDDING = {"PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS"}
"""Variables that would have one of the judges do more than its users have it do."""

SEED = 20160128

SAME = ("party", "tenant_id", "region", "sp_agent", "token")
"""What both judges are told of a server."""

MORE = ("other_token", "other_tenant_id", "other_region", "expired_token")
"""What this suite can be told besides, and stock has no word for."""

Card = Mapping[str, str]
"""Who may ask a server for what, by the names of this suite's options, and its base_url."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds, those for which it kept a processor busy, and the most memory it had, in MiB.

    On a machine that others use too, the processor's seconds tell more.
    """

    seconds: float
    processor: float
    memory: float


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that ended: exit status, cost, requests as the judge counts them, and what it calls broken.

    ``broken`` are stock's kinds of failure, or "MUST" and "SHOULD" where the gate has a red clause of that level.
    """

    exit: int
    cost: Cost
    requests: int
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended: its exit status, what it printed, and its cost."""

    exit: int
    out: str
    cost: Cost


def stock_version() -> str:
    """Which schemathesis it is."""
    return version("schemathesis")


def timed(command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> Done:
    """Run a command in a folder; it may keep its bytecode, and is ended where it takes too long."""
    inherited = {name: value for name, value in os.environ.items() if name not in FORBIDDING}
    words = [str(word) for word in command]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        begun = time.perf_counter()
        # S603: the words are this folder's own.
        process = subprocess.Popen(  # noqa: S603
            words, cwd=folder, env={**inherited, **environment}, stdout=out, stderr=subprocess.STDOUT
        )
        late = threading.Timer(ENDS_WITHIN, process.kill)
        late.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            late.cancel()
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        cost = Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
        return Done(process.returncode, out.read(), cost)


# -- this suite


def told(card: Card, *, more: bool) -> dict[str, str]:
    """The environment that tells the gate of a server."""
    names = [name for name in (*SAME, *(MORE if more else ())) if name in card]
    return {"PYTEST_BASE_URL": card["base_url"], **{f"MANA_{name.upper()}": card[name] for name in names}}


def pytest(*options: str | Path, cache: Path) -> list[str | Path]:
    """The command of a run of pytest in this project, which keeps its draws in a folder."""
    return [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-o", f"cache_dir={cache}", *options]


def gate(card: Card, cache: Path, *options: str, more: bool = False) -> Ran:
    """The gate at its default settings; with ``more``, told everything that it can be told, and with unsafe methods."""
    every = ("--unsafe-methods",) if more else ()
    done = timed(pytest(*options, *every, cache=cache), told(card, more=more), ROOT)
    requests = re.search(r"(\d[\d,]*) requests\.$", done.out, re.MULTILINE)
    broken = [name for name, word in (("MUST", "failed"), ("SHOULD", "should have passed")) if _counts(done, word)]
    return Ran(done.exit, done.cost, int(requests[1].replace(",", "")) if requests else 0, tuple(broken))


def _counts(done: Done, word: str) -> bool:
    """Whether pytest's last line counts clauses of a kind."""
    return re.search(rf"\d+ {word}\b", done.out.rstrip().rpartition("\n")[2]) is not None


# -- stock


def described(card: Card, readings: Mapping[str, str], least: int = 0) -> dict[str, Any]:
    """The derived OpenAPI document as a friend of stock would hand it over.

    Derived under the readings of the server. Party, tenant and region are fixed, for with free texts no request would
    ever be served. Bounds are not below ``least``, and the vendor's header is given by `--header`, because as
    derived, with bounds of any sign and the header a parameter, stock cries wolf on the healthy reference. The notes on
    which cell of the document a keyword comes from are taken out, for stock mutates them too.
    """
    derived: dict[str, Any] = openapi(read(DEFAULT), readings, {name: card[name] for name in SAME[:3]})
    (operation,) = (one for path in derived["paths"].values() for one in path.values())
    operation["parameters"] = [one for one in operation["parameters"] if one["in"] == "query"]
    for one in operation["parameters"]:
        if one["schema"].get("type") == "integer":
            one["schema"]["minimum"] = least
    plain: dict[str, Any] = _without_sources(derived)
    return plain


def as_derived(card: Card, readings: Mapping[str, str]) -> dict[str, Any]:
    """The derived OpenAPI document with the server's values and nothing else done to it."""
    fixed = {name: card[name] for name in SAME[:3]}
    return openapi(read(DEFAULT), readings, {**fixed, "Sp-Agent": card.get("sp_agent", "default")})


def _without_sources(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_sources(one) for name, one in value.items() if name != "x-source"}
    return [_without_sources(one) for one in value] if isinstance(value, list) else value


def stock(card: Card, document: Mapping[str, Any], folder: Path) -> Ran:
    """Stock with all its checks and phases at their defaults, in a folder for what it leaves behind."""
    spec, report = folder / "openapi.json", folder / "report.json"
    spec.write_text(json.dumps(document), encoding="utf-8")
    report.unlink(missing_ok=True)
    command: list[str | Path] = [
        *(Path(sys.executable).with_name("schemathesis"), "run", spec, "--url", card["base_url"]),
        *("--header", f"X-Auth-Token: {card['token']}", "--header", f"Sp-Agent: {card.get('sp_agent', 'default')}"),
        *("--seed", str(SEED), "--generation-database", "none", "--no-color"),
        *("--report", "json", "--report-json-path", report),
    ]
    done = timed(command, {}, folder)
    if not report.exists():
        return Ran(done.exit, done.cost, 0, ("no report",))
    said = json.loads(report.read_text(encoding="utf-8"))
    failures = tuple(sorted(one["type"] for one in said["failures"]))
    return Ran(done.exit, done.cost, said["test_cases"]["generated"], failures)
