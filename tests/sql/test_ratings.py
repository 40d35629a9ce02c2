"""Tickets that were rated more than once, from both databases."""

from datetime import UTC, datetime

import polars as pl

from domain.key_blocks import KeyBlock
from sql.queries.ratings import rated_again
from sql.store import Store
from sql.tables import FACTS
from tests.factories import at, facts

SPAN = (datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC))
COLUMNS = ("answer_id", "ticket_id", "survey", "score")


def put(store: Store, *rows: tuple[str, str | None, str]) -> None:
    """Answers: id, ticket, day."""
    told = [{"answer_id": name, "ticket_id": ticket, "answered_at": at(day)} for name, ticket, day in rows]
    frame = facts("survey_answers", told).with_columns(row_hash=pl.lit(1, pl.Int64), batch_id=pl.lit("one"))
    with store.transaction() as connection:
        store.write(connection, FACTS["survey_answers"], frame)


def found(
    store: Store, spans: list[tuple[datetime, datetime]] | None, block: KeyBlock | None = None
) -> dict[str, bool]:
    with store.reading() as connection:
        rows = rated_again(connection, spans, COLUMNS, {"survey"}, block)
    return dict(rows.sort("answer_id").select("answer_id", "is_mine").iter_rows())


def test_all_ratings_of_a_ticket_are_found_by_one_of_them_however_far_the_others_are(store: Store) -> None:
    put(store, ("a", "T", "2026-03-10"), ("b", "T", "2027-01-10"), ("c", "U", "2026-03-10"), ("d", None, "2026-03-10"),
        ("e", None, "2026-03-11"), ("f", "V", "2026-05-10"), ("g", "V", "2026-05-11"))  # fmt: skip
    assert found(store, [SPAN]) == {"a": True, "b": True}
    assert found(store, None) == {"a": True, "b": True, "f": True, "g": True}


def test_of_a_block_only_its_own_are_asked_for(store: Store) -> None:
    put(store, ("a", "T", "2026-03-10"), ("b", "T", "2026-03-11"))
    assert found(store, [SPAN], KeyBlock(("account_id", "answer_id"), "b", None)) == {"a": False, "b": True}


def test_nothing_was_rated_again(store: Store) -> None:
    assert found(store, [SPAN]) == found(store, None) == {}
    put(store, ("a", "T", "2026-03-10"), ("b", "U", "2026-03-11"))
    assert found(store, [SPAN]) == found(store, None) == {}
