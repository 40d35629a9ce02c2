"""Values of a database as texts, exactly: what is read back from the text is the value that was there."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any, Final
from uuid import UUID

import polars as pl

from domain.errors import SourcesError
from domain.halves import without_halves

_BYTES: Final = (bytes, bytearray, memoryview)


def text_of(value: object) -> str:
    """One value as text.

    Flags are `true` and `false`, decimals have all their digits and no exponent, times are ISO 8601 (with the
    offset that the database gives; without one where it gives none), lists and JSON are JSON.

    Raises:
        TypeError: bytes, which are no text.

    >>> text_of(Decimal("1E+2")), text_of(True), text_of(timedelta(minutes=1, microseconds=5))
    ('100', 'true', '60.000005')
    """
    if isinstance(value, _BYTES):
        raise TypeError("bytes")
    for kind in type(value).__mro__:
        if write := _TEXTS.get(kind):
            return write(value)
    return str(value)


def texts_of(rows: Sequence[Sequence[object]], names: Sequence[str]) -> pl.DataFrame:
    """Rows as a frame of texts; null where there was nothing.

    Raises:
        SourcesError: a column holds bytes.
    """
    columns: Iterable[Sequence[object]] = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pl.DataFrame([_texts(name, values) for name, values in zip(names, columns, strict=True)])


def parquet_of(frame: pl.DataFrame) -> bytes:
    """A frame as a Parquet file."""
    written = BytesIO()
    frame.write_parquet(written, compression="zstd", statistics=False)
    return written.getvalue()


def _texts(name: str, values: Sequence[object]) -> pl.Series:
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {str}:
        return pl.Series(name, values, dtype=pl.String)
    write = _TEXTS.get(next(iter(kinds)), text_of) if len(kinds) == 1 else text_of
    try:
        texts = [None if value is None else write(value) for value in values]
    except TypeError:
        raise SourcesError(
            f"the column '{name}' holds bytes, which are no text. Leave it out of the query, or write it as text there "
            "(PostgreSQL: encode(…, 'hex'); SQLite: HEX(…))."
        ) from None
    return pl.Series(name, texts, dtype=pl.String)


def _json(value: object) -> str:
    return without_halves(json.dumps(value, ensure_ascii=False, default=text_of))


def _seconds(value: timedelta) -> str:
    whole = value // timedelta(microseconds=1)
    return format(Decimal(whole).scaleb(-6).normalize(), "f")


_TEXTS: Final[dict[type, Callable[[Any], str]]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: repr,
    Decimal: lambda value: format(value, "f"),
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _seconds,
    UUID: str,
    dict: _json,
    list: _json,
    tuple: _json,
}
