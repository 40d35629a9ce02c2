"""Entries of what customers buy again."""

from datetime import date

import polars as pl

from tasks.measure.entries import day_in, entry

DIMENSIONS = ("segment", "persona", "source")
WITHIN_DAYS = 90


def is_purchase() -> pl.Expr:
    """Whether an order or line is one: not deleted, and nothing that was taken back (a quantity below 0)."""
    return pl.col("deleted_at").is_null() & (pl.col("quantity") >= 0).fill_null(value=True)


def purchases(orders: pl.DataFrame, zone: str) -> pl.DataFrame:
    """What one customer ordered on one day, however many orders and lines it took, as one purchase.

    Args:
        orders: one row per order or line: customer_id, ordered_at, quantity, deleted_at, dimensions.
        zone: reporting zone.

    Returns:
        One row per customer and day: customer_id, day, next_day (of the same customer's next purchase; null: none),
        dimensions of the last line. Lines that take something back (a quantity below 0) are no purchase.
    """
    bought = (
        orders.filter(is_purchase())
        .with_columns(day=day_in(zone, "ordered_at"))
        .sort("customer_id", "ordered_at", *DIMENSIONS)
        .group_by("customer_id", "day", maintain_order=True)
        .agg(pl.col(DIMENSIONS).last())
    )
    is_same = pl.col("customer_id") == pl.col("customer_id").shift(-1)
    return bought.with_columns(next_day=pl.when(is_same).then(pl.col("day").shift(-1)))


def volume(bought: pl.DataFrame) -> pl.DataFrame:
    """Purchases, as `purchases` gives them, booked and known on their day."""
    day = pl.col("day")
    return bought.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1, n=1, total=1))


def repeat_purchases(bought: pl.DataFrame, through: date) -> pl.DataFrame:
    """Whether the customer bought again within 90 days, booked on the day of the purchase; open until these are over.

    Args:
        bought: as `purchases` gives them.
        through: last day the orders are complete for.
    """
    day, over = pl.col("day"), pl.col("day") + pl.duration(days=WITHIN_DAYS)
    is_again = (pl.col("next_day") <= over).fill_null(value=False)
    return pl.concat([
        bought.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1)),
        bought.filter(over <= through).select(
            *DIMENSIONS, *entry(booked=day, known=over, n=1, total=is_again.cast(pl.Float64))
        ),
    ])  # fmt: skip
