"""Rows of a block of keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, func, or_, select, true

from domain.key_blocks import KeyBlock
from sql.tables import people


def key_of(table: Table, columns: Sequence[str]) -> ColumnElement[Any]:
    """The first of these columns that has a value; of a customer the person: all ids of one have the same key."""
    held = [key for name in columns for key in _keys(table.c[name])]
    return func.coalesce(*held) if len(held) > 1 else held[0]


def in_block(table: Table, block: KeyBlock) -> ColumnElement[bool]:
    """Whether a row is in a block; one without a key is in the first."""
    key = key_of(table, block.columns)
    low = true() if block.low is None else key >= block.low
    high = true() if block.high is None else key < block.high
    return and_(low, or_(high, key.is_(None)) if block.low is None else high)


def _keys(column: Column[Any]) -> list[ColumnElement[Any]]:
    if column.name != "customer_id":
        return [column]
    return [select(people.c.person_id).where(people.c.customer_id == column).scalar_subquery(), column]
