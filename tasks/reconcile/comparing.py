"""Both sides, measure by measure: every pair of values with its class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from domain.calendars import Calendar
from tasks.reconcile.classes import EQUAL, ROUNDING, UNKNOWN, Late, classified, plain, timed
from tasks.reconcile.clocks import Ways, duration_ways, instant_ways, their_zone, wall_seconds
from tasks.reconcile.export import Export
from tasks.reconcile.matching import LEFT_OUT, Cover, matched
from tasks.reconcile.ours import Ours
from tasks.reconcile.reading import Theirs

MEASURES: Final = ("tickets", "opened", "first_reply", "resolution", "status", "reopens", "satisfaction")
OURS_AT: Final = {"opened": "opened_at", "first_reply": "reply_at", "resolution": "solved_at"}
_THEN: Final = {"opened": "opened_at", "first_reply": "reply_then", "resolution": "solved_then"}
_AS_INSTANT: Final = {"opened": "opened", "first_reply": "first_reply_at", "resolution": "resolved_at"}


@dataclass(frozen=True)
class Compared:
    """What came out.

    Attributes:
        tickets: every ticket of either side; see `matching.matched`.
        pairs: by measure: key, url, opened_at, class, ours, theirs. Instants, seconds, words or numbers.
        ways: how each column of durations counts, by measure.
        other_zone: the zone that their times seem to be of, if not the declared one.
    """

    tickets: pl.DataFrame
    pairs: Mapping[str, pl.DataFrame]
    ways: Mapping[str, Ways]
    other_zone: str | None

    @property
    def n_compared(self) -> int:
        """Values set beside each other."""
        return sum(frame.height for frame in self.pairs.values())

    @property
    def n_unknown(self) -> int:
        """Differences that nothing explains."""
        return sum(int((frame["class"] == UNKNOWN).sum()) for frame in self.pairs.values())

    @property
    def n_different(self) -> int:
        """Differences that are more than rounding."""
        same = [EQUAL, ROUNDING]
        return sum(int((~frame["class"].is_in(same)).sum()) for frame in self.pairs.values())


def compared(
    theirs: Theirs, ours: Ours, export: Export, cover: Cover, calendars: Mapping[str, Calendar],
    likely_zones: Sequence[str] = (),
) -> Compared:  # fmt: skip
    """Both sides, set beside each other.

    Args:
        theirs: their side.
        ours: our side.
        export: how theirs is written.
        cover: the days that it covers.
        calendars: opening hours by name; with `time: business` the declared one is among them.
        likely_zones: zones that the project names.
    """
    found = matched(theirs, ours, cover, export.zone, None)
    other_zone = _other_zone(found.filter(pl.col("class") == EQUAL), theirs, export.zone, likely_zones)
    if other_zone is not None:
        found = matched(theirs, ours, cover, export.zone, other_zone)
    both = found.filter(pl.col("class") == EQUAL)
    late = Late(ours.exported_at, ours.known_until)
    pairs, counting = {"tickets": _presence(found)}, dict[str, Ways]()
    for measure in ("opened", "first_reply", "resolution"):
        column = measure if measure in theirs.fields and measure != "opened" else _AS_INSTANT[measure]
        if column in theirs.fields:
            ways = _ways(column, measure, theirs, export, calendars, likely_zones, other_zone)
            if column == measure and measure != "opened":
                counting[measure] = ways
            pairs[measure] = _timed(both, measure, column, ways, ours, late, export.zone)
    if "status" in theirs.fields:
        said = both.filter(pl.col("their_status").is_not_null())
        pairs["status"] = _plain(said, "status", "their_status", "status_then", late)
    if "reopens" in theirs.fields:
        said = both.filter(pl.col("their_reopens").is_not_null())
        pairs["reopens"] = _plain(said, "n_reopens", "their_reopens", "reopens_then", late, counts=True)
    if "satisfaction" in theirs.fields:
        pairs["satisfaction"] = _satisfaction(both, late)
    return Compared(found, pairs, counting, other_zone)


def _ways(
    column: str, measure: str, theirs: Theirs, export: Export, calendars: Mapping[str, Calendar], likely: Sequence[str],
    other: str | None,
) -> Ways:  # fmt: skip
    if column != measure or measure == "opened":
        return instant_ways(theirs.steps[column], export.zone, other)
    declared = export.hours if export.time == "business" else None
    return duration_ways(theirs.steps[column], export.zone, calendars, likely, declared=declared)


def _presence(found: pl.DataFrame) -> pl.DataFrame:
    counted = found.filter(pl.col("class") != LEFT_OUT)
    opened = pl.coalesce("opened_at", "their_opened") if "their_opened" in found.columns else pl.col("opened_at")
    return counted.select(
        "key", "url", "class", opened_at=opened,
        ours=pl.coalesce(pl.col("word"), pl.col("ours"), pl.lit("not there")),
        theirs=pl.coalesce(pl.col("theirs"), pl.lit("not there")),
    )  # fmt: skip


def _other_zone(both: pl.DataFrame, theirs: Theirs, zone: str, likely: Sequence[str]) -> str | None:
    """The zone whose clock their times show, if some of them are not those of the declared one."""
    pairs: list[pl.DataFrame] = []
    steps: list[float] = []
    for measure, column in _AS_INSTANT.items():
        if column in theirs.fields:
            step = theirs.steps[column]
            pair = both.select(ours=OURS_AT[measure], theirs=f"their_{column}").drop_nulls()
            apart = (wall_seconds(pair["ours"], zone, step) - wall_seconds(pair["theirs"], zone, step)).abs()
            pairs.append(pair.filter(apart >= min(step, 86_400.0)))
            steps.append(step)
    return their_zone(pairs, zone, likely, steps)


def _timed(
    both: pl.DataFrame, measure: str, column: str, ways: Ways, ours: Ours, late: Late, zone: str
) -> pl.DataFrame:
    is_instant = column == _AS_INSTANT[measure]
    their = pl.col(f"their_{column}")
    held = both.select(
        "key", "url", "opened_at", "version_at", "has_history",
        at=OURS_AT[measure], at_then=_THEN[measure], updated="their_updated",
        native=their,
        theirs_at=their if is_instant else pl.col("opened_at") + pl.duration(microseconds=their * 1e6),
    ).filter(pl.col("at").is_not_null() | pl.col("native").is_not_null())  # fmt: skip
    seconds = wall_seconds(held["native"], zone, ways.step) if is_instant else held["native"]
    held = held.with_columns(theirs=seconds)
    comments = ours.comments if measure == "first_reply" else None
    turns = ours.turns if measure == "resolution" else None
    judged = classified(held, timed(ways, late, comments, turns))
    mine = judged["at"] if is_instant else ways.plain(judged["opened_at"], judged["at"])
    return judged.select("key", "url", "opened_at", "class", ours=mine, theirs="native")


def _plain(said: pl.DataFrame, mine: str, their: str, then: str, late: Late, *, counts: bool = False) -> pl.DataFrame:
    held = said.select(
        "key", "url", "opened_at", "version_at", "has_history", then, updated="their_updated", ours=mine, theirs=their
    )
    judged = classified(held, plain(late, then=then, counts=counts))
    return judged.select("key", "url", "opened_at", "class", "ours", "theirs")


def _satisfaction(both: pl.DataFrame, late: Late) -> pl.DataFrame:
    by_word = both["their_is_satisfied"].null_count() < both.height
    mine, their, then = (
        ("is_satisfied", "their_is_satisfied", "satisfied_then") if by_word
        else ("score", "their_satisfaction", "score_then")
    )  # fmt: skip
    numbers = both.with_columns(pl.col(mine, their, then).cast(pl.Float64))
    said = numbers.filter(pl.col(mine).is_not_null() | pl.col(their).is_not_null())
    return _plain(said, mine, their, then, late)
