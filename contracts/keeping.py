"""What is made of the document and takes long, kept from one run to the next by a key of all that it depends on."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

Keep = Callable[[str, Callable[[], Any]], Any]
"""Returns the JSON value that is kept under a key, or makes it and keeps it."""


def make_anew(_: str, make: Callable[[], Any]) -> Any:
    """Keep nothing."""
    return make()


def maker(*sources: Path, packages: tuple[str, ...]) -> str:
    """The code that makes a value, as a part of its key: packages by version, sources of ours by hash."""
    ours = sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]
    return "-".join((*map(version, packages), ours))
