"""How often customers buy: purchases of each one in 90 days, per period from orders: buyers of days do not add up."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from domain.estimates import POINTS_SCHEMA, valued
from domain.kpis import KPIS
from domain.scopes import WHOLE, canonical
from domain.windows import periods
from tasks.measure.customers.leaving import KINDS
from tasks.measure.customers.spells import when_begun, written_out

FREQUENCY = "purchase_frequency"
WITHIN_DAYS = 90
_SUMS = ("n", "total", "total_sq")
_TURNS = {"scope": pl.String, "day": pl.Date, **dict.fromkeys(_SUMS, pl.Int64)}


def turns(bought: pl.DataFrame, scopes: Sequence[Mapping[str, str]] = ()) -> pl.DataFrame:
    """Days on which the customers who have bought within 90 days change; those of different customers add up.

    Args:
        bought: as `tasks.measure.customers.orders.purchases` gives them: one row per customer and day.
        scopes: further scopes beside the whole and each single member.

    Returns:
        One row per scope and day: scope, day, and how many more (or fewer) they are from then on (n), with how many
        purchases (total), and the sum of the squares of each one's (total_sq).
    """
    return pl.concat([pl.DataFrame(schema=_TURNS), *(_turns(view) for view in _views(bought, scopes))])


def turns_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The turns of different customers as one."""
    return pl.concat(parts).group_by("scope", "day").agg(pl.col(_SUMS).sum())


def purchase_frequency(changes: pl.DataFrame, through: date) -> Iterator[pl.DataFrame]:
    """Purchases per customer who bought within the 90 days that end with a period, for every complete period.

    Args:
        changes: of `turns`.
        through: last complete day of the orders.

    Yields:
        A frame (POINTS_SCHEMA) per kind of period; n: customers, total: purchases, total_sq: sum of the squares of
        each one's. The interval is Student's t over customers: each is a cluster of purchases. None of periods that
        end before 90 days of orders are known.
    """
    first = changes["day"].min()
    if not isinstance(first, date):
        return
    level = changes.sort("scope", "day").with_columns(pl.col(_SUMS).cum_sum().over("scope"))
    whole = first + timedelta(days=WITHIN_DAYS - 1)
    for kind in KINDS:
        spans = [span for span in periods(kind, first, through + timedelta(days=1)) if span[1] > whole]
        if spans:
            yield _points(level, kind, spans)


def _views(bought: pl.DataFrame, scopes: Sequence[Mapping[str, str]]) -> Iterator[pl.DataFrame]:
    """One row per purchase and scope it is in."""
    yield bought.select("customer_id", "day", scope=pl.lit(WHOLE))
    for dimension in KPIS[FREQUENCY].dimensions:
        members = bought.filter(pl.col(dimension).is_not_null())
        names = {member: canonical({dimension: member}) for member in members[dimension].unique().to_list()}
        if names:
            scope = pl.col(dimension).replace_strict(names, return_dtype=pl.String)
            yield members.select("customer_id", "day", scope=scope)
    for members in scopes:
        if len(members) > 1 and all(name in bought.columns for name in members):
            held = bought.filter(*(pl.col(name) == member for name, member in members.items()))
            yield held.select("customer_id", "day", scope=pl.lit(canonical(members)))


def _turns(held: pl.DataFrame) -> pl.DataFrame:
    """How many customers more have bought within 90 days, how often, and the squares, by the day of the change."""
    after = pl.col("after")
    before = after - pl.col("change")
    return (
        pl.concat([
            held.with_columns(change=pl.lit(1, pl.Int64)),
            held.with_columns(day=pl.col("day") + pl.duration(days=WITHIN_DAYS), change=pl.lit(-1, pl.Int64)),
        ])
        .group_by("scope", "customer_id", "day")
        .agg(pl.col("change").sum())
        .sort("scope", "customer_id", "day")
        .with_columns(after=pl.col("change").cum_sum().over("scope", "customer_id"))
        .group_by("scope", "day")
        .agg(
            n=((after > 0).cast(pl.Int64) - (before > 0).cast(pl.Int64)).sum(),
            total=pl.col("change").sum(), total_sq=(after**2 - before**2).sum(),
        )
        .select(pl.col(name).cast(kind) for name, kind in _TURNS.items())
    )  # fmt: skip


def _points(level: pl.DataFrame, kind: str, spans: Sequence[tuple[date, date]]) -> pl.DataFrame:
    wanted = pl.DataFrame(list(spans), schema={"period_start": pl.Date(), "period_end": pl.Date()}, orient="row")
    # what stood when the day after began is what stood when the period ended
    ends = wanted.select(starts="period_start", period_start="period_end")
    held = when_begun(level, ends).select(
        "scope", "n", "total", "total_sq", period_start="starts", period_end="period_start"
    )
    made = held.sort("scope", "period_start").with_columns(
        pl.col("total", "total_sq").cast(pl.Float64), kpi=pl.lit(FREQUENCY), period=pl.lit(kind),
        statistic=pl.lit(KPIS[FREQUENCY].statistic), n_open=pl.lit(0, pl.Int64),
    )  # fmt: skip
    return valued(written_out(made)).select(pl.col(name).cast(dtype) for name, dtype in POINTS_SCHEMA.items())
