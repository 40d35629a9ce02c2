from datetime import date

from domain.windows import Window
from tasks.measure.spans import after, before, ranges, touched

D = date


def test_days_close_together_are_read_as_one_range() -> None:
    found = ranges([D(2026, 3, 9), D(2026, 3, 1), D(2026, 3, 3), D(2026, 3, 2)])
    assert found == [Window(D(2026, 3, 1), D(2026, 3, 4)), Window(D(2026, 3, 9), D(2026, 3, 10))]


def test_a_changed_day_touches_its_week_and_the_windows_that_trail_over_it() -> None:
    first, through, day = D(2026, 1, 5), D(2026, 3, 15), [D(2026, 2, 11)]
    weeks = touched("week", first, through, day, later=False, valued_through=through)
    assert weeks == [(D(2026, 2, 9), D(2026, 2, 16))]
    windows = touched("28d", first, through, day, later=False, valued_through=through)
    assert [end for _, end in windows] == [D(2026, 2, 16), D(2026, 2, 23), D(2026, 3, 2), D(2026, 3, 9)]


def test_a_changed_level_touches_every_later_period() -> None:
    weeks = touched("week", D(2026, 1, 5), D(2026, 3, 15), [D(2026, 2, 25)], later=True, valued_through=D(2026, 3, 15))
    assert [start for start, _ in weeks] == [D(2026, 2, 23), D(2026, 3, 2), D(2026, 3, 9)]


def test_a_week_that_became_complete_is_valued_though_nothing_in_it_changed() -> None:
    weeks = touched("week", D(2026, 1, 5), D(2026, 3, 15), [], later=False, valued_through=D(2026, 3, 10))
    assert weeks == [(D(2026, 3, 9), D(2026, 3, 16))]


def test_periods_before_the_first_that_had_a_value_are_valued_when_older_facts_come() -> None:
    windows = touched(
        "28d", D(2026, 1, 5), D(2026, 3, 15), [D(2026, 1, 5)], later=False,
        valued_through=D(2026, 3, 15), valued_from=D(2026, 1, 19),
    )  # fmt: skip
    assert [start for start, _ in windows] == [D(2026, 1, 5), D(2026, 1, 12)]


def test_what_comes_touches_the_days_before_and_these_look_at_the_days_after() -> None:
    assert before([D(2026, 3, 2)], 1) == {D(2026, 3, 1), D(2026, 3, 2)}
    assert after([D(2026, 3, 1), D(2026, 3, 2)], 1) == [D(2026, 3, 1), D(2026, 3, 2), D(2026, 3, 3)]
