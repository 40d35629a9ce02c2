"""Why two values of one ticket differ: each difference gets the first class that reproduces their value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from tasks.reconcile.clocks import Ways

EQUAL, ROUNDING, UNKNOWN = "equal", "rounding", "unknown"
MEANINGS: Final = {
    "business hours": "One side counts opening hours only, the other every minute.",
    "time zone": "One side read a time, or one end of a duration, by the clock of another zone, or counted the hour "
                 "of a change of the clocks.",
    "role at comment time": "One side's first reply is by somebody whom the other side does not count as an agent: "
                            "we count who was an agent or bot when writing, many exports who is one today.",
    "reopened": "It was reopened: their figure stands at an earlier solve, ours at the last one; or they count "
                "whether, we how often.",
    "deleted": "Deleted on one side and not on the other.",
    "excluded": "We leave it out as no contact (spam, test, merged, outbound); they count it.",
    "set aside": "Its row waits in our quarantine: `cxloop quarantine list`.",
    "late": "It changed after their export, or after our last fetch.",
    ROUNDING: "The same, within what their column can tell apart.",
    UNKNOWN: "Nothing we know of explains it.",
}  # fmt: skip
"""Every class of difference, in a sentence."""


@dataclass(frozen=True)
class Late:
    """When each side was looked at: exported_at by them, known_until by us; None: not known."""

    exported_at: datetime | None
    known_until: datetime | None


Check = Callable[[pl.DataFrame], pl.Series]


def classified(pairs: pl.DataFrame, checks: list[tuple[str, Check]]) -> pl.DataFrame:
    """Each pair with its class.

    Args:
        pairs: one row per ticket: key and what the checks look at.
        checks: word and check, in order; a check sees the pairs that none before it explained.

    Returns:
        The pairs, in their order, with class; those that no check explains are `unknown`.
    """
    left, done = pairs.with_row_index("place"), list[pl.DataFrame]()
    for word, check in checks:
        if left.is_empty():
            break
        holds = check(left).fill_null(value=False)
        done.append(left.filter(holds).select("place", pl.lit(word).alias("class")))
        left = left.filter(~holds)
    done.append(left.select("place", pl.lit(UNKNOWN).alias("class")))
    found = pl.concat(done)
    return pairs.with_row_index("place").join(found, on="place", how="left", maintain_order="left").drop("place")


def timed(ways: Ways, late: Late, comments: pl.DataFrame | None = None, turns: pl.DataFrame | None = None) -> list[
    tuple[str, Check]
]:  # fmt: skip
    """Checks of an instant or a duration.

    Pairs have key, opened_at, at (our instant), at_then (as of their export), theirs (seconds as their column says),
    version_at, updated, has_history.

    Args:
        ways: how their column counts.
        late: when each side was looked at.
        comments: for a first reply: key, at, is_reply, is_agent_now, is_bot.
        turns: for a resolution: key, at of every solve.
    """
    checks: list[tuple[str, Check]] = [
        (EQUAL, lambda p: (ways.plain(p["opened_at"], p["at"]) - p["theirs"]).abs() < 1e-3),
        (ROUNDING, lambda p: ways.meets(ways.plain, p)),
    ]
    for word, others in ways.other.items():
        checks.append((word, lambda p, others=others: _any([ways.meets(way, p) for _, way in others], p)))
    checks.append(("late", lambda p: _as_it_was(ways, p)))
    if comments is not None:
        checks.append(("role at comment time", lambda p: _meets_any(ways, p, comments) | _no_agent(p, comments)))
    if turns is not None:
        checks.append(("reopened", lambda p: _meets_any(ways, p, turns)))
    return [*checks, ("late", lambda p: is_late(p, late))]


def plain(late: Late, *, then: str, counts: bool = False) -> list[tuple[str, Check]]:
    """Checks of a word or a number: pairs have key, ours, theirs, `then` and what `is_late` looks at."""
    checks: list[tuple[str, Check]] = [
        (EQUAL, lambda p: p["ours"] == p["theirs"]),
        ("late", lambda p: p[then].eq_missing(p["theirs"]) & p[then].ne_missing(p["ours"])),
    ]
    if counts:
        checks.append(("reopened", lambda p: (p["theirs"] == 1) & (p["ours"] > 1)))
    return [*checks, ("late", lambda p: is_late(p, late))]


def is_late(pairs: pl.DataFrame, late: Late) -> pl.Series:
    """Whether one side was looked at before the ticket's last change.

    Where its changes are known one by one, that they came after the export is not enough: undone, they must give
    their figure.
    """
    exported = pl.coalesce("updated", pl.lit(late.exported_at, pl.Datetime("us", "UTC")))
    ours_later = ~pl.col("has_history") & (pl.col("version_at") > exported)
    # a minute: what the vendor shows as changed may be cut to it
    theirs_later = pl.col("updated") >= pl.col("version_at").dt.offset_by("1m")
    beyond = pl.lit(value=False)
    if late.known_until is not None and "theirs_at" in pairs.columns:
        beyond = pl.col("theirs_at") >= late.known_until
    return pairs.select(
        pl.any_horizontal(e.fill_null(value=False) for e in (ours_later, theirs_later, beyond))
    ).to_series()


def _as_it_was(ways: Ways, pairs: pl.DataFrame) -> pl.Series:
    """Whether their value is what ours was when they exported: for one that was not there yet, nothing."""
    changed = pairs["at_then"].ne_missing(pairs["at"])
    both_nothing = pairs["at_then"].is_null() & pairs["theirs"].is_null()
    return changed & (both_nothing | _any([ways.meets(way, pairs, "at_then") for way in ways.clocks], pairs))


def _meets_any(ways: Ways, pairs: pl.DataFrame, happened: pl.DataFrame) -> pl.Series:
    """Whether their value is that of any of the instants at which it happened."""
    asked = pairs.filter(pl.col("theirs").is_not_null()).select("key", "opened_at", "theirs")
    moments = asked.join(happened.select("key", "at"), on="key")
    hits = moments.filter(_any([ways.meets(way, moments) for way in ways.clocks], moments))
    return pairs["key"].is_in(hits["key"].unique().implode())


def _no_agent(pairs: pl.DataFrame, comments: pl.DataFrame) -> pl.Series:
    """Whether they have no first reply, and none of ours is by a person who is an agent today."""
    gone = (
        comments.filter("is_reply")
        .group_by("key")
        .agg(is_gone=(pl.col("is_bot") | ~pl.col("is_agent_now")).fill_null(value=False).all())
        .filter("is_gone")
    )
    return pairs["theirs"].is_null() & pairs["key"].is_in(gone["key"].implode())


def _any(holds: list[pl.Series], pairs: pl.DataFrame) -> pl.Series:
    never = pl.repeat(value=False, n=pairs.height, eager=True)
    return pl.select(pl.any_horizontal([never, *holds])).to_series() if holds else never
