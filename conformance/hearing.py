"""Hearing: one target before the judge in one session: asked once, heard clause by clause, then reported."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from contracts import Document
from contracts.keeping import Keep

from . import baseline, console, options, private
from .ask import Progress
from .clause import Catalogue, Clause
from .credentials import Vault
from .evidence import BadEvidence
from .examine import Examination
from .judgement import MUST, Verdict
from .login import LoginError
from .patience import INTERRUPTED
from .report import COULD_NOT_JUDGE, overall
from .target import warnings
from .verdicts import Outcome


class Hearing:
    """What becomes of one target under the clauses that were selected.

    ``name`` tells it from others of the session, and is empty where there are none. ``values`` is what is said of the
    target by option, None where the command line says it. ``examination`` is None until the target is asked.
    ``own_error`` says what went wrong that says nothing of the target, and ``traceback`` where, both without secrets;
    they are empty where nothing did. ``unwritten`` says which report could not be written, and why. ``vault`` holds the
    secrets, and a token that a login gave, once the target was asked.
    """

    def __init__(self, settings: options.Settings, name: str = "", values: Mapping[str, str] | None = None) -> None:
        self.settings = settings
        self.name = name
        self.values = values
        self.selected: list[Clause] = []
        self.examination: Examination | None = None
        self.vault: Vault | None = None
        self.own_error = ""
        self.traceback = ""
        self.unwritten = ""
        self._reached: set[Clause] = set()

    @property
    def prefix(self) -> str:
        """What stands before a clause's id to tell it from the same of another target."""
        return f"{self.name}:" if self.name else ""

    # -- asking

    def replay(self, path: Path, document: Document, catalogue: Catalogue) -> None:
        """Take the evidence of an earlier run; UsageError with one line where the file holds none."""
        try:
            self.examination = Examination.of_evidence(document, path, catalogue, pinned=self.settings.pinned)
        except BadEvidence as error:
            raise pytest.UsageError(f"--replay {error}") from None

    def ask(
        self, values: Mapping[str, str], document: Document, catalogue: Catalogue, keep: Keep, progress: Progress
    ) -> None:
        """Ask the target of these values; UsageError with one line where they describe none.

        An error of our own is kept, told without the values around it, some of which are secret.
        """
        try:
            self._ask(dict(values), document, catalogue, keep, progress)
        except pytest.UsageError:
            raise
        except Exception as error:  # noqa: BLE001 - kept, and told as an error of ours
            vault = self.examination.vault if self.examination else Vault({})
            self.own_error, _ = vault.scrub_text(f"{type(error).__name__}: {error}")
            self.traceback, _ = vault.scrub_text(traceback.format_exc())
            if self.examination:
                self.examination.stop(f"our own error, {self.own_error}")

    def _ask(
        self, values: dict[str, str], document: Document, catalogue: Catalogue, keep: Keep, progress: Progress
    ) -> None:
        target, login, refused = options.target_of(values), options.login_of(values), ""
        try:
            if login:
                values["token"] = login.token(self.settings.limits)
                target = options.target_of({**values, "username": "", "password": ""})
        except LoginError as error:
            refused = str(error)
        finally:
            # Whatever becomes of the login, a report is owed.
            self.vault = options.vault_of(values, document.words)
            self.examination = Examination.of_target(
                document,
                target,
                self.vault,
                catalogue,
                pinned=self.settings.pinned,
                examples=self.settings.examples,
                seed=self.settings.seed,
                exhaustive=self.settings.exhaustive,
                keep=keep,
                warnings=warnings(target, self.settings.limits),
            )
        if refused:
            self.examination.stop(refused)
        else:
            if self.settings.report_dir:
                self.examination.get_ready_to_write()
            self.examination.ask(self.settings.limits, progress, login)

    # -- judging

    @property
    def examined(self) -> Examination:
        """The examination; RuntimeError before there is one."""
        if self.examination is None:
            raise RuntimeError("the target was not asked yet")
        return self.examination

    @property
    def base_url(self) -> str:
        """The target's; empty before there is one."""
        return self.examination.known.target.base_url if self.examination else ""

    @property
    def stopped(self) -> str:
        """Why there is nothing to judge; empty where there is."""
        return self.own_error or (self.examination.verdicts.stopped if self.examination else "")

    def excuses(self, clause: Clause) -> bool:
        """Whether a failure of this clause is a known one."""
        return bool(self.settings.baseline and self.settings.baseline.excuses(clause))

    def binds(self, clause: Clause) -> bool:
        """Whether a failure of this clause breaks the contract in this run."""
        return (clause.level is MUST or self.settings.fail_on_should) and not self.excuses(clause)

    def reach(self, clause: Clause) -> Outcome:
        """What became of a clause whose turn has come."""
        self._reached.add(clause)
        if self.examination is None and self.own_error:
            return Outcome(Verdict.INCONCLUSIVE, reason=f"our own error, {self.own_error}")
        return self._counted(clause, self.examined.verdicts.outcome(clause.id))

    def _counted(self, clause: Clause, outcome: Outcome) -> Outcome:
        return self.settings.baseline.seen(clause, outcome) if self.settings.baseline else outcome

    @property
    def went_wrong(self) -> bool:
        """Whether something did that says nothing of the target."""
        return bool(self.own_error or self.unwritten)

    @property
    def outcomes(self) -> dict[Clause, Outcome]:
        """What became of each selected clause."""
        # Where asking was interrupted no clause had its turn, and what was asked is judged all the same.
        interrupted = self.examined.verdicts.ended == INTERRUPTED
        found = self.examined.outcomes(self.selected, self.selected if interrupted else self._reached)
        return {clause: self._counted(clause, outcome) for clause, outcome in found.items()}

    @property
    def verdict(self) -> str:
        """The verdict on the target, as far as it was heard."""
        if self.examination is None:
            return COULD_NOT_JUDGE
        return overall(
            self.outcomes,
            fail_on_should=self.settings.fail_on_should,
            allow_unjudged=self.settings.allow_unjudged,
            excused=self.excuses,
        )

    @property
    def unjudged(self) -> str:
        """Why a hearing with no red clause is no success all the same; empty where it is one, or where some are red."""
        if self.own_error:
            return f"our own error, which says nothing of the target: {self.own_error}"
        if self.examination is None:
            return "nothing was asked"
        if self.verdict != COULD_NOT_JUDGE:
            return ""
        return self.stopped or "\n".join(console.unjudged(self.report)) or "nothing was judged"

    # -- telling

    @property
    def closed(self) -> str:
        """What was not looked at, for want of an optional input; empty where all was."""
        return console.closed(self.selected, self.examined.known.target.given)

    @property
    def told(self) -> str:
        """The verdict on the target in a sentence, for a person."""
        if self.own_error or self.examination is None:
            return "COULD NOT JUDGE, by our own error"
        return f"COULD NOT JUDGE: {self.stopped}" if self.stopped else console.told(self.report)

    @property
    def report(self) -> dict[str, Any]:
        """The object of report.json."""
        outcomes = self.outcomes
        known = self.settings.baseline
        more = {"baseline": baseline.as_json(known, outcomes)} if known else {}
        return self.examined.report(outcomes, self.verdict) | more

    def write(self, folder: Path, report: Mapping[str, Any]) -> None:
        """Write the reports into a folder; a secret that is found in them afterwards is an error of our own."""
        with self.noting_unwritten():
            private.folder(folder)
            self.search(self.examined.write(folder, report))

    @contextlib.contextmanager
    def noting_unwritten(self) -> Iterator[None]:
        """Note what could not be written meanwhile, and go on."""
        try:
            yield
        except OSError as error:
            what = ": ".join(str(part) for part in (error.filename, error.strerror) if part)
            self.unwritten = f"a report could not be written: {what}"

    def search(self, written: Iterable[Path]) -> None:
        """Search what was written for secrets; one that is found is an error of our own."""
        if leaks := self.examined.vault.leaks(written):
            self.own_error = leaked(leaks)

    def remarks(self) -> Iterator[str]:
        """What has to be said of the run besides its verdict."""
        if self.settings.baseline and self.examination and not self.own_error:
            written = self.settings.report_dir and self.settings.report_dir / "report.json"
            yield from baseline.told(self.settings.baseline, self.report, written)
        if self.own_error:
            yield f"our own error, which says nothing of the target: {self.own_error}"
        if self.unwritten:
            yield self.unwritten
        if self.examination:
            yield from (f"warning: {one}" for one in self.examination.header["warnings"])
            yield from self.examination.notes
            for name in self.examination.vault.unsearched():
                yield f"{name} is too short or too plain to be searched for in what was written"
            if self.settings.report_dir and not self.unwritten:
                yield f"report    {self.settings.report_dir / 'report.html'}"


def leaked(leaks: Sequence[str]) -> str:
    """What is said of secrets that stand in what was written."""
    return f"a secret stands in what was written: {'; '.join(leaks)}"
