"""Options: what the user asks of a run, from the command line or the environment, checked before anything is sent."""

from __future__ import annotations

import os
import random
import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from contracts import DEFAULT, Document, readings

from . import baseline, kept
from .baseline import Baseline
from .clause import OPTIONAL_INPUTS
from .credentials import EXPIRED_TOKEN, OTHER_TOKEN, PASSWORD, TOKEN, Vault
from .login import DOMAIN, VERSIONS, Login
from .target import BadTarget, Limits, Target, checked_base_url

EXAMPLES = 20
SEED = 20160128
"""The date of the document's own sample; any fixed number would do."""

LONGEST_TIMEOUT = 86_400
"""Seconds: a day, and less than any clock of the system's counts to."""

UUID = re.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class Group(Protocol):
    """What options are declared to, as pytest's groups and argparse's have it."""

    def addoption(self, *names: str, **about: Any) -> None: ...  # noqa: D102


class Groups(Protocol):
    """What has groups of options, by a name and a heading."""

    def getgroup(self, name: str, description: str) -> Group: ...  # noqa: D102


def add_options(parser: Groups) -> None:
    """Declare the options; pytest-base-url has declared ``--base-url`` already."""
    _add_target(parser.getgroup("contract target", "Contract: the target and whose list"))
    _add_judging(parser.getgroup("contract judging", "Contract: how to judge and what to write"))
    _add_asking(parser.getgroup("contract asking", "Contract: how hard to ask"))


def add_settings(parser: pytest.Parser) -> None:
    """Declare what stands in pytest's settings."""
    parser.addini(
        "contract_default_target",
        "command that serves a target to judge where no --base-url is given: it prints one line of JSON with its "
        "base_url and the other options' values, and ends when its input is closed",
        type="args",
        default=[],
    )


def _add_target(group: Group) -> None:
    group.addoption(
        "--target", metavar="NAME", default=None, help="judge the target of this name in --targets [targets.toml]"
    )
    group.addoption(
        "--targets",
        metavar="FILE",
        type=Path,
        default=None,
        help="judge all targets of this file, each a table [targets.NAME] of the other options, names with underscores "
        'for dashes, and secrets as the variables that hold them, token = "$ACME_TOKEN"; -n N judges N at a time',
    )
    text = [
        ("--token", "TOKEN", "the token; better given as MANA_TOKEN, because a command line can be seen by others"),
        ("--username", "NAME", "log in by this name instead, with MANA_PASSWORD"),
        ("--password", "TEXT", "the password of --username; better given as MANA_PASSWORD"),
        ("--auth-url", "URL", "where to log in [MANA_AUTH_URL; default for version 2: BASE_URL/mana_api]"),
        (
            "--auth-version",
            "2|3",
            "how to log in: 2 asks AUTH_URL/tokens, the service's own form; 3 a Keystone at AUTH_URL/v3 "
            "[MANA_AUTH_VERSION; default 2]",
        ),
        ("--project-name", "NAME", "log in for the project of this name [MANA_PROJECT_NAME; default: --tenant-id]"),
        ("--user-domain", "NAME", f"version 3: the user's domain [MANA_USER_DOMAIN; default {DOMAIN}]"),
        ("--project-domain", "NAME", "version 3: the project's domain [MANA_PROJECT_DOMAIN; default: the user's]"),
        ("--party", "NAME", "the vendor whose list is judged [MANA_PARTY]"),
        ("--tenant-id", "ID", "the tenant whose list is judged [MANA_TENANT_ID]"),
        ("--region", "NAME", "the region whose list is judged [MANA_REGION]"),
        ("--sp-agent", "NAME", "the Sp-Agent header [MANA_SP_AGENT; default: default]"),
        ("--other-token", "TOKEN", "a token of another tenant, for the clauses about two [MANA_OTHER_TOKEN]"),
        ("--other-tenant-id", "ID", "the other tenant [MANA_OTHER_TENANT_ID]"),
        ("--other-region", "NAME", "another region in which the tenant has machines [MANA_OTHER_REGION]"),
        ("--expired-token", "TOKEN", "a token that was good once [MANA_EXPIRED_TOKEN]"),
    ]
    for name, metavar, help_ in text:
        group.addoption(name, metavar=metavar, default=None, help=help_)


def _add_judging(group: Group) -> None:
    group.addoption(
        "--contract",
        metavar="DOC",
        type=Path,
        default=DEFAULT,
        help="judge by this document of the same table format, not ours",
    )
    group.addoption(
        "--reading",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="pin how the document is read where it leaves it open (repeatable; docs/readings.md has all); otherwise "
        "found out from the target",
    )
    group.addoption(
        "--fail-on",
        choices=("must", "should"),
        default="must",
        help="exit 1 where a MUST is broken, or a SHOULD too [must]",
    )
    group.addoption("--allow-unjudged", action="store_true", help="exit 0 though MUST clauses were inconclusive")
    group.addoption(
        "--report-dir",
        metavar="DIR",
        type=Path,
        default=None,
        help="write the report, as a page and as data, and the evidence there",
    )
    group.addoption("--replay", metavar="FILE", type=Path, default=None, help="judge an evidence.jsonl again, offline")
    group.addoption(
        "--baseline",
        metavar="FILE",
        type=Path,
        default=None,
        help="an earlier report.json, whose failures are known: only new ones fail the run, and fixed ones are named",
    )
    group.addoption(
        "--baseline-security",
        action="store_true",
        help="let the baseline hide failures of the areas auth and scope too; by itself it does not",
    )
    group.addoption("--unsafe-methods", action="store_true", help="also send POST, PUT, PATCH and DELETE")
    group.addoption("--clauses", action="store_true", help="print the catalogue of clauses and end")
    group.addoption("--clause-info", metavar="ID", default=None, help="print what there is to know of a clause and end")


def _add_asking(group: Group) -> None:
    limits = Limits()
    group.addoption(
        "--examples",
        metavar="N",
        type=int,
        default=EXAMPLES,
        help=f"requests drawn at random, so many valid and so many invalid; 0 for none [{EXAMPLES}]",
    )
    group.addoption("--exhaustive", action="store_true", help="walk to every machine, however long the list is")
    group.addoption(
        "--seed",
        metavar="N|random",
        default=str(SEED),
        help=f"what is drawn by chance; the same asks the same [{SEED}]",
    )
    group.addoption(
        "--concurrency",
        metavar="N",
        type=int,
        default=limits.concurrency,
        help=f"requests that are under way at once, at most [{limits.concurrency}]",
    )
    group.addoption("--rate-limit", metavar="N/s", default=None, help="at most so many requests a second [no limit]")
    group.addoption(
        "--request-timeout",
        metavar="S",
        type=float,
        default=limits.timeout,
        help=f"seconds for one whole answer, from connecting to its last byte [{limits.timeout:g}]",
    )
    group.addoption(
        "--ca-file", metavar="FILE", default=None, help="PEM file of the authorities to trust, not the usual ones"
    )
    group.addoption(
        "--insecure", action="store_true", help="do not verify the server's certificate; the report says so"
    )
    group.addoption("--env-proxies", action="store_true", help="use the proxies that the environment names [do not]")


@dataclass(frozen=True, slots=True)
class Settings:
    """The options that are not about the target."""

    pinned: Mapping[str, str]
    fail_on_should: bool
    allow_unjudged: bool
    report_dir: Path | None
    replay: Path | None
    examples: int
    exhaustive: bool
    seed: int
    limits: Limits
    baseline: Baseline | None = None


def settings(option: Any) -> Settings:
    """The settings of a run by its options; UsageError with one line for a value that cannot be."""
    if option.base_url:
        # Before it is printed, for it may hold what is not to be.
        _base_url(option.base_url)
    if option.examples < 0:
        raise pytest.UsageError(f"--examples {option.examples}: a number of requests is not negative")
    if option.concurrency < 1:
        raise pytest.UsageError(f"--concurrency {option.concurrency}: at least one request has to be under way")
    if not 0 < option.request_timeout <= LONGEST_TIMEOUT:
        at_most = f"above 0, and at most {LONGEST_TIMEOUT:,}"
        raise pytest.UsageError(f"--request-timeout {option.request_timeout:g}: give a number of seconds {at_most}")
    return Settings(
        pinned=dict(_pin(text) for text in option.reading),
        fail_on_should=option.fail_on == "should",
        allow_unjudged=option.allow_unjudged,
        report_dir=option.report_dir,
        replay=option.replay,
        examples=option.examples,
        exhaustive=option.exhaustive,
        seed=_seed(option.seed),
        limits=Limits(
            timeout=option.request_timeout,
            concurrency=option.concurrency,
            rate=_rate(option.rate_limit),
            proxies=option.env_proxies,
            trust=_trust(option.ca_file, insecure=option.insecure),
        ),
        baseline=_baseline(option),
    )


def _baseline(option: Any) -> Baseline | None:
    """The baseline that was named; UsageError with one line for one that cannot be read, or that would be lost."""
    path: Path | None = option.baseline
    if path is None:
        if option.baseline_security:
            raise pytest.UsageError("--baseline-security goes with --baseline FILE")
        return None
    if option.report_dir and path.resolve() == (option.report_dir / "report.json").resolve():
        raise pytest.UsageError(f"--baseline {path} is the file that --report-dir would write: keep it elsewhere")
    try:
        return baseline.read(path, security=option.baseline_security)
    except kept.BadReport as error:
        raise pytest.UsageError(f"--baseline {error}") from None


def _pin(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name or not value:
        raise pytest.UsageError(f"--reading {text!r}: write NAME=VALUE, such as paging=0-exclusive")
    return name, value


def check_pinned(pinned: Mapping[str, str], document: Document) -> None:
    """Whether the readings that are pinned are the document's; UsageError with one line where they are not."""
    known = readings(document)
    for name, value in pinned.items():
        if name not in known:
            raise pytest.UsageError(f"--reading {name}={value}: no such reading; there are {', '.join(known)}")
        if value not in known[name].values:
            choices = ", ".join(known[name].values)
            raise pytest.UsageError(f"--reading {name}={value}: no such value; {name} is one of {choices}")


def _seed(text: str) -> int:
    if text == "random":
        return random.SystemRandom().randrange(2**32)
    if not (text.isascii() and text.isdigit()):
        raise pytest.UsageError(f"--seed {text!r}: give a number, or the word random")
    return int(text)


def _rate(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        rate = float(text.removesuffix("/s"))
    except ValueError:
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise pytest.UsageError(f"--rate-limit {text!r}: give requests a second, such as 20/s")
    return rate


def _trust(ca_file: str | None, *, insecure: bool) -> bool | str:
    if ca_file is None:
        return not insecure
    if insecure:
        raise pytest.UsageError("give either --ca-file or --insecure, not both")
    try:
        ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise pytest.UsageError(f"--ca-file {ca_file}: no certificates: {error.strerror or error}") from None
    return ca_file


SECRETS = {"token": TOKEN, "other_token": OTHER_TOKEN, "expired_token": EXPIRED_TOKEN, "password": PASSWORD}
"""The options that are secrets, and the names that stand for them."""

ABOUT_TARGET = (
    *SECRETS,
    "username",
    "auth_url",
    "auth_version",
    "project_name",
    "user_domain",
    "project_domain",
    "party",
    "tenant_id",
    "region",
    "sp_agent",
    "other_tenant_id",
    "other_region",
)
"""The options that say who asks and whose list, each of which MANA_NAME may give too."""


def given(config: pytest.Config) -> dict[str, str]:
    """What command line and environment say of the target, by option; what is blank is not given."""
    values = {name: config.getoption(name) or os.environ.get(f"MANA_{name.upper()}", "") for name in ABOUT_TARGET}
    stripped = {name: str(value).strip() for name, value in values.items()}
    unsafe = "yes" if config.getoption("unsafe_methods") else ""
    return {**stripped, "base_url": config.getoption("base_url") or "", "unsafe_methods": unsafe}


def check_none_given(config: pytest.Config) -> None:
    """Whether nothing is said of a target where none is named; UsageError with one line where something is.

    A variable of CI that is not set must not have the default target judged in the place of staging.
    """
    told = [f"--{name.replace('_', '-')}" for name in ABOUT_TARGET if config.getoption(name)]
    told += [name for name in (f"MANA_{one.upper()}" for one in ABOUT_TARGET) if os.environ.get(name)]
    if told:
        without = "without --base-url (PYTEST_BASE_URL); with none of them the default target is judged"
        raise pytest.UsageError(f"{', '.join(told)} given {without}")
    words = map(str, config.invocation_params.args)
    if "PYTEST_BASE_URL" in os.environ or any(word.partition("=")[0] == "--base-url" for word in words):
        raise pytest.UsageError("--base-url (PYTEST_BASE_URL) is empty: leave it out to judge the default target")


def missing(values: Mapping[str, str]) -> list[str]:
    """The options that are needed and not given: a token or a login, and whose list is to be judged."""
    login = values.get("username") or values.get("password")
    needed = ("username", "password") if login else ("token",)
    return [name for name in (*needed, "party", "tenant_id", "region") if not values.get(name)]


def target_of(values: Mapping[str, str]) -> Target:
    """The target that some values describe; UsageError with one line that names all that is missing."""
    if lacking := missing(values):
        options = ", ".join(f"--{name.replace('_', '-')} (MANA_{name.upper()})" for name in lacking)
        raise pytest.UsageError(f"to judge {values['base_url']}, give also {options}")
    if (values.get("username") or values.get("password")) and values.get("token"):
        raise pytest.UsageError("give either --token or --username with its password, not both")
    if not values.get("sp_agent", "").isprintable():
        raise pytest.UsageError("--sp-agent (MANA_SP_AGENT) holds a character that no header can carry")
    base_url = _base_url(values["base_url"])
    return Target(
        name=values.get("name") or base_url,
        base_url=base_url,
        party=values["party"],
        tenant_id=values["tenant_id"],
        region=values["region"],
        sp_agent=values.get("sp_agent") or "default",
        other_tenant_id=values.get("other_tenant_id", ""),
        other_region=values.get("other_region", ""),
        given=frozenset(name for name in OPTIONAL_INPUTS if values.get(name)) | _about_token(values),
    )


def _base_url(text: str) -> str:
    """An address as it is asked at; UsageError with one line where it is none."""
    try:
        return checked_base_url(text)
    except BadTarget as error:
        raise pytest.UsageError(str(error)) from None


def login_of(values: Mapping[str, str]) -> Login | None:
    """The login that some values describe; None where they say a token, UsageError with one line for a mistake."""
    version = values.get("auth_version") or VERSIONS[0]
    if version not in VERSIONS:
        raise pytest.UsageError(f"--auth-version {version!r}: it is one of {' and '.join(VERSIONS)}")
    if values.get("token"):
        return None
    auth_url = values.get("auth_url")
    if version == "3" and not auth_url:
        raise pytest.UsageError("--auth-version 3 needs --auth-url (MANA_AUTH_URL), the address of the Keystone")
    try:
        auth_url = checked_base_url(auth_url or f"{values['base_url'].rstrip('/')}/mana_api", "--auth-url")
    except BadTarget as error:
        raise pytest.UsageError(str(error)) from None
    user_domain = values.get("user_domain") or DOMAIN
    return Login(
        auth_url,
        values["username"],
        values["password"],
        values["tenant_id"],
        version,
        values.get("project_name", ""),
        user_domain,
        values.get("project_domain") or user_domain,
    )


def _about_token(values: Mapping[str, str]) -> frozenset[str]:
    """What the token itself allows to ask: in other case it is another one only if it has letters, and is no UUID.

    Those are the same in any case (RFC 9562 section 4). What stands behind the padding of base64 says nothing, and the
    tenant's id is no bad token where it is a good one.
    """
    token = values.get("token", "")
    told = {
        "token_with_letters": token.swapcase() != token and not UUID.fullmatch(token),
        "token_without_padding": not token.endswith("="),
        "tenant_for_token": values["tenant_id"] in {token, values.get("other_token")},
    }
    return frozenset(name for name, holds in told.items() if holds)


def vault_of(values: Mapping[str, Any], words: Iterable[str] = ()) -> Vault:
    """The secrets among some values; UsageError where one cannot be sent in a header.

    ``words`` are the document's, which stand in every answer, and are no secret where one is taken for a token.
    """
    for option, name in SECRETS.items():
        if not str(values.get(option, "")).isprintable():
            raise pytest.UsageError(f"--{option.replace('_', '-')} ({name}) holds a character that no header can carry")
    public = [str(value) for option, value in values.items() if option not in SECRETS]
    return Vault({name: str(values.get(option, "")) for option, name in SECRETS.items()}, [*public, *words])
