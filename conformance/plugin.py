"""The pytest plugin: declares the options and has a judge stand by for clauses.

It knows no rules: what is asked and judged is in the clauses, how in `examine`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from . import collector, named, options, private
from .clause import AREAS
from .github import Workflow
from .hearing import Hearing
from .judge import Judge, TargetJudge
from .judgement import Level


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options and settings."""
    options.add_options(parser)
    options.add_settings(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options that need no target, and stand by for clauses."""
    settings = options.settings(config.option)
    judge = _judge(config, settings, _workflow(config))
    if settings.report_dir:
        _make(settings.report_dir)
        # Set before pytest's own plugin looks for it, which then writes the file.
        config.option.xmlpath = config.option.xmlpath or str(settings.report_dir / "junit.xml")
    for level in Level:
        config.addinivalue_line("markers", f"{level.lower()}: clauses of the level {level}")
    for area in AREAS:
        config.addinivalue_line("markers", f"{area}: clauses of the area {area}")
    config.pluginmanager.register(judge, "contract-judge")


def pytest_unconfigure() -> None:
    """Let the interpreter end without a last look at everything that was read."""
    collector.overlook()


def _workflow(config: pytest.Config) -> Workflow | None:
    """What tells a workflow of GitHub, registered, where this is a step of one and the process that prints."""
    if os.environ.get("GITHUB_ACTIONS") != "true" or hasattr(config, "workerinput"):
        return None
    workflow = Workflow(config, os.environ)
    config.pluginmanager.register(workflow, "contract-workflow")
    return workflow


def _judge(config: pytest.Config, settings: options.Settings, workflow: Workflow | None) -> Judge:
    """Who judges: all targets of a file, one of them by its name, or the one that the options describe."""
    if config.option.clauses or config.option.clause_info:
        return TargetJudge(config, Hearing(settings))
    if several := named.fleet(config):
        # Imported here, because most runs have one target.
        from .fleet import FleetJudge  # noqa: PLC0415

        hearings = [Hearing(one.settings, one.name, one.values) for one in several]
        return FleetJudge(config, settings, hearings, workflow)
    if getattr(config.option, "numprocesses", None) and any("contract" in Path(one).parts for one in config.args):
        raise pytest.UsageError("-n is of no use for one target, which is asked concurrently as it is: leave it out")
    one = named.one(config)
    return TargetJudge(config, Hearing(one.settings, values=one.values) if one else Hearing(settings), workflow)


def _make(folder: Path) -> None:
    """Make the folder for reports before anything is asked, so that nothing is asked in vain."""
    try:
        private.folder(folder)
    except OSError as error:
        raise pytest.UsageError(f"--report-dir {folder}: {error.strerror}") from None
