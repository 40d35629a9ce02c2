"""What people decide about who is who, from the command line; needs no run."""

from datetime import date

import polars as pl
from sqlalchemy import Connection, select

from domain.errors import ConfigError
from sql.queries.people import decided_pairs, is_known, person_of
from sql.store import Store
from sql.tables import merge_reviews
from tasks.identify.steps.rows import log, look_at_all, tie_changed, write

ASKED_FOR = "nobody asked: decided by hand"


def merge_customers(store: Store, one: str, other: str, author: str, on: date, why: str, zone: str) -> str:
    """Two customer ids are one person, whatever the rules say; the person's id.

    Raises:
        ConfigError: an id is not known, both are one, or it contradicts other decisions.
    """
    tie_changed(store, None, on, zone)  # what is the loop's own doing is logged as such
    with store.transaction() as connection:
        _decide(connection, one, other, "merged", author, on, why, zone)
        return person_of(connection, one)


def set_customers_apart(store: Store, one: str, other: str, author: str, on: date, why: str, zone: str) -> None:
    """Two customer ids are two persons, for ever, whatever the rules say; it undoes a merge. Raises as above."""
    tie_changed(store, None, on, zone)
    with store.transaction() as connection:
        _decide(connection, one, other, "apart", author, on, why, zone)


def _decide(
    connection: Connection, one: str, other: str, state: str, author: str, on: date, why: str, zone: str
) -> None:
    if one == other:
        raise ConfigError(f"{one} is one customer id: give two.")
    unknown = next((name for name in (one, other) if not is_known(connection, name)), None)
    if unknown is not None:
        raise ConfigError(f"no source has a customer {unknown!r}. Expected an id as cxloop shows it: helpdesk:4711.")
    first, second = sorted((one, other))
    held = merge_reviews.c
    asked = select(held.reason).where(held.customer_id == first, held.other_id == second)
    row = {
        "customer_id": first, "other_id": second, "reason": connection.execute(asked).scalar() or ASKED_FOR,
        "state": state, "decided_by": author, "decided_on": on, "why": why,
    }  # fmt: skip
    Store.put(connection, merge_reviews, [row])
    event = {"customer_id": [first], "other_id": [second], "action": [state], "why": [why]}
    log(connection, pl.DataFrame(event), on, author)
    look, pair = look_at_all(connection), [first, second]
    is_the_pair = pl.col("customer_id").is_in(pair) & pl.col("other_id").is_in(pair)
    log(connection, look.found.moves.filter(~is_the_pair).with_columns(why=pl.lit(why)), on, author)
    write(connection, look, None, zone)
    for one, other in decided_pairs(connection, "merged"):
        if person_of(connection, one) != person_of(connection, other):
            raise ConfigError(
                f"this contradicts other decisions: {one} and {other} were merged, and others that would then be one "
                "person are set apart. Nothing was changed. See cxloop customers review --all, and undo one first."
            )
