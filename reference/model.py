"""What the service speaks of. All of it frozen values."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Machine:
    """One virtual machine. Sizes are in GB, times are `YYYY-MM-DD HH:MM:SS` in UTC."""

    instance_id: str
    name: str
    cpus: int
    memory: int
    disk: int
    lan: tuple[str, ...]
    wan: tuple[str, ...]
    status: str
    created: str
    updated: str


@dataclass(frozen=True)
class Party:
    """A vendor, by the name that the `party` parameter gives and the agent that the `Sp-Agent` header gives."""

    name: str
    agent: str


@dataclass(frozen=True)
class Tenant:
    """A customer, with the one user who logs in for it. The id is 32 hexadecimal characters."""

    tenant_id: str
    name: str
    username: str


@dataclass(frozen=True)
class Place:
    """Where a list of machines lives: one tenant's, in one region."""

    tenant_id: str
    region: str


@dataclass(frozen=True)
class Refusal:
    """Why a request gets no answer: a status of 400 to 599, a sentence for the caller, further headers."""

    status: int
    message: str
    headers: dict[str, str] = field(default_factory=dict)


class Unavailable(Exception):
    """What we rest on gave no answer, or none that is of use."""
