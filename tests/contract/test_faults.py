"""What servers and networks do wrong, over real sockets: a fetch ends, hands on whole pages, and all of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.connectors import Connector, Stream
from domain.errors import SourceChangedError, SourceError, SourceRefusedError, SourceUnavailableError
from domain.paging import NextUrl, PageNumber
from tests.fakes import fault_server as faults
from tests.fakes.clock import BEGINNING, FakeClock
from tests.fakes.fault_server import Asked, Fault, FaultServer, Reply, serving
from tests.fakes.vendor import CONNECTOR, FIRST, SECRET, STREAM, Desk, record, with_stream
from wire.containers import page_of
from wire.http import Caller
from wire.line import Limits
from wire.pages import fetch

LIMITS = Limits(connect=2, read=0.15, whole=30, n_tries=3, most_bytes=1 << 18)
DEADLINE = timedelta(minutes=30)
MOMENTS = {"the first page": 0, "the middle": 2, "the last page": 4}


@dataclass
class Runs:
    """Runs of a project over one source: each goes on where the one before stopped."""

    server: FaultServer
    clock: FakeClock
    connector: Connector = CONNECTOR
    stream: Stream = STREAM
    limits: Limits = LIMITS
    position: Any = None

    def __post_init__(self) -> None:
        self.held: dict[int, Any] = {}
        self.is_over = False

    def run(self) -> None:
        """One run; what it hands on is kept by key and version, as the tables do."""
        self.is_over = False
        begin = self.clock.elapsed
        with Caller(
            self.connector, self.server.address, {"token": SECRET}, clock=self.clock, limits=self.limits
        ) as caller:  # fmt: skip
            try:
                for page in fetch(
                    caller, self.stream, self.position, start=FIRST, options={}, now=self.clock.now(), deadline=DEADLINE
                ):
                    records = page_of(page.content).body["tickets"]
                    assert len(records) == page.n_records
                    self.held |= {one["id"]: one for one in records}
                    self.position, self.is_over = json.loads(json.dumps(page.position)), page.is_last
            finally:
                assert self.clock.elapsed - begin <= DEADLINE.total_seconds()

    def until_over(self, most: int = 3) -> None:
        """Run until a sweep is over, errors between included."""
        for _ in range(most):
            try:
                self.run()
            except SourceError:
                self.clock.sleep(3600)
            if self.is_over:
                return
        raise AssertionError(f"no sweep was over after {most} runs")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk() -> Desk:
    return Desk(50)


@pytest.fixture
def server(desk, clock) -> Iterator[FaultServer]:
    made = FaultServer(desk, clock=lambda: clock.elapsed)
    with serving(made):
        yield made


@pytest.fixture
def runs(server, clock) -> Runs:
    return Runs(server, clock)


PASSING: dict[str, tuple[Fault, float]] = {
    "429 with seconds": (faults.refused(429, retry_after="77"), 77),
    "429 with a date": (faults.refused(429, retry_after="Mon, 02 Mar 2026 08:05:00 GMT"), 300),
    "429 with a date by another clock": (
        faults.refused(429, date="Mon, 02 Mar 2026 20:00:00 GMT", retry_after="Mon, 02 Mar 2026 20:00:50 GMT"), 50,
    ),
    "429 without": (faults.refused(429), 1),
    "429 with words": (faults.refused(429, retry_after="a while"), 1),
    "429 with a new start": (faults.refused(429, x_ratelimit_reset=str(int(BEGINNING.timestamp()) + 200)), 200),
    "500": (faults.refused(500), 1),
    "502": (faults.refused(502), 1),
    "503 with seconds": (faults.refused(503, retry_after="120"), 120),
    "504": (faults.refused(504), 1),
    "no answer": (faults.dropped, 1),
    "a stall": (faults.stalled, 1),
    "a connection broken off": (faults.broken_off, 1),
    "truncated JSON": (faults.truncated, 1),
    "damaged gzip": (faults.gzip_damaged, 1),
    "truncated gzip": (faults.gzip_truncated, 1),
}  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_costs_a_wait_and_nothing_else(runs, server, desk, fault, moment):
    write, wait = PASSING[fault]
    server.fails(*[None] * MOMENTS[moment], write)
    runs.run()
    assert runs.is_over
    assert sorted(runs.held) == [one["id"] for one in desk.records]
    assert server.asked_at[MOMENTS[moment] + 1] - server.asked_at[MOMENTS[moment]] >= wait


LASTING: dict[str, tuple[Fault, type[SourceError]]] = {
    "429 with an absurd wait": (faults.refused(429, retry_after="99999999999"), SourceUnavailableError),
    "503 for ever": (faults.refused(503), SourceUnavailableError),
    "HTML with status 200": (faults.html, SourceChangedError),
    "200 MB, announced": (faults.huge(200 << 20, is_announced=True), SourceChangedError),
    "200 MB, not announced": (faults.huge(200 << 20, is_announced=False), SourceChangedError),
    "a small gzip that unpacks to a lot": (faults.bomb(64 << 20), SourceChangedError),
    "401 in the middle of a run": (faults.refused(401), SourceRefusedError),
    "a redirect to another origin": (faults.refused(302, location="http://127.0.0.1:9/x"), SourceChangedError),
    "a path that is gone": (faults.refused(404), SourceChangedError),
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("fault", LASTING)
def test_a_lasting_fault_stops_the_source_with_what_came_before_it(runs, server, desk, fault, moment):
    write, error = LASTING[fault]
    server.fails(*[None] * MOMENTS[moment], *[write] * LIMITS.n_tries)
    with pytest.raises(error) as raised:
        runs.run()
    assert SECRET not in str(raised.value)
    assert len(runs.held) == 10 * MOMENTS[moment]
    server.faults.clear()
    runs.clock.sleep(24 * 3600)
    before = len(server.asked)
    runs.run()
    assert runs.is_over
    assert sorted(runs.held) == [one["id"] for one in desk.records]
    assert len(server.asked) - before == 5 - MOMENTS[moment]


def test_a_drip_ends_with_the_time_for_one_answer(server, desk):
    server.fails(None, *[faults.dripped] * LIMITS.n_tries)
    runs = Runs(server, FakeClock(tick=0.5))
    with pytest.raises(SourceUnavailableError, match="the answer was not whole after 30 s"):
        runs.run()
    runs.until_over()
    assert sorted(runs.held) == [one["id"] for one in desk.records]


def test_a_connection_that_nobody_takes_ends(clock):
    with faults.hanging() as address:
        server = FaultServer(lambda asked: Reply())
        server.address = address
        with pytest.raises(SourceUnavailableError, match="no connection"):
            Runs(server, clock, limits=replace(LIMITS, connect=0.1)).run()


def test_a_next_url_at_another_origin_is_never_called(runs, server, desk):
    other = FaultServer(lambda asked: Reply({"tickets": []}))
    with serving(other) as elsewhere:
        runs.connector, runs.stream = with_stream(paging=NextUrl(("next",)))
        desk.changes = lambda body: {**body, "next": f"{elsewhere}/tickets?cursor=10"}
        with pytest.raises(SourceChangedError, match="No key is sent there"):
            runs.run()
    assert (other.asked, runs.held) == ([], {})
    desk.changes = lambda body: {**body, "next": body["next"] and f"/tickets?since=0&cursor={body['next']}"}
    runs.until_over()
    assert sorted(runs.held) == [one["id"] for one in desk.records]


def test_a_repeated_cursor_is_noticed(runs, desk):
    desk.changes = lambda body: {**body, "next": "20"}
    with pytest.raises(SourceChangedError, match="same cursor"):
        runs.run()
    desk.changes = lambda body: body
    runs.until_over()
    assert sorted(runs.held) == [one["id"] for one in desk.records]


def test_a_loop_of_cursors_is_noticed(runs, server, desk):
    desk.changes = lambda body: {**body, "next": "10" if body["next"] == "40" else body["next"]}
    with pytest.raises(SourceChangedError, match="back to one that was read before"):
        runs.run()
    assert len(server.asked) < 12
    desk.changes = lambda body: body
    runs.until_over()
    assert sorted(runs.held) == [one["id"] for one in desk.records]


def test_pages_that_shrink_lose_nothing(runs, server, desk):
    def shrinking(asked: Asked) -> Reply:
        desk.size = max(1, 9 - len(server.asked))
        return desk(asked)

    server.serve = shrinking
    runs.run()
    assert sorted(runs.held) == [one["id"] for one in desk.records]


def test_a_numbered_list_ends_with_its_first_empty_page(runs, server, desk):
    def numbered(asked: Asked) -> Reply:
        begin = 7 * (int(asked.query.get("page", "1")) - 1)
        return Reply({"tickets": desk.records[begin : begin + 7]})

    server.serve = numbered
    runs.connector, runs.stream = with_stream(paging=PageNumber())
    runs.run()
    assert sorted(runs.held) == [one["id"] for one in desk.records]
    assert {asked.query.get("page", "1") for asked in server.asked} == {str(n) for n in range(1, 10)}


def test_records_of_one_instant_on_both_sides_of_a_page_are_all_read(runs, desk):
    desk.records = [record(number, FIRST + timedelta(hours=number // 15)) for number in range(50)]
    runs.run()
    desk.records.append(record(50, datetime.fromisoformat(desk.records[-1]["updated_at"])))
    runs.run()
    assert sorted(runs.held) == list(range(51))


@pytest.mark.parametrize("hours", [-7, 7])
def test_a_vendors_clock_may_be_hours_off(runs, desk, clock, hours):
    skew = timedelta(hours=hours)
    desk.records = [record(number, clock.now() + skew - timedelta(minutes=number)) for number in range(30)]
    runs.run()
    for number in range(30, 40):
        clock.sleep(600)
        desk.records.append(record(number, clock.now() + skew))
        runs.run()
    assert sorted(runs.held) == list(range(40))


def test_an_update_between_two_pages_comes_with_its_later_version(runs, server, desk, clock):
    def touched(asked: Asked) -> Reply:
        if len(server.asked) == 3:
            desk.records[0] = record(0, clock.now(), status="new")
        return desk(asked)

    server.serve = touched
    runs.run()
    clock.sleep(3600)
    runs.run()
    assert runs.held[0]["status"] == "new"


def test_a_change_between_two_pages_moves_no_other_record_out_of_sight(runs, server, desk, clock):
    def touched(asked: Asked) -> Reply:
        if len(server.asked) in (2, 4):
            number = len(server.asked)
            desk.records[number] = record(number, clock.now(), status="new")
        return desk(asked)

    server.serve = touched
    runs.connector, runs.stream = with_stream(window=10_000)
    runs.run()
    assert sorted(runs.held) == list(range(50))
