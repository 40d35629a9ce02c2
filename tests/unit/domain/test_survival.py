import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.survival import median_time, survival, survival_at

BY = ["group"]


def spans(*rows: tuple[int, int, bool], group: str = "all") -> pl.DataFrame:
    schema = {"entered": pl.Int64(), "left": pl.Int64(), "has_ended": pl.Boolean()}
    return pl.DataFrame(list(rows), schema=schema, orient="row").with_columns(group=pl.lit(group))


def watched_from_the_start(ended: list[int], seen: list[int] | None = None, group: str = "all") -> pl.DataFrame:
    return spans(*((0, at, True) for at in ended), *((0, at, False) for at in seen or []), group=group)


def remission() -> pl.DataFrame:
    """Weeks of remission in leukemia (Freireich and others 1963), as in every textbook since."""
    drug = watched_from_the_start(
        [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], "6-MP"
    )
    none = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    return pl.concat([drug, watched_from_the_start(none, group="placebo")])


def test_the_remission_times_give_the_published_curve() -> None:
    curve = survival(remission(), BY).filter(pl.col("group") == "6-MP", pl.col("n_ended") > 0)
    assert curve["n_at_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]
    assert curve["survival"].round(3).to_list() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert curve["low"].round(3).to_list() == [0.620, 0.563, 0.503, 0.432, 0.368, 0.268, 0.188]
    assert curve["high"].round(3).to_list() == [0.952, 0.923, 0.889, 0.849, 0.805, 0.747, 0.680]


def test_the_remission_times_give_the_published_medians() -> None:
    medians = median_time(survival(remission(), BY), BY).select("group", "median", "median_low", "median_high").rows()
    assert medians == [("6-MP", 23, 13, None), ("placebo", 8, 4, 11)]


def test_who_is_met_on_the_way_counts_from_then_on() -> None:
    # at 2: two watched, one ends; at 5: the one left and two met at 3 and 4, one of three ends
    curve = survival(spans((0, 2, True), (0, 9, False), (3, 5, True), (4, 9, False)), BY)
    assert curve.filter(pl.col("n_ended") > 0).select("time", "n_at_risk", "survival").rows() == [
        (2, 2, 0.5),
        (5, 3, pytest.approx(1 / 3)),
    ]


def test_to_take_the_late_met_for_watched_all_along_would_flatter() -> None:
    rng = np.random.default_rng(1)
    life, age = rng.exponential(400, 4000).astype(int), rng.integers(0, 1200, 4000)
    entered = np.maximum(0, age - 300)
    late = pl.DataFrame(
        {"entered": entered, "left": np.minimum(life, age), "has_ended": life < age, "group": "all"}
    ).filter(pl.col("left") > pl.col("entered"))
    right = survival_at(survival(late, BY, least_at_risk=20), BY, [365])
    flattered = survival_at(survival(late.with_columns(entered=pl.lit(0)), BY), BY, [365])
    truth = float(np.exp(-365 / 400))
    assert right["low"][0] < truth < right["high"][0]
    assert flattered["low"][0] > truth


def test_the_curve_begins_where_enough_are_watched() -> None:
    rows = [(10 + i, 40, False) for i in range(20)]
    alone = spans((5, 8, True), *rows)
    assert survival(alone, BY)["survival"][-1] == 1.0  # and not 0 for ever, for the one who ended alone
    curve = survival(alone, BY, least_at_risk=5)
    assert curve.select("time", "from_time").unique().rows() == [(40, 10)]
    assert survival(alone, BY, least_at_risk=21).is_empty()


def test_before_it_begins_and_behind_the_last_seen_there_is_no_share() -> None:
    curve = survival(spans(*((10, 20, i == 0) for i in range(8)), (10, 30, False)), BY)
    read = survival_at(curve, BY, [5, 15, 20, 25, 31])
    assert read["survival"].to_list() == [None, 1.0, pytest.approx(8 / 9), pytest.approx(8 / 9), None]
    assert read["n_at_risk"].to_list() == [9, 9, 9, 1, 0]


def test_where_nobody_ended_yet_the_lower_bound_is_not_one() -> None:
    read = survival_at(survival(watched_from_the_start([], [10] * 10), BY), BY, [5])
    assert read.select("survival", "low", "high").row(0) == (1.0, pytest.approx(0.7225, abs=1e-4), 1.0)


def test_where_all_have_ended_it_stays_at_zero_with_an_upper_bound() -> None:
    read = survival_at(survival(watched_from_the_start([3, 3, 4]), BY), BY, [4, 100])
    assert read["survival"].to_list() == [0.0, 0.0]
    assert read["low"].to_list() == [0.0, 0.0]
    assert all(0 < high < 1 for high in read["high"].to_list())


def test_an_end_on_the_first_day_counts() -> None:
    assert survival(watched_from_the_start([0], [5, 5, 5]), BY)["survival"][0] == 0.75


def test_nobody_gives_no_curve() -> None:
    none = spans()
    assert survival(none, BY).is_empty()
    assert survival_at(survival(none, BY), BY, [1]).is_empty()
    assert median_time(survival(none, BY), BY).is_empty()


ENDS = st.lists(st.integers(0, 60), min_size=1, max_size=60)


@given(ENDS)
def test_without_anybody_still_running_it_is_the_share_that_lasted_longer(ends: list[int]) -> None:
    curve = survival(watched_from_the_start(ends), BY)
    assert dict(curve.select("time", "survival").rows()) == {
        time: pytest.approx(sum(end > time for end in ends) / len(ends), abs=1e-12) for time in set(ends)
    }


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), max_size=50))
@settings(max_examples=60)
def test_bounds_hold_the_share_and_the_order_of_rows_does_not_matter(rows: list[tuple[int, int, bool]]) -> None:
    curve = survival(spans(*rows), BY)
    assert curve.filter((pl.col("low") > pl.col("survival")) | (pl.col("survival") > pl.col("high"))).is_empty()
    assert curve.filter((pl.col("low") < 0) | (pl.col("high") > 1)).is_empty()
    assert curve["survival"].diff().drop_nulls().le(1e-12).all()
    assert curve.equals(survival(spans(*reversed(rows)), BY))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    n_studies, n = 600, 60
    life, watched = rng.exponential(100, (n_studies, n)), rng.uniform(30, 250, (n_studies, n))
    every = pl.DataFrame({
        "group": np.repeat(np.arange(n_studies), n), "entered": 0,
        "left": np.minimum(life, watched).ravel().astype(int), "has_ended": (life <= watched).ravel(),
    })  # fmt: skip
    read = survival_at(survival(every, BY), BY, [50])
    truth = float(np.exp(-51 / 100))  # whole days: who ends within day 50 has ended
    covered = ((read["low"] <= truth) & (read["high"] >= truth)).mean()
    assert covered is not None
    assert 0.93 <= float(covered) <= 0.97  # pyright: ignore[reportArgumentType]
