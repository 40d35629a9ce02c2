"""Who still buys, of customers without a contract."""

from typing import Annotated, Any

from cyclopts import Parameter, validators

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json
from domain.shown import counted, day_shown, money, shown, shown_range

_MOST_DAYS = 3_660
Row = dict[str, Any]


def buying(
    *,
    days: Annotated[
        int, Parameter(help="How far to look ahead.", validator=validators.Number(gte=1, lte=_MOST_DAYS))
    ] = 90,
    limit: Annotated[
        int, Parameter(help="So many customers of each currency.", validator=validators.Number(gte=1))
    ] = 20,
    unmask: Annotated[bool, Parameter(negative="", help="Show ids that are e-mail addresses as they are.")] = False,
    json: Json = False,
    here: Here,
) -> None:
    """Who still buys of the customers without a contract, what to expect of them, and what is at stake with each.

    The chance of still being there and the purchases to expect are learned from everybody's orders (BG/NBD). Beside
    them stands the plain rule, quiet for longer than three usual gaps, and what became of those judged as long ago.
    Orders of one day are one purchase; of who bought once, and where orders are too few, nothing is foretold.
    """
    from cxloop.buying import buying as found
    from cxloop.progress import working
    from domain.roadmap import load_roadmap

    zone = load_roadmap(here.project.roadmap).zone.key
    with here.store.reading() as connection, working("reading orders, learning from them …"):
        told = found(connection, zone, days, limit, unmask=unmask)
    if json:
        print_json(told)
    else:
        _print(told)


def _print(told: Row) -> None:
    if told["as_of"] is None:
        print("No order is known. Bring in orders, then: cxloop run")
        return
    left_out = f", {counted(told['n_with_contract'])} with one left out" if told["n_with_contract"] else ""
    print(f"Customers without a contract, as of {day_shown(told['as_of'])}: {counted(told['n_customers'])}{left_out}")
    if told["why_not"]:
        print(f"Too few orders to say: {told['why_not']}")
    _print_standings(told)
    times = f"{told['quiet_times']:g}"
    print(f"By the plain rule {counted(told['n_quiet'])} are quiet for longer than {times} times their usual gap.\n")
    columns = ["customer", "purchases", "last", "usual gap", "plain rule", *_foretold_columns(told)]
    rows = [_cells(row, told) for row in told["customers"]]
    print_table(columns, rows, empty="Nobody without a contract has ordered.")
    if told["at_stake"]:
        print(f"\nAt stake with all who came back: what those who are gone would bring in {told['days']} days")
        for row in told["at_stake"]:
            print(f"  {_stake(row)}")


def _print_standings(told: Row) -> None:
    for row in told["standings"]:
        before = ""
        if row["n_then"]:
            came = f"{shown(row['bought_share'], 'share')} ({shown_range(row['low'], row['high'], 'share')})"
            before = f"; of {counted(row['n_then'])} judged so {told['days']} days before, {came} bought since"
        print(f"  {row['standing']}: {counted(row['n'])}{before}")


def _foretold_columns(told: Row) -> list[str]:
    return [] if told["why_not"] else ["still there", f"in {told['days']} days", "at stake"]


def _cells(row: Row, told: Row) -> list[str]:
    gap = "" if row["gap_days"] is None else f"{counted(row['gap_days'])} days"
    plain = "" if row["is_quiet"] is None else "quiet too long" if row["is_quiet"] else "buys"
    cells = [row["customer_id"], counted(row["n_purchases"]), day_shown(row["last"]), gap, plain]
    if told["why_not"]:
        return cells
    if row["standing"] == "bought once":
        return [*cells, "bought once: too few to say", "", ""]
    sure = shown_range(row["alive_low"], row["alive_high"], "share")
    likely = f"{row['n_expected']:.1f} ({row['likely_low']} to {row['likely_high']})"
    paid = money(row["at_stake_minor"], row["currency"]) or "not known"
    return [*cells, f"{row['standing']}: {shown(row['alive_share'], 'share')} ({sure})", likely, paid]


def _stake(row: Row) -> str:
    if row["currency"] is None:
        return f"not known: what {counted(row['n'])} customers paid"
    low, high = (money(row[name], row["currency"]) for name in ("low_minor", "high_minor"))
    expected, whole = money(row["at_stake_minor"], row["currency"]), money(row["revenue_minor"], row["currency"])
    return f"{expected} ({low} to {high}) of {whole} from {counted(row['n'])} customers"
