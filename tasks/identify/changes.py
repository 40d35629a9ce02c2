"""What a new look changes: rows of `people` to write and to take away, and what the log says of it."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from tasks.identify.addresses import STRENGTH
from tasks.identify.near import PHRASE
from tasks.identify.ties import DECISION, PEOPLE_SCHEMA

_WORDS: Final = {DECISION: "decision", **{kind: PHRASE[kind] for kind in STRENGTH}}


@dataclass(frozen=True)
class Changes:
    """From the people that were to the people that are.

    Attributes:
        written: rows that are new or differ, as PEOPLE_SCHEMA, with `is_kept`: the person is the same.
        gone: customer ids that are a person by themselves again.
        moves: customers whose person changed: customer_id, other_id (the person they were merged with, or set
            apart from), action (merged | apart), through (what ties that person, in words).
        touched: every customer id of a person who has other ids now than before.
    """

    written: pl.DataFrame
    gone: pl.Series
    moves: pl.DataFrame
    touched: pl.Series


def changes(before: pl.DataFrame, after: pl.DataFrame) -> Changes:
    """Compare two states of `people`, both as PEOPLE_SCHEMA.

    Whoever's person is now a smaller or a first one was merged; whoever's is now a larger one, or none, was set
    apart. A person that lost its smallest id (the customer was deleted) goes on under its next one: its others
    are logged as set apart from the one that left, as a merge under another name says nothing.
    """
    was = before.select("customer_id", *(pl.col(name).alias(f"old_{name}") for name in list(PEOPLE_SCHEMA)[1:]))
    both = after.join(was, on="customer_id", how="full", coalesce=True)
    is_same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"old_{name}")) for name in list(PEOPLE_SCHEMA)[1:])
    written = both.filter(pl.col("person_id").is_not_null() & ~is_same).select(
        *PEOPLE_SCHEMA, is_kept=pl.col("person_id").eq_missing("old_person_id")
    )
    now, old = (pl.coalesce(name, "customer_id") for name in ("person_id", "old_person_id"))
    placed = both.with_columns(now=now, old=old)
    moved = placed.filter(pl.col("now") != pl.col("old"))
    persons = pl.concat([moved["now"], moved["old"]]).unique()
    is_near = pl.col("now").is_in(persons.implode()) | pl.col("old").is_in(persons.implode())
    touched = pl.concat([placed.filter(is_near)["customer_id"], persons]).unique().sort()
    is_merged = pl.col("now") < pl.col("old")
    moves = moved.select(
        "customer_id", person_id=pl.when(is_merged).then("now").otherwise("old"),
        action=pl.when(is_merged).then(pl.lit("merged")).otherwise(pl.lit("apart")),
    )  # fmt: skip
    said = pl.concat([
        moves.filter(pl.col("action") == action).join(_ties(people), on="person_id")
        for action, people in (("merged", after), ("apart", before))
    ])  # fmt: skip
    gone = both.filter(pl.col("person_id").is_null())["customer_id"]
    return Changes(written, gone, said.rename({"person_id": "other_id"}).sort("customer_id"), touched)


def _ties(people: pl.DataFrame) -> pl.DataFrame:
    """By person, what ties it together, the strongest first: `e-mail address, phone number`."""
    words = pl.col("through").replace_strict(_WORDS, return_dtype=pl.String)
    order = pl.col("through").replace_strict({kind: i for i, kind in enumerate(_WORDS)}, return_dtype=pl.Int8)
    each = people.select("person_id", words=words, order=order).unique().sort("order")
    return each.group_by("person_id", maintain_order=True).agg(through=pl.col("words").str.join(", "))


def reasons(moves: pl.DataFrame) -> pl.DataFrame:
    """The moves with `why`, in words: what ties the person together, or did."""
    is_merged = pl.col("action") == "merged"
    words = pl.when(is_merged).then(pl.lit("tied by ")).otherwise(pl.lit("no longer tied by "))
    return moves.with_columns(why=words + pl.col("through"))
