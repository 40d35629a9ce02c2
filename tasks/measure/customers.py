"""Who is a customer when: spells, the level of active customers, churn per period."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import polars as pl

from domain.estimates import POINTS_SCHEMA, valued
from domain.kpis import KPIS
from domain.scopes import WHOLE, canonical
from domain.windows import FIRST_DAY, NEVER
from tasks.measure.entries import day_in, entry

DIMENSIONS = ("segment", "product", "source", "country")
ATTRIBUTES = ("end_reason", "is_voluntary")


def spells(subscriptions: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Stretches of time in which one customer had at least one contract.

    Args:
        subscriptions: one row per contract; overlapping or touching ones are one spell.
        zone: the reporting zone.

    Returns:
        One row per spell: customer_id, start, end (reporting-zone days; end: first day without;
        NEVER: runs on), dimensions and end reason of the last contract in it.
    """
    held = (
        subscriptions.filter(pl.col("deleted_at").is_null())
        .with_columns(
            start=day_in(zone, "started_at").fill_null(FIRST_DAY), end=day_in(zone, "ended_at").fill_null(NEVER)
        )
        .filter(pl.col("end") >= pl.col("start"))
        .sort("customer_id", "start", "end", "subscription_id")
        .with_columns(reach=pl.col("end").cum_max().over("customer_id"))
        .with_columns(before=pl.col("reach").shift(1).over("customer_id"))
        .with_columns(is_new=(pl.col("before").is_null() | (pl.col("start") > pl.col("before"))).cast(pl.Int64))
        .with_columns(spell=pl.col("is_new").cum_sum().over("customer_id"))
    )
    return (
        held.sort("customer_id", "end", "subscription_id")
        .group_by("customer_id", "spell", maintain_order=True)
        .agg(pl.col("start").min(), pl.col("end").max(), pl.col(*DIMENSIONS, *ATTRIBUTES).last())
        .drop("spell")
    )


def active(held: pl.DataFrame) -> pl.DataFrame:
    """Entries of the level of active customers: one more at the start, one less at the end."""
    start, end = pl.col("start"), pl.col("end")
    return pl.concat([
        held.select(*DIMENSIONS, *entry(booked=start, known=start, n_items=1, n=1)),
        held.filter(pl.col("end") < NEVER).select(*DIMENSIONS, *entry(booked=end, known=end, n_items=-1, n=-1)),
    ])  # fmt: skip


def churn(
    held: pl.DataFrame, kind: str, spans: Sequence[tuple[date, date]], scopes: Iterable[Mapping[str, str]] = ()
) -> pl.DataFrame:
    """Of the customers active when a period began, the share that left within it.

    Args:
        held: one row per spell.
        kind: the kind of the periods.
        spans: first day, and day after the last, of each period.
        scopes: further scopes beside the whole and each single member.

    Returns:
        POINTS_SCHEMA; a period that began with no customer has no row.
    """
    kpi = KPIS["churn_rate"]
    wanted = pl.DataFrame(list(spans), schema={"period_start": pl.Date(), "period_end": pl.Date()}, orient="row")
    views = [(held, pl.lit(WHOLE))]
    for dimension in kpi.dimensions:
        members = held.filter(pl.col(dimension).is_not_null())
        names = {member: canonical({dimension: member}) for member in members[dimension].unique().to_list()}
        if names:
            views.append((members, pl.col(dimension).replace_strict(names, return_dtype=pl.String)))
    views.extend(
        (held.filter(*(pl.col(name) == member for name, member in scope.items())), pl.lit(canonical(scope)))
        for scope in scopes
        if len(scope) > 1 and all(name in held.columns for name in scope)
    )
    counts = [_left(view.select(scope.alias("scope"), "start", "end"), wanted) for view, scope in views]
    totals = pl.concat(counts).with_columns(
        statistic=pl.lit("share"), n_open=pl.lit(0), n=pl.col("n").cast(pl.Int64),
        total=pl.col("total").cast(pl.Float64), total_sq=pl.col("total").cast(pl.Float64),
    )  # fmt: skip
    return (
        valued(totals)
        .with_columns(kpi=pl.lit(kpi.name), period=pl.lit(kind))
        .select(pl.col(name).cast(dtype) for name, dtype in POINTS_SCHEMA.items())
        .sort("scope", "period_start")
    )


def _left(held: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """(scope, period_start, period_end, n, total): active when the period began, and gone by its end."""
    level = (
        pl.concat([
            held.select("scope", day="start", change=pl.lit(1)),
            held.filter(pl.col("end") < NEVER).select("scope", day="end", change=pl.lit(-1)),
        ])
        .group_by("scope", "day")
        .agg(pl.col("change").sum())
        .sort("scope", "day")
        .with_columns(n=pl.col("change").cum_sum().over("scope"))
    )  # fmt: skip
    began = (
        held.select("scope")
        .unique()
        .join(wanted, how="cross")
        .sort("period_start")
        .join_asof(
            level.sort("day"), left_on="period_start", right_on="day", by="scope", allow_exact_matches=False,
            check_sortedness=False,
        )
        .filter(pl.col("n") > 0)
    )  # fmt: skip
    ended = held.group_by("scope", "start", "end").len().filter(pl.col("end") < NEVER)
    gone = (
        ended.select("end")
        .unique()
        .join_where(wanted, pl.col("end") >= pl.col("period_start"), pl.col("end") < pl.col("period_end"))
        .join(ended, on="end")
        .filter(pl.col("start") < pl.col("period_start"))
        .group_by("scope", "period_start", "period_end")
        .agg(total=pl.col("len").sum())
    )
    keys = ["scope", "period_start", "period_end"]
    return began.join(gone, on=keys, how="left").select(*keys, "n", pl.col("total").fill_null(0))
