"""Evidence: what a run asked and what came back, kept so that it can be judged again without a network.

The file is JSON Lines: a header, then in order of asking each distinct body once, each exchange, and each take, which
names its exchanges. Requests hold secrets by name only, and answers were searched for them when they arrived.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import private
from .answer import Reply, Terms
from .exchange import Exchange

FORMAT = "mana-evidence/1"


SHAKEN = "shaken"
"""The key in `Take.asked` of exchanges that failed beside others, though the same probe was well when asked alone."""


class BadEvidence(ValueError):
    """A file that holds no evidence; the text is one line for the user."""


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """What was asked in one go, between two asks of the good request.

    The two show that the target was well, and whether its list held still. ``asked`` gives for each clause, by its id,
    the exchanges of its probes by their labels.
    """

    before: Exchange
    asked: Mapping[str, Mapping[str, Exchange]]
    after: Exchange

    @property
    def controlled(self) -> bool:
        """Whether a good request was answered 200 before and after: what was refused between was refused for itself."""
        return self.before.status == self.after.status == 200

    def ids_still(self, terms: Terms) -> bool:
        """Whether the same machines stood in the list before and after, whatever their records; in the same order."""
        before, after = Reply(self.before, terms).listing, Reply(self.after, terms).listing
        if not self.controlled or before is None or after is None:
            return False
        return before.same_ids(after)

    def still(self, terms: Terms) -> bool:
        """Whether the list was the same before and after."""
        before, after = Reply(self.before, terms).listing, Reply(self.after, terms).listing
        if not self.controlled or before is None or after is None:
            return False
        return self.before.body == self.after.body or before.same_machines(after)


@dataclass(slots=True)
class Evidence:
    """The exchanges of one run: the preflight, then the takes in order."""

    header: Mapping[str, Any]
    preflight: Exchange | None = None
    takes: list[Take] = field(default_factory=list)
    footer: Mapping[str, Any] = field(default_factory=dict)

    def exchanges(self) -> Iterator[Exchange]:
        """Every exchange once, in order of asking as far as that was in order."""
        seen: set[Exchange] = set()
        for one in self._all():
            if one not in seen:
                seen.add(one)
                yield one

    @property
    def requests(self) -> int:
        """How many requests were sent: as the wire counted them, those that were sent again included."""
        return int(self.footer.get("requests", 0)) or sum(1 for _ in self.exchanges())

    @property
    def bytes(self) -> int:
        """How many bytes of answers came, as the wire counted them."""
        return int(self.footer.get("bytes", 0))

    def _all(self) -> Iterator[Exchange]:
        if self.preflight:
            yield self.preflight
        for take in self.takes:
            yield take.before
            for replies in take.asked.values():
                yield from replies.values()
            yield take.after

    def lines(self) -> Iterator[dict[str, Any]]:
        """The JSON objects of the file."""
        yield {"format": FORMAT, **self.header}
        written: set[str] = set()
        for exchange in self.exchanges():
            key = hashlib.sha256(exchange.body).hexdigest()
            if key not in written:
                written.add(key)
                yield {"body": key, **_body_as_json(exchange.body)}
            yield exchange.as_json(key)
        if self.preflight:
            yield {"preflight": self.preflight.number}
        for take in self.takes:
            yield {"take": _take_as_json(take)}
        yield {"footer": dict(self.footer)}

    def write(self, path: Path) -> None:
        """Write the file; OSError where that cannot be."""
        private.write(path, (json.dumps(line, ensure_ascii=True) + "\n" for line in self.lines()))


def _body_as_json(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _body_from_json(data: Mapping[str, str]) -> bytes:
    return data["text"].encode("utf-8") if "text" in data else base64.b64decode(data["base64"])


def read(path: Path) -> Evidence:
    """Read a file that `Evidence.write` wrote; BadEvidence with one line where it is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise _none(path, "it is no text") from None
    except OSError as error:
        raise BadEvidence(f"{path}: {error.strerror or error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise _none(path, f"line {number} is empty")
    try:
        return _evidence([json.loads(line) for line in lines])
    except json.JSONDecodeError as error:
        raise _none(path, f"not every line is JSON: {error.msg}") from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise _none(path, str(error) if type(error) is ValueError else "a line lacks what belongs in it") from None


def _none(path: Path, why: str) -> BadEvidence:
    return BadEvidence(f"{path} is no evidence, or was cut short: {why}. It is evidence.jsonl that --report-dir writes")


def _evidence(lines: Sequence[dict[str, Any]]) -> Evidence:
    header = dict(lines[0])
    if header.pop("format", None) != FORMAT or "footer" not in lines[-1]:
        raise ValueError("the first or the last line is not that of evidence")
    bodies: dict[str, bytes] = {}
    exchanges: dict[int, Exchange] = {}
    evidence = Evidence(header, footer=lines[-1]["footer"])
    for line in lines[1:-1]:
        if "exchange" in line:
            exchanges[line["exchange"]] = Exchange.from_json(line, bodies)
        elif "body" in line:
            bodies[line["body"]] = _body_from_json(line)
        elif "preflight" in line:
            evidence.preflight = exchanges[line["preflight"]]
        else:
            evidence.takes.append(_take(line["take"], exchanges))
    return evidence


def _take_as_json(take: Take) -> dict[str, Any]:
    asked = {
        clause: {label: exchange.number for label, exchange in replies.items()}
        for clause, replies in take.asked.items()
    }
    return {"before": take.before.number, "asked": asked, "after": take.after.number}


def _take(data: Mapping[str, Any], exchanges: Mapping[int, Exchange]) -> Take:
    asked = {
        clause: {label: exchanges[number] for label, number in replies.items()}
        for clause, replies in data["asked"].items()
    }
    return Take(exchanges[data["before"]], asked, exchanges[data["after"]])
