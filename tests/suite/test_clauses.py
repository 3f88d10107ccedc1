"""Every clause is seen to fail: a catalogue of how servers go wrong, each by one step of the miniature replaced."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from conformance.answer import Machine
from conformance.credentials import OTHER_TOKEN, TOKEN
from conformance.exchange import Exchange
from conformance.judgement import MUST, Verdict
from conformance.probe import Probe
from conformance.probes import UNKNOWN, Probes
from conformance.verdicts import Outcome
from contracts import readings as open_readings
from tests.suite.miniature import (
    FLEET,
    NORTH,
    OTHER_TENANT,
    PARTY,
    PATH,
    SECRETS,
    SOUTH,
    TARGET,
    TENANT,
    Answer,
    Miniature,
    Refused,
    Request,
    broken,
    catalogue,
    document,
    fleet,
    judged,
    judging,
    machine,
    outcomes,
)

Edit = Callable[[Answer], Answer]
Stored = list[dict[str, Any]]
Change = Callable[[Stored, random.Random], Stored]

KNOWN = frozenset(parameter.name for parameter in document().parameters)


@dataclass(frozen=True)
class Fault:
    """One way to go wrong: the clause that it breaks, what is wrong, and the steps that are wrong.

    ``also`` are other clauses that it cannot but turn red, each with the reason.
    """

    id: str
    what: str
    steps: Mapping[str, Callable[..., Any]]
    also: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)

    @property
    def server(self) -> Miniature:
        """A server that goes wrong so."""
        return broken(**self.steps)(**self.readings)

    def __str__(self) -> str:
        return f"{self.id}: {self.what}"


def fault(id: str, what: str, **steps: Callable[..., Any]) -> Fault:
    """A fault of these steps."""
    return Fault(id, what, steps)


# -- steps that several servers have wrong


def refusing(kind: str, status: int, msg: str = "this went wrong") -> Callable[..., Answer]:
    """The step `refusal`, another status for one kind."""

    def refusal(server: Miniature, request: Request, refused: Refused) -> Answer:
        said = Refused(status, msg, kind) if refused.kind.startswith(kind) else refused
        return Miniature.refusal(server, request, said)

    return refusal


def saying(kind: str, **members: Any) -> Callable[..., Any]:
    """The step `error`, other members for one kind; None leaves one out."""

    def error(server: Miniature, request: Request, refused: Refused) -> Any:
        said = Miniature.error(server, request, refused)
        if refused.kind.startswith(kind):
            said = {name: value for name, value in {**said, **members}.items() if value is not None}
        return said

    return error


def listing_nothing(kind: str) -> Callable[..., Answer]:
    """The step `refusal`, an empty list for one kind."""

    def refusal(server: Miniature, request: Request, refused: Refused) -> Answer:
        nothing = server.listed(request, [])
        return nothing if refused.kind == kind else Miniature.refusal(server, request, refused)

    return refusal


def standing_in(step: str, name: str, value: str) -> Callable[..., str]:
    """The step `missing` or `blank`, with a value that stands in for one parameter."""

    def stands_in(server: Miniature, asked: str) -> str:
        refuse: Callable[..., str] = getattr(Miniature, step)
        return value if asked == name else refuse(server, asked)

    return stands_in


def telling(**members: Callable[[Machine], Any]) -> Callable[..., dict[str, Any]]:
    """The step `record`, with members of a machine made from what is stored of it."""

    def record(server: Miniature, stored: Machine) -> dict[str, Any]:
        return {**Miniature.record(server, stored), **{name: make(stored) for name, make in members.items()}}

    return record


def leaving_out(name: str) -> Callable[..., dict[str, Any]]:
    """The step `record`, less a member."""

    def record(server: Miniature, stored: Machine) -> dict[str, Any]:
        return {key: value for key, value in Miniature.record(server, stored).items() if key != name}

    return record


def editing(edit: Edit, where: Callable[[Request, Answer], bool] = lambda _, answer: answer.status == 200) -> Any:
    """The step `edited`, for some answers, those of 200 if nothing is said."""
    return lambda _, request, answer: edit(answer) if where(request, answer) else answer


def listing(choose: Callable[[Miniature, Request, Any], Any]) -> Callable[..., Any]:
    """The step `machines`, some of those that there are."""

    def machines(server: Miniature, request: Request, place: Any) -> Any:
        return choose(server, request, Miniature.machines(server, request, place))

    return machines


def lagging(workers: int) -> Callable[..., Any]:
    """The step `machines`, of one worker among several that are asked in turn: it lacks the last machine."""
    return listing(lambda server, _, found: found[:-1] if server.asked % workers == 0 else found)


def paging(page: Callable[[list[Machine], int | None, int | None], list[Machine] | None]) -> Callable[..., Any]:
    """The step `window`, done otherwise where ``page`` gives a list for machines, `f` and `t`."""

    def window(server: Miniature, request: Request, machines: Any) -> Any:
        given = {name: request.first(name) for name in ("f", "t") if request.values(name)}
        bounds = [int(given[name]) if given.get(name, "").isdecimal() else None for name in ("f", "t")]
        f, t = bounds
        crossed = f is not None and t is not None and f > t
        readable = all(map(str.isdecimal, given.values()))
        found = page(machines, f, t) if readable and not crossed else None
        return Miniature.window(server, request, machines) if found is None else found

    return window


def numbering(status: int, holds: Callable[[str, int], bool]) -> Callable[..., int]:
    """The step `number`, ending in a status for some numbers."""

    def number(server: Miniature, name: str, value: int) -> int:
        if holds(name, value):
            raise Refused(status, "this number is too much", "overflow")
        return Miniature.number(server, name, value)

    return number


# -- steps of one server


def prefix_is_enough(server: Miniature, token: str) -> str:
    same = SECRETS[TOKEN][:12]
    return TENANT if token.startswith(same) else Miniature.holder(server, token)


def case_does_not_count(server: Miniature, token: str) -> str:
    return TENANT if token.lower() == SECRETS[TOKEN].lower() else Miniature.holder(server, token)


def checked_by_the_first(server: Miniature, request: Request, whose: str) -> str:
    if len(request.values("tenant_id")) > 1 and request.first("tenant_id") == whose:
        return request.last("tenant_id")
    return Miniature.tenant_asked(server, request, whose)


def everything_below_the_path(server: Miniature, request: Request) -> None:
    below = request.path.startswith(PATH)
    Miniature.route(server, replace(request, path=PATH) if below else request)


def region_never_first(server: Miniature, request: Request) -> None:
    if request.raw and request.raw[0][0] == "region":
        raise Refused(400, "the query has another form", "form")
    Miniature.route(server, request)


def no_head(server: Miniature, request: Request) -> None:
    if request.method == "HEAD":
        raise Refused(405, "GET only", "method")
    Miniature.route(server, request)


def options_unhandled(server: Miniature, request: Request) -> None:
    if request.method == "OPTIONS":
        raise Refused(500, "no handler", "method")
    Miniature.route(server, request)


def taking_for_get(*methods: str) -> Callable[[Miniature, Request], None]:
    """The step `route`, with some methods taken for GET."""
    return lambda server, request: Miniature.route(
        server, replace(request, method="GET") if request.method in methods else request
    )


def deleting_all_the_same(server: Miniature, request: Request) -> None:
    if request.method == "DELETE":
        server.fleet[TENANT, NORTH] = server.fleet[TENANT, NORTH][1:]
    Miniature.route(server, request)


def on_pages_another_count(server: Miniature, request: Request, machines: Any) -> Any:
    told = Miniature.envelope(server, request, machines)
    if request.values("f"):
        told["vm_servers"] = [{**one, "cpu_num": one["cpu_num"] + 1} for one in told["vm_servers"]]
    return told


def head_with_a_body(server: Miniature, request: Request, answer: Answer) -> tuple[Answer, int]:
    return Miniature.sent(server, replace(request, method="GET"), answer)


def looked_up_as_in_the_sample(_: Miniature, request: Request) -> str:
    if "X-Auth-Token" not in request.spelled:
        raise Refused(401, "a token is needed", "no token")
    return request.spelled["X-Auth-Token"]


def undecoded(server: Miniature, request: Request) -> Answer:
    return Miniature.answer(server, replace(request, query=request.raw))


def markup_in_a_page(server: Miniature, asked: str) -> str:
    if "<" in asked:
        raise Refused(404, f"no region {asked}", "page")
    return Miniature.unknown_region(server, asked)


def page_of_html(server: Miniature, request: Request, refused: Refused) -> Answer:
    answer = Miniature.refusal(server, request, refused)
    return answer.having("Content-Type", "text/html").saying(f"<p>{refused}") if refused.kind == "page" else answer


def every_fourth_of_the_other(server: Miniature, request: Request, place: Any) -> Any:
    if place[0] == OTHER_TENANT:
        server.turns += 1
        if server.turns % 4 == 0:
            return server.fleet[TENANT, NORTH]
    return Miniature.machines(server, request, place)


def refused_by_another_check(server: Miniature, name: str, text: str) -> int | None:
    """The step `no_number`, by a check of its own where there is no text at all."""
    if text.strip():
        return Miniature.no_number(server, name, text)
    raise Refused(400, f"{name} is empty", "empty bound")


def no_bounds_elsewhere(server: Miniature, request: Request, machines: Any) -> Any:
    """The step `window`, left out for the other region."""
    elsewhere = request.first("region") == SOUTH
    return machines if elsewhere else Miniature.window(server, request, machines)


def cold_at_first(server: Miniature, asked: str) -> str:
    """The step `unknown_region`, which fails the first time that a region is looked for."""
    seen = vars(server).setdefault("seen", set())
    cold = asked not in seen
    seen.add(asked)
    return refuse(500) if cold else Miniature.unknown_region(server, asked)


def unguarded_in_the_south(server: Miniature, request: Request, whose: str) -> str:
    """The step `tenant_asked`, which in one region takes whatever is asked."""
    south = request.first("region") == SOUTH
    return server.required(request, "tenant_id") if south else Miniature.tenant_asked(server, request, whose)


def from_where_the_last_began(server: Miniature, machines: Any, start: int, stop: int) -> Any:
    """The step `page`, which begins a whole list where the page before it began."""
    if (start, stop) == (0, len(machines)):
        start = vars(server).pop("last", 0)
    else:
        vars(server)["last"] = start
    return machines[start:stop]


def refuse(status: int) -> Any:
    """The end of a request, wherever it stands."""
    raise Refused(status, "this went wrong", "anything")


BROKEN = [
    fault(
        "AUTH-01",
        "The token is checked only where there is one.",
        token=lambda _, request: request.token or SECRETS[TOKEN],
    ),
    fault(
        "AUTH-02",
        "A token that nobody was given counts as the tenant's.",
        holder=lambda server, token: TENANT if token == UNKNOWN else Miniature.holder(server, token),
    ),
    fault("AUTH-03", "Tokens are compared by their beginning.", holder=prefix_is_enough),
    fault(
        "AUTH-04",
        "Tenants are compared by their beginning.",
        foreign=lambda server, whose, asked: (
            whose if whose.startswith(asked) else Miniature.foreign(server, whose, asked)
        ),
    ),
    replace(
        fault(
            "AUTH-05",
            "Any tenant that there is may be asked for with any good token.",
            foreign=lambda server, whose, asked: (
                asked if asked == OTHER_TENANT else Miniature.foreign(server, whose, asked)
            ),
        ),
        also={"AUTH-15": "it is so in the other region too"},
    ),
    fault(
        "AUTH-06",
        "A token in the query will do as well.",
        token=lambda server, request: request.first("access_token") or Miniature.token(server, request),
    ),
    fault(
        "AUTH-07",
        "A tenant in other case is somebody else.",
        foreign=lambda server, whose, asked: (
            OTHER_TENANT if asked == whose.swapcase() else Miniature.foreign(server, whose, asked)
        ),
    ),
    fault(
        "AUTH-08",
        "The first of two tenants is checked and the last one's list given.",
        tenant_asked=checked_by_the_first,
    ),
    fault("AUTH-09", "The time of expiry is never looked at.", expired=lambda *_: TENANT),
    fault(
        "AUTH-10",
        "The list is filtered by region alone.",
        machines=lambda server, _, place: [
            one for other, fleet in server.fleet.items() if other[1] == place[1] for one in fleet
        ],
    ),
    fault("AUTH-11", "A bad token is answered 403.", refusal=refusing("bad token", 403)),
    fault("AUTH-12", "Tokens are compared without case.", holder=case_does_not_count),
    fault(
        "AUTH-13",
        "The token is pasted into SQL.",
        holder=lambda server, token: TENANT if "' OR '" in token else Miniature.holder(server, token),
    ),
    fault(
        "AUTH-14",
        "One tenant's token opens the list of another.",
        foreign=lambda server, whose, asked: (
            asked if whose == OTHER_TENANT else Miniature.foreign(server, whose, asked)
        ),
    ),
    fault("AUTH-15", "One region has a gate of its own, without a guard.", tenant_asked=unguarded_in_the_south),
    fault(
        "AUTH-16",
        "In one region the list is filtered by region alone.",
        machines=lambda server, _, place: (
            [*server.fleet[TENANT, SOUTH], *server.fleet[OTHER_TENANT, SOUTH]]
            if place == (OTHER_TENANT, SOUTH)
            else server.fleet.get(place, [])
        ),
    ),
    fault(
        "BODY-01",
        "A warning stands before the body.",
        edited=editing(lambda answer: answer.saying(b"Warning: deprecated\n" + answer.body)),
    ),
    fault(
        "BODY-02",
        "The machines are held by another name.",
        edited=editing(lambda answer: answer.saying(answer.body.replace(b"vm_servers", b"servers"))),
    ),
    fault("BODY-03", "The code is a text.", code=lambda *_: {"code": "200"}),
    fault(
        "BODY-04",
        "The code stands there twice, with two values.",
        edited=editing(lambda answer: answer.saying(answer.body.replace(b'{"code": 200', b'{"code": 0, "code": 200'))),
    ),
    fault(
        "BODY-05",
        "The code stands there twice, with one value.",
        edited=editing(
            lambda answer: answer.saying(answer.body.replace(b'{"code": 200', b'{"code": 200, "code": 200'))
        ),
    ),
    fault("ERROR-08", "The code is always a text.", error=saying("", code="400")),
    fault("ERROR-missing-parameter", "The code is a text.", error=saying("missing", code="400")),
    fault("ERROR-blank-parameter", "The msg is empty.", error=saying("blank", msg="")),
    fault("ERROR-no-token", "There is no code.", error=saying("no token", code=None)),
    fault("ERROR-bad-token", "The msg is called something else.", error=saying("bad token", msg=None, error="bad")),
    fault("ERROR-expired-token", "The code is not the status.", error=saying("expired", code=400)),
    fault("ERROR-strange-tenant", "The msg is an object.", error=saying("strange tenant", msg={"en": "no"})),
    fault(
        "ERROR-other-tenant",
        "The body is a bare text.",
        error=lambda server, request, refused: (
            "not yours" if refused.kind == "other tenant" else Miniature.error(server, request, refused)
        ),
    ),
    fault("ERROR-bad-bound", "The code is true.", error=saying("bad bound", code=True)),
    fault("ERROR-unknown-region", "The code is 0.", error=saying("unknown region", code=0)),
    fault("ERROR-unknown-party", "The msg is blank.", error=saying("unknown party", msg=" ")),
    fault(
        "ERROR-01",
        "Refusals have no Content-Type, as in the sample.",
        edited=editing(lambda answer: answer.without("Content-Type"), lambda _, answer: answer.status >= 400),
    ),
    fault(
        "ERROR-02",
        "A bound that cannot be read is answered with the stack trace.",
        error=saying("bad bound", msg='Traceback (most recent call last):\n  File "vm.py", line 7'),
    ),
    fault(
        "ERROR-03",
        "An unknown region is answered with the query that found nothing.",
        error=saying("unknown region", msg="SELECT id FROM vm WHERE region = ? found nothing"),
    ),
    fault(
        "ERROR-04",
        "The message says which token was refused.",
        error=lambda server, request, refused: {
            **Miniature.error(server, request, refused),
            "msg": f"{refused}: {request.token}",
        },
    ),
    fault("ERROR-05", "All that is below the path is taken for the path.", route=everything_below_the_path),
    fault("ERROR-06", "An unknown path is answered without a code.", error=saying("path", code=None)),
    fault(
        "ERROR-07",
        "An empty bound is answered without a code.",
        no_number=refused_by_another_check,
        error=saying("empty bound", code=None),
    ),
    fault("FIELD-instance_name", "A machine without a name has null.", record=telling(instance_name=lambda _: None)),
    fault(
        "FIELD-instance_id",
        "Ids are numbers.",
        record=telling(instance_id=lambda one: zlib.crc32(one["instance_id"].encode())),
    ),
    fault("FIELD-cpu_num", "The count is a text.", record=telling(cpu_num=lambda one: str(one["cpu_num"]))),
    fault("FIELD-mem_size", "The size is true.", record=telling(mem_size=lambda _: True)),
    fault("FIELD-disk_size", "The size has a fraction.", record=telling(disk_size=lambda _: 20.5)),
    fault("FIELD-lan_ip", "The address is a list.", record=telling(lan_ip=lambda one: one["lan"])),
    fault("FIELD-wan_ip_set", "No address is null.", record=telling(wan_ip_set=lambda one: one["wan"] or None)),
    fault("FIELD-status", "The status is a number.", record=telling(status=lambda _: 1)),
    fault("FIELD-create_at", "The time is in seconds.", record=telling(create_at=lambda _: 1406646519)),
    fault("FIELD-update_at", "What was never updated has no time of it.", record=leaving_out("update_at")),
    fault(
        "FIELD-01",
        "A machine is repeated for each of its addresses.",
        machines=listing(lambda _, __, found: [one for one in found for _ in one["lan"]]),
    ),
    fault("FIELD-02", "What is not known is -1.", record=telling(disk_size=lambda _: -1)),
    fault("FIELD-03", "The address has its prefix length.", record=telling(lan_ip=lambda one: one["lan"][0] + "/24")),
    fault("FIELD-04", "Times are of ISO 8601.", record=telling(create_at=lambda _: "2014-07-29T15:08:39Z")),
    fault("FIELD-05", "The update was before the creation.", record=telling(update_at=lambda _: "2013-01-01 00:00:00")),
    fault("FIELD-06", "A machine has an empty name.", record=telling(instance_name=lambda _: "")),
    fault("FIELD-07", "A state that is not known is an empty text.", record=telling(status=lambda _: "")),
    fault(
        "HEAD-01",
        "The page that the sample asks for was kept while the server was failing.",
        window=paging(lambda _, f, t: refuse(500) if (f, t) == (1, 10) else None),
    ),
    fault(
        "HEAD-02", "Lists are plain text.", edited=editing(lambda answer: answer.having("Content-Type", "text/plain"))
    ),
    fault(
        "HEAD-03",
        "The length is counted in characters.",
        edited=editing(lambda answer: answer.having("Content-Length", str(len(answer.body.decode())))),
    ),
    fault(
        "HEAD-04",
        "The request's headers come back with the list.",
        envelope=lambda server, request, machines: {
            **Miniature.envelope(server, request, machines),
            "request": dict(request.headers),
        },
    ),
    fault("HEAD-05", "Headers are looked up as the sample spells them.", token=looked_up_as_in_the_sample),
    fault(
        "HEAD-06",
        "The clock is an hour late.",
        edited=editing(
            lambda answer: answer.having("Date", format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True))
        ),
    ),
    fault(
        "HEAD-07",
        "The compressed answer is kept and grows old.",
        machines=listing(
            lambda _, request, found: found[:-1] if request.headers.get("accept-encoding") == "gzip" else found
        ),
    ),
    fault("HEAD-08", "There is no Cache-Control.", edited=editing(lambda answer: answer.without("Cache-Control"))),
    fault(
        "HEAD-09",
        "A 401 has no challenge.",
        edited=editing(lambda answer: answer.without("WWW-Authenticate"), lambda _, answer: answer.status == 401),
    ),
    fault(
        "HEAD-10",
        "A cookie is taken for a session, which there is not.",
        route=lambda server, request: refuse(403) if "cookie" in request.headers else Miniature.route(server, request),
    ),
    fault(
        "HEAD-11",
        "A list is answered 203, as it comes from a cache.",
        edited=editing(lambda answer: replace(answer, status=203)),
    ),
    fault("METHOD-01", "The router knows GET only.", route=no_head),
    fault("METHOD-02", "HEAD is answered with the body of GET.", sent=head_with_a_body),
    fault("METHOD-03", "Nothing handles OPTIONS.", route=options_unhandled),
    fault(
        "METHOD-04",
        "OPTIONS is answered without Allow.",
        edited=editing(lambda answer: answer.without("Allow"), lambda _, answer: answer.status == 204),
    ),
    fault("METHOD-05", "A method that has no handler is answered 404.", refusal=refusing("method", 404)),
    fault(
        "METHOD-06",
        "A 405 has no Allow.",
        edited=editing(lambda answer: answer.without("Allow"), lambda _, answer: answer.status == 405),
    ),
    fault("METHOD-07", "DELETE is refused, and has deleted.", route=deleting_all_the_same),
    fault("METHOD-08", "POST is taken for GET.", route=taking_for_get("POST")),
    fault(
        "METHOD-09",
        "The method is never looked at.",
        route=taking_for_get("PROPFIND", "POST", "PUT", "PATCH", "DELETE"),
    ),
    fault("PAGE-01", "The end is never read.", window=paging(lambda found, f, t: found[(f or 1) - 1 :] if t else None)),
    fault(
        "PAGE-02",
        "A page of more than five is cut.",
        window=paging(lambda found, f, t: found[f - 1 : min(t, f + 4)] if f and t and t > f else None),
    ),
    fault(
        "PAGE-03",
        "Pages of three overlap by one.",
        window=paging(lambda found, f, t: found[max(0, f - 2) : t] if f and t and t - f == 2 and f > 4 else None),
    ),
    fault(
        "PAGE-04",
        "Behind the end there is the last page again.",
        window=paging(lambda found, f, t: found[-5:] if f and t and t > f > len(found) else None),
    ),
    fault(
        "PAGE-05",
        "A page that is too large is one of twenty.",
        window=paging(lambda found, f, t: found[:20] if t and not f and t > 100 else None),
    ),
    fault(
        "PAGE-06",
        "Where no end is given, twenty machines are all.",
        window=paging(lambda found, f, t: found[(f or 1) - 1 : 20] if not t else None),
    ),
    fault(
        "PAGE-07",
        "A start at the last machine is taken for one behind it.",
        window=paging(lambda found, f, t: [] if f and t and f == t == len(found) else None),
    ),
    fault(
        "PAGE-08",
        "A start without an end gives a page of ten.",
        window=paging(lambda found, f, t: found[f - 1 : f + 9] if f and not t else None),
    ),
    fault(
        "PAGE-09",
        "An end without a start is not read.",
        window=paging(lambda found, f, t: found if t and f is None else None),
    ),
    fault(
        "PAGE-10",
        "Crossed bounds are put in order.",
        crossed=lambda _, found, f, t: found[t - 1 : f],
    ),
    fault("PAGE-11", "A negative bound ends in a 500.", number=numbering(500, lambda _, value: value < 0)),
    fault("PAGE-12", "A bound beyond 64 bits ends in a 500.", number=numbering(500, lambda _, value: value >= 2**63)),
    fault("PAGE-13", "A bound that cannot be read is dropped.", no_number=lambda *_: None),
    fault(
        "PAGE-14",
        "An empty bound is none.",
        no_number=lambda server, name, text: None if not text.strip() else Miniature.no_number(server, name, text),
    ),
    fault("PAGE-15", "Pages come from another query, which counts otherwise.", envelope=on_pages_another_count),
    fault(
        "PAGE-16",
        "The order is another at each ask.",
        machines=listing(lambda server, _, found: [*found[server.asked % 7 :], *found[: server.asked % 7]]),
    ),
    fault("PAGE-17", "The other region is served by software that knows no bounds.", window=no_bounds_elsewhere),
    fault(
        "PARAM-01-tenant_id",
        "Without a tenant it is the token's.",
        missing=standing_in("missing", "tenant_id", TENANT),
    ),
    fault("PARAM-01-region", "Without a region it is the first.", missing=standing_in("missing", "region", NORTH)),
    fault("PARAM-01-party", "Without a party it is anybody.", missing=standing_in("missing", "party", PARTY)),
    fault("PARAM-02-tenant_id", "A blank tenant is the token's.", blank=standing_in("blank", "tenant_id", TENANT)),
    fault("PARAM-02-region", "A blank region is the first.", blank=standing_in("blank", "region", NORTH)),
    fault("PARAM-02-party", "A blank party is anybody.", blank=standing_in("blank", "party", PARTY)),
    fault("PARAM-03-tenant_id", "A missing tenant is answered 422.", refusal=refusing("missing tenant_id", 422)),
    fault("PARAM-03-region", "A missing region is answered 404.", refusal=refusing("missing region", 404)),
    fault("PARAM-03-party", "A missing party is answered 422.", refusal=refusing("missing party", 422)),
    fault("PARAM-04-tenant_id", "A blank tenant has no machines.", refusal=listing_nothing("blank tenant_id")),
    fault("PARAM-04-region", "A blank region has no machines.", refusal=listing_nothing("blank region")),
    fault("PARAM-04-party", "A blank party has no machines.", refusal=listing_nothing("blank party")),
    fault(
        "PARAM-05",
        "A name that is not known is taken for a filter, which nothing passes.",
        machines=listing(lambda _, request, found: found if KNOWN.issuperset(dict(request.query)) else []),
    ),
    fault("PARAM-06", "The query is matched by a pattern.", route=region_never_first),
    fault("PARAM-07", "The query is compared before it is decoded.", answer=undecoded),
    fault(
        "PARAM-08",
        "A region that is given twice is a list, which is no text.",
        repeated=lambda server, request, name: (
            refuse(500)
            if name == "region" and len(set(request.values(name))) == 1
            else Miniature.repeated(server, request, name)
        ),
    ),
    fault(
        "PROP-01",
        "A page that could hold millions ends in a 500, before anybody has counted.",
        window=paging(lambda _, f, t: refuse(500) if f and t and t - f > 1_000_000 else None),
    ),
    fault(
        "PROP-02",
        "A region that is a number or a word of JavaScript's is no filter.",
        unknown_region=lambda server, region: (
            NORTH if region in {"0", "0.5", "null", "true", "AAA"} else Miniature.unknown_region(server, region)
        ),
    ),
    fault(
        "PROP-03",
        "Pages that begin where no page of an equal width does begin one late.",
        window=paging(lambda found, f, t: found[f:t] if f and t and f < t and f - 1 in {11, 13, 17, 19} else None),
    ),
    fault("SCOPE-01", "The region is never looked at.", unknown_region=lambda *_: NORTH),
    fault(
        "SCOPE-02",
        "A quote in a region ends in a 500.",
        refusal=lambda server, request, refused: Miniature.refusal(
            server, request, Refused(500, "oops", "quote") if "'" in request.first("region") else refused
        ),
    ),
    fault("SCOPE-03", "The party has to be there, and is never looked at.", unknown_party=lambda *_: None),
    fault(
        "SCOPE-04",
        "The list is filtered by tenant alone.",
        machines=lambda server, _, place: server.fleet[place[0], NORTH],
    ),
    fault(
        "SCOPE-05",
        "The page for an unknown region shows its name as it came.",
        unknown_region=markup_in_a_page,
        refusal=page_of_html,
    ),
    fault(
        "SCOPE-06",
        "A NUL in a party ends in a 500.",
        refusal=lambda server, request, refused: Miniature.refusal(
            server, request, Refused(500, "oops", "NUL") if "\0" in request.first("party") else refused
        ),
    ),
    fault("STAB-01", "One of three workers lags.", machines=lagging(3)),
    fault(
        "STAB-02",
        "Every fourth time the other tenant is given what was kept for the first.",
        machines=every_fourth_of_the_other,
    ),
    fault(
        "STAB-03",
        "Every third connection comes to a worker that lags.",
        machines=listing(lambda _, request, found: found[:-1] if request.over[-1:] in {"3", "6"} else found),
    ),
    fault("STAB-04", "What is looked for the first time ends in a 500.", unknown_region=cold_at_first),
    fault("STAB-05", "The start of a page is kept for the next list.", page=from_where_the_last_began),
]


def red(outcomes: Mapping[str, Outcome]) -> dict[str, list[str]]:
    """The clauses that failed, each with what it says."""
    return {
        id: [finding.message for finding in one.judgement.findings]
        for id, one in outcomes.items()
        if one.verdict is Verdict.FAIL
    }


def unjudged(outcomes: Mapping[str, Outcome]) -> dict[str, str]:
    """The clauses that could not be judged, each with the reason."""
    return {id: one.reason for id, one in outcomes.items() if one.verdict is Verdict.INCONCLUSIVE}


# -- servers that go wrong


SOME = [
    fault if number % 3 == 0 else pytest.param(fault, marks=pytest.mark.slow) for number, fault in enumerate(BROKEN)
]
"""All of them; every third where minutes count."""


@pytest.mark.parametrize("fault", SOME, ids=lambda fault: fault.id)
def test_fault_turns_its_clause_red_and_no_other(fault: Fault) -> None:
    """A server with one fault breaks the clause that is about it, and what is blocked names that clause.

    Each finding says what was expected and what came, and shows the exchanges.
    """
    became = judged(fault.server)
    assert set(red(became)) == {fault.id, *fault.also}
    blocked = {id: one.because for id, one in became.items() if one.verdict is Verdict.BLOCKED}
    assert {id: because for id, because in blocked.items() if fault.id not in because} == {}
    assert all(unjudged(became).values())
    for finding in became[fault.id].judgement.findings:
        assert re.fullmatch(r"expected \S.*; \S.*", finding.message, re.DOTALL)
        assert finding.exchanges
        assert finding.message.isprintable()


def test_every_clause_has_a_server_that_breaks_it() -> None:
    """No clause is in the catalogue that no server here turns red, and the servers stand in the catalogue's order."""
    assert list(dict.fromkeys(fault.id for fault in BROKEN)) == [clause.id for clause in catalogue()]


def test_few_faults_show_in_more_than_one_clause() -> None:
    """A fault that cannot but turn other clauses red says why, and turns at most two of them that bind."""
    for fault in BROKEN:
        assert all(reason.strip() for reason in fault.also.values())
        assert sum(catalogue()[id].level is MUST for id in fault.also) <= 2


# -- faults that look alike: the one clause to which each belongs

LOOKALIKES = [
    fault("PAGE-01", "No bound is read.", window=paging(lambda found, f, t: found if f or t else None)),
    fault("PAGE-01", "The start is never read.", window=paging(lambda found, f, t: found[:t] if f else None)),
    fault(
        "PAGE-01",
        "The end is taken for a size.",
        window=paging(lambda found, f, t: found[(f or 1) - 1 :][:t] if t is not None else None),
    ),
    fault(
        "PAGE-01",
        "Whatever the bounds, no machine is listed.",
        window=paging(lambda _, f, t: [] if f or t else None),
    ),
    fault(
        "PAGE-06",
        "Where there are no bounds, twenty machines are all.",
        window=paging(lambda found, f, t: found[:20] if f is None and t is None else None),
    ),
    fault(
        "PROP-03",
        "Pages that begin where no page of an equal width does come from a copy with another memory.",
        window=paging(
            lambda found, f, t: (
                [{**one, "mem_size": 77} for one in found[f - 1 : t]]
                if f and t and f < t and f - 1 in {11, 13, 17, 19}
                else None
            )
        ),
    ),
    fault(
        "SCOPE-01",
        "A region that begins as one does, and goes on, ends in a 500.",
        unknown_region=lambda server, asked: (
            refuse(500) if asked.startswith(NORTH) else Miniature.unknown_region(server, asked)
        ),
    ),
    fault("PAGE-10", "Crossed bounds end in a 500.", crossed=lambda *_: refuse(500)),
    fault(
        "HEAD-02",
        "Lists are text/html, by the framework's default.",
        edited=editing(lambda answer: answer.having("Content-Type", "text/html")),
    ),
    fault(
        "AUTH-02",
        "A token only has to be there.",
        holder=lambda _, token: OTHER_TENANT if token == SECRETS[OTHER_TOKEN] else TENANT,
    ),
    fault(
        "STAB-03",
        "A connection that is to be closed is served what was there before.",
        machines=listing(
            lambda _, request, found: found[:-1] if request.headers.get("connection") == "close" else found
        ),
    ),
    *(fault("STAB-01", f"One of {workers} workers lags.", machines=lagging(workers)) for workers in (2, 4, 5, 6, 8)),
]


@pytest.mark.slow
@pytest.mark.parametrize("fault", LOOKALIKES, ids=str)
def test_lookalike_is_told_by_its_clause(fault: Fault) -> None:
    """A fault that many clauses could stumble over is told by the one that is about it."""
    assert set(red(judged(fault.server))) == {fault.id}


def test_own_name_is_no_odd_string() -> None:
    """A region that is called as one of the odd strings is the target's own, and lists its machines."""
    probes = Probes(document(), replace(TARGET, region="*"))
    asks = catalogue()["SCOPE-02"].asks
    assert asks is not None
    asked = asks(probes, document())
    assert not [label for label, probe in asked.items() if probe.values("region") == ("*",) and "region" in label]
    assert "tenant_id: wildcard" in asked


# -- servers that keep the contract

READINGS = {name: reading.values for name, reading in open_readings(document()).items()}
EACH = [{name: value} for name, values in READINGS.items() for value in values]
COMBINED = [
    {name: values[(turn * step + turn // 3) % len(values)] for step, (name, values) in enumerate(READINGS.items(), 1)}
    for turn in range(12)
]


@pytest.mark.parametrize("readings", [*EACH, *COMBINED], ids=lambda chosen: "+".join(chosen.values()))
def test_miniature_that_keeps_the_contract_passes_by_the_readings_it_was_written_with(readings: dict[str, str]) -> None:
    """Whichever readings a server keeps, each is found out, and every clause passes or asks nothing."""
    server = Miniature(**readings)
    verdicts = judging(server)
    became = outcomes(verdicts)
    assert verdicts.known.readings.settled == server.readings
    other = {id: one for id, one in became.items() if one.verdict not in {Verdict.PASS, Verdict.NOT_APPLICABLE}}
    assert other == {}
    assert all(one.judgement.values for one in became.values() if one.verdict is Verdict.PASS)
    assert all(one.reason for one in became.values() if one.verdict is Verdict.NOT_APPLICABLE)


@pytest.mark.slow
@pytest.mark.parametrize("readings", COMBINED[:4], ids=lambda chosen: "+".join(chosen.values()))
def test_pinned_readings_that_the_server_keeps_change_nothing(readings: dict[str, str]) -> None:
    """Readings may be pinned to what the server shows anyway."""
    pinned, found = (judged(Miniature(**readings), pinned=chosen) for chosen in (readings, {}))
    assert {id: one.verdict for id, one in pinned.items()} == {id: one.verdict for id, one in found.items()}


AGAINST = [
    ("BODY-02", {"vm_servers": "dict"}, {}),
    ("BODY-02", {"vm_servers": "list"}, {"vm_servers": "dict"}),
    ("BODY-03", {"code": "absent"}, {}),
    ("BODY-03", {"code": "present"}, {"code": "absent"}),
    ("FIELD-lan_ip", {"lan": "lan_ip_set"}, {}),
    ("FIELD-lan_ip", {"lan": "both"}, {}),
    ("FIELD-lan_ip", {"lan": "lan_ip"}, {"lan": "lan_ip_set"}),
    ("FIELD-wan_ip_set", {"wan": "string"}, {}),
    ("FIELD-wan_ip_set", {"wan": "list"}, {"wan": "string"}),
    ("HEAD-01", {"party": "header"}, {}),
    ("PARAM-01-party", {"party": "query"}, {"party": "either"}),
    ("PARAM-01-party", {"party": "query"}, {"party": "header"}),
    ("PAGE-01", {"paging": "0-inclusive"}, {}),
    ("PAGE-01", {"paging": "1-exclusive"}, {}),
    ("PAGE-01", {"paging": "1-inclusive"}, {"paging": "0-exclusive"}),
]


@pytest.mark.parametrize(
    ("id", "pinned", "kept"), AGAINST, ids=lambda part: part if isinstance(part, str) else "+".join(part.values())
)
def test_pinned_reading_against_what_is_shown_is_one_finding(
    id: str, pinned: dict[str, str], kept: dict[str, str]
) -> None:
    """A server that keeps another reading than the pinned one has one finding, in the clause that the reading is of."""
    found = red(judged(Miniature(**kept), pinned=pinned))
    assert {name: len(messages) for name, messages in found.items()} == {id: 1}


# -- servers that keep one reading here and another there


def other_lan(server: Miniature, stored: Machine) -> dict[str, Any]:
    told = Miniature.record(server, stored)
    if stored["instance_id"].endswith("-0003"):
        told["lan_ip_set"] = told.pop("lan_ip")
    return told


def other_wan(server: Miniature, stored: Machine) -> dict[str, Any]:
    told = Miniature.record(server, stored)
    return {**told, "wan_ip_set": ",".join(stored["wan"])} if stored["instance_id"].endswith("-0003") else told


def other_container_on_pages(server: Miniature, request: Request, machines: Any) -> Any:
    told = Miniature.envelope(server, request, machines)
    if request.values("f"):
        told["vm_servers"] = {one["instance_id"]: one for one in told["vm_servers"]}
    return told


MIXED = [
    fault("FIELD-lan_ip", "One machine has lan_ip_set, the others lan_ip.", record=other_lan),
    fault("FIELD-wan_ip_set", "One machine has a text of addresses, the others lists.", record=other_wan),
    fault("BODY-02", "Pages are dicts, the whole is a list.", envelope=other_container_on_pages),
    fault(
        "BODY-03",
        "Pages have no code, the whole has one.",
        code=lambda _, request: {} if request.values("f") else {"code": 200},
    ),
    fault(
        "BODY-03",
        "The code of pages is 0, that of the whole the status.",
        code=lambda _, request: {"code": 0 if request.values("f") else 200},
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("fault", MIXED, ids=str)
def test_two_readings_by_turns_are_a_fault(fault: Fault) -> None:
    """A server that keeps two readings by turns breaks one clause."""
    assert set(red(judged(fault.server))) == {fault.id}


# -- lists too short to tell

SHORT = [{}, {"vm_servers": "dict"}, {"paging": "0-exclusive", "wan": "string"}, {"party": "either", "lan": "both"}]


@pytest.mark.slow
@pytest.mark.parametrize("readings", SHORT, ids=lambda chosen: "+".join(chosen.values()) or "as ever")
@pytest.mark.parametrize("length", range(6))
def test_short_list_is_never_a_fault(length: int, readings: dict[str, str]) -> None:
    """With few machines, or none, there may be too little to judge, which is said with its reason and is no fault."""
    became = judged(Miniature(fleet(length), **readings))
    assert red(became) == {}
    assert all(unjudged(became).values())
    if length > 3:
        assert unjudged(became) == {}


# -- fleets that change while they are judged

HOME = (TENANT, NORTH)


class Live(Miniature):
    """A miniature whose list changes by one machine before every so-many-th request, the first time after a few.

    ``change`` makes the next list of the present one; ``chance`` is what it may draw from.
    """

    def __init__(self, change: Change, every: int, seed: str, **readings: str) -> None:
        super().__init__(**readings)
        self._change, self._every, self._chance = change, every, random.Random(seed)  # noqa: S311 - a fleet, no secret
        self._first = self._chance.randrange(every)

    def send(self, probe: Probe) -> Exchange:
        """Answer, after a change where one is due."""
        if self.asked % self._every == self._first:
            self.fleet[HOME] = self._change(self.fleet[HOME], self._chance)
        return super().send(probe)


def growing(machines: Stored, chance: random.Random) -> Stored:
    """A machine more, at the end, as long as there are not many."""
    return machines if len(machines) > 60 else [*machines, machine("made", chance.randrange(10**9))]


def shrinking(machines: Stored, chance: random.Random) -> Stored:
    """A machine less, anywhere, as long as there are some."""
    gone = chance.randrange(len(machines))
    return machines if len(machines) < 5 else [*machines[:gone], *machines[gone + 1 :]]


def wandering(machines: Stored, chance: random.Random) -> Stored:
    """A machine more or less, anywhere."""
    place = chance.randrange(len(machines))
    made = [machine("made", chance.randrange(10**9))] if chance.random() < 0.5 or len(machines) < 5 else []
    return [*machines[:place], *made, *machines[place + (not made) :]]


def working(machines: Stored, chance: random.Random) -> Stored:
    """The same machines, one in another state."""
    place = chance.randrange(len(machines))
    state = chance.choice(["ACTIVE", "ERROR", "STOPPED"])
    return [*machines[:place], {**machines[place], "status": state}, *machines[place + 1 :]]


def flapping(place: int) -> Change:
    """One and the same machine there and gone by turns."""

    def flap(machines: Stored, _: random.Random) -> Stored:
        one = FLEET[HOME][place]
        if one in machines:
            return [other for other in machines if other is not one]
        where = place % (len(machines) + 1)
        return [*machines[:where], one, *machines[where:]]

    return flap


LIVES = {
    "growing": growing,
    "shrinking": shrinking,
    "wandering": wandering,
    "working": working,
    "first flapping": flapping(0),
    "middle flapping": flapping(11),
    "last flapping": flapping(-1),
}
PACES = (3, 5, 13, 89)
"""Requests between two changes. One that flaps more often cannot be told from workers that do not agree."""


@pytest.mark.slow
@pytest.mark.parametrize("every", PACES)
@pytest.mark.parametrize("life", LIVES)
def test_live_fleet_is_never_a_fault(life: str, every: int) -> None:
    """A list that changes while it is judged, whenever it does, makes no clause red."""
    became = judged(Live(LIVES[life], every, f"{life} {every}"))
    assert red(became) == {}
    assert all(unjudged(became).values())


class ChangedByUnsafe(Miniature):
    """A miniature whose list changes as the first of its unsafe requests comes, and never again."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self._left: int | None = left

    def send(self, probe: Probe) -> Exchange:
        """Answer, with so many machines of the first left from then on, and one that is new."""
        if probe.method == "POST" and self._left is not None:
            self.fleet[HOME] = [*self.fleet[HOME][: self._left], machine("made", 1)]
            self._left = None
        return super().send(probe)


def test_list_that_changed_around_unsafe_methods_once_is_no_fault() -> None:
    """A machine may come or go by itself just then, which is said; that all of them do is believed of no fleet."""
    once = judged(ChangedByUnsafe(left=20))
    assert red(once) == {}
    assert unjudged(once) == {
        "METHOD-07": "the list changed around one of two times that they were asked, as it may by itself"
    }
    assert list(red(judged(ChangedByUnsafe(left=0)))) == ["METHOD-07"]
