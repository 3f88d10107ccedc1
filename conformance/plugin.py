"""The pytest plugin: binds clauses to items, asks before the first of them runs, and writes what became of them.

It knows no rules: what is asked and judged is in the clauses, how in `rounds` and `verdicts`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts import DEFAULT, Document, DocumentError, read

from . import console, draws, evidence, options, rounds
from .ask import Asker
from .clause import AREAS, Catalogue, Clause, Declaration
from .credentials import Vault
from .default_target import NoDefaultTarget, serving
from .evidence import Evidence
from .judgement import MUST, Level, Verdict
from .known import Known
from .login import LoginError, log_in
from .probe import Probe
from .probes import Probes, suite_version
from .report import COULD_NOT_JUDGE, FAIL, overall, report
from .target import Target
from .verdicts import Outcome, Verdicts
from .wire import Wire

COULD_NOT_JUDGE_EXIT = 6

LETTERS = {
    Verdict.PASS: ("passed", ".", "PASSED"),
    Verdict.FAIL: ("failed", "F", "FAILED"),
    Verdict.BLOCKED: ("blocked", "b", "BLOCKED"),
    Verdict.INCONCLUSIVE: ("inconclusive", "i", "INCONCLUSIVE"),
    Verdict.NOT_APPLICABLE: ("not applicable", "n", "NOT APPLICABLE"),
}
ADVICE = ("should have passed", "s", "SHOULD")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    options.add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options that need no target, and stand by for clauses."""
    made = options.settings(config)
    if made.report_dir and not config.option.xmlpath:
        # Set before pytest's own plugin looks for it, which then writes the file.
        config.option.xmlpath = str(made.report_dir / "junit.xml")
    for level in Level:
        config.addinivalue_line("markers", f"{level.lower()}: clauses of the level {level}")
    for area in AREAS:
        config.addinivalue_line("markers", f"{area}: clauses of the area {area}")
    config.pluginmanager.register(Judge(config, made), "contract-judge")


class ContractBroken(Exception):
    """A clause that failed."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("; ".join(finding.message for finding in outcome.judgement.findings))
        self.outcome = outcome


class NotJudged(Exception):
    """A clause without a verdict of its own, or that failed without binding."""


class ClauseItem(pytest.Item):
    """A clause as pytest runs it: what became of it was settled by the evidence, and is said here."""

    def __init__(self, *, clause: Clause, judge: Judge, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.clause = clause
        self.judge = judge
        self.add_marker(clause.area)
        self.add_marker(clause.level.lower())

    def runtest(self) -> None:
        """Raise what stands for the verdict."""
        outcome = self.judge.reach(self.clause)
        for name in ("id", "level", "area", "source"):
            self.user_properties.append((name, str(getattr(self.clause, name))))
        self.user_properties.append(("verdict", outcome.verdict.value))
        if outcome.verdict is Verdict.FAIL and self.judge.binds(self.clause):
            raise ContractBroken(outcome)
        if outcome.verdict is not Verdict.PASS:
            raise NotJudged(_why(outcome))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The finding for its reader; a traceback only where the fault is ours."""
        if isinstance(excinfo.value, ContractBroken):
            return console.failure_text(self.clause, excinfo.value.outcome, self.judge.known.target.base_url)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the clause is declared, and its id."""
        return self.clause.path, self.clause.line - 1, f"{self.clause.id} {self.clause.name}"


def _why(outcome: Outcome) -> str:
    if outcome.verdict is Verdict.BLOCKED:
        return f"blocked by {', '.join(outcome.because)}"
    return outcome.reason or "; ".join(finding.message for finding in outcome.judgement.findings)


class Judge:
    """One session's judging: the clauses that were collected, the run, and what is written of it."""

    known: Known
    verdicts: Verdicts

    def __init__(self, config: pytest.Config, settings: options.Settings) -> None:
        self.config = config
        self.settings = settings
        self.declared: list[Clause] = []
        self.selected: list[Clause] = []
        self.reached: set[Clause] = set()
        self.vault = Vault({})
        self.header: dict[str, Any] = {}
        self.own_error = ""
        self._document: Document | None = None
        self._begun = 0.0

    # -- collecting

    @property
    def document(self) -> Document:
        """The contract document, read once; UsageError with one line where it cannot be read."""
        if self._document is None:
            try:
                self._document = read(self.config.option.contract)
            except DocumentError as error:
                raise pytest.UsageError(f"--contract: {error}") from None
            options.check_pinned(self.settings.pinned, self._document)
        return self._document

    def pytest_collection(self) -> None:
        """Read what was given to judge by while a mistake in it can still be told in one line."""
        if self.settings.pinned or self.config.option.contract != DEFAULT:
            _ = self.document

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: Any, name: str, obj: object) -> list[ClauseItem] | None:
        """Make items of a declaration: one for each clause that it has for the document."""
        if not isinstance(obj, Declaration):
            return None
        clauses = list(obj.clauses(self.document))
        self.declared += clauses
        return [
            ClauseItem.from_parent(collector, name=f"{name}[{clause.id}]", clause=clause, judge=self)
            for clause in clauses
        ]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which clauses were selected."""
        self.selected = [item.clause for item in session.items if isinstance(item, ClauseItem)]

    # -- asking

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Ask the target before the first clause runs; end the loop where there is nothing to run."""
        if self.config.option.clauses:
            console.print_catalogue(self.terminal, self.selected)
            return True
        if not self.selected or session.config.option.collectonly or session.testsfailed:
            return None
        self._begun = time.monotonic()
        if self.settings.replay:
            self._replay(self.settings.replay)
        else:
            self._ask()
        return True if self.verdicts.stopped else None

    def _ask(self) -> None:
        with ExitStack() as stack:
            values = self._values(stack)
            self.vault = options.vault_of(values)
            target = options.target_of(values)
            if not values.get("token"):
                values["token"] = self._log_in(values, target)
                self.vault = options.vault_of(values)
            self.header = self._header()
            self._know(Evidence({**self.header, "target": target.as_json()}), target)
            wire = Wire(target, self.vault, self.settings.limits)
            stack.callback(wire.close)
            try:
                rounds.ask(self.verdicts, Asker(wire, self.settings.limits, self._progress))
            except rounds.CouldNotAsk as error:
                self.verdicts.stopped = str(error)
            finally:
                self._end_progress()
                self.header["seconds"] = round(time.monotonic() - self._begun, 3)
                self.known.evidence.footer = {"seconds": self.header["seconds"], "stopped": self.verdicts.stopped}

    def _values(self, stack: ExitStack) -> dict[str, str]:
        values = options.given(self.config)
        if values["base_url"]:
            return values
        command = self.config.getini("contract_default_target")
        if not command:
            raise pytest.UsageError("give --base-url (PYTEST_BASE_URL): there is no default target here")
        try:
            said = stack.enter_context(serving(command))
        except (NoDefaultTarget, OSError) as error:
            raise pytest.UsageError(f"no --base-url, and {error}") from None
        # Its login is left alone, for it says a token too.
        own = {"name": "the default target", "unsafe_methods": values["unsafe_methods"]}
        return own | {name: said[name] for name in said.keys() - {"username", "password"}}

    def _log_in(self, values: Mapping[str, str], target: Target) -> str:
        auth_url = values.get("auth_url") or f"{target.base_url}/mana_api"
        limits = self.settings.limits
        try:
            return log_in(auth_url, values["username"], values["password"], target.tenant_id, limits)
        except LoginError as error:
            raise pytest.UsageError(str(error)) from None

    def _replay(self, path: Path) -> None:
        try:
            kept = evidence.read(path)
            target = Target.from_json(kept.header["target"])
            self.header = {name: kept.header[name] for name in ("suite", "contract", "started")}
            self.header["seconds"] = kept.footer["seconds"]
        except (evidence.BadEvidence, KeyError, TypeError) as error:
            raise pytest.UsageError(f"--replay {error}") from None
        self._know(kept, target)
        self.verdicts.stopped = kept.footer["stopped"]

    def _header(self) -> dict[str, Any]:
        return {
            "suite": {"version": suite_version(), "seed": self.settings.seed},
            "contract": {"document": self.document.name, "sha256": self.document.sha256},
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def _know(self, kept: Evidence, target: Target) -> None:
        probes, seed = Probes(self.document, target), self.header["suite"]["seed"]
        self.known = Known(
            self.document, target, kept, pinned=self.settings.pinned, draw=lambda: self._drawn(probes), seed=seed
        )
        catalogue = Catalogue(self.declared).with_foundations(clause.id for clause in self.selected)
        self.verdicts = Verdicts(self.known, catalogue)

    def _drawn(self, probes: Probes) -> dict[str, list[Probe]]:
        """The drawn requests for this target; draws are kept between runs, for nothing about a target is in them."""
        examples, seed = self.settings.examples, self.settings.seed
        key = f"contract/draws-{draws.key(self.document, examples, seed)}"
        cache = getattr(self.config, "cache", None)
        kept = cache.get(key, None) if cache else None
        if kept is None:
            kept = draws.draw(self.document, examples, seed)
            if cache:
                cache.set(key, kept)
        return {
            kind: [draws.asked(tuple((name, value) for name, value in query), probes.good) for query in queries]
            for kind, queries in kept.items()
        }

    # -- judging

    def binds(self, clause: Clause) -> bool:
        """Whether a failure of this clause breaks the contract in this run."""
        return clause.level is MUST or self.settings.fail_on_should

    def reach(self, clause: Clause) -> Outcome:
        """What became of a clause whose turn has come."""
        self.reached.add(clause)
        return self.verdicts.outcome(clause.id)

    def outcomes(self) -> dict[Clause, Outcome]:
        """What became of each selected clause; those whose turn never came are inconclusive."""
        stopped = self.verdicts.stopped or "the run ended before its turn came"
        unreached = Outcome(Verdict.INCONCLUSIVE, reason=stopped)
        return {clause: self.reach(clause) if clause in self.reached else unreached for clause in self.selected}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Give a clause's report the outcome that its verdict has in pytest's terms."""
        made = yield
        if not isinstance(item, ClauseItem) or call.excinfo is None:
            return made
        raised = call.excinfo.value
        if isinstance(raised, NotJudged):
            made.outcome = "skipped"
            made.longrepr = (str(item.path), item.clause.line, str(raised))
        elif isinstance(raised, Exception) and not isinstance(raised, ContractBroken):
            self.own_error = f"{item.clause.id}: {type(raised).__name__}: {raised}"
        return made

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A clause's verdict as letter and word."""
        verdict = dict(getattr(report, "user_properties", ())).get("verdict")
        if report.when != "call" or verdict is None:
            return None
        verdict = Verdict(str(verdict))
        return ADVICE if verdict is Verdict.FAIL and not report.failed else LETTERS[verdict]

    # -- telling

    @property
    def terminal(self) -> Any:
        """Where lines go."""
        return self.config.pluginmanager.get_plugin("terminalreporter")

    def _progress(self, name: str, answered: int, total: int) -> None:
        if self.terminal and self.terminal.isatty:
            self.terminal.rewrite(f"asking, {name}: {answered} of {total}", erase=True)

    def _end_progress(self) -> None:
        if self.terminal and self.terminal.isatty:
            self.terminal.rewrite("", erase=True)

    def pytest_report_header(self) -> str:
        """The seed, for whoever wants to ask the same again."""
        return f"contract: seed {self.settings.seed}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports and say by the exit status what became of the contract."""
        if not hasattr(self, "verdicts") or not self.selected:
            return
        if self.own_error:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            return
        if leaks := secrets_in(self._write(), self.vault):
            self.own_error = f"a secret stands in what was written: {'; '.join(leaks)}"
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            return
        if session.exitstatus not in {
            pytest.ExitCode.OK,
            pytest.ExitCode.TESTS_FAILED,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        }:
            return
        verdict = self.verdict()
        if verdict == FAIL:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif verdict == COULD_NOT_JUDGE and session.exitstatus is not pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = COULD_NOT_JUDGE_EXIT

    def verdict(self) -> str:
        """The verdict on the target."""
        must = {"fail_on_should": self.settings.fail_on_should, "allow_unjudged": self.settings.allow_unjudged}
        return overall(self.outcomes(), **must)

    def _write(self) -> list[Path]:
        folder = self.settings.report_dir
        if folder is None:
            return []
        folder.mkdir(parents=True, exist_ok=True)
        self.header.setdefault("seconds", round(time.monotonic() - self._begun, 3))
        made = report(self.known, self.outcomes(), self.header, self.verdict())
        (folder / "report.json").write_text(json.dumps(made, ensure_ascii=True, indent=1) + "\n", encoding="utf-8")
        self.known.evidence.write(folder / "evidence.jsonl")
        return [folder / "report.json", folder / "evidence.jsonl"]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The contract's own summary, after pytest's."""
        if not hasattr(self, "verdicts") or not self.selected:
            return
        terminalreporter.section("contract")
        if self.verdicts.stopped:
            terminalreporter.write_line(f"COULD NOT JUDGE: {self.verdicts.stopped}", bold=True, yellow=True)
        else:
            console.print_summary(terminalreporter, self.known, self.outcomes(), self.verdict())
        for remark in self._remarks():
            terminalreporter.write_line(remark)

    def _remarks(self) -> Iterator[str]:
        if self.own_error:
            yield f"our own error, which says nothing of the target: {self.own_error}"
        for name in self.vault.too_short():
            yield f"{name} is too short to be searched for in what was written"


def secrets_in(paths: Iterable[Path], vault: Vault) -> list[str]:
    """The files in which a secret stands, each with the secret's name."""
    return [f"{path}: {name}" for path in paths for name in vault.scrub(path.read_bytes())[1]]
