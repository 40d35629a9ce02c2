"""Repeat purchases on CDNOW: the published fit, and what it foretells of the weeks it has not seen."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.quality.tables import Table
from domain.bgnbd import Bgnbd, expected_new
from tasks.measure.customers.purchases import forecast, habits, histories, tried_before

SAMPLE = Path(__file__).with_name("cdnow_sample.txt")
"""Customers of the published tenth, by their number in the whole file (Fader and Hardie, CDNOW_sample)."""
FIRST, SPLIT, LAST = date(1997, 1, 1), date(1997, 9, 30), date(1998, 6, 30)
WEEKS = 39
PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "log-likelihood": -9582.4}


def orders(folder: Path) -> pl.DataFrame:
    """Every purchase: customer_id, ordered_at, quantity, deleted_at."""
    lines = (folder / "cdnow" / "CDNOW_master.txt").read_text(encoding="ascii").splitlines()[1:]
    rows = [line.split()[:3] for line in lines if line.strip()]
    frame = pl.DataFrame(rows, schema=["customer_id", "on", "pieces"], orient="row")
    instant = pl.col("on").str.to_datetime("%Y%m%d", time_unit="us", time_zone="UTC")
    return frame.select(
        "customer_id", ordered_at=instant, quantity=pl.col("pieces").cast(pl.Int64),
        deleted_at=pl.lit(None, pl.Datetime("us", "UTC")),
    )  # fmt: skip


def published_tenth(every: pl.DataFrame) -> pl.DataFrame:
    """The orders of the customers in the published sample."""
    return every.filter(pl.col("customer_id").is_in(SAMPLE.read_text(encoding="ascii").split()))


def bought_later(every: pl.DataFrame) -> pl.DataFrame:
    """Days with a purchase within the weeks held out, per customer: customer_id, actual."""
    day = pl.col("ordered_at").dt.date()
    later = every.filter(day > SPLIT, day <= LAST).select("customer_id", day=day).unique()
    return later.group_by("customer_id").agg(actual=pl.len())


def held_out(every: pl.DataFrame, model: Bgnbd) -> pl.DataFrame:
    """One row per customer: what was foretold, what the same rate as before gives, what came."""
    bought = histories(every, SPLIT, "UTC")
    return (
        forecast(bought, model, WEEKS)
        .join(bought_later(every), on="customer_id", how="left")
        .with_columns(pl.col("actual").fill_null(0), naive=pl.col("x") / pl.col("t_weeks") * WEEKS)
    )


def weekly(every: pl.DataFrame, model: Bgnbd) -> pl.DataFrame:
    """One row per week of 78: repeat purchases that came, and those foretold from the first weeks."""
    days = every.select("customer_id", day=pl.col("ordered_at").dt.date()).unique()
    first = days.group_by("customer_id").agg(first=pl.col("day").min())
    week = (pl.col("day") - FIRST).dt.total_days() // 7
    repeats = days.join(first, on="customer_id").filter(pl.col("day") > pl.col("first"))
    came = repeats.group_by(week.cast(pl.Int64).alias("week")).agg(actual=pl.len())
    starts = first.group_by("first").len()
    ends = [FIRST + timedelta(days=7 * (number + 1)) for number in range(2 * WEEKS)]
    total = np.zeros(2 * WEEKS)
    for start, n in starts.iter_rows():
        ahead = np.array([max(0.0, ((end - start).days - 1) / 7) for end in ends])
        total += n * expected_new(model.point, ahead)
    foretold = pl.DataFrame({"week": np.arange(2 * WEEKS), "foretold": np.diff(total, prepend=0.0)})
    return foretold.join(came, on="week", how="left").with_columns(pl.col("actual").fill_null(0)).sort("week")


def fit_table(models: dict[str, Bgnbd]) -> Table:
    """Parameters as published and as found."""
    rows = [("published, the tenth", 2357, *PUBLISHED.values())]
    rows += [
        (name, model.n, round(model.r, 3), round(model.alpha, 3), round(model.a, 3), round(model.b, 3),
         round(model.log_likelihood, 1))
        for name, model in models.items()
    ]  # fmt: skip
    return Table("Fit on the first 39 weeks", ("fit", "customers", *PUBLISHED), rows)


def customer_table(found: pl.DataFrame, name: str) -> Table:
    """Error per customer, and of the sum, beside the naive rule and beside nothing at all."""
    actual = pl.col("actual")
    guesses = {"BG/NBD": pl.col("n_expected"), "same rate as before": pl.col("naive"), "nobody comes back": pl.lit(0.0)}
    rows: list[tuple[object, ...]] = []
    for guess, value in guesses.items():
        row = found.select(
            mae=(value - actual).abs().mean(), rmse=((value - actual) ** 2).mean().sqrt(), total=value.sum(),
            off=value.sum() / actual.sum() - 1,
        ).row(0)  # fmt: skip
        rows.append((guess, round(row[0], 3), round(row[1], 3), round(row[2]), f"{100 * row[3]:+.1f} %"))
    title = (
        f"Purchases in the 39 weeks held out, {name}: {found.height:,} customers, {found['actual'].sum():,} purchases"
    )
    return Table(title, ("rule", "MAE", "RMSE", "sum foretold", "off by"), rows)


def tracking_table(tracked: dict[str, pl.DataFrame]) -> Table:
    """How far each week, and the running sum, was off."""
    rows: list[tuple[object, ...]] = []
    for name, weeks in tracked.items():
        for label, part in (("seen", weeks[:WEEKS]), ("held out", weeks[WEEKS:])):
            gap = part["foretold"] - part["actual"]
            off = float(gap.abs().sum()) / float(part["actual"].sum())
            rows.append((name, label, part["actual"].sum(), round(float(part["foretold"].sum())), f"{100 * off:.1f} %"))
        cumulative = (weeks["foretold"].cum_sum() / weeks["actual"].cum_sum() - 1)[-1]
        rows.append((name, "all 78 weeks", weeks["actual"].sum(), round(float(weeks["foretold"].sum())),
                     f"{100 * cumulative:+.1f} % at the end"))  # fmt: skip
    columns = ("customers", "weeks", "repeat purchases", "foretold", "off, of a week's purchases")
    return Table("Repeat purchases week by week", columns, rows)


def standing_table(every: pl.DataFrame, name: str) -> Table:
    """What became of the customers of each standing."""
    rows = [
        (standing, n, f"{100 * foretold:.1f} %", f"{100 * share:.1f} %", f"{100 * low:.1f}–{100 * high:.1f} %")
        for standing, n, foretold, share, low, high in tried_before(every, LAST, 7 * WEEKS, "UTC").iter_rows()
    ]
    columns = ("standing", "customers", "foretold to buy", "bought", "interval")
    return Table(f"Who bought in the 39 weeks held out, {name}", columns, rows)


def tables(folder: Path) -> list[Table]:
    """Every table of this part."""
    every = orders(folder)
    parts = {"the tenth": published_tenth(every), "all": every}
    models = {name: habits(histories(part, SPLIT, "UTC")) for name, part in parts.items()}
    found = {name: held_out(part, models[name]) for name, part in parts.items()}
    return [
        fit_table({f"ours, {name}": model for name, model in models.items()}),
        *(customer_table(frame, name) for name, frame in found.items()),
        tracking_table({name: weekly(part, models[name]) for name, part in parts.items()}),
        *(standing_table(part, name) for name, part in parts.items()),
    ]
