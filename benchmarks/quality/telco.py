"""Churn risk on the telephone company: does it rank, does it hold, beside plain logistic regression and the base rate."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.quality.tables import Table
from domain.forecasts import auc, brier, calibration_error, reliability
from domain.logistic import chance, fit_logistic, log_loss
from domain.survival import survival, survival_at
from tasks.measure.customers.risk import learned, risks
from tasks.measure.customers.risk_columns import Signal

REPEATS, FOLDS, SEED = 5, 5, 2026
EXCLUDED = ("gender", "SeniorCitizen", "Partner", "Dependents")
"""Who somebody is, and whom they live with: never a reason to be treated otherwise."""
Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def _yes(name: str, with_it: str, without: str) -> Signal:
    return Signal(
        name, "category", "{}", {"Yes": with_it, "No": without, "No internet service": "", "No phone service": ""}
    )


SIGNALS = (
    Signal("tenure", "number", "a customer for {} months", {"0": "a customer since this month", "1": "a customer for one month"}),
    Signal("Contract", "category", "contract: {}", {"Month-to-month": "can leave any month", "One year": "bound for one year",
                                                    "Two year": "bound for two years"}),
    Signal("MonthlyCharges", "number", "pays {} a month"),
    Signal("InternetService", "category", "internet by {}", {"No": "no internet with us", "Fiber optic": "internet by fibre"}),
    Signal("PaymentMethod", "category", "pays by {}", {"Electronic check": "pays by electronic check, not automatically",
                                                       "Mailed check": "pays by mailed check, not automatically"}),
    _yes("TechSupport", "has technical support", "no technical support booked"),
    _yes("OnlineSecurity", "has online security", "no online security booked"),
    _yes("OnlineBackup", "has online backup", "no online backup booked"),
    _yes("DeviceProtection", "has device protection", "no device protection booked"),
    _yes("StreamingTV", "streams television", "does not stream television"),
    _yes("StreamingMovies", "streams films", "does not stream films"),
    _yes("MultipleLines", "several lines", "one line only"),
    _yes("PhoneService", "has a telephone line", "no telephone line with us"),
    _yes("PaperlessBilling", "bills without paper", "bills on paper"),
)  # fmt: skip
Foretell = Callable[[pl.DataFrame, pl.DataFrame], Array]


def customers(folder: Path) -> pl.DataFrame:
    """One row per customer: the file's columns, customer_id and has_left.

    TotalCharges is left out for every model: it is a product of tenure and charges, and is blank for just those who have
    not had their first bill, none of whom could have left.
    """
    read = pl.read_csv(folder / "telco_churn" / "Telco-Customer-Churn.csv", null_values=[" "])
    return (
        read.drop("TotalCharges")
        .rename({"customerID": "customer_id"})
        .with_columns(has_left=pl.col("Churn") == "Yes")
        .drop("Churn")
    )


def ours(seen: pl.DataFrame, unseen: pl.DataFrame) -> Array:
    """The product's risk, from its own signals."""
    return risks(learned(seen, SIGNALS), unseen)["risk_share"].to_numpy()


def plain(seen: pl.DataFrame, unseen: pl.DataFrame) -> Array:
    """Plain logistic regression over every column, protected traits too, one column per member, no ridge to speak of."""
    both = pl.concat([seen, unseen]).drop("customer_id", "has_left")
    numbers = ["tenure", "MonthlyCharges"]
    dummies = both.drop(numbers).cast(pl.String).to_dummies(drop_first=True)
    columns = np.column_stack([both.select((pl.col(numbers) - pl.col(numbers).mean()) / pl.col(numbers).std()).to_numpy(),
                               dummies.to_numpy().astype(np.float64)])  # fmt: skip
    fit = fit_logistic(columns[: seen.height], seen["has_left"].cast(pl.Float64).to_numpy(), 1e-3)
    return chance(fit.log_odds(columns[seen.height :]))


def base_rate(seen: pl.DataFrame, unseen: pl.DataFrame) -> Array:
    """The same chance for everybody."""
    return np.full(unseen.height, float(seen["has_left"].cast(pl.Float64).mean() or 0))  # pyright: ignore[reportArgumentType]


MODELS: dict[str, Foretell] = {"ours": ours, "logistic regression, all columns": plain, "base rate": base_rate}


def folds(n: int) -> list[Array]:
    """Which fold each customer is in, once per repeat."""
    return [np.random.default_rng(SEED + repeat).permutation(n).astype(np.float64) % FOLDS for repeat in range(REPEATS)]


def foretold(every: pl.DataFrame, fold: Array) -> dict[str, Array]:
    """By model: chances of all customers, each by a model that had not seen them."""
    chances = {name: np.empty(every.height) for name in MODELS}
    for number in range(FOLDS):
        is_out = fold == number
        seen, unseen = every.filter(pl.Series(~is_out)), every.filter(pl.Series(is_out))
        for name, model in MODELS.items():
            chances[name][is_out] = model(seen, unseen)
    return chances


def measured(p: Array, outcome: Array, fold: Array) -> tuple[float, float, float, float]:
    """AUC (mean over folds: models of different folds are not ranked together), Brier, log loss, calibration error."""
    ranked = float(np.mean([auc(p[fold == number], outcome[fold == number]) for number in range(FOLDS)]))
    loss = float(log_loss(np.log(p / (1 - p)), outcome).mean())
    return ranked, brier(p, outcome), loss, calibration_error(p, outcome)


def staying(every: pl.DataFrame) -> Table:
    """How many stay how long, of those who may still leave too, by contract."""
    spans = every.select(
        "Contract", entered=pl.lit(0), left=pl.col("tenure"), has_ended=pl.col("has_left")
    ).filter(pl.col("left") > 0)  # fmt: skip
    read = survival_at(survival(spans, ["Contract"]), ["Contract"], [12, 24, 48, 71])
    rows = [
        (contract, months, at_risk, f"{100 * share:.1f} %", f"{100 * low:.1f}–{100 * high:.1f} %")
        for contract, months, at_risk, share, low, high in read.select(
            "Contract", "time", "n_at_risk", "survival", "low", "high"
        ).iter_rows()
    ]
    return Table(
        "Still here after so many months (Kaplan-Meier)", ("contract", "months", "watched", "stay", "interval"), rows
    )


def tables(folder: Path) -> list[Table]:
    """Every table of this part."""
    every = customers(folder)
    outcome = every["has_left"].cast(pl.Float64).to_numpy()
    parted = folds(every.height)
    repeats = [foretold(every, fold) for fold in parted]
    rows: list[tuple[object, ...]] = []
    for name in MODELS:
        figures = [measured(p[name], outcome, fold) for p, fold in zip(repeats, parted, strict=True)]
        mean, spread = np.mean(figures, axis=0), np.std(figures, axis=0, ddof=1)
        rows.append((name, *(f"{m:.4f} ± {s:.4f}" for m, s in zip(mean, spread, strict=True))))
    first = reliability(repeats[0]["ours"], outcome)
    held = [
        (n, f"{100 * p:.1f} %", f"{100 * share:.1f} %", f"{100 * low:.1f}–{100 * high:.1f} %")
        for n, p, share, low, high in first.iter_rows()
    ]
    model = learned(every, SIGNALS)
    watched = risks(model, every).sort("risk_share", descending=True)
    said = [(f"{100 * share:.0f} %", f"{100 * low:.0f}–{100 * high:.0f} %", "; ".join(reasons))
            for share, low, high, reasons in watched.gather([0, 500, 1500, 3500]).select(
                "risk_share", "risk_low", "risk_high", "reasons").iter_rows()]  # fmt: skip
    title = f"{every.height:,} customers, {int(outcome.sum()):,} left; {FOLDS} folds, {REPEATS} times, mean ± spread over the times"
    return [
        staying(every),
        Table(title, ("model", "AUC", "Brier", "log loss", "calibration error"), rows),
        Table("Ours, tenths by chance foretold (first time)", ("customers", "foretold", "left", "interval"), held),
        Table(
            "Customers no. 1, 501, 1,501 and 3,501 by risk, of a model taught by all",
            ("risk", "interval", "reasons"),
            said,
        ),
    ]
