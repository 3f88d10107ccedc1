"""Servers as processes of their own, each of which says in one line of JSON where it is and whom it knows."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.suite.gate import ROOT

LIMIT = 20.0
"""Seconds after which a server that does not start, answer or end is a failure."""


@contextmanager
def started(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, stderr: int | None = None
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A server and the line with which it came up; it is killed with the block, if it has not ended by then."""
    # S603: the words are these tests' own.
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as process:
        try:
            yield process, _card(process)
        finally:
            process.kill()


@contextmanager
def started_reference(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The reference with these options, on a port that is free; what it says on standard error can be read."""
    command = [sys.executable, "-m", "reference", "--port", "0", "--until-stdin-closes", *options]
    with started(command, stderr=subprocess.PIPE) as both:
        yield both


def _card(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        assert selector.select(LIMIT), f"{process.args!r} said nothing for {LIMIT:g} s"
    card: dict[str, str] = json.loads(process.stdout.readline())
    return card
