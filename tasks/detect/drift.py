"""Drift: did a series get worse against its own past?

Each week's value becomes a score, (value - usual level) / sqrt(sampling variance + tau²), and the scores
of the worse side are summed up (CUSUM). Two keys must turn: the sum passes the threshold that keeps the
promised rate of false alarms, and the run's last weeks are worse by a shift that matters.

The baseline is up to 52 weeks before the present run of the CUSUM, so a tested week is never in its own
baseline, a slow slide is not learnt as usual, and a series that improves raises its own bar. It is frozen
from an alarm until the series is back to normal: its last weeks are 52 times likelier at the usual level
than at the drifted one, and their mean is within the shift that matters. A level that is there to stay is
declared as an event that breaks the series.
"""

from collections.abc import Sequence
from datetime import date
from math import exp

import numpy as np
import polars as pl

from domain.kpis import Kpi
from domain.records import DriftVerdict, Finding, Point
from domain.windows import week_of
from tasks.detect.detector import LEAST_ARL0, DriftOptions, WeekState, walk
from tasks.detect.series import Series, series_of

_WEEKS_PER_MONTH = 365.25 / 12 / 7


def arl0_for(budget_false_alarms_a_month: float, n_series: int) -> float:
    """Weeks between false alarms of one series, so that all together keep the budget; at least 156.

    >>> round(arl0_for(1, 200))
    870
    """
    return max(LEAST_ARL0, n_series * _WEEKS_PER_MONTH / budget_false_alarms_a_month)


def judge_drift(
    points: pl.DataFrame, kpi: Kpi, scope: str, moment: date, options: DriftOptions, strata: pl.DataFrame | None = None
) -> Finding:
    """What drift says of one series at one moment; see `drift_path`."""
    return drift_path(points, kpi, scope, [moment], options, strata)[0]


def drift_path(
    points: pl.DataFrame,
    kpi: Kpi,
    scope: str,
    moments: Sequence[date],
    options: DriftOptions,
    strata: pl.DataFrame | None = None,
) -> list[Finding]:
    """What drift says of one series at each of many moments, in one pass.

    Args:
        points: one row per week of one series, as known at the last moment: period_start, period_end
            (date), n, n_open (int), total_sq, value, low, high (float, the KPI's unit). A finding rests
            on weeks that ended by its moment alone. Where outcomes become known late, past weeks change:
            then judge each moment with its own points.
        kpi: what the series measures.
        scope: canonical.
        moments: days before which all is judged (Mondays).
        options: how.
        strata: weeks by member of the dimension that is held constant, with `stratum` (str); None: not split.

    Returns:
        One finding per moment, in their order. 'no data': nothing in the week before the moment.
        'not enough evidence': under `min_weeks` to learn from. 'drifted' is a breach at every moment
        until 'back to normal'. `expected` is the usual level and `line` where a shift begins to matter,
        both in the KPI's unit; `since` is the first day of the run of worse weeks.
    """
    if kpi.better == "none":
        note = f"{kpi.title} is not judged on its own: neither way is better."
        return [_finding(kpi, scope, moment, options, "not enough evidence", note=note) for moment in moments]
    series = series_of(points, kpi, strata, options.breaks, options.kept_out)
    ended = np.array(series.end, dtype="datetime64[D]")
    states = list(walk(series, kpi, options))
    items = (points["n"] + points["n_open"]).to_list()
    heard = {end for end, n in zip(points["period_end"].to_list(), items, strict=True) if n}
    findings: list[Finding] = []
    for moment in moments:
        judged = int(np.searchsorted(ended, np.datetime64(moment), side="right"))
        if week_of(moment) not in heard:
            findings.append(_finding(kpi, scope, moment, options, "no data", note="No items in the last week."))
        elif not judged:
            findings.append(_finding(kpi, scope, moment, options, "not enough evidence", note=_few(0, options)))
        else:
            findings.append(_told(series, states[judged - 1], kpi, scope, moment, options))
    return findings


def _told(series: Series, state: WeekState, kpi: Kpi, scope: str, moment: date, options: DriftOptions) -> Finding:
    """A week's state as a finding, in the KPI's unit."""
    point, baseline = series.points[state.row], state.baseline
    if baseline is None or state.value is None:
        note = _few(0 if baseline is None else baseline.m, options)
        return _finding(kpi, scope, moment, options, state.verdict, note=note, point=point)

    def shown(value: float) -> float:
        return exp(value) if kpi.statistic == "quantile" else value

    sign = 1.0 if kpi.better == "down" else -1.0
    parts = [f"Usual level from {baseline.m} weeks."]
    if state.verdict == "drifted" and state.since is not None:
        parts.append(f"Worse since the week of {series.start[state.since].isoformat()}.")
    elif state.c > state.h:
        parts.append("A real change, but smaller than what matters.")
    if len(baseline.mix) > 1:
        parts.append(f"At its usual mix this week is {shown(state.value):.4g}.")
    return Finding(
        rule=options.rule, kpi=kpi.name, scope=scope, benchmark="", moment=moment, verdict=state.verdict,
        point=point, expected=shown(baseline.centre), line=shown(baseline.centre + sign * baseline.matters),
        since=series.start[state.since] if state.verdict == "drifted" and state.since is not None else None,
        is_breach=state.verdict == "drifted", is_recovered=state.verdict in ("no change", "back to normal"),
        is_provisional=baseline.m < options.baseline_weeks, note=" ".join(parts),
    )  # fmt: skip


def _few(m: int, options: DriftOptions) -> str:
    return (
        f"Fewer than {options.min_weeks} weeks to learn from." if m < options.min_weeks else "Too few of the usual mix."
    )


def _finding(
    kpi: Kpi,
    scope: str,
    moment: date,
    options: DriftOptions,
    verdict: DriftVerdict,
    *,
    note: str,
    point: Point | None = None,
) -> Finding:
    return Finding(options.rule, kpi.name, scope, "", moment, verdict, point, note=note)
