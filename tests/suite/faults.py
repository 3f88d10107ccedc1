"""Faults: how servers go wrong, each by one step of the miniature replaced, and the steps that replace them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.answer import Machine
from conformance.credentials import TOKEN
from tests.suite.miniature import (
    NORTH,
    OTHER_TENANT,
    PATH,
    SECRETS,
    SOUTH,
    TENANT,
    Answer,
    CutShort,
    Miniature,
    Refused,
    Request,
    broken,
    document,
)

Edit = Callable[[Answer], Answer]

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


def cut_short(_: Answer) -> Answer:
    """An edit: nothing comes behind the first bytes of the body."""
    raise CutShort("the body ended before its declared length")


def listing(choose: Callable[[Miniature, Request, Any], Any]) -> Callable[..., Any]:
    """The step `machines`, some of those that there are."""

    def machines(server: Miniature, request: Request, place: Any) -> Any:
        return choose(server, request, Miniature.machines(server, request, place))

    return machines


def telling_ids_of(place: Any) -> Callable[..., Any]:
    """The step `envelope`, with the ids of the machines of one place besides."""

    def envelope(server: Miniature, request: Request, machines: Any) -> Any:
        told = [one["instance_id"] for one in server.fleet[place]]
        return {**Miniature.envelope(server, request, machines), "neighbours": told}

    return envelope


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


def compressed_unasked(server: Miniature, request: Request, answer: Answer) -> tuple[Answer, int]:
    taking = {"accept-encoding": "gzip"} if "accept-encoding" in request.headers else {}
    return Miniature.sent(server, replace(request, headers={**request.headers, **taking}), answer)


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


def no_agent_is_any(server: Miniature, request: Request) -> None:
    if "sp-agent" in request.headers:
        Miniature.known_agent(server, request)


def no_bounds(name: str, value: str) -> Callable[..., Any]:
    """The step `window`, left out where a parameter has a value."""

    def window(server: Miniature, request: Request, machines: Any) -> Any:
        return machines if request.first(name) == value else Miniature.window(server, request, machines)

    return window


def gone_before_the_first(server: Miniature, request: Request, machines: Any) -> Any:
    """The step `window`, which lists a machine that is not of the list where it begins below nought."""
    page = Miniature.window(server, request, machines)
    gone = {**machines[0], "instance_id": "gone"} if machines else {}
    return [gone, *page] if gone and any(value.startswith("-") for value in request.values("f")) else page


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


def from_where_the_last_began(server: Miniature, request: Request, machines: Any) -> Any:
    """The step `window`, which begins a list that is asked for without bounds where the page before it began."""
    page = Miniature.window(server, request, machines)
    if not request.values("f") and not request.values("t"):
        return machines[vars(server).pop("last", 0) :]
    vars(server)["last"] = machines.index(page[0]) if page else 0
    return page


def refuse(status: int) -> Any:
    """The end of a request, wherever it stands."""
    raise Refused(status, "this went wrong", "anything")


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
