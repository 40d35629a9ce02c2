"""Improvement tasks: list, show, and what people do with them."""

import json as json_text
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, cast

from cyclopts import App, Parameter
from sqlalchemy import Connection, Select, select

from cxloop.cli.author import By, Why, author
from cxloop.cli.examples import examples
from cxloop.cli.output import print_facts, print_json, print_table
from cxloop.cli.place import Here, Json
from domain.errors import ConfigError
from domain.scopes import parsed
from sql.queries.incident_words import quote_about
from sql.store import Store
from sql.tables import improvement_tasks, incidents, task_events, verdicts

app = App(
    name="tasks",
    help="The board of improvement tasks: list, show, accept, start, block, done, wont-fix.",
    version_flags=[],
    sort_key=8,
)

OVER = frozenset({"worked", "won't do"})


@app.command(name="list", help_epilogue=examples("cxloop tasks list --open", "cxloop tasks list --json"))
def list_tasks(
    *,
    open_only: Annotated[bool, Parameter(name="--open", negative="", help="Only those not over.")] = False,
    json: Json = False,
    here: Here,
) -> None:
    """Every task, the latest first."""
    with here.store.reading() as connection:
        rows = Store.rows(connection, _tasks().order_by(improvement_tasks.c.number.desc()))
    rows = [row for row in rows if not (open_only and row["state"] in OVER)]
    if json:
        print_json([_as_json(row) for row in rows])
        return
    columns = ["task", "title", "owner", "state", "opened", "due"]
    print_table(columns, [_cells(row) for row in rows], empty="No task.")


@app.command(help_epilogue=examples("cxloop tasks show CX-41"))
def show(task: str, /, *, json: Json = False, here: Here) -> None:
    """One task: what happened, what can be seen, who did what.

    Args:
        task: its number, as CX-41.
    """
    with here.store.reading() as connection:
        row = _found(connection, task)
        mine = task_events.c.task_id == row["task_id"]
        events = Store.rows(
            connection, select(task_events).where(mine).order_by(task_events.c.moment, task_events.c.event_id)
        )
        judged = Store.rows(
            connection, select(verdicts).where(verdicts.c.task_id == row["task_id"]).order_by(verdicts.c.moment)
        )
        quote = quote_about(connection, row["incident_id"])
    body: dict[str, Any] = json_text.loads(row["body"])
    if json:
        print_json({**_as_json(row), "body": body, "events": events, "verdicts": judged})
        return
    print_facts({
        "task": f"CX-{row['number']}  {row['title']}", "state": row["state"], "owner": row["owner"],
        "opened": row["opened_on"], "due": row["due_on"], "done": row["done_on"], "judged from": row["judge_on"],
        **{name.replace("_", " "): _told(value) for name, value in body.items()},
        **({"in a customer's words": f"“{quote}”"} if quote else {}),
    })  # fmt: skip
    print()
    print_table(
        ["day", "from", "to", "why", "by"],
        [[str(e["moment"]), e["old"], e["new"], e["reason"], e["actor"]] for e in events],
        empty="Nothing has happened to it.",
    )
    for verdict in judged:
        print(f"{verdict['moment']}  {verdict['outcome']}: {verdict['reason']}")


@app.command(help_epilogue=examples("cxloop tasks accept CX-41 --by logistics-lead"))
def accept(task: str, /, *, by: By = None, here: Here) -> None:
    """Its owner takes it.

    Args:
        task: its number, as CX-41.
    """
    from tasks.improve.steps.people import accept_task

    _print_state(accept_task(here.store, task, author(by), here.today))


@app.command(help_epilogue=examples("cxloop tasks start CX-41"))
def start(task: str, /, *, by: By = None, here: Here) -> None:
    """Work begins, or goes on after it was held up.

    Args:
        task: its number, as CX-41.
    """
    from tasks.improve.steps.people import start_task

    _print_state(start_task(here.store, task, author(by), here.today))


@app.command(help_epilogue=examples('cxloop tasks block CX-41 --why "decision: the coo, since Monday"'))
def block(task: str, /, *, why: Why, by: By = None, here: Here) -> None:
    """Something holds it up: money, a decision, another team, technology, data, a supplier.

    Args:
        task: its number, as CX-41.
    """
    from tasks.improve.steps.people import block_task

    _print_state(block_task(here.store, task, author(by), here.today, why))


@app.command(help_epilogue=examples("cxloop tasks done CX-41 --by logistics-lead --on 2026-03-23"))
def done(
    task: str,
    /,
    *,
    by: By = None,
    on: Annotated[date | None, Parameter(help="The day it was done.")] = None,
    here: Here,
) -> None:
    """It is done: from now on it is verified, and judged when its window is over.

    Args:
        task: its number, as CX-41.
    """
    from domain.roadmap import load_roadmap
    from tasks.improve.steps.people import finish_task

    _print_state(finish_task(here.store, load_roadmap(here.project.roadmap), task, author(by), on or here.today))


@app.command(name="wont-fix", help_epilogue=examples('cxloop tasks wont-fix CX-41 --why "the contract ends in June"'))
def wont_fix(task: str, /, *, why: Why, by: By = None, here: Here) -> None:
    """Nobody will do it; it is never opened again for this episode.

    Args:
        task: its number, as CX-41.
    """
    from tasks.improve.steps.people import refuse_task

    _print_state(refuse_task(here.store, task, author(by), here.today, why))


def _tasks() -> Select[Any]:
    """Tasks, each with the end of the incident that opened it."""
    joined = improvement_tasks.outerjoin(incidents, incidents.c.incident_id == improvement_tasks.c.incident_id)
    return select(*improvement_tasks.c, incidents.c.resolved_at).select_from(joined)


def _found(connection: Connection, name: str) -> dict[str, Any]:
    number = name.upper().removeprefix("CX-")
    if not number.isdecimal():
        raise ConfigError(f"{name!r} is no task: expected its number, as CX-41. See: cxloop tasks list")
    rows = Store.rows(connection, _tasks().where(improvement_tasks.c.number == int(number)))
    if not rows:
        raise ConfigError(f"there is no task CX-{number}. See: cxloop tasks list")
    return rows[0]


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"CX-{row['number']}", "kpi": row["kpi"], "scope": parsed(row["scope"]), "rule": row["rule"],
        "benchmark": row["benchmark"] or None, "state": row["state"], "opened_at": row["opened_on"],
        "resolved_at": row["resolved_at"], "title": row["title"], "owner": row["owner"], "due_on": row["due_on"],
        "done_on": row["done_on"], "judge_on": row["judge_on"], "incident": row["incident_id"],
    }  # fmt: skip


def _cells(row: dict[str, Any]) -> list[str]:
    days = [str(row[name] or "") for name in ("opened_on", "due_on")]
    return [f"CX-{row['number']}", row["title"], row["owner"], row["state"], *days]


def _told(value: object) -> str:
    """A part of a task's body in words; mappings are for programs (`--json`)."""
    if isinstance(value, list | tuple):
        parts = cast("Sequence[object]", value)
        return "; ".join(str(part) for part in parts if part)
    return "" if value is None or isinstance(value, dict) else str(value)


def _print_state(task: Any) -> None:
    print(f"CX-{task.number} is {task.state}.")
