from datetime import date

import polars as pl

from domain.estimates import points
from domain.kpis import KPIS
from tasks.measure.contacts import tickets
from tasks.measure.contacts.reopenings import reopens
from tasks.measure.contacts.reply_times import first_reply, with_replies
from tasks.measure.entries import parts
from tests.factories import at, facts

BERLIN = "Europe/Berlin"


def value(entries: pl.DataFrame, kpi: str, as_of: date = date(9999, 1, 1)) -> dict[str, object]:
    found = points(parts(entries, KPIS[kpi]), "all", as_of=as_of).filter(pl.col("scope") == "{}")
    return found.row(0, named=True) if found.height else {}


def moves(*rows: tuple[str, str, str | None, str]) -> pl.DataFrame:
    return facts("ticket_events", [{"ticket_id": t, "at": at(when), "old": old, "new": new, "sequence": i}
                                   for i, (t, when, old, new) in enumerate(rows)])  # fmt: skip


def test_a_ticket_late_on_sunday_in_utc_is_mondays_in_berlin() -> None:
    held = facts("tickets", [{"opened_at": at("2026-03-08 23:30")}])
    assert tickets.volume(held, BERLIN)["booked_day"].to_list() == [date(2026, 3, 9)]


def test_spam_merged_and_deleted_tickets_are_no_contacts() -> None:
    rows = [{}, {"excluded_as": "spam"}, {"deleted_at": at("2026-03-09")}, {"status": "deleted"}]
    held = facts("tickets", [{"opened_at": at("2026-03-09"), **row} for row in rows])
    assert tickets.contacts(held)["ticket_id"].to_list() == ["tickets-0"]


def test_first_reply_is_the_first_public_word_of_who_was_an_agent_then() -> None:
    held = facts("tickets", [{"ticket_id": "t", "opened_at": at("2026-03-09 10:00")}])
    said = [("10:01", "customer", True), ("10:02", "agent", False), ("10:10", "agent", True), ("10:30", "agent", True)]
    events = facts("ticket_events", [{"ticket_id": "t", "field": "comment", "at": at(f"2026-03-09 {when}"),
                                      "actor_role": role, "is_public": public}
                                     for when, role, public in said])  # fmt: skip
    found = first_reply(with_replies(held, events), tickets.turns(held, events), BERLIN).filter(pl.col("n") == 1)
    assert found["total"].to_list() == [600.0]


def test_a_ticket_without_a_reply_is_open_not_zero() -> None:
    rows = [{"first_reply_at": at("2026-03-09 10:05")}, {}]
    held = facts("tickets", [{"opened_at": at("2026-03-09 10:00"), **row} for row in rows])
    nothing = facts("ticket_events", [])
    found = value(first_reply(with_replies(held, nothing), tickets.turns(held, nothing), BERLIN), "first_reply_time")
    assert (found["n"], found["n_open"]) == (1, 1)


def test_a_helpdesk_that_tells_no_replies_gives_no_first_reply_time() -> None:
    held = facts("tickets", [{"opened_at": at("2026-03-09")}])
    nothing = facts("ticket_events", [])
    assert first_reply(with_replies(held, nothing), tickets.turns(held, nothing), BERLIN).is_empty()


def test_a_reopened_ticket_has_no_full_resolution_until_it_is_solved_again() -> None:
    held = facts("tickets", [{"ticket_id": "t", "opened_at": at("2026-03-02 12:00")}])
    events = moves(("t", "2026-03-02 12:00", None, "new"), ("t", "2026-03-03 12:00", "new", "solved"),
                   ("t", "2026-03-05 12:00", "solved", "open"), ("t", "2026-03-09 12:00", "open", "solved"),
                   ("t", "2026-03-12 12:00", "solved", "closed"))  # fmt: skip
    entries = tickets.full_resolution(tickets.resolutions(held, tickets.turns(held, events)), BERLIN)
    day = 86_400.0
    assert abs(value(entries, "full_resolution_time", date(2026, 3, 5))["value"] / day - 1) < 0.01  # type: ignore[operator]
    assert not value(entries, "full_resolution_time", date(2026, 3, 6)).get("n")
    last = value(entries, "full_resolution_time")
    assert last["n"] == 1
    assert abs(last["value"] / (7 * day) - 1) < 0.01  # type: ignore[operator]


def test_the_backlog_goes_up_again_when_a_ticket_is_reopened() -> None:
    held = facts("tickets", [{"ticket_id": "t", "opened_at": at("2026-03-02 12:00")}])
    events = moves(("t", "2026-03-03 12:00", "new", "solved"), ("t", "2026-03-05 12:00", "solved", "open"))
    made = parts(tickets.backlog(held, tickets.turns(held, events), BERLIN), KPIS["backlog"])
    days = points(made.filter(pl.col("scope") == "{}"), "day", through=date(2026, 3, 5))
    assert days["value"].to_list() == [1.0, 0.0, 0.0, 1.0]


def test_a_ticket_that_is_solved_nobody_knows_since_when_waits_on_no_day() -> None:
    rows = [{"status": "open"}, {"status": "closed"}, {"status": "solved", "resolved_at": at("2026-03-03 12:00")}]
    held = facts("tickets", [{"opened_at": at("2026-03-02 12:00"), **row} for row in rows])
    turned = tickets.turns(held, facts("ticket_events", []))
    made = parts(tickets.backlog(held, turned, BERLIN), KPIS["backlog"])
    days = points(made.filter(pl.col("scope") == "{}"), "day", through=date(2026, 3, 4))
    assert days["value"].to_list() == [2.0, 1.0, 1.0]


def test_a_service_level_is_known_only_when_the_ticket_is_closed() -> None:
    held = facts("tickets", [{"opened_at": at("2026-03-02"), "sla_met": True, "sla_known_at": at("2026-03-19")},
                             {"opened_at": at("2026-03-02"), "sla_met": None}])  # fmt: skip
    entries = tickets.sla(held, facts("ticket_events", []), BERLIN)
    assert value(entries, "sla_attainment", date(2026, 3, 19))["n_open"] == 1
    assert value(entries, "sla_attainment", date(2026, 3, 20))["n"] == 1


def test_an_outcome_corrected_later_is_what_it_was_until_then() -> None:
    held = facts("tickets", [{"ticket_id": "t", "opened_at": at("2026-03-02"), "sla_met": False,
                              "sla_known_at": at("2026-03-10")}])  # fmt: skip
    events = facts("ticket_events", [{"ticket_id": "t", "field": "sla_met", "at": at("2026-03-20"), "old": "true",
                                      "new": "false"}])  # fmt: skip
    entries = tickets.sla(held, events, BERLIN)
    assert value(entries, "sla_attainment", date(2026, 3, 15))["value"] == 1.0
    assert value(entries, "sla_attainment")["value"] == 0.0


def test_no_tickets_give_no_parts() -> None:
    held, events = facts("tickets", []), facts("ticket_events", [])
    turned, last = tickets.turns(held, events), date(2026, 3, 31)
    for entries in (tickets.volume(held, BERLIN), tickets.sla(held, events, BERLIN),
                    tickets.backlog(held, turned, BERLIN), reopens(held, turned, events, BERLIN, last)):  # fmt: skip
        assert parts(entries, KPIS["ticket_volume"]).is_empty()


def test_a_named_scope_is_split_by_the_dimension_that_drift_holds_constant() -> None:
    rows = [{"channel": "chat", "topic": "late"}, {"channel": "chat", "topic": "price"}, {"channel": "email"}]
    held = facts(
        "tickets",
        [{"opened_at": at("2026-03-02"), "sla_met": True, "sla_known_at": at("2026-03-03"), **row} for row in rows],
    )
    entries = tickets.sla(held, facts("ticket_events", []), BERLIN)
    made = parts(entries, KPIS["sla_attainment"], [{"channel": "chat"}, {"channel": "chat", "source": "desk"}])
    scopes = made["scope"].unique().to_list()
    assert {'{"channel":"chat","topic":"late"}', '{"topic":"late"}', '{"channel":"chat","source":"desk"}'} <= set(
        scopes
    )
    chat = made.filter(pl.col("scope") == '{"channel":"chat"}')
    assert chat["n_items"].sum() == 2


def test_the_first_time_it_was_solved_stays_the_first_when_it_is_reopened() -> None:
    held = facts("tickets", [{"ticket_id": "t", "opened_at": at("2026-03-02 10:00")}])
    events = moves(("t", "2026-03-02 12:00", "open", "solved"), ("t", "2026-03-03 12:00", "solved", "open"),
                   ("t", "2026-03-04 10:00", "open", "solved"))  # fmt: skip
    turned = tickets.turns(held, events)
    found = value(tickets.first_resolution(held, turned, BERLIN), "first_resolution_time")
    whole = value(tickets.full_resolution(tickets.resolutions(held, turned), BERLIN), "full_resolution_time")
    assert (found["n"], found["total"], whole["total"]) == (1, 2 * 3_600, 48 * 3_600)
