"""What the suite's own tests share: the reference in this process, and runs of the gate that many look at."""

from __future__ import annotations

from collections.abc import Iterator

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
def healthy(gate: Gate, served: Served) -> Run:
    """A whole run on the healthy reference, with every optional input and a few drawn requests."""
    return gate("--examples=4", environment=served.environment)


@pytest.fixture(scope="session")
def broken(gate: Gate, reference: Reference) -> Run:
    """A run on a server that breaks one MUST and one SHOULD: numbers sent as strings, and no word to caches."""
    numbers = in_machines(lambda machine: {**machine, "cpu_num": str(machine["cpu_num"])})

    def edit(request: Request, response: Response) -> Response:
        response.headers.pop("Cache-Control", None)
        return numbers(request, response)

    with reference.serving(edit) as server:
        return gate("-m", BROKEN_AREAS, environment=server.environment)


@pytest.fixture(scope="session")
def unanswered(gate: Gate, served: Served) -> Run:
    """A run of every clause on a port that nobody listens on."""
    return gate(environment={**served.environment, "PYTEST_BASE_URL": f"http://127.0.0.1:{free_port()}"})
