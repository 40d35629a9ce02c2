"""Facts of customer ids as facts of persons."""

import polars as pl


def as_persons(rows: pl.DataFrame, tied: pl.DataFrame) -> pl.DataFrame:
    """Rows with the person in place of each customer id that is one with others (`tied`: customer_id, person_id)."""
    joined = rows.join(tied, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(customer_id=pl.coalesce("person_id", "customer_id")).drop("person_id")
