"""What is usual for a series: its level, its spread beyond sampling, its mix; learnt from earlier weeks only.

Source:
    Item variances: binomial, trinomial, within-week, Poisson; quantiles from their order-statistic interval.
    tau² by the method of moments with fixed weights (DerSimonian & Kacker 2007, Contemp. Clin. Trials 28, eq. 6).
    Direct standardisation: Keiding & Clayton (2014), Statistical Science 29.
"""

from dataclasses import dataclass
from math import exp, log1p, sqrt

import numpy as np
import numpy.typing as npt

from domain.kpis import Kpi, Statistic
from tasks.detect.series import Series

Floats = npt.NDArray[np.float64]

LEAST_SEEN = 0.5
"""A week in which less than half of the usual mix was seen has no standardised value."""

SHIFT_POINTS, SHIFT_SHARE, SHIFT_SCORE, SHIFT_RELATIVE = 3.0, 0.02, 0.1, 0.1
"""What matters where no benchmark says so: 3 NPS points; 2 points of a share, but at most a tenth of
its rarer side; 0.1 of a score; a tenth of a duration, a count, a rate per 100."""

_FINEST = 0.25
"""The spread is taken as at least this part of the shift that matters: a constant series is no proof."""


@dataclass(frozen=True)
class Baseline:
    """A usual level on the working scale (log for quantiles), and how far weeks stray from it.

    Attributes:
        m: weeks it was learnt from.
        mix: (S,) usual share of each stratum, sums to 1. means: (S,) usual value of each.
        item_variance: (S,) variance of one item within a stratum.
        centre: usual value at the usual mix. centre_variance: of its estimate.
        tau2: variance of weeks beyond sampling.
        stretch: by how much neighbouring weeks' likeness widens the variance of sums; 1: they are independent.
        matters: the shift worth telling, on the working scale.
    """

    m: int
    mix: Floats
    means: Floats
    item_variance: Floats
    centre: float
    centre_variance: float
    tau2: float
    stretch: float
    matters: float

    def levels(self, series: Series) -> tuple[Floats, Floats]:
        """Each week's value at the usual mix, and its sampling variance; NaN where too little was seen.

        Returns:
            Value and variance, both (T,), on the working scale.
        """
        return standardised(series.x, series.size, self.mix, self.means, self.item_variance)

    def variance(self, sampling: float) -> float:
        """Of one week's value around the centre, the centre's own error included."""
        variance = (sampling + self.tau2) * self.stretch + self.centre_variance
        return max(variance, (_FINEST * self.matters) ** 2)

    def known_share(self, sampling: float) -> float:
        """Which share of a week's variance follows from its counts, and need not be learnt."""
        whole = (sampling + self.tau2) * self.stretch
        return sampling / whole if whole > 0 else 0.0


def standardised(x: Floats, size: Floats, mix: Floats, means: Floats, item_variance: Floats) -> tuple[Floats, Floats]:
    """Weekly values at a constant mix (direct standardisation): a change of mix alone changes nothing.

    Args:
        x: (T, S) value of each stratum in each week.
        size: (T, S) items it rests on; 0: not seen.
        mix: (S,) the constant mix, sums to 1.
        means: (S,) usual value of each stratum.
        item_variance: (S,) variance of one item of each stratum.

    Returns:
        Value and its sampling variance, both (T,). Strata not seen in a week are taken to have moved
        like those that were; NaN where less than `LEAST_SEEN` of the mix was seen.
    """
    weights = np.where(size > 0, mix, 0.0)
    seen = weights.sum(axis=1)
    seen = np.where(seen >= LEAST_SEEN, seen, np.nan)
    moved = (weights * (x - means)).sum(axis=1) / seen
    variance = (weights**2 * item_variance / np.maximum(size, 1e-300)).sum(axis=1) / seen**2
    return float(mix @ means) + moved, variance


def learn(
    series: Series, rows: npt.NDArray[np.int64], kpi: Kpi, min_shift: float | None, least: int = 2
) -> Baseline | None:
    """The baseline of the weeks `rows`; None if fewer than `least` of them saw enough of the mix.

    Args:
        series: of the KPI.
        rows: weeks to learn from.
        kpi: what the series measures.
        min_shift: the shift that matters, in the KPI's unit; None: the default of its statistic.
        least: weeks without which nothing is learnt.

    Returns:
        Level, spread, mix.
    """
    x, size = series.x[rows], series.size[rows]
    items = size.sum(axis=0)
    means = (size * x).sum(axis=0) / np.where(items > 0, items, 1.0)
    mix = items / items.sum()
    variance = _item_variance(series, rows, kpi.statistic, means, items)
    y, sampling = standardised(x, size, mix, means, variance)
    held = np.isfinite(y)
    if held.sum() < max(2, least):
        return None
    y, sampling, weight = y[held], sampling[held], size.sum(axis=1)[held]
    tau2 = _tau2(y, sampling, weight)
    sure = 1 / np.maximum(sampling + tau2, 1e-18)
    centre = float(sure @ y / sure.sum())
    # a stock carries over from week to week, so likeness is expected there; elsewhere it must show
    by_chance = 0.0 if kpi.statistic == "level" else 1 / sqrt(len(y))
    stretch = _stretch((y - centre) * np.sqrt(sure), by_chance)
    return Baseline(
        m=len(y), mix=mix, means=means, item_variance=variance, centre=centre,
        centre_variance=float(stretch / sure.sum()), tau2=tau2, stretch=stretch,
        matters=_matters(kpi.statistic, centre, min_shift),
    )  # fmt: skip


def _item_variance(
    series: Series, rows: npt.NDArray[np.int64], statistic: Statistic, means: Floats, items: Floats
) -> Floats:
    """(S,) variance of one item, pooled over the weeks: a week's own luck does not set its own error."""
    x, size, squares = series.x[rows], series.size[rows], series.squares[rows]
    match statistic:
        case "share":
            share = (means * items + 0.5) / (items + 1)
            return share * (1 - share)
        case "nps":
            balance = means / 100 * items / (items + 3)
            return 1e4 * ((squares.sum(axis=0) + 1.5) / (items + 3) - balance**2)
        case "mean":
            within = np.where(size > 0, squares - size * x**2, 0.0).sum(axis=0)
            return np.maximum(0.0, within) / np.maximum(1.0, (size - 1).clip(min=0).sum(axis=0))
        case "count":
            return np.maximum(means, 1.0)
        case "level":
            return np.zeros_like(means)
        case "quantile" | "age" | "per_100":
            spread = series.spread[rows]
            told = np.where(np.isfinite(spread), size, 0.0)
            return (told * np.nan_to_num(spread)).sum(axis=0) / np.maximum(told.sum(axis=0), 1e-300)


def _tau2(y: Floats, sampling: Floats, weight: Floats) -> float:
    """Variance between weeks beyond sampling, not below 0."""
    total = weight.sum()
    middle = weight @ y / total
    by_chance = weight @ sampling - (weight**2 @ sampling) / total
    return max(0.0, float((weight @ (y - middle) ** 2 - by_chance) / (total - weight @ weight / total)))


def _stretch(scores: Floats, by_chance: float) -> float:
    """(1 + r) / (1 - r) for the lag-1 autocorrelation r, less what chance alone would show."""
    power = float(scores @ scores)
    if power <= 0:
        return 1.0
    likeness = float(scores[1:] @ scores[:-1]) / power - by_chance
    likeness = min(0.9, max(0.0, likeness))
    return (1 + likeness) / (1 - likeness)


def _matters(statistic: Statistic, centre: float, min_shift: float | None) -> float:
    """The shift worth telling, on the working scale; positive."""
    if statistic == "quantile":
        return log1p(SHIFT_RELATIVE if min_shift is None else min_shift / exp(centre))
    if min_shift is not None:
        return max(min_shift, 1e-9)
    match statistic:
        case "nps":
            return SHIFT_POINTS
        case "share":
            return max(1e-4, min(SHIFT_SHARE, SHIFT_RELATIVE * min(centre, 1 - centre)))
        case "mean":
            return SHIFT_SCORE
        case _:
            return max(SHIFT_RELATIVE * abs(centre), 1e-9)
