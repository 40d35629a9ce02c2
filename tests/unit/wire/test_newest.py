"""What the newest records of a list tell of those that it does not show."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.paging import Request
from wire.newest import covered_by
from wire.sweeps import Sweep

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def days(*numbers: int | None) -> list[datetime | None]:
    return [None if number is None else BEGIN + timedelta(days=number) for number in numbers]


@pytest.mark.parametrize(
    ("published", "changed", "covered"),
    [
        ((9, 7, 4), (9, 7, 4), (4, 9)),
        ((9, 7, 4), (9, 7, 6), (6, 9)),  # the last one was edited: older ones may have left before it
        ((4, 9, 7), (12, 9, 7), (7, 9)),  # by the last change
        ((4, 9, 7), (4, 9, 7), None),  # pinned, or in no order of time
        ((7, 4, 9), (8, 7, 9), None),
        ((9, 7, 4), (9, None, 4), None),
        ((9, None, 4), (9, 7, 4), None),
        ((9, 9, 9), (9, 9, 9), None),
        ((9,), (9,), None),
        ((), (), None),
    ],
)
def test_what_lies_between_two_records_in_order_of_time_would_be_shown(
    published: tuple[int | None, ...], changed: tuple[int | None, ...], covered: tuple[int, int] | None
):
    found = covered_by(days(*published), days(*changed))
    assert found == (None if covered is None else tuple(days(*covered)))


@dataclass(frozen=True)
class Entry:
    published: int
    changed: int


entries = st.lists(
    st.builds(lambda at, later: Entry(at, at + later), st.integers(0, 30), st.sampled_from([0, 0, 0, 1, 5, 20])),
    max_size=12,
)


@given(entries, st.integers(1, 8), st.booleans())
def test_no_entry_that_is_there_is_ever_missed_by_a_feed_that_is_cut_by_time(
    held: list[Entry], n: int, is_by_change: bool
):
    """Row by row: the feed shows its newest entries by one of the two times; all others it leaves out are there too."""
    order = sorted(held, key=lambda one: one.changed if is_by_change else one.published, reverse=True)
    shown, others = order[:n], order[n:]
    covered = covered_by(days(*(one.published for one in shown)), days(*(one.changed for one in shown)))
    if covered is None:
        return
    begin, end = covered
    assert [one for one in others if begin < BEGIN + timedelta(days=one.published) < end] == []


@pytest.mark.parametrize("newest", [(BEGIN, BEGIN + timedelta(days=1)), None])
def test_what_a_first_page_showed_survives_a_kill(newest: tuple[datetime, datetime] | None):
    sweep = Sweep("asks", Request("/feed"), BEGIN, newest=newest)
    held = json.loads(json.dumps(sweep.to_json()))
    assert Sweep.from_json(held) == sweep
    del held["newest"]  # as an earlier release kept it
    assert Sweep.from_json(held) == Sweep("asks", Request("/feed"), BEGIN)
