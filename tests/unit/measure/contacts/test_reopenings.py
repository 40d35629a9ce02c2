from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.roadmap.company import Reopening
from domain.roadmap.durations import Duration
from domain.windows import NEVER
from tasks.measure.contacts.reopenings import FOLLOWED, NEARLY, WHENEVER, reopens
from tasks.measure.contacts.tickets import turns
from tests.factories import at, facts
from tests.unit.measure.helpdesk import BERLIN, moved, said, tickets_of, value

TWO_WEEKS = Reopening(within=Duration.parsed("14 days"))
NO_THANKS, EVERY = Reopening(thanks="ignored"), Reopening(thanks="counted")
THROUGH = date(2026, 12, 31)
ZONE = ZoneInfo(BERLIN)


def rate(
    held: pl.DataFrame, *events: pl.DataFrame, rule: Reopening = WHENEVER, as_of: date = NEVER, through: date = THROUGH
) -> tuple[int, float, int]:
    """How many are known, how many of them were reopened, how many are open."""
    told = pl.concat(events)
    found = value(reopens(held, turns(held, told), told, BERLIN, through, rule), "reopen_rate", as_of)
    return found["n"], found["total"], found["n_open"]


def one(**more: int) -> pl.DataFrame:
    """A contact of 2 March."""
    return tickets_of([{"ticket_id": "a", "opened": "2026-03-02 09:00", **more}])


def followed(*rows: tuple[str, str]) -> pl.DataFrame:
    """Follow-ups: of which ticket, when they came."""
    return facts("ticket_events", [{"event_id": f"f{i}", "ticket_id": ticket, "field": FOLLOWED, "at": at(when)}
                                   for i, (ticket, when) in enumerate(rows)])  # fmt: skip


SOLVED = moved(("a", "2026-03-03 12:00", "new", "solved"))
BACK = moved(("a", "2026-03-03 12:00", "new", "solved"), ("a", "2026-03-10 12:00", "solved", "open"),
             ("a", "2026-03-11 12:00", "open", "solved"))  # fmt: skip


def test_reopened_tickets_are_counted_once_however_often_they_come_back() -> None:
    held = tickets_of([{"ticket_id": "a", "opened": "2026-03-02"}, {"ticket_id": "b", "opened": "2026-03-02"}])
    events = moved(("a", "2026-03-03", "new", "solved"), ("a", "2026-03-04", "solved", "open"),
                   ("a", "2026-03-05", "open", "solved"), ("a", "2026-03-06", "solved", "open"),
                   ("b", "2026-03-03", "new", "solved"))  # fmt: skip
    assert rate(held, events) == (2, 1.0, 0)


def test_a_source_that_counts_reopens_itself_is_believed() -> None:
    held = tickets_of([
        {"ticket_id": "a", "opened": "2026-03-02", "n_reopens": 0},
        {"ticket_id": "b", "opened": "2026-03-02", "n_reopens": 2},
    ])  # fmt: skip
    events = moved(("a", "2026-03-03", "new", "solved"), ("a", "2026-03-04", "solved", "open"),
                   ("b", "2026-03-03", "new", "solved"))  # fmt: skip
    assert rate(held, events) == (2, 1.0, 0)


@pytest.mark.parametrize("within", ["5 working days", "0 days", "3 years"])
def test_a_window_is_a_time_on_the_clock(within: str) -> None:
    with pytest.raises(ValidationError, match="is no time on the clock"):
        Reopening.model_validate({"within": within})


def test_without_a_window_a_reopening_counts_from_its_day_on_however_late() -> None:
    assert rate(one(), BACK, as_of=date(2026, 3, 10)) == (1, 0.0, 0)
    assert rate(one(), BACK, as_of=date(2026, 3, 11)) == (1, 1.0, 0)


def test_a_window_leaves_it_open_until_it_is_over_also_for_what_is_back_at_once() -> None:
    # solved on 3 March: two weeks are over on the 17th
    for events, total in ((BACK, 1.0), (SOLVED, 0.0)):
        assert rate(one(), events, rule=TWO_WEEKS, as_of=date(2026, 3, 17)) == (0, 0.0, 1)
        assert rate(one(), events, rule=TWO_WEEKS, as_of=date(2026, 3, 18)) == (1, total, 0)
        assert rate(one(), events, rule=TWO_WEEKS, through=date(2026, 3, 16)) == (0, 0.0, 1)


def test_what_is_reopened_when_the_window_is_over_is_not() -> None:
    for when, total in (("2026-03-17 11:59", 1.0), ("2026-03-17 12:00", 0.0)):
        events = moved(("a", "2026-03-03 12:00", "new", "solved"), ("a", when, "solved", "open"))
        assert rate(one(), events, rule=TWO_WEEKS) == (1, total, 0)


def test_a_reopening_that_the_source_counts_and_nobody_dates_is_in_time() -> None:
    assert rate(one(n_reopens=1), SOLVED, rule=TWO_WEEKS) == (1, 1.0, 0)
    dated = moved(("a", "2026-04-01 12:00", "0", "1"), field="n_reopens")
    assert rate(one(n_reopens=1), SOLVED, dated, rule=TWO_WEEKS) == (1, 0.0, 0)


def test_a_follow_up_reopens_the_contact_that_it_follows() -> None:
    again = followed(("a", "2026-03-10 08:00"), ("a", "2026-03-12 08:00"))
    assert rate(one(), SOLVED, again, as_of=date(2026, 3, 10)) == (1, 0.0, 0)
    assert rate(one(n_reopens=0), SOLVED, again) == (1, 1.0, 0)
    assert rate(one(), SOLVED, again, rule=TWO_WEEKS) == (1, 1.0, 0)
    assert rate(one(), SOLVED, followed(("a", "2026-03-20 08:00")), rule=TWO_WEEKS) == (1, 0.0, 0)
    assert rate(one(), SOLVED, again, rule=Reopening(follow_ups="ignored")) == (1, 0.0, 0)


def test_one_who_says_thanks_reopened_nothing_once_it_is_solved_again_without_a_word() -> None:
    thanks = said(("a", "2026-03-10 12:00", "customer"))
    assert rate(one(), BACK, thanks, rule=EVERY) == (1, 1.0, 0)
    assert rate(one(), BACK, thanks) == (1, 0.0, 0)
    assert rate(one(), BACK, thanks, rule=NO_THANKS, as_of=date(2026, 3, 11)) == (1, 1.0, 0)
    assert rate(one(), BACK, thanks, rule=NO_THANKS) == (1, 0.0, 0)
    assert rate(one(n_reopens=1), BACK, thanks, rule=NO_THANKS) == (1, 0.0, 0)


@pytest.mark.parametrize(
    "comments",
    [
        [("a", "2026-03-10 12:00", "customer"), ("a", "2026-03-11 12:00", "agent")],  # somebody answered
        [("a", "2026-03-09 12:00", "customer")],  # it was not the message that reopened it
        [("a", "2026-03-10 12:00", "bot")],
        [],  # messages are not told
    ],
)
def test_what_is_answered_or_reopened_otherwise_is_no_thanks(comments: list[tuple[str, str, str]]) -> None:
    assert rate(one(), BACK, said(*comments), rule=NO_THANKS) == (1, 1.0, 0)


def test_thanks_that_are_solved_again_behind_the_window_are_taken_back_then() -> None:
    rule = Reopening(within=Duration.parsed("8 days"), thanks="ignored")
    events = moved(("a", "2026-03-03 12:00", "new", "solved"), ("a", "2026-03-10 12:00", "solved", "open"),
                   ("a", "2026-03-20 12:00", "open", "solved"))  # fmt: skip
    thanks = said(("a", "2026-03-10 12:00", "customer"))
    assert rate(one(), events, thanks, rule=rule, as_of=date(2026, 3, 20)) == (1, 1.0, 0)
    assert rate(one(), events, thanks, rule=rule, as_of=date(2026, 3, 21)) == (1, 0.0, 0)


@dataclass(frozen=True)
class Story:
    """A contact's turns and what was said, in hours since it was opened; `counts`: the source's own number."""

    turns: list[int]
    said: list[tuple[int, str]]
    follow_ups: list[int]
    counts: int | None


OPENED = datetime(2026, 3, 20, 9, tzinfo=UTC)  # clocks go forward on the 29th
HOURS = st.integers(1, 24 * 20)
STORIES = st.builds(
    Story,
    turns=st.lists(HOURS, min_size=1, max_size=6, unique=True).map(sorted),
    said=st.lists(st.tuples(HOURS, st.sampled_from(["customer", "agent", "bot"])), max_size=6, unique=True),
    follow_ups=st.lists(HOURS, max_size=2),
    counts=st.sampled_from([None, None, 0, 1]),
)
RULES = st.builds(
    Reopening,
    within=st.sampled_from([None, Duration.parsed("36 h"), Duration.parsed("5 days")]),
    follow_ups=st.sampled_from(["counted", "ignored"]),
    thanks=st.sampled_from(["counted", "ignored"]),
)


def hour(number: int) -> datetime:
    return OPENED + timedelta(hours=number)


def day_of(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()


def back_by(story: Story, rule: Reopening, moment: datetime, until: datetime) -> bool:
    """Whether the contact counts as reopened before `until`, as known by the end of `moment`."""
    solved = hour(story.turns[0])
    found = [] if rule.follow_ups == "ignored" else [hour(n) for n in story.follow_ups if hour(n) >= solved]
    for place, number in enumerate(story.turns):
        if place % 2 == 0 or story.counts == 0:
            continue
        start, over = hour(number), next((hour(n) for n in story.turns[place + 1 : place + 2]), None)
        theirs = any(role == "customer" and abs(hour(n) - start) <= NEARLY for n, role in story.said)
        if rule.thanks == "ignored" and over is not None and over <= moment and theirs and not any(
            role == "agent" and start <= hour(n) <= over for n, role in story.said
        ):  # fmt: skip
            continue
        found.append(start)
    if story.counts == 1 and len(story.turns) == 1:
        found.append(solved)
    return any(start <= moment and start < until for start in found)


def plainly(story: Story, rule: Reopening, as_of: date) -> tuple[int, float, int]:
    """The same as `rate`, of one contact, as its definition reads."""
    last = datetime(as_of.year, as_of.month, as_of.day, tzinfo=ZONE).astimezone(UTC) - timedelta(microseconds=1)
    solved = hour(story.turns[0])
    if day_of(solved) >= as_of:
        return 0, 0.0, 0
    if rule.within is None:
        return 1, float(back_by(story, rule, last, datetime.max.replace(tzinfo=UTC))), 0
    over = solved + timedelta(seconds=rule.within.seconds)
    return (1, float(back_by(story, rule, last, over)), 0) if day_of(over) < as_of else (0, 0.0, 1)


@settings(deadline=None, max_examples=150)
@given(stories=st.lists(STORIES, min_size=1, max_size=4), rule=RULES, day=st.integers(1, 26))
def test_it_is_what_a_walk_through_each_contact_says_on_every_day(
    stories: list[Story], rule: Reopening, day: int
) -> None:
    held = facts("tickets", [{"ticket_id": f"t{i}", "opened_at": OPENED, "n_reopens": story.counts}
                             for i, story in enumerate(stories)])  # fmt: skip
    rows = [
        {"ticket_id": f"t{i}", "at": hour(n), "field": "status", "new": "open" if place % 2 else "solved"}
        for i, story in enumerate(stories)
        for place, n in enumerate(story.turns)
    ]
    for i, story in enumerate(stories):
        rows += [{"ticket_id": f"t{i}", "at": hour(n), "field": "comment", "actor_role": r} for n, r in story.said]
        rows += [{"ticket_id": f"t{i}", "at": hour(n), "field": FOLLOWED} for n in story.follow_ups]
    events = facts("ticket_events", rows)
    as_of = day_of(OPENED) + timedelta(days=day)
    expected = [sum(of) for of in zip(*(plainly(story, rule, as_of) for story in stories), strict=True)]
    found = value(reopens(held, turns(held, events), events, BERLIN, THROUGH, rule), "reopen_rate", as_of)
    assert [found.get("n", 0), found.get("total", 0.0), found.get("n_open", 0)] == expected
