"""Durations as log histograms that add exactly: quantiles within 1 % of the true value.

Source: DDSketch (Masson, Rim and Lee 2019), with a fixed relative accuracy and no collapsing.
"""

from math import log

import numpy as np
import polars as pl

from domain.intervals import quantile_ranks
from domain.kpis import KPIS
from domain.sums import Ints, added_up

GAMMA = 1.02
"""Neighbouring bin edges differ by 2 %, so a bin's middle is off by 1 % at most."""
_LOG_GAMMA = log(GAMMA)
_ON_THE_EDGE = 1e-9
"""Of a bin: logarithms of one number may differ in the last digit with its place in a batch, its bin never."""
MOST_BINS = 2**20
"""More than any duration reaches, and than any hour's number since 1970 (`domain.ages`) until 2089."""
FEW_COUNTS = 2
"""Counts that differ by so much are counted each by itself, and merged."""
_PAIR = {"bin": pl.Int64(), "count": pl.Int64()}
UNBOUNDED_S = 10 * 365 * 86_400.0
"""Stands for 'not within ten years': the bound of a quantile that open outcomes could push anywhere."""


def bin_of(seconds: pl.Expr) -> pl.Expr:
    """The bin of a duration (s); everything under one second is bin 0."""
    log_bin = (seconds.clip(lower_bound=1).log() / _LOG_GAMMA + _ON_THE_EDGE).floor().cast(pl.Int64) + 1
    return pl.when(seconds < 1).then(0).otherwise(log_bin)


def value_of(index: pl.Expr) -> pl.Expr:
    """The duration (s) a bin stands for: its middle on the log scale."""
    return pl.when(index <= 0).then(0.5).otherwise(((index - 0.5) * _LOG_GAMMA).exp())


def texts(bins: Ints, counts: Ints) -> pl.Series:
    """Each 'index:count' as text.

    A pair that comes again is written once: durations of many groups fall into the same few bins.
    """
    if not len(bins):
        return pl.Series([], dtype=pl.String)
    least, n_each = int(counts.min()), int(counts.max() - counts.min()) + 1
    pair = (bins - bins.min()) * n_each + (counts - least)
    n_pairs = int(pair.max()) + 1
    if n_pairs > len(bins):
        return _written(bins, counts)
    is_there = np.zeros(n_pairs, bool)
    is_there[pair] = True
    found = np.flatnonzero(is_there)
    written = _written(found // n_each + bins.min(), found % n_each + least)
    return written.gather((np.cumsum(is_there) - 1)[pair])


def _written(bins: Ints, counts: Ints) -> pl.Series:
    pairs = pl.DataFrame({"bin": bins, "count": counts})
    return pairs.select(pl.concat_str(["bin", "count"], separator=":")).to_series()


def decoded(bins: pl.Series) -> pl.DataFrame:
    """One row per bin of each text: place (of the text in the series, from 0), bin, count.

    >>> decoded(pl.Series(["3:1 7:2", None])).rows()
    [(0, 3, 1), (0, 7, 2)]
    """
    told = bins.alias("bins").to_frame().with_row_index("place").filter((pl.col("bins") != "").fill_null(value=False))
    if told.is_empty():
        return pl.DataFrame(schema={"place": told.schema["place"], **_PAIR})
    # all of them as one file of pairs, in half the time that lists of texts take
    text = told["bins"].str.join(" ").item().encode()
    pairs = pl.read_csv(text, has_header=False, separator=":", eol_char=" ", schema=_PAIR)
    n_pairs = told["bins"].str.count_matches(":", literal=True).to_numpy()
    return pairs.insert_column(0, pl.Series("place", np.repeat(told["place"].to_numpy(), n_pairs)))


def added(group: Ints, bins: Ints, counts: Ints) -> pl.DataFrame:
    """Histograms of bins with repeats, in order of their group: group, bins as text; those with nothing are left out.

    Args:
        group: whose histogram it is, one number for each bin.
        bins: the bins.
        counts: how often; below 0: taken back.
    """
    if not len(bins):
        return pl.DataFrame(schema={"group": pl.Int64(), "bins": pl.String()})
    keys, n = _each_once(group * MOST_BINS + bins, counts)
    return (
        pl.LazyFrame({"group": keys // MOST_BINS, "bins": texts(keys % MOST_BINS, n)})
        .with_columns(pl.col("group").set_sorted())
        .group_by("group", maintain_order=True)
        .agg("bins")
        .with_columns(pl.col("bins").list.join(" "))
        .collect(engine="in-memory")
    )


def merged(group: pl.Series, bins: pl.Series) -> pl.DataFrame:
    """The same of histograms as text, each of one group: group, bins.

    >>> merged(pl.Series([4, 2, 4]), pl.Series(["3:1 7:2", None, "3:1"])).rows()
    [(4, '3:2 7:2')]
    """
    place, index, counts = (column.to_numpy() for column in decoded(bins).iter_columns())
    return added(group.to_numpy()[place], index, counts)


def _each_once(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Each key once, in order, and the sum of its counts; those with nothing left are left out.

    Outcomes are counted by one, and taken back by one: numbers alone sort ten times as fast as with their counts.
    """
    least, most = (int(counts.min()), int(counts.max())) if len(counts) else (0, 0)
    if most - least > FEW_COUNTS:
        return added_up(keys, counts)
    if least == most != 0:
        return _counted(keys, most)
    found = [_counted(keys[counts == of], of) for of in range(least, most + 1) if of]
    none = np.empty(0, np.int64)
    return added_up(np.concatenate([none, *(key for key, _ in found)]), np.concatenate([none, *(n for _, n in found)]))


def _counted(keys: Ints, of: int) -> tuple[Ints, Ints]:
    """Each key once, in order, and how often it is there, times `of`."""
    keys = pl.Series(keys).sort().to_numpy()  # on some machines a third of NumPy's time, see decision 11
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))[: len(keys)]
    return keys[starts], np.diff(np.append(starts, len(keys))) * of


def quantiles(held: pl.LazyFrame, counts: pl.DataFrame) -> pl.LazyFrame:
    """Each group's quantile with its order-statistic interval.

    Args:
        held: one row per (group, bin): group (integer), bin, count (0 or more).
        counts: one row per (group, kpi): group, kpi, `n_open` (not known yet) and whatever is to be kept.

    Returns:
        `counts` with n, value, low, high (s) and, where outcomes are open, bound_low (all of them
        at once: 0 where the rank is one of theirs) and bound_high (none of them ever). Groups without a known
        outcome: value null.
    """
    wanted = {name: kpi.quantile for name, kpi in KPIS.items() if kpi.quantile is not None}
    in_order = pl.col("group") * MOST_BINS + pl.col("bin")  # one number sorts three times as fast as two
    bins = held.filter(pl.col("count") != 0).collect(engine="in-memory")
    bins = bins if bins.select(in_order).to_series().is_sorted() else bins.sort(in_order)  # often they come so
    upto = bins["count"].cum_sum()  # over all groups, so that one search finds a rank of every group
    n, q, n_open, before = (pl.col(name) for name in ("n", "q", "n_open", "before"))
    ranks = (
        bins.lazy()
        .group_by("group", maintain_order=True)
        .agg(n=pl.col("count").sum())
        .with_columns(before=n.cum_sum() - n)
        .join(counts.lazy().select("group", "n_open", "kpi"), on="group", maintain_order="left")
        .with_columns(q=pl.col("kpi").replace_strict(wanted, return_dtype=pl.Float64))
        .with_columns(all_rank=((n + n_open) * q).ceil())
    )

    def at(rank: pl.Expr) -> pl.Expr:
        """The duration of the bin that holds a rank; null: it is not known yet."""
        upper = rank.clip(lower_bound=1)
        place = pl.lit(upto).search_sorted((before + upper).cast(pl.Int64)).clip(upper_bound=max(0, upto.len() - 1))
        return pl.when(upper <= n).then(value_of(pl.lit(bins["bin"]).gather(place)))

    all_rank = pl.col("all_rank")
    bounds = {
        "bound_low": pl.when(all_rank > n_open).then(at(all_rank - n_open)).otherwise(0.0),
        "bound_high": at(all_rank).fill_null(UNBOUNDED_S),
    }
    low, high = quantile_ranks(n, q)
    found = ranks.select(
        "group", "kpi", "n", value=at((n * q).ceil()), low=at(low), high=at(high),
        **{name: pl.when(n_open > 0).then(bound) for name, bound in bounds.items()},
    )  # fmt: skip
    return counts.lazy().join(found, on=["group", "kpi"], how="left").with_columns(pl.col("n").fill_null(0))
