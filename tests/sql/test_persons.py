"""Customer ids as persons, on both databases."""

from datetime import UTC, datetime

import polars as pl
from sqlalchemy import select

from domain.key_blocks import KeyBlock
from sql.queries import persons
from sql.queries.key_blocks import in_block
from sql.store import Store
from sql.tables import FACTS, people
from tests.factories import facts

EARLY, LATE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)


def tie(store: Store, *pairs: tuple[str, str]) -> None:
    with store.transaction() as connection:
        rows = [{"customer_id": one, "person_id": person, "through": "email"} for one, person in pairs]
        store.put(connection, people, rows)


def test_rows_get_the_person_and_keep_their_order(store: Store, monkeypatch):
    tie(store, ("a", "a"), ("z", "a"), ("y", "b"), ("b", "b"))
    rows = pl.DataFrame({"customer_id": ["z", None, "lone", "a", "y"], "n": range(5)})
    for few in (0, 10):  # all at once, and one by one
        monkeypatch.setattr(persons, "FEW", few)
        with store.reading() as connection:
            assert persons.as_persons(connection, rows)["customer_id"].to_list() == ["a", None, "lone", "a", "b"]


def test_nobody_is_tied_nothing_changes(store: Store):
    rows = pl.DataFrame({"customer_id": ["z", None], "n": range(2)})
    since = pl.DataFrame({"customer_id": ["z", "c"], "since": [LATE, EARLY]})
    with store.reading() as connection:
        assert persons.as_persons(connection, rows).equals(rows)
        assert persons.all_ids(connection, since).rows() == [("c", EARLY), ("z", LATE)]


def test_every_id_of_a_person_is_looked_for_since_the_first_of_them_waited(store: Store):
    tie(store, ("a", "a"), ("m", "a"), ("z", "a"), ("y", "b"))
    since = pl.DataFrame({"customer_id": ["z", "m", "lone"], "since": [LATE, EARLY, LATE]})
    with store.reading() as connection:
        found = persons.all_ids(connection, since).rows()
    assert found == [("a", EARLY), ("lone", LATE), ("m", EARLY), ("z", EARLY)]


def test_no_block_of_keys_parts_a_person(store: Store):
    tie(store, ("a", "a"), ("z", "a"))
    rows = [{"ticket_id": f"T{who}", "customer_id": who, "opened_at": EARLY} for who in ("a", "m", "z", None)]
    frame = facts("tickets", rows).with_columns(row_hash=pl.lit(1, pl.Int64), batch_id=pl.lit("one"))
    tickets = FACTS["tickets"]
    with store.transaction() as connection:
        store.write(connection, tickets, frame)

    def held(low: str | None, high: str | None) -> list[str]:
        block = KeyBlock(("customer_id", "ticket_id"), low, high)
        with store.reading() as connection:
            return sorted(connection.execute(select(tickets.c.ticket_id).where(in_block(tickets, block))).scalars())

    assert held(None, "m") == ["TNone", "Ta", "Tz"]
    assert held("m", None) == ["Tm"]
