"""A KPI over time."""

from dataclasses import asdict
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, cast

from cyclopts import Parameter

from cxloop.cli.leavers import HEADS, LISTED, TITLES, cells, leavers
from cxloop.cli.output import print_json, print_table, sparkline
from cxloop.cli.place import Here, Json
from domain.errors import ConfigError
from domain.kpis import KPIS, Kpi
from domain.maturity import Waiting, coming_in
from domain.scopes import canonical, described, parsed
from domain.shown import counted, day_shown, period_shown, shown, shown_range
from domain.untold import BOUND
from domain.weighting import WEIGHTED, Beside, beside_line
from domain.windows import NEVER, PeriodKind

if TYPE_CHECKING:
    import polars as pl


def kpi(
    name: str,
    /,
    *,
    by: Annotated[PeriodKind, Parameter(help="Length of a period; 28d and 90d end on Mondays.")] = "week",
    scope: Annotated[
        list[str] | None, Parameter(help="dimension=member, once for each: --scope channel=chat", negative="")
    ] = None,
    from_: Annotated[date | None, Parameter(name="--from", help="First day.")] = None,
    to: Annotated[date | None, Parameter(help="Day after the last.")] = None,
    as_of: Annotated[
        date | None, Parameter(name="--as-of", help="As it was known when this day began; default: all that is known.")
    ] = None,
    json: Json = False,
    here: Here,
) -> None:
    """A KPI by period, each with n, its interval, and its bounds while outcomes are open.

    Args:
        name: its name: nps, csat, ces, churn_rate, sla_attainment … (docs/kpis.md has them all).
    """
    if by == "all" and (from_ is None) != (to is None):
        raise ConfigError("with --by all give both --from and --to, or none of them.")
    asked = _named(name)
    wanted = _scope(scope or [])
    rows = _points(here, asked, by, wanted, from_, to, as_of)
    left = _left(here, asked, wanted, rows)
    if json:
        told = [_as_json(asked, row, left) for row in rows]
        for beside in _weighted(here, asked, by, wanted, rows, as_of):
            told[-1]["weighted"] = asdict(beside)
        print_json(told)
    else:
        _print(asked, wanted, rows)
        _print_breaks(here, asked, wanted, rows)
        _print_left(asked, left)
        if any(_is_bound(asked, row) for row in rows):
            print(f"\nWhere no rate is told: {BOUND}")
        for beside in _weighted(here, asked, by, wanted, rows, as_of):
            print(beside_line(beside, asked.unit, _step(asked)))


def _named(name: str) -> Kpi:
    if name in KPIS:
        return KPIS[name]
    near = get_close_matches(name, KPIS, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigError(f"there is no KPI {name!r}.{hint} There are: {', '.join(KPIS)}.")


def _scope(members: list[str]) -> str:
    pairs = [member.partition("=") for member in members]
    wrong = next((member for member, (key, _, value) in zip(members, pairs, strict=True) if not (key and value)), None)
    if wrong is not None:
        raise ConfigError(f"--scope {wrong!r}: expected dimension=member, as in --scope channel=chat.")
    return canonical({key: value for key, _, value in pairs})


def _points(
    here: Here, asked: Kpi, by: PeriodKind, scope: str, from_: date | None, to: date | None, as_of: date | None
) -> list[dict[str, Any]]:
    """Points as dicts, in order; ConfigError for a scope that nothing is kept for."""
    from sqlalchemy import select

    from sql.queries.intake import watermarks
    from sql.queries.maturity import read_on, waiting_of
    from sql.store import Store
    from sql.tables import kpi_days, kpi_values

    with here.store.reading() as connection:
        table = kpi_values if asked.kind == "cohort" else kpi_days
        wanted = select(table.c.scope).where(table.c.kpi == asked.kept_as).distinct()
        kept = [row["scope"] for row in Store.rows(connection, wanted.order_by(table.c.scope))]
        if not kept or asked.parts:  # parts are there as soon as any KPI that shares them is measured
            _check_asked_for(here, asked)
        if kept and scope not in kept:
            told = ", ".join(" ".join(f"--scope {k}={v}" for k, v in parsed(s).items()) for s in kept if s != "{}")
            raise ConfigError(
                f"{asked.name} is not kept for {described(scope)}. It is kept for the whole, and for: {told}."
            )
        through = watermarks(connection).get(asked.fact)
        frame = _frame(connection, asked, by, scope, (from_, to, as_of, through))
        day = read_on(connection, as_of or NEVER)
        waiting = waiting_of(connection, [asked.name], day) if day and by not in ("day", "all") else Waiting()
    if from_ is not None:
        frame = frame.filter(frame["period_start"] >= from_)
    if to is not None:
        frame = frame.filter(frame["period_end"] <= to)
    return [
        {**row, "share_in": waiting.share_in(asked, scope, row["period_start"], row["period_end"])}
        for row in frame.sort("period_start").to_dicts()
    ]


def _check_asked_for(here: Here, asked: Kpi) -> None:
    """Refuse a KPI that is measured on request where the roadmap does not ask for it."""
    from domain.roadmap import load_roadmap

    if asked.is_on_request and asked.name not in load_roadmap(here.project.roadmap).measured:
        raise ConfigError(
            f"{asked.name} is measured on request, and nothing in roadmap.yaml names it. Write `kpis: [{asked.name}]` "
            "there (or `kpis: all`), then `cxloop run`."
        )


def _frame(
    connection: Any,
    asked: Kpi,
    by: PeriodKind,
    scope: str,
    days: tuple[date | None, date | None, date | None, date | None],
) -> "pl.DataFrame":
    import polars as pl

    from domain.estimates import points
    from sql.queries.kpis import parts_of, values_of

    from_, to, as_of, through = days
    if asked.kind == "cohort":
        values = values_of(connection, [asked.name], by).filter(pl.col("scope") == scope)
        return values.filter(pl.col("period_end") <= (as_of or NEVER))
    names = asked.rests_on
    spans = [(from_, to)] if by == "all" and from_ and to else None
    limit = None if by == "all" else through
    found = points(parts_of(connection, names, scope=scope), by, as_of=as_of or NEVER, through=limit, spans=spans)
    return found.filter(pl.col("kpi") == asked.name)


def _left(here: Here, asked: Kpi, scope: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Customers of periods in which they are too few for a rate, and what they did."""
    if asked.name not in LISTED or all(row["value"] is not None for row in rows):
        return []
    from domain.roadmap import load_roadmap

    with here.store.reading() as connection:
        return leavers(connection, asked, scope, rows, load_roadmap(here.project.roadmap))


def _print_breaks(here: Here, asked: Kpi, scope: str, rows: list[dict[str, Any]]) -> None:
    """Where the series breaks for good: the roadmap's `breaks:`."""
    from domain.roadmap import breaks_of, load_roadmap

    for day in breaks_of(load_roadmap(here.project.roadmap), asked.name, scope) if rows else ():
        if rows[0]["period_start"] < day < rows[-1]["period_end"]:
            print(f"The series breaks on {day_shown(day)}: values before and after are not to be compared.")


def _weighted(
    here: Here, asked: Kpi, by: PeriodKind, scope: str, rows: list[dict[str, Any]], as_of: date | None
) -> list[Beside]:  # fmt: skip
    """The last period weighted to the population that a benchmark of this series declares."""
    if asked.statistic not in WEIGHTED or not rows:
        return []
    from domain.roadmap import load_roadmap
    from sql.queries.weighting import weighted_beside

    roadmap, span = load_roadmap(here.project.roadmap), (rows[-1]["period_start"], rows[-1]["period_end"])
    mine = [b for b in roadmap.benchmarks.values() if (b.kpi, b.scope_key, b.window) == (asked.name, scope, by)]
    with here.store.reading() as connection:
        found = [weighted_beside(connection, roadmap, one, span, as_of or NEVER) for one in mine if one.population]
    return [beside for beside in found if beside][:1]


def _print_left(asked: Kpi, left: list[dict[str, Any]]) -> None:
    if left:
        what = LISTED[asked.name]
        whom = "were due" if what == "due" else "were there"
        print(f"\nWhere fewer than {asked.min_n} customers {whom} no rate is told. {TITLES[what]}")
        print_table(HEADS[what], [cells(asked, row) for row in left], empty="")


def _is_bound(asked: Kpi, row: dict[str, Any]) -> bool:
    """Whether a churn rate is missing for another reason than that too few were there."""
    return asked.name == "churn_rate" and row["value"] is None and row["n"] >= asked.min_n


def _as_json(asked: Kpi, row: dict[str, Any], left: list[dict[str, Any]]) -> dict[str, Any]:
    point = {
        "kpi": asked.name, "scope": parsed(row["scope"]),
        "period_start": row["period_start"], "period_end": row["period_end"],
        "value": row["value"], "low": row["low"], "high": row["high"], "n": row["n"], "unit": asked.unit,
    }  # fmt: skip
    if row["n_open"]:
        point |= {"bound_low": row["bound_low"], "bound_high": row["bound_high"]}
    if row["share_in"] is not None:
        point["share_in"] = row["share_in"]
    if _is_bound(asked, row):
        point["why_no_value"] = BOUND
    elif asked.name in LISTED and row["value"] is None:
        mine = [one for one in left if one["period_start"] == row["period_start"]]
        point[LISTED[asked.name]] = [{k: v for k, v in one.items() if k != "period_start"} for one in mine]
    return point


def _print(asked: Kpi, scope: str, rows: list[dict[str, Any]]) -> None:
    print(f"{asked.title}, {described(scope)}: {asked.question}")
    if len(rows) > 1:
        print(sparkline([cast("float | None", row["value"]) for row in rows]))
    has_open = any(row["n_open"] for row in rows)
    columns = ["from", "to before", "value", "sure range", "n", *(["open", "bounds"] if has_open else [])]
    print_table(columns, [_cells(asked, row, has_open=has_open) for row in rows], empty="Nothing is known of it yet.")
    for row in rows:
        if row["share_in"] is not None:
            last = row["period_end"] - timedelta(days=1)
            period = period_shown(row["period_start"], row["period_end"], last)
            print(f"{period[:1].upper()}{period[1:]}: {coming_in(row['share_in'], asked.fact)}.")


def _cells(asked: Kpi, row: dict[str, Any], *, has_open: bool) -> list[str]:
    cells = [
        str(row["period_start"]), str(row["period_end"]), shown(row["value"], asked.unit, _step(asked)),
        shown_range(row["low"], row["high"], asked.unit, _step(asked)), counted(row["n"]),
    ]  # fmt: skip
    if not has_open:
        return cells
    bounds = shown_range(row["bound_low"], row["bound_high"], asked.unit, _step(asked)) if row["n_open"] else ""
    return [*cells, counted(row["n_open"]) if row["n_open"] else "", bounds]


def _step(asked: Kpi) -> float | None:
    """Shares with one decimal, so that neighbours can be told apart."""
    return 0.001 if asked.unit == "share" else None
