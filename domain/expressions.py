"""Polars SQL expressions as a user writes them: one expression over one row, nothing that could open anything."""

import re
from typing import Final

import polars as pl

_QUOTED: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_COMMENT: Final = re.compile(r"--|/\*")
_STATEMENT: Final = re.compile(
    r"\b(select|from|exists|union|with|insert|update|delete|create|drop|copy)\b", re.IGNORECASE
)
_OTHER_ROWS: Final = re.compile(
    r"\b(over|unnest|explode)\b|\b(sum|avg|count|min|max|first|last|median|stddev(_samp|_pop)?|var(iance)?|lag|lead|"
    r"row_number|rank|dense_rank|array_agg|string_agg|listagg|quantile_(cont|disc)|corr|covar|columns)\s*\(",
    re.IGNORECASE,
)


def compiled(text: str) -> pl.Expr:
    """The expression that `text` writes: of the columns of one row, one value.

    Raises:
        ValueError: a statement, a sub-query, a table function, several expressions, or one that
            looks at other rows (an aggregate or a window); the message is for the writer.

    >>> compiled("LOWER(contact_type)").meta.root_names()
    ['contact_type']
    """
    bare = _QUOTED.sub("''", text)
    if _COMMENT.search(bare):
        raise ValueError("has an SQL comment in it; write a YAML comment (#) instead")
    if found := _STATEMENT.search(bare):
        raise ValueError(f"has '{found.group()}' in it: write one expression, never a statement or a sub-query")
    if found := _OTHER_ROWS.search(bare):
        raise ValueError(f"looks at other rows ('{found.group()}'): an expression sees one row at a time")
    try:
        expression = pl.sql_expr(text)
    except pl.exceptions.PolarsError as problem:
        raise ValueError(f"is no Polars SQL expression: {str(problem).splitlines()[0]}") from None
    if expression.meta.has_multiple_outputs() or ".subplan(" in str(expression):
        raise ValueError("gives several columns: write one expression for one column")
    return expression.meta.undo_aliases()


def columns_in(text: str) -> list[str]:
    """Names of the columns an expression reads, each once, in order."""
    return list(dict.fromkeys(compiled(text).meta.root_names()))
