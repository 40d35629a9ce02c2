import math
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy
from sqlalchemy import func, select

from domain.errors import LeaseLostError, RunInProgressError, StoreError
from sql import frames, ledger
from sql.ledger import begin_run, end_run
from sql.setup import HEAD, migrate, prepare
from sql.store import Store, open_store, revision_of
from sql.tables import FACTS, METADATA, kpi_days, runs
from sql.tables.facts import is_booked_again

NOON = datetime(2026, 3, 15, 12, 0, 0, 456, tzinfo=UTC)
LEASE = timedelta(seconds=90)


def event(event_id: str, **values: object) -> dict[str, object]:
    row = {
        "event_id": event_id, "source": "desk", "ticket_id": "desk:1", "at": NOON, "field": "status", "old": None,
        "new": "", "actor": None, "actor_role": "agent", "is_public": True, "sequence": 1,
        "row_hash": -5, "batch_id": "b",
    }  # fmt: skip
    return {**row, **values}


def test_a_frame_comes_back_as_it_was_written(store: Store) -> None:
    table = FACTS["ticket_events"]
    texts = ['plain, "quoted"\nand über', "\\N", "", None]
    rows = [event(f"e{i}", new=text, is_public=i % 2 == 0) for i, text in enumerate(texts)]
    frame = pl.DataFrame(rows, schema=frames.schema_of(list(table.c)))
    with store.transaction() as connection:
        store.write(connection, table, frame)
    with store.reading() as connection:
        assert store.frame(connection, select(table).order_by(table.c.event_id)).equals(frame)


def test_a_few_rows_are_written_as_a_frame_of_them_is(store: Store) -> None:
    day = date(2026, 3, 15)
    many = {
        "ticket_events": [event("e1", is_public=None, at=NOON - timedelta(days=40_000)), event("e2", is_public=False)],
        "kpi_days": [{"kpi": "csat", "scope": "{}", "booked_day": day, "known_day": day, "n_items": 1, "n": 1,
                      "total": 2, "total_sq": 2.5}],
    }  # fmt: skip
    for name, rows in many.items():
        table = METADATA.tables[name]
        frame = pl.DataFrame(rows, schema=frames.schema_of([table.c[column] for column in rows[0]]))
        with store.transaction() as connection:
            store.write(connection, table, frame)
            written = store.frame(connection, select(table).order_by(*table.primary_key))
            store.put(connection, table, rows)
            assert written.equals(store.frame(connection, select(table).order_by(*table.primary_key)))
            store.execute(connection, table.delete())
            store.put(connection, table, rows)
            assert written.equals(store.frame(connection, select(table).order_by(*table.primary_key)))


def test_a_text_has_no_nul_character_in_either_database(store: Store) -> None:
    table = FACTS["ticket_events"]
    rows = [event(f"e{i}", new=text, old=text) for i, text in enumerate(("a\x00b", "\x00", "ab", "", None))]
    frame = pl.DataFrame(rows, schema=frames.schema_of(list(table.c)))
    wanted = select(table.c.new, table.c.old).order_by(table.c.event_id)
    kept = [("ab", "ab"), ("", ""), ("ab", "ab"), ("", ""), (None, None)]
    with store.transaction() as connection:
        store.write(connection, table, frame)
        assert store.frame(connection, wanted).rows() == kept
        store.execute(connection, table.delete())
        store.put(connection, table, rows)
        assert store.frame(connection, wanted).rows() == kept


def test_threads_of_one_process_take_turns_at_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sql.store.BUSY_SECONDS", 0)
    store = open_store(f"sqlite:///{tmp_path / 'one.db'}")
    prepare(store)

    def lease() -> str:
        return begin_run(store, "daily", date(2026, 3, 15), LEASE)

    with ThreadPoolExecutor(1) as beside, store.transaction():
        later = beside.submit(lease)
        with pytest.raises(TimeoutError):
            later.result(timeout=0.1)
    assert later.result()
    store.engine.dispose()


def test_many_rows_come_back_as_they_were_written(store: Store) -> None:
    table = FACTS["ticket_events"]
    texts = ['plain, "quoted"\nand über', "[1, null]", "", None, "\\u0041 \t", "\x7f"]
    rows = [event(f"e{i}", new=text, is_public=i % 2 == 0, sequence=i * 2**60) for i, text in enumerate(texts)]
    frame = pl.DataFrame(rows, schema=frames.schema_of(list(table.c)))
    with store.transaction() as connection:
        empty = frames.read_many(connection, select(table), ["field"])
        store.write(connection, table, frame)
    with store.reading() as connection:
        held = frames.read_many(connection, select(table), ["field"])
    words = pl.col("field").cast(pl.Categorical)
    assert held.sort("event_id").equals(frame.with_columns(words))
    assert empty.equals(frame.clear().with_columns(words))


def test_many_rows_with_fractions_keep_every_digit(store: Store) -> None:
    day = date(2026, 3, 1)
    row = {"kpi": "ces", "scope": "{}", "booked_day": day, "known_day": day, "n_items": 1, "n": 1, "total": 0.1 + 0.2,
           "total_sq": 1e300 / 3, "bins": None}  # fmt: skip
    with store.transaction() as connection:
        store.put(connection, kpi_days, [row])
    with store.reading() as connection:
        assert frames.read_many(connection, select(kpi_days)).to_dicts() == [row]


def test_any_text_instant_and_number_comes_back_alone_and_beside_others(store: Store) -> None:
    dice, n = random.Random(11), 400
    nasty = ['"', ",", "\n", "\r", "\\", "N", ".", " ", "'", "%", "\t", "é", "😀", ""]
    texts = ["\ufeffmarked", "\\."] + [
        dice.choice([None, "", "".join(dice.choices(nasty, k=dice.randrange(6)))]) for _ in range(n - 2)
    ]
    instants = [NOON + timedelta(microseconds=dice.randrange(-(10**15), 10**15)) for _ in range(n)]
    rows = [
        event(f"e{i:03}", new=text, old=dice.choice(texts), at=at, is_public=dice.choice([None, False, True]),
              row_hash=dice.randrange(-(2**63), 2**63), sequence=dice.choice([None, 0, 2**63 - 1]))
        for i, (text, at) in enumerate(zip(texts, instants, strict=True))
    ]  # fmt: skip
    table = FACTS["ticket_events"]
    frame = pl.DataFrame(rows, schema=frames.schema_of(list(table.c)))
    with store.transaction() as connection:
        store.write(connection, table, frame)
    with store.reading() as connection:
        every = store.frame(connection, select(table).order_by(table.c.event_id))
        assert every.equals(frame)
        categories = frames.read(connection, select(table.c.new).order_by(table.c.event_id), ["new"])
        assert categories["new"].cast(pl.String).equals(frame["new"])
        for name in frame.columns:
            alone = store.frame(connection, select(table.c[name]).order_by(table.c.event_id))
            assert alone.equals(frame.select(name)), name
            nothing = select(table.c[name]).where(table.c.new.is_(None), table.c.event_id > "e390", table.c.old == "%")
            assert store.frame(connection, nothing.limit(0)).schema == frame.select(name).schema


def test_fractions_and_days_come_back_to_the_last_bit(store: Store) -> None:
    dice = random.Random(12)
    fractions = [0.1, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, None]
    fractions += [dice.random() * 10 ** dice.randrange(-300, 300) for _ in range(400)]
    frame = pl.DataFrame(
        {"kpi": "a", "scope": "{}", "booked_day": [date(1, 1, 1) + timedelta(days=i * 8_900) for i in range(407)],
         "known_day": date(9999, 12, 31), "n_items": 1, "n": 0, "total": fractions, "total_sq": fractions},
    ).with_columns(pl.col("total", "total_sq").fill_null(1 / 3))  # fmt: skip
    with store.transaction() as connection:
        store.write(connection, kpi_days, frame)
        held = store.frame(connection, select(kpi_days).order_by(kpi_days.c.booked_day))
    assert held.select(frame.columns).equals(frame)


def test_a_row_written_twice_is_there_once_as_last_written(store: Store) -> None:
    table = FACTS["ticket_events"]
    with store.transaction() as connection:
        store.put(connection, table, [event("e", new="open")])
        store.put(connection, table, [event("e", new="solved")])
        store.put(connection, table, [event("e", new="closed")], on_conflict="ignore")
    with store.reading() as connection:
        assert store.frame(connection, select(table.c.new))["new"].to_list() == ["solved"]


def test_a_reading_sees_one_state_whatever_is_written_meanwhile(store: Store) -> None:
    table = FACTS["ticket_events"]
    counted = select(func.count()).select_from(table)
    with store.transaction() as connection:
        store.put(connection, table, [event("e1")])
    with store.reading() as reading:
        assert reading.execute(counted).scalar() == 1
        with store.transaction() as connection:
            store.put(connection, table, [event("e2")])
        assert reading.execute(counted).scalar() == 1
        assert store.frame(reading, select(table.c.event_id))["event_id"].to_list() == ["e1"]
    with store.reading() as reading:
        assert reading.execute(counted).scalar() == 2


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    table = FACTS["ticket_events"]

    def fail() -> None:
        with store.transaction() as connection:
            store.put(connection, table, [event("e")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar() == 0


def test_days_and_instants_compare_in_the_database_as_they_do_here(store: Store) -> None:
    part = {"kpi": "nps", "scope": "{}", "n_items": 1, "n": 1, "total": 1.0, "total_sq": 1.0, "bins": None}
    days = [date(2026, 1, 31), date(2026, 2, 1)]
    with store.transaction() as connection:
        store.put(connection, kpi_days, [{**part, "booked_day": day, "known_day": day} for day in days])
        store.put(connection, FACTS["ticket_events"], [event("e")])
    events = FACTS["ticket_events"]
    with store.reading() as connection:
        later = store.frame(connection, select(kpi_days.c.booked_day).where(kpi_days.c.booked_day > days[0]))
        before = store.frame(connection, select(events.c.at).where(events.c.at < NOON + timedelta(microseconds=1)))
        none = store.frame(connection, select(events.c.at).where(events.c.at < NOON))
    assert later["booked_day"].to_list() == [days[1]]
    assert before["at"].to_list() == [NOON]
    assert none.is_empty()


def test_events_that_book_a_ticket_are_found_by_an_index_of_their_own(tmp_path: Path) -> None:
    store, events, said = open_store(f"sqlite:///{tmp_path / 'own.db'}"), FACTS["ticket_events"], []
    prepare(store)
    sqlalchemy.event.listen(store.engine, "before_cursor_execute", lambda *sent: said.append(sent[2:4]))
    with store.reading() as connection:
        connection.execute(select(events.c.ticket_id).where(is_booked_again(events), events.c.at >= NOON))
        statement, parameters = said[-1]
        (plan,) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    store.engine.dispose()
    assert "ix_ticket_events_at_ticket_id" in plan[-1]


def test_the_tables_are_what_the_migrations_make(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_migrations_run_down_and_up_again(store: Store) -> None:
    migrate(store, "base")
    assert revision_of(store) is None
    prepare(store)
    prepare(store)
    assert revision_of(store) == HEAD


def test_a_database_of_a_newer_version_is_left_alone(store: Store) -> None:
    with store.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="used by a newer cxloop"):
        prepare(store)


def test_two_runs_at_once_the_second_leaves_and_says_who_runs(store: Store) -> None:
    begin_run(store, "daily", date(2026, 3, 16), LEASE)
    with pytest.raises(RunInProgressError, match=r"daily run daily-1 of .* has held this project since"):
        begin_run(store, "daily", date(2026, 3, 16), LEASE)


def test_a_dead_runs_lease_is_taken_over_and_its_writes_are_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begin_run(store, "daily", date(2026, 3, 16), LEASE)
    monkeypatch.setattr(ledger, "_started", lambda _pid: "another start")
    second = begin_run(store, "daily", date(2026, 3, 16), LEASE)
    with pytest.raises(LeaseLostError, match="another run took over"), store.transaction(first):
        pass
    with store.transaction(second) as connection:
        states = {row.run_id: row.state for row in connection.execute(select(runs))}
    assert states == {"daily-1": "lost", "daily-2": "running"}


def test_a_lease_that_ran_out_is_taken_over(store: Store) -> None:
    first = begin_run(store, "daily", date(2026, 3, 16), timedelta(seconds=-1))
    assert begin_run(store, "daily", date(2026, 3, 16), LEASE) == "daily-2"
    end_run(store, first, "done", {})
    with store.reading() as connection:
        assert connection.execute(select(runs.c.state).where(runs.c.run_id == first)).scalar() == "lost"


def test_a_database_that_was_never_set_up_says_so(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(StoreError, match="run `cxloop run` once"), opened.reading() as connection:
        connection.execute(select(runs))
    opened.engine.dispose()


@pytest.mark.parametrize("url", ["nonsense", "mysql://a:secret@b/c", "oracle://x"])
def test_an_address_that_is_no_database_is_told_without_its_password(url: str) -> None:
    with pytest.raises(StoreError, match=r"expected sqlite or postgresql|Expected") as told:
        open_store(url)
    assert "secret" not in str(told.value)


def test_a_server_that_is_not_there_is_told_in_words() -> None:
    opened = open_store("postgresql://u:secret@127.0.0.1:9/none")
    with pytest.raises(StoreError, match="Check that the server runs") as told, opened.reading():
        pass
    assert "secret" not in str(told.value)
