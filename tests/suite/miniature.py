"""A miniature of the service: a few dozen lines, in memory, that keep the contract under every reading.

It was written from the document and imports nothing of the reference. Each step of an answer is a method of its own, so
that a server that goes wrong is one step replaced. A `Miniature` is a `conformance.ask.Sender`: it answers probes as
the wire would, without one, its answers cleaned of secrets in the same way.
"""

from __future__ import annotations

import contextlib
import gzip
import http
import importlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from conformance import draws, rounds
from conformance.answer import Machine
from conformance.ask import Asker, Sender
from conformance.clause import Catalogue, Declaration
from conformance.credentials import EXPIRED_TOKEN, OTHER_TOKEN, TOKEN, Secret, Vault
from conformance.evidence import Evidence
from conformance.exchange import Exchange, Failure, Response
from conformance.judgement import Verdict
from conformance.known import Known
from conformance.probe import Probe, Text
from conformance.probes import Probes
from conformance.tally import Tally
from conformance.target import Limits, Target
from conformance.verdicts import Outcome, Verdicts
from contracts import DEFAULT, Document, read

PATH = "/mana_api/vm"
PARTY, AGENT = "vendor", "default"
TENANT, OTHER_TENANT = "TenantOne-4f1c", "TenantTwo-9b7e"
NORTH, SOUTH = "north", "south"
SECRETS = {TOKEN: "tok-Own-2f6d81c4", OTHER_TOKEN: "tok-Other-77ab03", EXPIRED_TOKEN: "tok-Expired-5e19"}
"""The tokens that were given out: the tenant's, the other tenant's, and one whose time is over."""

VAULT = Vault(SECRETS)
OPTIONAL = ("other_token", "other_tenant_id", "other_region", "expired_token", "unsafe_methods")
ABOUT_TOKEN = ("token_with_letters", "token_without_padding")
TARGET = Target(
    name="miniature",
    base_url="http://127.0.0.1:1",
    party=PARTY,
    tenant_id=TENANT,
    region=NORTH,
    sp_agent=AGENT,
    other_tenant_id=OTHER_TENANT,
    other_region=SOUTH,
    given=frozenset((*OPTIONAL, *ABOUT_TOKEN)),
)
"""The miniature as a user would describe it, every optional input given."""

EXAMPLES, SEED = 6, 1
ROOT = Path(__file__).parents[2]

Place = tuple[str, str]
"""A tenant and a region: what has a list of its own."""


# -- its data


def machine(name: str, number: int) -> dict[str, Any]:
    """One machine as it is stored: its addresses as lists, whatever way they are told."""
    return {
        "instance_name": f"机器 {number}",
        "instance_id": f"{name}-{number:04d}",
        "cpu_num": 1 + number % 8,
        "mem_size": 2048 * (1 + number % 4),
        "disk_size": 20 * (number % 50),
        "lan": [f"192.168.0.{number % 250 + 1}"] + [f"10.0.0.{number % 250 + 1}"] * (number % 3 == 0),
        "wan": [f"203.0.113.{number % 250 + 1}", f"2001:db8::{number % 9999}"][: number % 3],
        "status": ("ACTIVE", "ERROR", "STOPPED")[number % 3],
        "create_at": f"2014-07-{1 + number % 28:02d} 15:08:39",
        "update_at": f"2014-08-{1 + number % 28:02d} 17:37:56",
    }


def fleet(own: int = 23) -> dict[Place, list[dict[str, Any]]]:
    """So many machines of the tenant, a few in its other region, and a few of the other tenant."""
    sizes = {(TENANT, NORTH): own, (TENANT, SOUTH): 5, (OTHER_TENANT, NORTH): 7, (OTHER_TENANT, SOUTH): 0}
    return {place: [machine("-".join(place).lower(), one) for one in range(n)] for place, n in sizes.items()}


# -- what it is asked and what it says


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived: the query decoded, the names of the headers in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    spelled: Mapping[str, str]
    """The headers by their names as they were spelled."""
    raw: tuple[tuple[str, str], ...]
    """The query as it stood on the wire."""
    over: str = ""
    """The connection that it came over, where that has a name."""

    def values(self, name: str) -> list[str]:
        """What the query gives to a parameter."""
        return [value for key, value in self.query if key == name]

    def first(self, name: str) -> str:
        """The first of these; empty where there is none."""
        return next(iter(self.values(name)), "")

    def last(self, name: str) -> str:
        """The last of these; empty where there is none."""
        return self.first(name) if len(self.values(name)) < 2 else self.values(name)[-1]

    @property
    def token(self) -> str | None:
        """What stands in the header that carries the token."""
        return self.headers.get("x-auth-token")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said: the body before any content coding, headers by name."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def having(self, name: str, value: str) -> Answer:
        """With this header."""
        return replace(self, headers={**self.headers, name: value})

    def without(self, name: str) -> Answer:
        """Less this header."""
        return replace(self, headers={key: value for key, value in self.headers.items() if key != name})

    def saying(self, text: str | bytes) -> Answer:
        """With another body, its length told truly."""
        body = text.encode() if isinstance(text, str) else text
        return replace(self, body=body).having("Content-Length", str(len(body)))


class Refused(Exception):
    """The request is not served: a status and a sentence; ``kind`` says for what."""

    def __init__(self, status: int, msg: str, kind: str) -> None:
        super().__init__(msg)
        self.status, self.kind = status, kind


# -- the service, a step each


class Miniature:
    """A service that keeps the contract; ``fleet`` holds its machines by tenant and region, in their order.

    The readings are those of the document, each by its name.
    """

    def __init__(
        self,
        fleet: Mapping[Place, list[dict[str, Any]]] | None = None,
        /,
        *,
        vm_servers: str = "list",
        lan: str = "lan_ip",
        wan: str = "list",
        code: str = "present",
        party: str = "query",
        paging: str = "1-inclusive",
    ) -> None:
        self.fleet: dict[Place, list[dict[str, Any]]] = dict(FLEET if fleet is None else fleet)
        self.readings = {"vm_servers": vm_servers, "lan": lan, "wan": wan, "code": code, "party": party}
        self.readings["paging"] = paging
        self.base, self.inclusive = int(paging[0]), paging.endswith("inclusive")
        self.asked = self.turns = 0
        self.tally = Tally()
        self._numbers = count(1)

    # who asks for what

    def answer(self, request: Request) -> Answer:
        """What is said to a request."""
        try:
            self.route(request)
            whose = self.tenant(request)
            self.name_party(request)
            place = (self.tenant_asked(request, whose), self.region(request))
            return self.listed(request, self.window(request, self.machines(request, place)))
        except Refused as refused:
            return self.refusal(request, refused)

    def route(self, request: Request) -> None:
        """Whether there is something at this path, by this method."""
        if request.path != PATH:
            raise Refused(404, "nothing is here", "path")
        if request.method == "OPTIONS":
            raise Refused(204, "", "options")
        if request.method not in {"GET", "HEAD"}:
            raise Refused(405, f"{request.method} is not allowed here", "method")

    def tenant(self, request: Request) -> str:
        """The tenant whose token this is."""
        return self.holder(self.token(request))

    def token(self, request: Request) -> str:
        """The token that was sent."""
        if not request.token:
            raise Refused(401, "a token is needed", "no token")
        return request.token

    def holder(self, token: str) -> str:
        """Whom a token was given to."""
        if token == SECRETS[EXPIRED_TOKEN]:
            return self.expired(token)
        holders = {SECRETS[TOKEN]: TENANT, SECRETS[OTHER_TOKEN]: OTHER_TENANT}
        if token not in holders:
            raise Refused(401, "the token is not known", "bad token")
        return holders[token]

    def expired(self, _: str) -> str:
        """What is made of a token whose time is over."""
        raise Refused(401, "the token has expired", "expired token")

    def required(self, request: Request, name: str) -> str:
        """The one value of a parameter that has to be there."""
        values = request.values(name)
        if not values:
            return self.missing(name)
        if len(values) > 1:
            return self.repeated(request, name)
        return values[0] if values[0].strip() else self.blank(name)

    def missing(self, name: str) -> str:
        """What stands for a required parameter that is not there."""
        raise Refused(400, f"the parameter {name} is missing", f"missing {name}")

    def blank(self, name: str) -> str:
        """What stands for a required parameter with nothing in it."""
        raise Refused(400, f"the parameter {name} is blank", f"blank {name}")

    def repeated(self, _: Request, name: str) -> str:
        """What stands for a parameter that is given more than once."""
        raise Refused(400, f"the parameter {name} is given twice", f"{name} twice")

    def tenant_asked(self, request: Request, whose: str) -> str:
        """The tenant whose list is asked for."""
        asked = self.required(request, "tenant_id")
        if asked == whose:
            return whose
        return self.foreign(whose, asked)

    def foreign(self, _: str, asked: str) -> str:
        """What is made of a tenant that is not the token's."""
        kind = "other tenant" if asked in {TENANT, OTHER_TENANT} else "strange tenant"
        raise Refused(400, "the tenant is not the token's", kind)

    def region(self, request: Request) -> str:
        """The region that is asked for."""
        asked = self.required(request, "region")
        return asked if asked in {NORTH, SOUTH} else self.unknown_region(asked)

    def unknown_region(self, _: str) -> str:
        """What is made of a region that there is not."""
        raise Refused(404, "no region of this name", "unknown region")

    def name_party(self, request: Request) -> None:
        """Whether the party is known, by what the reading has it named in."""
        reading = self.readings["party"]
        if reading == "header" or (reading == "either" and not request.values("party")):
            self.known_agent(request)
        elif self.required(request, "party") != PARTY:
            self.unknown_party(request)

    def known_agent(self, request: Request) -> None:
        """Whether the header names an agent that is known."""
        if request.headers.get("sp-agent") != AGENT:
            raise Refused(400, "no agent of this name", "unknown agent")

    def unknown_party(self, _: Request) -> None:
        """What is made of a party that there is not."""
        raise Refused(400, "no party of this name", "unknown party")

    # which machines

    def machines(self, _: Request, place: Place) -> Sequence[Machine]:
        """The whole list of a tenant in a region."""
        return self.fleet.get(place, [])

    def window(self, request: Request, machines: Sequence[Machine]) -> Sequence[Machine]:
        """The part of a list that was asked for."""
        f, t = (self.bound(request, name) for name in ("f", "t"))
        if f is not None and t is not None and f > t:
            return self.crossed(machines, f, t)
        start = 0 if f is None else max(0, f - self.base)
        stop = len(machines) if t is None else max(0, t - self.base + self.inclusive)
        return self.page(machines, start, stop)

    def page(self, machines: Sequence[Machine], start: int, stop: int) -> Sequence[Machine]:
        """A slice of a list."""
        return machines[start:stop]

    def crossed(self, machines: Sequence[Machine], *_: int) -> Sequence[Machine]:
        """What is listed where the end lies before the start."""
        return machines[:0]

    def bound(self, request: Request, name: str) -> int | None:
        """A bound, where one is given."""
        values = request.values(name)
        if not values:
            return None
        if len(values) > 1:
            raise Refused(400, f"the parameter {name} is given twice", f"{name} twice")
        if not (values[0].isascii() and values[0].removeprefix("-").isdigit()):
            return self.no_number(name, values[0])
        return self.number(name, int(values[0]))

    def no_number(self, name: str, _: str) -> int | None:
        """What is made of a bound that is no integer."""
        raise Refused(400, f"{name} is no integer", "bad bound")

    def number(self, name: str, value: int) -> int:
        """What is made of a bound that is an integer."""
        if value < 0:
            raise Refused(400, f"{name} is negative", "bad bound")
        return value

    # how they are told

    def listed(self, request: Request, machines: Sequence[Machine]) -> Answer:
        """The answer with a list in it."""
        return self.typed(200, self.written(self.envelope(request, machines))).having("Cache-Control", "no-store")

    def envelope(self, request: Request, machines: Sequence[Machine]) -> Any:
        """The object that holds the list."""
        records = [self.record(one) for one in machines]
        held = {str(n): one for n, one in enumerate(records)} if self.readings["vm_servers"] == "dict" else records
        return {**self.code(request), "vm_servers": held}

    def code(self, _: Request) -> dict[str, Any]:
        """The code of a success, where it has one."""
        return {"code": 200} if self.readings["code"] == "present" else {}

    def record(self, stored: Machine) -> dict[str, Any]:
        """One machine as the readings have it told."""
        told = {key: value for key, value in stored.items() if key not in {"lan", "wan"}}
        for name in ("lan_ip", "lan_ip_set"):
            if self.readings["lan"] in {name, "both"}:
                told[name] = ",".join(stored["lan"])
        told["wan_ip_set"] = stored["wan"] if self.readings["wan"] == "list" else ",".join(stored["wan"])
        return told

    def written(self, value: Any) -> bytes:
        """A value as JSON."""
        return json.dumps(value, ensure_ascii=False).encode()

    def refusal(self, request: Request, refused: Refused) -> Answer:
        """The answer to a request that is not served."""
        if refused.status == 204:
            return Answer(204, b"", {"Allow": "GET, HEAD, OPTIONS"})
        answer = self.typed(refused.status, self.written(self.error(request, refused)))
        if refused.status == 401:
            answer = answer.having("WWW-Authenticate", 'Token realm="mana"')
        return answer.having("Allow", "GET, HEAD, OPTIONS") if refused.status == 405 else answer

    def error(self, _: Request, refused: Refused) -> Any:
        """The object that says what was wrong."""
        return {"msg": str(refused), "code": refused.status}

    def typed(self, status: int, body: bytes) -> Answer:
        """An answer of JSON."""
        headers = {"Content-Type": "application/json", "Date": formatdate(usegmt=True)}
        return Answer(status, body, headers).saying(body)

    def edited(self, _: Request, answer: Answer) -> Answer:
        """The last hand that is laid on an answer."""
        return answer

    def sent(self, request: Request, answer: Answer) -> tuple[Answer, int]:
        """An answer as it goes out, by the coding that was asked for, and how many bytes follow its header."""
        if request.method == "HEAD":
            return replace(answer, body=b""), 0
        if "gzip" in request.headers.get("accept-encoding", "") and answer.body:
            squeezed = len(gzip.compress(answer.body, mtime=0))
            coded = answer.having("Content-Encoding", "gzip").having("Content-Length", str(squeezed))
            return coded, squeezed
        return answer, len(answer.body)

    # as the wire has it

    def close(self) -> None:
        """Nothing: no connection is open."""

    def apart(self) -> contextlib.AbstractContextManager[Sender]:
        """The same: it knows no connections."""
        return contextlib.nullcontext(self)

    def leave(self, connection: str) -> None:
        """Nothing: it knows no connections."""

    def alone(self) -> contextlib.AbstractContextManager[Sender]:
        """The same, now that nothing else is under way."""
        return contextlib.nullcontext(self)

    def ask_in_turn(self) -> None:
        """Nothing: it is asked one request at a time as it is."""

    def ask_in_turn_if_needed(self, probe: Probe, patience: float) -> None:
        """Nothing: it is asked one request at a time as it is."""

    def send(self, probe: Probe) -> Exchange:
        """Answer a probe as a server at the other end of the wire would."""
        self.asked += 1
        outcome: Response | Failure
        try:
            request = arrived(probe)
            outcome = received(*self.sent(request, self.edited(request, self.answer(request))))
        except NoAnswer as silence:
            outcome = Failure(silence.kind, str(silence))
        return Exchange(next(self._numbers), probe, outcome, 0.001, time.time())


class NoAnswer(Exception):
    """The connection was closed without an answer."""

    kind = "closed"


class CutShort(NoAnswer):
    """The connection was closed within an answer."""

    kind = "cut"


FLEET = fleet()


def arrived(probe: Probe) -> Request:
    """A probe as it stands before a server."""
    spelled = {name: _resolved(value) for name, value in probe.headers}
    raw = tuple((name, _resolved(value)) for name, value in probe.query)
    return Request(
        probe.method,
        probe.path,
        tuple((unquote_plus(name), unquote_plus(value)) for name, value in raw),
        {name.lower(): value for name, value in spelled.items()},
        spelled,
        raw,
        probe.over,
    )


def _resolved(value: Text) -> str:
    return VAULT.resolve(value) if isinstance(value, Secret) else value


def received(answer: Answer, length: int) -> Response:
    """An answer as the wire gives it: secrets by their names, and which of them stood in it."""
    body, echoed = VAULT.scrub(answer.body)
    pairs = [(name, *VAULT.scrub_text(value)) for name, value in answer.headers.items()]
    return Response(
        status=answer.status,
        reason=http.HTTPStatus(answer.status).phrase,
        version="1.1",
        headers=tuple((name, value) for name, value, _ in pairs),
        body=body,
        length=length,
        echoed=tuple(sorted({*echoed, *(one for _, _, found in pairs for one in found)})),
    )


# -- a server that goes wrong, or moves


def broken(**steps: Callable[..., Any]) -> type[Miniature]:
    """The miniature with some of its steps replaced; each takes the miniature and what the step takes."""
    return type("Broken", (Miniature,), steps)


# -- judging it


@cache
def document() -> Document:
    """The contract document."""
    return read(DEFAULT)


@cache
def declarations() -> tuple[Declaration, ...]:
    """What tests/contract declares, in order."""
    files = sorted((ROOT / "tests" / "contract").glob("test_*.py"))
    modules = [importlib.import_module(f"tests.contract.{file.stem}") for file in files]
    return tuple(one for module in modules for one in vars(module).values() if isinstance(one, Declaration))


@cache
def catalogue(by: Document | None = None) -> Catalogue:
    """Every clause, in order, by the contract document if no other is given."""
    return Catalogue(clause for one in declarations() for clause in one.clauses(by or document()))


@cache
def drawn(by: Document | None = None) -> Mapping[str, Sequence[Probe]]:
    """The requests drawn for the miniature; the same for documents that have the same parameters."""
    if by and by.parameters == document().parameters:
        return drawn()
    good = Probes(by or document(), TARGET).good
    kinds = draws.draw(by or document(), EXAMPLES, SEED)
    return {kind: [draws.asked(query, good) for query in queries] for kind, queries in kinds.items()}


def judging(
    server: Miniature,
    *ids: str,
    pinned: Mapping[str, str] | None = None,
    target: Target = TARGET,
    by: Document | None = None,
) -> Verdicts:
    """Ask a miniature what some clauses need to see, all of them if none is named, one request at a time."""
    draw = partial(drawn, by)
    known = Known(by or document(), target, Evidence({}), pinned=pinned or {}, draw=draw, seed=SEED)
    verdicts = Verdicts(known, catalogue(by).with_foundations(ids) if ids else catalogue(by))
    try:
        rounds.ask(verdicts, Asker(server, Limits(concurrency=1)))
    except rounds.CouldNotAsk as error:
        verdicts.stopped = str(error)
    return verdicts


def outcomes(verdicts: Verdicts, *ids: str) -> dict[str, Outcome]:
    """What became of some clauses, of all if none is named."""
    wanted: Iterable[str] = ids or [clause.id for clause in verdicts.catalogue]
    return {id: verdicts.outcome(id) for id in wanted}


def judged(
    server: Miniature,
    *ids: str,
    pinned: Mapping[str, str] | None = None,
    target: Target = TARGET,
    by: Document | None = None,
) -> dict[str, Outcome]:
    """What becomes of some clauses, of all if none is named, with a miniature as the target."""
    return outcomes(judging(server, *ids, pinned=pinned, target=target, by=by), *ids)


def red(became: Mapping[str, Outcome]) -> dict[str, list[str]]:
    """The clauses that failed, each with what it says."""
    return {
        id: [finding.message for finding in one.judgement.findings]
        for id, one in became.items()
        if one.verdict is Verdict.FAIL
    }


def unjudged(became: Mapping[str, Outcome]) -> dict[str, str]:
    """The clauses that could not be judged, each with the reason."""
    return {id: one.reason for id, one in became.items() if one.verdict is Verdict.INCONCLUSIVE}
