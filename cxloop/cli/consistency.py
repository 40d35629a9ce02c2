"""How alike customers are served."""

from typing import Annotated, Any

from cyclopts import Parameter

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import AsJudged, Here, Json, LastWindow
from domain.kpis import Unit
from domain.shown import counted, period_shown, shown, shown_change, shown_range

_FINE = 0.001

Row = dict[str, Any]


def consistency(
    *,
    window: LastWindow = "28d",
    every: Annotated[bool, Parameter(name="--all", negative="", help="Spreads that may be chance too.")] = False,
    as_of: AsJudged = None,
    json: Json = False,
    here: Here,
) -> None:
    """How far channels, teams, segments and personas lie apart in each KPI, what noise adds taken out.

    The spread is the standard deviation between groups; the gap is between the best and the worst of them, beside the
    plain difference, which noise makes too large. Then contacts that came out of hours beside the others, and
    competitors' reviews beside ours. Every range holds the truth in 95 of 100 cases.
    """
    from cxloop.consistent import consistency as told_of
    from cxloop.journeyed import last_window
    from domain.roadmap import load_roadmap

    roadmap = load_roadmap(here.project.roadmap)
    with here.store.reading() as connection:
        last = last_window(connection, window, as_of)
        told = None if last is None else told_of(connection, roadmap, window, last)
    if json:
        print_json(told)
    elif told is None:
        print("Nothing was measured yet. Run: cxloop run")
    else:
        _print(told, every=every)


def _print(told: Row, *, every: bool) -> None:
    print(f"How alike, {period_shown(told['window_start'], told['window_end'], told['window_end'])}")
    sure = [row for row in told["spreads"] if row["is_sure"]]
    rows = told["spreads"] if every else sure
    columns = ["KPI", "between", "groups", "spread", "gap", "plain", "lowest", "highest"]
    print_table(columns, [_spread_cells(row) for row in rows], empty="Nothing surely lies apart.")
    if hidden := len(told["spreads"]) - len(rows):
        print(f"{hidden} more that may be chance, with --all.")
    print("\nOut of hours, beside contacts that came while we were open")
    columns = ["KPI", "channel", "out of hours", "n", "open", "n", "difference", "sure range", ""]
    print_table(columns, [_hours_cells(row) for row in told["out_of_hours"]], empty="No channel has both to compare.")
    if told["always_open"]:
        print(f"No contact out of hours: {', '.join(told['always_open'])}.")
    if told["reviews"]:
        print("\nReviews of competitors beside ours, in the same place")
        columns = ["place", "scale", "of", "rating", "sure range", "n", "less ours", "sure range", ""]
        print_table(columns, [_review_cells(row) for row in told["reviews"]], empty="")


def _spread_cells(row: Row) -> list[str]:
    unit, ordered = row["unit"], sorted(row["groups"], key=lambda group: group["value"])
    return [
        row["title"], row["dimension"], str(row["n_groups"]), _sized(row, ("sd", "low", "high"), unit),
        _sized(row, ("gap", "gap_low", "gap_high"), unit), _size(row["plain_gap"], unit), _group(ordered[0], unit),
        _group(ordered[-1], unit),
    ]  # fmt: skip


def _sized(row: Row, names: tuple[str, str, str], unit: Unit) -> str:
    value, low, high = (_size(row[name], unit) for name in names)
    return f"{value} ({low} to {high})"


def _group(group: Row, unit: Unit) -> str:
    return f"{group['member']} {shown(group['value'], unit)} (n {counted(group['n'])})"


def _size(size: float, unit: Unit) -> str:
    return shown_change(size, unit, _FINE if unit == "share" else None).lstrip("+").removesuffix(" points")


def _hours_cells(row: Row) -> list[str]:
    unit, sides = row["unit"], (row["out_of_hours"], row["open"])
    name = " ".join(part for part in (row["kpi"].replace("_", " "), row["survey"]) if part)
    cells = [name, row["channel"]]
    for side in sides:
        cells += [shown(side["value"], unit) if side["value"] is not None else "", counted(side["n"])]
    if row["by"] is None:
        return [*cells, "", "", row["verdict"]]
    return [*cells, _signed(row["by"], unit), _span(row["low"], row["high"], unit), row["verdict"]]


def _review_cells(row: Row) -> list[str]:
    scale = f"{row['scale_low']:g} to {row['scale_high']:g}"
    sure = "" if row["low"] is None else shown_range(row["low"], row["high"], "score")
    less = "" if row["by"] is None else _signed(row["by"], "score")
    span = "" if row["by"] is None else _span(row["by_low"], row["by_high"], "score")
    return [
        row["channel"] or "", scale, row["about"], shown(row["value"], "score"), sure, counted(row["n"]), less, span,
        row["verdict"],
    ]  # fmt: skip


def _signed(by: float, unit: Unit) -> str:
    return shown_change(by, unit, _FINE if unit == "share" else None)


def _span(low: float | None, high: float | None, unit: Unit) -> str:
    ends = ("not known" if end is None else _signed(end, unit) for end in (low, high))
    return " to ".join(ends)
