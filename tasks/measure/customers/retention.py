"""How many customers stay how long: retention by cohort and by member, of those who are still here too."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from domain.scopes import WHOLE, canonical
from domain.survival import median_time, survival, survival_at
from domain.windows import FIRST_DAY

MARKS: tuple[int, ...] = (30, 91, 182, 365, 730, 1095)
"""The ages (days) at which retention is told: a month, three, six, one year, two, three."""
FEWEST = 50
"""Under so many customers they are listed, and no share is told; fewer watched at an age: no share there either."""
EVERY_COHORT = "all"
BY = ("scope", "cohort")
RETENTION_SCHEMA: dict[str, pl.DataType] = {
    "scope": pl.String(), "cohort": pl.String(), "age_days": pl.Int64(), "n": pl.Int64(), "n_at_risk": pl.Int64(),
    "from_days": pl.Int64(), "retained_share": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(),
    "is_too_few": pl.Boolean(),
}  # fmt: skip
LASTING_SCHEMA: dict[str, pl.DataType] = {
    "scope": pl.String(), "cohort": pl.String(), "n": pl.Int64(), "from_days": pl.Int64(),
    "median_days": pl.Int64(), "low_days": pl.Int64(), "high_days": pl.Int64(),
}  # fmt: skip


def lifetimes(held: pl.DataFrame, through: date, known_from: date | None = None) -> pl.DataFrame:
    """How old each customer was when first watched and when last seen.

    Args:
        held: one row per spell (`tasks.measure.customers.spells.spells`): customer_id, start, end (the first day
            without a contract) and dimensions. A customer counts with the first spell: whoever left and came back
            had left.
        through: the last complete day; whoever left later is still here.
        known_from: the first day on which somebody who left would be in the data. Who started before is met
            on the way that day, at the age they had; those who had left by then were never seen, and to count
            the others as watched from their start would flatter every figure. None: the data hold everybody.

    Returns:
        One row per customer who can be placed: the dimensions, customer_id, cohort (month of the start, "YYYY-MM"),
        entered, left (days since the start), has_ended. Who started on a day nobody knows (before the first day of
        the data) has no age and is left out, and so is who had not started by `through`.
    """
    seen_from, known = pl.col("start"), pl.lit(known_from, pl.Date)
    day_after = pl.lit(through, pl.Date) + pl.duration(days=1)
    return (
        held.filter(pl.col("start") > FIRST_DAY, pl.col("start") <= through)
        .sort("customer_id", "start", "end")
        .unique("customer_id", keep="first", maintain_order=True)
        .with_columns(
            cohort=pl.col("start").dt.strftime("%Y-%m"),
            entered=pl.max_horizontal(known, seen_from).sub(pl.col("start")).dt.total_days(),
            left=pl.min_horizontal(pl.col("end"), day_after).sub(pl.col("start")).dt.total_days(),
            has_ended=pl.col("end") <= through,
        )
        .drop("start", "end")
    )


def _spans(lives: pl.DataFrame, dimensions: Sequence[str]) -> pl.DataFrame:
    """One row per customer, scope and cohort it is in: the whole and each member, its own cohort and every one."""
    facts = ("entered", "left", "has_ended")
    views = [lives.select(*facts, "cohort", scope=pl.lit(WHOLE))]
    for dimension in dimensions:
        members = lives.filter(pl.col(dimension).is_not_null())
        names = {member: canonical({dimension: member}) for member in members[dimension].unique().to_list()}
        if names:
            scope = pl.col(dimension).replace_strict(names, return_dtype=pl.String)
            views.append(members.select(*facts, "cohort", scope=scope))
    own = pl.concat(views)
    return pl.concat([own, own.with_columns(cohort=pl.lit(EVERY_COHORT))])


def retention(lives: pl.DataFrame, dimensions: Sequence[str] = (), marks: Sequence[int] = MARKS) -> pl.DataFrame:
    """The share of customers still here at each age, with 95 % bounds.

    Args:
        lives: one row per customer, of `lifetimes`.
        dimensions: columns of it whose members are told apart beside the whole.
        marks: the ages (days) to tell it at.

    Returns:
        RETENTION_SCHEMA, one row per (scope, cohort, age_days), sorted; cohort "all" is everybody. n: customers;
        n_at_risk: those watched up to that age; from_days: where nobody could be watched younger, the share is of
        those who reached this age (null: no curve); retained_share, low, high: null where is_too_few (fewer than
        FEWEST watched up to there).

    Source:
        domain/survival.py.
    """
    if lives.is_empty():
        return pl.DataFrame(schema=RETENTION_SCHEMA)
    spans = _spans(lives, dimensions)
    read = survival_at(survival(spans, BY, least_at_risk=FEWEST), BY, marks)
    asked = pl.DataFrame({"time": sorted(marks)}, schema={"time": pl.Int64})
    every = spans.group_by(*BY).agg(n=pl.len()).join(asked, how="cross").join(read, on=[*BY, "time"], how="left")
    is_known = pl.col("survival").is_not_null() & (pl.col("n_at_risk") >= FEWEST)
    figures = {"retained_share": "survival", "low": "low", "high": "high"}
    return (
        every.select(
            *BY, "n", pl.col("n_at_risk").fill_null(0), age_days="time", from_days="from_time", is_too_few=~is_known,
            **{name: pl.when(is_known).then(pl.col(figure)) for name, figure in figures.items()},
        )
        .select(pl.col(name).cast(dtype) for name, dtype in RETENTION_SCHEMA.items())
        .sort(*BY, "age_days")
    )  # fmt: skip


def lasting(lives: pl.DataFrame, dimensions: Sequence[str] = ()) -> pl.DataFrame:
    """How long half of the customers stay, with 95 % bounds.

    Args:
        lives: one row per customer, of `lifetimes`.
        dimensions: columns of it whose members are told apart beside the whole.

    Returns:
        LASTING_SCHEMA, one row per (scope, cohort) with at least FEWEST watched at once, sorted; null: not reached yet.
    """
    if lives.is_empty():
        return pl.DataFrame(schema=LASTING_SCHEMA)
    half = median_time(survival(_spans(lives, dimensions), BY, least_at_risk=FEWEST), BY)
    return half.select(
        *BY, n="n_total", from_days="from_time", median_days="median", low_days="median_low", high_days="median_high"
    ).select(pl.col(name).cast(dtype) for name, dtype in LASTING_SCHEMA.items()).sort(*BY)  # fmt: skip


def few(lives: pl.DataFrame) -> pl.DataFrame:
    """The customers of cohorts too small for a share: who started, and who has left.

    Returns:
        One row per customer of a cohort with fewer than FEWEST: cohort, customer_id, left (days since the start until
        the end or the last day), has_ended; sorted.
    """
    return lives.filter(pl.len().over("cohort") < FEWEST).select("cohort", "customer_id", "left", "has_ended").sort(
        "cohort", "customer_id"
    )  # fmt: skip
