"""What customers say about open incidents: texts to look at, what was found, and its words for people."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, and_, delete, false, or_, select

from domain.heard import Heard, Subject
from domain.remarks import NOTES
from sql import frames
from sql.queries.words import quote_of, remarks_held, themes_held
from sql.store import Store
from sql.tables import FACTS, incident_subjects, incident_words, remarks

Part = tuple[Mapping[str, str], Sequence[tuple[date, date]]]
"""A part of the company, as members by dimension, and the days [first, end) that are looked at."""
_OF_ROW: Final = ("touchpoint", "product", "channel", "source")
"""Dimensions that a remark says itself; its segment at the time, and its survey, stand elsewhere."""


def remarks_of(connection: Connection, parts: Iterable[Part]) -> pl.DataFrame:
    """Customers' remarks that may be of any of some parts, by fact and key; what is surely of none is not read."""
    held = remarks_held(connection, remarks.c.fact != NOTES, _is_of(parts))
    return held.sort("fact", "row_id")


def themes_of(connection: Connection, parts: Iterable[Part]) -> pl.DataFrame:
    """Themes of these remarks: fact, row_id, theme."""
    return themes_held(connection, _is_of(parts))


def _is_of(parts: Iterable[Part]) -> ColumnElement[bool]:
    looks = [
        and_(
            or_(false(), *(and_(remarks.c.day >= first, remarks.c.day < end) for first, end in days if first < end)),
            *(remarks.c[name] == members[name] for name in _OF_ROW if name in members),
        )
        for members, days in parts
    ]
    return or_(false(), *looks)


def answers_in_surveys(connection: Connection, first: date, end: date) -> pl.DataFrame:
    """row_id and survey of the answers whose text was written on days in [first, end)."""
    answers = FACTS["survey_answers"].c
    same = and_(remarks.c.fact == "survey_answers", remarks.c.row_id == answers.answer_id)
    columns = (remarks.c.row_id, answers.survey)
    wanted: Select[Any] = select(*(c for c in columns)).join_from(remarks, FACTS["survey_answers"], same)
    return frames.read(connection, wanted.where(remarks.c.day >= first, remarks.c.day < end))


def incident_marks(connection: Connection) -> dict[str, str]:
    """What the words of each incident were last made from."""
    wanted = select(*(incident_words.c[name] for name in ("incident_id", "mark")))
    return {row["incident_id"]: row["mark"] for row in Store.rows(connection, wanted)}


def forget_incident_words(connection: Connection, incident_ids: Sequence[str]) -> None:
    """Nothing is kept of what was said about these incidents."""
    for table in (incident_words, incident_subjects):
        connection.execute(delete(table).where(table.c.incident_id.in_(incident_ids)))


def put_incident_words(connection: Connection, rows: Sequence[dict[str, Any]], subjects: pl.DataFrame) -> None:
    """What was found of some incidents takes the place of what was."""
    forget_incident_words(connection, [row["incident_id"] for row in rows])
    Store.put(connection, incident_words, rows)
    Store.write(connection, incident_subjects, subjects, on_conflict="fail")


def heard_of(connection: Connection, smallest_group: int) -> dict[str, Heard]:
    """What customers say about each incident that was looked at, with one quote made from its row."""
    held, said = incident_subjects.c, dict[str, list[dict[str, Any]]]()
    for row in Store.rows(connection, select(incident_subjects).order_by(held.incident_id, held.rank)):
        said.setdefault(row["incident_id"], []).append(row)
    return {
        row["incident_id"]: _heard(connection, row, said.get(row["incident_id"], []), smallest_group)
        for row in Store.rows(connection, select(incident_words))
    }


def quote_about(connection: Connection, incident_id: str) -> str:
    """One typical quote about an incident, masked, made from its row; empty: none, or it is over."""
    held = incident_subjects
    mine = select(held).where(held.c.incident_id == incident_id).order_by(held.c.rank)
    return _first_quote(connection, Store.rows(connection, mine))


def _heard(
    connection: Connection, row: dict[str, Any], subjects: Sequence[dict[str, Any]], smallest_group: int
) -> Heard:
    return Heard(
        row["n_voices"], row["n_before"], smallest_group,
        tuple(Subject(one["subject"], one["theme"] is not None, one["n_now"], one["n_before"]) for one in subjects),
        _first_quote(connection, subjects),
    )  # fmt: skip


def _first_quote(connection: Connection, subjects: Sequence[dict[str, Any]]) -> str:
    quotes = (quote_of(connection, one) for one in subjects if one["fact"] is not None)
    return next((quote for quote in quotes if quote), "")
