"""Rules that several tables share; each gives expectations with rule name and consequence.

Instants reach the suites as microseconds since 1970: Great Expectations compares numbers at once,
and takes most of a minute over a million instants with a zone.
"""
# pyright: reportPrivateImportUsage=false

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from domain.facts import FactTable
from expectations.consequences import BLOCK, QUARANTINE, WARN, Meta, named
from expectations.library import Expectation, gxe

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""An empty date field becomes 1970 in many exports."""
LATEST: Final = datetime(2098, 12, 31, tzinfo=UTC)
"""2099 and 9999 stand for 'never'; a day early, since local midnight may be the day before in UTC."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROS_IN_S: Final = 1_000_000


def micros(instant: datetime) -> int:
    """Microseconds since 1970, as instants are validated.

    >>> micros(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * _MICROS_IN_S + since.microseconds


def every_table(table: FactTable) -> list[Expectation]:
    """What holds for every fact table, from its declaration: columns, key, required values, believable dates."""
    return [
        gxe.ExpectTableColumnsToMatchSet(
            column_set=list(table.names), exact_match=False,
            meta=named("columns-missing", BLOCK, f"every column of {table.name}"),
        ),
        gxe.ExpectColumnValuesToBeUnique(
            column=table.key,
            meta=named("key-not-unique", BLOCK, f"each {table.key} once"),
            notes="Older versions and duplicates are gone by now; one key twice would publish either row.",
        ),
        gxe.ExpectTableRowCountToBeBetween(
            min_value=1, meta=named("no-rows", WARN, "at least one row"), notes="Quiet days happen."
        ),
        *(mostly_there(name, BLOCK) for name in table.booked_at if table.column(name).required),
        *(filled_in(column.name) for column in table.columns if column.required),
        *(believable(column.name) for column in table.columns if column.type == "instant"),
    ]  # fmt: skip


def filled_in(column: str) -> Expectation:
    """No row without this value."""
    return gxe.ExpectColumnValuesToNotBeNull(
        column=column, meta=named(f"missing:{column}", QUARANTINE, f"{column} in every row")
    )


def mostly_there(column: str, consequence: Meta, share: float = 0.5) -> Expectation:
    """At least this share of the rows has the value: fewer is a mapping gone wrong, not bad rows."""
    return gxe.ExpectColumnValuesToNotBeNull(
        column=column, mostly=share,
        meta=named(f"mostly-missing:{column}", consequence, f"{column} in at least {share:.0%} of the rows"),
    )  # fmt: skip


def believable(column: str) -> Expectation:
    """An instant within [EARLIEST, LATEST)."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=column, min_value=micros(EARLIEST), max_value=micros(LATEST), strict_max=True,
        meta=named("date-out-of-range", QUARANTINE, f"{column} from {EARLIEST:%Y-%m-%d} to before {LATEST:%Y-%m-%d}"),
        notes="1970 is an empty field, 2099 a 'never': either would book the row on a day that was not.",
    )  # fmt: skip


def not_before(later: str, earlier: str, rule: str) -> Expectation:
    """`later` is at or after `earlier`, where both are known."""
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=later, column_B=earlier, or_equal=True,
        ignore_row_if="either_value_is_missing",  # it raises on missing values otherwise
        meta=named(rule, QUARANTINE, f"{later} not before {earlier}"),
    )  # fmt: skip


def one_of(column: str, *words: str) -> Expectation:
    """One of the words the KPIs know, where there is a value."""
    return gxe.ExpectColumnValuesToBeInSet(
        column=column, value_set=list(words),
        meta=named(f"unknown-word:{column}", QUARANTINE, f"{column} one of {', '.join(words)}"),
    )  # fmt: skip


def not_negative(column: str) -> Expectation:
    """A count."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=column, min_value=0, meta=named(f"negative:{column}", QUARANTINE, f"{column} 0 or more")
    )


def within_scale(column: str) -> Sequence[Expectation]:
    """A score within its row's [scale_low, scale_high], and a scale that has a width."""
    meta = named("out-of-scale", QUARANTINE, f"{column} from scale_low to scale_high")
    note = "A 0-10 survey mixed into a 1-5 one would lift CSAT unseen."
    return (
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="scale_high", column_B="scale_low",
            ignore_row_if="either_value_is_missing",
            meta=named("scale-upside-down", QUARANTINE, "scale_high above scale_low"),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=column, column_B="scale_low", or_equal=True,
            ignore_row_if="either_value_is_missing", meta=meta, notes=note,
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="scale_high", column_B=column, or_equal=True,
            ignore_row_if="either_value_is_missing", meta=meta, notes=note,
        ),
    )  # fmt: skip
