"""From texts to typed columns: null words to null, everything else readable or told as unreadable."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from domain.facts import ColumnType
from tasks.extract.instants import to_instants

FACT_TYPES: Final[dict[ColumnType, pl.DataType]] = {
    "text": pl.String(), "instant": pl.Datetime("us", "UTC"), "date": pl.Date(), "integer": pl.Int64(),
    "number": pl.Float64(), "flag": pl.Boolean(),
}  # fmt: skip

_TRUE: Final = ["true", "yes", "1", "t", "y"]
_FALSE: Final = ["false", "no", "0", "f", "n"]
_INTEGER: Final = r"^[+-]?\d+(\.0*)?$"


@dataclass(frozen=True)
class Typed:
    """One column typed.

    Attributes:
        values: of the fact column's type; null where the text was empty, a null word or not readable.
        unreadable: text that is neither; to be set aside.
        nonexistent: local time that the zone skipped; to be set aside.
        n_ambiguous: local times that came twice; the earlier instant was taken.
    """

    values: pl.Series
    unreadable: pl.Series
    nonexistent: pl.Series
    n_ambiguous: int = 0


def blank_to_null(texts: pl.Expr, nulls: tuple[str, ...]) -> pl.Expr:
    """Null for texts that are blank or a declared null word."""
    bare = texts.str.strip_chars()
    return pl.when(~bare.is_in(["", *nulls])).then(texts)


def typed(values: pl.Series, to: ColumnType, *, zone: str, dates: tuple[str, ...]) -> Typed:
    """The column as a fact column of type `to`.

    Args:
        values: texts with nulls for nothing, or what an expression made of them (numbers, flags, times).
        to: the fact column's type.
        zone: of local times; dates are midnight there.
        dates: formats tried in order; ISO 8601 is always tried last.

    Returns:
        The typed values with masks of what could not be read; all of the input's length.
    """
    never = pl.repeat(value=False, n=len(values), eager=True)
    if to in ("instant", "date"):
        read = to_instants(values, zone, dates)
        made = read.values if to == "instant" else read.values.dt.convert_time_zone(zone).dt.date()
        unreadable = values.is_not_null() & made.is_null() & ~read.nonexistent
        return Typed(made, unreadable, read.nonexistent, int(read.ambiguous.sum()))
    frame = values.to_frame("v")
    made = frame.select(_CASTS[to](values.dtype)).to_series()
    return Typed(made, values.is_not_null() & made.is_null(), never)


def _text(_: pl.DataType) -> pl.Expr:
    return pl.col("v").cast(pl.String)


def _flag(dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean or dtype == pl.Null:
        return pl.col("v").cast(pl.Boolean)
    word = pl.col("v").cast(pl.String).str.strip_chars().str.to_lowercase().str.replace(r"\.0$", "")
    return pl.when(word.is_in(_TRUE)).then(statement=True).when(word.is_in(_FALSE)).then(statement=False)


def _number(dtype: pl.DataType) -> pl.Expr:
    value = pl.col("v").str.strip_chars() if dtype == pl.String else pl.col("v")
    number = value.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _integer(dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.String:
        bare = pl.col("v").str.strip_chars()
        whole = pl.when(bare.str.contains(_INTEGER)).then(bare.str.replace(r"\..*$", "").str.strip_prefix("+"))
        return whole.cast(pl.Int64, strict=False)
    if dtype.is_float() or dtype.is_decimal():
        value = pl.col("v").cast(pl.Float64)
        return pl.when(value == value.round()).then(value.cast(pl.Int64, strict=False))
    return pl.col("v").cast(pl.Int64, strict=False)


_CASTS: Final = {"text": _text, "flag": _flag, "number": _number, "integer": _integer}
