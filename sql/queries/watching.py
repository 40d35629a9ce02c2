"""Who may leave, as weeks told it."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, select

from sql.store import Store
from sql.tables import watch_weeks


def watch_week(connection: Connection, week_start: date) -> dict[str, Any] | None:
    """The week's row of `watch_weeks`; None: nothing was told of it."""
    found = Store.rows(connection, select(watch_weeks).where(watch_weeks.c.week_start == week_start))
    return found[0] if found else None


def is_watched(connection: Connection) -> bool:
    """Whether any week was told."""
    return connection.execute(select(watch_weeks.c.week_start).limit(1)).first() is not None


def put_watch_week(connection: Connection, row: dict[str, Any]) -> None:
    """Write a week's row, in place of the one before."""
    Store.put(connection, watch_weeks, [row])


def forget_watch(connection: Connection) -> None:
    """Nothing that was ever told is kept."""
    connection.execute(delete(watch_weeks))
