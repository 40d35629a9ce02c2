"""The opening hours that a roadmap declares, as schedules to measure by."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from domain.calendars import ALWAYS, DAY, Hours, Schedule, following
from domain.promises import Promise
from domain.roadmap.company import Calendar
from domain.roadmap.model import Roadmap
from domain.windows import start_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIRST = datetime.min.replace(tzinfo=UTC)


def schedules_of(calendars: Mapping[str, Calendar]) -> dict[str, tuple[Schedule, ...]]:
    """Each calendar as `domain.calendars` measures by it: its versions, in order.

    They are closed on the public holidays that they name and on the days that the calendar declares `closed`. A change
    counts from midnight of its own zone; the first version also for the time before.
    """
    return {name: _versions(calendar) for name, calendar in calendars.items()}


def hours_of_channels(roadmap: Roadmap) -> dict[str, tuple[Schedule, ...]]:
    """The schedule of each declared channel, as `schedules_of` gives them; without a calendar it is open always."""
    schedules = {**schedules_of(roadmap.calendars), "always": (Schedule("UTC", ALWAYS),)}
    return {name: schedules[channel.calendar] for name, channel in sorted(roadmap.channels.items())}


def promises_of(roadmap: Roadmap) -> dict[str, Promise]:
    """What each channel promises, if it does: an answer within a span of its own hours.

    Days are those of its calendar's zone, the latest one of a calendar that moved; without a calendar the company's.
    """
    hours, own = hours_of_channels(roadmap), roadmap.zone.key
    return {
        name: Promise(
            channel.answer_within, hours[name], hours[name][-1].zone if channel.calendar in roadmap.calendars else own
        )
        for name, channel in sorted(roadmap.channels.items())
        if channel.answer_within is not None
    }


def _versions(calendar: Calendar) -> tuple[Schedule, ...]:
    held, found = calendar, [(_FIRST, _schedule(calendar))]
    for change in calendar.changes:
        said = change.model_dump(include={"zone", "open", "holidays"}, exclude_none=True)
        if said.get("holidays") == "none":
            said["holidays"] = None
        held = held.model_copy(update=said)
        found.append((start_of(change.from_, ZoneInfo(held.zone)), _schedule(held)))
    return following(found)


def _schedule(calendar: Calendar) -> Schedule:
    hours: list[Hours] = []
    for days, span in calendar.open.items():
        first, _, last = days.partition("-")
        begins = DAYS.index(first)
        n_days = (DAYS.index(last or first) - begins) % 7 + 1
        start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span.split("-"))
        hours += [Hours((begins + n) % 7 * DAY + start, (begins + n) % 7 * DAY + end) for n in range(n_days)]
    closed = tuple((day, day) for day in calendar.closed)
    return Schedule(str(calendar.zone), tuple(hours), closed, region=calendar.holidays or "")
