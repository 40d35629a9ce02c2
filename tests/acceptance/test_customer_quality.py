"""What is learned of customers, on real ones: the published fit, and better than the plainest rule."""

import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from benchmarks.quality import cdnow, telco
from tasks.measure.customers.purchases import habits, histories
from tests.acceptance.examples import REAL_DATA, has_real_data

if has_real_data() and REAL_DATA is not None:
    DATA = REAL_DATA

    def test_the_published_fit_comes_out_of_the_published_tenth() -> None:
        model = habits(histories(cdnow.published_tenth(cdnow.orders(DATA)), cdnow.SPLIT, "UTC"))
        assert (model.n, round(model.log_likelihood, 1)) == (2357, -9582.4)
        assert np.exp(model.point).round(3).tolist() == [0.243, 4.414, 0.793, 2.426]

    def test_the_weeks_held_out_are_foretold_better_than_by_the_rate_before() -> None:
        tenth = cdnow.published_tenth(cdnow.orders(DATA))
        found = cdnow.held_out(tenth, habits(histories(tenth, cdnow.SPLIT, "UTC")))
        errors = {rule: float(((found[rule] - found["actual"]) ** 2).mean() ** 0.5) for rule in ("n_expected", "naive")}
        assert errors["n_expected"] == pytest.approx(1.608, abs=5e-4)
        assert errors["naive"] == pytest.approx(2.212, abs=5e-4)

    def test_churn_risk_ranks_and_holds_on_customers_it_has_not_seen() -> None:
        every = telco.customers(DATA)
        fold, outcome = telco.folds(every.height)[0], every["has_left"].cast(pl.Float64).to_numpy()
        chances = telco.foretold(every, fold)
        ours, plain = (telco.measured(chances[name], outcome, fold) for name in list(telco.MODELS)[:2])
        assert ours[0] > max(plain[0], 0.845)  # AUC
        assert ours[1] < min(plain[1], 0.135)  # Brier
        assert ours[3] < 0.015  # calibration

    def test_no_signal_speaks_of_who_somebody_is() -> None:
        assert {signal.name for signal in telco.SIGNALS}.isdisjoint(telco.EXCLUDED)
        assert {*telco.EXCLUDED} < {*telco.customers(DATA).columns}


def test_without_the_folder_the_command_says_what_it_needs() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.quality", "customers"], env={}, capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "CXLOOP_DATA must name the folder of real data" in told.stderr
