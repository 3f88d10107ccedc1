"""A long list: what it costs to judge it by every clause that looks at machines, beside parsing its text and no more.

    python -m benchmarks.long_list loads|judged FILE

prints one line of JSON, of a process that did this and nothing else: seconds, and by how many MiB its memory grew. The
file holds an answer as it came, so that reading it as strict JSON is part of judging it.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from conformance.clause import Clause, views
from conformance.evidence import Evidence
from conformance.exchange import Exchange, Response
from conformance.known import Known
from conformance.sight import sight_of
from conformance.target import Target
from reference import fleet, present, readings
from tests.suite.examining import clauses, document

VIEWS = {"machines", "lists", "served"}
"""What a clause sees of whole lists, whoever asked for them."""

OTHER_VIEWS = {"asked", "windows", "everything", "answered"}


def judging() -> list[Clause]:
    """The clauses that look at every machine or list, and at nothing that was asked for them alone."""
    return [one for one in clauses() if VIEWS & (seen := {*views(one.judge)}) and not OTHER_VIEWS & seen]


def text_of(machines: int) -> bytes:
    """A good answer of so many machines, as the reference makes them up."""
    made = fleet.machines(random.Random("long"), machines)  # noqa: S311 - machines, not secrets
    return json.dumps(present.listing(made, readings.DEFAULT)).encode()


def judged(body: bytes) -> None:
    """Judge a good answer by every clause that looks at machines."""
    target = Target("a list", "http://127.0.0.1:1", "p", "t", "r")
    known = Known(document(), target, Evidence({}), pinned={}, draw=dict, seed=0)
    headers = (("Content-Type", "application/json"), ("Cache-Control", "private"))
    answer = Response(200, "OK", "1.1", headers, body, len(body))
    known.evidence.preflight = Exchange(1, known.probes.good, answer, 0.1, time.time())
    for clause in judging():
        judgement = sight_of(known, clause, None).call(clause.judge)
        if judgement.findings or not judgement.values:
            raise ValueError(f"{clause.id} finds fault with a good list: {judgement}")


def loads(body: bytes) -> None:
    """Parse the text, and keep what it holds until the memory has been looked at."""
    KEPT.append(json.loads(body.decode()))


KEPT: list[object] = []
WORK: dict[str, Callable[[bytes], None]] = {"loads": loads, "judged": judged}


def main(arguments: Sequence[str]) -> None:
    """Do the work once on a short list, for what is made but once, and then on the long one."""
    work, body = WORK[arguments[0]], Path(arguments[1]).read_bytes()
    work(text_of(10))
    before = _memory()
    begun = time.perf_counter(), time.process_time()
    work(body)
    ended = time.perf_counter(), time.process_time()
    seconds, processor = (end - start for start, end in zip(begun, ended, strict=True))
    print(json.dumps({"seconds": seconds, "processor": processor, "memory": _memory() - before}))


def _memory() -> float:
    """The most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1:])
