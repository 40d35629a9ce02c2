"""The sketch of durations: medians and p90 within 1 % of exact, and parts that add exactly."""

from collections import Counter
from math import ceil, inf

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.random import Generator, default_rng

from domain.histogram import GAMMA, UNBOUNDED_S, added, bin_of, decoded, merged, quantiles, value_of

WITHIN = 0.01
QUANTILES = {"full_resolution_time": 0.5, "full_resolution_time_p90": 0.9}
LONGEST_S = 10 * 365 * 86_400.0


def lognormal(draw: Generator, n: int) -> list[float]:
    return list(draw.lognormal(8.5, 1.6, n))


def heavy_tail(draw: Generator, n: int) -> list[float]:
    return [min(60 * (1 + float(x)), LONGEST_S) for x in draw.pareto(0.7, n)]


def constant(draw: Generator, n: int) -> list[float]:
    return [float(draw.uniform(1, 1e6))] * n


def two_values(draw: Generator, n: int) -> list[float]:
    return [3_600.0 if low else 86_400.0 * 30 for low in draw.random(n) < 0.5]


def minutes_with_ties(draw: Generator, n: int) -> list[float]:
    return [60.0 * int(minutes) for minutes in draw.integers(1, 12, n)]


def on_the_edges(draw: Generator, n: int) -> list[float]:
    return [float(GAMMA ** int(k)) for k in draw.integers(0, 900, n)]


SHAPES = (lognormal, heavy_tail, constant, two_values, minutes_with_ties, on_the_edges)
durations = st.builds(
    lambda shape, seed, n: shape(default_rng(seed), n),
    st.sampled_from(SHAPES),
    st.integers(0, 2**32),
    st.integers(1, 400),
)


def exact(values: list[float], q: float) -> float:
    """The smallest value that at least a share q of all reach: of an even number the lower middle one."""
    return sorted(values)[max(1, ceil(len(values) * q)) - 1]


def sketch(values: list[float]) -> str:
    """Durations as they are kept in `kpi_days.bins`."""
    counts = Counter(pl.Series(values, dtype=pl.Float64).to_frame("s").select(bin_of(pl.col("s"))).to_series())
    return " ".join(f"{index}:{n}" for index, n in sorted(counts.items()))


def summed(sketches: list[str], signs: list[int] | None = None) -> str:
    """Sketches added up, as days are into weeks; a sign of -1 takes one away."""
    of = pl.DataFrame({"place": range(len(sketches)), "sign": signs or [1] * len(sketches)})
    bins = decoded(pl.Series("bins", sketches)).join(of.cast({"place": pl.UInt32}), on="place")
    counts = (bins["count"] * bins["sign"]).to_numpy()
    text = added(np.zeros(len(counts), np.int64), bins["bin"].to_numpy(), counts)["bins"].to_list()
    return text[0] if text else ""


def told(text: str, kpi: str) -> float:
    """The quantile that the loop tells of one group."""
    return told_of(text, kpi)["value"]


def told_of(text: str, kpi: str, n_open: int = 0) -> dict[str, float]:
    """All that is told of one group: the value, its interval and its bounds."""
    held = decoded(pl.Series("bins", [text])).select("bin", "count", group=pl.lit(0, pl.Int64))
    counts = pl.DataFrame({"group": [0], "kpi": [kpi], "n_open": [n_open]}, schema_overrides={"group": pl.Int64})
    return quantiles(held.lazy(), counts).collect().row(0, named=True)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(durations)
@example([1.0])
@example([GAMMA, GAMMA])
@example([1.0, LONGEST_S])
def test_median_and_p90_of_a_sketch_are_within_one_percent_of_exact(values: list[float]) -> None:
    text = sketch(values)
    for kpi, q in QUANTILES.items():
        of = exact(values, q)
        assert abs(told(text, kpi) - of) <= WITHIN * of


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(durations, st.randoms(use_true_random=False), st.integers(1, 9))
def test_sketches_of_any_parts_merged_in_any_order_are_the_sketch_of_the_whole(values, random, n_parts) -> None:
    parts: list[list[float]] = [[] for _ in range(n_parts)]
    for value in values:
        random.choice(parts).append(value)
    sketches = [sketch(part) for part in parts if part]
    random.shuffle(sketches)
    whole = sketch(values)
    assert summed(sketches) == whole
    at = random.randrange(len(sketches) + 1)
    halves = [summed(half) for half in (sketches[:at], sketches[at:]) if half]
    assert summed(halves) == whole


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(durations, durations)
@example([6_000.0], [float(GAMMA**249)])  # the very edge of a bin, alone and in a batch
def test_what_is_taken_away_again_leaves_exactly_the_rest(values: list[float], more: list[float]) -> None:
    assert summed([sketch(values + more), sketch(more)], [1, -1]) == sketch(values)


@settings(deadline=None)
@given(st.floats(1, LONGEST_S))
def test_the_middle_of_a_bin_is_within_one_percent_of_all_that_it_holds(seconds: float) -> None:
    middle = pl.DataFrame({"s": [seconds]}).select(value_of(bin_of(pl.col("s")))).item()
    assert abs(middle - seconds) <= WITHIN * seconds


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(durations, st.integers(1, 800), st.sampled_from(sorted(QUANTILES)))
@example([36_000.0] * 30, 60, "full_resolution_time")
@example([36_000.0] * 30, 30, "full_resolution_time")
def test_bounds_are_the_quantile_if_all_open_ones_took_no_time_and_if_none_ever_ended(values, n_open, kpi) -> None:
    found = told_of(sketch(values), kpi, n_open)
    at_once, never = (exact(values + [of] * n_open, QUANTILES[kpi]) for of in (0.0, inf))
    assert found["bound_low"] == pytest.approx(at_once, rel=WITHIN)
    assert found["bound_high"] == (UNBOUNDED_S if never == inf else pytest.approx(never, rel=WITHIN))


def test_where_most_are_open_nothing_is_surely_slow() -> None:
    # 30 replied in 10 h and 60 wait: of all 90 the 45th may have been at once
    found = told_of(sketch([36_000.0] * 30), "full_resolution_time", 60)
    assert (found["bound_low"], found["bound_high"]) == (0.0, UNBOUNDED_S)


def test_of_an_even_number_the_lower_middle_one_is_meant() -> None:
    # 10 min and 10 h: the mean of the two would be 5 h 5 min, which nobody waited
    assert told(sketch([600.0, 36_000.0]), "full_resolution_time") == pytest.approx(600, rel=WITHIN)


def test_under_a_second_a_sketch_says_half_a_second() -> None:
    for seconds in (0.0, 0.2, 0.999):
        assert told(sketch([seconds]), "full_resolution_time") == 0.5


each = st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(-4, 4))


@given(st.lists(each, max_size=30), st.sampled_from([1, 2, 9]))
def test_histograms_add_up_as_counters_do_whatever_their_counts_are(rows, most) -> None:
    rows = [(group, index, max(-most, min(most, n))) for group, index, n in rows]
    wanted: dict[int, Counter[int]] = {}
    for group, index, n in rows:
        wanted.setdefault(group, Counter())[index] += n
    texts = {
        group: " ".join(f"{index}:{n}" for index, n in sorted(held.items()) if n)
        for group, held in sorted(wanted.items()) if any(held.values())
    }  # fmt: skip
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    assert list(added(*columns).iter_rows()) == list(texts.items())
    place = pl.Series([group for group, *_ in rows], dtype=pl.Int64)
    alone = pl.Series([f"{index}:{n}" if n else None for _, index, n in rows], dtype=pl.String)
    assert list(merged(place, alone).iter_rows()) == list(texts.items())
