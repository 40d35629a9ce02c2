"""Put together what a week of texts says, when any of it is not as it was."""

from datetime import date, timedelta

import polars as pl

from domain.ids import derived
from domain.remarks import NOTES
from domain.roadmap import Roadmap
from sql.queries.segments import persons
from sql.queries.weeks import last_told_week
from sql.queries.words import remarks_between, replace_week, themes_between, week_mark
from sql.store import Store
from tasks.words.comments import UNKNOWN
from tasks.words.steps.periods import happiness, period, quoted_rows, voiced, with_texts
from tasks.words.week import ENOUGH, known_names, week_words

_WEEK, _BEFORE = timedelta(days=7), timedelta(days=28)
_SCHEME = 2
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
        held = voiced(held, persons(connection))
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
        said = with_texts(connection, said)
    now, before = (period(said, themes, since, until) for since, until in ((first, end), (first - _BEFORE, first)))
    happy = happiness(said.filter(pl.col("day") >= first))
    changes, quotes = week_words(now, before, happy, roadmap.themes, known_names(company), smallest)
    happy_voices = said.filter(pl.col("text_id").is_in([text for text, is_happy in happy.items() if is_happy]))["voice"]
    row = {
        "week_start": week_start, "first_day": first,
        "n_remarks": of_week.select("voice", "text_hash").unique().height,
        "n_languages": of_week.filter(pl.col("language") != UNKNOWN)["language"].n_unique(),
        "n_notes": held.filter(pl.col("fact") == NOTES, pl.col("day") >= week_start).height,
        "n_voices": now.comments.n_voices, "n_before": before.comments.n_voices, "n_happy": happy_voices.n_unique(),
        "mark": mark,
    }  # fmt: skip
    quotes = quoted_rows(quotes)
    of = pl.lit(week_start).alias("week_start")
    with store.transaction(run_id) as connection:
        replace_week(
            connection, week_start, None if held.is_empty() else row, changes.with_columns(of), quotes.with_columns(of)
        )
    return week_start, True
