"""Texts that are to be read, and what reading them found."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Subquery, and_, delete, func, or_, select

from domain.facts import FACT_TABLES
from domain.remarks import REMARKS, US, WRITTEN, quoted, whole_text
from sql import frames
from sql.queries.facts import with_keys
from sql.queries.intake import WORDS_READ
from sql.store import Store
from sql.tables import (
    FACTS,
    dirty_days,
    incident_subjects,
    incident_words,
    meta,
    remark_changes,
    remark_quotes,
    remark_themes,
    remark_weeks,
    remarks,
    tone_lessons,
)

COPIED: Final = ("source", "customer_id", "response_id", "segment", "persona", "touchpoint", "product", "channel")
"""Columns that a remark takes from its row, where the fact table has them."""
SCORED: Final = ("measure", "score", "rating", "scale_low", "scale_high", "direction")
_OF_TEXTS: Final = (remarks, remark_themes, tone_lessons, remark_weeks, remark_changes, remark_quotes)
_PRIME: Final = 2_147_483_647
_WEEK: Final = timedelta(days=7)


def state_of_texts(connection: Connection, version: str) -> str:
    """A mark that is another one as soon as a rule, or a row that may hold a text, is."""
    marks: list[Any] = [version]
    for fact in WRITTEN:
        held = FACTS[fact].c.row_hash
        wanted = select(func.count(held), func.coalesce(func.sum(held % _PRIME), 0))
        marks += [int(value) for value in connection.execute(wanted).one()]
    return json.dumps(marks)


def last_read(connection: Connection) -> str | None:
    """The mark that texts were last read at; None: never, or not through to the end."""
    return connection.execute(select(meta.c.value).where(meta.c.name == WORDS_READ)).scalar()


def remember_read(connection: Connection, mark: str) -> None:
    """Keep the mark."""
    Store.put(connection, meta, [{"name": WORDS_READ, "value": mark}])


def _is_said(fact: str) -> ColumnElement[bool]:
    """Whether a row holds a text that counts: not deleted, and about nobody else."""
    table, written = FACTS[fact].c, WRITTEN[fact]
    said = and_(or_(*(table[name].is_not(None) for name in written.texts)), table.deleted_at.is_(None))
    return and_(said, or_(table.about.is_(None), table.about == US)) if written.is_about else said


def _scored() -> Subquery:
    """Responses with scored answers: response_id, and scores_hash, another one as soon as any of them is."""
    held = FACTS["survey_answers"].c
    summed = func.sum(held.row_hash % _PRIME).cast(BigInteger).label("scores_hash")
    return (
        select(*(c for c in (held.response_id, summed)))
        .where(held.response_id.is_not(None), held.score.is_not(None), held.deleted_at.is_(None))
        .group_by(held.response_id)
        .subquery()
    )


def scores_beside(connection: Connection, response_ids: pl.Series) -> pl.DataFrame:
    """Scored answers of some responses: response_id, and the columns of the score."""
    held = FACTS["survey_answers"].c
    names = ("response_id", "measure", "score", "scale_low", "scale_high", "direction")
    wanted: Select[Any] = select(*(held[name] for name in names)).where(
        held.response_id.in_(with_keys(connection, response_ids)), held.score.is_not(None), held.deleted_at.is_(None)
    )
    return frames.read(connection, wanted)


def unread(connection: Connection, fact: str, version: str) -> pl.Series:
    """Keys of rows with a text that was not read as it is now, or by other rules; in order."""
    table, key = FACTS[fact], FACTS[fact].c[FACT_TABLES[fact].key]
    is_other = [remarks.c.row_id.is_(None), remarks.c.row_hash != table.c.row_hash, remarks.c.version != version]
    rows = table.outerjoin(remarks, and_(remarks.c.fact == fact, remarks.c.row_id == key))
    if "response_id" in table.c:
        scored = _scored()
        rows = rows.outerjoin(scored, scored.c.response_id == table.c.response_id)
        is_other.append(remarks.c.scores_hash != func.coalesce(scored.c.scores_hash, 0))
    wanted: Select[Any] = select(key.label("row_id")).select_from(rows).where(_is_said(fact), or_(*is_other))
    return frames.read(connection, wanted)["row_id"].sort()


def gone(connection: Connection, fact: str) -> pl.Series:
    """Keys of remarks whose row is no more, or says nothing any more; in order."""
    table, key = FACTS[fact], FACTS[fact].c[FACT_TABLES[fact].key]
    wanted: Select[Any] = (
        select(remarks.c.row_id)
        .outerjoin_from(remarks, table, and_(key == remarks.c.row_id, _is_said(fact)))
        .where(remarks.c.fact == fact, key.is_(None))
    )
    return frames.read(connection, wanted)["row_id"].sort()


def rows_to_read(connection: Connection, fact: str, keys: pl.Series) -> pl.DataFrame:
    """Rows of a fact table by key: row_id, row_hash, scores_hash, written_at, texts, what it has of COPIED, SCORED."""
    table, written = FACTS[fact], WRITTEN[fact]
    key = table.c[FACT_TABLES[fact].key]
    names = [name for name in (*COPIED, *SCORED, *written.texts) if name in table.c]
    own = [key.label("row_id"), table.c.row_hash, table.c[written.at].label("written_at")]
    wanted: Select[Any] = select(*own, *(table.c[name] for name in names))
    if "response_id" in table.c:
        scored = _scored()
        beside = table.outerjoin(scored, scored.c.response_id == table.c.response_id)
        wanted = wanted.add_columns(scored.c.scores_hash).select_from(beside)
    found = frames.read(connection, wanted.where(key.in_(with_keys(connection, keys)))).sort("row_id")
    none = pl.lit(0, pl.Int64)
    held = pl.col("scores_hash").fill_null(0) if "scores_hash" in found.columns else none
    return found.with_columns(scores_hash=held)


def texts_of(connection: Connection, fact: str, keys: pl.Series) -> pl.DataFrame:
    """row_id and the columns of text of some rows."""
    table = FACTS[fact].c
    key = table[FACT_TABLES[fact].key]
    wanted: Select[Any] = select(key.label("row_id"), *(table[name] for name in WRITTEN[fact].texts))
    return frames.read(connection, wanted.where(key.in_(with_keys(connection, keys)))).sort("row_id")


def replace_remarks(
    connection: Connection, fact: str, keys: pl.Series, found: pl.DataFrame, themes: pl.DataFrame
) -> None:
    """What was found in some rows takes the place of what was found in them before."""
    forget_remarks(connection, fact, keys)
    _mark_days(connection, found["day"])
    Store.write(connection, remarks, found, on_conflict="fail")
    Store.write(connection, remark_themes, themes, on_conflict="fail")


def forget_remarks(connection: Connection, fact: str, keys: pl.Series) -> None:
    """Nothing is kept of these rows."""
    if keys.is_empty():
        return
    held = with_keys(connection, keys)
    days = select(remarks.c.day).where(remarks.c.fact == fact, remarks.c.row_id.in_(held)).distinct()
    _mark_days(connection, frames.read(connection, days)["day"])
    for table in (remarks, remark_themes):
        connection.execute(delete(table).where(table.c.fact == fact, table.c.row_id.in_(held)))


def retell(connection: Connection, told: pl.DataFrame) -> None:
    """Remarks with another tone than before."""
    Store.write(connection, remarks, told)
    _mark_days(connection, told["day"])


def _mark_days(connection: Connection, days: pl.Series) -> None:
    """What is measured from remarks of these days is to be measured again."""
    rows = [{"fact": REMARKS, "day": day} for day in days.unique().sort()]
    Store.put(connection, dirty_days, rows, on_conflict="ignore")


def forget_words(connection: Connection) -> None:
    """Nothing that was ever read is kept."""
    for table in (*_OF_TEXTS, incident_words, incident_subjects):
        connection.execute(delete(table))
    connection.execute(delete(meta).where(meta.c.name == WORDS_READ))


def remarks_held(connection: Connection, *conditions: ColumnElement[bool]) -> pl.DataFrame:
    """Remarks that meet all conditions, all columns, in no particular order."""
    return frames.read(connection, select(remarks).where(*conditions))


def standings(connection: Connection) -> pl.DataFrame:
    """What the tone of customers' remarks is learned by, see `tasks.words.lessons`."""
    names = ("fact", "row_id", "day", "language", "standing", "customer_id", "text_hash", "lesson")
    wanted: Select[Any] = select(*(remarks.c[name] for name in names))
    return frames.read_many(connection, wanted.where(remarks.c.tone.is_not(None)))


def remarks_by_key(connection: Connection, fact: str, keys: pl.Series) -> pl.DataFrame:
    """Remarks of some rows of a fact table, by key."""
    mine = and_(remarks.c.fact == fact, remarks.c.row_id.in_(with_keys(connection, keys)))
    return remarks_held(connection, mine).sort("row_id")


def replace_lessons(connection: Connection, begins: date, lessons: pl.DataFrame) -> None:
    """What was learned for one quarter takes the place of what was."""
    connection.execute(delete(tone_lessons).where(tone_lessons.c.begins == begins))
    Store.write(connection, tone_lessons, lessons, on_conflict="fail")


def keep_lessons(connection: Connection, quarters: list[date]) -> None:
    """Lessons of quarters without a text are forgotten."""
    connection.execute(delete(tone_lessons).where(tone_lessons.c.begins.not_in(quarters)))


def remarks_between(connection: Connection, first: date, end: date) -> pl.DataFrame:
    """Remarks written on days in [first, end), by fact and key."""
    return remarks_held(connection, remarks.c.day >= first, remarks.c.day < end).sort("fact", "row_id")


def themes_between(connection: Connection, first: date, end: date) -> pl.DataFrame:
    """Themes of remarks written on days in [first, end): fact, row_id, theme."""
    return themes_held(connection, remarks.c.day >= first, remarks.c.day < end)


def themes_held(connection: Connection, *conditions: ColumnElement[bool]) -> pl.DataFrame:
    """Themes of remarks that meet all conditions: fact, row_id, theme."""
    same = and_(remark_themes.c.fact == remarks.c.fact, remark_themes.c.row_id == remarks.c.row_id)
    wanted: Select[Any] = select(*(c for c in remark_themes.c)).join_from(remark_themes, remarks, same)
    return frames.read(connection, wanted.where(*conditions)).sort("fact", "row_id", "theme")


def week_mark(connection: Connection, week_start: date) -> str | None:
    """What the words of a week were last told from; None: never told."""
    return connection.execute(select(remark_weeks.c.mark).where(remark_weeks.c.week_start == week_start)).scalar()


def replace_week(
    connection: Connection, week_start: date, row: Mapping[str, Any] | None, changes: pl.DataFrame, quotes: pl.DataFrame
) -> None:
    """What a week tells takes the place of what it told; None: nothing was written."""
    for table in (remark_weeks, remark_changes, remark_quotes):
        connection.execute(delete(table).where(table.c.week_start == week_start))
    if row is None:
        return
    Store.put(connection, remark_weeks, [dict(row)])
    Store.write(connection, remark_changes, changes, on_conflict="fail")
    Store.write(connection, remark_quotes, quotes, on_conflict="fail")


def told_week_of_words(connection: Connection, week_start: date) -> dict[str, Any] | None:
    """The row of `remark_weeks`; None: the week tells of no words."""
    found = Store.rows(connection, select(remark_weeks).where(remark_weeks.c.week_start == week_start))
    return found[0] if found else None


def changes_of_words(connection: Connection, week_start: date) -> pl.DataFrame:
    """Rows of `remark_changes` of a week, by kind and rank."""
    held = remark_changes
    return Store.frame(connection, select(held).where(held.c.week_start == week_start)).sort("kind", "rank")


def quotes_of_words(connection: Connection, week_start: date) -> pl.DataFrame:
    """Quotes of a week, made from their rows: rank, subject, quote; left out where the text is another one now."""
    held, rows = remark_quotes, list[dict[str, Any]]()
    for chosen in Store.rows(connection, select(held).where(held.c.week_start == week_start).order_by(held.c.rank)):
        quote = quote_of(connection, chosen)
        if quote is not None:
            rows.append({"rank": chosen["rank"], "subject": chosen["subject"], "quote": quote})
    return pl.DataFrame(rows, schema={"rank": pl.Int64, "subject": pl.String, "quote": pl.String})


def quote_of(connection: Connection, chosen: Mapping[str, Any]) -> str | None:
    """A quote, masked, made from its row.

    Args:
        connection: to read with.
        chosen: fact, row_id, place and quote_hash of the text.

    Returns:
        None: the row is no more, or its text is another one now.
    """
    table, fact = FACTS[chosen["fact"]], chosen["fact"]
    wanted = select(*(table.c[name] for name in WRITTEN[fact].texts))
    mine = table.c[FACT_TABLES[fact].key] == chosen["row_id"]
    row = connection.execute(wanted.where(mine, _is_said(fact))).first()
    return None if row is None else quoted(whole_text(tuple(row)), chosen["place"], chosen["quote_hash"])
