"""The judge of several targets: each asked when its first clause runs, by one process; all compared in the end.

Under pytest-xdist the targets are spread over its processes. What became of each is told to the one that started them
by the report of the target's last clause, which passes between them as it is; without xdist the same way is taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from . import compare, console, junit, options, private
from .github import Workflow
from .hearing import Hearing, leaked
from .items import ClauseItem
from .judge import Judge, exit_status
from .layout import visible
from .report import COULD_NOT_JUDGE, FAIL, PASS

HEARD = "contract_heard"
"""The attribute of a report by which the outcome of a hearing is told."""


LOST = "it was not heard to the end, for the process that asked it was lost"
"""What is said of a target that nothing was told of."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one target: its verdict in a sentence, what else is to be said, and the object of its report.

    ``unjudged`` says why it could not be judged, where that is so.
    """

    name: str
    sentence: str
    remarks: list[str]
    own_error: str
    unjudged: str
    report: dict[str, Any]

    @property
    def verdict(self) -> str:
        """The verdict on the target."""
        return str(self.report.get("verdict", COULD_NOT_JUDGE))


class FleetJudge(Judge):
    """The judge of several targets."""

    def __init__(
        self,
        config: pytest.Config,
        settings: options.Settings,
        hearings: Sequence[Hearing],
        workflow: Workflow | None = None,
    ) -> None:
        super().__init__(config, hearings, workflow)
        self._folder = settings.report_dir
        self._heard: dict[str, Heard] = {}
        self._lost: tuple[str, ...] = ()
        self._leaks: list[str] = []
        self._is_last = False
        self._expected: set[str] = set()

    @property
    def _worker(self) -> bool:
        """Whether this is a process of xdist's, which tells another what became of its targets."""
        return hasattr(self.config, "workerinput")

    # -- sharing out

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the clauses of one target together."""
        order = {hearing.name: place for place, hearing in enumerate(self.hearings)}
        items.sort(key=lambda item: order[item.hearing.name] if isinstance(item, ClauseItem) else -1)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which clauses were selected, and so which targets."""
        super().pytest_collection_finish(session)
        self._expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Have all clauses of one target run in one process, whatever ``--dist`` says."""
        # Here, because it is there only where xdist is in use.
        from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # noqa: PLC0415

        class ByTarget(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
            def _split_scope(self, nodeid: str) -> str:
                return target_of(nodeid)

        return ByTarget(config, log)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Note which targets the processes were given."""
        self._expect(ids)

    def _expect(self, nodeids: Any) -> None:
        self._expected |= {target_of(nodeid) for nodeid in nodeids} & {hearing.name for hearing in self.hearings}

    # -- hearing

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Ask a target before the first of its clauses."""
        if isinstance(item, ClauseItem) and item.hearing.examination is None and not item.hearing.own_error:
            self.hear(item.hearing)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        """Note whether an item is the last of its target."""
        self._is_last = not isinstance(nextitem, ClauseItem) or nextitem.hearing is not getattr(item, "hearing", None)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Give a clause's report its outcome, and that of the last one what became of the target."""
        made = yield from super().pytest_runtest_makereport(item, call)
        if isinstance(item, ClauseItem) and call.when == "teardown" and self._is_last:
            # As text, because what a server said may hold characters that do not pass between processes.
            setattr(made, HEARD, json.dumps(asdict(self._finish(item.hearing))))
        return made

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take down what became of a target, in whichever process that was."""
        if told := getattr(report, HEARD, None):
            heard = Heard(**json.loads(told))
            self._heard[heard.name] = heard

    def _finish(self, hearing: Hearing) -> Heard:
        """Write a target's reports, and let go of its evidence."""
        report: dict[str, Any] = {}
        if hearing.examination:
            report = hearing.report
            if folder := hearing.settings.report_dir:
                hearing.write(folder, report)
        unjudged = hearing.unjudged
        wrong = hearing.own_error or hearing.unwritten
        heard = Heard(hearing.name, hearing.told, list(hearing.remarks()), wrong, unjudged, report)
        hearing.examination = None
        return heard

    # -- telling

    @property
    def _compared(self) -> list[Mapping[str, Any]]:
        """The reports to compare, in the order of the file."""
        found = (self._heard.get(hearing.name) for hearing in self.hearings)
        return [heard.report for heard in found if heard and heard.report]

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:
        """Say by the exit status what became of the contract; write the comparison, and each target's junit.xml."""
        for hearing in self.hearings:
            if hearing.examination is not None:
                # It was asked, and the session ended before its last clause.
                self._heard[hearing.name] = self._finish(hearing)
        if self._worker or self.config.option.collectonly:
            return (yield)
        if not (session.shouldstop or session.shouldfail or session.exitstatus == pytest.ExitCode.INTERRUPTED):
            self._lost = tuple(sorted(self._expected - self._heard.keys()))
        told = self._tell_elsewhere()
        with private.by_default():
            done = yield
            written = self._write(self._folder) if self._folder and self._heard else []
        self._leaks = self._found_in([*told, *written])
        verdicts = [heard.verdict for heard in self._heard.values()]
        own_error = bool(self._lost or self._leaks) or any(heard.own_error for heard in self._heard.values())
        session.exitstatus = exit_status(session.exitstatus, verdicts, own_error=own_error)
        return done

    def _tell_elsewhere(self) -> list[Path]:
        """Tell junit.xml of the targets that could not be judged, and a workflow of all of them; the files of both."""
        for heard in self._heard.values():
            if heard.unjudged:
                junit.add_error(self.config, heard.unjudged, heard.name)
        for name in self._lost:
            junit.add_error(self.config, LOST, name)
        whole = junit.path(self.config)
        summaries = self.workflow.tell(self._compared) if self.workflow else []
        errors = [f"{one.name}: {one.own_error}" for one in self._heard.values() if one.own_error]
        if self.workflow and (errors := [*errors, *(f"{name}: {LOST}" for name in self._lost)]):
            self.workflow.tell_error("\n".join(errors))
        return [*summaries, *([whole] if whole else [])]

    def _write(self, folder: Path) -> list[Path]:
        """Write what is about all targets together, and each one's junit.xml; the files."""
        from . import page  # noqa: PLC0415 - as in `Examination.write`

        comparison = folder / "comparison.html"
        private.write(comparison, [page.render_comparison(compare.compare(self._compared))])
        whole = junit.path(self.config)
        parts = {name: folder / name / "junit.xml" for name in self._heard} if whole and whole.exists() else {}
        if whole and parts:
            junit.write_parts(whole, parts)
        return [comparison, *parts.values()]

    def _found_in(self, written: Sequence[Path]) -> list[str]:
        """The files in which a secret of a target stands, each with the secret's name."""
        asked = [hearing.vault for hearing in self.hearings if hearing.vault]
        # What another process asked is known here by what was given to ask it with.
        others = [one.values for one in self.hearings if one.values and not one.vault]
        vaults = [*asked, *(options.vault_of(values, self.document.words) for values in others)]
        return [found for vault in vaults for found in vault.leaks(path for path in written if path.exists())]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """A line for each target and the comparison, after pytest's summary."""
        if not self._heard and not self._lost:
            return
        terminalreporter.section("contract")
        if len(self._compared) > 1:
            for line in compare.as_text(compare.compare(self._compared)):
                terminalreporter.write_line(visible(line))
            terminalreporter.write_line("")
        for hearing in self.hearings:
            for line, colour in self._told(hearing.name):
                terminalreporter.write_line(visible(line), **colour)
        if self._leaks:
            terminalreporter.write_line(leaked(self._leaks), red=True, bold=True)
        terminalreporter.write_line(self._counts(), bold=True)

    def _told(self, name: str) -> Iterator[tuple[str, Mapping[str, bool]]]:
        """The lines about one target, each with its colour."""
        width = max(len(hearing.name) for hearing in self.hearings)
        heard = self._heard.get(name)
        if heard is None:
            why = LOST if name in self._lost else "its turn did not come" if name in self._expected else "not selected"
            yield f"{name:{width}}  {why}", {}
            return
        yield f"{name:{width}}  {heard.sentence}", console.verdict_colour(heard.verdict)
        for remark in heard.remarks:
            yield f"{'':{width}}  {remark}", {}

    def _counts(self) -> str:
        """How many targets there are of each verdict, and which, for those that are not as they should be."""
        by_verdict: dict[str, list[str]] = {PASS: [], FAIL: [], COULD_NOT_JUDGE: []}
        for hearing in self.hearings:
            heard = self._heard.get(hearing.name)
            if heard or hearing.name in self._expected:
                by_verdict[heard.verdict if heard else COULD_NOT_JUDGE].append(hearing.name)
        words = {PASS: "kept by", FAIL: "broken by", COULD_NOT_JUDGE: "could not be judged:"}
        counts = [f"{words[FAIL]} {', '.join(by_verdict[FAIL])}"] if by_verdict[FAIL] else []
        if by_verdict[COULD_NOT_JUDGE]:
            counts.append(f"{words[COULD_NOT_JUDGE]} {', '.join(by_verdict[COULD_NOT_JUDGE])}")
        total = sum(map(len, by_verdict.values()))
        return "; ".join([f"FLEET: {words[PASS]} {len(by_verdict[PASS])} of {total} targets", *counts])


def target_of(nodeid: str) -> str:
    """The name of the target that an item is about, which is all that xdist knows of it."""
    return nodeid.rpartition("[")[2].partition(":")[0]
