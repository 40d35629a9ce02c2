"""How long customers stay."""

from datetime import date
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json
from domain.shown import counted, day_shown, shown, shown_range

_MOST_SOURCES = 5
_STEP = 0.001

Row = dict[str, Any]


def retention(
    *,
    by: Annotated[
        Literal["cohort", "segment", "persona", "product"] | None, Parameter(help="Each of these beside everybody.")
    ] = None,
    known_from: Annotated[
        date | None,
        Parameter(
            help="First day from which everybody who left is in the data; default: of each source, the first day on "
            "which it tells that somebody was gone."
        ),
    ] = None,
    json: Json = False,
    here: Here,
) -> None:
    """The share of customers still here after 1, 3, 6 and 12 months, and how long half of them stay.

    Kaplan and Meier's estimate with its sure range (95 %): who is still here counts as far as they came, who was a
    customer before the record begins from the age they had then. In brackets: how many were watched as long. Under 50
    there is no share.
    """
    from cxloop.retained import retained
    from domain.roadmap import load_roadmap

    roadmap = load_roadmap(here.project.roadmap)
    with here.store.reading() as connection:
        told = retained(connection, roadmap.zone.key, roadmap.rules, by, known_from)
    if json:
        print_json(told)
    else:
        _print_retention(told)


def _print_retention(told: Row) -> None:
    if told["through"] is None:
        print("No contract is known. Bring in subscriptions, then: cxloop run")
        return
    print(f"Customers still here, as of {day_shown(told['through'])}: {counted(told['n'])} customers")
    months = [f"{mark['months']} month{'s' if mark['months'] > 1 else ''}" for mark in _marks(told)]
    is_late = any(group["from_days"] for group in told["groups"])
    columns = [
        told["by"] or "",
        "customers",
        "left",
        *months,
        "half stay",
        *(["of those who reached"] if is_late else []),
    ]
    rows = [_group_cells(group, is_late=is_late) for group in told["groups"]]
    print_table(columns, rows, empty="Of no customer it is known how long they stay.")
    print()
    for line in _assumed(told):
        print(line)


def _marks(told: Row) -> list[Row]:
    return told["groups"][0]["months"] if told["groups"] else []


def _group_cells(group: Row, *, is_late: bool) -> list[str]:
    reached = [f"{counted(group['from_days'])} days" if group["from_days"] else ""] if is_late else []
    marks = [_mark_cell(mark) for mark in group["months"]]
    return [group["group"], counted(group["n"]), counted(group["n_left"]), *marks, _half(group), *reached]


def _mark_cell(mark: Row) -> str:
    if mark["why_not"]:
        return mark["why_not"]
    share, sure = shown(mark["retained_share"], "share", _STEP), shown_range(mark["low"], mark["high"], "share", _STEP)
    return f"{share}, {sure} ({counted(mark['n_at_risk'])})"


def _half(group: Row) -> str:
    if group["is_too_few"] or group["from_days"] is None:
        return ""
    if group["median_days"] is None:
        return "not reached yet"
    if group["high_days"] is None:
        return f"{counted(group['median_days'])} days ({counted(group['low_days'])} or more)"
    return f"{counted(group['median_days'])} days ({counted(group['low_days'])} to {counted(group['high_days'])})"


def _assumed(told: Row) -> list[str]:
    """Since when leaving is on record, and who could not be placed."""
    word = "assumed" if told["is_assumed"] else "as you say"
    known = [f"{source} from {day_shown(day)}" for source, day in told["known_from"].items()]
    more = f" and {len(known) - _MOST_SOURCES} more" if len(known) > _MOST_SOURCES else ""
    lines = [f"Who left is on record ({word}): {', '.join(known[:_MOST_SOURCES])}{more}."] if known else []
    if told["is_assumed"] and known:
        lines.append("That is the first day on which somebody was gone. If you know better: --known-from DAY")
    if told["n_left_out"]:
        lines.append(
            f"{counted(told['n_left_out'])} customers are left out: their start is not known, or their source tells of "
            "nobody who left."
        )
    return lines
