"""Mutants of the methods: HEAD, OPTIONS, and those that the list does not know."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIApplication

from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from reference import app, present
from reference.model import Place, Refusal
from reference.mutant import CRASH, PATH, Alter, Answer, Asked, Change, Mutant, Wrap, anew, on_sending, on_wire
from reference.paging import Window
from reference.service import place_of
from reference.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def to(method: str, spoil: Callable[[Answer], Answer]) -> Change:
    """A fault in the answers to one method."""
    return on_sending(lambda asked, answer: spoil(answer) if (asked.path, asked.method) == (PATH, method) else answer)


def reply(status: int, document: dict[str, Any] | None = None) -> Callable[[Answer], Answer]:
    """Another answer in the place of any, with a document or with no body."""
    headers = Headers(app.HEADERS)
    body = b"" if document is None else present.encoded(document)
    if body:
        headers.update({"Content-Type": "application/json", "Content-Length": str(len(body))})
    return lambda _: Answer(status, Headers(headers), body)


def refused_head(answer: Answer) -> Answer:
    """A 405 to HEAD."""
    refusal = reply(405, {"msg": HTTPStatus(405).phrase, "code": 405})(answer)
    return replace(refusal, body=b"").naming("Allow", "GET, OPTIONS")


def always_200(answer: Answer) -> Answer:
    """The answer, called a success."""
    return replace(answer, status=200)


def heads_with_unknown_token(asked: Asked, answer: Answer) -> bool:
    """Whether a HEAD with a token was refused for it."""
    return (asked.path, asked.method, answer.status) == (PATH, "HEAD", 401) and bool(asked.ask.token)


def heads_for_another_tenant(asked: Asked, answer: Answer) -> bool:
    """Whether a HEAD with a good token was refused for naming another tenant, of those that there are."""
    own = asked.service.tokens.holder(asked.ask.token)
    others = {one.tenant_id for one in asked.service.store.tenants()} - {own}
    refused = own is not None and asked.ask.value("tenant_id") in others and 400 <= answer.status < 500
    return (asked.path, asked.method) == (PATH, "HEAD") and refused


def kept_from_head() -> Alter:
    """Pages whose answer to HEAD is kept by their bounds, and given once to GET."""
    kept: set[tuple[str | None, ...]] = set()

    def send(asked: Asked, answer: Answer) -> Answer:
        bounds = tuple(asked.ask.value(name) for name in ("f", "t"))
        if asked.path != PATH or answer.status != 200 or bounds == (None, None):
            return answer
        if asked.method == "HEAD":
            kept.add(bounds)
        elif bounds in kept:
            kept.discard(bounds)
            return replace(answer, body=b"").naming("Content-Length", "0")
        return answer

    return send


def without_allow(answer: Answer) -> Answer:
    """The answer less what says which methods there are."""
    return answer.naming("Allow", None)


def without_allow_on_405(asked: Asked, answer: Answer) -> Answer:
    """A 405 that does not say which methods there are."""
    return without_allow(answer) if asked.path == PATH and answer.status == 405 else answer


def taken_for_get(method: str) -> Wrap:
    """A server that answers a method as it does GET, body and all."""

    def wrap(application: WSGIApplication) -> WSGIApplication:
        def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            taken = (environ["PATH_INFO"], environ["REQUEST_METHOD"]) == (PATH, method)
            return application({**environ, "REQUEST_METHOD": "GET"} if taken else environ, start_response)

        return wrapped

    return wrap


def head_with_body(application: WSGIApplication) -> WSGIApplication:
    """A server that answers HEAD with GET's body, and then closes the connection."""

    def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if (environ["PATH_INFO"], environ["REQUEST_METHOD"]) != (PATH, "HEAD"):
            return application(environ, start_response)
        body, status, headers = run_wsgi_app(application, {**environ, "REQUEST_METHOD": "GET"}, buffered=True)
        # Waitress closes the connection after what has no length: the body is not to be taken for the next response.
        headers.remove("Content-Length")
        start_response(status, headers.to_wsgi_list())
        whole = b"".join(body)
        return [whole[:1], whole[1:]]

    return wrapped


def doing(method: str, do: Callable[[Store, Place], None]) -> Change:
    """The fault that a method is refused, and does something all the same to the list that it names."""

    def send(asked: Asked, answer: Answer) -> Answer:
        place, service = place_of(asked.ask), asked.service
        own = service.tokens.holder(asked.ask.token) == place.tenant_id
        if (asked.path, asked.method) == (PATH, method) and own and service.store.count(place):
            do(service.store, place)
        return answer

    return on_sending(send)


def removing(store: Store, place: Place) -> None:
    """Take the first machine out of a list."""
    store.remove(place, 0)


def adding(store: Store, place: Place) -> None:
    """Put a machine at the end of a list, like the first but for its id."""
    [first] = store.machines(place, Window(0, 1))
    store.add(place, replace(first, instance_id=f"{first.instance_id[:-6]}{store.count(place):06x}"))


MUTANTS = (
    Mutant("head-answered-405", "METHOD-01", "HEAD is answered 405", to("HEAD", refused_head)),
    Mutant(
        "head-answered-200-always",
        "METHOD-01",
        "HEAD is answered 200 where GET is refused",
        to("HEAD", always_200),
    ),
    Mutant(
        "head-with-unknown-token-answered-200",
        "METHOD-01",
        "HEAD with a token that nobody has is answered 200",
        on_sending(lambda asked, answer: always_200(answer) if heads_with_unknown_token(asked, answer) else answer),
    ),
    Mutant(
        "head-of-other-tenant-answered-200",
        "METHOD-01",
        "HEAD of another tenant's list is answered 200",
        on_sending(lambda asked, answer: always_200(answer) if heads_for_another_tenant(asked, answer) else answer),
    ),
    Mutant(
        "page-empty-behind-head",
        "BODY-01",
        "GET of a page that was asked by HEAD just before is answered as HEAD is",
        anew(lambda: on_sending(kept_from_head())),
    ),
    Mutant("head-with-body", "METHOD-02", "HEAD is answered with GET's body", on_wire(head_with_body)),
    Mutant(
        "head-of-other-content-type",
        "METHOD-02",
        "HEAD is answered with another Content-Type than GET",
        to("HEAD", lambda answer: answer.naming("Content-Type", "text/html; charset=utf-8")),
    ),
    Mutant(
        "options-crashes",
        "METHOD-03",
        "OPTIONS is answered 500",
        to("OPTIONS", reply(500, present.refusal(CRASH))),
    ),
    Mutant(
        "options-without-allow",
        "METHOD-04",
        "OPTIONS does not say which methods there are",
        to("OPTIONS", without_allow),
    ),
    Mutant(
        "put-answered-404",
        "METHOD-05",
        "PUT is answered 404",
        to("PUT", reply(404, present.refusal(Refusal(404, "Not Found")))),
    ),
    Mutant(
        "any-method-served",
        "METHOD-09",
        "PROPFIND is answered with the list, as GET is",
        on_wire(taken_for_get("PROPFIND")),
    ),
    Mutant(
        "propfind-answered-204",
        "METHOD-09",
        "PROPFIND is answered 204",
        to("PROPFIND", reply(204)),
    ),
    Mutant("post-served", "METHOD-08", "POST is answered with the list, as GET is", on_wire(taken_for_get("POST"))),
    Mutant(
        "put-answered-200",
        "METHOD-08",
        "PUT is answered 200, with a message that all is well",
        to("PUT", reply(200, {"msg": "OK", "code": 200})),
    ),
    Mutant("patch-crashes", "METHOD-08", "PATCH is answered 500", to("PATCH", reply(500, present.refusal(CRASH)))),
    Mutant("delete-answered-204", "METHOD-08", "DELETE is answered 204", to("DELETE", reply(204))),
    Mutant(
        "405-without-allow",
        "METHOD-06",
        "The 405 to an unknown method does not say which there are",
        on_sending(without_allow_on_405),
    ),
    Mutant(
        "delete-removes-a-machine",
        "METHOD-07",
        "DELETE is refused, and the first machine is gone all the same",
        doing("DELETE", removing),
    ),
    Mutant(
        "post-adds-a-machine",
        "METHOD-07",
        "POST is refused, and there is one more machine all the same",
        doing("POST", adding),
    ),
)
