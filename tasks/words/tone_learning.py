"""Tone learned from the company's own scored comments: what happy and unhappy customers write."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np
import polars as pl

from domain.private import without_masks
from tasks.words.comments import UNKNOWN, Comments
from tasks.words.libraries import TONE, has, loaded

Numbers = np.ndarray[Any, np.dtype[np.float64]]
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_SENTENCE: Final = re.compile(r"(?<=[.!?…])\s+|\n+")
_CHUNK: Final = 5_000
_N_FEATURES: Final = 2**18
_LETTERS: Final = (3, 5)


@dataclass(frozen=True)
class ToneRule:
    """When tone is learned and when it is said.

    Attributes:
        fewest: texts of each standing in a language; fewer teach nothing.
        most: pieces of text of each standing that are learned from: bounds time and memory.
        sure: least probability, at even odds of both, from which a tone is said.
        right: least share of held-out pieces told right, standings weighing the same, for scores to teach at all.
        familiar: least share of words met while learning, in a text whose language is unknown.
        long: characters from which a text is cut into sentences, since praise and blame then mix.
        pieces: sentences of one text at most.
    """

    fewest: int = 50
    most: int = 4_000
    sure: float = 0.7
    right: float = 0.6
    familiar: float = 0.5
    long: int = 300
    pieces: int = 6
    folds: int = 3


RULE: Final = ToneRule()


@dataclass(frozen=True)
class Classifier:
    """A logistic regression over counted letters.

    Attributes:
        idf: scikit-learn's transformer of counts to weights.
        weights: of each feature, shape (n features,).
        offset: log-odds of a text without any.
    """

    idf: Any
    weights: Numbers
    offset: float

    def odds(self, counts: Any) -> Numbers:
        """The log-odds, shape (n,), that each text is a happy customer's."""
        return self.idf.transform(counts) @ self.weights + self.offset


@dataclass(frozen=True)
class Learned:
    """What one language's scored comments taught.

    Attributes:
        classifier: what tells happy from unhappy.
        slope, offset: from the classifier's log-odds to those seen on held-out customers.
        words: words of two texts or more.
        n_happy, n_unhappy: pieces learned from.
        right: share of held-out pieces told right, both standings weighing the same.
    """

    classifier: Classifier
    slope: float
    offset: float
    words: frozenset[str]
    n_happy: int
    n_unhappy: int
    right: float

    def positive(self, texts: Sequence[str]) -> Numbers:
        """The probability, shape (n,), that each text is a happy customer's, at even odds."""
        parts = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
        odds = [self.classifier.odds(_counted(part)) for part in parts]
        return _logistic(self.slope * np.concatenate([np.zeros(0), *odds]) + self.offset)

    def is_familiar(self, text: str, share: float) -> bool:
        """Whether at least this share of its words was met while learning."""
        words = _WORD.findall(without_masks(text).lower())
        return bool(words) and sum(word in self.words for word in words) >= share * len(words)


def learned_tone(comments: Comments, rule: ToneRule = RULE) -> dict[str, Learned]:
    """What tone sounds like, by language; under `unknown` over all languages, for texts too short to tell theirs.

    A question that asks for praise teaches nothing about blame, and one that asks what to improve nothing about praise.
    One voice is never on both sides of a held-out fold. The order of rows plays no part, and no chance.

    Args:
        comments: with language and standing.
        rule: when tone is learned.

    Returns:
        Languages with enough scored comments of both standings whose words tell them apart; without the library none.
    """
    if not has(TONE):
        return {}
    is_against = ((pl.col("asks") == "praise") & (pl.col("standing") == "unhappy")) | (
        (pl.col("asks") == "improvement") & (pl.col("standing") == "happy")
    )
    scored = (
        comments.frame.join(comments.voices, on="text_id", maintain_order="left")
        .filter(pl.col("standing").is_not_null() & ~is_against.fill_null(value=False))
        .select("text", "voice", "standing", pl.col("language").fill_null(UNKNOWN))
    )
    languages = sorted(set(scored["language"].to_list()) - {UNKNOWN})
    parts = {language: scored.filter(pl.col("language") == language) for language in languages} | {UNKNOWN: scored}
    found = {language: _learned(part, rule) for language, part in parts.items()}
    return {language: learned for language, learned in found.items() if learned is not None}


def _learned(scored: pl.DataFrame, rule: ToneRule) -> Learned | None:
    sides = [scored.filter(pl.col("standing") == side) for side in ("unhappy", "happy")]
    if any(side.height < rule.fewest or side["voice"].n_unique() < rule.folds for side in sides):
        return None
    pieces = [piece for is_happy, side in enumerate(sides) for piece in _pieces(side, bool(is_happy), rule)]
    texts, folds = [piece[0] for piece in pieces], np.array([piece[1] for piece in pieces])
    happy = np.array([piece[2] for piece in pieces])
    counts = _counted(texts)
    odds = np.zeros(len(texts))
    for fold in range(rule.folds):
        inside, outside = folds != fold, folds == fold
        if not outside.any() or len(set(happy[inside])) < 2:
            continue
        odds[outside] = _fitted(counts[inside], happy[inside]).odds(counts[outside])
    calibrated = loaded("sklearn.linear_model").LogisticRegression(C=1e6, class_weight="balanced")
    calibrated.fit(odds[:, None], happy)
    slope, offset = float(calibrated.coef_[0, 0]), float(calibrated.intercept_[0])
    said = slope * odds + offset > 0
    right = float((np.mean(said[happy]) + np.mean(~said[~happy])) / 2)
    if right < rule.right or slope <= 0:
        return None
    classifier, n_happy = _fitted(counts, happy), int(happy.sum())
    return Learned(classifier, slope, offset, _words(texts), n_happy, len(texts) - n_happy, right)


def _fitted(counts: Any, happy: np.ndarray[Any, np.dtype[np.bool_]]) -> Classifier:
    idf = loaded("sklearn.feature_extraction.text").TfidfTransformer(sublinear_tf=True)
    regression = loaded("sklearn.linear_model").LogisticRegression(
        C=1.0, class_weight="balanced", solver="liblinear", random_state=0
    )
    seen = np.unique(counts.indices)  # what is in no text has no weight: one feature in a hundred is left to go through
    regression.fit(idf.fit_transform(counts)[:, seen], happy)
    weights = np.zeros(counts.shape[1])
    weights[seen] = regression.coef_[0]
    return Classifier(idf, weights, float(regression.intercept_[0]))


def _pieces(side: pl.DataFrame, is_happy: bool, rule: ToneRule) -> list[tuple[str, int, bool]]:
    """(text, fold, is happy) of a bounded, repeatable choice of texts, the long ones cut into sentences."""
    rows = sorted(side.select("text", "voice").iter_rows(), key=lambda row: (_digest(f"{row[1]} {row[0]}"), row))
    pieces: list[tuple[str, int, bool]] = []
    for text, voice in rows[: rule.most]:
        cut = [text] if len(text) < rule.long else [part for part in _SENTENCE.split(text) if part.strip()]
        fold = _digest(voice) % rule.folds
        pieces += [(part, fold, is_happy) for part in cut[: rule.pieces]]
    return pieces[: rule.most]


def _counted(texts: Sequence[str]) -> Any:
    """Counts of 3 to 5 letters in a row within words, hashed: no vocabulary to keep, shape (n, 2 ** 18).

    Equal texts, short praise mostly, are counted once.
    """
    known: dict[str, int] = {}
    place = [known.setdefault(text, len(known)) for text in texts]
    vectorizer = loaded("sklearn.feature_extraction.text").HashingVectorizer(
        analyzer="char_wb",
        ngram_range=_LETTERS,
        n_features=_N_FEATURES,
        alternate_sign=False,
        norm=None,
        dtype=np.float32,
    )
    return vectorizer.transform([without_masks(text) for text in known])[place]


def _words(texts: Sequence[str]) -> frozenset[str]:
    seen: set[str] = set()
    again: set[str] = set()
    for text in texts:
        words = set(_WORD.findall(without_masks(text).lower()))
        again |= words & seen
        seen |= words
    return frozenset(again)


def _logistic(odds: Numbers) -> Numbers:
    return 1.0 / (1.0 + np.exp(-np.clip(odds, -30, 30)))


def _digest(text: str) -> int:
    return int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])
