"""Customers one by one, where they are too few for a rate: who left, whose term ended, whose revenue changed."""

from collections.abc import Sequence
from datetime import date

import polars as pl

Spans = Sequence[tuple[date, date]]


def who_left(stays: pl.DataFrame, spans: Spans) -> pl.DataFrame:
    """Those who were there when a period began, and left within it.

    Args:
        stays: one row per stint, of `tasks.measure.customers.spells.stints`, and what is to be told of them.
        spans: first day, and day after the last, of each period.

    Returns:
        One row per customer and period, by period and day: the stint's columns, and period_start.
    """
    start = pl.col("period_start")
    found = stays.join_where(_frame(spans), pl.col("gone") >= start, pl.col("gone") < pl.col("period_end"))
    return found.filter(pl.col("start") < start, pl.col("end") >= start).sort("period_start", "gone", "customer_id")


def who_was_due(asked: pl.DataFrame, through: date, spans: Spans) -> pl.DataFrame:
    """Those whose term ended within a period, and whether they went on.

    Args:
        asked: one row per customer and day, of `tasks.measure.customers.spells.terms_ended`.
        through: last day the contracts are complete for.
        spans: as above.

    Returns:
        One row per customer, day and period, by period and day: customer_id, due_on, is_renewed (null: not known yet),
        period_start.
    """
    day = pl.col("day")
    found = asked.join_where(_frame(spans), day >= pl.col("period_start"), day < pl.col("period_end"))
    is_known = pl.col("known") <= through
    return found.select(
        "customer_id", "period_start", due_on="day", is_renewed=pl.when(is_known).then("is_renewed")
    ).sort("period_start", "due_on", "customer_id")  # fmt: skip


def whose_revenue_changed(contracts: pl.DataFrame, spans: Spans) -> pl.DataFrame:
    """Those who paid something on the day before a period, and another sum on its last day.

    Args:
        contracts: one row per contract, of `tasks.measure.customers.revenue.paid`.
        spans: as above.

    Returns:
        One row per customer, currency and period, by period and customer: customer_id, before_minor, after_minor (minor
        units a month), currency, period_start.
    """
    start, end, mrr = pl.col("start"), pl.col("end"), pl.col("mrr")
    is_first = (start < pl.col("period_start")) & (end >= pl.col("period_start"))
    is_last = (start < pl.col("period_end")) & (end >= pl.col("period_end"))
    by = ("customer_id", "currency", "period_start")
    paid = contracts.join(_frame(spans), how="cross").group_by(by).agg(
        before_minor=mrr.filter(is_first).sum().cast(pl.Int64), after_minor=mrr.filter(is_last).sum().cast(pl.Int64)
    )  # fmt: skip
    has_changed = pl.col("before_minor") != pl.col("after_minor")
    return paid.filter(pl.col("before_minor") > 0, has_changed).sort("period_start", "customer_id", "currency")


def _frame(spans: Spans) -> pl.DataFrame:
    return pl.DataFrame(list(spans), schema={"period_start": pl.Date(), "period_end": pl.Date()}, orient="row")
