"""Facts that say no segment or persona get the one that their customer had at the time."""

import polars as pl

from domain.segments import WHICH, Rules, held_at, personas_of

NO_RULES = Rules()


def unsaid(rows: pl.DataFrame) -> pl.Series:
    """Customers of rows that do not say themselves what their customer had."""
    empty = pl.any_horizontal(pl.col(name).is_null() for name in WHICH if name in rows.columns)
    return rows.filter(empty)["customer_id"].drop_nulls().unique()


def stamped(rows: pl.DataFrame, spells: pl.DataFrame, at: str, rules: Rules = NO_RULES) -> pl.DataFrame:
    """The rows in their order, with an empty segment filled, and an empty persona; what the source itself says stays.

    Args:
        rows: one row per fact: customer_id, segment, `at`, and persona, where it is asked for.
        spells: all of each customer's spells, as `domain.segments.SPELLS`.
        at: the instant whose segment and persona a row is counted under.
        rules: the roadmap's; by them a row's own segment says a persona, too.
    """
    if "persona" not in rows.columns:
        if spells.is_empty():
            return rows
        found = held_at(rows, spells, at, ("segment",))["segment"].cast(rows.schema["segment"])
        return rows.with_columns(segment=pl.coalesce("segment", pl.lit(found)))
    held = held_at(rows, spells, at)
    of_customer = held["segment"].cast(rows.schema["segment"])
    rows = rows.with_columns(segment=pl.coalesce("segment", pl.lit(of_customer)))
    persona = personas_of(rows["segment"], held, rules).cast(rows.schema["persona"])
    return rows.with_columns(persona=pl.coalesce("persona", pl.lit(persona)))
