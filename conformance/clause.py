"""Clause: one requirement, declared where it is judged.

A clause is a function from evidence to a judgement. The names of its parameters say what it needs to see, each a view
of `conformance.sight.Sight`; ``asks`` names the probes that have to be asked for it. It never sends, so it can be
judged again from kept evidence.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Required, TypedDict, Unpack

from contracts import Document

from .judgement import Judgement, Level

AREAS = (
    "headers",
    "body",
    "fields",
    "params",
    "auth",
    "paging",
    "errors",
    "scope",
    "methods",
    "stability",
    "properties",
)

SECURITY_AREAS = frozenset({"auth", "scope"})
"""The areas in which a broken clause shows one's machines to another: the worst there is, and never hidden unasked."""

LATE_VIEWS = frozenset({"paging", "shown_paging", "readings"})
"""Views that exist only once the first round has shown them: what asks for them is asked in the second."""

OPTIONAL_INPUTS = {
    "other_token": "--other-token",
    "other_tenant_id": "--other-tenant-id",
    "other_region": "--other-region",
    "expired_token": "--expired-token",
    "unsafe_methods": "--unsafe-methods",
    "token_with_letters": "a token with letters that is no UUID",
}
"""Inputs that open the clauses which need them, and the option that gives each."""

FIRST_VERSION = "0.1.0"
"""The suite's version since when a clause is there that does not say."""

Asks = Callable[..., Any]
Subjects = Callable[[Document], Iterable[Any]]


class Declared(TypedDict, total=False):
    """What a declaration says of a clause, by the fields of `Clause`, which have the defaults."""

    area: Required[str]
    source: Required[str]
    usually: Required[str]
    asks: Asks
    rests_on: tuple[str, ...]
    needs: tuple[str, ...]
    compares: bool
    in_order: bool
    alone: bool
    confirmed: bool
    drawn: str
    owns: tuple[str, ...]
    since: str


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """One requirement.

    ``text`` is the requirement as a report prints it, ``source`` a place in the document or an RFC section, and
    ``usually`` how servers get it wrong. ``asks`` returns the probes: one, several, or labelled in a mapping.
    ``compares`` says that it holds answers against each other, so that it is judged only between two equal lists,
    ``in_order`` that its probes are asked one after the other, and ``alone`` that nothing else is asked meanwhile.
    ``confirmed`` says that a list which changes by itself may look like a fault to it, so that where it is red it is
    asked again, and is red only if it is so each time. ``drawn`` is the kind of drawn request, "valid" or "invalid",
    that it asks: one that breaks it is shrunk to the smallest of that kind which breaks it too.
    ``owns`` are the kinds of failure, in the place of an answer, that are its own to tell: where it is red for them, a
    clause that has nothing else to say is blocked by it.
    ``subject`` is what it is about where one function declares several clauses.
    """

    id: str
    level: Level
    text: str
    judge: Callable[..., Judgement]
    name: str
    path: Path
    line: int
    area: str
    source: str
    usually: str
    asks: Asks | None = None
    rests_on: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    compares: bool = False
    in_order: bool = False
    alone: bool = False
    confirmed: bool = False
    drawn: str = ""
    owns: tuple[str, ...] = ()
    since: str = FIRST_VERSION
    subject: Any = None

    @property
    def simpler(self) -> str:
        """The key under which a take has the simpler requests that were tried once the clause broke."""
        return f"{self.id} simpler"

    @property
    def shows_paging(self) -> bool:
        """Whether its own windows show by which convention the others are judged."""
        return "shown_paging" in views(self.judge)

    @property
    def round(self) -> int:
        """When its probes are asked: 1 by options and list, 2 by what that showed, 3 what may change the target."""
        if "unsafe_methods" in self.needs:
            return 3
        asks = views(self.asks) if self.asks else ()
        # What is judged by the paging convention waits for the clause that shows it.
        waits = "paging" in views(self.judge) and not self.shows_paging
        return 2 if waits or not LATE_VIEWS.isdisjoint(asks) else 1


@dataclass(frozen=True, slots=True, eq=False)
class Declaration:
    """What the decorator makes of a function: one clause, or one for each subject that the document has."""

    clause: Clause
    over: Subjects | None = None

    def clauses(self, document: Document) -> Iterator[Clause]:
        """The clauses that this declares for a document."""
        if self.over is None:
            yield self.clause
            return
        for subject in self.over(document):
            yield _about(self.clause, subject)


def clause(
    id: str, level: Level, *, over: Subjects | None = None, **declared: Unpack[Declared]
) -> Callable[[Callable[..., Judgement]], Declaration]:
    """Declare the decorated function as a clause; its docstring is the requirement, the rest are fields of `Clause`.

    With ``over``, one clause is declared for each subject that the function returns of the document, and ``{}`` in id,
    source, docstring, ``usually`` and ``rests_on`` stands for the subject. ValueError where a declaration cannot hold.
    """
    if declared["area"] not in AREAS:
        raise ValueError(f"{id}: {declared['area']!r} is no area")
    if unknown := set(declared.get("needs", ())) - OPTIONAL_INPUTS.keys():
        raise ValueError(f"{id} needs {unknown}, which no option gives")

    def declare(function: Callable[..., Judgement]) -> Declaration:
        text = " ".join((inspect.getdoc(function) or "").split())
        if not text:
            raise ValueError(f"{id} has no docstring, so it requires nothing")
        code = inspect.unwrap(function).__code__
        place = Path(code.co_filename), code.co_firstlineno
        return Declaration(Clause(id, level, text, function, function.__name__, *place, **declared), over)

    return declare


def _about(general: Clause, subject: Any) -> Clause:
    name = getattr(subject, "name", subject)

    def fill(text: str) -> str:
        return text.replace("{}", str(name))

    return replace(
        general,
        id=fill(general.id),
        text=fill(general.text),
        source=fill(general.source),
        usually=fill(general.usually),
        rests_on=tuple(fill(one) for one in general.rests_on),
        needs=(*general.needs, *getattr(subject, "needs", ())),
        subject=subject,
    )


@cache
def views(function: Callable[..., Any]) -> tuple[str, ...]:
    """What a clause's function has to be given, by the names of its parameters."""
    return tuple(inspect.signature(function).parameters)


class Catalogue:
    """The clauses of a run by id, in the order in which they are declared; ValueError for an id given twice."""

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self._clauses: dict[str, Clause] = {}
        for one in clauses:
            if one.id in self._clauses:
                raise ValueError(f"two clauses have the id {one.id}")
            self._clauses[one.id] = one

    def __iter__(self) -> Iterator[Clause]:
        return iter(self._clauses.values())

    def __len__(self) -> int:
        return len(self._clauses)

    def __contains__(self, id: object) -> bool:
        return id in self._clauses

    def __getitem__(self, id: str) -> Clause:
        return self._clauses[id]

    def with_foundations(self, ids: Iterable[str]) -> Catalogue:
        """The clauses of these ids and all that they rest on, in the catalogue's order."""
        wanted: set[str] = set()
        queue = list(ids)
        while queue:
            one = queue.pop()
            if one in self._clauses and one not in wanted:
                wanted.add(one)
                queue += self._clauses[one].rests_on
        return Catalogue(one for one in self if one.id in wanted)
