"""Our figures beside the vendor's own."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json
from domain.errors import ConfigError, UnexplainedError
from domain.shown import counted

if TYPE_CHECKING:
    from cxloop.reconciling import Reconciled

ALLOWED = 0.01


def reconcile(
    source: str,
    /,
    *,
    against: Annotated[Path, Parameter(help="The vendor's export: CSV, packed (.gz) or not.")],
    column: Annotated[
        list[str] | None,
        Parameter(help="field=column, once for each: --column ticket='Ticket ID' --column opened=Created", negative=""),
    ] = None,
    layout: Annotated[
        Path | None,
        Parameter(help="YAML that says how it is written; default: FILE.yaml beside it, or reconcile/SOURCE.yaml."),
    ] = None,
    zone: Annotated[str | None, Parameter(help="Zone of its times; default: the source's.")] = None,
    date_: Annotated[
        list[str] | None,
        Parameter(name="--date", help="How its times are written: '%d/%m/%Y %H:%M'.", negative=""),
    ] = None,
    null: Annotated[list[str] | None, Parameter(help="A word for nothing.", negative="")] = None,
    unit: Annotated[Literal["seconds", "minutes", "hours"] | None, Parameter(help="Of durations.")] = None,
    time: Annotated[
        Literal["calendar", "business"] | None, Parameter(help="Whether durations count every minute or opening hours.")
    ] = None,
    hours: Annotated[str | None, Parameter(help="The roadmap's calendar that `--time business` means.")] = None,
    statistic: Annotated[
        Literal["median", "mean"] | None, Parameter(help="Which one its durations by period are.")
    ] = None,
    exported_at: Annotated[
        str | None, Parameter(help="When it was exported, in its zone; default: the file's own time.")
    ] = None,
    from_: Annotated[date | None, Parameter(name="--from", help="First day of contact it covers.")] = None,
    to: Annotated[date | None, Parameter(help="Last day of contact it covers.")] = None,
    selection: Annotated[
        bool, Parameter(negative="", help="It holds some tickets only: those that are only ours are no difference.")
    ] = False,
    by: Annotated[Literal["day", "week", "month"], Parameter(help="Length of a period.")] = "week",
    allow_unknown: Annotated[float, Parameter(help="Share of compared values that may stay unexplained.")] = ALLOWED,
    json: Json = False,
    here: Here,
) -> None:
    """Set our figures beside the vendor's own export, ticket by ticket and by period, and say why they differ.

    Each difference has a class: business hours, time zone, role at comment time, reopened, deleted, excluded,
    set aside, late, rounding, unknown. A column named as a field needs no telling. Fields: ticket, opened,
    first_reply or first_reply_at, resolution or resolved_at, updated, status, reopens, satisfaction; for a summary by
    period: period, tickets, first_reply, resolution. Ends with exit code 3 when more is unexplained than allowed.

    Args:
        source: its name in sources.yaml.
    """
    from cxloop.reconciling import Asked, reconciled
    from tasks.reconcile.export import columns_of
    from tasks.reconcile.told import share_unknown

    said: dict[str, Any] = {
        "zone": _zone(zone), "dates": tuple(date_) if date_ else None, "nulls": tuple(null) if null else None,
        "unit": unit, "time": time, "hours": hours, "statistic": statistic,
    }  # fmt: skip
    asked = Asked(
        source, against, layout, columns_of(column or []), said, exported_at, by, from_, to, is_selection=selection
    )  # fmt: skip
    found = reconciled(here, asked)
    share = share_unknown(found.pairs)
    told = _told(found, source, against, share)
    if json:
        print_json(told)
    else:
        _print(told, found)
    if share > allow_unknown:
        raise UnexplainedError(
            f"{_percent(share)} of the compared values differ and nothing explains it; allowed are "
            f"{_percent(allow_unknown)}. Look at the examples of 'unknown' in both systems, and check the columns, "
            "--zone and --time."
        )


def _zone(zone: str | None) -> str | None:
    from zoneinfo import available_timezones

    from domain.written import did_you_mean

    if zone is not None and zone not in available_timezones():
        raise ConfigError(f"--zone '{zone}' is no time zone.{did_you_mean(zone, available_timezones())}")
    return zone


def _told(found: "Reconciled", source: str, against: Path, share: float) -> dict[str, Any]:
    from tasks.reconcile.told import classes_told, measures_told, period_told, tickets_told

    export = found.export
    told: dict[str, Any] = {
        "source": source, "against": against.name, "exported_at": export.exported_at, "zone": export.zone,
        "their_zone": found.compared.other_zone if found.compared else None,
        "time": export.time, "hours": export.hours,
    }  # fmt: skip
    if found.compared is not None:
        told["tickets"] = tickets_told(found.compared)
    return told | {
        "unknown_share": share, "measures": measures_told(found.pairs), "classes": classes_told(found.pairs),
        "periods": [period_told(figure) for figure in found.figures], "notes": list(found.notes),
    }  # fmt: skip


def _print(told: dict[str, Any], found: "Reconciled") -> None:
    from tasks.reconcile.told import TITLES, class_lines, period_cells

    clock = f"business time of {told['hours']}" if told["time"] == "business" else "calendar time"
    exported = f", exported {told['exported_at']:%Y-%m-%d %H:%M} UTC" if told["exported_at"] else ""
    print(f"{told['source']} beside {told['against']} ({told['zone']}, {clock}{exported})")
    if tickets := told.get("tickets"):
        n = {name: counted(value) for name, value in tickets.items()}
        print(
            f"Tickets: ours {n['ours']}, theirs {n['theirs']}, both {n['both']}, only ours {n['only_ours']}, "
            f"only theirs {n['only_theirs']}"
            + (f"; not covered by it {n['not_covered']}" if tickets["not_covered"] else "")
        )
    if told["their_zone"]:
        print(f"Some of their times are shown by the clock of {told['their_zone']}.")
    for note in told["notes"]:
        print(f"Note: {note}.")
    print()
    rows = [
        [TITLES[each["measure"]], *(counted(each[name]) for name in ("compared", "equal", "rounding", "different")),
         ", ".join(f"{word} {counted(n)}" for word, n in each["classes"].items())]
        for each in told["measures"]
    ]  # fmt: skip
    print_table(["", "compared", "equal", "rounding", "different", "why"], rows, empty="Nothing could be compared.")
    if lines := class_lines(told["classes"]):
        print()
        print("\n".join(lines))
    if found.figures:
        print()
        cells = [period_cells(figure) for figure in found.figures]
        print_table(["from", "", "ours", "theirs", "different", "explained"], cells, empty="")
    print()
    print(f"Unexplained: {_percent(told['unknown_share'])} of the compared values.")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share else "none" if share == 0 else "0 %"
