"""Private files: what a run writes is for the user alone, whatever the umask; a target's data stands in it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def folder(path: Path) -> None:
    """Make a folder, and those above it; one that is there stays as it is. OSError where that cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_dir():
        path.mkdir(FOLDER)
        path.chmod(FOLDER)


def write(path: Path, pieces: Iterable[str]) -> None:
    """Write a file anew, whole or not at all; OSError where that cannot be."""
    part = path.with_name(f".{path.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            # One that was left there has kept its mode.
            close(part)
            file.writelines(pieces)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error


def close(path: Path) -> None:
    """Close a file to others, where the file system can do that."""
    with contextlib.suppress(PermissionError):
        path.chmod(FILE)


@contextlib.contextmanager
def by_default() -> Iterator[None]:
    """Have what others write meanwhile be private too."""
    usual = os.umask(0o777 & ~FOLDER)
    try:
        yield
    finally:
        os.umask(usual)
