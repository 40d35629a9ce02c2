from datetime import date, timedelta
from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kpis import KPIS
from tasks.measure.customers.orders import WITHIN_DAYS, purchases, repeat_purchases
from tasks.measure.entries import parts
from tests.factories import at, facts
from tests.unit.measure.helpdesk import BERLIN, value

THROUGH = date(2026, 12, 31)


def bought(*rows: tuple[str, str]) -> pl.DataFrame:
    """Orders: when, whose."""
    return facts("orders", [{"ordered_at": at(when), "customer_id": customer} for when, customer in rows])


def again(orders: pl.DataFrame, through: date = THROUGH) -> pl.DataFrame:
    return repeat_purchases(purchases(orders, BERLIN), through)


def test_who_buys_again_within_90_days_has_bought_again_and_the_last_purchase_has_not() -> None:
    held = bought(("2026-01-05 10:00", "c"), ("2026-04-05 10:00", "c"), ("2026-01-05 10:00", "d"),
                  ("2026-04-06 10:00", "d"))  # fmt: skip
    found = value(again(held), "repeat_purchase_rate")
    assert (found["n"], found["total"], found["n_open"]) == (4, 1.0, 0)


def test_many_lines_of_one_day_are_one_purchase_and_the_day_is_that_of_the_reporting_zone() -> None:
    held = bought(("2026-01-05 10:00", "c"), ("2026-01-05 10:00", "c"), ("2026-01-05 21:00", "c"),
                  ("2026-01-05 23:30", "c"))  # fmt: skip
    assert purchases(held, BERLIN)["day"].to_list() == [date(2026, 1, 5), date(2026, 1, 6)]


def test_what_is_taken_back_or_deleted_is_no_purchase() -> None:
    held = facts("orders", [
        {"ordered_at": at("2026-01-05"), "customer_id": "c"},
        {"ordered_at": at("2026-01-10"), "customer_id": "c", "quantity": -1},
        {"ordered_at": at("2026-01-11"), "customer_id": "c", "deleted_at": at("2026-02-01")},
        {"ordered_at": at("2026-01-12"), "customer_id": "d", "quantity": None},
    ])  # fmt: skip
    assert purchases(held, BERLIN).select("customer_id", "next_day").rows() == [("c", None), ("d", None)]


def test_it_is_open_until_90_whole_days_are_over_also_for_those_who_are_back_already() -> None:
    held = bought(("2026-01-05 10:00", "c"), ("2026-01-20 10:00", "c"))
    last = date(2026, 1, 5) + timedelta(days=WITHIN_DAYS)
    early, late = (value(again(held, through), "repeat_purchase_rate") for through in (last - timedelta(days=1), last))
    assert (early["n"], early["n_open"]) == (0, 2)
    assert (late["n"], late["n_open"], late["value"]) == (1, 1, 1.0)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400)), min_size=1, max_size=30))
def test_it_is_what_going_through_each_customers_days_gives(rows: list[tuple[int, int]]) -> None:
    orders = bought(*((str(date(2025, 1, 1) + timedelta(days=day)), f"c{who}") for who, day in rows))
    days = {who: sorted({day for other, day in rows if other == who}) for who, _ in rows}
    total = sum(b - a <= WITHIN_DAYS for of in days.values() for a, b in pairwise(of))
    entries = again(orders, date(2027, 1, 1))
    found = parts(entries, KPIS["repeat_purchase_rate"]).filter(pl.col("scope") == "{}")
    assert (found["n"].sum(), found["total"].sum()) == (sum(map(len, days.values())), total)
