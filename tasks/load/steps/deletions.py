"""Follow what lists do not say: rows that a whole reading no longer showed are deleted, until they show again."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection

from domain.context import RunContext
from domain.coverage import BELONGS, FEW, MOST_GONE, is_doubtful
from domain.errors import SourceChangedError
from domain.facts import FACT_TABLES
from domain.roadmap import load_roadmap
from domain.source_specs import Interface, Warehouse
from domain.sources import load_sources
from sql.queries.facts import booking
from sql.queries.history import whole_rows
from sql.queries.sightings import (
    covered,
    forget_reading,
    gone_since,
    held_sightings,
    keys_shown,
    mark_gone,
    n_shown,
    readings_of,
    write_sightings,
)
from sql.store import Store, store_at
from sql.tables import FACTS
from tasks.load.changes import hashed
from tasks.load.sightings import DELETED_AT, each_of, not_shown, noted, with_gone, without_gone
from tasks.load.steps.noting import Cause, note_changes
from tasks.load.steps.tables import Loaded, mark_days


@task(name="follow deletions", cache_policy=NO_CACHE, persist_result=False)
def follow_deletions(context: RunContext, source: str, stream: str) -> int:
    """Mark rows as deleted that the last whole reading of a list did not show; how many.

    Nothing is judged before every page of the stream is published.

    Raises:
        SourceChangedError: more of them are gone than is believed at once; they are kept as they are.
    """
    store = store_at(context.folder)
    with store.reading() as connection:
        if not readings_of(connection, source, stream):
            return 0
    project, log = context.project, get_run_logger()
    reads = next((spec.reads for spec in load_sources(project.sources) if spec.name == source), None)
    most_gone = reads.most_gone if isinstance(reads, Interface | Warehouse) else MOST_GONE
    zone, n_gone, doubts = load_roadmap(project.roadmap).zone.key, 0, list[str]()
    with store.transaction(context.run_id) as connection:
        for reading in readings_of(connection, source, stream):
            if (lack := _lack(connection, reading)) is not None:
                log.warning("%s", lack)
                forget_reading(connection, reading)
                continue
            found = {name: covered(connection, reading, name) for name in json.loads(reading["tables"])}
            gone = {name: not_shown(rows, reading["began"]) for name, rows in found.items()}
            doubt = _doubt(reading, found, gone, most_gone)
            if doubt is not None and max(map(len, gone.values())) > FEW:
                doubts.append(doubt)
                continue
            if doubt is not None:
                log.warning("%s", doubt)
            else:
                _delete(connection, reading, gone, zone, context.as_of)
                n_gone += sum(map(len, gone.values()))
            forget_reading(connection, reading)
    if n_gone:
        log.info("deleted %s %s: %d rows, which it no longer shows", source, stream, n_gone)
    if doubts:
        raise SourceChangedError(" ".join(doubts))
    return n_gone


def note_sightings(connection: Connection, row: dict[str, Any], folder: Path, zone: str, cause: Cause) -> None:
    """Write down which rows a batch shows; those of them that had been gone are there again.

    Args:
        connection: within the loading transaction, after the batch's rows were written.
        row: the batch.
        folder: where it is laid out.
        zone: the reporting zone.
        cause: the batch, as that which changes rows.
    """
    path = folder / "sightings.parquet"
    if not path.is_file():
        return
    back: dict[str, Loaded] = {}
    for (name,), shown in pl.read_parquet(path).group_by("table_name", maintain_order=True):
        fact, each = str(name), shown
        if shown["row_key"].str.ends_with(BELONGS).any():
            each = each_of(shown, keys_shown(connection, row["source"], fact))
        held = held_sightings(connection, row["source"], fact, each["row_key"])
        found = noted(each, held, row["batch_id"], row["landed_at"])
        write_sightings(connection, found.rows)
        if not found.returned.is_empty():
            there = whole_rows(connection, fact, found.returned["row_key"])
            back[fact] = _rewritten(connection, fact, without_gone(there, FACT_TABLES[fact].key, found.returned))
    mark_days(connection, back, zone)
    note_changes(connection, back, cause, zone)


def as_gone(connection: Connection, row: dict[str, Any], name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """A batch's rows of a fact table; those that a later reading no longer showed as deleted."""
    fact = FACT_TABLES[name]
    if not fact.has(DELETED_AT):
        return rows
    return with_gone(rows, fact.key, gone_since(connection, row["source"], name, row["landed_at"]))


def _lack(connection: Connection, reading: dict[str, Any]) -> str | None:
    """That a list has more than a reading of it showed, in words; None: it has not, or does not say."""
    first, *_ = json.loads(reading["tables"])
    n = n_shown(connection, reading, first) if reading["n_told"] is not None else 0
    if reading["n_told"] is None or n >= reading["n_told"]:
        return None
    return (
        f"{reading['source']}: {reading['stream']} showed {n} of the {reading['n_told']} records that it says it has. "
        "It moved while it was read, so nothing of it is taken for deleted; the next reading tells."
    )


def _doubt(
    reading: dict[str, Any], found: dict[str, pl.DataFrame], gone: dict[str, pl.Series], most_gone: float
) -> str | None:
    """Why a reading is not believed, in words; None: it is."""
    wrong = [
        f"{len(keys)} of {found[name].height} {name}" for name, keys in gone.items()
        if is_doubtful(len(keys), found[name].height - len(keys), most_gone)
    ]  # fmt: skip
    if not wrong:
        return None
    of = f" of '{reading['member']}'" if reading["member"] else ""
    return (
        f"{reading['source']}: {reading['stream']}{of} no longer shows {', '.join(wrong)}. So many are not taken for "
        "deleted: they are kept as they were. If they were deleted, write `most_gone: 1` for this source and run "
        "again; if not, see whether all of them can still be read."
    )


def _delete(
    connection: Connection, reading: dict[str, Any], gone: dict[str, pl.Series], zone: str, known_on: date
) -> None:
    deleted: dict[str, Loaded] = {}
    for name, keys in gone.items():
        if not keys.is_empty():
            rows = whole_rows(connection, name, mark_gone(connection, reading, name, keys))
            at = pl.lit(reading["began"], rows.schema[DELETED_AT]).alias(DELETED_AT)
            deleted[name] = _rewritten(connection, name, rows.with_columns(at))
    mark_days(connection, deleted, zone)
    stream = "/".join(filter(None, (reading["source"], reading["stream"], reading["member"])))
    note_changes(connection, deleted, Cause(stream, reading["source"], "no longer shown", known_on), zone)


def _rewritten(connection: Connection, name: str, rows: pl.DataFrame) -> Loaded:
    """Rows of a fact table written with another `deleted_at`; the batch that brought them stays."""
    fact = FACT_TABLES[name]
    changed = hashed(rows.select(fact.names))
    Store.write(connection, FACTS[name], changed.with_columns(rows["batch_id"]))
    before = rows.select(fact.key, *booking(name))
    return Loaded({}, changed, before, before.clear())
