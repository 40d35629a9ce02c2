"""The ways in which a column may count time: as instants of a zone, or as a duration by one clock or another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import available_timezones

import polars as pl

from domain.calendars import Calendar, business_seconds
from tasks.reconcile.reading import DAY_S

SAMPLE: Final = 1_000
"""Rows that the search for their zone looks at."""
ENOUGH: Final = 3
"""Instants that a zone which the project does not name must explain: one alone it may explain by chance."""

Way = Callable[[pl.Series, pl.Series], pl.Series]
"""Instants of the contact, and of what happened, to seconds as the column would say."""


@dataclass(frozen=True)
class Ways:
    """How one column counts.

    Attributes:
        plain: as it was declared.
        other: other ways, by the class of difference that they make; each with words for it.
        step: seconds between two values that the column can tell apart.
    """

    plain: Way
    step: float
    other: Mapping[str, Sequence[tuple[str, Way]]] = field(default_factory=dict[str, Sequence[tuple[str, Way]]])

    @property
    def clocks(self) -> list[Way]:
        """The declared way, then calendar and business time; two things that differ at once are rarer than one."""
        return [self.plain, *(way for _, way in self.other.get("business hours", ()))]

    def meets(self, way: Way, frame: pl.DataFrame, at: str = "at") -> pl.Series:
        """Whether `theirs` is what this way makes of the instant in `at`, as fine as the column is."""
        far = (way(frame["opened_at"], frame[at]) - frame["theirs"]).abs()
        return (far < max(self.step, 1e-3)).fill_null(value=False)


def duration_ways(
    step: float, zone: str, calendars: Mapping[str, Calendar], zones: Sequence[str] = (), *, declared: str | None = None
) -> Ways:
    """Ways of a duration.

    Args:
        step: its fineness in seconds.
        zone: whose wall clock their times show.
        calendars: opening hours that the roadmap declares, by name.
        zones: zones that the project names: one end of a duration may have been read in the wrong one of them.
        declared: the calendar their column is said to count by; None: every minute counts.
    """
    others = {"business hours": [(f"in the hours of {name}", _business(hours)) for name, hours in calendars.items()]}
    apart = [
        (f"with one end read in {other}", _one_end(other, sign)) for other in dict.fromkeys(zones) for sign in (1, -1)
        if other != "UTC"
    ]  # fmt: skip
    others["time zone"] = [(f"from one wall clock's time to another in {zone}", _by_wall(zone)), *apart]
    if declared is None:
        return Ways(_calendar, step, others)
    calendar = [("in calendar time", _calendar)]
    rest = [way for way in others["business hours"] if way[0] != f"in the hours of {declared}"]
    return Ways(_business(calendars[declared]), step, {**others, "business hours": [*calendar, *rest]})


def instant_ways(step: float, zone: str, other_zone: str | None) -> Ways:
    """Ways of an instant: the wall's clock of the declared zone, or of the one that they seem to have written in."""
    shift = [(f"as {other_zone} reads it", _wall(other_zone, step))] if other_zone else []
    return Ways(_wall(zone, step), step, {"time zone": shift})


def wall_seconds(instants: pl.Series, zone: str, step: float) -> pl.Series:
    """What the wall's clock of a zone shows, as seconds; of days alone, the day."""
    wall = instants.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    wall = wall.dt.truncate("1d") if step >= DAY_S else wall
    return wall.dt.epoch("us") / 1e6


def their_zone(pairs: Sequence[pl.DataFrame], zone: str, likely: Sequence[str], steps: Sequence[float]) -> str | None:
    """The zone whose clock their instants show, where they are not those of the declared one.

    Every zone there is, with its changes to summer time, is tried on the instants that differ. Of those that explain
    most the likeliest is taken: one that the project names, then the first by name. One that it does not name must
    explain several.

    Args:
        pairs: one frame per column: ours, theirs (instants); those that differ.
        zone: as declared.
        likely: zones that the project names.
        steps: fineness in seconds, one per frame.

    Returns:
        Its name; None where no zone explains any.
    """
    held = [(_sampled(pair), step) for pair, step in zip(pairs, steps, strict=True) if not pair.is_empty()]
    if not held:
        return None
    theirs = [wall_seconds(pair["theirs"], zone, step) for pair, step in held]

    def explained(candidate: str) -> int:
        return sum(
            int(((wall_seconds(pair["ours"], candidate, step) - wall).abs() < min(step, DAY_S)).sum())
            for (pair, step), wall in zip(held, theirs, strict=True)
        )

    named = [name for name in dict.fromkeys(("UTC", *likely)) if name != zone]
    others = sorted(name for name in available_timezones() if _is_a_place(name) and name not in named)
    hits = {name: explained(name) for name in (*named, *others)}
    possible = [name for name, n in hits.items() if n >= (1 if name in named else ENOUGH)]
    return max(possible, key=lambda name: hits[name]) if possible else None  # the first of several


def _is_a_place(name: str) -> bool:
    return "/" in name and not name.startswith(("Etc/", "posix/", "right/", "US/", "SystemV/")) and name != "localtime"


def _sampled(pair: pl.DataFrame) -> pl.DataFrame:
    return pair if pair.height <= SAMPLE else pair.gather_every(pair.height // SAMPLE + 1)


def _calendar(opened: pl.Series, at: pl.Series) -> pl.Series:
    return (at - opened).dt.total_microseconds().clip(0) / 1e6


def _business(hours: Calendar) -> Way:
    return lambda opened, at: business_seconds(opened, at, hours)


def _by_wall(zone: str) -> Way:
    return lambda opened, at: wall_seconds(at, zone, 0) - wall_seconds(opened, zone, 0)


def _one_end(zone: str, sign: int) -> Way:
    """One end is a local time that was taken for UTC, or the other way round."""

    def counted(opened: pl.Series, at: pl.Series) -> pl.Series:
        return (at - opened).dt.total_microseconds() / 1e6 + sign * (
            wall_seconds(at, zone, 0) - at.dt.epoch("us") / 1e6
        )

    return counted


def _wall(zone: str, step: float) -> Way:
    return lambda _, at: wall_seconds(at, zone, step)
