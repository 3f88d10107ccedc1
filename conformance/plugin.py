"""The pytest plugin: binds clauses to items, asks before the first of them runs, and says what became of them.

It knows no rules: what is asked and judged is in the clauses, how in `examine`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from contracts import DEFAULT, Document, DocumentError, read

from . import console, items, options
from .ask import Progress
from .clause import AREAS, Catalogue, Clause, Declaration
from .default_target import NoDefaultTarget, serving
from .examine import Examination
from .hearing import Hearing
from .items import ClauseItem
from .judgement import Level
from .report import COULD_NOT_JUDGE, FAIL

COULD_NOT_JUDGE_EXIT = 6

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


class Judge:
    """One session's judging: the clauses that were collected, the hearing of the target, and what is told of it."""

    def __init__(self, config: pytest.Config, settings: options.Settings) -> None:
        self.config = config
        self.settings = settings
        self.hearing = Hearing(settings)
        self._document: Document | None = None
        self._declared: list[Clause] = []

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
            ClauseItem.from_parent(collector, name=f"{name}[{clause.id}]", clause=clause, hearing=self.hearing)
            for clause in clauses
        ]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which clauses were selected."""
        self.hearing.selected = [item.clause for item in session.items if isinstance(item, ClauseItem)]

    # -- asking

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Ask the target before the first clause runs; end the loop where there is nothing to run."""
        if self.config.option.clauses:
            console.print_catalogue(self.terminal, self.hearing.selected)
            return True
        if not self.hearing.selected or self.config.option.collectonly or session.testsfailed:
            return None
        if hasattr(self.config, "workerinput"):
            raise pytest.UsageError(
                "-n is of no use for one target, which is asked concurrently as it is: leave it out"
            )
        self._hear(self.hearing)
        return True if self.hearing.stopped else None

    def _hear(self, hearing: Hearing) -> None:
        """Ask the target of a hearing, or read what was kept of it."""
        catalogue = Catalogue(self._declared).with_foundations(clause.id for clause in hearing.selected)
        if self.settings.replay:
            hearing.replay(self.settings.replay, self.document, catalogue)
            return
        with ExitStack() as stack, self._showing_progress() as progress:
            hearing.ask(self._values(stack), self.document, catalogue, self._keep, progress)
        if hearing.traceback:
            self.terminal.write_line(hearing.traceback)

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

    def _keep(self, key: str, make: Any) -> Any:
        """Keep a value in pytest's cache, where there is one."""
        cache = getattr(self.config, "cache", None)
        kept = cache.get(f"contract/{key}", None) if cache else None
        if kept is None:
            kept = make()
            if cache:
                cache.set(f"contract/{key}", kept)
        return kept

    @contextmanager
    def _showing_progress(self) -> Iterator[Progress]:
        """What shows on a terminal how far the asking is, and clears it in the end."""
        out = self.terminal if self.terminal and self.terminal.isatty else None

        def show(name: str, answered: int, total: int) -> None:
            if out:
                out.rewrite(f"asking, {name}: {answered} of {total}", erase=True)

        try:
            yield show
        finally:
            if out:
                out.rewrite("", erase=True)

    # -- judging

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Give a clause's report the outcome that its verdict has in pytest's terms."""
        made = yield
        if isinstance(item, ClauseItem) and call.excinfo is not None:
            item.settle(call.excinfo.value, made)
        return made

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A clause's verdict as letter and word."""
        return items.letter_and_word(report)

    # -- telling

    @property
    def terminal(self) -> Any:
        """Where lines go."""
        return self.config.pluginmanager.get_plugin("terminalreporter")

    def pytest_report_header(self) -> str:
        """The seed, for whoever wants to ask the same again."""
        return f"contract: seed {self.settings.seed}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports and say by the exit status what became of the contract."""
        if self.hearing.examination is None:
            return
        if self.settings.report_dir:
            self.hearing.write(self.settings.report_dir, self.hearing.report)
        if self.hearing.own_error:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        elif session.exitstatus in TOLD:
            self._tell(session)

    def _tell(self, session: pytest.Session) -> None:
        verdict = self.hearing.verdict
        if verdict == FAIL:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif verdict == COULD_NOT_JUDGE and session.exitstatus is not pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = COULD_NOT_JUDGE_EXIT

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The contract's own summary, after pytest's."""
        if self.hearing.examination is None:
            return
        terminalreporter.section("contract")
        if self.hearing.own_error:
            pass
        elif stopped := self.hearing.stopped:
            terminalreporter.write_line(f"COULD NOT JUDGE: {stopped}", bold=True, yellow=True)
        else:
            self._print_summary(terminalreporter, self.hearing, self.hearing.examination)
        for remark in self.hearing.remarks():
            terminalreporter.write_line(remark)

    def _print_summary(self, out: Any, hearing: Hearing, examination: Examination) -> None:
        known, outcomes, verdict = examination.known, hearing.outcomes, hearing.verdict
        console.print_summary(out, known, outcomes, verdict, hearing.excuses)
