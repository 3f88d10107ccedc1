"""`mana-gate` judges as `pytest` does in a checkout, wherever it is called, and what is packed is what it needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.command import SETTINGS
from tests.suite.gate import ROOT, Gate

CHECKOUTS = {"testpaths", "pythonpath", "markers"}
"""Settings that are about the tests of a checkout."""

MISTAKES = {
    "--examples=many": "argument --examples: invalid int value: 'many'",
    "--base-url": "argument --base-url: expected one argument",
    "--tenant_id=e58c78fe": "unrecognized arguments: --tenant_id=e58c78fe; did you mean --tenant-id?",
    "--zzz": "unrecognized arguments: --zzz; --help explains the options",
    "--seed=x": "--seed 'x': give a number, or the word random",
}
"""Options that are wrong, and what is said of each."""

LOWEST = {
    name: bound
    for name, _, bound in (line.partition("==") for line in (ROOT / "lowest.txt").read_text().splitlines()[1:])
}


def toml(path: Path) -> Any:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def called(*words: str, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """`mana-gate`, called in a folder by a user with this home."""
    code = "import sys; from conformance.command import main; sys.exit(main())"
    unset = {name: value for name, value in os.environ.items() if not name.startswith(("MANA_", "PYTEST_", "XDG_"))}
    environment = {**unset, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    # S603: the words are the tests' own.
    return subprocess.run(  # noqa: S603
        [sys.executable, "-P", "-c", code, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_has_the_settings_of_a_checkout() -> None:
    """Both sets of pytest's settings are one, but for what only a checkout has."""
    checkout = toml(ROOT / "pyproject.toml")["tool"]["pytest"]
    ours = toml(SETTINGS)["tool"]["pytest"]
    assert ours == {name: value for name, value in checkout.items() if name not in CHECKOUTS}


def test_it_judges_from_any_folder_and_leaves_nothing_there(tmp_path: Path) -> None:
    """Settings of the folder in which it is called are not taken for its own, and what it keeps is kept at home."""
    folder, home = tmp_path / "elsewhere", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    run = called("-k", "AUTH-01", "-q", "--report-dir", str(tmp_path / "out"), folder=folder, home=home)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "KEPT: 1 clause holds, " in run.stdout
    assert [path.name for path in folder.iterdir()] == ["pytest.ini"]
    assert (tmp_path / "out" / "junit.xml").is_file()
    assert [path.name for path in (home / ".cache").iterdir()] == ["mana-gate"]


def test_it_takes_the_options_of_a_checkout(tmp_path: Path) -> None:
    """A wrong option is wrong usage, told in one line, with the option that may have been meant."""
    for wrong, words in MISTAKES.items():
        run = called(wrong, folder=tmp_path, home=tmp_path)
        assert (run.returncode, run.stderr.strip()) == (4, f"ERROR: {words}")


def test_its_help_is_about_its_own_options(tmp_path: Path) -> None:
    """The help explains every option of ours, says what the exit status means, and leaves pytest's to pytest."""
    run = called("--help", folder=tmp_path, home=tmp_path)
    explained = set(re.findall(r"^  (--[a-z-]+)", run.stdout, re.MULTILINE))
    declared = set(re.findall(r"^  (--[a-z-]+)", Gate.help_of("pytest").partition("Contract: ")[2], re.MULTILINE))
    assert run.returncode == 0
    assert {"--base-url", "--report-dir", "--rate-limit"} <= explained
    assert explained - {"--base-url"} <= declared
    assert re.search("^exit: 0 .* 1 .* 3 .* 4 .* 6 ", run.stdout, re.MULTILINE)
    assert "--collect-only" not in run.stdout


def test_every_package_with_its_data_is_packed() -> None:
    """Each folder of ours that is imported, or read from, is named in the settings of the wheel."""
    packing = toml(ROOT / "pyproject.toml")["tool"]["setuptools"]
    places = {name: ROOT / packing["package-dir"].get(name, name.replace(".", "/")) for name in packing["packages"]}
    assert {"conformance", "conformance.contract", "contracts", "reference", "schemas"} <= set(places)
    for name, folder in places.items():
        packed = {path for glob in ["*.py", *packing["package-data"].get(name, ())] for path in folder.glob(glob)}
        there = {path for path in folder.iterdir() if path.is_file()}
        assert there == packed, name


@pytest.mark.parametrize("group", ["dependencies", "optional-dependencies"])
def test_lowest_packages_are_the_bounds(group: str) -> None:
    """What `tox run -e lowest` installs is the oldest of each package that may be installed."""
    project = toml(ROOT / "pyproject.toml")["project"][group]
    wanted = project if isinstance(project, list) else project["reference"]
    bounds = dict(one.partition(",")[0].split(">=") for one in wanted)
    assert bounds == {name: LOWEST[name] for name in bounds}
