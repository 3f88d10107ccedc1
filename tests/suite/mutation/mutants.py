"""Mutants of our own code: each is a module's source with one small thing of it changed, by cosmic-ray's operators."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator
from parso.python.tree import Keyword
from parso.python.tree import Operator as Mark

BOUNDARIES = ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Eq_LtE", "Eq_GtE")
OPPOSITES = ("Eq_NotEq", "NotEq_Eq", "Lt_GtE", "LtE_Gt", "Gt_LtE", "GtE_Lt", "Is_IsNot", "IsNot_Is")
ARITHMETIC = (
    *("Add_Sub", "Sub_Add", "Mul_Add", "Mul_FloorDiv", "Div_Mul", "FloorDiv_Mul"),
    *("Mod_FloorDiv", "Pow_Mul", "BitOr_BitAnd", "BitAnd_BitOr", "BitXor_BitOr"),
)
CHOSEN = (
    *(f"ReplaceComparisonOperator_{pair}" for pair in (*BOUNDARIES, *OPPOSITES)),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ARITHMETIC),
    *(f"ReplaceUnaryOperator_{pair}" for pair in ("Delete_Not", "Delete_USub", "USub_UAdd")),
    *("AddNot", "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer"),
    *("NumberReplacer", "ZeroIterationForLoop"),
)
"""Of cosmic-ray's operators those that change what a program does, without the many that only make it crash."""

OF_MANY = frozenset({"each", "all_of", "only"})
"""Functions of any number of arguments, each of which counts."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change: the operator that makes it for the so-many-th time in a file, and where that is."""

    file: Path
    function: str
    operator: str
    occurrence: int
    line: int

    @property
    def source(self) -> str:
        """The changed module; SyntaxError where the change left no Python."""
        changed: str = mutate_code(_text(self.file), OPERATORS[self.operator], self.occurrence)
        ast.parse(changed)
        return changed

    @property
    def difference(self) -> str:
        """What is changed, for a reader: the lines as they were and as they are."""
        lines = difflib.unified_diff(_text(self.file).splitlines(), self.source.splitlines(), n=0, lineterm="")
        return "\n".join(f"{line[0]} {line[1:].strip()}" for line in [*lines][3:])


class LeaveOut(Operator):  # type: ignore[misc]
    """Leaves one item out of a row, a keyword argument out of a call, or one of many arguments that all count."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Where it can change a node."""
        return ((item[0].start_pos, item[-1].end_pos) for item in self._changeable(node))

    def mutate(self, node: Any, index: int) -> Any:
        """The node, changed."""
        left_out = [*self._changeable(node)][index]
        kept = [item for item in _items(node) if item is not left_out and item[0] is not left_out[0]]
        node.children = [part for item in kept for part in (*item, Mark(",", item[-1].end_pos))]
        return node

    def _changeable(self, node: Any) -> Iterator[list[Any]]:
        items = _items(node)
        if len(items) < 2:
            return
        if node.type != "arglist":
            yield from items
            return
        trailer = node.parent.get_previous_sibling() if node.parent.type == "trailer" else None
        of_many = trailer is not None and trailer.get_last_leaf().value in OF_MANY
        yield from (item for item in items if of_many or _is_keyword_argument(item))

    @classmethod
    def examples(cls) -> tuple[()]:
        """None: cosmic-ray tests its own operators by these."""
        return ()


class Membership(Operator):  # type: ignore[misc]
    """Turns `in` into `not in`, and back."""

    WORDS = {"in": "not in", "not in": "in"}  # noqa: RUF012 - parso's operators are no dataclasses

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Where it can change a node."""
        if node.type == "comparison" and _word(node.children[1]) in self.WORDS:
            yield node.children[1].start_pos, node.children[1].end_pos

    def mutate(self, node: Any, _: int) -> Any:
        """The node, changed."""
        word = node.children[1]
        node.children[1] = Keyword(self.WORDS[_word(word)], word.start_pos, prefix=" ")
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        """None: cosmic-ray tests its own operators by these."""
        return ()


OPERATORS: dict[str, Operator] = {
    **{name: get_operator(f"core/{name}")() for name in CHOSEN},
    "LeaveOut": LeaveOut(),
    "Membership": Membership(),
}


def mutants(file: Path) -> list[Mutant]:
    """Every mutant of a file, in the order of its lines; none of what is there for types or to make values frozen."""
    tree, silent = get_ast(_text(file)), [*_silent(file)]
    found = [
        Mutant(file, _function(node), name, occurrence, start[0])
        for name, operator in OPERATORS.items()
        for occurrence, (node, start) in enumerate(_positions(operator, tree))
        if not any(first <= start < last for first, last in silent)
    ]
    return sorted(found, key=lambda one: (one.line, one.operator, one.occurrence))


def _positions(operator: Operator, tree: Any) -> Iterator[tuple[Any, tuple[int, int]]]:
    for node in ast_nodes(tree):
        for start, _ in operator.mutation_positions(node):
            yield node, start


@cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _silent(file: Path) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where code only says of what type something is, or how a class keeps its values."""
    for node in ast.walk(ast.parse(_text(file))):
        parts = [getattr(node, name, None) for name in ("annotation", "returns")]
        decorators = node.decorator_list if isinstance(node, ast.ClassDef) else []
        for part in (*parts, *decorators):
            if isinstance(part, ast.expr) and part.end_lineno is not None and part.end_col_offset is not None:
                yield (part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)


def _function(node: Any) -> str:
    """What the definitions around a node are called, the outermost first."""
    names: list[str] = []
    while node is not None:
        if node.type in {"funcdef", "classdef"}:
            names.insert(0, node.name.value)
        node = node.parent
    return ".".join(names) or "module"


def _items(node: Any) -> list[list[Any]]:
    """What stands between the commas of a row; none where a node is no row."""
    if node.type not in {"testlist_comp", "arglist", "dictorsetmaker"}:
        return []
    items: list[list[Any]] = [[]]
    for child in node.children:
        if getattr(child, "value", "") == ",":
            items.append([])
        else:
            items[-1].append(child)
    return [item for item in items if item and item[-1].type not in {"sync_comp_for", "comp_for"}]


def _is_keyword_argument(item: list[Any]) -> bool:
    return len(item) == 1 and item[0].type == "argument" and getattr(item[0].children[1], "value", "") == "="


def _word(node: Any) -> str:
    return " ".join(node.get_code(include_prefix=False).split())
