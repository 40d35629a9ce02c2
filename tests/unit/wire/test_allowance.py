"""The calls that a vendor allows in one day."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from domain.paging import Request
from domain.source_specs import Quota
from tasks.extract.catalog import CONNECTORS
from tests.fakes.clock import BEGINNING, FakeClock
from tests.fakes.fault_server import FaultServer, Reply, refused, said, serving
from tests.fakes.vendor import CONNECTOR, FIRST, SECRET, STREAM, Desk
from wire.allowance import Allowance, DaySpentError, Memory
from wire.http import Caller
from wire.line import Limits
from wire.pages import Fetched, fetch
from wire.quota import Spacing

LIMITS = Limits(connect=2, read=0.3, n_tries=3)
DAY_S = 86_400
FOUR_A_DAY = replace(CONNECTOR, per_day=4)
ALL = Quota(1)


def allowance(clock: FakeClock, per_day: int = 10, quota: Quota = ALL, book: Memory | None = None) -> Allowance:
    return Allowance(per_day, Spacing(quota, clock).share, clock, book or Memory())


def test_a_days_share_is_taken_and_no_more_until_midnight_utc():
    clock = FakeClock(datetime(2026, 3, 2, 23, 59, tzinfo=UTC))
    day = allowance(clock, quota=Quota(0.25))
    assert [day.take(), day.take(), day.take()] == [0, 0, 60]
    clock.sleep(60)
    assert day.take() == 0


def test_the_share_of_the_night_is_of_the_same_day():
    clock = FakeClock(datetime(2026, 3, 2, 21, tzinfo=UTC))
    day = allowance(clock, quota=Quota(0.5, night_share=0.9, night_from=time(22), night_to=time(6)))
    assert [day.take() for _ in range(6)] == [*[0] * 5, 3 * 3600]
    clock.sleep(3600)
    assert [day.take() for _ in range(5)] == [*[0] * 4, 2 * 3600]


def test_a_small_share_of_few_calls_is_one():
    assert allowance(FakeClock(), per_day=1, quota=Quota(0.1)).take() == 0


def test_a_day_that_the_vendor_ends_is_over_for_every_share():
    clock, book = FakeClock(), Memory()
    day = allowance(clock, book=book)
    day.take()
    day.end()
    assert book.spent(BEGINNING.date()) == 10
    assert allowance(clock, book=book).take() == day.until_tomorrow() == 16 * 3600


# ---- over real sockets ----------------------------------------------------------------------------------------------


class Days:
    """Fetches a list of sixty records, ten a page, with calls that are counted over all fetches."""

    def __init__(self, connector: Any = FOUR_A_DAY, quota: Quota = ALL) -> None:
        self.connector, self.quota, self.clock, self.book = connector, quota, FakeClock(), Memory()
        self.server, self.position = FaultServer(Desk(60), clock=self.clock.monotonic), None

    def fetch(self) -> tuple[int, str]:
        """Pages that came, and how it ended."""
        pages: list[Fetched] = []
        with serving(self.server) as address, Caller(
            self.connector, address, {"token": SECRET}, clock=self.clock, limits=LIMITS, book=self.book,
            quota=self.quota,
        ) as caller:  # fmt: skip
            try:
                for page in fetch(
                    caller, STREAM, self.position, start=FIRST, options={}, now=self.clock.now(),
                    deadline=timedelta(hours=2),
                ):  # fmt: skip
                    pages.append(page)
                    self.position = page.position
            except DaySpentError as spent:
                return len(pages), str(spent)
        return len(pages), "whole" if pages and pages[-1].is_last else "not whole"


def test_a_spent_day_ends_the_fetch_and_the_next_day_goes_on_there():
    days = Days()
    n, told = days.fetch()
    assert (n, told.removeprefix("the calls of today are spent ")) == (
        4,
        "(Acme Desk allows 4 a day, 4 of them are ours); it goes on tomorrow, from 2026-03-03 00:00 UTC on",
    )
    assert days.fetch()[0] == 0
    assert len(days.server.asked) == 4
    days.clock.sleep(DAY_S)
    assert days.fetch() == (2, "whole")
    assert [asked.query.get("cursor") for asked in days.server.asked] == [None, "10", "20", "30", "40", "50"]


def test_tries_count_as_the_vendor_counts_them():
    days = Days()
    days.server.fails(refused(503), refused(503))
    assert days.fetch()[0] == 2
    assert len(days.server.asked) == 4


def test_shortly_before_midnight_the_new_day_is_waited_for():
    days = Days()
    days.clock.sleep(16 * 3600 - 600)
    assert days.fetch() == (6, "whole")
    assert days.clock.now() >= BEGINNING + timedelta(hours=16)


def test_a_day_that_others_spent_is_spent():
    days = Days()
    days.server.fails(None, refused(429, x_ratelimit_app_global_day_remaining="0",
                                    x_ratelimit_app_global_day_reset="50000"))  # fmt: skip
    n, told = days.fetch()
    assert (n, "goes on tomorrow" in told) == (1, True)


def test_a_limit_of_a_day_is_told_from_the_one_of_seconds():
    hubspot = CONNECTORS["hubspot"]
    days = Days(replace(CONNECTOR, per_day=hubspot.per_day, is_day_spent=hubspot.is_day_spent))
    days.server.fails(
        said(429, {"status": "error", "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}),
        None,
        said(429, {"status": "error", "errorType": "RATE_LIMIT", "policyName": "DAILY"}),
    )
    assert days.fetch()[0] == 1
    assert days.fetch()[0] == 0
    assert len(days.server.asked) == 3
    days.clock.sleep(DAY_S)
    assert days.fetch() == (5, "whole")


def test_a_minute_and_a_day_hold_together():
    server, clock = FaultServer(lambda _: Reply({"tickets": []})), FakeClock()
    connector = replace(CONNECTORS["surveymonkey"], address="")
    with serving(server) as address, Caller(connector, address, {"token": "k"}, clock=clock) as caller:
        for _ in range(250):
            caller.call(Request("/surveys"))
        with pytest.raises(DaySpentError):
            caller.call(Request("/surveys"))
    assert len(server.asked) == 250  # half of 500
    assert clock.elapsed == pytest.approx(250, abs=2)  # one a second: half of 120 a minute


def test_what_is_counted_is_of_its_day():
    book = Memory()
    book.spend(date(2026, 3, 2), 3)
    assert (book.spent(date(2026, 3, 2)), book.spent(date(2026, 3, 3))) == (3, 0)
