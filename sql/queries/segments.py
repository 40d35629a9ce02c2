"""What customers were when, and which segment that makes: states, given histories, spells."""

import json
from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, Select, delete, distinct, func, or_, select

from domain.facts import FACT_TABLES
from domain.remarks import REMARKS
from domain.segments import STATED
from sql import frames
from sql.queries.facts import with_keys
from sql.queries.people import last_look
from sql.store import Store
from sql.tables import FACTS, MEASURED, batches, customer_segments, customer_states, meta, people

DERIVED: Final = "derived"
"""Stands for the batch of rows of `customer_history` that no source gave: they were seen to change."""
_LOOKED_AT: Final = "segments_with"
_PRIME: Final = 2_147_483_647
_FEW: Final = 20_000
"""Up to so many customers are looked up one by one; of more, all spells are read."""


def forget_states(connection: Connection, fact: str, batch_ids: Sequence[str]) -> None:
    """What these batches told counts no more."""
    if batch_ids:
        held = customer_states.c
        connection.execute(delete(customer_states).where(held.fact == fact, held.batch_id.in_(batch_ids)))


def ids_with_states(connection: Connection, fact: str, ids: pl.Series) -> pl.Series:
    """Which of these customers or accounts have states."""
    held = customer_states.c
    wanted: Select[Any] = select(held.id).where(held.fact == fact, held.id.in_(with_keys(connection, ids)))
    return frames.read(connection, wanted.distinct())["id"]


def batches_seen(connection: Connection, batch_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By batch: complete_through and landed_at."""
    names = ("batch_id", "complete_through", "landed_at")
    wanted = select(*(batches.c[name] for name in names))
    found = Store.rows(connection, wanted.where(batches.c.batch_id.in_(batch_ids)))
    return {row["batch_id"]: row for row in found}


def states_of(connection: Connection, fact: str) -> pl.DataFrame:
    """Every kept state of one fact table: its key, batch_id, at, place (order of arrival), attributes."""
    held, names = customer_states.c, STATED[fact]
    arrived = func.coalesce(batches.c.landed_at, held.at).label("arrived")
    wanted: Select[Any] = (
        select(*(column for column in (held.id, held.batch_id, held.at, held.state, arrived)))
        .outerjoin_from(customer_states, batches, batches.c.batch_id == held.batch_id)
        .where(held.fact == fact)
    )
    found = frames.read(connection, wanted)
    told = found["state"].str.json_decode(pl.Struct(dict.fromkeys(names, pl.String()))).struct.unnest()
    return found.hstack(told).with_columns(place=pl.struct("arrived", "batch_id").rank("dense")).select(
        pl.col("id").alias(FACT_TABLES[fact].key), "batch_id", "at", "place", *names
    )  # fmt: skip


def rows_now(connection: Connection, fact: str, *, changed_only: bool = False) -> pl.DataFrame:
    """Customers or accounts as they are: key, source, created_at, batch_id, attributes.

    Args:
        connection: to read with.
        fact: `customers` or `accounts`.
        changed_only: of customers, those alone that have states or a history, and those whose account has states.
    """
    table = FACTS[fact]
    key = table.c[FACT_TABLES[fact].key]
    wanted = select(*(c for c in (key, table.c.source, table.c.created_at, table.c.batch_id)),
                    *(table.c[name] for name in STATED[fact]))  # fmt: skip
    if changed_only:
        given: Select[Any] = select(FACTS["customer_history"].c.customer_id)
        accounts = table.c.account_id.in_(_changed("accounts"))
        wanted = wanted.where(or_(key.in_(_changed(fact)), key.in_(given), accounts))
    return frames.read_many(connection, wanted)


def _changed(fact: str) -> Select[Any]:
    return select(customer_states.c.id).where(customer_states.c.fact == fact)


def given_history(connection: Connection) -> pl.DataFrame:
    """Spells of attributes that sources give: history_id, customer_id, attribute, value, valid_from, valid_to."""
    held = FACTS["customer_history"].c
    names = ("history_id", "customer_id", "attribute", "value", "valid_from", "valid_to")
    wanted: Select[Any] = select(*(held[name] for name in names))
    return frames.read_many(connection, wanted.where(held.batch_id != DERIVED, held.deleted_at.is_(None)))


def derived_history(connection: Connection) -> pl.DataFrame:
    """Rows of `customer_history` that were seen to change, as facts."""
    table = FACTS["customer_history"]
    wanted: Select[Any] = select(*(table.c[name] for name in FACT_TABLES["customer_history"].names))
    return frames.read(connection, wanted.where(table.c.batch_id == DERIVED))


def persons(connection: Connection) -> pl.DataFrame:
    """customer_id and person_id of customer ids that are one person with others."""
    return frames.read_many(connection, select(*(c for c in (people.c.customer_id, people.c.person_id))))


def state_of_attributes(connection: Connection, rules: Sequence[Any]) -> str:
    """A mark that is another one as soon as a rule, a customer, an account or a history is.

    Args:
        connection: to read with.
        rules: all that rules are made of; nothing where there are none: then changes of attributes alone count.
    """
    history = FACTS["customer_history"]
    marks: list[Any] = [list(rules), *_sum(connection, customer_states)]
    marks += _sum(connection, history, history.c.batch_id != DERIVED)
    if rules:
        marks += [*_sum(connection, FACTS["customers"]), *_sum(connection, FACTS["accounts"]), last_look(connection)]
    return json.dumps(marks)


NOTHING: Final = json.dumps([[], 0, 0, 0, 0])
"""The mark of no rule, no change and no history."""


def _sum(connection: Connection, table: Any, *conditions: Any) -> list[int]:
    held = table.c.row_hash
    wanted = select(func.count(held), func.coalesce(func.sum(held % _PRIME), 0)).where(*conditions)
    return [int(value) for value in connection.execute(wanted).one()]


def last_segments(connection: Connection) -> str:
    """The mark that segments were last made at."""
    return connection.execute(select(meta.c.value).where(meta.c.name == _LOOKED_AT)).scalar() or NOTHING


def remember_segments(connection: Connection, mark: str) -> None:
    """Keep the mark."""
    Store.put(connection, meta, [{"name": _LOOKED_AT, "value": mark}])


def rules_in_force(connection: Connection) -> list[Any]:
    """What the spells that are kept were made by."""
    return json.loads(last_segments(connection))[0]


def has_spells(connection: Connection) -> bool:
    """Whether anybody's segment is kept."""
    return connection.execute(select(customer_segments.c.customer_id).limit(1)).first() is not None


def spells_of(connection: Connection, customers: pl.Series | None = None) -> pl.DataFrame:
    """Segments and personas of customers while they held, as `domain.segments.SPELLS`; None: of all."""
    wanted = select(*customer_segments.c)
    if customers is None or (ids := customers.drop_nulls().unique()).len() > _FEW:
        return frames.read_many(connection, wanted, ["segment", "persona"]).with_columns(
            pl.col("segment", "persona").cast(pl.String)
        )
    return frames.read(connection, wanted.where(customer_segments.c.customer_id.in_(with_keys(connection, ids))))


def replace_spells(connection: Connection, customers: pl.Series, spells: pl.DataFrame) -> None:
    """These customers' spells are those."""
    gone = delete(customer_segments)
    if connection.execute(select(customer_segments.c.customer_id).limit(1)).first() is not None:
        connection.execute(gone.where(customer_segments.c.customer_id.in_(with_keys(connection, customers))))
    Store.write(connection, customer_segments, spells, on_conflict="fail")


def replace_history(connection: Connection, gone: pl.Series, rows: pl.DataFrame) -> None:
    """Take derived rows of `customer_history` away, and write these."""
    table = FACTS["customer_history"]
    if not gone.is_empty():
        mine = table.c.history_id.in_(with_keys(connection, gone))
        connection.execute(delete(table).where(table.c.batch_id == DERIVED, mine))
    hashed = rows.with_columns(row_hash=rows.hash_rows(seed=20_260_101).reinterpret(signed=True))
    Store.write(connection, table, hashed.with_columns(batch_id=pl.lit(DERIVED)))


def unstamped(
    connection: Connection, fact: str, customers: pl.Series, instants: Sequence[str], *, has_personas: bool
) -> pl.DataFrame:
    """Rows of a fact table about these customers that do not say themselves what they count under.

    Args:
        connection: to read with.
        fact: the fact table.
        customers: ids.
        instants: which of its columns are needed.
        has_personas: those without a persona too, not those without a segment alone.

    Returns:
        Its key, customer_id, instants, says_segment.
    """
    table = MEASURED[fact]
    names = dict.fromkeys([*(["row_id"] if fact == REMARKS else [FACT_TABLES[fact].key]), "customer_id", *instants])
    says = table.c.segment.is_not(None).label("says_segment")
    is_unsaid = or_(~says.element, table.c.persona.is_(None)) if has_personas else table.c.segment.is_(None)
    wanted: Select[Any] = select(*(table.c[name] for name in names), says).where(
        is_unsaid, table.c.customer_id.is_not(None)
    )
    if customers.len() <= _FEW:
        return frames.read(connection, wanted.where(table.c.customer_id.in_(with_keys(connection, customers))))
    return frames.read_many(connection, wanted).filter(pl.col("customer_id").is_in(customers.implode()))


def counts_now(connection: Connection, by: str) -> dict[str | None, tuple[int, int]]:
    """By segment or persona as it is now (None: no rule holds): how many persons, and how many accounts they have.

    Args:
        connection: to read with.
        by: `segment` or `persona`.
    """
    held, customers = customer_segments.c, FACTS["customers"].c
    person = func.count(distinct(func.coalesce(people.c.person_id, held.customer_id)))
    account = func.count(distinct(func.coalesce(customers.account_id, people.c.account_id)))
    wanted = (
        select(held[by], person, account)
        .outerjoin_from(customer_segments, people, people.c.customer_id == held.customer_id)
        .outerjoin(FACTS["customers"], customers.customer_id == held.customer_id)
        .where(held.valid_to.is_(None), customers.deleted_at.is_(None))
        .group_by(held[by])
    )
    return {name: (int(n), int(m)) for name, n, m in connection.execute(wanted)}


def ever_held(connection: Connection, by: str) -> set[str]:
    """Segments or personas that anybody has, or had."""
    column = customer_segments.c[by]
    return set(connection.execute(select(column).where(column.is_not(None)).distinct()).scalars())


def segment_history(connection: Connection, customers: Sequence[str]) -> list[dict[str, Any]]:
    """Every spell of some customers, by customer and time."""
    held = customer_segments.c
    wanted = select(*held).where(held.customer_id.in_(customers)).order_by(held.customer_id, held.valid_from)
    return Store.rows(connection, wanted)
