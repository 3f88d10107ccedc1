"""What the suite's own tests share: the reference in this process, and one run of the gate that many look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.suite.gate import Gate, Run
from tests.suite.servers import Reference, Served


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
