from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from domain.kpis import KPIS
from domain.scopes import WHOLE
from domain.windows import Window
from tasks.detect.detector import walk
from tasks.detect.drift import DriftOptions, arl0_for, drift_path, judge_drift
from tasks.detect.series import series_of

NPS, CSAT, CES, REPLY = KPIS["nps"], KPIS["csat"], KPIS["ces"], KPIS["first_reply_time"]
QUIET = DriftOptions(arl0_weeks=2000)
"""So rare false alarms that a story is not spoilt by chance."""


def levels(*spans: tuple[int, float]) -> np.ndarray:
    """Level by level: (weeks, points)."""
    return np.concatenate([np.full(weeks, level, dtype=float) for weeks, level in spans])


def path(frame, kpi, options=QUIET, strata=None):
    """A finding for every Monday of the series."""
    return drift_path(frame, kpi, WHOLE, frame["period_end"].to_list(), options, strata)


@pytest.mark.parametrize(("weeks", "at_most"), [(52, 0.35), (26, 0.36)])
def test_a_series_without_change_keeps_the_promised_first_year(rng, made_up, weeks, at_most):
    options = DriftOptions(min_weeks=weeks)
    alarmed = [
        any(state.verdict == "drifted" for state in walk(series_of(frame, NPS), NPS, options))
        for frame in (made_up["nps"](rng, levels((weeks + 52, 25)), tau=2.0) for _ in range(400))
    ]
    assert np.mean(alarmed) <= at_most


@pytest.mark.parametrize(("drop", "at_most"), [(5, 8.5), (10, 3.5)])
def test_a_drop_is_found_soon_with_all_learnt_from_a_year(rng, made_up, drop, at_most):
    options = DriftOptions(min_weeks=52)
    delays = []
    for _ in range(250):
        frame = made_up["nps"](rng, levels((54, 25), (60, 25 - drop)))
        rows = [state.row for state in walk(series_of(frame, NPS), NPS, options) if state.verdict == "drifted"]
        delays.append(rows[0] - 53 if rows else 61)
    assert np.median([delay for delay in delays if delay > 0]) <= at_most


def test_a_drop_is_told_until_it_is_over_and_dated(rng, made_up):
    findings = path(made_up["nps"](rng, levels((70, 25), (16, 10), (20, 25))), NPS)
    told = made_up["told"](findings)
    assert made_up["monday"](71) <= told[0] <= made_up["monday"](76)
    assert all(later - earlier == timedelta(weeks=1) for earlier, later in pairwise(told))
    assert made_up["monday"](86) <= told[-1] <= made_up["monday"](93)
    first = next(finding for finding in findings if finding.is_breach)
    assert first.since is not None
    assert abs(first.since - made_up["monday"](70)) <= timedelta(weeks=3)
    assert first.expected == pytest.approx(25, abs=3)
    assert first.line == pytest.approx(first.expected - 3)
    after = findings[findings.index(first) + len(told)]
    assert (after.verdict, after.is_recovered) == ("back to normal", True)
    assert {finding.verdict for finding in findings[findings.index(after) + 1 :]} == {"no change"}


def test_a_slow_slide_is_not_learnt_as_usual(rng, made_up):
    slide = np.concatenate([np.full(60, 25.0), 25 - 0.4 * np.arange(40)])
    assert made_up["told"](path(made_up["nps"](rng, slide), NPS))


def test_an_improvement_never_alarms(rng, made_up):
    for series in range(20):
        rise = (
            np.concatenate([np.full(40, 10.0), 10 + 0.5 * np.arange(60)]) if series % 2 else levels((50, 10), (50, 30))
        )
        frame = made_up["nps"](rng, rise, n=400)
        assert not made_up["told"](path(frame, NPS, DriftOptions(min_weeks=39, arl0_weeks=2000)))


def test_where_lower_is_better_a_fall_is_an_improvement(rng, made_up):
    n = np.full(90, 400)
    median = np.where(np.arange(90) < 60, 3600.0, 2400.0) * np.exp(rng.normal(0, 0.05, 90))
    width = np.full(90, 0.1)
    assert not made_up["told"](path(made_up["median"](n, median, width), REPLY))
    told = made_up["told"](path(made_up["median"](n, median[::-1].copy(), width), REPLY))
    assert made_up["monday"](31) <= told[0] <= made_up["monday"](33)


def test_a_declared_break_is_never_compared_across(rng, made_up):
    frame = made_up["nps"](rng, levels((60, 40), (60, 15)), n=400)
    on = made_up["monday"](60)
    assert made_up["told"](path(frame, NPS))
    for day in (on, on + timedelta(days=3)):
        findings = path(frame, NPS, replace(QUIET, breaks=(day,)))
        assert not made_up["told"](findings)
        early = [f for f in findings if day < f.moment <= on + timedelta(weeks=26)]
        assert {finding.verdict for finding in early if finding.moment > on + timedelta(weeks=1)} == {
            "not enough evidence"
        }


def test_weeks_of_known_events_are_judged_and_never_learnt_from(rng, made_up):
    frame = made_up["nps"](rng, levels((30, 25), (6, -20), (30, 25)), n=400)
    event = Window(made_up["monday"](30), made_up["monday"](36))
    with_event = path(frame, NPS, replace(QUIET, kept_out=(event,)))
    assert any(finding.is_breach for finding in with_event if finding.moment <= event.end)
    last = with_event[-1]
    assert last.expected == pytest.approx(25, abs=2)


def test_a_past_episode_is_never_learnt_from(rng, made_up):
    findings = path(made_up["nps"](rng, levels((40, 25), (12, 5), (30, 25)), n=400), NPS)
    assert findings[-1].verdict == "no change"
    assert findings[-1].expected == pytest.approx(25, abs=2)


def test_a_real_change_too_small_to_matter_is_not_told(rng, made_up):
    frame = made_up["nps"](rng, levels((60, 25), (40, 24)), n=20_000)
    findings = path(frame, NPS)
    assert not made_up["told"](findings)
    assert "smaller than what matters" in findings[-1].note
    assert made_up["told"](path(frame, NPS, replace(QUIET, min_shift=0.5)))


def test_what_later_weeks_bring_changes_no_earlier_finding(rng, made_up):
    frame = made_up["nps"](rng, levels((60, 25), (20, 12), (20, 25)), tau=2.0)
    whole = path(frame, NPS)
    for week in (10, 27, 61, 66, 84, 95):
        moment = frame["period_end"][week]
        assert judge_drift(frame.head(week + 1), NPS, WHOLE, moment, QUIET) == whole[week]


def test_the_order_of_rows_does_not_matter(rng, made_up):
    frame = made_up["nps"](rng, levels((50, 25), (20, 10)))
    assert path(frame, NPS) == drift_path(
        frame.sample(fraction=1, shuffle=True, seed=1), NPS, WHOLE, frame["period_end"].to_list(), QUIET
    )


def test_under_26_weeks_there_is_no_verdict_and_under_52_it_is_provisional(rng, made_up):
    findings = path(made_up["nps"](rng, levels((80, 25))), NPS)
    assert {finding.verdict for finding in findings[:26]} == {"not enough evidence"}
    assert not any(finding.is_recovered for finding in findings[:26])
    assert all(finding.is_provisional for finding in findings[26:50])
    assert not findings[-1].is_provisional


def test_weeks_whose_outcomes_are_open_are_not_judged(made_up):
    n, hits = np.full(60, 400), np.full(60, 320) + np.tile([4, -4], 30)
    n_open = np.zeros(60, dtype=int)
    n[-2:], hits[-2:], n_open[-2:] = 300, 90, 100
    findings = path(made_up["share"](n, hits, n_open), CSAT)
    assert [finding.verdict for finding in findings[-3:]] == ["no change"] * 3
    assert findings[-1].point == findings[-3].point


def test_no_items_are_no_data_and_never_a_recovery(rng, made_up):
    frame = made_up["nps"](rng, levels((60, 25), (6, -20)), n=400)
    gone = drift_path(frame, NPS, WHOLE, [made_up["monday"](66), made_up["monday"](68)], QUIET)
    assert gone[0].is_breach
    assert (gone[1].verdict, gone[1].is_breach, gone[1].is_recovered) == ("no data", False, False)


def test_small_weeks_are_merged_until_they_say_something(rng, made_up):
    frame = made_up["nps"](rng, levels((120, 30), (60, -10)), n=12)
    findings = path(frame, NPS)
    told = made_up["told"](findings)
    assert made_up["monday"](120) < told[0] <= made_up["monday"](140)
    point = next(finding for finding in findings if finding.is_breach).point
    assert (point.n, point.period_end - point.period_start) == (36, timedelta(weeks=3))
    assert point.low < point.value < point.high


def test_a_backlog_that_wanders_is_not_taken_for_independent_weeks(rng, made_up):
    backlog = KPIS["backlog"]
    alarmed = 0
    for _ in range(60):
        wander = np.zeros(120)
        for week in range(1, 120):
            wander[week] = 0.6 * wander[week - 1] + rng.normal(0, 16)
        level = 200 + wander
        frame = made_up["median"](np.full(120, 100), level, np.zeros(120))
        alarmed += bool(made_up["told"](path(frame, backlog, DriftOptions(min_weeks=52))))
    assert alarmed / 60 <= 0.4


def constant(weeks: int, last: int, low: float, made_up):
    mean = np.where(np.arange(weeks) < weeks - last, 5.0, low)
    return made_up["mean"](np.full(weeks, 50), mean, 0.0)


def test_a_constant_series_never_alarms_until_it_moves_by_what_matters(made_up):
    assert not made_up["told"](path(constant(60, 0, 5.0, made_up), CES))
    assert not made_up["told"](path(constant(60, 4, 4.95, made_up), CES))
    assert made_up["told"](path(constant(60, 4, 4.5, made_up), CES))


def test_a_share_that_was_always_whole_can_still_drift(made_up):
    n = np.full(60, 200)
    assert not made_up["told"](path(made_up["share"](n, n), CSAT))
    hits = np.where(np.arange(60) < 56, 200, 170)
    assert made_up["told"](path(made_up["share"](n, hits), CSAT))


@pytest.mark.parametrize("name", ["nps", "csat", "ces", "first_reply_time", "backlog", "contact_rate", "ticket_volume"])
def test_an_empty_series_and_one_of_a_single_week_give_no_verdict(rng, made_up, name):
    one = made_up["nps"](rng, levels((1, 25)))
    moments = [made_up["monday"](1), made_up["monday"](2)]
    empty = drift_path(one.clear(), KPIS[name], WHOLE, moments, QUIET)
    single = drift_path(one, KPIS[name], WHOLE, moments, QUIET)
    told_nothing = {"no data", "not enough evidence"}
    assert {finding.verdict for finding in empty + single} <= told_nothing
    assert not any(finding.is_breach or finding.is_recovered for finding in empty + single)


def test_a_kpi_without_a_better_side_is_never_judged(rng, made_up):
    findings = path(made_up["nps"](rng, levels((60, 25), (10, 5))), KPIS["ticket_volume"])
    assert {finding.verdict for finding in findings} == {"not enough evidence"}


def test_findings_go_under_the_name_asked_for(rng, made_up):
    frame = made_up["nps"](rng, levels((30, 25)))
    findings = path(frame, NPS, DriftOptions(rule="churn"))
    assert {(finding.rule, finding.benchmark, finding.kpi) for finding in findings} == {("churn", "", "nps")}


def test_the_budget_of_all_series_sets_the_promise_of_each():
    assert arl0_for(1, 200) == pytest.approx(869.6, abs=0.1)
    assert arl0_for(1, 10) == 156
    assert arl0_for(2, 200) == pytest.approx(arl0_for(1, 100))


def test_two_hundred_series_keep_the_budget_and_their_drops_are_found(rng, made_up):
    options = DriftOptions(arl0_weeks=arl0_for(1, 200), min_weeks=52)
    false, found = 0, 0
    for i in range(260):
        frame = made_up["nps"](rng, levels((66, 25), (38, 20 if i >= 200 else 25)))
        rows = [state.row for state in walk(series_of(frame, NPS), NPS, options) if state.verdict == "drifted"]
        false += i < 200 and bool(rows)
        found += i >= 200 and bool(rows)
    assert false <= 15
    assert found / 60 >= 0.75


# --- a change of mix is no drift


def easy_and_hard(rng, share_easy: np.ndarray, worse_by: np.ndarray | float = 0.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Human resolution times (s): easy ones take 20 minutes, hard ones 8 hours; log sd 1. (whole, strata)"""
    monday = [date(2024, 1, 1) + timedelta(weeks=i) for i in range(len(share_easy) + 1)]
    rows, parts = [], []
    for week, (easy, slower) in enumerate(zip(share_easy, np.broadcast_to(worse_by, len(share_easy)), strict=True)):
        held = {
            "easy": np.exp(rng.normal(np.log(1200) + slower, 1, round(400 * easy))),
            "hard": np.exp(rng.normal(np.log(28800) + slower, 1, 200)),
        }
        held["whole"] = np.concatenate(list(held.values()))
        for stratum, times in held.items():
            ordered, half = np.sort(times), 1.96 * np.sqrt(len(times)) / 2
            at = [ordered[int(np.clip(len(times) / 2 + d, 0, len(times) - 1))] for d in (0, -half, half)]
            row = {"period_start": monday[week], "period_end": monday[week + 1], "n": len(times), "n_open": 0,
                   "total": 0.0, "total_sq": 0.0, "value": at[0], "low": at[1], "high": at[2]}  # fmt: skip
            (rows if stratum == "whole" else parts).append({"stratum": stratum, **row})
    return pl.DataFrame(rows).drop("stratum"), pl.DataFrame(parts)


def test_a_bot_that_takes_the_easy_tickets_makes_nobody_slower(rng, made_up):
    kpi = KPIS["full_resolution_time"]
    easy = np.where(np.arange(90) < 60, 1.0, 0.15)
    whole, strata = easy_and_hard(rng, easy)
    assert made_up["told"](path(whole, kpi)), "the plain median rises"
    assert not made_up["told"](path(whole, kpi, strata=strata))


def test_people_who_do_get_slower_are_still_told_beside_a_bot(rng, made_up):
    kpi = KPIS["full_resolution_time"]
    easy, slower = np.where(np.arange(90) < 60, 1.0, 0.15), np.where(np.arange(90) < 75, 0.0, 0.4)
    whole, strata = easy_and_hard(rng, easy, slower)
    told = made_up["told"](path(whole, kpi, strata=strata))
    assert made_up["monday"](75) < told[0] <= made_up["monday"](80)


def test_a_stratum_that_was_never_seen_before_is_no_drift(rng, made_up):
    kpi = KPIS["full_resolution_time"]
    whole, strata = easy_and_hard(rng, np.full(90, 1.0))
    late = strata.filter((pl.col("stratum") == "hard") & (pl.col("period_start") >= made_up["monday"](60)))
    new = late.with_columns(pl.lit("new").alias("stratum"), pl.col("value", "low", "high") * 10)
    assert not made_up["told"](path(whole, kpi, strata=pl.concat([strata, new])))


def test_a_drift_that_lasts_is_rarely_called_over(rng, made_up):
    over = 0
    for _ in range(60):
        findings = path(made_up["nps"](rng, levels((54, 25), (52, 17))), NPS, DriftOptions(min_weeks=52))
        over += any(
            finding.verdict == "back to normal" for finding in findings if finding.moment > made_up["monday"](58)
        )
    assert over / 60 <= 0.3
