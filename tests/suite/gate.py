"""The gate as its users run it: `pytest` with options, in a process and an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

ENDS_WITHIN = 60.0
"""Seconds; a gate that hangs fails its test and not the whole run."""


@dataclass(frozen=True)
class Run:
    """A run that ended: its exit status, what it printed, and the folder that it was told to report to."""

    exit: int
    out: str
    err: str
    folder: Path

    @property
    def said(self) -> str:
        """All that it printed."""
        return self.out + self.err

    def is_wrong_usage(self, *words: str) -> bool:
        """Whether it ended as wrong usage: exit 4, one line that says so with these words in it, and no traceback."""
        complaints = [line for line in self.said.splitlines() if line.startswith("ERROR")]
        told = len(complaints) == 1 and all(word in complaints[0] for word in words)
        return self.exit == 4 and told and "Traceback" not in self.said

    @property
    def report(self) -> dict[str, Any]:
        """Its report.json."""
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        return report

    @property
    def evidence(self) -> Path:
        """Its evidence.jsonl."""
        return self.folder / "evidence.jsonl"

    @property
    def clauses(self) -> dict[str, dict[str, Any]]:
        """The clauses of its report by id."""
        return {clause["id"]: clause for clause in self.report["clauses"]}

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each clause of its report by id."""
        return {id: clause["verdict"] for id, clause in self.clauses.items()}

    @property
    def red(self) -> set[str]:
        """The ids of the clauses that failed."""
        return {id for id, verdict in self.verdicts.items() if verdict == "fail"}


class Gate:
    """Runs the gate, which reports to folders below the first and keeps its draws in the second."""

    def __init__(self, folder: Path, *, cache: Path) -> None:
        self._folder = folder
        self._cache = cache
        self._runs = 0

    def __call__(
        self, *options: str | Path, environment: Mapping[str, str] | None = None, timeout: float = ENDS_WITHIN
    ) -> Run:
        """Run it with these options; its environment names no target but the one given here."""
        folder, command, inherited = self.prepared(*options, environment=environment or {})
        # S603: the words are this file's and the tests' own.
        done = subprocess.run(  # noqa: S603
            command, cwd=ROOT, env=inherited, capture_output=True, text=True, timeout=timeout, check=False
        )
        return Run(done.returncode, done.stdout, done.stderr, folder)

    @staticmethod
    def help_of(*module: str) -> str:
        """What one of our modules, or a command of it, says of its options."""
        # S603: the words are the tests' own.
        command = [sys.executable, "-m", *module, "--help"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603

    def prepared(self, *options: str | Path, environment: Mapping[str, str]) -> tuple[Path, list[str], dict[str, str]]:
        """The folder to report to, the command and the environment of a run."""
        self._runs += 1
        folder = self._folder / f"run-{self._runs}"
        cache = ("-o", f"cache_dir={self._cache}")
        command = [sys.executable, "-m", "pytest", "-W", "error", *cache, f"--report-dir={folder}", *map(str, options)]
        return folder, command, {**self._inherited(), **environment}

    def _inherited(self) -> dict[str, str]:
        ours = ("MANA_", "PYTEST_", "GITHUB_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "PYTHONPATH")
        return {name: value for name, value in os.environ.items() if not name.upper().startswith(ours)}
