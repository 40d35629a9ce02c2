"""The one door: what customers wrote, masked the moment it comes in."""

from dataclasses import dataclass
from typing import Final, Self

import polars as pl

from domain.private import private

SCHEMA: Final = {
    "text_id": pl.String(), "customer_id": pl.String(), "text": pl.String(), "language": pl.String(),
    "standing": pl.String(), "asks": pl.String(),
}  # fmt: skip
UNKNOWN: Final = "unknown"
_UNHAPPY_TO: Final = 0.6
_HAPPY_FROM: Final = 0.88
"""NPS's own lines on any scale, 0 worst and 1 best: 6 of 10 and below, 9 of 10 and above."""


_SCORE: Final = pl.col("score")
_DIRECTION: Final = pl.col("direction")


@dataclass(frozen=True)
class Comments:
    """What customers wrote; nothing in it is unmasked.

    Attributes:
        frame: one row per text, by text_id. text_id (str, unique); customer_id (str; null: a voice of its own); text
            (str; masked when this is made, blank ones are left out); language (BCP 47, `unknown`, or null: not looked
            at yet); standing (`happy`, `unhappy`, or null: between, or no score; see `standing`); asks (`praise`,
            `improvement`, or null: an open question). Columns that are missing are null, others are left out.

    Raises:
        ValueError: a text_id comes twice.
    """

    frame: pl.DataFrame

    def __post_init__(self) -> None:
        given = self.frame
        columns = [
            (pl.col(name) if name in given.columns else pl.lit(None)).cast(kind).alias(name)
            for name, kind in SCHEMA.items()
        ]
        frame = given.select(columns).with_columns(text=_masked(given)).filter(pl.col("text") != "").sort("text_id")
        if frame["text_id"].is_duplicated().any():
            twice = frame.filter(pl.col("text_id").is_duplicated())["text_id"][0]
            raise ValueError(f"text '{twice}' comes twice: one row per text is expected")
        object.__setattr__(self, "frame", frame)

    @property
    def voices(self) -> pl.DataFrame:
        """text_id and voice: the customer, or the text itself where nobody is known."""
        return self.frame.select("text_id", voice=pl.coalesce("customer_id", pl.format("text {}", "text_id")))

    @property
    def n_voices(self) -> int:
        """How many customers speak."""
        return self.voices["voice"].n_unique()

    def among(self, text_ids: pl.Series) -> Self:
        """Those of these ids."""
        return type(self)(self.frame.filter(pl.col("text_id").is_in(text_ids.implode())))


def standing(score: pl.Expr = _SCORE, direction: pl.Expr = _DIRECTION) -> pl.Expr:
    """`happy` or `unhappy` by the score beside a text; null between the two, and without a score.

    NPS's lines on the declared scale: promoters from 9 of 0-10, detractors to 6; so 5 and up to 3 of 1-5. The second
    best of five is neither: people who give it praise and complain about as often.

    Reads scale_low and scale_high beside score and direction (`up` or `down`), as in `survey_answers`.
    """
    low, high = pl.col("scale_low"), pl.col("scale_high")
    share = (score - low) / (high - low)
    share = pl.when(direction == "down").then(1 - share).otherwise(share)
    return pl.when(share >= _HAPPY_FROM).then(pl.lit("happy")).when(share <= _UNHAPPY_TO).then(pl.lit("unhappy"))


def _masked(given: pl.DataFrame) -> pl.Series:
    texts = given["text"].cast(pl.String).fill_null("")
    return pl.Series("text", [private(text).strip() for text in texts], dtype=pl.String)
