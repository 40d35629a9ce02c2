from datetime import date

from domain.calendars import DAY, Hours, Schedule
from domain.roadmap.company import Calendar
from domain.roadmap.schedules import schedule_of, schedules_of


def test_days_and_hours_become_minutes_of_the_week() -> None:
    hours = {"mon-tue": "08:00-18:00", "sat": "09:00-24:00"}
    assert schedule_of(Calendar.model_validate({"zone": "Europe/Berlin", "open": hours})) == Schedule(
        "Europe/Berlin", (Hours(480, 1080), Hours(DAY + 480, DAY + 1080), Hours(5 * DAY + 540, 6 * DAY))
    )


def test_days_may_run_over_the_end_of_the_week() -> None:
    hours = schedule_of(Calendar.model_validate({"open": {"sun-mon": "00:00-24:00"}})).hours
    assert hours == (Hours(6 * DAY, 7 * DAY), Hours(0, DAY))


def test_closed_days_are_holidays() -> None:
    calendar = Calendar.model_validate({"open": {"mon": "08:00-18:00"}, "closed": (date(2026, 12, 24),)})
    assert schedules_of({"support": calendar})["support"].holidays == ((date(2026, 12, 24), date(2026, 12, 24)),)


def test_public_holidays_are_those_of_the_region() -> None:
    open_hours = {"open": {"mon-fri": "08:00-18:00"}, "zone": "Europe/Berlin"}
    assert schedule_of(Calendar.model_validate({**open_hours, "holidays": "DE-BE"})).region == "DE-BE"
    assert schedule_of(Calendar.model_validate(open_hours)).region == ""


def test_a_calendar_without_hours_is_never_open() -> None:
    assert schedule_of(Calendar.model_validate({"open": {}})).hours == ()
