"""How each place is settled where the document contradicts itself or says nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints


@dataclass(frozen=True)
class Readings:
    """One value of each reading; the defaults are what a server shows that was told nothing."""

    vm_servers: Literal["list", "dict"] = "list"
    lan: Literal["lan_ip", "lan_ip_set", "both"] = "lan_ip"
    wan: Literal["list", "string"] = "list"
    code: Literal["present", "absent"] = "present"
    party: Literal["query", "header", "either"] = "query"
    paging: Literal["1-inclusive", "1-exclusive", "0-inclusive", "0-exclusive"] = "1-inclusive"


DEFAULT = Readings()

VALUES: Mapping[str, tuple[str, ...]] = {name: get_args(kind) for name, kind in get_type_hints(Readings).items()}
"""The values that each reading may take, the default first."""


def parse(pins: Iterable[str]) -> Readings:
    """The readings that `NAME=VALUE` texts pin, the rest by default; of two pins of one name, the last holds.

    Raises ValueError, with the choices, for a name or value that there is not.
    """
    chosen: dict[str, Any] = {}
    for pin in pins:
        name, _, value = pin.partition("=")
        if name not in VALUES:
            raise ValueError(f"there is no reading {name!r}; there are {', '.join(VALUES)}")
        if value not in VALUES[name]:
            raise ValueError(f"the reading {name} is one of {', '.join(VALUES[name])}, not {value!r}")
        chosen[name] = value
    return Readings(**chosen)
