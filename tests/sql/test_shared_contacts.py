"""Contacts that are read for one family and taken by another are those that it would read itself."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from numpy.random import default_rng

from domain.roadmap import Roadmap
from domain.roadmap.loading import parse_roadmap
from sql.store import Store
from sql.tables import FACTS
from tasks.measure.families import DIMENSIONS, FIELDS, LATER, OPENED, SHARING
from tasks.measure.steps.facts import Facts, There, changes_of, days_read, read_contacts, read_facts, roles_of
from tests.acceptance.small import ROADMAP
from tests.factories import facts

MONDAY = date(2026, 3, 9)
CHANGED = [MONDAY + timedelta(days=i) for i in (0, 2)]
DAYS = {
    "tickets": CHANGED, "reopenings": CHANGED, "outcomes": [MONDAY + timedelta(days=i) for i in range(-8, 3)],
    "promises": [MONDAY + timedelta(days=i) for i in range(-12, 3)],
}  # fmt: skip
"""Promises of days before those of any other family, so that something is left to be read."""
ROLES = ("agent", "bot", "customer")


def roadmap(more: str = "") -> Roadmap:
    kpis = "kpis: [first_contact_resolution, answered_in_time, transfers, next_reply_time]\n"
    return parse_roadmap(ROADMAP + kpis + more)


def desk(store: Store) -> None:
    """Tickets of few customers over three months, opened, answered, solved and reopened at any time."""
    draw, first = default_rng(7), datetime(2026, 1, 1, tzinfo=UTC)
    tickets, events = list[dict[str, object]](), list[dict[str, object]]()
    for number in range(600):
        opened = first + timedelta(minutes=int(draw.integers(0, 90 * 1440)))
        ticket: dict[str, object] = {"ticket_id": f"t{number}", "opened_at": opened, "status": "open"}
        ticket["customer_id"] = None if draw.random() < 0.1 else f"c{draw.integers(0, 60)}"
        at = opened
        for sequence, field in enumerate(draw.choice(["status", "comment", "team", "n_reopens"], 5)):
            at += timedelta(minutes=int(draw.exponential(3000)))
            new = str(draw.choice(["solved", "open"])) if field == "status" else str(sequence)
            events.append({"event_id": f"{number}:{sequence}", "ticket_id": f"t{number}", "at": at, "field": field,
                           "new": new, "sequence": sequence, "actor_role": str(draw.choice(ROLES)),
                           "is_public": field == "comment"})  # fmt: skip
            if new == "solved":
                ticket |= {"status": "solved", "resolved_at": at}
        tickets.append(ticket)
    for name, rows in (("tickets", tickets), ("ticket_events", events)):
        frame = facts(name, rows).with_columns(row_hash=pl.lit(1, pl.Int64), batch_id=pl.lit("one"))
        with store.transaction() as connection:
            store.write(connection, FACTS[name], frame)


def told(found: Facts, family: str, plan: Roadmap) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The rows that a family reads of what it was given, in order."""
    columns = [*dict.fromkeys((*FIELDS[family], *DIMENSIONS[family]))]
    held, fields = found["tickets"].select(columns), changes_of(family, plan)
    is_said = (pl.col("field") == "comment") & pl.col("actor_role").is_in(roles_of(family, plan))
    events = found["ticket_events"].filter(pl.col("field").is_in(fields) | is_said)
    events = events.select("ticket_id", "at", "field", "new", "sequence", "actor_role", "is_public")
    return sorted(held.rows(), key=repr), sorted(events.rows(), key=repr)


@pytest.mark.parametrize("chain", [
    ("tickets", "outcomes", "promises"), ("tickets", "promises"), ("outcomes", "promises"), ("tickets", "reopenings"),
])  # fmt: skip
def test_what_is_taken_is_what_would_have_been_read(store: Store, chain: Iterable[str]):
    plan = roadmap("reopening: {within: 3 days}\n" if "reopenings" in chain else "")
    desk(store)
    there: There | None = None
    with store.reading() as connection:
        for family in chain:
            found, shared = read_contacts(connection, family, DAYS[family], plan, there)
            alone = read_facts(connection, family, DAYS[family], plan)
            assert told(found, family, plan) == told(alone, family, plan)
            assert not any(found[name]["ticket_id"].is_empty() for name in found)
            days = frozenset(days_read(family, DAYS[family], plan))
            there = There(days, lambda shared=shared: shared)


@pytest.mark.parametrize("family", [*SHARING])
def test_of_no_days_nothing_is_read(store: Store, family: str):
    """As when a source says that it is complete for fewer days than before."""
    plan, there = roadmap("reopening: {within: 3 days}\n"), None
    desk(store)
    with store.reading() as connection:
        if family != "tickets":
            _, shared = read_contacts(connection, "tickets", CHANGED, plan)
            there = There(frozenset(CHANGED), lambda: shared)
        found, _ = read_contacts(connection, family, [], plan, there)
        assert read_facts(connection, family, [], plan)["tickets"].is_empty()
    assert found["tickets"].is_empty() or family in ("outcomes", "reopenings")  # a few more do no harm


def test_whoever_takes_reads_nothing_that_is_not_there():
    plan = roadmap()
    for family, givers in SHARING.items():
        for giver in givers:
            assert {*changes_of(family, plan)} <= {*changes_of(giver, plan)}
            assert {*roles_of(family, plan)} <= {*roles_of(giver, plan)}
            assert DIMENSIONS[family] == DIMENSIONS[giver]
            assert giver not in OPENED  # of the days that it says, all that is booked must be there
            assert LATER.get(giver, giver) == LATER[family]
