"""Who is who: pairs to look at, what people decide about them, segments; and who stays."""

from dataclasses import asdict
from typing import Annotated, Any

from cyclopts import App, Parameter

from cxloop.cli.at_risk import at_risk
from cxloop.cli.author import By, Why, author
from cxloop.cli.buying import buying
from cxloop.cli.examples import examples
from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json
from cxloop.cli.retention import retention
from cxloop.whom import NONE, Group, personas_now, segments_now
from domain.masking import masked
from domain.roadmap import load_roadmap
from domain.shown import counted
from sql.queries.people import reviews
from sql.queries.segments import counts_now, ever_held

app = App(
    name="customers",
    help="Customers that may be one person: review, merge, apart; their segments; who stays, may leave, still buys.",
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

    person = merge_customers(here.store, customer, other, author(by), here.today, why, _zone(here))
    print(f"{customer} and {other} are one person now: {person}.")


@app.command(help_epilogue=examples('cxloop customers apart helpdesk:4711 shop:C-9 --why "father and son"'))
def apart(customer: str, other: str, /, *, why: Why, by: By = None, here: Here) -> None:
    """They are two persons, and no rule ever ties them again; it undoes a merge.

    Args:
        customer: a customer id, with its source: helpdesk:4711.
        other: another one.
    """
    from tasks.identify.steps.people import set_customers_apart

    set_customers_apart(here.store, customer, other, author(by), here.today, why, _zone(here))
    print(f"{customer} and {other} are two persons, and stay so.")


@app.command(help_epilogue=examples("cxloop customers segments", "cxloop customers segments --json"))
def segments(*, json: Json = False, here: Here) -> None:
    """How many customers each segment and persona has now, as of the last run, and how many no rule holds for.

    A customer is a person, with all its customer ids. What nobody is in, or ever was, is warned of.
    """
    roadmap = load_roadmap(here.project.roadmap)
    with here.store.reading() as connection:
        counts = {which: counts_now(connection, which) for which in ("segment", "persona")}
        ever = {which: ever_held(connection, which) for which in counts}
    groups = segments_now(roadmap, counts["segment"], ever["segment"])
    personas = personas_now(roadmap, counts["persona"], ever["persona"])
    nobody = {which: found.get(None, (0, 0)) for which, found in counts.items()}
    if json:
        print_json({
            "segments": [asdict(group) for group in groups],
            "personas": [
                {name: value for name, value in asdict(group).items() if name != "count"} for group in personas
            ],
            **{f"without_{which}": {"customers": n, "accounts": m} for which, (n, m) in nobody.items()},
        })  # fmt: skip
        return
    _print_groups("segment", groups, nobody["segment"])
    if personas:
        print()
        _print_groups("persona", personas, nobody["persona"])
    if told := [f"{group.name}: {group.warning}" for group in (*groups, *personas) if group.is_unused]:
        print("\n" + "\n".join(told))


app.command(
    retention,
    help_epilogue=examples(
        "cxloop customers retention", "cxloop customers retention --by segment",
        "cxloop customers retention --by cohort --known-from 2024-09-01 --json",
    ),
)  # fmt: skip
app.command(
    at_risk, help_epilogue=examples("cxloop customers at-risk", "cxloop customers at-risk --limit 50 --json")
)  # fmt: skip
app.command(
    buying, help_epilogue=examples("cxloop customers buying", "cxloop customers buying --days 30 --limit 50 --json")
)  # fmt: skip


def _zone(here: Here) -> str:
    return load_roadmap(here.project.roadmap).zone.key


def _print_groups(which: str, groups: list[Group], nobody: tuple[int, int]) -> None:
    rows = [[group.name, counted(group.customers), counted(group.accounts), group.when] for group in groups]
    rest = [NONE, counted(nobody[0]), counted(nobody[1]), "no rule holds"]
    empty = f"The roadmap has no {which}s: see docs/segments.md."
    print_table([which, "customers", "accounts", "when"], [*rows, rest] if rows else [], empty=empty)


def _cells(row: dict[str, Any]) -> list[str]:
    decided = f"{row['decided_on']} {row['decided_by']}: {row['why']}" if row["decided_by"] else ""
    return [row["customer_id"], row["other_id"], row["reason"], row["state"], decided]


def _shown(row: dict[str, Any], *, unmask: bool) -> dict[str, Any]:
    """The row with ids that are addresses masked, unless they are asked for."""
    return row if unmask else {**row, **{name: masked(row[name]) for name in ("customer_id", "other_id")}}
