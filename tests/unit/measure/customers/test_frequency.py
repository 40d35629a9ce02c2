from datetime import date, timedelta
from math import sqrt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.estimates import POINTS_SCHEMA
from domain.windows import PeriodKind
from tasks.measure.customers.frequency import WITHIN_DAYS, purchase_frequency, turns, turns_together
from tasks.measure.customers.orders import purchases
from tests.factories import at, facts
from tests.unit.measure.helpdesk import BERLIN

FIRST = date(2025, 1, 6)


def found(rows: list[tuple[int, str, str]], through: int, *scopes: dict[str, str]) -> pl.DataFrame:
    """Of orders: days after the first one, whose, in which segment; complete through a day after it."""
    told = [
        {"ordered_at": at(f"{FIRST + timedelta(days=day)} 10:00"), "customer_id": who, "segment": segment}
        for day, who, segment in rows
    ]
    bought = purchases(facts("orders", told), BERLIN)
    last, frames = FIRST + timedelta(days=through), [pl.DataFrame(schema=POINTS_SCHEMA)]
    whole = pl.concat([*frames, *purchase_frequency(turns(bought, scopes), last)])
    is_first = pl.col("customer_id").hash() % 2 == 0
    added = turns_together([turns(bought.filter(is_mine), scopes) for is_mine in (is_first, ~is_first)])
    assert pl.concat([*frames, *purchase_frequency(added, last)]).equals(whole)
    return whole


def on(values: pl.DataFrame, kind: PeriodKind, last: int, scope: str = "{}") -> dict[str, float]:
    """The value of the period whose last day is so many days after the first."""
    end = FIRST + timedelta(days=last + 1)
    rows = values.filter(pl.col("period") == kind, pl.col("period_end") == end, pl.col("scope") == scope)
    return rows.row(0, named=True) if rows.height else {}


def test_it_is_the_purchases_of_90_days_over_those_who_bought_in_them() -> None:
    # a buys three times, b once; c's only purchase is 91 days back on day 90
    rows = [(0, "c", "home"), (1, "a", "home"), (30, "a", "home"), (31, "b", "home"), (60, "a", "home")]
    row = on(found(rows, 90), "day", 90)
    assert (row["n"], row["total"], row["value"]) == (2, 4.0, 2.0)
    # Student's t with one degree of freedom, of 3 and 1
    half = 12.706205 * sqrt(2) / sqrt(2)
    assert (row["low"], row["high"]) == (pytest.approx(2 - half), pytest.approx(2 + half))
    assert (on(found(rows, 90), "day", 89)["n"], on(found(rows, 91), "day", 91)["total"]) == (3, 3.0)


def test_before_90_days_of_orders_are_known_nothing_is_said() -> None:
    values = found([(0, "a", "home"), (50, "a", "home")], 120)
    assert values.filter(pl.col("period") == "day")["period_end"].min() == FIRST + timedelta(days=WITHIN_DAYS)
    assert found([(0, "a", "home")], 80).is_empty()
    assert found([], 200).is_empty()


def test_a_period_in_which_nobody_bought_for_90_days_has_no_value() -> None:
    values = found([(0, "a", "home"), (200, "a", "home")], 210)
    assert on(values, "day", 150) == {}
    assert on(values, "day", 205)["value"] == 1.0


DAYS = st.lists(
    st.tuples(st.integers(0, 260), st.sampled_from("abcd"), st.sampled_from(["home", "office"])), min_size=1
)


@settings(deadline=None, max_examples=25)
@given(rows=DAYS)
def test_it_is_what_going_through_each_customers_days_gives(rows: list[tuple[int, str, str]]) -> None:
    # the segment of a purchase is that of the day's last line: orders of one instant, the segments in order
    days: dict[tuple[str, int], str] = {}
    for day, who, segment in sorted(rows):
        days[who, day] = segment
    begun = min(day for _, day in days)
    values = found(rows, 300, {"segment": "home", "source": "shop"})
    for kind in ("day", "week", "90d"):
        for row in values.filter(pl.col("period") == kind).iter_rows(named=True):
            last = (row["period_end"] - FIRST).days - 1
            assert last >= begun + WITHIN_DAYS - 1
            label = "home" if "home" in row["scope"] else "office" if "office" in row["scope"] else None
            counts: dict[str, int] = {}
            for (who, day), segment in days.items():
                if last - WITHIN_DAYS < day <= last and label in (None, segment):
                    counts[who] = counts.get(who, 0) + 1
            n, total = len(counts), sum(counts.values())
            assert (row["n"], row["total"], row["total_sq"]) == (n, total, sum(k * k for k in counts.values()))
            assert row["value"] == pytest.approx(total / n)
