from datetime import date

import polars as pl

from domain.calendars import ALWAYS, DAY, Hours, Schedule
from domain.promises import Promise
from domain.roadmap.durations import Duration
from tasks.measure.contacts import tickets
from tasks.measure.contacts.kept_promises import answered_in_time
from tasks.measure.contacts.reply_times import with_replies
from tests.factories import facts
from tests.unit.measure.helpdesk import BERLIN, moved, said, tickets_of, value

NAME = "answered_in_time"
NO_EVENTS = facts("ticket_events", [])
WEEKDAYS = Schedule(BERLIN, tuple(Hours(day * DAY + 9 * 60, day * DAY + 17 * 60) for day in range(5)))
PROMISES = {
    "email": Promise(Duration.parsed("8 h"), WEEKDAYS, BERLIN),
    "chat": Promise(Duration.parsed("2 min"), Schedule("UTC", ALWAYS), BERLIN),
}
THROUGH = date(2026, 3, 31)


def kept(held: pl.DataFrame, events: pl.DataFrame, through: date = THROUGH) -> pl.DataFrame:
    return answered_in_time(with_replies(held, events), tickets.turns(held, events), BERLIN, through, PROMISES)


def came(channel: str | None, *opened: str, **more: str) -> pl.DataFrame:
    return tickets_of(
        [{"ticket_id": f"t{i}", "opened": when, "channel": channel, **more} for i, when in enumerate(opened)]
    )


def test_each_channel_keeps_its_own_promise_in_its_own_hours() -> None:
    # Friday 16:00 in Berlin: an hour on Friday, seven on Monday, till 16:00
    email = came("email", "2026-03-06 15:00", "2026-03-06 15:00")
    replies = said(("t0", "2026-03-09 15:00", "agent"), ("t1", "2026-03-09 15:01", "agent"))
    assert value(kept(email, replies), NAME) | {"n": 2, "total": 1.0, "n_open": 0} == value(kept(email, replies), NAME)
    chat = came("chat", "2026-03-07 15:00", "2026-03-07 15:00")
    replies = said(("t0", "2026-03-07 15:02", "agent"), ("t1", "2026-03-07 15:03", "agent"))
    assert value(kept(chat, replies), NAME)["value"] == 0.5


def test_a_channel_without_a_promise_is_in_no_denominator() -> None:
    assert kept(came("phone", "2026-03-06 15:00"), NO_EVENTS).is_empty()
    assert kept(came(None, "2026-03-06 15:00"), NO_EVENTS).is_empty()


def test_it_is_open_until_answered_or_the_time_is_over_and_a_late_answer_changes_nothing() -> None:
    held = came("email", "2026-03-06 15:00")
    late = said(("t0", "2026-03-20 15:00", "agent"))
    for events in (NO_EVENTS, late):
        entries = kept(held, events)
        early, known = (value(entries, NAME, as_of) for as_of in (date(2026, 3, 9), date(2026, 3, 10)))
        assert (early["n"], early["n_open"]) == (0, 1)
        assert (known["n"], known["n_open"], known["value"]) == (1, 0, 0.0)
    assert value(kept(held, NO_EVENTS, date(2026, 3, 8)), NAME)["n_open"] == 1


def test_what_a_bot_says_first_is_no_answer_unless_the_bot_does_the_work() -> None:
    events = said(("t0", "2026-03-06 15:00", "bot"))
    assert value(kept(came("chat", "2026-03-06 15:00"), events), NAME)["value"] == 0.0
    assert value(kept(came("chat", "2026-03-06 15:00", handler="bot"), events), NAME)["value"] == 1.0


def test_a_contact_that_is_solved_without_a_word_is_answered_by_that() -> None:
    events = moved(("t0", "2026-03-06 15:30", "open", "solved"))
    found = value(kept(came("email", "2026-03-06 15:00"), events), NAME, date(2026, 3, 7))
    assert (found["n"], found["value"]) == (1, 1.0)


def test_a_word_that_is_said_after_it_was_solved_changes_nothing() -> None:
    held, solved = came("email", "2026-03-06 15:00"), moved(("t0", "2026-03-06 15:30", "open", "solved"))
    later = pl.concat([solved, said(("t0", "2026-03-20 15:00", "agent"))])
    for events in (solved, later):
        for as_of in (date(2026, 3, 9), date(2026, 3, 31)):
            assert value(kept(held, events), NAME, as_of)["value"] == 1.0
    late = moved(("t0", "2026-03-18 15:30", "open", "solved"))
    for events in (late, pl.concat([late, said(("t0", "2026-03-20 15:00", "agent"))])):
        assert value(kept(held, events), NAME)["value"] == 0.0
