"""Mentions answered: ours, in time, open until then."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.measure.feedback.mentions import answered
from tests.factories import at, facts
from tests.unit.measure.helpdesk import BERLIN, value

THROUGH = date(2026, 3, 16)


def test_a_mention_is_open_until_it_is_answered_or_a_week_is_over() -> None:
    rows = [{"mentioned_at": at("2026-03-02"), "answered_at": at("2026-03-03")}, {"mentioned_at": at("2026-03-02")},
            {"mentioned_at": at("2026-03-02"), "answered_at": at("2026-03-12")},
            {"mentioned_at": at("2026-03-12")}]  # fmt: skip
    made = answered(facts("mentions", rows), BERLIN, THROUGH)
    found = value(made, "mentions_answered")
    assert (found["n"], found["n_open"], found["total"]) == (3, 1, 1.0)
    assert (value(made, "mentions_answered", date(2026, 3, 5))["n"], set(made["booked_day"])) == (
        1, {date(2026, 3, 2), date(2026, 3, 12)},
    )  # fmt: skip


def test_a_competitors_mention_and_one_that_is_gone_are_not_ours_to_answer() -> None:
    day = {"mentioned_at": at("2026-03-02"), "answered_at": at("2026-03-03")}
    rows = [day | {"about": "us"}, day | {"about": "Bean & Co"}, day | {"deleted_at": at("2026-03-04")}]
    found = value(answered(facts("mentions", rows), BERLIN, THROUGH), "mentions_answered")
    assert (found["n"], found["n_open"]) == (1, 0)


@given(
    st.lists(st.tuples(st.integers(0, 30 * 24), st.one_of(st.none(), st.integers(0, 20 * 24)), st.booleans())),
)
def test_mentions_are_answered_in_time_or_not_or_open(rows: list[tuple[int, int | None, bool]]) -> None:
    start, through = datetime(2026, 3, 2, tzinfo=UTC), date(2026, 3, 31)
    when = [start + timedelta(hours=hour) for hour, _, _ in rows]
    held = [
        {"mentioned_at": said, "about": "us" if ours else "Bean & Co",
         "answered_at": None if took is None else said + timedelta(hours=took)}
        for said, (_, took, ours) in zip(when, rows, strict=True)
    ]  # fmt: skip
    kept = n_open = 0
    for said, (_, took, ours) in zip(when, rows, strict=True):
        in_time = took is not None and took < 7 * 24
        kept += ours and in_time
        n_open += ours and not in_time and (said + timedelta(days=7)).date() > through
    n = sum(ours for _, _, ours in rows) - n_open
    found = value(answered(facts("mentions", held), "UTC", through), "mentions_answered")
    assert (found.get("n", 0), found.get("n_open", 0)) == (n, n_open)
    assert found.get("value") == (pytest.approx(kept / n) if n else None)
