"""A last page without a record, right behind a batch that was cut when it was full: the stream is read to its end."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
import time_machine
from prefect.logging import disable_run_logger
from sqlalchemy import Connection, Select, select

from domain.context import RunContext
from domain.other_process import OtherProcess
from domain.project import Project
from sql.ledger import begin_run
from sql.queries.intake import batch, known_batch, set_batch
from sql.setup import prepare
from sql.store import Store, store_at
from sql.tables import batches
from tasks.extract import catalog
from tasks.extract.steps import gathering, stage_batch, waiting
from tasks.extract.steps.declared import batch_of, spec_of
from tasks.extract.steps.fetching import fetch_stream
from tasks.load.steps import load_batch
from tasks.validate.steps import validate_batch
from tests.acceptance.dumps import table
from tests.acceptance.test_interface import ROADMAP, SOURCES, tickets
from tests.fakes.fault_server import Asked, FaultServer, Reply, serving
from tests.fakes.vendor import FIRST, Desk, with_stream

SIZE = 10
NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
WAREHOUSE = """\
version: 1
sources:
  desk:
    kind: sql
    database: WAREHOUSE_URL
    complete_through: {column: opened_at, lag_days: 1}
    streams: {tickets: {table: ticket, changed_at: changed, key: id}}
    tables: {tickets: {key: id, columns: {opened_at: opened, status: "'open'"}}}
"""


class Full(Desk):
    """Hands out full pages, then one without a record, which alone says that there is no more; once, nothing later."""

    def __call__(self, asked: Asked) -> Reply:
        begin = int(asked.query.get("cursor", "0"))
        is_first = float(asked.query["since"]) <= FIRST.timestamp()
        found = self.records[begin : begin + self.size] if is_first else []
        return Reply({"tickets": found, "next": str(begin + self.size) if found else None})


class Killed(BaseException):
    """The process ends here."""


class Kiosk:
    """One run over a project, step by step.

    Attributes:
        n_pages: full pages, each of them a batch.
        day: the last complete day, once all has been read.
    """

    def __init__(self, folder: Path, sources: str, n_pages: int, day: date) -> None:
        folder.mkdir()
        (folder / "roadmap.yaml").write_text(ROADMAP)
        (folder / "sources.yaml").write_text(sources)
        self.folder, self.n_pages, self.day, today = folder, n_pages, day, date(2026, 3, 16)
        self.spec = spec_of(Project(folder), "desk")
        prepare(store_at(str(folder)))
        self.run = RunContext(str(folder), begin_run(store_at(str(folder)), "daily", today, timedelta(hours=1)), today)

    def fetch_in_part(self, beside: Callable[[], object]) -> None:
        """Fetch the full pages, and be killed before the one without a record."""
        seen: list[object] = []

        def on_page() -> None:
            seen.append(beside())
            if len(seen) == self.n_pages:
                raise Killed

        with pytest.raises(Killed):
            self.fetch(on_page)

    def whole(self) -> list[Any]:
        """What there is where every batch is published and the last one knows that it is."""
        days = [*[None] * (self.n_pages - 1), self.day]
        return [[self.day], days, SIZE * self.n_pages, {"published"}]

    def fetch(self, beside: Callable[[], object] = lambda: None) -> None:
        """Fetch the stream; `beside` is done after each page with records, before the next one."""
        fetch_stream(self.run, self.spec, "tickets", None, lambda _: beside())  # type: ignore[arg-type]

    def stage(self) -> list[str]:
        """Stage and validate what waits; the batches."""
        found = waiting.fn(self.run, "desk", "tickets")
        for one in found:
            stage_batch.fn(self.run, one, OtherProcess())
            validate_batch.fn(self.run, one, OtherProcess())
        return found

    def publish(self) -> None:
        self.load(self.stage())

    def load(self, batch_ids: list[str]) -> None:
        for one in batch_ids:
            load_batch.fn(self.run, one)

    def told(self) -> list[Any]:
        """The last complete day of the stream, and of each batch in the order they came; rows, and states."""
        with store_at(str(self.folder)).reading() as connection:
            held = Store.rows(connection, select(batches).order_by(batches.c.landed_at))
        return [
            [row["complete_through"] for row in table(self.folder, "cursors")],
            [row["complete_through"] for row in held],
            len(table(self.folder, "tickets")), {row["state"] for row in held},
        ]  # fmt: skip


@pytest.fixture
def interface(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", with_stream(parse=tickets)[0])
    monkeypatch.setenv("ACMEDESK_TOKEN", "canary")
    monkeypatch.setattr(gathering, "RECORDS", SIZE)
    server = FaultServer(Full(SIZE * 2, SIZE))
    with time_machine.travel(NOW, tick=True), serving(server), disable_run_logger():
        yield Kiosk(tmp_path / "shop", SOURCES.replace("ADDRESS", server.address), 2, date(2026, 3, 15))


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    """Rows that tell no change come first; none that tells one comes after them."""
    file = tmp_path / "theirs.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE ticket (id INTEGER, opened TEXT, changed TEXT)")
        connection.executemany(
            "INSERT INTO ticket VALUES (?, '2026-03-02 10:00:00', NULL)", [(n,) for n in range(SIZE)]
        )
    monkeypatch.setenv("WAREHOUSE_URL", f"sqlite:///{file}")
    monkeypatch.setattr(gathering, "RECORDS", SIZE)
    with time_machine.travel(NOW, tick=True), disable_run_logger():
        yield Kiosk(tmp_path / "shop", WAREHOUSE, 1, date(2026, 3, 1))


@pytest.fixture(params=["interface", "warehouse"])
def kiosk(request: pytest.FixtureRequest) -> Kiosk:
    return request.getfixturevalue(request.param)


def test_a_batch_that_waits_is_told_that_it_is_the_last_one(kiosk: Kiosk) -> None:
    kiosk.fetch()
    kiosk.publish()
    assert kiosk.told() == kiosk.whole()


def test_a_batch_that_was_staged_before_is_loaded_as_the_last_one(kiosk: Kiosk) -> None:
    staged: list[str] = []
    kiosk.fetch(lambda: staged.extend(one for one in kiosk.stage() if one not in staged))
    kiosk.load(staged)
    assert kiosk.told() == kiosk.whole()


def test_a_batch_that_is_published_already_is_the_last_one(kiosk: Kiosk) -> None:
    kiosk.fetch(kiosk.publish)
    assert kiosk.told() == kiosk.whole()


@pytest.mark.parametrize("beside", [Kiosk.publish, Kiosk.stage, lambda _: None])
def test_the_run_after_one_that_was_killed_before_the_last_page_says_so(
    interface: Kiosk, beside: Callable[[Kiosk], object]
) -> None:
    interface.fetch_in_part(lambda: beside(interface))
    interface.fetch()
    interface.publish()
    assert interface.told() == interface.whole()


def test_where_what_was_laid_out_is_gone_a_published_batch_is_read_again(interface: Kiosk) -> None:
    interface.fetch_in_part(interface.publish)
    before = interface.told()
    assert before[0] == [None]
    rmtree(interface.run.project.staging)
    interface.fetch()
    interface.publish()
    assert interface.told() == interface.whole()


def test_nothing_new_leaves_the_batches_as_they_are(interface: Kiosk) -> None:
    interface.fetch(interface.publish)
    first = interface.told()
    interface.fetch(interface.publish)
    assert interface.told() == first == interface.whole()


def test_what_was_found_in_published_batches_is_not_read_with_each_fetch(
    interface: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Years of verdicts, to find one batch; the last one alone is looked at."""
    interface.fetch(interface.publish)
    looked_at, rows_of = set[str](), Store.rows

    def rows(connection: Connection, wanted: Select[Any]) -> list[dict[str, Any]]:
        found = rows_of(connection, wanted)
        looked_at.update(row["batch_id"] for row in found if row.get("verdict"))
        return found

    monkeypatch.setattr(Store, "rows", staticmethod(rows))
    interface.fetch()
    assert len(looked_at) == 1 < interface.n_pages


def test_a_batch_that_was_refused_is_tried_again_as_the_mapping_is_now(interface: Kiosk) -> None:
    interface.fetch()
    first, second = waiting.fn(interface.run, "desk", "tickets")
    with store_at(str(interface.folder)).transaction() as connection:
        set_batch(connection, first, state="rejected")
        set_batch(connection, second, state="replaced")
    interface.fetch()
    assert waiting.fn(interface.run, "desk", "tickets") == [first]
    interface.spec = replace(interface.spec, version="mended")
    interface.fetch()
    with store_at(str(interface.folder)).reading() as connection:
        again = batch_of(interface.spec, batch(connection, first)["sha256"])
        assert again != first
        assert batch(connection, again)["state"] == "landed"
        assert known_batch(connection, batch_of(interface.spec, batch(connection, second)["sha256"])) is None
