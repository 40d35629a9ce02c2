"""The friction map as of a day, from the parts that are kept."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from domain.roadmap import Roadmap
from domain.scopes import TOUCHPOINT
from domain.windows import NEVER, PeriodKind, periods, week_of
from sql.queries.intake import watermarks
from sql.queries.members import member_points
from sql.tables import findings
from tasks.report.friction import Journey
from tasks.report.journey import READ_BY, journey_of, kpis_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOOKS_BACK_DAYS = 200
"""Longer than any window."""


@dataclass(frozen=True)
class Last:
    """The last complete window: [start, end), as it was known when the day `known` began."""

    start: date
    end: date
    known: date


def last_window(connection: "Connection", window: PeriodKind, as_of: date | None) -> Last | None:
    """The last complete window before the latest moment that was judged by a day.

    Before any was judged, it is the Monday of the week in which data end; None: there are no data.
    """
    until = as_of or NEVER
    judged = select(func.max(findings.c.moment)).where(findings.c.moment <= until)
    moment: date | None = connection.execute(judged).scalar()
    if moment is None:
        marks = watermarks(connection)
        if not marks:
            return None
        moment = week_of(min(max(marks.values()) + timedelta(days=1), until))
    found = periods(window, moment - timedelta(days=LOOKS_BACK_DAYS), moment)
    return Last(*found[-1], moment) if found else None


def journey_told(connection: "Connection", roadmap: Roadmap, window: PeriodKind, as_of: date | None) -> Journey | None:
    """The map of the last complete window, as it was known at the latest moment.

    Args:
        connection: to read with.
        roadmap: its journey and what its personas expect.
        window: week, 28d, month or 90d.
        as_of: nothing later is looked at; None: the latest moment that was judged.

    Returns:
        The map; None where the roadmap has no journey, or no data are there yet.
    """
    last = last_window(connection, window, as_of)
    if last is None or not roadmap.journey:
        return None
    span = (last.start, last.end)
    points = member_points(connection, kpis_of(roadmap), READ_BY, window, span, last.known, TOUCHPOINT)
    return journey_of(roadmap, points, last.start, last.end)
