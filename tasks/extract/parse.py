"""From a file's bytes to a frame of texts; every row is read or set aside, none is lost."""

import io

import polars as pl

from domain.errors import SourceChangedError
from domain.source_specs import Files
from tasks.extract.delimited import parse_delimited
from tasks.extract.fixed_width import parse_fixed_width
from tasks.extract.json_rows import parse_json, parse_json_lines
from tasks.extract.parsed import FILE, ROW, Parsed, set_aside_frame


def parse(content: bytes, file: str, source: Files) -> Parsed:
    """One file's rows as texts.

    Args:
        content: the plain file (unwrapped from gz and zip).
        file: its name, for `_file` and messages.
        source: says format, encoding and widths.

    Returns:
        One row per readable data row: the file's columns as text (empty: null), `_file`, `_row`
        (1-based, counted over all rows of the file). An empty file or a header alone gives no rows.

    Raises:
        SourceChangedError: the file as a whole is not of the declared format, or two columns of it
            have one name.
    """
    match source.format:
        case "csv":
            return parse_delimited(content, file, separator=",", encoding=source.encoding)
        case "tsv":
            return parse_delimited(content, file, separator="\t", encoding=source.encoding)
        case "fixed_width":
            return parse_fixed_width(content, file, encoding=source.encoding, widths=source.widths)
        case "json":
            return parse_json(content, file, encoding=source.encoding)
        case "jsonl":
            return parse_json_lines(content, file, encoding=source.encoding)
        case "parquet":
            return _parse_parquet(content, file)


def _parse_parquet(content: bytes, file: str) -> Parsed:
    """Typed columns as the texts that their types write: ISO 8601 for times, JSON for nested values."""
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as problem:
        reason = str(problem).splitlines()[0]
        raise SourceChangedError(f"{file}: is no Parquet file that can be read ({reason}). Fetch it again.") from None
    texts = frame.select(_as_text(name, dtype) for name, dtype in frame.schema.items())
    return Parsed(
        texts.with_columns(pl.lit(file).alias(FILE), pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)),
        set_aside_frame(),
    )


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        zone = "Z" if dtype.time_zone else ""
        utc = column.dt.convert_time_zone("UTC") if dtype.time_zone else column
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.f") + zone
    if isinstance(dtype, pl.List | pl.Array | pl.Struct):
        nested = pl.struct(column.alias("v")).struct.json_encode()
        return pl.when(column.is_not_null()).then(nested.str.slice(5, nested.str.len_chars() - 6)).alias(name)
    if dtype == pl.Binary:
        return column.bin.encode("base64")
    return column.cast(pl.String)
