"""CSV and TSV: a fast reader for clean files, a careful one as soon as anything is off."""

import codecs
import csv
import io
import sys
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from domain.errors import SourceChangedError
from tasks.extract.decoding import as_utf8, is_broken, readable, shown
from tasks.extract.parsed import FILE, ROW, Parsed, check_names, raw_json, set_aside_frame

_MAX_LINES: Final = 1000
"""A record of more lines than this is taken for a quote that was never closed."""
_HEADER_BYTES: Final = 1 << 20
_CHUNK_ROWS: Final = 200_000


def parse_delimited(content: bytes, file: str, *, separator: str, encoding: str) -> Parsed:
    """The rows of a CSV or TSV file with a header line.

    Set aside: rows with too many or too few fields or a broken quote (`ragged-row`), rows with bytes
    that are not of the encoding (`broken-encoding`). Blank lines are no rows.

    Raises:
        SourceChangedError: there is no header line, it cannot be read, or two columns have the same name.
    """
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise SourceChangedError(
            f"{file} is empty: it has not even a header line, as an export without rows would have. "
            "Have it exported again."
        )
    utf8 = as_utf8(content, encoding)
    fast = None if utf8 is None else _fast(utf8, file, separator)
    return _careful(content, file, separator, encoding) if fast is None else fast


def _fast(content: bytes, file: str, separator: str) -> Parsed | None:
    """Read by Polars, which refuses long rows; None where the careful reader is needed.

    Polars fills short rows and blank lines with nulls without a word. So the separators are added
    up: every row must bring one less than there are columns, besides those inside of values.
    """
    if content.endswith((b"\n\n", b"\n\r\n")):
        content = content.rstrip(b"\r\n")
    begin = readable(content[:_HEADER_BYTES], "utf-8")
    names = _names(next(_records(_lines(begin), separator), (None, ""))[0] or ())
    if not names:
        return None
    check_names(names, file)
    try:
        frame = pl.read_csv(content, separator=separator, infer_schema=False, has_header=False)
    except pl.exceptions.PolarsError:
        return None
    inside = _separators_in(frame, separator) if b'"' in content else 0
    if frame.width != len(names) or content.count(separator.encode()) != frame.height * (len(names) - 1) + inside:
        return None
    frame = frame.rename(dict(zip(frame.columns, names, strict=True))).slice(1)
    if frame.width == 1:  # a blank line has no separator to miss
        frame = frame.filter(pl.first().is_not_null())
    empty_to_null = [pl.all().replace("", None)] if b'""' in content else []
    return Parsed(
        frame.with_columns(
            *empty_to_null, pl.lit(file).alias(FILE), pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)
        ),
        set_aside_frame(),
    )


def _separators_in(frame: pl.DataFrame, separator: str) -> int:
    counts = frame.select(pl.all().str.count_matches(separator, literal=True).sum())
    return sum(int(count) for count in counts.row(0))


def _careful(content: bytes, file: str, separator: str, encoding: str) -> Parsed:
    """Read record by record; what does not fit is set aside as it came."""
    text = readable(content, encoding)
    records = _records(_lines(text), separator)
    fields, _ = next(records, ((), ""))
    if fields is None:
        raise SourceChangedError(f"{file}: a quote in its header line is never closed. Fetch the file again.")
    names = _names(fields)
    check_names(names, file)
    some_broken = is_broken(text)
    frames: list[pl.DataFrame] = []
    good: list[Sequence[str]] = []
    numbers: list[int] = []
    aside: list[tuple[object, ...]] = []
    for number, (fields, raw) in enumerate(records, start=1):
        if some_broken and is_broken(raw):
            aside.append(("broken-encoding", f"has bytes that are not {encoding}", file, number, _raw(raw)))
        elif fields is None:
            aside.append(("ragged-row", "a quote is opened or closed in the wrong place", file, number, _raw(raw)))
        elif len(fields) != len(names):
            reason = f"{len(fields)} fields where the header has {len(names)}"
            aside.append(("ragged-row", reason, file, number, _raw(raw)))
        else:
            good.append(fields)
            numbers.append(number)
        if len(good) == _CHUNK_ROWS:
            frames.append(_frame(good, names, file, numbers))
            good, numbers = [], []
    frames.append(_frame(good, names, file, numbers))
    return Parsed(pl.concat(frames), set_aside_frame(aside))


def _names(fields: Sequence[str]) -> list[str]:
    return [field.strip() for field in fields]


def _frame(rows: list[Sequence[str]], names: list[str], file: str, numbers: list[int]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(
        pl.all().replace("", None), pl.lit(file).alias(FILE), pl.Series(ROW, numbers, dtype=pl.Int64)
    )


def _raw(record: str) -> str:
    return raw_json({"line": shown(record.rstrip("\r\n"))})


def _lines(text: str) -> list[str]:
    """Lines with their ends, whichever of the three kinds they are."""
    return io.StringIO(text, newline="").readlines()


class _Feed:
    """Hands lines to the csv reader and stops a record that does not end."""

    def __init__(self, lines: list[str], start: int) -> None:
        self.lines, self.begun, self.at = lines, start, start

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if self.at == len(self.lines):
            raise StopIteration
        if self.at - self.begun == _MAX_LINES:
            raise csv.Error
        self.at += 1
        return self.lines[self.at - 1]


def _records(lines: list[str], separator: str) -> Iterator[tuple[Sequence[str] | None, str]]:
    """Each record's fields and raw text; None for fields: its first line has a broken quote. Blank lines are none."""
    csv.field_size_limit(sys.maxsize)
    start = 0
    while start < len(lines):
        feed = _Feed(lines, start)
        try:
            for fields in csv.reader(feed, delimiter=separator, strict=True):
                begun, feed.begun = feed.begun, feed.at
                if fields:
                    yield fields, "".join(lines[begun : feed.at])
            return
        except csv.Error:
            yield None, lines[feed.begun]
            start = feed.begun + 1
