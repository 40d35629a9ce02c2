"""Service levels of first replies beside those of fivetran/dbt_zendesk, over the same warehouse.

Source: fivetran/dbt_zendesk, models/sla_policy: int_zendesk__sla_policy_applied, __reply_time_calendar_hours,
__reply_time_combined, retold row by row: the latest target of the ticket, from its creation on.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import polars as pl
import pytest

from tasks.extract.warehouse.ready import ready_made
from tasks.measure.contacts.service_levels import with_outcomes
from tasks.measure.contacts.service_targets import timed
from tasks.measure.contacts.tickets import turns
from tests.unit.extract.warehouse.dbt_zendesk import OURS, PUBLISHED, SOLVED, Tables, Warehouse, instant
from tests.unit.extract.warehouse.made_up_zendesk import SYNCED, Row, text, zendesk

NOW = datetime(2026, 8, 1, tzinfo=UTC)
READY = ready_made("fivetran_zendesk", also=["sla_targets"])
Fill = Callable[..., tuple[str, str]]
Mapped = Callable[..., dict[str, pl.DataFrame]]


def aim(ticket: str, at: str, minutes: int | None, metric: str = "first_reply_time", *, business: bool = False) -> Row:
    told = None if minutes is None else json.dumps({"minutes": minutes, "in_business_hours": business})
    return {"ticket_id": ticket, "field_name": metric, "updated": at, "value": told, "user_id": "-1",
            "_fivetran_synced": SYNCED}  # fmt: skip


@pytest.fixture(scope="module")
def aimed() -> Tables:
    """Four of five tickets get a target at once, a third of them another one later; one in ten loses it again."""
    tables, random = zendesk(250, seed=11), Random(5)
    history = list(tables["ticket_field_history"])
    for ticket in tables["ticket"]:
        key, at = str(ticket["id"]), str(ticket["created_at"])
        if random.random() < 0.8:
            history.append(aim(key, at, random.choice([60, 480, 1440])))
            later = text(instant(at) + timedelta(seconds=random.randrange(1, 200_000)))
            if random.random() < 0.33:
                history.append(aim(key, later, random.choice([30, 240, 2880])))
            elif random.random() < 0.1:
                history.append(aim(key, later, None))
    return {**tables, "ticket_field_history": history}


def missed(house: Warehouse, ticket: str, *, in_force: bool) -> bool | None:
    """Whether its first reply came too late; None: nothing was promised.

    By the latest target; with `in_force` by each while it was the one, and by the last one before the reply.
    """
    created = instant(house.tickets[ticket]["created_at"])
    replies = [comment.at for comment in house.comments(ticket) if comment.is_public and comment.is_agent]
    reply = min((at for at in replies if at > created), default=None)
    solved = min((at for at, new in house.changes(ticket, "status") if new in SOLVED and at > created), default=None)
    ends = [at for at in (reply, solved) if at is not None]
    end = min(ends, default=NOW)
    told = [(at, value) for at, value in house.changes(ticket, "first_reply_time") if not in_force or at < end]
    if not in_force:
        told = [(at, value) for at, value in told if value][-1:]
    until = [*(at for at, _ in told[1:]), end]
    aims = [(json.loads(value)["minutes"], at, then) for (at, value), then in zip(told, until, strict=False) if value]
    if any(max(created + timedelta(minutes=minutes), at if in_force else created) < then for minutes, at, then in aims):
        return True
    return False if told and told[-1][1] else None


def ours(facts: dict[str, pl.DataFrame]) -> dict[str, bool | None]:
    held, events = facts["tickets"], facts["ticket_events"]
    found = with_outcomes(held, timed(held, turns(held, events), events, {}, NOW))
    return {ticket.removeprefix("desk:"): None if met is None else not met
            for ticket, met in found.select("ticket_id", "sla_met").iter_rows()}  # fmt: skip


def test_first_replies_that_came_too_late_are_theirs_with_the_target_that_was_in_force(
    aimed: Tables, fill: Fill, mapped: Mapped
) -> None:
    found = ours(mapped(fill(aimed), READY))
    house = Warehouse(aimed, NOW, OURS)
    assert found == {ticket: missed(house, ticket, in_force=True) for ticket in house.tickets}
    assert Counter(found.values()) == {None: 38, False: 37, True: 175}


def test_the_latest_target_judges_replies_that_came_before_it_and_we_do_not(aimed: Tables) -> None:
    house, published = Warehouse(aimed, NOW, OURS), Warehouse(aimed, NOW, PUBLISHED)
    by_the_latest = {ticket: missed(house, ticket, in_force=False) for ticket in house.tickets}
    in_force = {ticket: missed(house, ticket, in_force=True) for ticket in house.tickets}
    apart = [ticket for ticket in in_force if by_the_latest[ticket] != in_force[ticket]]
    assert len(apart) == 8
    theirs = {ticket: missed(published, ticket, in_force=False) for ticket in house.tickets}
    same = sum(theirs[ticket] == in_force[ticket] for ticket in in_force)
    assert same == 239


def test_targets_are_mapped_as_they_were_set_and_an_unreadable_one_names_no_field(fill: Fill, mapped: Mapped) -> None:
    tables = zendesk(1, seed=1)
    at = "2026-05-01 10:00:00"
    told = [
        aim("1", at, 480, business=True),
        {**aim("1", at, 1, "next_reply_time"), "value": '{"in_business_hours":false,"minutes":60}'},
        aim("1", "2026-05-02 10:00:00", None),
        {**aim("1", at, 1, "agent_work_time"), "value": '{"minutes": "soon"}'},
        aim("1", at, 30, "periodic_update_time"),
    ]
    found = mapped(fill({**tables, "ticket_field_history": [*tables["ticket_field_history"], *told]}), READY)
    targets = found["ticket_events"].filter(field="sla_target").sort("new")
    assert targets["new"].to_list() == [
        "first_reply_time 480 business", "first_reply_time none", "next_reply_time 60 calendar"
    ]  # fmt: skip
    unreadable = found["ticket_events"].filter(pl.col("field").is_null())
    assert unreadable.height == 1  # a row without its field goes to quarantine
