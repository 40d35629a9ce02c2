from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from domain.errors import TooFewPointsError
from tasks.measure.customers.purchases import forecast, habits, histories, tried_before
from tests.factories import at

THROUGH = date(2026, 6, 30)


def bought(**days: list[str]) -> pl.DataFrame:
    rows = [(customer, at(day), None) for customer, instants in days.items() for day in instants]
    return orders(rows)


def orders(rows: list[tuple[str, object, object]]) -> pl.DataFrame:
    instant = pl.Datetime("us", "UTC")
    schema = {"customer_id": pl.String(), "ordered_at": instant, "deleted_at": instant}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(quantity=pl.lit(1, pl.Int64()))


def shop(n: int = 600, seed: int = 4) -> pl.DataFrame:
    """Customers of a shop: each buys at a pace of their own until they have had enough."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, object, object]] = []
    for i in range(n):
        day = float(rng.integers(0, 180))
        pace, enough = rng.gamma(1.0, 1 / 30), rng.beta(0.8, 2.4)
        while day < 545:
            rows.append((f"c{i:04}", at("2025-01-01") + timedelta(days=int(day), hours=12), None))
            if rng.random() < enough and len(rows) > 1 and rows[-2][0] == rows[-1][0]:
                break
            day += 1 + rng.exponential(1 / pace)
    return orders(rows)


def test_several_orders_on_one_day_are_one_purchase() -> None:
    found = histories(bought(a=["2026-06-02", "2026-06-02 18:00", "2026-06-16"], b=["2026-06-30"]), THROUGH, "UTC")
    assert found.select("customer_id", "x", "t_x_weeks", "t_weeks").rows() == [("a", 1, 2.0, 4.0), ("b", 0, 0.0, 0.0)]


def test_a_day_is_one_of_the_reporting_zone() -> None:
    late = bought(a=["2026-06-02 22:30", "2026-06-03 10:00"])
    assert histories(late, THROUGH, "UTC")["x"].to_list() == [1]
    assert histories(late, THROUGH, "Europe/Berlin")["x"].to_list() == [0]


def test_later_and_deleted_orders_are_not_known() -> None:
    every = bought(a=["2026-06-02", "2026-07-01"], b=["2026-07-02"])
    deleted = orders([("a", at("2026-06-10"), at("2026-06-11"))])
    assert histories(pl.concat([every, deleted]), THROUGH, "UTC").select("customer_id", "x").rows() == [("a", 0)]


def test_what_was_taken_back_is_no_purchase() -> None:
    every = bought(a=["2026-06-02", "2026-06-09"]).with_columns(quantity=pl.Series([1, -1]))
    assert histories(every, THROUGH, "UTC")["x"].to_list() == [0]


def test_too_few_customers_are_not_judged() -> None:
    with pytest.raises(TooFewPointsError, match="2 customers of whom 1 bought again; needed are 200 and 50"):
        habits(histories(bought(a=["2026-06-02", "2026-06-09"], b=["2026-06-30"]), THROUGH, "UTC"))


def test_a_shop_where_nobody_comes_back_is_not_judged() -> None:
    once = orders([(f"c{i}", at("2026-01-01") + timedelta(days=i % 90), None) for i in range(500)])
    with pytest.raises(TooFewPointsError, match="of whom 0 bought again"):
        habits(histories(once, THROUGH, "UTC"))


def test_purchases_by_the_calendar_are_told_to_fit_no_model() -> None:
    monthly = [(f"c{i}", at(f"2026-{month:02}-0{1 + i % 9}"), None) for i in range(300) for month in range(1, 7)]
    with pytest.raises(TooFewPointsError, match="fit no model of buying at a steady pace until leaving"):
        habits(histories(orders(monthly), THROUGH, "UTC"))


def test_every_customer_gets_a_standing_and_bounds_that_hold_the_figures() -> None:
    known = histories(shop(), THROUGH, "UTC")
    found = forecast(known, habits(known), 26)
    assert found["customer_id"].to_list() == known["customer_id"].to_list()
    assert set(found["standing"]) <= {"buys", "probably gone", "unsure", "bought once"}
    assert found.filter((pl.col("x") == 0) != (pl.col("standing") == "bought once")).is_empty()
    for share, low, high in (
        ("alive_share", "alive_low", "alive_high"),
        ("n_expected", "expected_low", "expected_high"),
    ):
        assert found.filter((pl.col(low) > pl.col(share)) | (pl.col(share) > pl.col(high))).is_empty()
    assert found.filter(pl.col("buys_share") > pl.col("alive_share")).is_empty()
    assert found.filter(pl.col("likely_low") > pl.col("n_expected").ceil()).is_empty()
    assert found.filter((pl.col("likely_high") == 0) != (pl.col("buys_share") <= 0.025)).is_empty()


def test_what_became_of_those_judged_before_is_near_what_was_foretold() -> None:
    every = shop(1000)
    tried = tried_before(every, THROUGH, 7 * 26, "UTC")
    shares = {row["standing"]: row for row in tried.to_dicts()}
    assert shares["probably gone"]["bought_share"] < 0.5 < shares["buys"]["bought_share"]
    assert shares["buys"]["low"] - 0.08 <= shares["buys"]["foretold_share"] <= shares["buys"]["high"] + 0.08
    assert tried["n"].sum() == histories(every, THROUGH - timedelta(weeks=26), "UTC").height


def test_the_order_of_orders_does_not_matter() -> None:
    every = shop()
    one, other = (habits(histories(frame, THROUGH, "UTC")) for frame in (every, every.reverse()))
    assert one == other
