"""The templates in examples/ci: the commands that stand in them do what their pipelines rely on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.suite.gate import ROOT
from tests.suite.servers import Reference, Served, in_machines

TEMPLATES = ROOT / "examples" / "ci"
SUITE = ("conformance", "contracts", "schemas", "reference", "tests/contract", "conftest.py", "pyproject.toml")
"""What a checkout of the suite needs to have to judge."""

INSTALL = "python -m pip install ."
"""The one command that is not run, as these tests run where that has been done."""

FEW = "-k 'HEAD-02 or FIELD-cpu_num' --examples=0"
"""Enough clauses to tell red from green."""

GIT = """#!/bin/sh
# Stands for git: puts a checkout where a clone is wanted.
for last; do :; done
cp -R {checkout} "$last"
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The suite as it is cloned."""
    folder = tmp_path_factory.mktemp("checkout") / "suite"
    for name in SUITE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def vendors(reference: Reference) -> Iterator[dict[str, Served]]:
    """A vendor that keeps the contract, and one that does not."""
    strings = in_machines(lambda machine: {**machine, "cpu_num": str(machine["cpu_num"])})
    with reference.serving() as good, reference.serving(strings) as bad:
        yield {"acme": good, "bolt": bad}


def values(server: Served) -> dict[str, str]:
    """What the variables and secrets of a vendor say; every vendor's party is the reference's own."""
    names = ("party", "tenant_id", "region", "token")
    return {
        "STAGING_URL": server.base_url,
        "BASE_URL": server.base_url,
        **{f"MANA_{name.upper()}": server.card[name] for name in names},
    }


def template(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((TEMPLATES / name).read_text(encoding="utf-8"))
    return read


def run(lines: list[str], folder: Path, checkout: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run the lines of a job in one shell, as CI systems do; the exit status and what was printed."""
    tools = folder / ".tools"
    tools.mkdir(parents=True, exist_ok=True)
    git = tools / "git"
    git.write_text(GIT.format(checkout=checkout), encoding="utf-8")
    git.chmod(0o755)
    done = subprocess.run(  # noqa: S603 - the templates' own lines
        ["/bin/bash", "-e", "-o", "pipefail", "-c", "\n".join(line for line in lines if line != INSTALL)],
        cwd=folder,
        env={
            **environment,
            "PATH": os.pathsep.join([str(tools), str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
            "PYTEST_ADDOPTS": FEW,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


# -- GitHub


def filled(value: Any, known: Mapping[str, str]) -> Any:
    """A value with its expressions resolved; KeyError for one that nothing is known of."""

    def resolved(found: re.Match[str]) -> str:
        return known[found[1].strip().rpartition(".")[2]]

    return re.sub(r"\$\{\{(.*?)\}\}", resolved, value) if isinstance(value, str) else value


def steps(job: Mapping[str, Any], folder: Path, checkout: Path, known: Mapping[str, str]) -> tuple[int, str]:
    """Run a job in a checkout of the suite; artifacts are up- and downloaded to and from the folder above it."""
    here = folder / "work"
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(checkout, here)
    failed, said = 0, ""
    for step in job["steps"]:
        if failed and step.get("if") != "always()":
            continue
        given = {name: filled(value, known) for name, value in step.get("with", {}).items()}
        match step.get("uses", "").partition("@")[0]:
            case "actions/upload-artifact":
                keep(here / given["path"], folder / "artifacts" / given["name"])
            case "actions/download-artifact":
                shutil.copytree(folder / "artifacts", here / given["path"])
            case "":
                variables = {name: filled(value, known) for name, value in step.get("env", {}).items()}
                code, text = run([step["run"]], here, checkout, variables)
                failed, said = failed or code, said + text
            case other:
                assert other in {"actions/checkout", "actions/setup-python"}
    return failed, said


def keep(what: Path, where: Path) -> None:
    if what.is_dir():
        shutil.copytree(what, where)
    else:
        where.mkdir(parents=True)
        shutil.copy(what, where)


@pytest.mark.parametrize(("vendor", "status"), [("acme", 0), ("bolt", 1)])
def test_github_gate(vendors: dict[str, Served], checkout: Path, tmp_path: Path, vendor: str, status: int) -> None:
    """The job is green for a server that keeps the contract and red for one that breaks it, with the report kept."""
    job = template("github.yml")["jobs"]["contract"]
    code, said = steps(job, tmp_path, checkout, values(vendors[vendor]))
    assert code == status, said
    assert {path.name for path in (tmp_path / "artifacts" / "report").iterdir()} >= {"report.html", "junit.xml"}


def test_github_vendors(vendors: dict[str, Served], checkout: Path, tmp_path: Path) -> None:
    """Each vendor is judged, and all of them are compared also where one is red."""
    jobs = template("github-vendors.yml")["jobs"]
    for vendor in jobs["judge"]["strategy"]["matrix"]["vendor"]:
        known = {**values(vendors[vendor]), "vendor": vendor}
        party = vendors[vendor].card["party"]
        # The parties of the template are made up; the reference knows its own.
        job = {**jobs["judge"], "steps": [renamed(step, party) for step in jobs["judge"]["steps"]]}
        assert steps(job, tmp_path, checkout, known)[0] == (vendor == "bolt")
    assert jobs["compare"]["needs"] == "judge"
    code, said = steps(jobs["compare"], tmp_path, checkout, {})
    assert code == 0, said
    assert "Where they disagree (1)" in said
    assert "FIELD-cpu_num" in said
    assert (tmp_path / "artifacts" / "comparison" / "comparison.html").exists()


def renamed(step: Mapping[str, Any], party: str) -> dict[str, Any]:
    return {**step, "env": {**step["env"], "MANA_PARTY": party}} if "env" in step else dict(step)


# -- GitLab


def reports_are_there(job: Mapping[str, Any], folder: Path) -> bool:
    """Whether what a job is to keep was made."""
    kept = job["artifacts"]
    wanted = [*kept["paths"], *([kept["reports"]["junit"]] if "reports" in kept else [])]
    return all(any(folder.glob(one)) for one in wanted)


@pytest.mark.parametrize(("vendor", "status"), [("acme", 0), ("bolt", 1)])
def test_gitlab_gate(vendors: dict[str, Served], checkout: Path, tmp_path: Path, vendor: str, status: int) -> None:
    """The job is green for a server that keeps the contract and red for one that breaks it, with the report kept."""
    job = template("gitlab.yml")["contract"]
    code, said = run(job["script"], tmp_path, checkout, values(vendors[vendor]) | job["variables"])
    assert code == status, said
    assert reports_are_there(job, tmp_path)
    assert job["artifacts"]["when"] == "always"


@pytest.mark.slow
def test_gitlab_vendors(vendors: dict[str, Served], checkout: Path, tmp_path: Path) -> None:
    """Each vendor is judged, and all of them are compared also where one is red."""
    read = template("gitlab-vendors.yml")
    [matrix] = read["judge"]["parallel"]["matrix"]
    for vendor in matrix["MANA_PARTY"]:
        folder = tmp_path / vendor
        # The reference knows its own party, which no two vendors have; the template's name is that of the folder.
        lines = [line.replace("$MANA_PARTY", vendor) for line in read["judge"]["script"]]
        code, said = run(lines, folder, checkout, values(vendors[vendor]) | read["variables"])
        assert code == (vendor == "bolt"), said
        assert reports_are_there(read["judge"], folder)
        shutil.copytree(folder / "reports", tmp_path / "all" / "reports", dirs_exist_ok=True)
    assert (read["compare"]["needs"], read["compare"]["when"]) == (["judge"], "always")
    code, said = run(read["compare"]["script"], tmp_path / "all", checkout, read["variables"])
    assert code == 0, said
    assert "Where they disagree (1)" in said
    assert reports_are_there(read["compare"], tmp_path / "all")


@pytest.mark.parametrize("name", sorted(path.name for path in TEMPLATES.iterdir()))
def test_template_is_installed_as_told_and_holds_no_secret(name: str) -> None:
    """A template installs the checkout and no package by name, and takes the token from the system's own store."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    assert set(re.findall(r"python -m pip .*", text)) == {INSTALL}
    assert "--token" not in text
