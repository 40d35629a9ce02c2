"""A real service desk, spring 2016, and a real airport's surveys: the figures, and what was told on which Monday."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sql.store import Store, store_at
from sql.tables import findings, incidents, outbox
from tests.acceptance import plain_service_desk as plain
from tests.acceptance.examples import example
from tests.acceptance.runner import answer, run_loop

LAST = date(2017, 6, 5)
"""The Monday after the last day of any of its sources."""
FIRST_WEEK = date(2016, 2, 29)
FIRED = date(2016, 3, 28)
RESOLVED = date(2016, 4, 18)
EXTRACT_ENDS = date(2016, 5, 31)
N_TICKETS = 24_918


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example after one run, on the day when all is known."""
    folder = example("service_desk_2016", tmp_path_factory.mktemp("at_once") / "desk")
    assert run_loop(folder, LAST) is None
    return folder


@pytest.fixture(scope="module")
def rows() -> list[plain.Incident]:
    """Every incident, by the file as it came."""
    return plain.incidents()


@dataclass(frozen=True)
class Told:
    """What a project says after a Monday's run."""

    incidents: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    messages: list[str]


@pytest.fixture(scope="module")
def mondays(tmp_path_factory: pytest.TempPathFactory) -> dict[date, Told]:
    """Another copy of the example that ran on each Monday, as it was known then; its last run knows all."""
    folder = example("service_desk_2016", tmp_path_factory.mktemp("weekly") / "desk")
    days = [FIRST_WEEK + timedelta(weeks=week) for week in range(1, 8)]
    told: dict[date, Told] = {}
    for day in [*days, LAST]:
        assert run_loop(folder, day) is None
        with store_at(str(folder)).reading() as connection:
            sent = Store.rows(connection, select(outbox.c.key).order_by(outbox.c.key))
        keys = [row["key"] for row in sent if not row["key"].startswith("summary:")]
        told[day] = Told(answer(folder, "incidents", "list"), answer(folder, "tasks", "list"), keys)
    return told


def figures(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    return answer(folder, "kpi", *arguments)


def one(folder: Path, *arguments: str) -> dict[str, Any]:
    (found,) = figures(folder, *arguments)
    assert found["scope"] == {}
    return found


def in_percent(share: float, digits: int) -> float:
    return round(100 * share, digits)


def test_every_ticket_is_counted(desk: Path, rows: list[plain.Incident]) -> None:
    assert one(desk, "ticket_volume", "--by", "all")["value"] == N_TICKETS == len(rows)


def test_the_share_in_time_is_that_of_the_whole_log(desk: Path, rows: list[plain.Incident]) -> None:
    found = one(desk, "sla_attainment", "--by", "all")
    assert found["value"] == pytest.approx(sum(row.is_in_time for row in rows) / len(rows))
    assert (in_percent(found["value"], 2), found["n"], found["unit"]) == (63.42, N_TICKETS, "share")


def test_every_weeks_share_in_time_is_that_of_a_count_row_by_row(desk: Path, rows: list[plain.Incident]) -> None:
    found = figures(desk, "sla_attainment", "--by", "week", "--from", str(FIRST_WEEK), "--to", "2016-05-30")
    assert len(found) == 13
    for row in found:
        mine = [one.is_in_time for one in rows if str(one.week) == row["period_start"]]
        assert (row["n"], row["value"]) == (len(mine), pytest.approx(sum(mine) / len(mine)))


def test_the_share_in_time_by_week_of_opening(desk: Path) -> None:
    found = figures(desk, "sla_attainment", "--by", "week", "--from", "2016-02-29", "--to", "2016-04-04")
    assert [row["period_start"] for row in found] == [str(FIRST_WEEK + timedelta(weeks=week)) for week in range(5)]
    assert [in_percent(row["value"], 2) for row in found] == [44.08, 4.25, 34.43, 60.79, 71.67]


def test_the_reopened_tickets_are_counted(desk: Path, rows: list[plain.Incident]) -> None:
    found = one(desk, "reopen_rate", "--by", "all")
    assert found["n"] == N_TICKETS
    assert found["value"] * N_TICKETS == pytest.approx(275)
    assert sum(row.n_reopened > 0 for row in rows) == 275


def test_the_airports_nps_is_that_of_its_one_year(desk: Path) -> None:
    found = one(desk, "nps", "--by", "all")
    assert (round(found["value"], 2), found["n"], found["unit"]) == (39.84, 2_746, "points")
    assert (found["value"], found["n"]) == (pytest.approx(plain.nps()[0]), plain.nps()[1])


@pytest.mark.parametrize(
    ("year", "percent", "n"), [(2014, 78.86, 2_677), (2015, 80.00, 2_810), (2016, 80.99, 2_919), (2017, 82.07, 2_688)]
)
def test_the_airports_satisfied_passengers_by_year(desk: Path, year: int, percent: float, n: int) -> None:
    found = one(desk, "csat", "--by", "all", "--from", f"{year}-01-01", "--to", f"{year + 1}-01-01")
    assert (in_percent(found["value"], 2), found["n"]) == (percent, n)
    n_satisfied, n_said = plain.satisfied(year)
    assert (found["value"], found["n"]) == (pytest.approx(n_satisfied / n_said), n_said)


def test_bounds_on_the_monday_it_is_told_know_nothing_of_later(desk: Path) -> None:
    found = figures(desk, "sla_attainment", "--by", "week", "--as-of", str(FIRED), "--to", "2016-03-21")
    bounds = [(in_percent(row["bound_low"], 1), in_percent(row["bound_high"], 1)) for row in found]
    assert bounds == [(44.1, 59.1), (4.2, 24.7), (33.1, 65.3)]
    for row in found:
        by_row = plain.bounds(FIRED, date.fromisoformat(row["period_start"]))
        assert (row["bound_low"], row["bound_high"]) == pytest.approx(by_row)


def test_bounds_on_the_monday_it_is_over_reach_the_target(desk: Path) -> None:
    found = figures(desk, "sla_attainment", "--by", "week", "--as-of", str(RESOLVED), "--from", "2016-03-28")
    assert (in_percent(found[0]["bound_low"], 1), in_percent(found[0]["bound_high"], 1)) == (71.7, 81.4)


@pytest.mark.parametrize("day", [date(2016, 3, 7), date(2016, 3, 14), date(2016, 3, 21)])
def test_nothing_is_told_while_the_outcomes_are_open(mondays: dict[date, Told], day: date) -> None:
    assert mondays[day] == Told([], [], [])


def test_one_incident_and_one_task_are_open_on_the_fourth_monday(mondays: dict[date, Told]) -> None:
    told = mondays[FIRED]
    (incident,), (task,) = told.incidents, told.tasks
    assert (incident["kpi"], incident["scope"], incident["rule"]) == ("sla_attainment", {}, "pace")
    assert (incident["state"], incident["opened_at"], incident["resolved_at"]) == ("firing", str(FIRED), None)
    assert (task["kpi"], task["state"], task["opened_at"]) == ("sla_attainment", "proposed", str(FIRED))
    assert len(told.messages) == 1


@pytest.mark.parametrize("day", [date(2016, 4, 4), date(2016, 4, 11)])
def test_the_same_incident_goes_on_until_a_week_surely_reaches_the_target(mondays: dict[date, Told], day: date) -> None:
    (before,), (now,) = mondays[FIRED].incidents, mondays[day].incidents
    assert (now["id"], now["state"], now["resolved_at"]) == (before["id"], "firing", None)
    assert mondays[day].tasks == mondays[FIRED].tasks


def test_the_incident_is_over_on_the_seventh_monday(mondays: dict[date, Told]) -> None:
    (before,), (now,) = mondays[FIRED].incidents, mondays[RESOLVED].incidents
    assert (now["id"], now["state"], now["resolved_at"]) == (before["id"], "resolved", str(RESOLVED))


def test_no_later_week_is_a_finding(mondays: dict[date, Told]) -> None:
    """Neither the dip of the week of 18 April, within the tolerance, nor June, where the extract ends."""
    assert mondays[LAST].incidents == mondays[RESOLVED].incidents
    assert mondays[LAST].tasks == mondays[RESOLVED].tasks
    assert mondays[LAST].messages == mondays[RESOLVED].messages


def test_the_desk_is_not_judged_beyond_the_end_of_its_extract(desk: Path) -> None:
    with store_at(str(desk)).reading() as connection:
        of_the_airport = findings.c.kpi.in_(["csat", "nps"])
        judged = Store.rows(connection, select(findings.c.period_end, findings.c.moment).where(~of_the_airport))
    assert judged
    assert max(row["period_end"] for row in judged if row["period_end"]) <= EXTRACT_ENDS
    assert max(row["moment"] for row in judged) <= EXTRACT_ENDS


def test_an_episode_that_was_over_at_first_contact_has_its_dates_and_neither_message_nor_task(desk: Path) -> None:
    with store_at(str(desk)).reading() as connection:
        (incident,) = Store.rows(connection, select(incidents))
        sent = Store.rows(connection, select(outbox.c.key))
    assert (incident["state"], incident["opened_at"], incident["resolved_at"]) == ("resolved", FIRED, RESOLVED)
    assert [row["key"] for row in sent if not row["key"].startswith("summary:")] == []
    assert answer(desk, "tasks", "list") == []
