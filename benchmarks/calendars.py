"""Business time of many spans: seconds and memory, beside numpy's business days and a loop in plain Python.

python -m benchmarks.calendars
python -m benchmarks.calendars --spans 10000000

Each way runs in a process of its own over the same spans, and all must give the same seconds. numpy.busday_count knows
whole days alone, so hours of the day are added to it by hand; that holds because these hours lie where no clock changes.
The loop does a sample.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from benchmarks.arguments import parser_of
from benchmarks.clock import watched
from domain.calendars import DAY, Hours, Schedule, business_seconds
from domain.public_holidays import days_off

ZONE, REGION, OPENS, CLOSES = "Europe/Berlin", "DE-BE", 8 * 3600, 18 * 3600
FIRST, N_DAYS = datetime(2023, 1, 1, tzinfo=UTC), 3 * 365
MOST_SAMPLED = 20_000
SEED = 20_260_316


def spans(n: int) -> pl.DataFrame:
    """So many spans over three years, half of them shorter than 16 h, the longest of months: start, end (UTC)."""
    rng = np.random.default_rng(SEED)
    starts = rng.integers(0, N_DAYS * 86_400 * 1_000_000, n)
    lengths = np.minimum(np.exp(rng.normal(np.log(16 * 3600), 1.8, n)), 180 * 86_400) * 1_000_000
    us = pl.DataFrame({"start": starts, "end": starts + lengths.astype(np.int64)})
    return us.select((pl.lit(FIRST) + pl.col(name).cast(pl.Duration("us"))).alias(name) for name in us.columns)


def ours(held: pl.DataFrame) -> pl.Series:
    """The product's own."""
    hours = tuple(Hours(day * DAY + OPENS // 60, day * DAY + CLOSES // 60) for day in range(5))
    return business_seconds(held["start"], held["end"], Schedule(ZONE, hours, region=REGION))


def by_numpy(held: pl.DataFrame) -> pl.Series:
    """Whole business days by numpy.busday_count, the rest by hand, on local time."""
    days = np.busdaycalendar(holidays=np.array(closed(), dtype="datetime64[D]"))
    start, end = (
        held[name].dt.convert_time_zone(ZONE).dt.replace_time_zone(None).to_numpy() for name in ("start", "end")
    )
    whole = np.busday_count(start.astype("datetime64[D]"), end.astype("datetime64[D]"), busdaycal=days)
    return pl.Series(whole * (CLOSES - OPENS) + _worked(end, days) - _worked(start, days), dtype=pl.Float64)


def _worked(at: Any, days: Any) -> Any:
    """Seconds open on an instant's own day, before it."""
    day = at.astype("datetime64[D]")
    clock = (at - day) / np.timedelta64(1, "s")
    since = np.clip(clock, OPENS, CLOSES) - OPENS
    return np.asarray(np.is_busday(day, busdaycal=days), dtype=np.int64) * since


def by_loop(held: pl.DataFrame) -> pl.Series:
    """One span after another, one day after another."""
    zone, off = ZoneInfo(ZONE), set(closed())
    return pl.Series([_looped(start, end, zone, off) for start, end in held.iter_rows()], dtype=pl.Float64)


def _looped(start: datetime, end: datetime, zone: ZoneInfo, off: set[date]) -> float:
    found, day, last = timedelta(0), start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        if day.weekday() < 5 and day not in off:
            opens = datetime(day.year, day.month, day.day, OPENS // 3600, tzinfo=zone).astimezone(UTC)
            closes = datetime(day.year, day.month, day.day, CLOSES // 3600, tzinfo=zone).astimezone(UTC)
            found += max(min(end, closes) - max(start, opens), timedelta(0))
        day += timedelta(days=1)
    return found / timedelta(seconds=1)


def closed() -> list[date]:
    """Public holidays of the years the spans lie in."""
    return [day for year in range(FIRST.year, FIRST.year + 5) for day in days_off(REGION, year)]


WAYS: dict[str, Callable[[pl.DataFrame], pl.Series]] = {"ours": ours, "numpy.busday": by_numpy, "loop": by_loop}


def one_way(way: str, source: Path, target: Path) -> None:
    """Read the spans, count, write what was found and how long counting alone took."""
    held = pl.read_parquet(source)
    held = held.head(MOST_SAMPLED) if way == "loop" else held
    closed()  # the library of holidays is loaded before the clock starts, for all
    begun = time.perf_counter()
    found = WAYS[way](held)
    seconds = time.perf_counter() - begun
    found.alias("seconds").to_frame().write_parquet(target.with_suffix(".parquet"))
    target.write_text(json.dumps({"n": held.height, "seconds": round(seconds, 3)}), encoding="utf-8")


def bench(n: int) -> list[dict[str, Any]]:
    """One row per way: way, spans counted, seconds, seconds per million, highest memory of its process (MiB).

    Raises:
        SystemExit: two ways differ.
    """
    rows: list[dict[str, Any]] = []
    first: pl.Series | None = None
    with TemporaryDirectory(prefix="cxloop-bench-") as kept:
        source = Path(kept) / "spans.parquet"
        spans(n).write_parquet(source)
        for way in WAYS:
            target = Path(kept) / f"{way.replace('.', '-')}.json"
            command = [sys.executable, "-m", "benchmarks.calendars", "--way", way, str(source), str(target)]
            cost = watched(lambda command=command: subprocess.Popen(command))
            told = json.loads(target.read_text(encoding="utf-8"))
            found = pl.read_parquet(target.with_suffix(".parquet"))["seconds"]
            first = found if first is None else first
            worst = (found - first.head(len(found))).abs().max()
            if not isinstance(worst, float) or worst > 1e-3:
                raise SystemExit(f"{way} differs from the first by up to {worst} s")
            rows.append({"way": way, **told, "s_per_million": round(told["seconds"] / told["n"] * 1e6, 2),
                         "rss_mib": cost.rss_mib})  # fmt: skip
    return rows


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--way", nargs=3, metavar=("WAY", "SPANS", "TARGET"), help="one way alone, for its process")
    wanted = parser.parse_args()
    if wanted.way:
        way, source, target = wanted.way
        return one_way(way, Path(source), Path(target))
    for row in bench(wanted.spans):
        print(json.dumps(row))
    return None


if __name__ == "__main__":
    main()
