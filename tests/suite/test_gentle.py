"""A target is asked gently: no faster and no more at once than told, by a name, and no longer than somebody wants."""

from __future__ import annotations

import itertools
import json
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conformance import kept, private
from conformance.probes import suite_version
from tests.suite import slow
from tests.suite.gate import ROOT, Gate, Run
from tests.suite.hostile import answered_by
from tests.suite.servers import Reference, Served, Talk, talking

CARD = ("party", "tenant_id", "region", "token")


@dataclass
class Watched:
    """What a server saw of its askers: when each request came, how many were under way at once, and the heads."""

    base_url: str = ""
    came: list[float] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    sent: int = 0
    most: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def request(self, head: bytes) -> Iterator[None]:
        """One request while it is under way."""
        with self._lock:
            self.came.append(time.monotonic())
            self.heads.append(head)
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1


@contextmanager
def watching(reference: Reference, pause: float = 0.0) -> Iterator[Watched]:
    """The reference, which takes its time over each answer, and what it saw."""
    seen = Watched()

    def talk(one: Talk) -> None:
        while head := one.request():
            with seen.request(head):
                time.sleep(pause)
                said = answered_by(reference.application, head)
            seen.sent += len(said)
            one.say(said)

    with talking(talk) as sockets:
        seen.base_url = sockets.base_url
        yield seen


def environment(reference: Reference, base_url: str) -> dict[str, str]:
    """What a gate needs to judge a server that takes the reference's token."""
    return {"PYTEST_BASE_URL": base_url, **{f"MANA_{name.upper()}": reference.card[name] for name in CARD}}


def test_rate_is_kept_to_as_the_server_sees_it(gate: Gate, reference: Reference) -> None:
    """All requests together take as long as the limit wants, or longer, but for a few at the ends."""
    with watching(reference) as seen:
        run = gate("-m", "headers", "--rate-limit=20/s", environment=environment(reference, seen.base_url))
    assert run.exit == 0, run.said
    assert len(seen.came) > 20
    # Among the few is that by which a second connection is seen to be served.
    assert max(seen.came) - min(seen.came) >= (len(seen.came) - 4) / 20


@pytest.mark.parametrize("most", slow.but_every(2, [3, 1]))
def test_no_more_is_asked_at_once_than_told(gate: Gate, reference: Reference, most: int) -> None:
    """At no time are more requests under way than the option says; and as many are, where there is enough to ask."""
    with watching(reference, pause=0.03) as seen:
        run = gate("-m", "auth", f"--concurrency={most}", environment=environment(reference, seen.base_url))
    assert run.exit == 0, run.said
    assert seen.most == most


def test_requests_name_the_suite(gate: Gate, reference: Reference) -> None:
    """Each request says in its User-Agent which suite asks, and in which version."""
    with watching(reference) as seen:
        gate("-k", "HEAD-02", environment=environment(reference, seen.base_url))
    assert seen.heads
    agent = f"user-agent: mana-conformance/{suite_version()}\r\n".encode()
    assert all(agent in head.lower() for head in seen.heads)


def test_report_counts_requests_and_bytes(gate: Gate, reference: Reference) -> None:
    """The report says how many requests the server saw, and about how many bytes it sent."""
    with watching(reference) as seen:
        run = gate("-m", "headers or body", environment=environment(reference, seen.base_url))
    assert run.report["requests"] == len(seen.heads)
    # What is not counted are status lines and the marks between lines.
    assert 0.9 * seen.sent < run.report["bytes"] <= seen.sent


@pytest.mark.slow
def test_long_asking_is_told_in_a_log(gate: Gate, reference: Reference) -> None:
    """Where no terminal shows it, a line now and then says how far asking is."""
    with watching(reference) as seen:
        run = gate("-m", "auth", "--rate-limit=6/s", environment=environment(reference, seen.base_url))
    assert "asking, first round: " in run.out


# -- ending it

ROUND = 280
"""Requests after which all of the first round is answered, and not yet all of the second."""


@pytest.mark.parametrize("word", slow.but_every(2, [signal.SIGTERM, signal.SIGINT]))
def test_run_that_is_told_to_end_writes_what_it_found(gate: Gate, reference: Reference, word: signal.Signals) -> None:
    """Ctrl-C, and SIGTERM as CI systems send it, end a run within two seconds; what was found by then is reported."""
    stuck, numbers = threading.Event(), itertools.count()

    def talk(one: Talk) -> None:
        while head := one.request():
            if next(numbers) > ROUND:
                stuck.set()
                time.sleep(60)
                return
            one.say(answered_by(reference.application, head))

    with talking(talk) as server:
        folder, command, given = gate.prepared("--rate-limit=100", environment=environment(reference, server.base_url))
        with subprocess.Popen(  # noqa: S603 - the command is the gate's
            command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert stuck.wait(timeout=60)
            process.send_signal(word)
            told = time.monotonic()
            out, _ = process.communicate(timeout=30)
            took = time.monotonic() - told
    run = Run(process.returncode, out, "", folder)
    assert run.exit == 2, out
    assert kept.read(folder / "report.json")["verdict"] == "could-not-judge"
    assert "the run was interrupted" in {one.get("reason") for one in run.clauses.values()}
    assert run.verdicts["BODY-01"] == "pass", run.clauses["BODY-01"]["reason"]
    assert '"footer"' in run.evidence.read_text(encoding="utf-8")
    assert took < 2 * SLACK


SLACK = 5
"""How many times longer a machine that does much else may take than one that does not."""


# -- what is left behind


def mode(path: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_is_private(gate: Gate, served: Served) -> None:
    """The folder of reports and every file in it are for the user alone, though the umask allows all."""
    folder, command, given = gate.prepared("-k", "HEAD-02", environment=served.environment)
    shell = ["sh", "-c", 'umask 0; exec "$@"', "sh", *command]
    done = subprocess.run(shell, cwd=ROOT, env=given, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout
    assert {path.name: mode(path) for path in folder.iterdir()} == dict.fromkeys(
        ("report.json", "report.html", "evidence.jsonl", "junit.xml"), 0o600
    )
    assert mode(folder) == 0o700


def test_file_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    """A file that is written anew is private, whoever could read the old one."""
    file = tmp_path / "report.json"
    file.write_text("{}")
    file.chmod(0o644)
    private.write(file, [json.dumps({"a": 1}), "\n"])
    assert (mode(file), file.read_text()) == (0o600, '{"a": 1}\n')
