"""Mutants of the refusals' bodies, on one kind of refusal or on every, and of unknown paths and methods."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from reference.mutant import (
    BAD_BOUND,
    BAD_TOKEN,
    BLANK,
    CRASH,
    EXPIRED_TOKEN,
    MISSING,
    NO_TOKEN,
    OTHER_TENANT,
    PATH,
    SEVERAL,
    STRANGE_TENANT,
    UNKNOWN_PARTY,
    UNKNOWN_REGION,
    Alter,
    Answer,
    Asked,
    Change,
    Mutant,
    in_answer,
    in_refusal_answers,
)

KINDS = {
    MISSING: "a request without a required parameter",
    BLANK: "a blank parameter",
    NO_TOKEN: "a request without a token",
    BAD_TOKEN: "an unknown token",
    EXPIRED_TOKEN: "an expired token",
    STRANGE_TENANT: "a tenant that there is not",
    OTHER_TENANT: "another tenant's list",
    BAD_BOUND: "a bound that is no number",
    UNKNOWN_REGION: "an unknown region",
    UNKNOWN_PARTY: "an unknown party",
}
"""The kinds of refusal, and what each refuses."""


def page(answer: Answer) -> Answer:
    """The refusal as an HTML page."""
    phrase = HTTPStatus(answer.status).phrase
    body = f"<!doctype html>\n<title>{answer.status} {phrase}</title>\n<h1>{phrase}</h1>\n".encode()
    return replace(answer, body=body).naming("Content-Type", "text/html; charset=utf-8")


def plain(answer: Answer) -> Answer:
    """The refusal as its sentence alone, which is still called JSON."""
    return replace(answer, body=answer.document["msg"].encode())


def quoted(answer: Answer) -> Answer:
    """The refusal as its sentence alone, a JSON string."""
    return answer.holding(answer.document["msg"])


def called_html(answer: Answer) -> Answer:
    """The refusal as it is, called HTML."""
    return answer.naming("Content-Type", "text/html; charset=utf-8")


def holding(name: str, value: Callable[[Any], object]) -> Callable[[Answer], Answer]:
    """The refusal with another value of a field."""
    return lambda answer: answer.holding({**answer.document, name: value(answer.document[name])})


def lacking(name: str) -> Callable[[Answer], Answer]:
    """The refusal without a field."""
    return lambda answer: answer.holding({key: value for key, value in answer.document.items() if key != name})


BODIES: dict[str, tuple[str, Callable[[Answer], Answer]]] = {
    "html": ("is an HTML page", page),
    "code-string": ("has its code as a text", holding("code", str)),
    "msg-missing": ("has no msg", lacking("msg")),
    "code-wrong": ("has another code than its status", holding("code", lambda code: code + 20)),
    "msg-empty": ("has an empty msg", holding("msg", lambda _: "")),
    "plain-text": ("is plain text, called JSON", plain),
    "code-missing": ("has no code", lacking("code")),
    "msg-in-array": ("has its msg in an array", holding("msg", lambda text: [text])),
    "content-type-html": ("is JSON, called text/html", called_html),
    "string": ("is a JSON string and no object", quoted),
}
"""What can be wrong with a refusal."""


def of_bodies() -> Iterator[Mutant]:
    """Each kind of refusal with two of the faults, and each fault on two of the kinds."""
    names = list(BODIES)
    for index, (kind, words) in enumerate(KINDS.items()):
        for name in (names[index], names[(index + 3) % len(names)]):
            fault, spoil = BODIES[name]
            yield Mutant(
                f"error-{name}-on-{kind}",
                f"ERROR-{kind}",
                f"The refusal of {words} {fault}",
                in_refusal_answers(kind, without_request(spoil)),
            )


def without_request(spoil: Callable[[Answer], Answer]) -> Alter:
    """A fault that does not depend on what was asked."""
    return lambda _, answer: spoil(answer)


def telling(words: str) -> Alter:
    """A refusal that goes on with these words."""
    return without_request(holding("msg", lambda text: f"{text}: {words}"))


def telling_token(asked: Asked, answer: Answer) -> Answer:
    """A refusal that repeats the token."""
    return holding("msg", lambda text: f"{text}: {asked.ask.token}")(answer)


def telling_headers(asked: Asked, answer: Answer) -> Answer:
    """A refusal that repeats the request's headers."""
    return answer.holding({**answer.document, "request": {"X-Auth-Token": asked.ask.token}})


TRACE = """Traceback (most recent call last):
  File "vm.py", line 42, in get
    first = int(args["f"])
ValueError: invalid literal for int() with base 10"""

PHP_PAGE = b"""<br />
<b>Fatal error</b>:  Uncaught TypeError: trim(): Argument #1 must be of type string, array given in /srv/vm/list.php:31
Stack trace:
#0 /srv/vm/list.php(31): trim(Array)
#1 {main}
  thrown in <b>/srv/vm/list.php</b> on line <b>31</b><br />
"""

JAVA_TRACE = """java.lang.IllegalArgumentException: region
\tat com.scloudm.mana.VmController.list(VmController.java:42)
\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:897)"""

SQL = "SELECT * FROM vm_instance WHERE project_id = ? AND deleted = 0"
FILE = "/opt/mana/api/handlers/party.py"


def died_within_200(asked: Asked, answer: Answer) -> Answer:
    """A page of an interpreter that died, where a parameter of the request is an object."""
    if not any("[" in name for name in asked.ask.parameters):
        return answer
    page = replace(answer, status=200, body=PHP_PAGE).naming("Content-Type", "text/html; charset=UTF-8")
    return page.naming("Content-Length", str(len(PHP_PAGE)))


def on_every_refusal(spoil: Callable[[Answer], Answer]) -> Change:
    """A fault in the answers to whatever the list refuses."""

    def alter(asked: Asked, answer: Answer) -> Answer:
        return spoil(answer) if asked.path == PATH and 400 <= answer.status < 500 else answer

    return in_answer(alter)


def telling_region_by_hand(asked: Asked, answer: Answer) -> Answer:
    """The refusal with the region in it as it came, which ends the text where a quote stands in it."""
    said = f'{{"code": {answer.status}, "msg": "There is no region {asked.ask.value("region")}"}}'
    return replace(answer, body=said.encode())


def on_unknown_paths(spoil: Callable[[Answer], Answer]) -> Change:
    """A fault in the answers to paths that there are not."""

    def alter(asked: Asked, answer: Answer) -> Answer:
        return spoil(answer) if asked.path != PATH and answer.status == 404 else answer

    return in_answer(alter)


def on_unknown_methods(spoil: Callable[[Answer], Answer]) -> Change:
    """A fault in the answers to methods that the list does not know."""

    def alter(asked: Asked, answer: Answer) -> Answer:
        return spoil(answer) if asked.path == PATH and answer.status == 405 else answer

    return in_answer(alter)


def as_success(answer: Answer) -> Answer:
    """The refusal with the status of a success."""
    return replace(answer, status=200)


def as_crash(answer: Answer) -> Answer:
    """A 500."""
    return replace(answer, status=CRASH.status).holding({"msg": CRASH.message, "code": CRASH.status})


def of_empty_bound(asked: Asked, answer: Answer) -> Answer:
    """The refusal of a bound with nothing in it, by a check that builds its answer by itself."""
    return page(answer) if "" in {asked.ask.value("f"), asked.ask.value("t")} else answer


def of_token_in_query(asked: Asked, answer: Answer) -> Answer:
    """The refusal of a request whose query has a token, by a check that builds its answer by itself."""
    return page(answer) if asked.ask.value("token") else answer


MUTANTS = (
    Mutant(
        "error-html-on-token-in-query",
        "ERROR-07",
        "The refusal of a token in the query is an HTML page",
        in_refusal_answers(NO_TOKEN, of_token_in_query),
    ),
    Mutant(
        "error-html-on-several-values",
        "ERROR-07",
        "The refusal of a parameter that is given twice is an HTML page",
        in_refusal_answers(SEVERAL, without_request(page)),
    ),
    Mutant(
        "error-html-on-empty-bound",
        "ERROR-07",
        "The refusal of an empty bound is an HTML page",
        in_refusal_answers(BAD_BOUND, of_empty_bound),
    ),
    *of_bodies(),
    Mutant(
        "error-html-on-every-refusal",
        "ERROR-08",
        "Every refusal is an HTML page",
        on_every_refusal(page),
    ),
    Mutant(
        "error-code-string-on-every-refusal",
        "ERROR-08",
        "Every refusal has its code as a text",
        on_every_refusal(holding("code", str)),
    ),
    Mutant(
        "error-without-content-type-on-bad-token",
        "ERROR-01",
        "The refusal of an unknown token has no Content-Type",
        in_refusal_answers(BAD_TOKEN, without_request(lambda answer: answer.naming("Content-Type", None))),
    ),
    Mutant(
        "stack-trace-on-bad-bound",
        "ERROR-02",
        "The refusal of a bound that is no number has Python's stack trace in its msg",
        in_refusal_answers(BAD_BOUND, telling(TRACE)),
    ),
    Mutant(
        "stack-trace-on-unknown-region",
        "ERROR-02",
        "The refusal of an unknown region has Java's stack trace beside its msg",
        in_refusal_answers(
            UNKNOWN_REGION, without_request(lambda answer: answer.holding({**answer.document, "trace": JAVA_TRACE}))
        ),
    ),
    Mutant(
        "object-ends-in-a-page-of-200",
        "ERROR-02",
        "A region that is an object ends in a page of 200 with PHP's stack trace in it",
        in_refusal_answers(MISSING, died_within_200),
    ),
    Mutant(
        "sql-on-strange-tenant",
        "ERROR-03",
        "The refusal of a tenant that there is not has an SQL statement in its msg",
        in_refusal_answers(STRANGE_TENANT, telling(SQL)),
    ),
    Mutant(
        "file-path-on-missing-parameter",
        "ERROR-03",
        "The refusal of a request without a required parameter has a file's path in its msg",
        in_refusal_answers(MISSING, telling(f"see {FILE}")),
    ),
    Mutant(
        "token-repeated-on-bad-token",
        "ERROR-04",
        "The refusal of an unknown token repeats it",
        in_refusal_answers(BAD_TOKEN, telling_token),
    ),
    Mutant(
        "token-repeated-on-bad-bound",
        "ERROR-04",
        "The refusal of a bound that is no number repeats the request's token",
        in_refusal_answers(BAD_BOUND, telling_headers),
    ),
    Mutant(
        "region-told-by-hand",
        "ERROR-07",
        "The refusal of an unknown region has it in its msg as it came, quotes and controls too",
        in_refusal_answers(UNKNOWN_REGION, telling_region_by_hand),
    ),
    Mutant(
        "unknown-path-answered-200",
        "ERROR-05",
        "An unknown path is answered 200, with the error in the body",
        on_unknown_paths(as_success),
    ),
    Mutant("unknown-path-crashes", "ERROR-05", "An unknown path is answered 500", on_unknown_paths(as_crash)),
    Mutant("unknown-path-html", "ERROR-06", "The 404 to an unknown path is an HTML page", on_unknown_paths(page)),
    Mutant("unknown-method-html", "ERROR-06", "The 405 to an unknown method is an HTML page", on_unknown_methods(page)),
)
