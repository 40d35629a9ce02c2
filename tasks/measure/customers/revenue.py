"""What customers who leave, shrink or grow do to the revenue of those who were there when a period began."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

import polars as pl

from domain.estimates import POINTS_SCHEMA
from domain.intervals import t95, wilson
from domain.scopes import WHOLE, canonical
from domain.windows import FIRST_DAY, NEVER
from tasks.measure.customers.retention import FEWEST
from tasks.measure.customers.spells import when_begun, written_out
from tasks.measure.entries import day_in

DIMENSIONS = ("segment", "persona", "product", "source")
MOST_CHANGES = 4_000_000
"""Changes of revenue that are counted at once, each once for every period that it lies in: about 0.5 GB."""
_SPAN = ["scope", "period_start", "period_end"]
_MOVED = ("lost", "lost_sq", "lost_x", "gained", "gained_sq", "gained_x")
_SUMS = ("x", "xx", *_MOVED)
_TOTALS = {
    "scope": pl.String, "period_start": pl.Date, "period_end": pl.Date, "n": pl.Int64,
    **dict.fromkeys(_SUMS, pl.Int128),
}  # fmt: skip
"""Squares of revenue in whole numbers: as fractions their sums would change with the order in which they are added."""


def paid(subscriptions: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Contracts whose revenue is known.

    Returns:
        One row per contract: customer_id, start, end (reporting-zone days; end: first day without; NEVER: runs on),
        mrr (minor units a month), currency, dimensions. Contracts without revenue, or of none, are left out.
    """
    return (
        subscriptions.filter(pl.col("deleted_at").is_null(), pl.col("mrr_minor") > 0)
        .with_columns(
            start=day_in(zone, "started_at").fill_null(FIRST_DAY), end=day_in(zone, "ended_at").fill_null(NEVER),
            mrr=pl.col("mrr_minor").cast(pl.Int128), currency=pl.col("currency").fill_null("unknown"),
        )
        .filter(pl.col("end") > pl.col("start"))
        .select("customer_id", "start", "end", "mrr", "currency", *DIMENSIONS)
    )  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """When what customers pay changed, in each scope: made once, and counted for every kind of period.

    Attributes:
        scopes: in order; their place is their number.
        n_customers: `who` of a change is the scope's number times this plus the customer's.
        rows: one row per `who` and day on which it pays another sum: who, day, change, before, after; in order.
        level: one row per scope (number) and such a day: n customers, their sum x and sum of squares xx from then on.
    """

    scopes: pl.Series
    n_customers: int
    rows: pl.DataFrame
    level: pl.DataFrame


def changes_of(
    contracts: pl.DataFrame, scopes: Sequence[Mapping[str, str]] = (), *, is_one: bool = True
) -> Changes | None:
    """When what customers pay changed.

    Scopes and customers are numbered first: numbers sort and add up several times as fast as texts.

    Args:
        contracts: one row per contract, of `paid`.
        scopes: further scopes beside the whole and each single member.
        is_one: whether all contracts, of other customers too, are in one currency.

    Returns:
        None: there are no contracts.
    """
    views = _views(contracts, scopes, is_one=is_one)
    if not views:
        return None
    held = pl.concat(views)
    names, n_customers = held["scope"].unique().sort(), held["customer_id"].n_unique()
    scope = pl.col("scope").cast(pl.Enum(names)).to_physical().cast(pl.Int64)
    customer = pl.col("customer_id").rank("dense").cast(pl.Int64) - 1
    numbered = held.select("start", "end", "mrr", who=scope * n_customers + customer)
    rows = (
        pl.concat([
            numbered.select("who", day="start", change="mrr"),
            numbered.filter(pl.col("end") < NEVER).select("who", day="end", change=0 - pl.col("mrr")),
        ])
        .group_by("who", "day")
        .agg(pl.col("change").sum())
        .filter(pl.col("change") != 0)  # a contract that follows another at the same price changes nothing
        .sort("who", "day")
        .with_columns(after=pl.col("change").cum_sum().over("who"))
        .with_columns(before=pl.col("after") - pl.col("change"))
    )  # fmt: skip
    before, after = pl.col("before"), pl.col("after")
    level = (
        rows.group_by("day", scope=pl.col("who") // n_customers)
        .agg(
            n=((after > 0).cast(pl.Int64) - (before > 0).cast(pl.Int64)).sum(),
            x=pl.col("change").sum(), xx=(after * after - before * before).sum(),
        )
        .sort("scope", "day")
        .with_columns(pl.col("n", "x", "xx").cum_sum().over("scope"))
    )  # fmt: skip
    return Changes(names, n_customers, rows, level)


def totals(changes: Changes | None, spans: Sequence[tuple[date, date]]) -> pl.DataFrame:
    """Sums over the customers of each scope and period, so that those of different customers add up.

    Returns:
        One row per scope and period that began with anybody: scope, period_start, period_end, n customers, their
        revenue x and its squares xx when it began, and of those who changed what was lost and gained.
    """
    wanted = pl.DataFrame(list(spans), schema={"period_start": pl.Date(), "period_end": pl.Date()}, orient="row")
    if changes is None or wanted.is_empty():
        return pl.DataFrame(schema=_TOTALS)
    return _totals(changes, wanted)


def totals_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The sums of different customers as one."""
    return pl.concat(parts).group_by(_SPAN).agg(pl.exclude(_SPAN).sum())


def revenue(gross: pl.DataFrame, kind: str, net: pl.DataFrame) -> pl.DataFrame:
    """`revenue_churn_rate` and `net_revenue_retention` of every scope and period.

    Of the customers who paid something on the day before a period: the recurring revenue they had then, and what they
    had on its last day. What they lost (left or shrank) over it is the gross churn; what they had at the end over it,
    growth and all, is the net retention. Customers who come within the period are in neither.

    Args:
        gross: of `totals`.
        kind: the kind of the periods.
        net: the same without pauses: what is paused is not lost, and not paid.

    Returns:
        POINTS_SCHEMA; n: customers, total: revenue lost (gross) or left (net), total_sq: revenue when the period began,
        both in minor units. Under FEWEST customers there is no value. Money of several currencies is never added up:
        then each currency has its own scope, and there is no other.

    Source:
        bounds: the ratio's variance over customers (Cochran 1977, 6.4), gross by Wilson with the number of customers
        that has this variance (Kish's where nothing was lost), net by Student's t with two more customers, one who
        leaves and one who doubles, as Agresti and Caffo (2000) add one success and one failure to a share.
    """
    enough = pl.col("n") >= FEWEST
    begun, left = (written_out(each.sort(_SPAN)).with_columns(pl.col(_SUMS).cast(pl.Float64)) for each in (gross, net))
    both = pl.concat([_gross(begun), _net(left)])
    return (
        both.with_columns(pl.when(enough).then(name).alias(name) for name in ("value", "low", "high"))
        .with_columns(
            period=pl.lit(kind), n_open=pl.lit(0), total_sq=pl.col("x"),
            bound_low=pl.lit(None, pl.Float64), bound_high=pl.lit(None, pl.Float64),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in POINTS_SCHEMA.items())
        .sort("kpi", "scope", "period_start")
    )  # fmt: skip


def _views(contracts: pl.DataFrame, scopes: Iterable[Mapping[str, str]], *, is_one: bool) -> list[pl.DataFrame]:
    """One row per contract and scope it is in."""
    facts = ("customer_id", "start", "end", "mrr")
    found = [contracts.select(*facts, scope=pl.lit(WHOLE))] if is_one else []
    for dimension in DIMENSIONS if is_one else ("currency",):
        members = contracts.filter(pl.col(dimension).is_not_null())
        names = {member: canonical({dimension: member}) for member in members[dimension].unique().to_list()}
        if names:
            scope = pl.col(dimension).replace_strict(names, return_dtype=pl.String)
            found.append(members.select(*facts, scope=scope))
    for members in scopes:
        if is_one and len(members) > 1 and all(name in contracts.columns for name in members):
            held = contracts.filter(*(pl.col(name) == member for name, member in members.items()))
            found.append(held.select(*facts, scope=pl.lit(canonical(members))))
    return [view for view in found if not view.is_empty()]


def _totals(changes: Changes, wanted: pl.DataFrame) -> pl.DataFrame:
    """Sums over the customers of each scope and period: n, x and xx of all, and those of customers who changed."""
    began = when_begun(changes.level, wanted)
    moved = pl.concat([_moved(block, wanted, changes.n_customers) for block in _blocks(changes.rows, wanted)])
    sums = moved.group_by(_SPAN).agg(pl.col(_MOVED).sum())
    found = began.join(sums, on=_SPAN, how="left").with_columns(pl.col(_MOVED).fill_null(0))
    return found.with_columns(scope=pl.lit(changes.scopes).gather("scope")).select(
        pl.col(name).cast(kind) for name, kind in _TOTALS.items()
    )


def _blocks(changes: pl.DataFrame, wanted: pl.DataFrame) -> list[pl.DataFrame]:
    """Changes of some customers each: in periods that overlap, a change lies in many."""
    first, last = wanted["period_start"].min(), wanted["period_end"].max()
    n_days = (pl.col("period_end") - pl.col("period_start")).dt.total_days().sum()
    deep = wanted.select(n_days / (pl.lit(last) - pl.lit(first)).dt.total_days()).item()
    n_blocks = ceil(changes.height * deep / MOST_CHANGES)
    return [changes.filter(pl.col("who") % n_blocks == i) for i in range(n_blocks)] if n_blocks > 1 else [changes]


def _moved(changes: pl.DataFrame, wanted: pl.DataFrame, n_customers: int) -> pl.DataFrame:
    """Sums over the customers who changed within each period, of those who had paid when it began."""
    before, after = pl.col("before"), pl.col("after")
    lost, gained = (before - after).clip(lower_bound=0), after - before
    spans = wanted.sort("period_start").with_row_index("span").with_columns(pl.col("span").cast(pl.Int64))
    # periods of one kind end in the order in which they start: those that hold a day are neighbours
    first, end = (
        pl.lit(spans[name]).search_sorted(pl.col("day"), side="right").cast(pl.Int64)
        for name in ("period_end", "period_start")
    )
    both = pl.col("who") * spans.height + pl.col("span")
    return (
        changes.lazy()
        .with_columns(span=pl.int_ranges(first, end))
        .explode("span")
        .filter(pl.col("span").is_not_null())
        .select("before", "after", "span", "day", both=both, scope=pl.col("who") // n_customers)
        .sort("both", "day")
        .group_by("both", maintain_order=True)
        .agg(before.first(), after.last(), pl.col("span", "scope").first())
        .filter(before > 0)
        .group_by("span", "scope")
        .agg(
            lost=lost.sum(), lost_sq=(lost * lost).sum(), lost_x=(lost * before).sum(),
            gained=gained.sum(), gained_sq=(gained * gained).sum(), gained_x=(gained * before).sum(),
        )
        .join(spans.lazy(), on="span")
        .select(*_SPAN, *_MOVED)
        .collect(engine="in-memory")
    )  # fmt: skip


def _variance(of: str) -> pl.Expr:
    """Of the ratio of a sum to the revenue when the period began, over customers."""
    ratio, n = pl.col(of) / pl.col("x"), pl.col("n").cast(pl.Float64)
    squares = pl.col(f"{of}_sq") - 2 * ratio * pl.col(f"{of}_x") + ratio**2 * pl.col("xx")
    return pl.when(n > 1).then(n / (n - 1) * squares.clip(lower_bound=0) / pl.col("x") ** 2)


def _gross(totals: pl.DataFrame) -> pl.DataFrame:
    share, variance = (pl.col("lost") / pl.col("x")).clip(0, 1), _variance("lost")
    alike = pl.col("x") ** 2 / pl.col("xx")
    size = pl.when((variance > 0) & (share < 1)).then(share * (1 - share) / variance).otherwise(alike)
    sized = totals.with_columns(value=share, size=size)
    low, high = wilson(pl.col("value") * pl.col("size"), pl.col("size"))
    return sized.with_columns(kpi=pl.lit("revenue_churn_rate"), total=pl.col("lost"), low=low, high=high).select(
        *_FIGURES
    )


def _net(totals: pl.DataFrame) -> pl.DataFrame:
    left = pl.col("x") + pl.col("gained")
    # who leaves is rare: where nobody did, nothing scatters, and yet the next one may
    two_more = 2 * (pl.col("xx") / pl.col("x") ** 2) ** 2
    half = t95(pl.col("n").cast(pl.Float64) - 1) * (_variance("gained") + two_more).sqrt()
    value = left / pl.col("x")
    return totals.with_columns(
        kpi=pl.lit("net_revenue_retention"), total=left, value=value, low=(value - half).clip(0), high=value + half
    ).select(*_FIGURES)


_FIGURES = ("kpi", *_SPAN, "n", "x", "total", "value", "low", "high")
