"""Which week is told: the last complete one before the run's day, as far as benchmarks could be judged."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from domain.context import RunContext
from domain.errors import ConfigError
from domain.windows import week_of
from sql.queries.weeks import last_told_week
from sql.tables import findings

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Told:
    """The week to tell.

    Attributes:
        week_start: its Monday. is_latest: no later week can be told.
        known_to: what people did up to and including this day counts.
    """

    week_start: date
    is_latest: bool
    known_to: date

    @property
    def moment(self) -> date:
        """The Monday after it, before which all is judged."""
        return self.week_start + _WEEK


def told_week(connection: Connection, context: RunContext, week_start: date | None = None) -> Told:
    """The week asked for, else the latest.

    Raises:
        ConfigError: the day asked for is no Monday, or its week is not over.
    """
    latest = last_told_week(connection, context.as_of)
    if week_start is None or week_start == latest:
        # a look back at an earlier day must not take the place of the latest page
        later = select(findings.c.moment).where(findings.c.rule == "pace", findings.c.moment > context.as_of)
        is_latest = connection.execute(later.limit(1)).first() is None
        return Told(latest, is_latest, context.as_of)
    if week_start.weekday():
        raise ConfigError(f"{week_start} is no Monday; its week starts on {week_of(week_start)}. Give that day.")
    if week_start > latest:
        raise ConfigError(
            f"the week of {week_start} is not complete: data and day reach to the week of {latest}. "
            "Take that one, or wait."
        )
    return Told(week_start, False, week_start + _WEEK)
