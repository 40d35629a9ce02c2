"""The opening hours that a roadmap declares, as schedules to measure by."""

from collections.abc import Mapping

from domain.calendars import DAY, Hours, Schedule
from domain.roadmap.company import Calendar

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def schedules_of(calendars: Mapping[str, Calendar]) -> dict[str, Schedule]:
    """The schedule of each calendar: closed on the public holidays that it names, and on the days declared `closed`."""
    return {name: schedule_of(calendar) for name, calendar in calendars.items()}


def schedule_of(calendar: Calendar) -> Schedule:
    """One calendar's schedule.

    >>> schedule_of(Calendar(zone="UTC", open={"sat-sun": "09:00-13:00"})).hours
    (Hours(start=7740, end=7980), Hours(start=9180, end=9420))
    """
    hours: list[Hours] = []
    for days, span in calendar.open.items():
        first, _, last = days.partition("-")
        begins = DAYS.index(first)
        n_days = (DAYS.index(last or first) - begins) % 7 + 1
        start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span.split("-"))
        hours += [Hours((begins + n) % 7 * DAY + start, (begins + n) % 7 * DAY + end) for n in range(n_days)]
    return Schedule(
        str(calendar.zone), tuple(hours), tuple((day, day) for day in calendar.closed), region=calendar.holidays or ""
    )
