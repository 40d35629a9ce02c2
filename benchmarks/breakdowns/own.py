"""The five break-downs by the functions that measure them in a run: entries, daily parts, values.

python -m benchmarks.breakdowns.own FACTS RESULT.parquet --times TIMES.json
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import polars as pl

from benchmarks.breakdowns.asked import DIMENSIONS, FIRST, LAST, ZONE, run
from domain.estimates import points_within
from domain.kpis import KPIS
from domain.scopes import parsed
from tasks.measure.contacts import reply_times, tickets
from tasks.measure.entries import parts
from tasks.measure.feedback import answers

READ = ("status", "sla_met")
"""Fields of events that these KPIs read, besides public comments."""
N_AT_ONCE = 250_000
N_THREADS = 3
DAYS = [(FIRST + timedelta(days=i), FIRST + timedelta(days=i + 1)) for i in range((LAST - FIRST).days + 1)]
UNKNOWN = {name: pl.lit(None, pl.Datetime("us", "UTC")) for name in ("first_reply_at", "deleted_at")}
NOBODY = pl.lit(None, pl.Categorical)
SCALE = {
    "measure": pl.lit("nps"), "direction": pl.lit("up"), "scale_low": pl.lit(0.0), "scale_high": pl.lit(10.0),
    "deleted_at": UNKNOWN["deleted_at"], "persona": NOBODY,
}  # fmt: skip


def answered(folder: Path) -> pl.DataFrame:
    """One row per break-down, dimension, member and day."""
    made: dict[str, list[pl.DataFrame]] = {}
    with ThreadPoolExecutor(N_THREADS) as threads:  # piece by piece, as a run goes through a long history
        pieces = [threads.submit(piece, folder, names) for names in together(folder)]
        pieces.append(threads.submit(piece_of_answers, folder))
        for done in pieces:
            for kpi, held in done.result():
                made.setdefault(kpi, []).append(held)
        shares = (share for held in made.values() for share in shares_of(pl.concat(held)))
        return pl.concat(threads.map(lambda held: shown(points_within(held, {"day": DAYS})), shares))


def shares_of(held: pl.DataFrame) -> list[pl.DataFrame]:
    """The parts of one KPI, some scopes in each share: more shares than threads, as they are not equally large."""
    place = pl.col("scope").rank("dense") % (2 * N_THREADS)
    return held.with_columns(place=place).partition_by("place", include_key=False)


def together(folder: Path) -> Iterator[list[str]]:
    """Files one after the other, at least so many tickets at a time."""
    names: list[str] = []
    n_held = 0
    for place in sorted((folder / "tickets").iterdir()):
        names.append(place.name)
        n_held += pl.scan_parquet(place).select(pl.len()).collect().item()
        if n_held >= N_AT_ONCE:
            yield names
            names, n_held = [], 0
    if names:
        yield names


def piece(folder: Path, names: Sequence[str]) -> list[tuple[str, pl.DataFrame]]:
    """The parts of the tickets in some files."""
    held = contacts([folder / "tickets" / name for name in names], [folder / "events" / name for name in names])
    return [(kpi, parts(entries, KPIS[kpi])) for kpi, entries in held]


def piece_of_answers(folder: Path) -> list[tuple[str, pl.DataFrame]]:
    """The parts of all answers."""
    said = pl.read_parquet(folder / "answers").with_columns(
        pl.col(*DIMENSIONS["nps"]).cast(pl.Categorical), **SCALE, score=pl.col("score").cast(pl.Float64)
    )
    return [("nps", parts(answers.nps(said, ZONE), KPIS["nps"]))]


def contacts(tickets_files: Sequence[Path], events_files: Sequence[Path]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The entries of some tickets, KPI by KPI."""
    is_reply = (pl.col("field") == "comment") & pl.col("is_public") & pl.col("actor_role").is_in(["agent", "bot"])
    told = pl.scan_parquet(events_files).filter(pl.col("field").is_in(READ) | is_reply)
    told = told.select("ticket_id", "at", "field", "old", "new", "sequence", "actor_role", "is_public").collect()
    rows = pl.read_parquet(tickets_files).with_columns(
        pl.col(*DIMENSIONS["sla_attainment"]).cast(pl.Categorical),
        **UNKNOWN,
        persona=NOBODY,
        excluded_as=pl.lit(None, pl.String),
    )
    held, events = tickets.numbered(tickets.contacts(rows), told)
    yield "ticket_volume", tickets.volume(held, ZONE)
    turned = tickets.turns(held, events)
    yield "first_reply_time", reply_times.first_reply(reply_times.with_replies(held, events), turned, ZONE)
    yield "sla_attainment", tickets.sla(held, events, ZONE)
    yield "backlog", tickets.backlog(held, turned, ZONE)


def shown(values: pl.DataFrame) -> pl.DataFrame:
    """Values as the others give them."""
    scopes = {scope: next(iter(parsed(scope).items()), ("all", "")) for scope in values["scope"].unique()}
    return values.filter(pl.col("n") != 0).select(
        breakdown="kpi",
        dimension=pl.col("scope").replace_strict({scope: name for scope, (name, _) in scopes.items()}),
        member=pl.col("scope").replace_strict({scope: member for scope, (_, member) in scopes.items()}),
        day="period_start", n="n", value="value",
    )  # fmt: skip


if __name__ == "__main__":
    run(answered)
