"""The judge, as pytest knows it: makes items of clauses, has targets asked, and says what became of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from contracts import DEFAULT, Document, DocumentError, read

from . import catalogue, console, items, junit, options, private, signals
from .ask import Progress
from .clause import Catalogue, Clause, Declaration
from .default_target import NoDefaultTarget, serving
from .github import Workflow
from .hearing import Hearing
from .items import ClauseItem
from .report import COULD_NOT_JUDGE, FAIL

COULD_NOT_JUDGE_EXIT = 6

LOG_EVERY = 5.0
"""Seconds between two lines that say how far asking is, where no terminal shows it."""

TOLD = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED})
"""The exit statuses of pytest that give way to what became of the contract."""


class Judge:
    """One session's judging: the clauses that were collected, and the hearings of the targets."""

    def __init__(self, config: pytest.Config, hearings: Sequence[Hearing], workflow: Workflow | None = None) -> None:
        self.config = config
        self.hearings = hearings
        self.workflow = workflow
        self._document: Document | None = None
        self._declared: list[Clause] = []

    # -- collecting

    @property
    def document(self) -> Document:
        """The contract document, read once; UsageError with one line where it cannot be read."""
        if self._document is None:
            try:
                self._document = read(self.config.option.contract, self._keep)
            except DocumentError as error:
                raise pytest.UsageError(f"--contract: {error}") from None
            for hearing in self.hearings:
                options.check_pinned(hearing.settings.pinned, self._document)
        return self._document

    def pytest_collection(self) -> None:
        """Read what was given to judge by while a mistake in it can still be told in one line."""
        if any(hearing.settings.pinned for hearing in self.hearings) or self.config.option.contract != DEFAULT:
            _ = self.document

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: Any, name: str, obj: object) -> list[ClauseItem] | None:
        """Make items of a declaration: one for each clause that it has for the document, and for each target."""
        if not isinstance(obj, Declaration):
            return None
        clauses = list(obj.clauses(self.document))
        self._declared += clauses
        return [
            ClauseItem.from_parent(
                collector, name=f"{name}[{hearing.prefix}{clause.id}]", clause=clause, hearing=hearing
            )
            for hearing in self.hearings
            for clause in clauses
        ]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which clauses were selected."""
        for item in session.items:
            if isinstance(item, ClauseItem):
                item.hearing.selected.append(item.clause)

    # -- asking

    def hear(self, hearing: Hearing) -> None:
        """Ask the target of a hearing, or read what was kept of it."""
        catalogue = Catalogue(self._declared).with_foundations(clause.id for clause in hearing.selected)
        if hearing.settings.replay:
            hearing.replay(hearing.settings.replay, self.document, catalogue)
            return
        with ExitStack() as stack, self._showing_progress(hearing.prefix) as progress:
            values = hearing.values or self._values(stack)
            hearing.ask(values, self.document, catalogue, self._keep, progress)
        if hearing.traceback and self.terminal:
            self.terminal.write_line(hearing.traceback)

    def _values(self, stack: ExitStack) -> Mapping[str, str]:
        """What is said of the target; of the default one, which is started for as long as the stack stands."""
        values = options.given(self.config)
        if values["base_url"]:
            return values
        options.check_none_given(self.config)
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
    def _showing_progress(self, prefix: str) -> Iterator[Progress]:
        """What shows how far the asking is: on a terminal in one line, cleared in the end, in a log now and then."""
        out, told = self.terminal, time.monotonic()

        def show(name: str, answered: int, total: int) -> None:
            nonlocal told
            line = f"asking, {prefix}{name}: {answered} of {total}"
            if out and out.isatty:
                out.rewrite(line, erase=True)
            elif out and time.monotonic() - told > LOG_EVERY:
                told = time.monotonic()
                out.write_line(line)

        try:
            yield show
        finally:
            if out and out.isatty:
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
        return f"contract: seed {self.hearings[0].settings.seed}"


class TargetJudge(Judge):
    """The judge of one target, which is asked before the first clause runs."""

    def __init__(self, config: pytest.Config, hearing: Hearing, workflow: Workflow | None = None) -> None:
        super().__init__(config, [hearing], workflow)
        self.hearing = hearing

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Ask the target before the first clause runs; end the loop where there is nothing to run."""
        if self.config.option.clauses:
            console.print_catalogue(self.terminal, self.hearing.selected)
            return True
        if self.config.option.clause_info:
            self._explain(self.config.option.clause_info)
            return True
        if not self.hearing.selected or self.config.option.collectonly or session.testsfailed:
            return None
        if hasattr(self.config, "workerinput"):
            raise pytest.UsageError(
                "-n is of no use for one target, which is asked concurrently as it is: leave it out"
            )
        self.config.add_cleanup(signals.ending_as_interrupts())
        self.hear(self.hearing)
        return True if self.hearing.stopped else None

    def _explain(self, id: str) -> None:
        """Print the entry of a clause; UsageError with one line and the ids that are near it where there is none."""
        clauses = {clause.id: clause for clause in self._declared}
        id = next((one for one in clauses if one.lower() == id.lower()), id)
        if id not in clauses:
            near = catalogue.near(id, self._declared)
            meant = f"did you mean {' or '.join(near)}?" if near else "--clauses prints them all"
            raise pytest.UsageError(f"--clause-info {id}: no such clause; {meant}")
        for line in (id, "", *catalogue.entry(clauses[id], self.document)):
            self.terminal.write_line(line)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:
        """Write the reports, search all that was written, and say by the exit status what became of the contract."""
        hearing, option = self.hearing, self.config.option
        report = hearing.report if hearing.examination else None
        if report and hearing.settings.report_dir:
            hearing.write(hearing.settings.report_dir, report)
        meant = self._declared and not (option.collectonly or option.clauses or option.clause_info)
        if meant and (unjudged := hearing.unjudged):
            junit.add_error(self.config, unjudged)
        finished: Any = []
        with private.by_default(), hearing.noting_unwritten():
            finished = yield
        if report is None and not hearing.own_error:
            return finished
        if report is not None:
            told = self.workflow.tell([report]) if self.workflow else []
            hearing.search(filter(None, [*told, self._own_junit()]))
        session.exitstatus = exit_status(session.exitstatus, [hearing.verdict], own_error=hearing.went_wrong)
        if self.workflow and hearing.own_error:
            self.workflow.tell_error(hearing.own_error)
        return finished

    def _own_junit(self) -> Path | None:
        """The junit.xml that pytest wrote, closed to others; None where it wrote none."""
        written = junit.path(self.config)
        if written is None or not written.is_file():
            return None
        private.close(written)
        return written

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The contract's own summary, after pytest's."""
        hearing, examination = self.hearing, self.hearing.examination
        if examination is None and not hearing.own_error:
            if self._declared and not hearing.selected:
                terminalreporter.write_line("no clause was selected; --clauses prints them all", yellow=True)
            return
        terminalreporter.section("contract")
        if not hearing.own_error and hearing.stopped:
            terminalreporter.write_line(
                f"COULD NOT JUDGE: {console.printable(hearing.stopped)}", bold=True, yellow=True
            )
        elif examination and not hearing.own_error:
            console.print_summary(terminalreporter, hearing.report, hearing.closed)
        for remark in hearing.remarks():
            terminalreporter.write_line(remark)


def exit_status(own: int, verdicts: Sequence[str], *, own_error: bool) -> int:
    """The exit status of a session: pytest's own where it was ended, else what the verdicts on the targets say."""
    if own_error:
        return pytest.ExitCode.INTERNAL_ERROR
    if own not in TOLD:
        return own
    if FAIL in verdicts or own == pytest.ExitCode.TESTS_FAILED:
        return pytest.ExitCode.TESTS_FAILED
    return COULD_NOT_JUDGE_EXIT if COULD_NOT_JUDGE in verdicts else own
