"""What people do with tasks from the command line; needs no run."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from domain.errors import ConfigError
from domain.records import Task, TaskEvent
from domain.roadmap import Roadmap
from sql.store import Store
from tasks.improve.lifecycle import moved
from tasks.improve.spans import judge_on
from tasks.improve.steps.rows import all_tasks, save

Change = Callable[[Task], tuple[Task, TaskEvent]]


def accept_task(store: Store, name: str, author: str, on: date) -> Task:
    """Somebody takes it on. `name` is `CX-41` or `41`.

    Raises:
        ConfigError: no such task. TransitionError: it is not proposed.
    """
    return _changed(store, name, lambda task: moved(task, "accepted", on, "accepted", author))


def start_task(store: Store, name: str, author: str, on: date) -> Task:
    """Work begins, or goes on after being blocked. Raises as `accept_task`."""
    return _changed(store, name, lambda task: moved(task, "in progress", on, "work goes on", author))


def block_task(store: Store, name: str, author: str, on: date, reason: str) -> Task:
    """Something holds it up: money, decision, other team, technology, data, supplier. Raises as `accept_task`."""

    def change(task: Task) -> tuple[Task, TaskEvent]:
        after, event = moved(task, "blocked", on, reason, author)
        return replace(after, body={**after.body, "blocked_by": f"{reason} (since {on.isoformat()})"}), event

    return _changed(store, name, change)


def finish_task(store: Store, roadmap: Roadmap, name: str, author: str, on: date, reason: str = "done") -> Task:
    """It is done; from now on its effect is looked for, and judged on `judge_on`. Raises as `accept_task`."""

    def change(task: Task) -> tuple[Task, TaskEvent]:
        benchmark = roadmap.benchmarks.get(task.benchmark)
        after, event = moved(task, "done", on, reason, author)
        return replace(after, done_on=on, judge_on=judge_on(on, benchmark.window if benchmark else "week")), event

    return _changed(store, name, change)


def refuse_task(store: Store, name: str, author: str, on: date, reason: str) -> Task:
    """Nobody will do it, and why; it is not opened again for this episode. Raises as `accept_task`."""
    return _changed(store, name, lambda task: moved(task, "won't do", on, reason, author))


def _changed(store: Store, name: str, change: Change) -> Task:
    with store.transaction() as connection:
        tasks = all_tasks(connection)
        found = re.fullmatch(r"(?:CX-)?(\d+)", name.strip(), re.IGNORECASE)
        task = next((task for task in tasks if found and task.number == int(found[1])), None)
        if task is None:
            known = f"There are CX-1 to CX-{tasks[-1].number}" if tasks else "There is none yet"
            raise ConfigError(f"there is no task '{name}'. {known}; `cxloop tasks` lists them.")
        after, event = change(task)
        save(connection, [after], [event])
    return after
