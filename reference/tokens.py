"""Tokens and passwords: made up, kept, checked. Neither is ever kept as it is."""

import hashlib
import hmac
import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from reference.model import Tenant
from reference.store import Password, Store

ALPHABET = string.ascii_letters + string.digits

# A server starts dozens of times a day, and its made-up passwords are beyond guessing anyway: 7 ms instead of 60.
SCRYPT_COST = 2**11


@dataclass(frozen=True)
class Token:
    """A token as its holder gets it, once. The times are seconds since 1970."""

    text: str = field(repr=False)
    tenant: Tenant
    issued: float
    expires: float


@dataclass(frozen=True)
class Tokens:
    """The tokens of a store: each issued for one tenant, and good for `lifetime` seconds."""

    store: Store
    lifetime: float = 3600.0
    clock: Callable[[], float] = time.time

    @property
    def login_at(self) -> str:
        """Where to log in for one, as a 401 says it."""
        return "/mana_api"

    @property
    def issues(self) -> bool:
        """Whether they are issued here."""
        return True

    def issue(self, tenant: Tenant, age: float = 0.0) -> Token:
        """A new token for a tenant, as though issued so many seconds ago."""
        issued = self.clock() - age
        token = Token(made_up(), tenant, issued, issued + self.lifetime)
        self.store.keep_token(_fingerprint(token.text), tenant.tenant_id, token.expires)
        return token

    def holder(self, text: str | None) -> str | None:
        """The id of the tenant that a token speaks for; None where it is missing, unknown or expired.

        It is looked up by its SHA-256, so the time this takes tells nothing of how near a wrong token came.
        """
        return None if text is None else self.store.holder(_fingerprint(text), self.clock())


def made_up() -> str:
    """A secret of 48 letters and digits: nothing in it that a shell or a header would take amiss."""
    return "".join(secrets.choice(ALPHABET) for _ in range(48))


def locked(text: str) -> Password:
    """The password as the store keeps it."""
    salt = secrets.token_bytes(16)
    return Password(salt, _stretched(text, salt))


def unlocks(text: str, password: Password | None) -> bool:
    """Whether the text is the password. None never matches, and takes as long to refuse."""
    known = password or Password(salt=bytes(16), digest=b"")
    return hmac.compare_digest(_stretched(text, known.salt), known.digest)


def _fingerprint(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _stretched(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=SCRYPT_COST, r=8, p=1)
