"""`python -m benchmarks.quality words`: tone, themes and language of texts beside people's labels."""

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.quality.tables import Sections, Table
from benchmarks.quality.words_data import TONES, Labelled, airline_reviews, app_reviews, health_service, tweets
from benchmarks.quality.words_scores import (
    Texts,
    accuracy,
    f1,
    macro_f1,
    precision,
    spoken_accuracy,
    with_interval,
)
from benchmarks.quality.words_themes import LABELS, THEMES
from tasks.words.comments import Comments
from tasks.words.language import with_languages
from tasks.words.lexicon import lexicon_tones
from tasks.words.themes import themes_of
from tasks.words.tone import tones
from tasks.words.tone_learning import learned_tone

TONE_COLUMNS = (
    "tone said by", "macro-F1", "accuracy", "unknown", "accuracy where said", "precision negative", "precision neutral",
    "precision positive",
)  # fmt: skip


def tables(folder: Path) -> Sections:
    """All tables, as they stand in docs/quality.md."""
    return {"": [_survey_tone(folder), _post_tone(folder), _themes(folder), _languages(folder)]}


def _survey_tone(folder: Path) -> Table:
    both = health_service(folder)
    learn, held_out = both.half(is_held_out=False), both.half(is_held_out=True)
    said = {"our own scores": _said(with_languages(learn.comments, ["en"]), held_out)}
    return _tone_table(held_out, said, "Tone of a health service's survey comments")


def _post_tone(folder: Path) -> Table:
    both = tweets(folder)
    learn, held_out = both.half(is_held_out=False), both.half(is_held_out=True)
    labelled = learn.labels.select(
        "text_id",
        standing=pl.col("tone").replace_strict({"positive": "happy", "negative": "unhappy"}, default=None),
    )
    scored = learn.comments.frame.drop("standing").join(labelled, on="text_id", how="left")
    reviews = with_languages(airline_reviews(folder), ["en"])
    said = {
        "ratings of reviews elsewhere": _said(reviews, held_out),
        "posts as if scored": _said(with_languages(Comments(scored), ["en"]), held_out),
    }
    return _tone_table(held_out, said, "Tone of posts to airlines")


def _said(learn: Comments, held_out: Labelled) -> pl.DataFrame:
    return tones(with_languages(held_out.comments, ["en"]), learned_tone(learn))


def _tone_table(held_out: Labelled, said: dict[str, pl.DataFrame], title: str) -> Table:
    labelled = held_out.labels.filter(pl.col("tone").is_not_null()).sort("text_id")
    texts = (
        labelled.select("text_id").join(held_out.comments.frame, on="text_id", maintain_order="left")["text"].to_list()
    )
    true, voices = labelled["tone"].to_numpy().astype(str), labelled["voice"].to_numpy().astype(str)
    most = str(labelled["tone"].mode().sort()[0])
    guesses: dict[str, Texts] = {
        f"majority ('{most}')": np.full(len(true), most),
        "plain word list": np.array([one or "unknown" for one in lexicon_tones(texts)]),
    }
    for name, table in said.items():
        joined = labelled.select("text_id").join(table, on="text_id", maintain_order="left")
        guesses[name] = joined["tone"].to_numpy().astype(str)
    rows = [
        (
            name,
            with_interval(macro_f1(TONES), true, guess, voices),
            with_interval(accuracy, true, guess, voices),
            f"{np.mean(guess == 'unknown'):.3f}",
            f"{spoken_accuracy(true, guess):.3f}",
            *(f"{precision(tone)(true, guess):.3f}".replace("nan", "–") for tone in TONES),
        )
        for name, guess in guesses.items()
    ]
    shares = ", ".join(f"{np.mean(true == tone):.0%} {tone}" for tone in TONES)
    n = f"{len(true):,} texts of {len(set(voices)):,} authors held out; {shares}; 'unknown' counts as wrong"
    return Table(f"{title} ({n})", TONE_COLUMNS, rows)


def _themes(folder: Path) -> Table:
    held_out = health_service(folder).half(is_held_out=True)
    labels = held_out.labels.filter(pl.col("Labelling not possible").fill_null("0") != "1").sort("text_id")
    met = themes_of(held_out.comments, THEMES)
    voices = labels["voice"].to_numpy().astype(str)
    rows: list[tuple[str, ...]] = []
    f1s: list[tuple[float, float]] = []
    for theme, label in LABELS.items():
        ids = met.filter(pl.col("theme") == theme)["text_id"]
        said = labels["text_id"].is_in(ids.implode()).to_numpy()
        true = (labels[label].fill_null("0") == "1").to_numpy()
        always = np.ones(len(true), dtype=bool)
        f1s.append((f1(true, said), f1(true, always)))
        rows.append(
            (
                theme,
                f"{int(true.sum()):,}",
                with_interval(f1, true, said, voices),
                f"{np.mean(true[said]):.3f}",
                f"{np.mean(said[true]):.3f}",
                f"{f1s[-1][1]:.3f}",
            )
        )
    ours, guess = (float(np.mean(side)) for side in zip(*f1s, strict=True))
    rows.append(("mean of themes", "", f"{ours:.3f}", "", "", f"{guess:.3f}"))
    columns = ("theme", "texts with it", "F1", "precision", "recall", "F1 of saying it always")
    return Table(f"Themes from a taxonomy ({len(labels):,} texts held out; saying never has an F1 of 0)", columns, rows)


def _languages(folder: Path) -> Table:
    texts = {
        "health service (all English)": health_service(folder).comments,
        "app reviews (English, Amharic, Oromo)": app_reviews(folder),
    }
    rows = [
        (name, declared, comments.frame.height, *_shares(comments, declared.split(", ")))
        for name, comments in texts.items()
        for declared in ("en, de, fr", "en, am, om")
    ]
    columns = ("texts", "declared", "n", "said to be English", "said to be another", "unknown")
    return Table("Language", columns, rows)


def _shares(comments: Comments, declared: list[str]) -> tuple[str, str, str]:
    said = with_languages(comments, declared).frame["language"]
    english, unknown = float((said == "en").mean() or 0), float((said == "unknown").mean() or 0)
    return f"{english:.3f}", f"{abs(1 - english - unknown):.3f}", f"{unknown:.3f}"
