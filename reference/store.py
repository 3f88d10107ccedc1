"""The database: who may ask, and which machines there are.

One connection serves all threads, one at a time: a statement takes microseconds, and an in-memory database has no
other way to be the same for every thread that does not also lock whole tables.
"""

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reference.model import Machine, Party, Place, Tenant
from reference.paging import Window

VERSION = 1835101793
"""Marks a database file as one of ours, in this form: the letters `mana` as a number."""

SCHEMA = (
    "PRAGMA user_version = 1835101793",
    "CREATE TABLE parties (name TEXT PRIMARY KEY, agent TEXT NOT NULL UNIQUE)",
    "CREATE TABLE regions (name TEXT PRIMARY KEY)",
    "CREATE TABLE tenants (tenant_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """
    CREATE TABLE users (
        username TEXT PRIMARY KEY,
        tenant_id TEXT NOT NULL REFERENCES tenants,
        salt BLOB,
        digest BLOB
    )
    """,
    """
    CREATE TABLE tokens (
        fingerprint BLOB PRIMARY KEY,
        tenant_id TEXT NOT NULL REFERENCES tenants,
        expires REAL NOT NULL
    )
    """,
    # The position is the order of every list. Addresses are kept as they are never searched: joined by commas.
    """
    CREATE TABLE machines (
        position INTEGER PRIMARY KEY,
        tenant_id TEXT NOT NULL REFERENCES tenants,
        region TEXT NOT NULL REFERENCES regions,
        instance_id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        cpus INTEGER NOT NULL,
        memory INTEGER NOT NULL,
        disk INTEGER NOT NULL,
        lan TEXT NOT NULL,
        wan TEXT NOT NULL,
        status TEXT NOT NULL,
        created TEXT NOT NULL,
        updated TEXT NOT NULL
    )
    """,
    "CREATE INDEX machines_by_place ON machines (tenant_id, region, position)",
)

INSERT_MACHINE = """
    INSERT INTO machines
        (tenant_id, region, instance_id, name, cpus, memory, disk, lan, wan, status, created, updated)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

SELECT_MACHINES = """
    SELECT instance_id, name, cpus, memory, disk, lan, wan, status, created, updated
    FROM machines WHERE tenant_id = ? AND region = ? ORDER BY position LIMIT ? OFFSET ?
"""

DELETE_MACHINE = """
    DELETE FROM machines WHERE position =
        (SELECT position FROM machines WHERE tenant_id = ? AND region = ? ORDER BY position LIMIT 1 OFFSET ?)
"""


@dataclass(frozen=True)
class World:
    """What a new database is filled with. The first region and the first tenant are the main ones."""

    party: Party
    regions: tuple[str, ...]
    tenants: tuple[Tenant, ...]
    stock: Mapping[Place, Iterable[Machine]]


@dataclass(frozen=True)
class Password:
    """A password as it is kept: the salt, and what scrypt made of both."""

    salt: bytes
    digest: bytes


class Store:
    """The database in memory, or in `file`, which is made where there is none.

    Raises sqlite3.Error for a file that is no database or cannot be opened, ValueError for somebody else's database.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        # No isolation level: transactions begin where _change says, the tables' making included.
        self._connection = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
        # A store that nobody holds any more has a connection that nobody would close.
        weakref.finalize(self, self._connection.close).atexit = False
        self._connection.execute("PRAGMA foreign_keys = ON")
        self.empty = not self._rows("SELECT 1 FROM sqlite_master LIMIT 1")
        if not self.empty and self._rows("PRAGMA user_version") != [(VERSION,)]:
            raise ValueError("the file is a database of something else")

    def close(self) -> None:
        """End the connection; nothing can be asked afterwards."""
        with self._lock:
            self._connection.close()

    def fill(self, world: World) -> None:
        """Make the tables of an empty database and put the world in: all of it, or on any error nothing."""
        with self._change() as database:
            for statement in SCHEMA:
                database.execute(statement)
            database.execute("INSERT INTO parties VALUES (?, ?)", (world.party.name, world.party.agent))
            database.executemany("INSERT INTO regions VALUES (?)", [(region,) for region in world.regions])
            for tenant in world.tenants:
                database.execute("INSERT INTO tenants VALUES (?, ?)", (tenant.tenant_id, tenant.name))
                database.execute(
                    "INSERT INTO users (username, tenant_id) VALUES (?, ?)", (tenant.username, tenant.tenant_id)
                )
            for place, machines in world.stock.items():
                database.executemany(INSERT_MACHINE, (_row(place, machine) for machine in machines))

    def parties(self) -> list[Party]:
        """The parties, the main one first."""
        return [Party(*row) for row in self._rows("SELECT name, agent FROM parties ORDER BY rowid")]

    def regions(self) -> list[str]:
        """The names of the regions, the main one first."""
        return [name for (name,) in self._rows("SELECT name FROM regions ORDER BY rowid")]

    def tenants(self) -> list[Tenant]:
        """The tenants, the main one first."""
        query = "SELECT tenant_id, name, username FROM tenants JOIN users USING (tenant_id) ORDER BY tenants.rowid"
        return [Tenant(*row) for row in self._rows(query)]

    def knows_party(self, name: str) -> bool:
        """Whether there is a party of exactly this name."""
        return bool(self._rows("SELECT 1 FROM parties WHERE name = ?", name))

    def knows_agent(self, agent: str) -> bool:
        """Whether there is a party with exactly this agent."""
        return bool(self._rows("SELECT 1 FROM parties WHERE agent = ?", agent))

    def knows_region(self, name: str) -> bool:
        """Whether there is a region of exactly this name."""
        return bool(self._rows("SELECT 1 FROM regions WHERE name = ?", name))

    def tenant_of(self, username: str) -> Tenant | None:
        """The tenant that a user belongs to; None for a user whom nobody knows."""
        query = "SELECT tenant_id, name, username FROM tenants JOIN users USING (tenant_id) WHERE username = ?"
        return next((Tenant(*row) for row in self._rows(query, username)), None)

    def password_of(self, username: str) -> Password | None:
        """A user's password; None for an unknown user, and for one who was given none yet."""
        query = "SELECT salt, digest FROM users WHERE username = ? AND digest IS NOT NULL"
        return next((Password(*row) for row in self._rows(query, username)), None)

    def set_password(self, username: str, password: Password) -> None:
        """Give a user a password, in the place of any other."""
        with self._change() as database:
            database.execute(
                "UPDATE users SET salt = ?, digest = ? WHERE username = ?", (password.salt, password.digest, username)
            )

    def keep_token(self, fingerprint: bytes, tenant_id: str, expires: float) -> None:
        """Keep a token of a tenant, by its fingerprint, with the second since 1970 when it expires."""
        with self._change() as database:
            database.execute("INSERT INTO tokens VALUES (?, ?, ?)", (fingerprint, tenant_id, expires))

    def holder(self, fingerprint: bytes, now: float) -> str | None:
        """The id of the tenant whose token has this fingerprint, and has not expired by `now`; None for no such."""
        query = "SELECT tenant_id FROM tokens WHERE fingerprint = ? AND expires > ?"
        return next((tenant_id for (tenant_id,) in self._rows(query, fingerprint, now)), None)

    def forget_tokens(self, before: float) -> None:
        """Drop the tokens that had expired at this second since 1970."""
        with self._change() as database:
            database.execute("DELETE FROM tokens WHERE expires <= ?", (before,))

    def machines(self, place: Place, window: Window) -> list[Machine]:
        """The machines of a place within a window, in the order in which they came."""
        size = -1 if window.size is None else window.size
        return [_machine(row) for row in self._rows(SELECT_MACHINES, place.tenant_id, place.region, size, window.start)]

    def count(self, place: Place) -> int:
        """How many machines a place has."""
        query = "SELECT count(*) FROM machines WHERE tenant_id = ? AND region = ?"
        [(count,)] = self._rows(query, place.tenant_id, place.region)
        return int(count)

    def add(self, place: Place, machine: Machine) -> None:
        """Put a machine at the end of a place's list."""
        with self._change() as database:
            database.execute(INSERT_MACHINE, _row(place, machine))

    def remove(self, place: Place, index: int) -> None:
        """Take the machine at this index out of a place's list; nothing happens past its end."""
        with self._change() as database:
            database.execute(DELETE_MACHINE, (place.tenant_id, place.region, index))

    def _rows(self, query: str, *parameters: str | bytes | float) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._connection as database:
            database.execute("BEGIN IMMEDIATE")
            yield database


def _row(place: Place, machine: Machine) -> tuple[str | int, ...]:
    return (
        place.tenant_id,
        place.region,
        machine.instance_id,
        machine.name,
        machine.cpus,
        machine.memory,
        machine.disk,
        ",".join(machine.lan),
        ",".join(machine.wan),
        machine.status,
        machine.created,
        machine.updated,
    )


def _machine(row: tuple[Any, ...]) -> Machine:
    instance_id, name, cpus, memory, disk, lan, wan, status, created, updated = row
    return Machine(instance_id, name, cpus, memory, disk, _addresses(lan), _addresses(wan), status, created, updated)


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
