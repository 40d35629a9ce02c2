"""Near matches: pairs that a person should look at, as no rule may tie them."""

from typing import Final

import polars as pl

from tasks.identify.addresses import is_one_persons, stars
from tasks.identify.ties import Decisions, Ties, with_person

MOST_REVIEWED: Final = 10
"""An address that more customers share is surely nobody's own: its pairs are not worth looking at."""
MOST_ALIKE: Final = 50
"""In one account, a spelling that more addresses share is a pattern, not a typing error."""

PHRASE: Final = {"email": "e-mail address", "external": "external id", "phone": "phone number", "handle": "handle"}

REVIEWS_SCHEMA: Final = {"customer_id": pl.String(), "other_id": pl.String(), "reason": pl.String()}


def to_review(ties: Ties, emails: pl.DataFrame, decisions: Decisions) -> pl.DataFrame:
    """Pairs of customers that may be one person, one for each two persons.

    Args:
        ties: who is who.
        emails: e-mail addresses of customers with an account: customer_id, account_id, near_hashes.
        decisions: what people said; what is decided, or would break a decision, is not asked again.

    Returns:
        customer_id, other_id (the larger), reason; sorted, nothing for no doubts.
    """
    found = pl.concat([_doubtful(ties), _shared(ties), _alike(with_person(emails.drop_nulls(), ties.persons))])
    pairs = found.select(
        customer_id=pl.min_horizontal("one", "other"), other_id=pl.max_horizontal("one", "other"), reason="reason",
        rank="rank",
    )  # fmt: skip
    for side in ("customer_id", "other_id"):
        pairs = with_person(pairs, ties.persons, side).rename({"person_id": f"{side}_person"})
    people = [pl.col(f"{side}_person") for side in ("customer_id", "other_id")]
    open_ones = pairs.filter(people[0] != people[1]).with_columns(
        one=pl.min_horizontal(*people), other=pl.max_horizontal(*people)
    )
    once = open_ones.sort("rank", "customer_id", "other_id").unique(["one", "other"], keep="first")
    guarded = set(ties.groups.guarded()) if decisions.apart else set[str]()
    is_apart = [
        one in guarded and ties.groups.is_apart(one, other) for one, other in once.select("one", "other").iter_rows()
    ]
    return once.filter(~pl.Series(is_apart, dtype=pl.Boolean)).select(list(REVIEWS_SCHEMA)).sort(pl.all())


def _doubtful(ties: Ties) -> pl.DataFrame:
    phrase = pl.col("kind").replace_strict(PHRASE, return_dtype=pl.String)
    return ties.doubtful.select("one", "other", reason=pl.format("the same {}, but {}", phrase, "what"), rank=pl.lit(0))


def _shared(ties: Ties) -> pl.DataFrame:
    few = ties.identities.filter(~is_one_persons(), pl.col("n_sharing") <= MOST_REVIEWED)
    pairs = stars(few, "customer_id").join(
        few.select("kind", "value_hash", "n_sharing").unique(), on=["kind", "value_hash"]
    )
    phrase = pl.col("kind").replace_strict(PHRASE, return_dtype=pl.String)
    reason = pl.format("{} shared by {} customers", phrase, "n_sharing")
    return pairs.select("one", "other", reason=reason, rank=pl.lit(1))


def _alike(emails: pl.DataFrame) -> pl.DataFrame:
    """Addresses of one account that differ by one letter more, less, other or moved.

    Of many addresses hardly any share a piece, so numbers that stand for account and piece are looked at first.
    """
    spelling = ["account_id", "person_id", "near_hashes"]
    once = emails.group_by(spelling).agg(pl.col("customer_id").min())
    several = once.filter(pl.col("person_id").n_unique().over("account_id") > 1).sort(spelling).with_row_index("place")
    pieces = (
        several.select("place", "account_id", piece=pl.col("near_hashes").str.split(" ")).explode("piece")
        .select("place", piece=pl.struct("account_id", "piece").hash())
    )  # fmt: skip
    shared = pieces.filter(pl.col("piece").is_duplicated()).filter(pl.len().over("piece") <= MOST_ALIKE)
    pairs = shared.join(shared, on="piece").filter(pl.col("place") < pl.col("place_right"))
    told = pairs.select("place", "place_right").unique()
    customers = several["customer_id"]
    return pl.select(
        one=customers.gather(told["place"]), other=customers.gather(told["place_right"]),
        reason=pl.lit("e-mail addresses that differ by one letter, in one account"), rank=pl.lit(2),
    )  # fmt: skip
