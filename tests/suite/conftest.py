"""What the suite's own tests share: the reference in this process, and runs of the gate that many look at."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable, Iterator

import pytest
from werkzeug.wrappers import Request, Response

from tests.suite.gate import Gate, Run
from tests.suite.servers import Reference, Served, free_port, in_machines

BROKEN_AREAS = "headers or body or fields"
"""What the run on the broken server selects."""


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    """The gate, run in a process of its own."""
    return Gate(tmp_path_factory.mktemp("gate"))


Once = Callable[[str, Callable[[], Run]], Run]
"""Makes a run that all processes of these tests share, in the first of them that wants it."""


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Once:
    """Makes each named run once, in whichever process of xdist comes first."""
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "shared"

    def make_once(name: str, make: Callable[[], Run]) -> Run:
        shared.mkdir(exist_ok=True)
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = shared / f"{name}.pickle"
            if not kept.exists():
                kept.write_bytes(pickle.dumps(make()))
            run: Run = pickle.loads(kept.read_bytes())  # noqa: S301 - these tests' own
        return run

    return make_once


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
