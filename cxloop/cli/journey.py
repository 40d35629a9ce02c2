"""Where it hurts: touchpoint by KPI."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import AsJudged, Here, Json, LastWindow
from domain.shown import day_shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.report.friction import Cell, Column, Journey


def journey(
    *,
    window: LastWindow = "28d",
    every: Annotated[
        bool, Parameter(name="--all", negative="", help="Every KPI that knows touchpoints, not the first seven alone.")
    ] = False,
    as_of: AsJudged = None,
    json: Json = False,
    here: Here,
) -> None:
    """The friction map: each touchpoint of the roadmap's journey by each KPI that is measured there.

    Under a touchpoint stand the personas, or the segments of a roadmap without personas, that are heard there, in the
    KPIs that the roadmap names. Marked is what is surely worse than the whole company, or than a persona of the roadmap
    expects (`expects:`); blank is where nobody is heard. Then what personas expect and do not get. JSON always has
    every KPI.
    """
    from cxloop.journeyed import journey_told
    from domain.roadmap import load_roadmap
    from tasks.report.figures import journey_numbers

    roadmap = load_roadmap(here.project.roadmap)
    with here.store.reading() as connection:
        told = journey_told(connection, roadmap, window, as_of)
    if json:
        print_json(None if told is None else journey_numbers(told))
    elif not roadmap.journey:
        print("The roadmap has no journey. Write one under `journey:`, stage → touchpoints: docs/roadmap.md")
    elif told is None:
        print("Nothing was measured yet. Run: cxloop run")
    else:
        _print(told, every=every)


def _print(told: "Journey", *, every: bool) -> None:
    from tasks.report import phrases as say

    shown = told if every else told.narrowed()
    print(f"Where it hurts, {say.window_said(told, told.end)} ({day_shown(told.start)} on)")
    print_table(["touchpoint", "owner", *(c.title for c in shown.columns)], _rows(shown), empty="")
    print(say.LEGEND)
    if hidden := len(told.columns) - len(shown.columns):
        print(f"{hidden} more KPIs with --all.")
    for title, lines in (
        ("Surely worse", say.worst_lines(told if every else shown)),
        ("What personas expect", [f"{say.promise_line(p)}: {p.verdict}" for p in told.promises]),
        ("", [line for line in (say.unheard_line(told), *say.notes(told)) if line]),
    ):
        if lines:
            print("\n" + title if title else "")
            print("\n".join(lines))


def _rows(shown: "Journey") -> list[list[str]]:
    whole = ["whole company", "", *(_cell(column.whole, column) for column in shown.columns)]
    rows = [whole]
    for row in shown.rows:
        rows.append([row.touchpoint, row.owner, *_cells(row.cells, shown)])
        rows.extend([f"  {group.name}", "", *_cells(group.cells, shown)] for group in row.groups)
    return rows


def _cells(cells: "Sequence[Cell]", shown: "Journey") -> list[str]:
    return [_cell(cell, column) for cell, column in zip(cells, shown.columns, strict=True)]


def _cell(cell: "Cell", column: "Column") -> str:
    from tasks.report import phrases as say

    if cell.is_blank:
        return ""
    return f"{say.cell_value(cell, column)} {say.cell_mark(cell)}".strip() + f" ({say.cell_n(cell)})"
