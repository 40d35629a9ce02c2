"""The roadmap as one chart: initiatives from left to right, their milestones, today."""

from datetime import date, timedelta
from typing import Any

import altair as alt

from domain.shown import day_shown
from tasks.report import phrases as say
from tasks.report.drawing import STAND_INS, Ink, Room, data, days, spec_of, svg_of
from tasks.report.summary import InitiativeLine, Summary

_WIDTH, _ROW = 340, 34
_BEFORE = timedelta(days=60)


def timeline_svg(summary: Summary) -> str:
    """Initiatives with milestones as inline SVG; empty if none has a date."""
    dated = tuple(i for i in summary.progress.initiatives if i.end)
    if not dated:
        return ""
    text = " ".join(f"{i.title}: {say.initiative_line(i, summary)}." for i in dated)
    return svg_of(_spec(dated, summary.as_of, STAND_INS), "chart-roadmap", "Initiatives and milestones", text)


def _spec(initiatives: tuple[InitiativeLine, ...], today: date, ink: Ink) -> dict[str, Any]:
    room = Room(width=_WIDTH, height=_ROW * len(initiatives) + 8, left=10, top=18, right=14, bottom=22)
    marks = [m.due for i in initiatives for m in i.milestones]
    ends = [i.end for i in initiatives if i.end]
    first, last = min([today - _BEFORE, *marks]), max([today + _BEFORE, *marks, *ends])
    years = (last - first).days > 3 * 365
    axis = alt.Axis(
        title=None, format="%Y" if years else "%b %y", grid=False, domainColor=ink.grid, tickColor=ink.grid,
        tickCount=alt.TimeIntervalStep(interval="year" if years else "month", step=1 if years else 3),  # pyright: ignore[reportArgumentType]
        labelColor=ink.muted, labelFontSize=11, labelOverlap="greedy", labelBound=True,
    )  # fmt: skip
    x = alt.X("on:T", axis=axis, scale=days(first - timedelta(days=7), last + timedelta(days=14)))
    now = alt.Chart(data([{"on": today.isoformat(), "name": day_shown(today)}]))
    layers = [
        now.mark_rule(color=ink.text, strokeDash=[2, 2]).encode(x=x, y=alt.value(-4), y2=alt.value(room.height)),
        now.mark_text(color=ink.text, fontSize=11, baseline="bottom", dy=-5).encode(x=x, y=alt.value(0), text="name:N"),
    ]
    for i, initiative in enumerate(initiatives):
        layers += _initiative(initiative, i * _ROW + 24, x, first, ink)
    return spec_of(layers, room, ink)


def _initiative(initiative: InitiativeLine, y: int, x: alt.X, first: date, ink: Ink) -> list[alt.Chart]:
    start = min([first, *(m.due for m in initiative.milestones)])
    end = initiative.end or start
    rows = [{"on": m.due.isoformat(), "standing": m.standing} for m in initiative.milestones]
    halos: list[dict[str, Any]] = [{"stroke": ink.page, "strokeWidth": 5}, {}]
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
        line.mark_rule(color=ink.grid, strokeWidth=4).encode(x=x, x2="until:T", y=alt.value(y)),
        *(
            name.mark_text(color=ink.text, fontSize=12, align="left", baseline="bottom", dy=-7, **halo)
            .encode(x=alt.value(0), y=alt.value(y), text="name:N")
            for halo in halos
        ),
        signs.mark_point(size=70, opacity=1, strokeWidth=1.8).encode(
            x=x, y=alt.value(y), shape=alt.Shape("standing:N", scale=shape, legend=None),
            fill=alt.Fill("standing:N", scale=fill, legend=None),
            stroke=alt.Stroke("standing:N", scale=stroke, legend=None),
        ),
    ]  # fmt: skip
