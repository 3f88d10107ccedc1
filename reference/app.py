"""The service over WSGI: requests to asks, answers to responses, every refusal in one form."""

import gzip
import logging
import time
from http import HTTPStatus
from urllib.parse import parse_qsl

from flask import Flask, Request, Response, request
from werkzeug.datastructures import Accept
from werkzeug.exceptions import HTTPException, NotFound

from reference import login, present
from reference.model import Refusal, Unavailable
from reference.service import Ask, Service

LONGEST_LOGIN = 64 * 1024
"""Bytes that a login may have, many times what any needs."""

HEADERS = {
    # One tenant's machines, for whoever holds its token: nothing for a cache to keep.
    "Cache-Control": "private, no-store",
    "Vary": "Accept-Encoding",
    # Names come from customers, and may look like HTML.
    "X-Content-Type-Options": "nosniff",
}

log = logging.getLogger(__name__)


def create(service: Service, latency: float = 0.0) -> Flask:
    """The WSGI application of a service, which takes at least so many seconds for each request."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_LOGIN
    # A path is right or unknown. A redirect would be an answer in a form that no client of this API expects.
    app.url_map.merge_slashes = False

    @app.get("/mana_api/vm")
    def machines() -> Response:
        answer = service.answer(read(request))
        return refused(answer) if isinstance(answer, Refusal) else answered(answer)

    @app.post("/mana_api/tokens")
    def tokens() -> Response:
        if not service.tokens.issues:
            raise NotFound
        answer = login.answer(request.get_data(), service.tokens)
        return refused(answer) if isinstance(answer, Refusal) else answered(login.document(answer))

    @app.before_request
    def wait() -> None:
        time.sleep(latency)

    app.register_error_handler(Exception, failed)
    app.after_request(finished)
    return app


def read(asking: Request) -> Ask:
    """What a request asks. Bytes of the query that are no UTF-8 become replacement characters, which name nothing."""
    parameters: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(asking.query_string.decode(errors="replace"), keep_blank_values=True):
        parameters[name] = (*parameters.get(name, ()), value)
    return Ask(asking.headers.get("X-Auth-Token"), asking.headers.get("Sp-Agent"), parameters)


def answered(document: dict[str, object]) -> Response:
    """The response that carries a document."""
    return Response(present.encoded(document), content_type="application/json")


def refused(refusal: Refusal) -> Response:
    """The response that carries a refusal."""
    body = present.encoded(present.refusal(refusal))
    return Response(body, refusal.status, refusal.headers, content_type="application/json")


def failed(error: Exception) -> Response:
    """The response to an error: what HTTP refuses as itself, all else as a 500 that tells the log, not the caller."""
    if isinstance(error, Unavailable):
        log.error("%s %a: %s", request.method, request.path, error)
        return refused(Refusal(503, "Tokens cannot be looked up at present"))
    if not isinstance(error, HTTPException) or error.code is None:
        log.error("%s %a failed", request.method, request.path, exc_info=error)
        return refused(Refusal(500, HTTPStatus.INTERNAL_SERVER_ERROR.phrase))
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return refused(Refusal(error.code, HTTPStatus(error.code).phrase, headers))


def finished(response: Response) -> Response:
    """Any response as it goes out: compressed where that is wanted, with the headers that all have."""
    body = response.get_data()
    if not body:
        response.headers.pop("Content-Type", None)
    elif gzip_is_wanted(request.accept_encodings):
        response.set_data(gzip.compress(body, compresslevel=5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    response.headers.update(HEADERS)
    log.info("%s %a %d, %s bytes", request.method, request.path, response.status_code, response.content_length)
    return response


def gzip_is_wanted(accepted: Accept) -> bool:
    """Whether a client takes gzip, and does not like the plain body better."""
    quality = accepted.quality("gzip")
    return quality > 0 and quality >= accepted.quality("identity")
