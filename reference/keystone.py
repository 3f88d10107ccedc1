"""Tokens of a Keystone: whoever asks has logged in there, and each token is looked up there whenever it is used."""

import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reference.model import Tenant, Unavailable
from reference.tokens import Token, Tokens

TIMEOUT = 10.0
"""Seconds that an answer of Keystone may take."""

CREDENTIALS = ("OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME")
DOMAINS = ("OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME")
"""The environment's words for the user who may look tokens up, as OpenStack's own tools have them."""


class Keystone:
    """A Keystone by its address, and the user by whom tokens are looked up there (its API v3). For several threads."""

    def __init__(self, url: str, environment: Mapping[str, str] = os.environ) -> None:
        """Raises ValueError where the environment does not say by whom."""
        if missing := [name for name in CREDENTIALS if not environment.get(name)]:
            raise ValueError(f"--keystone needs {', '.join(missing)} in the environment")
        self.url = url.rstrip("/").removesuffix("/v3")
        self._login = _login(environment)
        self._lock = threading.Lock()
        self._own = ""

    def project_of(self, token: str) -> tuple[str, str] | None:
        """Id and name of a token's project; None where the token is unknown, expired or revoked, or has no project.

        Raises Unavailable.
        """
        own = self._token(instead_of="")
        status, answer = self._look_up(token, own)
        if status == 401:
            # Either of the two tokens may have expired.
            status, answer = self._look_up(token, self._token(instead_of=own))
        if status in {401, 404}:
            return None
        if status != 200:
            raise Unavailable(f"Keystone answered {status} when a token was looked up")
        project = answer["token"].get("project")
        return (project["id"], project["name"]) if project else None

    def log_in(self) -> None:
        """See whether tokens can be looked up. Raises Unavailable."""
        self._token(instead_of="")

    def _token(self, instead_of: str) -> str:
        """Our own token, anew where it is this one."""
        with self._lock:
            if self._own == instead_of:
                status, _, token = self._ask("POST", {}, self._login)
                if not token:
                    raise Unavailable(f"Keystone answered {status} to our own login")
                self._own = token
            return self._own

    def _look_up(self, token: str, own: str) -> tuple[int, Any]:
        status, answer, _ = self._ask("GET", {"X-Auth-Token": own, "X-Subject-Token": token})
        return status, answer

    def _ask(self, method: str, headers: dict[str, str], body: Any = None) -> tuple[int, Any, str]:
        """Status, body and subject token of an answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's
            f"{self.url}/v3/auth/tokens?nocatalog", data, {"Content-Type": "application/json", **headers}, method=method
        )
        try:
            with OPENER.open(request, timeout=TIMEOUT) as answer:
                return answer.status, json.load(answer), answer.headers.get("X-Subject-Token", "")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None, ""
        except (OSError, ValueError) as error:
            raise Unavailable(f"Keystone at {self.url} gave no answer that can be read: {error}") from error


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Goes through no proxy that the environment happens to name."""


def _login(environment: Mapping[str, str]) -> dict[str, Any]:
    """The body of our own login."""
    username, password, project = (environment[name] for name in CREDENTIALS)
    of_user, of_project = ({"name": environment.get(name) or "Default"} for name in DOMAINS)
    user = {"name": username, "password": password, "domain": of_user}
    return {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": project, "domain": of_project}},
        }
    }


@dataclass(frozen=True)
class KeystoneTokens(Tokens):
    """The tokens of a Keystone. One is for the tenant that its project's id or name is that of."""

    keystone: Keystone = field(kw_only=True)

    @property
    def login_at(self) -> str:
        """Keystone's address."""
        return self.keystone.url

    @property
    def issues(self) -> bool:
        """Keystone does."""
        return False

    def issue(self, tenant: Tenant, age: float = 0.0) -> Token:
        """None of ours is good for anything."""
        raise NotImplementedError("tokens are issued by Keystone")

    def holder(self, text: str | None) -> str | None:
        """The id of the tenant that a token speaks for; None where it is missing, unknown, expired or revoked."""
        project = self.keystone.project_of(text) if text else None
        if project is None:
            return None
        id, name = project
        tenants = (tenant.tenant_id for tenant in self.store.tenants() if id == tenant.tenant_id or name == tenant.name)
        return next(tenants, None)
