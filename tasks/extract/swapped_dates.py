"""A date and its day-month swap in one group of rows: which of the two days it was."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Settled:
    """Dates settled.

    Attributes:
        days: one per row; null where the rule has nothing to say (the declared formats then read it).
        n_groups: groups that carried two dates which are each other's swap.
    """

    days: pl.Series
    n_groups: int


def settle_swapped(texts: pl.Series, within: pl.Series, order: pl.Series, among: pl.Series | None) -> Settled:
    """The day of every row whose group carries a date and its day-month swap.

    The rule: two readings of a date are possible, day first and month first. If a row of the group can
    be read in one way only, that is the day. Otherwise both days are possible, and it is the one nearer
    to the certain days of the neighbours: the closest groups before and after in `order`, of the same
    `among`, with a day that can be read in one way only (sum of both distances; a tie: the earlier day).

    Args:
        texts: dates as `d/m/Y` or `m/d/Y`; any of `/ . -` between.
        within: the group of each row.
        order: a number in whose order the groups came about.
        among: neighbours are looked for within the same value; None: among all.

    Returns:
        Days for the rows of such groups, null for all others.
    """
    bare = texts.cast(pl.String).str.replace_all(r"[.\-]", "/")
    rows = pl.DataFrame(
        {
            "group": within.cast(pl.String),
            "order": order.cast(pl.Float64, strict=False),
            "among": pl.repeat("", len(texts), eager=True) if among is None else among.cast(pl.String).fill_null(""),
            "first": bare.str.strptime(pl.Date, "%d/%m/%Y", strict=False),
            "second": bare.str.strptime(pl.Date, "%m/%d/%Y", strict=False),
        }
    )
    one_way = pl.when(pl.col("first").is_null() | pl.col("second").is_null() | (pl.col("first") == pl.col("second")))
    rows = rows.with_columns(certain=one_way.then(pl.coalesce("first", "second")))
    groups = (
        rows.filter(pl.col("group").is_not_null())
        .group_by("group", maintain_order=True)
        .agg(
            pl.col("order", "among").first(),
            certain=pl.col("certain").min(),
            n_certain=pl.col("certain").drop_nulls().n_unique(),
            readings=pl.concat([pl.col("first"), pl.col("second")]).drop_nulls().unique().sort(),
            n_texts=pl.struct("first", "second").n_unique(),
        )
    )
    return _settled(rows, groups)


def _settled(rows: pl.DataFrame, groups: pl.DataFrame) -> Settled:
    """Groups with two writings and at most two possible days between them are swaps."""
    known = (
        groups.filter(pl.col("n_certain") == 1, pl.col("order").is_not_null())
        .select("among", "order", day="certain")
        .sort("order")
    )
    swapped = groups.filter(pl.col("n_texts") == 2, pl.col("readings").list.len() <= 2, pl.col("n_certain") <= 1)
    near = (
        swapped.sort("order")
        .join_asof(known, on="order", by="among", strategy="backward", check_sortedness=False)
        .join_asof(known, on="order", by="among", strategy="forward", suffix="_after", check_sortedness=False)
        .with_columns(early=pl.col("readings").list.first(), late=pl.col("readings").list.last())
        .with_columns(early_off=_distance("early"), late_off=_distance("late"))
    )
    chosen = near.select(
        "group",
        day=pl.coalesce("certain", pl.when(pl.col("early_off") <= pl.col("late_off")).then("early").otherwise("late")),
    )
    days = rows.join(chosen, on="group", how="left", maintain_order="left")["day"]
    return Settled(days, chosen.height)


def _distance(day: str) -> pl.Expr:
    """Days from the neighbours' certain days, before and after; one that is missing adds none."""
    off = [(pl.col(day) - pl.col(neighbour)).dt.total_days().abs().fill_null(0) for neighbour in ("day", "day_after")]
    return pl.sum_horizontal(off)
