"""Who may leave, as weeks told it."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, func, select

from sql.store import Store
from sql.tables import watch_weeks


def watch_week(connection: Connection, week_start: date) -> dict[str, Any] | None:
    """The week's row of `watch_weeks`; None: nothing was told of it."""
    found = Store.rows(connection, select(watch_weeks).where(watch_weeks.c.week_start == week_start))
    return found[0] if found else None


def last_watched(connection: Connection) -> date | None:
    """Monday of the last week that was told; None: none was."""
    return connection.execute(select(func.max(watch_weeks.c.week_start))).scalar()


def put_watch_week(connection: Connection, row: dict[str, Any]) -> None:
    """Write a week's row, in place of the one before."""
    Store.put(connection, watch_weeks, [row])


def forget_watch(connection: Connection) -> None:
    """Nothing that was ever told is kept."""
    connection.execute(delete(watch_weeks))
