"""Who is who: addresses in use, decisions, persons and what happened to them."""

import json
from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, or_, select, union

from domain.facts import FACT_TABLES
from sql import frames
from sql.queries.facts import booking, ticket_instants, with_keys
from sql.store import Store
from sql.tables import FACTS, merge_log, merge_reviews, meta, people

LOOKED_AT: Final = "identified_with"
RULES: Final = 1
"""Counts up when people are tied by other rules: all are then looked at again."""
_PRIME: Final = 2_147_483_647
_PERSON: Final = ("customer_id", "person_id", "through", "identity_id", "account_id")


def _some(table: Table, *names: str) -> Select[Any]:
    return select(*(table.c[name] for name in names))


def identities_in_use(connection: Connection) -> pl.DataFrame:
    """Addresses that are not deleted and could be read: identity_id, source, customer_id, kind, value_hash."""
    held = FACTS["identities"].c
    wanted = _some(FACTS["identities"], "identity_id", "source", "customer_id", "kind", "value_hash")
    return frames.read(connection, wanted.where(held.deleted_at.is_(None), held.value_hash.is_not(None)))


def accounts_of_customers(connection: Connection) -> pl.DataFrame:
    """customer_id and account_id of customers with an account."""
    held = FACTS["customers"].c
    wanted = _some(FACTS["customers"], "customer_id", "account_id").where(
        held.account_id.is_not(None), held.deleted_at.is_(None)
    )
    return frames.read(connection, wanted)


def emails_in_accounts(connection: Connection) -> pl.DataFrame:
    """E-mail addresses of customers with an account: customer_id, account_id, near_hashes."""
    held, customers = FACTS["identities"].c, FACTS["customers"].c
    wanted: Select[Any] = select(*(column for column in (held.customer_id, customers.account_id, held.near_hashes)))
    wanted = wanted.where(
        customers.customer_id == held.customer_id, customers.account_id.is_not(None), customers.deleted_at.is_(None),
        held.deleted_at.is_(None), held.near_hashes.is_not(None),
    )  # fmt: skip
    return frames.read(connection, wanted)


def state_of_addresses(connection: Connection) -> str:
    """A mark that is another one as soon as an identity, a customer or a decision is: from counts and row hashes."""
    marks: list[Any] = [RULES]
    for name in ("identities", "customers"):
        held = FACTS[name].c.row_hash
        rest = func.coalesce(func.sum(held % _PRIME), 0)
        marks += [int(value) for value in connection.execute(select(func.count(held), rest)).one()]
    decided = select(merge_reviews.c.customer_id, merge_reviews.c.other_id, merge_reviews.c.state).where(
        merge_reviews.c.state != "waiting"
    )
    marks += sorted(tuple(row) for row in connection.execute(decided))
    return json.dumps(marks)


def last_look(connection: Connection) -> str | None:
    """The mark that people were last tied at; None: never."""
    return connection.execute(select(meta.c.value).where(meta.c.name == LOOKED_AT)).scalar()


def remember_look(connection: Connection, mark: str) -> None:
    """Keep the mark."""
    Store.put(connection, meta, [{"name": LOOKED_AT, "value": mark}])


def people_now(connection: Connection) -> pl.DataFrame:
    """Every row of `people`, without the run that tied it."""
    return frames.read(connection, select(*(people.c[name] for name in _PERSON)))


def instants_of(connection: Connection, name: str, customers: pl.Series) -> pl.Series:
    """Every instant on whose day a fact about these customers is booked."""
    table = FACTS[name]
    mine = table.c.customer_id.in_(with_keys(connection, customers))
    held = frames.read(connection, _some(table, FACT_TABLES[name].key, *booking(name)).where(mine))
    booked = [held[at] for at in booking(name)]
    return pl.concat([*booked, *([ticket_instants(connection, held["ticket_id"])] if name == "tickets" else [])])


def runs_of(connection: Connection, customers: pl.Series) -> pl.DataFrame:
    """customer_id and since_run of some rows of `people`."""
    keys = with_keys(connection, customers)
    return frames.read(connection, _some(people, "customer_id", "since_run").where(people.c.customer_id.in_(keys)))


def forget_people(connection: Connection, customers: pl.Series) -> None:
    """Take these customers' rows away: each is a person by itself."""
    if not customers.is_empty():
        connection.execute(delete(people).where(people.c.customer_id.in_(with_keys(connection, customers))))


def decided_pairs(connection: Connection, state: str) -> list[tuple[str, str]]:
    """Pairs about which people said `merged` or `apart`."""
    held = merge_reviews.c
    wanted = _some(merge_reviews, "customer_id", "other_id").where(held.state == state)
    return sorted((row.customer_id, row.other_id) for row in connection.execute(wanted))


def replace_waiting(connection: Connection, pairs: pl.DataFrame, run_id: str | None) -> None:
    """The review list is these pairs; those that waited before keep their run, decisions stay.

    Args:
        connection: within a transaction.
        pairs: customer_id, other_id, reason.
        run_id: the run; None: a decision made it new.
    """
    held = merge_reviews.c
    wanted = _some(merge_reviews, "customer_id", "other_id", "since_run").where(held.state == "waiting")
    before = frames.read(connection, wanted)
    connection.execute(delete(merge_reviews).where(held.state == "waiting"))
    kept = pairs.join(before, on=["customer_id", "other_id"], how="left").with_columns(
        pl.col("since_run").fill_null(pl.lit(run_id, pl.String)), state=pl.lit("waiting")
    )
    Store.write(connection, merge_reviews, kept, on_conflict="ignore")


def reviews(connection: Connection, state: str | None) -> list[dict[str, Any]]:
    """The review list: of one state, or all of it."""
    wanted = select(*(c for c in merge_reviews.c if c.name != "since_run"))
    wanted = wanted if state is None else wanted.where(merge_reviews.c.state == state)
    found = Store.rows(connection, wanted)
    return sorted(found, key=lambda row: (row["customer_id"], row["other_id"]))


def events_by_pair(connection: Connection, customers: pl.Series) -> pl.DataFrame:
    """How many events the log has of each pair: customer_id, other_id, n."""
    held = merge_log.c
    pair = [held.customer_id, held.other_id]
    wanted = select(*pair, func.count()).where(held.customer_id.in_(with_keys(connection, customers)))
    found = connection.execute(wanted.group_by(*pair)).all()
    schema = {"customer_id": pl.String, "other_id": pl.String, "n": pl.Int64}
    return pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row")


def person_of(connection: Connection, customer_id: str) -> str:
    """The person that a customer is: itself, if tied to nobody."""
    wanted = select(people.c.person_id).where(people.c.customer_id == customer_id)
    return connection.execute(wanted).scalar() or customer_id


def ids_of(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """The customer ids of a person with what ties each: customer_id, through, account_id."""
    names = ("customer_id", "through", "account_id")
    wanted = select(*(people.c[name] for name in names)).where(people.c.person_id == person_id)
    found = sorted(Store.rows(connection, wanted), key=lambda row: row["customer_id"])
    return found or [{"customer_id": person_id, "through": None, "account_id": None}]


WITH_CUSTOMER: Final = tuple(name for name, table in FACTS.items() if "customer_id" in table.c)


def is_known(connection: Connection, customer_id: str) -> bool:
    """Whether any fact is about this customer; answers that are anonymous are about nobody."""
    return any(
        connection.execute(select(FACTS[name].c.customer_id).where(*_about(name, [customer_id])).limit(1)).first()
        for name in WITH_CUSTOMER
    )


def ids_ending(connection: Connection, key: str, limit: int = 5) -> list[str]:
    """Customer ids whose vendor's key this is: what somebody probably meant."""
    ending = f":{key}"
    found = union(*(
        select(FACTS[name].c.customer_id).where(FACTS[name].c.customer_id.endswith(ending, autoescape=True))
        for name in WITH_CUSTOMER
    )).limit(limit)  # fmt: skip
    return sorted(connection.execute(found).scalars())


def rows_about(
    connection: Connection, name: str, customers: Sequence[str], columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Some columns of a fact table's rows about these customers; without what is deleted or anonymous."""
    table = FACTS[name]
    wanted = select(*(table.c[column] for column in columns)).where(*_about(name, customers))
    return Store.rows(connection, wanted)


def _about(name: str, customers: Sequence[str]) -> list[ColumnElement[bool]]:
    table = FACTS[name]
    conditions: list[ColumnElement[bool]] = [table.c.customer_id.in_(customers)]
    if "deleted_at" in table.c:
        conditions.append(table.c.deleted_at.is_(None))
    if "is_anonymous" in table.c:
        conditions.append(or_(table.c.is_anonymous.is_(None), table.c.is_anonymous.is_(False)))
    return conditions
