"""Clocks of service levels that we run ourselves: by hand, and beside a plain one that looks minute by minute."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendars import DAY, Calendar, Hours, Schedule
from domain.windows import NEVER
from tasks.measure.contacts import tickets
from tasks.measure.contacts.service_levels import with_outcomes
from tasks.measure.contacts.service_targets import timed
from tests.factories import at, facts
from tests.unit.measure.helpdesk import BERLIN, moved, said, tickets_of, value

OFFICE = Schedule(BERLIN, tuple(Hours(day * DAY + 9 * 60, day * DAY + 17 * 60) for day in range(5)))
HOURS: dict[str, Calendar] = {"email": OFFICE}
LATE = at("2026-05-01")
FRIDAY = "2026-03-06 15:00"
"""16:00 in Berlin: an hour is left."""


def aims(*told: tuple[str, str], ticket: str = "t0") -> pl.DataFrame:
    """Targets: when set, and what."""
    return facts("ticket_events", [{"event_id": f"{ticket}{i}", "ticket_id": ticket, "field": "sla_target",
                                    "at": at(when), "new": new} for i, (when, new) in enumerate(told)])  # fmt: skip


def outcome(
    *events: pl.DataFrame, until: datetime = LATE, opened: str = FRIDAY, channel: str = "email", **ticket: object
) -> tuple[bool | None, object]:
    held = tickets_of([{"ticket_id": "t0", "opened": opened, "channel": channel, **ticket}])
    happened = pl.concat(events)
    clocks = timed(held, tickets.turns(held, happened), happened, HOURS, until)
    found = with_outcomes(held, clocks)
    return found["sla_met"][0], found["sla_known_at"][0]


def test_a_first_reply_has_its_minutes_of_opening_hours() -> None:
    target = aims((FRIDAY, "first_reply_time 120 business"))
    assert outcome(target, said(("t0", "2026-03-09 09:00", "agent"))) == (True, at("2026-03-09 09:00"))
    assert outcome(target, said(("t0", "2026-03-09 09:01", "agent"))) == (False, at("2026-03-09 09:00"))


def test_a_first_reply_has_its_minutes_on_the_clock() -> None:
    target = aims((FRIDAY, "first_reply_time 120 calendar"))
    assert outcome(target, said(("t0", "2026-03-06 17:00", "agent"))) == (True, at("2026-03-06 17:00"))
    assert outcome(target, said(("t0", "2026-03-06 17:01", "agent"))) == (False, at("2026-03-06 17:00"))


def test_nobody_knows_before_the_time_is_over_and_then_it_is_missed_though_nothing_happens() -> None:
    target = aims((FRIDAY, "first_reply_time 120 business"))
    assert outcome(target, until=at("2026-03-09 09:00")) == (True, None)  # kept so far; no instant: not known
    assert outcome(target, until=at("2026-03-09 09:01")) == (False, at("2026-03-09 09:00"))


def test_on_the_night_on_which_clocks_change_opening_hours_stay_what_the_wall_shows() -> None:
    target, opened = aims(("2026-03-27 15:30", "first_reply_time 60 business")), "2026-03-27 15:30"
    # Friday 16:30 in winter time; Monday opens at 9:00 in summer time, 7:00 in UTC
    assert outcome(target, opened=opened) == (False, at("2026-03-30 07:30"))


def test_a_target_in_business_hours_of_a_channel_that_declares_none_is_no_service_level() -> None:
    target = aims((FRIDAY, "first_reply_time 120 business"))
    assert outcome(target, said(("t0", "2026-04-09 09:00", "agent")), channel="phone") == (None, None)


def test_solving_it_is_an_answer_and_a_private_note_is_none() -> None:
    target = aims((FRIDAY, "first_reply_time 120 calendar"))
    note = said(("t0", "2026-03-06 15:30", "agent")).with_columns(is_public=False)
    assert outcome(target, note)[0] is False
    assert outcome(target, note, moved(("t0", "2026-03-06 16:00", "open", "solved"))) == (True, at("2026-03-06 16:00"))


def test_a_priority_that_changes_after_the_reply_rewrites_nothing() -> None:
    reply = said(("t0", "2026-03-06 17:00", "agent"))
    high = (FRIDAY, "first_reply_time 180 calendar")
    assert outcome(aims(high, ("2026-03-06 18:00", "first_reply_time 30 calendar")), reply)[0] is True
    assert outcome(aims(high, ("2026-03-06 17:00", "first_reply_time 30 calendar")), reply)[0] is True
    assert outcome(aims(high, ("2026-03-06 16:00", "first_reply_time 30 calendar")), reply) == (
        False, at("2026-03-06 16:00"),
    )  # fmt: skip


def test_a_miss_stays_one_under_a_target_that_is_set_later() -> None:
    early, late = (FRIDAY, "first_reply_time 60 calendar"), ("2026-03-07 08:00", "first_reply_time 4320 calendar")
    reply = said(("t0", "2026-03-07 12:00", "agent"))
    missed = (False, at("2026-03-06 16:00"))
    assert outcome(aims(early)) == outcome(aims(early, late)) == outcome(aims(early, late), reply) == missed
    assert outcome(aims(early, ("2026-03-07 08:00", "first_reply_time none")), reply) == missed
    in_time = ("2026-03-06 16:00", "first_reply_time 4320 calendar")  # the very moment at which the hour is over
    assert outcome(aims(early, in_time), reply) == (True, at("2026-03-07 12:00"))


def test_a_target_that_is_set_while_the_clock_stands_still_is_missed_when_it_runs_on() -> None:
    status = moved(("t0", FRIDAY, None, "open"), ("t0", "2026-03-06 16:00", "open", "pending"),
                   ("t0", "2026-03-09 10:00", "pending", "open"))  # fmt: skip
    changed = aims((FRIDAY, "requester_wait_time 90 calendar"), ("2026-03-07 08:00", "requester_wait_time 30 calendar"))
    assert outcome(changed, status, until=at("2026-03-09 10:00")) == (True, None)
    assert outcome(changed, status) == (False, at("2026-03-09 10:00"))


def test_a_target_that_is_set_with_the_very_reply_counts_where_there_was_none() -> None:
    target, reply = aims(("2026-03-06 16:00", "first_reply_time 30 calendar")), ("t0", "2026-03-06 16:00", "agent")
    assert outcome(target, said(reply)) == (False, at("2026-03-06 16:00"))


def test_a_target_counts_from_the_contact_on_though_it_was_set_later() -> None:
    late = aims(("2026-03-06 16:00", "first_reply_time 30 calendar"))
    assert outcome(late) == (False, at("2026-03-06 16:00"))
    assert outcome(late, said(("t0", "2026-03-06 15:50", "agent"))) == (None, None)


def test_a_target_that_was_taken_away_is_none() -> None:
    gone = aims((FRIDAY, "first_reply_time 30 calendar"), ("2026-03-06 15:10", "first_reply_time none"))
    assert outcome(gone) == (None, None)


def test_a_target_of_thousands_of_years_is_none_and_stops_nothing() -> None:
    held = aims((FRIDAY, "next_reply_time 60 calendar"), ticket="t1")
    # 307445734561825861 minutes in seconds are 2^64 + 44
    for minutes in ("99999999999999999999", "307445734561825861", "2147483648"):
        assert outcome(aims((FRIDAY, f"first_reply_time {minutes} calendar")), held) == (None, None)


def test_each_wait_for_a_next_reply_is_a_clock_of_its_own() -> None:
    target = aims((FRIDAY, "next_reply_time 60 calendar"))
    talk = (("t0", "2026-03-06 15:10", "agent"), ("t0", "2026-03-07 10:00", "customer"),
            ("t0", "2026-03-07 10:20", "customer"), ("t0", "2026-03-07 11:00", "agent"))  # fmt: skip
    assert outcome(target, said(*talk[:1])) == (None, None)  # nothing awaited: no clock
    assert outcome(target, said(*talk)) == (True, at("2026-03-07 11:00"))
    more = (*talk, ("t0", "2026-03-08 10:00", "customer"))
    assert outcome(target, said(*more)) == (False, at("2026-03-08 11:00"))
    solved = moved(("t0", "2026-03-08 10:30", "open", "solved"))
    assert outcome(target, said(*more), solved) == (True, at("2026-03-08 10:30"))


def test_a_requesters_wait_stands_still_while_it_is_pending() -> None:
    target = aims((FRIDAY, "requester_wait_time 120 calendar"))
    status = [("t0", FRIDAY, None, "open"), ("t0", "2026-03-06 16:00", "open", "pending"),
              ("t0", "2026-03-09 10:00", "pending", "hold")]  # fmt: skip
    assert outcome(target, moved(*status), until=at("2026-03-09 10:59")) == (True, None)
    assert outcome(target, moved(*status)) == (False, at("2026-03-09 11:00"))
    in_time = moved(*status, ("t0", "2026-03-09 11:00", "hold", "solved"))
    assert outcome(target, in_time) == (True, at("2026-03-09 11:00"))
    again = moved(*status, ("t0", "2026-03-09 10:50", "hold", "solved"), ("t0", "2026-03-12 10:00", "solved", "open"))
    assert outcome(target, again) == (False, at("2026-03-12 10:10"))


def test_agents_do_not_work_while_it_is_on_hold() -> None:
    status = moved(("t0", FRIDAY, None, "new"), ("t0", "2026-03-06 16:00", "new", "hold"),
                   ("t0", "2026-03-10 16:00", "hold", "solved"))  # fmt: skip
    assert outcome(aims((FRIDAY, "agent_work_time 61 calendar")), status) == (True, at("2026-03-10 16:00"))
    assert outcome(aims((FRIDAY, "agent_work_time 59 calendar")), status)[0] is False


def test_the_first_miss_of_several_clocks_counts_and_what_the_source_says_itself_is_left_alone() -> None:
    both = aims((FRIDAY, "first_reply_time 60 calendar"), (FRIDAY, "requester_wait_time 90 calendar"))
    status = moved(("t0", FRIDAY, None, "open"))
    assert outcome(both, status) == (False, at("2026-03-06 16:00"))
    told = at("2026-03-06 15:01")
    assert outcome(both, status, sla_met=True, sla_known_at=told) == (True, told)


def test_it_is_booked_on_the_day_of_the_contact_and_open_until_its_time_is_over() -> None:
    held, target = tickets_of([{"ticket_id": "t0", "opened": FRIDAY, "channel": "email"}]), aims(
        (FRIDAY, "first_reply_time 120 business")
    )  # fmt: skip
    for until, n, n_open in ((at("2026-03-08"), 0, 1), (at("2026-03-10"), 1, 0)):
        clocks = timed(held, tickets.turns(held, target), target, HOURS, until)
        found = value(tickets.sla(with_outcomes(held, clocks), target, BERLIN), "sla_attainment", NEVER)
        assert (found["n"], found["n_open"]) == (n, n_open)
    assert value(tickets.sla(with_outcomes(held, clocks), target, BERLIN), "sla_attainment", date(2026, 3, 9))["n"] == 0


def test_without_targets_only_what_is_told_comes_back() -> None:
    told = facts("ticket_events", [{"ticket_id": "t0", "field": "sla_breached", "at": at(FRIDAY), "new": "reply:1"},
                                   {"ticket_id": "t0", "field": "status", "at": at(FRIDAY), "new": "new"}])  # fmt: skip
    held = tickets_of([{"ticket_id": "t0", "opened": FRIDAY}])
    found = timed(held, tickets.turns(held, told), told, {}, LATE)
    assert found.rows() == [("t0", at(FRIDAY), "sla_breached", "reply:1")]
    nobody = facts("ticket_events", [])
    assert timed(held.clear(), tickets.turns(held.clear(), nobody), nobody, HOURS, LATE).is_empty()


# ---- beside a plain clock --------------------------------------------------------------------------------------------

START = at("2026-03-26 12:00")
"""A Thursday before the clocks change."""
N = 5 * 24
RUNS = ("new", "open", "hold")
Status = list[tuple[int, str]]
T = TypeVar("T")


Aims = list[tuple[int, int | None]]
"""Hour and minutes of each target; None: taken away."""


def plain(status: Status, targets: Aims, until: int, *, is_business: bool) -> tuple[bool | None, datetime | None]:
    """Half-hour by half-hour: missed once it still runs and the time of the target of now is over; or when solved."""
    used = 0
    for half in range(until * 2):
        now = START + timedelta(minutes=30 * half)
        minutes, wall = _last(targets, half // 2), now.astimezone(ZoneInfo(BERLIN))
        if _last(status, half // 2) not in RUNS:
            continue
        if minutes is not None and used >= minutes:
            return False, now
        used += 30 if not is_business or (wall.weekday() < 5 and 9 <= wall.hour < 17) else 0
    unsolved = [number for number, (_, new) in enumerate(status) if new != "solved"]
    solved = status[unsolved[-1] + 1][0] if status[-1][1] == "solved" else None
    if _last(targets, until - 1 if solved is None else solved - 1) is None:
        return None, None
    return True, None if solved is None else START + timedelta(hours=solved)


def _last(told: Sequence[tuple[int, T]], hour: int) -> T:
    """What was told last by then."""
    return next(what for begun, what in reversed(told) if begun <= hour)


@st.composite
def lives(draw: st.DrawFn) -> Status:
    hours = sorted({0, *draw(st.lists(st.integers(1, N - 1), max_size=5))})
    told = ["new", *(draw(st.sampled_from(["open", "pending", "hold", "solved"])) for _ in hours[1:])]
    return list(zip(hours, told, strict=True))


@st.composite
def aimed(draw: st.DrawFn) -> Aims:
    hours = sorted({0, *draw(st.lists(st.integers(1, N - 1), max_size=3))})
    minutes = st.none() | st.integers(1, 40).map(lambda halves: halves * 30)
    return [(hour, draw(minutes)) for hour in hours]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(lives(), aimed()), min_size=1, max_size=4), st.integers(1, N), st.booleans())
def test_clocks_that_stand_still_run_as_a_plain_one_does_also_under_targets_that_change(
    every: Sequence[tuple[Status, Aims]], until: int, is_business: bool
) -> None:
    held = tickets_of([{"ticket_id": f"t{i}", "opened": "2026-03-26 12:00", "channel": "email"}
                       for i in range(len(every))])  # fmt: skip
    end, kind = START + timedelta(hours=until), "business" if is_business else "calendar"
    known = [([told for told in life if told[0] < until], [told for told in targets if told[0] < until])
             for life, targets in every]  # fmt: skip
    rows = [{"event_id": f"{i}-{hour}", "ticket_id": f"t{i}", "at": START + timedelta(hours=hour), "new": new}
            for i, (life, _) in enumerate(known) for hour, new in life]  # fmt: skip
    rows += [{"event_id": f"{i}-{hour}-aim", "ticket_id": f"t{i}", "at": START + timedelta(hours=hour),
              "field": "sla_target",
              "new": f"requester_wait_time {'none' if minutes is None else f'{minutes} {kind}'}"}
             for i, (_, targets) in enumerate(known) for hour, minutes in targets]  # fmt: skip
    events = facts("ticket_events", rows)
    found = with_outcomes(held, timed(held, tickets.turns(held, events), events, HOURS, end)).sort("ticket_id")
    for (life, targets), met, known_at in zip(known, found["sla_met"], found["sla_known_at"], strict=True):
        assert (met, known_at) == plain(life, targets, until, is_business=is_business)
