"""Which scales answers and reviews are on, as they lie in the store: what is declared is not all there is.

A survey may be named by a column, and a vendor names its own; so what is pooled is looked at again here.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select

from sql.tables import FACTS

Values = tuple[Any, ...]


def survey_scales(connection: Connection) -> dict[tuple[str, str], list[tuple[float, float, str]]]:
    """Scales of each measure and survey that has more than one: lowest score, highest, direction; in order.

    Answers that count decide: a score, and not deleted.
    """
    answers, found = FACTS["survey_answers"], dict[tuple[str, str], list[tuple[float, float, str]]]()
    names = ("measure", "survey", "scale_low", "scale_high", "direction")
    for measure, survey, *scale in _told(connection, answers, names):
        found.setdefault((measure, survey), []).append((scale[0], scale[1], scale[2]))
    several = {key: scales for key, scales in found.items() if len(scales) > 1}
    for (measure, survey), scales in several.items():
        several[measure, survey] = [
            scale for scale in scales if _counts(connection, answers, names, (measure, survey, *scale), "score")
        ]
    return {key: scales for key, scales in several.items() if len(scales) > 1}


def review_scales(connection: Connection) -> list[tuple[str, str | None, float, float]]:
    """Where we are reviewed, and on which scales: source, channel, lowest rating, highest; in order.

    Empty where all are on one scale. Reviews that count decide: of us, with a rating, and not deleted.
    """
    reviews, names = FACTS["reviews"], ("about", "source", "channel", "scale_low", "scale_high")
    found = [*_told(connection, reviews, names, ("us",))]
    if len({each[3:] for each in found}) > 1:
        found = [each for each in found if _counts(connection, reviews, names, each, "rating")]
    return [each[1:] for each in found] if len({each[3:] for each in found}) > 1 else []


def _told(connection: Connection, table: Table, names: Sequence[str], begun: Values = ()) -> Iterator[Values]:
    """Each combination of some columns that begins with some values; from one to the next in their index.

    There are few, of any number of rows.
    """
    if len(begun) == len(names):
        yield begun
        return
    column: Column[Any] = table.c[names[len(begun)]]
    there = _is(table, names, begun)
    if column.nullable and _is_any(connection, table, *there, column.is_(None)):
        yield from _told(connection, table, names, (*begun, None))
    following = select(func.min(column)).where(*there)
    value = connection.execute(following).scalar()
    while value is not None:
        yield from _told(connection, table, names, (*begun, value))
        value = connection.execute(following.where(column > value)).scalar()


def _is(table: Table, names: Sequence[str], values: Values) -> list[ColumnElement[bool]]:
    # a null is written as such: as a parameter it equals nothing
    return [
        table.c[name].is_(None) if value is None else table.c[name] == value
        for name, value in zip(names, values, strict=False)
    ]


def _counts(connection: Connection, table: Table, names: Sequence[str], values: Values, score: str) -> bool:
    """Whether any row with these values counts."""
    counts = (table.c[score].is_not(None), table.c.deleted_at.is_(None))
    return _is_any(connection, table, *_is(table, names, values), *counts)


def _is_any(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> bool:
    key = table.primary_key.columns[0]
    return connection.execute(select(key).where(*conditions).limit(1)).first() is not None
