"""Write the rows of one fact table of a batch, and tell which days they touch."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection

from domain.facts import FACT_TABLES
from domain.kpis import KPIS
from domain.windows import start_of
from sql.frames import schema_of
from sql.queries.facts import (
    OTHERS,
    WHOSE,
    answer_instants,
    booking,
    existing,
    hand_over,
    rows_of_batches,
    ticket_instants,
    waited_meanwhile,
)
from sql.queries.history import withdraw_events
from sql.queries.kpis import valued_through
from sql.queries.persons import of_all_ids
from sql.store import Store
from sql.tables import FACTS, dirty_days
from sql.tables.facts import BOOKED_AGAIN
from tasks.load.changes import INSERTED, SUPERSEDED, UPDATED, classified, days_of, hashed
from tasks.load.histories import Mended
from tasks.load.steps.states import keep_states

HELPDESK = ("tickets", "ticket_events")
ANSWERS = "survey_answers"


@dataclass(frozen=True)
class Place:
    """A batch among the others of its source.

    Attributes:
        older: batches of the same file under earlier mappings: what they wrote and this one lacks is deleted.
        later: batches that came after it: what they wrote stays, when this one is only read again.
        seen_at: from when on its rows hold, where they have no version of their own.
        zone: the reporting zone.
    """

    batch_id: str
    older: list[str]
    later: list[str]
    seen_at: datetime
    zone: str


@dataclass(frozen=True)
class Loaded:
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


def nothing_of(name: str) -> pl.DataFrame:
    """No row of a fact table."""
    return pl.DataFrame(schema=schema_of([FACTS[name].c[column] for column in FACT_TABLES[name].names]))


def load_table(
    connection: Connection, name: str, rows: pl.DataFrame, place: Place, mended: Mended | None = None
) -> Loaded:
    """Write the rows of one table, as they came or as `mended`; each that came is found once."""
    fact = FACT_TABLES[name]
    incoming = rows.select(fact.names)
    whole, newer = incoming, _written_later(connection, name, place)
    if mended is not None:
        others = incoming.filter(~pl.col(fact.key).is_in(pl.concat([mended.keys, mended.superseded]).implode()))
        whole = pl.concat([others, mended.rows.select(fact.names)])
        newer = newer.filter(~newer.is_in(mended.keys.implode()))
    hashes = hashed(whole)
    there = existing(connection, name, hashes[fact.key])
    marked = classified(hashes, there, fact.key, None if newer.is_empty() else newer)
    is_new = pl.col("change").is_in([INSERTED, UPDATED])
    changed = marked.filter(is_new).drop("change")
    keep_states(connection, name, marked, place.batch_id, place.older, place.seen_at, place.zone)
    if mended is None:
        Store.write(connection, FACTS[name], changed.with_columns(batch_id=pl.lit(place.batch_id)))
    else:
        moved = marked.filter(is_new | pl.col(fact.key).is_in(mended.moved.implode())).drop("change")
        told = moved.join(mended.rows.select(fact.key, "batch_id"), on=fact.key, how="left")
        Store.write(connection, FACTS[name], told.with_columns(pl.col("batch_id").fill_null(place.batch_id)))
    before = there.join(changed.select(fact.key), on=fact.key, how="semi")
    gone = before.clear()
    if place.older:
        gone = rows_of_batches(connection, name, place.older).join(hashes.select(fact.key), on=fact.key, how="anti")
        hand_over(connection, name, place.older, place.batch_id, gone[fact.key])
    if mended is None:
        return Loaded(dict(marked.group_by("change").len().iter_rows()), changed, before, gone)
    if not mended.withdrawn.is_empty():
        gone = pl.concat([gone, withdraw_events(connection, mended.withdrawn)], how="diagonal")
    came = marked.filter(pl.col(fact.key).is_in(incoming[fact.key].implode()))
    came = came.filter(~pl.col(fact.key).is_in(mended.superseded.implode()))
    found: dict[str, int] = dict(came.group_by("change").len().iter_rows())
    found[SUPERSEDED] = found.get(SUPERSEDED, 0) + len(mended.superseded)
    return Loaded(found, changed, before, gone)


def _written_later(connection: Connection, name: str, place: Place) -> pl.Series:
    """Keys of rows that batches wrote which came after this one."""
    key = FACT_TABLES[name].key
    return rows_of_batches(connection, name, place.later)[key] if place.later else pl.Series(key, [], pl.String)


def mark_days(connection: Connection, loaded: dict[str, Loaded], zone: str) -> None:
    """The days that written rows touch are to be measured again.

    Args:
        connection: within the loading transaction.
        loaded: what was written, by fact table.
        zone: the reporting zone, which cuts days.
    """
    marks = [
        {"fact": name, "day": day}
        for name, instants in touched(connection, loaded, zone).items()
        for day in days_of(instants, zone)
    ]
    Store.put(connection, dirty_days, marks, on_conflict="ignore")


def touched(connection: Connection, loaded: dict[str, Loaded], zone: str) -> dict[str, pl.Series]:
    """By fact table: instants on whose days something must be measured again.

    A ticket is booked on several days, and a change of it, or of one of its events, touches them all. What comes or
    goes late touches also those on which older questions of its customer were solved. An answer about a ticket touches
    the others about it: the latest one counts.
    """
    days: dict[str, pl.Series] = {}
    for name, table in loaded.items():
        if name not in HELPDESK and table.is_touched:
            days[name] = _instants([table.before, table.changed, table.gone], booking(name))
    rated = loaded.get(ANSWERS)
    if rated is not None and rated.is_touched and valued_through(connection, ANSWERS) is not None:
        ids = _tickets([rated.changed, rated.before, rated.gone], "ticket_id")
        days[ANSWERS] = (
            days[ANSWERS] if ids.is_empty() else pl.concat([days[ANSWERS], answer_instants(connection, ids)])
        )
    helpdesk = {name: table for name, table in loaded.items() if name in HELPDESK and table.is_touched}
    if not helpdesk:
        return days
    booked = [_instants([t.before, t.changed], booking(name)) for name, t in helpdesk.items() if name == "tickets"]
    booked += [_instants([table.gone], booking(name)) for name, table in helpdesk.items() if not table.gone.is_empty()]
    booked += [
        rows.filter(pl.col("field").is_in(BOOKED_AGAIN))["at"]
        for name, t in helpdesk.items()
        if name == "ticket_events"
        for rows in (t.before, t.changed)
    ]
    # what was never measured is measured whole: any day will do
    if valued_through(connection, "tickets") is None:
        booked += [t.changed["at"].head(1) for name, t in helpdesk.items() if name == "ticket_events"]
    else:
        held = [frame for table in helpdesk.values() for frame in (table.changed, table.before, table.gone)]
        booked.append(ticket_instants(connection, _tickets(held, "ticket_id", *OTHERS)))
        booked += [_solved_meanwhile(connection, t, zone) for name, t in helpdesk.items() if name == "tickets"]
    days["tickets"] = pl.concat(booked)
    return days


def _tickets(frames: list[pl.DataFrame], *names: str) -> pl.Series:
    """All tickets in some columns of some frames."""
    ids = [frame[name] for frame in frames for name in names if name in frame.columns]
    return pl.concat(ids or [pl.Series(dtype=pl.String)]).drop_nulls().unique()


def _solved_meanwhile(connection: Connection, table: Loaded, zone: str) -> pl.Series:
    """Instants at which other contacts may have been solved for which those of a batch count (`outcomes`).

    A contact counts until seven days after an older one of its customer was solved. Days that are waited for still
    are measured again anyhow.
    """
    valued, nothing = valued_through(connection, "outcomes"), _instants([], ())
    if valued is None:
        return nothing
    every = pl.concat(
        rows.select("ticket_id", "opened_at", *WHOSE).with_columns(pl.col("status") == "deleted")
        for rows in (table.changed, table.before, table.gone)
        if {*WHOSE} <= {*rows.columns}
    )
    edge = start_of(valued - timedelta(days=KPIS["first_contact_resolution"].reach_days - 1), ZoneInfo(zone))
    # those that are in both as they were neither came nor went
    late = every.filter(~every.is_duplicated(), pl.col("opened_at") < edge, pl.col("customer_id").is_not_null())
    first = late["opened_at"].min()
    if not isinstance(first, datetime):
        return nothing
    asked = of_all_ids(connection, late.select("customer_id", "opened_at"))
    found = waited_meanwhile(connection, asked, (first, edge))
    instants = ticket_instants(connection, found)
    return instants.filter(instants >= first)


def _instants(frames: list[pl.DataFrame], names: tuple[str, ...]) -> pl.Series:
    """All instants in some columns of some frames."""
    return pl.concat([frame[name] for frame in frames for name in names] or [pl.Series(dtype=pl.Datetime("us", "UTC"))])
