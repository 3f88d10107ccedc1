"""What the suite's own tests share: the reference in this process, and runs of the gate that many look at."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from werkzeug.wrappers import Request, Response

from conformance import draws
from contracts import Document
from tests.suite.gate import Gate, Run
from tests.suite.servers import Reference, Served, free_port, in_machines

BROKEN_AREAS = "headers or body or fields"
"""What the run on the broken server selects."""


T = TypeVar("T")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of these tests share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


class Once:
    """Makes each named thing once, in whichever process of xdist comes first; a folder that they share keeps it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str, make: Callable[[], T]) -> T:
        """What was made by this name, made now if it was not."""
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self._folder / f"{name}.pickle"
            if not kept.exists():
                kept.write_bytes(pickle.dumps(make()))
            found: T = pickle.loads(kept.read_bytes())  # noqa: S301 - these tests' own
        return found


@pytest.fixture(scope="session")
def once(shared: Path) -> Once:
    """Makes each named thing once for all processes."""
    return Once(shared)


@pytest.fixture(scope="session", autouse=True)
def drawn_once(once: Once) -> Iterator[None]:
    """What the generators draw takes seconds, and is the same in each process."""
    draw = draws._queries

    def kept(document: Document, examples: int, seed: int) -> tuple[list[draws.Query], list[draws.Query]]:
        return once(f"drawn-{document.sha256[:16]}-{examples}-{seed}", lambda: draw(document, examples, seed))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draws, "_queries", kept)
        yield


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Gate:
    """The gate, run in a process of its own; what it draws is kept for those of the other processes too."""
    return Gate(tmp_path_factory.mktemp("gate"), cache=shared / "cache")


@pytest.fixture(scope="session")
def reference() -> Reference:
    """The reference's data and rules, to be served as they are or edited."""
    return Reference()


@pytest.fixture(scope="session")
def served(reference: Reference) -> Iterator[Served]:
    """The healthy reference, served."""
    with reference.serving() as served:
        yield served


@pytest.fixture(scope="session")
def healthy(gate: Gate, served: Served, once: Once) -> Run:
    """A whole run on the healthy reference, with every optional input and a few drawn requests."""
    return once("healthy", lambda: gate("--examples=4", environment=served.environment))


@pytest.fixture(scope="session")
def broken(gate: Gate, reference: Reference, once: Once) -> Run:
    """A run on a server that breaks one MUST and one SHOULD: numbers sent as strings, and no word to caches."""
    numbers = in_machines(lambda machine: {**machine, "cpu_num": str(machine["cpu_num"])})

    def edit(request: Request, response: Response) -> Response:
        response.headers.pop("Cache-Control", None)
        return numbers(request, response)

    with reference.serving(edit) as server:
        return once("broken", lambda: gate("-m", BROKEN_AREAS, environment=server.environment))


@pytest.fixture(scope="session")
def unanswered(gate: Gate, served: Served, once: Once) -> Run:
    """A run of every clause on a port that nobody listens on."""
    nobody = {**served.environment, "PYTEST_BASE_URL": f"http://127.0.0.1:{free_port()}"}
    return once("unanswered", lambda: gate(environment=nobody))
