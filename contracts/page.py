"""A page as what a contract is written with: paragraphs, tables and literal blocks, whatever has parsed it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of text and the line, counted from 1, on which it begins."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, its text on one line, and the title of the section that it stands in."""

    section: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table with headings; `above` holds the title and paragraphs since the last table or block, nearest first."""

    section: str
    above: tuple[str, ...]
    line: int
    headings: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Table:
        """The table that `asdict` made this of."""
        rows = tuple(tuple(Line(**cell) for cell in row) for row in kept["rows"])
        return Table(kept["section"], tuple(kept["above"]), kept["line"], tuple(kept["headings"]), rows)


@dataclass(frozen=True, slots=True)
class Block:
    """A literal block, line for line; `above` as in a table."""

    section: str
    above: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The block as it stands, without the indentation that it has as a whole."""
        return "\n".join(line.text for line in self.lines)

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Block:
        """The block that `asdict` made this of."""
        return Block(kept["section"], tuple(kept["above"]), tuple(Line(**line) for line in kept["lines"]))


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page, each kind of thing in the order of the text."""

    titles: tuple[Paragraph, ...]
    paragraphs: tuple[Paragraph, ...]
    tables: tuple[Table, ...]
    blocks: tuple[Block, ...]

    def as_json(self) -> dict[str, Any]:
        """The page as values of JSON."""
        return asdict(self)

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Page:
        """The page that `as_json` made this of."""
        return Page(
            tuple(Paragraph(**one) for one in kept["titles"]),
            tuple(Paragraph(**one) for one in kept["paragraphs"]),
            tuple(map(Table.from_json, kept["tables"])),
            tuple(map(Block.from_json, kept["blocks"])),
        )
