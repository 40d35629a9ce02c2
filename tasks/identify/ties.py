"""Which customers are one person: by equal addresses, by people's decisions, never by likeness."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from tasks.identify.addresses import STRONG, WEAK, is_one_persons, stars, with_sharing
from tasks.identify.groups import Groups, Pair

DECISION: Final = "decision"
PEOPLE_SCHEMA: Final = {
    "customer_id": pl.String(), "person_id": pl.String(), "through": pl.String(), "identity_id": pl.String(),
    "account_id": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Decisions:
    """What people said, each pair with the smaller id first.

    Attributes:
        merged: pairs that are one person.
        apart: pairs that are two, whatever a rule says.
    """

    merged: Sequence[Pair] = ()
    apart: Sequence[Pair] = ()


@dataclass(frozen=True)
class Ties:
    """Who is who.

    Attributes:
        people: as PEOPLE_SCHEMA; one row per customer that is one person with others, by customer_id.
        identities: the identities in use, with their sharing (see `with_sharing`) and `person_id`.
        doubtful: pairs with one phone or handle that something speaks against: kind, one, other (customers), and
            what: `differing e-mails`, `differing external ids` or `set apart`.
        persons: customer_id and person_id of everybody who was ever paired.
        groups: the same as groups.
    """

    people: pl.DataFrame
    identities: pl.DataFrame
    doubtful: pl.DataFrame
    persons: pl.DataFrame
    groups: Groups


def tied(identities: pl.DataFrame, accounts: pl.DataFrame, decisions: Decisions) -> Ties:
    """Tie customers together.

    Decisions first; then equal e-mails, then equal external ids of one namespace. A phone number or handle
    ties people only where, among all that it and other ones would tie, at most one has an e-mail, at most one
    an external id of a source, and none were set apart: else which of them a third belongs to cannot be told. The
    order of rows plays no part.

    Args:
        identities: identities in use, as `addresses.SCHEMA`.
        accounts: customer_id and account_id, where known.
        decisions: what people said.

    Returns:
        People and doubts; nothing for no identities.
    """
    groups = Groups(decisions.apart)
    for one, other in sorted(decisions.merged):
        groups.unite(one, other)
    known = with_sharing(identities)
    telling = known.filter(is_one_persons() & (pl.col("n_sharing") > 1))
    strong = stars(telling.filter(pl.col("kind").is_in(STRONG)), "customer_id")
    for one, other in strong.select("one", "other").iter_rows():
        groups.unite(one, other)
    doubtful = _tie_weakly(known, telling.filter(pl.col("kind").is_in(WEAK)), groups)
    persons = _persons(groups)
    named = with_person(known, persons)
    return Ties(_people(named, accounts, persons), named, doubtful, persons, groups)


def _persons(groups: Groups) -> pl.DataFrame:
    found = groups.members()
    schema = {"customer_id": pl.String, "person_id": pl.String}
    return pl.DataFrame({"customer_id": list(found), "person_id": list(found.values())}, schema=schema)


def with_person(rows: pl.DataFrame, persons: pl.DataFrame, member: str = "customer_id") -> pl.DataFrame:
    """The rows with the person that each one's customer is: itself, if it was never paired."""
    found = rows.join(persons, left_on=member, right_on="customer_id", how="left")
    return found.with_columns(pl.coalesce("person_id", member).alias("person_id"))


DOUBTFUL_SCHEMA: Final = {"kind": pl.String(), "one": pl.String(), "other": pl.String(), "what": pl.String()}


def _tie_weakly(known: pl.DataFrame, weak: pl.DataFrame, groups: Groups) -> pl.DataFrame:
    """Tie by phone and handle what nothing speaks against; the pairs that something does."""
    persons = _persons(groups)
    named = with_person(weak, persons)
    several = pl.col("person_id").n_unique().over("kind", "value_hash") > 1
    shared = named.filter(several)
    pairs = stars(shared, "person_id")
    if pairs.is_empty():
        return pl.DataFrame(schema=DOUBTFUL_SCHEMA)
    would_be = Groups()
    for one, other in pairs.select("one", "other").iter_rows():
        would_be.unite(one, other)
    clusters = pl.DataFrame(list(would_be.members().items()), schema=["person_id", "cluster"], orient="row")
    against = _against(with_person(known, persons), clusters, groups)
    judged = pairs.join(clusters, left_on="one", right_on="person_id").join(against, on="cluster", how="left")
    for one, other in judged.filter(pl.col("what").is_null()).select("one", "other").iter_rows():
        groups.unite(one, other)
    # told by a customer that has the address, not by the person's smallest one
    holder = shared.group_by("kind", "value_hash", "person_id").agg(customer=pl.col("customer_id").min())
    doubtful = judged.filter(pl.col("what").is_not_null())
    for side in ("one", "other"):
        held = holder.rename({"person_id": side, "customer": f"{side}_customer"})
        doubtful = doubtful.join(held, on=["kind", "value_hash", side])
    return doubtful.select("kind", one="one_customer", other="other_customer", what="what")


def _against(known: pl.DataFrame, clusters: pl.DataFrame, groups: Groups) -> pl.DataFrame:
    """Clusters that are not one person for sure, and why: cluster, what."""
    within = known.join(clusters, on="person_id")
    emails = (
        within.filter(pl.col("kind") == "email").group_by("cluster").agg(n=pl.col("person_id").n_unique())
        .filter(pl.col("n") > 1).select("cluster", what=pl.lit("differing e-mails"))
    )  # fmt: skip
    externals = (
        within.filter(pl.col("kind") == "external").group_by("cluster", "source").agg(n=pl.col("person_id").n_unique())
        .filter(pl.col("n") > 1).select("cluster", what=pl.lit("differing external ids"))
    )  # fmt: skip
    guarded = clusters.filter(pl.col("person_id").is_in(groups.guarded()))
    pairs = guarded.join(guarded, on="cluster", suffix="_other").filter(pl.col("person_id") < pl.col("person_id_other"))
    foes = [cluster for one, cluster, other in pairs.iter_rows() if groups.is_apart(one, other)]
    apart = pl.DataFrame({"cluster": foes}, schema={"cluster": pl.String}).with_columns(what=pl.lit("set apart"))
    return pl.concat([emails, externals, apart]).unique("cluster", keep="first", maintain_order=True)


def _people(named: pl.DataFrame, accounts: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Each customer of a person with several: what it shares with another of them, and the account they agree on."""
    members = persons.filter(pl.len().over("person_id") > 1)
    shared = named.filter(is_one_persons() & (pl.col("n_sharing") > 1))
    is_shared = pl.col("customer_id").n_unique().over("person_id", "kind", "value_hash") > 1
    through = (
        shared.filter(is_shared).sort("strength", "identity_id").unique("customer_id", keep="first")
        .select("customer_id", "identity_id", through="kind")
    )  # fmt: skip
    agreed = (
        accounts.drop_nulls().join(members, on="customer_id").group_by("person_id")
        .agg(n=pl.col("account_id").n_unique(), account_id=pl.col("account_id").min())
        .filter(pl.col("n") == 1).drop("n")
    )  # fmt: skip
    found = members.join(through, on="customer_id", how="left").join(agreed, on="person_id", how="left")
    return found.with_columns(pl.col("through").fill_null(DECISION)).select(list(PEOPLE_SCHEMA)).sort("customer_id")
