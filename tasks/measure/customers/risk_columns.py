"""Signals of a customer as columns a model can weigh: steps of a number, members of a category."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from domain.newton import Matrix

STEPS = 10
FEWEST_IN_STEP = 10
"""A step that fewer cases lie behind would be learned from chance."""


@dataclass(frozen=True)
class Signal:
    """One thing known about a customer at a moment.

    Attributes:
        name: its column.
        kind: number (nulls: not known), or category (text or boolean).
        words: how a reason says it, with {} for the value, a number rounded to a whole one.
        by_value: other words for some values (of a number, as rounded); empty words: never said as a reason.
    """

    name: str
    kind: Literal["number", "category"]
    words: str
    by_value: Mapping[str, str] = field(default_factory=dict[str, str])

    def said(self, column: str) -> pl.Expr:
        """The reason in words for each value; null where nothing is to be said."""
        value = pl.col(column)
        text = (value.cast(pl.Float64).round(0).cast(pl.Int64) if self.kind == "number" else value).cast(pl.String)
        words = pl.when(value.is_not_null()).then(self._filled(text))
        for of_value, other in self.by_value.items():
            words = pl.when(text == of_value).then(pl.lit(other or None, pl.String)).otherwise(words)
        return words

    def _filled(self, text: pl.Expr) -> pl.Expr:
        return (
            pl.format(self.words, text) if "{}" in self.words else pl.when(text.is_not_null()).then(pl.lit(self.words))
        )


@dataclass(frozen=True)
class Steps:
    """The columns of one signal: one per edge a number reaches, or per member; each less its mean, over its spread."""

    signal: Signal
    edges: tuple[float, ...]
    members: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]

    @property
    def width(self) -> int:
        """How many columns."""
        return len(self.edges) + len(self.members)

    def raw(self, cases: pl.DataFrame) -> Matrix:
        """0 or 1 per column and case; NaN where the signal is not known."""
        column = cases[self.signal.name]
        is_known = column.is_not_null().to_numpy()
        if self.signal.kind == "number":
            values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
            with np.errstate(invalid="ignore"):
                found = values[:, np.newaxis] >= np.array(self.edges)[np.newaxis, :]
        else:
            values = column.cast(pl.String).fill_null("").to_numpy()
            found = values[:, np.newaxis] == np.array(self.members, dtype=object)[np.newaxis, :]
        return np.where(is_known[:, np.newaxis], found.astype(np.float64), np.nan)

    def columns(self, cases: pl.DataFrame) -> Matrix:
        """The columns as the model weighs them: 0 is an average customer, and one of whom this is not known."""
        return np.nan_to_num((self.raw(cases) - np.array(self.means)) / np.array(self.spreads), nan=0.0)


def steps_of(cases: pl.DataFrame, signals: Sequence[Signal]) -> tuple[Steps, ...]:
    """The columns each signal has, as these cases suggest: about STEPS equally large steps, members not too rare."""
    return tuple(_steps(cases, signal) for signal in signals)


def _steps(cases: pl.DataFrame, signal: Signal) -> Steps:
    known = cases[signal.name].drop_nulls()
    edges: tuple[float, ...] = ()
    members: tuple[str, ...] = ()
    if signal.kind == "number":
        values = known.cast(pl.Float64).to_numpy()
        cuts = np.unique(np.quantile(values, np.arange(1, STEPS) / STEPS)) if len(values) else np.empty(0)
        behind = np.array([(values >= cut).sum() for cut in cuts])
        edges = tuple(
            float(c) for c, n in zip(cuts, behind, strict=True) if FEWEST_IN_STEP <= n <= len(values) - FEWEST_IN_STEP
        )
    else:
        counts = known.cast(pl.String).value_counts().rows()
        members = tuple(sorted(str(member) for member, n in counts if n >= FEWEST_IN_STEP))
    bare = Steps(signal, edges, members, (0.0,) * (len(edges) + len(members)), (1.0,) * (len(edges) + len(members)))
    found = bare.raw(cases.filter(pl.col(signal.name).is_not_null()))
    if not len(found):
        return Steps(signal, (), (), (), ())
    spreads = tuple(float(spread) if spread > 0 else 1.0 for spread in found.std(axis=0))
    return Steps(signal, edges, members, tuple(map(float, found.mean(axis=0))), spreads)


def matrix(cases: pl.DataFrame, steps: Sequence[Steps]) -> Matrix:
    """All columns of all signals beside each other, one row per case."""
    return np.column_stack([np.empty((cases.height, 0)), *(one.columns(cases) for one in steps)])
