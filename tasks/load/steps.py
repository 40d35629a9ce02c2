"""Publish one batch: rows, quarantine, counts, cursor and dirty days commit together, or not at all."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection

from domain.context import RunContext
from domain.errors import BatchRejectedError, CxLoopError
from domain.facts import FACT_TABLES
from domain.roadmap import load_roadmap
from sql.frames import schema_of
from sql.queries.facts import booking, existing, hand_over, rows_of_batches, ticket_instants
from sql.queries.intake import (
    batch,
    landed_later,
    mark_replayed,
    position_of,
    refused_before,
    replace,
    same_content,
    set_batch,
    stream_position,
    tables_fed,
)
from sql.queries.kpis import valued_through
from sql.store import Store, store_at
from sql.tables import FACTS, batch_tables, cursors, dirty_days, quarantine
from sql.tables.facts import BOOKED_AGAIN
from tasks.load.changes import INSERTED, SUPERSEDED, UNCHANGED, UPDATED, balance, classified, days_of, hashed, nothing

NOTED = ("n_ambiguous_times", "n_swapped_dates", "n_without_score")
HELPDESK = ("tickets", "ticket_events")


@task(name="load batch", cache_policy=NO_CACHE, persist_result=False)
def load_batch(context: RunContext, batch_id: str) -> dict[str, int]:
    """Publish a validated batch; rows by what became of them.

    Raises:
        BatchRejectedError: validation refused it; its rows are in quarantine, nothing is published.
    """
    folder = context.project.staging / batch_id
    verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    set_aside = pl.concat([pl.read_parquet(folder / f"{name}.parquet") for name in ("set_aside", "quarantined")])
    zone = load_roadmap(context.project.roadmap).zone.key
    store = store_at(context.folder)
    is_rejected = verdict["outcome"] == "rejected"
    with store.transaction(context.run_id) as connection:
        row = batch(connection, batch_id)
        changes = nothing()
        if not is_rejected:
            changes = _publish(connection, row, folder, zone)
        _quarantine(connection, row, set_aside)
        told = json.dumps(verdict, sort_keys=True)
        if is_rejected:
            set_batch(connection, batch_id, state="rejected", verdict=told)
        else:
            set_batch(connection, batch_id, state="published", verdict=told, published_at=datetime.now(UTC))
            _move_cursor(connection, row)
    changes["quarantined"] = set_aside.height
    get_run_logger().info("loaded %s: %s", row["name"], " ".join(f"{k}={v}" for k, v in changes.items()))
    if is_rejected:
        raise BatchRejectedError(verdict["message"])
    return changes


def _publish(connection: Connection, row: dict[str, Any], folder: Path, zone: str) -> dict[str, int]:
    """Write every table of a batch, mark the days it touches, move the cursor."""
    counts: dict[str, dict[str, int]] = json.loads((folder / "counts.json").read_text(encoding="utf-8"))
    failed = dict(pl.read_parquet(folder / "quarantined.parquet").group_by("table_name").len().iter_rows())
    place = _Place(row["batch_id"], same_content(connection, row), landed_later(connection, row))
    loaded = {
        name: _load_table(connection, name, pl.read_parquet(folder / f"{name}.valid.parquet"), place) for name in counts
    }
    for name in tables_fed(connection, place.older):
        if name not in loaded:  # the mended mapping feeds it no more
            loaded[name] = _load_table(connection, name, _nothing_of(name), place)
    replace(connection, [*place.older, *refused_before(connection, row)])
    sums = nothing()
    for name, count in counts.items():
        found = loaded[name].found
        _count(connection, row["batch_id"], name, count, found, failed.get(name, 0))
        for change in sums:
            sums[change] += found.get(change, 0)
    marks = [
        {"fact": name, "day": day}
        for name, instants in _touched(connection, loaded).items()
        for day in days_of(instants, zone)
    ]
    Store.put(connection, dirty_days, marks, on_conflict="ignore")
    return sums


def _move_cursor(connection: Connection, row: dict[str, Any]) -> None:
    """Say how far the stream is read now; rows and cursor commit together.

    Files stand alone: the source is complete as far as any of them says. A fetch goes on where the one before
    ended: it is complete as far as there is no gap.
    """
    source, stream = row["source"], row["stream"]
    held = position_of(connection, source) if row["position"] is None else stream_position(connection, source, stream)
    if held is not None and (held["complete_through"] is not None or row["position"] is not None):
        place = {"position": held["position"], "complete_through": held["complete_through"]}
        Store.put(connection, cursors, [{"source": source, "stream": stream, **place}])


@dataclass(frozen=True)
class _Place:
    """A batch among the others of its source.

    Attributes:
        older: batches of the same file under earlier mappings: what they wrote and this one lacks is deleted.
        later: batches that came after it: what they wrote stays, when this one is only read again.
    """

    batch_id: str
    older: list[str]
    later: list[str]


@dataclass(frozen=True)
class _Loaded:
    """One table of a batch, written.

    Attributes:
        found: rows by what became of them.
        changed: rows written. before: those of them that were there, as they were (key and instants).
        gone: rows that the same file gave under an earlier mapping and gives no more (key and instants).
    """

    found: dict[str, int]
    changed: pl.DataFrame
    before: pl.DataFrame
    gone: pl.DataFrame

    @property
    def is_touched(self) -> bool:
        """Something is not as it was."""
        return not (self.changed.is_empty() and self.gone.is_empty())


def _nothing_of(name: str) -> pl.DataFrame:
    return pl.DataFrame(schema=schema_of([FACTS[name].c[column] for column in FACT_TABLES[name].names]))


def _load_table(connection: Connection, name: str, rows: pl.DataFrame, place: _Place) -> _Loaded:
    fact = FACT_TABLES[name]
    hashes = hashed(rows.select(fact.names))
    there = existing(connection, name, hashes[fact.key])
    newer = rows_of_batches(connection, name, place.later)[fact.key] if place.later else None
    marked = classified(hashes, there, fact.key, newer)
    changed = marked.filter(pl.col("change").is_in([INSERTED, UPDATED])).drop("change")
    Store.write(connection, FACTS[name], changed.with_columns(batch_id=pl.lit(place.batch_id)))
    before = there.join(changed.select(fact.key), on=fact.key, how="semi")
    gone = before.clear()
    if place.older:
        gone = rows_of_batches(connection, name, place.older).join(hashes.select(fact.key), on=fact.key, how="anti")
        hand_over(connection, name, place.older, place.batch_id, gone[fact.key])
    return _Loaded(dict(marked.group_by("change").len().iter_rows()), changed, before, gone)


def _touched(connection: Connection, loaded: dict[str, _Loaded]) -> dict[str, pl.Series]:
    """By fact table: instants on whose days something must be measured again.

    A ticket is booked on several days, and a change of it, or of one of its events, touches them all.
    """
    days: dict[str, pl.Series] = {}
    for name, table in loaded.items():
        if name not in HELPDESK and table.is_touched:
            days[name] = _instants([table.before, table.changed, table.gone], booking(name))
    helpdesk = {name: table for name, table in loaded.items() if name in HELPDESK and table.is_touched}
    if not helpdesk:
        return days
    booked = [_instants([t.before, t.changed], booking(name)) for name, t in helpdesk.items() if name == "tickets"]
    booked += [_instants([table.gone], booking(name)) for name, table in helpdesk.items() if not table.gone.is_empty()]
    booked += [
        t.changed.filter(pl.col("field").is_in(BOOKED_AGAIN))["at"]
        for name, t in helpdesk.items()
        if name == "ticket_events"
    ]
    # what was never measured is measured whole: any day will do
    if valued_through(connection, "tickets") is not None:
        held = (frame for table in helpdesk.values() for frame in (table.changed, table.gone))
        ids = pl.concat([frame["ticket_id"] for frame in held if "ticket_id" in frame.columns]).unique()
        booked.append(ticket_instants(connection, ids))
    days["tickets"] = pl.concat(booked)
    return days


def _instants(frames: list[pl.DataFrame], names: tuple[str, ...]) -> pl.Series:
    """All instants in some columns of some frames."""
    return pl.concat([frame[name] for frame in frames for name in names] or [pl.Series(dtype=pl.Datetime("us", "UTC"))])


def _count(
    connection: Connection, batch_id: str, name: str, count: dict[str, int], found: dict[str, int], n_failed: int
) -> None:
    """Write a table's counts, having checked that every row is accounted for."""
    counts = {
        "n_source": count["n_source"], "n_left_out": count["n_left_out"], "n_unreadable": count["n_unreadable"],
        "n_mapped": count["n_mapped"], "n_inserted": found.get(INSERTED, 0), "n_updated": found.get(UPDATED, 0),
        "n_unchanged": found.get(UNCHANGED, 0), "n_superseded": found.get(SUPERSEDED, 0) + count["n_superseded"],
        "n_quarantined": n_failed + count["n_duplicates"],
    }  # fmt: skip
    wrong = balance(counts)
    if wrong:
        raise CxLoopError(
            f"batch {batch_id}, {name}: rows would be lost: {wrong}. Nothing was written; please report this."
        )
    row = {"batch_id": batch_id, "table_name": name, **counts, **{n: count[n] for n in NOTED}}
    Store.put(connection, batch_tables, [row])


def _quarantine(connection: Connection, row: dict[str, Any], set_aside: pl.DataFrame) -> None:
    rows = [
        {
            "quarantine_id": _id(row["batch_id"], r["table_name"], r["file"], r["row"], r["rule"], position),
            "batch_id": row["batch_id"], "source": row["source"], **r, "state": "waiting",
        }
        for position, r in enumerate(set_aside.select("table_name", "file", "row", "rule", "reason", "raw").to_dicts())
    ]  # fmt: skip
    mark_replayed(connection, [row["batch_id"]])
    Store.put(connection, quarantine, rows)


def _id(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:24]
