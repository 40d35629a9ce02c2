"""Weighted values from a database: declared shares, and those of the customers of a period's last day."""

from datetime import date, timedelta

import polars as pl
import pytest

from domain.roadmap import Roadmap
from domain.roadmap.loading import parse_roadmap
from domain.windows import NEVER
from sql.queries.weighting import weighted_beside
from sql.store import Store
from sql.tables import kpi_days
from tests.acceptance.small import ROADMAP

MONDAY = date(2026, 3, 9)
WEEK = (MONDAY, MONDAY + timedelta(days=7))
SEGMENTS = "segments: {home: {when: \"plan = 'home'\"}, office: {when: \"plan = 'office'\"}}\n"


def roadmap(population: str) -> Roadmap:
    csat = (
        "  satisfied: {kpi: csat, survey: after-help, window: week, baseline: 0.5, on: 2026-01-05, target: 0.6, "
        f"by: 2026-12-31, tolerance: 0.1, owner: lead, population: {population}}}\n"
    )
    return parse_roadmap(ROADMAP.replace("benchmarks:\n", f"{SEGMENTS}benchmarks:\n{csat}"))


def put(store: Store, kpi: str, scope: str, day: date, n: int, total: float = 0.0, n_open: int = 0) -> None:
    row = {"kpi": kpi, "scope": scope, "booked_day": day, "known_day": day, "n_items": n + n_open, "n": n,
           "total": total, "total_sq": total}  # fmt: skip
    with store.transaction() as connection:
        store.write(connection, kpi_days, pl.DataFrame([row]))


@pytest.fixture
def held(store: Store) -> Store:
    for segment, n, good in (("home", 40, 30), ("office", 60, 30)):
        put(store, "csat", f'{{"segment":"{segment}","survey":"after-help"}}', MONDAY, n, good)
    put(store, "csat", '{"survey":"after-help"}', MONDAY, 103, 63)
    return store


def found(store: Store, population: str, as_of: date = NEVER):
    plan = roadmap(population)
    with store.reading() as connection:
        return weighted_beside(connection, plan, plan.benchmarks["satisfied"], WEEK, as_of)


def test_declared_shares_and_answers_of_no_group(held: Store) -> None:
    beside = found(held, "{segment: {home: 0.7, office: 0.3}}")
    assert beside.found.value == pytest.approx(0.675)
    assert (beside.n_outside, beside.is_as_in_customers) == (3, False)


def test_shares_are_those_of_the_customers_of_the_last_day(held: Store) -> None:
    assert found(held, "{segment: as in customers}").reason == "no customers are known by it"
    put(held, "active_customers", '{"segment":"home"}', date(1970, 1, 1), 60)
    put(held, "active_customers", '{"segment":"office"}', date(1970, 1, 1), 30)
    put(held, "active_customers", '{"segment":"home"}', WEEK[1] - timedelta(days=1), 10)
    put(held, "active_customers", '{"segment":"office"}', WEEK[1], 900)
    beside = found(held, "{segment: as in customers}")
    assert beside.found.value == pytest.approx(0.675)
    assert beside.is_as_in_customers


def test_while_many_outcomes_are_open_nothing_is_weighted(held: Store) -> None:
    put(held, "csat", '{"survey":"after-help"}', MONDAY + timedelta(days=1), 0, n_open=40)
    assert found(held, "{segment: {home: 0.7, office: 0.3}}").reason == "too many outcomes are not known yet"


def test_what_was_not_known_yet_plays_no_part(held: Store) -> None:
    beside = found(held, "{segment: {home: 0.7, office: 0.3}}", as_of=MONDAY)
    assert beside.found is None
    assert "fewer than two groups have 10 answers" in beside.reason
