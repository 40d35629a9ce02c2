"""The listening plan against what happened."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import AsJudged, Here, Json
from domain.kpis import KPIS
from domain.listening import KPI, LOOKS_BACK_DAYS, survey_of
from domain.scopes import parsed
from domain.shown import counted, day_shown, shown, shown_range

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from domain.roadmap import Roadmap
    from domain.roadmap.listening import Survey

RATE_DAYS = 90
"""Response rates are those of so many days of invitations, up to the last day whose time to answer is over."""
_BY = ("survey", "channel", "language")
_MOST_PEOPLE = 20

Row = dict[str, Any]


def listening(
    *,
    as_of: AsJudged = None,
    json: Json = False,
    here: Here,
) -> None:
    """The roadmap's surveys against the invitations: who was asked too soon, who is not asked, who answers."""
    from domain.roadmap import load_roadmap

    with here.store.reading() as connection:
        told = _told(connection, load_roadmap(here.project.roadmap), as_of)
    if json:
        print_json(told)
    else:
        _print(told)


def _told(connection: "Connection", roadmap: "Roadmap", as_of: date | None) -> Row:
    """The plan, what was found at the latest moment, the people asked too soon, and response rates."""
    from sql.queries.listening import listening_findings

    found = {survey_of(row["scope"]): row for row in listening_findings(connection, as_of)}
    moment: date | None = next((row["moment"] for row in found.values()), None)
    rates = _rates(connection, moment) if moment else []
    by_survey = {rate["member"]: rate for rate in rates if rate["by"] == "survey"}
    plans = roadmap.surveys.plans
    names = [*plans, *sorted(found.keys() - plans.keys())]
    return {
        "moment": moment, "rest": str(roadmap.surveys.rest) if roadmap.surveys.rest else None,
        "surveys": [_survey(name, plans.get(name), found.get(name), by_survey.get(name)) for name in names],
        "asked_too_soon": _too_soon(connection, roadmap, moment) if moment else [],
        "response_rates": rates,
    }  # fmt: skip


def _survey(name: str, plan: "Survey | None", found: Row | None, rate: Row | None) -> Row:
    """One survey: what the plan says, what happened."""
    planned = plan.response_rate if plan else None
    return {
        "survey": name, "is_planned": plan is not None, "asks": list(plan.asks) if plan else [],
        "every": str(plan.every) if plan and plan.every else None, "after": plan.after if plan else None,
        "n_invitations": found["n"] if found else 0, "verdict": found["verdict"] if found else None,
        "note": (found["note"] or None) if found else None,
        "response_rate_planned": planned, "response_rate": _against(rate, planned) if rate and planned else None,
    }  # fmt: skip


def _against(rate: Row, planned: float) -> str:
    """How a response rate stands to the planned one."""
    if rate["low"] is None or rate["low"] < planned <= rate["high"]:
        return "not sure"
    return "reaches the plan" if rate["low"] >= planned else "surely below the plan"


def _rates(connection: "Connection", moment: date) -> list[Row]:
    """Response rates by survey, channel and language, as they were known at the moment.

    Who answers, answers soon: with invitations that may still be answered the rate would look better than it is.
    """
    from domain.estimates import points
    from sql.queries.kpis import parts_of

    last = moment - timedelta(days=KPIS[KPI].reach_days)
    span = (last - timedelta(days=RATE_DAYS), last)
    found = points(parts_of(connection, [KPI], window=span), "90d", as_of=moment, spans=[span])
    columns = ("value", "low", "high", "n")
    rates: list[Row] = []
    for row in found.iter_rows(named=True):
        for by, member in parsed(row["scope"]).items():
            if by in _BY and len(parsed(row["scope"])) == 1:
                rates.append({"by": by, "member": member, **{name: row[name] for name in columns}})
    return sorted(rates, key=lambda rate: (_BY.index(rate["by"]), rate["member"]))


def _too_soon(connection: "Connection", roadmap: "Roadmap", moment: date) -> list[Row]:
    """Invitations of the last weeks that came too soon, the latest first."""
    from domain.windows import start_of
    from sql.queries.listening import invitations_since
    from tasks.detect.listening import plan_of, too_soon

    plan, zone = plan_of(roadmap, {}), roadmap.zone
    sends = invitations_since(connection, start_of(plan.reaches_back(moment), zone), start_of(moment, zone))
    found = too_soon(sends, plan, zone)
    return found.filter(found["day"] >= moment - timedelta(days=LOOKS_BACK_DAYS)).reverse().to_dicts()


def _print(told: Row) -> None:
    if told["moment"] is None:
        print("No invitation was judged yet. Bring in survey_sends, then: cxloop run")
        return
    rest = f"; nobody is to be asked twice within {told['rest']}" if told["rest"] else ""
    print(f"Listening plan on {day_shown(told['moment'])}: the last {LOOKS_BACK_DAYS} days{rest}")
    columns = ["survey", "asks", "invitations", "verdict", "planned rate", "against it", "note"]
    print_table(columns, [_survey_cells(row) for row in told["surveys"]], empty="The roadmap has no survey.")
    print(f"\nResponse rates, {RATE_DAYS} days of invitations whose time to answer is over")
    columns = ["by", "", "rate", "sure range", "n"]
    print_table(columns, [_rate_cells(row) for row in told["response_rates"]], empty="None is known yet.")
    people = told["asked_too_soon"]
    if people:
        print("\nAsked too soon")
        columns = ["day", "survey", "customer", "asked before", "by", "fine from"]
        print_table(columns, [_person_cells(row) for row in people[:_MOST_PEOPLE]], empty="")
        if len(people) > _MOST_PEOPLE:
            print(f"and {counted(len(people) - _MOST_PEOPLE)} more; --json has them all")


def _survey_cells(row: Row) -> list[str]:
    when = f"every {row['every']}" if row["every"] else f"after {row['after']}" if row["after"] else "not planned"
    planned = row["response_rate_planned"]
    return [
        row["survey"], when, counted(row["n_invitations"]), row["verdict"] or "not judged",
        shown(planned, "share") if planned is not None else "", row["response_rate"] or "", row["note"] or "",
    ]  # fmt: skip


def _rate_cells(row: Row) -> list[str]:
    sure = shown_range(row["low"], row["high"], "share") if row["n"] else ""
    return [row["by"], row["member"], shown(row["value"], "share"), sure, counted(row["n"])]


def _person_cells(row: Row) -> list[str]:
    return [
        str(row["day"]), row["survey"], row["customer_id"], str(row["before_day"]), row["before_survey"],
        str(row["allowed_from"]),
    ]  # fmt: skip
