"""Exchange: a probe and what came back, the evidence that every clause judges from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .probe import Probe


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it arrived, secrets already replaced by their names.

    ``body`` is what remains after transfer and content codings are taken off; ``length`` is what stood on the wire
    before the content coding was, in bytes, so that a Content-Length can be held against it. ``version`` is the
    protocol's, "1.0" or "1.1". ``echoed`` names the secrets that were found in it.
    """

    status: int
    reason: str
    version: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    length: int
    echoed: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """The value of a header by its name in any case, several joined by commas (RFC 9110 section 5.2).

        Blanks around a value are none of it (RFC 9112 section 5.1).
        """
        values = [value.strip(" \t") for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def media_type(self) -> str | None:
        """The media type in lower case without its parameters; None where there is no Content-Type."""
        value = self.header("Content-Type")
        return None if value is None else value.split(";", 1)[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text for a reader; what is no UTF-8 is shown by replacement characters."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: a kind for programs and a sentence for people."""

    kind: str
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """One probe and its response, or its failure; asked ``at`` a Unix time, ``seconds`` from sending to the last byte.

    Two exchanges are never equal, however alike: each is a piece of evidence of its own.
    """

    number: int
    probe: Probe
    outcome: Response | Failure
    seconds: float
    at: float

    @property
    def response(self) -> Response | None:
        """The answer; None where there was none."""
        return self.outcome if isinstance(self.outcome, Response) else None

    @property
    def status(self) -> int | None:
        """The status of the answer; None where there was none."""
        return self.outcome.status if isinstance(self.outcome, Response) else None

    @property
    def throttled(self) -> bool:
        """Whether the target asked to be left alone: 429 (RFC 6585 section 4), or 503 with Retry-After."""
        response = self.response
        if response is None:
            return False
        return response.status == 429 or (response.status == 503 and response.header("Retry-After") is not None)

    @property
    def body(self) -> bytes:
        """The body of the answer; empty where there was none."""
        return self.outcome.body if isinstance(self.outcome, Response) else b""

    @property
    def came(self) -> str:
        """What came back, in a few words."""
        if isinstance(self.outcome, Failure):
            return self.outcome.sentence
        wait = self.outcome.header("Retry-After") if self.throttled else None
        asks = f" (Retry-After: {wait[:40]})" if wait else ""
        return f"{self.outcome.status} {self.outcome.reason}".strip() + asks

    def as_json(self, body_key: str) -> dict[str, Any]:
        """A JSON object for `from_json`, the body by its key because equal bodies are stored once."""
        return {
            "exchange": self.number,
            "probe": self.probe.as_json(),
            "seconds": self.seconds,
            "at": self.at,
            **_outcome_as_json(self.outcome, body_key),
        }

    @staticmethod
    def from_json(data: dict[str, Any], bodies: dict[str, bytes]) -> Exchange:
        """The exchange of such an object; KeyError or TypeError where it is not one."""
        outcome = _outcome_from_json(data, bodies)
        return Exchange(data["exchange"], Probe.from_json(data["probe"]), outcome, data["seconds"], data["at"])


def _outcome_as_json(outcome: Response | Failure, body_key: str) -> dict[str, Any]:
    if isinstance(outcome, Failure):
        return {"failure": {"kind": outcome.kind, "sentence": outcome.sentence}}
    return {
        "response": {
            "status": outcome.status,
            "reason": outcome.reason,
            "version": outcome.version,
            "headers": [list(pair) for pair in outcome.headers],
            "body": body_key,
            "length": outcome.length,
            "echoed": list(outcome.echoed),
        }
    }


def _outcome_from_json(data: dict[str, Any], bodies: dict[str, bytes]) -> Response | Failure:
    if "failure" in data:
        return Failure(data["failure"]["kind"], data["failure"]["sentence"])
    stored = data["response"]
    if not isinstance(stored["status"], int):
        raise TypeError("a status that is no number")
    headers: Any = tuple((name, value) for name, value in stored["headers"])
    return Response(
        status=stored["status"],
        reason=stored["reason"],
        version=stored["version"],
        headers=headers,
        body=bodies[stored["body"]],
        length=stored["length"],
        echoed=tuple(stored["echoed"]),
    )
