"""The roadmap as one chart: initiatives from left to right, their milestones, today."""

from datetime import date, timedelta
from typing import Any

import altair as alt

from domain.shown import day_shown
from tasks.report import phrases as say
from tasks.report.drawing import STAND_INS, Ink, Room, data, days, spec_of, svg_of, unchecked
from tasks.report.progress import InitiativeLine
from tasks.report.summary import Summary

_WIDTH, _ROW = 270, 36
_FONT = 12
_FIRST = 24
"""How far down the first line lies, below its title."""
_NEAR = (-6, 10)
"""Today's line beside each initiative's: above and below it, between the titles."""
_MOST_TICKS = 6
_STEPS = (1, 3, 6, 12, 24, 60)
"""Months from one label of the axis to the next."""
_BEFORE = timedelta(days=60)


def timeline_svg(summary: Summary) -> str:
    """Initiatives with milestones as inline SVG; empty if none has a date."""
    dated = tuple(i for i in summary.progress.initiatives if i.end)
    if not dated:
        return ""
    text = " ".join(f"{i.title}: {say.initiative_line(i, summary)}." for i in dated)
    return svg_of(_spec(dated, summary.as_of, STAND_INS), "chart-roadmap", "Initiatives and milestones", text)


@unchecked
def _spec(initiatives: tuple[InitiativeLine, ...], today: date, ink: Ink) -> dict[str, Any]:
    room = Room(width=_WIDTH, height=_ROW * len(initiatives) + 8, left=20, top=20, right=20, bottom=24)
    marks = [m.due for i in initiatives for m in i.milestones]
    ends = [i.end for i in initiatives if i.end]
    first, last = min([today - _BEFORE, *marks]), max([today + _BEFORE, *marks, *ends])
    months = (last - first).days / 30
    step = next((step for step in _STEPS if months / step < _MOST_TICKS), _STEPS[-1])
    axis = alt.Axis(
        title=None, format="%b %y", grid=False, domainColor=ink.grid, tickColor=ink.grid,
        tickCount=alt.TimeIntervalStep(interval="month", step=step),  # pyright: ignore[reportArgumentType]
        labelColor=ink.muted, labelFontSize=_FONT, labelOverlap=False, labelBound=False,
    )  # fmt: skip
    x = alt.X("on:T", axis=axis, scale=days(first - timedelta(days=7), last + timedelta(days=14)))
    now = alt.Chart(data([{"on": today.isoformat(), "name": f"today, {day_shown(today, today)}"}]))
    side = "left" if today - first < last - today else "right"
    layers = [
        now.mark_text(color=ink.text, fontSize=_FONT, baseline="bottom", dy=-6, align=side)
        .encode(x=x, y=alt.YValue(0), text=alt.Text("name:N"))
    ]  # fmt: skip
    for i, initiative in enumerate(initiatives):
        y = i * _ROW + _FIRST
        above, below = (y + near for near in _NEAR)
        layers.append(
            now.mark_rule(color=ink.text, strokeDash=[2, 2]).encode(x=x, y=alt.YValue(above), y2=alt.Y2Value(below))
        )
        layers += _initiative(initiative, y, x, first, ink)
    return spec_of(layers, room, ink)


def _initiative(initiative: InitiativeLine, y: int, x: alt.X, first: date, ink: Ink) -> list[alt.Chart]:
    start = min([first, *(m.due for m in initiative.milestones)])
    end = initiative.end or start
    rows = [{"on": m.due.isoformat(), "standing": m.standing} for m in initiative.milestones]
    line = alt.Chart(data([{"on": start.isoformat(), "until": end.isoformat()}]))
    name = alt.Chart(data([{"name": initiative.title}]))
    signs = alt.Chart(data(rows or [{"on": end.isoformat(), "standing": "coming"}]))
    shape = alt.Scale(domain=["hit", "hit late", "slipped", "due", "coming"],
                      range=["circle", "circle", "triangle-up", "diamond", "diamond"])  # fmt: skip
    fill = alt.Scale(domain=["hit", "hit late", "slipped", "due", "coming"],
                     range=[ink.good, ink.good, ink.bad, ink.page, ink.page])  # fmt: skip
    stroke = alt.Scale(domain=["hit", "hit late", "slipped", "due", "coming"],
                       range=[ink.good, ink.good, ink.bad, ink.line, ink.line])  # fmt: skip
    return [
        line.mark_rule(color=ink.grid, strokeWidth=4).encode(x=x, x2=alt.X2("until:T"), y=alt.YValue(y)),
        name.mark_text(
            color=ink.text, fontSize=_FONT, align="left", baseline="bottom", dx=-10, dy=-8, limit=_WIDTH + 20
        ).encode(x=alt.XValue(0), y=alt.YValue(y), text=alt.Text("name:N")),
        signs.mark_point(size=70, opacity=1, strokeWidth=1.8).encode(
            x=x, y=alt.YValue(y), shape=alt.Shape("standing:N", scale=shape, legend=None),
            fill=alt.Fill("standing:N", scale=fill, legend=None),
            stroke=alt.Stroke("standing:N", scale=stroke, legend=None),
        ),
    ]  # fmt: skip
