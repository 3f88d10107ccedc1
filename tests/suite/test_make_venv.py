"""The environment that gate and check make: made again where it was not made whole, and nobody else's lost."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.suite.gate import ROOT

PYTHON = """#!/bin/sh
case "$*" in
  --version) echo Python 3.11.0 ;;
  "-m venv"*) mkdir -p .venv/bin; kill -9 $PPID ;;
esac
"""
"""A Python that is broken off, with the script that called it, as it begins to make an environment."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the scripts need of a checkout, and a `python` beside it."""
    for name in (".make-venv", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "gate").write_text("set -euo pipefail\n. ./.make-venv\n")
    return tmp_path


def made(checkout: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": "./python"}
    return subprocess.run(
        ["/bin/bash", "gate"], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def test_making_that_was_broken_off_is_begun_anew(checkout: Path) -> None:
    """However early the making ended, the next run makes the environment again."""
    for _ in range(2):
        run = made(checkout)
        assert run.returncode == -9
        assert run.stderr == "making .venv (once; some 30 s)\n"


def test_environment_of_somebody_else_is_left_alone(checkout: Path) -> None:
    """An environment that these scripts did not make is not touched, and the user is told so in one line."""
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "theirs").touch()
    run = made(checkout)
    assert run.returncode == 3
    assert run.stderr == "gate: there is a .venv that was not made here; move it away, or run pytest in it\n"
    assert (checkout / ".venv" / "theirs").exists()
