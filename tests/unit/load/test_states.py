"""What customers were before a batch told something else: kept once there are several states, on both databases."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.segments import BEGINNING, STATED
from sql.queries.segments import rows_now, states_of
from sql.store import Store, open_store
from sql.tables import FACTS, METADATA, batches, customer_states
from tasks.identify.attributes import spells
from tasks.load.steps.states import seen_at
from tasks.load.steps.tables import Place, load_table
from tests.factories import at, facts

Spells = list[tuple[str, datetime, str | None]]


class World:
    def __init__(self, store: Store) -> None:
        self.store = store

    def batch(self, name: str, through: date | None, *rows: dict[str, Any], older: Sequence[str] = ()) -> None:
        """Load a batch of customers (or accounts, if they are)."""
        table = "accounts" if "industry" in rows[0] else "customers"
        batch = {
            "batch_id": name, "source": "crm", "stream": "files", "name": name, "sha256": name, "mapping": "1",
            "n_bytes": 1, "state": "published", "complete_through": through,
            "landed_at": datetime(2026, 4, 1, tzinfo=UTC) + timedelta(minutes=int(name[1])),
        }  # fmt: skip
        key = "account_id" if table == "accounts" else "customer_id"
        whole = facts(table, [{"source": "crm", key: "crm:1", **row} for row in rows])
        with self.store.transaction() as connection:
            self.store.put(connection, batches, [batch])
            place = Place(name, list(older), [], seen_at(batch, "UTC"), "UTC")
            load_table(connection, table, whole, place)

    def states(self) -> list[tuple[str, str]]:
        with self.store.reading() as connection:
            found = self.store.rows(connection, select(customer_states))
        return sorted((row["batch_id"], f"{row['at']:%m-%d}") for row in found)

    def plans(self) -> Spells:
        with self.store.reading() as connection:
            now, states = rows_now(connection, "customers"), states_of(connection, "customers")
        found = spells(now, states, "customer_id", STATED["customers"]).sort("customer_id", "valid_from")
        return found.select("customer_id", "valid_from", "plan").rows()


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def test_what_is_told_once_takes_no_place(world: World) -> None:
    world.batch("b1", date(2026, 3, 1), {"plan": "home"}, {"customer_id": "crm:2", "plan": "home"})
    world.batch("b2", date(2026, 3, 8), {"plan": "home"}, {"customer_id": "crm:3"})
    assert world.states() == []
    assert world.plans() == [(f"crm:{n}", BEGINNING, plan) for n, plan in ((1, "home"), (2, "home"), (3, None))]


def test_a_change_between_two_files_holds_from_the_day_the_second_is_complete_for(world: World) -> None:
    world.batch("b1", date(2026, 3, 1), {"plan": "home"})
    world.batch("b2", date(2026, 3, 8), {"plan": "office"})
    world.batch("b3", date(2026, 3, 15), {"plan": "home"})
    assert world.states() == [("b1", "03-01"), ("b2", "03-08"), ("b3", "03-15")]
    assert world.plans() == [
        ("crm:1", BEGINNING, "home"), ("crm:1", at("2026-03-08"), "office"), ("crm:1", at("2026-03-15"), "home"),
    ]  # fmt: skip


def test_a_version_of_the_row_says_when_it_changed(world: World) -> None:
    world.batch("b1", date(2026, 3, 1), {"plan": "home", "version_at": at("2026-02-01")})
    world.batch("b2", None, {"plan": "office", "version_at": at("2026-03-05 10:30")})
    assert world.plans()[1] == ("crm:1", at("2026-03-05 10:30"), "office")


def test_accounts_are_followed_too(world: World) -> None:
    world.batch("b1", date(2026, 3, 1), {"industry": "bank"})
    world.batch("b2", date(2026, 3, 8), {"industry": "farm"})
    with world.store.reading() as connection:
        found = states_of(connection, "accounts").sort("at")
    assert found.select("account_id", "industry").rows() == [("crm:1", "bank"), ("crm:1", "farm")]


def test_what_a_mapping_told_that_was_mended_counts_no_more(world: World) -> None:
    world.batch("b1", date(2026, 3, 1), {"plan": "P1"})
    world.batch("b2", date(2026, 3, 8), {"plan": "P2"})
    world.batch("b3", date(2026, 3, 1), {"plan": "home"}, older=["b1"])
    world.batch("b4", date(2026, 3, 8), {"plan": "office"}, older=["b2"])
    assert world.states() == [("b3", "03-01"), ("b4", "03-08")]
    assert world.plans() == [("crm:1", BEGINNING, "home"), ("crm:1", at("2026-03-08"), "office")]


def test_a_mended_mapping_of_one_file_is_no_change_of_the_customer(world: World) -> None:
    world.batch("b1", date(2026, 3, 1), {"plan": "P1"})
    world.batch("b2", date(2026, 3, 1), {"plan": "home"}, older=["b1"])
    assert world.states() == []
    assert world.plans() == [("crm:1", BEGINNING, "home")]


VERSIONS = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from(["home", "office", None])), min_size=1, max_size=5,
    unique_by=lambda each: each[0],
).flatmap(lambda told: st.tuples(st.just(sorted(told)), st.permutations(sorted(told))))  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(VERSIONS)
def test_the_same_versions_give_the_same_history_in_whatever_order_they_come(
    both: tuple[list[tuple[int, str | None]], list[tuple[int, str | None]]],
) -> None:
    expected, found = (_loaded(versions) for versions in both)
    assert expected == found


def _loaded(versions: list[tuple[int, str | None]]) -> tuple[Spells, list[str | None]]:
    store = open_store("sqlite://")
    try:
        METADATA.create_all(store.engine, tables=[FACTS["customers"], batches, customer_states])
        world = World(store)
        for number, (hour, plan) in enumerate(versions):
            version = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hour)
            world.batch(f"b{number}", None, {"plan": plan, "version_at": version})
        with store.reading() as connection:
            told = states_of(connection, "customers").sort("at")["plan"].to_list()
        return world.plans(), told
    finally:
        store.engine.dispose()


def test_states_of_an_empty_table_are_a_typed_frame(world: World) -> None:
    with world.store.reading() as connection:
        assert states_of(connection, "accounts").schema["industry"] == pl.String
