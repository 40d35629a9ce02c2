"""Commands that run the loop or a part of it."""

from datetime import date, timedelta
from typing import Annotated

from cyclopts import Parameter

from cxloop.cli.place import Here, Place
from domain.errors import ConfigError, DeliveryError, SourceError

AsOf = Annotated[
    date | None, Parameter(name="--as-of", help="Judge the world as it was known when this day began; default: today.")
]


def run(
    *, as_of: AsOf = None, day: Annotated[date | None, Parameter(help="The day it runs for.")] = None, here: Here
) -> None:
    """One turn of the loop: ingest, validate, measure, compare, detect, alert, open tasks, report.

    Run again on the same data it changes nothing and sends nothing.
    """
    _run_and_tell(here, "flows.daily_loop:daily_loop", day=day, as_of=as_of)


def ingest(source: str | None = None, /, *, here: Here) -> None:
    """Bring in what has arrived, from one source or from all; nothing is measured.

    Args:
        source: its name in sources.yaml.
    """
    from cxloop.turn import turn

    if source is not None:
        _declared(here, source)
    turn(here, "flows.single_steps:ingest_sources", source=source)


def backfill(
    source: str,
    /,
    *,
    since: Annotated[date | None, Parameter(help="The first day to read again.")] = None,
    from_landing: Annotated[
        bool, Parameter(name="--from-landing", negative=(), help="Read again what has landed; fetch nothing.")
    ] = False,
    here: Here,
) -> None:
    """Fetch a source again from one day on, or read again what has landed since, and measure what changed.

    After a mapping was mended, or a new release reads a vendor's pages otherwise, `--from-landing` reads what is kept
    as it is read now; without `--since` just what was read otherwise. Rows that are there already as they are stay
    untouched.

    Args:
        source: its name in sources.yaml.
    """
    from cxloop.turn import turn

    if since is None and not from_landing:
        raise ConfigError("say from which day on to fetch again: --since DAY; or read what is kept: --from-landing.")
    _declared(here, source)
    turn(here, "flows.backfill_source:backfill_source", source=source, since=since, from_landing=from_landing)


def _declared(here: Place, source: str) -> None:
    from domain.sources import load_sources

    names = [spec.name for spec in load_sources(here.project.sources)]
    if source not in names:
        raise ConfigError(f"sources.yaml declares no source {source!r}; it has: {', '.join(names)}.")


def measure(*, as_of: AsOf = None, here: Here) -> None:
    """Measure every KPI of which something changed."""
    from cxloop.turn import turn

    turn(here, "flows.single_steps:measure_changes", as_of=as_of)


def detect(*, as_of: AsOf = None, here: Here) -> None:
    """Judge every series, open incidents and tasks; nobody is told before the next run."""
    from cxloop.turn import turn

    turn(here, "flows.single_steps:detect_changes", as_of=as_of)


def report(
    *,
    week: Annotated[
        date | None, Parameter(help="A day of the week to tell of; default: the last complete one.")
    ] = None,
    as_of: AsOf = None,
    here: Here,
) -> None:
    """Write the weekly summary: a page with charts, Markdown, JSON, and a message."""
    if week is not None and as_of is not None:
        raise ConfigError("give --week or --as-of, not both: a week is told as it was known when it was over.")
    if week is not None:
        as_of = week - timedelta(days=week.weekday()) + timedelta(days=7)
    _run_and_tell(here, "flows.weekly_report:weekly_report", as_of=as_of)


def _run_and_tell(here: Place, flow: str, **parameters: object) -> None:
    from cxloop.cli.ending import print_ending
    from cxloop.turn import turn

    try:
        turn(here, flow, **parameters)
    except (SourceError, DeliveryError):
        print_ending(here)  # the rest was measured, judged and written
        raise
    print_ending(here)
