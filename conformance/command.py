"""`mana-gate`: the gate where the suite is installed and not checked out: pytest, with our clauses and settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from .catalogue import CLAUSES

SETTINGS = Path(__file__).with_name("installed.toml")
"""pytest's settings, which a checkout has in pyproject.toml."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge as `pytest` does in a checkout, by the same options; returns its exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    kept = _cache()
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(kept / "hypothesis"))
    # Named in full, or pytest would take the settings of whatever project it is called in.
    ours = [f"--config-file={SETTINGS}", f"--rootdir={CLAUSES.parent}", "--override-ini", f"cache_dir={kept}"]
    return int(pytest.main([*ours, *given, str(CLAUSES)]))


def _cache() -> Path:
    """Where draws are kept between runs: the user's own folder, for neither the packages' nor the current one is."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "mana-gate"
