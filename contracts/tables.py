"""The tables of a contract document, known by their headings in English or Chinese, as rows of named cells."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from .place import DocumentError, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .page import Line, Page, Table

Row = dict[str, Place]

HEADINGS = {
    "resource": ("resource", "资源"),
    "action": ("operation", "action", "操作"),
    "method": ("http method", "method", "http方法", "方法"),
    "path": ("uri path", "path", "uri路径", "路径"),
    "name": ("field", "field name", "name", "字段名", "字段"),
    "type": ("type", "类型"),
    "description": ("description", "描述", "说明"),
}
COLUMNS = {word: column for column, words in HEADINGS.items() for word in words}

RESOURCES = frozenset({"resource", "action", "method", "path"})
OPERATIONS = frozenset({"method", "path", "description"})
FIELDS = frozenset({"name", "type", "description"})

LABELS = {
    "request table": ("request parameters", "query parameters", "请求参数"),
    "response table": ("response parameters", "response fields", "return parameters", "返回参数", "返回字段"),
}

NAME = re.compile(r"[^\s（()）]+")
MARKED = re.compile(r"(?P<name>.*?)\s*[（(]\s*(?P<marker>[^（()）]*?)\s*[)）]")
MARKERS = {"required": True, "必选": True, "必填": True, "optional": False, "可选": False, "选填": False}


def read_tables(page: Page, name: str) -> Mapping[str, tuple[Row, ...]]:
    """The rows of the "resource table", "operation table", "request table" and "response table", where they are there.

    Each has a row at least, for docutils takes one without for malformed. `name` stands in the errors. Raises
    DocumentError when a table is there twice or lacks a cell.
    """
    found: dict[str, tuple[Row, ...]] = {}
    for table in page.tables:
        columns = [COLUMNS.get(heading.casefold(), heading) for heading in table.headings]
        kind = _kind(table, columns)
        if kind is None:
            continue
        if kind in found:
            raise DocumentError(name, table.line, f"a second {kind}")
        found[kind] = tuple(
            _row(
                Place(table.section, kind, str(number), "", cells[0].line if cells else table.line, ""),
                columns,
                cells,
                name,
            )
            for number, cells in enumerate(table.rows, 1)
        )
    return found


def marker(cell: Place) -> bool | None:
    """What the marker behind a field's name says: True for required, False for optional, None where there is none."""
    match = MARKED.fullmatch(cell.text)
    return MARKERS.get(match["marker"].casefold()) if match else None


def labelled(paragraph: str, words: Iterable[str]) -> bool:
    """Whether a paragraph or title says one of the words and no more, a colon aside."""
    return paragraph.rstrip(" :：.。").casefold() in words


def _kind(table: Table, columns: list[str]) -> str | None:
    if RESOURCES.issubset(columns):
        return "resource table"
    if OPERATIONS.issubset(columns):
        return "operation table"
    if not FIELDS.issubset(columns):
        return None
    for paragraph in table.above:
        for kind, words in LABELS.items():
            if labelled(paragraph, words):
                return kind
    names = [dict(zip(columns, cells, strict=False)).get("name") for cells in table.rows]
    marked = any(MARKED.fullmatch(cell.text) for cell in names if cell)
    return "request table" if marked else "response table"


def _row(where: Place, columns: list[str], cells: tuple[Line, ...], name: str) -> Row:
    """The cells of a row by column; `where` is the row by its number, for one that has no name."""
    first = columns.index("name") if "name" in columns else 0
    title = _bare(cells[first].text) if first < len(cells) else ""
    where = replace(where, row=title or where.row)
    if len(cells) != len(columns):
        raise DocumentError(name, where.line, f"{len(cells)} cells under {len(columns)} headings", where.name)
    row = {
        column: replace(where, column=column, line=cell.line, text=cell.text)
        for column, cell in zip(columns, cells, strict=True)
    }
    for place in row.values():
        if not place.text:
            raise DocumentError(name, place.line, "an empty cell", place.name)
    if "name" in row and not NAME.fullmatch(title):
        raise DocumentError(name, where.line, f'"{row["name"].text}" is no name of a field', row["name"].name)
    return row


def _bare(text: str) -> str:
    """A field's name without its marker; with it, where the marker is none that is known."""
    match = MARKED.fullmatch(text)
    return match["name"] if match and match["marker"].casefold() in MARKERS else text
