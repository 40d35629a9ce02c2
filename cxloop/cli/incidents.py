"""Incidents: list, show, acknowledge, snooze."""

import json as json_text
from datetime import date
from typing import Annotated, Any

from cyclopts import App, Parameter
from sqlalchemy import select

from cxloop.cli.author import By, Why, author
from cxloop.cli.examples import examples
from cxloop.cli.output import print_facts, print_json, print_table
from cxloop.cli.place import Here, Json
from domain.errors import ConfigError
from domain.kpis import KPIS
from domain.records import OPEN_STATES, Incident
from domain.scopes import described, parsed
from domain.shown import counted, shown, shown_range
from sql.store import Store
from sql.tables import improvement_tasks, incident_events, incidents

app = App(
    name="incidents",
    help="Episodes in which a KPI was off: list, show, ack, snooze, unsnooze.",
    version_flags=[],
    sort_key=7,
)


@app.command(name="list", help_epilogue=examples("cxloop incidents list --open", "cxloop incidents list --json"))
def list_incidents(
    *,
    open_only: Annotated[bool, Parameter(name="--open", negative="", help="Only those not over.")] = False,
    json: Json = False,
    here: Here,
) -> None:
    """Every episode, the latest first."""
    wanted = select(incidents).order_by(incidents.c.opened_at.desc(), incidents.c.incident_id)
    if open_only:
        wanted = wanted.where(incidents.c.state.in_(OPEN_STATES))
    with here.store.reading() as connection:
        rows = Store.rows(connection, wanted)
    if json:
        print_json([_as_json(row) for row in rows])
        return
    columns = ["id", "kpi", "scope", "rule", "benchmark", "state", "opened", "resolved"]
    print_table(columns, [_cells(row) for row in rows], empty="No incident.")


@app.command(help_epilogue=examples("cxloop incidents show incident-3f2a"))
def show(incident: str, /, *, json: Json = False, here: Here) -> None:
    """One episode: its numbers, and how it went.

    Args:
        incident: its id, or the first letters of it.
    """
    with here.store.reading() as connection:
        row = _found(connection, incident)
        events = Store.rows(
            connection,
            select(incident_events)
            .where(incident_events.c.incident_id == row["incident_id"])
            .order_by(incident_events.c.moment, incident_events.c.event_id),
        )
        task = Store.rows(
            connection,
            select(improvement_tasks.c.number).where(improvement_tasks.c.incident_id == row["incident_id"]),
        )
    figures = json_text.loads(row["figures"])
    if json:
        print_json({**_as_json(row), "figures": figures, "events": events})
        return
    print_facts({**_facts(row, figures), "task": f"CX-{task[0]['number']}" if task else ""})
    print()
    print_table(
        ["day", "from", "to", "why", "by"],
        [[str(e["moment"]), e["old"], e["new"], e["reason"], e["actor"]] for e in events],
        empty="Nothing has happened to it.",
    )


@app.command(help_epilogue=examples("cxloop incidents ack incident-3f2a --by cs-lead"))
def ack(incident: str, /, *, by: By = None, here: Here) -> None:
    """Somebody is on it: nobody is reminded.

    Args:
        incident: its id, or the first letters of it.
    """
    from tasks.alert.steps.people import acknowledge

    _print_state(acknowledge(here.store, incident, author(by), here.today))


@app.command(
    help_epilogue=examples('cxloop incidents snooze incident-3f2a --until 2026-04-01 --why "it starts on Monday"')
)
def snooze(
    incident: str,
    /,
    *,
    until: Annotated[date, Parameter(help="The day it speaks again.")],
    why: Why,
    by: By = None,
    here: Here,
) -> None:
    """Silence until a day, or until it gets materially worse.

    Args:
        incident: its id, or the first letters of it.
    """
    from tasks.alert.steps.people import snooze as silenced

    _print_state(silenced(here.store, incident, author(by), here.today, until, why))


@app.command(help_epilogue=examples('cxloop incidents unsnooze incident-3f2a --why "it was the wrong one"'))
def unsnooze(incident: str, /, *, why: Why, by: By = None, here: Here) -> None:
    """End a snooze.

    Args:
        incident: its id, or the first letters of it.
    """
    from tasks.alert.steps.people import unsnooze as ended

    _print_state(ended(here.store, incident, author(by), here.today, why))


def _found(connection: Any, name: str) -> dict[str, Any]:
    start = name if name.startswith("incident-") else f"incident-{name}"
    wanted = select(incidents).where(incidents.c.incident_id.startswith(start, autoescape=True))
    rows = Store.rows(connection, wanted.order_by(incidents.c.incident_id))
    if len(rows) != 1:
        what = f"{len(rows)} incidents begin" if rows else "no incident begins"
        raise ConfigError(f"{what} with {name!r}. See: cxloop incidents list")
    return rows[0]


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["incident_id"], "kpi": row["kpi"], "scope": parsed(row["scope"]), "rule": row["rule"],
        "benchmark": row["benchmark"] or None, "state": row["state"], "opened_at": row["opened_at"],
        "resolved_at": row["resolved_at"], "since": row["since"],
    }  # fmt: skip


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        row["incident_id"], row["kpi"], described(row["scope"]), row["rule"], row["benchmark"], row["state"],
        str(row["opened_at"]), str(row["resolved_at"] or ""),
    ]  # fmt: skip


def _facts(row: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    unit = KPIS[row["kpi"]].unit
    value = figures.get("value")
    low, high = figures.get("low"), figures.get("high")
    return {
        "incident": row["incident_id"],
        "kpi": f"{KPIS[row['kpi']].title}, {described(row['scope'])}",
        "rule": " ".join(part for part in (row["rule"], row["benchmark"]) if part),
        "state": row["state"],
        "opened": row["opened_at"],
        "since": row["since"],
        "resolved": row["resolved_at"],
        "now": None
        if value is None
        else f"{shown(value, unit)} ({shown_range(low, high, unit)}, n {counted(figures['n'])})",
        "expected": None if figures.get("expected") is None else shown(figures["expected"], unit),
        "verdict": figures.get("verdict"),
        "found": figures.get("note"),
    }


def _print_state(incident: Incident) -> None:
    print(f"{incident.incident_id} is {incident.state}.")
