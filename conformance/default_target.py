"""The default target: a server of its own process that is judged where no other target is given."""

from __future__ import annotations

import contextlib
import json
import selectors
import subprocess
import sys
from collections.abc import Iterator, Sequence

START_TIMEOUT = 30.0
"""Seconds in which the server has to say where it is."""


class NoDefaultTarget(Exception):
    """The server did not start; the text is one line for the user."""


@contextlib.contextmanager
def serving(command: Sequence[str]) -> Iterator[dict[str, str]]:
    """Start a server and yield what it says of itself, by option; it ends with the block, as its input is closed.

    ``python`` as the command's first word is the Python that runs this.
    """
    words = [sys.executable, *command[1:]] if command[0] == "python" else list(command)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            yield _first_line(server)
        finally:
            _end(server)


def _first_line(server: subprocess.Popen[str]) -> dict[str, str]:
    if server.stdout is None:
        raise RuntimeError("the server was started without a pipe")
    with selectors.DefaultSelector() as selector:
        selector.register(server.stdout, selectors.EVENT_READ)
        if not selector.select(START_TIMEOUT):
            raise NoDefaultTarget(f"the default target said nothing for {START_TIMEOUT:g} s")
    line = server.stdout.readline()
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise NoDefaultTarget(f"the default target did not start; it said {line.strip()[:200]!r}")
    return {name: str(value) for name, value in said.items()}


def _end(server: subprocess.Popen[str]) -> None:
    if server.stdin:
        server.stdin.close()
    try:
        server.wait(timeout=2)
    except subprocess.TimeoutExpired:
        server.kill()
