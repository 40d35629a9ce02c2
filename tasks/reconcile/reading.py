"""Their side: the texts of an export as values, and how fine they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from domain.errors import ConfigError
from tasks.reconcile.export import DURATIONS, INSTANTS, UNITS, Export

DAY_S: Final = 86_400.0
NO_SCORE: Final = ("offered", "unoffered", "not offered", "not rated")
"""Words of a satisfaction column that say that nobody has answered."""

_CLOCK: Final = r"^\s*(\d+):(\d{2})(?::(\d{2}))?\s*$"
_SECONDS: Final = r":\d{2}:\d{2}"
_TIMES: Final = r"\d{1,2}:\d{2}"

Instants = Callable[[pl.Series, str, tuple[str, ...]], tuple[pl.Series, pl.Series]]
"""Texts, zone and formats to instants (UTC; null where a text is none), and which ones the zone skipped."""


@dataclass(frozen=True)
class Theirs:
    """Their side.

    Attributes:
        rows: one row per ticket: key, row (in the file, from 1), and of the fields that the file has: opened,
            first_reply_at, resolved_at, updated (UTC), first_reply, resolution (seconds), status, reopens,
            satisfaction (number), is_satisfied (where it is written as a word).
        steps: seconds between two values that the column can tell apart, by field.
        notes: what a reader should know of the file, in words.
    """

    rows: pl.DataFrame
    steps: Mapping[str, float]
    notes: tuple[str, ...] = ()
    fields: frozenset[str] = field(default_factory=frozenset[str])


def theirs_of(texts: pl.DataFrame, export: Export, file: str, instants: Instants) -> Theirs:
    """Their values.

    Args:
        texts: one row per row of the file, every column a text.
        export: how it is written.
        file: its name, for messages.
        instants: how times are read.

    Raises:
        ConfigError: a column that is not there, or a value that cannot be read; the message names both.
    """
    columns = export.found_in(texts.columns, file)
    clean = texts.select(_cleaned(pl.col(column), export).alias(name) for name, column in columns.items())
    reader = _Reader(export, file, columns, instants)
    values: list[pl.Series] = []
    for name in columns:
        values += reader.read(clean[name])
    made = pl.DataFrame([*values, pl.Series("row", range(1, clean.height + 1), dtype=pl.Int64)])
    key = "ticket" if "ticket" in columns else "period"
    rows = made.filter(pl.col(key).is_not_null()).rename({key: "key"})
    if "updated" in rows.columns:
        rows = rows.sort("updated", nulls_last=False, maintain_order=True)
    once = rows.unique("key", keep="last", maintain_order=True)
    notes = list(reader.notes)
    if once.height < rows.height:
        notes.append(f"{_rows(rows.height - once.height, 'repeat')} a {key}: the last one counts")
    if rows.height < made.height:
        notes.append(f"without a {key}, and left out: {_rows(made.height - rows.height)}")
    return Theirs(once, reader.steps, tuple(notes), frozenset(columns))


def _cleaned(text: pl.Expr, export: Export) -> pl.Expr:
    bare = text.str.strip_chars()
    return pl.when((bare != "") & ~bare.is_in(list(export.nulls))).then(bare)


class _Reader:
    """Reads one column after the other; keeps how fine they are, and what is to be told."""

    def __init__(self, export: Export, file: str, columns: Mapping[str, str], instants: Instants) -> None:
        self.export, self.file, self.columns, self.instants = export, file, columns, instants
        self.steps: dict[str, float] = {}
        self.notes: list[str] = []

    def read(self, texts: pl.Series) -> list[pl.Series]:
        name = texts.name
        if name in INSTANTS:
            return [self._instants(texts)]
        if name in DURATIONS:
            return [self._durations(texts)]
        if name in ("reopens", "tickets"):
            self.steps[name] = 1e-6
            return [self._readable(texts, _number(texts), "a number")]
        if name == "satisfaction":
            return self._satisfaction(texts)
        if name == "status":
            lower = texts.str.to_lowercase()
            return [lower.replace(dict(self.export.statuses)) if self.export.statuses else lower]
        bare = texts.str.strip_prefix("#")
        is_float = bare.str.contains(r"^\d+\.0$").fill_null(value=True).all()  # numbers that passed a spreadsheet
        return [bare.str.strip_suffix(".0") if is_float else bare]

    def _instants(self, texts: pl.Series) -> pl.Series:
        name = texts.name
        self.steps[name] = 1.0 if _any(texts, _SECONDS) else 60.0 if _any(texts, _TIMES) else DAY_S
        values, skipped = self.instants(texts, self.export.zone, self.export.dates)
        unread = texts.filter(texts.is_not_null() & values.is_null() & ~skipped)
        if len(unread):
            raise ConfigError(
                f"{self.file}: column '{self.columns[name]}' ({name}) has {_rows(len(unread))} with no time, such as "
                f"'{unread[0]}'. Say how they are written: --date '%d/%m/%Y %H:%M'; words for nothing: --null."
            )
        if n_skipped := int(skipped.sum()):
            self.notes.append(f"{self.export.zone} skipped the {name} of {_rows(n_skipped)}: is --zone right?")
        return values.alias(name)

    def _durations(self, texts: pl.Series) -> pl.Series:
        name, unit = texts.name, UNITS[self.export.unit]
        parts = [texts.str.extract(_CLOCK, group).cast(pl.Float64) for group in (1, 2, 3)]
        clock = parts[0] * 3600 + parts[1] * 60 + parts[2].fill_null(0)
        seconds = pl.select(pl.coalesce(clock, _number(texts) * unit)).to_series().alias(name)
        if clock.null_count() < len(clock):
            self.steps[name] = 1.0 if parts[2].null_count() < len(texts) else 60.0
        else:
            shown = texts.str.extract(r"[.](\d*[1-9])0*$").str.len_chars().max()
            self.steps[name] = unit * 10.0 ** -(shown if isinstance(shown, int) else 0)
        return self._readable(texts, seconds, f"a number of {self.export.unit}")

    def _satisfaction(self, texts: pl.Series) -> list[pl.Series]:
        lower = texts.str.to_lowercase()
        texts = pl.select(pl.when(~lower.is_in(list(NO_SCORE))).then(texts).alias("satisfaction")).to_series()
        score = _number(texts)
        if score.null_count() < len(score) or texts.null_count() == len(texts):
            return [self._readable(texts, score, "a score"), pl.repeat(None, len(texts), dtype=pl.Boolean, eager=True)
                    .alias("is_satisfied")]  # fmt: skip
        good = pl.select(
            pl.when(lower.str.contains(r"^(good|satisfied|positive|happy|yes|true)")).then(pl.lit(value=True))
            .when(lower.str.contains(r"^(bad|dissatisfied|unsatisfied|negative|unhappy|no|false)"))
            .then(pl.lit(value=False))
            .alias("is_satisfied")
        ).to_series()  # fmt: skip
        return [score.alias("satisfaction"), self._readable(texts, good, "a score, good or bad").alias("is_satisfied")]

    def _readable(self, texts: pl.Series, values: pl.Series, expected: str) -> pl.Series:
        unread = (texts.is_not_null() & values.is_null()).arg_true()
        if len(unread):
            row = int(unread[0])
            raise ConfigError(
                f"{self.file}: column '{self.columns[texts.name]}', row {row + 1}: '{texts[row]}' is not {expected}. "
                "Name another column, or the words for nothing: --null WORD."
            )
        return values.alias(texts.name)


def _rows(n: int, verb: str = "") -> str:
    """`1 row repeats`, `2 rows repeat`."""
    return f"{n} row {verb}s" if n == 1 and verb else f"{n} row{'' if n == 1 else 's'} {verb}".strip()


def _any(texts: pl.Series, pattern: str) -> bool:
    return bool(texts.str.contains(pattern).any())


def _number(texts: pl.Series) -> pl.Series:
    """Numbers, with commas between thousands if there are any."""
    is_grouped = texts.str.contains(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$")
    bare = pl.select(pl.when(is_grouped).then(texts.str.replace_all(",", "")).otherwise(texts)).to_series()
    return bare.cast(pl.Float64, strict=False)
