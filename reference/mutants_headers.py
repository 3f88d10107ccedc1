"""Mutants of the headers, and of the document's own request."""

import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from wsgiref.types import WSGIApplication

from reference import present
from reference.model import Refusal
from reference.mutant import (
    BAD_TOKEN,
    CRASH,
    EXPIRED_TOKEN,
    NO_TOKEN,
    Alter,
    Answer,
    Asked,
    Change,
    Mutant,
    When,
    Wrap,
    in_answer,
    in_list_answers,
    in_refusal_answers,
    in_second_region,
    in_served,
    less_last,
    on_later_page,
    on_sending,
    on_wire,
)
from reference.server import NAMES_AS_SENT
from reference.service import Ask, Service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def named(name: str, value: str | None) -> Callable[[Answer], Answer]:
    """An answer with this value of a header, or without it."""
    return lambda answer: answer.naming(name, value)


def with_length(more: int) -> Callable[[Answer], Answer]:
    """An answer that tells so many bytes more than its body has; HEAD's, which has none, is left alone."""

    def spoil(answer: Answer) -> Answer:
        return answer.naming("Content-Length", str(len(answer.body) + more)) if answer.body else answer

    return spoil


def with_length_of_plain(answer: Answer) -> Answer:
    """An answer that tells, where it is compressed, its length before that."""
    return answer.naming("Content-Length", str(len(gzip.decompress(answer.body)))) if compressed(answer) else answer


def with_two_lengths(answer: Answer) -> Answer:
    """An answer that tells two lengths, the second of which is right."""
    two = with_length(2)(answer)
    if answer.body:
        two.headers.add("Content-Length", str(len(answer.body)))
    return two


def in_refusals_sent(spoil: Callable[[Answer], Answer]) -> Alter:
    """A fault in whatever refuses a request that reads."""
    return lambda asked, answer: spoil(answer) if asked.reads and 400 <= answer.status < 500 else answer


def compressed(answer: Answer) -> bool:
    """Whether an answer is compressed, and has its body."""
    return answer.headers.get("Content-Encoding") == "gzip" and bool(answer.body)


def uncompressed(answer: Answer) -> Answer:
    """An answer that is plain where it should be compressed, and is called so all the same."""
    return with_length(0)(replace(answer, body=gzip.decompress(answer.body))) if compressed(answer) else answer


def older_when_compressed(answer: Answer) -> Answer:
    """A list that lacks its last machine where it is compressed."""
    if not compressed(answer):
        return answer
    older = less_last(json.loads(gzip.decompress(answer.body)))
    return with_length(0)(replace(answer, body=gzip.compress(present.encoded(older), mtime=0)))


def cut_short_when_compressed(answer: Answer) -> Answer:
    """An answer that lacks, where it is compressed, its last bytes, and tells the length that it has."""
    return with_length(0)(replace(answer, body=answer.body[:-12])) if compressed(answer) else answer


def of_sample(ask: Ask, _service: Service) -> bool:
    """Whether a request has the bounds of the document's own."""
    return (ask.value("f"), ask.value("t")) == ("1", "10")


def both_bounds(ask: Ask, _service: Service) -> bool:
    """Whether a request has both bounds."""
    return None not in {ask.value("f"), ask.value("t")}


def showing_token(place: Callable[[Answer, str], Answer], when: When | None = None) -> Change:
    """A fault that shows the token in lists."""

    def alter(asked: Asked, answer: Answer) -> Answer:
        if not asked.reads or answer.status != 200 or (when and not when(asked.ask, asked.service)):
            return answer
        return place(answer, asked.ask.token or "")

    return in_answer(alter)


def in_header(answer: Answer, token: str) -> Answer:
    """An answer that has the request's header."""
    return answer.naming("X-Auth-Token", token)


def in_body(answer: Answer, token: str) -> Answer:
    """A list that says for which token it is."""
    return answer.holding({**answer.document, "token": token})


def in_cookie(answer: Answer, token: str) -> Answer:
    """An answer that has the client keep the token."""
    return answer.naming("Set-Cookie", f"session={token}; Path=/; HttpOnly")


def unless_sent_as(name: str) -> Wrap:
    """A server that sees no token whose header is not written so, letter for letter."""

    def wrap(application: WSGIApplication) -> WSGIApplication:
        def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            if name not in environ.get(NAMES_AS_SENT, name).split(","):
                environ = {key: value for key, value in environ.items() if key != "HTTP_X_AUTH_TOKEN"}
            return application(environ, start_response)

        return wrapped

    return wrap


def dated(told: Callable[[datetime], str]) -> Alter:
    """Answers whose Date is told in some way."""
    return lambda _, answer: answer.naming("Date", told(datetime.now(UTC)))


def in_shanghai(now: datetime) -> str:
    """The time in Shanghai, called that in Greenwich."""
    return format_datetime(now + timedelta(hours=8), usegmt=True)


def as_though_taking(coding: str) -> Wrap:
    """A server that takes every request for one that takes this coding."""
    return lambda application: (
        lambda environ, start_response: application({**environ, "HTTP_ACCEPT_ENCODING": coding}, start_response)
    )


def refusing(variable: str, refusal: Refusal) -> Wrap:
    """A server that refuses each request with a header, named as WSGI has it."""

    def wrap(application: WSGIApplication) -> WSGIApplication:
        def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
            if not environ.get(variable):
                return application(environ, start_response)
            body = present.encoded(present.refusal(refusal))
            status = f"{refusal.status} {HTTPStatus(refusal.status).phrase}"
            start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]

        return wrapped

    return wrap


MUTANTS = (
    Mutant(
        "cookie-refused",
        "HEAD-10",
        "A request with a cookie is refused",
        on_wire(refusing("HTTP_COOKIE", Refusal(403, "There is no such session"))),
    ),
    Mutant(
        "condition-crashes",
        "HEAD-10",
        "A request with a condition (If-None-Match) is answered 500",
        on_wire(refusing("HTTP_IF_NONE_MATCH", CRASH)),
    ),
    Mutant(
        "modified-since-crashes",
        "HEAD-10",
        "A request with a date for a condition (If-Modified-Since) is answered 500",
        on_wire(refusing("HTTP_IF_MODIFIED_SINCE", CRASH)),
    ),
    Mutant(
        "content-type-refused",
        "HEAD-10",
        "A request that names a Content-Type, and has no body, is refused",
        on_wire(refusing("CONTENT_TYPE", Refusal(400, "The body is no JSON"))),
    ),
    Mutant(
        "list-answered-203",
        "HEAD-11",
        "A list is answered 203",
        in_list_answers(lambda answer: replace(answer, status=203)),
    ),
    Mutant(
        "page-answered-206",
        "HEAD-01",
        "A list with both bounds is answered 206 and not 200",
        in_list_answers(lambda answer: replace(answer, status=206), both_bounds),
    ),
    Mutant(
        "sample-window-refused",
        "HEAD-01",
        "The document's own window, f=1 and t=10, is refused",
        in_served(Refusal(400, "The page is too small"), of_sample),
    ),
    Mutant(
        "content-type-html",
        "HEAD-02",
        "Lists are called text/html",
        in_list_answers(named("Content-Type", "text/html; charset=utf-8")),
    ),
    Mutant(
        "content-type-missing-on-later-pages",
        "HEAD-02",
        "Every page but the first has no Content-Type",
        in_list_answers(named("Content-Type", None), on_later_page),
    ),
    Mutant(
        "content-type-plain-in-second-region",
        "HEAD-02",
        "Lists of the second region are called text/plain",
        in_list_answers(named("Content-Type", "text/plain"), in_second_region),
    ),
    Mutant(
        "content-length-too-long-on-later-pages",
        "HEAD-03",
        "Every page but the first tells one byte more than it has",
        in_list_answers(with_length(1), on_later_page, on_sending),
    ),
    Mutant(
        "content-length-of-plain-when-compressed",
        "HEAD-03",
        "A compressed list tells its length before it was compressed",
        in_list_answers(with_length_of_plain, place=on_sending),
    ),
    Mutant(
        "content-length-twice-in-second-region",
        "HEAD-03",
        "Lists of the second region tell two lengths, the first of which is wrong",
        in_list_answers(with_two_lengths, in_second_region, on_sending),
    ),
    Mutant(
        "content-length-twice-on-refusals",
        "HEAD-03",
        "Refusals tell two lengths, the first of which is wrong",
        on_sending(in_refusals_sent(with_two_lengths)),
    ),
    Mutant("token-shown-in-header", "HEAD-04", "A list shows the token in a header", showing_token(in_header)),
    Mutant("token-shown-in-body", "HEAD-04", "A list shows the token beside the machines", showing_token(in_body)),
    Mutant(
        "token-shown-in-cookie-on-later-pages",
        "HEAD-04",
        "Every page but the first shows the token in a cookie",
        showing_token(in_cookie, on_later_page),
    ),
    Mutant(
        "token-header-by-letter",
        "HEAD-05",
        "The header of the token is known as X-Auth-Token only, and not as x-auth-token",
        on_wire(unless_sent_as("X-Auth-Token")),
    ),
    Mutant(
        "date-of-another-zone", "HEAD-06", "Date is the time in Shanghai, called GMT", on_sending(dated(in_shanghai))
    ),
    Mutant(
        "date-without-weekday",
        "HEAD-06",
        "Date is written 2016-01-28 05:53:28",
        on_sending(dated(lambda now: f"{now:%Y-%m-%d %H:%M:%S}")),
    ),
    Mutant(
        "compressed-list-is-bytes",
        "HEAD-07",
        "A compressed list is sent as application/octet-stream",
        in_list_answers(
            lambda answer: (
                answer.naming("Content-Type", "application/octet-stream")
                if answer.headers.get("Content-Encoding") == "gzip"
                else answer
            ),
            place=on_sending,
        ),
    ),
    Mutant(
        "compressed-list-older",
        "HEAD-07",
        "A compressed list lacks the last machine",
        in_list_answers(older_when_compressed, place=on_sending),
    ),
    Mutant(
        "compressed-list-cut-short",
        "HEAD-12",
        "A compressed list lacks its last twelve bytes",
        in_list_answers(cut_short_when_compressed, place=on_sending),
    ),
    Mutant(
        "refusals-called-gzip",
        "HEAD-12",
        "Refusals are called gzip, and are not compressed",
        on_sending(in_refusals_sent(named("Content-Encoding", "gzip"))),
    ),
    Mutant(
        "always-compressed",
        "HEAD-13",
        "Every body is compressed, whatever the request takes",
        on_wire(as_though_taking("gzip")),
    ),
    Mutant(
        "refusals-uncompressed-but-called-gzip",
        "HEAD-12",
        "Where a request takes gzip, its refusal is called gzip, and is not compressed",
        on_sending(in_refusals_sent(uncompressed)),
    ),
    Mutant(
        "later-pages-called-deflate",
        "HEAD-12",
        "Every page but the first is called deflate, and is not compressed",
        in_list_answers(named("Content-Encoding", "deflate"), on_later_page, on_sending),
    ),
    Mutant(
        "cache-control-missing",
        "HEAD-08",
        "Lists have no Cache-Control",
        in_list_answers(named("Cache-Control", None), place=on_sending),
    ),
    Mutant(
        "cache-control-public-on-later-pages",
        "HEAD-08",
        "Every page but the first may be kept by any cache for a minute",
        in_list_answers(named("Cache-Control", "public, max-age=60"), on_later_page, on_sending),
    ),
    Mutant(
        "challenge-missing-without-token",
        "HEAD-09",
        "The 401 to a request without a token has no WWW-Authenticate",
        in_refusal_answers(NO_TOKEN, lambda _, answer: answer.naming("WWW-Authenticate", None)),
    ),
    Mutant(
        "challenge-missing-on-bad-token",
        "HEAD-09",
        "The 401 to an unknown token has no WWW-Authenticate",
        in_refusal_answers(BAD_TOKEN, lambda _, answer: answer.naming("WWW-Authenticate", None)),
    ),
    Mutant(
        "challenge-missing-on-expired-token",
        "HEAD-09",
        "The 401 to a token that has expired has no WWW-Authenticate",
        in_refusal_answers(EXPIRED_TOKEN, lambda _, answer: answer.naming("WWW-Authenticate", None)),
    ),
)
