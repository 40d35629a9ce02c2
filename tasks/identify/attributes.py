"""What each customer was when: attributes of customers and their accounts over time, one row per change."""

from typing import Final

import polars as pl

from domain.segments import BEGINNING, COLUMNS, OF_ACCOUNT, STATED

TIME: Final = pl.Datetime("us", "UTC")
FIRST: Final = pl.lit(BEGINNING, TIME)
OVER_TIME: Final = {"customer_id": pl.String(), "valid_from": TIME, **COLUMNS}
"""What a customer was from an instant on, until its next row; the first row is from BEGINNING."""

HISTORY: Final = ("customer_id", "attribute", "value", "valid_from", "valid_to")


def spells(now: pl.DataFrame, states: pl.DataFrame, key: str, attributes: tuple[str, ...]) -> pl.DataFrame:
    """The states of customers or accounts in order of time, equal neighbours as one.

    What is now comes last, whatever its instant; of states of one instant the one that came last counts. The first
    holds from BEGINNING.

    Args:
        now: one row per customer or account: key, batch_id, attributes, and what never changes.
        states: one row per state that was told: key, batch_id, at, place (order of arrival), attributes.
        key: name of the key.
        attributes: those that change.

    Returns:
        The columns of `now` without batch_id, and valid_from; one row per key and change.
    """
    fixed = now.drop("batch_id", *attributes)
    several = now.join(states.select(key), on=key, how="semi").select(key, "batch_id", *attributes)
    # the state of the row that is there is the row itself
    of_now = several.join(states.select(key, "batch_id", "at"), on=[key, "batch_id"], how="left").select(
        key, *attributes, at=pl.col("at").fill_null(FIRST), place=pl.lit(0, pl.UInt32), is_now=True
    )
    others = states.join(several, on=key, how="semi").join(several, on=[key, "batch_id"], how="anti")
    told = pl.concat([
        others.select(key, *attributes, "at", pl.col("place").cast(pl.UInt32), is_now=pl.lit(value=False)), of_now,
    ]).sort(key, "is_now", "at", "place")  # fmt: skip
    is_first = pl.col(key).is_first_distinct()
    told = told.with_columns(valid_from=pl.when(is_first).then(FIRST).otherwise(pl.col("at").cum_max().over(key)))
    told = told.unique([key, "valid_from"], keep="last", maintain_order=True)
    held = pl.struct(attributes)
    told = told.filter(is_first | held.ne_missing(held.shift()))
    changed = told.select(key, *attributes, "valid_from").join(fixed, on=key, maintain_order="left")
    single = now.join(several, on=key, how="anti").drop("batch_id").with_columns(valid_from=FIRST)
    return pl.concat([single, changed.select(single.columns)])


def with_given(held: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """The customers' spells, with the attributes whose history a source gives: that history alone counts for them.

    Its first value holds from BEGINNING on, each until the next begins; between an end and the next, and after the
    last end, there is no value.

    Args:
        held: spells of customers.
        given: history_id, customer_id, attribute, value, valid_from, valid_to; other attributes are left aside.

    Returns:
        The same columns; a customer that only has a history gets rows too.
    """
    known = given.filter(pl.col("attribute").is_in(STATED["customers"]))
    if known.is_empty():
        return held
    points = _points(known)
    cuts = pl.concat([held.select("customer_id", "valid_from"), points.select("customer_id", "valid_from")]).unique()
    cuts = cuts.sort("valid_from", "customer_id")
    found = as_of(cuts, held)
    for attribute in points["attribute"].unique().sort():
        mine = points.filter(pl.col("attribute") == attribute).select(
            "customer_id", "valid_from", "value", is_given=True
        )
        found = as_of(found, mine)
        value = pl.when("is_given").then("value").otherwise(attribute)
        found = found.with_columns(value.alias(attribute)).drop("value", "is_given")
    return found.select(held.columns)


def _points(given: pl.DataFrame) -> pl.DataFrame:
    """Instants at which a given attribute gets another value: customer_id, attribute, valid_from, value."""
    which = ["customer_id", "attribute"]
    once = given.sort(*which, "valid_from", "history_id").unique(
        [*which, "valid_from"], keep="last", maintain_order=True
    )
    following = pl.col("valid_from").shift(-1).over(which)
    ends = once.filter(pl.col("valid_to") < following.fill_null(pl.col("valid_to") + pl.duration(days=1)))
    starts = once.with_columns(
        valid_from=pl.when(pl.struct(which).is_first_distinct()).then(FIRST).otherwise("valid_from")
    )
    over = ends.select(*which, valid_from="valid_to", value=pl.lit(None, pl.String))
    both = pl.concat([starts.select(*which, "valid_from", "value"), over])
    return both.unique([*which, "valid_from"], keep="first", maintain_order=True)


def as_of(rows: pl.DataFrame, held: pl.DataFrame, by: str = "customer_id") -> pl.DataFrame:
    """Each row with what `held` says at its `valid_from`; null before its first row.

    Args:
        rows: `by`, valid_from.
        held: `by`, valid_from, and what is looked up.
        by: the key of both.
    """
    ordered = rows.sort("valid_from", maintain_order=True)
    return ordered.join_asof(held.sort("valid_from"), on="valid_from", by=by, check_sortedness=False)


def over_time(customers: pl.DataFrame, accounts: pl.DataFrame, zone: str) -> pl.DataFrame:
    """What each customer was when, with what its account of that time was.

    Args:
        customers: spells of customers.
        accounts: spells of accounts.
        zone: the reporting zone, of whose days `created_at` is told.

    Returns:
        OVER_TIME, unsorted.
    """
    renamed = accounts.select(
        "account_id", "valid_from", account_created_at="created_at", **{new: old for old, new in OF_ACCOUNT.items()}
    )
    moves = renamed.filter(pl.col("valid_from") > FIRST).select("account_id", moved_at="valid_from")
    if moves.is_empty():  # as it nearly always is, in a third of the time
        found = customers.join(renamed.drop("valid_from"), on="account_id", how="left")
    else:
        until = pl.col("valid_from").shift(-1).over("customer_id", order_by="valid_from")
        within = customers.with_columns(until=until).join(moves, on="account_id").filter(
            pl.col("moved_at") > pl.col("valid_from"), (pl.col("moved_at") < pl.col("until")).fill_null(value=True)
        )  # fmt: skip
        cut = within.with_columns(valid_from="moved_at").select(customers.columns)
        found = as_of(pl.concat([customers, cut]), renamed, by="account_id")
    days = pl.col("created_at", "account_created_at").dt.convert_time_zone(zone).dt.date()
    return found.with_columns(days).select(list(OVER_TIME))


def shared(held: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """The same, where customer ids that are one person share: what one does not say, another does.

    Each id's own value comes first, then that of the person's smallest id that has one.

    Args:
        held: OVER_TIME.
        persons: customer_id and person_id of ids that are one person with others; they need no row in `held`.
    """
    mates = persons.join(persons.select("person_id", mate="customer_id"), on="person_id").select("customer_id", "mate")
    told = mates.join(held.select(mate="customer_id", valid_from="valid_from"), on="mate")
    cuts = told.select("customer_id", "valid_from").unique()
    if cuts.is_empty():
        return held
    said = as_of(cuts.join(mates, on="customer_id"), held.rename({"customer_id": "mate"}), by="mate")
    ranked = said.sort("customer_id", "valid_from", pl.col("mate") != pl.col("customer_id"), "mate")
    values = [name for name in OVER_TIME if name not in ("customer_id", "valid_from")]
    merged = ranked.group_by("customer_id", "valid_from").agg(pl.col(values).drop_nulls().first())
    alone = held.join(persons, on="customer_id", how="anti")
    return pl.concat([alone, merged.select(alone.columns)])


def changes(held: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """Every attribute that changed, one row per value while it held; those whose history a source gives are left out.

    Args:
        held: OVER_TIME, before anything is shared.
        given: as in `with_given`.

    Returns:
        HISTORY and source, by customer, attribute and time.
    """
    several = held.filter(pl.len().over("customer_id") > 1)
    names = [*STATED["customers"], *OF_ACCOUNT.values()]
    long = several.unpivot(names, index=["customer_id", "source", "valid_from"], variable_name="attribute")
    long = long.join(given, on=["customer_id", "attribute"], how="anti").sort("customer_id", "attribute", "valid_from")
    which = ["customer_id", "attribute"]
    is_first = pl.struct(which).is_first_distinct()
    runs = long.filter(is_first | pl.col("value").ne_missing(pl.col("value").shift()))
    runs = runs.filter(pl.len().over(which) > 1).with_columns(valid_to=pl.col("valid_from").shift(-1).over(which))
    return runs.select(*HISTORY, "source")
