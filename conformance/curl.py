"""A probe as a curl command that a shell runs as it stands, secrets by the variables that hold them."""

from __future__ import annotations

import shlex

from .credentials import Secret
from .probe import Probe, Text

SHELL = {
    "": "${{{}}}",
    "less its first character": "${{{}#?}}",
    "less its last character": "${{{}%?}}",
    "with one more character": "${{{}}}a",
}
"""How a shell makes a varied secret from its variable; what it cannot make is said in words instead."""


def curl(probe: Probe, base_url: str) -> str:
    """The command; MANA_TOKEN and the like are taken from the environment of whoever runs it."""
    words = ["curl", "-i", "-g", "--path-as-is"]
    if probe.method == "HEAD":
        words.append("-I")
    elif probe.method != "GET":
        words += ["-X", probe.method]
    for name, value in probe.headers:
        # curl drops a header that has no value unless it ends in a semicolon.
        words += ["-H", _quoted(f"{name}: ", value) if value else shlex.quote(f"{name};")]
    url = f"{base_url}{probe.path}" + ("?" if probe.query else "")
    return " ".join([*words, _url(url, probe)])


def _url(url: str, probe: Probe) -> str:
    query = "&".join(f"{name}={{}}" if isinstance(value, Secret) else f"{name}={value}" for name, value in probe.query)
    secrets = [_in_shell(value) for _, value in probe.query if isinstance(value, Secret)]
    if not secrets:
        return shlex.quote(url + query)
    return '"' + _escaped(url + query).replace("{}", "%s") % tuple(secrets) + '"'


def _quoted(start: str, value: Text) -> str:
    return f'"{start}{_in_shell(value)}"' if isinstance(value, Secret) else shlex.quote(start + value)


def _in_shell(secret: Secret) -> str:
    variable = secret.name.removeprefix("$")
    return SHELL[secret.variation].format(variable) if secret.variation in SHELL else f"<{variable} {secret.variation}>"


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in '"$`\\' else character for character in text).replace("%", "%%")
