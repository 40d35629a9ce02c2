"""Text in columns: set apart by blanks under a header line, or of declared widths without one."""

from collections.abc import Mapping

import polars as pl

from tasks.extract.decoding import is_broken, readable, shown
from tasks.extract.parsed import FILE, ROW, Parsed, check_names, raw_json, set_aside_frame


def parse_fixed_width(content: bytes, file: str, *, encoding: str, widths: Mapping[str, int]) -> Parsed:
    """The rows of a text in columns.

    With `widths` (column to characters, from the left) every line is a row. Without, the first line
    names the columns and blanks part the values, so that none can be empty: a row with another
    number of values is set aside (`ragged-row`). Blank lines are no rows.

    Raises:
        SourceChangedError: two columns have the same name.
    """
    lines = [line for line in readable(content, encoding).splitlines() if line.strip("\x1a \t\f")]
    names = list(widths) or (lines[0].split() if lines else [])
    check_names(names, file)
    rows = (
        pl.DataFrame({"line": lines[0 if widths else 1 :]}, schema={"line": pl.String})
        if not is_broken("".join(lines))
        else _unbroken(lines[0 if widths else 1 :])
    )
    numbered = rows.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))
    if "is_broken" not in numbered.columns:
        numbered = numbered.with_columns(is_broken=pl.lit(value=False))
    cut = numbered.with_columns(_by_width(widths) if widths else _by_blanks())
    is_whole = ~pl.col("is_broken") & (pl.col("values").list.len() == len(names))
    good, bad = cut.filter(is_whole), cut.filter(~is_whole)
    frame = good.select(
        *(pl.col("values").list.get(i).replace("", None).alias(name) for i, name in enumerate(names)),
        pl.lit(file).alias(FILE), ROW,
    )  # fmt: skip
    aside = [
        (
            "broken-encoding" if row["is_broken"] else "ragged-row",
            f"has bytes that are not {encoding}" if row["is_broken"]
            else f"{len(row['values'])} values where the header has {len(names)}",
            file, row[ROW], raw_json({"line": row["line"]}),
        )
        for row in bad.iter_rows(named=True)
    ]  # fmt: skip
    return Parsed(frame, set_aside_frame(aside))


def _unbroken(lines: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"line": [shown(line) for line in lines], "is_broken": [is_broken(line) for line in lines]},
        schema={"line": pl.String, "is_broken": pl.Boolean},
    )


def _by_blanks() -> pl.Expr:
    return pl.col("line").str.strip_chars().str.replace_all(r"\s+", " ").str.split(" ").alias("values")


def _by_width(widths: Mapping[str, int]) -> pl.Expr:
    values: list[pl.Expr] = []
    start = 0
    for width in widths.values():
        values.append(pl.col("line").str.slice(start, width).str.strip_chars())
        start += width
    return pl.concat_list(values).alias("values")
