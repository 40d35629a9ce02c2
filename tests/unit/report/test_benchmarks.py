"""Rows of section 2: what was judged, against what, and what is not known."""

from datetime import date, timedelta

import polars as pl
import pytest

from domain.estimates import POINTS_SCHEMA
from domain.maturity import Waiting
from domain.roadmap import parse_roadmap
from sql.frames import schema_of
from sql.tables import findings
from tasks.report.benchmarks import Watch, benchmark_rows, later_of, value_rows
from tasks.report.standing import Later, Marker, Standing

MONDAY = date(2026, 3, 16)
WEEK = timedelta(days=7)
OFFICE = '{"segment":"office","survey":"relationship"}'
ROADMAP = """
version: 1
company: {name: Acme Brew}
vision: Good coffee never runs out.
owners: {cs-lead: {channel: "#cs"}, support-lead: {channel: "#support"}}
segments: {office: {when: "plan = 'office'"}, home: {when: "plan = 'home'"}}
surveys: {relationship: {kpi: nps, every: 180 days}, after-help: {kpi: csat, after: ticket solved}}
benchmarks:
  nps-office: {kpi: nps, survey: relationship, scope: {segment: office}, window: 28d, baseline: 24, on: 2025-07-01,
               target: 35, by: 2026-12-31, tolerance: 3, owner: cs-lead}
  csat: {kpi: csat, survey: after-help, window: week, baseline: 0.84, on: 2026-02-16, target: 0.90, by: 2026-12-31,
         tolerance: 0.02, owner: support-lead}
events:
  - {title: New carrier, on: 2026-02-09}
  - {title: Home price, on: 2026-02-01, touches: {segment: home}}
  - {title: Long ago, on: 2020-02-01}
"""


@pytest.fixture(scope="module")
def roadmap():
    return parse_roadmap(ROADMAP)


def found(verdict="surely behind", moment=MONDAY, benchmark="nps-office", kpi="nps", scope=OFFICE, **more):
    row = {
        "rule": "pace", "kpi": kpi, "scope": scope, "benchmark": benchmark, "moment": moment, "verdict": verdict,
        "is_breach": False, "is_recovered": False, "is_provisional": False, "period_start": moment - 4 * WEEK,
        "period_end": moment, "n": 316, "n_open": 0, "value": 15.5, "low": 6.3, "high": 24.5, "note": "",
    }  # fmt: skip
    return {**row, **more}


def findings_of(*rows):
    return pl.DataFrame(list(rows), schema=schema_of(list(findings.c)))


def periods(*rows):
    """Rows of (kpi, scope, period, end, value, n); three points of interval to each side."""
    days = {"week": 7, "28d": 28, "90d": 90, "month": 28, "all": 400}
    return pl.DataFrame(
        [
            {"kpi": k, "scope": s, "period": p, "period_start": e - timedelta(days=days[p]), "period_end": e, "n": n,
             "n_open": 0, "total": 0.0, "total_sq": 0.0, "value": v, "low": v - 3, "high": v + 3}
            for k, s, p, e, v, n in rows
        ],
        schema=POINTS_SCHEMA,
    )  # fmt: skip


def weekly(values, kpi="nps", scope=OFFICE, period="28d", n=300):
    return periods(*((kpi, scope, period, MONDAY - i * WEEK, v, n) for i, v in enumerate(reversed(values)) if v))


def test_rows_stand_in_the_roadmaps_order_with_the_path_of_the_periods_last_day(roadmap):
    first, second = benchmark_rows(roadmap, findings_of(found()), periods(), {}, MONDAY)
    assert (first.id, second.id) == ("nps-office", "csat")
    assert first.expected == pytest.approx(24 + 11 * 257 / 548)
    assert first.line == pytest.approx(first.expected - 3)
    assert (first.standing, second.standing) == (Standing.BEHIND, Standing.NO_DATA)


def test_a_benchmark_not_judged_this_monday_has_no_data_whatever_it_was(roadmap):
    row = benchmark_rows(roadmap, findings_of(found("on track", MONDAY - WEEK)), periods(), {}, MONDAY)[0]
    assert row.standing is Standing.NO_DATA
    assert row.note == "Nothing complete since 8 Mar; then it was on plan."


def test_a_later_finding_is_not_looked_at(roadmap):
    both = findings_of(found("on track"), found("surely behind", MONDAY + WEEK))
    assert benchmark_rows(roadmap, both, periods(), {}, MONDAY)[0].standing is Standing.ON_PLAN


def test_a_trailing_window_is_compared_with_the_one_before_that_shares_no_day(roadmap):
    history = [30.0, 29, 28, 27, 26, 25, 24, 20, 16]
    row = benchmark_rows(roadmap, findings_of(found()), weekly(history), {}, MONDAY)[0]
    assert row.change.before.period_end == MONDAY - 4 * WEEK
    assert row.change.by == pytest.approx(15.5 - 26)
    assert row.change.word == "clearly worse"


def test_without_a_near_period_there_is_nothing_to_compare_with(roadmap):
    long_ago = periods(("nps", OFFICE, "28d", MONDAY - 20 * WEEK, 30.0, 300))
    assert benchmark_rows(roadmap, findings_of(found()), long_ago, {}, MONDAY)[0].change is None


def test_a_series_has_at_most_26_periods_and_no_path_before_its_first_day(roadmap):
    history = pl.concat([weekly([20.0] * 40), weekly([0.85] * 9, "csat", '{"survey":"after-help"}', "week")])
    rows = benchmark_rows(roadmap, findings_of(), history, {}, MONDAY)
    assert len(rows[0].series) == 26
    assert [p.expected is None for p in rows[1].series] == [True] * 5 + [False] * 4


def test_only_events_that_touch_the_scope_and_its_weeks_are_marked(roadmap):
    row = benchmark_rows(roadmap, findings_of(found()), weekly([20.0] * 26), {}, MONDAY)[0]
    assert row.markers == (Marker("New carrier", date(2026, 2, 9)),)


def test_a_kpi_of_service_feels_only_the_events_of_its_own_scope(roadmap):
    history = pl.concat([weekly([20.0] * 26), weekly([0.85] * 20, "csat", '{"survey":"after-help"}', "week")])
    office, service = benchmark_rows(busy(), findings_of(found()), history, {}, MONDAY)
    assert [m.title for m in service.markers] == ["New carrier", "In the app"]
    assert [m.title for m in office.markers] == ["New carrier", "Payments", "Checkout"]


def busy():
    """A roadmap with events at touchpoints, of a segment and of another survey."""
    return parse_roadmap(
        ROADMAP.replace(
            "events:",
            """journey: {buy: {checkout: cs-lead, billing: cs-lead}}
events:
  - {title: Bot, on: 2025-11-03, touches: {touchpoint: billing}}
  - {title: Payments, on: 2026-02-24, touches: {touchpoint: billing}}
  - {title: Checkout, on: 2026-03-02, touches: {touchpoint: checkout}}
  - {title: In the app, on: 2026-03-03, touches: {survey: after-help}, breaks: [ces]}""",
        )
    )


def test_values_before_and_after_a_break_are_never_compared():
    broken = parse_roadmap(ROADMAP.replace("on: 2026-02-09}", "on: 2026-02-09, breaks: [nps]}"))
    assert benchmark_rows(broken, findings_of(found()), weekly([20.0] * 9), {}, MONDAY)[0].change is None


def test_a_period_across_a_break_is_shown_nowhere_and_nothing_before_it_is_now():
    broken = parse_roadmap(ROADMAP.replace("on: 2026-02-09}", "on: 2026-03-02, breaks: [nps]}"))
    row = benchmark_rows(broken, findings_of(), weekly([20.0] * 9), {}, MONDAY)[0]
    assert row.point is None
    assert {p.period_end for p in row.series} == {MONDAY - i * WEEK for i in range(2, 9)}
    assert row.breaks == (date(2026, 3, 2),)


def test_a_kpi_without_a_benchmark_is_not_compared_across_a_break_either():
    values = periods(*(("ces", "{}", "28d", MONDAY - i * 4 * WEEK, 5.0 - i, 900) for i in range(2)))
    (row,) = value_rows(parse_roadmap(ROADMAP), values, MONDAY, MONDAY)
    assert row.change is not None
    on = MONDAY - 4 * WEEK
    at_the_start = parse_roadmap(ROADMAP.replace("on: 2026-02-09}", f"on: {on}, breaks: [ces]}}"))
    (row,) = value_rows(at_the_start, values, MONDAY, MONDAY)
    assert row.change is None
    within = parse_roadmap(ROADMAP.replace("on: 2026-02-09}", f"on: {on + WEEK}, breaks: [ces]}}"))
    assert value_rows(within, values, MONDAY, MONDAY) == ()


def test_a_benchmark_that_is_still_coming_in_says_how_much_is_in():
    late = findings_of({**found(), "moment": MONDAY - WEEK})
    rows = benchmark_rows(parse_roadmap(ROADMAP), late, weekly([20.0] * 9), {}, MONDAY, Coming())
    assert rows[0].standing is Standing.COMING
    assert rows[0].note == "Still coming in: about 70 % of the usual answers. To 8 Mar it was behind."
    assert rows[1].note == "Still coming in: about 70 % of the usual answers."


class Coming(Waiting):
    """Seven tenths of everything are in."""

    def share_in(self, kpi, scope, start, end):
        return 0.7


def test_the_open_task_and_the_new_alert_stand_in_the_row(roadmap):
    row = benchmark_rows(roadmap, findings_of(found()), periods(), {"nps-office": Watch(True, "CX-41")}, MONDAY)[0]
    assert (row.is_new, row.task) == (True, "CX-41")


def test_surveys_are_never_pooled_in_the_table_of_other_kpis(roadmap):
    values = periods(
        ("ces", "{}", "28d", MONDAY, 5.0, 900), ("ces", '{"survey":"a"}', "28d", MONDAY, 5.0, 400),
        ("ces", '{"survey":"b"}', "28d", MONDAY, 5.0, 500), ("reopen_rate", "{}", "28d", MONDAY, 0.05, 900),
        ("csat", '{"survey":"after-help"}', "28d", MONDAY, 0.9, 400),
    )  # fmt: skip
    rows = value_rows(roadmap, values, MONDAY, MONDAY)
    assert [row.title for row in rows] == ["CES (a)", "CES (b)", "Reopen rate"]


def test_a_half_known_response_rate_is_not_compared(roadmap):
    known = periods(*(("survey_response_rate", "{}", "28d", MONDAY - i * 4 * WEEK, 0.6, 900) for i in range(2)))
    half = known.with_columns(n_open=pl.when(pl.col("period_end") == MONDAY).then(300).otherwise(0).cast(pl.Int64))
    changes = [value_rows(roadmap, values, MONDAY, MONDAY)[0].change for values in (known, half)]
    assert [(change.word, change.n_open) for change in changes] == [("no clear change", 0), ("open", 300)]


def test_a_kpi_without_a_recent_period_shows_the_last_month_with_enough_or_all_there_is(roadmap):
    values = periods(
        ("ces", "{}", "month", date(2026, 2, 1), 5.0, 400), ("ces", "{}", "month", date(2026, 3, 1), 5.0, 4),
        ("reopen_rate", "{}", "all", date(2026, 3, 1), 0.05, 12), ("backlog", "{}", "28d", MONDAY + WEEK, 41.0, 41),
    )  # fmt: skip
    rows = value_rows(roadmap, values, MONDAY, MONDAY)
    assert [(row.kpi, row.window, row.point.n) for row in rows] == [("ces", "month", 400), ("reopen_rate", "all", 12)]


class ComingSince(Waiting):
    """Seven tenths of what is behind a day is in."""

    def __init__(self, since: date) -> None:
        super().__init__()
        object.__setattr__(self, "since", since)

    def share_in(self, kpi, scope, start, end):
        return 0.7 if end > self.since else None


def test_a_later_week_that_waits_is_told_and_none_that_is_not_over_or_does_not_wait(roadmap) -> None:
    sunday = MONDAY + timedelta(days=6)
    waits, through = ComingSince(MONDAY), {"survey_answers": sunday}
    found = later_of(roadmap, through, waits, MONDAY, MONDAY + WEEK)
    assert found == Later(sunday, 0.7, "survey_answers")
    assert later_of(roadmap, {"survey_answers": sunday + 2 * WEEK}, waits, MONDAY, MONDAY + 3 * WEEK) == Later(
        sunday + 2 * WEEK, 0.7, "survey_answers"
    )
    assert later_of(roadmap, through, waits, MONDAY, MONDAY + timedelta(days=6)) is None  # Sunday is not over
    assert later_of(roadmap, {"survey_answers": sunday - timedelta(days=1)}, waits, MONDAY, MONDAY + WEEK) is None
    assert later_of(roadmap, through, Waiting(), MONDAY, MONDAY + WEEK) is None
    assert later_of(roadmap, {}, waits, MONDAY, MONDAY + WEEK) is None
