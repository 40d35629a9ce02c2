"""The summary as one self-contained HTML page: inline style and charts, no script, nothing fetched."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from domain import shown
from tasks.report import phrases as say
from tasks.report import words
from tasks.report.charts import benchmark_svg, described
from tasks.report.standing import BenchmarkRow, Standing
from tasks.report.summary import Summary
from tasks.report.timeline import timeline_svg

MOST_CHARTS = 9
"""Beside the timeline; drawing one costs 0.06 s."""
_TEMPLATES = Path(__file__).with_name("templates")
_MARKS = {
    Standing.BEHIND: "bad", Standing.UNSURE: "unsure", Standing.ON_PLAN: "good", Standing.AHEAD: "good",
    Standing.TOO_FEW: "few", Standing.COMING: "few", Standing.NO_DATA: "none",
}  # fmt: skip
_TOGETHER = re.compile(
    r"(?<=\d) (?=%|(?:h|min|s|weeks?|days?|points?)\b|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))"
    r"|(?<=\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)) (?=\d)|(?<=\bn) (?=\d)|(?<=→) (?=CX-)|(?<=[▲▼]) "
)
"""Spaces at which no line may end: in a date, before a unit, between an arrow and what it points to."""
_OUTCOME_MARKS = {"worked": "good", "no change seen": "few", "made worse": "bad", "cannot be judged": "none"}


_HEARD_MARKS = {
    "new": "unsure", "more than before": "unsure", "less": "few", "loved": "good", "most said": "few",
    "our own people": "few",
}  # fmt: skip


_CARE_MARKS = {"at stake": "bad", "most often": "few", "likely": "unsure", "and": "few", "no contract": "few"}


def page_of(summary: Summary) -> str:
    """The page; the same summary gives the same bytes. Words from files and people are shown, never run."""
    charted = _charted(summary)
    template = _environment().get_template("summary.html.j2")
    return template.render(
        summary=summary,
        charts=[(row, Markup(benchmark_svg(row, summary)), described(row, summary)) for row in charted],  # noqa: S704
        timeline=Markup(timeline_svg(summary)),  # noqa: S704
        tally=_tally(summary),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=_together,
    )  # fmt: skip
    marks = {"standing": _MARKS, "outcome": _OUTCOME_MARKS, "heard": _HEARD_MARKS, "care": _CARE_MARKS}
    words_and_marks: dict[str, Any] = {"say": say, "words": words, "shown": shown, "marks": marks}
    environment.globals.update(words_and_marks)
    return environment


def _together(told: object) -> object:
    """Plain text with its spaces kept where no line may end; what is markup already stays as it is."""
    return _TOGETHER.sub("\u00a0", told) if isinstance(told, str) and not isinstance(told, Markup) else told


def _charted(summary: Summary) -> list[BenchmarkRow]:
    """The benchmarks with a chart, in the table's order; if there are too many, those that stand worst."""
    order = list(Standing)
    with_series = [row for row in summary.benchmarks if row.series]
    worst = sorted(with_series, key=lambda row: order.index(row.standing))[:MOST_CHARTS]
    return [row for row in with_series if row in worst]


def _tally(summary: Summary) -> list[tuple[str, int, str]]:
    """Mark, count and word per standing, as far as there are any."""
    return [
        (_MARKS[standing], n, standing.value) for standing in Standing if (n := len(summary.standing(standing)))
    ]  # fmt: skip
