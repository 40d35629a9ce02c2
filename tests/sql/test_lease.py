"""A living run's lease: renewed however long its transactions take, so that nobody takes over."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from time import monotonic, sleep

import pytest
from sqlalchemy import select

from domain.errors import LeaseLostError, RunInProgressError
from sql.ledger import begin_run, refuse_if_held, renewed
from sql.store import Store, open_store, renew_lease
from sql.tables import runs

DAY = date(2026, 3, 16)
LEASE = timedelta(seconds=90)
RAN_OUT = timedelta(seconds=-1)
"""The lease of a run whose first transaction has taken longer than it already."""
SOON_S = 20


@pytest.fixture
def other(migrated_url: str) -> Iterator[Store]:
    """The same database, as another process has it."""
    opened = open_store(migrated_url)
    yield opened
    opened.engine.dispose()


def comes(is_so: Callable[[], bool]) -> bool:
    """Whether it is so within a while."""
    end = monotonic() + SOON_S
    while not is_so():
        if monotonic() > end:
            return False
        sleep(0.01)
    return True


def until(store: Store, run_id: str = "daily-1") -> datetime:
    with store.reading() as connection:
        return connection.execute(select(runs.c.lease_until).where(runs.c.run_id == run_id)).scalar_one()


def test_a_transaction_longer_than_the_lease_is_no_end_of_it(store: Store, other: Store) -> None:
    run_id = begin_run(store, "daily", DAY, RAN_OUT)
    with renewed(store, run_id, timedelta(seconds=0.3)):
        with store.transaction(run_id):
            begun = until(other)
            is_sqlite = store.engine.dialect.name == "sqlite"  # its one writer is busy: renewed when that ends
            assert is_sqlite or comes(lambda: until(other) > begun)
        assert until(other) > begun
    assert store.lease is None


def test_the_next_run_meets_a_fresh_lease_behind_a_long_transaction(store: Store, other: Store) -> None:
    run_id = begin_run(store, "daily", DAY, RAN_OUT)
    with renewed(store, run_id, LEASE), ThreadPoolExecutor(1) as beside:
        with store.transaction(run_id):
            second = beside.submit(begin_run, other, "daily", DAY, LEASE)
            if store.engine.dialect.name == "postgresql":
                assert comes(lambda: waits(other))
                with store.transaction(run_id) as renewing:  # as the thread does, every third of a lease
                    renew_lease(renewing, run_id, LEASE)
            assert not second.done()
        with pytest.raises(RunInProgressError):
            second.result(SOON_S)
        with pytest.raises(RunInProgressError):
            refuse_if_held(other)
        with store.transaction(run_id) as connection:
            assert connection.execute(select(runs.c.state)).scalars().all() == ["running"]


def test_a_lease_is_not_renewed_with_every_transaction(store: Store) -> None:
    run_id = begin_run(store, "daily", DAY, LEASE)
    begun = until(store)
    with renewed(store, run_id, LEASE):
        with store.transaction(run_id):
            pass
        assert until(store) == begun


def test_a_run_that_is_refused_waits_for_nothing_that_is_written(store: Store, other: Store) -> None:
    run_id = begin_run(store, "daily", DAY, LEASE)
    is_sqlite = store.engine.dialect.name == "sqlite"  # it has one writer: there, to look is all that need not wait
    with store.transaction(run_id), pytest.raises(RunInProgressError):
        refuse_if_held(other) if is_sqlite else begin_run(other, "daily", DAY, LEASE)


def test_nobody_takes_over_in_the_middle_of_what_a_stalled_run_writes(store: Store, other: Store) -> None:
    run_id = begin_run(store, "daily", DAY, RAN_OUT)
    with ThreadPoolExecutor(1) as beside:
        with store.transaction(run_id):
            second = beside.submit(begin_run, other, "daily", DAY, LEASE)
            assert store.engine.dialect.name == "sqlite" or comes(lambda: waits(other))
            assert not second.done()
        assert second.result(SOON_S) == "daily-2"
    with pytest.raises(LeaseLostError), store.transaction(run_id):
        pass
    assert datetime.now(UTC) < until(store, "daily-2") <= datetime.now(UTC) + LEASE


def waits(store: Store) -> bool:
    """Whether somebody waits for a row of PostgreSQL that another one holds."""
    with store.reading() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one() > 0
