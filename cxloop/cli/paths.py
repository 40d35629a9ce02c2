"""The ways that contacts go."""

from datetime import date
from typing import Annotated, Any

from cyclopts import Parameter

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json
from domain.errors import ConfigError
from domain.shown import counted, period_shown, shown, shown_range

_MOST = 10
_FINE = 0.001

Row = dict[str, Any]


def paths(
    *,
    scope: Annotated[
        list[str] | None, Parameter(help="dimension=member, once for each: --scope channel=chat", negative="")
    ] = None,
    from_: Annotated[date | None, Parameter(name="--from", help="First day; default: 28 days before the end.")] = None,
    to: Annotated[date | None, Parameter(help="Day after the last; default: all that is complete.")] = None,
    as_of: Annotated[
        date | None, Parameter(name="--as-of", help="As it was known when this day began; default: all that is known.")
    ] = None,
    limit: Annotated[int, Parameter(help="So many paths and so many detours; JSON has all.")] = _MOST,
    json: Json = False,
    here: Here,
) -> None:
    """The ways contacts went until they were first solved: the commonest paths, and the steps that could go.

    A step is a stay: with a team and its first, second … person, on hold, or with the customer. Dead time is an hour
    or more in which nothing was done while a contact waited for us. Of paths that fewer contacts went than the
    roadmap's smallest group nothing is told; nobody is named.
    """
    from cxloop.walked import looked_at, walked
    from domain.roadmap import load_roadmap

    members = _members(scope or [])
    roadmap = load_roadmap(here.project.roadmap)
    with here.store.reading() as connection:
        looked = looked_at(connection, from_, to, as_of)
        told = None if looked is None else walked(connection, roadmap, looked, members)
    if json:
        print_json(told)
    elif told is None:
        print("No contact is known. Bring in tickets, then: cxloop run")
    else:
        _print(told, max(1, limit))


def _members(scope: list[str]) -> dict[str, str]:
    pairs = [member.partition("=") for member in scope]
    wrong = next((member for member, (key, _, value) in zip(scope, pairs, strict=True) if not (key and value)), None)
    if wrong is not None:
        raise ConfigError(f"--scope {wrong!r}: expected dimension=member, as in --scope channel=chat.")
    return {key: value for key, _, value in pairs}


def _print(told: Row, limit: int) -> None:
    every = told["all"]
    window = period_shown(told["window_start"], told["window_end"], told["window_end"])
    print(f"Contacts first solved in {window}: {counted(every['n'])}")
    if every["steps"] is None:
        print("Too few to tell anything of them." if every["n"] else "Try another window: --from, --to.")
        return
    print(
        f"On average {every['steps']:.1f} steps, {every['hand_offs']:.2f} hand-offs; half are solved within "
        f"{shown(every['total_s'], 'seconds')}. Of the time they wait for us {_share(every['dead_share'])} is dead. "
        f"Reopened: {_share(every['reopened_share'])}."
    )
    found = told["paths"]
    print("\nCommonest paths")
    columns = ["n", "share", "half within", "dead time", "hand-offs", "reopened", "sure range", "path"]
    print_table(columns, [_path_cells(row) for row in found[:limit]], empty="No path that enough contacts went.")
    left = sum(row["n"] for row in found[limit:]) + told["n_other"]
    if left:
        print(f"{counted(left)} contacts went otherwise.")
    print("\nSteps that could go: after them a contact is where it was before")
    columns = ["time lost", "times", "contacts", "share", "half of them", "kind", "detour"]
    print_table(columns, [_detour_cells(row) for row in told["detours"][:limit]], empty="None.")
    if told["switches"]:
        print("\nThe same customer with the same topic in another channel within 72 hours")
        columns = ["from", "to", "n", "share", "sure range"]
        print_table(columns, [_switch_cells(row) for row in told["switches"][:limit]], empty="")


def _path_cells(row: Row) -> list[str]:
    return [
        counted(row["n"]), _share(row["share"]), shown(row["total_s"], "seconds"), shown(row["dead_s"], "seconds"),
        f"{row['n_hand_offs']:.1f}", _share(row["reopened_share"]),
        shown_range(row["reopened_low"], row["reopened_high"], "share", _FINE), " → ".join(row["path"]),
    ]  # fmt: skip


def _detour_cells(row: Row) -> list[str]:
    return [
        _long(row["lost_s"]), counted(row["n_times"]), counted(row["n_contacts"]), _share(row["share"]),
        shown(row["median_s"], "seconds"), row["kind"], f"{row['place']} → {row['step']} → {row['place']}",
    ]  # fmt: skip


def _switch_cells(row: Row) -> list[str]:
    sure = shown_range(row["low"], row["high"], "share", _FINE)
    return [row["channel"], row["then"], counted(row["n"]), _share(row["share"]), sure]


def _long(seconds: float) -> str:
    """Time of many contacts together: days where there are some."""
    days = seconds / 86_400
    return f"{counted(days)} days" if days >= 2 else shown(seconds, "seconds")


def _share(share: float | None) -> str:
    return "none" if share is None else shown(share, "share", _FINE)
