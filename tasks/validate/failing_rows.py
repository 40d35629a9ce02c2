"""The rows that fail a row rule, as quarantine keeps them: one per row, with every reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from domain.facts import FACT_TABLES
from tasks.validate.verdicts import POSITION, RULE_NUMBER, Rule, TableVerdict

QUARANTINED_SCHEMA: Final[dict[str, pl.DataType]] = {
    "table_name": pl.String(), "file": pl.String(), "row": pl.Int64(),
    "rule": pl.String(), "reason": pl.String(), "raw": pl.String(), "row_key": pl.String(),
}  # fmt: skip
"""One row per row set aside. `rule`: the first it fails, in the suite's order; `reason`: all of them; `row_key`: the
table's key."""

_LONGEST_VALUE: Final = 60


def quarantined(rows: pl.DataFrame, verdict: TableVerdict, raw: Sequence[str]) -> pl.DataFrame:
    """The failing rows of one table with rule and reasons.

    Args:
        rows: the failing rows only, one per position: `_position`, `_file`, `_row` and the table's columns.
        verdict: what was found in the table.
        raw: the rows as they came, as JSON, in the same order.

    Returns:
        As QUARANTINED_SCHEMA, in the order of `rows`; no rows: an empty frame.
    """
    in_order = verdict.failures.sort(POSITION, RULE_NUMBER).group_by(POSITION, maintain_order=True).agg(RULE_NUMBER)
    numbers: dict[int, list[int]] = dict(in_order.iter_rows())
    rules = [found.rule for found in verdict.rules]
    key = FACT_TABLES[verdict.table].key
    told = [
        (row["_file"], row["_row"], *_told([rules[n] for n in numbers[row[POSITION]]], row), text, row.get(key))
        for row, text in zip(rows.iter_rows(named=True), raw, strict=True)
    ]
    return pl.DataFrame([(verdict.table, *parts) for parts in told], schema=QUARANTINED_SCHEMA, orient="row")


def _told(rules: Sequence[Rule], row: Mapping[str, Any]) -> tuple[str, str]:
    """The first rule's name, and every reason in words."""
    return rules[0].name, "; ".join(dict.fromkeys(reason(rule, row) for rule in rules))


def reason(rule: Rule, row: Mapping[str, Any]) -> str:
    """What was found and what was expected.

    >>> reason(Rule("negative:quantity", "QUARANTINE", ("quantity",), "quantity 0 or more"), {"quantity": -1})
    'quantity is -1, expected quantity 0 or more'
    """
    found = ", ".join(f"{name} is {_shown(row[name])}" for name in rule.columns)
    return f"{found}, expected {rule.expected}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "empty"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00")
        case float():
            return f"{value:g}"
        case _:
            text = str(value)
            return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
