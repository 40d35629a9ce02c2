from datetime import timedelta
from math import inf, sqrt
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendars import ALWAYS, DAY, Hours, Schedule, is_open_at
from tasks.measure.journey.out_of_hours import ALL, reply_gap, satisfied_gap, with_hours
from tests.factories import at

OFFICE = Schedule("Europe/Berlin", tuple(Hours(day * DAY + 9 * 60, day * DAY + 17 * 60) for day in range(5)))
HOURS = {"email": OFFICE, "phone": OFFICE, "bot": Schedule("UTC", ALWAYS)}


def came(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Contacts: ticket, channel, when (UTC)."""
    return pl.DataFrame(
        [(ticket, channel, at(when)) for ticket, channel, when in rows],
        schema={"ticket_id": pl.String, "channel": pl.String, "opened_at": pl.Datetime("us", "UTC")}, orient="row",
    )  # fmt: skip


def test_open_is_as_the_clock_on_the_wall_says_also_after_it_was_put_forward() -> None:
    instants = pl.Series([at(when) for when in (
        "2026-03-27 08:00", "2026-03-27 07:59", "2026-03-27 16:00", "2026-03-30 07:00", "2026-03-30 06:59",
        "2026-03-29 10:00",
    )])  # fmt: skip
    assert is_open_at(instants, OFFICE).to_list() == [True, False, False, True, False, False]


def test_nothing_and_nobody_have_no_hours() -> None:
    none = pl.Series([None, at("2026-03-27 08:00")], dtype=pl.Datetime("us", "UTC"))
    assert is_open_at(none, OFFICE).to_list() == [None, True]
    assert is_open_at(none.clear(), OFFICE).to_list() == []
    assert is_open_at(none, Schedule("UTC", ())).to_list() == [None, False]


@settings(max_examples=60)
@given(st.lists(st.integers(0, 17 * 86_400), min_size=1, max_size=20))
def test_open_is_what_counting_by_hand_says(seconds: list[int]) -> None:
    aware = [at("2026-03-20") + timedelta(seconds=one) for one in seconds]
    clock = [one.astimezone(ZoneInfo("Europe/Berlin")) for one in aware]
    told = is_open_at(pl.Series(aware, dtype=pl.Datetime("us", "UTC")), OFFICE)
    assert told.to_list() == [one.weekday() < 5 and 9 <= one.hour < 17 for one in clock]


def test_channels_that_are_always_open_or_without_hours_are_left_out() -> None:
    held = with_hours(
        came(("a", "email", "2026-03-02 10:00"), ("b", "email", "2026-03-02 22:00"), ("c", "bot", "2026-03-02 22:00"),
             ("d", "fax", "2026-03-02 22:00"), ("e", "phone", "2026-03-02 10:00")),
        HOURS,
    )  # fmt: skip
    assert held.select("ticket_id", "is_open").rows() == [("a", True), ("b", False)]


def answered(channel: str, n: int, n_satisfied: int, *, is_open: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    ids = [f"{channel}-{is_open}-{i}" for i in range(n)]
    contacts = pl.DataFrame({"ticket_id": ids, "channel": channel, "is_open": is_open})
    satisfied = [i < n_satisfied for i in range(n)]
    return contacts, pl.DataFrame({"ticket_id": ids, "survey": "after-help", "is_satisfied": satisfied})


def test_satisfaction_out_of_hours_is_compared_channel_by_channel() -> None:
    """Out of hours people write, by day they call: pooled, the channels' difference would look like the hours'."""
    parts = [
        answered("email", 80, 56, is_open=False), answered("email", 40, 28, is_open=True),
        answered("phone", 20, 18, is_open=False), answered("phone", 160, 144, is_open=True),
    ]  # fmt: skip
    rows = satisfied_gap(pl.concat([c for c, _ in parts]), pl.concat([a for _, a in parts]), 5)
    email, phone, whole = rows
    assert [(row["channel"], row["by"]) for row in rows] == [
        ("email", pytest.approx(0)), ("phone", pytest.approx(0)), (ALL, pytest.approx(0)),
    ]  # fmt: skip
    assert (email["verdict"], phone["verdict"], whole["verdict"]) == (
        "no clear difference", "too few to say", "no clear difference",
    )  # fmt: skip
    assert (whole["out_of_hours"]["n"], whole["open"]["n"]) == (100, 200)


def test_a_clear_difference_has_its_interval_by_hand() -> None:
    parts = [answered("email", 100, 70, is_open=False), answered("email", 400, 360, is_open=True)]
    (row,) = satisfied_gap(pl.concat([c for c, _ in parts]), pl.concat([a for _, a in parts]), 5)
    closed, open_ = row["out_of_hours"], row["open"]
    assert row["by"] == pytest.approx(-0.2)
    assert row["low"] == pytest.approx(-0.2 - sqrt((0.7 - closed["low"]) ** 2 + (open_["high"] - 0.9) ** 2))
    assert row["verdict"] == "worse out of hours"


def test_fewer_than_the_smallest_group_are_not_shown_and_no_answers_give_no_rows() -> None:
    parts = [answered("email", 4, 4, is_open=False), answered("email", 400, 360, is_open=True)]
    contacts, answers = pl.concat([c for c, _ in parts]), pl.concat([a for _, a in parts])
    assert satisfied_gap(contacts, answers, 5) == []
    assert satisfied_gap(contacts, answers.clear(), 5) == []


def replied(waits: dict[bool, list[float | None]]) -> pl.DataFrame:
    rows = [("email", is_open, wait) for is_open, of in waits.items() for wait in of]
    schema = {"channel": pl.String, "is_open": pl.Boolean, "reply_s": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_who_has_no_reply_yet_waits_longest() -> None:
    """By hand: of 1 … 39 and one without a reply the 20th is the median; of 1 … 10 and 30 without, none is known."""
    quick = [float(i) for i in range(1, 40)]
    (row,) = reply_gap(replied({True: [*quick, None], False: [100.0 * i for i in range(1, 41)]}), 5)
    assert (row["open"]["value"], row["open"]["n_open"], row["open"]["n"]) == (20, 1, 40)
    assert (row["out_of_hours"]["value"], row["by"], row["verdict"]) == (2000, 1980, "worse out of hours")
    (row,) = reply_gap(replied({True: [*quick, None], False: [*quick[:10], *[None] * 30]}), 5)
    assert (row["out_of_hours"]["value"], row["by"], row["verdict"]) == (None, None, "not known yet")
    assert inf not in row["out_of_hours"].values()


def test_a_helpdesk_that_tells_no_replies_has_no_rows() -> None:
    assert reply_gap(replied({True: [None] * 40, False: [None] * 40}), 5) == []
    assert reply_gap(replied({}), 5) == []
