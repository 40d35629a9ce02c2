"""How good foretold chances are: do they rank, and do they hold."""

import numpy as np
import polars as pl

from domain.intervals import wilson
from domain.newton import Vector


def auc(foretold: Vector, outcome: Vector) -> float:
    """The chance that one who left was foretold a higher one than one who stayed; ties count half (Mann-Whitney)."""
    n_true = float(outcome.sum())
    n_false = len(outcome) - n_true
    if n_true == 0 or n_false == 0:
        return float("nan")
    ranks = pl.Series(foretold).rank("average").to_numpy()
    return float((ranks[outcome > 0].sum() - n_true * (n_true + 1) / 2) / (n_true * n_false))


def brier(foretold: Vector, outcome: Vector) -> float:
    """The mean squared distance between chance and outcome; lower is better."""
    return float(np.mean((foretold - outcome) ** 2))


def reliability(foretold: Vector, outcome: Vector, n_bins: int = 10) -> pl.DataFrame:
    """What happened beside what was foretold, in about equally large groups by what was foretold; ties stay together.

    Returns:
        One row per group, sorted: n, foretold (mean), happened (share), low, high (Wilson).
    """
    low, high = wilson(pl.col("total"), pl.col("n"))
    cases = pl.DataFrame({"foretold": foretold, "outcome": outcome})
    group = ((pl.col("foretold").rank("average") - 0.5) * n_bins / pl.len()).floor().alias("group")
    return (
        cases.group_by(group)
        .agg(n=pl.len(), foretold=pl.col("foretold").mean(), total=pl.col("outcome").sum())
        .sort("group")
        .select("n", "foretold", happened=pl.col("total") / pl.col("n"), low=low, high=high)
    )


def calibration_error(foretold: Vector, outcome: Vector, n_bins: int = 10) -> float:
    """The mean distance between foretold and happened over equally large groups (ECE)."""
    table = reliability(foretold, outcome, n_bins)
    return float(((table["foretold"] - table["happened"]).abs() * table["n"]).sum() / len(outcome))
