"""Probe: one request that the suite asks of a target, as a value.

Everything on it stands as it goes onto the wire: names and values of the query are already percent-encoded, so that
an odd spelling can be asked on purpose. Editing a probe gives another probe that remembers, for the reader of a
report, in what it differs from the good one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote_plus

from .credentials import Secret

Text = str | Secret
Pairs = tuple[tuple[str, Text], ...]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND"})
"""Methods that change nothing, and may be asked again: RFC 9110 section 9.2.1, RFC 4918 section 9.1."""


def percent(text: str) -> str:
    """A text with every byte percent-encoded, plain letters too."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def encoded(value: str) -> str:
    """A value as it stands in a query: everything but RFC 3986's unreserved characters is percent-encoded as UTF-8."""
    return quote(value, safe="", errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class Probe:
    """One request: method, path below the base URL, query and headers in order.

    ``repetition`` tells apart probes that are meant to be asked again; equal probes are asked once. Those of one chain
    that name the same connection in ``over`` share it, and no other does; the rest go over any. ``edits`` says in words
    how the probe differs from the good one and takes no part in equality.
    """

    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    repetition: str = ""
    over: str = ""
    edits: tuple[str, ...] = field(default=(), compare=False)

    # -- reading it

    def values(self, name: str) -> tuple[str, ...]:
        """The decoded values that the query gives to a parameter, in order; a secret by its name."""
        return tuple(
            unquote_plus(value) if isinstance(value, str) else str(value)
            for key, value in self.query
            if unquote_plus(key) == name
        )

    def header(self, name: str) -> Text | None:
        """The value of a header, by its name in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the query's parameters, as they stand on the wire."""
        return tuple(name for name, _ in self.query)

    @property
    def target(self) -> str:
        """Path and query as they are sent, a secret shown by its name."""
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.path}?{query}" if query else self.path

    @property
    def size(self) -> int:
        """How long the request is, to find the smallest of several; characters."""
        return len(self.method) + len(self.target) + sum(len(name) + len(str(value)) for name, value in self.headers)

    @property
    def difference(self) -> str:
        """How it differs from the good request, in words, and over which connection it went where that matters."""
        said = ", ".join(self.edits) or "the good request"
        return f"{said}, over {self.over}" if self.over else said

    # -- making others of it

    def having(self, name: str, value: Text, *, said: str = "") -> Probe:
        """With this parameter, in place where the query has it already, else at the end."""
        text = encoded(value) if isinstance(value, str) else value
        return self.spelled(name, text, said=said or f"{name}={shown(value)}")

    def spelled(self, name: str, raw: Text, *, said: str = "") -> Probe:
        """As `having`, with the value exactly as it is to stand on the wire."""
        if any(key == name for key, _ in self.query):
            query = tuple((key, raw if key == name else value) for key, value in self.query)
        else:
            query = (*self.query, (name, raw))
        return self._edited(said or f"{name}={shown(raw)}", query=query)

    def with_names_spelled(self, spell: Callable[[str], str]) -> Probe:
        """With the names of all its parameters spelled otherwise on the wire."""
        query = tuple((spell(name), value) for name, value in self.query)
        return self._edited("the parameters' names percent-encoded", query=query)

    def without(self, *names: str) -> Probe:
        """Less these parameters."""
        gone = [name for name in names if name in self.names]
        query = tuple((key, value) for key, value in self.query if key not in gone)
        return self._edited(f"{' and '.join(gone)} left out", query=query) if gone else self

    def twice(self, name: str, first: str, second: str, *, said: str = "") -> Probe:
        """With this parameter given twice, in this order."""
        others = tuple((key, value) for key, value in self.query if key != name)
        query = (*others, (name, encoded(first)), (name, encoded(second)))
        return self._edited(said or f"{name} given twice, {shown(first)} and {shown(second)}", query=query)

    def reordered(self) -> Probe:
        """With the same parameters, the last first."""
        return self._edited("the parameters in another order", query=tuple(reversed(self.query)))

    def with_header(self, name: str, value: Text, *, said: str = "") -> Probe:
        """With this header in place of one of the same name."""
        headers = tuple((key, old) for key, old in self.headers if key.lower() != name.lower())
        return self._edited(said or f"{name}: {shown(value)}", headers=(*headers, (name, value)))

    def with_header_names(self, spell: Callable[[str], str]) -> Probe:
        """With the names of all its headers spelled otherwise."""
        headers = tuple((spell(name), value) for name, value in self.headers)
        return self._edited(f"headers spelled as {headers[-1][0]}", headers=headers)

    def without_header(self, name: str) -> Probe:
        """Less this header."""
        headers = tuple((key, value) for key, value in self.headers if key.lower() != name.lower())
        return self._edited(f"no {name} header", headers=headers)

    def by(self, method: str) -> Probe:
        """With another method."""
        return self._edited(f"method {method}", method=method)

    def at(self, path: str) -> Probe:
        """At another path below the base URL."""
        return self._edited(f"path {path}", path=path)

    def again(self, repetition: str, *, over: str = "") -> Probe:
        """The same request once more, told apart by this word; over a connection of this name, if one is given."""
        return replace(self, repetition=repetition, over=over)

    def _edited(self, said: str, **changes: Any) -> Probe:
        return replace(self, edits=(*self.edits, said), **changes)

    # -- keeping it

    def as_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back."""
        return {
            "method": self.method,
            "path": self.path,
            "query": [[name, _text_as_json(value)] for name, value in self.query],
            "headers": [[name, _text_as_json(value)] for name, value in self.headers],
            "repetition": self.repetition,
            "over": self.over,
            "edits": list(self.edits),
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> Probe:
        """The probe of such an object; KeyError or TypeError where it is not one."""
        return Probe(
            method=data["method"],
            path=data["path"],
            query=tuple((name, _text_from_json(value)) for name, value in data["query"]),
            headers=tuple((name, _text_from_json(value)) for name, value in data["headers"]),
            repetition=data["repetition"],
            over=data.get("over", ""),
            edits=tuple(data["edits"]),
        )


def shown(value: Text) -> str:
    """A value for a sentence: quoted, odd characters escaped, long ones cut with the cut said."""
    if isinstance(value, Secret):
        return str(value)
    text = value if value.isprintable() and value.isascii() else ascii(value)[1:-1]
    return f"{text[:40]}… ({len(value)} characters)" if len(text) > 60 else f"{text!r}" if not text.strip() else text


def _text_as_json(value: Text) -> Any:
    return value if isinstance(value, str) else {"secret": value.name, "variation": value.variation}


def _text_from_json(data: Any) -> Text:
    return data if isinstance(data, str) else Secret(data["secret"], data["variation"])
