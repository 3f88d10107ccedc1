"""Failures: what an error of the transport means, told by the errors that caused it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .channel import MOST_HEADER
from .exchange import Failure


class Refused(Exception):
    """The answer broke one of our limits; carries the failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure


def failure_of(error: Exception, timeout: float) -> Failure:
    """What an error means; ``timeout`` is what was waited for, in seconds."""
    causes = list(causes_of(error))
    for kinds, failure in (
        (_named("NameResolutionError", "gaierror"), Failure("no host", "no host of that name")),
        (_named("SSLError", "SSLCertVerificationError"), Failure("tls", f"TLS failed: {_reason(causes)}")),
        (_named("ConnectionRefusedError"), Failure("refused", "the connection was refused")),
        (
            _named("ConnectTimeoutError", "ReadTimeoutError", "ConnectTimeout", "ReadTimeout", "TimeoutError"),
            Failure("timeout", f"no answer within {timeout:g} s"),
        ),
        (
            _named("RemoteDisconnected", "ConnectionResetError", "BrokenPipeError", "ConnectionAbortedError"),
            Failure("closed", "the connection was closed without an answer"),
        ),
        (_named("TooMuchHeader"), Failure("too large", f"more than {MOST_HEADER:,} bytes before any body")),
        (_named("InvalidHeader"), Failure("length", f"no length that can be read: {_reason(causes)}")),
        (_named("IncompleteRead"), Failure("cut", "the body ended before its declared length")),
    ):
        if any(type(cause).__name__ in kinds for cause in causes):
            return failure
    return Failure("protocol", f"no readable HTTP answer: {_reason(causes)}")


def _named(*names: str) -> frozenset[str]:
    return frozenset(names)


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and what its arguments carry: urllib3 nests them all three ways."""
    seen: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        one = queue.pop(0)
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            queue += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
    return iter(seen)


def _reason(causes: list[BaseException]) -> str:
    # The innermost cause speaks of the wire, the outer ones of the libraries around it.
    return " ".join(str(causes[-1]).split())[:200] or type(causes[-1]).__name__
