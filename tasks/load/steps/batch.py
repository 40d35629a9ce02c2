"""Publish one batch: rows, quarantine, counts, cursor and dirty days commit together, or not at all."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection

from domain.context import RunContext
from domain.errors import BatchRejectedError, CxLoopError
from domain.roadmap import load_roadmap
from sql.queries.intake import (
    batch,
    landed_later,
    mark_replayed,
    position_of,
    refused_before,
    replace,
    same_content,
    set_batch,
    stream_place,
    tables_fed,
)
from sql.store import Store, store_at
from sql.tables import batch_tables, cursors, dirty_days, quarantine
from tasks.load.changes import INSERTED, SUPERSEDED, UNCHANGED, UPDATED, balance, days_of, nothing
from tasks.load.steps.merging import merge_states
from tasks.load.steps.tables import Loaded, Place, load_table, nothing_of, touched

NOTED = ("n_ambiguous_times", "n_swapped_dates", "n_without_score")


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
            changes = publish(connection, row, folder, zone)
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


def publish(connection: Connection, row: dict[str, Any], folder: Path, zone: str) -> dict[str, int]:
    """Write every table of a batch that is laid out in a folder, and mark the days it touches; rows by what became.

    Args:
        connection: within the loading transaction.
        row: the batch.
        folder: where staging and validation laid it out.
        zone: the reporting zone, which cuts days.
    """
    counts: dict[str, dict[str, int]] = json.loads((folder / "counts.json").read_text(encoding="utf-8"))
    failed = dict(pl.read_parquet(folder / "quarantined.parquet").group_by("table_name").len().iter_rows())
    place = Place(row["batch_id"], same_content(connection, row), landed_later(connection, row))
    mended = merge_states(connection, folder, place)
    loaded: dict[str, Loaded] = {}
    for name in dict.fromkeys([*counts, *tables_fed(connection, place.older)]):
        # a mended mapping may feed a table no more
        rows = pl.read_parquet(folder / f"{name}.valid.parquet") if name in counts else nothing_of(name)
        loaded[name] = load_table(connection, name, rows, place, mended.get(name))
    replace(connection, [*place.older, *refused_before(connection, row)])
    sums = nothing()
    for name, count in counts.items():
        found = loaded[name].found
        _count(connection, row["batch_id"], name, count, found, failed.get(name, 0))
        for change in sums:
            sums[change] += found.get(change, 0)
    marks = [
        {"fact": name, "day": day}
        for name, instants in touched(connection, loaded).items()
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
    if row["position"] is None:
        held = position_of(connection, source)
        position, through = held["position"], held["complete_through"]
    else:
        place = stream_place(connection, source, stream)
        position, through = place.position, place.complete_through
    if position is not None and (through is not None or row["position"] is not None):
        cursor = {"source": source, "stream": stream, "position": position, "complete_through": through}
        Store.put(connection, cursors, [cursor])


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
