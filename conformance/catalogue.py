"""Catalogue: the clauses as pages for people, one entry each, made of what the clauses themselves say."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from contracts import Document

from . import rfc
from .clause import AREAS, OPTIONAL_INPUTS, Catalogue, Clause, Declaration, views
from .judgement import MUST, SHOULD
from .sight import Sight

ROOT = Path(__file__).parents[1]
INSTALLED = Path(__file__).with_name("contract")
CLAUSES = INSTALLED if INSTALLED.is_dir() else ROOT / "tests" / "contract"
"""The folder of the files that declare them: of the package, or of the checkout."""

COMMAND = "python -m conformance catalogue"
GENERATED = f"<!-- Generated from the clauses by `{COMMAND}`. Do not edit. -->"
"""The first line."""

LONGEST_QUOTE = 160
"""Characters of the document that an entry quotes; of a longer place it says only where it is."""

ITSELF = frozenset({"chance", "clause", "document", "probes", "subject", "target"})
"""Views that are no evidence."""


def collected(document: Document, folder: Path = CLAUSES) -> tuple[Catalogue, dict[str, str]]:
    """The clauses that the files of a folder declare for a document, and what each file says its area is about."""
    clauses: list[Clause] = []
    about: dict[str, str] = {}
    for path in sorted(folder.glob("test_*.py"), key=_place):
        module = _loaded(path)
        about[path.stem.removeprefix("test_")] = (inspect.getdoc(module) or "").splitlines()[0].partition(": ")[2]
        for one in vars(module).values():
            if isinstance(one, Declaration):
                clauses += one.clauses(document)
    return Catalogue(clauses), about


def _place(path: Path) -> tuple[int, str]:
    area = path.stem.removeprefix("test_")
    return (AREAS.index(area) if area in AREAS else len(AREAS)), area


def _loaded(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"clauses_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their own module up there.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# -- the whole


def page(clauses: Catalogue, about: dict[str, str], document: Document) -> str:
    """The catalogue in Markdown."""
    return "\n".join(_page(clauses, about, document)) + "\n"


def _page(clauses: Catalogue, about: dict[str, str], document: Document) -> Iterator[str]:
    levels = Counter(clause.level for clause in clauses)
    yield GENERATED
    yield ""
    yield "# Clauses"
    yield ""
    yield f"{len(clauses)} clauses, {levels[MUST]} that MUST hold and {levels[SHOULD]} that SHOULD. An id is for ever:"
    yield "where a requirement changes its meaning, it gets a new one. `pytest --clause-info ID` prints one entry,"
    yield "`pytest -k ID` judges by it alone and by what it rests on."
    yield ""
    yield "| area | clauses | about |"
    yield "|---|---|---|"
    by_area = {area: [clause for clause in clauses if clause.area == area] for area in about}
    for area, members in by_area.items():
        ids = " ".join(_linked(clause.id) for clause in members)
        yield f"| [{area}](#{area}) | {ids} | {about[area]} |"
    for area, members in by_area.items():
        yield ""
        yield f"## {area}"
        yield ""
        yield f"{about[area][:1].upper()}{about[area][1:]}"
        for clause in members:
            yield ""
            yield f"### {clause.id}"
            yield ""
            yield from entry(clause, document, _linked)


def _linked(id: str) -> str:
    return f"[{id}]({_anchor(id)})"


def _anchor(id: str) -> str:
    return f"#{id.lower()}"


# -- one clause


def entry(clause: Clause, document: Document, named: Callable[[str], str] = str) -> Iterator[str]:
    """What there is to know of a clause, in lines of Markdown; ``named`` writes another clause's id."""
    yield f"**{clause.level}.** {clause.text}"
    yield ""
    yield f"- source: {_source(clause, document)}"
    yield f"- asks: {_asks(clause)}"
    if looks := "; ".join(_views(clause)):
        yield f"- looks at: {looks}."
    yield from (f"- judged: {how}." for how in _how(clause))
    if clause.rests_on:
        yield f"- rests on: {', '.join(map(named, clause.rests_on))}; blocked where one fails."
    if clause.needs:
        yield f"- needs: {', '.join(OPTIONAL_INPUTS[name] for name in clause.needs)}; not applicable without."
    yield f"- usually: {clause.usually}"
    yield f"- declared: `{clause.name}` in tests/contract/{clause.path.name}, since {clause.since}"


def _source(clause: Clause, document: Document) -> str:
    if link := rfc.link(clause.source):
        return f"[{clause.source}]({link})"
    place = document.resolve(clause.source)
    where = f"{place.name}, line {place.line} of contracts/{document.name}"
    short = len(place.text) <= LONGEST_QUOTE and "\n" not in place.text
    return f"{where}: `{place.text}`" if short else where


def _asks(clause: Clause) -> str:
    if clause.asks is None:
        return "nothing of its own; it judges what was asked for others."
    name = str(getattr(clause.subject, "name", clause.subject))
    return _sentence(clause.asks).replace("{}", name)


def _sentence(documented: Any) -> str:
    """The first paragraph of what something says of itself, on one line."""
    return " ".join((inspect.getdoc(documented) or "").partition("\n\n")[0].split())


def _views(clause: Clause) -> Iterator[str]:
    for name in views(clause.judge):
        if name not in ITSELF:
            said = _sentence(getattr(Sight, name)).partition("; ")[0].rstrip(".")
            yield said[:1].lower() + said[1:]


def _how(clause: Clause) -> Iterator[str]:
    if clause.compares:
        yield "where the whole list was the same before and after; a list that moves is asked again, and never blamed"
    if clause.confirmed:
        yield "red only where it is red each time that it is asked again"
    if clause.in_order:
        yield "by requests sent one after the other, with nothing between them"


def near(id: str, clauses: Iterable[Clause]) -> list[str]:
    """Ids that somebody who wrote this one may have meant, the likeliest first."""
    ids = {clause.id.lower(): clause.id for clause in clauses}
    return [ids[one] for one in get_close_matches(id.lower(), ids)]
