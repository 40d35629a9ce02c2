"""Who is who: pairs to look at, and what people decide about them."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from cxloop.cli.author import By, Why, author
from cxloop.cli.examples import examples
from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json
from domain.masking import masked
from domain.shown import counted
from sql.queries.people import reviews

app = App(
    name="customers",
    help="Customers that may be one person: review, merge, apart.",
    version_flags=[],
    sort_key=9,
)


@app.command(help_epilogue=examples("cxloop customers review", "cxloop customers review --all --json"))
def review(
    *,
    all_: Annotated[bool, Parameter(name="--all", negative="", help="Decided pairs too.")] = False,
    unmask: Annotated[bool, Parameter(negative="", help="Show ids that are e-mail addresses as they are.")] = False,
    json: Json = False,
    here: Here,
) -> None:
    """Pairs that may be one person, and that no rule may tie: somebody should look at them."""
    with here.store.reading() as connection:
        found = [_shown(row, unmask=unmask) for row in reviews(connection, None if all_ else "waiting")]
    if json:
        print_json(found)
        return
    columns = ["customer", "other", "why to look", "state", "decided"]
    print_table(columns, [_cells(row) for row in found], empty="No pair is to be looked at.")
    if found:
        print(f"\n{counted(len(found))} pairs. Look at both (cxloop customer ID), then: cxloop customers merge|apart …")


@app.command(
    help_epilogue=examples('cxloop customers merge helpdesk:4711 shop:C-9 --why "the same person, she told us"')
)
def merge(customer: str, other: str, /, *, why: Why, by: By = None, here: Here) -> None:
    """They are one person, whatever the rules say.

    Args:
        customer: a customer id, with its source: helpdesk:4711.
        other: another one.
    """
    from tasks.identify.steps.people import merge_customers

    person = merge_customers(here.store, customer, other, author(by), here.today, why)
    print(f"{customer} and {other} are one person now: {person}.")


@app.command(help_epilogue=examples('cxloop customers apart helpdesk:4711 shop:C-9 --why "father and son"'))
def apart(customer: str, other: str, /, *, why: Why, by: By = None, here: Here) -> None:
    """They are two persons, and no rule ever ties them again; it undoes a merge.

    Args:
        customer: a customer id, with its source: helpdesk:4711.
        other: another one.
    """
    from tasks.identify.steps.people import set_customers_apart

    set_customers_apart(here.store, customer, other, author(by), here.today, why)
    print(f"{customer} and {other} are two persons, and stay so.")


def _cells(row: dict[str, Any]) -> list[str]:
    decided = f"{row['decided_on']} {row['decided_by']}: {row['why']}" if row["decided_by"] else ""
    return [row["customer_id"], row["other_id"], row["reason"], row["state"], decided]


def _shown(row: dict[str, Any], *, unmask: bool) -> dict[str, Any]:
    """The row with ids that are addresses masked, unless they are asked for."""
    return row if unmask else {**row, **{name: masked(row[name]) for name in ("customer_id", "other_id")}}
