"""A list of a made-up vendor on a real socket, and one who reads it."""

from collections.abc import Iterator

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.fault_server import FaultServer, serving
from tests.fakes.fetching import Fetching
from tests.fakes.vendor import Desk
from tests.fakes.warehouse import execute


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk() -> Desk:
    return Desk(25)


@pytest.fixture
def server(desk, clock) -> Iterator[FaultServer]:
    made = FaultServer(desk, clock=clock.monotonic)
    with serving(made):
        yield made


@pytest.fixture
def fetching(server, clock) -> Fetching:
    return Fetching(server, clock)


@pytest.fixture
def tickets(database_url: str) -> str:
    """Five tickets of a helpdesk; 2 and 3 changed at the same instant."""
    execute(
        database_url,
        "CREATE TABLE ticket (id INTEGER, changed TIMESTAMP, status TEXT)",
        "INSERT INTO ticket VALUES (4, '2026-03-03 09:00:00', 'open'), (1, '2026-03-01 09:00:00', 'closed'), "
        "(3, '2026-03-02 09:00:00', 'solved'), (2, '2026-03-02 09:00:00', 'open'), "
        "(5, '2026-03-04 09:00:00.25', 'new')",
    )
    return database_url
