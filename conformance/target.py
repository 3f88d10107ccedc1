"""Target: an implementation under test, and the limits under which it is asked."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


class BadTarget(ValueError):
    """A target that cannot be asked as it was given; the text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to ask and whose list; no secret is held here.

    ``base_url`` has no slash at its end and may hold a path prefix. ``given`` names the optional inputs that are at
    hand: "other_token", "other_tenant_id", "other_region", "expired_token".
    """

    name: str
    base_url: str
    party: str
    tenant_id: str
    region: str
    sp_agent: str = "default"
    other_tenant_id: str = ""
    other_region: str = ""
    given: frozenset[str] = frozenset()

    @property
    def private_channel(self) -> bool:
        """Whether what is sent stays private on the way: TLS, or a loopback address."""
        parts = urlsplit(self.base_url)
        return parts.scheme == "https" or is_loopback(parts.hostname or "")

    def as_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back."""
        return {
            "name": self.name,
            "base_url": self.base_url,
            "party": self.party,
            "tenant_id": self.tenant_id,
            "region": self.region,
            "sp_agent": self.sp_agent,
            "other_tenant_id": self.other_tenant_id,
            "other_region": self.other_region,
            "given": sorted(self.given),
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> Target:
        """The target of such an object; KeyError or TypeError where it is not one."""
        return Target(**{**data, "given": frozenset(data["given"])})


def warnings(target: Target, limits: Limits) -> list[str]:
    """What about the way to a target a user should know, a sentence each."""
    parts = urlsplit(target.base_url)
    found = []
    if not target.private_channel:
        found.append(f"The token goes to {parts.hostname} over plain HTTP, where anyone on the way can read it.")
    if parts.scheme == "https" and limits.trust is False:
        found.append(
            "The server's certificate was not verified (--insecure): whoever answered may not be who was meant."
        )
    return found


def is_loopback(host: str) -> bool:
    """Whether a host name or address never leaves this machine (RFC 6761 section 6.3)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_base_url(text: str, option: str = "--base-url") -> str:
    """A base URL without the slashes at its end; BadTarget with one line, which names the option, where it is none.

    What a user should not have put there is not in that line.
    """
    if "@" in (text.partition("//")[2] or text).partition("/")[0]:
        raise BadTarget(
            f"{option} holds a user name or password, which would be printed: use --username and MANA_PASSWORD"
        )
    if "?" in text or "#" in text:
        raise BadTarget(f"{option} has a query or fragment: give the part before the document's path only")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadTarget(f"{option} {text!r} is no URL: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadTarget(f"{option} {text!r} is no URL of a server: write http://HOST:PORT or https://HOST")
    if port == 0:
        raise BadTarget(f"{option} {text!r} names port 0, which no server listens on")
    return text.rstrip("/")


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard and how long to ask.

    ``timeout`` in seconds bounds connecting, each wait for bytes, and the whole exchange; ``body`` bounds a body in
    bytes, before and after its content coding is taken off; ``rate`` is in requests a second, None for no limit.
    ``trust`` is by whom a server's certificate is to be signed: True for the authorities that requests trusts, a file
    of certificates, or False for anybody.
    """

    timeout: float = 10.0
    body: int = 40 * 1024 * 1024
    concurrency: int = 10
    rate: float | None = None
    proxies: bool = False
    trust: bool | str = True
