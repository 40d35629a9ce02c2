"""From rows of a fact table to what their texts say: one row per remark, one per remark and theme."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from domain.ids import derived
from domain.remarks import NOTES, text_hash, whole_texts
from domain.roadmap import Roadmap
from tasks.words import language, tone_learning
from tasks.words.comments import UNKNOWN, Comments, standing
from tasks.words.language import with_languages
from tasks.words.libraries import versions
from tasks.words.themes import Phrases, themes_of

COPIED: Final = ("source", "customer_id", "response_id", "segment", "persona", "touchpoint", "product", "channel")
REMARKS: Final = {
    "fact": pl.String(), "row_id": pl.String(), "row_hash": pl.Int64(), "scores_hash": pl.Int64(),
    "version": pl.String(), "text_hash": pl.String(), "day": pl.Date(), "written_at": pl.Datetime("us", "UTC"),
    **dict.fromkeys(COPIED, pl.String()), "language": pl.String(), "standing": pl.String(), "tone": pl.String(),
    "told_by": pl.String(), "positive": pl.Float64(), "lesson": pl.String(),
}  # fmt: skip
THEMES: Final = {"fact": pl.String(), "row_id": pl.String(), "theme": pl.String()}
SCHEME: Final = 1
"""Counts up when texts are read otherwise: all are then read again."""
BETWEEN: Final = "between"
_OF_CUSTOMERS: Final = ("nps", "csat", "ces")
"""Measures whose score says how a customer stands."""


@dataclass(frozen=True)
class Reader:
    """By what texts are read.

    Attributes:
        languages: that customers write in. themes: phrases by theme. zone: reporting zone, which cuts days.
        version: of all of this and of the rules.
    """

    languages: Sequence[str]
    themes: Mapping[str, Phrases]
    zone: str
    version: str


def reader_of(roadmap: Roadmap) -> Reader:
    """By what a roadmap wants texts read."""
    languages, zone = tuple(roadmap.company.languages), roadmap.company.zone
    rules = [asdict(rule) for rule in (language.RULE, tone_learning.RULE)]
    of = (SCHEME, versions(), rules, languages, sorted(roadmap.themes.items()), zone)
    return Reader(languages, roadmap.themes, zone, derived("words", *of))


def read(
    fact: str, rows: pl.DataFrame, reader: Reader, beside: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the texts of some rows say; tone is told later, see `lessons`.

    Args:
        fact: the fact table.
        rows: one row per key: row_id, row_hash, scores_hash, written_at, the columns of text, and of COPIED and of the
            columns of the score what the fact table has.
        reader: by what they are read.
        beside: scored answers of the same responses: response_id, and the columns of the score. A text without a score
            of its own stands as they do, where they agree.

    Returns:
        Rows of `remarks` and of `remark_themes`, by row_id; blank texts are in neither.
    """
    written = rows.with_columns(text=whole_texts(rows, fact), standing=_standing(fact))
    if beside is not None:
        written = _standing_beside(written, beside)
    comments = with_languages(Comments(written.select("text", text_id="row_id")), reader.languages)
    said = comments.frame.select("language", row_id="text_id")
    hashes = pl.Series("text_hash", [text_hash(text) for text in written["text"]], dtype=pl.String)
    columns: dict[str, Any] = {
        "fact": pl.lit(fact), "version": pl.lit(reader.version),
        "day": pl.col("written_at").dt.convert_time_zone(reader.zone).dt.date(),
        "tone": pl.lit(None if fact == NOTES else UNKNOWN, pl.String),
    }  # fmt: skip
    found = written.with_columns(hashes).join(said, on="row_id", how="inner").with_columns(**columns)
    missing = [pl.lit(None, kind).alias(name) for name, kind in REMARKS.items() if name not in found.columns]
    themes = themes_of(comments, reader.themes).select(pl.lit(fact).alias("fact"), "theme", row_id="text_id")
    return (
        found.with_columns(missing).select(pl.col(name).cast(kind) for name, kind in REMARKS.items()).sort("row_id"),
        themes.select(list(THEMES)).sort("row_id", "theme"),
    )


def _standing_beside(written: pl.DataFrame, beside: pl.DataFrame) -> pl.DataFrame:
    """Where a survey asks for words in a question of their own, the score stands in another row of the response."""
    told = (
        beside.with_columns(stands=_standing("survey_answers").fill_null(BETWEEN))
        .filter(pl.col("measure").is_in(_OF_CUSTOMERS))
        .group_by("response_id").agg(pl.col("stands").unique())
        .filter(pl.col("stands").list.len() == 1)
        .select("response_id", stands=pl.col("stands").list.first())
    )  # fmt: skip
    stands = pl.when(pl.col("stands") != BETWEEN).then("stands")
    found = pl.when(pl.col("score").is_null()).then(stands).otherwise("standing")
    return written.join(told, on="response_id", how="left", maintain_order="left").with_columns(standing=found)


def _standing(fact: str) -> pl.Expr:
    """`happy` or `unhappy` by the score beside the text, where there is one that says so."""
    nothing = pl.lit(None, pl.String)
    if fact not in ("survey_answers", "reviews"):
        return nothing
    score, direction = (
        (pl.col("score"), pl.col("direction")) if fact == "survey_answers" else (pl.col("rating"), pl.lit("up"))
    )
    is_telling = pl.col("scale_high") > pl.col("scale_low")
    if fact == "survey_answers":
        is_telling = is_telling & pl.col("measure").is_in(_OF_CUSTOMERS)
    return pl.when(is_telling & score.is_not_null()).then(standing(score, direction)).otherwise(nothing)
