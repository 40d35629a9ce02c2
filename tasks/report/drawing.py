"""Drawing without a network or a browser: Altair says what, Vega-Lite draws it, the page's style sheet colours it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

FONT = "Liberation Sans"
"""Widths are measured with it; the page shows the text in its own font."""


@dataclass(frozen=True)
class Ink:
    """The colours of a chart."""

    line: str
    plan: str
    muted: str
    text: str
    grid: str
    event: str
    good: str
    bad: str
    page: str


LIGHT = Ink(line="#1f5fa8", plan="#8a6414", muted="#626b78", text="#1f2430", grid="#e3e6ea", event="#7d4a94",
            good="#1d7a46", bad="#b3261e", page="#ffffff")  # fmt: skip
"""Real colours, for a picture."""
_NAMES = tuple(Ink.__dataclass_fields__)
STAND_INS = Ink(*(f"#00000{i}" for i in range(1, len(_NAMES) + 1)))
"""Colours that the page's variables take the place of, so that dark mode is the reader's choice."""
_VARIABLES = {f"#00000{i}": f"var(--chart-{name})" for i, name in enumerate(_NAMES, start=1)}


@dataclass(frozen=True)
class Room:
    """Pixels: the plot, and what is kept free around it for names."""

    width: int
    height: int
    left: int
    top: int
    right: int
    bottom: int


_OF_THE_WHOLE = ("$schema", "config")
unchecked = debug_mode(False)
"""Around what makes a chart: to hold each part against Vega-Lite's schema takes longer than drawing it; tests do."""


def spec_of(layers: Sequence[alt.Chart], room: Room, ink: Ink) -> dict[str, Any]:
    """Layers as one Vega-Lite specification; the same layers give the same one."""
    # each layer is written by itself: Altair's own layering copies all their rows, which takes longer than drawing them
    drawn = [layer.to_dict(validate=False) for layer in layers]
    return {
        "$schema": drawn[0]["$schema"],
        "config": {"aria": False, "background": ink.page, "font": FONT, "view": {"stroke": None}},
        "width": room.width,
        "height": room.height,
        "autosize": {"type": "none"},
        "padding": {"left": room.left, "top": room.top, "right": room.right, "bottom": room.bottom},
        "layer": [{part: held for part, held in layer.items() if part not in _OF_THE_WHOLE} for layer in drawn],
    }


def svg_of(spec: dict[str, Any], name: str, title: str, description: str) -> str:
    """Inline SVG that tells a screen reader what it shows; `name` makes its ids the page's only ones."""
    svg = vl_convert.vegalite_to_svg(spec)
    found = re.match(r"<svg [^>]*viewBox=\"([^\"]*)\"[^>]*>(.*)</svg>\s*$", svg, re.DOTALL)
    if not found:
        raise ValueError(f"{name}: Vega-Lite drew no SVG but {svg[:60]!r}")
    body = re.sub(r"\"(#00000\d)\"", lambda colour: f'"{_VARIABLES[colour[1]]}"', found[2])
    head = f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="{found[1]}" role="img"'
    return (
        f'{head} aria-labelledby="{name}-title {name}-text"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-text">{escape(description)}</desc>{_own_ids(body, name)}</svg>'
    )


def png_of(spec: dict[str, Any], scale: float) -> bytes:
    """The same as a picture."""
    return vl_convert.vegalite_to_png(spec, scale=scale)


def _own_ids(body: str, name: str) -> str:
    """Vega counts its ids through the whole process: count them anew, in order of their appearance."""
    for i, old in enumerate(dict.fromkeys(re.findall(r'id="([^"]+)"', body)), start=1):
        body = re.sub(rf'(id="|#){re.escape(old)}(?=["\)])', rf"\g<1>{name}-{i}", body)
    return body


def data(rows: Iterable[dict[str, Any]]) -> alt.Data:
    """Rows as inline data."""
    return alt.Data(values=list(rows))


def days(first: date, last: date) -> alt.Scale:
    """A scale of days that no time zone moves."""
    return alt.Scale(type="utc", domain=[_moment(first), _moment(last)], nice=False)


def _moment(on: date) -> alt.DateTime:
    return alt.DateTime(year=on.year, month=on.month, date=on.day, utc=True)
