"""One small chart per benchmark: 26 periods with their sure range, the roadmap's path, known events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import altair as alt

from domain.breaks import begun_on
from domain.kpis import Unit
from domain.shown import day_shown
from domain.windows import next_month
from tasks.report import phrases as say
from tasks.report.benchmarks import N_POINTS, STEP_DAYS
from tasks.report.change import is_open
from tasks.report.drawing import LIGHT, STAND_INS, Ink, Room, data, days, png_of, spec_of, svg_of, unchecked
from tasks.report.standing import BenchmarkRow, Marker, SeriesPoint
from tasks.report.summary import Summary

ROOM = Room(width=188, height=142, left=44, top=4, right=78, bottom=22)
"""Together as wide as a card on a phone: letters are seen in the size they are drawn in."""
_SMALL, _NAME = 12, 12.5
"""Sizes of letters: beside the axes, and of names."""
_MARKER_ROW, _LABEL_GAP = 15, 14
_SHORTEST = 70
"""Pixels that an event's name gets, whatever line it crosses."""
_MEASURED = 0.87
"""Letters as measured, against the widest fonts a page is shown in."""
_SPANS = {"h": 3600.0, "min": 60.0, "s": 1.0}
_SETTLED = 0.05
"""With at most this share of outcomes open, a value is drawn as known."""
_BROKEN: Any = "break-paths-show-domains"
_DAY = timedelta(days=1)


def benchmark_svg(row: BenchmarkRow, summary: Summary) -> str:
    """The chart as inline SVG; the same summary gives the same bytes."""
    return svg_of(_spec(row, summary, STAND_INS), f"chart-{row.id}", row.title, described(row, summary))


def benchmark_png(row: BenchmarkRow, summary: Summary, scale: float = 2.0) -> bytes:
    """The chart as a picture on white, for a message."""
    return png_of(_spec(row, summary, LIGHT), scale)


def described(row: BenchmarkRow, summary: Summary) -> str:
    """What the chart shows, for those who do not see it."""
    known = [p.value for p in row.series if p.value is not None]
    if not known:
        return "No period is known yet."
    first, last = row.series[0].period_start, row.series[-1].period_end - _DAY
    written = say.scale(row)
    events = "".join(f" {m.title} on {day_shown(m.on, summary.as_of)}." for m in row.markers)
    return (
        f"{len(known)} periods from {day_shown(first)} to {day_shown(last)}, between "
        f"{written.told(min(known))} and {written.told(max(known))}. "
        f"Now {say.now(row)}, plan {say.plan(row)}: {say.verdict(row)}.{events}"
    )


@dataclass(frozen=True)
class _Plot:
    """What every layer needs: values are drawn in the unit they are written in."""

    row: BenchmarkRow
    ink: Ink
    factor: float
    after: str
    low: float
    high: float
    top: int
    first: date
    last: date

    @property
    def x(self) -> alt.X:
        """Days; a period stands on its last day."""
        form, step = ("%b %y", 6) if self.row.window == "month" else ("%b", 1)
        axis = alt.Axis(
            title=None, format=form, tickCount=alt.TimeIntervalStep(interval="month", step=step), grid=False,  # pyright: ignore[reportArgumentType]
            domainColor=self.ink.grid, tickColor=self.ink.grid, labelColor=self.ink.muted, labelFontSize=_SMALL,
            labelOverlap="greedy",
        )  # fmt: skip
        return alt.X("on:T", axis=axis, scale=days(self.first, self.last))

    def y(self, field: str) -> alt.Y:
        """Values, with two to four round numbers beside them."""
        axis = alt.Axis(
            title=None, tickCount=3, labelExpr=f"format(datum.value, ',.2~f') + '{self.after}'",
            gridColor=self.ink.grid, domain=False, ticks=False, labelColor=self.ink.muted, labelFontSize=_SMALL,
            labelPadding=4,
        )  # fmt: skip
        scale = alt.Scale(domain=[self.low, self.high], range=[ROOM.height, self.top], nice=False, zero=False)
        return alt.Y(f"{field}:Q", axis=axis, scale=scale)

    def pixels(self, value: float) -> float:
        """How far below the upper edge a value lies."""
        return self.top + (ROOM.height - self.top) * (self.high - value) / (self.high - self.low)

    def across(self, on: date) -> float:
        """How far right of the left edge a day lies."""
        return ROOM.width * (on - self.first).days / (self.last - self.first).days

    def shown(self, value: float | None) -> float | None:
        """A value as drawn, cut at the edges."""
        return None if value is None else min(self.high, max(self.low, value * self.factor))


@unchecked
def _spec(row: BenchmarkRow, summary: Summary, ink: Ink) -> dict[str, Any]:
    factor, after = _drawn_in(row.unit, row.target)
    low, high = _edges(row, factor)
    last = max((row.series[-1].period_end if row.series else summary.as_of), summary.as_of) - _DAY
    first = (row.series[0].period_end if row.series else last - N_POINTS * timedelta(days=STEP_DAYS[row.window])) - _DAY
    plot = _Plot(row, ink, factor, after, low, high, _MARKER_ROW * len(row.markers), min(first, last - 8 * _DAY), last)
    rows = list(_drawn(row, plot))
    layers = [
        _band(rows, plot), *_marked(row.markers, plot), *_path(rows, plot), *_values(rows, plot),
        *_names(row, rows, plot),
    ]  # fmt: skip
    return spec_of(layers, ROOM, ink)


def _drawn_in(unit: Unit, like: float) -> tuple[float, str]:
    """What values are multiplied by, so that round numbers are round as shown; and what follows them."""
    if unit == "share":
        return 100.0, " %"
    if unit == "seconds":
        return next((1 / size, f" {name}") for name, size in _SPANS.items() if abs(like) >= 2 * size or size == 1)
    return 1.0, ""


def _edges(row: BenchmarkRow, factor: float) -> tuple[float, float]:
    """Room for all values and the path; a sure range that would flatten them is cut."""
    values = [v * factor for p in row.series for v in (p.value, p.expected, p.line) if v is not None]
    values = values or [row.target * factor]
    low, high = min(values), max(values)
    most = max(high - low, 0.05 * abs(high), 1e-6)
    low = max(low - most, min([low, *(p.low * factor for p in row.series if p.low is not None)]))
    high = min(high + most, max([high, *(p.high * factor for p in row.series if p.high is not None)]))
    air = 0.06 * (high - low) or 0.5 * most
    return low - air, high + air


def _drawn(row: BenchmarkRow, plot: _Plot) -> Iterator[dict[str, Any]]:
    """One row per period; a missing one, and a break, is there without a value, so that the line has a gap."""
    due = row.series[0].period_end if row.series else None
    for before, point in zip((None, *row.series), row.series, strict=False):
        while due is not None and due < point.period_end:
            yield {"on": (due - _DAY).isoformat()}
            due = _following(due, row.window)
        due = _following(point.period_end, row.window)
        if before and (broken := begun_on(row.breaks, point.period_end)) and before.period_start < broken:
            yield {"on": broken.isoformat()}
        yield _as_row(point, plot)


def _following(end: date, window: str) -> date:
    return next_month(end) if window == "month" else end + timedelta(days=STEP_DAYS[window])


def _as_row(point: SeriesPoint, plot: _Plot) -> dict[str, Any]:
    return {
        "on": (point.period_end - _DAY).isoformat(), "value": plot.shown(point.value), "low": plot.shown(point.low),
        "high": plot.shown(point.high), "plan": plot.shown(point.expected), "line": plot.shown(point.line),
        "open": is_open(point.n, point.n_open, _SETTLED),
        "judged": plot.row.point is not None and point.period_end == plot.row.point.period_end,
    }  # fmt: skip


def _band(rows: Sequence[dict[str, Any]], plot: _Plot) -> alt.Chart:
    return (
        alt.Chart(data(rows))
        .mark_area(color=plot.ink.line, opacity=0.16, invalid=_BROKEN)
        .encode(x=plot.x, y=plot.y("low"), y2=alt.Y2("high"))
    )


def _path(rows: Sequence[dict[str, Any]], plot: _Plot) -> list[alt.Chart]:
    """Dashes: where it should be. Dots: beyond this it is behind."""
    chart = alt.Chart(data(row for row in rows if row.get("plan") is not None))
    plan = chart.mark_line(color=plot.ink.plan, strokeWidth=1.5, strokeDash=[5, 3]).encode(x=plot.x, y=plot.y("plan"))
    if all(row.get("line") is None for row in rows):
        return [plan]
    line = chart.mark_line(color=plot.ink.plan, strokeWidth=1, strokeDash=[1, 3]).encode(x=plot.x, y=plot.y("line"))
    return [line, plan]


def _values(rows: Sequence[dict[str, Any]], plot: _Plot) -> list[alt.Chart]:
    """The line; hollow where outcomes are still open; a period alone between gaps is a dot with its range."""
    known = [row for row in rows if row.get("value") is not None]
    alone = [row for before, row, after in _with_neighbours(rows) if row in known and not before and not after]
    return [
        alt.Chart(data(rows)).mark_line(color=plot.ink.line, strokeWidth=1.8, invalid=_BROKEN)
        .encode(x=plot.x, y=plot.y("value")),
        alt.Chart(data(alone)).mark_rule(color=plot.ink.line, opacity=0.4, strokeWidth=3)
        .encode(x=plot.x, y=plot.y("low"), y2=alt.Y2("high")),
        alt.Chart(data(row for row in known if row["open"] and not row["judged"])).mark_point(
            fill=plot.ink.page, stroke=plot.ink.line, size=22, opacity=1, strokeWidth=1.5
        ).encode(x=plot.x, y=plot.y("value")),
        alt.Chart(data(row for row in known if row in alone or row["judged"]))
        .mark_point(fill=plot.ink.line, stroke=plot.ink.line, size=26, opacity=1)
        .encode(x=plot.x, y=plot.y("value")),
    ]  # fmt: skip


def _with_neighbours(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[bool, dict[str, Any], bool]]:
    has = [row.get("value") is not None for row in rows]
    return zip((False, *has), rows, (*has[1:], False), strict=False)


def _marked(markers: Sequence[Marker], plot: _Plot) -> list[alt.Chart]:
    """Known events: an upright line each, its name in a row of its own above the plot."""
    layers: list[alt.Chart] = []
    middle = plot.first + (plot.last - plot.first) / 2
    early, late = [m for m in markers if m.on <= middle], [m for m in markers if m.on > middle]
    # names run towards the middle, the outermost event highest: no name crosses a later event's line
    for i, marker in enumerate((*early, *reversed(late))):
        y = i * _MARKER_ROW
        chart = alt.Chart(data([{"on": marker.on.isoformat(), "name": marker.title}]))
        is_late = marker in late
        text = chart.mark_text(
            color=plot.ink.event, fontSize=_SMALL, baseline="top", align="right" if is_late else "left",
            dx=-4 if is_late else 4, limit=_room_for(marker, early, plot),
        )  # fmt: skip
        layers += [
            chart.mark_rule(color=plot.ink.event, opacity=0.75)
            .encode(x=plot.x, y=alt.YValue(y), y2=alt.Y2Value(ROOM.height)),
            text.encode(x=plot.x, y=alt.YValue(y), text=alt.Text("name:N")),
        ]  # fmt: skip
    return layers


def _room_for(marker: Marker, early: Sequence[Marker], plot: _Plot) -> float:
    """How long a name may be: up to the edge of the picture, of a late event up to the line of the last early one."""
    x = plot.across(marker.on)
    if marker in early:
        room = ROOM.width - x + ROOM.right
    else:
        room = max(_SHORTEST, x - plot.across(early[-1].on)) if early else x + ROOM.left
    return _MEASURED * (room - 8)


def _names(row: BenchmarkRow, rows: Sequence[dict[str, Any]], plot: _Plot) -> list[alt.Chart]:
    """Lines are named at their end, never in a legend; names are pushed apart."""
    path_end = next((r["plan"] for r in reversed(rows) if r.get("plan") is not None), None)
    named = [
        (plot.shown(row.point.value) if row.point else None, say.now(row), plot.ink.line),
        (path_end, f"plan {say.plan(row)}", plot.ink.plan),
    ]
    placed = sorted((plot.pixels(at), text, colour) for at, text, colour in named if at is not None)
    if len(placed) == len(named) and (short := _LABEL_GAP - (placed[1][0] - placed[0][0])) > 0:
        placed = [(y + side * short / 2, *rest) for side, (y, *rest) in zip((-1, 1), placed, strict=True)]
    return [
        alt.Chart(data([{"text": text}]))
        .mark_text(
            color=colour,
            fontSize=_NAME,
            fontWeight="bold" if colour == plot.ink.line else "normal",
            align="left",
            baseline="middle",
        )
        .encode(x=alt.XValue(ROOM.width + 6), y=alt.YValue(y), text=alt.Text("text:N"))
        for y, text, colour in placed
    ]  # fmt: skip
