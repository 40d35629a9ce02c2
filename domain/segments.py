"""Segments and personas: the rules that say who belongs, and which one held when.

A rule is one Polars SQL expression over COLUMNS: those of the customer, and with `account_` before them those of its
account. It sees one customer at one instant, never other customers and never the clock.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final

import polars as pl

from domain.errors import RoadmapError
from domain.expressions import columns_in, compiled
from domain.windows import FIRST_DAY
from domain.written import did_you_mean

BEGINNING: Final = datetime.combine(FIRST_DAY, time(), tzinfo=UTC)
"""From when on holds what was there when we first looked: nothing else is known of the time before."""

STATED: Final[dict[str, tuple[str, ...]]] = {
    "customers": ("account_id", "plan", "segment", "country", "language"),
    "accounts": ("name", "segment", "country", "industry"),
}
"""Attributes that are followed over time, by fact table."""

OF_ACCOUNT: Final = {name: f"account_{name}" for name in STATED["accounts"]}

COLUMNS: Final[dict[str, pl.DataType]] = {
    "customer_id": pl.String(), "source": pl.String(), **{name: pl.String() for name in STATED["customers"]},
    "created_at": pl.Date(), **{name: pl.String() for name in OF_ACCOUNT.values()}, "account_created_at": pl.Date(),
}  # fmt: skip
"""What a rule may read; `created_at` as a day of the reporting zone."""

WHICH: Final = ("segment", "persona")
"""What a customer has while."""

STAMPED: Final = {
    "tickets": "opened_at", "survey_answers": "answered_at", "survey_sends": "sent_at", "subscriptions": "started_at",
    "orders": "ordered_at", "remarks": "written_at",
}  # fmt: skip
"""Facts that KPIs keep by segment and persona, with the instant whose segment and persona a row counts under."""

SPELLS: Final = {
    "customer_id": pl.String(), "valid_from": pl.Datetime("us", "UTC"), "valid_to": pl.Datetime("us", "UTC"),
    "segment": pl.String(), "persona": pl.String(),
}  # fmt: skip
"""Which segment and persona one customer had while; grain: customer_id, valid_from."""

SCHEME: Final = 1
"""Counts up when spells are made otherwise: all are then made again."""

_CLOCK: Final = re.compile(r"\b(current_(date|time|timestamp)|localtime(stamp)?|now\s*\(|today\s*\()", re.IGNORECASE)
_TEXT: Final = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True)
class SegmentRule:
    """Customers for whom `when` holds."""

    name: str
    when: str


@dataclass(frozen=True)
class PersonaRule:
    """Customers of a segment (None: of any), for whom `when` holds (None: all of them)."""

    name: str
    segment: str | None
    when: str | None

    @property
    def counts(self) -> bool:
        """Somebody can have it; with neither a segment nor a rule it describes somebody, and is nobody's."""
        return self.segment is not None or self.when is not None


@dataclass(frozen=True)
class Rules:
    """All rules, in the roadmap's order: the first that holds wins."""

    segments: tuple[SegmentRule, ...] = ()
    personas: tuple[PersonaRule, ...] = ()

    @property
    def is_empty(self) -> bool:
        """There is nothing to tell customers apart by."""
        return not self.segments and not any(rule.when for rule in self.personas)

    @property
    def tells_personas(self) -> bool:
        """Somebody can have a persona."""
        return any(rule.counts for rule in self.personas)

    @property
    def whole_personas(self) -> dict[str, str]:
        """Segment → the persona that everybody in it has, whoever they are: no other can come before it."""
        found: dict[str, str] = {}
        for segment in dict.fromkeys(rule.segment for rule in self.personas if rule.segment):
            first = next(rule for rule in self.personas if rule.counts and rule.segment in (None, segment))
            if first.when is None:
                found[segment] = first.name
        return found

    @property
    def whole_or_part(self) -> list[list[str | bool | None]]:
        """What a row's own segment says of its persona is made by this."""
        return [[rule.name, rule.segment, rule.when is None] for rule in self.personas if rule.counts]

    def fingerprint(self, zone: str) -> list[Any]:
        """All that spells are made by, as JSON has it, `zone` cutting days; nothing where there are no rules."""
        if self.is_empty:
            return []
        segments = [[rule.name, rule.when] for rule in self.segments]
        return [SCHEME, zone, segments, [[rule.name, rule.segment, rule.when] for rule in self.personas]]


def rule_problem(when: str) -> str | None:
    """What is wrong with a rule, in words for its writer; None if it is sound. No data are needed.

    >>> rule_problem("plan = 'office'") is None
    True
    """
    try:
        columns = columns_in(when)
    except ValueError as wrong:
        return f"'{when}' {wrong}"
    if found := _CLOCK.search(_TEXT.sub("''", when)):
        return f"'{when}' looks at the clock ('{found.group().rstrip('( ')}'): a rule sees the customer alone"
    unknown = next((name for name in columns if name not in COLUMNS), None)
    if unknown is not None:
        quotes = " A text stands in single quotes." if f'"{unknown}"' in when else ""
        return (
            f"'{when}' reads the column '{unknown}', which customers do not have.{did_you_mean(unknown, COLUMNS)}"
            f"{quotes} There are: {', '.join(COLUMNS)}"
        )
    try:
        kind = pl.DataFrame(schema=COLUMNS).select(compiled(when).alias("held"))["held"].dtype
    except pl.exceptions.PolarsError as problem:
        days = " A day is written DATE '2026-03-01'." if {"created_at", "account_created_at"} & set(columns) else ""
        what = str(problem).splitlines()[0].partition(" (create")[0]
        return f"'{when}' does not fit its columns: {what}.{days}"
    return None if kind == pl.Boolean else f"'{when}' is neither true nor false. Compare: plan = 'office'"


def assigned(customers: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The first segment and the first persona that hold for each row.

    Args:
        customers: COLUMNS; any grain.
        rules: sound ones.

    Returns:
        The rows in their order: segment, persona; null where no rule holds, or its columns are empty.

    Raises:
        RoadmapError: a rule cannot be computed for the values that are there.
    """
    segments = _first({rule.name: _held(customers, rule.name, rule.when) for rule in rules.segments}, customers.height)
    choices: dict[str, pl.Series] = {}
    for rule in rules.personas:
        if not rule.counts:
            continue
        held = pl.repeat(value=True, n=customers.height, eager=True)
        held = held if rule.segment is None else (segments == rule.segment).fill_null(value=False)
        choices[rule.name] = held if rule.when is None else held & _held(customers, rule.name, rule.when)
    return pl.DataFrame({"segment": segments, "persona": _first(choices, customers.height)})


def _first(choices: dict[str, pl.Series], height: int) -> pl.Series:
    """The name of the first choice that holds, row by row."""
    found = pl.repeat(None, height, dtype=pl.String, eager=True)
    for name, held in reversed(choices.items()):
        found = found.set(held, name) if held.any() else found
    return found


def _held(customers: pl.DataFrame, name: str, when: str) -> pl.Series:
    try:
        return customers.with_columns(_held=compiled(when))["_held"].fill_null(value=False)
    except pl.exceptions.PolarsError as problem:
        raise RoadmapError(
            f"roadmap.yaml  {name}: '{when}' cannot be computed for every customer: {str(problem).splitlines()[0]}. "
            "TRY_CAST in place of CAST gives an empty value where one cannot be read."
        ) from None


def held_at(rows: pl.DataFrame, spells: pl.DataFrame, at: str, which: Sequence[str] = WHICH) -> pl.DataFrame:
    """The segment and persona that each row's customer had at an instant.

    Args:
        rows: customer_id, and `at`; a row without an instant is as old as can be.
        spells: SPELLS of the customers, all of each.
        at: name of the instant.
        which: which of WHICH.

    Returns:
        `which`, in the rows' order; null for a row without a customer, a customer without spells, or with none of them.
    """
    first = spells.filter(pl.col("valid_from") <= BEGINNING).select("customer_id", *which)
    held = rows.select("customer_id", at=pl.max_horizontal(at, pl.lit(BEGINNING, pl.Datetime("us", "UTC"))))
    held = held.join(first, on="customer_id", how="left", maintain_order="left")
    later = spells.filter(pl.col("valid_from") > BEGINNING)
    if later.is_empty():
        return held.select(which)
    names = {name: f"later_{name}" for name in which}
    since = later.select("customer_id", since="valid_from", **{new: pl.col(name) for name, new in names.items()})
    since = since.sort("since")
    placed = held.with_row_index("place")
    moved = placed.join(since.select("customer_id").unique(), on="customer_id", how="semi").sort("at")
    moved = moved.join_asof(since, left_on="at", right_on="since", by="customer_id", check_sortedness=False)
    found = placed.join(moved.select("place", "since", *names.values()), on="place", how="left", maintain_order="left")
    is_first = pl.col("since").is_null()
    return found.select(pl.when(is_first).then(name).otherwise(new).alias(name) for name, new in names.items())


def personas_of(segments: pl.Series, held: pl.DataFrame, rules: Rules) -> pl.Series:
    """The persona that each row counts under, whose segment may be another one than its customer had: the row says so.

    A customer's persona stands for their segment, so it counts only with it. Without it, or without a customer, the
    persona is known where all of the row's segment have the same.

    Args:
        segments: the segment each row counts under.
        held: segment and persona that its customer had then, in the same order (WHICH).
        rules: the roadmap's.

    Returns:
        In the rows' order; null where none holds, or it is not known which.
    """
    persona, whole = pl.col("persona"), rules.whole_personas
    of_any = [rule.name for rule in rules.personas if rule.segment is None]
    of_other = pl.when(persona.is_in(of_any)).then(persona)
    if whole:
        of_all = pl.col("counted").replace_strict(
            list(whole), list(whole.values()), default=None, return_dtype=pl.String
        )
        of_other = pl.coalesce(of_all, of_other)
    is_own = pl.col("counted").eq_missing(pl.col("segment"))
    rows = held.select(pl.col(WHICH).cast(pl.String), counted=segments.cast(pl.String))
    return rows.select(pl.when(is_own).then(persona).otherwise(of_other))["persona"]
