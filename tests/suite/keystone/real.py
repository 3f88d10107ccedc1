"""A real Keystone, from an empty folder to serving on a loopback port, and what its administrator does in it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from getpass import getuser
from grp import getgrgid
from pathlib import Path
from typing import Any

import requests

from tests.suite.servers import free_port

STARTS_WITHIN = 60.0
"""Seconds."""

ADMIN_PASSWORD = "password-of-the-administrator"

CONFIGURATION = """\
[DEFAULT]
log_file = {folder}/keystone.log
[database]
connection = sqlite:///{folder}/keystone.db
[cache]
enabled = true
backend = dogpile.cache.memory
[fernet_tokens]
key_repository = {folder}/fernet-keys
[fernet_receipts]
key_repository = {folder}/receipt-keys
[credential]
key_repository = {folder}/credential-keys
[token]
provider = fernet
expiration = {expiration}
allow_expired_window = 0
[identity]
password_hash_rounds = 4
"""

SERVE = """
import sys, waitress
port, sys.argv = int(sys.argv[1]), ["keystone"]
from keystone.wsgi.api import application
waitress.serve(application, host="127.0.0.1", port=port, threads=8, _quiet=True)
"""
"""oslo.config would take the command line for its own."""


@dataclass
class Keystone:
    """A Keystone that serves, by its address; ``password`` is that of every user made in it."""

    url: str
    password: str = "password-of-a-user"
    _token: str = field(default="", repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The administrator, as OpenStack's tools want to know of one."""
        return {"OS_USERNAME": "admin", "OS_PASSWORD": ADMIN_PASSWORD, "OS_PROJECT_NAME": "admin"}

    def log_in(self, username: str, password: str, project: str) -> str:
        """A token for a project, by a login of this file's own."""
        default = {"id": "default"}
        user = {"name": username, "password": password, "domain": default}
        scope = {"project": {"name": project, "domain": default}}
        identity = {"methods": ["password"], "password": {"user": user}}
        answer = requests.post(
            f"{self.url}/v3/auth/tokens", json={"auth": {"identity": identity, "scope": scope}}, timeout=10
        )
        answer.raise_for_status()
        return answer.headers["X-Subject-Token"]

    def add(self, username: str, project: str) -> None:
        """Make a user who is a member of a new project."""
        made = self.ask("POST", "/projects", {"project": {"name": project, "domain_id": "default"}})
        user = {"name": username, "password": self.password, "domain_id": "default"}
        user_id = self.ask("POST", "/users", {"user": user})["user"]["id"]
        [role] = self.ask("GET", "/roles?name=member")["roles"]
        self.ask("PUT", f"/projects/{made['project']['id']}/users/{user_id}/roles/{role['id']}")

    def revoke(self, token: str) -> None:
        """Have a token be good for nothing from now on."""
        self.ask("DELETE", "/auth/tokens", token=token)

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """Ask as the administrator, of a token where one is given."""
        own = self.log_in("admin", ADMIN_PASSWORD, "admin")
        headers = {"X-Auth-Token": own, **({"X-Subject-Token": token} if token else {})}
        answer = requests.request(method, f"{self.url}/v3{path}", json=body, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def serving(folder: Path, expiration: int) -> Iterator[Keystone]:
    """A new Keystone in an empty folder, whose tokens are good for so many seconds."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    configuration = folder / "keystone.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, expiration=expiration))
    environment = {**os.environ, "OS_KEYSTONE_CONFIG_DIR": str(folder), "OS_BOOTSTRAP_PASSWORD": ADMIN_PASSWORD}
    whose = ("--keystone-user", getuser(), "--keystone-group", getgrgid(os.getgid()).gr_name)
    manage(configuration, environment, "db_sync")
    manage(configuration, environment, "fernet_setup", *whose)
    addresses = ("--bootstrap-public-url", f"{url}/v3", "--bootstrap-internal-url", f"{url}/v3")
    manage(configuration, environment, "bootstrap", "--bootstrap-region-id", "RegionOne", *addresses)
    command = [sys.executable, "-c", SERVE, str(port)]
    with (
        (folder / "out").open("wb") as out,
        subprocess.Popen(  # noqa: S603 - the words are this file's
            command, cwd=folder, env=environment, stdout=out, stderr=out
        ) as server,
    ):
        try:
            wait_for(url, server, folder)
            yield Keystone(url)
        finally:
            server.terminate()


def manage(configuration: Path, environment: Mapping[str, str], *words: str) -> None:
    """Run keystone-manage, which would take the machine's own configuration for its own."""
    command = [str(Path(sys.executable).with_name("keystone-manage")), "--config-file", str(configuration), *words]
    done = subprocess.run(  # noqa: S603 - the words are this file's
        command, cwd=configuration.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def wait_for(url: str, server: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until it answers."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            requests.get(f"{url}/v3", timeout=5).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"Keystone did not start: {(folder / 'out').read_text(errors='replace')[-2000:]}")
