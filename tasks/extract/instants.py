"""Instants from texts: declared formats in order, ISO 8601 last; local times in the source's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

_MICROSECONDS: Final = pl.Datetime("us")
_UTC: Final = pl.Datetime("us", "UTC")
_ISO: Final = (
    r"^\s*(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?\s*$"
)
_USUAL: Final = (
    "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%d",
)  # fmt: skip
"""What ISO 8601 mostly looks like: read ten times faster than by the pattern."""
_MANY: Final = 1000
_TIMES: Final = ("%H", "%I", "%k", "%l", "%T", "%R", "%X", "%c", "%s", "%+", "%r")
_OFFSETS: Final = ("%z", "%:z", "%#z", "%s", "%+")


@dataclass(frozen=True)
class Instants:
    """Texts read as instants; three columns of the input's length.

    Attributes:
        values: UTC; null where nothing was given, or it could not be read.
        nonexistent: local times that the zone skipped (null in `values`).
        ambiguous: local times that came twice; the earlier instant was taken.
    """

    values: pl.Series
    nonexistent: pl.Series
    ambiguous: pl.Series


def to_instants(values: pl.Series, zone: str, formats: tuple[str, ...]) -> Instants:
    """Read times; aware ones keep their offset, naive ones are local in `zone`, days are its midnight.

    Args:
        values: texts, or dates and times that an expression made.
        zone: IANA name.
        formats: strftime formats, tried in order; ISO 8601 is tried after them.

    Returns:
        Instants; a day whose midnight the zone skipped begins an hour later, that is no missing time.
    """
    if values.dtype == pl.Date:
        return _in_zone(values.cast(_MICROSECONDS), zone, is_day=True)
    if isinstance(values.dtype, pl.Datetime):
        if values.dtype.time_zone is None:
            return _in_zone(values.cast(_MICROSECONDS), zone, is_day=False)
        return _certain(values.dt.convert_time_zone("UTC").cast(_UTC))
    texts = values.cast(pl.String)
    if int(texts.to_frame().select(pl.first().approx_n_unique()).item()) * 2 > len(texts):
        return _read(texts, zone, formats)
    # logs repeat their times many times over: read each once
    different = texts.drop_nulls().unique()
    read = _read(different, zone, formats)
    table = pl.DataFrame({"text": different, "at": read.values, "none": read.nonexistent, "twice": read.ambiguous})
    back = texts.to_frame("text").join(table, on="text", how="left", maintain_order="left")
    return Instants(back["at"], back["none"].fill_null(value=False), back["twice"].fill_null(value=False))


def _read(texts: pl.Series, zone: str, formats: tuple[str, ...]) -> Instants:
    """Each format reads what those before it left."""
    left, found = texts, list[Instants]()
    for written in (*formats, *_usual_first(texts)):
        found.append(_by_format(left, written, zone))
        is_read = found[-1].values.is_not_null() | found[-1].nonexistent
        left = pl.select(pl.when(~is_read).then(left)).to_series()
        if left.null_count() == len(left):
            break
    else:
        found.append(_by_iso(left, zone))
    return Instants(
        pl.select(pl.coalesce([part.values for part in found])).to_series(),
        pl.select(pl.any_horizontal([part.nonexistent for part in found])).to_series(),
        pl.select(pl.any_horizontal([part.ambiguous for part in found])).to_series(),
    )


def _usual_first(texts: pl.Series) -> Sequence[str]:
    """The usual formats, of many texts the one that reads the first of them first: no text is two instants by them."""
    if len(texts) < _MANY:
        return _USUAL
    one = texts.drop_nulls().head(1)
    reads = {written: _by_format(one, written, "UTC").values.null_count() == 0 for written in _USUAL}
    return sorted(_USUAL, key=lambda written: not reads[written])


def _by_format(texts: pl.Series, written: str, zone: str) -> Instants:
    if any(part in written for part in _OFFSETS):
        return _certain(texts.str.strptime(_UTC, written, strict=False))
    if written.endswith("Z"):
        return _certain(texts.str.strptime(_MICROSECONDS, written, strict=False).dt.replace_time_zone("UTC"))
    is_day = not any(part in written for part in _TIMES)
    return _in_zone(texts.str.strptime(_MICROSECONDS, written, strict=False), zone, is_day=is_day)


def _by_iso(texts: pl.Series, zone: str) -> Instants:
    """ISO 8601 as machines write it: day, optional time, fraction and offset."""
    day, minute, second, part, offset = (pl.col("t").str.extract(_ISO, group) for group in range(1, 6))
    written = pl.format("{} {}:{}.{}", day, minute.fill_null("00:00"), second.fill_null("00"), part.fill_null("0"))
    digits = offset.str.replace_all(r"[^0-9]", "").str.pad_end(4, "0")
    seconds = (
        digits.str.slice(0, 2).cast(pl.Int64, strict=False) * 3600
        + digits.str.slice(2, 2).cast(pl.Int64, strict=False) * 60
    )
    read = texts.to_frame("t").select(
        naive=written.str.strptime(_MICROSECONDS, "%Y-%m-%d %H:%M:%S%.f", strict=False),
        shift=pl.when(offset.str.contains(r"^[+-]")).then(
            pl.when(offset.str.starts_with("-")).then(-seconds).otherwise(seconds)
        ).when(offset.is_not_null()).then(0),
        is_day=minute.is_null(),
    )  # fmt: skip
    shifted = pl.when(pl.col("shift").is_not_null()).then(pl.col("naive") - pl.duration(seconds="shift"))
    aware = read.select(shifted.dt.replace_time_zone("UTC")).to_series()
    days = _in_zone(read.select(pl.when("is_day").then("naive")).to_series(), zone, is_day=True)
    local = read.select(pl.when(pl.col("shift").is_null() & ~pl.col("is_day")).then("naive")).to_series()
    times = _in_zone(local, zone, is_day=False)
    return Instants(
        pl.select(pl.coalesce(aware, times.values, days.values)).to_series(), times.nonexistent, times.ambiguous
    )


def _in_zone(naive: pl.Series, zone: str, *, is_day: bool) -> Instants:
    """Local times as instants: the earlier of two, null for those that the zone skipped."""
    if zone == "UTC":
        return _certain(naive.dt.replace_time_zone("UTC"))
    earlier = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    later = naive.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null").dt.convert_time_zone("UTC")
    nonexistent = naive.is_not_null() & earlier.is_null()
    ambiguous = (earlier != later).fill_null(value=False)
    if is_day and nonexistent.any():
        next_hour = naive.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return _certain(pl.select(pl.coalesce(earlier, next_hour.dt.convert_time_zone("UTC"))).to_series())
    return Instants(earlier, nonexistent, pl.repeat(value=False, n=len(naive), eager=True) if is_day else ambiguous)


def _certain(values: pl.Series) -> Instants:
    never = pl.repeat(value=False, n=len(values), eager=True)
    return Instants(values, never, never)
