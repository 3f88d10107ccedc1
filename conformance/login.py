"""Login: a token for a user name and password, by keystoneauth1, which also knows each way in which that can fail."""

from __future__ import annotations

from .target import Limits


class LoginError(Exception):
    """No token was to be had; the text is one line for the user."""


def log_in(auth_url: str, username: str, password: str, tenant: str, limits: Limits) -> str:
    """A token by the service's own form, Keystone's v2; LoginError where there is none.

    Args:
        auth_url: Where to log in; ``/tokens`` below it is asked.
        username: The user's name.
        password: The user's password.
        tenant: The tenant that the token is to be for, by its id or name.
        limits: How long to wait.

    """
    # Imported here because most runs are given a token.
    from keystoneauth1 import session  # noqa: PLC0415
    from keystoneauth1.exceptions import ClientException, ConnectFailure, Unauthorized  # noqa: PLC0415
    from keystoneauth1.identity import v2  # noqa: PLC0415

    plugin = v2.Password(auth_url, username=username, password=password, tenant_name=tenant)
    try:
        with_limits = session.Session(timeout=limits.timeout, redirect=False)
        token: str | None = plugin.get_token(with_limits)
    except Unauthorized:
        raise LoginError(f"the login at {auth_url} was refused: 401. Check --username and MANA_PASSWORD.") from None
    except ConnectFailure:
        raise LoginError(f"no connection to {auth_url} for the login. Check --auth-url.") from None
    except (ClientException, KeyError, TypeError, AttributeError) as error:
        raise LoginError(f"the login at {auth_url} gave no token: {type(error).__name__}. Check --auth-url.") from None
    if not token:
        raise LoginError(f"the login at {auth_url} gave no token. Check --auth-url.")
    return token
