"""The customers most likely to leave."""

from typing import Annotated, Any

from cyclopts import Parameter, validators

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json
from domain.shown import counted, day_shown, money, shown, shown_range

Row = dict[str, Any]


def at_risk(
    *,
    limit: Annotated[int, Parameter(help="So many customers.", validator=validators.Number(gte=1))] = 20,
    unmask: Annotated[bool, Parameter(negative="", help="Show ids that are e-mail addresses as they are.")] = False,
    json: Json = False,
    here: Here,
) -> None:
    """Customers surely more likely to leave within 90 days than usual: the chance, why, and the revenue at stake.

    Learned from who left before, on what was known of each then: contacts, what waits, answers, orders, time as a
    customer. Where that foretells nothing, it says so. A customer is a person, with all its customer ids; who has given
    notice is not listed.
    """
    from cxloop.watched import watch_list
    from domain.roadmap import load_roadmap

    zone = load_roadmap(here.project.roadmap).zone.key
    with here.store.reading() as connection:
        told = watch_list(connection, zone, limit, unmask=unmask)
    if json:
        print_json(told)
    else:
        _print(told)


def _print(told: Row) -> None:
    if told["as_of"] is None:
        print("No contract is known. Bring in subscriptions, then: cxloop run")
        return
    from tasks.report.phrases.care import separation_said

    print(f"Customers who may leave within {told['horizon_days']} days, as of {day_shown(told['as_of'])}")
    if told["why_not"]:
        print(f"Too little history to tell: {told['why_not']}")
        return
    print(
        f"{counted(told['n_watched'])} of {counted(told['n_customers'])} are surely above the usual "
        f"{shown(told['base_share'], 'share')} (learned from {counted(told['n_cases'])} cases, "
        f"{counted(told['n_left'])} left)"
    )
    print(separation_said(told["separation"]) + "\n")
    columns = ["customer", "chance", "sure range", "a month", "why"]
    print_table(columns, [_cells(row) for row in told["customers"]], empty="Nobody is surely above it.")
    if told["at_stake"]:
        print(f"\nAt stake with all {counted(told['n_watched'])}: recurring revenue of {told['months']} months that is "
              "expected to leave with them")  # fmt: skip
        for row in told["at_stake"]:
            print(f"  {_stake(row)}")


def _cells(row: Row) -> list[str]:
    paid = " and ".join(money(one["mrr_minor"], one["currency"]) or "not known" for one in row["revenue"])
    chance, sure = shown(row["risk_share"], "share"), shown_range(row["low"], row["high"], "share")
    return [row["customer_id"], chance, sure, paid, "; ".join(row["reasons"]) or "nothing that stands out"]


def _stake(row: Row) -> str:
    if row["currency"] is None:
        return f"not known: the revenue of {counted(row['n'])} customers"
    low, high = (money(row[name], row["currency"]) for name in ("low_minor", "high_minor"))
    expected, whole = money(row["at_stake_minor"], row["currency"]), money(row["revenue_minor"], row["currency"])
    return f"{expected} ({low} to {high}) of {whole} from {counted(row['n'])} customers"
