"""Login: a token for a user name and password, by keystoneauth1, which also knows each way in which that can fail.

The token is all that is taken of it. Its session would log in again by itself wherever it meets a 401, so no clause's
request goes through it; a token that expires during a run is renewed here, once, and that is said.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .target import Limits

if TYPE_CHECKING:
    import requests

VERSIONS = ("2", "3")
"""Keystone's API: 2 is the form that the service itself has, 3 a Keystone of its own."""

DOMAIN = "Default"
"""The domain that every Keystone begins with, by its name."""


class LoginError(Exception):
    """No token was to be had; the text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Login:
    """Where to log in, as whom and for what.

    The token is for the tenant, which is asked for by ``project``, its name, where that is given. ``user_domain`` and
    ``project_domain`` are names too, and of version 3 only.
    """

    auth_url: str
    username: str
    password: str = field(repr=False)
    tenant_id: str
    version: str = "2"
    project: str = ""
    user_domain: str = DOMAIN
    project_domain: str = DOMAIN

    @property
    def asked(self) -> str:
        """The URL that is asked."""
        if self.version == "2":
            return f"{self.auth_url}/tokens"
        return f"{self.auth_url.removesuffix('/v3')}/v3/auth/tokens"

    @property
    def _plugin(self) -> Any:
        # Imported here because most runs are given a token.
        from keystoneauth1.identity import v2, v3  # noqa: PLC0415

        if self.version == "2":
            # A service of this form takes the id for a name as well.
            tenant = self.project or self.tenant_id
            return v2.Password(self.auth_url, username=self.username, password=self.password, tenant_name=tenant)
        return v3.Password(
            self.auth_url,
            username=self.username,
            password=self.password,
            user_domain_name=self.user_domain,
            include_catalog=False,
            project_id=None if self.project else self.tenant_id,
            project_name=self.project or None,
            project_domain_name=self.project_domain if self.project else None,
        )

    def token(self, limits: Limits) -> str:
        """A token; LoginError with one line where there is none."""
        with warnings.catch_warnings():
            # What OpenStack's packages import at this warns of much that is none of ours, and pytest may be strict.
            warnings.simplefilter("ignore")
            return self._token(limits)

    def _token(self, limits: Limits) -> str:
        import requests  # noqa: PLC0415 - as above
        from keystoneauth1 import exceptions, session  # noqa: PLC0415 - as above

        from .channel import Limited  # noqa: PLC0415 - as above
        from .watch import Watch  # noqa: PLC0415 - as above

        answers: list[requests.Response] = []
        watch = Watch()
        with requests.Session() as wire, contextlib.closing(watch):
            wire.trust_env = limits.proxies
            for scheme in ("http://", "https://"):
                wire.mount(scheme, Limited(watch, limits.timeout))
            wire.hooks["response"].append(lambda answer, *_, **__: answers.append(answer))
            asking = session.Session(session=wire, timeout=limits.timeout, redirect=False, verify=limits.trust)
            try:
                token: object = self._plugin.get_token(asking)
            except exceptions.ConnectTimeout:
                raise LoginError(f"no answer within {limits.timeout:g} s to the login at {self.asked}.") from None
            except exceptions.SSLError:
                raise LoginError(f"TLS failed at {self.asked}, for the login. Check its certificate.") from None
            except exceptions.ConnectFailure:
                raise LoginError(f"no connection to {self.asked} for the login. Check --auth-url.") from None
            except exceptions.ClientException:
                token = None
            except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
                # An answer of another shape; without one it is no fault of the other side.
                if not answers:
                    raise
                token = None
        if isinstance(token, str) and token and token.isprintable() and token.isascii():
            return token
        raise LoginError(_without_token(self, answers[-1] if answers else None))


def _without_token(login: Login, answer: requests.Response | None) -> str:
    """What is wrong with an answer that holds no token, and what to do."""
    if answer is None:
        return f"no readable HTTP answer to the login at {login.asked}. Check --auth-url."
    status = answer.status_code
    if status in {401, 403}:
        scope = "the project and the domains" if login.version == "3" else "the tenant"
        return f"the login at {login.asked} was refused: {status}. Check --username, MANA_PASSWORD and {scope}."
    if 300 <= status < 400:
        came = f"by a redirect, {status}, and none is followed"
    elif status >= 400:
        came = f"{status}"
    elif answer.content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        came = "by a page of HTML, as a login page or a proxy does"
    else:
        came = f"{status} without a token"
    return f"the login at {login.asked} was answered {came}. Check --auth-url and --auth-version."


class Renewal:
    """Another token, once, for a run whose own is refused where it was taken before; ``said`` tells what became of it.

    ``put`` takes the new token.
    """

    def __init__(self, login: Login, limits: Limits, put: Callable[[str], None]) -> None:
        self.said = ""
        self._login = login
        self._limits = limits
        self._put = put

    def __call__(self) -> bool:
        """Whether there is another token now."""
        if self.said:
            return False
        try:
            self._put(self._login.token(self._limits))
        except LoginError as error:
            self.said = f"the token expired during the run, and could not be renewed: {error}"
            return False
        self.said = "the token expired during the run and was renewed, once"
        return True
