import numpy as np
import polars as pl
import pytest

from domain.errors import ConfigError, TooFewPointsError
from domain.forecasts import auc, calibration_error
from domain.logistic import chance
from tasks.measure.customers.risk import RISK_SCHEMA, learned, risks
from tasks.measure.customers.risk_columns import Signal, matrix, steps_of

SIGNALS = (
    Signal("n_repeats", "number", "wrote {} times again about the same", {"0": "", "1": "wrote again about the same"}),
    Signal("tenure_days", "number", "a customer for {} days"),
    Signal("is_detractor", "category", "would not recommend us", {"false": ""}),
    Signal("contract", "category", "contract: {}"),
)


def company(n: int, seed: int, effect: float = 1.0) -> pl.DataFrame:
    """Customers who leave as their signals say, with chances that are known."""
    rng = np.random.default_rng(seed)
    repeats, tenure = rng.poisson(0.6, n), rng.integers(1, 2000, n)
    detractor, monthly = rng.random(n) < 0.3, rng.random(n) < 0.5
    log_odds = -2.2 + effect * (0.7 * repeats + 0.9 * detractor + 1.1 * monthly - 0.0008 * tenure)
    return pl.DataFrame({
        "customer_id": [f"c{i:06}" for i in range(n)], "n_repeats": repeats, "tenure_days": tenure,
        "is_detractor": pl.Series(detractor).set(pl.Series(rng.random(n) < 0.4), None),
        "contract": np.where(monthly, "monthly", "yearly"), "true": chance(log_odds),
        "has_left": rng.random(n) < chance(log_odds),
    })  # fmt: skip


def test_chances_hold_on_customers_it_has_not_seen() -> None:
    new = company(20_000, 2)
    found = risks(learned(company(4000, 1), SIGNALS), new)
    p, outcome = found["risk_share"].to_numpy(), new["has_left"].cast(pl.Float64).to_numpy()
    assert calibration_error(p, outcome) < 0.02
    assert auc(p, outcome) > auc(new["true"].to_numpy(), outcome) - 0.03


def test_reasons_are_the_heaviest_signals_in_words() -> None:
    model = learned(company(4000, 1), SIGNALS)
    one = {"customer_id": "a", "n_repeats": 3, "tenure_days": 5, "is_detractor": True, "contract": "monthly"}
    other = {"customer_id": "b", "n_repeats": 0, "tenure_days": 1999, "is_detractor": False, "contract": "yearly"}
    found = risks(model, pl.DataFrame([one, other]))
    assert found["reasons"][0].to_list()[0] == "wrote 3 times again about the same"
    assert set(found["reasons"][0]) <= {
        "wrote 3 times again about the same", "would not recommend us", "contract: monthly", "a customer for 5 days",
    }  # fmt: skip
    assert len(found["reasons"][0]) == 3
    assert found["reasons"][1].to_list() == []
    assert found["standing"].to_list() == ["above", "below"]
    assert found.filter(
        (pl.col("risk_low") > pl.col("risk_share")) | (pl.col("risk_share") > pl.col("risk_high"))
    ).is_empty()


def test_one_time_is_said_as_one_time() -> None:
    assert pl.DataFrame({"v": [0, 1, 2, None]}).select(words=SIGNALS[0].said("v"))["words"].to_list() == [
        None, "wrote again about the same", "wrote 2 times again about the same", None,
    ]  # fmt: skip


def test_a_customer_of_whom_nothing_is_known_is_unknown() -> None:
    schema = {"customer_id": pl.String(), "n_repeats": pl.Int64(), "tenure_days": pl.Int64(),
              "is_detractor": pl.Boolean(), "contract": pl.String()}  # fmt: skip
    found = risks(learned(company(2000, 1), SIGNALS), pl.DataFrame([("a", *[None] * 4)], schema=schema, orient="row"))
    assert found.row(0) == ("a", None, None, None, "unknown", [], [])


def test_a_member_never_seen_before_adds_nothing() -> None:
    model = learned(company(2000, 1), SIGNALS)
    rows = company(1, 3)
    new, none = (
        risks(model, rows.with_columns(contract=pl.lit(value, pl.String))).row(0, named=True)
        for value in ("daily", None)
    )
    assert new["risk_share"] > 0
    assert none["risk_share"] is not None


@pytest.mark.parametrize(("n", "left"), [(99, 40), (400, 19), (400, 381)])
def test_too_little_to_learn_from_is_told(n: int, left: int) -> None:
    few = company(n, 1).with_columns(has_left=pl.int_range(n) < left)
    with pytest.raises(TooFewPointsError, match=f"the history has {n} cases, {left} of them left"):
        learned(few, SIGNALS)


def test_signals_that_foretell_nothing_give_no_risk() -> None:
    with pytest.raises(TooFewPointsError, match="no better than the base rate"):
        learned(company(3000, 1, effect=0.0), SIGNALS)


@pytest.mark.parametrize(
    "name", ["gender", "SeniorCitizen", "age_group", "Partner", "Dependents", "customer_nationality"]
)
def test_who_somebody_is_is_never_a_signal(name: str) -> None:
    with pytest.raises(ConfigError, match="protected trait"):
        learned(company(300, 1), (*SIGNALS, Signal(name, "category", "{}")))


def test_a_percentage_is_no_age() -> None:
    assert learned(
        company(2000, 1).with_columns(usage=pl.col("n_repeats")), (*SIGNALS, Signal("usage", "number", "{}"))
    )


def test_the_order_of_the_history_does_not_matter() -> None:
    every, new = company(1500, 1), company(50, 2)
    one, other = (
        risks(learned(rows, SIGNALS), new) for rows in (every, every.sample(fraction=1, shuffle=True, seed=3))
    )
    assert one.equals(other)


def test_open_outcomes_teach_nothing() -> None:
    every = company(1500, 1)
    still_open = every.with_columns(has_left=pl.lit(None, pl.Boolean), customer_id=pl.col("customer_id") + "x")
    assert learned(pl.concat([every, still_open]), SIGNALS).n == 1500


def test_a_signal_nobody_has_is_of_no_weight() -> None:
    every = company(1500, 1).with_columns(use_percent=pl.lit(None, pl.Float64))
    with_it = learned(every, (*SIGNALS, Signal("use_percent", "number", "{} %")))
    assert matrix(every, steps_of(every, [Signal("use_percent", "number", "{} %")])).shape == (1500, 0)
    assert (
        risks(with_it, every)["risk_share"].to_list() == risks(learned(every, SIGNALS), every)["risk_share"].to_list()
    )


def test_many_customers_are_judged_as_each_by_itself() -> None:
    model, new = learned(company(1500, 1), SIGNALS), company(30, 2)
    apart = pl.concat(risks(model, new[i : i + 1]) for i in range(30))
    together = risks(model, new)
    assert together.drop("risk_share", "risk_low", "risk_high").equals(
        apart.drop("risk_share", "risk_low", "risk_high")
    )
    assert together["risk_share"].to_list() == pytest.approx(apart["risk_share"].to_list())


def test_nobody_gives_no_risks() -> None:
    assert risks(learned(company(1500, 1), SIGNALS), company(1, 1).clear()).schema == pl.Schema(RISK_SCHEMA)
