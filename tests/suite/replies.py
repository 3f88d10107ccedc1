"""Replies made by hand, for what is said of one by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from conformance.answer import Listing, Reply, Terms
from conformance.exchange import Exchange, Failure, Response
from conformance.probe import Pairs, Probe
from contracts import DEFAULT, read

NOON = datetime(2024, 2, 29, 12, 0, 0, tzinfo=UTC)
"""When each of them came."""

TERMS = Terms.of(read(DEFAULT))


def reply(
    body: Any = b"",
    status: int = 200,
    *,
    method: str = "GET",
    query: Pairs = (),
    length: int | None = None,
    echoed: tuple[str, ...] = (),
    **headers: str,
) -> Reply:
    """An answer, its body bytes or a value to be written as JSON, its headers' names with underscores."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    size = len(content) if length is None else length
    response = Response(status, "reason", "1.1", named, content, size, echoed)
    return Reply(Exchange(1, Probe(method, "/mana_api/vm", query), response, 0.1, NOON.timestamp()), TERMS)


def no_answer(kind: str) -> Reply:
    """No answer, for this kind of reason."""
    return Reply(Exchange(1, Probe("GET", "/mana_api/vm"), Failure(kind, "no answer came"), 0.1, 0.0), TERMS)


def vms(*ids: Any, **members: Any) -> dict[str, Any]:
    """A body with machines of these ids, and members that each of them has besides."""
    return {"vm_servers": [{"instance_id": id, **members} for id in ids]}


def whole(*ids: Any, **members: Any) -> Listing:
    """A list of such machines."""
    found = reply(vms(*ids, **members)).listing
    assert found is not None
    return found
