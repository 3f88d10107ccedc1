"""targets.toml: targets by name, each with the options that a run on it alone would be given.

    [targets.acme]
    base_url = "https://staging.acme.example"
    party = "acme"
    tenant_id = "e58c78fe"
    region = "north"
    token = "$ACME_TOKEN"

A value may name a variable of the environment, as the token's does; a secret has to.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any

Table = Mapping[str, Any]
"""What is said of one target: options by their names with underscores, as TOML has them."""

Kind = type | UnionType
"""A type of values, such as ``str`` or ``int | str``."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""A target's name, which becomes that of a folder and stands in a test's."""

VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")


class BadTargets(ValueError):
    """A file that says no targets; the text is one line for the user."""


def read(path: Path, kinds: Mapping[str, Kind], secrets: Iterable[str]) -> dict[str, Table]:
    """The targets that a file names, in its order; BadTargets with one line where it names none.

    Args:
        path: The file.
        kinds: The names that a table may hold, each with the type of its value.
        secrets: Those of them that may not be written in it, only a variable that holds them.

    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadTargets(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise BadTargets(f"{path}: is no TOML: {' '.join(str(error).split())}") from None
    tables = content.get("targets")
    if not isinstance(tables, dict) or not tables or content.keys() != {"targets"}:
        raise BadTargets(f"{path}: write a table [targets.NAME] for each target, and nothing beside them")
    for problem in _problems(tables, kinds, frozenset(secrets)):
        raise BadTargets(f"{path}: {problem}")
    return tables


def _problems(tables: Mapping[str, Any], kinds: Mapping[str, Kind], secrets: frozenset[str]) -> Iterator[str]:
    for name, table in tables.items():
        where = f"[targets.{name}]"
        if not NAME.fullmatch(name):
            yield f"{where}: a name is of letters, digits, dots, dashes and underscores"
        elif not isinstance(table, dict):
            yield f"{where} is no table"
        else:
            yield from (f"{where}: {problem}" for problem in _wrong(table, kinds, secrets))


def _wrong(table: Table, kinds: Mapping[str, Kind], secrets: frozenset[str]) -> Iterator[str]:
    for key, value in table.items():
        if key not in kinds:
            yield f"there is no option {key}; there are {', '.join(kinds)}"
        elif key in secrets and not (isinstance(value, str) and VARIABLE.fullmatch(value)):
            # Said without the value, which may well be the secret itself.
            yield f'{key} is a secret, which no file should hold: name a variable, such as {key} = "$ACME_SECRET"'
        elif not _is_a(value, kinds[key]):
            yield f"{key} is no {WORDS[kinds[key]]}"


WORDS: Mapping[Kind, str] = {
    int | str: "number or text",
    str: "text in quotes",
    bool: "true or false",
    int: "whole number",
    float: "number",
    list: "list of texts",
}


def _is_a(value: Any, kind: Kind) -> bool:
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    if kind is list:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, int | float if kind is float else kind)


def resolved(table: Table, environment: Mapping[str, str]) -> dict[str, Any]:
    """A table with the values of the variables that it names; BadTargets with one line where one is not set."""
    return {key: _value(key, value, environment) for key, value in table.items()}


def _value(key: str, value: Any, environment: Mapping[str, str]) -> Any:
    named = VARIABLE.fullmatch(value) if isinstance(value, str) else None
    if named is None:
        return value
    variable = named[1] or named[2]
    if variable not in environment:
        raise BadTargets(f"{key} names ${variable}, which is not set")
    return environment[variable]
