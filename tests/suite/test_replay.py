"""A run that ended can be judged again from its evidence, with no network at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.clause import Catalogue
from conformance.evidence import BadEvidence
from conformance.examine import Examination
from contracts import DEFAULT, read
from tests.suite.conftest import BROKEN_AREAS
from tests.suite.gate import Gate, Run

NO_SOCKETS = """
import socket


class Refused(socket.socket):
    def __init__(self, *args, **keywords):
        raise RuntimeError("a socket was opened")


socket.socket = Refused
"""

Line = dict[str, Any]


def lines_of(file: Path) -> list[Line]:
    """The objects of a file of JSON Lines."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which every Python fails to open a socket."""
    folder = tmp_path_factory.mktemp("offline")
    (folder / "sitecustomize.py").write_text(NO_SOCKETS)
    return {"PYTHONPATH": str(folder)}


def test_no_socket_can_be_opened_offline(offline: dict[str, str]) -> None:
    """The environment of the replays below really refuses sockets."""
    words = [sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', 9))"]
    done = subprocess.run(words, env={**os.environ, **offline}, capture_output=True, text=True, check=False)  # noqa: S603
    assert "a socket was opened" in done.stderr


def test_replay_gives_the_same_report(gate: Gate, healthy: Run, offline: dict[str, str]) -> None:
    """The evidence of a run, judged again without a network, gives the same report to the letter."""
    again = gate(f"--replay={healthy.evidence}", environment=offline)
    assert (again.exit, again.report) == (healthy.exit, healthy.report)


def test_replay_gives_the_same_findings(gate: Gate, broken: Run, offline: dict[str, str]) -> None:
    """What was red is red again, by the same exchanges; and its evidence is the same again."""
    again = gate(f"--replay={broken.evidence}", "-m", BROKEN_AREAS, environment=offline)
    assert (again.exit, again.report) == (1, broken.report)
    assert again.evidence.read_bytes() == broken.evidence.read_bytes()


def test_replay_of_a_run_that_could_not_ask(gate: Gate, unanswered: Run, offline: dict[str, str]) -> None:
    """Judged again, a target that gave no answer still could not be judged."""
    again = gate(f"--replay={unanswered.evidence}", environment=offline)
    assert (again.exit, again.report) == (6, unanswered.report)


def test_replay_is_judged_by_what_it_is_told(gate: Gate, healthy: Run, tmp_path: Path) -> None:
    """A replay by another document says which one it was judged by."""
    document = DEFAULT.read_text(encoding="utf-8")
    other = tmp_path / "other.rst"
    other.write_text(document.replace("| Number of CPU cores ", "| How many CPU cores  "), encoding="utf-8")
    again = gate(f"--replay={healthy.evidence}", f"--contract={other}", "-k", "FIELD-cpu_num")
    assert again.exit == 0
    assert again.report["contract"]["document"] == "other.rst"
    assert again.report["contract"]["sha256"] != healthy.report["contract"]["sha256"]


def test_each_body_is_stored_once(healthy: Run) -> None:
    """However often the same body came, the evidence holds it once."""
    lines = lines_of(healthy.evidence)
    stored = [(line.get("text"), line.get("base64")) for line in lines if "body" in line]
    keys = [line["body"] for line in lines if "body" in line]
    named = [line["response"]["body"] for line in lines if "response" in line]
    assert len(set(stored)) == len(stored) == len(set(keys))
    assert set(named) <= set(keys)
    assert len(named) > 2 * len(stored)


def without_footer(lines: list[Line]) -> list[Any]:
    return lines[:-1]


def without_first_exchange(lines: list[Line]) -> list[Any]:
    return [line for line in lines if line.get("exchange") != lines[2]["exchange"]]


def without_bodies(lines: list[Line]) -> list[Any]:
    return [line for line in lines if "body" not in line]


def of_another_format(lines: list[Line]) -> list[Any]:
    return [{**lines[0], "format": "mana-evidence/0"}, *lines[1:]]


def with_footer_that_says_nothing(lines: list[Line]) -> list[Any]:
    return [*lines[:-1], {"footer": {}}]


def with_half_a_footer(lines: list[Line]) -> list[Any]:
    return [*lines[:-1], {"footer": {"seconds": 1.0}}]


def with_header_that_says_nothing(lines: list[Line]) -> list[Any]:
    return [{"format": lines[0]["format"]}, *lines[1:]]


def without_seed(lines: list[Line]) -> list[Any]:
    return [{**lines[0], "suite": {}}, *lines[1:]]


def with_strange_target(lines: list[Line]) -> list[Any]:
    return [{**lines[0], "target": {**lines[0]["target"], "colour": "blue"}}, *lines[1:]]


def with_list_for_take(lines: list[Line]) -> list[Any]:
    return [*lines[:-1], {"take": {"before": 1, "after": 1, "asked": []}}, lines[-1]]


def with_text_for_status(lines: list[Line]) -> list[Any]:
    def changed(line: Line) -> Line:
        return {**line, "response": {**line["response"], "status": "200"}} if "response" in line else line

    return [changed(line) for line in lines]


def with_number_for_line(lines: list[Line]) -> list[Any]:
    return [*lines[:-1], 5, lines[-1]]


DAMAGE: list[Callable[[list[Line]], list[Any]]] = [
    without_footer,
    without_first_exchange,
    without_bodies,
    of_another_format,
    with_footer_that_says_nothing,
    with_half_a_footer,
    with_header_that_says_nothing,
    without_seed,
    with_strange_target,
    with_list_for_take,
    with_text_for_status,
    with_number_for_line,
]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damaged_evidence_is_told_as_such(
    broken: Run, tmp_path: Path, damage: Callable[[list[Line]], list[Any]]
) -> None:
    """Evidence that is cut, changed or of another format is told in one line that names the file."""
    file = tmp_path / "evidence.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in damage(lines_of(broken.evidence))), encoding="utf-8")
    assert_is_no_evidence(file)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"{", b"[1]\n", b"<html>\n", b"\xff\xfe\x00", b"[" * 100_000, b'{"format": "mana-report/1"}\n'],
    ids=["empty", "empty line", "cut", "list", "html", "binary", "deep", "report"],
)
def test_foreign_file_is_told_as_such(tmp_path: Path, content: bytes) -> None:
    """A file that holds no evidence is told in one line that names it."""
    file = tmp_path / "evidence.jsonl"
    file.write_bytes(content)
    assert_is_no_evidence(file)


def test_missing_evidence_is_wrong_usage(gate: Gate, tmp_path: Path) -> None:
    """A replay of a file that is not there ends with one line and the exit status for wrong usage."""
    run = gate(f"--replay={tmp_path / 'nothing.jsonl'}", "-k", "HEAD-02")
    assert run.is_wrong_usage("nothing.jsonl")


def test_cut_evidence_is_wrong_usage(gate: Gate, broken: Run, tmp_path: Path) -> None:
    """A replay of half a file ends with one line and the exit status for wrong usage."""
    half = tmp_path / "half.jsonl"
    half.write_bytes(broken.evidence.read_bytes()[: broken.evidence.stat().st_size // 2])
    run = gate(f"--replay={half}", "-k", "HEAD-02")
    assert run.is_wrong_usage("half.jsonl")


def assert_is_no_evidence(file: Path) -> None:
    """Fail unless a file is told in one line to be no evidence; by the harness itself, quicker than by a gate."""
    with pytest.raises(BadEvidence) as caught:
        Examination.of_evidence(read(DEFAULT), file, Catalogue([]), pinned={})
    assert str(file) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
