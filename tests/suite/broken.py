"""Servers that are broken in one way each: at least one for every clause, by the clause that tells it."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from conformance.credentials import OTHER_TOKEN, TOKEN
from conformance.probes import UNKNOWN
from tests.suite.faults import (
    KNOWN,
    Fault,
    case_does_not_count,
    checked_by_the_first,
    cold_at_first,
    compressed_unasked,
    cut_short,
    deleting_all_the_same,
    editing,
    every_fourth_of_the_other,
    everything_below_the_path,
    fault,
    from_where_the_last_began,
    gone_before_the_first,
    head_with_a_body,
    lagging,
    leaving_out,
    listing,
    listing_nothing,
    looked_up_as_in_the_sample,
    markup_in_a_page,
    no_agent_is_any,
    no_bounds,
    no_head,
    numbering,
    on_pages_another_count,
    options_unhandled,
    other_container_on_pages,
    other_lan,
    other_wan,
    page_of_html,
    paging,
    prefix_is_enough,
    refuse,
    refused_by_another_check,
    refusing,
    region_never_first,
    saying,
    standing_in,
    taking_for_get,
    telling,
    telling_ids_of,
    undecoded,
    unguarded_in_the_south,
)
from tests.suite.miniature import (
    FLEET,
    NORTH,
    OTHER_TENANT,
    PARTY,
    SECRETS,
    SOUTH,
    TENANT,
    Miniature,
    Refused,
)

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
        "AUTH-16",
        "The other tenant's list in one region begins with a machine of the other region.",
        machines=lambda server, _, place: (
            [*server.fleet[OTHER_TENANT, NORTH][:1], *server.fleet[place]]
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
    fault(
        "BODY-06",
        "Names are cut within a character.",
        edited=editing(
            lambda answer: answer.saying(answer.body.replace(b'"instance_name": "', b'"instance_name": "\\ud83d'))
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
    fault("FIELD-08", "A state that is not known is None.", record=telling(status=lambda _: "None")),
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
    fault(
        "HEAD-12",
        "The worker dies while it writes a refusal.",
        edited=editing(cut_short, lambda _, answer: answer.status in {400, 401}),
    ),
    fault("HEAD-13", "Whoever names a coding is taken to name gzip.", sent=compressed_unasked),
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
    fault(
        "PAGE-11",
        "Before the first machine stands one that is gone.",
        number=lambda *given: given[-1],
        window=gone_before_the_first,
    ),
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
    Fault(
        "PAGE-17",
        "The other region is served by software that knows no bounds.",
        {"window": no_bounds("region", SOUTH)},
        also={"PAGE-13": "what is never looked at is not found to be no integer either"},
    ),
    fault("PAGE-18", "Another tenant's list knows no bounds.", window=no_bounds("tenant_id", OTHER_TENANT)),
    fault(
        "PAGE-19",
        "A start of nought is no start, and what has no start no window.",
        window=paging(lambda found, f, t: found if f == 0 and t is not None else None),
    ),
    fault("PAGE-19", "An end of nought is none.", crossed=lambda _, found, f, t: [] if t else found[f - 1 :]),
    fault(
        "PARAM-01-tenant_id",
        "Without a tenant it is the token's.",
        missing=standing_in("missing", "tenant_id", TENANT),
    ),
    fault("PARAM-01-region", "Without a region it is the first.", missing=standing_in("missing", "region", NORTH)),
    fault("PARAM-01-party", "Without a party it is anybody.", missing=standing_in("missing", "party", PARTY)),
    Fault(
        "PARAM-01-party",
        "Without a party and without an agent it is anybody.",
        {"known_agent": no_agent_is_any},
        readings={"party": "either"},
    ),
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
        window=paging(lambda _, f, t: refuse(500) if f and t and 1_000_000 < t - f < 2**31 else None),
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
    fault("STAB-05", "The start of a page is kept for the next list.", window=from_where_the_last_began),
]
"""In the order of the catalogue."""

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
        "PARAM-05",
        "A name that is not known ends in a 500.",
        machines=listing(lambda _, request, found: found if KNOWN.issuperset(dict(request.query)) else refuse(500)),
    ),
    fault(
        "HEAD-02",
        "Lists are text/html, by the framework's default.",
        edited=editing(lambda answer: answer.having("Content-Type", "text/html")),
    ),
    *(
        fault("AUTH-10", f"Each list tells the ids of {whose}.", envelope=telling_ids_of(place))
        for whose, place in (("the other tenant", (OTHER_TENANT, NORTH)), ("the first tenant", (TENANT, NORTH)))
    ),
    fault(
        "AUTH-01",
        "Who has no token and names no tenant is nobody, and nobody is the first.",
        token=lambda server, request: (
            Miniature.token(server, request) if request.values("tenant_id") else request.token or SECRETS[TOKEN]
        ),
        tenant_asked=lambda server, request, whose: (
            whose if not request.token else Miniature.tenant_asked(server, request, whose)
        ),
    ),
    fault(
        "AUTH-01",
        "A preflight of a browser has no token, and is served.",
        route=lambda server, request: (
            None if request.method == "OPTIONS" and not request.token else Miniature.route(server, request)
        ),
        token=lambda server, request: (
            SECRETS[TOKEN] if request.method == "OPTIONS" else Miniature.token(server, request)
        ),
    ),
    *(
        fault(id, "A refusal shows what it keeps.", error=saying(kind, sample=FLEET[place][3]["instance_id"]))
        for id, kind, place in (
            ("AUTH-01", "no token", (TENANT, NORTH)),
            ("AUTH-02", "bad token", (TENANT, NORTH)),
            ("AUTH-05", "other tenant", (OTHER_TENANT, NORTH)),
            ("AUTH-09", "expired token", (TENANT, NORTH)),
        )
    ),
    fault(
        "ERROR-08",
        "Refusals are text/html, by the framework's default.",
        refusal=lambda *asked: Miniature.refusal(*asked).having("Content-Type", "text/html"),
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
"""Faults that many clauses could stumble over."""

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
"""One reading here and another there."""
