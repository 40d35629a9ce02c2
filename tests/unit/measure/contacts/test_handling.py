from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.measure.contacts import handling, tickets
from tasks.measure.contacts.conversations import conversation, touches
from tests.factories import facts
from tests.unit.measure.helpdesk import BERLIN, moved, said, tickets_of, value

NO_EVENTS = facts("ticket_events", [])


def one_touch(held: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    return handling.one_touch(held, tickets.turns(held, events), conversation(held, events), BERLIN)


def handed(held: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    return handling.transfers(held, tickets.turns(held, events), handling.assignments(events), BERLIN)


def played(held: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    return handling.ping_pong(held, tickets.turns(held, events), handling.assignments(events), BERLIN)


def waits(held: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    return handling.waiting(held, tickets.turns(held, events), events)


def many(names: str, **row: str) -> pl.DataFrame:
    return tickets_of([{"ticket_id": name, "opened": "2026-03-02 09:00", **row} for name in names])


def test_solved_with_one_reply_is_one_touch_with_two_it_is_not_and_with_none_it_is_a_class_of_its_own() -> None:
    events = pl.concat([
        said(("a", "2026-03-02 10:00", "agent"), ("b", "2026-03-02 10:00", "agent"),
             ("b", "2026-03-02 11:00", "agent")),
        moved(*((name, "2026-03-02 12:00", "new", "solved") for name in "abc")),
    ])  # fmt: skip
    found = value(one_touch(many("abc", channel="email"), events), "one_touch_rate")
    assert (found["n"], found["total"]) == (2, 1.0)


def test_no_reply_and_three_replies_are_classes_and_what_is_not_told_is_in_none() -> None:
    # a: none, but a bot's and a customer's words; b: one; c: three; d: nothing is told of it
    spoken = [("a", "09:10", "customer"), ("a", "09:11", "bot"), ("b", "10:00", "agent"),
              *(("c", f"1{hour}:00", "agent") for hour in range(3))]  # fmt: skip
    events = pl.concat([
        said(*((name, f"2026-03-02 {when}", role) for name, when, role in spoken)),
        moved(*((name, "2026-03-02 13:00", "new", "solved") for name in "abcd"),
              ("c", "2026-03-04 09:00", "solved", "open")),
    ])  # fmt: skip
    held = many("abcd", channel="email")
    turned, talk = tickets.turns(held, events), conversation(held, events)
    zero = handling.zero_touch(held, turned, talk, events, BERLIN)
    multi = handling.multi_touch(held, turned, talk, BERLIN)
    then = date(2026, 3, 4)
    for entries, name, of, hits in ((zero, "zero_touch_rate", 3, 1.0), (multi, "multi_touch_rate", 2, 1.0)):
        assert (value(entries, name, then)["n"], value(entries, name, then)["total"]) == (of, hits)
    # c is open again: it is neither any more
    assert (value(zero, "zero_touch_rate")["value"], value(multi, "multi_touch_rate")["value"]) == (0.5, 0.0)


def test_all_messages_of_a_chat_session_are_one_reply() -> None:
    talk = said(*(("t", f"2026-03-02 10:{minute:02}", role) for minute, role in
                  ((1, "agent"), (2, "customer"), (4, "agent"), (30, "agent"))))  # fmt: skip
    events = pl.concat([talk, moved(("t", "2026-03-02 12:00", "new", "solved"))])
    assert value(one_touch(many("t", channel="chat"), events), "one_touch_rate")["value"] == 1.0
    assert value(one_touch(many("t", channel="email"), events), "one_touch_rate")["value"] == 0.0


def test_a_chat_that_the_customer_takes_up_later_is_a_second_touch() -> None:
    talk = said(("t", "2026-03-02 10:00", "agent"), ("t", "2026-03-02 15:00", "customer"),
                ("t", "2026-03-02 15:05", "agent"))  # fmt: skip
    assert touches(conversation(many("t", channel="chat"), talk)).height == 2


def test_a_bots_replies_and_what_is_said_after_solving_are_no_touches_of_ours() -> None:
    events = pl.concat([
        said(("t", "2026-03-02 09:01", "bot"), ("t", "2026-03-02 10:00", "agent"), ("t", "2026-03-05 10:00", "agent")),
        moved(("t", "2026-03-02 12:00", "new", "solved")),
    ])  # fmt: skip
    assert value(one_touch(many("t", channel="email"), events), "one_touch_rate")["value"] == 1.0


def test_a_reopened_contact_is_not_one_touch_any_more() -> None:
    events = pl.concat([
        said(("t", "2026-03-02 10:00", "agent"), ("t", "2026-03-06 10:00", "agent")),
        moved(("t", "2026-03-02 12:00", "new", "solved"), ("t", "2026-03-05 12:00", "solved", "open"),
              ("t", "2026-03-06 12:00", "open", "solved")),
    ])  # fmt: skip
    entries = one_touch(many("t", channel="email"), events)
    assert value(entries, "one_touch_rate", date(2026, 3, 5))["value"] == 1.0
    assert value(entries, "one_touch_rate", date(2026, 3, 6)).get("n", 0) == 0
    assert (value(entries, "one_touch_rate")["n"], value(entries, "one_touch_rate")["value"]) == (1, 0.0)


def test_the_first_assignment_is_no_hand_off() -> None:
    events = pl.concat([
        moved(("a", "2026-03-02 09:00", None, "north"), ("b", "2026-03-02 09:00", None, "north"),
              ("b", "2026-03-02 10:00", "north", "south"), ("b", "2026-03-02 11:00", "south", "billing"), field="team"),
        moved(*((name, "2026-03-02 12:00", "new", "solved") for name in "ab")),
    ])  # fmt: skip
    found = value(handed(many("ab"), events), "transfers")
    assert (found["n"], found["total"], found["value"]) == (2, 2.0, 1.0)


def test_a_change_of_team_and_agent_at_once_is_one_hand_off() -> None:
    events = pl.concat([
        moved(("t", "2026-03-02 09:00", None, "north"), ("t", "2026-03-02 10:00", "north", "south"), field="team"),
        moved(("t", "2026-03-02 09:30", None, "a1"), ("t", "2026-03-02 10:00", "a1", "a2"),
              ("t", "2026-03-02 11:00", "a2", "a3"), field="agent"),
        moved(("t", "2026-03-02 12:00", "new", "solved")),
    ])  # fmt: skip
    assert value(handed(many("t"), events), "transfers")["total"] == 2.0


def test_a_log_of_changes_alone_tells_who_had_it_before() -> None:
    events = pl.concat([moved(("t", "2026-03-02 10:00", "north", "south"), field="team"),
                        moved(("t", "2026-03-02 12:00", "new", "solved"))])  # fmt: skip
    assert value(handed(many("t"), events), "transfers")["total"] == 1.0


def test_hand_offs_after_solving_do_not_count_and_untold_assignments_are_in_no_denominator() -> None:
    events = pl.concat([
        moved(("t", "2026-03-02 09:00", None, "north"), ("t", "2026-03-03 10:00", "north", "south"), field="team"),
        moved(("t", "2026-03-02 12:00", "new", "solved"), ("u", "2026-03-02 12:00", "new", "solved")),
    ])  # fmt: skip
    found = value(handed(many("tu"), events), "transfers")
    assert (found["n"], found["total"]) == (1, 0.0)


def test_a_contact_that_comes_back_to_a_team_that_had_it_is_ping_pong() -> None:
    events = pl.concat([
        moved(("a", "2026-03-02 09:00", None, "north"), ("a", "2026-03-02 10:00", "north", "south"),
              ("a", "2026-03-02 11:00", "south", "north"), ("b", "2026-03-02 09:00", None, "north"),
              ("b", "2026-03-02 10:00", "north", "south"), field="team"),
        moved(*((name, "2026-03-02 12:00", "new", "solved") for name in "ab")),
    ])  # fmt: skip
    found = value(played(many("ab"), events), "ping_pong_rate")
    assert (found["n"], found["total"]) == (2, 1.0)


def test_time_is_waited_for_us_or_for_them_and_while_it_is_solved_for_nobody() -> None:
    events = moved(("t", "2026-03-02 09:00", None, "new"), ("t", "2026-03-02 10:00", "new", "pending"),
                   ("t", "2026-03-02 13:00", "pending", "hold"), ("t", "2026-03-02 15:00", "hold", "solved"),
                   ("t", "2026-03-04 15:00", "solved", "open"),
                   ("t", "2026-03-04 16:00", "open", "closed"))  # fmt: skip
    found = waits(many("t"), events).select("us_s", "them_s").rows()
    assert found == [(3 * 3600.0, 3 * 3600.0), (4 * 3600.0, 3 * 3600.0)]


def test_only_what_was_waited_until_the_last_solving_counts_in_the_end() -> None:
    events = moved(("t", "2026-03-02 09:00", None, "open"), ("t", "2026-03-02 10:00", "open", "solved"),
                   ("t", "2026-03-04 09:00", "solved", "open"),
                   ("t", "2026-03-04 11:00", "open", "solved"))  # fmt: skip
    held = many("t")
    entries = handling.waited_for_us(held, waits(held, events), BERLIN)
    assert value(entries, "waiting_on_us", date(2026, 3, 4))["value"] == 3600.0
    assert (value(entries, "waiting_on_us")["n"], value(entries, "waiting_on_us")["value"]) == (1, 3 * 3600.0)


def test_a_helpdesk_without_a_status_for_it_says_nothing_of_waiting_for_customers() -> None:
    held = many("tu")
    events = moved(("t", "2026-03-02 09:00", None, "open"), ("t", "2026-03-02 10:00", "open", "solved"))
    assert handling.waited_for_them(held, waits(held, events), BERLIN).is_empty()
    assert waits(held, NO_EVENTS).is_empty()


steps = st.lists(
    st.tuples(st.sampled_from(["new", "open", "pending", "hold", "solved", "closed"]), st.integers(1, 10_000)),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(st.lists(steps, min_size=1, max_size=5))
def test_us_them_and_solved_together_are_all_the_time_there_was(logs: list[list[tuple[str, int]]]) -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    rows: list[dict[str, object]] = []
    for number, log in enumerate(logs):
        at, before = start, None
        for place, (status, seconds) in enumerate(log):
            rows.append({"ticket_id": f"t{number}", "at": at, "old": before, "new": status, "sequence": place})
            at, before = at + timedelta(seconds=seconds), status
    held = facts("tickets", [{"ticket_id": f"t{number}", "opened_at": start} for number in range(len(logs))])
    events = facts("ticket_events", [{"event_id": f"e{i}", **row} for i, row in enumerate(rows)])
    found = waits(held, events)
    assert found.height == tickets.turns(held, events)["is_solved"].sum()
    for row in found.iter_rows(named=True):
        log, at, solved_s, them_s = logs[int(row["ticket_id"][1:])], start, 0, 0
        for status, seconds in log:
            if at >= row["at"]:
                break
            solved_s += seconds * (status in ("solved", "closed"))
            them_s += seconds * (status == "pending")
            at += timedelta(seconds=seconds)
        assert row["them_s"] == them_s
        assert row["us_s"] == (row["at"] - start).total_seconds() - them_s - solved_s


def test_no_tickets_give_nothing() -> None:
    held = facts("tickets", [])
    for entries in (one_touch(held, NO_EVENTS), handed(held, NO_EVENTS), played(held, NO_EVENTS)):
        assert entries.is_empty()
