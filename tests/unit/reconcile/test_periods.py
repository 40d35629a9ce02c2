from datetime import date

import pytest

from domain.errors import ConfigError
from tasks.reconcile.export import Export
from tasks.reconcile.periods import Figure, figures_of
from tasks.reconcile.summary import period_start, summarised
from tests.factories import at
from tests.unit.reconcile.sides import CALENDARS, N, beside, export_row, ours, planted, theirs, ticket

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 9)


def test_each_week_has_both_figures_and_the_share_that_is_explained() -> None:
    rows = planted(first_reply="333.3")
    rows[7] = export_row(7, resolution="480.0")
    found = figures_of(beside(rows), Export(), "week", "UTC")
    assert Figure(FIRST, "tickets", 7.0, 7.0, 0, 0) in found
    replied = next(f for f in found if (f.period, f.measure) == (FIRST, "first_reply"))
    assert (replied.ours, replied.theirs, replied.n_different, replied.explained) == (5430.0, 5430.0, 1, 0.0)
    solved = next(f for f in found if (f.period, f.measure) == (SECOND, "resolution"))
    assert (solved.ours, solved.theirs, solved.explained) == (93_600.0, 28_800.0, 1.0)


def test_a_month_has_one_figure_for_each_measure() -> None:
    found = figures_of(beside(), Export(statistic="mean"), "month", "UTC")
    assert [(f.period, f.measure, f.ours, f.theirs) for f in found] == [
        (date(2026, 3, 1), "tickets", N, N), (date(2026, 3, 1), "first_reply", 5430.0, 5430.0),
        (date(2026, 3, 1), "resolution", 93_600.0, 93_600.0), (date(2026, 3, 1), "reopens", 0.0, 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize("written", ["2026-03-09", "2026-03-11", "2026-W11", "2026W11"])
def test_a_week_may_be_written_as_a_day_or_as_its_number(written: str) -> None:
    assert period_start(written, "week") == SECOND


def test_a_period_that_is_none_is_told() -> None:
    with pytest.raises(ConfigError, match="'last week' is no period"):
        period_start("last week", "week")


def classes(mine: object, *rows: dict[str, str], export: Export = Export()) -> dict[str, list[str]]:  # noqa: B008
    found = summarised(theirs(rows, export), mine, export, "week", "UTC", CALENDARS, ("Europe/Berlin",))  # type: ignore[arg-type]
    return {measure: frame["class"].to_list() for measure, frame in found.items()}


def test_a_summary_that_agrees_is_equal() -> None:
    told = {"period": "2026-03-02", "tickets": "7", "first_reply": "90.5", "resolution": "1560"}
    assert classes(ours(), told) == {"tickets": ["equal"], "first_reply": ["equal"], "resolution": ["equal"]}


def test_a_median_in_opening_hours_is_told_from_one_in_calendar_time() -> None:
    mine = ours([ticket(n) for n in range(3)])
    assert classes(mine, {"period": "2026-W10", "resolution": "480"}) == {"resolution": ["business hours"]}


def test_a_count_with_what_we_exclude_is_excluded() -> None:
    mine = ours([ticket(0, excluded_as="spam"), *(ticket(n) for n in range(1, N))])
    rows = {"period": "2026-03-02", "tickets": "7"}, {"period": "2026-03-09", "tickets": "1"}
    assert classes(mine, *rows) == {"tickets": ["excluded", "equal"]}


def test_a_count_with_what_was_deleted_is_deleted() -> None:
    mine = ours([ticket(0, deleted_at=at("2026-03-05")), *(ticket(n) for n in range(1, N))])
    assert classes(mine, {"period": "2026-03-02", "tickets": "7"}) == {"tickets": ["deleted"]}


def test_a_week_that_begins_elsewhere_is_a_time_zone() -> None:
    mine = ours([ticket(0, opened_at=at("2026-03-08 23:30")), *(ticket(n) for n in range(1, N))])
    assert classes(mine, {"period": "2026-03-09", "tickets": "2"}) == {"tickets": ["time zone"]}


def test_a_count_of_before_their_export_is_late() -> None:
    mine = ours(exported_at=at("2026-03-05"))
    assert classes(mine, {"period": "2026-03-02", "tickets": "3"}) == {"tickets": ["late"]}


def test_resolutions_at_the_first_solve_are_reopened() -> None:
    turned = [{"ticket_id": "desk:0", "field": "status", "at": at(f"2026-03-{when}"), "new": new}
              for when, new in (("02 17:00", "solved"), ("02 18:00", "open"), ("03 18:00", "solved"))]  # fmt: skip
    mine = ours([ticket(0)], events=turned)
    assert classes(mine, {"period": "2026-03-02", "resolution": "60"}) == {"resolution": ["reopened"]}


def test_a_figure_of_a_summary_that_nothing_gives_is_unknown() -> None:
    assert classes(ours(), {"period": "2026-03-02", "tickets": "44", "first_reply": "90"}) == {
        "tickets": ["unknown"], "first_reply": ["rounding"],
    }  # fmt: skip
