"""Readings of a target: how it settles what the document leaves open, told by what it shows.

Each reading goes by the majority of what was seen, so that one deviating machine is a fault of that machine and not a
doubt about the reading. The clauses hold the target to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .answer import Listing, Reply
from .judgement import Inapplicable, Undecided

FOUND, PINNED, UNDETERMINED = "found", "pinned", "undetermined"


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of a target: its value, None where undetermined, and how that is known."""

    value: str | None
    how: str

    def as_json(self) -> dict[str, str | None]:
        """The object of report.json."""
        return {"value": self.value, "how": self.how}


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of a target by name: ``found``, or of what the document settles itself, as it is ``said`` there."""

    found: Mapping[str, Found]
    said: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str | None:
        """The value of a reading; None where it is undetermined, or the document has nothing of it."""
        one = self.found.get(name)
        return one.value if one else self.said.get(name)

    def require(self, name: str, *values: str) -> None:
        """A reading has to be one of these; Undecided where it is not known, Inapplicable where it is another."""
        value = self[name]
        if value is None and name not in self.found:
            raise Inapplicable(f"the document leaves no reading {name} to find")
        if value is None:
            raise Undecided(f"what came does not show the reading {name}; --reading={name}=VALUE says which it is")
        if value not in values:
            raise Inapplicable(f"{name}={value}, and this is asked under {name}={' or '.join(values)} alone")

    @property
    def settled(self) -> dict[str, str]:
        """The readings whose value is known."""
        return {name: one.value for name, one in self.found.items() if one.value is not None}


def settle(shown: str | None, pinned: str | None) -> Found:
    """A reading from what the target shows and what the user pinned."""
    if pinned is not None:
        return Found(pinned, PINNED)
    return Found(shown, FOUND if shown is not None else UNDETERMINED)


def shown_by_lists(listings: Iterable[Listing]) -> dict[str, str | None]:
    """What lists of machines show of the readings that stand in a body."""
    seen: dict[str, Counter[str]] = {"vm_servers": Counter(), "code": Counter(), "lan": Counter(), "wan": Counter()}
    for listing in listings:
        seen["code"]["present" if "code" in listing.envelope else "absent"] += 1
        if listing.machines:
            seen["vm_servers"][listing.shape] += 1
        for form, times in listing.forms.items():
            if shown := LAN.get(frozenset({"lan_ip", "lan_ip_set"}.intersection(form))):
                seen["lan"][shown] += times
        kinds = Counter(map(type, listing.values("wan_ip_set")))
        for kind, times in kinds.items():
            if kind in WAN:
                seen["wan"][WAN[kind]] += times
    return {name: values.most_common(1)[0][0] if values else None for name, values in seen.items()}


LAN = {
    frozenset({"lan_ip"}): "lan_ip",
    frozenset({"lan_ip_set"}): "lan_ip_set",
    frozenset({"lan_ip", "lan_ip_set"}): "both",
}
"""By which of the two names are there."""

WAN: dict[type, str] = {list: "list", str: "string"}


def shown_by_party(without: Reply, unknown: Reply, *, good: Reply) -> str | None:
    """Where a target looks for the party.

    Args:
        without: The answer to the good request less the parameter.
        unknown: The answer to the good request with a parameter that names no party.
        good: The good request's answer; beside an empty list only a refusal shows anything.

    """
    if without.failed:
        return None
    if without.refuses:
        return "query"
    if not good.machines:
        return None
    if not without.machines:
        return "query"
    if unknown.failed:
        return None
    return "header" if unknown.machines else "either"
