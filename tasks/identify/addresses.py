"""Which addresses say who somebody is, and which are everybody's."""

from typing import Final

import polars as pl

STRONG: Final = ("email", "external")
"""Equal ones are one person."""
WEAK: Final = ("phone", "handle")
"""Equal ones are one person only where nothing speaks against it."""
STRENGTH: Final = (*STRONG, *WEAK)

MOST_SHARING: Final = 3
"""More customers of one source than these with one address: info@, or a reception's phone. It ties nobody."""

SCHEMA: Final = {
    "identity_id": pl.String(), "source": pl.String(), "customer_id": pl.String(), "kind": pl.String(),
    "value_hash": pl.String(),
}  # fmt: skip
"""One identity in use; grain: identity_id."""


def with_sharing(identities: pl.DataFrame) -> pl.DataFrame:
    """The identities with how many customers share each address.

    Args:
        identities: as SCHEMA; those of other kinds, or without a hash, are left out.

    Returns:
        One row per identity, with n_sharing (customers of all sources), n_in_source (the most of one source)
        and strength (0 is the strongest).
    """
    known = identities.filter(pl.col("kind").is_in(STRENGTH), pl.col("value_hash").is_not_null())
    address = ["kind", "value_hash"]
    shared = known.filter(pl.struct(address).is_duplicated())
    by_source = shared.group_by(*address, "source").agg(n=pl.col("customer_id").n_unique())
    most = by_source.group_by(address).agg(n_in_source=pl.col("n").max())
    counts = shared.group_by(address).agg(n_sharing=pl.col("customer_id").n_unique()).join(most, on=address)
    one = pl.lit(1, pl.UInt32)
    return known.join(counts, on=address, how="left").with_columns(
        pl.col("n_sharing").fill_null(one), pl.col("n_in_source").fill_null(one),
        strength=pl.col("kind").replace_strict({kind: i for i, kind in enumerate(STRENGTH)}, return_dtype=pl.Int8),
    )  # fmt: skip


def is_one_persons() -> pl.Expr:
    """Whether few enough share it."""
    return pl.col("n_in_source") <= MOST_SHARING


def stars(shared: pl.DataFrame, member: str) -> pl.DataFrame:
    """Pairs that connect everybody with one address: the smallest with each of the others.

    Args:
        shared: kind, value_hash, strength and `member`.
        member: column of what is connected.

    Returns:
        kind, value_hash, strength, one, other (one < other): the strongest first, then by one and other.
    """
    address = ["strength", "kind", "value_hash"]
    each = shared.select(*address, other=member).unique()
    first = each.group_by(address).agg(one=pl.col("other").min())
    pairs = each.join(first, on=address).filter(pl.col("one") != pl.col("other"))
    return pairs.select("kind", "value_hash", "strength", "one", "other").sort("strength", "one", "other", "value_hash")
