"""Put together what a week of texts says, when any of it is not as it was."""

from datetime import date, timedelta

import polars as pl
from sqlalchemy import Connection

from domain.ids import derived
from domain.remarks import NOTES, whole_texts
from domain.roadmap import Roadmap
from sql.queries.segments import persons
from sql.queries.weeks import last_told_week
from sql.queries.words import remarks_between, replace_week, texts_of, themes_between, week_mark
from sql.store import Store
from tasks.words.comments import UNKNOWN, Comments
from tasks.words.week import ENOUGH, KNOWN, Period, week_words

_WEEK, _BEFORE = timedelta(days=7), timedelta(days=28)
_SCHEME = 1
"""Counts up when weeks are told otherwise."""


def tell_week(
    store: Store, run_id: str | None, roadmap: Roadmap, as_of: date, week_start: date | None = None
) -> tuple[date, bool]:
    """Write what a week says; run twice, the same rows.

    A week in which ENOUGH customers write is told by itself, of fewer the 28 days to its end; both are held against the
    28 days before. Texts of later days play no part.

    Args:
        store: the project's.
        run_id: the run.
        roadmap: its themes, and how small a group may be.
        as_of: nothing from this day on is known.
        week_start: a Monday; None: the week that a summary of `as_of` tells.

    Returns:
        The week, and whether anything is told otherwise now.
    """
    with store.reading() as connection:
        week_start = week_start or last_told_week(connection, as_of)
        end = min(week_start + _WEEK, as_of)
        held = remarks_between(connection, end - 2 * _BEFORE, end)
        themes = themes_between(connection, end - 2 * _BEFORE, end)
        held = _voiced(held, persons(connection))
        smallest, company = roadmap.people.smallest_group, roadmap.company.name
        mark = derived(
            "week", _SCHEME, smallest, company,
            held.select("fact", "row_id", "text_hash", "voice", "language", "standing", "tone", "day").rows(),
            themes.rows(), sorted(roadmap.themes.items()),
        )  # fmt: skip
        if held.is_empty() and week_mark(connection, week_start) is None:
            return week_start, False
        if week_mark(connection, week_start) == mark:
            return week_start, False
        said = held.filter(pl.col("fact") != NOTES)
        of_week = said.filter(pl.col("day") >= week_start)
        first = week_start if of_week["voice"].n_unique() >= ENOUGH else end - _BEFORE
        texts = pl.concat([
            pl.DataFrame(schema={"text": pl.String(), "text_id": pl.String()}),
            *(_texts(connection, str(fact), rows["row_id"]) for (fact,), rows in said.group_by("fact")),
        ])  # fmt: skip
    said = said.join(texts, on="text_id", how="inner").sort("text_id")
    now, before = (_period(said, themes, since, until) for since, until in ((first, end), (first - _BEFORE, first)))
    known = KNOWN | frozenset(company.lower().split())
    happy = _happy(said.filter(pl.col("day") >= first))
    changes, quotes = week_words(now, before, happy, roadmap.themes, known, smallest)
    happy_voices = said.filter(pl.col("text_id").is_in([text for text, is_happy in happy.items() if is_happy]))["voice"]
    row = {
        "week_start": week_start, "first_day": first,
        "n_remarks": of_week.select("voice", "text_hash").unique().height,
        "n_languages": of_week.filter(pl.col("language") != UNKNOWN)["language"].n_unique(),
        "n_notes": held.filter(pl.col("fact") == NOTES, pl.col("day") >= week_start).height,
        "n_voices": now.comments.n_voices, "n_before": before.comments.n_voices, "n_happy": happy_voices.n_unique(),
        "mark": mark,
    }  # fmt: skip
    split = pl.col("text_id").str.splitn("/", 2).struct
    quotes = quotes.with_columns(fact=split.field("field_0"), row_id=split.field("field_1")).drop("text_id")
    of = pl.lit(week_start).alias("week_start")
    with store.transaction(run_id) as connection:
        replace_week(
            connection, week_start, None if held.is_empty() else row, changes.with_columns(of), quotes.with_columns(of)
        )
    return week_start, True


def _voiced(remarks: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Remarks with text_id and voice: the person, where several ids are one; else the response, or the text itself."""
    text_id = pl.format("{}/{}", "fact", "row_id")
    response = pl.format("response {}", "response_id")
    return (
        remarks.join(people, on="customer_id", how="left", maintain_order="left")
        .with_columns(text_id=text_id, voice=pl.coalesce("person_id", "customer_id", response, text_id))
        .drop("person_id")
    )


def _texts(connection: Connection, fact: str, keys: pl.Series) -> pl.DataFrame:
    written = texts_of(connection, fact, keys)
    return written.select(whole_texts(written, fact), text_id=pl.format(f"{fact}/{{}}", "row_id"))


def _period(said: pl.DataFrame, themes: pl.DataFrame, first: date, end: date) -> Period:
    mine = said.filter(pl.col("day") >= first, pl.col("day") < end)
    spoken = themes.select("theme", text_id=pl.format("{}/{}", "fact", "row_id"))
    comments = Comments(mine.select("text_id", "text", "language", "standing", customer_id="voice"))
    return Period(comments, spoken.join(comments.frame.select("text_id"), on="text_id", how="semi"))


def _happy(said: pl.DataFrame) -> dict[str, bool]:
    """By text whether its customer is happy: by the score, else by the tone."""
    by_tone = pl.col("tone").replace_strict({"positive": "happy", "negative": "unhappy"}, default=None)
    stands = said.select("text_id", stands=pl.coalesce("standing", by_tone)).drop_nulls()
    return {text: stand == "happy" for text, stand in stands.iter_rows()}
