"""Business time: how much of a span of time lies within opening hours, exact through clock changes and holidays.

A schedule is open at an instant if the clock on the wall of its zone then shows a time within its weekly hours, on a
day that is no holiday. So an hour that the clock skips is not there to be worked, and one that it shows twice counts
twice; a schedule that is always open gives calendar time to the microsecond.

Source: Zendesk's business hours; for tickets with several schedules fivetran/dbt_zendesk, DECISIONLOG.md, "Business
Time Metrics" (`each`), and the vendor's own way (`last`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

import polars as pl

from domain.public_holidays import days_off

DAY: Final = 1440
WEEK: Final = 7 * DAY
_MINUTE_US: Final = 60_000_000
_DAY_US: Final = DAY * _MINUTE_US
_INSTANT: Final = pl.Datetime("us", "UTC")
_OPENINGS: Final = {"start": _INSTANT, "end": _INSTANT}


@dataclass(frozen=True)
class Hours:
    """One weekly span, half-open: minutes since Monday 00:00 on the wall's clock; 0 to 10,080.

    >>> Hours(8 * 60, 16 * 60 + 30)  # Mondays, 8:00 to 16:30
    Hours(start=480, end=990)
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= WEEK:
            raise ValueError(
                f"weekly hours from minute {self.start} to {self.end}: expected 0 <= start < end <= {WEEK}"
            )


ALWAYS: Final = (Hours(0, WEEK),)


@dataclass(frozen=True)
class Schedule:
    """Weekly hours in one zone.

    Attributes:
        zone: IANA name.
        hours: when it is open; may overlap, what is open twice is open once.
        holidays: (first, last) local days, both closed all day.
        region: country or region on whose public holidays it is closed, ISO 3166: `DE`, `DE-BE`; empty: on none.
        valid_from, valid_to: UTC, half-open; None: without a bound. Outside it is closed.
    """

    zone: str
    hours: tuple[Hours, ...]
    holidays: tuple[tuple[date, date], ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    region: str = ""


Calendar = Schedule | Sequence[Schedule]
"""One schedule, or several: the versions of one that changed, or teams that share the work; open if any is."""


def from_sunday(start: int, end: int) -> tuple[Hours, ...]:
    """Weekly hours from minutes since Sunday 00:00, as Zendesk writes them; Saturday's end may lie beyond the week.

    >>> from_sunday(1920, 2640)
    (Hours(start=480, end=1200),)
    """
    if not 0 <= start < end or end - start > WEEK:
        raise ValueError(f"weekly hours from minute {start} to {end} since Sunday: expected 0 <= start < end")
    first = (start - DAY) % WEEK
    length = end - start
    if first + length <= WEEK:
        return (Hours(first, first + length),)
    return (Hours(first, WEEK), Hours(0, first + length - WEEK))


def openings(calendar: Calendar, start: datetime, end: datetime) -> pl.DataFrame:
    """When a calendar is open.

    Args:
        calendar: one schedule or several.
        start: aware.
        end: aware; not included.

    Returns:
        One row per time it is open without a break, in order: start, end (UTC). None: no row.
    """
    schedules = (calendar,) if isinstance(calendar, Schedule) else tuple(calendar)
    parts = [_opened(schedule, start.astimezone(UTC), end.astimezone(UTC)) for schedule in schedules]
    return _merged(pl.concat([pl.DataFrame(schema=_OPENINGS), *parts]))


def is_open_at(instants: pl.Series, calendar: Calendar) -> pl.Series:
    """Whether a calendar is open at each instant (UTC); it is until, and not at, the moment it closes. Null: null."""
    at = instants.cast(_INSTANT)
    first, last = at.min(), at.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return pl.repeat(None, len(at), dtype=pl.Boolean, eager=True).alias(instants.name)
    opened = openings(calendar, first, last + timedelta(seconds=1))
    is_open = pl.repeat(value=False, n=len(at), dtype=pl.Boolean, eager=True)
    if not opened.is_empty():
        place = opened["start"].search_sorted(at.fill_null(first), side="right").cast(pl.Int64) - 1
        is_open = (place >= 0) & (at < opened["end"].gather(place.clip(0)))
    return pl.select(pl.when(at.is_not_null()).then(is_open)).to_series().alias(instants.name)


def business_seconds(starts: pl.Series, ends: pl.Series, calendar: Calendar) -> pl.Series:
    """Seconds of each span that lie within a calendar's hours.

    Args:
        starts: instants (UTC).
        ends: as many; not included. However long a span is, all of it counts.
        calendar: one schedule or several.

    Returns:
        Seconds (Float64); null where start or end is null; 0 where the end is not after the start.
    """
    at, to = starts.cast(_INSTANT), ends.cast(_INSTANT)
    first, last = at.min(), to.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime) or first >= last:
        return _seconds(at, to, pl.repeat(0, len(at), dtype=pl.Int64, eager=True))
    opened = openings(calendar, first, last)
    return _seconds(at, to, _before(to, opened) - _before(at, opened))


def open_after(starts: pl.Series, seconds: float | pl.Series, opened: pl.DataFrame) -> pl.Series:
    """When a calendar has been open for so long since each instant: the inverse of `business_seconds`.

    Args:
        starts: instants (UTC).
        seconds: how long, the same or each its own; more than 0.
        opened: as `openings` gives them, from the first of these instants on.

    Returns:
        As many instants (UTC); null: not within these openings, or the start is null.
    """
    at, from_, to = starts.cast(_INSTANT), opened["start"].dt.epoch("us"), opened["end"].dt.epoch("us")
    lengths = to - from_
    whole = lengths.cum_sum()
    lasts = (seconds * 1e6).round().cast(pl.Int64) if isinstance(seconds, pl.Series) else round(seconds * 1e6)
    wanted = _before(at, opened) + lasts
    place = whole.search_sorted(wanted, side="left").cast(pl.Int64)
    held = pl.select(pl.when((place < opened.height) & at.is_not_null()).then(place)).to_series()
    end = from_.gather(held) + wanted - (whole - lengths).gather(held)
    return end.cast(_INSTANT)


def calendar_seconds(starts: pl.Series, ends: pl.Series) -> pl.Series:
    """Seconds of each span, to the last bit what `business_seconds` gives for a calendar that is always open."""
    at, to = starts.cast(_INSTANT), ends.cast(_INSTANT)
    return _seconds(at, to, to.dt.epoch("us") - at.dt.epoch("us"))


def assigned_business_seconds(
    spans: pl.DataFrame,
    assignments: pl.DataFrame,
    calendars: Mapping[str, Calendar],
    *,
    how: Literal["each", "last"] = "each",
    default: str | None = None,
) -> pl.Series:
    """Business seconds of items whose schedule changes on the way.

    Args:
        spans: one row per span of an item: item, start, end (UTC).
        assignments: one row per schedule given to an item: item, at (UTC), schedule (a name in `calendars`).
        calendars: by name.
        how: `each`: every schedule counts while it was assigned, the first one also for what was before it. `last`:
            the last one assigned before the span's end counts for all of it (Zendesk's way).
        default: the schedule of items that were given none; None: their seconds are null.

    Returns:
        One value per row of `spans`, in its order: seconds (Float64).

    Raises:
        KeyError: a schedule that `calendars` does not have.
    """
    rows = spans.select("item", pl.col("start", "end").cast(_INSTANT)).with_row_index("row")
    given = assignments.select("item", pl.col("at").cast(_INSTANT), "schedule").sort("at", maintain_order=True)
    pieces = rows.join(given, on="item", how="left", maintain_order="left_right").with_columns(
        pl.col("schedule").fill_null(pl.lit(default, pl.String))
    )
    is_first = pl.col("row") != pl.col("row").shift(1).fill_null(2**32 - 1)
    following = pl.when(pl.col("row") == pl.col("row").shift(-1)).then(pl.col("at").shift(-1))
    if how == "each":
        pieces = pieces.with_columns(
            start=pl.when(is_first).then("start").otherwise(pl.max_horizontal("start", "at")),
            end=pl.min_horizontal("end", following),
        )
    else:
        pieces = pieces.filter(is_first | (pl.col("at") < pl.col("end"))).unique(
            "row", keep="last", maintain_order=True
        )
    counted = [
        part.select("row", seconds=business_seconds(part["start"], part["end"], calendars[str(name)]))
        for (name,), part in pieces.filter(pl.col("schedule").is_not_null()).group_by("schedule")
    ]
    empty = pl.DataFrame(schema={"row": rows.schema["row"], "seconds": pl.Float64()})
    sums = pl.concat([empty, *counted]).group_by("row").agg(pl.col("seconds").sum())
    is_known = pl.col("start").is_not_null() & pl.col("end").is_not_null()
    return (
        rows.join(sums, on="row", how="left", maintain_order="left")
        .select(pl.when(is_known).then("seconds").alias("seconds"))
        .to_series()
    )


# ---- one schedule ----------------------------------------------------------------------------------------------------


def _opened(schedule: Schedule, start: datetime, end: datetime) -> pl.DataFrame:
    """When one schedule is open within a span; pieces of a day."""
    start = max(start, schedule.valid_from.astimezone(UTC)) if schedule.valid_from else start
    end = min(end, schedule.valid_to.astimezone(UTC)) if schedule.valid_to else end
    days = pl.DataFrame(schema=_OPENINGS)
    if start >= end:
        return days
    pieces = pl.DataFrame(
        list(_pieces(schedule.hours)), schema={"weekday": pl.Int8(), "from": pl.Int64(), "to": pl.Int64()}, orient="row"
    )
    spans = [_of_offset(*span, pieces, _closed(schedule, start, end)) for span in _offsets(schedule.zone, start, end)]
    return pl.concat([days, *spans])


def _pieces(hours: Iterable[Hours]) -> Iterable[tuple[int, int, int]]:
    """(weekday from 1, minutes of the day from and to) of weekly hours."""
    for span in hours:
        for day in range(span.start // DAY, (span.end - 1) // DAY + 1):
            yield day + 1, max(span.start - day * DAY, 0), min(span.end - day * DAY, DAY)


def _closed(schedule: Schedule, start: datetime, end: datetime) -> list[date]:
    first, last = start.date() - timedelta(days=1), end.date() + timedelta(days=1)
    own = [
        begins + timedelta(days=n)
        for begins, ends in ((max(begins, first), min(ends, last)) for begins, ends in schedule.holidays)
        for n in range((ends - begins).days + 1)
    ]
    years = range(first.year, last.year + 1) if schedule.region else ()
    return own + [day for year in years for day in days_off(schedule.region, year)]


def _of_offset(
    start: datetime, end: datetime, offset: timedelta, pieces: pl.DataFrame, closed: Sequence[date]
) -> pl.DataFrame:
    """When it is open while the zone's clock has one offset: what the wall shows, moved by it."""
    shift = offset // timedelta(microseconds=1)
    low, high = _us(start), _us(end)
    first, last = (low + shift) // _DAY_US, (high - 1 + shift) // _DAY_US
    days = pl.DataFrame({"day": pl.int_range(first, last + 1, dtype=pl.Int64, eager=True)}).with_columns(
        # 1 January 1970 was a Thursday
        weekday=((pl.col("day") + 3) % 7 + 1).cast(pl.Int8),
        date=pl.col("day").cast(pl.Int32).cast(pl.Date),
    )
    midnight = pl.col("day") * _DAY_US - shift
    return (
        days.filter(~pl.col("date").is_in(list(closed)))
        .join(pieces, on="weekday")
        .select(
            start=(midnight + pl.col("from") * _MINUTE_US)
            .clip(low, high)
            .cast(pl.Datetime("us"))
            .dt.replace_time_zone("UTC"),
            end=(midnight + pl.col("to") * _MINUTE_US)
            .clip(low, high)
            .cast(pl.Datetime("us"))
            .dt.replace_time_zone("UTC"),
        )
        .filter(pl.col("start") < pl.col("end"))
    )


@lru_cache(maxsize=64)
def _offsets(zone: str, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Spans of one offset from UTC; where it changes is found to the second."""
    clock = ZoneInfo(zone)
    found: list[tuple[datetime, datetime, timedelta]] = []
    began, at, offset = start, start, _offset(clock, start)
    while at < end:
        following = min(at + timedelta(hours=12), end)
        if _offset(clock, following) != offset:
            low, high = at, following
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                middle = middle if middle > low else low + timedelta(seconds=1)
                low, high = (low, middle) if _offset(clock, middle) != offset else (middle, high)
            following = high.replace(microsecond=0)
            found.append((began, following, offset))
            began, offset = following, _offset(clock, following)
        at = following
    return (*found, (began, end, offset)) if began < end else tuple(found)


def _offset(clock: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(clock).utcoffset() or timedelta(0)


def _us(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


# ---- sums ------------------------------------------------------------------------------------------------------------


def _merged(spans: pl.DataFrame) -> pl.DataFrame:
    """Spans that touch or overlap as one."""
    ordered = spans.sort("start", "end")
    reached = pl.col("end").cum_max().shift(1)
    group = (pl.col("start") > reached).fill_null(value=True).cum_sum()
    return (
        ordered.group_by(group.alias("group"), maintain_order=True)
        .agg(pl.col("start").first(), pl.col("end").max())
        .drop("group")
    )


def _before(at: pl.Series, opened: pl.DataFrame) -> pl.Series:
    """Microseconds open before each instant."""
    if opened.is_empty():
        return pl.repeat(0, len(at), dtype=pl.Int64, eager=True)
    starts, ends = (opened[name].dt.epoch("us") for name in ("start", "end"))
    lengths = ends - starts
    whole = lengths.cum_sum() - lengths
    instant = at.dt.epoch("us").fill_null(0)
    place = starts.search_sorted(instant, side="right").cast(pl.Int64) - 1
    held = place.clip(0)
    part = pl.select(pl.min_horizontal(instant, ends.gather(held)) - starts.gather(held)).to_series()
    return pl.select(pl.when(place >= 0).then(whole.gather(held) + part).otherwise(0)).to_series()


def _seconds(starts: pl.Series, ends: pl.Series, microseconds: pl.Series) -> pl.Series:
    is_known = starts.is_not_null() & ends.is_not_null()
    # by a series: Polars divides by a number by multiplying with its inverse, which is not exact
    exact = microseconds.clip(0) / pl.repeat(1e6, len(microseconds), dtype=pl.Float64, eager=True)
    return pl.select(pl.when(is_known).then(exact).alias("seconds")).to_series()


def following(schedules: Sequence[tuple[datetime, Schedule]]) -> tuple[Schedule, ...]:
    """The versions of one schedule, each from its instant until the next one's; the first also for the time before.

    Args:
        schedules: (from, schedule), in any order.
    """
    ordered = sorted(schedules, key=lambda each: each[0])
    bounds = [None, *(at for at, _ in ordered[1:]), None]
    return tuple(
        replace(schedule, valid_from=bounds[n], valid_to=bounds[n + 1]) for n, (_, schedule) in enumerate(ordered)
    )
