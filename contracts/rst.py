"""reStructuredText, read into a page.

docutils does the parsing. Sphinx's directives and roles are unknown to it, and are passed over; any other error
that it reports makes the page unreadable.
"""

from __future__ import annotations

from io import StringIO
from itertools import takewhile
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from docutils import frontend, nodes, utils
from docutils.parsers.rst import Parser

from .page import Block, Line, Page, Paragraph, Table
from .place import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

ERROR = 3
FOREIGN = ("Unknown directive type", "Unknown interpreted text role")
NEAR = (0, -1, 1, -2, 2, -3, 3)


def read_page(text: str, name: str) -> Page:
    """Parse a page; `name` stands in the errors. Raises DocumentError when it is not reStructuredText."""
    lines = text.splitlines()
    titles: list[Paragraph] = []
    paragraphs: list[Paragraph] = []
    tables: list[Table] = []
    blocks: list[Block] = []
    section = ""
    above: tuple[str, ...] = ()
    for node in _pieces(_doctree(text, name)):
        match node:
            case nodes.title():
                section = _flat(node)
                above = (section,)
                titles.append(Paragraph(section, section, _line(node, lines)))
            case nodes.table():
                tables.append(_table(node, section, above, lines))
                above = ()
            case nodes.literal_block():
                blocks.append(Block(section, above, _numbered(node, lines)))
                above = ()
            case _:
                above = (_flat(node), *above)
                paragraphs.append(Paragraph(section, _flat(node), _line(node, lines)))
    return Page(tuple(titles), tuple(paragraphs), tuple(tables), tuple(blocks))


def _doctree(text: str, name: str) -> nodes.document:
    settings = frontend.get_default_settings(Parser)
    settings.report_level = settings.halt_level = ERROR + 2
    settings.warning_stream = StringIO()
    settings.file_insertion_enabled = False
    settings.raw_enabled = False
    settings.syntax_highlight = "none"
    document = utils.new_document(name, settings)
    messages: list[nodes.system_message] = []
    document.reporter.attach_observer(messages.append)
    try:
        Parser().parse(text, document)
    except RecursionError:
        raise DocumentError(name, None, "nested too deeply to be read") from None
    for message in messages:
        if message["level"] >= ERROR and not _what(message).startswith(FOREIGN):
            raise _unreadable(message, text.splitlines(), name)
    return document


def _unreadable(message: nodes.system_message, lines: list[str], name: str) -> DocumentError:
    what, line = _what(message), message.get("line")
    row = _crooked(lines, line) if line and what.startswith("Malformed table") else None
    where = f"table, {_first_cell(lines[row.line - 1].strip())}" if row else ""
    return DocumentError(name, row.line if row else line, f"not reStructuredText: {what}", where)


def _crooked(lines: list[str], within: int) -> Line | None:
    """The first line of the grid table around a line that has no border where the table's first line has one."""
    numbered = [Line(_evened(text), number) for number, text in enumerate(lines, 1)]
    above = list(takewhile(lambda row: row.text.startswith(("+", "|")), reversed(numbered[:within])))
    table = numbered[within - len(above) :]
    border = above[-1].text if above else ""
    columns = [column for column, mark in enumerate(border) if mark == "+"]
    for row in takewhile(lambda row: row.text.startswith(("+", "|")), table):
        if len(row.text) != len(border) or any(row.text[column] not in "+|" for column in columns):
            return row
    return None


def _evened(text: str) -> str:
    """A line with a blank behind each character that is two columns wide."""
    wide = (f"{mark} " if east_asian_width(mark) in "WF" else mark for mark in text.strip())
    return "".join(wide)


def _first_cell(row: str) -> str:
    """What to call a line of a grid table: the row of its first cell, or the border between two."""
    cell = " ".join(row.strip("|").split("|")[0].split())
    return "border" if row.startswith("+") else f"row {cell}"


def _what(message: nodes.system_message) -> str:
    return nodes.Element.astext(message).split("\n\n")[0]


def _pieces(node: nodes.Element) -> Iterator[nodes.Element]:
    """Titles, paragraphs, tables and literal blocks, in order; nothing from inside a table or docutils' messages."""
    for child in node.children:
        if isinstance(child, (nodes.title, nodes.paragraph, nodes.table, nodes.literal_block)):
            yield child
        elif isinstance(child, nodes.Element) and not isinstance(child, nodes.system_message):
            yield from _pieces(child)


def _table(node: nodes.table, section: str, above: tuple[str, ...], lines: list[str]) -> Table:
    caption = tuple(_flat(title) for title in node.findall(nodes.title))
    start = _line(node, lines)
    head = [_cells(row, start, lines) for part in node.findall(nodes.thead) for row in part.findall(nodes.row)]
    body = [_cells(row, start, lines) for part in node.findall(nodes.tbody) for row in part.findall(nodes.row)]
    headings = tuple(cell.text for cell in head[0]) if head else ()
    # Not every docutils tells a table's own line.
    line = head[0][0].line if head else start
    return Table(section, (*caption, *above), line, headings, tuple(body))


def _cells(row: nodes.row, start: int, lines: list[str]) -> tuple[Line, ...]:
    entries = list(row.findall(nodes.entry))
    known = [entry.next_node(nodes.paragraph) for entry in entries]
    # An empty cell has no line of its own; its neighbours stand beside it.
    beside = next((_line(paragraph, lines) for paragraph in known if paragraph), start)
    return tuple(
        Line(_flat(entry), _line(paragraph, lines) if paragraph else beside)
        for entry, paragraph in zip(entries, known, strict=True)
    )


def _numbered(node: nodes.literal_block, lines: list[str]) -> tuple[Line, ...]:
    first, *others = node.astext().splitlines() or [""]
    start = _nearest(first, node.line or 1, lines)
    return (Line(first, start), *(Line(text, start + n) for n, text in enumerate(others, 1)))


def _line(node: nodes.Element, lines: list[str]) -> int:
    words = node.astext().split("\n")[0]
    return _nearest(words, node.line or 1, lines)


def _nearest(text: str, about: int, lines: list[str]) -> int:
    """The line nearest to `about` on which the text stands: docutils sometimes names a neighbour of it."""
    candidates = (about + offset for offset in NEAR)
    return next((n for n in candidates if 0 < n <= len(lines) and text.strip() in lines[n - 1]), about)


def _flat(node: nodes.Element) -> str:
    return " ".join(node.astext().split())
