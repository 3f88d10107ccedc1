"""Tables in Markdown, and files that hold them between marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; every column but the first is flush right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |" for line in lines)


def write(path: Path, mark: str, text: str) -> None:
    """Put a text where a file has it, between two lines that name it; ValueError where the file has no such place."""
    start, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    old = path.read_text(encoding="utf-8")
    new, times = re.subn(
        f"{re.escape(start)}.*?{re.escape(end)}", lambda _: f"{start}\n{text}\n{end}", old, flags=re.DOTALL
    )
    if not times:
        raise ValueError(f"{path} has no place for {mark}")
    path.write_text(new, encoding="utf-8")
