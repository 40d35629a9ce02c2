"""Figures that are other ones than they were told to be: which, by how much, why."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.definitions import PARTS, changed_parts, version_of
from tasks.report.phrases import reason_shown, restated_line, small_print
from tasks.report.published import (
    FIGURES_SCHEMA,
    Edition,
    Figure,
    editions_of,
    figures_of,
    last_editions,
    row_of,
)
from tasks.report.restated import Reason, Restated
from tasks.report.restating import (
    CHANGES_SCHEMA,
    Moved,
    Since,
    differs,
    joined,
    moved,
    of_rows,
    restated_of,
    told_again,
)
from tasks.report.small_print import SmallPrint

MONDAY = date(2026, 3, 16)
WEEK = timedelta(days=7)
START, END = date(2026, 2, 16), MONDAY
DEFINED = {"csat": "a.b.c.d.e.f"}


def figure(value=0.8, n=100, n_open=0, **more):
    held = {"kpi": "csat", "scope": "{}", "period": "28d", "period_start": START, "period_end": END, "n": n,
            "n_open": n_open, "value": value, "low": 0.7, "high": 0.9, "known_before": MONDAY}  # fmt: skip
    return Figure(**{**held, **more})


def told(figure, **more):
    return replace(Edition(figure, 1, MONDAY, "a.b.c.d.e.f", "r"), **more)


def changes(*rows):
    """(day, how, new, changed, gone) of the desk's answers, known on 25 March."""
    made = [
        ("survey_answers", day, date(2026, 3, 25), "desk", how, None, new, changed, gone)
        for day, how, new, changed, gone in rows
    ]
    return pl.DataFrame(made, CHANGES_SCHEMA, orient="row")


def since(*rows, **more):
    return replace(Since(changes(*rows), DEFINED, "r"), **more)


def kinds(found):
    return [reason.kind for reason in found.reasons]


def test_a_difference_of_rounding_is_none_and_one_that_reads_alike_neither():
    assert not differs(0.8, 0.80049, "share")
    assert differs(0.8, 0.801, "share")
    assert not differs(43.6, 44.4, "points")
    assert differs(43.4, 44.4, "points")
    assert not differs(7200.0, 7230.0, "seconds")
    assert differs(7200.0, 9000.0, "seconds")
    assert differs(0.8, None, "share")
    assert moved(told(figure()), figure(0.80049), None, since()) is None


def test_late_rows_of_the_period_are_named_with_source_and_day():
    found = moved(told(figure()), figure(0.75, 110), figure(0.75, 110), since((START, "came", 10, 0, 0)))
    day = date(2026, 3, 25)
    assert found.reasons == (Reason("late", source="desk", table="survey_answers", n=10, first=day, last=day),)


def test_rows_of_other_days_are_no_reason():
    rows = ((START - WEEK, "came", 10, 0, 0), (END, "came", 3, 0, 0))
    assert kinds(moved(told(figure()), figure(0.75), figure(0.75), since(*rows))) == ["unknown"]


def test_rows_of_a_source_that_does_not_feed_the_kpi_are_no_reason():
    rows = since((START, "came", 10, 0, 0), sources={"csat": {"other"}})
    assert kinds(moved(told(figure()), figure(0.75), figure(0.75), rows)) == ["unknown"]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ((START, "came", 0, 4, 0), "corrected"),
        ((START, "came", 0, 0, 4), "deleted"),
        ((START, "no longer shown", 0, 0, 4), "deleted"),
        ((START, "read again", 2, 2, 0), "read again"),
    ],
)
def test_what_became_of_rows_is_told(row, kind):
    (reason,) = moved(told(figure()), figure(0.75), figure(0.75), since(row)).reasons
    assert (reason.kind, reason.n) == (kind, 4)


def test_rows_that_were_there_when_it_was_told_are_no_reason():
    rows = changes((START, "came", 10, 0, 0)).with_columns(told_on=pl.lit(MONDAY))
    known, later = since(changes=rows), since(changes=rows.with_columns(told_on=pl.lit(MONDAY + WEEK)))
    assert kinds(moved(told(figure()), figure(0.75), figure(0.75), known)) == ["unknown"]
    assert kinds(moved(told(figure()), figure(0.75), figure(0.75), later)) == ["late"]


def test_a_definition_that_changed_comes_first():
    rows = since((START, "came", 10, 0, 0), definitions={"csat": "x.b.c.d.e.f"})
    assert kinds(moved(told(figure()), figure(0.75), figure(0.75), rows)) == ["definition", "late"]


def test_rules_for_segments_matter_to_segments_alone():
    office = '{"segment":"office"}'
    other = since(rules="s")
    assert kinds(moved(told(figure()), figure(0.75), figure(0.75), other)) == ["unknown"]
    moved_office = moved(told(figure(scope=office)), figure(0.75, scope=office), figure(0.75, scope=office), other)
    assert kinds(moved_office) == ["segments"]


def test_open_outcomes_that_became_known_are_told_apart_from_rows_that_came():
    before = figure(0.8, 90, 10)
    settled = moved(told(before), figure(0.82), before, since((START, "came", 10, 0, 0)))
    assert settled.reasons == (Reason("settled", n=10),)
    assert settled.is_settled
    both = moved(told(before), figure(0.82, 101), figure(0.81, 91, 10), since((START, "came", 1, 0, 0)))
    assert kinds(both) == ["late", "settled"]
    assert not both.is_settled


def test_without_a_look_back_outcomes_settled_if_as_many_are_counted_as_before():
    before = figure(0.8, 90, 10)
    assert kinds(moved(told(before), figure(0.82), None, since())) == ["settled"]
    assert kinds(moved(told(before), figure(0.95), None, since())) == ["unknown"]  # had been told to be impossible


def test_a_period_of_which_nothing_is_left_is_told():
    gone = figure(None, 0)
    found = moved(told(figure()), gone, gone, since((START, "came", 0, 0, 100)))
    assert kinds(found) == ["deleted"]
    (restated,), _ = restated_of([found], lambda *_: "CSAT")
    assert restated_line(restated, MONDAY).startswith(
        "CSAT, 4 weeks to 15 Mar: 80.0 % → nothing is known any more, n 100 → 0 (100 survey answers of desk deleted on"
    )


def test_an_edition_comes_back_as_it_was_written():
    reason = Reason("late", source="desk", table="survey_answers", n=10, first=MONDAY, last=MONDAY)
    edition = told(figure(), edition=2, reasons=(reason, Reason("definition", part="zone")))
    rows = pl.DataFrame([row_of(edition, MONDAY), row_of(told(figure()), MONDAY)], FIGURES_SCHEMA)
    editions = editions_of(rows, MONDAY)
    assert editions == {figure().key: [told(figure()), edition]}
    assert last_editions(editions) == {figure().key: edition}
    assert editions_of(rows, MONDAY - WEEK) == {}


def test_what_a_summary_told_again_is_joined_with_what_came_since():
    again = told(figure(0.75), edition=2, moment=MONDAY + WEEK, reasons=(Reason("late", source="desk", n=1),))
    editions = {figure().key: [told(figure()), again]}
    (first,) = told_again(editions, MONDAY + WEEK)
    assert (first.before.value, first.now.value) == (0.8, 0.75)
    assert told_again(editions, MONDAY) == []
    live = Moved(again.figure, figure(0.7), (Reason("definition", part="zone"),), 2)
    (both,) = joined([first], [live])
    assert (both.before.value, both.now.value, kinds(both)) == (0.8, 0.7, ["definition", "late"])
    assert joined([first], [Moved(again.figure, figure(0.8), (Reason("unknown"),), 2)]) == []  # it is as it was


def test_a_series_is_told_by_its_latest_period_the_largest_difference_first():
    def one(value, weeks, kpi="csat"):
        span = {"period_start": START - weeks * WEEK, "period_end": END - weeks * WEEK, "kpi": kpi}
        return Moved(figure(**span), figure(value, **span), (Reason("late", source="desk", table="tickets", n=1),), 1)

    settled = Moved(figure(n_open=5), figure(0.81), (Reason("settled", n=5),), 1)
    found = [one(0.79, 0), one(0.5, 3), one(0.6, 0, "sla_attainment"), settled]
    rows, n_settled = restated_of(found, lambda kpi, _: kpi)
    assert [(row.title, row.now, row.n_periods, row.since) for row in rows] == [
        ("sla_attainment", 0.6, 1, START), ("csat", 0.79, 2, START - 3 * WEEK),
    ]  # fmt: skip
    assert n_settled == 1


def test_a_summary_tells_the_figures_of_charts_and_values_once_each(acme):
    found = figures_of(acme.benchmarks, acme.values, MONDAY)
    assert len({one.key for one in found}) == len(found)
    told_now = {(row.kpi, row.scope, row.point.period_start): row.point.n for row in acme.benchmarks if row.point}
    held = {(one.kpi, one.scope, one.period_start): one.n for one in found}
    assert told_now.items() <= held.items()
    drawn = {p.period_start for row in acme.benchmarks for p in row.series if p.value is not None}
    assert drawn <= {one.period_start for one in found}
    assert {one.known_before for one in found} <= {MONDAY, None}


def test_more_series_than_are_named_are_counted(acme):
    one = Restated("CSAT", "share", START, END, 0.8, 0.75, 100, 110)
    lines = small_print(replace(acme, small_print=SmallPrint(restated=(one,) * 7)))
    assert lines[-1] == "Restated too: 2 more series; `cxloop restated` lists all."


def test_every_kind_of_reason_has_words():
    day = date(2026, 3, 12)
    rows = {"source": "desk", "table": "survey_answers", "n": 2, "first": day, "last": day}
    said = [
        reason_shown(Reason("definition", part="hours"), MONDAY), reason_shown(Reason("segments"), MONDAY),
        reason_shown(Reason("read again", **rows), MONDAY), reason_shown(Reason("late", **rows), MONDAY),
        reason_shown(Reason("corrected", **{**rows, "first": START}), MONDAY),
        reason_shown(Reason("deleted", **{**rows, "n": 1}), MONDAY), reason_shown(Reason("settled", n=1), MONDAY),
        reason_shown(Reason("unknown"), MONDAY),
    ]  # fmt: skip
    assert said == [
        "opening hours, promises or booking days changed", "the roadmap's rules for segments changed",
        "desk was read again: 2 survey answers came or changed", "2 late survey answers of desk, come on 12 Mar",
        "2 survey answers of desk changed from 16 Feb to 12 Mar", "1 survey answer of desk deleted on 12 Mar",
        "1 open outcome became known", "why is not known",
    ]  # fmt: skip


def test_a_version_says_which_part_is_another_one():
    parts = dict.fromkeys(PARTS, "")
    for name in PARTS:
        other = version_of({**parts, name: "other"})
        assert changed_parts(version_of(parts), other) == (() if name == "scopes" else (name,))
    assert changed_parts("0123456789abcdef", version_of(parts)) == ("formula",)


counts = st.integers(0, 5)
day_rows = st.lists(
    st.tuples(
        st.integers(-3, 40).map(lambda n: START + timedelta(days=n)),
        st.sampled_from(["came", "read again", "no longer shown"]), counts, counts, counts,
    ),
    max_size=8,
)  # fmt: skip


@given(day_rows)
def test_no_changed_row_is_counted_twice_or_lost(rows):
    assert sum(reason.n for reason in of_rows(changes(*rows))) == sum(sum(row[2:]) for row in rows)
