"""Rules: what a clause may require of what stands around a body, its framing and its header fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime

from .answer import Reply
from .exchange import Exchange, Failure
from .expect import Rule
from .judgement import Problem
from .shape import shown

JSON = "application/json"

LONGEST_LENGTH = 20
"""Digits of a length in bytes that a body can have."""

CLOCKS_APART = 300
"""Seconds by which two clocks may differ."""

# -- the media type


def is_json_typed(reply: Reply) -> Problem | None:
    """Its media type is JSON's."""
    response = reply.exchange.response
    if response is None or response.media_type == JSON:
        return None
    return Problem(f"Content-Type: {JSON}", f"came {response.header('Content-Type') or 'none'}")


def has_the_type_of(other: Exchange) -> Rule:
    """Its media type is that of another answer."""
    usual = other.response.media_type if other.response else None

    def rule(reply: Reply) -> Problem | None:
        response = reply.exchange.response
        if response is None or response.media_type == usual:
            return None
        return Problem(f"Content-Type: {usual}, as without", f"came {response.header('Content-Type') or 'none'}")

    return rule


def is_json_typed_if_typed(reply: Reply) -> Problem | None:
    """As `is_json_typed`, or there is no media type at all: the document's own error sample has none."""
    response = reply.exchange.response
    return is_json_typed(reply) if response and response.media_type is not None else None


def is_some_json_if_typed(reply: Reply) -> Problem | None:
    """As `is_json_typed_if_typed`, or its media type says by its suffix that it is JSON (RFC 6839 section 3.1)."""
    response = reply.exchange.response
    named = (response.media_type or "") if response else ""
    return None if named.endswith("+json") else is_json_typed_if_typed(reply)


# -- the length


def content_length_is_true(reply: Reply) -> Problem | None:
    """Content-Length, if it is there, is the number of bytes that came; of HEAD it is another request's."""
    response = reply.exchange.response
    if isinstance(reply.exchange.outcome, Failure) and reply.exchange.outcome.kind == "length":
        return Problem("one Content-Length", f"came {reply.came}")
    if response is None:
        return None
    declared = response.header("Content-Length")
    if declared is not None and response.header("Transfer-Encoding") is not None:
        return Problem("Content-Length or Transfer-Encoding", "came both")
    if reply.exchange.probe.method == "HEAD":
        return None
    if declared is None or _as_length(declared) == response.length:
        return None
    return Problem("Content-Length to be the body's length", f"came {declared} for {response.length} bytes")


def _as_length(declared: str) -> int | None:
    """What a Content-Length says, in bytes: digits, and be they nought at first (RFC 9110 section 8.6)."""
    digits = declared.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_LENGTH else None


def comes_whole(reply: Reply) -> Problem | None:
    """Its body did not end before its length or its last chunk, and is in the coding that its header names."""
    outcome = reply.exchange.outcome
    if isinstance(outcome, Failure) and outcome.kind in {"cut", "encoding"}:
        return Problem("a whole body in the coding that it names", f"came {reply.came}")
    return None


def is_in_a_coding_asked_for(reply: Reply) -> Problem | None:
    """Its coding is one that Accept-Encoding names, where the request has it, or none (RFC 9110 section 12.5.3)."""
    asked, response = reply.exchange.probe.header("Accept-Encoding"), reply.exchange.response
    coded = response.header("Content-Encoding") if response else None
    if asked is None or coded is None:
        return None
    if _codings(coded) <= _codings(str(asked)) | {"identity"}:
        return None
    return Problem(f"a coding of {asked}", f"came {shown(coded)}")


def _codings(names: str) -> set[str]:
    """The codings of a header field; x-gzip is gzip (RFC 9110 section 8.4.1.3)."""
    return {name.strip().lower().removeprefix("x-") for name in names.split(",")}


def has_the_length_of(goods: Iterable[Reply]) -> Rule:
    """Content-Length, where HEAD has one, is that of GET; nothing where the bodies of GET differ in length."""
    lengths = {good.exchange.response.length for good in goods if good.exchange.response}

    def rule(reply: Reply) -> Problem | None:
        response = reply.exchange.response
        declared = response.header("Content-Length") if response else None
        if declared is None or len(lengths) != 1 or _as_length(declared) in lengths:
            return None
        wanted = f"Content-Length: {min(lengths)}, as GET has"
        return Problem(wanted, f"came {declared}", kind="length of HEAD", moves=True)

    return rule


def has_no_body(reply: Reply) -> Problem | None:
    """There are no bytes after the header."""
    length = reply.exchange.response.length if reply.exchange.response else 0
    return Problem("no body", f"came {length} bytes after the header") if length else None


# -- other fields


def says_a_true_date(reply: Reply) -> Problem | None:
    """Date, if it is there, is a date in the form of RFC 9110 section 5.6.7, and near the moment of the answer."""
    response = reply.exchange.response
    value = response.header("Date") if response else None
    if value is None:
        return None
    try:
        moment = parsedate_to_datetime(value).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        moment = None
    # Many forms are read as dates; only the one that a server must send comes out again as it went in.
    if moment is None or format_datetime(moment, usegmt=True) != value:
        return Problem("a Date of HTTP's form", f"came {shown(value)}")
    away = abs(moment.timestamp() - reply.exchange.at)
    return (
        Problem("a Date near the truth", f"came {value}, {away:.0f} s away from here") if away > CLOCKS_APART else None
    )


def is_kept_private(reply: Reply) -> Problem | None:
    """A shared cache may not store it: Cache-Control is private or no-store."""
    response = reply.exchange.response
    value = (response.header("Cache-Control") or "") if response else ""
    # With names behind it, `private` is about those headers alone (RFC 9111 section 5.2.2.7).
    words = {word.strip().lower() for word in value.split(",")}
    if words & {"private", "no-store"}:
        return None
    return Problem("Cache-Control: private or no-store", f"came {shown(value) if value else 'none'}")


def challenges(reply: Reply) -> Problem | None:
    """A 401 says how to authenticate."""
    response = reply.exchange.response
    if response is None or response.status != 401 or response.header("WWW-Authenticate"):
        return None
    return Problem("WWW-Authenticate with the 401", "came none")


def allows(reply: Reply) -> Problem | None:
    """Allow names the methods, the document's own among them."""
    response = reply.exchange.response
    value = response.header("Allow") if response else None
    methods = {word.strip().upper() for word in (value or "").split(",")}
    return None if "GET" in methods else Problem("Allow with GET in it", f"came {shown(value) if value else 'none'}")
