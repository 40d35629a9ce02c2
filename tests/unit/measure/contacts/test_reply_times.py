from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendars import ALWAYS, DAY, Calendar, Hours, Schedule
from domain.windows import NEVER
from tasks.measure.contacts import tickets
from tasks.measure.contacts.conversations import conversation
from tasks.measure.contacts.reply_times import first_reply, in_hours, next_reply, with_replies
from tests.factories import facts
from tests.unit.measure.helpdesk import BERLIN, moved, said, tickets_of, value

NO_EVENTS = facts("ticket_events", [])
WEEKDAYS = Schedule(BERLIN, tuple(Hours(day * DAY + 9 * 60, day * DAY + 17 * 60) for day in range(5)))
OFFICE = {"email": (WEEKDAYS,)}
ROUND_THE_CLOCK = {"email": (Schedule("UTC", ALWAYS),)}


def answered(entries: pl.DataFrame) -> list[float]:
    return entries.filter(pl.col("n") > 0)["total"].to_list()


def next_replies(held: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    turned = tickets.turns(held, events)
    return next_reply(with_replies(held, events), turned, conversation(held, events), BERLIN)


def by_people(held: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    return first_reply(with_replies(held, events), tickets.turns(held, events), BERLIN, by="person_replied_at")


def by_anyone(held: pl.DataFrame, events: pl.DataFrame, hours: Mapping[str, Calendar] | None = None) -> pl.DataFrame:
    return first_reply(with_replies(held, events), tickets.turns(held, events), BERLIN, hours)


def test_a_night_and_a_weekend_are_not_waited_in_business_time() -> None:
    # Friday 16:00 in Berlin to Monday 10:30: an hour on Friday, one and a half on Monday
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-06 15:00", "channel": "email"}])
    events = said(("t", "2026-03-09 09:30", "agent"))
    assert answered(by_anyone(held, events, OFFICE)) == [2.5 * 3600]
    assert answered(by_anyone(held, events)) == [66.5 * 3600]


def test_a_resolution_over_the_night_the_clock_changes_takes_the_hours_that_were_there() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-27 15:30", "channel": "email"}])
    events = moved(("t", "2026-03-30 08:00", "new", "solved"))  # 10:00 by then: Friday's half hour and an hour
    solved = tickets.resolutions(held, tickets.turns(held, events))
    entries = tickets.full_resolution(in_hours(solved, "opened_at", "at", OFFICE), BERLIN)
    assert answered(entries) == [1.5 * 3600]


def test_a_channel_without_hours_is_not_in_business_time() -> None:
    held = tickets_of([{"ticket_id": "e", "opened": "2026-03-09 10:00", "channel": "email"},
                       {"ticket_id": "f", "opened": "2026-03-09 10:00", "channel": "fax"},
                       {"ticket_id": "n", "opened": "2026-03-09 10:00"}])  # fmt: skip
    events = said(*((name, "2026-03-09 10:05", "agent") for name in "efn"))
    assert answered(by_anyone(held, events, OFFICE)) == [300.0]
    assert by_anyone(held, events, {}).is_empty()


def test_who_waits_for_a_first_reply_is_open_in_business_time_too() -> None:
    held = tickets_of([{"ticket_id": name, "opened": "2026-03-09 10:00", "channel": "email"} for name in "ab"])
    found = value(by_anyone(held, said(("a", "2026-03-09 10:05", "agent")), OFFICE), "first_reply_time_business")
    assert (found["n"], found["n_open"]) == (1, 1)


@pytest.mark.parametrize("hours", [None, OFFICE])
def test_a_call_that_is_solved_on_the_phone_waits_for_no_reply_and_comes_back_if_one_is_written(
    hours: Mapping[str, Calendar] | None,
) -> None:
    held = tickets_of([{"ticket_id": name, "opened": "2026-03-09 10:00", "channel": "email"} for name in "abcd"])
    solved = moved(("a", "2026-03-10 10:05", "new", "solved"), ("b", "2026-03-10 10:05", "new", "solved"),
                   ("c", "2026-03-10 10:05", "new", "solved"))  # fmt: skip
    words = said(("a", "2026-03-09 10:05", "agent"), ("c", "2026-03-12 10:00", "agent"))
    entries = by_anyone(held, pl.concat([solved, words]), hours)
    told = [value(entries, "first_reply_time", as_of) for as_of in (date(2026, 3, 10), date(2026, 3, 11), NEVER)]
    # waiting: b, c and d; then d, who is not solved; c is back with the reply that came after all
    assert [(found["n"], found["n_open"]) for found in told] == [(1, 3), (1, 1), (2, 1)]


instants = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(instants, st.timedeltas(timedelta(0), timedelta(days=40))), min_size=1, max_size=20))
def test_round_the_clock_business_time_is_calendar_time_to_the_microsecond(
    spans: list[tuple[datetime, timedelta]],
) -> None:
    held = facts("tickets", [{"channel": "email", "opened_at": start, "first_reply_at": start + wait}
                             for start, wait in spans])  # fmt: skip
    ours, theirs = by_anyone(held, NO_EVENTS, ROUND_THE_CLOCK), by_anyone(held, NO_EVENTS)
    assert ours.sort(ours.columns).equals(theirs.sort(ours.columns))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(instants, st.timedeltas(timedelta(0), timedelta(days=9))), min_size=1, max_size=10))
def test_business_time_is_never_more_than_calendar_time(spans: list[tuple[datetime, timedelta]]) -> None:
    rows = pl.DataFrame({"channel": "email", "start": [at for at, _ in spans], "end": [at + w for at, w in spans]})
    for row in in_hours(rows, "start", "end", OFFICE).iter_rows(named=True):
        assert 0 <= row["seconds"] <= (row["end"] - row["start"]).total_seconds()


def test_what_a_bot_says_is_no_reply_by_a_person() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00"}])
    events = said(("t", "2026-03-09 10:01", "bot"), ("t", "2026-03-09 11:00", "agent"))
    assert answered(by_people(held, events)) == [3600.0]
    assert answered(by_anyone(held, events)) == [60.0]


def test_a_reply_by_who_was_an_agent_then_stays_one_after_they_have_left() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00", "agent": None, "handler": None}])
    assert answered(by_people(held, said(("t", "2026-03-09 10:02", "agent")))) == [120.0]


def test_a_contact_that_a_bot_solved_waits_for_no_person() -> None:
    held = tickets_of([{"ticket_id": name, "opened": "2026-03-09 10:00"} for name in "abc"])
    events = pl.concat([said(("a", "2026-03-09 10:01", "bot"), ("b", "2026-03-09 10:10", "agent")),
                        moved(("a", "2026-03-10 10:05", "new", "solved"))])  # fmt: skip
    entries = by_people(held, events)
    assert (value(entries, "first_reply_time_people")["n"], value(entries, "first_reply_time_people")["n_open"]) == (
        1,
        1,
    )
    assert value(entries, "first_reply_time_people", date(2026, 3, 10))["n_open"] == 2


def test_a_person_who_replies_after_the_bot_had_solved_it_counts_after_all() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00"}])
    events = pl.concat([said(("t", "2026-03-09 10:01", "bot"), ("t", "2026-03-12 10:00", "agent")),
                        moved(("t", "2026-03-09 10:05", "new", "solved"))])  # fmt: skip
    entries = by_people(held, events)
    assert value(entries, "first_reply_time_people", date(2026, 3, 12)).get("n", 0) == 0
    found = value(entries, "first_reply_time_people")
    assert (found["n"], found["n_open"], found["total"]) == (1, 0, 3 * 86_400.0)


def test_without_comments_the_sources_own_first_reply_is_a_persons_unless_a_bot_did_the_work() -> None:
    held = facts("tickets", [
        {"opened_at": datetime(2026, 3, 9, 10, tzinfo=UTC), "handler": handler,
         "first_reply_at": datetime(2026, 3, 9, 10, 5, tzinfo=UTC)} for handler in ("people", "bot", None)
    ])  # fmt: skip
    assert answered(by_people(held, NO_EVENTS)) == [300.0, 300.0]


def test_messages_that_follow_each_other_are_one_wait_from_the_first() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00", "channel": "email"}])
    events = said(("t", "2026-03-09 10:10", "agent"), ("t", "2026-03-09 12:00", "customer"),
                  ("t", "2026-03-09 13:00", "customer"), ("t", "2026-03-09 15:00", "agent"))  # fmt: skip
    assert answered(next_replies(held, events)) == [3 * 3600.0]


def test_the_wait_for_the_first_reply_is_no_wait_for_the_next() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00", "channel": "email"}])
    events = said(("t", "2026-03-09 10:05", "customer"), ("t", "2026-03-09 10:10", "agent"))
    assert next_replies(held, events).is_empty()


def test_an_unanswered_message_is_open_not_zero_and_is_booked_on_the_day_of_the_contact() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00", "channel": "email"}])
    events = said(("t", "2026-03-09 10:10", "agent"), ("t", "2026-03-11 12:00", "customer"))
    entries = next_replies(held, events)
    assert entries.select("booked_day", "known_day", "n_items", "n").rows() == [
        (date(2026, 3, 9), date(2026, 3, 11), 1, 0)
    ]


def test_a_bots_message_ends_no_wait_for_a_person() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00", "channel": "email"}])
    events = said(("t", "2026-03-09 10:10", "agent"), ("t", "2026-03-09 12:00", "customer"),
                  ("t", "2026-03-09 12:00:01", "bot"), ("t", "2026-03-09 14:00", "agent"))  # fmt: skip
    assert answered(next_replies(held, events)) == [2 * 3600.0]


def test_a_chat_session_counts_as_one() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00", "channel": "chat"}])
    talk = [("t", f"2026-03-09 10:{minute:02}", role) for minute, role in
            ((1, "agent"), (2, "customer"), (4, "agent"), (30, "customer"), (33, "agent"))]  # fmt: skip
    later = [("t", "2026-03-09 15:00", "customer"), ("t", "2026-03-09 15:20", "agent"),
             ("t", "2026-03-09 15:30", "customer"), ("t", "2026-03-09 15:31", "agent")]  # fmt: skip
    assert next_replies(held, said(*talk)).is_empty()
    assert answered(next_replies(held, said(*talk, *later))) == [20 * 60.0]
    mail = held.with_columns(channel=pl.lit("email"))
    assert sorted(answered(next_replies(mail, said(*talk)))) == [2 * 60.0, 3 * 60.0]


def test_a_message_within_a_chat_session_that_is_answered_hours_later_has_waited() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00", "channel": "chat"}])
    talk = [("t", "2026-03-09 20:01", "agent"), ("t", "2026-03-09 20:30", "customer"),
            ("t", "2026-03-09 20:40", "customer")]  # fmt: skip
    assert next_replies(held, said(*talk)).is_empty()  # it may have been 'thanks!'
    late = said(*talk, ("t", "2026-03-10 04:00", "agent"))
    entries = next_replies(held, late)
    assert answered(entries) == [7.5 * 3600]
    told = [value(entries, "next_reply_time", as_of) for as_of in (date(2026, 3, 10), date(2026, 3, 11))]
    assert [(found.get("n", 0), found.get("n_open", 0)) for found in told] == [(0, 0), (1, 0)]
    solved = moved(("t", "2026-03-09 20:45", "open", "solved"))
    assert next_replies(held, pl.concat([late, solved])).is_empty()
    again = said(*talk, ("t", "2026-03-10 03:50", "customer"), ("t", "2026-03-10 04:00", "agent"))
    assert answered(next_replies(held, again)) == [600.0]  # a session of its own


def test_a_message_that_is_solved_without_a_reply_is_taken_out() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00", "channel": "email"}])
    events = pl.concat([said(("t", "2026-03-09 10:10", "agent"), ("t", "2026-03-09 12:00", "customer")),
                        moved(("t", "2026-03-10 09:00", "open", "solved"))])  # fmt: skip
    entries = next_replies(held, events)
    assert value(entries, "next_reply_time", date(2026, 3, 10))["n_open"] == 1
    assert value(entries, "next_reply_time")["n_open"] == 0


def test_a_thanks_after_solving_waits_for_nobody() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00", "channel": "email"}])
    events = pl.concat([said(("t", "2026-03-09 10:10", "agent"), ("t", "2026-03-09 12:00", "customer")),
                        moved(("t", "2026-03-09 10:10", "open", "solved"))])  # fmt: skip
    assert next_replies(held, events)["n_items"].sum() == 0


def test_a_message_that_reopens_waits_again() -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-09 10:00", "channel": "email"}])
    events = pl.concat([
        said(("t", "2026-03-09 10:10", "agent"), ("t", "2026-03-09 12:00", "customer"),
             ("t", "2026-03-09 14:00", "agent")),
        moved(("t", "2026-03-09 10:10", "open", "solved"), ("t", "2026-03-09 12:00", "solved", "open"),
              ("t", "2026-03-09 14:00", "open", "solved")),
    ])  # fmt: skip
    entries = next_replies(held, events)
    assert answered(entries) == [2 * 3600.0]
    assert entries["n_items"].sum() == 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland"])
def test_waits_are_booked_on_the_day_of_the_reporting_zone(zone: str) -> None:
    held = tickets_of([{"ticket_id": "t", "opened": "2026-03-08 23:30"}])
    events = said(("t", "2026-03-09 02:00", "agent"))
    day = datetime(2026, 3, 8, 23, 30, tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    found = first_reply(with_replies(held, events), tickets.turns(held, events), zone)
    assert set(found["booked_day"].to_list()) == {day}


def test_no_tickets_give_no_waits() -> None:
    held = facts("tickets", [])
    assert by_anyone(held, NO_EVENTS, OFFICE).is_empty()
    assert by_people(held, NO_EVENTS).is_empty()
    assert next_replies(held, NO_EVENTS).is_empty()


def test_the_tenth_that_waits_longest_is_not_the_longest_wait() -> None:
    # ten waits of 1 to 10 hours of an open Monday: the ninth begins the slowest tenth, the tenth is its end
    begun = [{"ticket_id": f"t{n}", "opened": "2026-03-09 06:00", "channel": "email"} for n in range(10)]
    held, early = tickets_of(begun), said(*((f"t{n}", "2026-03-09 06:00", "agent") for n in range(10)))
    replied = said(*((f"t{n}", f"2026-03-09 {n + 7:02}:00", "agent") for n in range(10)))
    asked = said(*((f"t{n}", "2026-03-09 06:00:01", "customer") for n in range(10)))
    solved = moved(*((f"t{n}", f"2026-03-09 {n + 7:02}:00", "new", "solved") for n in range(10)))
    long_day = {"email": (Schedule("UTC", tuple(Hours(day * DAY, day * DAY + 20 * 60) for day in range(5))),)}
    resolved = in_hours(tickets.resolutions(held, tickets.turns(held, solved)), "opened_at", "at", long_day)
    for name, entries in {
        "first_reply_time_p90": by_anyone(held, replied),
        "first_reply_time_business_p90": by_anyone(held, replied, long_day),
        "first_reply_time_people_p90": by_people(held, replied),
        "next_reply_time_p90": next_replies(held, pl.concat([early, asked, replied])),
        "full_resolution_time_business_p90": tickets.full_resolution(resolved, BERLIN),
    }.items():
        assert value(entries, name)["value"] == pytest.approx(9 * 3_600, rel=0.01)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=40))
def test_the_slowest_tenth_begins_where_sorting_the_waits_says(waits: list[int]) -> None:
    opened = datetime(2026, 3, 9, tzinfo=UTC)
    held = facts(
        "tickets", [{"ticket_id": f"t{n}", "opened_at": opened, "channel": "email"} for n in range(len(waits))]
    )
    stamps = [str((opened + timedelta(minutes=wait)).replace(tzinfo=None)) for wait in waits]
    replied = said(*((f"t{n}", stamp, "agent") for n, stamp in enumerate(stamps)))
    first = said(*((f"t{n}", "2026-03-08 00:00", "agent") for n in range(len(waits))))
    asked = said(*((f"t{n}", "2026-03-09 00:00", "customer") for n in range(len(waits))))
    solved = moved(*((f"t{n}", stamp, "new", "solved") for n, stamp in enumerate(stamps)))
    resolved = tickets.resolutions(held, tickets.turns(held, solved))
    slow = sorted(60.0 * wait for wait in waits)[ceil(0.9 * len(waits)) - 1]
    for name, entries in {
        "first_reply_time_p90": by_anyone(held, replied),
        "first_reply_time_business_p90": by_anyone(held, replied, ROUND_THE_CLOCK),
        "first_reply_time_people_p90": by_people(held, replied),
        "next_reply_time_p90": next_replies(held, pl.concat([first, asked, replied])),
        "full_resolution_time_business_p90": tickets.full_resolution(
            in_hours(resolved, "opened_at", "at", ROUND_THE_CLOCK), BERLIN
        ),
    }.items():
        assert value(entries, name)["value"] == pytest.approx(slow, rel=0.01)
