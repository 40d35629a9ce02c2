import polars as pl
import pytest

from tasks.measure.customers.value import STAKE_SCHEMA, at_stake

COLUMNS = {"risk_share": pl.Float64(), "risk_low": pl.Float64(), "risk_high": pl.Float64(), "mrr_minor": pl.Int64(),
           "currency": pl.String()}  # fmt: skip


def customers(*rows: tuple[float | None, float | None, float | None, int | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=COLUMNS, orient="row")


def test_each_customers_revenue_counts_by_the_chance_that_it_leaves() -> None:
    found = at_stake(customers((0.5, 0.5, 0.5, 1000, "EUR"), (0.1, 0.1, 0.1, 2000, "EUR")), months=12).row(
        0, named=True
    )
    assert (found["n"], found["revenue_minor"], found["at_stake_minor"]) == (2, 36_000, 8_400)
    # 1.96 x sqrt(0.25 x 12000^2 + 0.09 x 24000^2) = 18 369, so within nothing and all
    assert (found["low_minor"], found["high_minor"]) == (0, 8_400 + 18_369)


def test_currencies_are_never_added() -> None:
    found = at_stake(customers((0.5, 0.4, 0.6, 1000, "USD"), (0.5, 0.4, 0.6, 1000, "EUR")), months=1)
    assert found.select("currency", "n", "at_stake_minor").rows() == [("EUR", 1, 500), ("USD", 1, 500)]


def test_unknown_risk_revenue_or_currency_is_counted_apart() -> None:
    rows = [(None, None, None, 1000, "EUR"), (0.5, 0.4, 0.6, None, "EUR"), (0.5, 0.4, 0.6, 1000, None)]
    found = at_stake(customers((0.2, 0.1, 0.3, 1000, "EUR"), *rows))
    assert found.select("currency", "n").rows() == [("EUR", 1), (None, 3)]
    assert found["at_stake_minor"][1] is None


def test_many_customers_leave_a_narrower_share_open_than_few() -> None:
    few, many = (at_stake(customers(*[(0.3, 0.3, 0.3, 1000, "EUR")] * n)).row(0, named=True) for n in (10, 1000))
    widths = [(row["high_minor"] - row["low_minor"]) / row["revenue_minor"] for row in (few, many)]
    assert widths[1] == pytest.approx(widths[0] / 10, rel=0.01)


def test_what_the_risks_leave_open_does_not_average_out() -> None:
    row = at_stake(customers(*[(0.3, 0.2, 0.45, 1000, "EUR")] * 10_000), months=1).row(0, named=True)
    assert row["low_minor"] < 2_000_000 + 5_000
    assert row["high_minor"] > 4_500_000 - 5_000


def test_nobody_is_no_stake() -> None:
    assert at_stake(customers()).schema == pl.Schema(STAKE_SCHEMA)
    assert at_stake(customers()).is_empty()
