"""Named targets: what targets.toml and the command line together say of each that is to be judged.

The command line has the last word on a target that is judged alone. The environment has none but through the variables
that the file names: a token that is meant for one target must not go to another because it happens to be set.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from . import options, targets
from .target import Limits

DEFAULT_FILE = Path("targets.toml")

KINDS: Mapping[str, targets.Kind] = {
    "base_url": str,
    **dict.fromkeys(options.ABOUT_TARGET, str),
    "auth_version": int | str,
    "unsafe_methods": bool,
    "reading": list,
    "baseline": str,
    "baseline_security": bool,
    "concurrency": int,
    "rate_limit": str,
    "request_timeout": float,
}
"""The options that a table may hold, and the types of their values."""

UNSAID: Mapping[str, Any] = {
    "unsafe_methods": False,
    "baseline": None,
    "baseline_security": False,
    "concurrency": Limits().concurrency,
    "rate_limit": None,
    "request_timeout": Limits().timeout,
}
"""Options that are not about the target itself, and their defaults: a table has the word where one has its default."""

ALONE = (*options.ABOUT_TARGET, "baseline", "baseline_security", "replay")
"""Options that make sense of one target only."""


@dataclass(frozen=True, slots=True)
class Named:
    """A target by its name: the settings of its run, and what is said of it by option."""

    name: str
    settings: options.Settings
    values: Mapping[str, str]


def fleet(config: pytest.Config) -> list[Named]:
    """The targets of ``--targets`` where all are to be judged; UsageError with one line for a mistake in any."""
    path: Path | None = config.option.targets
    if path is None or config.option.target is not None:
        return []
    for name in ALONE:
        if getattr(config.option, name):
            dashed = name.replace("_", "-")
            raise pytest.UsageError(f"--{dashed} is of one target: leave it out beside --targets, or add --target")
    _refuse_base_url(config.option, "--targets")
    return [_named(path, name, table, config.option, apart=True) for name, table in _tables(path).items()]


def one(config: pytest.Config) -> Named | None:
    """The target of ``--target``; None where it is not given, UsageError with one line for a mistake in it."""
    name = config.option.target
    if name is None:
        return None
    path: Path = config.option.targets or DEFAULT_FILE
    tables = _tables(path)
    if name not in tables:
        raise pytest.UsageError(f"--target {name}: no such target in {path}; there are {', '.join(tables)}")
    _refuse_base_url(config.option, "--target")
    return _named(path, name, tables[name], config.option, apart=False)


def _tables(path: Path) -> dict[str, targets.Table]:
    try:
        return targets.read(path, KINDS, options.SECRETS)
    except targets.BadTargets as error:
        raise pytest.UsageError(str(error)) from None


def _refuse_base_url(option: Any, other: str) -> None:
    """Refuse an address on the command line, which pytest-base-url does not tell from one in the environment."""
    if option.base_url and option.base_url != os.environ.get("PYTEST_BASE_URL"):
        raise pytest.UsageError(f"give either --base-url or {other}, which names the address")


def _named(path: Path, name: str, table: targets.Table, option: Any, *, apart: bool) -> Named:
    """A target by its table; ``apart`` gives it a folder of its own for reports, within that of all."""
    with _said_of(f"{path}: [targets.{name}]"):
        said = targets.resolved(table, os.environ)
        values = {key: str(said.get(key, "")).strip() for key in ("base_url", *options.ABOUT_TARGET)}
        values |= {key: getattr(option, key) for key in options.ABOUT_TARGET if getattr(option, key)}
        overlaid = _overlaid(option, said, path.parent)
        if apart and option.report_dir:
            overlaid.report_dir = option.report_dir / name
        values |= {"name": name, "unsafe_methods": "yes" if overlaid.unsafe_methods else ""}
        if lacking := [key for key in ("base_url", *options.missing(values)) if not values[key]]:
            raise targets.BadTargets(f"lacks {', '.join(lacking)}")
        # Made here only to find every mistake before anything is asked.
        options.target_of(values)
        options.login_of(values)
        options.vault_of(values)
        return Named(name, options.settings(overlaid), values)


def _overlaid(option: Any, said: Mapping[str, Any], folder: Path) -> argparse.Namespace:
    """The command line's options, those that it leaves open as a table says."""
    overlaid = argparse.Namespace(**vars(option))
    for key, unsaid in UNSAID.items():
        if key in said and getattr(option, key) == unsaid:
            setattr(overlaid, key, folder / said[key] if key == "baseline" else said[key])
    # Of two that pin the same reading, the later one counts.
    overlaid.reading = [*said.get("reading", ()), *option.reading]
    return overlaid


@contextmanager
def _said_of(where: str) -> Iterator[None]:
    try:
        yield
    except (pytest.UsageError, targets.BadTargets) as error:
        raise pytest.UsageError(f"{where}: {error}") from None
