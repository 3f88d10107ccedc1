"""What a mutant is: the service with one fault in it.

The places where a fault can sit, from the inside out:

    in_service   a step of the service is another
    in_ask       the service takes a request for another one
    in_outcome   the service says something else: another document, another refusal
    in_answer    the answer as HTTP is another, before it is compressed
    on_sending   the answer as HTTP is another, as it goes out at last
    on_wire      the WSGI application is given something else

Each makes a Change. What a fault has to remember between requests begins anew with each server: see `anew`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from wsgiref.types import WSGIApplication

import flask
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from reference import app, present
from reference.model import Refusal
from reference.service import Ask, Service
from reference.tokens import Tokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH = "/mana_api/vm"

Outcome: TypeAlias = Refusal | dict[str, Any]
"""What a service says: the document that lists machines, or a refusal."""


@dataclass(frozen=True)
class Mutant:
    """One fault: its name, the clause of the contract that it breaks, and what a user who met it would report.

    `drawn` marks a fault so narrow that a request has to be drawn by chance to meet it.
    """

    name: str
    clause: str
    summary: str
    change: "Change"
    drawn: bool = False

    @property
    def told(self) -> dict[str, str | bool]:
        """All that can be told of it."""
        return {"name": self.name, "clause": self.clause, "summary": self.summary, "drawn": self.drawn}


@dataclass(frozen=True)
class Asked:
    """A request of any method and path, with the service that it goes to and the connection that it came on."""

    method: str
    path: str
    connection: str
    ask: Ask
    service: Service

    @property
    def reads(self) -> bool:
        """Whether it asks for the list."""
        return self.path == PATH and self.method in {"GET", "HEAD"}


@dataclass(frozen=True)
class Answer:
    """A response of HTTP."""

    status: int
    headers: Headers
    body: bytes

    @property
    def document(self) -> Any:
        """The JSON that the body holds."""
        return json.loads(self.body)

    def holding(self, document: Any) -> "Answer":
        """The answer with another document in it."""
        return replace(self, body=present.encoded(document))

    def naming(self, name: str, value: str | None) -> "Answer":
        """The answer with another value of a header, or without that header."""
        headers = Headers(self.headers)
        headers.remove(name)
        if value is not None:
            headers[name] = value
        return replace(self, headers=headers)


Hear: TypeAlias = Callable[[Ask, Service], Ask]
"""What a service takes a request for."""

Say: TypeAlias = Callable[[Ask, Service, Outcome], Outcome]
"""What a service says in the place of what it decided."""

Alter: TypeAlias = Callable[[Asked, Answer], Answer]
"""A response in the place of the right one."""

Wrap: TypeAlias = Callable[[WSGIApplication], WSGIApplication]
"""A WSGI application around the right one."""

When: TypeAlias = Callable[[Ask, Service], bool]
"""On which requests a fault shows."""


@dataclass(frozen=True)
class Parts:
    """What a server is put together from; a fault replaces one of these."""

    service: Service
    alter: Alter = lambda _, answer: answer
    wrap: Wrap = lambda application: application


Change: TypeAlias = Callable[[Parts], Parts]


def create(parts: Parts, latency: float = 0.0) -> WSGIApplication:
    """The WSGI application that the parts make."""
    application = app.create(parts.service, latency)

    # Flask asks those that were registered last first: this one comes before the body is compressed.
    @application.after_request
    def altered(response: flask.Response) -> flask.Response:
        before = Answer(response.status_code, Headers(response.headers), response.get_data())
        after = parts.alter(asked_by(flask.request, parts.service), before)
        if after is not before:
            response.status_code, response.headers = after.status, after.headers
            response.set_data(after.body)
        return response

    return parts.wrap(application)


def asked_by(asking: flask.Request, service: Service) -> Asked:
    """What a request asks of a service."""
    return Asked(asking.method, asking.path, asking.environ.get("REMOTE_PORT", ""), app.read(asking), service)


# The places of a fault


@dataclass(frozen=True)
class Faulty(Service):
    """A service that takes a request for another, or says something else than it decided."""

    hear: Hear = lambda ask, _: ask
    say: Say = lambda _ask, _service, outcome: outcome

    def answer(self, ask: Ask) -> Outcome:
        """What is said to what was heard."""
        heard = self.hear(ask, self)
        return self.say(heard, self, super().answer(heard))


Value = TypeVar("Value")


def remade(kind: type[Value], value: object) -> Value:
    """A dataclass's value as one of a class that was derived from it."""
    return kind(**{part.name: getattr(value, part.name) for part in fields(value)})  # type: ignore[arg-type]  # a dataclass it is


def in_service(change: Callable[[Service], Service]) -> Change:
    """A fault in a step of the service, or in what it rests on."""
    return lambda parts: replace(parts, service=change(parts.service))


def in_ask(hear: Hear) -> Change:
    """A fault in what a request is taken for."""
    return in_service(lambda service: replace(remade(Faulty, service), hear=hear))


def in_outcome(say: Say) -> Change:
    """A fault in what the service says to a request, which it has decided rightly."""
    return in_service(lambda service: replace(remade(Faulty, service), say=say))


def in_answer(alter: Alter) -> Change:
    """A fault in the answer as HTTP."""
    return lambda parts: replace(parts, alter=alter)


def on_wire(wrap: Wrap) -> Change:
    """A fault around the whole application."""
    return lambda parts: replace(parts, wrap=wrap)


def on_sending(send: Alter) -> Change:
    """A fault in what goes out at last: compressed, and for HEAD without its body."""

    def change(parts: Parts) -> Parts:
        def wrap(application: WSGIApplication) -> WSGIApplication:
            def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
                # Not Response.from_app, which would give a Content-Type to what has none.
                body, said, headers = run_wsgi_app(application, environ, buffered=True)
                before = Answer(int(said.split()[0]), headers, b"".join(body))
                after = send(asked_by(flask.Request(environ), parts.service), before)
                status = f"{after.status} {HTTPStatus(after.status).phrase}"
                start_response(status, after.headers.to_wsgi_list())
                return [after.body]

            return wrapped

        return replace(parts, wrap=wrap)

    return change


def anew(make: Callable[[], Change]) -> Change:
    """A fault that remembers: each server has a memory of its own."""

    def change(parts: Parts) -> Parts:
        return make()(parts)

    return change


# Narrower faults, of which there are many


def in_lists(spoil: Callable[[dict[str, Any]], dict[str, Any]], when: When | None = None) -> Change:
    """A fault in the documents that list machines: all of them, or those of some requests."""

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Refusal) or (when and not when(ask, service)):
            return outcome
        return spoil(outcome)

    return in_outcome(say)


def in_served(refusal: Refusal, when: When) -> Change:
    """The fault that some requests are refused, or crash, that should be served."""
    return in_outcome(
        lambda ask, service, outcome: refusal if isinstance(outcome, dict) and when(ask, service) else outcome
    )


def in_list_answers(
    spoil: Callable[[Answer], Answer], when: When | None = None, place: Callable[[Alter], Change] = in_answer
) -> Change:
    """A fault in the responses that list machines."""

    def alter(asked: Asked, answer: Answer) -> Answer:
        if not asked.reads or answer.status != 200:
            return answer
        return answer if when and not when(asked.ask, asked.service) else spoil(answer)

    return place(alter)


def in_refusals(kind: str, instead: Callable[[Ask, Service, Refusal], Outcome], when: When | None = None) -> Change:
    """A fault in what is said in the place of one kind of refusal."""

    def say(ask: Ask, service: Service, outcome: Outcome) -> Outcome:
        if not isinstance(outcome, Refusal) or kind_of(ask, service, outcome) != kind:
            return outcome
        return outcome if when and not when(ask, service) else instead(ask, service, outcome)

    return in_outcome(say)


def in_refusal_answers(kind: str, spoil: Callable[[Asked, Answer], Answer]) -> Change:
    """A fault in the responses that are one kind of refusal."""

    def alter(asked: Asked, answer: Answer) -> Answer:
        if not asked.reads or not 400 <= answer.status < 500:
            return answer
        refusal = Refusal(answer.status, answer.document["msg"])
        return spoil(asked, answer) if kind_of(asked.ask, asked.service, refusal) == kind else answer

    return in_answer(alter)


# What is said instead

CRASH = Refusal(500, HTTPStatus.INTERNAL_SERVER_ERROR.phrase)
"""What a caller sees of a crash. Nothing is raised: a log full of crashes that were meant would be of no use."""


def crash(*_: object) -> Outcome:
    """A 500."""
    return CRASH


def error_within_200(_ask: Ask, _service: Service, refusal: Refusal) -> Outcome:
    """The refusal's body, with the status of a success."""
    return present.refusal(refusal)


def empty_list(_ask: Ask, service: Service, _refusal: Refusal) -> Outcome:
    """A list of no machines."""
    return service.listing([], service.readings)


def status(number: int) -> Callable[[Ask, Service, Refusal], Outcome]:
    """The same refusal with another status."""
    return lambda _ask, _service, refusal: replace(refusal, status=number)


# What a request is

MISSING, BLANK, SEVERAL, BAD_BOUND = "missing-parameter", "blank-parameter", "several-values", "bad-bound"
NO_TOKEN, BAD_TOKEN, EXPIRED_TOKEN = "no-token", "bad-token", "expired-token"
STRANGE_TENANT, OTHER_TENANT = "strange-tenant", "other-tenant"
UNKNOWN_REGION, UNKNOWN_PARTY = "unknown-region", "unknown-party"

WORDS: Mapping[str, str] = {
    "is missing": MISSING,
    "Neither": MISSING,
    "is empty": BLANK,
    "several values": SEVERAL,
    "whole number": BAD_BOUND,
    "region is unknown": UNKNOWN_REGION,
    "is unknown": UNKNOWN_PARTY,
}
"""Words of the service's messages, and the kinds of 400 that they tell."""


def kind_of(ask: Ask, service: Service, refusal: Refusal) -> str:
    """Which kind of refusal the service's refusal of an ask is; of no kind that is told apart, its status."""
    if refusal.status == 401:
        if not ask.token:
            return NO_TOKEN
        return BAD_TOKEN if ever_held(ask.token, service.tokens) is None else EXPIRED_TOKEN
    if refusal.status == 403:
        known = ask.value("tenant_id") in {tenant.tenant_id for tenant in service.store.tenants()}
        return OTHER_TENANT if known else STRANGE_TENANT
    if refusal.status == 400:
        return next((kind for words, kind in WORDS.items() if words in refusal.message), "400")
    return str(refusal.status)


def ever_held(text: str | None, tokens: Tokens) -> str | None:
    """The id of the tenant that a token speaks for, or did until it expired."""
    return replace(tokens, clock=lambda: 0.0).holder(text)


def on_later_page(ask: Ask, service: Service) -> bool:
    """Whether a request's window begins after the first machine."""
    return service.window(ask, service.readings).start > 0


def in_second_region(ask: Ask, service: Service) -> bool:
    """Whether a request is for another region than the main one."""
    return ask.value("region") != service.store.regions()[0]


def is_others(ask: Ask, service: Service) -> bool:
    """Whether a request is for the list of another tenant than the first."""
    return ask.value("tenant_id") != service.store.tenants()[0].tenant_id


def with_value(ask: Ask, name: str, value: str | None) -> Ask:
    """A request with another value of a parameter, or without it."""
    others = {known: values for known, values in ask.parameters.items() if known != name}
    return replace(ask, parameters=others if value is None else {**others, name: (value,)})


# What a document holds

Record: TypeAlias = dict[str, Any]


def records(document: Mapping[str, Any]) -> list[Record]:
    """The machines that a document lists, in its order."""
    servers = document["vm_servers"]
    return list(servers.values() if isinstance(servers, dict) else servers)


def listing(document: Mapping[str, Any], machines: list[Record]) -> dict[str, Any]:
    """The document with these machines in the place of its own."""
    keyed = isinstance(document["vm_servers"], dict)
    return {**document, "vm_servers": {each["instance_id"]: each for each in machines} if keyed else machines}


def less_last(document: dict[str, Any]) -> dict[str, Any]:
    """The document without the last of its machines."""
    return listing(document, records(document)[:-1])
