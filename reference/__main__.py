"""`python -m reference`: start the service, say where it is and who may ask, serve until told to stop."""

import argparse
import json
import logging
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reference import fleet, readings
from reference.churn import Churn
from reference.model import Place, Unavailable
from reference.service import Service
from reference.store import Store
from reference.tokens import Tokens, locked, made_up

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from reference.mutant import Mutant

EXPIRED_FOR = 3600.0
"""Seconds for which the expired token has been expired, at the start."""

EPILOG = f"""\
One line of JSON on standard output says that the server is up, where, and who may ask for what:
base_url, party, tenant_id, region, sp_agent, token, username, password, auth_url; and, to try refusals with,
other_token and other_tenant_id (a second tenant), other_region, expired_token. Standard output then stays silent.

ask:
  curl -H "X-Auth-Token: $TOKEN" -H "Sp-Agent: default" \\
       "$BASE_URL/mana_api/vm?party=$PARTY&tenant_id=$TENANT_ID&region=$REGION&f=1&t=10"

log in (answered by access.token.id):
  curl "$AUTH_URL/tokens" -d '{{"auth": {{"tenantName": "'$TENANT_ID'",
       "passwordCredentials": {{"username": "'$USERNAME'", "password": "'$PASSWORD'"}}}}}}'

tokens of a Keystone:
  With --keystone, OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME and, where they are not Default, OS_USER_DOMAIN_NAME and
  OS_PROJECT_DOMAIN_NAME say by whom tokens are looked up there. The line on standard output then has auth_url,
  project_name and other_project_name, and no tokens.

readings, each with its default first:
{"".join(f"  {name:<12}{', '.join(values)}" + chr(10) for name, values in readings.VALUES.items())}
refusals, all {{"msg": "...", "code": STATUS}}:
  400  a required parameter is missing or blank, one is given with two values, f or t is no whole number,
       the party or the region is unknown
  401  the token is missing, unknown or expired; the login is wrong
  403  the tenant_id is not that of the token's tenant
  404  the path is unknown
  405  the path does not know the method
  413  the login is too long
  503  the Keystone that looks tokens up does not answer

mutants:
  A mutant is this server with one fault, to see whether a client, or a judge, notices. --list-mutants lists them,
  a line each, in three columns between tabs: the name, the clause of the contract that it breaks, what is wrong.
  With --json, a list of objects with name, clause, summary and drawn (whether only requests drawn by chance meet it).
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve as the options say, until told to stop. A wrong option, file or port ends with a sentence and exit 2."""
    parser = options()
    chosen = parser.parse_args(arguments)
    if chosen.json and not chosen.list_mutants:
        parser.error("--json goes with --list-mutants")
    if chosen.list_mutants:
        print(listed_mutants(as_json=chosen.json))
        return
    fault = fault_named(chosen.mutant, parser) if chosen.mutant is not None else None
    logging.basicConfig(format="%(message)s", level=logging.INFO if chosen.verbose else logging.WARNING)
    # Waitress warns of every request that has to wait for a thread.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        pinned = readings.parse(chosen.reading)
        store = opened(chosen.database, chosen.seed, chosen.vms)
        tokens = tokens_of(store, chosen.token_lifetime, chosen.keystone)
        service = Service(store, tokens, pinned)
        service, application = built(service, chosen.latency, fault)
        from reference import server  # noqa: PLC0415 - as in `built`, waitress the rest

        listening = server.listen(application, chosen.port, chosen.threads)
    except (ValueError, OSError, sqlite3.Error, Unavailable) as error:
        parser.error(str(error))
    except ModuleNotFoundError as error:
        parser.error(f"{error.name} is not installed: install the suite as '.[reference]'")
    card = introduced(service.tokens, chosen.password or made_up(), f"http://127.0.0.1:{listening.effective_port}")

    def ready() -> None:
        if chosen.until_stdin_closes:
            server.stop_with_stdin()
        if chosen.churn:
            Churn(store, Place(card["tenant_id"], card["region"]), chosen.churn).start()
        print(json.dumps(card), flush=True)

    server.serve(listening, ready)


def tokens_of(store: Store, lifetime: float, keystone: str | None) -> Tokens:
    """The tokens that are good: our own, or a Keystone's. Raises ValueError or Unavailable where that is of no use."""
    if keystone is None:
        return Tokens(store, lifetime)
    from reference.keystone import Keystone, KeystoneTokens  # noqa: PLC0415 - few need it, and it imports a lot

    there = Keystone(keystone)
    there.log_in()
    return KeystoneTokens(store, lifetime, keystone=there)


def built(service: Service, latency: float, fault: "Mutant | None") -> "tuple[Service, WSGIApplication]":
    """The service and its WSGI application, with the fault if there is to be one."""
    if fault is None:
        from reference import app  # noqa: PLC0415 - Flask is most of a start, and --help does without

        return service, app.create(service, latency)
    from reference.mutant import Parts, create  # noqa: PLC0415 - as above

    # Its complaints are of the faults that are meant, such as a length that is not the body's.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    parts = fault.change(Parts(service))
    return parts.service, create(parts, latency)


def fault_named(name: str, parser: argparse.ArgumentParser) -> "Mutant":
    """The mutant of a name; for a name that none has, one line and exit 2."""
    from reference import mutants  # noqa: PLC0415 - as in `built`

    try:
        return mutants.named(name)
    except ValueError as error:
        parser.exit(2, f"{parser.prog}: error: {error}\n")


def listed_mutants(*, as_json: bool) -> str:
    """The mutants, a line each in three columns, or as JSON for programs."""
    from reference.mutants import MUTANTS  # noqa: PLC0415 - as in `built`

    if as_json:
        return json.dumps([mutant.told for mutant in MUTANTS], ensure_ascii=False, indent=2)
    return "\n".join(f"{mutant.name}\t{mutant.clause}\t{mutant.summary}" for mutant in MUTANTS)


def opened(file: Path | None, seed: str, vms: int) -> Store:
    """The store, in memory or in a file: filled if it is new, rid of expired tokens if not. Raises as Store does."""
    store = Store(file)
    if store.empty:
        store.fill(fleet.world(seed, vms))
    else:
        store.forget_tokens(before=time.time())
    return store


def introduced(tokens: Tokens, password: str, base_url: str) -> dict[str, str]:
    """What a server that starts tells of itself; its users have this password from now on."""
    store = tokens.store
    main, other, *_ = store.tenants()
    here, there, *_ = store.regions()
    party, *_ = store.parties()
    whose = {
        "base_url": base_url,
        "party": party.name,
        "tenant_id": main.tenant_id,
        "region": here,
        "sp_agent": party.agent,
    }
    others = {"other_tenant_id": other.tenant_id, "other_region": there}
    if not tokens.issues:
        projects = {"project_name": main.name, "other_project_name": other.name}
        return {**whose, "auth_url": tokens.login_at, **projects, **others}
    for tenant in (main, other):
        store.set_password(tenant.username, locked(password))
    return {
        **whose,
        "token": tokens.issue(main).text,
        "username": main.username,
        "password": password,
        "auth_url": f"{base_url}/mana_api",
        "other_token": tokens.issue(other).text,
        **others,
        "expired_token": tokens.issue(main, age=tokens.lifetime + EXPIRED_FOR).text,
    }


def options() -> argparse.ArgumentParser:
    """What the command line may say."""
    parser = argparse.ArgumentParser(
        prog="python -m reference",
        description="A real implementation of GET /mana_api/vm, on 127.0.0.1, to build and to judge clients against.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--port", type=port, default=8080, metavar="N", help="the port; 0 takes a free one (default 8080)")
    add("--reading", action="append", default=[], metavar="NAME=VALUE", help="settle an open place; repeatable")
    add("--vms", type=count, default=25, metavar="N", help="machines of the main tenant and region (default 25)")
    add("--seed", default="mana", metavar="TEXT", help="what the made-up data comes from; the same makes the same")
    add(
        "--database",
        type=Path,
        metavar="FILE",
        help="keep the data here, not in memory; a file that is there is taken as it is, --vms and --seed aside",
    )
    add("--latency", type=milliseconds, default=0.0, metavar="MS", help="take so much longer for each request")
    add("--churn", type=milliseconds, default=0.0, metavar="MS", help="so often, a machine appears or goes")
    add("--token-lifetime", type=seconds, default=3600.0, metavar="S", help="tokens expire after this (default 3600)")
    add("--password", metavar="TEXT", help="both tenants' users have this password, not one made up at each start")
    add(
        "--keystone",
        metavar="URL",
        help="take the tokens of this Keystone (API v3) and no others: a project named as a tenant, or with its id, "
        "has that tenant's machines",
    )
    add("--threads", type=positive, default=16, metavar="N", help="requests answered at once (default 16)")
    add("--mutant", metavar="NAME", help="have one fault, of those that --list-mutants lists")
    add("--list-mutants", action="store_true", help="list the faults that this server can have, and end")
    add("--json", action="store_true", help="with --list-mutants: as JSON")
    add("--until-stdin-closes", action="store_true", help="end when standard input does: with whoever started it")
    add("--verbose", action="store_true", help="log each request to standard error")
    return parser


def count(text: str) -> int:
    """A whole number that is not negative."""
    if (number := int(text)) < 0:
        raise ValueError
    return number


def port(text: str) -> int:
    """A TCP port, or 0."""
    if (number := count(text)) > 65_535:
        raise ValueError
    return number


def positive(text: str) -> int:
    """A whole number that is positive."""
    if (number := count(text)) == 0:
        raise ValueError
    return number


def milliseconds(text: str) -> float:
    """Seconds, of an option in milliseconds that is not negative."""
    return seconds(text) / 1000


def seconds(text: str) -> float:
    """A time in seconds, from none to a century: what dates and clocks can still be reckoned with."""
    number = float(text)
    if not 0 <= number <= 100 * 366 * 86_400:
        raise ValueError
    return number


if __name__ == "__main__":
    main()
