"""The pytest plugin: declares the options and has a judge stand by for clauses.

It knows no rules: what is asked and judged is in the clauses, how in `examine`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from . import named, options
from .clause import AREAS
from .fleet import FleetJudge
from .hearing import Hearing
from .judge import Judge, TargetJudge
from .judgement import Level


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    options.add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options that need no target, and stand by for clauses."""
    settings = options.settings(config.option)
    judge = _judge(config, settings)
    if settings.report_dir:
        _make(settings.report_dir)
        # Set before pytest's own plugin looks for it, which then writes the file.
        config.option.xmlpath = config.option.xmlpath or str(settings.report_dir / "junit.xml")
    for level in Level:
        config.addinivalue_line("markers", f"{level.lower()}: clauses of the level {level}")
    for area in AREAS:
        config.addinivalue_line("markers", f"{area}: clauses of the area {area}")
    config.pluginmanager.register(judge, "contract-judge")


def _judge(config: pytest.Config, settings: options.Settings) -> Judge:
    """Who judges: all targets of a file, one of them by its name, or the one that the options describe."""
    if config.option.clauses:
        return TargetJudge(config, Hearing(settings))
    if several := named.fleet(config):
        return FleetJudge(config, settings, [Hearing(one.settings, one.name, one.values) for one in several])
    if getattr(config.option, "numprocesses", None) and any("contract" in Path(one).parts for one in config.args):
        raise pytest.UsageError("-n is of no use for one target, which is asked concurrently as it is: leave it out")
    one = named.one(config)
    return TargetJudge(config, Hearing(one.settings, values=one.values) if one else Hearing(settings))


def _make(folder: Path) -> None:
    """Make the folder for reports before anything is asked, so that nothing is asked in vain."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise pytest.UsageError(f"--report-dir {folder}: {error.strerror}") from None
