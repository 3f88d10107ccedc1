"""Throttle: how long a target asks to be left alone (RFC 9110 section 10.2.3), and for how long that is heeded."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from .exchange import Exchange

PATIENCE = 6
"""How often a 429 or 503 with Retry-After is asked again."""

LONGEST_WAIT = 10.0
"""Seconds; a Retry-After beyond this is not waited for."""

WAITS = 10.0
"""Seconds that are waited for one answer in all."""


def retry_after(exchange: Exchange) -> float | None:
    """The seconds to wait before asking again (RFC 9110 section 10.2.3); None where that is not asked, or too long."""
    response = exchange.response
    if response is None or not exchange.throttled:
        return None
    wait = _seconds(response.header("Retry-After") or "1", exchange.at)
    return wait if wait is not None and wait <= LONGEST_WAIT else None


def _seconds(text: str, now: float) -> float | None:
    """A Retry-After, a number of seconds or a date, in seconds from now; None where it is neither."""
    if text.strip().isascii() and text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None
