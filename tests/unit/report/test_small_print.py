"""What the numbers rest on."""

import json
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from domain.estimates import POINTS_SCHEMA
from tasks.report import phrases as say
from tasks.report.figures import numbers_of
from tasks.report.small_print import restated_of, small_print_of
from tasks.report.summary import SetAside, SmallPrint, SourceDay


def print_of(acme, **parts):
    return say.small_print(replace(acme, small_print=SmallPrint(**parts)))


def now_of(row, value):
    point = row.point
    held = {
        "kpi": row.kpi, "scope": row.scope, "period": row.window, "period_start": point.period_start,
        "period_end": point.period_end, "n": point.n, "n_open": 0, "value": value,
    }  # fmt: skip
    return pl.DataFrame([held], schema=POINTS_SCHEMA)


def test_a_number_that_is_another_one_today_is_named(acme):
    row = next(row for row in acme.benchmarks if row.id == "on-time")
    restated = restated_of(numbers_of(acme), now_of(row, 0.953), acme.benchmarks)
    assert [(r.title, r.before, r.now) for r in restated] == [("Deliveries on time", 0.907, 0.953)]
    assert restated_of(numbers_of(acme), now_of(row, 0.907), acme.benchmarks) == ()


def test_a_number_whose_outcomes_were_open_is_no_restatement(acme):
    row = acme.benchmarks[0]
    opened = replace(acme, benchmarks=(replace(row, point=replace(row.point, n_open=3)),))
    assert restated_of(numbers_of(opened), now_of(row, 30.0), opened.benchmarks) == ()


def test_a_report_of_another_shape_restates_nothing(acme):
    assert restated_of(json.dumps({"sentences": []}), now_of(acme.benchmarks[0], 30.0), acme.benchmarks) == ()


@pytest.mark.parametrize(
    ("through", "said"),
    [(date(2026, 3, 15), "Data to Sun 15 Mar, complete."), (date(2026, 3, 12), "Data to Thu 12 Mar, not complete.")],
)
def test_data_that_do_not_reach_sunday_are_not_complete(acme, through, said):
    assert print_of(acme, sources=(SourceDay("desk", through),))[0] == said


def test_sources_that_differ_are_named_and_silent_ones_too(acme):
    sources = (SourceDay("desk", date(2026, 3, 15)), SourceDay("survey", date(2026, 3, 12)), SourceDay("shop", None))
    assert print_of(acme, sources=sources)[0] == "Data to: desk Sun 15 Mar, survey Thu 12 Mar. Nothing yet from shop."


def test_the_commonest_reasons_for_setting_rows_aside_are_named(acme):
    aside = tuple(SetAside("desk", "tickets", f"rule-{i}", 20 - i) for i in range(8))
    told = print_of(acme, n_rows=10_000, set_aside=aside)[0]
    assert told.startswith("132 rows set aside (1.3 %): 20 rule-0 (desk), 19 rule-1 (desk)")
    assert told.endswith("15 rule-5 (desk) and two more.")
    assert print_of(acme, n_rows=10)[0] == "No row was set aside, of 10 read."


def test_refused_batches_and_rows_left_out_are_named(acme):
    told = print_of(acme, rejected=("survey: a.csv",), left_out=(("survey_answers", 6313),), excluded=(("spam", 3),))
    assert told == (
        "Refused, nothing of it is counted: survey: a.csv.",
        "Not counted this week: 3 spam.",
        "Left out by the mapping: 6,313 survey answers.",
    )


def test_the_small_print_of_nothing_is_empty(acme):
    empty = small_print_of(
        pl.DataFrame(schema={"source": pl.String, "complete_through": pl.Date}),
        pl.DataFrame(schema={"table_name": pl.String, "n_source": pl.Int64, "n_left_out": pl.Int64}),
        pl.DataFrame(schema={"source": pl.String, "table_name": pl.String, "rule": pl.String, "n": pl.Int64}),
        pl.DataFrame(schema={"excluded_as": pl.String, "n": pl.Int64}),
        pl.DataFrame(schema={"source": pl.String, "name": pl.String}),
    )
    assert empty == SmallPrint()
    assert say.small_print(replace(acme, small_print=empty)) == ()
