"""The servers written from the document alone, each by its own lights: its file, what runs it, its readings."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent

NAMES = ("vm_servers", "lan", "wan", "code", "party", "paging")


@dataclass(frozen=True)
class Server:
    """A server's file, what runs it, and the readings that it was written with, in the order of `NAMES`."""

    file: str
    runs: str
    shows: tuple[str, ...]

    @property
    def readings(self) -> dict[str, str]:
        """The readings that it was written with, by name."""
        return dict(zip(NAMES, self.shows, strict=True))

    @property
    def command(self) -> list[str]:
        """The command that serves it; empty where what runs it is not installed."""
        program = shutil.which(self.runs)
        return [program, str(FOLDER / self.file)] if program else []


BARE = Server("bare.mjs", "node", ("list", "lan_ip", "list", "present", "query", "1-exclusive"))
"""Node's http and nothing else; its latency may be given, in milliseconds."""

SERVERS = (
    Server("sockets.py", sys.executable, ("list", "lan_ip_set", "string", "absent", "header", "1-inclusive")),
    Server("chunks.py", sys.executable, ("dict", "lan_ip", "list", "present", "query", "0-exclusive")),
    Server("streams.py", sys.executable, ("list", "both", "string", "present", "either", "0-inclusive")),
    BARE,
    Server("forks.pl", "perl", ("dict", "lan_ip_set", "list", "absent", "header", "1-inclusive")),
)
