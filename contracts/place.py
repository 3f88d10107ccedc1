"""Where something stands in a contract document, and the error that names such a place."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from textwrap import shorten
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

QUOTED_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a table, a line of a sample, or a whole row, column, table or sample.

    `table` is a plain name such as "response table" or "success sample". An empty `row` or `column` means
    all of them. `line` counts from 1; `text` is what stands there.
    """

    section: str
    table: str
    row: str
    column: str
    line: int
    text: str

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change with the text and not with the whitespace in it."""
        return sha256(" ".join(self.text.split()).encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        """What the place is called, without its line and text: "response table, row cpu_num, column type"."""
        return named(self.table, self.row, self.column)

    @property
    def source(self) -> dict[str, str]:
        """The place as a derived schema keeps it: section, table, row, column and hash."""
        return {
            "section": self.section,
            "table": self.table,
            "row": self.row,
            "column": self.column,
            "hash": self.hash,
        }

    def __str__(self) -> str:
        return f'{self.name} (line {self.line}): "{shorten(self.text, QUOTED_WIDTH, placeholder=" …")}"'


class DocumentError(ValueError):
    """A contract document that cannot be understood; its text is one line, "FILE:LINE: what is wrong (where)".

    The line is left out where there is none to name: a file that is missing, or no file.
    """

    def __init__(self, name: str, line: int | None, what: str, where: str = "") -> None:
        head = name if line is None else f"{name}:{line}"
        tail = f" ({where})" if where else ""
        super().__init__(" ".join(f"{head}: {what}{tail}".split()))


def named(table: str, row: str = "", column: str = "") -> str:
    """What a table, row, column or cell is called: "response table, row cpu_num, column type"."""
    return ", ".join(filter(None, (table, row and f"row {row}", column and f"column {column}")))


def whole(places: Sequence[Place], row: str = "", column: str = "") -> Place:
    """Cells of one table as one place: their texts joined, the line of the first.

    Raises KeyError when there are none.
    """
    if not places:
        raise KeyError(row or column)
    first = places[0]
    return Place(first.section, first.table, row, column, first.line, " | ".join(place.text for place in places))
