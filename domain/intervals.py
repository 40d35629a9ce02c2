"""Intervals for every statistic the loop shows, as Polars expressions and as numbers.

Sources: Wilson (1927) for shares; Rocks (2016) for NPS, adjusted Wald with 3 added to n and 3/4 to
promoters and to detractors each; Student's t for means; Garwood's exact limits for counts, by the
Wilson-Hilferty approximation of chi-square; order statistics for quantiles.
"""

import polars as pl

Z95 = 1.959963984540054
_ALIKE = 1e-9
"""Of the mean of the squares: values that scatter less are the same."""


def wilson(total: pl.Expr, n: pl.Expr, z: float = Z95) -> tuple[pl.Expr, pl.Expr]:
    """Wilson bounds of the share `total / n`, each in [0, 1]; null where n is 0."""
    n = pl.when(n > 0).then(n.cast(pl.Float64))
    share, spread = total / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * (share * (1 - share) / n + spread / (4 * n)).clip(lower_bound=0).sqrt()
    # at the edges the bound is the edge itself, exactly
    low = pl.when(total <= 0).then(pl.when(n > 0).then(0.0)).otherwise((middle - half).clip(0, 1))
    high = pl.when(total >= n).then(pl.when(n > 0).then(1.0)).otherwise((middle + half).clip(0, 1))
    return low, high


def nps_bounds(total: pl.Expr, total_sq: pl.Expr, n: pl.Expr, z: float = Z95) -> tuple[pl.Expr, pl.Expr]:
    """Adjusted-Wald bounds of NPS in points; `total` = promoters - detractors, `total_sq` their sum."""
    size = pl.when(n > 0).then(n.cast(pl.Float64) + 3)
    middle = total / size
    spread = (total_sq + 1.5) / size - middle * middle
    half = z * (spread / size).sqrt()
    return (100 * (middle - half)).clip(-100, 100), (100 * (middle + half)).clip(-100, 100)


def mean_bounds(total: pl.Expr, total_sq: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Student-t bounds (95 %) of a mean; null below n = 2, and where all are the same.

    Equal values do not make the mean certain: others may come. How far they would lie is nowhere to be read from.
    """
    size = pl.when(n > 1).then(n.cast(pl.Float64))
    mean = total / size
    variance = (total_sq - size * mean * mean) / (size - 1)
    # sums of equal fractions differ in their last digits
    half = t95(size - 1) * pl.when(variance > _ALIKE * total_sq / size).then((variance / size).sqrt())
    return mean - half, mean + half


def t95(df: pl.Expr) -> pl.Expr:
    """Student's t at 97.5 %: Cornish-Fisher (Abramowitz & Stegun 26.7.5), exact for df of 1 and 2."""
    z = Z95
    series = (
        z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * df**4)
    )  # fmt: skip
    return pl.when(df == 1).then(12.706205).when(df == 2).then(4.302653).otherwise(series)


def count_bounds(n: pl.Expr, z: float = Z95) -> tuple[pl.Expr, pl.Expr]:
    """Poisson bounds of a count (Garwood, by Wilson-Hilferty); 0 gives 0 to 3.69."""
    n = n.cast(pl.Float64)
    safe = n.clip(lower_bound=1)
    low = safe * (1 - 1 / (9 * safe) - z / (3 * safe.sqrt())) ** 3
    up = n + 1
    high = up * (1 - 1 / (9 * up) + z / (3 * up.sqrt())) ** 3
    return pl.when(n > 0).then(low.clip(lower_bound=0)).otherwise(0.0), high


def ratio_bounds(n: pl.Expr, base: pl.Expr, z: float = Z95) -> tuple[pl.Expr, pl.Expr]:
    """Bounds of one count over another, both left to chance: given their sum, the first is a binomial share of it.

    Source:
        Przyborowski and Wilenski 1940; the share's interval is Wilson's.
    """
    low, high = wilson(n, n + base, z)
    return low / (1 - low), high / (1 - high)


def quantile_ranks(n: pl.Expr, q: float | pl.Expr, z: float = Z95) -> tuple[pl.Expr, pl.Expr]:
    """Ranks (1 to n) whose order statistics bound the q-quantile of n values at 95 %."""
    size = n.cast(pl.Float64)
    middle, half = size * q, z * (size * q * (1 - q)).sqrt()
    low = (middle - half).floor().clip(lower_bound=1)
    return low.cast(pl.Int64), pl.min_horizontal((middle + half).floor() + 1, size).cast(pl.Int64)
