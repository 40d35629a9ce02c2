"""An improvement task through its states; the only place where they change.

    proposed → accepted → in progress ⇄ blocked → done → verifying → worked | cannot be judged
        ↑ └→ won't do                                        ├→ no change seen ┐
        └────────────────────────────────────────────────────┴→ made worse ────┘ another idea is needed

Done means verifying: whether it worked is read from the KPI, never from the task's own state.
"""

from dataclasses import replace
from datetime import date

from domain.errors import TransitionError
from domain.ids import derived
from domain.records import Task, TaskEvent, TaskState

TRANSITIONS: dict[TaskState, frozenset[TaskState]] = {
    "proposed": frozenset({"accepted", "won't do"}),
    "accepted": frozenset({"in progress", "blocked", "done", "won't do"}),
    "in progress": frozenset({"blocked", "done", "won't do"}),
    "blocked": frozenset({"in progress", "done", "won't do"}),
    "done": frozenset({"verifying"}),
    "verifying": frozenset({"worked", "no change seen", "made worse", "cannot be judged"}),
    "worked": frozenset({"proposed"}),
    "no change seen": frozenset({"proposed"}),
    "made worse": frozenset({"proposed"}),
    "cannot be judged": frozenset({"proposed"}),
    "won't do": frozenset(),
}
"""Which state may follow which; back to `proposed` is a reopening."""

OVER: frozenset[TaskState] = frozenset({"worked", "cannot be judged", "won't do"})
"""Nobody works on it any more."""


def moved(task: Task, new: TaskState, on: date, reason: str, actor: str = "cxloop") -> tuple[Task, TaskEvent]:
    """The task in its new state, and what is written down about it.

    Raises:
        TransitionError: the state may not follow, or a reason is missing; says which states may.
    """
    if new not in TRANSITIONS[task.state]:
        allowed = ", ".join(sorted(TRANSITIONS[task.state])) or "nothing any more"
        raise TransitionError(
            f"CX-{task.number} is {task.state}; it cannot become {new}. From there it can become: {allowed}."
        )
    if not reason.strip():
        raise TransitionError(f"CX-{task.number} cannot become {new} without a reason. Say why.")
    event_id = derived("event", task.task_id, on, task.state, new, reason, actor)
    return replace(task, state=new), TaskEvent(event_id, task.task_id, on, task.state, new, reason, actor)


def opened(task: Task, reason: str) -> TaskEvent:
    """The event of a task that is new."""
    event_id = derived("event", task.task_id, task.opened_on, "", task.state, reason, "cxloop")
    return TaskEvent(event_id, task.task_id, task.opened_on, "", task.state, reason, "cxloop")


def reopened(task: Task, on: date, due_on: date, reason: str) -> tuple[Task, TaskEvent]:
    """The task proposed once more: another idea is needed, with a new due date and nothing done yet."""
    again, event = moved(task, "proposed", on, reason)
    return replace(again, due_on=due_on, done_on=None, judge_on=None), event
