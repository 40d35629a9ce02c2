"""What happened at one instant, of which nothing says what came first: the same in whatever order it is read."""

from collections.abc import Callable

import polars as pl
import pytest

from tasks.measure.contacts.comebacks import back_at
from tasks.measure.contacts.handling import assignments, waiting
from tasks.measure.contacts.service_targets import timed
from tasks.measure.contacts.tickets import turns
from tests.factories import at, facts
from tests.unit.measure.helpdesk import moved, tickets_of

HELD = tickets_of([{"ticket_id": "t", "opened": "2026-03-09", "channel": "email"}])
STATUSES = moved(
    ("t", "2026-03-10", "new", "pending"), ("t", "2026-03-10", "pending", "open"),
    ("t", "2026-03-10", "open", "solved"), ("t", "2026-03-12", "solved", "open"), ("t", "2026-03-12", "open", "closed"),
).with_columns(sequence=pl.lit(None, pl.Int64))  # fmt: skip
TEAMS = moved(("t", "2026-03-10", "a", "b"), ("t", "2026-03-10", "b", "a"), field="team").with_columns(
    sequence=pl.lit(None, pl.Int64)
)


@pytest.mark.parametrize(
    "made",
    [
        lambda events: turns(HELD, events),
        lambda events: waiting(HELD, turns(HELD, events), events),
    ],
    ids=["turns", "waiting"],
)
def test_statuses_of_one_instant(made: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    assert made(STATUSES).equals(made(STATUSES[::-1]))
    assert turns(HELD, STATUSES)["is_solved"].to_list() == [True, False, True]


def test_assignments_of_one_instant() -> None:
    assert assignments(TEAMS).equals(assignments(TEAMS[::-1]))


def test_contacts_of_one_instant_in_two_channels() -> None:
    rows = [{"ticket_id": name, "customer_id": "c", "channel": channel, "opened": day}
            for name, channel, day in (("a", "email", "2026-03-09"), ("b", "chat", "2026-03-09"), ("d", "chat", "2026-03-10"))]  # fmt: skip  # noqa: E501
    held = [back_at(tickets_of(some)).sort("ticket_id") for some in (rows, rows[::-1])]
    assert held[0].equals(held[1])


def test_clocks_that_run_and_stop_at_one_instant() -> None:
    target = facts("ticket_events", [{"ticket_id": "t", "field": "sla_target", "at": at("2026-03-09"),
                                      "new": "agent_work_time 2000 calendar"}])  # fmt: skip
    held = [
        timed(HELD, turns(HELD, some), pl.concat([target, some]), {}, at("2026-05-01")).sort("field")
        for some in (STATUSES[:2], STATUSES[:2][::-1])
    ]
    assert held[0].equals(held[1])
