from datetime import date, timedelta
from math import exp

import polars as pl
import pytest

from tasks.measure.customers.buying import buyers
from tests.factories import at, facts
from tests.unit.measure.customers.test_purchases import THROUGH, shop

Order = tuple[str, str, int | None, str | None]


def orders(*rows: Order) -> pl.DataFrame:
    return facts("orders", [
        {"customer_id": name, "ordered_at": at(day), "quantity": 1, "amount_minor": minor, "currency": currency}
        for name, day, minor, currency in rows
    ])  # fmt: skip


def many(*more: Order) -> pl.DataFrame:
    """A shop whose purchases fit a model, each of 1,000 cents; and some more."""
    every = shop().with_columns(amount_minor=pl.lit(1000, pl.Int64()), currency=pl.lit("EUR"))
    return pl.concat([every, orders(*more).select(every.columns)])


def test_the_plain_rule_is_three_usual_gaps() -> None:
    """Every ten days: quiet for 30 is not yet too long, 31 is."""
    days = {"a": ("2026-05-21", "2026-05-31"), "b": ("2026-05-20", "2026-05-30"), "c": ("2026-01-01",)}
    held: list[Order] = [(name, day, 100, "EUR") for name, bought in days.items() for day in bought]
    found = buyers(orders(*held), THROUGH, 90, "UTC")
    rows = {row["customer_id"]: row for row in found.customers.to_dicts()}
    assert "3 customers of whom 2 bought again" in found.why_not
    assert {name: (row["quiet_days"], row["gap_days"], row["is_quiet"]) for name, row in rows.items()} == {
        "a": (30, 10.0, False), "b": (31, 10.0, True), "c": (180, None, None),
    }  # fmt: skip
    assert [row["customer_id"] for row in found.customers.to_dicts()] == ["b", "a", "c"]
    assert exp(-3) == pytest.approx(0.05, abs=1e-3)


def test_what_they_would_bring_is_the_purchases_of_one_still_there_at_their_mean() -> None:
    found = buyers(many(), THROUGH, 91, "UTC").customers
    row = found.filter(pl.col("n_purchases") == 4).row(0, named=True)
    assert row["spent_minor"] == 4 * 1000
    assert row["stays_minor"] == pytest.approx(1000 * row["n_expected"] / row["alive_share"])
    assert row["at_stake_minor"] == round(row["stays_minor"] * (1 - row["alive_share"]))


def test_amounts_of_two_currencies_are_two_rows_and_never_added() -> None:
    days = [THROUGH - timedelta(days=200 + 10 * i) for i in range(4)]
    rows: list[Order] = [("both", str(day), 900, "USD" if i else "EUR") for i, day in enumerate(days)]
    seen = buyers(many(*rows), THROUGH, 90, "UTC")
    mine = {row["currency"]: row for row in seen.customers.filter(pl.col("customer_id") == "both").to_dicts()}
    assert {name: row["spent_minor"] for name, row in mine.items()} == {"EUR": 900, "USD": 2700}
    assert mine["USD"]["stays_minor"] == pytest.approx(3 * mine["EUR"]["stays_minor"])
    assert seen.customers["currency"].to_list()[-1] == "USD"
    assert seen.stakes["currency"].to_list() == ["EUR", "USD"]


def test_purchases_without_an_amount_are_not_taken_for_nothing() -> None:
    days = [date(2026, 1, 1) + timedelta(days=20 * i) for i in range(4)]
    known: list[Order] = [("half", str(day), None if i > 1 else 5000, "EUR") for i, day in enumerate(days)]
    none: list[Order] = [("none", str(day), None, None) for day in days]
    seen = buyers(many(*known, *none), THROUGH, 90, "UTC")
    rows = {row["customer_id"]: row for row in seen.customers.to_dicts()}
    half = rows["half"]
    assert half["stays_minor"] == pytest.approx(5000 * half["n_expected"] / half["alive_share"])
    assert (rows["none"]["currency"], rows["none"]["at_stake_minor"]) == (None, None)
    assert seen.stakes.to_dicts()[-1]["n"] == 1


def test_who_bought_once_has_nothing_at_stake_and_no_chance_told() -> None:
    once = buyers(many(), THROUGH, 90, "UTC").customers.filter(pl.col("n_purchases") == 1)
    assert once.height > 0
    for name in ("alive_share", "alive_low", "alive_high", "stays_minor", "at_stake_minor"):
        assert once[name].null_count() == once.height
    assert (once["n_expected"] > 0).all()
