"""Rows that a warehouse has no more: whole reads and lists of keys are compared, on both databases."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.facts import FACT_TABLES
from sql.store import store_at
from tests.acceptance.conftest import URL
from tests.acceptance.dumps import adds_up, differences, table, tables_of
from tests.acceptance.runner import cxloop
from tests.acceptance.small import ROADMAP
from wire import warehouse as reading

SOURCES = """\
version: 1
sources:
  house:
    kind: sql
    database: WAREHOUSE_URL
    complete_through: {column: opened_at, lag_days: 1}
    follow_deletions: {tickets: weekly, people: weekly}
    streams:
      tickets: {table: ticket, changed_at: changed, key: id}
      people: {table: person, key: id}
      leads: {query: "SELECT id, seen FROM lead", changed_at: seen, key: id}
    tables:
      tickets:
        from: tickets
        key: CONCAT(brand, '-', id)
        where: brand <> 'test'
        columns: {opened_at: opened, segment: plan, status: "'open'", version_at: changed}
      customers:
        - {from: people, key: id, columns: {created_at: seen}}
        - {from: leads, key: id, columns: {created_at: seen}}
"""
N_TICKETS, N_PEOPLE = 50, 20


class House:
    """Tickets that say when they changed, people who do not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run(
            "CREATE TABLE ticket (id INTEGER, brand TEXT, opened TEXT, changed TEXT, plan TEXT)",
            "CREATE TABLE person (id INTEGER, seen TEXT)",
            "CREATE TABLE lead (id INTEGER, seen TEXT)",
            *(_ticket(number) for number in range(N_TICKETS)),
            *(f"INSERT INTO person VALUES ({number}, '2026-01-05 10:00:00')" for number in range(N_PEOPLE)),
            "INSERT INTO lead VALUES (3, '2026-01-05 10:00:00')",
        )

    def run(self, *statements: str) -> None:
        with sqlite3.connect(self.path) as connection:
            for statement in statements:
                connection.execute(statement)


def _ticket(number: int) -> str:
    day = f"2026-01-{1 + number // 4:02}"
    brand = "test" if number % 10 == 9 else "acme"
    return f"INSERT INTO ticket VALUES ({number}, '{brand}', '{day} 10:00:00', '{day} 12:00:00', 'office')"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("WAREHOUSE_URL", f"sqlite:///{tmp_path / 'theirs.db'}")
    return House(tmp_path / "theirs.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, house: House, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "postgresql":
        monkeypatch.setenv(URL, request.getfixturevalue("postgresql_url"))
        store_at.cache_clear()
    return _project(tmp_path)


def _project(folder: Path) -> Path:
    (folder / "roadmap.yaml").write_text(ROADMAP)
    (folder / "sources.yaml").write_text(SOURCES)
    return folder


@pytest.fixture
def weeks_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """A week lies between two runs."""
    monkeypatch.setattr("tasks.extract.steps.fetching.are_keys_due", always)


def always(*_: object) -> bool:
    return True


def ingest(folder: Path, code: int = 0) -> None:
    assert cxloop(folder, "ingest") == code


def deleted(folder: Path, name: str = "tickets") -> set[str]:
    key = FACT_TABLES[name].key
    return {row[key].removeprefix("house:") for row in table(folder, name) if row["deleted_at"]}


@pytest.mark.usefixtures("weeks_pass")
def test_rows_that_are_gone_are_deleted_and_come_back(shop: Path, house: House):
    ingest(shop)
    assert (deleted(shop), deleted(shop, "customers")) == (set(), set())
    assert len(table(shop, "tickets")) == 45
    began = datetime.now(UTC)
    house.run("DELETE FROM ticket WHERE id IN (0, 7, 49)", "DELETE FROM person WHERE id IN (1, 2, 3)")
    ingest(shop)
    assert deleted(shop) == {"acme-0", "acme-7"}  # 49 was a test, and is no row of ours
    assert deleted(shop, "customers") == {"1", "2"}  # 3 is among the leads still
    assert all(row["deleted_at"] >= began for row in table(shop, "tickets") if row["deleted_at"])
    adds_up(shop)
    before = tables_of(shop)
    ingest(shop)
    assert differences(before, tables_of(shop)) == []
    house.run(_ticket(7), "INSERT INTO person VALUES (1, '2026-01-05 10:00:00')")
    ingest(shop)
    assert (deleted(shop), deleted(shop, "customers")) == ({"acme-0"}, {"2"})


def test_keys_are_read_once_a_week_and_a_whole_stream_is_compared_each_time(tmp_path: Path, house: House):
    shop = _project(tmp_path)
    ingest(shop)
    house.run("DELETE FROM ticket WHERE id = 0", "DELETE FROM person WHERE id = 1")
    ingest(shop)
    assert (deleted(shop), deleted(shop, "customers")) == (set(), {"1"})
    assert cxloop(shop, "backfill", "house", "--since", "2026-01-01") == 0
    assert deleted(shop) == {"acme-0"}


@pytest.mark.usefixtures("weeks_pass")
def test_a_row_that_the_mapping_leaves_out_is_there_all_the_same(tmp_path: Path, house: House):
    shop = _project(tmp_path)
    ingest(shop)
    house.run("UPDATE ticket SET plan = NULL, changed = '2026-02-01 10:00:00' WHERE id = 4")
    sources = shop / "sources.yaml"
    sources.write_text(sources.read_text().replace("where: brand <> 'test'", "where: plan IS NOT NULL"))
    ingest(shop)
    assert deleted(shop) == set()


@pytest.mark.usefixtures("weeks_pass")
def test_what_is_read_again_from_the_landing_zone_stays_deleted(tmp_path: Path, house: House):
    shop = _project(tmp_path)
    ingest(shop)
    house.run("DELETE FROM ticket WHERE id = 0", "DELETE FROM person WHERE id = 1")
    ingest(shop)
    before = {name: rows for name, rows in tables_of(shop).items() if name in {*FACT_TABLES, "sightings"}}
    assert cxloop(shop, "backfill", "house", "--since", "2020-01-01", "--from-landing") == 0
    after = {name: rows for name, rows in tables_of(shop).items() if name in before}
    assert differences(before, after) == []


@pytest.mark.usefixtures("weeks_pass")
def test_a_table_that_lost_much_is_kept_and_told_until_somebody_says_so(
    shop: Path, house: House, capsys: pytest.CaptureFixture[str]
):
    ingest(shop)
    house.run("DELETE FROM ticket WHERE id < 30")
    for _ in range(2):
        ingest(shop, 3)
        assert "house: tickets keys no longer shows 27 of 45 tickets" in capsys.readouterr().err
        assert deleted(shop) == set()
    sources = shop / "sources.yaml"
    sources.write_text(sources.read_text().replace("    streams:", "    most_gone: 1\n    streams:"))
    ingest(shop)
    assert len(deleted(shop)) == 27


@pytest.mark.usefixtures("weeks_pass")
def test_tables_that_are_suddenly_empty_are_not_believed(tmp_path: Path, house: House):
    shop = _project(tmp_path)
    ingest(shop)
    house.run("DELETE FROM ticket", "DELETE FROM person")
    ingest(shop, 3)
    assert (deleted(shop), deleted(shop, "customers")) == (set(), set())


@pytest.mark.usefixtures("weeks_pass")
def test_another_query_deletes_nothing(tmp_path: Path, house: House):
    shop = _project(tmp_path)
    ingest(shop)
    sources = shop / "sources.yaml"
    fewer = 'tickets: {query: "SELECT * FROM ticket WHERE id > 5", changed_at: changed, key: id}'
    sources.write_text(sources.read_text().replace("tickets: {table: ticket, changed_at: changed, key: id}", fewer))
    ingest(shop)
    assert deleted(shop) == set()
    house.run("DELETE FROM ticket WHERE id IN (2, 20)")
    ingest(shop)
    assert deleted(shop) == {"acme-20"}


@pytest.mark.usefixtures("weeks_pass")
def test_what_was_deleted_before_it_was_asked_for_is_found_once_it_was_read_again(tmp_path: Path, house: House):
    shop = _project(tmp_path)
    sources = shop / "sources.yaml"
    whole = sources.read_text()
    sources.write_text(whole.replace("    follow_deletions: {tickets: weekly, people: weekly}\n", ""))
    ingest(shop)
    house.run("DELETE FROM ticket WHERE id = 0")
    sources.write_text(whole)
    ingest(shop)
    assert deleted(shop) == set()
    assert cxloop(shop, "backfill", "house", "--since", "2020-01-01", "--from-landing") == 0
    ingest(shop)
    assert deleted(shop) == {"acme-0"}


@pytest.mark.usefixtures("weeks_pass")
def test_keys_of_a_stream_that_is_read_no_more_tell_nothing(tmp_path: Path, house: House):
    shop = _project(tmp_path)
    ingest(shop)
    house.run("DELETE FROM ticket WHERE id = 0")
    sources = shop / "sources.yaml"
    text = sources.read_text().replace("{tickets: weekly, people: weekly}", "{people: weekly}")
    sources.write_text(text)
    assert cxloop(shop, "backfill", "house", "--since", "2020-01-01", "--from-landing") == 0
    ingest(shop)
    assert deleted(shop) == set()


CHILD = """\
import os
import signal
import sys
from pathlib import Path

from tasks.extract.steps import fetching
from tests.acceptance.runner import cxloop
from tests.acceptance.test_deletions_warehouse import in_parts_of_ten

fetching.are_keys_due = lambda *_: True
n_left = int(sys.argv[2])


def told() -> None:
    global n_left
    n_left -= 1
    if n_left < 0:
        os.kill(os.getpid(), signal.SIGKILL)


in_parts_of_ten(told)
sys.exit(cxloop(Path(sys.argv[1]), "ingest"))
"""
ROOT = Path(__file__).parents[2]


def in_parts_of_ten(told: Callable[[], None] = lambda: None) -> Callable[..., object]:
    """Streams are read in parts of ten rows; each is told before it is handed on. Gives back how it was."""
    before = reading._Stream.parts  # pyright: ignore[reportPrivateUsage]

    def parts(self: object, held: object, overlap: object, _: int, zone: object, now: object) -> object:
        for part in before(self, held, overlap, 10, zone, now):  # pyright: ignore[reportArgumentType]
            told()
            yield part

    reading._Stream.parts = parts  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    return before


# the changed tickets' one part, the people's two, the lead, then five of keys
@pytest.mark.parametrize("n_parts", [0, 2, 5, 8])
@pytest.mark.usefixtures("weeks_pass")
def test_a_read_that_was_killed_deletes_nothing_and_the_next_run_tells(
    n_parts: int, tmp_path: Path, house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CXLOOP_LEASE_SECONDS", "5")
    monkeypatch.setattr(reading._Stream, "parts", reading._Stream.parts)  # pyright: ignore[reportPrivateUsage]
    shop = _project(tmp_path)
    in_parts_of_ten()
    ingest(shop)
    house.run("DELETE FROM ticket WHERE id IN (0, 48)", "DELETE FROM person WHERE id = 1")
    child = subprocess.run([sys.executable, "-c", CHILD, str(shop), str(n_parts)], cwd=ROOT, env={**os.environ},
                           check=False)  # fmt: skip
    assert child.returncode == -signal.SIGKILL
    assert deleted(shop) == set()
    ingest(shop)
    assert (deleted(shop), deleted(shop, "customers")) == ({"acme-0", "acme-48"}, {"1"})
