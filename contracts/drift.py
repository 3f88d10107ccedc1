"""Where the committed schemas differ from what the document gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .derive import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .document import Document

ABSENT = "nothing"
REMEDY = "`python -m contracts derive` writes it anew"


def drift(document: Document, folder: Path) -> Iterator[str]:
    """A sentence for each file that is not what the document gives, naming what differs first and its cell."""
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
    found = list(_differences(old, json.loads(text), "", ""))
    # A changed keyword says more than the changed hash of its cell.
    telling = sorted(found, key=lambda sentence: "/x-source/" in sentence)
    return next(iter(telling), "not written as it is derived, though the JSON is the same")


def _differences(old: object, new: object, pointer: str, source: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        traced = new.get("x-source") or old.get("x-source") or {}
        for key in {**old, **new}:
            cell = _cell(traced[key]) if key in traced else source
            yield from _differences(old.get(key, ABSENT), new.get(key, ABSENT), f"{pointer}/{key}", cell)
    elif old != new:
        here = f" ({source})" if source else ""
        yield f"{pointer} is {_short(old)}, the document gives {_short(new)}{here}"


def _cell(source: dict[str, str]) -> str:
    row = source["row"] and f", row {source['row']}"
    column = source["column"] and f", column {source['column']}"
    return f"{source['table']}{row}{column}"


def _short(value: object) -> str:
    text = value if value == ABSENT else json.dumps(value, ensure_ascii=False)
    return str(text) if len(str(text)) < 100 else f"{str(text)[:100]} …"
