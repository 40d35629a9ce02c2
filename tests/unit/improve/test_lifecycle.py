from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from domain.errors import TransitionError
from domain.records import Task
from tasks.improve.lifecycle import TRANSITIONS, moved, reopened

DAY = date(2026, 3, 16)
TASK = Task("task-1", 41, "key", "nps", "{}", "pace", "nps-office", "proposed", "Find out why", "cs-lead", DAY)


@pytest.mark.parametrize(("old", "new"), list(product(TRANSITIONS, TRANSITIONS)))
def test_only_what_may_follow_follows(old, new):
    task = replace(TASK, state=old)
    if new in TRANSITIONS[old]:
        after, event = moved(task, new, DAY, "because", "cs-lead")
        assert (after.state, event.old, event.new, event.reason, event.actor) == (new, old, new, "because", "cs-lead")
    else:
        with pytest.raises(TransitionError, match=f"CX-41 is {old}; it cannot become {new}"):
            moved(task, new, DAY, "because")


def test_every_move_has_a_reason():
    with pytest.raises(TransitionError, match="without a reason"):
        moved(TASK, "won't do", DAY, "  ", "cs-lead")


def test_a_reopened_task_has_nothing_done_yet():
    judged = replace(TASK, state="made worse", done_on=DAY, judge_on=DAY, due_on=DAY)
    again, event = reopened(judged, DAY, date(2026, 3, 25), "made worse: another idea, or stop?")
    assert (again.state, again.done_on, again.judge_on, again.due_on) == ("proposed", None, None, date(2026, 3, 25))
    assert event.old == "made worse"


def test_what_people_refused_stays_refused():
    with pytest.raises(TransitionError, match="nothing any more"):
        reopened(replace(TASK, state="won't do"), DAY, DAY, "again")
