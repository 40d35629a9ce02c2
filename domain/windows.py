"""Half-open spans of reporting-zone days, and the periods KPIs are kept by."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

PeriodKind = Literal["day", "week", "month", "28d", "90d", "all"]
PERIOD_KINDS: tuple[PeriodKind, ...] = ("day", "week", "month", "28d", "90d", "all")
TRAILING_DAYS: dict[str, int] = {"28d": 28, "90d": 90}
"""Windows that trail: they end on every Monday, so that weeks can be compared."""

FIRST_DAY, NEVER = date(1970, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class Window:
    """Days from `start` up to but not including `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a window ends before it starts: {self.start} to {self.end}")

    @classmethod
    def until(cls, end: date) -> Self:
        """Everything before `end`."""
        return cls(FIRST_DAY, end)

    @property
    def days(self) -> int:
        """How many days the window spans."""
        return (self.end - self.start).days


def week_of(day: date) -> date:
    """The Monday of the ISO week that holds `day`."""
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    """The first day of the month that holds `day`."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the month after the one that holds `day`."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def mondays(first: date, last: date) -> list[date]:
    """Every Monday in [first, last]: the moments at which the loop judges."""
    start = first + timedelta(days=(-first.weekday()) % 7)
    return [start + timedelta(weeks=i) for i in range(max(0, (last - start).days // 7 + 1))]


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The reporting-zone day that an aware instant falls on."""
    return instant.astimezone(zone).date()


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which `day` begins in the reporting zone."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def periods(kind: PeriodKind, first: date, end: date) -> list[tuple[date, date]]:
    """Complete periods of one kind that touch [first, end) and end by `end`.

    Trailing windows end on Mondays and must lie wholly after `first`.
    """
    match kind:
        case "day":
            return [(first + timedelta(days=i), first + timedelta(days=i + 1)) for i in range((end - first).days)]
        case "week":
            starts = mondays(week_of(first), end - timedelta(days=7))
            return [(start, start + timedelta(days=7)) for start in starts]
        case "month":
            found: list[tuple[date, date]] = []
            start = month_of(first)
            while next_month(start) <= end:
                found.append((start, next_month(start)))
                start = next_month(start)
            return found
        case "28d" | "90d":
            length = timedelta(days=TRAILING_DAYS[kind])
            return [(day - length, day) for day in mondays(first + length, end)]
        case "all":
            return [(first, end)]
