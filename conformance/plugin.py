"""The pytest plugin: binds clauses to items, asks before the first of them runs, and says what became of them.

It knows no rules: what is asked and judged is in the clauses, how in `examine`.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from contracts import DEFAULT, Document, DocumentError, read

from . import console, options
from .clause import AREAS, Catalogue, Clause, Declaration
from .credentials import Vault
from .default_target import NoDefaultTarget, serving
from .evidence import BadEvidence
from .examine import Examination
from .judgement import MUST, Level, Verdict
from .login import LoginError, log_in
from .report import COULD_NOT_JUDGE, FAIL, overall
from .verdicts import Outcome

COULD_NOT_JUDGE_EXIT = 6

LETTERS = {
    Verdict.PASS: ("passed", ".", "PASSED"),
    Verdict.FAIL: ("failed", "F", "FAILED"),
    Verdict.BLOCKED: ("blocked", "b", "BLOCKED"),
    Verdict.INCONCLUSIVE: ("inconclusive", "i", "INCONCLUSIVE"),
    Verdict.NOT_APPLICABLE: ("not applicable", "n", "NOT APPLICABLE"),
}
ADVICE = ("should have passed", "s", "SHOULD")

TOLD = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED})
"""The exit statuses of pytest that give way to what became of the contract."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    options.add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options that need no target, and stand by for clauses."""
    settings = options.settings(config)
    if getattr(config.option, "numprocesses", None) and any("contract" in Path(one).parts for one in config.args):
        raise pytest.UsageError("-n is of no use for one target, which is asked concurrently as it is: leave it out")
    if settings.report_dir:
        _make(settings.report_dir)
        # Set before pytest's own plugin looks for it, which then writes the file.
        config.option.xmlpath = config.option.xmlpath or str(settings.report_dir / "junit.xml")
    for level in Level:
        config.addinivalue_line("markers", f"{level.lower()}: clauses of the level {level}")
    for area in AREAS:
        config.addinivalue_line("markers", f"{area}: clauses of the area {area}")
    config.pluginmanager.register(Judge(config, settings), "contract-judge")


def _make(folder: Path) -> None:
    """Make the folder for reports before anything is asked, so that nothing is asked in vain."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise pytest.UsageError(f"--report-dir {folder}: {error.strerror}") from None


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
            raise NotJudged(console.why(outcome))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The finding for its reader; a traceback only where the fault is ours."""
        if isinstance(excinfo.value, ContractBroken):
            return console.failure_text(self.clause, excinfo.value.outcome, self.judge.base_url)
        if isinstance(excinfo.value, NotJudged):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the clause is declared, and its id."""
        return self.clause.path, self.clause.line - 1, f"{self.clause.id} {self.clause.name}"


class Judge:
    """One session's judging: the clauses that were collected, the examination, and what is told of it."""

    def __init__(self, config: pytest.Config, settings: options.Settings) -> None:
        self.config = config
        self.settings = settings
        self.examination: Examination | None = None
        self.own_error = ""
        self._document: Document | None = None
        self._declared: list[Clause] = []
        self._selected: list[Clause] = []
        self._reached: set[Clause] = set()

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
        self._declared += clauses
        return [
            ClauseItem.from_parent(collector, name=f"{name}[{clause.id}]", clause=clause, judge=self)
            for clause in clauses
        ]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which clauses were selected."""
        self._selected = [item.clause for item in session.items if isinstance(item, ClauseItem)]

    # -- asking

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Ask the target before the first clause runs; end the loop where there is nothing to run."""
        if self.config.option.clauses:
            console.print_catalogue(self.terminal, self._selected)
            return True
        if not self._selected or self.config.option.collectonly or session.testsfailed:
            return None
        if hasattr(self.config, "workerinput"):
            raise pytest.UsageError(
                "-n is of no use for one target, which is asked concurrently as it is: leave it out"
            )
        catalogue = Catalogue(self._declared).with_foundations(clause.id for clause in self._selected)
        if self.settings.replay:
            self._replay(self.settings.replay, catalogue)
        else:
            self._ask_safely(catalogue)
        return True if self.own_error or (self.examination and self.examination.verdicts.stopped) else None

    def _replay(self, path: Path, catalogue: Catalogue) -> None:
        try:
            self.examination = Examination.of_evidence(self.document, path, catalogue, pinned=self.settings.pinned)
        except BadEvidence as error:
            raise pytest.UsageError(f"--replay {error}") from None

    def _ask_safely(self, catalogue: Catalogue) -> None:
        """Ask; an error of our own ends the run as one, told without the values around it, some of which are secret."""
        try:
            self._ask(catalogue)
        except Exception as error:
            if isinstance(error, pytest.UsageError):
                raise
            vault = self.examination.vault if self.examination else Vault({})
            self.own_error, _ = vault.scrub_text(f"{type(error).__name__}: {error}")
            if self.examination:
                self.examination.stop(f"our own error, {self.own_error}")
            self.terminal.write_line(vault.scrub_text(traceback.format_exc())[0])

    def _ask(self, catalogue: Catalogue) -> None:
        with ExitStack() as stack:
            values = self._values(stack)
            target = options.target_of(values)
            refused = ""
            if not values.get("token"):
                try:
                    values["token"] = self._token(values, target.base_url)
                    target = options.target_of({**values, "username": "", "password": ""})
                except LoginError as error:
                    refused = str(error)
            self.examination = Examination.of_target(
                self.document,
                target,
                options.vault_of(values),
                catalogue,
                pinned=self.settings.pinned,
                examples=self.settings.examples,
                seed=self.settings.seed,
                exhaustive=self.settings.exhaustive,
                keep=self._keep,
            )
            if refused:
                self.examination.stop(refused)
                return
            try:
                self.examination.ask(self.settings.limits, self._progress)
            finally:
                self._end_progress()

    def _values(self, stack: ExitStack) -> dict[str, str]:
        """What is said of the target; of the default one, which is started for as long as the stack stands."""
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

    def _token(self, values: dict[str, str], base_url: str) -> str:
        auth_url = values.get("auth_url") or f"{base_url}/mana_api"
        return log_in(auth_url, values["username"], values["password"], values["tenant_id"], self.settings.limits)

    def _keep(self, key: str, make: Any) -> Any:
        """Keep a value in pytest's cache, where there is one."""
        cache = getattr(self.config, "cache", None)
        kept = cache.get(f"contract/{key}", None) if cache else None
        if kept is None:
            kept = make()
            if cache:
                cache.set(f"contract/{key}", kept)
        return kept

    # -- judging

    @property
    def base_url(self) -> str:
        """The target's; empty before there is one."""
        return self.examination.known.target.base_url if self.examination else ""

    def binds(self, clause: Clause) -> bool:
        """Whether a failure of this clause breaks the contract in this run."""
        return clause.level is MUST or self.settings.fail_on_should

    def reach(self, clause: Clause) -> Outcome:
        """What became of a clause whose turn has come."""
        if self.examination is None:
            raise RuntimeError("a clause runs before the target was asked")
        self._reached.add(clause)
        return self.examination.verdicts.outcome(clause.id)

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
        if self.examination is None:
            return
        if self.settings.report_dir:
            outcomes = self._outcomes(self.examination)
            written = self.examination.write(self.settings.report_dir, outcomes, self._verdict())
            if leaks := self.examination.leaks(written):
                self.own_error = f"a secret stands in what was written: {'; '.join(leaks)}"
        if self.own_error:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        elif session.exitstatus in TOLD:
            self._tell(session)

    def _tell(self, session: pytest.Session) -> None:
        verdict = self._verdict()
        if verdict == FAIL:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif verdict == COULD_NOT_JUDGE and session.exitstatus is not pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = COULD_NOT_JUDGE_EXIT

    def _outcomes(self, examination: Examination) -> dict[Clause, Outcome]:
        return examination.outcomes(self._selected, self._reached)

    def _verdict(self) -> str:
        must = {"fail_on_should": self.settings.fail_on_should, "allow_unjudged": self.settings.allow_unjudged}
        return overall(self._outcomes(self.examination), **must) if self.examination else COULD_NOT_JUDGE

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The contract's own summary, after pytest's."""
        if self.examination is None:
            return
        terminalreporter.section("contract")
        known, stopped = self.examination.known, self.examination.verdicts.stopped
        if stopped and not self.own_error:
            terminalreporter.write_line(f"COULD NOT JUDGE: {stopped}", bold=True, yellow=True)
        elif not self.own_error:
            console.print_summary(terminalreporter, known, self._outcomes(self.examination), self._verdict())
        for remark in self._remarks(self.examination):
            terminalreporter.write_line(remark)

    def _remarks(self, examination: Examination) -> Iterator[str]:
        if self.own_error:
            yield f"our own error, which says nothing of the target: {self.own_error}"
        for name in examination.vault.unsearched():
            yield f"{name} is too short or too plain to be searched for in what was written"
