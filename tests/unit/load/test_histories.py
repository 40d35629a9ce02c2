"""An event log in several files is the same as in one, whatever the files hold and in whatever order they come."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, select

from domain.source_specs import SourceSpec
from domain.sources import read_sources
from sql.queries.intake import batch, set_batch
from sql.store import Store
from sql.tables import METADATA, batch_tables, batches, dirty_days
from tasks.extract.apart.laying import lay_out
from tasks.extract.parse import parse
from tasks.extract.stage import staged
from tasks.load.steps.batch import publish
from tasks.validate.failing_rows import QUARANTINED_SCHEMA
from tasks.validate.verdicts import POSITION

SOURCES = """\
version: 1
sources:
  desk:
    kind: files
    path: log-*.csv
    format: csv
    complete_through: arrival
    tables:
      tickets:
        key: id
        columns: {opened_at: "'2026-01-01'", status: state, sla_met: met, channel: channel}
        history: {at: at, fields: [status, sla_met]}
"""
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
Row = tuple[str, int, str, str]
"""Ticket, day, status, service level kept."""
Tables = dict[str, list[dict[str, Any]]]

ROWS = st.tuples(
    st.sampled_from(["A", "B"]),
    st.integers(0, 5),
    st.sampled_from(["new", "open", "solved", "closed"]),
    st.sampled_from(["true", "false", ""]),
)
FILES = st.integers(0, 2)
SLOW = settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


class Desk:
    """A database into which files of a log are loaded, without what comes before loading; nothing of it is kept."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self.connection, self.folder = connection, folder

    def clear(self) -> None:
        for table in METADATA.tables.values():
            self.connection.execute(table.delete())

    def load(self, name: str, rows: Sequence[Row], sources: str = SOURCES, number: int = 0) -> None:
        """Publish one file, read as `sources` says; `number`: the how-manieth to come."""
        (spec,) = read_sources(sources)
        batch_id = f"{name}/{spec.mapping_version}/{list(rows)}"
        laid = staged({"": parse(written(rows), name, spec.files)}, spec.tables, spec, "")
        lay_out(laid, None, self.folder)
        for table in laid.tables:
            pl.DataFrame(schema={POSITION: pl.Int64()}).write_parquet(self.folder / f"{table}.failing.parquet")
        pl.DataFrame(schema=QUARANTINED_SCHEMA).write_parquet(self.folder / "quarantined.parquet")
        Store.put(self.connection, batches, [landed(batch_id, name, spec, number, rows)])
        publish(self.connection, batch(self.connection, batch_id), self.folder, "UTC", FIRST.date())
        set_batch(self.connection, batch_id, state="published", published_at=FIRST)
        shutil.rmtree(self.folder)

    def loaded(self, files: Mapping[str, Sequence[Row]], order: Sequence[str]) -> Tables:
        """What an empty database holds after these files came in this order."""
        self.clear()
        for number, name in enumerate(order):
            self.load(name, files[name], number=number)
        return self.tables()

    def tables(self, *left_out: str) -> Tables:
        found: Tables = {}
        for name in ("tickets", "ticket_events", "ticket_states"):
            columns = [column for column in METADATA.tables[name].c if column.name not in left_out]
            found[name] = sorted(Store.rows(self.connection, select(*columns)), key=str)
        return found

    def rows(self, table: Table) -> list[dict[str, Any]]:
        return Store.rows(self.connection, select(table))


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[Desk]:
    with store.engine.connect().execution_options(cxloop_writes=True) as connection, connection.begin() as turn:
        yield Desk(connection, tmp_path / "batch")
        turn.rollback()


def written(rows: Sequence[Row]) -> bytes:
    """The file; a row's channel tells it from the others of its ticket."""
    lines = [
        f"{ticket},{(FIRST + timedelta(days=day)):%Y-%m-%d},{status},{met},{day}-{status}-{met}"
        for ticket, day, status, met in rows
    ]
    return "\n".join(["id,at,state,met,channel", *lines, ""]).encode()


def landed(batch_id: str, name: str, spec: SourceSpec, number: int, rows: Sequence[Row]) -> dict[str, Any]:
    empty = {column.name: None for column in batches.c}
    return empty | {
        "batch_id": batch_id, "source": spec.name, "stream": "files", "name": name, "sha256": f"{name}{rows}",
        "mapping": spec.mapping_version, "n_bytes": 0, "state": "landed", "landed_at": FIRST + timedelta(days=number),
    }  # fmt: skip


def split(placed: Sequence[tuple[Row, int]]) -> dict[str, Sequence[Row]]:
    """Rows by the file they are in, in their order there."""
    by_file = sorted(placed, key=lambda each: each[1])
    return {f"log-{file}.csv": [row for row, _ in part] for file, part in groupby(by_file, key=lambda each: each[1])}


def told(rows: Tables) -> Tables:
    """Tickets and events, without the batch that wrote them."""
    return {
        name: [{column: value for column, value in row.items() if column != "batch_id"} for row in rows[name]]
        for name in ("tickets", "ticket_events")
    }


@SLOW
@given(
    placed=st.lists(st.tuples(ROWS, FILES), min_size=1, max_size=9, unique_by=lambda each: each[0]),
    dice=st.randoms(use_true_random=False),
)
def test_files_in_any_order_are_the_same_as_one_file(desk: Desk, placed: list[tuple[Row, int]], dice: Any) -> None:
    files = split(placed)
    whole = desk.loaded({"log.csv": [row for name in sorted(files) for row in files[name]]}, ["log.csv"])
    in_order = desk.loaded(files, sorted(files))
    shuffled = sorted(files)
    dice.shuffle(shuffled)
    assert told(in_order) == told(whole)
    assert desk.loaded(files, shuffled) == in_order


@SLOW
@given(
    rows=st.lists(ROWS, min_size=1, max_size=7, unique_by=lambda row: row[:2]),
    more=st.lists(st.tuples(st.integers(0, 6), FILES), max_size=6),
    places=st.lists(FILES, min_size=7, max_size=7),
    order=st.permutations([0, 1, 2]),
)
def test_files_that_overlap_are_the_same_as_one_file(
    desk: Desk, rows: list[Row], more: list[tuple[int, int]], places: list[int], order: list[int]
) -> None:
    again = [(rows[number % len(rows)], file) for number, file in more]
    files = split(list(dict.fromkeys([*zip(rows, places, strict=False), *again])))
    whole = desk.loaded({"log.csv": rows}, ["log.csv"])
    found = desk.loaded(files, [f"log-{file}.csv" for file in order if f"log-{file}.csv" in files])
    assert told(found) == told(whole)


@settings(SLOW, max_examples=10)
@given(placed=st.lists(st.tuples(ROWS, FILES), min_size=1, max_size=6, unique_by=lambda each: each[0][:2]))
def test_another_mapping_gives_what_it_would_have_given_from_the_start(
    desk: Desk, placed: list[tuple[Row, int]]
) -> None:
    files = split(placed)
    fewer = SOURCES.replace("[status, sla_met]", "[status]")
    desk.clear()
    for number, name in enumerate(sorted(files)):
        desk.load(name, files[name], fewer, number)
    expected = desk.tables("batch_id")
    desk.loaded(files, sorted(files))
    for number, name in enumerate(sorted(files)):
        desk.load(name, files[name], fewer, number)
    assert desk.tables("batch_id") == expected


def test_a_file_loaded_again_changes_nothing(desk: Desk) -> None:
    files: dict[str, Sequence[Row]] = {
        "log-0.csv": [("A", 0, "new", "true"), ("A", 3, "closed", "true")],
        "log-1.csv": [("A", 1, "open", "true")],
    }
    before = desk.loaded(files, sorted(files))
    desk.load("log-0.csv", files["log-0.csv"], number=0)
    assert desk.tables() == before


def test_the_first_row_of_a_later_file_is_no_event_where_nothing_changed(desk: Desk) -> None:
    january: list[Row] = [("A", 0, "new", "true"), ("A", 1, "closed", "true")]
    february: list[Row] = [("A", 3, "closed", "true"), ("A", 4, "closed", "false")]
    found = desk.loaded({"log-1.csv": january, "log-2.csv": february}, ["log-1.csv", "log-2.csv"])
    events = {(row["at"], row["field"], row["old"], row["new"]) for row in found["ticket_events"]}
    assert events == {
        (FIRST, "status", None, "new"),
        (FIRST, "sla_met", None, "true"),
        (FIRST + timedelta(days=1), "status", "new", "closed"),
        (FIRST + timedelta(days=4), "sla_met", "true", "false"),
    }
    (ticket,) = found["tickets"]
    assert {ticket[name] for name in ("sla_known_at", "resolved_at", "closed_at")} == {FIRST + timedelta(days=1)}
    counted = [row for row in desk.rows(batch_tables) if row["table_name"] == "ticket_events"]
    (later,) = [row for row in counted if row["batch_id"].startswith("log-2")]
    assert (later["n_mapped"], later["n_inserted"], later["n_superseded"]) == (3, 1, 2)


def test_an_earlier_file_that_comes_late_mends_what_later_ones_told(desk: Desk) -> None:
    files: dict[str, Sequence[Row]] = {"log-2.csv": [("A", 4, "closed", "true")], "log-1.csv": [("A", 2, "closed", "")]}
    found = desk.loaded(files, ["log-2.csv", "log-1.csv"])
    (ticket,) = found["tickets"]
    assert (ticket["closed_at"], ticket["version_at"]) == (FIRST + timedelta(days=2), FIRST + timedelta(days=4))
    assert [row["new"] for row in found["ticket_events"] if row["field"] == "status"] == ["closed"]
    days = {row["day"] for row in desk.rows(dirty_days)}
    assert {FIRST.date(), (FIRST + timedelta(days=2)).date(), (FIRST + timedelta(days=4)).date()} <= days


def test_the_events_that_a_vendor_tells_are_left_alone(desk: Desk) -> None:
    comments = """\
      ticket_events:
        where: "channel <> ''"
        columns: {ticket_id: id, at: at, field: "'comment'", new: channel}
"""
    desk.load("log-1.csv", [("A", 0, "new", "true")], SOURCES + comments)
    desk.load("log-2.csv", [("A", 1, "new", "true")], SOURCES + comments, 1)
    fields = sorted(row["field"] for row in desk.tables()["ticket_events"])
    assert fields == ["comment", "comment", "sla_met", "status"]
