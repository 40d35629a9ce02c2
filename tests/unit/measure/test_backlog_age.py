from datetime import UTC, date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.estimates import points, points_within
from domain.kpis import KPIS
from domain.stretches import stretched
from domain.windows import NEVER, periods
from tasks.measure.contacts.tickets import backlog_age, turns
from tasks.measure.entries import parts
from tests.factories import facts
from tests.unit.measure.helpdesk import BERLIN, moved, tickets_of

NAME, HOUR = "backlog_age", 3600.0
NO_EVENTS = facts("ticket_events", [])


def kept(tickets: pl.DataFrame, events: pl.DataFrame, zone: str = BERLIN, kpi: str = NAME) -> pl.DataFrame:
    return parts(backlog_age(tickets, turns(tickets, events), zone), KPIS[kpi])


def days_of(made: pl.DataFrame, through: date, as_of: date = NEVER) -> dict[date, tuple[int, float]]:
    """How many wait at each day's end, and their median age in hours."""
    found = points(made.filter(pl.col("scope") == "{}"), "day", through=through, as_of=as_of)
    return {row["period_start"]: (row["n"], row["value"] / HOUR) for row in found.iter_rows(named=True)}


def test_what_waits_is_24_hours_older_each_midnight_also_when_the_clocks_change() -> None:
    # clocks go forward on 29 March 2026 in Berlin; 22:30 UTC is 23:30 there before and 00:30 of the next day after
    held = tickets_of(
        [{"ticket_id": "a", "opened": "2026-03-27 22:30"}, {"ticket_id": "b", "opened": "2026-03-29 22:30"}]
    )
    found = days_of(kept(held, NO_EVENTS), date(2026, 3, 31))
    assert found == {
        date(2026, 3, 27): (1, 0.5), date(2026, 3, 28): (1, 24.5), date(2026, 3, 29): (1, 48.5),
        date(2026, 3, 30): (2, 23.5), date(2026, 3, 31): (2, 47.5),
    }  # fmt: skip


def test_a_reopened_contact_is_as_old_as_its_first_message_and_a_solved_one_has_no_age() -> None:
    held = tickets_of([{"ticket_id": "a", "opened": "2026-03-02 12:00"}])
    events = moved(("a", "2026-03-03 12:00", "new", "solved"), ("a", "2026-03-09 12:00", "solved", "open"))
    assert days_of(kept(held, events), date(2026, 3, 9)) == {date(2026, 3, 2): (1, 10.5), date(2026, 3, 9): (1, 178.5)}
    assert days_of(kept(held, events), date(2026, 3, 9), as_of=date(2026, 3, 9)) == {date(2026, 3, 2): (1, 10.5)}


def test_one_that_is_solved_nobody_knows_since_when_does_not_grow_old_for_ever() -> None:
    held = tickets_of([{"opened": "2026-03-02 12:00", "status": "closed"}])
    assert kept(held, NO_EVENTS).is_empty()


def test_a_window_shows_its_last_day_and_the_oldest_tenth_is_older_than_the_median() -> None:
    held = tickets_of([{"ticket_id": f"t{n}", "opened": f"2026-03-{n + 1:02} 12:00"} for n in range(10)])
    for kpi, hours in ((NAME, 226.5), ("backlog_age_p90", 322.5)):
        made = kept(held, NO_EVENTS, kpi=kpi).filter(pl.col("scope") == "{}")
        (week,) = points(
            made, "week", through=date(2026, 3, 15), spans=[(date(2026, 3, 9), date(2026, 3, 16))]
        ).to_dicts()
        # opened at 13 on 1 to 10 March: 14, 13 … 5 days and 10.5 hours old on the 15th
        assert (week["n"], week["value"] / HOUR, week["n_open"]) == (10, hours, 0)
        assert week["low"] <= week["value"] <= week["high"]


def on_the_wall(instant: datetime, clock: ZoneInfo) -> datetime:
    """The middle of its hour, as the clock there shows it."""
    return instant.astimezone(clock).replace(tzinfo=None, minute=30, second=0)


HOURS = st.integers(0, 24 * 30)
LIVES = st.lists(
    st.tuples(HOURS, st.lists(st.integers(1, 24 * 12), max_size=4), st.sampled_from(["chat", "email"])),
    min_size=1, max_size=12,
)  # fmt: skip


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland"])
@settings(deadline=None, max_examples=30)
@given(lives=LIVES, quantile=st.sampled_from(["backlog_age", "backlog_age_p90"]))
def test_it_is_what_a_walk_through_all_contacts_at_each_midnight_says(
    zone: str, lives: list[tuple[int, list[int], str]], quantile: str
) -> None:
    # clocks change in March and in April, forward or back
    first, clock = datetime(2026, 3, 5, 0, 10, tzinfo=UTC), ZoneInfo(zone)
    opened = [first + timedelta(hours=start) for start, _, _ in lives]
    turned = [
        [begin + timedelta(hours=sum(gaps[: i + 1])) for i in range(len(gaps))]
        for begin, (_, gaps, _) in zip(opened, lives, strict=True)
    ]
    held = facts("tickets", [{"ticket_id": f"t{i}", "opened_at": begin, "channel": channel}
                             for i, (begin, (*_, channel)) in enumerate(zip(opened, lives, strict=True))])  # fmt: skip
    events = facts("ticket_events", [{"ticket_id": f"t{i}", "at": at, "new": "open" if n % 2 else "solved"}
                                     for i, of in enumerate(turned) for n, at in enumerate(of)])  # fmt: skip
    made = kept(held, events, zone, quantile)
    through = date(2026, 4, 20)
    for scope, channel in (("{}", None), ('{"channel":"chat"}', "chat")):
        own = made.filter(pl.col("scope") == scope)
        found = {row["period_start"]: row for row in points(own, "day", through=through).iter_rows(named=True)}
        day = min(begin.astimezone(clock).date() for begin in opened)
        while day <= through:
            midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), clock).astimezone(UTC)
            old = sorted(
                (midnight.astimezone(clock).replace(tzinfo=None) - on_the_wall(begin, clock)).total_seconds()
                for begin, of, (_, _, label) in zip(opened, turned, lives, strict=True)
                if channel in (None, label) and begin < midnight and sum(at < midnight for at in of) % 2 == 0
            )
            assert (day in found) == bool(old)
            if old:
                rank = ceil(len(old) * (0.5 if quantile == NAME else 0.9)) - 1
                row = found[day]
                assert (row["n"], row["value"], row["total"]) == (len(old), old[rank], sum(old))
            day += timedelta(days=1)
    weeks = periods("week", date(2026, 3, 5), through + timedelta(days=1))
    assert points_within(stretched(made), {"week": weeks}).equals(points_within(made, {"week": weeks}))
