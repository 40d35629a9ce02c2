"""What validation says of each rule and of one table: three verdicts, and the rows that fail."""

from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

Answer = Literal["pass", "fail", "could not check"]
Consequence = Literal["QUARANTINE", "BLOCK", "WARN"]

POSITION: Final = "_position"
RULE_NUMBER: Final = "_rule_number"
FAILURES_SCHEMA: Final[dict[str, pl.DataType]] = {POSITION: pl.Int64(), RULE_NUMBER: pl.Int64()}
"""One row per (row, rule it fails): 0-based position in the table, 0-based place of the rule in its suite."""


@dataclass(frozen=True)
class Rule:
    """One expectation, as far as a reader needs it.

    Attributes:
        name: short and stable. consequence: what follows when it does not hold.
        columns: columns it looks into; empty: the table itself.
        expected: what should be found, in words.
    """

    name: str
    consequence: Consequence
    columns: tuple[str, ...]
    expected: str


@dataclass(frozen=True)
class RuleVerdict:
    """What one rule found.

    Attributes:
        n_unexpected: rows that fail it; 0 for rules about the table itself.
        detail: what was found, in words; empty where it passed.
    """

    rule: Rule
    answer: Answer
    n_unexpected: int = 0
    detail: str = ""

    @property
    def is_blocking(self) -> bool:
        """Whether nothing of the batch may be published: a fault of the check itself counts, whatever the rule."""
        return self.answer == "could not check" or (self.answer == "fail" and self.rule.consequence == "BLOCK")

    @property
    def is_warning(self) -> bool:
        """Whether it is only to be noted."""
        return self.answer == "fail" and self.rule.consequence == "WARN"


@dataclass(frozen=True, eq=False)
class TableVerdict:
    """What a suite found in one table of a batch.

    Attributes:
        table: the fact table. n_rows: rows looked at.
        rules: in the suite's order.
        failures: rows that fail a row rule, as FAILURES_SCHEMA.
    """

    table: str
    n_rows: int
    rules: tuple[RuleVerdict, ...]
    failures: pl.DataFrame

    @property
    def failing(self) -> pl.Series:
        """Positions of the rows to set aside, once each, in order."""
        return self.failures[POSITION].unique().sort()
