"""Keep what texts say up to date: what is new or changed is read, then told its tone."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from domain.remarks import WRITTEN, whole_texts
from domain.roadmap import Roadmap
from sql.queries.words import (
    forget_remarks,
    gone,
    keep_lessons,
    last_read,
    remarks_by_key,
    remember_read,
    replace_lessons,
    replace_remarks,
    retell,
    rows_to_read,
    scores_beside,
    standings,
    state_of_texts,
    texts_of,
    unread,
)
from sql.store import Store
from tasks.words.comments import Comments
from tasks.words.lessons import Lesson, lessons
from tasks.words.reading import Reader, read, reader_of
from tasks.words.tone import tones
from tasks.words.tone_learning import learned_tone

BATCH = 20_000
"""Texts that are in memory at once."""


@dataclass(frozen=True)
class Found:
    """What one look did: texts read, remarks whose text is gone, tones told."""

    n_read: int = 0
    n_gone: int = 0
    n_told: int = 0


def read_changed(store: Store, run_id: str | None, roadmap: Roadmap) -> Found:
    """Read texts that are not kept as they are now, tell the tones that are open; nothing where all is as it was.

    Each batch is a transaction: a run that is killed leaves whole batches, and the next one goes on after them.

    Args:
        store: the project's.
        run_id: the run.
        roadmap: its languages, themes and zone.
    """
    reader = reader_of(roadmap)
    with store.reading() as connection:
        mark = state_of_texts(connection, reader.version)
        if last_read(connection) == mark:
            return Found()
    n_read, n_gone = 0, 0
    for fact in WRITTEN:
        with store.reading() as connection:
            new, old = unread(connection, fact, reader.version), gone(connection, fact)
        for keys in _batches(new):
            _read_batch(store, run_id, fact, keys, reader)
        n_read += len(new)
        if not old.is_empty():
            with store.transaction(run_id) as connection:
                forget_remarks(connection, fact, old)
        n_gone += len(old)
    n_told = tell_tones(store, run_id, reader.version)
    with store.transaction(run_id) as connection:
        remember_read(connection, mark)
    return Found(n_read, n_gone, n_told)


def _read_batch(store: Store, run_id: str | None, fact: str, keys: pl.Series, reader: Reader) -> None:
    with store.reading() as connection:
        rows = rows_to_read(connection, fact, keys)
        responses = rows["response_id"].drop_nulls() if "response_id" in rows.columns else None
        beside = None if responses is None else scores_beside(connection, responses)
    found, themes = read(fact, rows, reader, beside)
    with store.transaction(run_id) as connection:
        replace_remarks(connection, fact, keys, found, themes)


def tell_tones(store: Store, run_id: str | None, version: str) -> int:
    """Tell the tones of all remarks that were not told by their quarter's lesson; how many."""
    with store.reading() as connection:
        held = standings(connection)
    n_told, quarters = 0, list[Lesson]()
    for lesson in lessons(held, version):
        quarters.append(lesson)
        if not lesson.untold.is_empty():
            _tell_quarter(store, run_id, lesson)
        n_told += lesson.untold.height
    with store.transaction(run_id) as connection:
        keep_lessons(connection, [lesson.begins for lesson in quarters])
    return n_told


def _tell_quarter(store: Store, run_id: str | None, lesson: Lesson) -> None:
    with store.reading() as connection:
        learned = learned_tone(_comments(connection, lesson.sample))
    rows = [
        {"begins": lesson.begins, "language": language, "n_happy": one.n_happy, "n_unhappy": one.n_unhappy,
         "right_share": round(one.right, 6)}
        for language, one in sorted(learned.items())
    ]  # fmt: skip
    with store.transaction(run_id) as connection:
        schema = {"begins": pl.Date, "language": pl.String, "n_happy": pl.Int64, "n_unhappy": pl.Int64,
                  "right_share": pl.Float64}  # fmt: skip
        replace_lessons(connection, lesson.begins, pl.DataFrame(rows, schema=schema))
    for (fact,), some in lesson.untold.group_by("fact", maintain_order=True):
        for keys in _batches(some["row_id"]):
            with store.reading() as connection:
                held = remarks_by_key(connection, str(fact), keys)
                comments = _comments(connection, held.select("fact", "row_id", "language", "customer_id"))
            told = tones(comments, learned).select(
                "tone", told_by="said_by", positive=pl.col("positive").round(6), row_id="text_id"
            )
            told = told.with_columns(row_id=pl.col("row_id").str.splitn("/", 2).struct.field("field_1"))
            rows_told = held.drop("tone", "told_by", "positive").join(told, on="row_id", how="inner")
            with store.transaction(run_id) as connection:
                retell(connection, rows_told.with_columns(lesson=pl.lit(lesson.mark)))


def _comments(connection: Connection, some: pl.DataFrame) -> Comments:
    """Texts of some remarks (fact, row_id, and what else is known of them), under `fact/row_id`."""
    parts = [pl.DataFrame(schema={**some.schema, "text": pl.String()})]
    for (fact,), rows in some.group_by("fact", maintain_order=True):
        written = texts_of(connection, str(fact), rows["row_id"])
        texts = written.select("row_id", whole_texts(written, str(fact)))
        parts.append(rows.join(texts, on="row_id", how="inner"))
    return Comments(pl.concat(parts).with_columns(text_id=pl.format("{}/{}", "fact", "row_id")))


def _batches(keys: pl.Series) -> Iterator[pl.Series]:
    return (keys.slice(start, BATCH) for start in range(0, len(keys), BATCH))
