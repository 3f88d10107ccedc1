"""The made-up world of a new database: the same seed makes the same one, but for passwords and tokens."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

from reference.model import Machine, Party, Place, Tenant
from reference.store import World

PARTY = Party(name="scloudm", agent="default")
REGIONS = ("dongjing", "guangzhou")

# What a list holds in turn. The cycles' lengths share no factor, so that everything soon meets everything.
NAMES = (
    "hehe",
    "web-{}",
    "数据库-主-{}",
    'the "quoted" one {}',
    "O'Brien; DROP TABLE machines; -- {}",
    "🐼 панда {}",
    "<b>bold</b> & <script>alert({})</script>",
    r"back\slash\{}",
    "虚拟机（测试）{}",
    "a very long name of a machine that somebody let a script make up, number {}",
    "haha",
)
STATUSES = ("ACTIVE", "ACTIVE", "ERROR", "ACTIVE", "SHUTOFF", "ACTIVE", "BUILD")
WAN_COUNTS = (1, 2, 0, 1)
LAN_COUNTS = (1, 2, 1)

T = TypeVar("T")

FIRST_CREATED = datetime(2022, 1, 1, tzinfo=UTC).timestamp()
CREATED_WITHIN = 400 * 86_400
"""Seconds within which a list's machines were created, about."""

UPDATED_WITHIN = 30 * 86_400
"""Seconds after its creation within which a machine was last updated."""


def world(seed: str, vms: int) -> World:
    """A world of two tenants and two regions, with so many machines at the main tenant's main region."""
    main, other = tenants(seed)
    here, there = REGIONS
    sizes = {
        Place(main.tenant_id, here): vms,
        Place(main.tenant_id, there): min(vms // 2, 40),
        Place(other.tenant_id, here): 8,
        Place(other.tenant_id, there): 3,
    }
    return World(
        party=PARTY,
        regions=REGIONS,
        tenants=(main, other),
        stock={place: machines(_draw(seed, place.tenant_id, place.region), size) for place, size in sizes.items()},
    )


def tenants(seed: str) -> tuple[Tenant, Tenant]:
    """The main tenant and the other one."""
    draw = _draw(seed, "tenants")
    main, other = (f"{draw.getrandbits(128):032x}" for _ in range(2))
    return Tenant(main, "orchid", "orchid-admin"), Tenant(other, "lotus", "lotus-admin")


def machines(draw: Random, count: int) -> Iterator[Machine]:
    """So many machines, the oldest first."""
    longest_gap = max(2 * CREATED_WITHIN // max(count, 1), 1)
    created = FIRST_CREATED
    for number in range(1, count + 1):
        created += draw.randrange(longest_gap)
        yield machine(draw, number, created, updated=created + draw.randrange(UPDATED_WITHIN))


def machine(draw: Random, number: int, created: float, updated: float) -> Machine:
    """The machine of this number in its list; the times are seconds since 1970."""
    cpus = draw.choice((1, 2, 4, 8, 16, 32))
    return Machine(
        instance_id=_identifier(draw),
        name=_of(NAMES, number).format(number),
        cpus=cpus,
        memory=cpus * draw.choice((1, 2, 4)),
        disk=draw.choice((20, 40, 100, 200, 500)),
        lan=tuple(_lan_address(number, network) for network in range(_of(LAN_COUNTS, number))),
        wan=tuple(_wan_address(draw) for _ in range(_of(WAN_COUNTS, number))),
        status=_of(STATUSES, number),
        created=_timestamp(created),
        updated=_timestamp(updated),
    )


def _draw(*names: str) -> Random:
    return Random("/".join(names))  # noqa: S311 - made-up data has to come out the same again, it guards nothing


def _of(cycle: Sequence[T], number: int) -> T:
    return cycle[number % len(cycle)]


def _identifier(draw: Random) -> str:
    digits = f"{draw.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _lan_address(number: int, network: int) -> str:
    return f"10.{network << 7 | number >> 16 & 0x7F}.{number >> 8 & 0xFF}.{number & 0xFF}"


def _wan_address(draw: Random) -> str:
    # The networks that RFC 5737 and RFC 3849 keep for documentation: nobody's machine is ever meant.
    block = draw.choice(("192.0.2.{}", "198.51.100.{}", "203.0.113.{}", "2001:db8::{:x}"))
    return block.format(draw.randrange(1, 255))


def _timestamp(seconds: float) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M:%S}"
