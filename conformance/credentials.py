"""Secrets by name: what a probe says of a token, and what the wire alone knows of it.

A probe never holds a token. It holds a `Secret`, a name and how it was varied, which the wire resolves at the moment
of sending; so whatever is printed, stored or reported of a request is free of secrets by construction. Only answers
have to be searched, because a server may echo.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .spelling import escaped, folded, forms, unescaped

TOKEN = "$MANA_TOKEN"  # noqa: S105 - the name that stands for the token, not a token
OTHER_TOKEN = "$MANA_OTHER_TOKEN"  # noqa: S105
EXPIRED_TOKEN = "$MANA_EXPIRED_TOKEN"  # noqa: S105
PASSWORD = "$MANA_PASSWORD"  # noqa: S105

PLAIN = ("a" * 64, "A" * 64, "0" * 64)
"""Text that the suite itself sends, or that stands in any file."""

BLOCK = 1024 * 1024
LONGEST_SPELLING = 64 * 1024
"""Bytes of a file that are looked at together with what follows them."""

LONG_TEXT = 1 << 12
"""Bytes of a text that is worth remembering to be free of secrets."""

SHORTEST_SEARCHABLE = 8
"""Characters; a shorter secret would be found by chance in any text, so it is not searched for."""


def _with_middle_changed(value: str) -> str:
    # The last character of a base64 token may carry no bits, so a change there can leave it the same token.
    middle = len(value) // 2
    return value[:middle] + ("a" if value[middle] != "a" else "b") + value[middle + 1 :]


def _with_change_near_the_end(value: str) -> str:
    place = max(0, len(value) - 4)
    return value[:place] + ("a" if value[place] != "a" else "b") + value[place + 1 :]


def _with_first_changed(value: str) -> str:
    return ("a" if value[:1] != "a" else "b") + value[1:]


VARIATIONS: Mapping[str, Callable[[str], str]] = {
    "": lambda value: value,
    "less its last character": lambda value: value[:-1],
    "less its first character": lambda value: value[1:],
    "with its first character changed": _with_first_changed,
    "with one more character": lambda value: value + "a",
    "behind one more character": lambda value: "a" + value,
    "with its middle character changed": _with_middle_changed,
    "with a character near its end changed": _with_change_near_the_end,
    "in other case": str.swapcase,
}


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential by name, e.g. ``$MANA_TOKEN``, and by one of `VARIATIONS`; printing it is always safe."""

    name: str
    variation: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.variation}" if self.variation else self.name


class Vault:
    """The values of the secrets of a run: resolves them for the wire and hides them in what comes back.

    ``public`` are texts that are printed anyway, such as the tenant's id; a secret in one of them is none.

    Its `repr` shows names only, so that no traceback or ``--showlocals`` prints a value.
    """

    __slots__ = ("_clean", "_forms", "_open", "_plain", "_roots", "_values")

    def __init__(self, values: Mapping[str, str], public: Iterable[str] = ()) -> None:
        self._values: dict[str, str] = {}
        self._open = "\n".join((*public, *PLAIN))
        self._plain: tuple[str, ...] = ()
        self._forms: list[tuple[bytes, str]] = []
        self._roots: tuple[bytes, ...] = ()
        self._clean: tuple[bytes, list[tuple[bytes, str]]] = (b"", self._forms)
        for name, value in values.items():
            if value:
                self.put(name, value)

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._values)})"

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def put(self, name: str, value: str) -> None:
        """Have a name stand for another value from now on; the old one is still hidden wherever it turns up."""
        self._hide(name, value)
        # Last, for others send meanwhile: what can be sent is hidden where it comes back.
        self._values[name] = value

    def _hide(self, name: str, value: str) -> None:
        if _is_plain(value, self._open):
            self._plain = tuple(dict.fromkeys((*self._plain, name)))
            return
        # Of a near-miss that is written as the secret itself is, the secret comes first.
        named = {**dict(reversed(list(_forms({name: value})))), **dict(self._forms)}
        # What holds another form cannot stand where that does not: few have to be looked for in each answer.
        self._roots = tuple(form for form in named if not any(one in form for one in named if one != form))
        self._forms = sorted(named.items(), key=lambda pair: -len(pair[0]))

    def resolve(self, secret: Secret) -> str:
        """The value to send; KeyError where the secret was not given."""
        return VARIATIONS[secret.variation](self._values[secret.name])

    def unsearched(self) -> tuple[str, ...]:
        """Names of the secrets that cannot be searched for, as they are too short or stand in what is public."""
        return self._plain

    def scrub(self, text: bytes) -> tuple[bytes, tuple[str, ...]]:
        """The text with each secret in it replaced by its name, and the names that were replaced."""
        clean, forms = self._clean
        if forms is self._forms and clean == text:
            return text, ()
        forms = self._forms
        found: list[str] = []
        for form, name in self._standing(folded(text)):
            text, times = _replaced(text, form, name.encode())
            found += [name] * bool(times)
        # What is escaped in places only shows once that is undone.
        if (plain := unescaped(text)) is not text:
            for form, name in self._standing(folded(plain)):
                text, times = escaped(form).subn(lambda _, name=name: name.encode(), text)  # type: ignore[misc]
                found += [name] * bool(times)
        # A long answer comes again and again, and a search takes longer than to see that it is the same.
        if not found and len(text) >= LONG_TEXT:
            self._clean = (text, forms)
        return text, tuple(dict.fromkeys(found))

    def _standing(self, text: bytes) -> Iterator[tuple[bytes, str]]:
        """The forms that stand in a folded text, each with its name, longer ones first."""
        if any(root in text for root in self._roots):
            yield from ((form, name) for form, name in self._forms if form in text)

    def leaks(self, paths: Iterable[Path]) -> list[str]:
        """The files in which a secret stands, each with the secret's name."""
        found = []
        for path in paths:
            with path.open("rb") as file:
                found += [f"{path}: {name}" for name in self.stand_in(file)]
        return found

    def stand_in(self, file: BinaryIO) -> tuple[str, ...]:
        """The names of the secrets that stand in a file, which may be longer than there is room for."""
        names: dict[str, None] = {}
        tail = b""
        while block := file.read(BLOCK):
            names.update(dict.fromkeys(self.scrub(tail + block)[1]))
            tail = block[-LONGEST_SPELLING:]
        return tuple(names)

    def scrub_text(self, text: str) -> tuple[str, tuple[str, ...]]:
        """As `scrub`, for text that is kept as text, such as a header's value."""
        clean, found = self.scrub(text.encode("utf-8", "surrogateescape"))
        return clean.decode("utf-8", "surrogateescape"), found


def _is_plain(value: str, public: str) -> bool:
    """Whether a secret is too short to be told from chance, or one of its variations stands in public text."""
    return len(value) < SHORTEST_SEARCHABLE or any(vary(value) in public for vary in VARIATIONS.values())


def _forms(values: Mapping[str, str]) -> Iterator[tuple[bytes, str]]:
    """The ways in which a secret, or a near-miss made from it, may stand in a folded text; each with the name shown."""
    for name, value in values.items():
        for variation, vary in VARIATIONS.items():
            varied = vary(value)
            if len(varied) >= SHORTEST_SEARCHABLE:
                for form in forms(varied):
                    yield folded(form), str(Secret(name, variation))


def _replaced(text: bytes, form: bytes, name: bytes) -> tuple[bytes, int]:
    """A text with a folded form in it replaced, whatever the case of its letters, and how often it was."""
    return re.subn(re.escape(form), lambda _: name, text, flags=re.IGNORECASE)
