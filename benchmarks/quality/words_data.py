"""Comments that people have labelled, read and cut into two halves by author: one to learn from, one held out."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import polars as pl

from tasks.words.comments import Comments, standing

TONES: Final = ("negative", "neutral", "positive")
_UNANSWERED: Final = ("did not answer", "")


@dataclass(frozen=True)
class Labelled:
    """Texts with people's labels.

    Attributes:
        comments: masked, with scores where there are some.
        labels: text_id, voice, and a column per label.
    """

    comments: Comments
    labels: pl.DataFrame

    def half(self, *, is_held_out: bool) -> "Labelled":
        """One half of the authors: nobody is in both, and the choice hangs on nothing but their ids."""
        labels = self.labels.filter(pl.col("voice").map_elements(_is_odd, return_dtype=pl.Boolean) == is_held_out)
        return Labelled(self.comments.among(labels["text_id"]), labels)


def health_service(folder: Path) -> Labelled:
    """Answers to a health service's survey: score, human sentiment in five steps, human themes."""
    raw = pl.read_csv(folder / "nhs_fft" / "v6framework_230831.csv", infer_schema=False).with_row_index()
    question = pl.col("FFT question")
    rows = raw.filter(~pl.col("FFT answer").fill_null("").str.strip_chars().str.to_lowercase().is_in(_UNANSWERED))
    rows = rows.with_columns(
        text_id=pl.col("index").cast(pl.String).str.zfill(6),
        customer_id="Respondent ID",
        text="FFT answer",
        score=pl.col("FFT categorical answer").cast(pl.Float64).replace({6.0: None, 7.0: None}),
        scale_low=1.0,
        scale_high=5.0,
        direction=pl.lit("down"),
        asks=pl.when(question.str.contains("improve|better"))
        .then(pl.lit("improvement"))
        .when(question.str.contains("good"))
        .then(pl.lit("praise")),
        tone=pl.col("Comment sentiment").replace_strict(
            {"1": "positive", "2": "positive", "3": "neutral", "4": "negative", "5": "negative"}, default=None
        ),
    ).with_columns(standing=standing())
    comments = Comments(rows)
    labels = rows.drop("text").join(comments.voices, on="text_id")
    return Labelled(comments, labels)


def tweets(folder: Path) -> Labelled:
    """Posts to airlines with human sentiment; they carry no score."""
    raw = pl.read_csv(folder / "us_airline_tweets" / "Tweets.csv", infer_schema=False)
    rows = raw.unique("tweet_id", keep="first", maintain_order=True).with_columns(
        text_id="tweet_id", customer_id="name", tone="airline_sentiment"
    )
    comments = Comments(rows)
    return Labelled(comments, rows.select("text_id", "tone").join(comments.voices, on="text_id"))


def airline_reviews(folder: Path) -> Comments:
    """Reviews of airlines, lounges and seats with their ratings."""
    files: Mapping[str, float] = {"airline_sample.csv": 10.0, "lounge.csv": 5.0, "seat.csv": 10.0}
    parts = [
        pl.read_csv(folder / "skytrax_reviews" / name, infer_schema=False, null_values=["NA", ""])
        .select(text="content", score=pl.col("overall_rating").cast(pl.Float64), scale_high=pl.lit(high))
        .filter(pl.col("score") <= high)
        .unique(maintain_order=True)
        .with_row_index()
        .with_columns(text_id=pl.format("{}:{}", pl.lit(name), pl.col("index")))
        for name, high in files.items()
    ]
    rated = pl.concat(parts).with_columns(scale_low=1.0, direction=pl.lit("up"))
    return Comments(rated.with_columns(standing=standing()))


def app_reviews(folder: Path) -> Comments:
    """Reviews of banks' apps in English, Amharic and Oromo, unlabelled."""
    raw = pl.read_csv(folder / "bank_app_reviews" / "bank_reviews.csv", infer_schema=False).with_row_index()
    return Comments(raw.select(text_id=pl.col("index").cast(pl.String), text="review"))


def _is_odd(voice: str) -> bool:
    return sha256(voice.encode()).digest()[-1] % 2 == 1
