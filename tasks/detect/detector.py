"""The drift detector itself: one series, week by week; every state rests on its own and earlier weeks alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from math import isnan, log, sqrt

import numpy as np

from domain.kpis import Kpi
from domain.records import DriftVerdict, Rule
from domain.windows import Window
from tasks.detect.baseline import Baseline, learn
from tasks.detect.cusum import HALF_SIGMA, step, threshold
from tasks.detect.series import Series

LEAST_ARL0 = 156.0
"""Weeks between false alarms of one series, at least: three years."""

_RECENT = 8
"""The present shift is the mean of so many last weeks of a run."""

_EVIDENCE = log(52)
"""An episode is over when its last weeks are this much likelier (log) at the usual level than at the
drifted one: a drift that lasts is called over by chance once in 52 weeks at most (Lorden 1971)."""

_LEAST_GOOD = 2
"""Weeks: one good week alone ends no episode."""

_RENEWED_EVERY = 4
"""In control, a baseline is learnt again once so many weeks have joined it."""

_LEARNT_FROM = (26, 39, 52)
"""Baseline lengths that thresholds are solved for; others use the next shorter."""

_KNOWN_SHARES = (0.0, 0.75, 0.9)
"""Shares of the variance known from counts that thresholds are solved for; others use the next smaller."""


@dataclass(frozen=True)
class DriftOptions:
    """How drift is judged.

    Attributes:
        arl0_weeks: promised mean weeks to a false alarm of this series (`arl0_for`).
        k: the CUSUM's allowance, in standard deviations.
        min_shift: the shift that matters, in the KPI's unit: a benchmark's tolerance; None: the
            default of its statistic (tasks/detect/baseline.py).
        min_weeks: fewer before the tested week give no verdict.
        baseline_weeks: at most so many are learnt from; fewer make a finding provisional.
        breaks: days before and after which values are never compared.
        kept_out: known events and past incidents: their weeks are judged, never learnt from.
        rule: the name findings go under.
    """

    arl0_weeks: float = LEAST_ARL0
    k: float = HALF_SIGMA
    min_shift: float | None = None
    min_weeks: int = 26
    baseline_weeks: int = 52
    breaks: tuple[date, ...] = ()
    kept_out: tuple[Window, ...] = ()
    rule: Rule = "drift"


@dataclass(frozen=True)
class WeekState:
    """What was known of a series after one of its weeks.

    Attributes:
        row: the week, as a row of the series.
        verdict: of that week.
        baseline: what was usual then; None: not yet known.
        value: the week's value at the usual mix, on the working scale.
        c, h: the CUSUM and its threshold.
        shift: mean of the run's last weeks less the centre, worse is positive, on the working scale.
        since: row in which the run, or the episode, began.
    """

    row: int
    verdict: DriftVerdict
    baseline: Baseline | None = None
    value: float | None = None
    c: float = 0.0
    h: float = 0.0
    shift: float = 0.0
    since: int | None = None


@dataclass
class _Run:
    """Weeks in a row on one side: how far, how sure."""

    rows: list[int] = field(default_factory=list[int])
    worse_by: list[float] = field(default_factory=list[float])
    variances: list[float] = field(default_factory=list[float])

    def add(self, row: int, worse_by: float, variance: float) -> None:
        """One more week."""
        self.rows.append(row)
        self.worse_by.append(worse_by)
        self.variances.append(variance)

    def join(self, later: "_Run") -> None:
        """The weeks of another run, after these."""
        self.rows += later.rows
        self.worse_by += later.worse_by
        self.variances += later.variances

    def mean(self, last: int = 0) -> float:
        """Weighted mean of the last weeks (0: of all)."""
        weights = [1 / variance for variance in self.variances[-last:]]
        return sum(w * d for w, d in zip(weights, self.worse_by[-last:], strict=True)) / sum(weights)

    def cautious_mean(self) -> float:
        """The mean less its standard error: a run that alarmed looks worse than it is."""
        return self.mean() - 1 / sqrt(sum(1 / variance for variance in self.variances))


class Detector:
    """Feeds on the weeks of one series in order; `feed` gives what is known after each."""

    def __init__(self, series: Series, kpi: Kpi, options: DriftOptions) -> None:
        self._series, self._kpi, self._options = series, kpi, options
        self._worse = 1.0 if kpi.better == "down" else -1.0
        self._levels: list[float] = []
        self._errors: list[float] = []
        self._start_afresh()

    def _start_afresh(self) -> None:
        """Nothing known, as at the first week and after a declared break."""
        self._usual: list[int] = []
        self._baseline: Baseline | None = None
        self._n_learnt = 0
        self._settle()

    def _settle(self) -> None:
        """In control: a run begins anew, against a new baseline where enough weeks have joined it."""
        if len(self._usual) >= self._n_learnt + _RENEWED_EVERY:
            self._baseline = None
        self._run, self._good = _Run(), _Run()
        self._c = self._h = self._evidence = self._drifted_by = 0.0

    def feed(self, row: int) -> WeekState:
        """The state after the week `row`; rows come in order, from 0."""
        if row and self._series.segment[row] != self._series.segment[row - 1]:
            self._start_afresh()
        baseline = self._baseline or self._learn()
        if baseline is None:
            self._remember([row])
            return WeekState(row, "not enough evidence")
        value, error = self._levels[row], self._errors[row]
        if isnan(value):
            return WeekState(row, "not enough evidence", baseline)
        variance, worse_by = baseline.variance(error), self._worse * (value - baseline.centre)
        if self._drifted_by > 0:
            return self._in_episode(row, value, worse_by, variance, baseline)
        if not self._run.rows:
            self._h = _threshold(baseline, error, self._options)
        return self._in_control(row, value, worse_by, variance, baseline)

    def _in_control(self, row: int, value: float, worse_by: float, variance: float, baseline: Baseline) -> WeekState:
        """One step of the CUSUM: no change, or a drift begins."""
        c, h = step(self._c, worse_by / sqrt(variance), self._options.k), self._h
        self._run.add(row, worse_by, variance)
        if c == 0:
            self._remember(self._run.rows)
            self._settle()
            return WeekState(row, "no change", baseline, value, c, h)
        shift, since = self._run.mean(_RECENT), self._run.rows[0]
        if c > h and shift >= baseline.matters:
            self._c, self._drifted_by = c, max(baseline.matters, self._run.cautious_mean())
            return WeekState(row, "drifted", baseline, value, c, h, shift, since)
        # real but too small to matter: the evidence is kept, not piled up
        self._c = min(c, h)
        return WeekState(row, "no change", baseline, value, c, h, shift, since)

    def _in_episode(self, row: int, value: float, worse_by: float, variance: float, baseline: Baseline) -> WeekState:
        """The likelihood of the usual level against the drifted one: still drifted, or back to normal."""
        towards = self._drifted_by / variance * (self._drifted_by / 2 - worse_by)
        self._evidence = max(0.0, self._evidence + towards)
        c, h, since = self._c, self._h, self._run.rows[0]
        self._good.add(row, worse_by, variance)
        if self._evidence == 0:
            self._run.join(self._good)
            self._good, self._drifted_by = _Run(), max(baseline.matters, self._run.cautious_mean())
            return WeekState(row, "drifted", baseline, value, c, h, self._run.mean(_RECENT), since)
        shift, is_one_week = self._good.mean(), len(self._good.rows) < _LEAST_GOOD
        if self._evidence <= _EVIDENCE or shift > baseline.matters or is_one_week:
            self._evidence = min(self._evidence, _EVIDENCE)
            return WeekState(row, "drifted", baseline, value, c, h, shift, since)
        self._remember(self._good.rows)
        self._settle()
        return WeekState(row, "back to normal", baseline, value, c, h, shift, since)

    def _learn(self) -> Baseline | None:
        """The baseline of the last quiet weeks, and every week's level at its mix."""
        options = self._options
        if len(self._usual) < options.min_weeks:
            return None
        rows = np.array(self._usual[-options.baseline_weeks :])
        baseline = learn(self._series, rows, self._kpi, options.min_shift, options.min_weeks)
        if baseline is not None:
            levels, errors = baseline.levels(self._series)
            self._baseline, self._n_learnt = baseline, len(self._usual)
            self._levels, self._errors = levels.tolist(), errors.tolist()
        return baseline

    def _remember(self, rows: list[int]) -> None:
        """Weeks that a later baseline may learn from."""
        self._usual.extend(row for row in rows if not self._series.kept_out[row])


def walk(series: Series, kpi: Kpi, options: DriftOptions) -> Iterator[WeekState]:
    """The state after each week of a series, in one pass."""
    detector = Detector(series, kpi, options)
    return map(detector.feed, range(len(series)))


def _threshold(baseline: Baseline, sampling: float, options: DriftOptions) -> float:
    """For a baseline of this length; both inputs are rounded down, so that few are ever solved."""
    m = max((weeks for weeks in _LEARNT_FROM if weeks <= baseline.m), default=baseline.m)
    known_share = max(share for share in _KNOWN_SHARES if share <= baseline.known_share(sampling))
    return threshold(options.arl0_weeks, options.k, m, known_share)
