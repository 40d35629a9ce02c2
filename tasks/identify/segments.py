"""Which segment and persona each customer had when, and what a new look changes."""

import polars as pl

from domain.segments import SPELLS, WHICH, Rules, assigned, held_at


def segment_spells(held: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Segment and persona of each customer over time.

    Args:
        held: attributes over time, as OVER_TIME.
        rules: the roadmap's.

    Returns:
        SPELLS, by customer and time; the spells of a customer follow each other without a gap from BEGINNING on, and
        no two neighbours are alike.

    Raises:
        RoadmapError: a rule cannot be computed.
    """
    if rules.is_empty:
        return pl.DataFrame(schema=SPELLS)
    found = held.select("customer_id", "valid_from").hstack(assigned(held, rules)).sort("customer_id", "valid_from")
    # neighbours are compared in the sorted rows: by groups it would take several times as long
    is_other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in ("customer_id", *WHICH))
    is_last = pl.col("customer_id").ne_missing(pl.col("customer_id").shift(-1))
    until = pl.when(~is_last).then(pl.col("valid_from").shift(-1))
    return found.filter(is_other).with_columns(valid_to=until).select(list(SPELLS))


def changed_customers(before: pl.DataFrame, after: pl.DataFrame) -> pl.Series:
    """Customers whose spells differ, sorted; both as SPELLS."""
    names = list(SPELLS)
    gone = before.join(after, on=names, how="anti", nulls_equal=True)
    new = after.join(before, on=names, how="anti", nulls_equal=True)
    return pl.concat([gone["customer_id"], new["customer_id"]]).unique().sort()


def counted_otherwise(rows: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, at: str) -> pl.DataFrame:
    """Rows of a fact table that count under another segment or persona after than before.

    Args:
        rows: rows that do not say both themselves: customer_id, says_segment, `at`.
        before: SPELLS as they were.
        after: SPELLS as they are.
        at: the instant whose segment and persona count.
    """
    was, now = held_at(rows, before, at), held_at(rows, after, at)
    is_other = was["segment"].ne_missing(now["segment"]) & ~rows["says_segment"]
    return rows.filter(is_other | was["persona"].ne_missing(now["persona"]))


def never_held(rules: Rules, segments: set[str], personas: set[str]) -> tuple[list[str], list[str]]:
    """Segments and personas with a rule that nobody has or had, in the roadmap's order."""
    return (
        [rule.name for rule in rules.segments if rule.name not in segments],
        [r.name for r in rules.personas if (r.when or r.segment) and r.name not in personas],
    )
