"""Facts that measuring reads, from both databases."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import polars as pl

from sql.queries.facts import (
    REPLYING,
    asked_since,
    awaited_targets,
    has_targets,
    surveys_by_measure,
    ticket_rows,
)
from sql.queries.persons import all_ids
from sql.store import Store
from sql.tables import FACTS
from tests.factories import at, facts

SPAN = (datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC))
COLUMNS = ("ticket_id", "customer_id", "opened_at", "channel")


def put(store: Store, name: str, rows: list[dict[str, Any]]) -> None:
    frame = facts(name, rows).with_columns(row_hash=pl.lit(1, pl.Int64), batch_id=pl.lit("one"))
    with store.transaction() as connection:
        store.write(connection, FACTS[name], frame)


def ticket(name: str, customer: str | None, opened: str, solved: str | None = None) -> dict[str, Any]:
    told = {"ticket_id": name, "customer_id": customer, "opened_at": at(opened)}
    return told | {"status": "solved" if solved else "open", "resolved_at": at(solved) if solved else None}


def read(store: Store, *, by_opening: bool = False) -> list[str]:
    with store.reading() as connection:
        held, _ = ticket_rows(connection, [SPAN], COLUMNS, {"channel"}, ("status",), REPLYING, by_opening=by_opening)
    return sorted(held["ticket_id"])


def since(store: Store, held: list[str]) -> list[str]:
    """What else the customers of some tickets asked, if these are all that is there."""
    with store.reading() as connection:
        rows, _ = ticket_rows(connection, None, COLUMNS, {"channel"}, ("status",), REPLYING)
        of_held = rows.filter(pl.col("ticket_id").is_in(held))
        found = asked_since(connection, of_held, [SPAN], COLUMNS, {"channel"}, partial(all_ids, connection))
    assert found.schema == rows.schema
    return sorted(found["ticket_id"])


def test_what_else_customers_asked_is_found_once_and_of_them_alone(store: Store):
    put(store, "tickets", [
        ticket("waited", "c", "2026-01-05", "2026-03-10"),
        ticket("meanwhile", "c", "2026-02-01", "2026-02-02"),  # nothing of it is booked within the span
        ticket("meanwhile, another", "d", "2026-02-01", "2026-02-02"),
        ticket("before", "c", "2025-12-01", "2025-12-02"),
        ticket("now", "c", "2026-03-11"),
        ticket("solved too", "c", "2026-02-20", "2026-03-12"),
        ticket("nobody's", None, "2026-01-05", "2026-03-10"),
        ticket("later", "c", "2026-03-20"),
    ])  # fmt: skip
    booked = ["nobody's", "now", "solved too", "waited"]
    assert read(store) == booked
    assert since(store, booked) == ["meanwhile"]
    assert read(store, by_opening=True) == ["now"]


def test_who_asks_for_the_first_time_asked_nothing_else(store: Store):
    put(store, "tickets", [ticket("now", "c", "2026-03-11"), ticket("before", "c", "2025-12-01", "2025-12-02")])
    assert since(store, ["now"]) == []


def test_what_else_customers_asked_is_found_whenever_they_first_did(store: Store):
    """However long they waited: the longest are looked for by themselves."""
    put(store, "tickets", [
        ticket("long ago", "c", "2025-01-05", "2026-03-10"),
        ticket("months later", "c", "2025-06-01", "2025-06-02"),
        ticket("the week before", "c", "2026-03-02", "2026-03-03"),
        ticket("lately", "d", "2026-03-01", "2026-03-10"),
        ticket("the day after", "d", "2026-03-02", "2026-03-03"),
        ticket("months before", "d", "2025-06-01", "2025-06-02"),
        ticket("edge", "e", "2026-02-22T23:59:59", "2026-03-10"),
        ticket("edge of what is long ago", "e", "2026-02-23", "2026-02-24"),
    ])  # fmt: skip
    found = since(store, ["long ago", "lately", "edge"])
    assert found == ["edge of what is long ago", "months later", "the day after", "the week before"]
    assert since(store, ["long ago", "the week before"]) == ["months later"]


def test_contacts_that_are_not_solved_and_have_a_target_are_awaited(store: Store):
    with store.reading() as connection:
        assert not has_targets(connection)
    put(store, "tickets", [
        ticket("waits", "c", "2026-03-09"), ticket("solved", "c", "2026-03-10", "2026-03-11"),
        ticket("promised nothing", "c", "2026-03-12"),
        ticket("gone", "c", "2026-03-13") | {"deleted_at": at("2026-03-14")},
    ])  # fmt: skip
    target = {"field": "sla_target", "at": at("2026-03-09"), "new": "first_reply_time 60 calendar"}
    promised = ["waits", "waits", "solved", "gone"]
    put(store, "ticket_events", [{"event_id": f"{n}", "ticket_id": name, **target} for n, name in enumerate(promised)])
    with store.reading() as connection:
        assert has_targets(connection)
        assert awaited_targets(connection).to_list() == [at("2026-03-09")]


def test_surveys_of_each_measure_are_found_one_after_the_other(store: Store):
    with store.reading() as connection:
        assert surveys_by_measure(connection) == {}
    asked = [("nps", "relationship"), ("csat", "chat"), ("csat", "after-help"), ("csat", "chat"), ("ces", "chat")]
    said = {"answered_at": at("2026-03-10")}
    put(store, "survey_answers", [{"measure": measure, "survey": survey, **said} for measure, survey in asked])
    with store.reading() as connection:
        found = surveys_by_measure(connection)
    assert found == {"ces": ("chat",), "csat": ("after-help", "chat"), "nps": ("relationship",)}
