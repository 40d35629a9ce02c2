"""What people do about incidents from the command line; needs no run."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection, select

from domain.errors import ConfigError
from domain.records import Incident, IncidentEvent
from sql.queries.incidents import incident_of
from sql.store import Store
from sql.tables import incidents
from tasks.alert import lifecycle
from tasks.alert.steps.rows import save


def acknowledge(store: Store, incident: str, author: str, on: date) -> Incident:
    """Somebody is on it. `incident` is its id or the first letters of it.

    Raises:
        ConfigError: no such incident, or several. TransitionError: it is not firing.
    """
    return _changed(store, incident, lambda found: lifecycle.acknowledge(found, on, author))


def snooze(store: Store, incident: str, author: str, on: date, until: date, reason: str) -> Incident:
    """Silence until a day; ends early when it gets materially worse. Raises as `acknowledge`."""
    return _changed(store, incident, lambda found: lifecycle.snooze(found, on, until, author, reason))


def unsnooze(store: Store, incident: str, author: str, on: date, reason: str) -> Incident:
    """End a snooze. Raises as `acknowledge`."""
    return _changed(store, incident, lambda found: lifecycle.unsnooze(found, on, author, reason))


def _changed(store: Store, name: str, change: Callable[[Incident], tuple[Incident, IncidentEvent]]) -> Incident:
    with store.transaction() as connection:
        after, event = change(_found(connection, name))
        save(connection, [after], [event])
    return after


def _found(connection: Connection, name: str) -> Incident:
    start = name if name.startswith("incident-") else f"incident-{name}"
    wanted = select(incidents).where(incidents.c.incident_id.startswith(start, autoescape=True))
    rows = Store.rows(connection, wanted.order_by(incidents.c.incident_id))
    if len(rows) != 1:
        what = f"{len(rows)} incidents begin" if rows else "no incident begins"
        raise ConfigError(f"{what} with '{name}'. `cxloop status` shows their ids; give enough of one to be clear.")
    return incident_of(rows[0])
