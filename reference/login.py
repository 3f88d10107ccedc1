"""`POST /mana_api/tokens`: a token for a user's name and password, in the form of Keystone's API v2."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from reference.model import Refusal
from reference.tokens import Token, Tokens, unlocks

FORM = "JSON with auth.tenantName, auth.passwordCredentials.username and auth.passwordCredentials.password"


@dataclass(frozen=True)
class Login:
    """Who says to be which user, of the tenant of this name or id."""

    tenant: str
    username: str
    password: str = field(repr=False)


def answer(body: bytes, tokens: Tokens) -> Refusal | Token:
    """A new token for the login that a request's body holds: 400 for a body of another form, 401 for a wrong login."""
    try:
        login = parse(body)
    except ValueError:
        return Refusal(400, f"The body is not {FORM}")
    tenant = tokens.store.tenant_of(login.username)
    known = unlocks(login.password, tokens.store.password_of(login.username))
    if tenant is None or not known or login.tenant not in {tenant.tenant_id, tenant.name}:
        return Refusal(401, "The tenant, the user's name or the password is wrong", challenge(tokens))
    return tokens.issue(tenant)


def challenge(tokens: Tokens) -> dict[str, str]:
    """What a 401 tells the caller: what kind of token is wanted, and where one is had."""
    return {"WWW-Authenticate": f'Keystone uri="{tokens.login_at}"'}


def parse(body: bytes) -> Login:
    """The login that a body holds. `tenantId` does as well as `tenantName`. Raises ValueError for any other form."""
    try:
        auth = _object(json.loads(body.decode()), "auth")
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    credentials = _object(auth, "passwordCredentials")
    tenant = "tenantName" if "tenantName" in auth else "tenantId"
    return Login(_text(auth, tenant), _text(credentials, "username"), _text(credentials, "password"))


def document(token: Token) -> dict[str, Any]:
    """The answer that carries a token: Keystone's, with no services in its catalog."""
    tenant = {"id": token.tenant.tenant_id, "name": token.tenant.name, "description": None, "enabled": True}
    user = {"id": token.tenant.username, "name": token.tenant.username, "username": token.tenant.username}
    return {
        "access": {
            "token": {
                "id": token.text,
                "issued_at": _instant(token.issued),
                "expires": _instant(token.expires),
                "tenant": tenant,
            },
            "user": {**user, "roles": [{"name": "member"}], "roles_links": []},
            "serviceCatalog": [],
            "metadata": {"is_admin": 0, "roles": []},
        }
    }


def _object(parent: object, name: str) -> Mapping[str, object]:
    value = parent.get(name) if isinstance(parent, dict) else None
    if not isinstance(value, dict):
        raise ValueError(f"{name} is no object")  # noqa: TRY004 - a form that is wrong, not a caller in our code
    return value


def _text(parent: Mapping[str, object], name: str) -> str:
    value = parent.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is no string")  # noqa: TRY004 - as above
    value.encode()  # JSON may write half a surrogate pair, which is no text: the error is a ValueError too
    return value


def _instant(seconds: float) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
