"""Who is about to leave: a chance per customer that holds, with the reasons in words.

The model is small on purpose: every signal is cut into steps, a ridge holds the weights of the steps back, and the
chance is set right on customers the weights were not fitted to (Platt 1999, cross-fitted). A customer's reasons are
what their own signals add to the log-odds of an average customer, so they sum to the chance.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
import polars as pl

from domain.errors import ConfigError, TooFewPointsError
from domain.intervals import Z95
from domain.logistic import Logistic, chance, fit_logistic, log_loss
from domain.newton import Matrix, Vector
from tasks.measure.customers.risk_columns import Signal, Steps, matrix, steps_of

RIDGES = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
FOLDS = 5
FEWEST, FEWEST_EACH = 100, 20
"""Cases to learn from at all, and of those who left, and of those who stayed."""
MOST_CASES = 100_000
SMALLEST_REASON, MOST_REASONS = 0.1, 3
"""A reason raises the odds by at least a tenth; so many are told."""
AT_ONCE = 100_000
PROTECTED = frozenset({
    "gender", "sex", "senior", "age", "birth", "birthday", "birthdate", "religion", "faith", "race", "ethnicity",
    "ethnic", "nationality", "citizenship", "disability", "disabled", "orientation", "marital", "married", "partner",
    "family", "dependents", "children", "pregnancy", "pregnant", "politics", "union",
})  # fmt: skip
"""Words in a column's name that speak of who somebody is, not of what they met with us: never a signal."""
_WORDS = re.compile("[A-Z]?[a-z]+|[A-Z]+")
RISK_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(), "risk_share": pl.Float64(), "risk_low": pl.Float64(), "risk_high": pl.Float64(),
    "standing": pl.String(), "reasons": pl.List(pl.String()), "signals": pl.List(pl.String()),
}  # fmt: skip


@dataclass(frozen=True)
class RiskModel:
    """What was learned: weights of the steps, how to set the chance right, and how well it tells leavers apart.

    `separation` (0.5-1) is how often, of a customer who left and one who stayed, the one who left had the higher
    chance, on customers the weights were not fitted to.
    """

    steps: tuple[Steps, ...]
    weights: Logistic
    shift: float
    slope: float
    base_share: float
    n: int
    n_left: int
    separation: float


def learned(history: pl.DataFrame, signals: Sequence[Signal]) -> RiskModel:
    """The model that a history teaches.

    Args:
        history: one row per (customer, moment): customer_id, has_left (boolean: left within the horizon behind the
            moment), and the signals as known at the moment. Of a long one, MOST_CASES evenly spread rows count.
        signals: which columns to use.

    Raises:
        ConfigError: a signal speaks of a protected trait.
        TooFewPointsError: too few cases, or no signal foretells anything: then nobody's risk is told.
    """
    _checked(signals)
    cases = history.filter(pl.col("has_left").is_not_null()).sort("customer_id", *(s.name for s in signals))
    n, n_left = cases.height, int(cases["has_left"].sum())
    if n < FEWEST or min(n_left, n - n_left) < FEWEST_EACH:
        raise TooFewPointsError(
            f"churn risk is unknown: the history has {n} cases, {n_left} of them left; needed are {FEWEST}, with at "
            f"least {FEWEST_EACH} who left and {FEWEST_EACH} who stayed. Wait for more, or load earlier contracts."
        )
    cases = cases.gather_every(-(-n // MOST_CASES))
    outcome = cases["has_left"].cast(pl.Float64).to_numpy()
    fold = (cases["customer_id"].rank("dense").cast(pl.Int64) % FOLDS).to_numpy()
    unseen = _unseen(cases, outcome, fold, signals)
    ridge = min(RIDGES, key=lambda ridge: float(log_loss(unseen[ridge], outcome).sum()))
    setting = fit_logistic(unseen[ridge][:, np.newaxis], outcome, 1e-3)
    shift, slope = float(setting.weights[0]), float(setting.weights[1])
    _must_foretell(shift + slope * unseen[ridge], outcome)
    steps = steps_of(cases, signals)
    weights = fit_logistic(matrix(cases, steps), outcome, ridge)
    apart = separation(unseen[ridge], outcome)
    return RiskModel(steps, weights, shift, slope, float(outcome.mean()), n, n_left, apart)


def separation(log_odds: Vector, outcome: Vector) -> float:
    """The area under the ROC curve, by ranks (Hanley & McNeil 1982); ties count half."""
    ranks = pl.Series(log_odds).rank("average").to_numpy()
    n_left = outcome.sum()
    return float((ranks[outcome > 0].sum() - n_left * (n_left + 1) / 2) / (n_left * (len(outcome) - n_left)))


def _checked(signals: Sequence[Signal]) -> None:
    for signal in signals:
        found = PROTECTED.intersection(word.lower() for word in _WORDS.findall(signal.name))
        if found:
            raise ConfigError(
                f"the signal '{signal.name}' speaks of a protected trait ({', '.join(sorted(found))}); churn risk uses "
                "what customers met with us, never who they are. Leave it out."
            )


def _unseen(cases: pl.DataFrame, outcome: Vector, fold: Vector, signals: Sequence[Signal]) -> dict[float, Vector]:
    """Log-odds of every case by weights fitted to the other customers, for each ridge."""
    found = {ridge: np.empty(len(outcome)) for ridge in RIDGES}
    for number in np.unique(fold):
        is_out = fold == number
        others = cases.filter(pl.Series(~is_out))
        steps = steps_of(others, signals)
        columns, unseen = matrix(others, steps), matrix(cases.filter(pl.Series(is_out)), steps)
        for ridge in RIDGES:
            found[ridge][is_out] = fit_logistic(columns, outcome[~is_out], ridge).log_odds(unseen)
    return found


def _must_foretell(log_odds: Vector, outcome: Vector) -> None:
    """Refuse a model that is not surely better than giving everybody the base rate."""
    share = float(outcome.mean())
    gain = log_loss(np.full(len(outcome), np.log(share / (1 - share))), outcome) - log_loss(log_odds, outcome)
    if gain.mean() <= Z95 * gain.std() / np.sqrt(len(gain)):
        raise TooFewPointsError(
            f"churn risk is unknown: on customers it had not seen, the model was no better than the base rate of "
            f"{share:.1%}; the signals say nothing about who leaves, or the history is too short."
        )


def risks(model: RiskModel, customers: pl.DataFrame) -> pl.DataFrame:
    """Each customer's chance to leave within the horizon the model was taught, and why.

    Args:
        model: of `learned`.
        customers: one row per customer: customer_id and the signals as known now; a missing signal adds nothing.

    Returns:
        RISK_SCHEMA, one row per customer in the same order: risk_share, risk_low, risk_high (95 % of what the weights
        leave open), standing: "above" or "below" the base rate where the whole interval is, "usual" between,
        "unknown" (and null, no reasons) where no signal is known at all; reasons: up to MOST_REASONS, the heaviest
        first, none that raises the odds by less than a tenth; signals: which signal each of them is.
    """
    if customers.is_empty():
        return pl.DataFrame(schema=RISK_SCHEMA)
    return pl.concat(_risks(model, customers[at : at + AT_ONCE]) for at in range(0, customers.height, AT_ONCE))


def _risks(model: RiskModel, customers: pl.DataFrame) -> pl.DataFrame:
    columns = matrix(customers, model.steps)
    log_odds = model.shift + model.slope * model.weights.log_odds(columns)
    half = Z95 * abs(model.slope) * model.weights.spread(columns)
    names = [steps.signal.name for steps in model.steps]
    is_known = pl.any_horizontal(pl.col(names).is_not_null())
    base = model.base_share
    standing = (
        pl.when(pl.col("risk_share").is_null()).then(pl.lit("unknown"))
        .when(pl.col("risk_low") > base).then(pl.lit("above"))
        .when(pl.col("risk_high") < base).then(pl.lit("below"))
        .otherwise(pl.lit("usual"))
    )  # fmt: skip
    shares = {"risk_share": log_odds, "risk_low": log_odds - half, "risk_high": log_odds + half}
    none = pl.lit([], pl.List(pl.String))
    return (
        customers.with_columns(is_known=is_known)
        .hstack(_reasons(model, customers, columns))
        .with_columns(
            pl.when("is_known").then(pl.lit(pl.Series(chance(odds)))).alias(name) for name, odds in shares.items()
        )
        .with_columns(
            standing=standing,
            reasons=pl.when("is_known").then("reasons").otherwise(none),
            signals=pl.when("is_known").then("signals").otherwise(none),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in RISK_SCHEMA.items())
    )


def _reasons(model: RiskModel, customers: pl.DataFrame, columns: Matrix) -> pl.DataFrame:
    """The heaviest signals of each customer: reasons in words, signals by name."""
    weighed = columns * (model.slope * model.weights.weights[1:])
    edges = list(accumulate((steps.width for steps in model.steps), initial=0))
    added = np.column_stack([weighed[:, a:b].sum(axis=1) for a, b in pairwise(edges)])
    order = np.argsort(-added, axis=1, kind="stable")[:, :MOST_REASONS]
    said: list[pl.DataFrame] = []
    for number, steps in enumerate(model.steps):
        rows, places = np.nonzero((order == number) & (np.take_along_axis(added, order, axis=1) >= SMALLEST_REASON))
        values = customers[steps.signal.name].gather(pl.Series(rows, dtype=pl.UInt32))
        words = pl.DataFrame({"value": values}).select(words=steps.signal.said("value"))["words"]
        found = pl.DataFrame({"row": pl.Series(rows, dtype=pl.Int64), "place": places, "reasons": words})
        said.append(found.with_columns(signals=pl.lit(steps.signal.name)))
    names = ("reasons", "signals")
    lists = pl.concat(said).drop_nulls("reasons").sort("row", "place").group_by("row", maintain_order=True).agg(names)
    every = pl.DataFrame({"row": pl.int_range(customers.height, eager=True)})
    return every.join(lists, on="row", how="left", maintain_order="left").select(
        pl.col(name).fill_null(pl.lit([], pl.List(pl.String))) for name in names
    )
