"""Where the committed schemas differ from what the document gives."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .derive import files
from .place import named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .document import Document

Cell = tuple[str, str, str, str]

ABSENT = "nothing"
REMEDY = "`python -m contracts derive` writes it anew"


def drift(document: Document, folder: Path) -> Iterator[str]:
    """A sentence for each file that is not what the document gives, naming what differs and the cells that changed."""
    for name, text in files(document).items():
        path = folder / name
        try:
            kept = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            yield f"{path}: missing or unreadable; {REMEDY}"
            continue
        if kept != text:
            yield f"{path}: {_first_difference(kept, text)}; {REMEDY}"


def _first_difference(kept: str, text: str) -> str:
    try:
        old = json.loads(kept)
    except ValueError:
        return "not JSON"
    new = json.loads(text)
    # The changed keyword says most; a changed version or hash only that there is one.
    found = sorted(_differences(old, new, "", ""), key=lambda one: (not one.source, "/x-source/" in one.pointer))
    if not found:
        return "not written as it is derived, though the JSON is the same"
    # A cell tells more than the column that it is in.
    cells = {cell[:3] for cell in {*_cells(new)} ^ {*_cells(old)}}
    names = ", ".join(named(*cell) for cell in sorted(cells, key=lambda cell: (not cell[1], not cell[2], cell))[:3])
    return f"{found[0]}" + (f"; changed: {names}" if names else "")


@dataclass(frozen=True, slots=True)
class _Difference:
    pointer: str
    source: str
    old: object
    new: object

    def __str__(self) -> str:
        here = f" ({self.source})" if self.source else ""
        return f"{self.pointer} is {_short(self.old)}, the document gives {_short(self.new)}{here}"


def _differences(old: object, new: object, pointer: str, source: str) -> Iterator[_Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        traced = _traced(old) | _traced(new)
        for key in {**old, **new}:
            cell = named(*traced[key][:3]) if key in traced else source
            yield from _differences(old.get(key, ABSENT), new.get(key, ABSENT), f"{pointer}/{_escaped(key)}", cell)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, other, f"{pointer}/{number}", source)
    elif old != new:
        yield _Difference(pointer, source, old, new)


def _escaped(key: str) -> str:
    """A key as RFC 6901 has it in a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _cells(schema: object) -> Iterator[Cell]:
    """The cells that a schema names as its sources, at every depth."""
    if isinstance(schema, dict):
        yield from _traced(schema).values()
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for one in inner:
        yield from _cells(one)


def _traced(schema: dict[str, object]) -> dict[str, Cell]:
    sources = schema.get("x-source")
    return {
        word: (str(cell.get("table")), str(cell.get("row")), str(cell.get("column")), str(cell.get("hash")))
        for word, cell in (sources.items() if isinstance(sources, dict) else ())
        if isinstance(cell, dict)
    }


def _short(value: object) -> str:
    text = ABSENT if value == ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) < 100 else f"{text[:100]} …"
