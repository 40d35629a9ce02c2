"""What is known, and what is open."""

from typing import Any

from sqlalchemy import func, select

from cxloop.aged import aged
from cxloop.cli.output import print_facts, print_json
from cxloop.cli.place import Here, Json
from domain.records import OPEN_STATES
from domain.shown import counted
from sql.queries.intake import watermarks
from sql.store import Store
from sql.tables import FACTS, cursors, gaps, improvement_tasks, incidents, outbox, quarantine, runs

_TASKS_OVER = ("worked", "won't do")


def status(*, json: Json = False, here: Here) -> None:
    """The last run, through when each source is complete, what is no contact, open incidents and tasks, what waits."""
    with here.store.reading() as connection:
        known = _known(connection)
        known["read_otherwise"] = aged(here.project, connection)
    if json:
        print_json(known)
        return
    print_facts({
        "last run": _run(known["last_run"]),
        "complete through": ", ".join(f"{source} {day}" for source, day in known["sources"].items()),
        "no contacts": _no_contacts(known["no_contacts"], known["n_tickets"]),
        "incidents open": counted(known["incidents_open"]),
        "tasks open": counted(known["tasks_open"]),
        "rows set aside": counted(known["rows_set_aside"]),
        "read otherwise": "; ".join(known["read_otherwise"]),
        "days missed": "; ".join(map(_gap, known["days_missed"])),
        "messages waiting": counted(known["messages_waiting"]),
    })  # fmt: skip


def _run(run: dict[str, Any] | None) -> str:
    if run is None:
        return "none yet"
    return f"{run['run_id']} for {run['day']}: {run['state']}, began {run['started_at']:%Y-%m-%d %H:%M} UTC"


def _no_contacts(words: dict[str, int], n_tickets: int) -> str:
    """Tickets that count nowhere, by the word that says why."""
    if not words:
        return ""
    told = ", ".join(f"{counted(n)} {word.replace('_', ' ')}" for word, n in words.items())
    return f"{told}, of {counted(n_tickets)} tickets: in no KPI"


def _gap(gap: dict[str, Any]) -> str:
    first, last = gap["first_day"], gap["last_day"]
    days = f"{first}" if first == last else f"{first} to {last}"
    return f"{gap['source']} {gap['stream']} {days} (it shows {gap['keeps_days']:g} days)"


def _known(connection: Any) -> dict[str, Any]:
    columns = [runs.c[name] for name in ("run_id", "kind", "day", "state", "started_at", "ended_at")]
    last = Store.rows(connection, select(*columns).order_by(runs.c.fence.desc()).limit(1))

    def count(table: Any, *conditions: Any) -> int:
        return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()

    through = func.min(cursors.c.complete_through).label("complete_through")
    excluded, is_there = FACTS["tickets"].c.excluded_as, FACTS["tickets"].c.deleted_at.is_(None)
    words = connection.execute(
        select(excluded, func.count().label("n"))
        .where(excluded.is_not(None), is_there)
        .group_by(excluded)
        .order_by(excluded)
    )
    wanted: Any = select(cursors.c.source, through).group_by(cursors.c.source).order_by(cursors.c.source)
    return {
        "last_run": last[0] if last else None,
        "sources": {row["source"]: row["complete_through"] for row in Store.rows(connection, wanted)},
        "facts": watermarks(connection),
        "no_contacts": {row.excluded_as: row.n for row in words},
        "n_tickets": count(FACTS["tickets"], is_there),
        "incidents_open": count(incidents, incidents.c.state.in_(OPEN_STATES)),
        "tasks_open": count(improvement_tasks, improvement_tasks.c.state.not_in(_TASKS_OVER)),
        "rows_set_aside": count(quarantine, quarantine.c.state == "waiting"),
        "days_missed": Store.rows(connection, select(gaps).order_by(gaps.c.first_day, gaps.c.source, gaps.c.stream)),
        "messages_waiting": count(outbox, outbox.c.state == "waiting"),
    }
