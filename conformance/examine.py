"""Examination: one target asked, or its kept evidence read, then judged and reported. Knows no pytest."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from contracts import Document
from contracts.keeping import Keep, make_anew

from . import draws, evidence, memory, private, rounds
from .ask import Asker, Progress
from .clause import Catalogue, Clause
from .credentials import TOKEN, Vault
from .evidence import Evidence
from .judgement import Verdict
from .known import Known
from .login import Login, Renewal
from .patience import INTERRUPTED
from .probe import Probe
from .probes import Probes, suite_version
from .report import Outcomes, report
from .target import Limits, Target
from .verdicts import Outcome, Verdicts


class Examination:
    """One target under some clauses: what is known of it, and what became of each clause.

    ``header`` says how it was made, as report.json has it: suite, contract, started and seconds. ``notes`` say what
    happened on the way that its reader has to know.
    """

    def __init__(self, known: Known, catalogue: Catalogue, header: dict[str, Any], vault: Vault) -> None:
        self.known = known
        self.verdicts = Verdicts(known, catalogue)
        self.header = header
        self.vault = vault
        self.notes: list[str] = []

    @staticmethod
    def of_target(
        document: Document,
        target: Target,
        vault: Vault,
        catalogue: Catalogue,
        *,
        pinned: Mapping[str, str],
        examples: int,
        seed: int,
        exhaustive: bool = False,
        keep: Keep = make_anew,
        warnings: Sequence[str] = (),
    ) -> Examination:
        """An examination of a target that has still to be asked."""
        header: dict[str, Any] = {
            "suite": {"version": suite_version(), "seed": seed},
            "contract": _of(document),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "warnings": list(warnings),
        }
        kept = Evidence({**header, "target": target.as_json()})

        def draw() -> dict[str, list[Probe]]:
            return _drawn(document, target, examples, seed, keep)

        known = Known(document, target, kept, pinned=pinned, draw=draw, seed=seed, exhaustive=exhaustive)
        return Examination(known, catalogue, header, vault)

    @staticmethod
    def of_evidence(document: Document, path: Path, catalogue: Catalogue, *, pinned: Mapping[str, str]) -> Examination:
        """An examination by kept evidence; `evidence.BadEvidence` with one line where the file holds none."""
        kept = evidence.read(path)
        try:
            target = Target.from_json(kept.header["target"])
            header = {name: kept.header[name] for name in ("suite", "started")}
            header["warnings"] = list(kept.header.get("warnings", ()))
            header["contract"] = _of(document)
            header["seconds"], stopped = kept.footer["seconds"], kept.footer["stopped"]
            seed = int(header["suite"]["seed"])
        except (KeyError, TypeError, ValueError) as error:
            raise evidence.BadEvidence(f"{path}: the evidence does not say of what: {error!r}") from None
        known = Known(document, target, kept, pinned=pinned, draw=lambda: {"valid": (), "invalid": ()}, seed=seed)
        examination = Examination(known, catalogue, header, Vault({}))
        examination.verdicts.stopped = stopped
        examination.verdicts.ended = kept.footer.get("ended", "")
        examination.notes = list(kept.footer.get("notes", ()))
        return examination

    # -- asking

    def stop(self, reason: str) -> None:
        """Note that nothing can be asked, and why."""
        self.verdicts.stopped = reason
        self.header["seconds"] = 0.0
        self.known.evidence.footer = {"seconds": 0.0, "stopped": reason, "ended": "", "requests": 0, "bytes": 0}

    def ask(self, limits: Limits, progress: Progress | None = None, login: Login | None = None) -> None:
        """Ask the target; where that cannot begin, `verdicts.stopped` says why.

        With the ``login`` that gave the token, one that expires on the way is renewed once, and noted.
        """
        # Here, because a replay and a look at the catalogue have no use for the libraries that it stands on.
        import urllib3  # noqa: PLC0415

        from .wire import Wire  # noqa: PLC0415

        begun = time.monotonic()
        memory.give_large_blocks_back()
        wire = Wire(self.known.target, self.vault, limits)
        renewal = Renewal(login, limits, lambda token: self.vault.put(TOKEN, token)) if login else None
        asker = Asker(wire, limits, progress, renewal)
        if limits.trust is False:
            # It is said once, and not at each request.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        try:
            with _quiet_libraries():
                rounds.ask(self.verdicts, asker)
        except rounds.CouldNotAsk as error:
            self.verdicts.stopped = str(error)
        except KeyboardInterrupt:
            asker.patience.ended = INTERRUPTED
            raise
        finally:
            wire.close()
            self.verdicts.ended = asker.patience.ended
            self.header["seconds"] = round(time.monotonic() - begun, 3)
            said = (renewal.said if renewal else "", asker.said, _told_of_dropped(wire.tally.dropped))
            self.notes = [note for note in said if note]
            notes = {"notes": self.notes} if self.notes else {}
            self.known.evidence.footer = {
                "seconds": self.header["seconds"],
                "stopped": self.verdicts.stopped,
                "ended": self.verdicts.ended,
                "requests": wire.tally.requests,
                "bytes": wire.tally.bytes,
                **notes,
            }

    # -- judging

    def outcomes(self, selected: Sequence[Clause], reached: Iterable[Clause]) -> dict[Clause, Outcome]:
        """What became of each selected clause; those whose turn never came are inconclusive."""
        turns = set(reached)
        unreached = Outcome(Verdict.INCONCLUSIVE, reason=self.verdicts.stopped or "the run ended before its turn came")
        return {clause: self.verdicts.outcome(clause.id) if clause in turns else unreached for clause in selected}

    # -- telling

    def report(self, outcomes: Outcomes, verdict: str) -> dict[str, Any]:
        """The object of report.json."""
        notes = {"notes": self.notes} if self.notes else {}
        return report(self.known, outcomes, self.header, verdict) | notes

    @staticmethod
    def get_ready_to_write() -> None:
        """Read meanwhile what `write` needs: while a target is waited for, there is time for it."""
        threading.Thread(target=_read_page, name="getting ready to write", daemon=True).start()

    def write(self, folder: Path, made: Mapping[str, Any]) -> list[Path]:
        """Write report.json, its page and evidence.jsonl into a folder; OSError where that cannot be."""
        page = _read_page()
        report_path, page_path, evidence_path = (
            folder / f"{name}" for name in ("report.json", "report.html", "evidence.jsonl")
        )
        private.write(report_path, [json.dumps(made, ensure_ascii=True, indent=1), "\n"])
        private.write(page_path, [page.render(made)])
        self.known.evidence.write(evidence_path)
        return [report_path, page_path, evidence_path]


def _read_page() -> ModuleType:
    # Here, because the templates' engine takes longer to import than a run without reports has to spare.
    from . import page  # noqa: PLC0415

    page.get_ready()
    return page


def _told_of_dropped(number: int) -> str:
    """What is said of requests under which the connection was closed; nothing where it never was."""
    times = "a request" if number == 1 else f"{number} requests"
    answered = f"the connection was closed under {times}, answered when asked again over another"
    return f"{answered}: a server may do so (RFC 9112 section 9.3.1), and one that loses answers does" if number else ""


@contextlib.contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Keep urllib3 from logging what it sends: a probe may hold a token in its query."""
    logger = logging.getLogger("urllib3")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _of(document: Document) -> dict[str, str]:
    return {"document": document.name, "sha256": document.sha256}


def _drawn(document: Document, target: Target, examples: int, seed: int, keep: Keep) -> dict[str, list[Probe]]:
    """The drawn requests for a target; draws may be kept between runs, for nothing about a target is in them."""
    kept = keep(draws.key(document, examples, seed), lambda: draws.draw(document, examples, seed))
    good = Probes(document, target).good
    own = {target.party, target.tenant_id, target.region, target.other_region} - {""}
    return {
        # What was drawn for wrong may by chance be the target's own.
        kind: [draws.asked(tuple(map(tuple, query)), good) for query in queries if own.isdisjoint(dict(query).values())]
        for kind, queries in kept.items()
    }
