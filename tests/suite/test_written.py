"""What a run writes: whole or not at all, and a run that could not write it says so and is no success."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import private
from tests.suite import slow
from tests.suite.gate import ROOT, Gate, Run


def test_file_is_private_and_written_anew(tmp_path: Path) -> None:
    """Whatever was there, by whatever mode, the file is the user's alone and holds what was written last."""
    file = tmp_path / "report.json"
    file.write_text("an older and longer one")
    private.write(file, ["a", "b"])
    assert file.read_text() == "ab"
    assert file.stat().st_mode & 0o777 == private.FILE
    assert [*tmp_path.iterdir()] == [file]


def test_file_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    """No half of a report takes the place of an earlier one, and the error names the file."""
    file = tmp_path / "report.json"
    file.write_text("whole")

    def pieces() -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=r"No space left.*report\.json"):
        private.write(file, pieces())
    assert file.read_text() == "whole"
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize("name", slow.but_every(3, ["report.json", "evidence.jsonl", "junit.xml"]))
def test_report_that_cannot_be_written_is_one_line_beside_the_verdict(
    gate: Gate, healthy: Run, tmp_path: Path, name: str
) -> None:
    """A run whose report is lost ends as an error of ours and says which; the verdict is told all the same."""
    (tmp_path / name).mkdir()
    run = gate(f"--replay={healthy.evidence}", f"--report-dir={tmp_path}")
    assert run.exit == 3
    assert "KEPT: " in run.out
    assert run.said.splitlines().count(f"a report could not be written: {tmp_path / name}: Is a directory") == 1
    assert "Traceback" not in run.said


def test_report_is_named_where_it_was_written(gate: Gate, healthy: Run) -> None:
    """The last that a run says of itself is where its page lies."""
    run = gate(f"--replay={healthy.evidence}")
    assert f"report    {run.folder / 'report.html'}" in run.out.splitlines()


@pytest.mark.skipif(not (ROOT / ".venv").exists() or not shutil.which("bash"), reason="./gate was never run here")
def test_gate_takes_paths_from_where_it_is_called(healthy: Run, tmp_path: Path) -> None:
    """Called in another folder, it reads and writes there what its options name."""
    shutil.copy(healthy.evidence, tmp_path / "kept.jsonl")
    words = [str(ROOT / "gate"), "-q", "-p", "no:cacheprovider", "--replay=kept.jsonl", "--report-dir=made"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "made" / "report.html").exists()
