from typing import Any

import polars as pl

from tasks.measure.contacts.service_levels import with_outcomes
from tests.factories import at, facts


def outcome(*events: tuple[str, str, str], **ticket: Any) -> tuple[bool | None, object]:
    held = facts("tickets", [{"ticket_id": "t", "opened_at": at("2026-03-02 10:00"), **ticket}])
    happened = facts("ticket_events", [{"ticket_id": "t", "at": at(f"2026-03-02 {when}"), "field": f"sla_{what}",
                                        "new": clock} for when, what, clock in events])  # fmt: skip
    found = with_outcomes(held, happened)
    assert found.columns == held.columns
    return found["sla_met"][0], found["sla_known_at"][0]


def test_a_service_level_is_kept_when_all_its_clocks_are_fulfilled() -> None:
    both = (("10:00", "applied", "reply_time:1"), ("10:00", "applied", "requester_wait_time:1"),
            ("10:20", "fulfilled", "reply_time:1"))  # fmt: skip
    assert outcome(*both) == (True, None)
    assert outcome(*both, ("16:00", "fulfilled", "requester_wait_time:1")) == (True, at("2026-03-02 16:00"))


def test_it_is_missed_with_the_first_breach_and_fulfilling_it_late_mends_nothing() -> None:
    found = outcome(("10:00", "applied", "reply_time:1"), ("11:00", "breached", "reply_time:1"),
                    ("12:00", "fulfilled", "reply_time:1"))  # fmt: skip
    assert found == (False, at("2026-03-02 11:00"))


def test_a_breach_that_was_taken_back_is_none() -> None:
    found = outcome(("10:00", "applied", "reply_time:1"), ("11:00", "withdrawn", "reply_time:1"),
                    ("12:00", "fulfilled", "reply_time:1"))  # fmt: skip
    assert found == (True, at("2026-03-02 12:00"))


def test_a_clock_without_a_service_level_has_no_outcome() -> None:
    assert outcome(("10:20", "fulfilled", "reply_time:1")) == (None, None)


def test_a_closed_ticket_has_kept_what_it_did_not_miss() -> None:
    found = outcome(("10:00", "applied", "periodic_update_time:1"), closed_at=at("2026-03-06"))
    assert found == (True, at("2026-03-06"))


def test_an_outcome_that_the_source_tells_itself_is_left_alone() -> None:
    told = {"sla_met": True, "sla_known_at": at("2026-03-05")}
    assert outcome(("10:00", "applied", "reply_time:1"), ("11:00", "breached", "reply_time:1"), **told) == (
        True, at("2026-03-05"),
    )  # fmt: skip


def test_tickets_without_events_stay_as_they_are() -> None:
    held = facts("tickets", [{"opened_at": at("2026-03-02")}])
    assert with_outcomes(held, facts("ticket_events", [])).equals(held)
    assert with_outcomes(held.clear(), facts("ticket_events", [])).is_empty()
    assert isinstance(held, pl.DataFrame)
