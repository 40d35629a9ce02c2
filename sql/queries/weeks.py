"""Which week is told last."""

from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from domain.windows import week_of
from sql.tables import cursors, findings

_WEEK = timedelta(days=7)


def last_told_week(connection: Connection, as_of: date) -> date:
    """The last week a benchmark was judged for; before any was, the last complete one that data reach.

    So a project whose data end in 2016 is told of the last week of its data, though a survey came later.
    """
    judged = select(func.max(findings.c.moment)).where(findings.c.rule == "pace", findings.c.moment <= as_of)
    if moment := connection.execute(judged).scalar():
        return moment - _WEEK
    through = connection.execute(select(func.max(cursors.c.complete_through))).scalar()
    end = min(as_of, through + timedelta(days=1)) if through else as_of
    return week_of(end) - _WEEK
