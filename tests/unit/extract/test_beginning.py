from datetime import date

import pytest

from tasks.extract.beginning import pages_from, rows_from

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("position", "day"),
    [
        (None, None),
        ({"mark": None}, None),
        ({"mark": "2026-02-01T10:00:00+00:00"}, date(2026, 2, 1)),
        ({"mark": "2026-04-01T10:00:00+00:00"}, DAY),
        ({"each": {"a": {"mark": "2026-04-01T10:00:00+00:00"}, "b": {"mark": None}}}, None),
    ],
)
def test_an_interface_is_asked_from_no_later_than_the_last_whole_fetch(position, day):
    assert pages_from(position, DAY) == day


@pytest.mark.parametrize(
    ("position", "after"),
    [
        (None, None),
        ({}, None),
        ({"going": "changed", "after": "2026-04-01"}, None),
        ({"after": "2026-02-01T10:00:00"}, {"after": "2026-02-01T10:00:00"}),
        ({"after": "2026-04-01T10:00:00"}, {"after": "2026-03-01"}),
    ],
)
def test_a_warehouse_is_read_from_no_later_than_the_last_change_that_was_kept(position, after):
    assert rows_from(position, DAY) == after


def test_without_a_day_it_goes_on_where_it_stopped():
    assert rows_from({"after": "x"}, None) == {"after": "x"}
    assert pages_from({"mark": None}, None) is None
