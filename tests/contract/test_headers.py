"""Headers: the sample request of the document, and what stands around the body of an answer."""

from __future__ import annotations

from conformance.answer import Listing
from conformance.clause import clause
from conformance.credentials import TOKEN, Secret
from conformance.disclosure import echoes_no_secret
from conformance.expect import has_status, has_the_machines_of, lists, refuses_or
from conformance.headers import (
    challenges,
    comes_whole,
    content_length_is_true,
    has_the_type_of,
    is_in_a_coding_asked_for,
    is_json_typed,
    is_kept_private,
    says_a_true_date,
)
from conformance.judgement import MUST, SHOULD, Inapplicable, Judgement
from conformance.probe import Probe
from conformance.probes import UNKNOWN, Probes
from conformance.readings import Readings
from conformance.sight import Asked

MORE_HEADERS = {
    "Accept": "application/json",
    "Accept-Language": "zh-CN, en;q=0.8",
    "Content-Type": "application/json",
    "Cookie": "theme=dark; visited=1",
    "If-None-Match": '"no-such-tag"',
    "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT",
    "Pragma": "no-cache",
    "X-Request-Id": "7f0c2a9e",
}
"""Headers that change nothing about what is asked for."""

WEIGHED = "application/json, text/plain;q=0.9, */*;q=0.8"
"""What some clients send for Accept: RFC 9110 section 12.5.1."""


def as_printed_and_with_party(probes: Probes) -> dict[str, Probe]:
    """The sample as the document prints it, and with the party that its table requires."""
    return {"as printed": probes.sample, "with party": probes.sample_with_party}


@clause(
    "HEAD-01",
    MUST,
    area="headers",
    source="request sample",
    asks=as_printed_and_with_party,
    rests_on=("BODY-02",),
    usually="A route that insists on a parameter or header which the sample does not have, or on another spelling.",
)
def test_sample_request_is_answered(asked: Asked, readings: Readings, goods: Asked) -> Judgement:
    """The document's own sample request, with the target's values in it, is answered 200 with a list."""
    printed = asked.only("as printed" if readings["party"] in {"header", "either"} else "with party")
    # It asks for the machines from f=1: counted from 0 a list of one has none there, which may be refused.
    few = min(len(reply.machines) for reply in goods) <= 1
    return printed.each(refuses_or(lists) if few else lists)


@clause(
    "HEAD-02",
    MUST,
    area="headers",
    source="success sample",
    rests_on=("BODY-01",),
    usually="A framework's default of text/html, where JSON is written by hand.",
)
def test_content_type_is_json(served: Asked) -> Judgement:
    """A list is sent as `application/json`, with any parameters."""
    return served.each(is_json_typed)


def read_to_the_end(probes: Probes) -> list[Probe]:
    """A good request, two bad ones and one for nothing, each read until the connection is closed."""
    strange = probes.with_token(UNKNOWN).with_header("Connection", "close")
    return [probes.fresh, probes.fresh.without("region"), strange, probes.fresh.at(f"/{UNKNOWN}")]


@clause(
    "HEAD-03",
    MUST,
    area="headers",
    source="RFC 9110 section 8.6",
    asks=read_to_the_end,
    owns=("length",),
    usually="The length is counted in characters and not in bytes, or before the body is compressed.",
)
def test_content_length_is_true(everything: Asked) -> Judgement:
    """Content-Length, where it is sent, is the length of the body in bytes."""
    return everything.each(content_length_is_true)


@clause(
    "HEAD-04",
    MUST,
    area="headers",
    source="summary",
    usually="A debugging aid that returns the request's headers with the list.",
)
def test_token_is_never_echoed(answered: Asked) -> Judgement:
    """No answer holds a token that was sent, neither in a header nor in the body."""
    return answered.each(echoes_no_secret)


def other_spellings(probes: Probes) -> list[Probe]:
    """The good request with the names of its headers in lower and in upper case."""
    return [probes.good.with_header_names(str.lower), probes.good.with_header_names(str.upper)]


@clause(
    "HEAD-05",
    MUST,
    area="headers",
    source="RFC 9110 section 5.1",
    asks=other_spellings,
    rests_on=("BODY-02",),
    usually="Headers looked up in a plain dictionary by the spelling of the sample.",
)
def test_header_names_have_no_case(asked: Asked) -> Judgement:
    """A header's name in any case is the same header."""
    return asked.each(lists)


@clause(
    "HEAD-06",
    SHOULD,
    area="headers",
    source="RFC 9110 section 6.6.1",
    usually="A clock that was never set, or local time called GMT.",
)
def test_date_is_true(everything: Asked) -> Judgement:
    """Date, where it is sent, is a date of HTTP's form near the moment of the answer."""
    return everything.each(says_a_true_date)


def compressed(probes: Probes) -> list[Probe]:
    """The good request that takes gzip, and one that takes nothing but the plain text."""
    return [probes.good.with_header("Accept-Encoding", coding) for coding in ("gzip", "identity")]


@clause(
    "HEAD-07",
    MUST,
    area="headers",
    source="RFC 9110 section 8.4",
    asks=compressed,
    compares=True,
    rests_on=("STAB-01",),
    usually="A cache that does not vary by Accept-Encoding, or a body that is compressed twice.",
)
def test_gzip_carries_the_same_list(asked: Asked, listing: Listing) -> Judgement:
    """The list is the same whether gzip is offered or not, and sent as the same media type."""
    return asked.each(lists, has_the_machines_of(listing), has_the_type_of(listing.exchange))


@clause(
    "HEAD-08",
    SHOULD,
    area="headers",
    source="RFC 9111 section 3",
    rests_on=("BODY-02",),
    usually="No Cache-Control at all, so that a proxy may keep one tenant's list for the next tenant.",
)
def test_list_is_kept_private(served: Asked) -> Judgement:
    """A tenant's list may not be stored by a cache that others share."""
    return served.each(is_kept_private)


def bad_tokens(probes: Probes) -> list[Probe]:
    """The good request without a token, with one that nobody has, and with one that is almost good."""
    near = Secret(TOKEN, "less its last character")
    return [probes.without_token, *(probes.with_token(token) for token in ("", UNKNOWN, near))]


@clause(
    "HEAD-09",
    SHOULD,
    area="headers",
    source="RFC 9110 section 11.6.1",
    asks=bad_tokens,
    usually="A 401 raised by hand, without the header that belongs to it.",
)
def test_unauthorized_carries_a_challenge(everything: Asked) -> Judgement:
    """A 401 carries WWW-Authenticate, whatever was asked."""
    unauthorized = everything.where(lambda reply: reply.status == 401)
    if not unauthorized.replies:
        raise Inapplicable("no request was answered 401")
    return unauthorized.each(challenges)


def more_headers(probes: Probes) -> list[Probe]:
    """The good request with headers that a caller's library may add, and with an Accept that weighs several types."""
    probe = probes.good
    for name, value in MORE_HEADERS.items():
        probe = probe.with_header(name, value)
    return [probe, probes.good.with_header("Accept", WEIGHED)]


@clause(
    "HEAD-10",
    MUST,
    area="headers",
    source="RFC 9110 section 5.1",
    asks=more_headers,
    rests_on=("BODY-02",),
    usually="A proxy's rule for one client, or a parser that knows one spelling of Accept.",
)
def test_unknown_headers_change_nothing(asked: Asked) -> Judgement:
    """Headers that the document does not know, and an Accept for JSON, are no reason to refuse."""
    return asked.each(lists)


@clause(
    "HEAD-11",
    MUST,
    area="headers",
    source="success sample",
    usually="201, 203 or 206, from a helper that was made for another call.",
)
def test_list_is_answered_200(preflight: Asked) -> Judgement:
    """The good request is answered by 200, as the document's sample is, and not by another success."""
    return preflight.each(has_status(200))


def of_every_kind(probes: Probes) -> list[Probe]:
    """What is read until the connection is closed, and a bad request that takes gzip, as most callers' libraries do."""
    return [*read_to_the_end(probes), probes.with_token(UNKNOWN).with_header("Accept-Encoding", "gzip")]


@clause(
    "HEAD-12",
    MUST,
    area="headers",
    source="RFC 9112 section 8",
    asks=of_every_kind,
    owns=("cut", "encoding"),
    usually="A worker that dies while it writes, a last chunk left out, or errors called gzip that nothing compressed.",
)
def test_bodies_come_whole(asked_of_all: Asked) -> Judgement:
    """A body comes to its end, and is in the coding that its Content-Encoding names."""
    return asked_of_all.each(comes_whole)


@clause(
    "HEAD-13",
    SHOULD,
    area="headers",
    source="RFC 9110 section 12.5.3",
    rests_on=("HEAD-07",),
    usually="A body that is always compressed, or a cache that keeps it so for whoever comes next.",
)
def test_codings_are_those_asked_for(everything: Asked) -> Judgement:
    """A body is in a coding that Accept-Encoding names, or in none."""
    asking = everything.where(lambda reply: reply.exchange.probe.header("Accept-Encoding") is not None)
    if not asking.replies:
        raise Inapplicable("no request said which codings it takes")
    return asking.each(is_in_a_coding_asked_for)
