from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.measure.contacts import comebacks, tickets
from tasks.measure.contacts.conversations import conversation
from tasks.measure.contacts.reply_times import with_replies
from tests.factories import facts
from tests.unit.measure.helpdesk import BERLIN, moved, said, tickets_of, value

THROUGH = date(2026, 3, 31)
NO_EVENTS = facts("ticket_events", [])


def came(*rows: tuple[str, str | None, str | None]) -> pl.DataFrame:
    """Contacts: when, whose, in which channel."""
    return tickets_of(
        [{"ticket_id": f"t{i}", "opened": when, "customer_id": customer, "channel": channel}
         for i, (when, customer, channel) in enumerate(rows)]
    )  # fmt: skip


def repeats(held: pl.DataFrame, through: date = THROUGH, within: timedelta = comebacks.WEEK) -> pl.DataFrame:
    return comebacks.repeats(comebacks.back_at(held), BERLIN, through, within)


def switches(held: pl.DataFrame) -> pl.DataFrame:
    return comebacks.switches(comebacks.back_at(held), BERLIN, THROUGH)


def contained(held: pl.DataFrame, events: pl.DataFrame, through: date = THROUGH) -> pl.DataFrame:
    return comebacks.containment(comebacks.back_at(with_replies(held, events)), BERLIN, through)


def first_time(held: pl.DataFrame, events: pl.DataFrame, through: date = THROUGH) -> pl.DataFrame:
    turned, spoken = tickets.turns(held, events), conversation(held, events)
    return comebacks.first_contact_resolution(comebacks.back_at(held), turned, spoken, BERLIN, through)


def test_a_customer_who_is_back_within_seven_days_is_a_repeat_contact_of_the_first() -> None:
    held = came(
        ("2026-03-02 10:00", "c", "email"), ("2026-03-06 10:00", "c", "phone"), ("2026-03-02 11:00", "d", "email")
    )
    found = value(repeats(held), "repeat_contact_rate")
    assert (found["n"], found["total"], found["n_open"]) == (3, 1.0, 0)


def test_it_is_open_until_the_time_is_over_also_for_those_who_are_back_already() -> None:
    held = came(("2026-03-02 10:00", "c", "email"), ("2026-03-06 10:00", "c", "phone"))
    entries = repeats(held, date(2026, 3, 9))
    early, late = value(entries, "repeat_contact_rate", date(2026, 3, 9)), value(entries, "repeat_contact_rate")
    assert (early["n"], early["n_open"]) == (0, 2)
    assert (late["n"], late["n_open"], late["value"]) == (1, 1, 1.0)
    assert (late["bound_low"], late["bound_high"]) == (0.5, 1.0)


def test_exactly_seven_days_later_is_no_repeat_and_thirty_days_hold_more() -> None:
    held = came(("2026-03-02 10:00", "c", "email"), ("2026-03-09 10:00", "c", "email"))
    assert value(repeats(held), "repeat_contact_rate")["total"] == 0.0
    longer = repeats(held, date(2026, 5, 1), comebacks.MONTH)
    assert value(longer, "repeat_contact_rate_30d")["total"] == 1.0


def test_contacts_without_a_customer_are_in_no_denominator() -> None:
    held = came(
        ("2026-03-02 10:00", None, "email"), ("2026-03-03 10:00", None, "email"), ("2026-03-02 10:00", "c", "email")
    )
    assert value(repeats(held), "repeat_contact_rate")["n"] == 1
    assert repeats(came(("2026-03-02 10:00", None, "email"))).is_empty()


def test_five_complaints_of_one_customer_are_five_contacts_four_of_them_come_back() -> None:
    held = came(*((f"2026-03-{day:02} 10:00", "c", "email") for day in range(2, 7)))
    found = value(repeats(held), "repeat_contact_rate")
    assert (found["n"], found["total"]) == (5, 4.0)


def test_another_channel_is_another_one_even_after_a_second_try_in_the_first() -> None:
    held = came(("2026-03-02 10:00", "c", "chat"), ("2026-03-02 12:00", "c", "chat"),
                ("2026-03-03 10:00", "c", "phone"), ("2026-03-02 10:00", "d", "chat"),
                ("2026-03-02 12:00", "d", "chat"))  # fmt: skip
    found = value(switches(held), "channel_switch_rate")
    assert (found["n"], found["total"]) == (5, 2.0)


def test_another_channel_after_72_hours_is_no_switch() -> None:
    held = came(("2026-03-02 10:00", "c", "chat"), ("2026-03-05 10:00", "c", "phone"))
    assert value(switches(held), "channel_switch_rate")["total"] == 0.0


def test_a_contact_whose_channel_nobody_knows_is_in_no_other_channel() -> None:
    held = came(("2026-03-02 10:00", "c", None), ("2026-03-02 12:00", "c", "chat"), ("2026-03-02 13:00", "c", None))
    found = value(switches(held), "channel_switch_rate")
    assert (found["n"], found["total"]) == (1, 0.0)
    later = came(("2026-03-02 10:00", "c", "chat"), ("2026-03-02 12:00", "c", None), ("2026-03-03 10:00", "c", "phone"))
    found = value(switches(later), "channel_switch_rate")
    assert (found["n"], found["total"]) == (2, 1.0)


contacts = st.lists(
    st.tuples(st.integers(0, 60 * 24), st.sampled_from([None, "a", "b", "c"]), st.sampled_from([None, "chat", "mail"])),
    min_size=1, max_size=25,
)  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(contacts)
def test_the_next_contact_is_the_one_a_search_through_all_of_them_finds(
    rows: list[tuple[int, str | None, str | None]],
) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    held = facts("tickets", [{"opened_at": start + timedelta(hours=h, seconds=i), "customer_id": c, "channel": channel}
                             for i, (h, c, channel) in enumerate(rows)])  # fmt: skip
    found = comebacks.back_at(held).select("ticket_id", "back_at", "switched_at")
    known = {ticket: (back, switch) for ticket, back, switch in found.iter_rows()}
    told = held.select("ticket_id", "customer_id", "channel", "opened_at").rows()
    expected = {
        ticket: (
            min((at for _, c, _, at in told if c == customer and at > opened), default=None),
            min(
                (
                    at
                    for _, c, other, at in told
                    if c == customer and at > opened and channel and other and other != channel
                ),
                default=None,
            ),
        )
        for ticket, customer, channel, opened in told
        if customer is not None
    }
    assert known == expected


def test_a_bot_was_enough_if_no_person_replied_and_the_customer_stayed_away_for_72_hours() -> None:
    held = came(("2026-03-02 10:00", "a", "bot"), ("2026-03-02 10:00", "b", "bot"), ("2026-03-04 10:00", "b", "email"),
                ("2026-03-02 10:00", "c", "bot"))  # fmt: skip
    events = said(
        *((name, "2026-03-02 10:01", "bot") for name in ("t0", "t1", "t3")), ("t3", "2026-03-02 11:00", "agent")
    )
    found = value(contained(held, events), "bot_containment")
    assert (found["n"], found["total"]) == (3, 1.0)  # the e-mail is no bot's


def test_containment_is_open_until_the_72_hours_are_over() -> None:
    held = came(("2026-03-02 10:00", "a", "bot"), ("2026-03-04 10:00", "b", "bot"))
    events = said(("t0", "2026-03-02 10:01", "bot"), ("t1", "2026-03-04 10:01", "bot"))
    found = value(contained(held, events, date(2026, 3, 5)), "bot_containment")
    assert (found["n"], found["n_open"], found["value"]) == (1, 1, 1.0)


def test_a_person_who_replies_after_all_takes_containment_back_on_that_day() -> None:
    held = came(("2026-03-02 10:00", "a", "bot"))
    events = said(("t0", "2026-03-02 10:01", "bot"), ("t0", "2026-03-10 10:00", "agent"))
    entries = contained(held, events)
    assert value(entries, "bot_containment", date(2026, 3, 10))["value"] == 1.0
    assert (value(entries, "bot_containment")["n"], value(entries, "bot_containment")["value"]) == (1, 0.0)


def test_a_contact_that_a_person_answered_first_is_not_the_bots() -> None:
    held = came(("2026-03-02 10:00", "a", "chat"))
    events = said(("t0", "2026-03-02 10:01", "agent"), ("t0", "2026-03-02 10:02", "bot"))
    assert contained(held, events).is_empty()


def test_without_comments_who_did_the_work_says_whose_contact_it_was() -> None:
    held = came(("2026-03-02 10:00", "a", "chat"), ("2026-03-02 10:00", "b", "chat"))
    held = held.with_columns(handler=pl.Series(["bot", "people"]))
    found = value(contained(held, NO_EVENTS), "bot_containment")
    assert (found["n"], found["total"]) == (1, 1.0)


SOLVED = [("t0", "2026-03-02 12:00", "new", "solved")]
REPLIED = [("t0", "2026-03-02 11:00", "agent")]


def test_solved_with_one_reply_and_never_heard_of_again_is_first_contact_resolution() -> None:
    held, events = came(("2026-03-02 10:00", "a", "email")), pl.concat([said(*REPLIED), moved(*SOLVED)])
    entries = first_time(held, events)
    assert value(entries, "first_contact_resolution", date(2026, 3, 9))["n_open"] == 1
    assert (value(entries, "first_contact_resolution")["n"], value(entries, "first_contact_resolution")["value"]) == (
        1,
        1.0,
    )
    assert value(first_time(held, events, date(2026, 3, 8)), "first_contact_resolution")["n_open"] == 1


def test_a_second_reply_a_reopening_and_another_contact_are_none() -> None:
    once, twice = came(("2026-03-02 10:00", "a", "email")), said(*REPLIED, ("t0", "2026-03-02 11:30", "agent"))
    back = came(("2026-03-02 10:00", "a", "email"), ("2026-03-08 10:00", "a", "phone"))
    reopened = moved(*SOLVED, ("t0", "2026-03-05 12:00", "solved", "open"))
    for held, events in (
        (once, pl.concat([twice, moved(*SOLVED)])),
        (once, pl.concat([said(*REPLIED), reopened])),
        (back, pl.concat([said(*REPLIED), moved(*SOLVED)])),
    ):
        entries = first_time(held, events)
        found = value(entries, "first_contact_resolution")
        assert (found["n"], found["total"]) == (1, 0.0)
        assert entries.filter(pl.col("n") == 1)["known_day"].to_list() == [date(2026, 3, 9)]
