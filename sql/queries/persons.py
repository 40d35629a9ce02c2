"""Customers as persons: one who writes by several ids is one and the same."""

from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, select

from sql import frames
from sql.queries.facts import with_keys
from sql.tables import people

FEW = 100_000
"""More customers than these are not looked up one by one."""


def as_persons(connection: Connection, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in their order, with the person in place of the customer id.

    Args:
        connection: to read with.
        rows: customer_id beside anything.
    """
    known = _persons_of(connection, rows["customer_id"])
    if known.is_empty():
        return rows
    person = rows.select("customer_id").join(known, on="customer_id", how="left", maintain_order="left")
    return rows.with_columns(customer_id=person.select(pl.coalesce("person_id", "customer_id")).to_series())


def all_ids(connection: Connection, since: pl.DataFrame) -> pl.DataFrame:
    """Since when to look, for every customer id of these persons.

    Args:
        connection: to read with.
        since: one row per customer id: customer_id, since.

    Returns:
        The same of each id of each person, with the earliest of its ids, sorted by customer_id.
    """
    every = of_all_ids(connection, since)
    return every.group_by("customer_id").agg(pl.col("since").min()).sort("customer_id")


def of_all_ids(connection: Connection, rows: pl.DataFrame) -> pl.DataFrame:
    """Each of the rows once for every customer id of its person.

    Args:
        connection: to read with.
        rows: customer_id beside anything.
    """
    known = _persons_of(connection, rows["customer_id"])
    if known.is_empty():
        return rows
    others = frames.read_many(
        connection, _who().where(people.c.person_id.in_(with_keys(connection, known["person_id"])))
    )
    placed = rows.join(known, on="customer_id", how="left").with_columns(pl.coalesce("person_id", "customer_id"))
    themselves = placed.with_columns(customer_id="person_id")
    theirs = placed.drop("customer_id").join(others, on="person_id")
    return pl.concat([each.select(rows.columns) for each in (theirs, themselves)]).unique()


def _persons_of(connection: Connection, customers: pl.Series) -> pl.DataFrame:
    """customer_id and person_id of those of these customers, or of all, who have several ids."""
    wanted = _who()
    if connection.execute(wanted.limit(1)).first() is None:
        return pl.DataFrame(schema={"customer_id": pl.String(), "person_id": pl.String()})
    asked = customers.drop_nulls().unique()
    if asked.len() <= FEW:
        wanted = wanted.where(people.c.customer_id.in_(with_keys(connection, asked)))
    return frames.read_many(connection, wanted)


def _who() -> Select[Any]:
    return select(*(column for column in (people.c.customer_id, people.c.person_id)))
