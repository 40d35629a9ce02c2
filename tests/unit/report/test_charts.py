"""A chart shows what is known, and a gap where nothing is."""

import json
import os
import re
import time
from dataclasses import replace
from datetime import timedelta

import altair as alt
import pytest

from tasks.report import charts, timeline
from tasks.report.charts import benchmark_png, benchmark_svg, described
from tasks.report.drawing import LIGHT, STAND_INS
from tasks.report.timeline import timeline_svg


def row_of(acme, name):
    return next(row for row in acme.benchmarks if row.id == name)


def value_line(svg):
    """The path of the value: the thickest line."""
    return re.search(r'<path d="([^"]+)"[^>]*stroke-width="1.8"', svg)[1]


def test_a_missing_period_leaves_a_gap(acme):
    whole, gap = row_of(acme, "nps-home"), row_of(acme, "csat-support")
    assert value_line(benchmark_svg(whole, acme)).count("M") == 1
    assert value_line(benchmark_svg(gap, acme)).count("M") == 2


def test_the_line_ends_at_a_break_and_begins_anew(acme):
    row = row_of(acme, "nps-home")
    on = row.series[12].period_start
    after = tuple(p for p in row.series if p.period_start >= on or p.period_end <= on)
    broken = replace(row, series=after, breaks=(on,))
    assert value_line(benchmark_svg(broken, acme)).count("M") == 2
    weekly = tuple(
        replace(p, period_start=p.period_end - timedelta(days=7), value=0.8, low=0.7, high=0.9) for p in row.series
    )
    by_week = replace(row, window="week", series=weekly)
    assert value_line(benchmark_svg(by_week, acme)).count("M") == 1
    at_the_start_of_a_week = replace(by_week, breaks=(weekly[12].period_start,))
    assert value_line(benchmark_svg(at_the_start_of_a_week, acme)).count("M") == 2


def test_a_period_alone_between_gaps_is_still_seen(acme):
    row = row_of(acme, "csat-support")
    lonely = replace(row, series=(*row.series[:5], row.series[7], *row.series[9:]))
    before = benchmark_svg(replace(row, series=(*row.series[:5], *row.series[9:])), acme).count("<path")
    assert benchmark_svg(lonely, acme).count("<path") > before


def test_what_is_drawn_is_held_against_vega_lites_schema(acme):
    drawn = [charts._spec(row, acme, LIGHT) for row in acme.benchmarks[::3]]
    dated = tuple(line for line in acme.progress.initiatives if line.end)
    for spec in (*drawn, timeline._spec(dated, acme.as_of, LIGHT)):
        alt.LayerChart.from_dict(spec)


def test_colours_are_the_pages_so_that_dark_mode_is_the_readers(acme):
    svg = benchmark_svg(acme.benchmarks[0], acme)
    assert not re.search(r"#00000\d", svg)
    assert set(re.findall(r"var\(--chart-([a-z]+)\)", svg)) <= set(STAND_INS.__dataclass_fields__)
    assert "var(--chart-line)" in svg


def test_the_same_row_gives_the_same_bytes_whatever_was_drawn_before(acme):
    first = benchmark_svg(acme.benchmarks[0], acme)
    timeline_svg(acme)
    benchmark_svg(acme.benchmarks[3], acme)
    assert benchmark_svg(acme.benchmarks[0], acme) == first


def test_the_machines_time_zone_moves_nothing(acme, monkeypatch):
    here = benchmark_svg(acme.benchmarks[0], acme)
    monkeypatch.setitem(os.environ, "TZ", "Pacific/Auckland")
    time.tzset()
    assert benchmark_svg(acme.benchmarks[0], acme) == here
    monkeypatch.undo()
    time.tzset()


def test_the_name_of_the_line_stands_at_the_period_that_was_judged(acme):
    row = row_of(acme, "nps-home")
    last = row.series[-1]
    later = replace(last, period_start=last.period_end, period_end=last.period_end + timedelta(days=7), value=20.0)
    spec = charts._spec(replace(row, series=(*row.series, later)), acme, LIGHT)
    judged = [r["value"] for layer in spec["layer"] for r in layer["data"]["values"] if r.get("judged")]
    assert set(judged) == {43.6}


def test_names_never_lie_on_one_another(acme):
    spec = charts._spec(row_of(acme, "self-service"), acme, LIGHT)
    heights = [
        layer["encoding"]["y"]["value"] for layer in spec["layer"]
        if layer["mark"]["type"] == "text" and layer["mark"].get("fontSize") == charts._NAME
    ]  # fmt: skip
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) >= 14


def test_letters_are_large_enough_on_a_phone(acme):
    # a card on a screen of 375 pixels is 309 wide within
    svg = benchmark_svg(acme.benchmarks[0], acme) + timeline_svg(acme)
    wide = [float(box.split()[2]) for box in re.findall(r'viewBox="([^"]+)"', svg)]
    sizes = [float(size) for size in re.findall(r'font-size="([0-9.]+)px"', svg)]
    assert min(sizes) * 309 / max(wide) >= 11


def test_a_long_name_of_an_event_is_cut_before_it_crosses_another_ones_line(acme):
    row = acme.benchmarks[0]
    first = replace(row.markers[0], title="A bot answers", on=row.series[2].period_end)
    long = replace(row.markers[0], title="A new carrier in Germany, Austria, Switzerland and all of the Tyrol")
    svg = benchmark_svg(replace(row, markers=(first, long)), acme)
    assert ">A bot answers<" in svg
    assert re.search(r">A new carrier in [^<]*…<", svg)


def test_todays_line_never_runs_through_a_title(acme):
    spec = timeline._spec(acme.progress.initiatives, acme.as_of, LIGHT)
    today = [
        layer["encoding"] for layer in spec["layer"] if "x2" not in layer["encoding"] and "y2" in layer["encoding"]
    ]
    titles = [
        (place + layer["mark"]["dy"] - 12, place + layer["mark"]["dy"]) for layer in spec["layer"]
        if layer["mark"]["type"] == "text" and (place := layer["encoding"]["y"]["value"])
    ]  # fmt: skip
    assert len(today) == len(titles) == len(acme.progress.initiatives)
    assert not [line for line in today for top, end in titles if line["y"]["value"] < end and line["y2"]["value"] > top]


def test_every_tick_of_the_timeline_has_its_label(acme):
    svg = timeline_svg(acme)
    ticks = re.search(r'class="mark-rule role-axis-tick"[^>]*>(.*?)</g>', svg)[1].count("<line")
    labels = re.search(r'class="mark-text role-axis-label"[^>]*>(.*?)</g>', svg)[1]
    assert ticks == labels.count("<text") > 2
    assert 'opacity="0"' not in labels


@pytest.mark.parametrize("name", ["nps-office", "churn-home", "contacts"])
def test_values_are_drawn_as_they_are_written(acme, name):
    row = row_of(acme, name)
    spec = json.dumps(charts._spec(row, acme, LIGHT))
    factor = 100 if row.unit == "share" else 1
    assert str(round(row.series[-1].value * factor, 6)).rstrip("0").rstrip(".")[:4] in spec


def test_the_words_of_a_chart_name_its_ends_its_plan_and_its_events(acme):
    told = described(acme.benchmarks[0], acme)
    assert told.startswith("26 periods from 25 Aug 2025 to 15 Mar 2026, between 16 and 28.")
    assert "Now 16, plan 29: behind (CX-41). New carrier in Germany on 9 Feb." in told
    assert described(replace(acme.benchmarks[0], series=()), acme) == "No period is known yet."


def test_a_picture_for_a_message_is_a_png(acme):
    assert benchmark_png(acme.benchmarks[0], acme).startswith(b"\x89PNG")


def test_a_roadmap_without_dates_has_no_timeline(acme):
    undated = tuple(replace(i, end=None, milestones=()) for i in acme.progress.initiatives)
    assert timeline_svg(replace(acme, progress=replace(acme.progress, initiatives=undated))) == ""
